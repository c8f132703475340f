//! A set of 64-bit hashes in 8 bytes an entry, whatever the entries' length.

use xxhash_rust::xxh3::xxh3_64;

/// The hashes of a list's entries.
pub(super) struct Hashes(Box<[u64]>);

impl Hashes {
    /// A set of the hashes; while they are sorted they take what they take in `hashes`.
    pub(super) fn new(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes.into_boxed_slice())
    }

    /// The hash under which an entry is kept.
    pub(super) fn hash(entry: &str) -> u64 {
        xxh3_64(entry.as_bytes())
    }

    /// The number of an entry, less than [`Self::len`].
    pub(super) fn find(&self, entry: &str) -> Option<usize> {
        self.0.binary_search(&Self::hash(entry)).ok()
    }

    pub(super) fn contains(&self, entry: &str) -> bool {
        self.find(entry).is_some()
    }

    /// Different entries.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_once_each_and_others_are_not() {
        let set = Hashes::new(["b", "a", "b", ""].map(Hashes::hash).to_vec());
        assert_eq!(set.len(), 3);
        assert!(set.contains("a") && set.contains("b") && set.contains(""));
        assert!(!set.contains("c"));
        assert_ne!(set.find("a"), set.find("b"));
    }
}
