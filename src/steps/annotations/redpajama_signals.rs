//! Measures RedPajama-V2's quality signals that need nothing but the text, and judges nothing.
//!
//! # What it does
//! Gives the values that RedPajama-V2 publishes for each of its documents, under its names without
//! `rps_doc_`, so that rules written for it can be put to the columns of this step. Ratios are rounded
//! to 8 decimals, as published.
//!
//! | signals | `rps_doc_` … | |
//! |---|---|---|
//! | `num_sentences` | same | from a letter, number or `_` to the next `.`, `!` or `?` |
//! | `word_count`, `mean_word_length` | same | normalised words |
//! | `symbol_to_word_ratio` | same | `#`, `...` and `…` to raw words |
//! | `frac_lines_end_with_ellipsis` | same | `...` and `…`, lines of white space included |
//! | `frac_no_alph_words`, `frac_all_caps_words` | same | raw words |
//! | `frac_unique_words`, `unigram_entropy` | same | normalised words, entropy in nats |
//! | `frac_chars_top_2gram` to `_4gram` | same | of the characters of normalised words; 0 where none repeats |
//! | `frac_chars_dupe_5grams` to `_10grams` | same | words under any repeated n-gram, each once |
//! | `curly_bracket` | same | `{` and `}` to characters |
//! | `lorem_ipsum` | same | to characters of the normalised text |
//! | `stop_word_fraction` | same | of raw words |
//! | `ldnoobw_words` | same | entries of `bad_words` among normalised words and their n-grams |
//!
//! The six `rps_lines_` signals are one number a line there. Here are the figures of the document
//! that follow from them: `lines`, their number (their `rps_lines_num_words` add up to `word_count`);
//! `terminal_mark_line_ratio` and `bullet_line_ratio`, the means of `…ending_with_terminal_punctution_mark`
//! and `…start_with_bulletpoint`; `javascript_words`, the sum of `…javascript_counts`;
//! `uppercase_char_ratio` and `numeric_char_ratio`, the measures of `…uppercase_letter_fraction` and
//! `…numerical_chars_fraction` taken on the whole text and on the whole normalised text.
//!
//! Raw words are runs of letters, numbers and `_`, and runs of what is neither those nor white
//! space, so that punctuation counts. The normalised text has no ASCII punctuation (`don't` becomes
//! `dont`), is in lower case and decomposed (NFD: `é` has two characters), with single spaces;
//! normalised words stand between those.
//!
//! # Why
//! The values are published for tens of billions of documents, which one's own can be compared with,
//! and rules that were made as queries over them can be used as they are.
//!
//! # Source
//! RedPajama-V2 (Weber et al. 2024, arXiv 2411.12372), `app/src/core/quality_signals` of
//! RedPajama-Data at 6d2cee9: `natural_language.py`, `repetitions.py`, `content.py`, `lines.py`. The
//! stop words are its English ones, from stopwords-json.
//!
//! # Differences
//! Not here: `ccnet_…` (the language, the length and a perplexity: steps and columns of their own),
//! `rps_doc_ut1_blacklist` (see `url_blocklist`), `rps_doc_ml_…` and `…_importance` (models), and
//! `minhash_signature_…`.
//!
//! `ldnoobw_words` is null without a list, where RedPajama counts 0 for languages of which it has
//! none. Entries that hold upper case, punctuation or composed letters are never found, as there. Of
//! lists given here blank lines and lines that start with `#` are no entries.
//!
//! Classes of characters are those of Python 3.11 and its `re`, with which nltk 3.8 finds raw words;
//! nltk 3.10 takes combining marks for letters, which moves the ratios of raw words, most in Indic
//! scripts. Lower case and decomposition follow a later version of Unicode than
//! Python's. `lorem ıpsum` and `lorem ipſum`, which RedPajama counts only in a text that also has
//! the phrase in plain letters, never count.

mod bad_words;
mod normal;
mod raw;
mod stop_words;

use std::cell::Cell;
use std::path::PathBuf;

use memchr::{memchr2_iter, memmem};

use crate::config::params;
use crate::steps::{Annotation, Build, Step, signals};
use crate::text::View;
use crate::text::characters::count;
use crate::text::ngrams::{Repeats, repeats};
use crate::text::scratch::with_scratch;
use crate::text::vocabulary::Vocabulary;

use bad_words::BadWords;
use normal::Normal;
use raw::{Lines, RawWords, StopWords, count_sentences, count_symbols};

params! {
    /// Parameters of `redpajama_signals`.
    pub struct Params {
        /// Lists of stop words in place of RedPajama's English ones.
        stop_words: Vec<PathBuf> = Vec::new(),
        /// Lists of words and phrases for `ldnoobw_words`, such as those of LDNOOBW.
        bad_words: Vec<PathBuf> = Vec::new(),
    }
}

