//! Views: a document's text as seen after a list of edits.
//!
//! Edits never change the stored text; they are spans over it. A view is the stored text with the
//! spans of some edits applied, and since an edit may run on the view that others made, spans are
//! composed back onto the stored text, so that one list of spans always gives the whole view.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::time::Duration;

use super::characters;
use super::line_table::{LineCut, Lines};
use super::word_table::{Splitter, Words};
use crate::document::Document;

/// A part of a text to remove or replace, in bytes, on character boundaries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte; equal to `start` for an insertion.
    pub end: usize,
    /// What stands there instead; empty for a removal.
    pub replacement: String,
}

impl Span {
    /// A removal.
    pub fn remove(start: usize, end: usize) -> Self {
        Self { start, end, replacement: String::new() }
    }

    /// A replacement.
    pub fn replace(start: usize, end: usize, replacement: impl Into<String>) -> Self {
        Self { start, end, replacement: replacement.into() }
    }
}

/// The text with spans applied; spans are ascending and disjoint.
pub fn apply(text: &str, spans: &[Span]) -> String {
    let mut edited = String::with_capacity(text.len());
    let mut at = 0;
    for span in spans {
        edited.push_str(&text[at..span.start]);
        edited.push_str(&span.replacement);
        at = span.end;
    }
    edited.push_str(&text[at..]);
    edited
}

/// Composes edits: `first` over a stored text, then `second` over the text that `first` gives.
///
/// The result over the stored text gives the same as applying one after the other. Where a second
/// span cuts into a replacement of the first, the rest of that replacement stays.
pub fn compose(first: &[Span], second: &[Span]) -> Vec<Span> {
    let mut composed = Composer::default();
    let mut cursor = Cursor { first, index: 0, within: 0, stored: 0, viewed: 0 };
    for span in second {
        cursor.copy_to(span.start, &mut composed);
        let from = cursor.stored;
        cursor.skip_to(span.end);
        composed.push(from, cursor.stored, &span.replacement);
    }
    cursor.finish(&mut composed);
    composed.spans
}

/// Walks the edited text by its position, keeping the position in the stored text.
struct Cursor<'a> {
    first: &'a [Span],
    /// The next span of `first` that is not wholly behind.
    index: usize,
    /// Bytes of that span's replacement that are behind.
    within: usize,
    /// Position in the stored text; past the span's end once its replacement was entered.
    stored: usize,
    /// Position in the edited text.
    viewed: usize,
}

impl Cursor<'_> {
    /// Moves to a position of the edited text, keeping what is passed.
    fn copy_to(&mut self, target: usize, composed: &mut Composer) {
        while let Some(span) = self.first.get(self.index) {
            if self.within == 0 {
                let gap = span.start - self.stored;
                if self.viewed + gap > target || (self.viewed + gap == target && gap > 0) {
                    break;
                }
                self.stored = span.start;
                self.viewed += gap;
            }
            let rest = span.replacement.len() - self.within;
            let take = rest.min(target - self.viewed);
            // The span's stored range goes with the first part of it that is kept or skipped.
            let from = if self.within == 0 { span.start } else { span.end };
            if take < rest && take == 0 {
                break;
            }
            composed.push(from, span.end, &span.replacement[self.within..self.within + take]);
            self.viewed += take;
            self.stored = span.end;
            self.within += take;
            if take < rest {
                return;
            }
            self.index += 1;
            self.within = 0;
        }
        self.stored += target - self.viewed;
        self.viewed = target;
    }

    /// Moves to a position of the edited text, dropping what is passed.
    fn skip_to(&mut self, target: usize) {
        while self.viewed < target {
            match self.first.get(self.index) {
                Some(span)
                    if self.within > 0 || span.start - self.stored + self.viewed < target =>
                {
                    if self.within == 0 {
                        self.viewed += span.start - self.stored;
                    }
                    self.stored = span.end;
                    let rest = span.replacement.len() - self.within;
                    let take = rest.min(target - self.viewed);
                    self.viewed += take;
                    self.within += take;
                    if take == rest {
                        self.index += 1;
                        self.within = 0;
                    } else {
                        return;
                    }
                }
                _ => {
                    self.stored += target - self.viewed;
                    self.viewed = target;
                }
            }
        }
    }

    fn finish(&mut self, composed: &mut Composer) {
        while let Some(span) = self.first.get(self.index) {
            let from = if self.within == 0 { span.start } else { span.end };
            composed.push(from, span.end, &span.replacement[self.within..]);
            self.index += 1;
            self.within = 0;
        }
    }
}

/// Collects spans over the stored text, joining those that touch.
#[derive(Default)]
struct Composer {
    spans: Vec<Span>,
}

impl Composer {
    fn push(&mut self, start: usize, end: usize, replacement: &str) {
        if start == end && replacement.is_empty() {
            return;
        }
        match self.spans.last_mut() {
            Some(last) if last.end == start => {
                last.end = end;
                last.replacement.push_str(replacement);
            }
            _ => self.spans.push(Span::replace(start, end, replacement)),
        }
    }
}

