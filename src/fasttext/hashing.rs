//! The hash of words and n-grams, and the modulus that sends it to a bucket.

const SEED: u32 = 2_166_136_261;
const PRIME: u32 = 16_777_619;

/// 32-bit FNV-1a, except that bytes from 128 on are sign-extended before they are mixed in.
///
/// The reference hashes C++ `char`s, which are signed on x86; every published model depends
/// on that.
pub(super) fn fnv(bytes: &[u8]) -> u32 {
    bytes.iter().fold(SEED, |hash, &byte| fnv_step(hash, byte))
}

/// The hash of no bytes.
pub(super) const fn fnv_start() -> u32 {
    SEED
}

/// The hash of one byte more.
pub(super) fn fnv_step(hash: u32, byte: u8) -> u32 {
    (hash ^ i32::from(byte.cast_signed()).cast_unsigned()).wrapping_mul(PRIME)
}

/// Mixes the hash of the next word into that of a word n-gram.
///
/// Hashes of words count as signed numbers here.
pub(super) fn mix_word(ngram: u64, word: u32) -> u64 {
    ngram.wrapping_mul(116_049_371).wrapping_add(widen(word))
}

/// A word's hash as the start of a word n-gram's.
pub(super) fn widen(word: u32) -> u64 {
    i64::from(word.cast_signed()).cast_unsigned()
}

/// Remainders by a fixed divisor, by two multiplications instead of a division.
///
/// Method: D. Lemire, O. Kaser, N. Kurz, "Faster remainder by direct computation", 2019; exact
/// for all 32-bit numbers and divisors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Modulus {
    divisor: u32,
    reciprocal: u64,
}

impl Modulus {
    /// A divisor of 0 counts as 1.
    pub(super) fn new(divisor: u32) -> Self {
        let divisor = divisor.max(1);
        Self { divisor, reciprocal: (u64::MAX / u64::from(divisor)).wrapping_add(1) }
    }

    pub(super) fn of(self, value: u32) -> u32 {
        let fraction = self.reciprocal.wrapping_mul(u64::from(value));
        ((u128::from(fraction) * u128::from(self.divisor)) >> 64) as u32
    }

    pub(super) fn of_wide(self, value: u64) -> u32 {
        (value % u64::from(self.divisor)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ascii_hashes_are_plain_fnv_1a() {
        // Published test vectors of 32-bit FNV-1a.
        assert_eq!(fnv(b""), 0x811c_9dc5);
        assert_eq!(fnv(b"a"), 0xe40c_292c);
        assert_eq!(fnv(b"foobar"), 0xbf9c_f968);
    }

    #[test]
    fn high_bytes_are_sign_extended() {
        // Plain FNV-1a of 0xc3 would mix in 0x0000_00c3.
        assert_eq!(fnv(&[0xc3]), (SEED ^ 0xffff_ffc3).wrapping_mul(PRIME));
    }

    #[test]
    fn word_hashes_are_sign_extended_in_ngrams() {
        assert_eq!(widen(0xffff_ffff), u64::MAX);
        assert_eq!(mix_word(1, 0xffff_ffff), 116_049_370);
    }

    proptest! {
        #[test]
        fn remainders_are_exact(value: u32, divisor in 1_u32..) {
            prop_assert_eq!(Modulus::new(divisor).of(value), value % divisor);
        }
    }

    #[test]
    fn remainders_are_exact_at_the_borders() {
        for divisor in [1, 2, 3, 2_000_000, i32::MAX as u32, u32::MAX] {
            for value in [0, 1, divisor - 1, divisor, divisor.wrapping_add(1), u32::MAX] {
                assert_eq!(Modulus::new(divisor).of(value), value % divisor);
            }
        }
    }
}
