//! The first 64 bytes of a model: magic number, version, and the training options that matter.

use std::io::Read;

use super::error::ModelError;
use super::source::Source;

const MAGIC: [u8; 4] = 793_712_314_i32.to_le_bytes();

/// Longest n-grams accepted, in characters and in words; real models use 6 and 5.
///
/// Work grows with their product with the text, and the file states them.
const MAX_NGRAM: u32 = 64;

/// How scores of labels become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    HierarchicalSoftmax,
    NegativeSampling,
    Softmax,
    OneVsAll,
}

/// The training options that prediction depends on.
#[derive(Debug)]
pub(super) struct Header {
    /// Columns of both matrices.
    pub(super) dim: u32,
    pub(super) loss: Loss,
    /// Word n-grams up to this many words; 0 and 1 mean none.
    pub(super) word_ngrams: u32,
    /// Number of rows that hashed n-grams share.
    pub(super) bucket: u32,
    /// Shortest and longest character n-grams; a longest of 0 means none.
    pub(super) min_chars: u32,
    pub(super) max_chars: u32,
}

impl Header {
    pub(super) fn read<R: Read>(source: &mut Source<R>) -> Result<Self, ModelError> {
        let magic = source.int("the magic number")?.to_le_bytes();
        if magic != MAGIC {
            return Err(ModelError::NotFastText { hint: guess(magic) });
        }
        let version = source.int("the version")?;
        if !matches!(version, 11 | 12) {
            return Err(ModelError::UnsupportedVersion { found: version });
        }
        const WHAT: &str = "the training options";
        let dim = source.count("the dimension")?;
        // Window, epochs, minimum count and number of negatives: for training alone.
        for _ in 0..4 {
            source.int(WHAT)?;
        }
        let word_ngrams = source.int("the length of word n-grams")?;
        let loss = match source.int("the loss")? {
            1 => Loss::HierarchicalSoftmax,
            2 => Loss::NegativeSampling,
            3 => Loss::Softmax,
            4 => Loss::OneVsAll,
            other => return Err(ModelError::Damaged(format!("the loss is number {other}"))),
        };
        match source.int("the kind of model")? {
            1 => return Err(ModelError::Unsupervised { kind: "cbow" }),
            2 => return Err(ModelError::Unsupervised { kind: "skipgram" }),
            3 => {}
            other => return Err(ModelError::Damaged(format!("the kind of model is {other}"))),
        }
        let bucket = source.count("the number of buckets")?;
        let min_chars = source.count("the shortest character n-gram")?;
        let mut max_chars = source.count("the longest character n-gram")?;
        if version == 11 {
            // Supervised models of version 11 stored the option but did not use it.
            max_chars = 0;
        }
        // Update rate (i32) and sampling threshold (f64): for training alone.
        source.int(WHAT)?;
        source.long(WHAT)?;

        let word_ngrams = u32::try_from(word_ngrams).unwrap_or(0);
        if dim == 0 {
            return Err(ModelError::Damaged("the dimension is 0".into()));
        }
        if word_ngrams > MAX_NGRAM || max_chars > MAX_NGRAM {
            return Err(ModelError::Damaged(format!(
                "n-grams of {word_ngrams} words and {max_chars} characters (at most {MAX_NGRAM})"
            )));
        }
        let header = Self { dim, loss, word_ngrams, bucket, min_chars, max_chars };
        if header.hashes_ngrams() && bucket == 0 {
            return Err(ModelError::Damaged("n-grams are used, but there are no buckets".into()));
        }
        Ok(header)
    }

    /// Whether the model has rows for n-grams of characters or words.
    pub(super) fn hashes_ngrams(&self) -> bool {
        self.max_chars > 0 || self.word_ngrams > 1
    }
}

/// What a file that is no model is likely to be.
fn guess(magic: [u8; 4]) -> &'static str {
    match &magic {
        [0x1f, 0x8b, ..] => "; it is gzip-compressed",
        b"PK\x03\x04" => "; it is a zip archive",
        b"vers" => "; it looks like a Git LFS pointer",
        [b'<', ..] => "; it looks like an HTML page",
        [b'0'..=b'9', b'0'..=b'9' | b' ', ..] => "; it looks like word vectors in text form (.vec)",
        _ => " (models from before 2017 are not either)",
    }
}
