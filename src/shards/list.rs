//! Path lists: one key a line, as crawls publish them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

/// Most bytes a list may inflate to; the list of a whole crawl has about 14 MB.
const MAX_LIST_BYTES: u64 = 1 << 30;
/// Most bytes of a line; the longest paths of common systems have 4096.
const MAX_LINE_BYTES: u64 = 1 << 16;

/// One key with its line number, 1-based.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) key: String,
    pub(super) line: u64,
}

/// Reads the keys of a list, plain or gzip by its content; blank lines and `#` lines are skipped.
///
/// # Errors
/// A list that cannot be read, a damaged gzip stream, a line that is no UTF-8, and a list or a line
/// over the caps above.
pub(super) fn read(path: &Path) -> io::Result<Vec<Key>> {
    let mut file = BufReader::new(File::open(path)?);
    let gzip = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let bytes: Box<dyn Read> =
        if gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    keys(BufReader::new(bytes.take(MAX_LIST_BYTES + 1)))
}

fn keys(mut list: impl BufRead) -> io::Result<Vec<Key>> {
    let mut keys = Vec::new();
    let mut bytes = Vec::new();
    let mut total_bytes = 0;
    for line in 1.. {
        bytes.clear();
        let read = list.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut bytes)? as u64;
        if read == 0 {
            break;
        }
        total_bytes += read;
        if read > MAX_LINE_BYTES {
            return Err(refused(format!("line {line} is longer than {MAX_LINE_BYTES} bytes")));
        }
        if total_bytes > MAX_LIST_BYTES {
            return Err(refused(format!("a list may have {MAX_LIST_BYTES} bytes at most")));
        }
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| refused(format!("line {line} is not valid UTF-8")))?;
        let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
        let key = text.trim();
        if !key.is_empty() && !key.starts_with('#') {
            keys.push(Key { key: key.to_owned(), line });
        }
    }
    Ok(keys)
}

fn refused(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_line_numbers() {
        let list = "\u{feff}b.warc.gz\r\n\n  # a comment\n a b.warc.gz \nc.warc.gz";
        let keys = keys(list.as_bytes()).unwrap();
        let found: Vec<_> = keys.iter().map(|k| (k.key.as_str(), k.line)).collect();
        assert_eq!(found, [("b.warc.gz", 1), ("a b.warc.gz", 4), ("c.warc.gz", 5)]);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let error = keys(BufReader::new(io::repeat(b'x'))).unwrap_err();
        assert!(error.to_string().contains("line 1 is longer"), "{error}");
        let error = keys(&b"ok\n\xff\n"[..]).unwrap_err();
        assert!(error.to_string().contains("line 2 is not valid UTF-8"), "{error}");
    }
}
