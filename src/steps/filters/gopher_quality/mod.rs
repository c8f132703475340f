//! Drops documents that do not look like prose: by number and length of words, symbols, bullets,
//! ellipses, letters and stop words.
//!
//! # What it does
//! Measures the quantities below and holds each against its bound.
//!
//! Variant `"datatrove"`: words are spaCy's, punctuation included, and all of them divide the
//! ratios. For the bounds on number and mean length, words of nothing but punctuation are left out.
//! Hashes and ellipses (`...` and `…`) are bounded one by one. Lines are those of Python's
//! `splitlines`; a bullet is `•` or `-`. Stop words count once each, as they are written.
//!
//! Variant `"dclm"`: the number of words is that of fastText's, where they begin with a letter or
//! number; everything else counts words between spaces. Hashes and ellipses (also `. . .`) are
//! bounded by their sum. Lines are the non-empty ones; a bullet is `●`, `•`, `*` or `-`. Every
//! occurrence of a stop word counts, in any case.
//!
//! Variant `"dolma"`: words are those between spaces; of their lengths the median is bounded, not the
//! mean. A word with `#` or `…` in it is a symbol word; `...` is none. Lines are cut at newlines, blank
//! ones count; a bullet is `*` or `-`, an ellipsis `…`, at the very start or end of the line. Every
//! occurrence of a stop word counts, as it is written. `"dolma_v2"` cuts lines at runs of newlines.
//!
//! # Why
//! A page of menus, numbers, tags or another language than the one asked for fails at least one of
//! these simple bounds; prose passes them all.
//!
//! # Source
//! Gopher (Rae et al. 2021, arXiv 2112.11446, table A1). `"datatrove"`: `GopherQualityFilter` of
//! datatrove 0.10.1, as in FineWeb. `"dclm"`: `page_length_filter`, `word_length_filter`,
//! `symbol_ratio_filter`, `bullet_count_filter`, `ellipsis_count_filter`,
//! `alphabetic_word_ratio_filter` and `stop_word_filter` of DCLM, as in DCLM-Baseline. `"dolma"`,
//! `"dolma_v2"`: the taggers `gopher_v1` and `gopher_v2` of Dolma (commit 669f534); its v1.6 bounds
//! the values of `gopher_v1` (`cc-head.yaml`). The bounds are Gopher's, and the same in all.
//!
//! NeMo Curator's rules of the same origin are part of `curator_quality`, which has them all.
//!
//! The first two disagree on one English page in four, nearly always about letters: datatrove counts
//! punctuation marks as words without letters, DCLM does not.
//!
//! # Differences
//! The peers stop at the first bound that is passed; here all values are measured. DCLM bounds the
//! share of words without letters by 0.2, which is the same as 0.8 with letters. A value that is not
//! defined (a text without words) passes; the bounds on the number of words drop such a text, and
//! with those off DCLM would still drop it. Lower case is that of single characters.
//!
//! Dolma's taggers drop nothing and round shares to five digits; the bounds hold the rounded values,
//! as its mixer does. They write 0 for every value of a text without words, where others are null
//! here, so the smallest median and share of words with letters drop such a text too.

mod datatrove;
mod dclm;
mod dolma;

use super::dolma::Lines;
use super::ratio;
use super::stop_words::{MAX_BYTES, StopWords};
use crate::config::{choice, params};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;

choice! {
    /// Whose definitions.
    pub enum Variant {
        /// datatrove, as in FineWeb
        Datatrove = "datatrove",
        /// DCLM, as in DCLM-Baseline
        Dclm = "dclm",
        /// Dolma's `gopher_v1`, as in Dolma v1.6
        Dolma = "dolma",
        /// Dolma's `gopher_v2`
        DolmaV2 = "dolma_v2",
    }
}