signals! {
    /// What `redpajama_signals` measures.
    pub struct Signals {
        /// Sentences.
        num_sentences: u64,
        /// Normalised words.
        word_count: u64,
        /// Mean characters of a normalised word; null without one.
        mean_word_length: Option<f64>,
        /// `#`, `...` and `…` to raw words; null without a raw word.
        symbol_to_word_ratio: Option<f64>,
        /// Share of lines that end with an ellipsis; null without a line.
        frac_lines_end_with_ellipsis: Option<f64>,
        /// Share of raw words without a letter of A to Z; null without a raw word.
        frac_no_alph_words: Option<f64>,
        /// Different normalised words to all; null without one.
        frac_unique_words: Option<f64>,
        /// Entropy of the distribution of normalised words, in nats; null without one.
        unigram_entropy: Option<f64>,
        /// Share of raw words with upper case and no lower case; null without a raw word.
        frac_all_caps_words: Option<f64>,
        /// Share of the characters of normalised words in the most frequent 2-gram, if it repeats.
        frac_chars_top_2gram: f64,
        /// The same for 3-grams.
        frac_chars_top_3gram: f64,
        /// The same for 4-grams.
        frac_chars_top_4gram: f64,
        /// Share of the characters of normalised words in repeated 5-grams.
        frac_chars_dupe_5grams: f64,
        /// The same for 6-grams.
        frac_chars_dupe_6grams: f64,
        /// The same for 7-grams.
        frac_chars_dupe_7grams: f64,
        /// The same for 8-grams.
        frac_chars_dupe_8grams: f64,
        /// The same for 9-grams.
        frac_chars_dupe_9grams: f64,
        /// The same for 10-grams.
        frac_chars_dupe_10grams: f64,
        /// `{` and `}` to characters; 0 of none.
        curly_bracket: f64,
        /// Occurrences of `lorem ipsum` to characters of the normalised text; 0 of none.
        lorem_ipsum: f64,
        /// Share of raw words that are stop words, as written; 0 without a normalised word.
        stop_word_fraction: f64,
        /// Words and phrases of `bad_words`; null without a list.
        ldnoobw_words: Option<u64>,
        /// Lines, blank ones included.
        lines: u64,
        /// Share of lines that end with `.`, `!`, `?` or `”`; null without a line.
        terminal_mark_line_ratio: Option<f64>,
        /// Share of lines that start with one of ten bullets, the en dash among them; null without a
        /// line.
        bullet_line_ratio: Option<f64>,
        /// Normalised words that are `javascript`.
        javascript_words: u64,
        /// Share of characters that are upper case; null of none.
        uppercase_char_ratio: Option<f64>,
        /// Share of the normalised text's characters that are numbers of any kind and script; null
        /// of none.
        numeric_char_ratio: Option<f64>,
    }
}

/// The step.
pub struct RedpajamaSignals {
    stop_words: StopWords,
    bad_words: Option<BadWords>,
}

impl Step for RedpajamaSignals {
    const NAME: &'static str = "redpajama_signals";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("redpajama_signals.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let mut stop_words = StopWords::default();
        if params.stop_words.is_empty() {
            stop_words::ENGLISH.split(' ').for_each(|word| stop_words.insert(word));
        }
        let mut bad_words = BadWords::default();
        let stop_list =
            build.entries("stop_words", &params.stop_words, |word| stop_words.insert(word));
        let bad_list =
            build.entries("bad_words", &params.bad_words, |entry| bad_words.insert(entry));
        stop_list.and(bad_list)?;
        let bad_words = (!params.bad_words.is_empty()).then_some(bad_words);
        Some(Self { stop_words, bad_words })
    }
}

thread_local! {
    static NORMAL: Cell<Option<Box<Normal>>> = const { Cell::new(None) };
}

impl Annotation for RedpajamaSignals {
    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let mut normal = NORMAL.take().unwrap_or_default();
        normal.fill(view.text());
        let signals = self.signals(view.text(), &normal);
        NORMAL.set(Some(normal));
        Some(signals)
    }
}

