//! The bytes of records, inflated, from the first that is still of use to the last that was made.

/// Size at the start, in bytes.
const INITIAL_BYTES: usize = 256 << 10;
/// Above this size, in bytes, an empty window gives its memory back.
const KEEP_BYTES: usize = 8 << 20;

/// A buffer that is written at its end and consumed from its start.
#[derive(Debug)]
pub(crate) struct Window {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes consumed so far: the position of `data()[0]` among all inflated bytes.
    position: u64,
}

impl Window {
    pub(crate) fn new() -> Window {
        Window { buffer: vec![0; INITIAL_BYTES], start: 0, end: 0, position: 0 }
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Position of the first byte of [`Window::data`] among all bytes ever written.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Position of the next byte to be written.
    pub(crate) fn end_position(&self) -> u64 {
        self.position + (self.end - self.start) as u64
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        let bytes = bytes.min(self.end - self.start);
        self.start += bytes;
        self.position += bytes as u64;
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            if self.buffer.len() > KEEP_BYTES {
                self.buffer = vec![0; INITIAL_BYTES];
            }
        }
    }

    /// Room for at least `bytes` after the data; [`Window::written`] says how much of it was used.
    pub(crate) fn spare(&mut self, bytes: usize) -> &mut [u8] {
        if self.buffer.len() - self.end < bytes {
            let live = self.end - self.start;
            // What is moved is paid for by what was consumed or by growth, so that a byte is moved
            // a bounded number of times whatever the sizes of records.
            if self.start < live || self.buffer.len() - live < bytes {
                let size = (2 * live + bytes).max(self.buffer.len());
                self.buffer.resize(size, 0);
            }
            self.buffer.copy_within(self.start..self.end, 0);
            self.start = 0;
            self.end = live;
        }
        &mut self.buffer[self.end..]
    }

    pub(crate) fn written(&mut self, bytes: usize) {
        self.end += bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_as_they_went_in() {
        let mut window = Window::new();
        let (mut written, mut read) = (0_u64, 0_u64);
        for round in 0..2000_u64 {
            let length = (round * 7919 % 5000) as usize;
            let spare = window.spare(length);
            for byte in &mut spare[..length] {
                *byte = (written % 251) as u8;
                written += 1;
            }
            window.written(length);
            assert_eq!(window.end_position(), written);
            let take = (round * 104_729 % 5000) as usize;
            let take = take.min(window.data().len());
            for byte in &window.data()[..take] {
                assert_eq!(u64::from(*byte), read % 251);
                read += 1;
            }
            window.consume(take);
            assert_eq!(window.position(), read);
        }
    }

    #[test]
    fn small_steps_at_a_large_size_move_little() {
        let mut window = Window::new();
        window.spare(4 << 20);
        window.written(4 << 20);
        let mut moves = 0;
        for _ in 0..100_000 {
            window.consume(100);
            let before = window.start;
            window.spare(100);
            moves += usize::from(window.start < before);
            window.written(100);
        }
        assert!(moves <= 3, "{moves}");
    }

    #[test]
    fn memory_of_a_large_record_is_given_back() {
        let mut window = Window::new();
        window.spare(KEEP_BYTES * 2);
        window.written(KEEP_BYTES * 2);
        window.consume(usize::MAX);
        assert_eq!(window.buffer.len(), INITIAL_BYTES);
        assert_eq!(window.position(), (KEEP_BYTES * 2) as u64);
    }
}
