//! Drops documents that do not look like prose: by number and length of words, symbols, bullets,
//! ellipses, letters and stop words.
//!
//! # What it does
//! Measures the nine quantities below and holds each against its bound.
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
//! # Why
//! A page of menus, numbers, tags or another language than the one asked for fails at least one of
//! these simple bounds; prose passes them all.
//!
//! # Source
//! Gopher (Rae et al. 2021, arXiv 2112.11446, table A1). `"datatrove"`: `GopherQualityFilter` of
//! datatrove 0.10.1, as in FineWeb. `"dclm"`: `page_length_filter`, `word_length_filter`,
//! `symbol_ratio_filter`, `bullet_count_filter`, `ellipsis_count_filter`,
//! `alphabetic_word_ratio_filter` and `stop_word_filter` of DCLM, as in DCLM-Baseline. The bounds
//! are Gopher's, and the same in both.
//!
//! The two disagree on one English page in four, nearly always about letters: datatrove counts
//! punctuation marks as words without letters, DCLM does not.
//!
//! # Differences
//! The peers stop at the first bound that is passed; here all values are measured. DCLM bounds the
//! share of words without letters by 0.2, which is the same as 0.8 with letters. A value that is not
//! defined (a text without words) passes; the bounds on the number of words drop such a text, and
//! with those off DCLM would still drop it. Lower case is that of single characters.

use super::ratio;
use super::stop_words::{MAX_BYTES, StopWords};
use crate::config::{choice, params};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;
use crate::text::characters::{self, is_letter, is_punctuation, strip_end, strip_start};
use crate::text::line_table::LineCut;
use crate::text::word_table::Splitter;
use crate::text::words;

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
        /// Most hashes, and most ellipses, per word; with `"dclm"` both together.
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
        /// Mean length of a word in characters; null without words.
        mean_word_chars: Option<f64>,
        /// Hashes per word; null with `"dclm"`.
        hash_word_ratio: Option<f64>,
        /// Ellipses per word; null with `"dclm"`.
        ellipsis_word_ratio: Option<f64>,
        /// Hashes and ellipses per word; null with `"datatrove"`.
        symbol_word_ratio: Option<f64>,
        /// Lines, by which the next two divide.
        lines: u64,
        /// Share of lines that begin with a bullet.
        bullet_line_ratio: Option<f64>,
        /// Share of lines that end in an ellipsis.
        ellipsis_line_ratio: Option<f64>,
        /// Share of words that hold a letter.
        alphabetic_word_ratio: Option<f64>,
        /// Stop words: different ones with `"datatrove"`, all with `"dclm"`.
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
    const SOURCE: &'static str = include_str!("gopher_quality.rs");
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
        match self.variant {
            Variant::Datatrove => rule.signal != "symbol_word_ratio",
            Variant::Dclm => !matches!(rule.signal, "hash_word_ratio" | "ellipsis_word_ratio"),
        }
    }
}

impl Filter for GopherQuality {
    const RULES: &'static [Rule] = &[
        Rule::min("too_few_words", "words", "min_words"),
        Rule::max("too_many_words", "words", "max_words"),
        Rule::min("words_too_short", "mean_word_chars", "min_mean_word_chars"),
        Rule::max("words_too_long", "mean_word_chars", "max_mean_word_chars"),
        Rule::max("too_many_hashes", "hash_word_ratio", "max_symbol_word_ratio"),
        Rule::max("too_many_ellipses", "ellipsis_word_ratio", "max_symbol_word_ratio"),
        Rule::max("too_many_symbols", "symbol_word_ratio", "max_symbol_word_ratio"),
        Rule::max("too_many_bullet_lines", "bullet_line_ratio", "max_bullet_line_ratio"),
        Rule::max("too_many_ellipsis_lines", "ellipsis_line_ratio", "max_ellipsis_line_ratio"),
        Rule::min("too_few_alphabetic_words", "alphabetic_word_ratio", "min_alphabetic_word_ratio"),
        Rule::min("too_few_stop_words", "stop_words", "min_stop_words"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        Some(match self.variant {
            Variant::Datatrove => self.datatrove(view),
            Variant::Dclm => self.dclm(view),
        })
    }
}

impl GopherQuality {
    fn datatrove(&self, view: &View<'_>) -> Signals {
        let (text, words) = (view.text(), view.words(Splitter::Spacy));
        let (mut counted, mut chars, mut alphabetic) = (0, 0, 0);
        let mut seen = vec![false; self.stop_words.len()];
        for (word, word_chars) in words.iter(text) {
            // Most words begin with a Latin letter, which settles both questions.
            let latin = word.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
            if latin || word.chars().any(|c| !is_punctuation(c)) {
                counted += 1;
                chars += word_chars;
            }
            alphabetic += usize::from(latin || word.chars().any(is_letter));
            if let Some(seen) = self.stop_words.find(word).and_then(|number| seen.get_mut(number)) {
                *seen = true;
            }
        }
        let lines = view.lines(LineCut::SplitLines);
        let (mut bullets, mut ellipses) = (0, 0);
        for line in lines.iter(text).map(|line| line.text) {
            bullets += usize::from(strip_start(line).starts_with(['•', '-']));
            ellipses += usize::from(ends_in(strip_end(line), &["...", "…"]));
        }
        Signals {
            words: counted as u64,
            all_words: words.len() as u64,
            mean_word_chars: ratio(chars, counted),
            hash_word_ratio: ratio(occurrences(text, &["#"]), words.len()),
            ellipsis_word_ratio: ratio(occurrences(text, &["...", "…"]), words.len()),
            symbol_word_ratio: None,
            lines: lines.len() as u64,
            bullet_line_ratio: ratio(bullets, lines.len()),
            ellipsis_line_ratio: ratio(ellipses, lines.len()),
            alphabetic_word_ratio: ratio(alphabetic, words.len()),
            stop_words: seen.iter().filter(|&&seen| seen).count() as u64,
        }
    }

