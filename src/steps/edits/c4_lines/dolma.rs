//! Lines by the rules of Dolma's tagger.

use super::tally::{Fate, Tally};
use super::{C4Lines, Signals};
use crate::text::Span;
use crate::text::characters::strip;

impl C4Lines {
    /// Dolma's rules, which take lines out and change nothing else.
    pub(super) fn cut(&self, text: &str, spans: &mut Vec<Span>) -> Signals {
        let mut tally = Tally::default();
        let (mut at, mut empty) = (0, true);
        let mut cut: Option<usize> = None;
        // A text has one line more than newlines; the last may be empty.
        for line in text.split('\n') {
            let stripped = strip(line);
            let fate =
                if self.params.require_terminal_mark && !stripped.ends_with(['.', '?', '!', '"']) {
                    Fate::Unended
                } else if self.is_short(stripped) {
                    Fate::Short
                } else {
                    Fate::Kept
                };
            tally.fates[fate as usize] += 1;
            if fate == Fate::Kept {
                empty &= stripped.is_empty();
                spans.extend(cut.take().map(|start| Span::remove(start, at)));
            } else {
                cut.get_or_insert(at);
            }
            at = text.len().min(at + line.len() + 1);
        }
        spans.extend(cut.filter(|&start| start < at).map(|start| Span::remove(start, at)));
        Signals {
            long_word_lines: None,
            lorem_ipsum_lines: None,
            javascript_lines: None,
            curly_bracket_lines: None,
            policy_lines: None,
            citations: None,
            sentences: None,
            ..tally.signals(empty)
        }
    }
}
