//! Files below a directory and files that match a pattern, in byte order of their paths.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::InputFault;
use super::format::Format;

/// Whether an input that names nothing on disk is meant as a pattern.
pub(super) fn is_pattern(input: &str) -> bool {
    input.contains(['*', '?', '['])
}

/// Files that match a pattern; directories that match are passed over.
///
/// `*`, `?` and `[…]` stay within one path component and match no leading dot; `**` spans
/// directories.
pub(super) fn matching(pattern: &str) -> Result<Vec<PathBuf>, InputFault> {
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let paths = glob::glob_with(pattern, options)
        .map_err(|e| InputFault::BadPattern(format!("{} at character {}", e.msg, e.pos + 1)))?;
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|e| InputFault::from_io(e.into()))?;
        if !path.is_dir() {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(InputFault::NothingMatched);
    }
    sort(&mut found);
    Ok(found)
}

/// Shards below a directory, by their names; those of one format where it is given.
///
/// Hidden files and directories are passed over, path lists are not followed. Links to
/// directories are, except to one that holds them.
pub(super) fn below(directory: &Path, format: Option<Format>) -> Result<Vec<PathBuf>, InputFault> {
    let mut found = Vec::new();
    walk(directory, format, &mut Vec::new(), &mut found).map_err(InputFault::NotReadable)?;
    if found.is_empty() {
        return Err(InputFault::EmptyDirectory);
    }
    sort(&mut found);
    Ok(found)
}

fn walk(
    directory: &Path,
    format: Option<Format>,
    above: &mut Vec<PathBuf>,
    found: &mut Vec<PathBuf>,
) -> io::Result<()> {
    let real = named(directory, fs::canonicalize(directory))?;
    if above.contains(&real) {
        return Ok(());
    }
    above.push(real);
    for entry in named(directory, fs::read_dir(directory))? {
        let entry = named(directory, entry)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        let known = Format::from_name(&name).filter(|of| format.is_none_or(|asked| asked == *of));
        if path.is_dir() {
            walk(&path, format, above, found)?;
        } else if known.is_some() {
            found.push(path);
        }
    }
    above.pop();
    Ok(())
}

/// An error of a directory far below says which one it is.
fn named<T>(path: &Path, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))
}

/// Byte order, as `LC_ALL=C sort` has it, the same on every machine.
fn sort(paths: &mut [PathBuf]) {
    paths.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
}