impl RedpajamaSignals {
    fn signals(&self, text: &str, normal: &Normal) -> Signals {
        let raw = RawWords::of(text, &self.stop_words);
        let lines = Lines::of(text);
        let words = normal.words();
        let (found, vocabulary): ([Option<Repeats>; 9], _) = with_scratch(|scratch| {
            (repeats(words, &mut scratch.ngrams), Vocabulary::of(words, &mut scratch.vocabulary))
        });
        let ngram = |n: usize| found[n - 2].unwrap_or_default();
        let top = |n: usize| match ngram(n) {
            top if top.top_count > 1 => share(top.first_top_chars * top.top_count, words.chars()),
            _ => 0.0,
        };
        let dupe = |n: usize| share(ngram(n).covered_chars, words.chars());
        let of_words = |part: usize| ratio(part, raw.words);
        let normal_chars = count(normal.text());
        let curly_brackets = memchr2_iter(b'{', b'}', text.as_bytes()).count();
        Signals {
            num_sentences: count_sentences(text) as u64,
            word_count: words.len() as u64,
            mean_word_length: ratio(words.chars(), words.len()),
            symbol_to_word_ratio: of_words(count_symbols(text)),
            frac_lines_end_with_ellipsis: ratio(lines.ellipses, lines.lines),
            frac_no_alph_words: (raw.words > 0)
                .then(|| rounded(1.0 - raw.latin as f64 / raw.words as f64)),
            frac_unique_words: ratio(vocabulary.words, words.len()),
            unigram_entropy: (!words.is_empty()).then(|| rounded(vocabulary.entropy)),
            frac_all_caps_words: of_words(raw.all_caps),
            frac_chars_top_2gram: top(2),
            frac_chars_top_3gram: top(3),
            frac_chars_top_4gram: top(4),
            frac_chars_dupe_5grams: dupe(5),
            frac_chars_dupe_6grams: dupe(6),
            frac_chars_dupe_7grams: dupe(7),
            frac_chars_dupe_8grams: dupe(8),
            frac_chars_dupe_9grams: dupe(9),
            frac_chars_dupe_10grams: dupe(10),
            curly_bracket: share(curly_brackets, raw.chars),
            lorem_ipsum: share(
                memmem::find_iter(normal.text().as_bytes(), "lorem ipsum").count(),
                normal_chars,
            ),
            stop_word_fraction: if words.is_empty() {
                0.0
            } else {
                share(raw.stop_words, raw.words)
            },
            ldnoobw_words: self.bad_words.as_ref().map(|bad_words| bad_words.count(normal) as u64),
            lines: lines.lines as u64,
            terminal_mark_line_ratio: ratio(lines.terminal_marks, lines.lines),
            bullet_line_ratio: ratio(lines.bullets, lines.lines),
            javascript_words: words
                .iter(normal.text())
                .filter(|word| word.0 == "javascript")
                .count() as u64,
            uppercase_char_ratio: ratio(raw.uppercase_chars, raw.chars),
            numeric_char_ratio: ratio(normal.count_numeric(), normal_chars),
        }
    }
}

/// A share, rounded; null of nothing.
fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| rounded(part as f64 / whole as f64))
}

/// A share, rounded; 0 of nothing.
fn share(part: usize, whole: usize) -> f64 {
    ratio(part, whole).unwrap_or(0.0)
}

