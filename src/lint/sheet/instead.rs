//! A text that stands for a piece of another one, as a browser shows code.

use std::ops::Range;

use super::{Diagnosis, SourceText};

impl SourceText<'_> {
    /// Judges a text in the place of a region, line for line; how it would be right is said, and nothing is edited.
    pub(in crate::lint) fn instead(
        &mut self,
        region: Range<usize>,
        text: &str,
        judge: impl FnOnce(&mut SourceText<'_>),
    ) {
        let mut inner = SourceText::new(text, self.context);
        self.share(&mut inner);
        judge(&mut inner);
        self.share(&mut inner);
        self.judged |= inner.judged;
        let first = self.line(region.start);
        let Diagnosis {
            findings,
            listeners,
            requests,
            ..
        } = inner.finish();
        let line = |number: u32| first + (number as usize).saturating_sub(1);
        for finding in findings {
            let at = self.starts.get(line(finding.line)).copied();
            let at = at.unwrap_or(region.start);
            self.find_with(at..at, finding.problem, finding.fix.unwrap_or_default());
        }
        listeners.into_iter().for_each(|one| self.listens(one));
        for mut request in requests {
            request.line = u32::try_from(line(request.line) + 1).unwrap_or(u32::MAX);
            self.requests.push(request);
        }
    }

    /// Hands over, or takes back, what was looked up so far: each question is asked once for both.
    fn share(&mut self, other: &mut SourceText<'_>) {
        std::mem::swap(&mut self.served, &mut other.served);
        std::mem::swap(&mut self.candidates, &mut other.candidates);
        std::mem::swap(&mut self.demands, &mut other.demands);
        std::mem::swap(&mut self.tags, &mut other.tags);
        std::mem::swap(&mut self.trained, &mut other.trained);
    }
}
