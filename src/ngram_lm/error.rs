//! What can be wrong with a language model file.

use std::path::PathBuf;

/// Why an n-gram language model could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LmError {
    /// The file cannot be opened.
    #[error("cannot open {path}: {source}", path = path.display())]
    Open {
        /// The path as the user gave it.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Reading failed midway.
    #[error("reading failed after line {line}: {source}")]
    Read {
        /// The last line that was read, from 1.
        line: u64,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is of another kind.
    #[error("no ARPA file: {0}")]
    NotArpa(&'static str),
    /// A line that no ARPA file has at its place.
    #[error("line {line}: {what}")]
    Line {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
}
