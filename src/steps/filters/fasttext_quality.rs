//! Keeps documents that a fastText classifier finds good.
//!
//! # What it does
//! Asks a supervised fastText model for the probability of the most probable of `labels` and keeps
//! the document if it is at least `min_score` and at most `max_score`: labels of good texts want the
//! first bound, labels of bad ones the second. A text without a word or character n-gram that the
//! model knows scores 0.
//!
//! With `unit = "document"` the whole text is asked about. With `"line"` or `"paragraph"` (lines
//! between blank ones) each is asked about by itself, and the score is their mean, weighted by their
//! characters; a text without any scores 0. White space around a unit is left out; line ends inside
//! it count as spaces, or with `line_ends = "remove"` as nothing.
//!
//! # Why
//! A classifier trained on texts held to be good against random pages is the strongest single
//! filter of present pipelines, and the one whose worth depends most on the compute spent.
//!
//! # Source
//! DCLM (arXiv 2406.11794, section 4.4): OH-2.5 + ELI5 against RefinedWeb, label `__label__hq`, kept
//! from 0.018112 (`baselines_configs/fasttext_filter.yaml`,
//! `quality_prediction_enrichers_calc_fasttext.py`). datatrove 0.10.1: `FastTextClassifierFilter` on
//! documents, `keep_labels` as `min_score`, `remove_labels` as `max_score`; its paragraphs are the
//! edit `fasttext_paragraphs`.
//!
//! # Differences
//! The probability equals fastText's own; the model is read by its format, `.bin` and `.ftz`, dense
//! and quantised. Labels are written without their prefix `__label__`. DCLM puts a space for each
//! line end of `splitlines`, as `line_ends = "space"` does, and takes 1 minus the probability of
//! `cc` where that is the larger one. datatrove removes each `\n`, and so joins the words around it
//! (`line_ends = "remove"`), unless told otherwise; it drops what reaches the threshold of a label to
//! remove, here what is above it; and it gives each label a threshold of its own, for which there are
//! copies of the step here. It drops texts of white space alone whatever their score.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::config::{choice, params};
use crate::steps::classifier::Classifier;
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;
use crate::text::characters::{self, strip};

choice! {
    /// What the model is asked about.
    pub enum Unit {
        /// the whole text
        Document = "document",
        /// lines between blank lines
        Paragraph = "paragraph",
        /// a line
        Line = "line",
    }
}

choice! {
    /// What line ends inside a unit are to the model.
    pub enum LineEnds {
        /// spaces, as in DCLM
        Space = "space",
        /// nothing, as in datatrove
        Remove = "remove",
    }
}

params! {
    /// Parameters of `fasttext_quality`.
    pub struct Params {
        /// A supervised fastText model (`.bin`, `.ftz`).
        model: PathBuf,
        /// The labels asked about, with or without `__label__`.
        labels: Vec<String>,
        /// What the model is asked about.
        unit: Unit = Unit::Document,
        /// What line ends are to the model.
        line_ends: LineEnds = LineEnds::Space,
        /// Least probability of the labels.
        min_score: Option<f64> [probability, 0 ..= 1] = None,
        /// Largest probability of the labels.
        max_score: Option<f64> [probability, 0 ..= 1] = None,
    }
}

signals! {
    /// What `fasttext_quality` measures.
    pub struct Signals {
        /// Probability of the most probable label asked about, over units in the mean by characters.
        score: f64,
        /// Units: lines, paragraphs, or the one document.
        units: u64,
        /// The lowest score of a unit; null without units.
        lowest_score: Option<f64>,
        /// The highest score of a unit; null without units.
        highest_score: Option<f64>,
    }
}

/// The step.
pub struct FastTextQuality {
    classifier: Classifier,
    unit: Unit,
    line_ends: LineEnds,
}

