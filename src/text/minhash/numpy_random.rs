//! The draws of numpy's `RandomState`, from which peers make their hash functions.

/// numpy's legacy generator, MT19937 seeded with one number.
///
/// Source: Matsumoto and Nishimura 1998 (`init_genrand`, `genrand_int32`); numpy's
/// `RandomState.randint` with `dtype=uint64`, whose stream numpy promises never to change.
pub(super) struct RandomState {
    words: [u32; LENGTH],
    /// The next word; `LENGTH` when all are used up.
    at: usize,
}

const LENGTH: usize = 624;
const MIDDLE: usize = 397;

impl RandomState {
    /// `RandomState(seed)`.
    pub(super) fn new(seed: u32) -> Self {
        let mut words = [seed; LENGTH];
        for at in 1..LENGTH {
            let before = words[at - 1];
            let mixed = 1_812_433_253u32.wrapping_mul(before ^ (before >> 30));
            words[at] = mixed.wrapping_add(at as u32);
        }
        Self { words, at: LENGTH }
    }

    /// `randint(low, high, dtype=uint64)`, for a span of more than 32 bits.
    ///
    /// Masked rejection, as numpy does it for the sake of old streams: draws of as many bits as
    /// the span has, until one lies within.
    pub(super) fn randint(&mut self, low: u64, high: u64) -> u64 {
        let widest = high - low - 1;
        debug_assert!(widest > u64::from(u32::MAX), "numpy draws 32 bits for less");
        let mask = u64::MAX >> widest.leading_zeros();
        loop {
            let draw = (u64::from(self.next()) << 32 | u64::from(self.next())) & mask;
            if draw <= widest {
                return low + draw;
            }
        }
    }

    fn next(&mut self) -> u32 {
        if self.at == LENGTH {
            self.twist();
        }
        let mut word = self.words[self.at];
        self.at += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn twist(&mut self) {
        for at in 0..LENGTH {
            let upper = self.words[at] & 0x8000_0000;
            let joined = upper | (self.words[(at + 1) % LENGTH] & 0x7fff_ffff);
            let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[at] = self.words[(at + MIDDLE) % LENGTH] ^ (joined >> 1) ^ odd;
        }
        self.at = 0;
    }
}
