//! Little-endian numbers from a stream, with its digest and a guard against lying sizes.

use std::fmt::Write as _;
use std::io::Read;

use sha2::{Digest, Sha256};

use super::error::ModelError;

const BUFFER_BYTES: usize = 64 * 1024;

/// A stream being read front to back; every byte passes through the digest.
pub(super) struct Source<R> {
    reader: R,
    digest: Sha256,
    buffer: Vec<u8>,
    /// The unread part of `buffer` is `start..end`.
    start: usize,
    end: usize,
    /// Position in the stream of `buffer[start]`.
    offset: u64,
    /// Length of the stream, where it is known.
    total_bytes: Option<u64>,
}

impl<R: Read> Source<R> {
    /// `total_bytes` is the length of the stream where it is known: a declared size beyond it is
    /// then refused before anything is allocated.
    pub(super) fn new(reader: R, total_bytes: Option<u64>) -> Self {
        Self {
            reader,
            digest: Sha256::new(),
            buffer: vec![0; BUFFER_BYTES],
            start: 0,
            end: 0,
            offset: 0,
            total_bytes,
        }
    }

    /// Replaces the spent buffer; false at the end of the stream.
    fn refill(&mut self) -> Result<bool, ModelError> {
        loop {
            match self.reader.read(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    let count = count.min(self.buffer.len());
                    self.digest.update(&self.buffer[..count]);
                    (self.start, self.end) = (0, count);
                    return Ok(true);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(source) => {
                    return Err(ModelError::Read { offset: self.offset, source });
                }
            }
        }
    }

    /// Appends exactly `count` bytes to `out`.
    ///
    /// `out` grows with what is really there, so that a size invented by the file cannot
    /// allocate more than about twice the file.
    pub(super) fn bytes(
        &mut self,
        what: &'static str,
        count: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), ModelError> {
        self.each_chunk(what, count, |chunk| out.extend_from_slice(chunk))
    }

    /// Appends exactly `count` little-endian f32 to `out`.
    pub(super) fn floats(
        &mut self,
        what: &'static str,
        count: u64,
        out: &mut Vec<f32>,
    ) -> Result<(), ModelError> {
        // A number may straddle two chunks.
        let mut partial = [0_u8; 4];
        let mut filled = 0;
        let needed_bytes = count.saturating_mul(4);
        self.reserve_floats(count, 0, out);
        self.each_chunk(what, needed_bytes, |mut chunk| {
            while filled > 0 && !chunk.is_empty() {
                partial[filled] = chunk[0];
                chunk = &chunk[1..];
                filled = (filled + 1) % 4;
                if filled == 0 {
                    out.push(f32::from_le_bytes(partial));
                }
            }
            let (whole, rest) = chunk.as_chunks::<4>();
            out.extend(whole.iter().map(|&bytes| f32::from_le_bytes(bytes)));
            if !rest.is_empty() {
                partial[..rest.len()].copy_from_slice(rest);
                filled = rest.len();
            }
        })
    }

    /// Makes room for `count` floats and `extra` more, if the stream is known to hold `count`.
    pub(super) fn reserve_floats(&self, count: u64, extra: usize, out: &mut Vec<f32>) {
        if let Ok(floats) = usize::try_from(count)
            && self.room_for(count.saturating_mul(4))
        {
            out.reserve_exact(floats + extra);
        }
    }

    /// Whether the stream is known to hold `count` more bytes.
    fn room_for(&self, count: u64) -> bool {
        self.total_bytes.is_some_and(|total| count <= total.saturating_sub(self.offset))
    }

    fn each_chunk(
        &mut self,
        what: &'static str,
        count: u64,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), ModelError> {
        let offset = self.offset;
        if let Some(total) = self.total_bytes
            && !self.room_for(count)
        {
            let found_bytes = total.saturating_sub(offset);
            return Err(ModelError::Truncated { what, offset, needed_bytes: count, found_bytes });
        }
        let mut missing = count;
        while missing > 0 {
            if self.start == self.end && !self.refill()? {
                let found_bytes = count - missing;
                let needed_bytes = count;
                return Err(ModelError::Truncated { what, offset, needed_bytes, found_bytes });
            }
            let available = self.end - self.start;
            let length = usize::try_from(missing).map_or(available, |m| m.min(available));
            take(&self.buffer[self.start..self.start + length]);
            self.start += length;
            self.offset += length as u64;
            missing -= length as u64;
        }
        Ok(())
    }

