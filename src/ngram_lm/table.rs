//! Open addressing over 64-bit hashes: keys apart from values, so that a miss touches keys alone.

/// Slots for each entry at most: 4 of 3. More room makes searches shorter and files of many
/// gigabytes no longer fit in memory.
const SLOTS_PER_ENTRY: (usize, usize) = (4, 3);

/// Slots before anything is known to be there.
const FIRST_SLOTS: usize = 64;

/// A table grows at most by this factor at once: a size that a file states is believed only as far
/// as the entries that have come already bear it out.
const LARGEST_GROWTH: usize = 8;

/// Values by hash. An entry takes 4/3 of eight bytes and its value's size.
///
/// Two keys that hash alike are taken for one: at a billion entries there is one such pair in forty
/// models.
#[derive(Debug, Clone, Default)]
pub(super) struct Table<V> {
    /// 0 in a free slot.
    keys: Vec<u64>,
    values: Vec<V>,
    len: usize,
    /// Entries that are expected in all.
    expected: usize,
}

impl<V: Copy + Default> Table<V> {
    /// An empty table that will hold `expected` entries, if they come.
    pub(super) fn expecting(expected: u64) -> Self {
        Self { expected: usize::try_from(expected).unwrap_or(usize::MAX), ..Self::default() }
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The value of a key.
    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<&V> {
        let key = occupied(key);
        if self.keys.is_empty() {
            return None;
        }
        let mut slot = self.first_slot(key);
        loop {
            match self.keys[slot] {
                0 => return None,
                found if found == key => return self.values.get(slot),
                _ => slot = self.next(slot),
            }
        }
    }

    /// Adds an entry; false, and nothing changes, where the key is there already.
    pub(super) fn insert(&mut self, key: u64, value: V) -> bool {
        if slots_for(self.len + 1) > self.keys.len() {
            if self.get(key).is_some() {
                return false;
            }
            self.grow();
        }
        self.place(occupied(key), value)
    }

    fn place(&mut self, key: u64, value: V) -> bool {
        let mut slot = self.first_slot(key);
        loop {
            match self.keys[slot] {
                0 => break,
                found if found == key => return false,
                _ => slot = self.next(slot),
            }
        }
        self.keys[slot] = key;
        self.values[slot] = value;
        self.len += 1;
        true
    }

    fn grow(&mut self) {
        let least = slots_for(self.len + 1).max(self.keys.len() * 3 / 2).max(FIRST_SLOTS);
        let most = (self.keys.len() * LARGEST_GROWTH).max(least);
        let slots = slots_for(self.expected).clamp(least, most);
        let keys = std::mem::replace(&mut self.keys, vec![0; slots]);
        let values = std::mem::replace(&mut self.values, vec![V::default(); slots]);
        self.len = 0;
        for (key, value) in keys.into_iter().zip(values) {
            if key != 0 {
                self.place(key, value);
            }
        }
    }

    /// Spreads the keys evenly over any number of slots, by their upper bits.
    #[inline]
    fn first_slot(&self, key: u64) -> usize {
        ((u128::from(key) * self.keys.len() as u128) >> 64) as usize
    }

    #[inline]
    fn next(&self, slot: usize) -> usize {
        if slot + 1 == self.keys.len() { 0 } else { slot + 1 }
    }
}

/// A key as it is stored: 0 marks a free slot.
#[inline]
fn occupied(key: u64) -> u64 {
    key.max(1)
}

/// Slots for a number of entries; more than these.
fn slots_for(entries: usize) -> usize {
    let (slots, of) = SLOTS_PER_ENTRY;
    (entries / of).saturating_mul(slots).saturating_add(entries % of + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn what_was_put_in_is_found_and_nothing_else(
            keys in prop::collection::vec(prop_oneof![0u64..20, any::<u64>(), (u64::MAX - 9)..], 0..300),
            expected in 0u64..1000,
            absent in prop::collection::vec(any::<u64>(), 9),
        ) {
            let mut table = Table::expecting(expected);
            let mut reference = BTreeMap::new();
            for (value, &key) in keys.iter().enumerate() {
                let is_new = !reference.contains_key(&key.max(1));
                reference.entry(key.max(1)).or_insert(value);
                prop_assert_eq!(table.insert(key, value), is_new);
            }
            prop_assert_eq!(table.len(), reference.len());
            for key in keys.iter().chain(&absent) {
                prop_assert_eq!(table.get(*key), reference.get(&(*key).max(1)));
            }
        }
    }

    #[test]
    fn a_stated_size_allocates_nothing_before_entries_come() {
        let mut table = Table::expecting(u64::MAX);
        assert_eq!(table.keys.capacity(), 0);
        table.insert(7, 1u32);
        assert!(table.keys.capacity() <= FIRST_SLOTS);
        for key in 0..1000 {
            table.insert(key << 50, 0);
        }
        assert!(table.keys.capacity() <= slots_for(1000) * LARGEST_GROWTH);
    }

    #[test]
    fn a_true_size_is_met_exactly() {
        let mut table = Table::expecting(10_000);
        for key in 0..10_000u64 {
            table.insert(key.wrapping_mul(0x9e37_79b9_7f4a_7c15), ());
        }
        assert!(!table.insert(0x9e37_79b9_7f4a_7c15, ()), "it is there already");
        assert_eq!(table.keys.len(), slots_for(10_000));
    }
}
