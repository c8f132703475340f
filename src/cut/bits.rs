//! A set of documents: a bit for each of a pool.

/// A set of documents by ordinal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: u32,
}

impl Bits {
    /// All documents below `len`, or none of them.
    pub(crate) fn new(len: u32, all: bool) -> Self {
        let mut words = vec![if all { u64::MAX } else { 0 }; (len as usize).div_ceil(64)];
        if all && let Some(last) = words.last_mut() {
            *last >>= words_left(len);
        }
        Self { words, len }
    }

    /// Whether a document is in the set.
    pub(crate) fn has(&self, ordinal: u32) -> bool {
        self.words[ordinal as usize / 64] >> (ordinal % 64) & 1 == 1
    }

    /// Puts a document in.
    pub(crate) fn insert(&mut self, ordinal: u32) {
        self.words[ordinal as usize / 64] |= 1 << (ordinal % 64);
    }

    /// Takes a document out.
    pub(crate) fn remove(&mut self, ordinal: u32) {
        self.words[ordinal as usize / 64] &= !(1 << (ordinal % 64));
    }

    /// How many documents are in the set.
    pub(crate) fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether any of the documents `first..first + rows` is in the set.
    pub(crate) fn any(&self, first: u32, rows: u32) -> bool {
        (first..first + rows).any(|ordinal| self.has(ordinal))
    }

    /// How many documents there could be.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }
}

/// Unused bits of the last word.
fn words_left(len: u32) -> u32 {
    (64 - len % 64) % 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_not_taken_out() {
        for len in [0, 1, 63, 64, 65, 130] {
            assert_eq!(Bits::new(len, true).count(), u64::from(len));
            let mut bits = Bits::new(len, false);
            for ordinal in (0..len).step_by(3) {
                bits.insert(ordinal);
            }
            (0..len).step_by(6).for_each(|ordinal| bits.remove(ordinal));
            let expected: Vec<bool> = (0..len).map(|i| i % 3 == 0 && i % 6 != 0).collect();
            assert_eq!((0..len).map(|i| bits.has(i)).collect::<Vec<_>>(), expected);
            assert_eq!(bits.count(), expected.iter().filter(|is| **is).count() as u64);
            assert_eq!(bits.any(0, len), expected.contains(&true));
        }
    }
}