params! {
    /// Parameters of `gopher_quality`.
    pub struct Params {
        /// Whose definitions of word, line and symbol.
        variant: Variant = Variant::Datatrove,
        /// Fewest words.
        min_words: Option<u64> [words, 0 ..= 1_000_000_000] = Some(50),
        /// Most words.
        max_words: Option<u64> [words, 0 ..= 1_000_000_000] = Some(100_000),
        /// Smallest mean length of a word.
        min_mean_word_chars: Option<f64> [chars, 0 ..= 1_000_000] = Some(3.0),
        /// Largest mean length of a word.
        max_mean_word_chars: Option<f64> [chars, 0 ..= 1_000_000] = Some(10.0),
        /// Smallest median length of a word, with `"dolma"`.
        min_median_word_chars: Option<f64> [chars, 0 ..= 1_000_000] = Some(3.0),
        /// Largest median length of a word, with `"dolma"`.
        max_median_word_chars: Option<f64> [chars, 0 ..= 1_000_000] = Some(10.0),
        /// Most hashes, and most ellipses, per word; with `"dclm"` both together, with `"dolma"`
        /// words that hold one.
        max_symbol_word_ratio: Option<f64> [ratio, 0 ..= 1000] = Some(0.1),
        /// Largest share of lines that begin with a bullet.
        max_bullet_line_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.9),
        /// Largest share of lines that end in an ellipsis.
        max_ellipsis_line_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.3),
        /// Smallest share of words that hold a letter.
        min_alphabetic_word_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.8),
        /// Fewest stop words.
        min_stop_words: Option<u64> [words, 0 ..= 1_000_000_000] = Some(2),
        /// The stop words, in lower case.
        stop_words: Vec<String> =
            ["the", "be", "to", "of", "and", "that", "have", "with"].map(String::from).to_vec(),
    }
}

signals! {
    /// What `gopher_quality` measures.
    pub struct Signals {
        /// Words of which the bounds on number and length speak.
        words: u64,
        /// All words, by which the ratios divide.
        all_words: u64,
        /// Mean length of a word in characters; null without words, and with `"dolma"`.
        mean_word_chars: Option<f64>,
        /// Median length of a word in characters, 0 without words; with `"dolma"` only.
        median_word_chars: Option<f64>,
        /// Hashes per word; with `"datatrove"` only.
        hash_word_ratio: Option<f64>,
        /// Ellipses per word; with `"datatrove"` only.
        ellipsis_word_ratio: Option<f64>,
        /// Hashes and ellipses per word, with `"dolma"` words that hold one; null with
        /// `"datatrove"`.
        symbol_word_ratio: Option<f64>,
        /// Lines, by which the next two divide.
        lines: u64,
        /// Share of lines that begin with a bullet.
        bullet_line_ratio: Option<f64>,
        /// Share of lines that end in an ellipsis.
        ellipsis_line_ratio: Option<f64>,
        /// Share of words that hold a letter.
        alphabetic_word_ratio: Option<f64>,
        /// Stop words: different ones with `"datatrove"`, otherwise all.
        stop_words: u64,
    }
}

/// The step.
pub struct GopherQuality {
    variant: Variant,
    stop_words: StopWords,
}

impl Step for GopherQuality {
    const NAME: &'static str = "gopher_quality";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("mod.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let mut sound = true;
        for (index, word) in params.stop_words.iter().enumerate() {
            if word.len() > MAX_BYTES {
                let message = format!("a stop word may be {MAX_BYTES} bytes long");
                build.fault_in_list("stop_words", index, message);
                sound = false;
            }
        }
        let stop_words = StopWords::new(&params.stop_words);
        sound.then_some(Self { variant: params.variant, stop_words })
    }

    fn has_rule(&self, rule: &Rule) -> bool {
        let left_out: &[&str] = match self.variant {
            Variant::Datatrove => &["median_word_chars", "symbol_word_ratio"],
            Variant::Dclm => &["median_word_chars", "hash_word_ratio", "ellipsis_word_ratio"],
            Variant::Dolma | Variant::DolmaV2 => {
                &["mean_word_chars", "hash_word_ratio", "ellipsis_word_ratio"]
            }
        };
        !left_out.contains(&rule.signal)
    }
}

