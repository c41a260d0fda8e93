//! Where commands read from and write to.

use super::{Heredoc, Reader};

impl Reader<'_> {
    pub(super) fn input(&mut self) {
        if self.rest().starts_with("<<<") {
            self.at += 3;
            self.blanks();
            let word = self.word();
            match &word.inner {
                Some(inner) if !word.text.contains('$') => {
                    self.now.heredoc = Some(Heredoc { at: inner.clone() });
                }
                _ => self.now.input = Some(word),
            }
        } else if self.rest().starts_with("<<") {
            self.at += 2;
            if self.next() == Some('-') {
                self.at += 1;
            }
            self.blanks();
            let end = self.word().text;
            if !end.is_empty() {
                self.wanted.push((self.done.len(), end));
            }
        } else {
            self.at += 1;
            let copied = self.next() == Some('&');
            if copied {
                self.at += 1;
            }
            self.blanks();
            let word = self.word();
            self.now.input = Some(word).filter(|_| !copied);
        }
        self.now.fed = true;
    }

    pub(super) fn output(&mut self) {
        while matches!(self.next(), Some('>' | '&' | '|')) {
            self.at += 1;
        }
        self.blanks();
        let word = self.word();
        // The number before it, as in `2>`, is no argument.
        if let Some(last) = self.now.words.last()
            && last.at.end + 1 >= word.at.start.saturating_sub(2)
            && matches!(last.text.as_str(), "1" | "2")
            && self.text.get(last.at.end..last.at.end + 1) == Some(">")
        {
            self.now.words.pop();
        }
        self.now.output = Some(word.text);
    }

    pub(super) fn heredocs(&mut self) {
        for (command, end) in std::mem::take(&mut self.wanted) {
            let start = self.at;
            let mut stop = self.end;
            while self.at < self.end {
                let line_start = self.at;
                self.skip_line();
                let line = self.text.get(line_start..self.at).unwrap_or_default();
                self.at = (self.at + 1).min(self.end);
                if line.trim() == end {
                    stop = line_start;
                    break;
                }
            }
            if let Some(command) = self.done.get_mut(command) {
                command.heredoc = Some(Heredoc {
                    at: start..stop.max(start),
                });
            }
        }
    }
}