impl Step for FastTextQuality {
    const NAME: &'static str = "fasttext_quality";
    const VERSION: u32 = 2;
    const SOURCE: &'static str = include_str!("fasttext_quality.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let classifier = Classifier::load(&params.model, &params.labels, build)?;
        Some(Self { classifier, unit: params.unit, line_ends: params.line_ends })
    }
}

impl Filter for FastTextQuality {
    const RULES: &'static [Rule] = &[
        Rule::min("low_quality_score", "score", "min_score"),
        Rule::max("high_quality_score", "score", "max_score"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let text = view.text();
        let mut scores = Scores::default();
        match self.unit {
            Unit::Document => scores.add(self.score(text), 1),
            Unit::Paragraph => paragraphs(text).for_each(|unit| self.add(unit, &mut scores)),
            Unit::Line => text.split('\n').for_each(|unit| self.add(unit, &mut scores)),
        }
        Some(scores.signals())
    }
}

impl FastTextQuality {
    fn add(&self, unit: &str, scores: &mut Scores) {
        let unit = strip(unit);
        if !unit.is_empty() {
            scores.add(self.score(unit), characters::count(unit));
        }
    }

    fn score(&self, text: &str) -> f64 {
        let text = strip(text);
        self.classifier.score(&match self.line_ends {
            LineEnds::Space => with_spaces(text),
            LineEnds::Remove => without_line_ends(text),
        })
    }
}

/// The text with spaces for the line ends that are not white space to fastText anyway.
fn with_spaces(text: &str) -> Cow<'_, str> {
    let is_line_end = |c| matches!(c, '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}');
    if !text.contains(is_line_end) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(is_line_end, " "))
}

fn without_line_ends(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\n', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split('\n').collect())
}

/// The pieces of a text between blank lines.
fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if at > 0 && strip(line).is_empty() {
                rest = Some(&text[at + line.len()..]);
                return Some(&text[..at]);
            }
            at += line.len();
        }
        Some(text)
    })
}

#[derive(Default)]
struct Scores {
    units: u64,
    weighted: f64,
    weight: f64,
    range: Option<(f64, f64)>,
}

impl Scores {
    fn add(&mut self, score: f64, weight: usize) {
        let (low, high) = self.range.unwrap_or((score, score));
        self.range = Some((low.min(score), high.max(score)));
        self.units += 1;
        self.weighted += score * weight as f64;
        self.weight += weight as f64;
    }

    fn signals(&self) -> Signals {
        Signals {
            score: if self.units > 0 { self.weighted / self.weight } else { 0.0 },
            units: self.units,
            lowest_score: self.range.map(|(low, _)| low),
            highest_score: self.range.map(|(_, high)| high),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lie_between_blank_lines() {
        let found = |text| -> Vec<String> {
            paragraphs(text).map(strip).filter(|p| !p.is_empty()).map(str::to_owned).collect()
        };
        assert_eq!(found("a\nb\n\nc\n \t\n\n\nd"), ["a\nb", "c", "d"]);
        assert_eq!(found("\n\na\n"), ["a"]);
        assert_eq!(found(""), [""; 0]);
        assert_eq!(found(&"\n".repeat(100_000)), [""; 0]);
    }

    #[test]
    fn the_mean_is_weighted_by_characters() {
        let mut scores = Scores::default();
        assert_eq!((scores.signals().score, scores.signals().lowest_score), (0.0, None));
        scores.add(0.5, 1);
        scores.add(0.25, 3);
        let found = scores.signals();
        assert_eq!((found.score, found.units), (0.3125, 2));
        assert_eq!((found.lowest_score, found.highest_score), (Some(0.25), Some(0.5)));
    }

    #[test]
    fn line_ends_are_spaces_or_nothing() {
        assert_eq!(with_spaces("a\u{2028}b\u{85}\n\x1cc"), "a b \n c");
        assert!(matches!(with_spaces("a\nb"), Cow::Borrowed("a\nb")));
        assert_eq!(without_line_ends("a\nb\r\n\nc"), "ab\rc");
        assert!(matches!(without_line_ends("a b"), Cow::Borrowed("a b")));
    }
}
