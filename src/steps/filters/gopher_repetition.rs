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
//! # Why
//! Menus, listings and generated pages repeat themselves; text that repeats is easily learnt by
//! heart and teaches little.
//!
//! # Source
//! Gopher (Rae et al. 2021, arXiv 2112.11446, table A1). `"datatrove"`: `GopherRepetitionFilter` of
//! datatrove 0.10.1, as in FineWeb. `"dclm"`: `massive_web_repetition_filters` of DCLM, as in
//! DCLM-Baseline. The bounds are Gopher's, and the same in both.
//!
//! # Differences
//! The peers stop at the first bound that is passed; here all values are measured. The reasons come
//! in datatrove's order in both variants (DCLM tests lines before paragraphs and gives no reason).
//! datatrove's parameters of 0 mean off; here 0 is a bound, and off is `"off"`.

use super::ratio;
use crate::config::{choice, params};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;
use crate::text::duplicates::Duplicates;
use crate::text::line_table::LineCut;
use crate::text::ngrams::{Repeats, repeats, scanned_repeat_chars};
use crate::text::scratch::{Scratch, with_scratch};
use crate::text::word_table::Splitter;

choice! {
    /// Whose definitions.
    pub enum Variant {
        /// datatrove, as in FineWeb
        Datatrove = "datatrove",
        /// DCLM, as in DCLM-Baseline
        Dclm = "dclm",
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
        /// No text at all; with `"dclm"` also a text of nothing but space.
        empty: bool,
        /// Share of paragraphs that are duplicates.
        dup_paragraph_ratio: Option<f64>,
        /// Share of characters in duplicate paragraphs.
        dup_paragraph_char_ratio: Option<f64>,
        /// Share of lines that are duplicates.
        dup_line_ratio: Option<f64>,
        /// Share of characters in duplicate lines.
        dup_line_char_ratio: Option<f64>,
        /// Share of characters in the most frequent 2-gram; null with fewer words, as below.
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
    const SOURCE: &'static str = include_str!("gopher_repetition.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, _build: &mut Build<'_>) -> Option<Self> {
        Some(Self { variant: params.variant })
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
        let measure = match self.variant {
            Variant::Datatrove => datatrove,
            Variant::Dclm => dclm,
        };
        Some(with_scratch(|scratch| measure(view, scratch)))
    }
}

/// Copies among the lines of a cut.
fn duplicates(view: &View<'_>, cut: LineCut, scratch: &mut Scratch) -> Duplicates {
    Duplicates::among_lines(view.lines(cut).iter(view.text()), &mut scratch.duplicates)
}

