//! Remembers which rows the last words had.
//!
//! A few thousand words make up most of a text. In a pruned model few of a word's n-grams have a
//! row, so that word and rows together fit in one cache line, and finding it costs a fraction of
//! hashing and looking up all n-grams. What is remembered is rows, not their sum: sums keep the
//! order of the reference, and a prediction does not depend on what was judged before.

/// Number of slots; the table takes 256 KiB.
const SLOTS: usize = 4096;

/// Longer words and words of more rows are not remembered.
const MAX_WORD_BYTES: usize = 26;
const MAX_ROWS: usize = 8;

/// Words of one model with their rows: one slot per hash, where the newest word stays.
#[derive(Debug, Default)]
pub(super) struct WordCache {
    slots: Vec<Slot>,
    /// The digest of the model the rows belong to.
    model: String,
}

#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Slot {
    hash: u32,
    /// 0 in an unused slot: no word is empty.
    word_bytes: u8,
    row_count: u8,
    word: [u8; MAX_WORD_BYTES],
    rows: [u32; MAX_ROWS],
}

const UNUSED: Slot =
    Slot { hash: 0, word_bytes: 0, row_count: 0, word: [0; MAX_WORD_BYTES], rows: [0; MAX_ROWS] };

impl WordCache {
    /// Forgets everything, unless it belongs to the model of this digest.
    pub(super) fn set_model(&mut self, digest: &str) {
        if self.model != digest {
            self.slots.clear();
            self.slots.resize(SLOTS, UNUSED);
            digest.clone_into(&mut self.model);
        }
    }

    /// The rows of a word, if they are remembered.
    pub(super) fn rows(&self, word: &[u8], hash: u32) -> Option<&[u32]> {
        let slot = self.slots.get(place(hash))?;
        let is_it =
            slot.hash == hash && slot.word.get(..usize::from(slot.word_bytes)) == Some(word);
        is_it.then(|| slot.rows.get(..usize::from(slot.row_count))).flatten()
    }

    /// Whether a word is short enough to be remembered.
    pub(super) fn takes(word: &[u8]) -> bool {
        (1..=MAX_WORD_BYTES).contains(&word.len())
    }

    /// Remembers the rows of a word, if there is room for such a word.
    pub(super) fn remember(&mut self, word: &[u8], hash: u32, rows: &[u32]) {
        if !Self::takes(word) || rows.len() > MAX_ROWS {
            return;
        }
        if let Some(slot) = self.slots.get_mut(place(hash)) {
            slot.hash = hash;
            slot.word_bytes = word.len() as u8;
            slot.word[..word.len()].copy_from_slice(word);
            slot.row_count = rows.len() as u8;
            slot.rows[..rows.len()].copy_from_slice(rows);
        }
    }
}

fn place(hash: u32) -> usize {
    // The low bits of the hash alone would put many short words together.
    (hash ^ (hash >> 15)) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_one_cache_line() {
        assert_eq!(size_of::<Slot>(), 64);
    }

    #[test]
    fn words_are_told_apart_by_their_bytes_not_their_hash() {
        let mut cache = WordCache::default();
        cache.remember(b"one", 7, &[1]);
        assert_eq!(cache.rows(b"one", 7), None);
        cache.set_model("a");
        cache.remember(b"one", 7, &[1, 2]);
        assert_eq!(cache.rows(b"one", 7), Some(&[1, 2][..]));
        assert_eq!(cache.rows(b"two", 7), None);
        assert_eq!(cache.rows(b"", 7), None);
        cache.set_model("a");
        assert!(cache.rows(b"one", 7).is_some());
        cache.set_model("b");
        assert_eq!(cache.rows(b"one", 7), None);
    }

    #[test]
    fn what_does_not_fit_is_not_remembered() {
        let mut cache = WordCache::default();
        cache.set_model("a");
        cache.remember(&[b'x'; 26], 1, &[1; 8]);
        assert_eq!(cache.rows(&[b'x'; 26], 1), Some(&[1; 8][..]));
        cache.remember(&[b'x'; 27], 2, &[1]);
        assert_eq!(cache.rows(&[b'x'; 27], 2), None);
        cache.remember(b"word", 3, &[1; 9]);
        assert_eq!(cache.rows(b"word", 3), None);
    }
}