impl Filter for GopherQuality {
    const RULES: &'static [Rule] = &[
        Rule::min("too_few_words", "words", "min_words"),
        Rule::max("too_many_words", "words", "max_words"),
        Rule::min("words_too_short", "mean_word_chars", "min_mean_word_chars"),
        Rule::max("words_too_long", "mean_word_chars", "max_mean_word_chars"),
        Rule::min("median_word_too_short", "median_word_chars", "min_median_word_chars"),
        Rule::max("median_word_too_long", "median_word_chars", "max_median_word_chars"),
        Rule::max("too_many_hashes", "hash_word_ratio", "max_symbol_word_ratio"),
        Rule::max("too_many_ellipses", "ellipsis_word_ratio", "max_symbol_word_ratio"),
        Rule::max("too_many_symbols", "symbol_word_ratio", "max_symbol_word_ratio"),
        Rule::max("too_many_bullet_lines", "bullet_line_ratio", "max_bullet_line_ratio"),
        Rule::max("too_many_ellipsis_lines", "ellipsis_line_ratio", "max_ellipsis_line_ratio"),
        Rule::min("too_few_alphabetic_words", "alphabetic_word_ratio", "min_alphabetic_word_ratio"),
        Rule::min("too_few_stop_words", "stop_words", "min_stop_words"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let (text, stop_words) = (view.text(), &self.stop_words);
        Some(match self.variant {
            Variant::Datatrove => datatrove::measure(view, stop_words),
            Variant::Dclm => dclm::measure(view, stop_words),
            Variant::Dolma => dolma::measure(text, Lines::Newline, stop_words),
            Variant::DolmaV2 => dolma::measure(text, Lines::NewlineRun, stop_words),
        })
    }
}

/// How often any of the symbols stands in the text; each is counted without overlaps of its own.
fn occurrences(text: &str, symbols: &[&str]) -> usize {
    let count = |symbol: &&str| memchr::memmem::find_iter(text.as_bytes(), *symbol).count();
    symbols.iter().map(count).sum()
}

fn ends_in(line: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| line.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{
        assert_rules_from_both_sides, build, faults, outcome, reason, value,
    };

    pub(super) const TEXT: &str = "- The #1 thing... and the other, \u{ad}été 22…\r\n\
                        * (More) of THE same . . .\n\n• #end...\u{a0}\nOf (it)\n";

    /// The values of a text, by signal.
    pub(super) fn value_of(toml: &str, text: &str) -> impl Fn(&str) -> Option<f64> + use<> {
        let outcome = outcome(&build("gopher_quality", toml).unwrap(), text);
        move |signal| value("gopher_quality", &outcome, signal)
    }

    #[test]
    fn each_bound_is_inclusive() {
        // Dolma strips no carriage return from a line's end.
        let text = TEXT.replace('\r', "");
        for (variant, _) in super::Variant::CHOICES {
            let toml = format!("variant = '{variant}'\nstop_words = ['of', 'the']");
            assert_rules_from_both_sides("gopher_quality", &toml, &text);
        }
    }

    #[test]
    fn a_text_without_words_is_too_short() {
        for (variant, _) in super::Variant::CHOICES {
            let toml = &format!("variant = '{variant}'");
            assert_eq!(reason("gopher_quality", toml, " \n"), Some("too_few_words"));
            assert_eq!(reason("gopher_quality", toml, ""), Some("too_few_words"));
        }
    }

    #[test]
    fn bounds_that_contradict_each_other_and_long_stop_words_are_refused() {
        assert!(build("gopher_quality", "min_words = 5\nmax_words = 4").is_err());
        assert!(build("gopher_quality", "min_words = 5\nmax_words = 5").is_ok());
        assert!(build("gopher_quality", "min_mean_word_chars = 11").is_err());
        assert!(build("gopher_quality", &format!("stop_words = ['{}']", "a".repeat(65))).is_err());
    }

    #[test]
    fn bounds_of_another_variant_are_refused() {
        let mean = "variant = 'dolma'\nmax_mean_word_chars = 9";
        assert!(faults("gopher_quality", mean).contains("`max_mean_word_chars`"));
        assert!(!faults("gopher_quality", "max_median_word_chars = 9").is_empty());
        assert_eq!(faults("gopher_quality", "variant = 'dolma'\nmax_mean_word_chars = 'off'"), "");
    }
}
