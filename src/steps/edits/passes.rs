//! Edits made of several passes, each of which sees the text that the one before left.

use std::borrow::Cow;

use crate::text::characters::{is_space, strip_end, strip_start};
use crate::text::{Span, apply, compose};

/// A text under several edits, and the spans over the first text that make it.
pub(super) struct Passes<'t> {
    text: Cow<'t, str>,
    spans: Vec<Span>,
}

impl<'t> Passes<'t> {
    /// Begins with a text.
    pub(super) fn over(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), spans: Vec::new() }
    }

    /// Runs a pass, which marks spans of the text as the passes before left it.
    pub(super) fn run<T>(&mut self, pass: impl FnOnce(&str, &mut Vec<Span>) -> T) -> T {
        let mut spans = Vec::new();
        let result = pass(&self.text, &mut spans);
        if !spans.is_empty() {
            self.text = Cow::Owned(apply(&self.text, &spans));
            // Over the first text, composing is what joins spans that touch.
            self.spans = compose(&self.spans, &spans);
        }
        result
    }

    /// Hands the spans over the first text on; whether the last text is empty.
    pub(super) fn finish(mut self, spans: &mut Vec<Span>) -> bool {
        spans.append(&mut self.spans);
        self.text.is_empty()
    }
}

/// Python's `str.strip` as a pass.
pub(super) fn strip(text: &str, spans: &mut Vec<Span>) {
    let start = text.len() - strip_start(text).len();
    if start > 0 {
        spans.push(Span::remove(0, start));
    }
    let end = strip_end(text).len();
    if start < end && end < text.len() {
        spans.push(Span::remove(end, text.len()));
    }
}

/// Deletes lines as a pass: cuts the text at its newlines and joins again what `deletes` spares;
/// how many lines it deleted.
pub(super) fn delete_lines(
    text: &str,
    spans: &mut Vec<Span>,
    mut deletes: impl FnMut(&str) -> bool,
) -> u64 {
    edit_lines(text, spans, |line, _, _| deletes(line))
}

/// Edits and deletes lines as a pass; how many lines it deleted.
///
/// `edit` gets each line, the place where it starts in the text, and where to mark spans of the
/// text inside the line. If it answers `true` the line is deleted instead.
pub(super) fn edit_lines(
    text: &str,
    spans: &mut Vec<Span>,
    mut edit: impl FnMut(&str, usize, &mut Vec<Span>) -> bool,
) -> u64 {
    let (mut deleted, mut start) = (0, 0);
    // Where the text may go on: after the last line that stays and its newline.
    let (mut next, mut kept_end) = (0, None);
    for line in text.split('\n') {
        let first = spans.len();
        if edit(line, start, spans) {
            spans.truncate(first);
            deleted += 1;
        } else {
            if start > next {
                spans.insert(first, Span::remove(next, start));
            }
            kept_end = Some(start + line.len());
            next = start + line.len() + 1;
        }
        start += line.len() + 1;
    }
    let end = kept_end.unwrap_or(0);
    if end < text.len() {
        spans.push(Span::remove(end, text.len()));
    }
    deleted
}

/// Whether a line is not empty, but nothing but spaces.
pub(super) fn is_blank(line: &str) -> bool {
    !line.is_empty() && line.chars().all(is_space)
}

/// Whether a line that is not empty is nothing but spaces without the spans.
pub(super) fn is_blank_without(line: &str, start: usize, spans: &[Span]) -> bool {
    let mut at = 0;
    let mut blank = !line.is_empty();
    for span in spans {
        blank &= line[at..span.start - start].chars().all(is_space);
        at = span.end - start;
    }
    blank && line[at..].chars().all(is_space)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::characters;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_are_deleted_as_by_cutting_and_joining(text in "[ab\n]{0,20}") {
            let mut passes = Passes::over(&text);
            let deleted = passes.run(|text, spans| delete_lines(text, spans, |l| l.contains('a')));
            let mut spans = Vec::new();
            let empty = passes.finish(&mut spans);
            let kept: Vec<&str> = text.split('\n').filter(|line| !line.contains('a')).collect();
            prop_assert_eq!(apply(&text, &spans), kept.join("\n"));
            prop_assert_eq!(deleted as usize, text.split('\n').count() - kept.len());
            prop_assert_eq!(empty, kept.join("\n").is_empty());
            prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].start));
        }

        #[test]
        fn passes_see_what_the_passes_before_left(text in "[ab\n\u{85}]{0,20}") {
            let mut passes = Passes::over(&text);
            passes.run(strip);
            passes.run(|text, spans| delete_lines(text, spans, |line| line == "a"));
            passes.run(|text, spans| edit_lines(text, spans, |line, start, spans| {
                let at = line.find('b').map(|at| start + at);
                spans.extend(at.map(|at| Span::remove(at, at + 1)));
                line.is_empty()
            }));
            passes.run(strip);
            let mut spans = Vec::new();
            passes.finish(&mut spans);

            let lines = characters::strip(&text).split('\n').filter(|&line| line != "a");
            let lines: Vec<String> =
                lines.filter(|line| !line.is_empty()).map(|line| line.replacen('b', "", 1)).collect();
            let joined = lines.join("\n");
            prop_assert_eq!(apply(&text, &spans), characters::strip(&joined));
        }
    }
}