fn datatrove(view: &View<'_>, scratch: &mut Scratch) -> Signals {
    let words = view.words(Splitter::Spacy);
    let chars = view.chars();
    let paragraphs = duplicates(view, LineCut::ParagraphRuns, scratch);
    let lines = duplicates(view, LineCut::NewlineRuns, scratch);
    let found: [Option<Repeats>; 3] = repeats(words, &mut scratch.ngrams);
    let top = |n: usize| {
        let found = found[n - 2]?;
        ratio((found.first_top_chars + n - 1) * found.top_count, chars)
    };
    let found: [usize; 6] = scanned_repeat_chars(words, 5, &mut scratch.ngrams);
    let duplicated = |n: usize| ratio(found[n - 5], chars);
    Signals {
        empty: view.text().is_empty(),
        dup_paragraph_ratio: ratio(paragraphs.repeats, paragraphs.segments),
        dup_paragraph_char_ratio: ratio(paragraphs.repeat_chars, chars),
        dup_line_ratio: ratio(lines.repeats, lines.segments),
        dup_line_char_ratio: ratio(lines.repeat_chars, chars),
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

fn dclm(view: &View<'_>, scratch: &mut Scratch) -> Signals {
    let words = view.words(Splitter::WordBreak);
    let lines = duplicates(view, LineCut::Stripped, scratch);
    let paragraphs = duplicates(view, LineCut::StrippedParagraphs, scratch);
    let share = |found: Duplicates, part: usize, whole: usize| {
        if found.segments > 1 { ratio(part, whole) } else { None }
    };
    let found: [Option<Repeats>; 9] = repeats(words, &mut scratch.ngrams);
    let top = |n: usize| {
        let found = found[n - 2]?;
        let repeats = found.top_count > 1;
        ratio(if repeats { found.longest_top_chars * found.top_count } else { 0 }, words.chars())
    };
    let duplicated = |n: usize| ratio(found[n - 2]?.covered_chars, words.chars());
    Signals {
        empty: lines.segments == 0,
        dup_paragraph_ratio: share(paragraphs, paragraphs.copies, paragraphs.segments),
        dup_paragraph_char_ratio: share(paragraphs, paragraphs.copy_chars, paragraphs.chars),
        dup_line_ratio: share(lines, lines.copies, lines.segments),
        dup_line_char_ratio: share(lines, lines.copy_chars, lines.chars),
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

#[cfg(test)]
mod tests {
    use crate::steps::testing::{assert_rules_from_both_sides, build, outcome, reason, value};

    /// Two copies of a paragraph of two equal lines of 12 words, and another line.
    fn text() -> String {
        let line = "a bb ccc d ee fff g hh iii j kk lll";
        format!("{line}\n{line}\n\n{line}\n{line}\n\nz")
    }

    #[test]
    fn datatrove_values_are_those_of_the_definitions() {
        let text = text();
        let outcome = outcome(&build("gopher_repetition", "").unwrap(), &text);
        let value = |signal| value("gopher_repetition", &outcome, signal);
        let chars = 4.0 * 35.0 + 7.0;
        assert_eq!(value("dup_line_ratio"), Some(3.0 / 5.0));
        assert_eq!(value("dup_line_char_ratio"), Some(3.0 * 35.0 / chars));
        assert_eq!(value("dup_paragraph_ratio"), Some(1.0 / 3.0));
        assert_eq!(value("dup_paragraph_char_ratio"), Some(71.0 / chars));
        // The first of those with four occurrences: `a bb`, not the longer `bb ccc`.
        assert_eq!(value("top_2gram_char_ratio"), Some(4.0 * 4.0 / chars));
        assert_eq!(value("top_3gram_char_ratio"), Some(4.0 * 8.0 / chars));
        assert_eq!(value("top_4gram_char_ratio"), Some(4.0 * 10.0 / chars));
        // From word 12 on the scan jumps seven times, to word 47.
        assert_eq!(value("dup_5gram_char_ratio"), Some(69.0 / chars));
    }

    #[test]
    fn dclm_values_are_those_of_the_definitions() {
        let text = text();
        let outcome = outcome(&build("gopher_repetition", "variant = 'dclm'").unwrap(), &text);
        let value = |signal| value("gopher_repetition", &outcome, signal);
        let word_chars = 4.0 * 24.0 + 1.0;
        assert_eq!(value("dup_line_ratio"), Some(4.0 / 5.0));
        assert_eq!(value("dup_line_char_ratio"), Some(4.0 * 35.0 / (4.0 * 35.0 + 1.0)));
        assert_eq!(value("dup_paragraph_ratio"), Some(2.0 / 3.0));
        assert_eq!(value("dup_paragraph_char_ratio"), Some(2.0 * 71.0 / (2.0 * 71.0 + 1.0)));
        assert_eq!(value("top_2gram_char_ratio"), Some(4.0 * 5.0 / word_chars));
        assert_eq!(value("top_3gram_char_ratio"), Some(4.0 * 6.0 / word_chars));
        assert_eq!(value("top_4gram_char_ratio"), Some(4.0 * 9.0 / word_chars));
        assert_eq!(value("dup_5gram_char_ratio"), Some(4.0 * 24.0 / word_chars));
        assert_eq!(value("dup_10gram_char_ratio"), Some(4.0 * 24.0 / word_chars));
    }

    #[test]
    fn one_line_has_no_shares_with_dclm_and_a_lone_ngram_counts_with_datatrove() {
        let value = |toml, signal| {
            let outcome = outcome(&build("gopher_repetition", toml).unwrap(), "one two three");
            value("gopher_repetition", &outcome, signal)
        };
        assert_eq!(value("", "dup_line_ratio"), Some(0.0));
        assert_eq!(value("", "top_2gram_char_ratio"), Some(7.0 / 13.0));
        assert_eq!(value("", "top_4gram_char_ratio"), None);
        assert_eq!(value("variant = 'dclm'", "dup_line_ratio"), None);
        assert_eq!(value("variant = 'dclm'", "top_2gram_char_ratio"), Some(0.0));
    }

    #[test]
    fn each_bound_is_inclusive() {
        for variant in ["datatrove", "dclm"] {
            let toml = format!("variant = '{variant}'");
            assert_rules_from_both_sides("gopher_repetition", &toml, &text());
        }
    }

    #[test]
    fn empty_texts_are_dropped() {
        assert_eq!(reason("gopher_repetition", "", ""), Some("empty"));
        assert_eq!(reason("gopher_repetition", "", " \n"), None, "as datatrove does");
        assert_eq!(reason("gopher_repetition", "variant = 'dclm'", " \n"), Some("empty"));
    }
}
