//! Drops documents that repeat themselves: lines, paragraphs or word n-grams.
//!
//! # What it does
//! Measures which share of the lines and paragraphs, and of their characters, are duplicates; which
//! share of the characters the most frequent 2-, 3- and 4-gram of words takes; and which share lies
//! in duplicated 5- to 10-grams. Each share has its own bound.
//!
//! Variant `"datatrove"`: lines are cut at runs of newlines, paragraphs at runs of two and more.
//! Duplicates are the occurrences after the first. Characters are counted against all characters of
//! the text. Words are spaCy's, punctuation included. The most frequent n-gram (the first met on
//! ties) is taken with single spaces between its words, times its count, even if that is 1.
//! Duplicated n-grams are found by one scan, which jumps over a repeated n-gram and compares the
//! words joined without spaces.
//!
//! Variant `"dclm"`: lines are cut at newlines, paragraphs at two of them; they are stripped, and
//! empty ones left out. Duplicates are all occurrences of what occurs more than once; a text of a
//! single line or paragraph has no such shares. Words are those between Unicode word boundaries
//! that begin with a letter or number, and characters are counted against those of the words. Among
//! equally frequent n-grams the longest counts; where none repeats the share is 0. A word under
//! several duplicated n-grams counts once.
//!
//! Variant `"curator"`: lines are those that are not blank, paragraphs the pieces between two
//! newlines, empty ones too. Duplicates are the occurrences after the first, and their characters
//! are counted against those of all lines or paragraphs. Words are those between spaces, and
//! characters of n-grams are counted against all characters of the text. The most frequent n-gram
//! (the first met on ties) is joined by single spaces and deleted from the text wherever it stands;
//! the share is what went. A word under a second or later occurrence of an n-gram counts once, with
//! one character for each space inside the occurrence.
//!
//! Variant `"dolma"`: lines are cut at newlines, blank ones count; there are no paragraphs.
//! Duplicates are all occurrences of what occurs more than once. Words are those between spaces,
//! and characters are counted against those of the words, also the characters of lines, spaces
//! among them. The most frequent n-gram (the first met on ties) counts without spaces, even if it
//! occurs once. Of n-grams the share is that of repeated ones among all n-grams, where the words of
//! overlapping ones count in each. `"dolma_v2"` cuts lines at runs of newlines.
//!
//! # Why
//! Menus, listings and generated pages repeat themselves; text that repeats is easily learnt by
//! heart and teaches little.
//!
//! # Source
//! Gopher (Rae et al. 2021, arXiv 2112.11446, table A1). `"datatrove"`: `GopherRepetitionFilter` of
//! datatrove 0.10.1, as in FineWeb. `"dclm"`: `massive_web_repetition_filters` of DCLM, as in
//! DCLM-Baseline. `"curator"`: `RepeatedLinesFilter`, `RepeatedParagraphsFilter`, their `ByChar`
//! forms, `RepeatingTopNGramsFilter` and `RepeatingDuplicateNGramsFilter` of NeMo Curator
//! (commit 1e2e427), as in its `heuristic_filter_english_pipeline.yaml`. `"dolma"`, `"dolma_v2"`:
//! the taggers `gopher_v1` and `gopher_v2` of Dolma (commit 669f534). The bounds are Gopher's, and
//! the same in all but for Dolma v1.6, below.
//!
//! # Differences
//! The peers stop at the first bound that is passed; here all values are measured. The reasons come
//! in datatrove's order in all variants (DCLM tests lines before paragraphs and gives no reason, NeMo
//! Curator tests lines before paragraphs and both by number before characters).
//! datatrove's parameters of 0 mean off; here 0 is a bound, and off is `"off"`.
//!
//! NeMo Curator bounds the share of different lines and paragraphs from below, by 0.7, and of their
//! characters by 0.8, in parameters called `max_…`: that is the same as at most 0.3 and 0.2 of
//! duplicates, to the document, for any bound written in decimals. Which of equally frequent n-grams
//! it deletes changes from run to run (Python's order of a set); here it is the first. A text with
//! fewer words than an n-gram has the share 1 there, and is dropped: with its bounds every text under
//! 10 words is. A text of nothing but space makes its filters of lines fail with an error; here it
//! is `empty`. The most frequent n-gram is not found where its words are parted by anything but one
//! space, and is found inside longer words, as there.
//!
//! Dolma's taggers drop nothing; v1.6 (`cc-head.yaml`) sets these bounds with `gopher_v1`, but 0.3
//! for the characters of duplicate lines: give `max_dup_line_char_ratio = 0.3`. It also asks for the
//! most frequent n-grams by names that the tagger does not write, so those three rules never fire
//! there: set them to `"off"` for v1.6 as it was run. Shares are rounded to five digits, as Dolma
//! stores and judges them; of no characters they are taken of one, so that blank lines can have more
//! than all characters. n-grams of texts with fewer words are null, and an empty text passes.

