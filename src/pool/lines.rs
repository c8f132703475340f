//! A stream of bytes as lines of bounded length.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr;

use super::Fault;
use super::inflate::{Inflate, Step};
use crate::shards::Compression;

/// Bytes decompressed at once.
const CHUNK_BYTES: usize = 1 << 17;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Lines of a stream. Memory is bounded by the cap on a line, plus one chunk.
pub(super) struct Lines<R> {
    input: Inflate<R>,
    max_bytes: usize,
    buffer: Vec<u8>,
    /// What of the buffer is filled and not yet handed out.
    held: Range<usize>,
    /// Offset of the first held byte in the decompressed stream.
    offset: u64,
    done: bool,
    /// Damage that stands behind a line handed out first.
    broken: Option<Fault>,
}

/// A line without its end (`\n` or `\r\n`); offset and length are in decompressed bytes.
#[derive(Debug, PartialEq)]
pub(super) enum Line<'a> {
    Whole {
        offset: u64,
        bytes: &'a [u8],
    },
    TooLong {
        offset: u64,
        length: u64,
    },
    /// The rest of the stream, with the part of a line before the damage; nothing follows.
    Broken {
        offset: u64,
        length: u64,
        fault: Fault,
    },
}

impl<R: Read> Lines<R> {
    /// # Errors
    /// Only where no decompressor could be set up.
    pub(super) fn new(input: R, compression: Compression, max_bytes: usize) -> io::Result<Self> {
        Ok(Self {
            input: Inflate::new(input, compression)?,
            max_bytes,
            buffer: Vec::new(),
            held: 0..0,
            offset: 0,
            done: false,
            broken: None,
        })
    }

