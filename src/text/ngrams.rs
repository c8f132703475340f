//! Repeated word n-grams, as the peers count them.
//!
//! n-grams are compared by a 61-bit hash that cannot confuse word limits; `ConcatHash`
//! says how unlikely a collision is.

use super::concat_hash::ConcatHash;
use super::counts::Counts;
use super::word_table::Words;

/// Stands between words in hashed n-grams; no byte of UTF-8.
const SEPARATOR: [u8; 1] = [0xff];

/// What repeats among a text's n-grams of one n.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repeats {
    /// Occurrences of the most frequent n-gram, overlapping ones too; 1 where none repeats.
    pub top_count: usize,
    /// The first word of the most frequent n-gram, of the first met on ties.
    pub first_top: usize,
    /// Characters of the words of the most frequent n-gram, of the first met on ties.
    pub first_top_chars: usize,
    /// Characters of the words of the longest among the most frequent n-grams.
    ///
    /// Where none repeats: of the first n-gram.
    pub longest_top_chars: usize,
    /// Characters of the words that are part of any repeated n-gram, each word counted once.
    pub covered_chars: usize,
    /// Characters of the words of all occurrences of repeated n-grams; those of overlapping
    /// occurrences count in each (Dolma's).
    pub occurrence_chars: usize,
    /// Characters of the words under second and later occurrences, each word counted once, with
    /// one for each space inside an occurrence (NeMo Curator's).
    pub later_chars: usize,
}

/// Buffers of the n-gram measures, kept between texts.
#[derive(Debug, Default)]
pub struct NgramScratch {
    units: Vec<ConcatHash>,
    keys: Vec<u64>,
    positions: Vec<u32>,
    places: Vec<u32>,
    counts: Counts,
}

/// What repeats among the n-grams of `words` for n = 2, 3, … up to `N` + 1.
///
/// `None` where there are fewer than n words.
pub fn repeats<const N: usize>(words: &Words, scratch: &mut NgramScratch) -> [Option<Repeats>; N] {
    let NgramScratch { units, keys, positions, places, counts } = scratch;
    let separator = ConcatHash::of(&SEPARATOR);
    units.clear();
    units.extend(words.hashes().iter().map(|hash| hash.then(separator)));
    keys.clear();
    keys.extend(units.iter().map(|unit| unit.value));
    positions.clear();
    positions.extend(0..words.len().saturating_sub(1) as u32);

    let mut found = [None; N];
    for (n, found) in (2..).zip(&mut found) {
        if words.len() < n {
            break;
        }
        let first_chars = words.chars_in(0, n);
        let mut repeats = Repeats {
            top_count: 1,
            first_top_chars: first_chars,
            longest_top_chars: first_chars,
            ..Repeats::default()
        };
        places.clear();
        counts.reset(positions.len());
        let mut later_to = 0;
        for &position in &*positions {
            let position = position as usize;
            let key = ConcatHash::value_then(keys[position], units[position + n - 1]);
            keys[position] = key;
            let (occurrence, place) = counts.add(key);
            places.push(place);
            if occurrence > 1 {
                let uncovered = position.max(later_to);
                later_to = position + n;
                let added = later_to - uncovered;
                repeats.later_chars += words.chars_in(uncovered, added) + added.min(n - 1);
            }
        }

        let mut covered_to = 0;
        let mut kept = 0;
        for at in 0..positions.len() {
            let position = positions[at];
            let count = counts.at(places[at]) as usize;
            if count < 2 {
                continue;
            }
            positions[kept] = position;
            kept += 1;

            let first = position as usize;
            let chars = words.chars_in(first, n);
            if count > repeats.top_count {
                repeats.top_count = count;
                repeats.first_top = first;
                repeats.first_top_chars = chars;
                repeats.longest_top_chars = chars;
            } else if count == repeats.top_count {
                repeats.longest_top_chars = repeats.longest_top_chars.max(chars);
            }
            repeats.occurrence_chars += chars;
            let uncovered = first.max(covered_to);
            covered_to = first + n;
            repeats.covered_chars += words.chars_in(uncovered, covered_to - uncovered);
        }
        *found = Some(repeats);

        // An n-gram can repeat only where both (n-1)-grams in it do, which spares most of the work.
        positions.truncate(kept);
        let mut candidates = 0;
        for at in 1..positions.len() {
            if positions[at] == positions[at - 1] + 1 {
                positions[candidates] = positions[at - 1];
                candidates += 1;
            }
        }
        positions.truncate(candidates);
    }
    found
}

