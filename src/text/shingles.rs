//! Shingles: the n-grams by which two texts are compared as sets.

use sha1::{Digest, Sha1};
use xxhash_rust::xxh64::xxh64;

use super::spacy;

/// The units of a text one after the other, and the hashes of their n-grams.
///
/// All units lie in one buffer, so that an n-gram is a slice of it and no string is made.
#[derive(Debug, Default)]
pub struct Shingles {
    bytes: Vec<u8>,
    /// Where each unit begins, and where the next would.
    starts: Vec<usize>,
    /// Bytes between units.
    gap: usize,
}

/// The hash of a shingle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShingleHash {
    /// xxHash, 64 bits, seed 0.
    Xxh64,
    /// The first 8 bytes of SHA-1, the least significant first.
    Sha1,
}

impl ShingleHash {
    fn of(self, bytes: &[u8]) -> u64 {
        match self {
            Self::Xxh64 => xxh64(bytes, 0),
            Self::Sha1 => {
                let digest: [u8; 20] = Sha1::digest(bytes).into();
                digest[..8].iter().rev().fold(0, |hash, &byte| hash << 8 | u64::from(byte))
            }
        }
    }
}

impl Shingles {
    /// Takes the words of a text, as spaCy cuts English; one space stands between those of an
    /// n-gram.
    pub fn words(&mut self, text: &str) {
        self.begin(1);
        spacy::words(text, |word| {
            self.starts.push(self.bytes.len());
            self.bytes.extend_from_slice(word.as_bytes());
            self.bytes.push(b' ');
        });
        self.starts.push(self.bytes.len());
    }

    /// Takes the characters of a text.
    pub fn characters(&mut self, text: &str) {
        self.begin(0);
        self.bytes.extend_from_slice(text.as_bytes());
        self.starts.extend(text.char_indices().map(|(at, _)| at));
        self.starts.push(text.len());
    }

    /// Takes tokens, of which each is 4 bytes in an n-gram, the least significant first.
    pub fn tokens(&mut self, tokens: &[u32]) {
        self.begin(0);
        self.bytes.extend(tokens.iter().flat_map(|token| token.to_le_bytes()));
        self.starts.extend((0..=tokens.len()).map(|at| 4 * at));
    }

    fn begin(&mut self, gap: usize) {
        self.bytes.clear();
        self.starts.clear();
        self.gap = gap;
    }

    /// Appends the hash of each n-gram, from the first to the last; none where there are fewer than
    /// n units.
    pub fn hash(&self, n: usize, hash: ShingleHash, hashes: &mut Vec<u64>) {
        let ends = self.starts.get(n..).unwrap_or_default();
        let ngrams = self.starts.iter().zip(ends).map(|(&start, &end)| start..end - self.gap);
        hashes.extend(ngrams.map(|ngram| hash.of(&self.bytes[ngram])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(shingles: &Shingles, n: usize, hash: ShingleHash) -> Vec<u64> {
        let mut hashes = vec![7];
        shingles.hash(n, hash, &mut hashes);
        assert_eq!(hashes.remove(0), 7, "hashes are appended");
        hashes
    }

    #[test]
    fn word_shingles_are_joined_by_one_space() {
        let mut shingles = Shingles::default();
        shingles.words("something before");
        shingles.words("the  mill\nturns");
        let of = |text: &str| xxh64(text.as_bytes(), 0);
        assert_eq!(hashes(&shingles, 2, ShingleHash::Xxh64), [of("the mill"), of("mill turns")]);
        assert_eq!(hashes(&shingles, 3, ShingleHash::Xxh64), [of("the mill turns")]);
        assert!(hashes(&shingles, 4, ShingleHash::Xxh64).is_empty());
        shingles.words("");
        assert!(hashes(&shingles, 1, ShingleHash::Xxh64).is_empty());
    }

    #[test]
    fn character_and_token_shingles_have_nothing_between() {
        let mut shingles = Shingles::default();
        shingles.characters("añ中b");
        let of = |bytes: &[u8]| xxh64(bytes, 0);
        let expected = ["añ中", "ñ中b"].map(|text| of(text.as_bytes()));
        assert_eq!(hashes(&shingles, 3, ShingleHash::Xxh64), expected);
        shingles.tokens(&[1, 0x0203, 7]);
        let expected = [of(&[1, 0, 0, 0, 3, 2, 0, 0]), of(&[3, 2, 0, 0, 7, 0, 0, 0])];
        assert_eq!(hashes(&shingles, 2, ShingleHash::Xxh64), expected);
    }

    #[test]
    fn sha1_hashes_are_those_of_datatrove() {
        // Python: struct.unpack("<Q", hashlib.sha1(b"the mill turns").digest()[:8])
        let mut shingles = Shingles::default();
        shingles.words("the mill turns");
        assert_eq!(hashes(&shingles, 3, ShingleHash::Sha1), [SHA1_OF_THE_MILL_TURNS]);
    }

    const SHA1_OF_THE_MILL_TURNS: u64 = 6_216_943_406_209_054_758;
}
