//! What integration tests share: paths, test data, and a writer of small WARC files.
#![allow(dead_code, reason = "every test program uses a part of its own")]

pub(crate) mod encode;
pub(crate) mod text;
pub(crate) mod warc;

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A path inside the repository.
pub(crate) fn repo(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file of `fixtures/`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    repo("fixtures").join(name)
}

/// The folder of real test data: `GRISTMILL_DATA`, or `shared/data` beside the repository.
///
/// `None`, with a line on stderr that says so, where there is none: the test returns then.
pub(crate) fn data() -> Option<PathBuf> {
    let folder = match std::env::var_os("GRISTMILL_DATA") {
        Some(folder) => PathBuf::from(folder),
        None => repo("../shared/data"),
    };
    if folder.is_dir() {
        return Some(folder);
    }
    // Straight to stderr, because a test that passes shows nothing of what it prints.
    let path = folder.display();
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: no test data at {path}; set GRISTMILL_DATA to where it is"
    );
    None
}
