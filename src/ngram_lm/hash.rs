//! KenLM's hashes of words and n-grams, on which its binary files and therefore these tables rest.

/// The number of a word: its place in the list of one-word n-grams.
pub(super) type Word = u32;

/// The number of `<unk>`, which stands for every word that a model does not know.
pub(super) const UNKNOWN: Word = 0;

const MULTIPLIER: u64 = 0xc6a4_a793_5bd1_e995;
const SHIFT: u32 = 47;

/// The hash of a word: MurmurHash64A with seed 0.
pub(super) fn word_hash(word: &[u8]) -> u64 {
    let mut hash = (word.len() as u64).wrapping_mul(MULTIPLIER);
    let (blocks, rest) = word.as_chunks::<8>();
    for &block in blocks {
        let mut mixed = u64::from_le_bytes(block).wrapping_mul(MULTIPLIER);
        mixed ^= mixed >> SHIFT;
        hash ^= mixed.wrapping_mul(MULTIPLIER);
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    if !rest.is_empty() {
        let mut block = [0; 8];
        block[..rest.len()].copy_from_slice(rest);
        hash ^= u64::from_le_bytes(block);
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> SHIFT;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^ (hash >> SHIFT)
}

/// The key of an n-gram that has one more word on its left; the key of a single word is its number.
pub(super) fn extend_left(key: u64, word: Word) -> u64 {
    let word = (1 + u64::from(word)).wrapping_mul(17_894_857_484_156_487_943);
    key.wrapping_mul(8_978_948_897_894_561_157) ^ word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_the_published_hashes() {
        // From the reference implementation of MurmurHash64A.
        assert_eq!(word_hash(b""), 0);
        assert_eq!(word_hash(b"<unk>"), 0xea91_e756_1f5b_392b);
        assert_eq!(word_hash(b"the"), 0xa43b_27ac_1ae5_a22b);
        assert_eq!(word_hash(b"internationalisation"), 0x99ea_9f42_4e78_a7f8);
    }
}