    fn dclm(&self, view: &View<'_>) -> Signals {
        let text = view.text();
        let (mut words, mut chars, mut alphabetic, mut stop_words) = (0, 0, 0, 0);
        for word in words::whitespace(text) {
            words += 1;
            chars += characters::count(word);
            alphabetic += usize::from(word.chars().any(is_letter));
            stop_words += u64::from(self.stop_words.contains_lowercase(word));
        }
        let lines = view.lines(LineCut::Stripped);
        let (mut bullets, mut ellipses) = (0, 0);
        for line in lines.iter(text).map(|line| line.text) {
            bullets += usize::from(line.starts_with(['●', '•', '*', '-']));
            ellipses += usize::from(ends_in(line, &["...", ". . .", "…"]));
        }
        let symbols = occurrences(text, &["#", "...", ". . .", "…"]);
        Signals {
            words: words::fasttext(text).count() as u64,
            all_words: words as u64,
            mean_word_chars: ratio(chars, words),
            hash_word_ratio: None,
            ellipsis_word_ratio: None,
            symbol_word_ratio: ratio(symbols, words),
            lines: lines.len() as u64,
            bullet_line_ratio: ratio(bullets, lines.len()),
            ellipsis_line_ratio: ratio(ellipses, lines.len()),
            alphabetic_word_ratio: ratio(alphabetic, words),
            stop_words,
        }
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
    use crate::steps::testing::{assert_rules_from_both_sides, build, outcome, reason, value};

    const TEXT: &str = "- The #1 thing... and the other, \u{ad}été 22…\r\n\
                        * (More) of THE same . . .\n\n• #end...\u{a0}\nOf (it)\n";

    #[test]
    fn datatrove_values_are_those_of_the_definitions() {
        let outcome = outcome(&build("gopher_quality", "").unwrap(), TEXT);
        let value = |signal| value("gopher_quality", &outcome, signal);
        // - The # 1 thing ... and the other , été 22 … * ( More ) of THE same . . . • # end ...
        // Of ( it )
        assert_eq!(value("all_words"), Some(31.0));
        // Without - # ... , … * ( ) . . . # ... ( ), but • is no punctuation to datatrove.
        assert_eq!(value("words"), Some(16.0));
        assert_eq!(value("mean_word_chars"), Some(47.0 / 16.0));
        assert_eq!(value("hash_word_ratio"), Some(2.0 / 31.0));
        assert_eq!(value("ellipsis_word_ratio"), Some(3.0 / 31.0));
        assert_eq!(value("symbol_word_ratio"), None);
        assert_eq!(value("lines"), Some(5.0));
        assert_eq!(value("bullet_line_ratio"), Some(2.0 / 5.0));
        assert_eq!(value("ellipsis_line_ratio"), Some(2.0 / 5.0));
        assert_eq!(value("alphabetic_word_ratio"), Some(13.0 / 31.0));
        assert_eq!(value("stop_words"), Some(3.0), "and, of, the; not The, THE, Of");
    }

    #[test]
    fn dclm_values_are_those_of_the_definitions() {
        let outcome = outcome(&build("gopher_quality", "variant = 'dclm'").unwrap(), TEXT);
        let value = |signal| value("gopher_quality", &outcome, signal);
        // - The #1 thing... and the other, été 22… * (More) of THE same . . . • #end... Of (it)
        assert_eq!(value("all_words"), Some(21.0));
        assert_eq!(value("words"), Some(10.0), "not été, which begins with a soft hyphen");
        assert_eq!(value("mean_word_chars"), Some(66.0 / 21.0));
        assert_eq!(value("hash_word_ratio"), None);
        assert_eq!(value("symbol_word_ratio"), Some(6.0 / 21.0));
        assert_eq!(value("lines"), Some(4.0));
        assert_eq!(value("bullet_line_ratio"), Some(3.0 / 4.0));
        assert_eq!(value("ellipsis_line_ratio"), Some(3.0 / 4.0));
        assert_eq!(value("alphabetic_word_ratio"), Some(13.0 / 21.0));
        assert_eq!(value("stop_words"), Some(6.0));
    }

    #[test]
    fn each_bound_is_inclusive() {
        for variant in ["datatrove", "dclm"] {
            let toml = format!("variant = '{variant}'\nstop_words = ['of', 'the']");
            assert_rules_from_both_sides("gopher_quality", &toml, TEXT);
        }
    }

    #[test]
    fn a_text_without_words_is_too_short() {
        for toml in ["", "variant = 'dclm'"] {
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
}