    /// Appends bytes up to the next NUL, which is read and left out.
    pub(super) fn c_string(
        &mut self,
        what: &'static str,
        out: &mut Vec<u8>,
    ) -> Result<(), ModelError> {
        let offset = self.offset;
        loop {
            if self.start == self.end && !self.refill()? {
                let found_bytes = self.offset - offset;
                let needed_bytes = found_bytes + 1;
                return Err(ModelError::Truncated { what, offset, needed_bytes, found_bytes });
            }
            let unread = &self.buffer[self.start..self.end];
            let nul = memchr::memchr(0, unread);
            let length = nul.unwrap_or(unread.len());
            out.extend_from_slice(&unread[..length]);
            let used = length + usize::from(nul.is_some());
            self.start += used;
            self.offset += used as u64;
            if nul.is_some() {
                return Ok(());
            }
        }
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], ModelError> {
        let mut array = [0; N];
        let mut filled = 0;
        self.each_chunk(what, N as u64, |chunk| {
            array[filled..filled + chunk.len()].copy_from_slice(chunk);
            filled += chunk.len();
        })?;
        Ok(array)
    }

    /// One byte.
    pub(super) fn byte(&mut self, what: &'static str) -> Result<u8, ModelError> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    /// A C++ `bool`: 0 or 1.
    pub(super) fn flag(&mut self, what: &'static str) -> Result<bool, ModelError> {
        match self.byte(what)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(ModelError::Damaged(format!("{what} is {other}, neither 0 nor 1"))),
        }
    }

    /// A little-endian i32.
    pub(super) fn int(&mut self, what: &'static str) -> Result<i32, ModelError> {
        self.array(what).map(i32::from_le_bytes)
    }

    /// A little-endian i64.
    pub(super) fn long(&mut self, what: &'static str) -> Result<i64, ModelError> {
        self.array(what).map(i64::from_le_bytes)
    }

    /// A count or size: an i32 that is not negative.
    pub(super) fn count(&mut self, what: &'static str) -> Result<u32, ModelError> {
        let value = self.int(what)?;
        u32::try_from(value).map_err(|_| ModelError::Damaged(format!("{what} is {value}")))
    }

    /// A count or size: an i64 that is not negative.
    pub(super) fn long_count(&mut self, what: &'static str) -> Result<u64, ModelError> {
        let value = self.long(what)?;
        u64::try_from(value).map_err(|_| ModelError::Damaged(format!("{what} is {value}")))
    }

    /// The SHA-256 of the whole stream in lower-case hexadecimal; reads what is left of it.
    pub(super) fn finish(mut self) -> Result<String, ModelError> {
        while self.refill()? {}
        let mut hex = String::with_capacity(64);
        for byte in self.digest.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Ok(hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte at a time, so that every number straddles two reads.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn sample() -> Vec<u8> {
        let mut bytes = 7_i32.to_le_bytes().to_vec();
        bytes.extend(1.5_f32.to_le_bytes());
        bytes.extend((-2.0_f32).to_le_bytes());
        bytes.extend(b"word\0");
        bytes
    }

    #[test]
    fn numbers_and_words_are_read_across_chunk_borders() {
        let bytes = sample();
        let mut source = Source::new(Drip(&bytes), None);
        assert_eq!(source.int("a").unwrap(), 7);
        let mut floats = Vec::new();
        source.floats("b", 2, &mut floats).unwrap();
        assert_eq!(floats, [1.5, -2.0]);
        let mut word = Vec::new();
        source.c_string("c", &mut word).unwrap();
        assert_eq!(word, b"word");
        assert!(matches!(source.byte("d"), Err(ModelError::Truncated { offset: 17, .. })));
    }

    #[test]
    fn the_digest_covers_all_bytes_read_or_not() {
        let source = Source::new(&b"abc"[..], None);
        assert_eq!(
            source.finish().unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn an_invented_size_allocates_nothing() {
        for total_bytes in [None, Some(17)] {
            let bytes = sample();
            let mut source = Source::new(&bytes[..], total_bytes);
            let mut floats = Vec::new();
            let error = source.floats("matrix", u64::MAX / 8, &mut floats).unwrap_err();
            assert!(matches!(error, ModelError::Truncated { what: "matrix", .. }), "{error}");
            assert!(floats.capacity() < 64);
        }
    }
}
