//! Sorting the rows of a partition.

use super::rows::{Shape, decode};

/// Rows of a bucket: few enough for a processor's nearest caches.
const BUCKET_ROWS: usize = 1 << 12;
/// Buckets at most, as bits: more would be written to in too many places at once.
const MOST_BUCKET_BITS: u32 = 11;
/// Marks for each row: one row in nine is kept although nothing shares its key.
const MARKS_PER_ROW: usize = 8;

/// Sorts rows; keeps its buffers.
#[derive(Debug)]
pub(super) struct Sort {
    shape: Shape,
    /// Where each bucket goes on.
    places: Vec<usize>,
    marks: Vec<u8>,
}

impl Sort {
    /// For rows of this shape.
    pub(super) fn new(shape: Shape) -> Self {
        Self { shape, places: Vec::new(), marks: Vec::new() }
    }

    /// Sorts any rows.
    pub(super) fn plain<const W: usize>(&mut self, raw: &[u8], rows: &mut Vec<u128>) {
        rows.clear();
        rows.extend(raw.chunks_exact(W).map(decode::<W>));
        rows.sort_unstable();
    }

    /// Sorts the rows of a whole partition, which are alike but for the bits `below`, and leaves out
    /// most of those whose key no other has.
    ///
    /// One pass brings rows into buckets by their next bits. In most bands of a crawl most keys stand
    /// once: a table of marks tells within a bucket which cannot be shared, and only the others are
    /// sorted.
    pub(super) fn whole<const W: usize>(&mut self, raw: &[u8], rows: &mut Vec<u128>, below: u32) {
        let count = raw.len() / W;
        let bucket_bits = (count / BUCKET_ROWS).max(1).ilog2().min(MOST_BUCKET_BITS).min(below);
        let shift = below - bucket_bits;
        let mask = (1_u128 << bucket_bits) - 1;
        let bucket = |row: u128| ((row >> shift) & mask) as usize;
        self.places.clear();
        self.places.resize((1 << bucket_bits) + 1, 0);
        for row in raw.chunks_exact(W) {
            self.places[bucket(decode::<W>(row)) + 1] += 1;
        }
        for at in 1..self.places.len() {
            self.places[at] += self.places[at - 1];
        }
        rows.resize(count, 0);
        for row in raw.chunks_exact(W) {
            let row = decode::<W>(row);
            let place = &mut self.places[bucket(row)];
            rows[*place] = row;
            *place += 1;
        }
        // Each place has moved on to the start of the next bucket.
        let (mut start, mut kept) = (0, 0);
        for at in 0..1 << bucket_bits {
            let end = self.places[at];
            let len = match self.shape.shared {
                Some(key) => self.keep_shared(&mut rows[start..end], shift, key),
                None => end - start,
            };
            rows.copy_within(start..start + len, kept);
            rows[kept..kept + len].sort_unstable();
            kept += len;
            start = end;
        }
        rows.truncate(kept);
    }

    /// Brings rows whose key may be shared to the front; how many they are.
    fn keep_shared(&mut self, rows: &mut [u128], below: u32, key: u32) -> usize {
        let bits = (rows.len() * MARKS_PER_ROW).next_power_of_two().ilog2().min(below - key);
        let (shift, mask) = (below - bits, (1_u128 << bits) - 1);
        self.marks.clear();
        self.marks.resize(1 << bits, 0);
        for row in &*rows {
            let mark = &mut self.marks[((row >> shift) & mask) as usize];
            *mark = (*mark << 1) | 1;
        }
        let mut kept = 0;
        for at in 0..rows.len() {
            let row = rows[at];
            rows[kept] = row;
            kept += usize::from(self.marks[((row >> shift) & mask) as usize] > 1);
        }
        kept
    }
}
