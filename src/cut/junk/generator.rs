//! The generator of random numbers, written out so that no dependency can change what it gives.

/// SplitMix64: 64-bit numbers of period 2^64 from any seed.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014;
/// the constants are those of Vigna's <https://prng.di.unimi.it/splitmix64.c>.
#[derive(Debug, Clone)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// A generator that depends on the seed alone.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number; all 2^64 are equally likely.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = self.state;
        let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `end`, all of them equally likely; 0 if `end` is 0.
    ///
    /// The upper half of a 128-bit product, drawn again where the lower half falls into the rest
    /// that would make some numbers likelier. Source: Lemire, "Fast random integer generation in an
    /// interval", 2019 (arXiv 1805.10941).
    pub fn below(&mut self, end: u64) -> u64 {
        // 2^64 modulo `end`.
        let rest = end.wrapping_neg().checked_rem(end).unwrap_or(0);
        loop {
            let product = u128::from(self.number()) * u128::from(end);
            if product as u64 >= rest {
                return (product >> 64) as u64;
            }
        }
    }

    /// Puts items into a random order, all orders equally likely.
    ///
    /// Source: Fisher–Yates as in Knuth, volume 2, algorithm 3.4.2 P.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let drawn = self.below(last as u64 + 1) as usize;
            items.swap(last, drawn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_reference() {
        // Published with the seed 1234567, for instance at rosettacode.org, "Pseudo-random
        // numbers/Splitmix64".
        let mut generator = SplitMix64::new(1_234_567);
        let numbers: Vec<u64> = (0..5).map(|_| generator.number()).collect();
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn numbers_in_a_range_are_uniform() {
        for (end, seed) in [(2, 1), (6, 2), (26, 3), (10_000, 4)] {
            let mut generator = SplitMix64::new(seed);
            let draws = end * 100;
            let mut counts = vec![0_u32; end as usize];
            (0..draws).for_each(|_| counts[generator.below(end) as usize] += 1);
            let chi: f64 = counts.iter().map(|&n| (f64::from(n) - 100.0).powi(2) / 100.0).sum();
            let freedom = (end - 1) as f64;
            // Four standard deviations of chi-square.
            assert!((chi - freedom).abs() < 4.0 * (2.0 * freedom).sqrt(), "{chi} below {end}");
        }
    }

    #[test]
    fn a_range_that_does_not_divide_the_numbers_is_uniform_too() {
        // Without drawing again, the first of three parts of 2^64 in 3 · 2^62 would come up half
        // the time and the others a quarter each.
        let mut generator = SplitMix64::new(5);
        let mut counts = [0_u32; 3];
        (0..30_000).for_each(|_| counts[(generator.below(3 << 62) >> 62) as usize] += 1);
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
    }

    #[test]
    fn empty_ranges_end() {
        let mut generator = SplitMix64::new(1);
        assert_eq!((generator.below(0), generator.below(1)), (0, 0));
        generator.shuffle::<u8>(&mut []);
    }

    #[test]
    fn all_orders_are_equally_likely() {
        let mut generator = SplitMix64::new(6);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            let mut items = [0, 1, 2, 3];
            generator.shuffle(&mut items);
            *counts.entry(items).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        let chi: f64 = counts.values().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
        // 23 degrees of freedom: 23 ± 6.8.
        assert!(chi < 50.0, "{chi}");
    }
}
