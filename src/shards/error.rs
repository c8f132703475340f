//! What can be wrong with the inputs a user names.

use std::fmt;
use std::io;

use super::format::KNOWN;

/// One fault of one input.
#[derive(Debug, thiserror::Error)]
#[error("`{given}`{}: {fault}", Within(.line.as_ref()))]
pub struct InputError {
    /// Index of the input in the list that was to be expanded, 0-based.
    pub input: usize,
    /// The input, or the key of a path list, as it was given.
    pub given: String,
    /// The line of the path list that names `given`; `None` where the input itself is at fault.
    pub line: Option<ListLine>,
    /// What is wrong.
    #[source]
    pub fault: InputFault,
}

/// A line of a path list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListLine {
    /// The list, as the user named it.
    pub list: String,
    /// Line number, 1-based.
    pub line: u64,
}

/// The kinds of fault.
#[derive(Debug, thiserror::Error)]
pub enum InputFault {
    /// A pattern without a match.
    #[error("no file matches this pattern")]
    NothingMatched,
    /// A directory without a shard.
    #[error("no shard lies below this directory (known suffixes: {KNOWN})")]
    EmptyDirectory,
    /// The path does not exist.
    #[error("no such file")]
    NoSuchFile,
    /// The path exists and cannot be read.
    #[error("cannot be read: {0}")]
    NotReadable(#[source] io::Error),
    /// A device, a pipe, or a directory where a file is needed.
    #[error("is not a regular file")]
    NotAFile,
    /// The name tells no format and none is forced.
    #[error(
        "unknown format: the name has none of the known suffixes ({KNOWN}); `format` \
         under [input] reads it anyway"
    )]
    UnknownFormat,
    /// A URL of an object store or a server.
    #[error("object stores are not supported by this build")]
    ObjectStore,
    /// A path list without a key.
    #[error("the list names no shard")]
    EmptyList,
    /// A pattern that is none.
    #[error("bad pattern: {0}")]
    BadPattern(String),
}

impl InputFault {
    pub(super) fn from_io(error: io::Error) -> Self {
        match error.kind() {
            // A file where the path has a directory is as absent as one that was never there.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NoSuchFile,
            _ => Self::NotReadable(error),
        }
    }
}

struct Within<'a>(Option<&'a ListLine>);

impl fmt::Display for Within<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(line) => write!(f, " (line {} of `{}`)", line.line, line.list),
            None => Ok(()),
        }
    }
}
