//! Drops documents by NeMo Curator's fifteen English heuristics on characters, words, lines and
//! paragraphs.
//!
//! # What it does
//! Measures the quantities below and holds each against its bound, in the order of NeMo Curator's
//! English pipeline. Words are those between spaces. Lines are cut at newlines, and blank ones left
//! out; paragraphs are the pieces between two newlines, empty ones too.
//!
//! Of all characters: those that are none of ASCII letters, digits, `.`, `,`, `!`, `?` and newline
//! (a space is one of them: English prose lies near 0.2); ASCII digits; those in URLs, which begin
//! with `http://` or `https://`; tabs, newlines, carriage returns, backspaces and spaces; and the
//! brackets `( ) [ ] { } ⟨ ⟩`.
//!
//! Of the words: symbols, which are the ellipses `...`, `…`, `(...)`, `[...]`, `[…]` and `-»`, and
//! words with more runs of hashes than half their characters (a lone `#`); words with a character of
//! Unicode's property Alphabetic; how often one of `the be to of and that have with` stands, in lower
//! case; the mean length and the greatest.
//!
//! Of the lines: those that do not end in `.`, `?`, `!`, `"` or `'`; those that end in an ellipsis as
//! above, or in `read more` in any case; those that begin with one of twelve bullets (`• ‣ ⁃ ⁌ ⁍ ∙ ○ ●
//! ◘ ◦ ⦾ ⦿`, no ASCII). Of the paragraphs: those with a phrase of terms of use, privacy or cookies.
//! One `lorem ipsum` anywhere makes every paragraph boilerplate.
//!
//! # Why
//! Each bound knows one kind of page that is no prose: link lists, tables, code, cookie notices,
//! placeholders. They cost little and need no model.
//!
//! # Source
//! NeMo Curator (commit 1e2e427), `heuristic/string.py` with the constants of `text/utils`, and the
//! order and bounds of `heuristic_filter_english_pipeline.yaml`: `NonAlphaNumericFilter`,
//! `SymbolsToWordsFilter`, `NumbersFilter`, `UrlsFilter`, `WhiteSpaceFilter`, `ParenthesesFilter`,
//! `BoilerPlateStringFilter`, `WordCountFilter`, `PunctuationFilter`, `WordsWithoutAlphabetsFilter`,
//! `CommonEnglishWordsFilter`, `MeanWordLengthFilter`, `LongWordFilter`, `EllipsisFilter`,
//! `BulletsFilter`. Its filters of repetition are variant `"curator"` of `gopher_repetition`.
//! For other languages NeMo Curator leaves out the rules on non-alphanumeric characters, alphabetic
//! words and common words.
//!
//! # Differences
//! There these are fifteen stages, each with one value, and what one drops the next does not see;
//! here all values are measured. Between the seventh and the eighth, and before the last, its
//! pipeline has the filters of repetition, so that reasons can come in another order; which documents
//! stay is the same.
//!
//! An empty text has the share 1 of every kind of character, as there. A text without words or lines
//! makes eight of its filters fail with an error; here such values are null and pass, and the bound
//! on the number of words drops the text. `BoilerPlateStringFilter` takes
//! `remove_if_at_top_or_bottom` and does not use it. `CommonEnglishWordsFilter` stops counting at its
//! bound; here all are counted. NeMo Curator takes letters from the `regex` package, whose Unicode may
//! be of another year than the one here. Its word lists for Chinese and Japanese (jieba, MeCab) are
//! not taken over.

mod boilerplate;
mod characters;
#[cfg(test)]
mod tests;

use super::ratio;
use super::stop_words::StopWords;
use crate::config::params;
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;
use crate::text::characters::strip;
use crate::text::word_table::{Splitter, Words};
use boilerplate::Boilerplate;
use characters::CharacterCounts;

