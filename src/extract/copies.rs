//! Text that a page has twice: once for telephones and once for desks, once shown and once for
//! machines, as a summary and in whole.

use rustc_hash::FxHashMap;

use super::context::{ContextId, pair_hash};
use super::features::Features;

/// Fewest words of a block that may be a copy; shorter ones repeat by nature.
const FEWEST_WORDS: u32 = 20;
/// Least share of a copy's pairs of adjacent words that stand in what is kept.
const LEAST_SHARE: f32 = 0.9;

/// Takes from the kept blocks those whose text is kept elsewhere; the likelier one stays. What
/// repeats within one part of the page (a refrain, a form letter) is no copy.
pub(super) fn drop_copies(page: &Features<'_>, probabilities: &[f32], kept: &mut [bool]) {
    let may_be_copy = |block: usize| {
        page.measures[block].words >= FEWEST_WORDS && page.repeated(block) >= LEAST_SHARE
    };
    if !(0..kept.len()).any(|block| kept[block] && may_be_copy(block)) {
        return;
    }
    let mut order: Vec<usize> = (0..kept.len()).filter(|block| kept[*block]).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
    // In which part of the page the first of equal pairs stands.
    let mut parts: FxHashMap<u32, ContextId> = FxHashMap::default();
    for block in order {
        let [_, part, _] = page.contexts.containers(block);
        let words = page.words_of(block);
        let pairs = || words.windows(2).map(|pair| pair_hash(pair[0], pair[1]));
        if may_be_copy(block) {
            let is_elsewhere = |pair: &u32| parts.get(pair).is_some_and(|other| *other != part);
            let elsewhere = pairs().filter(is_elsewhere).count();
            if elsewhere as f32 >= LEAST_SHARE * (words.len() - 1) as f32 {
                kept[block] = false;
                continue;
            }
        }
        for pair in pairs() {
            parts.entry(pair).or_insert(part);
        }
    }
}
