//! Removes paragraphs that a fastText classifier finds bad.
//!
//! # What it does
//! Asks a supervised fastText model for the probability of the most probable of `labels` on each
//! paragraph, and removes the paragraph if it is below `min_score` or above `max_score`. A paragraph
//! is a line with the blank lines that follow it; blank lines before the first one are a paragraph
//! without text. Lines are those of Python's `splitlines`.
//!
//! A document of which nothing is left but white space is dropped.
//!
//! # Why
//! Pages mix an article with menus, comments and other languages: a judgement by paragraph keeps the
//! one and loses the others, where a judgement by page keeps or loses both.
//!
//! # Source
//! datatrove 0.10.1: `FastTextClassifierFilter` with `filter_mode="PARAGRAPH"`, `keep_labels` as
//! `min_score`, `remove_labels` as `max_score`.
//!
//! # Differences
//! The text that is left is datatrove's to the byte, with what its way of cutting does to every
//! document: each line end becomes `\n` (`\r\n`, U+2028 and others too), and the last one goes.
//! datatrove removes a paragraph that reaches the threshold of a label to remove, here one above it,
//! and gives each label a threshold of its own. A paragraph without anything that the model knows
//! scores 0.

use std::path::PathBuf;

use crate::config::params;
use crate::steps::classifier::Classifier;
use crate::steps::{Build, Edit, Rule, Step, signals};
use crate::text::characters::strip;
use crate::text::lines::split_lines_and_ends;
use crate::text::{Span, View};

params! {
    /// Parameters of `fasttext_paragraphs`.
    pub struct Params {
        /// A supervised fastText model (`.bin`, `.ftz`).
        model: PathBuf,
        /// The labels asked about, with or without `__label__`.
        labels: Vec<String>,
        /// Least probability of the labels on a paragraph that stays.
        min_score: Option<f64> [probability, 0 ..= 1] = None,
        /// Largest probability of the labels on a paragraph that stays.
        max_score: Option<f64> [probability, 0 ..= 1] = None,
    }
}

signals! {
    /// What `fasttext_paragraphs` measures.
    pub struct Signals {
        /// Paragraphs, removed ones among them.
        paragraphs: u64,
        /// Paragraphs removed.
        removed_paragraphs: u64,
        /// Whether nothing is left but white space.
        is_blank: bool,
    }
}

/// The step.
pub struct FastTextParagraphs {
    classifier: Classifier,
    min_score: Option<f64>,
    max_score: Option<f64>,
}

impl Step for FastTextParagraphs {
    const NAME: &'static str = "fasttext_paragraphs";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("fasttext_paragraphs.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let Params { min_score, max_score, .. } = *params;
        if min_score.is_none_or(|least| least <= 0.0) && max_score.is_none() {
            let key = if build.gives("min_score") { "min_score" } else { "max_score" };
            build.fault(key, "every bound is off: this step could never remove a paragraph");
            return None;
        }
        let classifier = Classifier::load(&params.model, &params.labels, build)?;
        Some(Self { classifier, min_score, max_score })
    }
}

impl Edit for FastTextParagraphs {
    const RULES: &'static [Rule] = &[Rule::never("nothing_left", "is_blank")];

    fn edit(&self, view: &View<'_>, spans: &mut Vec<Span>) -> Option<Signals> {
        let stays = |paragraph: &str| {
            let score = self.classifier.score(paragraph);
            self.min_score.is_none_or(|least| score >= least)
                && self.max_score.is_none_or(|most| score <= most)
        };
        Some(keep_paragraphs(view.text(), stays, spans))
    }
}

/// Leaves the paragraphs that stay, each judged without the white space around it.
fn keep_paragraphs(text: &str, stays: impl Fn(&str) -> bool, spans: &mut Vec<Span>) -> Signals {
    let mut signals = Signals { paragraphs: 0, removed_paragraphs: 0, is_blank: true };
    let mut stay = true;
    let mut at = 0;
    for (line, line_end) in split_lines_and_ends(text) {
        let stripped = strip(line);
        // A blank line belongs to the paragraph before it, or begins the text.
        if at == 0 || !stripped.is_empty() {
            stay = stays(stripped);
            signals.paragraphs += 1;
            signals.removed_paragraphs += u64::from(!stay);
        }
        let end = at + line.len();
        let next = end + line_end.len();
        if !stay {
            remove(at, next, spans);
        } else {
            signals.is_blank &= stripped.is_empty();
            if next == text.len() {
                remove(end, next, spans);
            } else if line_end != "\n" {
                spans.push(Span::replace(end, next, "\n"));
            }
        }
        at = next;
    }
    signals
}

fn remove(start: usize, end: usize, spans: &mut Vec<Span>) {
    match spans.last_mut() {
        Some(last) if last.end == start && last.replacement.is_empty() => last.end = end,
        _ if start == end => {}
        _ => spans.push(Span::remove(start, end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edited(text: &str, stays: impl Fn(&str) -> bool) -> (String, Signals) {
        let mut spans = Vec::new();
        let signals = keep_paragraphs(text, stays, &mut spans);
        (crate::text::apply(text, &spans), signals)
    }

    #[test]
    fn a_paragraph_goes_with_the_blank_lines_after_it() {
        let (text, signals) = edited("\n \ngood\n\nbad\n\n  bad\ngood \n", |p| p != "bad");
        assert_eq!(text, "\n \ngood\n\ngood ");
        assert_eq!((signals.paragraphs, signals.removed_paragraphs), (5, 2));
        let (text, signals) = edited("bad\n\n\ngood\nbad", |p| p != "bad");
        assert_eq!((text.as_str(), signals.is_blank), ("good\n", false));
    }

    #[test]
    fn blank_lines_that_begin_a_text_are_judged_as_an_empty_one() {
        assert_eq!(edited("\n\ngood", |p| !p.is_empty()).0, "good");
        assert_eq!(edited("\n\ngood", |_| true).0, "\n\ngood");
        assert!(edited(" \n\n", |_| true).1.is_blank);
        assert!(edited("", |_| true).1.is_blank);
        assert!(edited("bad", |_| false).1.is_blank);
    }

    #[test]
    fn line_ends_become_one_kind_and_the_last_goes() {
        assert_eq!(edited("a\r\nb\u{2028}c\u{85}\r\n", |_| true).0, "a\nb\nc\n");
    }

    /// The definition: joined paragraphs of joined lines.
    fn reference(text: &str, stays: impl Fn(&str) -> bool) -> String {
        let lines: Vec<&str> = crate::text::lines::split_lines(text).collect();
        let mut paragraphs: Vec<String> = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            if number == 0 || !strip(line).is_empty() {
                paragraphs.push(String::new());
            }
            let line_end = if number + 1 < lines.len() { "\n" } else { "" };
            if let Some(paragraph) = paragraphs.last_mut() {
                *paragraph += &format!("{line}{line_end}");
            }
        }
        paragraphs.retain(|paragraph| stays(strip(paragraph)));
        paragraphs.concat()
    }

    proptest! {
        #[test]
        fn what_is_left_is_the_definition_s(text in "([ab é\r\n\n\x0b]|\u{2028}|\u{3000}){0,24}") {
            let stays = |paragraph: &str| !paragraph.starts_with('a');
            let (found, signals) = edited(&text, stays);
            prop_assert_eq!(signals.is_blank, strip(&found).is_empty());
            prop_assert_eq!(found, reference(&text, stays));
            let mut spans = Vec::new();
            keep_paragraphs(&text, stays, &mut spans);
            prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(spans.iter().all(|span| span.start < span.end));
        }
    }
}
