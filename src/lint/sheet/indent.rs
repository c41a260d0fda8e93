//! How far a line stands in, which more lines beside it must do, too.

use super::SourceText;

impl<'a> SourceText<'a> {
    /// The blanks at the start of the line of a place.
    pub(in crate::lint) fn indent(&self, at: usize) -> &'a str {
        let line = self.text.get(self.line_start(at)..).unwrap_or_default();
        let end = line.find(|c| !matches!(c, ' ' | '\t'));
        line.get(..end.unwrap_or_default()).unwrap_or_default()
    }
}
