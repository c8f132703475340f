//! Buffers that the analyses of a worker keep from text to text.

use std::cell::Cell;

use super::duplicates::DuplicatesScratch;
use super::minhash::MinHashScratch;
use super::ngrams::NgramScratch;
use super::vocabulary::VocabularyScratch;

/// Buffers of the analyses. What they hold between texts is of no meaning.
#[derive(Debug, Default)]
pub struct Scratch {
    /// For [`super::duplicates::Duplicates`].
    pub duplicates: DuplicatesScratch,
    /// For [`super::minhash`].
    pub minhash: MinHashScratch,
    /// For [`super::ngrams`].
    pub ngrams: NgramScratch,
    /// For [`super::vocabulary::Vocabulary::of`].
    pub vocabulary: VocabularyScratch,
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// Runs an analysis with the buffers of this thread; with fresh ones inside another such call.
pub fn with_scratch<T>(analysis: impl FnOnce(&mut Scratch) -> T) -> T {
    let mut scratch = SCRATCH.take().unwrap_or_default();
    let result = analysis(&mut scratch);
    SCRATCH.set(Some(scratch));
    result
}