/// Characters in repeated n-grams by datatrove's scan, for n = `from`, `from` + 1, … .
///
/// The scan goes from left to right. An n-gram met before adds its characters and is jumped over;
/// any other is remembered, and the scan moves on by one word. The words are compared joined
/// without spaces, so that `a bc` repeats `ab c`.
pub fn scanned_repeat_chars<const N: usize>(
    words: &Words,
    from: usize,
    scratch: &mut NgramScratch,
) -> [usize; N] {
    let NgramScratch { keys, counts, .. } = scratch;
    let hashes = words.hashes();
    keys.clear();
    keys.resize(hashes.len(), ConcatHash::EMPTY.value);
    let mut extended_to = 0;

    let mut found = [0; N];
    for (n, found) in (from.max(1)..).zip(&mut found) {
        if words.len() < n {
            break;
        }
        while extended_to < n {
            for (key, &next) in keys.iter_mut().zip(&hashes[extended_to..]) {
                *key = ConcatHash::value_then(*key, next);
            }
            extended_to += 1;
        }
        let ngrams = &keys[..words.len() + 1 - n];
        counts.reset(ngrams.len());
        let mut at = 0;
        while let Some(&key) = ngrams.get(at) {
            if counts.add(key).0 > 1 {
                *found += words.chars_in(at, n);
                at += n;
            } else {
                at += 1;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::word_table::Splitter;
    use proptest::prelude::*;
    use std::collections::{HashMap, HashSet};

    fn words(text: &str) -> Words {
        let mut words = Words::default();
        words.fill(text, Splitter::Whitespace);
        words
    }

    #[test]
    fn ties_go_to_the_first_met_or_to_the_longest() {
        let scratch = &mut NgramScratch::default();
        let [two, three, four] = repeats(&words("a b a b cc dd cc dd"), scratch);
        let two = two.unwrap();
        assert_eq!((two.top_count, two.first_top_chars, two.longest_top_chars), (2, 2, 4));
        assert_eq!(two.covered_chars, 12);
        let three = three.unwrap();
        assert_eq!((three.top_count, three.first_top_chars, three.covered_chars), (1, 3, 0));
        assert_eq!(four.unwrap().top_count, 1);
        assert_eq!(
            repeats(&words("a b"), scratch).map(|n: Option<Repeats>| n.is_some()),
            [true, false]
        );
        assert_eq!(repeats(&words(""), scratch), [None; 9]);
    }

    #[test]
    fn the_scan_jumps_over_what_repeats_and_ignores_word_limits() {
        let scratch = &mut NgramScratch::default();
        assert_eq!(scanned_repeat_chars(&words("a a a a a"), 2, scratch), [4]);
        assert_eq!(scanned_repeat_chars(&words("a bc x ab c"), 2, scratch), [3, 0]);
        assert_eq!(scanned_repeat_chars(&words("a"), 5, scratch), [0; 6]);
    }

    /// The definitions, with the n-grams themselves in place of hashes.
    fn oracle(words: &[&str], n: usize) -> (Option<Repeats>, usize) {
        let chars = |ngram: &[&str]| ngram.concat().chars().count();
        let mut counts = HashMap::new();
        words.windows(n).for_each(|ngram| *counts.entry(ngram).or_insert(0) += 1);
        let top_count = counts.values().copied().max().unwrap_or(0);
        let first_top = words.windows(n).position(|ngram| counts[ngram] == top_count).unwrap_or(0);
        let mut tied = words.windows(n).filter(|ngram| counts[ngram] == top_count).map(chars);
        let first = tied.next().unwrap_or(0);
        let covered: HashSet<usize> = (0..counts.len().max(words.len() + 1) - n.min(words.len()))
            .filter(|&i| words.get(i..i + n).is_some_and(|ngram| counts[ngram] > 1))
            .flat_map(|i| i..i + n)
            .collect();
        let repeated = words.windows(n).filter(|ngram| counts[ngram] > 1).map(chars);
        let later: Vec<usize> = (n..=words.len())
            .map(|end| end - n)
            .filter(|&i| (0..i).any(|j| words[j..j + n] == words[i..i + n]))
            .collect();
        let words_of = |i: usize| (i..i + n).collect::<HashSet<usize>>();
        let spaces_of = |i: usize| (i + 1..i + n).collect::<HashSet<usize>>();
        let under: HashSet<usize> = later.iter().flat_map(|&i| words_of(i)).collect();
        let spaces: HashSet<usize> = later.iter().flat_map(|&i| spaces_of(i)).collect();
        let repeats = Repeats {
            top_count,
            first_top,
            occurrence_chars: repeated.sum(),
            later_chars: under.iter().map(|&i| words[i].chars().count()).sum::<usize>()
                + spaces.len(),
            first_top_chars: first,
            longest_top_chars: if top_count > 1 { tied.fold(first, usize::max) } else { first },
            covered_chars: covered.iter().map(|&i| words[i].chars().count()).sum(),
        };
        let (mut seen, mut at, mut scanned) = (HashSet::new(), 0, 0);
        while let Some(ngram) = words.get(at..at + n) {
            let new = seen.insert(ngram.concat());
            scanned += if new { 0 } else { chars(ngram) };
            at += if new { 1 } else { n };
        }
        ((top_count > 0).then_some(repeats), scanned)
    }

    proptest! {
        #[test]
        fn hashing_and_pruning_change_nothing(text in "([abé]{1,2} ){0,60}") {
            let list: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
            let scratch = &mut NgramScratch::default();
            let table = words(&text);
            let repeats: [_; 9] = repeats(&table, scratch);
            let scanned: [_; 9] = scanned_repeat_chars(&table, 2, scratch);
            for n in 2..=10 {
                prop_assert_eq!((repeats[n - 2], scanned[n - 2]), oracle(&list, n), "n = {}", n);
            }
        }
    }
}