params! {
    /// Parameters of `curator_quality`.
    pub struct Params {
        /// Largest share of characters that are no ASCII letters, digits, newlines or `.,!?`.
        max_non_alphanumeric_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.25),
        /// Largest share of words that are ellipses or hashes.
        max_symbol_word_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.1),
        /// Largest share of digits.
        max_digit_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.15),
        /// Largest share of characters in URLs.
        max_url_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.2),
        /// Largest share of white space.
        max_white_space_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.25),
        /// Largest share of brackets.
        max_bracket_char_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.1),
        /// Largest share of paragraphs that hold a boilerplate phrase.
        max_boilerplate_paragraph_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.4),
        /// Fewest words.
        min_words: Option<u64> [words, 0 ..= 1_000_000_000] = Some(50),
        /// Most words.
        max_words: Option<u64> [words, 0 ..= 1_000_000_000] = Some(100_000),
        /// Largest share of lines that end in none of `. ? ! " '`.
        max_unpunctuated_line_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.85),
        /// Smallest share of words that hold a letter.
        min_alphabetic_word_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.8),
        /// Fewest common English words.
        min_common_words: Option<u64> [words, 0 ..= 1_000_000_000] = Some(2),
        /// Smallest mean length of a word.
        min_mean_word_chars: Option<f64> [chars, 0 ..= 1_000_000] = Some(3.0),
        /// Largest mean length of a word.
        max_mean_word_chars: Option<f64> [chars, 0 ..= 1_000_000] = Some(10.0),
        /// Greatest length of a word.
        max_longest_word_chars: Option<u64> [chars, 0 ..= 1_000_000_000] = Some(1000),
        /// Largest share of lines that end in an ellipsis or `read more`.
        max_ellipsis_line_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.3),
        /// Largest share of lines that begin with a bullet.
        max_bullet_line_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.9),
    }
}

signals! {
    /// What `curator_quality` measures.
    pub struct Signals {
        /// Share of characters that are no ASCII letters, digits, newlines or `.,!?`; 1 of an empty
        /// text, as the other shares of characters.
        non_alphanumeric_char_ratio: f64,
        /// Share of words that are ellipses or hashes; null without words.
        symbol_word_ratio: Option<f64>,
        /// Share of digits.
        digit_char_ratio: f64,
        /// Share of characters in URLs.
        url_char_ratio: f64,
        /// Share of white space.
        white_space_char_ratio: f64,
        /// Share of brackets.
        bracket_char_ratio: f64,
        /// Share of paragraphs that hold a boilerplate phrase; 1 with any `lorem ipsum`.
        boilerplate_paragraph_ratio: Option<f64>,
        /// Words.
        words: u64,
        /// Share of lines that end in none of `. ? ! " '`; null without lines.
        unpunctuated_line_ratio: Option<f64>,
        /// Share of words that hold a letter; null without words.
        alphabetic_word_ratio: Option<f64>,
        /// Common English words, every occurrence.
        common_words: u64,
        /// Mean length of a word; null without words.
        mean_word_chars: Option<f64>,
        /// Greatest length of a word; null without words.
        longest_word_chars: Option<u64>,
        /// Share of lines that end in an ellipsis or `read more`; null without lines.
        ellipsis_line_ratio: Option<f64>,
        /// Share of lines that begin with a bullet; null without lines.
        bullet_line_ratio: Option<f64>,
    }
}

/// The step.
pub struct CuratorQuality {
    boilerplate: Boilerplate,
    common_words: StopWords,
}

impl Step for CuratorQuality {
    const NAME: &'static str = "curator_quality";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("mod.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(_params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let common = ["the", "be", "to", "of", "and", "that", "have", "with"].map(String::from);
        match Boilerplate::new() {
            Ok(boilerplate) => Some(Self { boilerplate, common_words: StopWords::new(&common) }),
            Err(error) => {
                build.fault("use", format!("the phrases cannot be searched for: {error}"));
                None
            }
        }
    }
}

