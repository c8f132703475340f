//! A text rewritten from parts of its own: the spans that leave these parts and join them anew.

use super::Span;
use super::characters::is_space;

/// Collects the spans by which parts of a text, on lines of their own, become a text.
///
/// What is kept is told part by part, in ascending order; what stands between two parts goes, except
/// one newline where a line begins. White space at either end of the result goes too. The spans are
/// ascending, disjoint and no longer than they have to be.
#[derive(Debug)]
pub struct Rewriter<'a> {
    text: &'a str,
    spans: &'a mut Vec<Span>,
    /// Spans that others pushed before.
    first: usize,
    /// Where the parts told so far end.
    at: usize,
    begins_line: bool,
    /// Where the last part that was not blank ends, and how many spans there were then.
    solid: Option<(usize, usize)>,
}

impl<'a> Rewriter<'a> {
    /// For a text of which nothing is kept yet.
    pub fn new(text: &'a str, spans: &'a mut Vec<Span>) -> Self {
        let first = spans.len();
        Self { text, spans, first, at: 0, begins_line: false, solid: None }
    }

    /// What is kept next begins a line, unless nothing was kept yet.
    pub fn begin_line(&mut self) {
        self.begins_line = true;
    }

    /// Keeps a part, which may be empty: a blank line is one.
    pub fn keep(&mut self, start: usize, end: usize) {
        let part = &self.text[start..end];
        let solid = part.trim_end_matches(is_space).len();
        if self.solid.is_none() {
            if solid == 0 {
                return;
            }
            let blank = part.len() - part.trim_start_matches(is_space).len();
            self.push(self.at, start + blank, "");
        } else if self.begins_line {
            self.line_break(start);
        } else {
            self.push(self.at, start, "");
        }
        self.begins_line = false;
        self.at = end;
        if solid > 0 {
            self.solid = Some((start + solid, self.spans.len()));
        }
    }

    /// Ends the text; whether anything of it is left.
    pub fn finish(mut self) -> bool {
        let (end, spans) = self.solid.unwrap_or((0, self.first));
        self.spans.truncate(spans);
        self.push(end, self.text.len(), "");
        end > 0
    }

    /// Leaves one newline of what stands between here and `start`.
    fn line_break(&mut self, start: usize) {
        match memchr::memchr(b'\n', &self.text.as_bytes()[self.at..start]) {
            Some(found) => {
                let newline = self.at + found;
                self.push(self.at, newline, "");
                self.push(newline + 1, start, "");
            }
            None => self.push(self.at, start, "\n"),
        }
    }

    fn push(&mut self, start: usize, end: usize, replacement: &str) {
        if start == end && replacement.is_empty() {
            return;
        }
        match self.spans[self.first..].last_mut() {
            Some(last) if last.end == start => {
                last.end = end;
                last.replacement.push_str(replacement);
            }
            _ => self.spans.push(Span::replace(start, end, replacement)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply;
    use proptest::prelude::*;

    /// The spans that keep the parts of each line.
    fn spans(text: &str, lines: &[&[(usize, usize)]]) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut rewriter = Rewriter::new(text, &mut spans);
        for line in lines {
            rewriter.begin_line();
            line.iter().for_each(|&(start, end)| rewriter.keep(start, end));
        }
        rewriter.finish();
        spans
    }

    #[test]
    fn one_newline_of_what_goes_stays() {
        let text = "ab \ncd\n ef\r\ngh";
        assert_eq!(
            spans(text, &[&[(0, 2)], &[(4, 6)], &[(8, 10)], &[(12, 14)]]),
            [Span::remove(2, 3), Span::remove(7, 8), Span::remove(10, 11)]
        );
        assert_eq!(
            spans(text, &[&[(0, 2)], &[(12, 14)]]),
            [Span::remove(2, 3), Span::remove(4, 12)]
        );
        assert_eq!(spans("a\rb", &[&[(0, 1)], &[(2, 3)]]), [Span::replace(1, 2, "\n")]);
        assert_eq!(spans("a [1] b", &[&[(0, 2), (5, 7)]]), [Span::remove(2, 5)]);
    }

    #[test]
    fn nothing_changes_where_all_is_kept() {
        assert_eq!(spans("a\n\nb", &[&[(0, 1)], &[(2, 2)], &[(3, 4)]]), []);
        assert_eq!(spans("", &[]), []);
    }

    #[test]
    fn both_ends_are_stripped() {
        let text = "\n a \n\nb\n \n";
        let all: &[&[(usize, usize)]] = &[&[(0, 0)], &[(1, 4)], &[(5, 5)], &[(6, 7)], &[(8, 9)]];
        assert_eq!(spans(text, all), [Span::remove(0, 2), Span::remove(7, 10)]);
        assert_eq!(spans(" \n", &[&[(0, 1)]]), [Span::remove(0, 2)]);
    }

    proptest! {
        #[test]
        fn the_result_is_the_lines_joined_and_stripped(
            lines in proptest::collection::vec(("[ ab]{0,4}", "[ ab\u{a0}]{0,3}", any::<bool>(), "(\n|\r|\r\n|\n\n)"), 0..8),
        ) {
            let (mut text, mut kept, mut parts) = (String::new(), Vec::new(), Vec::new());
            for (first, second, keep, end) in &lines {
                let start = text.len();
                text += &format!("{first}-{second}{end}");
                if *keep {
                    let cut = start + first.len();
                    parts.push([(start, cut), (cut + 1, cut + 1 + second.len())]);
                    kept.push(format!("{first}{second}"));
                }
            }
            let parts: Vec<&[(usize, usize)]> = parts.iter().map(|line| line.as_slice()).collect();
            let spans = spans(&text, &parts);
            let kept = kept.join("\n");
            prop_assert_eq!(apply(&text, &spans), kept.trim());
            prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].start));
        }
    }
}
