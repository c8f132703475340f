//! What belongs together stays together: gaps in lists, and headings over text that is kept.
//!
//! The model judges line by line, and short lines tell little. What is added here is not unlikely on
//! its own. Gold texts differ on headings and lists, and mean F1 over the sets of the extraction bench
//! falls by .001 for it. Of fifteen settings tried on pages that the model was not trained on, the one
//! below costs .0004 there and has both lists and headings of every rank.

use super::context::{Around, Context};
use super::features::Features;
use super::html::Tag;

/// Least share of a list's words that is kept, for its other items to be kept too.
const LEAST_OF_LIST: f32 = 0.5;
/// Least probability of such an item.
const LEAST_ITEM: f32 = 0.1;
/// Fewest blocks of a list.
const FEWEST_ITEMS: u32 = 3;
/// Least share of a section's words that is kept, for its heading to be kept too.
const LEAST_OF_SECTION: f32 = 0.7;
/// Least probability of such a heading.
const LEAST_HEADING: f32 = 0.2;

/// Keeps items of lists, tables and code of which most is kept, and headings of sections of which
/// most is kept.
pub(super) fn complete(page: &Features<'_>, probabilities: &[f32], kept: &mut [bool]) {
    let sums = Sums::of(page, kept);
    for block in 0..kept.len() {
        let context = page.contexts.get(page.contexts.of_block(block));
        if !kept[block] && probabilities[block] >= LEAST_ITEM && is_item(context) {
            let [list, ..] = page.contexts.containers(block).map(|id| page.contexts.get(id));
            let (first, end) = (list.first_block as usize, list.end_block as usize);
            kept[block] = list.sums.blocks >= FEWEST_ITEMS
                && sums.share(first, end).is_some_and(|share| share >= LEAST_OF_LIST);
        }
    }
    let sums = Sums::of(page, kept);
    // Headings behind the block, of a higher rank the further behind.
    let mut behind: Vec<(u8, usize)> = Vec::new();
    for block in (0..kept.len()).rev() {
        let context = page.contexts.get(page.contexts.of_block(block));
        let Some(level) = heading_level(context) else { continue };
        while behind.pop_if(|(other, _)| *other > level).is_some() {}
        let end = behind.last().map_or(kept.len(), |(_, heading)| *heading);
        if probabilities[block] >= LEAST_HEADING {
            let share = sums.share(block + 1, end);
            kept[block] |= share.is_some_and(|share| share >= LEAST_OF_SECTION);
        }
        behind.push((level, block));
    }
}

fn is_item(context: &Context) -> bool {
    let parts = [Around::List, Around::Table, Around::Dl, Around::Code];
    let is_in = |around: &Around| around.is_in(context.around);
    parts.iter().any(is_in) && !context.comment && !is_in(&Around::Concealed)
}

/// 1 for the highest; what stands in a heading without being one comes last.
fn heading_level(context: &Context) -> Option<u8> {
    match context.block_tag {
        Tag::H1 => Some(1),
        Tag::H2 => Some(2),
        Tag::H3 => Some(3),
        Tag::H4 | Tag::H5 | Tag::H6 => Some(4),
        _ => Around::Heading.is_in(context.around).then_some(5),
    }
}

/// Words of the blocks before each one, and at the end of all: of those kept, and of all.
struct Sums(Vec<(f64, f64)>);

impl Sums {
    fn of(page: &Features<'_>, kept: &[bool]) -> Self {
        let (mut of_kept, mut of_all) = (0.0, 0.0);
        let mut sums = vec![(0.0, 0.0)];
        for (kept, measures) in kept.iter().zip(&page.measures) {
            let words = f64::from(measures.words) + 0.5;
            of_kept += if *kept { words } else { 0.0 };
            of_all += words;
            sums.push((of_kept, of_all));
        }
        Self(sums)
    }

    /// The share of the words of some blocks that is kept; none if there are no blocks.
    fn share(&self, first: usize, end: usize) -> Option<f32> {
        let (from, to) = (self.0.get(first)?, self.0.get(end)?);
        (end > first).then(|| ((to.0 - from.0) / (to.1 - from.1)) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::blocks::Blocks;
    use crate::extract::html::parse;

    /// Which blocks are kept of those of the page that are not unlikely.
    fn completed(html: &str, kept: &[bool], probability: f32) -> Vec<bool> {
        let tree = parse(html, &crate::extract::Limits::default()).unwrap();
        let blocks = Blocks::of(&tree);
        let page = Features::of(&tree, &blocks);
        assert_eq!(page.len(), kept.len());
        let mut kept = kept.to_vec();
        complete(&page, &vec![probability; page.len()], &mut kept);
        kept
    }

    #[test]
    fn gaps_in_a_list_are_filled_if_most_of_it_is_kept() {
        let list = "<p>Of grain:</p><ul><li>rye<li>oats<li>wheat<li>barley</ul><p>And so on.</p>";
        let most = [true, true, false, true, true, false];
        assert_eq!(completed(list, &most, 0.3), [true, true, true, true, true, false]);
        let few = [true, true, false, false, false, true];
        assert_eq!(completed(list, &few, 0.3), few);
        assert_eq!(completed(list, &most, 0.01), most, "what is unlikely stays out");
        let comments = format!("<div id=comments>{list}</div>");
        assert_eq!(completed(&comments, &most, 0.3), most);
    }

    #[test]
    fn a_heading_stays_with_its_section() {
        let page = "<h1>Mill</h1><p>One two three</p><h2>Grain</h2><p>Four five six</p>\
                    <h2>Shop</h2><h3>Flour</h3><p>Seven eight nine ten</p>";
        let kept = [false, true, false, true, false, false, false];
        let with_grain = [false, true, true, true, false, false, false];
        assert_eq!(completed(page, &kept, 0.3), with_grain);
        assert_eq!(completed(page, &kept, 0.15), kept);
        let all = [false, true, false, true, false, false, true];
        assert_eq!(completed(page, &all, 0.3), [true; 7]);
    }
}