/// Python's `round(number, 8)`: to the nearest decimal of the exact value, halves to even.
fn rounded(number: f64) -> f64 {
    // 0 and 1 are frequent, and as they are.
    if number.fract() == 0.0 {
        return number;
    }
    format!("{number:.8}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::rounded;
    use crate::steps::testing::{build, faults, outcome, value};

    /// Asserts the values of a text, which RedPajama's own classes gave.
    fn assert_values(text: &str, expected: &[(&str, Option<f64>)]) {
        let outcome = outcome(&build("redpajama_signals", "").unwrap(), text);
        for &(signal, expected) in expected {
            assert_eq!(
                value("redpajama_signals", &outcome, signal),
                expected,
                "{signal}: {text:?}"
            );
        }
    }

    #[test]
    fn values_of_words_and_lines_are_redpajama_s() {
        assert_values(
            "The cat sat.\nThe cat sat... on THE mat, it's 3 o'clock!\n• Curly {braces} #1 …\n",
            &[
                ("num_sentences", Some(4.0)),
                ("word_count", Some(17.0)),
                ("mean_word_length", Some(2.94117647)),
                ("symbol_to_word_ratio", Some(0.10714286)),
                ("frac_lines_end_with_ellipsis", Some(0.33333333)),
                ("frac_no_alph_words", Some(0.46428571)),
                ("frac_unique_words", Some(0.76470588)),
                ("unigram_entropy", Some(2.47624713)),
                ("frac_all_caps_words", Some(0.03571429)),
                ("frac_chars_top_2gram", Some(0.24)),
                ("frac_chars_top_3gram", Some(0.36)),
                ("frac_chars_top_4gram", Some(0.0)),
                ("curly_bracket", Some(0.02564103)),
                ("stop_word_fraction", Some(0.14285714)),
                ("ldnoobw_words", None),
                ("lines", Some(3.0)),
                ("terminal_mark_line_ratio", Some(0.66666667)),
                ("bullet_line_ratio", Some(0.33333333)),
                ("uppercase_char_ratio", Some(0.07692308)),
                ("numeric_char_ratio", Some(0.03030303)),
            ],
        );
        assert_values(
            "Übung — ÄÖÜ 中文字 ２ lorem ipsum, Lorem Ipsum! javascript JavaScript;\r\n– “Ja.”",
            &[
                ("num_sentences", Some(2.0)),
                ("word_count", Some(13.0)),
                ("mean_word_length", Some(4.76923077)),
                ("frac_no_alph_words", Some(0.55555556)),
                ("frac_all_caps_words", Some(0.05555556)),
                ("unigram_entropy", Some(2.24503527)),
                ("lorem_ipsum", Some(0.02702703)),
                ("javascript_words", Some(2.0)),
                ("terminal_mark_line_ratio", Some(0.5)),
                ("bullet_line_ratio", Some(0.5)),
                ("numeric_char_ratio", Some(0.01351351)),
            ],
        );
    }

    #[test]
    fn values_of_repetitions_are_redpajama_s() {
        assert_values(
            "one two three four five six one two three four five six one",
            &[
                ("frac_unique_words", Some(0.46153846)),
                ("unigram_entropy", Some(1.77823331)),
                ("frac_chars_top_2gram", Some(0.25531915)),
                ("frac_chars_top_3gram", Some(0.46808511)),
                ("frac_chars_top_4gram", Some(0.63829787)),
                ("frac_chars_dupe_5grams", Some(1.0)),
                ("frac_chars_dupe_7grams", Some(1.0)),
                ("frac_chars_dupe_8grams", Some(0.0)),
                ("frac_chars_dupe_10grams", Some(0.0)),
                ("stop_word_fraction", Some(1.0)),
            ],
        );
    }

    #[test]
    fn of_nothing_ratios_are_null_or_0_as_with_redpajama() {
        for (text, lines) in [("", 0.0), (" \n", 1.0)] {
            assert_values(
                text,
                &[
                    ("num_sentences", Some(0.0)),
                    ("word_count", Some(0.0)),
                    ("mean_word_length", None),
                    ("symbol_to_word_ratio", None),
                    ("frac_lines_end_with_ellipsis", (lines > 0.0).then_some(0.0)),
                    ("frac_no_alph_words", None),
                    ("frac_unique_words", None),
                    ("unigram_entropy", None),
                    ("frac_all_caps_words", None),
                    ("frac_chars_top_2gram", Some(0.0)),
                    ("frac_chars_dupe_5grams", Some(0.0)),
                    ("curly_bracket", Some(0.0)),
                    ("lorem_ipsum", Some(0.0)),
                    ("stop_word_fraction", Some(0.0)),
                    ("lines", Some(lines)),
                    ("numeric_char_ratio", None),
                ],
            );
        }
        // A raw word that is no stop word, and one line that ends with an ellipsis.
        assert_values(
            "…",
            &[("frac_lines_end_with_ellipsis", Some(1.0)), ("unigram_entropy", Some(0.0))],
        );
    }

    #[test]
    fn values_are_rounded_as_python_rounds() {
        assert_eq!(rounded(1.0 / 512.0), 0.00195312, "a half goes to the even digit");
        assert_eq!(rounded(3.0 / 512.0), 0.00585938);
        assert_eq!(rounded(5.0 / 512.0), 0.00976562);
        assert_eq!(rounded(2.0 / 3.0), 0.66666667);
        assert_eq!(rounded(1e-9), 0.0);
    }

    #[test]
    fn lists_of_the_user_are_used() {
        let list = |entries: &str| {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), entries).unwrap();
            file
        };
        let stop_words = list("foo\n\n# no entry\nSit\n");
        let bad_words = list("foo\nSit\nbar foo\nfoo bar foo\ndon't\n");
        let toml = format!(
            "stop_words = ['{}']\nbad_words = ['{}']",
            stop_words.path().display(),
            bad_words.path().display()
        );
        let step = build("redpajama_signals", &toml).unwrap();
        let outcome = outcome(&step, "Foo bar, foo. Sit the: foo don't");
        let value = |signal| value("redpajama_signals", &outcome, signal);
        // `foo` three times, `bar foo`, `foo bar foo`: looked for in lower case, without punctuation.
        assert_eq!(value("ldnoobw_words"), Some(5.0));
        // `foo` twice and `Sit`, as written, of 12 raw words.
        assert_eq!(value("stop_word_fraction"), Some(0.25));

        assert!(faults("redpajama_signals", "bad_words = ['nowhere']").contains("nowhere"));
        let empty = list("# nothing\n");
        let toml = format!("stop_words = ['{}']", empty.path().display());
        assert!(faults("redpajama_signals", &toml).contains("has no entry"));
    }
}