/// What a step sees: a document, and its text after the edits before the step.
///
/// Analyses that several steps need (words, lines, n-gram counts) are fields of the view, made on
/// first use and kept as byte ranges into its text: a `OnceCell` and an accessor which makes it
/// through `View::shared`, so that its cost stands on the account that steps share.
pub struct View<'a> {
    document: &'a Document,
    text: Cow<'a, str>,
    clock: fn() -> Duration,
    shared: Cell<Duration>,
    /// By splitter.
    words: [OnceCell<Words>; Splitter::COUNT],
    /// By cut.
    lines: [OnceCell<Lines>; LineCut::COUNT],
    chars: OnceCell<usize>,
}

impl<'a> View<'a> {
    /// The stored text as it is.
    pub fn raw(document: &'a Document) -> Self {
        Self::new(document, Cow::Borrowed(&document.text), || Duration::ZERO)
    }

    /// A text of a document, with a clock by which the cost of shared analyses is told apart from
    /// the cost of the step that asks first.
    pub fn new(document: &'a Document, text: Cow<'a, str>, clock: fn() -> Duration) -> Self {
        Self {
            document,
            text,
            clock,
            shared: Cell::default(),
            words: Default::default(),
            lines: Default::default(),
            chars: OnceCell::new(),
        }
    }

    /// The document, for its metadata; its own text is the unedited one.
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// The text of the view.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The words of the text, split on first use and kept.
    pub fn words(&self, splitter: Splitter) -> &Words {
        self.words[splitter as usize].get_or_init(|| {
            self.shared(|text| {
                let mut words = Words::default();
                words.fill(text, splitter);
                words
            })
        })
    }

    /// The lines of the text, cut on first use and kept.
    pub fn lines(&self, cut: LineCut) -> &Lines {
        if cut == LineCut::Newline {
            return self.lines[cut as usize].get_or_init(|| self.shared(Lines::newline));
        }
        let newline = self.lines(LineCut::Newline);
        self.lines[cut as usize]
            .get_or_init(|| self.shared(|text| Lines::derive(newline, text, cut)))
    }

    /// Characters of the text, counted on first use.
    pub fn chars(&self) -> usize {
        *self.chars.get_or_init(|| self.shared(characters::count))
    }

    /// CPU time spent on analyses that steps share.
    pub fn shared_time(&self) -> Duration {
        self.shared.get()
    }

    /// Runs an analysis that steps share, on the shared account.
    fn shared<T>(&self, analysis: impl FnOnce(&str) -> T) -> T {
        let before = (self.clock)();
        let result = analysis(&self.text);
        self.shared.set(self.shared.get() + (self.clock)().saturating_sub(before));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_remove_and_replace() {
        let spans = [Span::remove(0, 2), Span::replace(3, 3, "+"), Span::replace(4, 6, "xyz")];
        assert_eq!(apply("abcdef", &spans), "c+dxyz");
    }

    #[test]
    fn a_second_edit_may_cut_into_a_replacement() {
        let first = [Span::replace(2, 4, "XYZ")];
        // "abXYZef" without "YZe" is "abXf".
        let composed = compose(&first, &[Span::remove(3, 6)]);
        assert_eq!(apply("abcdef", &composed), "abXf");
    }

    /// Ascending, disjoint spans over a text of `len` bytes of ASCII.
    fn spans(len: usize) -> impl Strategy<Value = Vec<Span>> {
        let part = (0..=len, 0..=len, "[A-Z]{0,3}");
        proptest::collection::vec(part, 0..6).prop_map(|parts| {
            let mut spans: Vec<Span> = parts
                .into_iter()
                .map(|(a, b, text)| Span::replace(a.min(b), a.max(b), text))
                .collect();
            spans.sort_by_key(|span| (span.start, span.end));
            let mut at = 0;
            spans.retain(|span| {
                let fits =
                    span.start >= at && (span.end > span.start || !span.replacement.is_empty());
                if fits {
                    at = span.end.max(span.start + 1);
                }
                fits
            });
            spans
        })
    }

    proptest! {
        #[test]
        fn composing_equals_applying_one_after_the_other(
            text in "[a-z]{0,30}",
            seeds in (spans(30), spans(60)),
        ) {
            let clip = |spans: Vec<Span>, len: usize| -> Vec<Span> {
                spans.into_iter().filter(|span| span.end <= len).collect()
            };
            let first = clip(seeds.0, text.len());
            let viewed = apply(&text, &first);
            let second = clip(seeds.1, viewed.len());
            let composed = compose(&first, &second);
            prop_assert_eq!(apply(&text, &composed), apply(&viewed, &second));
            prop_assert!(composed.windows(2).all(|pair| pair[0].end < pair[1].start));
        }
    }
}