mod curator;
mod datatrove;
mod dclm;
mod dolma;

use super::ratio;
use crate::config::{choice, params};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;
use crate::text::duplicates::Duplicates;
use crate::text::line_table::LineCut;
use crate::text::scratch::{Scratch, with_scratch};
use crate::text::word_table::{Splitter, Words};

choice! {
    /// Whose definitions.
    pub enum Variant {
        /// datatrove, as in FineWeb
        Datatrove = "datatrove",
        /// DCLM, as in DCLM-Baseline
        Dclm = "dclm",
        /// NeMo Curator's English heuristics
        Curator = "curator",
        /// Dolma's `gopher_v1`, as in Dolma v1.6
        Dolma = "dolma",
        /// Dolma's `gopher_v2`
        DolmaV2 = "dolma_v2",
    }
}

params! {
    /// Parameters of `gopher_repetition`.
    pub struct Params {
        /// Whose definitions of line, word and duplicate.
        variant: Variant = Variant::Datatrove,
        /// Largest share of paragraphs that are duplicates.
        max_dup_paragraph_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.30),
        /// Largest share of characters in duplicate paragraphs.
        max_dup_paragraph_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.20),
        /// Largest share of lines that are duplicates.
        max_dup_line_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.30),
        /// Largest share of characters in duplicate lines.
        max_dup_line_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.20),
        /// Largest share of characters in the most frequent 2-gram.
        max_top_2gram_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.20),
        /// Largest share of characters in the most frequent 3-gram.
        max_top_3gram_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.18),
        /// Largest share of characters in the most frequent 4-gram.
        max_top_4gram_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.16),
        /// Largest share of characters in duplicated 5-grams.
        max_dup_5gram_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.15),
        /// Largest share of characters in duplicated 6-grams.
        max_dup_6gram_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.14),
        /// Largest share of characters in duplicated 7-grams.
        max_dup_7gram_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.13),
        /// Largest share of characters in duplicated 8-grams.
        max_dup_8gram_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.12),
        /// Largest share of characters in duplicated 9-grams.
        max_dup_9gram_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.11),
        /// Largest share of characters in duplicated 10-grams.
        max_dup_10gram_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.10),
    }
}

signals! {
    /// What `gopher_repetition` measures.
    pub struct Signals {
        /// No text at all; with `"dclm"` and `"curator"` also a text of nothing but space.
        empty: bool,
        /// Share of paragraphs that are duplicates; null with `"dolma"`, as the next.
        dup_paragraph_ratio: Option<f64>,
        /// Share of characters in duplicate paragraphs.
        dup_paragraph_char_ratio: Option<f64>,
        /// Share of lines that are duplicates.
        dup_line_ratio: Option<f64>,
        /// Share of characters in duplicate lines.
        dup_line_char_ratio: Option<f64>,
        /// Share of characters in the most frequent 2-gram; of fewer words null, with `"curator"` 1,
        /// as below.
        top_2gram_char_ratio: Option<f64>,
        /// Share of characters in the most frequent 3-gram.
        top_3gram_char_ratio: Option<f64>,
        /// Share of characters in the most frequent 4-gram.
        top_4gram_char_ratio: Option<f64>,
        /// Share of characters in duplicated 5-grams.
        dup_5gram_char_ratio: Option<f64>,
        /// Share of characters in duplicated 6-grams.
        dup_6gram_char_ratio: Option<f64>,
        /// Share of characters in duplicated 7-grams.
        dup_7gram_char_ratio: Option<f64>,
        /// Share of characters in duplicated 8-grams.
        dup_8gram_char_ratio: Option<f64>,
        /// Share of characters in duplicated 9-grams.
        dup_9gram_char_ratio: Option<f64>,
        /// Share of characters in duplicated 10-grams.
        dup_10gram_char_ratio: Option<f64>,
    }
}

/// The step.
pub struct GopherRepetition {
    variant: Variant,
}

impl Step for GopherRepetition {
    const NAME: &'static str = "gopher_repetition";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("mod.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, _build: &mut Build<'_>) -> Option<Self> {
        Some(Self { variant: params.variant })
    }

    fn has_rule(&self, rule: &Rule) -> bool {
        let dolma = matches!(self.variant, Variant::Dolma | Variant::DolmaV2);
        let left_out = ["empty", "dup_paragraph_ratio", "dup_paragraph_char_ratio"];
        !(dolma && left_out.contains(&rule.signal))
    }
}

