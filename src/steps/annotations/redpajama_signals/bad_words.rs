//! Words and phrases of a list among the normalised words.

use rustc_hash::FxHashSet;

use super::normal::Normal;

/// Entries by their number of words.
#[derive(Debug, Default)]
pub(super) struct BadWords {
    lengths: Vec<Entries>,
}

/// The entries of one length.
#[derive(Debug)]
struct Entries {
    words: usize,
    longest_bytes: usize,
    entries: FxHashSet<Box<str>>,
}

impl BadWords {
    /// Adds an entry, which has one word more than it has spaces; equal ones count once.
    pub(super) fn insert(&mut self, entry: &str) {
        let words = entry.bytes().filter(|&byte| byte == b' ').count() + 1;
        let at = self.lengths.iter().position(|entries| entries.words == words);
        let at = at.unwrap_or_else(|| {
            self.lengths.push(Entries { words, longest_bytes: 0, entries: FxHashSet::default() });
            self.lengths.len() - 1
        });
        let of_length = &mut self.lengths[at];
        of_length.longest_bytes = of_length.longest_bytes.max(entry.len());
        of_length.entries.insert(entry.into());
    }

    /// Places where an entry stands; those of several lengths may overlap.
    pub(super) fn count(&self, normal: &Normal) -> usize {
        self.lengths.iter().map(|entries| entries.count(normal)).sum()
    }
}

impl Entries {
    fn count(&self, normal: &Normal) -> usize {
        let (text, words) = (normal.text(), normal.words());
        let firsts = words.spans();
        let lasts = words.spans().skip(self.words - 1);
        let found = |first: std::ops::Range<usize>, last: std::ops::Range<usize>| {
            // Single spaces stand between the words of a normalised text, as in an entry.
            last.end - first.start <= self.longest_bytes
                && self.entries.contains(text.get(first.start..last.end).unwrap_or_default())
        };
        firsts.zip(lasts).filter(|(first, last)| found(first.clone(), last.clone())).count()
    }
}
