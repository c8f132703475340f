//! Counts words, so that a later step can tell how many were removed since.
//!
//! # What it does
//! Counts the words of the text as one of four splitters cuts it. Nothing is dropped.
//!
//! # Why
//! How much edits remove is judged against a count before them; peers mean different things by
//! "word", and their bounds are only comparable with their own.
//!
//! # Source
//! `"fasttext"`: DCLM `word_counter_enricher` (enrichers.py), step 17 of
//! `dclm_baseline_refinedweb.yaml`: pieces between ASCII spaces and NUL that begin with a letter or
//! number. `"whitespace"`: Python's `str.split`. `"uniseg"`: words of UAX #29 that begin with a
//! letter or number, as DCLM's repetition filters count. `"spacy"`: datatrove's English words,
//! punctuation included.
//!
//! # Differences
//! None known: spaCy's words are datatrove's on all real texts looked at but one, which holds the
//! word `IS_ALPHA`.

use crate::config::{choice, params};
use crate::steps::{Annotation, Build, Step, signals};
use crate::text::word_table::Splitter;
use crate::text::{View, words};

choice! {
    /// Which words.
    pub enum Words {
        /// Between ASCII spaces, beginning with a letter or number (DCLM)
        FastText = "fasttext",
        /// Between spaces
        Whitespace = "whitespace",
        /// Of UAX #29, beginning with a letter or number (DCLM's repetition)
        Uniseg = "uniseg",
        /// spaCy's for English, punctuation included (datatrove)
        Spacy = "spacy",
    }
}

params! {
    /// Parameters of `word_count`.
    pub struct Params {
        /// How the text is cut into words.
        splitter: Words = Words::FastText,
    }
}

signals! {
    /// What `word_count` measures.
    pub struct Signals {
        /// Words of the text.
        words: u64,
    }
}

/// The step.
pub struct WordCount {
    splitter: Words,
}

impl Step for WordCount {
    const NAME: &'static str = "word_count";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("word_count.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, _build: &mut Build<'_>) -> Option<Self> {
        Some(Self { splitter: params.splitter })
    }
}

impl Words {
    /// The splitter that a configuration has, as JSON.
    pub fn of(params: &serde_json::Value) -> Option<Self> {
        let name = params["splitter"].as_str()?;
        let all = [Self::FastText, Self::Whitespace, Self::Uniseg, Self::Spacy];
        all.into_iter().find(|words| words.as_str() == name)
    }

    /// How many of them the text has.
    pub fn count(self, view: &View<'_>) -> u64 {
        let words = match self {
            // Counting these is cheaper than the table that other steps may share.
            Words::FastText => words::fasttext(view.text()).count(),
            Words::Whitespace => words::whitespace(view.text()).count(),
            Words::Uniseg => view.words(Splitter::WordBreak).len(),
            Words::Spacy => view.words(Splitter::Spacy).len(),
        };
        words as u64
    }
}

impl Annotation for WordCount {
    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        Some(Signals { words: self.splitter.count(view) })
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{build, outcome, value};

    #[test]
    fn words_are_those_of_the_splitter() {
        let text = "It's \"quoted\" (x) a\u{a0}b, 中文 – 3.5";
        for (splitter, words) in [
            ("fasttext", 4.0),   // It's a\u{a0}b, 中文 3.5
            ("whitespace", 8.0), // It's "quoted" (x) a b, 中文 – 3.5
            ("uniseg", 8.0),     // It's quoted x a b 中 文 3.5
            ("spacy", 14.0),     // It 's " quoted " ( x ) a b , 中文 – 3.5
        ] {
            let built = build("word_count", &format!("splitter = '{splitter}'")).unwrap();
            let measured = |text| value("word_count", &outcome(&built, text), "words");
            assert_eq!(measured(text), Some(words), "{splitter}");
            assert_eq!(measured(""), Some(0.0));
        }
    }
}
