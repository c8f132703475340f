//! Lists of entries that a parameter names: text files, plain, gzip or zstd, an entry a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::Build;
use crate::digest::hex;

/// Largest list once inflated.
const MAX_LIST_BYTES: u64 = 4 << 30;

/// How files of these kinds begin.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Longest line, its end included; URLs and sentences are far shorter.
const MAX_LINE_BYTES: u64 = 1 << 16;

impl Build<'_> {
    /// Passes every entry of the lists that a key names on, stripped; `None` after a fault.
    ///
    /// Blank lines and lines that start with `#` are no entries. A list without entries is a fault,
    /// since a step could never fire by it, as is one that cannot be read, is no UTF-8 or has a line
    /// past 64 KiB. A file is read once and never held: what a list takes is what the step keeps.
    pub fn entries(
        &mut self,
        key: &'static str,
        lists: &[PathBuf],
        mut entry: impl FnMut(&str),
    ) -> Option<()> {
        let mut sound = Some(());
        for (index, path) in lists.iter().enumerate() {
            let each = |_, line: &str| {
                let line = line.trim();
                let is_entry = !line.is_empty() && !line.starts_with('#');
                if is_entry {
                    entry(line);
                }
                Ok(u64::from(is_entry))
            };
            let list = read(&self.resolve(path), MAX_LINE_BYTES, each);
            sound = self.take_list(key, index, path, "entry", list).and(sound);
        }
        sound
    }

    /// Records the digest of the file at a place of a key's; `None` after the fault that it cannot be
    /// read or has none of what is asked of it.
    pub(super) fn take_list(
        &mut self,
        key: &'static str,
        index: usize,
        path: &Path,
        asked: &str,
        list: io::Result<List>,
    ) -> Option<()> {
        let shown = self.resolve(path);
        let shown = shown.display();
        let fault = match list {
            Err(error) => format!("cannot read `{shown}`: {error}"),
            Ok(List { entries: 0, .. }) => format!("`{shown}` has no {asked}"),
            Ok(List { sha256, .. }) => {
                self.record(key, path, sha256);
                return Some(());
            }
        };
        self.fault_in_list(key, index, fault).label = "this file".into();
        None
    }
}

/// What is known of a list once it has been read.
pub(super) struct List {
    /// SHA-256 of the file as it is stored, in lower-case hex.
    pub(super) sha256: String,
    /// What the lines came to.
    pub(super) entries: u64,
}

/// Passes every line of a file on, plain, gzip or zstd, without a byte order mark, with its number
/// from 1 on; `line` answers how many entries it is.
///
/// # Errors
/// Those of the disk and of damage, a line that is too long or no UTF-8, and those of `line`.
pub(super) fn read(
    path: &Path,
    max_line_bytes: u64,
    line: impl FnMut(u64, &str) -> io::Result<u64>,
) -> io::Result<List> {
    let hashed = Hashed { file: File::open(path)?, digest: Sha256::new() };
    let mut bytes = BufReader::with_capacity(1 << 16, hashed);
    let start = bytes.fill_buf()?;
    let entries = if start.starts_with(&GZIP) {
        each_line(BufReader::new(MultiGzDecoder::new(&mut bytes)), max_line_bytes, line)?
    } else if start.starts_with(&ZSTD) {
        let inflated = zstd::Decoder::with_buffer(&mut bytes)?;
        each_line(BufReader::new(inflated), max_line_bytes, line)?
    } else {
        each_line(&mut bytes, max_line_bytes, line)?
    };
    // Whatever the inflater has left unread is part of the file, and so of its digest.
    io::copy(&mut bytes, &mut io::sink())?;
    Ok(List { sha256: hex(&bytes.into_inner().digest.finalize()), entries })
}

/// An error of what a file holds.
pub(super) fn refuse<T>(what: String) -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::InvalidData, what))
}

fn each_line(
    mut lines: impl BufRead,
    max_line_bytes: u64,
    mut each: impl FnMut(u64, &str) -> io::Result<u64>,
) -> io::Result<u64> {
    let (mut line, mut number, mut total, mut entries) = (Vec::new(), 0u64, 0u64, 0u64);
    loop {
        line.clear();
        let read = lines.by_ref().take(max_line_bytes).read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            return Ok(entries);
        }
        number += 1;
        total += read;
        if total > MAX_LIST_BYTES {
            return refuse(format!("it is longer than {} GiB", MAX_LIST_BYTES >> 30));
        }
        if read == max_line_bytes && !line.ends_with(b"\n") {
            return refuse(format!("line {number} is longer than {} KiB", max_line_bytes >> 10));
        }
        let Ok(text) = std::str::from_utf8(&line) else {
            return refuse(format!("line {number} is not UTF-8"));
        };
        let text = if number == 1 { text.trim_start_matches('\u{feff}') } else { text };
        entries += each(number, text)?;
    }
}

/// A file whose digest is taken as it is read.
struct Hashed {
    file: File,
    digest: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.digest.update(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::config::Table;
    use crate::digest::sha256_hex;

    /// The entries of one list, or the fault.
    fn entries(bytes: &[u8]) -> Result<Vec<String>, String> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("list"), bytes).unwrap();
        let (table, mut faults, mut found) = (Table::default(), Vec::new(), Vec::new());
        let mut build = Build::new(&table, directory.path(), &[], &mut faults);
        let read = build.entries("key", &["list".into()], |entry| found.push(entry.to_owned()));
        let files = build.into_files();
        match read {
            Some(()) => {
                assert_eq!(files.len(), 1);
                assert_eq!(files[0].sha256, sha256_hex(bytes), "of the file as it is stored");
                Ok(found)
            }
            None => Err(faults.remove(0).message),
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn entries_are_stripped_lines_without_blanks_and_comments() {
        let list = b"\xef\xbb\xbfa\r\n\n  # no\n b c \t\n#\nd#";
        assert_eq!(entries(list), Ok(vec!["a".into(), "b c".into(), "d#".into()]));
    }

    #[test]
    fn a_list_of_several_members_or_frames_is_read_to_its_end() {
        let members = [gzip(b"a\nb"), gzip(b"c\nd\n")].concat();
        assert_eq!(entries(&members), Ok(vec!["a".into(), "bc".into(), "d".into()]));
        let frame = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
        let frames = [frame(b"a\nb"), frame(b"c\nd\n")].concat();
        assert_eq!(entries(&frames), Ok(vec!["a".into(), "bc".into(), "d".into()]));
    }

    #[test]
    fn lists_that_cannot_be_used_say_why() {
        let says = |bytes: &[u8], what: &str| {
            let fault = entries(bytes).expect_err(what);
            assert!(fault.contains(what), "{fault}");
        };
        says(b"", "has no entry");
        says(b"# only\n\n", "has no entry");
        says(b"a\n\xff\n", "line 2 is not UTF-8");
        says(&[b'x'; 1 << 17], "line 1 is longer than 64 KiB");
        says(&gzip(&[b'x'; 1 << 17]), "line 1 is longer than 64 KiB");
        says(&gzip(b"a\nb\n")[..12], "cannot read");
        says(&zstd::encode_all(&b"a\nb\n"[..], 3).unwrap()[..9], "cannot read");
        let mut longest = vec![b'x'; (1 << 16) - 1];
        longest.push(b'\n');
        assert_eq!(entries(&longest).map(|entries| entries.len()), Ok(1));
    }
}
