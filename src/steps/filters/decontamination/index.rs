//! The n-grams of the given texts, and what of them is in a document.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

use super::words::Words;

/// Bits of the filter for each n-gram, at least: one look-up in as many passes it by chance.
const FILTER_BITS: usize = 16;

/// The texts while they are read.
pub(super) struct Reading {
    ngram: usize,
    min_words: usize,
    /// N-grams, each with the place of its text in `places`.
    pairs: Vec<(u64, u32)>,
    /// File and line of each text that is looked for.
    places: Vec<(usize, u64)>,
    lengths: BTreeSet<usize>,
}

impl Reading {
    pub(super) fn new(ngram: usize, min_words: usize) -> Self {
        let (pairs, places, lengths) = (Vec::new(), Vec::new(), BTreeSet::new());
        Self { ngram, min_words, pairs, places, lengths }
    }

    /// Adds a text; whether it is long enough to be looked for.
    pub(super) fn add(&mut self, file: usize, line: u64, text: &str) -> bool {
        // Pages are in NFC.
        let words = Words::of(&text.nfc().collect::<String>());
        let length = words.len().min(self.ngram);
        if words.len() < self.min_words || length == 0 {
            return false;
        }
        let place = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push((file, line));
        self.lengths.insert(length);
        let first = self.pairs.len();
        self.pairs.extend(words.ngrams(length).map(|hash| (hash, place)));
        // Each once, so that a long text that repeats itself takes no more than it is worth.
        self.pairs[first..].sort_unstable();
        let mut kept = first;
        for at in first..self.pairs.len() {
            if at == first || self.pairs[at] != self.pairs[kept - 1] {
                self.pairs[kept] = self.pairs[at];
                kept += 1;
            }
        }
        self.pairs.truncate(kept);
        true
    }

    /// The index, without n-grams of more texts than `max_texts`; why there can be none.
    pub(super) fn finish(mut self, max_texts: Option<u64>) -> Result<Index, &'static str> {
        if u32::try_from(self.pairs.len()).is_err() || u32::try_from(self.places.len()).is_err() {
            return Err("the texts have more than 4 billion n-grams");
        }
        self.pairs.sort_unstable();
        let mut index = Index {
            lengths: self.lengths.into_iter().collect(),
            filter: Filter::new(self.pairs.len()),
            hashes: Vec::new(),
            starts: Vec::new(),
            texts: Vec::with_capacity(self.pairs.len()),
            ngrams: vec![0; self.places.len()],
            places: self.places,
        };
        for run in self.pairs.chunk_by(|one, other| one.0 == other.0) {
            if max_texts.is_some_and(|most| run.len() as u64 > most) {
                continue;
            }
            index.filter.add(run[0].0);
            index.hashes.push(run[0].0);
            index.starts.push(index.texts.len() as u32);
            for &(_, text) in run {
                index.texts.push(text);
                index.ngrams[text as usize] += 1;
            }
        }
        index.starts.push(index.texts.len() as u32);
        index.hashes.shrink_to_fit();
        index.starts.shrink_to_fit();
        Ok(index)
    }
}

/// The n-grams of the texts.
pub(super) struct Index {
    /// How many words they have, ascending.
    lengths: Vec<usize>,
    filter: Filter,
    /// Their hashes, ascending, each once.
    hashes: Vec<u64>,
    /// Where the texts of each begin in `texts`; one entry more.
    starts: Vec<u32>,
    texts: Vec<u32>,
    /// Different n-grams of each text.
    ngrams: Vec<u32>,
    /// File and line of each text.
    places: Vec<(usize, u64)>,
}

/// What of the texts is in a document.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Found {
    /// Words of the document.
    pub(super) words: usize,
    /// Words in n-grams of the texts.
    pub(super) matched_words: usize,
    /// Occurrences of n-grams of the texts.
    pub(super) ngrams: u64,
    /// Highest share of the different n-grams of one text.
    pub(super) text_ratio: f64,
    /// File and line of that text.
    pub(super) text: Option<(usize, u64)>,
}

impl Index {
    /// Whether there is no n-gram to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Looks for the n-grams in a document.
    pub(super) fn find(&self, text: &str) -> Found {
        let words = Words::of(text);
        let mut found = Found { words: words.len(), ..Found::default() };
        // First word, one past the last, and the n-gram's place among the hashes.
        let mut matches: Vec<(usize, usize, usize)> = Vec::new();
        for &n in &self.lengths {
            for (first, hash) in words.ngrams(n).enumerate() {
                if self.filter.may_have(hash)
                    && let Ok(at) = self.hashes.binary_search(&hash)
                {
                    matches.push((first, first + n, at));
                }
            }
        }
        if matches.is_empty() {
            return found;
        }
        found.ngrams = matches.len() as u64;
        matches.sort_unstable();
        let mut covered_to = 0;
        for &(first, end, _) in &matches {
            found.matched_words += end.saturating_sub(first.max(covered_to));
            covered_to = end.max(covered_to);
        }
        let mut different: Vec<usize> = matches.into_iter().map(|(.., at)| at).collect();
        different.sort_unstable();
        different.dedup();
        if let Some((text, count)) = self.most_matched(&different) {
            found.text_ratio = f64::from(count) / f64::from(self.ngrams[text]);
            found.text = self.places.get(text).copied();
        }
        found
    }

    /// The text of which the largest share is among different n-grams, the first of several, and how
    /// many of its n-grams are.
    fn most_matched(&self, different: &[usize]) -> Option<(usize, u32)> {
        let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
        let mut best: Option<(usize, u32)> = None;
        for &at in different {
            let range = self.starts[at] as usize..self.starts[at + 1] as usize;
            for &text in &self.texts[range] {
                let count = counts.entry(text).or_default();
                *count += 1;
                let text = text as usize;
                // Counts only grow, so the last to lead is the one of the largest share.
                let leads = best.is_none_or(|(other, most)| {
                    let ours = u64::from(*count) * u64::from(self.ngrams[other]);
                    let theirs = u64::from(most) * u64::from(self.ngrams[text]);
                    ours > theirs || (ours == theirs && text <= other)
                });
                if leads {
                    best = Some((text, *count));
                }
            }
        }
        best
    }
}

/// A set of hashes that at times has what was not added, by one bit each.
struct Filter {
    bits: Vec<u64>,
    /// What is left of 64 bits where those of the place are taken.
    shift: u32,
}

impl Filter {
    fn new(hashes: usize) -> Self {
        let bits = (hashes.max(4) * FILTER_BITS).next_power_of_two();
        Self { bits: vec![0; bits / 64], shift: 64 - bits.trailing_zeros() }
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        // Hashes have 61 bits; this spreads them over the highest.
        let place = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        ((place / 64) as usize, 1 << (place % 64))
    }

    fn add(&mut self, hash: u64) {
        let (word, bit) = self.place(hash);
        self.bits[word] |= bit;
    }

    #[inline]
    fn may_have(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.bits[word] & bit != 0
    }
}
