//! Junk: the documents that the arms `random_words_<percent>` and `shuffled_documents_<percent>`
//! add to the pool.
//!
//! Everything is drawn from [`SplitMix64`] generators that are seeded by the hash of an id under the
//! seed, so that each document of junk can be made again by itself, and that of a smaller
//! percentage is part of that of a larger one.
//!
//! Source: the junk arms of arXiv 2605.19407, whose generators stand in
//! <https://github.com/chrismohrii/bitter-lesson-data-filtering>
//! (`generate_random_memory_efficient.py`, `generate_shuffle_memory_efficient.py`).

mod generator;
mod random_words;
mod shuffled;

pub use generator::SplitMix64;
pub use random_words::RandomWords;
pub use shuffled::Shuffled;