impl Filter for CuratorQuality {
    const RULES: &'static [Rule] = &[
        Rule::max(
            "too_many_non_alphanumeric_chars",
            "non_alphanumeric_char_ratio",
            "max_non_alphanumeric_char_ratio",
        ),
        Rule::max("too_many_symbols", "symbol_word_ratio", "max_symbol_word_ratio"),
        Rule::max("too_many_digits", "digit_char_ratio", "max_digit_char_ratio"),
        Rule::max("too_many_url_chars", "url_char_ratio", "max_url_char_ratio"),
        Rule::max("too_much_white_space", "white_space_char_ratio", "max_white_space_char_ratio"),
        Rule::max("too_many_brackets", "bracket_char_ratio", "max_bracket_char_ratio"),
        Rule::max("boilerplate", "boilerplate_paragraph_ratio", "max_boilerplate_paragraph_ratio"),
        Rule::min("too_few_words", "words", "min_words"),
        Rule::max("too_many_words", "words", "max_words"),
        Rule::max(
            "too_many_unpunctuated_lines",
            "unpunctuated_line_ratio",
            "max_unpunctuated_line_ratio",
        ),
        Rule::min("too_few_alphabetic_words", "alphabetic_word_ratio", "min_alphabetic_word_ratio"),
        Rule::min("too_few_common_words", "common_words", "min_common_words"),
        Rule::min("words_too_short", "mean_word_chars", "min_mean_word_chars"),
        Rule::max("words_too_long", "mean_word_chars", "max_mean_word_chars"),
        Rule::max("a_word_too_long", "longest_word_chars", "max_longest_word_chars"),
        Rule::max("too_many_ellipsis_lines", "ellipsis_line_ratio", "max_ellipsis_line_ratio"),
        Rule::max("too_many_bullet_lines", "bullet_line_ratio", "max_bullet_line_ratio"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let text = view.text();
        let words = view.words(Splitter::Whitespace);
        let of_words = self.word_counts(text, words);
        let of_lines = LineCounts::of(text);
        let found = CharacterCounts::of(text);
        // NeMo Curator drops an empty text here.
        let share = |part| ratio(part, found.all).unwrap_or(1.0);
        Some(Signals {
            non_alphanumeric_char_ratio: share(found.all - found.alphanumeric),
            symbol_word_ratio: ratio(of_words.symbols, words.len()),
            digit_char_ratio: share(found.digits),
            url_char_ratio: share(characters::in_urls(text)),
            white_space_char_ratio: share(found.white_space),
            bracket_char_ratio: share(found.brackets),
            boilerplate_paragraph_ratio: self.boilerplate.paragraph_ratio(text),
            words: words.len() as u64,
            unpunctuated_line_ratio: ratio(of_lines.unpunctuated, of_lines.lines),
            alphabetic_word_ratio: ratio(of_words.alphabetic, words.len()),
            common_words: of_words.common,
            mean_word_chars: ratio(words.chars(), words.len()),
            longest_word_chars: of_words.longest.map(|chars| chars as u64),
            ellipsis_line_ratio: ratio(of_lines.ellipses, of_lines.lines),
            bullet_line_ratio: ratio(of_lines.bullets, of_lines.lines),
        })
    }
}

/// What kinds of word there are.
#[derive(Debug, Default)]
struct WordCounts {
    symbols: usize,
    alphabetic: usize,
    common: u64,
    longest: Option<usize>,
}

impl CuratorQuality {
    fn word_counts(&self, text: &str, words: &Words) -> WordCounts {
        let mut counts = WordCounts::default();
        for (word, chars) in words.iter(text) {
            // Most words begin with a Latin letter.
            let latin = word.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
            counts.alphabetic += usize::from(latin || word.chars().any(char::is_alphabetic));
            counts.symbols += usize::from(!latin && is_symbol(word, chars));
            counts.common += u64::from(self.common_words.find(word).is_some());
            counts.longest = counts.longest.max(Some(chars));
        }
        counts
    }
}

/// Whether a word is an ellipsis, or has more runs of hashes than half its characters: then every
/// second one is a hash, from the first to the last.
fn is_symbol(word: &str, chars: usize) -> bool {
    let is_hash = |(index, c): (usize, char)| (c == '#') == (index % 2 == 0);
    let mostly_hashes = || chars % 2 == 1 && word.chars().enumerate().all(is_hash);
    matches!(word, "..." | "…" | "[...]" | "(...)" | "[…]" | "-»") || mostly_hashes()
}

/// What kinds of line there are.
#[derive(Debug, Default)]
struct LineCounts {
    lines: usize,
    unpunctuated: usize,
    ellipses: usize,
    bullets: usize,
}

impl LineCounts {
    fn of(text: &str) -> Self {
        let mut counts = Self::default();
        for line in text.split('\n').map(strip).filter(|line| !line.is_empty()) {
            counts.lines += 1;
            counts.unpunctuated += usize::from(!line.ends_with(['.', '?', '!', '"', '\'']));
            counts.ellipses += usize::from(ends_in_ellipsis(line));
            counts.bullets += usize::from(
                line.starts_with(['•', '‣', '⁃', '⁌', '⁍', '∙', '○', '●', '◘', '◦', '⦾', '⦿']),
            );
        }
        counts
    }
}

fn ends_in_ellipsis(line: &str) -> bool {
    let in_any_case = |ending: &str| {
        let from = line.len().checked_sub(ending.len());
        from.is_some_and(|from| line.as_bytes()[from..].eq_ignore_ascii_case(ending.as_bytes()))
    };
    match line.as_bytes().last() {
        Some(b'.') => line.ends_with("...") || in_any_case("read more.."),
        Some(b'e' | b'E') => in_any_case("read more"),
        Some(b']') => line.ends_with("[...]") || line.ends_with("[…]"),
        Some(b')') => line.ends_with("(...)"),
        _ => line.ends_with('…') || line.ends_with("-»"),
    }
}
