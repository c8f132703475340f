//! What an arm mixes into its pool.

use crate::text::words;

use super::formats::CutDocument;
use super::junk::{RandomWords, Shuffled};

/// What is mixed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mixture {
    /// Nothing.
    Nothing,
    /// Documents of random words, in per cent of the pool's words.
    RandomWords {
        /// Of the words drawn.
        seed: u64,
        /// How much.
        percent: u64,
    },
    /// Copies of documents with their words in random order, in per cent of the documents.
    ShuffledDocuments {
        /// Of the orders drawn.
        seed: u64,
        /// How much.
        percent: u64,
    },
}

/// A mixture in the making: it follows the pool from its first document on.
pub(super) enum Mixer {
    Nothing,
    RandomWords(Box<RandomWords>),
    ShuffledDocuments(Shuffled),
}

impl Mixture {
    /// At the first document of the pool.
    pub(super) fn start(self) -> Mixer {
        match self {
            Self::Nothing => Mixer::Nothing,
            Self::RandomWords { seed, percent } => {
                Mixer::RandomWords(Box::new(RandomWords::new(seed, percent)))
            }
            Self::ShuffledDocuments { seed, percent } => {
                Mixer::ShuffledDocuments(Shuffled::new(seed, percent))
            }
        }
    }
}

impl Mixer {
    /// What follows a document of the pool.
    pub(super) fn after(&mut self, document: &CutDocument) -> Vec<CutDocument> {
        match self {
            Self::Nothing => Vec::new(),
            Self::RandomWords(random) => {
                let words = words::whitespace(&document.document.text).count();
                random.after(words as u64).collect()
            }
            Self::ShuffledDocuments(shuffled) => shuffled.after(document).collect(),
        }
    }

    /// What follows the pool.
    pub(super) fn last(&mut self) -> Option<CutDocument> {
        match self {
            Self::RandomWords(random) => random.last(),
            _ => None,
        }
    }
}
