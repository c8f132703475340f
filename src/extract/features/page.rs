//! What is measured once for a page.

use rustc_hash::FxHashMap;

use super::super::blocks::Blocks;
use super::super::context::{Around, Contexts, Sums, pair_hash};
use super::super::html::Tree;
use super::super::measure::{Measures, WordHash};
use super::head::Head;
use super::{is_stop, log, share, yes};

/// Blocks of one path.
#[derive(Default, Clone, Copy)]
pub(super) struct Group {
    pub(super) sums: Sums,
    /// Blocks that end like a sentence.
    pub(super) stopped: u32,
}

pub(super) struct Page<'a> {
    pub(super) blocks: &'a Blocks,
    /// The share of each block that is links.
    pub(super) linked: Vec<f32>,
    pub(super) sums: Vec<Sums>,
    pub(super) head: Head,
    pub(super) groups: Vec<Group>,
    pub(super) group_of_block: Vec<u32>,
    /// How often the text of a block stands on the page, by its hash.
    pub(super) copies: FxHashMap<u64, u32>,
    /// The share of a block that stands in blocks before it too, and in blocks behind it.
    pub(super) repeated: Vec<(f32, f32)>,
    /// Distance in blocks to the nearest block that reads like text, before and behind.
    pub(super) texty_before: Vec<u32>,
    /// See `texty_before`.
    pub(super) texty_behind: Vec<u32>,
    /// Smallest element with half, and with nine tenths, of the words of such blocks.
    pub(super) halves: [u32; 2],
    /// What every block of the page has.
    pub(super) common: [f32; 12],
}

impl<'a> Page<'a> {
    pub(super) fn new(
        tree: &Tree<'_>,
        blocks: &'a Blocks,
        contexts: &Contexts,
        measures: &[Measures],
        linked: Vec<f32>,
        sums: Vec<Sums>,
        repeated: Vec<(f32, f32)>,
    ) -> Self {
        let mut paths: FxHashMap<u64, u32> = FxHashMap::default();
        let mut groups: Vec<Group> = Vec::new();
        let mut group_of_block = Vec::with_capacity(measures.len());
        let mut copies: FxHashMap<u64, u32> = FxHashMap::default();
        for (number, (m, sums)) in measures.iter().zip(&sums).enumerate() {
            let path = contexts.get(contexts.of_block(number)).path;
            let group = *paths.entry(path).or_insert(groups.len() as u32);
            group_of_block.push(group);
            if groups.len() as u32 == group {
                groups.push(Group::default());
            }
            let group = &mut groups[group as usize];
            group.sums.add(sums);
            group.stopped += u32::from(is_stop(m.last));
            *copies.entry(m.hash).or_default() += 1;
        }
        let texty: Vec<bool> = sums.iter().map(|sums| sums.texty_blocks > 0).collect();
        let texty_before = distances(texty.iter().copied());
        let mut texty_behind = distances(texty.iter().rev().copied());
        texty_behind.reverse();
        let total = contexts.get(0).sums;
        let halves = [2, 10].map(|parts| {
            let enough = total.texty_words - total.texty_words / parts;
            // Children come behind their parents: the last one that holds enough is the smallest.
            let found = contexts.all().iter().rposition(|context| {
                context.sums.texty_words >= enough && context.sums.texty_words > 0
            });
            found.unwrap_or(0) as u32
        });
        let head = Head::of(tree);
        let has =
            |around: Around| yes(contexts.all().iter().any(|context| around.is_in(context.around)));
        let headings = contexts.all().iter().filter(|context| context.tag.is_heading()).count();
        let common = [
            log(total.words as f32) / 8.0,
            log(total.blocks as f32) / 8.0,
            log(total.texty_words as f32) / 8.0,
            log(total.texty_blocks as f32) / 8.0,
            total.linked_share(),
            share(total.texty_words, total.words),
            has(Around::Article),
            has(Around::Main),
            log(headings as f32) / 8.0,
            yes(head.is_article),
            log(head.description.len() as f32) / 8.0,
            log(tree.nodes().len() as f32) / 16.0,
        ];
        Self {
            blocks,
            linked,
            sums,
            head,
            groups,
            group_of_block,
            copies,
            repeated,
            texty_before,
            texty_behind,
            halves,
            common,
        }
    }
}

/// Most words of a page of which it is known where they are repeated.
const MAX_REPEAT_WORDS: usize = 100_000;

/// The share of each block's pairs of adjacent words that stand in blocks before it too, and in
/// blocks behind it; none where the page has more than [`MAX_REPEAT_WORDS`] words up to its end.
pub(super) fn repeated(words: &[WordHash], word_ends: &[u32]) -> Vec<(f32, f32)> {
    let blocks = || {
        let starts = [0].iter().chain(word_ends);
        let ranges = starts.zip(word_ends).map(|(start, end)| *start as usize..*end as usize);
        (0u32..).zip(ranges).take_while(|(_, range)| range.end <= MAX_REPEAT_WORDS)
    };
    // The first block and the last one in which a pair stands.
    let mut places: FxHashMap<WordHash, (u32, u32)> = FxHashMap::default();
    for (block, range) in blocks() {
        for pair in words[range].windows(2) {
            places.entry(pair_hash(pair[0], pair[1])).or_insert((block, block)).1 = block;
        }
    }
    let mut shares = vec![(0.0, 0.0); word_ends.len()];
    for (block, range) in blocks() {
        let words = &words[range];
        let (mut before, mut behind) = (0, 0);
        for pair in words.windows(2) {
            if let Some((first, last)) = places.get(&pair_hash(pair[0], pair[1])) {
                before += u32::from(*first < block);
                behind += u32::from(*last > block);
            }
        }
        let pairs = words.len().saturating_sub(1) as u32;
        shares[block as usize] = (share(before, pairs), share(behind, pairs));
    }
    shares
}

/// How far back the last block stands for which something holds; as if before the first.
pub(super) fn distances(holds: impl Iterator<Item = bool>) -> Vec<u32> {
    let mut since = 0;
    holds
        .map(|holds| {
            since = if holds { 0 } else { since + 1 };
            since
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_words_are_found_in_other_blocks() {
        // [1 2 3] [9] [1 2 3 4] [2 3]
        let words = [1, 2, 3, 9, 1, 2, 3, 4, 2, 3];
        let shares = repeated(&words, &[3, 4, 8, 10]);
        assert_eq!(shares, [(0.0, 1.0), (0.0, 0.0), (2.0 / 3.0, 1.0 / 3.0), (1.0, 0.0)]);
        // A pair that one block has twice stands in no other.
        assert_eq!(repeated(&[1, 2, 1, 2], &[4]), [(0.0, 0.0)]);
    }

    #[test]
    fn beyond_the_cap_nothing_is_known_to_be_repeated() {
        let words = vec![7; MAX_REPEAT_WORDS + 2];
        let ends = [2, MAX_REPEAT_WORDS as u32, MAX_REPEAT_WORDS as u32 + 2];
        assert_eq!(repeated(&words, &ends), [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0)]);
    }
}
