//! Lists of entries that a parameter names: text files, plain or gzip, an entry a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::Build;
use crate::digest::hex;

/// Largest list once inflated.
const MAX_LIST_BYTES: u64 = 4 << 30;

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
            let resolved = self.resolve(path);
            let fault = match read(&resolved, &mut entry) {
                Err(error) => format!("cannot read `{}`: {error}", resolved.display()),
                Ok(List { entries: 0, .. }) => format!("`{}` has no entry", resolved.display()),
                Ok(List { sha256, .. }) => {
                    self.record(key, path, sha256);
                    continue;
                }
            };
            self.fault_in_list(key, index, fault).label = "this file".into();
            sound = None;
        }
        sound
    }
}

/// What is known of a list once it has been read.
struct List {
    sha256: String,
    entries: u64,
}

fn read(path: &Path, entry: impl FnMut(&str)) -> io::Result<List> {
    let hashed = Hashed { file: File::open(path)?, digest: Sha256::new() };
    let mut bytes = BufReader::with_capacity(1 << 16, hashed);
    let entries = if bytes.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        each_entry(BufReader::new(MultiGzDecoder::new(&mut bytes)), entry)?
    } else {
        each_entry(&mut bytes, entry)?
    };
    // Whatever the inflater has left unread is part of the file, and so of its digest.
    io::copy(&mut bytes, &mut io::sink())?;
    Ok(List { sha256: hex(&bytes.into_inner().digest.finalize()), entries })
}

fn each_entry(mut lines: impl BufRead, mut entry: impl FnMut(&str)) -> io::Result<u64> {
    let refuse = |what: String| Err(io::Error::new(io::ErrorKind::InvalidData, what));
    let (mut line, mut number, mut total, mut entries) = (Vec::new(), 0u64, 0u64, 0u64);
    loop {
        line.clear();
        let read = lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            return Ok(entries);
        }
        number += 1;
        total += read;
        if total > MAX_LIST_BYTES {
            return refuse(format!("it is longer than {} GiB", MAX_LIST_BYTES >> 30));
        }
        if read == MAX_LINE_BYTES && !line.ends_with(b"\n") {
            return refuse(format!("line {number} is longer than {} KiB", MAX_LINE_BYTES >> 10));
        }
        let Ok(text) = std::str::from_utf8(&line) else {
            return refuse(format!("line {number} is not UTF-8"));
        };
        let text = if number == 1 { text.trim_start_matches('\u{feff}') } else { text };
        let text = text.trim();
        if !text.is_empty() && !text.starts_with('#') {
            entries += 1;
            entry(text);
        }
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
    fn a_list_of_several_gzip_members_is_read_to_its_end() {
        let members = [gzip(b"a\nb"), gzip(b"c\nd\n")].concat();
        assert_eq!(entries(&members), Ok(vec!["a".into(), "bc".into(), "d".into()]));
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
        let mut longest = vec![b'x'; (1 << 16) - 1];
        longest.push(b'\n');
        assert_eq!(entries(&longest).map(|entries| entries.len()), Ok(1));
    }
}