impl Filter for GopherRepetition {
    const RULES: &'static [Rule] = &[
        Rule::never("empty", "empty"),
        Rule::max("dup_paragraphs", "dup_paragraph_ratio", "max_dup_paragraph_ratio"),
        Rule::max(
            "dup_paragraph_chars",
            "dup_paragraph_char_ratio",
            "max_dup_paragraph_char_ratio",
        ),
        Rule::max("dup_lines", "dup_line_ratio", "max_dup_line_ratio"),
        Rule::max("dup_line_chars", "dup_line_char_ratio", "max_dup_line_char_ratio"),
        Rule::max("top_2gram", "top_2gram_char_ratio", "max_top_2gram_char_ratio"),
        Rule::max("top_3gram", "top_3gram_char_ratio", "max_top_3gram_char_ratio"),
        Rule::max("top_4gram", "top_4gram_char_ratio", "max_top_4gram_char_ratio"),
        Rule::max("dup_5grams", "dup_5gram_char_ratio", "max_dup_5gram_char_ratio"),
        Rule::max("dup_6grams", "dup_6gram_char_ratio", "max_dup_6gram_char_ratio"),
        Rule::max("dup_7grams", "dup_7gram_char_ratio", "max_dup_7gram_char_ratio"),
        Rule::max("dup_8grams", "dup_8gram_char_ratio", "max_dup_8gram_char_ratio"),
        Rule::max("dup_9grams", "dup_9gram_char_ratio", "max_dup_9gram_char_ratio"),
        Rule::max("dup_10grams", "dup_10gram_char_ratio", "max_dup_10gram_char_ratio"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let (splitter, measure): (_, fn(&View<'_>, &Words, &mut Scratch) -> Signals) =
            match self.variant {
                Variant::Datatrove => (Splitter::Spacy, datatrove::measure),
                Variant::Dclm => (Splitter::WordBreak, dclm::measure),
                Variant::Curator => (Splitter::Whitespace, curator::measure),
                Variant::Dolma => (Splitter::Whitespace, dolma::measure_v1),
                Variant::DolmaV2 => (Splitter::Whitespace, dolma::measure_v2),
            };
        let words = view.words(splitter);
        Some(with_scratch(|scratch| measure(view, words, scratch)))
    }
}

/// Copies among the lines of a cut.
fn duplicates(view: &View<'_>, cut: LineCut, scratch: &mut Scratch) -> Duplicates {
    Duplicates::among_lines(view.lines(cut).iter(view.text()), &mut scratch.duplicates)
}

impl Signals {
    /// Of the shares of paragraphs and of lines, each by number and by characters, and of the
    /// measures of n-grams, by n.
    fn new(
        empty: bool,
        paragraphs: [Option<f64>; 2],
        lines: [Option<f64>; 2],
        top: impl Fn(usize) -> Option<f64>,
        duplicated: impl Fn(usize) -> Option<f64>,
    ) -> Self {
        Self {
            empty,
            dup_paragraph_ratio: paragraphs[0],
            dup_paragraph_char_ratio: paragraphs[1],
            dup_line_ratio: lines[0],
            dup_line_char_ratio: lines[1],
            top_2gram_char_ratio: top(2),
            top_3gram_char_ratio: top(3),
            top_4gram_char_ratio: top(4),
            dup_5gram_char_ratio: duplicated(5),
            dup_6gram_char_ratio: duplicated(6),
            dup_7gram_char_ratio: duplicated(7),
            dup_8gram_char_ratio: duplicated(8),
            dup_9gram_char_ratio: duplicated(9),
            dup_10gram_char_ratio: duplicated(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{assert_rules_from_both_sides, build, outcome, value};

    /// Two copies of a paragraph of two equal lines of 12 words, and another line.
    pub(super) fn text() -> String {
        let line = "a bb ccc d ee fff g hh iii j kk lll";
        format!("{line}\n{line}\n\n{line}\n{line}\n\nz")
    }

    /// The values of a text, by signal.
    pub(super) fn value_of(toml: &str, text: &str) -> impl Fn(&str) -> Option<f64> + use<> {
        let outcome = outcome(&build("gopher_repetition", toml).unwrap(), text);
        move |signal| value("gopher_repetition", &outcome, signal)
    }

    #[test]
    fn each_bound_is_inclusive() {
        // So long that no share passes 1, as Dolma's can.
        let text = text() + &"z".repeat(100);
        for (variant, _) in super::Variant::CHOICES {
            let toml = format!("variant = '{variant}'");
            assert_rules_from_both_sides("gopher_repetition", &toml, &text);
        }
    }
}
