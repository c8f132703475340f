//! A counting hash table that is sized per text and cleared by writing only what it will use.

/// Occurrences of 64-bit keys, which must be hashes that differ where the things counted differ.
///
/// A standard map keeps the room of the largest text it ever held and clears all of it for every
/// text after; here a short text costs little whatever came before.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Open addressing with linear probing; a count of 0 marks a free slot.
    slots: Vec<Slot>,
    /// Slots in use are `slots[..1 << bits]`.
    bits: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key: u64,
    count: u32,
}

impl Counts {
    /// Forgets everything and makes room for `keys` different keys.
    pub(crate) fn reset(&mut self, keys: usize) {
        // At most half full.
        let len = (keys.max(8) * 2).next_power_of_two();
        self.bits = len.trailing_zeros();
        if self.slots.len() < len {
            self.slots.clear();
            self.slots.resize(len, Slot::default());
        } else {
            self.slots[..len].fill(Slot::default());
        }
    }

    /// Counts one more of the key; its count now, and its place for [`Counts::at`].
    ///
    /// At most as many different keys as [`Counts::reset`] was told may be added.
    #[inline]
    pub(crate) fn add(&mut self, key: u64) -> (u32, u32) {
        let slots = &mut self.slots[..1 << self.bits];
        let mask = slots.len() - 1;
        // Fibonacci hashing: the upper bits of the product depend on all bits of the key.
        let mut index = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.bits)) as usize;
        loop {
            let slot = &mut slots[index & mask];
            if slot.count == 0 {
                *slot = Slot { key, count: 1 };
                return (1, (index & mask) as u32);
            }
            if slot.key == key {
                slot.count = slot.count.saturating_add(1);
                return (slot.count, (index & mask) as u32);
            }
            index += 1;
        }
    }

    /// The count of the key that [`Counts::add`] put at `place`.
    #[inline]
    pub(crate) fn at(&self, place: u32) -> u32 {
        self.slots.get(place as usize).map_or(0, |slot| slot.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn counts_as_a_map_does(texts in prop::collection::vec(
            prop::collection::vec(prop_oneof![0..20u64, any::<u64>()], 0..200), 1..4,
        )) {
            let mut counts = Counts::default();
            for keys in texts {
                counts.reset(keys.len());
                let mut oracle = HashMap::new();
                let mut places = HashMap::new();
                for key in keys {
                    let expected = oracle.entry(key).and_modify(|n| *n += 1).or_insert(1u32);
                    let (count, place) = counts.add(key);
                    prop_assert_eq!(count, *expected);
                    prop_assert_eq!(*places.entry(key).or_insert(place), place);
                }
                prop_assert!(places.iter().all(|(key, &place)| counts.at(place) == oracle[key]));
            }
        }
    }
}
