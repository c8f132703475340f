//! A model under construction.

use super::Model;
use super::hash::{UNKNOWN, Word, extend_left, word_hash};
use super::table::Table;

/// Weights of an n-gram, as logarithms to the base of 10.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Weights {
    /// Of the last word after the others. NaN: the model does not list the n-gram, but a longer one
    /// that ends with it.
    pub(super) probability: f32,
    /// Added where a word does not follow the n-gram in the model.
    pub(super) backoff: f32,
}

/// A word that the model does not know, where it does not list `<unk>`: as in KenLM.
const UNLISTED_UNKNOWN: Weights = Weights { probability: -100.0, backoff: 0.0 };

/// Takes n-grams in ascending order of their length.
pub(super) struct Builder {
    model: Model,
    /// Length of the n-grams that come now.
    order: usize,
    lists_unknown: bool,
}

impl Builder {
    /// For as many n-grams by length as the file states.
    pub(super) fn new(counts: &[u64]) -> Self {
        let (middles, longest) = match counts {
            [_, middles @ .., longest] => (middles, *longest),
            _ => (&[][..], 0),
        };
        let model = Model {
            order: counts.len(),
            words: Table::expecting(counts.first().copied().unwrap_or_default()),
            unigrams: vec![UNLISTED_UNKNOWN],
            middles: middles.iter().map(|&count| Table::expecting(count)).collect(),
            longest: Table::expecting(longest),
            begin: None,
            end: None,
            sha256: String::new(),
        };
        Self { model, order: 1, lists_unknown: false }
    }

    /// Adds an n-gram of the present length. Of two that are equal the first stands.
    pub(super) fn add(&mut self, words: &[&[u8]], weights: Weights) -> Result<(), String> {
        match words {
            [word] => self.add_word(word, weights),
            _ => self.add_ngram(words, weights),
        }
    }

    fn add_word(&mut self, word: &[u8], weights: Weights) -> Result<(), String> {
        let twice = || format!("`{}` stands twice", String::from_utf8_lossy(word));
        if is_unknown(word) {
            if std::mem::replace(&mut self.lists_unknown, true) {
                return Err(twice());
            }
            self.model.unigrams[UNKNOWN as usize] = weights;
            return Ok(());
        }
        let number = Word::try_from(self.model.unigrams.len()).map_err(|_| "too many words")?;
        if !self.model.words.insert(word_hash(word), number) {
            return Err(twice());
        }
        self.model.unigrams.push(weights);
        match word {
            b"<s>" => self.model.begin = Some(number),
            b"</s>" => self.model.end = Some(number),
            _ => {}
        }
        Ok(())
    }

    fn add_ngram(&mut self, words: &[&[u8]], weights: Weights) -> Result<(), String> {
        let mut numbers = [UNKNOWN; super::MAX_ORDER];
        for (number, word) in numbers.iter_mut().zip(words) {
            *number = match self.model.word(word) {
                UNKNOWN if !is_unknown(word) => {
                    let word = String::from_utf8_lossy(word);
                    return Err(format!("`{word}` is not among the 1-grams"));
                }
                number => number,
            };
        }
        let numbers = &numbers[..words.len()];
        // Keys of the n-grams that end here, from two words on, and of the context.
        let mut keys = [0; super::MAX_ORDER];
        let key = Keys::new(numbers).zip(&mut keys).map(|(key, slot)| *slot = key).count();
        let (Some(&whole), shorter) = (keys[..key].last(), &keys[..key.saturating_sub(1)]) else {
            return Ok(());
        };
        if let Some(context) = Keys::new(&numbers[..numbers.len() - 1]).last()
            && self.model.middles[numbers.len() - 3].get(context).is_none()
        {
            return Err(format!("its first {} words are no n-gram", numbers.len() - 1));
        }
        // A search goes from short to long and ends where nothing is found: what is shorter must be.
        for (table, &key) in self.model.middles.iter_mut().zip(shorter).rev() {
            let blank = Weights { probability: f32::NAN, backoff: 0.0 };
            if !table.insert(key, blank) {
                break;
            }
        }
        match self.model.middles.get_mut(numbers.len() - 2) {
            Some(table) => table.insert(whole, weights),
            None => self.model.longest.insert(whole, weights.probability),
        };
        Ok(())
    }

    /// Ends the n-grams of the present length.
    pub(super) fn end_of_order(&mut self) -> Result<(), String> {
        let Model { order, begin, end, .. } = self.model;
        if self.order == 1 && order > 1 {
            for (mark, found) in [("<s>", begin), ("</s>", end)] {
                if found.is_none() {
                    return Err(format!("`{mark}` is not among the 1-grams"));
                }
            }
        }
        self.order += 1;
        Ok(())
    }

    /// The model, read from a file of this digest.
    pub(super) fn finish(self, sha256: String) -> Model {
        Model { sha256, ..self.model }
    }
}

/// Some models write it in capitals.
fn is_unknown(word: &[u8]) -> bool {
    matches!(word, b"<unk>" | b"<UNK>")
}

/// The keys of the last two words, of the last three and so on.
struct Keys<'a> {
    key: u64,
    before: &'a [Word],
}

impl<'a> Keys<'a> {
    fn new(words: &'a [Word]) -> Self {
        let (last, before) = words.split_last().unwrap_or((&UNKNOWN, &[]));
        Self { key: u64::from(*last), before }
    }
}

impl Iterator for Keys<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let (word, before) = self.before.split_last()?;
        self.before = before;
        self.key = extend_left(self.key, *word);
        Some(self.key)
    }
}
