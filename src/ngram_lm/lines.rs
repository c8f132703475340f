//! Lines of a file, plain or gzip, in bounded memory, with the digest of the file.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::error::LmError;
use crate::digest::hex;

/// Longest line; words of lines of models are a few bytes long.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// Bytes read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// The lines of a model file.
pub(super) struct Lines<R> {
    source: Inflated<R>,
    line: Vec<u8>,
    number: u64,
}

enum Inflated<R> {
    Plain(BufReader<Digesting<R>>),
    Gzip(Box<BufReader<MultiGzDecoder<BufReader<Digesting<R>>>>>),
}

/// Passes bytes on and through the digest.
struct Digesting<R> {
    inner: R,
    digest: Sha256,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest.update(&buffer[..count]);
        Ok(count)
    }
}

impl<R: Read> Lines<R> {
    /// The lines of a stream, which is inflated if it begins as gzip does.
    pub(super) fn new(inner: R) -> Result<Self, LmError> {
        let digesting = Digesting { inner, digest: Sha256::new() };
        let mut plain = BufReader::with_capacity(BUFFER_BYTES, digesting);
        let start = plain.fill_buf().map_err(|source| LmError::Read { line: 0, source })?;
        let source = if start.starts_with(&[0x1f, 0x8b]) {
            let inflated = MultiGzDecoder::new(plain);
            Inflated::Gzip(Box::new(BufReader::with_capacity(BUFFER_BYTES, inflated)))
        } else {
            Inflated::Plain(plain)
        };
        Ok(Self { source, line: Vec::new(), number: 0 })
    }

    /// The next line without its end, `\n` or `\r\n`; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, LmError> {
        self.line.clear();
        let limit = MAX_LINE_BYTES + 2;
        let line = &mut self.line;
        let read = match &mut self.source {
            Inflated::Plain(source) => source.take(limit).read_until(b'\n', line),
            Inflated::Gzip(source) => source.take(limit).read_until(b'\n', line),
        };
        let read = read.map_err(|source| LmError::Read { line: self.number, source })?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.line.ends_with(b"\n") {
            self.line.pop();
            if self.line.ends_with(b"\r") {
                self.line.pop();
            }
        }
        if self.line.len() as u64 > MAX_LINE_BYTES {
            return Err(self.fault("longer than 1 MiB"));
        }
        Ok(Some(&self.line))
    }

    /// The fault of the line read last.
    pub(super) fn fault(&self, what: impl Into<String>) -> LmError {
        LmError::Line { line: self.number, what: what.into() }
    }

    /// Reads what is left of the file and gives the SHA-256 of all its bytes.
    pub(super) fn finish(self) -> Result<String, LmError> {
        let number = self.number;
        let mut file = match self.source {
            Inflated::Plain(plain) => plain,
            Inflated::Gzip(inflated) => inflated.into_inner().into_inner(),
        };
        io::copy(&mut file, &mut io::sink())
            .map_err(|source| LmError::Read { line: number, source })?;
        Ok(hex(&file.into_inner().digest.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn lines(bytes: &[u8]) -> (Vec<String>, String) {
        let mut lines = Lines::new(bytes).unwrap();
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push(String::from_utf8_lossy(line).into_owned());
        }
        (found, lines.finish().unwrap())
    }

    #[test]
    fn lines_are_the_same_plain_and_in_gzip_members() {
        let text = b"a\r\nb\n\n c \nlast";
        let (plain, digest) = lines(text);
        assert_eq!(plain, ["a", "b", "", " c ", "last"]);
        assert_eq!(digest, crate::digest::sha256_hex(text));
        let mut packed = Vec::new();
        for part in text.chunks(4) {
            let mut member = flate2::write::GzEncoder::new(&mut packed, Default::default());
            member.write_all(part).unwrap();
            member.finish().unwrap();
        }
        assert_eq!(lines(&packed), (plain, crate::digest::sha256_hex(&packed)));
    }

    #[test]
    fn what_follows_the_lines_that_are_read_counts_for_the_digest() {
        let mut lines = Lines::new(&b"one\ntwo\n"[..]).unwrap();
        lines.next().unwrap();
        assert_eq!(lines.finish().unwrap(), crate::digest::sha256_hex(b"one\ntwo\n"));
    }

    #[test]
    fn a_line_without_end_is_a_fault_and_broken_gzip_too() {
        let long = vec![b'x'; 3 << 20];
        let error = Lines::new(&long[..]).unwrap().next().unwrap_err().to_string();
        assert_eq!(error, "line 1: longer than 1 MiB");
        let broken = Lines::new(&[0x1f, 0x8b, 9, 9, 9][..]).unwrap().next().unwrap_err();
        assert!(matches!(broken, LmError::Read { line: 0, .. }), "{broken}");
    }
}
