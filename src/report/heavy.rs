//! The most frequent of ever so many keys, in bounded memory.

use std::collections::BTreeMap;

/// Keys that are held.
const CAPACITY: usize = 1 << 16;

/// The most frequent keys of a stream: every key that is more than one in [`CAPACITY`] is among them.
///
/// Source: Agarwal et al., "Mergeable summaries" (PODS 2012), section 3.1: what is over the capacity
/// is paid for by all keys alike.
#[derive(Default)]
pub(super) struct Heavy {
    counts: BTreeMap<String, u64>,
    lossy: bool,
}

impl Heavy {
    /// Adds to a key.
    pub(super) fn add(&mut self, key: &str, by: u64) {
        match self.counts.get_mut(key) {
            Some(count) => *count += by,
            None => {
                self.counts.insert(key.to_owned(), by);
            }
        }
        if self.counts.len() > 2 * CAPACITY {
            self.shrink();
        }
    }

    /// Adds the keys of another.
    pub(super) fn merge(&mut self, other: Self) {
        self.lossy |= other.lossy;
        other.counts.iter().for_each(|(key, by)| self.add(key, *by));
    }

    fn shrink(&mut self) {
        self.lossy = true;
        let mut counts: Vec<u64> = self.counts.values().copied().collect();
        let (_, least, _) = counts.select_nth_unstable_by(CAPACITY, |a, b| b.cmp(a));
        let least = *least;
        self.counts.retain(|_, count| {
            *count = count.saturating_sub(least);
            *count > 0
        });
    }

    /// Whether every key is held that there was.
    pub(super) fn is_whole(&self) -> bool {
        !self.lossy
    }

    /// Whether a key is held.
    pub(super) fn has(&self, key: &str) -> bool {
        self.counts.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_keys_stay_whatever_passes() {
        let mut heavy = Heavy::default();
        for i in 0..600_000 {
            heavy.add(&format!("rare-{i}"), 1);
            if i % 100 == 0 {
                heavy.add("frequent", 1);
            }
        }
        assert!(heavy.has("frequent"));
        assert!(heavy.counts.len() <= 2 * CAPACITY);
    }
}