    /// The next line, blank ones included.
    ///
    /// # Errors
    /// Those of the underlying reader.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        if let Some(fault) = self.broken.take() {
            return Ok(Some(Line::Broken { offset: self.offset, length: 0, fault }));
        }
        let mut searched = 0;
        while !self.done {
            let held = &self.buffer[self.held.clone()];
            if let Some(at) = memchr(b'\n', &held[searched..]) {
                return Ok(Some(self.hand_out(searched + at, 1)));
            }
            searched = held.len();
            // One byte more than the cap, for the `\r` of a line that just fits.
            if searched > self.max_bytes + 1 {
                return self.skip_line().map(Some);
            }
            match self.fill()? {
                Step::Bytes(_) => {}
                Step::End => {
                    self.done = true;
                    if !self.held.is_empty() {
                        return Ok(Some(self.hand_out(self.held.len(), 0)));
                    }
                }
                Step::Broken(fault) => {
                    self.done = true;
                    let (offset, length) = (self.offset, self.held.len() as u64);
                    self.held = 0..0;
                    self.offset += length;
                    return Ok(Some(Line::Broken { offset, length, fault }));
                }
            }
        }
        Ok(None)
    }

    /// Takes a line of `length` bytes and the `end` bytes after it from the front.
    fn hand_out(&mut self, length: usize, end: usize) -> Line<'_> {
        let (at, mut offset) = (self.held.start, self.offset);
        self.held.start += length + end;
        self.offset += (length + end) as u64;
        let mut bytes = &self.buffer[at..at + length];
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if offset == 0
            && let Some(rest) = bytes.strip_prefix(BOM)
        {
            (bytes, offset) = (rest, BOM.len() as u64);
        }
        if bytes.len() > self.max_bytes {
            return Line::TooLong { offset, length: bytes.len() as u64 };
        }
        Line::Whole { offset, bytes }
    }

    /// Passes over the rest of a line that is over the cap.
    fn skip_line(&mut self) -> io::Result<Line<'_>> {
        let offset = self.offset;
        let mut length = 0;
        loop {
            let held = &self.buffer[self.held.clone()];
            if let Some(at) = memchr(b'\n', held) {
                length += at as u64;
                self.held.start += at + 1;
                self.offset = offset + length + 1;
                break;
            }
            length += held.len() as u64;
            self.held = 0..0;
            self.offset = offset + length;
            match self.fill()? {
                Step::Bytes(_) => continue,
                Step::End => {}
                Step::Broken(fault) => self.broken = Some(fault),
            }
            self.done = true;
            break;
        }
        Ok(Line::TooLong { offset, length })
    }

    /// Reads more behind the held bytes, after moving them to the front.
    fn fill(&mut self) -> io::Result<Step> {
        if self.held.start > 0 {
            self.buffer.copy_within(self.held.clone(), 0);
            self.held = 0..self.held.len();
        }
        if self.buffer.len() < self.held.end + CHUNK_BYTES {
            // Doubling, so that a long line is not moved once a chunk, but never past the cap.
            let most = self.max_bytes.saturating_add(2 * CHUNK_BYTES);
            let length = (self.buffer.len() * 2).clamp(2 * CHUNK_BYTES, most);
            self.buffer.reserve_exact(length.saturating_sub(self.buffer.len()));
            self.buffer.resize(length.max(self.held.end + 1), 0);
        }
        let step = self.input.read(&mut self.buffer[self.held.end..])?;
        if let Step::Bytes(bytes) = step {
            self.held.end += bytes;
        }
        Ok(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Hands out one byte a call, so that every boundary is met.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let bytes = self.0.len().min(out.len()).min(1);
            out[..bytes].copy_from_slice(&self.0[..bytes]);
            self.0 = &self.0[bytes..];
            Ok(bytes)
        }
    }

    fn lines(input: impl Read, max_bytes: usize) -> Vec<(u64, Result<Vec<u8>, u64>)> {
        let mut lines = Lines::new(input, Compression::None, max_bytes).unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(match line {
                Line::Whole { offset, bytes } => (offset, Ok(bytes.to_vec())),
                Line::TooLong { offset, length } => (offset, Err(length)),
                Line::Broken { fault, .. } => panic!("{fault:?}"),
            });
        }
        all
    }

    #[test]
    fn ends_are_taken_off_and_offsets_point_at_the_line() {
        let whole = |offset, bytes: &str| (offset, Ok(bytes.as_bytes().to_vec()));
        let input = "\u{feff}a\r\n\nb\u{feff}\nlast";
        let expected = vec![whole(3, "a"), whole(6, ""), whole(7, "b\u{feff}"), whole(12, "last")];
        assert_eq!(lines(input.as_bytes(), 10), expected);
        assert_eq!(lines(Trickle(input.as_bytes()), 10), expected);
        assert_eq!(lines(&b""[..], 10), []);
    }

    #[test]
    fn the_cap_is_inclusive_and_reading_goes_on_behind_a_longer_line() {
        let input = b"1234\r\n12345\n1234\n";
        let expected = vec![(0, Ok(b"1234".to_vec())), (6, Err(5)), (12, Ok(b"1234".to_vec()))];
        assert_eq!(lines(&input[..], 4), expected);
        assert_eq!(lines(Trickle(input), 4), expected);
        let long = [vec![b'x'; 3_000_000], b"\nok".to_vec()].concat();
        assert_eq!(lines(&long[..], 4), [(0, Err(3_000_000)), (3_000_001, Ok(b"ok".to_vec()))]);
    }

    #[test]
    fn memory_is_bounded_by_the_cap() {
        let endless = io::repeat(b'x').take(50_000_000);
        let mut lines = Lines::new(endless, Compression::None, 1000).unwrap();
        while lines.next().unwrap().is_some() {}
        assert!(lines.buffer.capacity() <= 1000 + 2 * CHUNK_BYTES, "{}", lines.buffer.capacity());
    }

    proptest! {
        #[test]
        fn lines_are_what_splitting_gives(input in "[a\r\n]{0,40}", max_bytes in 0_usize..6) {
            let bytes = input.as_bytes();
            let mut expected = Vec::new();
            let mut offset = 0;
            for piece in bytes.split_inclusive(|&b| b == b'\n') {
                let line = piece.strip_suffix(b"\n").unwrap_or(piece);
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                let long = line.len() > max_bytes;
                expected.push((offset, if long { Err(()) } else { Ok(line.to_vec()) }));
                offset += piece.len() as u64;
            }
            let found = |all: Vec<(u64, Result<Vec<u8>, u64>)>| -> Vec<_> {
                all.into_iter().map(|(offset, line)| (offset, line.map_err(|_| ()))).collect()
            };
            prop_assert_eq!(found(lines(bytes, max_bytes)), expected.clone());
            prop_assert_eq!(found(lines(Trickle(bytes), max_bytes)), expected);
        }
    }
}
