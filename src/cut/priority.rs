//! Priorities: the order in which documents are drawn, the same in every arm that has them.
//!
//! A priority is a 64-bit hash of a document's id under a key, and the key is a hash of the purpose
//! under the seed: `xxh3_64(id, seed = xxh3_64("gristmill/<purpose>", seed = <seed>))`, which any
//! binding of xxHash reproduces. Lowest first; documents of equal priority follow by the bytes of
//! their ids, then by their ordinals, since ids may repeat.
//!
//! The purposes have keys of their own, so the documents that a sample takes say nothing about
//! those that a random control drops. These values never change: a corpus drawn today can be drawn
//! again.
//!
//! Source: XXH3, <https://github.com/Cyan4973/xxHash>, stable since its version 0.8.0.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// What documents are drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Samples within a budget, and the shuffle: a sample is the beginning of the shuffled arm.
    Sample,
    /// Random controls: the documents that one drops.
    RandomControl,
    /// Hold-out sets.
    HoldOut,
    /// Junk: random words and shuffled copies.
    Junk,
}

impl Purpose {
    /// What is hashed into the key; never to be changed.
    fn salt(self) -> &'static [u8] {
        match self {
            Self::Sample => b"gristmill/sample",
            Self::RandomControl => b"gristmill/random_control",
            Self::HoldOut => b"gristmill/hold_out",
            Self::Junk => b"gristmill/junk",
        }
    }
}

/// The priorities of one purpose and seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    key: u64,
}

impl Priority {
    /// Priorities that depend on these two alone.
    pub fn new(purpose: Purpose, seed: u64) -> Self {
        Self { key: xxh3_64_with_seed(purpose.salt(), seed) }
    }

    /// The priority of a document; the lowest is drawn first.
    pub fn of(self, id: &str) -> u64 {
        xxh3_64_with_seed(id.as_bytes(), self.key)
    }
}

/// Keeps the `most` least of what is drawn, in order.
pub(crate) fn keep_least<T: Ord>(drawn: &mut Vec<T>, one: T, most: usize) {
    if drawn.len() < most || drawn.last().is_some_and(|last| one < *last) {
        drawn.insert(drawn.partition_point(|other| *other < one), one);
        drawn.truncate(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSES: [Purpose; 4] =
        [Purpose::Sample, Purpose::RandomControl, Purpose::HoldOut, Purpose::Junk];

    #[test]
    fn priorities_are_the_same_for_ever() {
        // Made with the Python package xxhash 4.1.0.
        let values = [
            (
                "",
                [
                    0x3339_c355_b45d_2658,
                    0xe96e_3222_6ec6_eb75,
                    0xac8e_7ed9_e38e_78f4,
                    0xa027_7bf6_aaf3_31c7,
                ],
            ),
            (
                "7",
                [
                    0x210b_ba30_a6bb_36e5,
                    0x9792_513c_e806_97d2,
                    0x153a_eb55_6fd5_b55a,
                    0xea0a_fccd_6b53_788a,
                ],
            ),
            (
                "doc",
                [
                    0x03be_d551_98c8_90a0,
                    0x9540_dd46_fc5f_a694,
                    0x2f59_fd4b_8769_bfb9,
                    0x011f_5dba_afc0_6976,
                ],
            ),
            (
                "pool.jsonl:12",
                [
                    0x8965_756a_ba1b_7c2d,
                    0x2a22_2c23_a8a4_1a0c,
                    0x7ba4_ff35_c7b4_a921,
                    0xee0d_1aeb_78bc_1ada,
                ],
            ),
            (
                "urn:uuid:6c4b0c9e-3f2a-4d0e-9a51-0d3c1b2a4f5e",
                [
                    0x03b0_d6c9_8cfa_da4f,
                    0xe771_64a6_b63d_b936,
                    0x2a64_3a8a_baee_68bb,
                    0x9348_9fb7_ff28_e800,
                ],
            ),
            (
                &format!("https://example.org/{}", "a".repeat(100)),
                [
                    0x9984_8d24_f3a2_aa4b,
                    0x2666_9320_de3b_37be,
                    0xed99_f0f7_2bdf_4d62,
                    0xf016_4823_f384_0a7e,
                ],
            ),
            (
                &"x".repeat(300),
                [
                    0xcfbf_79f5_bf88_cdab,
                    0xc74f_72c8_b662_bad6,
                    0xfd55_e5dc_2c92_45ed,
                    0x1cf7_4ec2_8408_4552,
                ],
            ),
        ];
        for (id, expected) in values {
            for (purpose, expected) in PURPOSES.into_iter().zip(expected) {
                assert_eq!(Priority::new(purpose, 1).of(id), expected, "{purpose:?} of {id:?}");
            }
        }
    }

    /// Ids of the kinds that pools have: UUIDs as URNs, rows of files, bare numbers.
    fn ids() -> Vec<String> {
        let number = |n: u64| match n % 3 {
            0 => format!("urn:uuid:{:08x}-0000-4000-8000-{n:012x}", n * 7919),
            1 => format!("pool/part-00001.jsonl.zst:{n}"),
            _ => n.to_string(),
        };
        (0..60_000).map(number).collect()
    }

    /// Of the tenth that `a` draws first, the share that `b` has in its first tenth too.
    fn low_in_both(ids: &[String], a: Priority, b: Priority) -> f64 {
        let low = |priority: Priority, id: &str| priority.of(id) < u64::MAX / 10;
        let drawn: Vec<&String> = ids.iter().filter(|id| low(a, id)).collect();
        drawn.iter().filter(|id| low(b, id)).count() as f64 / drawn.len() as f64
    }

    #[test]
    fn purposes_and_seeds_draw_independently_of_one_another() {
        let ids = ids();
        let priorities: Vec<Priority> = [0, 1, 2, u64::MAX]
            .into_iter()
            .flat_map(|seed| PURPOSES.map(|purpose| Priority::new(purpose, seed)))
            .collect();
        for (at, &a) in priorities.iter().enumerate() {
            for &b in &priorities[at + 1..] {
                // A tenth of some 6,000; one standard deviation is 0.0039, and there are 120 pairs.
                let share = low_in_both(&ids, a, b);
                assert!((share - 0.1).abs() < 0.0155, "{share} of {a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn priorities_are_uniform() {
        let ids = ids();
        for purpose in PURPOSES {
            let mut counts = [0_u32; 256];
            for id in &ids {
                counts[(Priority::new(purpose, 7).of(id) >> 56) as usize] += 1;
            }
            let expected = ids.len() as f64 / 256.0;
            let chi: f64 =
                counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
            // 255 degrees of freedom: 255 ± 22.6; four standard deviations.
            assert!((165.0..345.0).contains(&chi), "{purpose:?}: {chi}");
        }
    }
}
