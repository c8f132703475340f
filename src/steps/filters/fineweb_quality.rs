//! Drops documents of lists, fragments and duplicate lines.
//!
//! # What it does
//! Looks at the lines that are not blank. Measures which share of them ends in a sentence-final
//! mark, which share is short, which share of the characters lies in duplicate lines (occurrences
//! after the first), and how many newlines there are per word. Words are spaCy's, punctuation
//! included.
//!
//! # Why
//! FineWeb's authors compared many statistics of good and bad crawls and kept the bounds that
//! raised benchmark scores most: what they drop is menus, tables and lists.
//!
//! # Source
//! FineWeb (Penedo et al. 2024, arXiv 2406.17557, section 3.6); `FineWebQualityFilter` of datatrove
//! 0.10.1. There its reasons are `empty`, `line_punct_ratio`, `short_line_ratio`, `char_dup_ratio`
//! and `list_ratio`. FineWeb-2 turns the bound on short lines off and sets others by language.
//!
//! # Differences
//! datatrove stops at the first bound that is passed; here all values are measured. Its parameters
//! `line_punct_exclude_zero` and `stop_chars` are not taken over.

use super::ratio;
use crate::config::params;
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;
use crate::text::characters::{is_terminal_punctuation, strip};
use crate::text::duplicates::Duplicates;
use crate::text::line_table::LineCut;
use crate::text::scratch::with_scratch;
use crate::text::word_table::Splitter;

params! {
    /// Parameters of `fineweb_quality`.
    pub struct Params {
        /// Smallest share of lines that end in a sentence-final mark.
        min_terminal_punct_line_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.12),
        /// Largest share of short lines.
        max_short_line_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.67),
        /// Longest line that is short.
        short_line_chars: u64 [chars, 0 ..= 1_000_000_000] = 30,
        /// Largest share of characters in duplicate lines.
        max_dup_line_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.01),
        /// Most newlines per word.
        max_newline_word_ratio: Option<f64> [ratio, 0 ..= 1000] = Some(0.3),
    }
}

signals! {
    /// What `fineweb_quality` measures.
    pub struct Signals {
        /// No line but blank ones.
        empty: bool,
        /// Lines that are not blank.
        lines: u64,
        /// Share of lines that end in a sentence-final mark of any script.
        terminal_punct_line_ratio: Option<f64>,
        /// Share of short lines.
        short_line_ratio: Option<f64>,
        /// Characters of duplicate lines, of all characters but newlines.
        dup_line_char_ratio: Option<f64>,
        /// Newlines per word.
        newline_word_ratio: Option<f64>,
    }
}

/// The step.
pub struct FinewebQuality {
    short_line_chars: usize,
}

impl Step for FinewebQuality {
    const NAME: &'static str = "fineweb_quality";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("fineweb_quality.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, _build: &mut Build<'_>) -> Option<Self> {
        let short_line_chars = usize::try_from(params.short_line_chars).unwrap_or(usize::MAX);
        Some(Self { short_line_chars })
    }
}

impl Filter for FinewebQuality {
    const RULES: &'static [Rule] = &[
        Rule::never("empty", "empty"),
        Rule::min(
            "too_few_terminal_punct_lines",
            "terminal_punct_line_ratio",
            "min_terminal_punct_line_ratio",
        ),
        Rule::max("too_many_short_lines", "short_line_ratio", "max_short_line_ratio"),
        Rule::max("dup_line_chars", "dup_line_char_ratio", "max_dup_line_char_ratio"),
        Rule::max("too_many_newlines", "newline_word_ratio", "max_newline_word_ratio"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let words = view.words(Splitter::Spacy).len();
        let text = view.text();
        let all_lines = view.lines(LineCut::Newline);
        let (mut lines, mut ended, mut short) = (0, 0, 0);
        let not_blank = all_lines.iter(text).filter(|line| !strip(line.text).is_empty());
        let not_blank = not_blank.inspect(|line| {
            lines += 1;
            ended += usize::from(line.text.ends_with(is_terminal_punctuation));
            short += usize::from(line.chars <= self.short_line_chars);
        });
        let found =
            with_scratch(|scratch| Duplicates::among_lines(not_blank, &mut scratch.duplicates));
        let newlines = all_lines.len().saturating_sub(1);
        let chars = view.chars() - newlines;
        Some(Signals {
            empty: lines == 0,
            lines: lines as u64,
            terminal_punct_line_ratio: ratio(ended, lines),
            short_line_ratio: ratio(short, lines),
            dup_line_char_ratio: ratio(found.repeat_chars, chars).filter(|_| lines > 0),
            newline_word_ratio: ratio(newlines, words),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{assert_rules_from_both_sides, build, outcome, reason, value};

    const TEXT: &str =
        "This line ends well.\n\nshort\nshort\n A fragment of thirty-one chars..\u{3002}\n  ";

    #[test]
    fn values_are_those_of_the_definitions() {
        let outcome = outcome(&build("fineweb_quality", "").unwrap(), TEXT);
        let value = |signal| value("fineweb_quality", &outcome, signal);
        assert_eq!(value("lines"), Some(4.0));
        assert_eq!(value("terminal_punct_line_ratio"), Some(2.0 / 4.0));
        assert_eq!(value("short_line_ratio"), Some(3.0 / 4.0));
        assert_eq!(value("dup_line_char_ratio"), Some(5.0 / 66.0));
        // This line ends well . short short A fragment of thirty - one chars .. 。
        assert_eq!(value("newline_word_ratio"), Some(5.0 / 16.0));
    }

    #[test]
    fn each_bound_is_inclusive() {
        assert_rules_from_both_sides("fineweb_quality", "", TEXT);
    }

    #[test]
    fn a_line_of_thirty_characters_is_short_in_any_script() {
        let line = |chars: usize| format!("{}。", "中".repeat(chars - 1));
        assert_eq!(reason("fineweb_quality", "", &line(30)), Some("too_many_short_lines"));
        assert_eq!(reason("fineweb_quality", "", &line(31)), None);
        assert_eq!(reason("fineweb_quality", "short_line_chars = 29", &line(30)), None);
    }

    #[test]
    fn blank_texts_are_empty() {
        assert_eq!(reason("fineweb_quality", "", ""), Some("empty"));
        assert_eq!(reason("fineweb_quality", "", " \n\u{a0}"), Some("empty"));
    }

    #[test]
    fn a_step_that_could_drop_nothing_but_empty_texts_is_refused() {
        let off = "min_terminal_punct_line_ratio = 'off'\nmax_short_line_ratio = 'off'\n\
                   max_dup_line_char_ratio = 'off'\nmax_newline_word_ratio = 'off'";
        assert!(build("fineweb_quality", off).is_err());
    }
}
