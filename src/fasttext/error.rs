//! What can be wrong with a model file.

use std::path::PathBuf;

/// Why a fastText model could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file cannot be opened.
    #[error("cannot open {path}: {source}", path = path.display())]
    Open {
        /// The path as the user gave it.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Reading failed midway.
    #[error("reading failed at byte {offset}: {source}")]
    Read {
        /// Bytes read before the failure.
        offset: u64,
        /// What the system said.
        source: std::io::Error,
    },
    /// The first bytes are not those of a fastText model.
    #[error("not a fastText model{hint}")]
    NotFastText {
        /// What the file looks like instead, as a clause to append; may be empty.
        hint: &'static str,
    },
    /// The format version is not one this reader knows (11 and 12).
    #[error("fastText format version {found} is not supported (11 and 12 are)")]
    UnsupportedVersion {
        /// The version the file states.
        found: i32,
    },
    /// A model of word vectors: there are no labels to predict.
    #[error("an unsupervised fastText model ({kind}) has no labels to predict")]
    Unsupervised {
        /// `cbow` or `skipgram`.
        kind: &'static str,
    },
    /// The file ends before the model does.
    #[error(
        "truncated: {what} needs {needed_bytes} bytes from byte {offset}, {found_bytes} are there"
    )]
    Truncated {
        /// The part of the model being read.
        what: &'static str,
        /// Where in the file that part begins, in bytes.
        offset: u64,
        /// How many bytes the part needs by its declared size.
        needed_bytes: u64,
        /// How many bytes the file still has.
        found_bytes: u64,
    },
    /// The file contradicts itself or holds values no model has.
    #[error("damaged fastText model: {0}")]
    Damaged(String),
}
