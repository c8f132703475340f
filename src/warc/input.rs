//! Stored bytes with their offsets, and a stretch behind the reading position that can be read
//! again.

use std::io::{self, ErrorKind, Read};

/// Bytes kept behind the reading position.
///
/// Damaged deflate data can run past its member's end before the inflater notices, but not far:
/// random bits are an error within a few symbols of almost any block.
pub(crate) const LOOK_BACK_BYTES: usize = 256 << 10;

/// Bytes of the buffer, look-back included.
const BUFFER_BYTES: usize = 1 << 20;
/// Room for at least this many bytes before the reader is asked.
const MIN_READ_BYTES: usize = 64 << 10;

/// Bytes that may be read again for every byte of the file, so that hostile files cost linear time.
const REREAD_RATIO: u64 = 4;
/// Bytes that may be read again in any file.
const REREAD_BYTES: u64 = 8 << 20;
/// Going back this far costs nothing that counts.
const FREE_REREAD_BYTES: usize = 64 << 10;

/// A reader's bytes.
#[derive(Debug)]
pub(crate) struct Input<R> {
    reader: R,
    buffer: Vec<u8>,
    /// The next byte to read is `buffer[position]`; valid bytes end at `end`.
    position: usize,
    end: usize,
    /// File offset of `buffer[0]`.
    base: u64,
    at_end: bool,
    reread_budget_bytes: u64,
}

impl<R: Read> Input<R> {
    pub(crate) fn new(reader: R) -> Input<R> {
        Input {
            reader,
            buffer: vec![0; BUFFER_BYTES],
            position: 0,
            end: 0,
            base: 0,
            at_end: false,
            reread_budget_bytes: REREAD_BYTES,
        }
    }

    /// The bytes at hand.
    pub(crate) fn available(&self) -> &[u8] {
        &self.buffer[self.position..self.end]
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        self.position = (self.position + bytes).min(self.end);
    }

    /// File offset of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.position as u64
    }

    /// Reads once more; false at the end of the file.
    pub(crate) fn fill(&mut self) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        if self.buffer.len() - self.end < MIN_READ_BYTES {
            let keep = self.position.saturating_sub(LOOK_BACK_BYTES);
            if keep == 0 {
                // Only after a large `unread`: everything here is still to be read.
                self.buffer.resize(self.end + LOOK_BACK_BYTES, 0);
            } else {
                self.buffer.copy_within(keep..self.end, 0);
                self.base += keep as u64;
                self.position -= keep;
                self.end -= keep;
            }
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.at_end = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.end += read;
                    let earned = REREAD_RATIO * read as u64;
                    self.reread_budget_bytes = self.reread_budget_bytes.saturating_add(earned);
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Has at least `bytes` at hand, or all that is left.
    pub(crate) fn ensure(&mut self, bytes: usize) -> io::Result<()> {
        while self.available().len() < bytes && self.fill()? {}
        Ok(())
    }

    /// Goes back to a file offset, or as near to it as the look-back and the budget allow.
    pub(crate) fn rewind(&mut self, offset: u64) {
        let wanted = self.offset().saturating_sub(offset);
        let most = (self.position as u64).min(self.reread_budget_bytes);
        let bytes = wanted.min(most);
        self.reread_budget_bytes -= bytes;
        self.position -= bytes as usize;
    }

    /// Takes back the bytes just consumed; false where the budget forbids it.
    pub(crate) fn unread(&mut self, bytes: &[u8]) -> bool {
        let cost = bytes.len().saturating_sub(FREE_REREAD_BYTES) as u64;
        let Some(left) = self.reread_budget_bytes.checked_sub(cost) else {
            return false;
        };
        self.reread_budget_bytes = left;
        if let Some(position) = self.position.checked_sub(bytes.len()) {
            self.position = position;
            return true;
        }
        let rest = self.available();
        let mut buffer = Vec::with_capacity(BUFFER_BYTES.max(bytes.len() + rest.len()));
        buffer.extend_from_slice(bytes);
        buffer.extend_from_slice(rest);
        self.base = self.offset() - bytes.len() as u64;
        self.position = 0;
        self.end = buffer.len();
        buffer.resize(buffer.capacity(), 0);
        self.buffer = buffer;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|i| (i % 251) as u8).collect()
    }

    #[test]
    fn offsets_survive_refills() {
        let data = pattern(3 << 20);
        let mut input = Input::new(&data[..]);
        let mut seen = 0;
        loop {
            input.ensure(1000).unwrap();
            let length = input.available().len().min(997);
            if length == 0 {
                break;
            }
            assert_eq!(input.available()[..length], data[seen..seen + length]);
            assert_eq!(input.offset(), seen as u64);
            input.consume(length);
            seen += length;
        }
        assert_eq!(seen, data.len());
    }

    #[test]
    fn rewinding_goes_as_far_as_the_look_back() {
        let data = pattern(3 << 20);
        let mut input = Input::new(&data[..]);
        while input.offset() < 2 << 20 {
            input.ensure(1).unwrap();
            input.consume(1 << 16);
        }
        let here = input.offset();
        input.rewind(here - 1000);
        assert_eq!(input.offset(), here - 1000);
        let at = input.offset() as usize;
        assert_eq!(input.available()[..10], data[at..at + 10]);
        input.rewind(0);
        assert!(here - input.offset() >= LOOK_BACK_BYTES as u64);
        assert!(input.offset() > 0);
    }

    #[test]
    fn what_was_read_can_be_taken_back() {
        let data = pattern(3 << 20);
        let mut input = Input::new(&data[..]);
        for _ in 0..300 {
            input.ensure(8192).unwrap();
            input.consume(8192);
        }
        let here = 300 * 8192;
        let start = here - (2 << 20);
        assert!(input.unread(&data[start..here]));
        assert_eq!(input.offset(), start as u64);
        let mut rest = Vec::new();
        while !input.available().is_empty() || input.fill().unwrap() {
            rest.extend_from_slice(input.available());
            input.consume(usize::MAX >> 1);
        }
        assert_eq!(rest, data[start..]);
    }

    #[test]
    fn reading_again_has_a_budget() {
        let data = pattern(1 << 20);
        let mut input = Input::new(&data[..]);
        let mut back = 0;
        for _ in 0..1000 {
            while input.fill().unwrap() {}
            input.consume(1 << 20);
            let end = input.offset();
            input.rewind(end - 200_000);
            back += end - input.offset();
        }
        assert!(back <= REREAD_BYTES + REREAD_RATIO * (1 << 20));
    }
}
