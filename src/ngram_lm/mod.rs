//! N-gram language models with back-off: ARPA files read, sentences scored as KenLM scores them.
//!
//! Reads ARPA files (as `lmplz`, SRILM and others write them), plain or gzip, of up to 10 words. No
//! pure-Rust crate reads them; the crates of KenLM's name bind its C++ code.
//!
//! Scores are KenLM's to the last bit: logarithms to the base of 10, sums in f32 in its order. What
//! it does is kept too:
//! - Words end at ASCII white space, at no other.
//! - A sentence is scored after `<s>`, and `</s>` is scored after its last word.
//! - A word that the model does not list counts as `<unk>`; its logarithm is -100 in a model that
//!   does not list `<unk>` either.
//! - N-grams are kept by 64-bit hashes of their words, so that two that hash alike are one.
//!
//! Four departures: models of single words are read too, and need no `<s>` and `</s>` (without
//! `</s>` no end is scored); numbers beyond a million are refused; a word listed twice is refused;
//! and a NUL in a text is part of a word, where KenLM's Python package stops reading.
//!
//! A model takes 21 bytes for each n-gram, 16 for the longest ones and 24 for words.
//!
//! ```no_run
//! use gristmill::ngram_lm::{Model, words};
//!
//! let model = Model::open("wikipedia.arpa.gz".as_ref())?;
//! let score = model.score(words("Dies ist ein Satz ."));
//! println!("{} {}", score.log10_probability, score.tokens);
//! # Ok::<(), gristmill::ngram_lm::LmError>(())
//! ```

use std::fs::File;
use std::io::Read;
use std::path::Path;

mod arpa;
mod builder;
mod error;
mod hash;
mod lines;
mod table;
#[cfg(test)]
mod tests;

pub use error::LmError;

use builder::Weights;
use hash::{UNKNOWN, Word, extend_left, word_hash};
use lines::Lines;
use table::Table;

/// Most words of an n-gram.
const MAX_ORDER: usize = 10;

/// A language model: scores sentences, can be shared between threads.
pub struct Model {
    order: usize,
    /// The numbers of words by their hashes; `<unk>` is not among them.
    words: Table<Word>,
    /// By number.
    unigrams: Vec<Weights>,
    /// N-grams of two words and more that are not the longest, by length.
    middles: Vec<Table<Weights>>,
    /// Probabilities of the longest n-grams.
    longest: Table<f32>,
    begin: Option<Word>,
    end: Option<Word>,
    sha256: String,
}

/// What a model makes of one sentence.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    /// Logarithm to the base of 10 of the probability of the words and the sentence's end.
    pub log10_probability: f32,
    /// Words, without the sentence's end.
    pub tokens: u64,
    /// Words that the model does not list.
    pub unknown_tokens: u64,
}

/// The last words, as far as the model lists n-grams that begin with them: nearest first.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    words: [Word; MAX_ORDER],
    backoffs: [f32; MAX_ORDER],
    len: usize,
}

impl Model {
    /// Reads an ARPA file, plain or gzip.
    ///
    /// Memory grows with the n-grams that are there, not with the number that the file states.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is no ARPA file, or contradicts itself; with the line.
    pub fn open(path: &Path) -> Result<Self, LmError> {
        let open_error = |source| LmError::Open { path: path.to_owned(), source };
        Self::read(File::open(path).map_err(open_error)?)
    }

    /// Reads an ARPA file from a stream, up to the stream's end.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn read<R: Read>(reader: R) -> Result<Self, LmError> {
        arpa::read(Lines::new(reader)?)
    }

    /// Words of the longest n-grams.
    pub fn order(&self) -> usize {
        self.order
    }

    /// The SHA-256 of the file as it lies on disk, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether sentences have an end that is scored; only a model of single words may lack it.
    pub fn scores_ends(&self) -> bool {
        self.end.is_some()
    }

    /// Scores the words of one sentence.
    pub fn score<'t>(&self, words: impl Iterator<Item = &'t str>) -> Score {
        let mut score = Score::default();
        let mut state = self.begin();
        for word in words {
            let word = self.word(word.as_bytes());
            score.tokens += 1;
            score.unknown_tokens += u64::from(word == UNKNOWN);
            score.log10_probability += self.advance(&mut state, word);
        }
        if let Some(end) = self.end {
            score.log10_probability += self.advance(&mut state, end);
        }
        score
    }

    fn word(&self, word: &[u8]) -> Word {
        self.words.get(word_hash(word)).copied().unwrap_or(UNKNOWN)
    }

    fn begin(&self) -> State {
        let mut state = State::default();
        if let Some(begin) = self.begin.filter(|_| self.order > 1) {
            state.words[0] = begin;
            state.backoffs[0] = self.unigrams[begin as usize].backoff;
            state.len = 1;
        }
        state
    }

    /// The logarithm of a word's probability after the words of the state, which it then joins.
    fn advance(&self, state: &mut State, word: Word) -> f32 {
        let Weights { mut probability, backoff } = self.unigrams[word as usize];
        let mut next = State::default();
        (next.words[0], next.backoffs[0]) = (word, backoff);
        next.len = usize::from(self.order > 1);
        // Words of the longest listed n-gram that ends here.
        let mut matched = 1;
        let mut key = u64::from(word);
        for (before, &context) in state.words[..state.len].iter().enumerate() {
            key = extend_left(key, context);
            let Some(table) = self.middles.get(before) else {
                if let Some(&longest) = self.longest.get(key) {
                    (probability, matched) = (longest, before + 2);
                }
                break;
            };
            let Some(weights) = table.get(key) else { break };
            if !weights.probability.is_nan() {
                (probability, matched) = (weights.probability, before + 2);
            }
            next.words[before + 1] = context;
            next.backoffs[before + 1] = weights.backoff;
            next.len = before + 2;
        }
        // The weights of the contexts that are given up, from the shortest on.
        let given_up = state.backoffs[..state.len].iter().skip(matched - 1);
        given_up.for_each(|backoff| probability += backoff);
        *state = next;
        probability
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("sha256", &self.sha256)
            .field("order", &self.order)
            .field("words", &self.words.len())
            .finish_non_exhaustive()
    }
}

/// The words of a text as KenLM splits it: between ASCII white space (`\v` too).
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_space = |c: char| matches!(c, ' ' | '\t'..='\r');
    text.split(is_space).filter(|word| !word.is_empty())
}
