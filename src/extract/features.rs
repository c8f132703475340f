//! What the content model sees of a page: numbers for each block, in order.
//!
//! All arithmetic is on integers and on `f32` in one order, without functions that machines
//! compute differently, so that a page has the same features everywhere.

mod head;
mod page;

use rustc_hash::FxHashSet;

use super::blocks::{Block, Blocks, Separator};
use super::context::{Around, Context, Contexts, Sums};
use super::html::{Tag, Tree};
use super::measure::{Measures, WordHash};
use page::Page;

/// How many features a block has.
pub(super) const WIDTH: usize = 134;

/// The names of the features, in their order.
#[rustfmt::skip]
pub(super) const NAMES: [&str; WIDTH] = [
    // The text of the block.
    "words", "chars", "no_words", "linked", "all_linked", "word_chars", "stops_per_word", "stops",
    "commas_per_word", "commas", "ends_stopped", "ends_colon", "ends_question", "digit_share",
    "upper_share", "capitalised_share", "short_lower_share", "starts_upper", "starts_digit",
    "starts_symbol", "symbol_share", "beyond_ascii_share", "unspaced_share", "in_title",
    "of_title", "in_description", "of_description", "copies",
    "repeated_before", "repeated_behind",
    // The nearest element that is no part of a line.
    "tag_p", "tag_div", "tag_li", "tag_td", "tag_th", "tag_h1", "tag_h2", "tag_h3", "tag_h4",
    "tag_pre", "tag_blockquote", "tag_dd", "tag_document",
    // The elements around.
    "in_nav", "in_header", "in_footer", "in_aside", "in_article", "in_main", "in_section",
    "in_form", "in_table", "in_list", "in_dl", "in_figure", "in_quote", "in_link", "in_control",
    "in_heading", "in_emphasis", "in_time", "in_details", "in_concealed", "in_address",
    "in_paragraph", "in_code", "in_small",
    // The place in the page.
    "comment", "after_line", "after_paragraph", "preformatted", "links", "depth", "closed",
    "opened", "at_block", "at_word", "at_texty_word", "before", "behind", "texty_before",
    "texty_behind", "since_heading", "no_heading",
    // Blocks of the same path.
    "group_blocks", "group_block_words", "group_words", "group_linked", "group_stopped",
    "group_share", "group_texty_share",
    // The three smallest elements around that hold other blocks too.
    "near_words", "near_blocks", "near_linked", "near_texty", "near_page_share",
    "near_texty_blocks", "near_at",
    "wider_words", "wider_blocks", "wider_linked", "wider_texty", "wider_page_share",
    "wider_texty_blocks", "wider_at",
    "widest_words", "widest_blocks", "widest_linked", "widest_texty", "widest_page_share",
    "widest_texty_blocks", "widest_at",
    // The smallest element with half, and with nine tenths, of the text.
    "half_inside", "half_before", "half_distance", "half_linked", "half_share",
    "most_inside", "most_before", "most_distance", "most_linked", "most_share",
    // The page.
    "page_words", "page_blocks", "page_texty_words", "page_texty_blocks", "page_linked",
    "page_texty", "page_has_article", "page_has_main", "page_headings", "page_is_article",
    "page_description", "page_nodes",
];

/// A page as the content model sees it.
pub(super) struct Features<'a> {
    page: Page<'a>,
    /// Where blocks stand.
    pub(super) contexts: Contexts,
    /// Hashes of the words of all blocks.
    pub(super) words: Vec<WordHash>,
    /// Where the words of each block end.
    pub(super) word_ends: Vec<u32>,
    /// Counts of each block.
    pub(super) measures: Vec<Measures>,
}

/// log2(1 + x), with straight lines between powers of two.
pub(super) fn log(x: f32) -> f32 {
    let bits = (1.0 + x.max(0.0)).to_bits();
    let exponent = (bits >> 23) as f32 - 127.0;
    let mantissa = f32::from_bits(bits & 0x007F_FFFF | 0x3F80_0000);
    exponent + mantissa - 1.0
}

fn share(part: u32, whole: u32) -> f32 {
    part as f32 / whole.max(1) as f32
}

fn yes(condition: bool) -> f32 {
    f32::from(u8::from(condition))
}

/// Tags of blocks that have a feature of their own.
const BLOCK_TAGS: [&[Tag]; 13] = [
    &[Tag::P],
    &[Tag::Div, Tag::Section, Tag::Article, Tag::Main],
    &[Tag::Li],
    &[Tag::Td],
    &[Tag::Th],
    &[Tag::H1],
    &[Tag::H2],
    &[Tag::H3],
    &[Tag::H4, Tag::H5, Tag::H6],
    &[Tag::Pre],
    &[Tag::Blockquote],
    &[Tag::Dd, Tag::Dt],
    &[Tag::Document, Tag::Center, Tag::Form],
];

impl<'a> Features<'a> {
    /// Those of a page.
    pub(super) fn of(tree: &Tree<'_>, blocks: &'a Blocks) -> Self {
        let mut words = Vec::with_capacity(blocks.len() * 8);
        let mut word_ends = Vec::with_capacity(blocks.len());
        let mut measures = Vec::with_capacity(blocks.len());
        let mut linked = Vec::with_capacity(blocks.len());
        let mut sums = Vec::with_capacity(blocks.len());
        for block in blocks.iter() {
            let text = blocks.text(block);
            let m = Measures::of(text, |word| words.push(word));
            let share = Measures::linked_share(text.len(), block);
            word_ends.push(words.len() as u32);
            sums.push(Sums::of(&m, share));
            linked.push(share);
            measures.push(m);
        }
        let contexts = Contexts::of(tree, blocks, &sums);
        let repeated = page::repeated(&words, &word_ends);
        let page = Page::new(tree, blocks, &contexts, &measures, linked, sums, repeated);
        Self { page, contexts, words, word_ends, measures }
    }

    /// How many blocks the page has.
    pub(super) fn len(&self) -> usize {
        self.measures.len()
    }

    /// Passes on the features of each block, in order: [`WIDTH`] numbers, named by [`NAMES`].
    pub(super) fn each_row(&self, mut each: impl FnMut(usize, &[f32])) {
        let mut row = Vec::with_capacity(WIDTH);
        let total = self.contexts.get(0).sums;
        let mut state = State::default();
        for (number, block) in self.page.blocks.iter().enumerate() {
            row.clear();
            self.text_features(number, &mut row);
            self.place_features(number, block, &total, &mut state, &mut row);
            self.container_features(number, &total, &mut row);
            row.extend_from_slice(&self.page.common);
            debug_assert_eq!(row.len(), WIDTH);
            each(number, &row);
            state.words += self.page.sums[number].words;
            state.texty_words += self.page.sums[number].texty_words;
        }
    }

    /// Whether a block stands among comments of readers.
    pub(super) fn is_comment(&self, block: usize) -> bool {
        self.contexts.get(self.contexts.of_block(block)).comment
    }

    /// The share of a block's pairs of adjacent words that stand in other blocks too, at most; 0 to 2.
    pub(super) fn repeated(&self, block: usize) -> f32 {
        let (before, behind) = self.page.repeated[block];
        before + behind
    }

    /// Which blocks have the same path as others, as numbers of groups.
    pub(super) fn groups(&self) -> &[u32] {
        &self.page.group_of_block
    }

    /// The hashes of a block's words, in order.
    pub(super) fn words_of(&self, block: usize) -> &[WordHash] {
        let start = if block == 0 { 0 } else { self.word_ends[block - 1] };
        &self.words[start as usize..self.word_ends[block] as usize]
    }

    fn text_features(&self, number: usize, row: &mut Vec<f32>) {
        let m = &self.measures[number];
        let linked = self.page.linked[number];
        let words = self.words_of(number);
        let in_set = |set: &FxHashSet<WordHash>| -> (f32, f32) {
            if set.is_empty() || words.len() > 200 {
                return (0.0, 0.0);
            }
            let mut found: Vec<WordHash> =
                words.iter().copied().filter(|word| set.contains(word)).collect();
            let of_block = found.len() as f32 / words.len().max(1) as f32;
            found.sort_unstable();
            found.dedup();
            (of_block, found.len() as f32 / set.len() as f32)
        };
        let (in_title, of_title) = in_set(&self.page.head.title);
        let (in_description, of_description) = in_set(&self.page.head.description);
        let (repeated_before, repeated_behind) = self.page.repeated[number];
        row.extend([
            log(m.words as f32) / 4.0,
            log(m.chars as f32) / 8.0,
            yes(m.words == 0),
            linked,
            yes(linked > 0.9),
            m.chars as f32 / m.words.max(1) as f32 / 10.0,
            (share(m.stops, m.words) * 4.0).min(1.0),
            log(m.stops as f32) / 2.0,
            (share(m.commas, m.words) * 4.0).min(1.0),
            log(m.commas as f32) / 2.0,
            yes(is_stop(m.last)),
            yes(m.last == ':' || m.last == '：'),
            yes(m.last == '?' || m.last == '？'),
            share(m.digits, m.chars),
            share(m.upper, m.cased),
            share(m.capitalised, m.words),
            share(m.short_lower, m.words),
            yes(m.first.is_uppercase()),
            yes(m.first.is_numeric()),
            yes(!m.first.is_alphanumeric()),
            share(m.symbols, m.chars),
            share(m.beyond_ascii, m.chars),
            share(m.unspaced, m.words),
            in_title,
            of_title,
            in_description,
            of_description,
            log(self.page.copies.get(&m.hash).copied().unwrap_or(0) as f32 - 1.0) / 2.0,
            repeated_before,
            repeated_behind,
        ]);
    }

    fn place_features(
        &self,
        number: usize,
        block: &Block,
        total: &Sums,
        state: &mut State,
        row: &mut Vec<f32>,
    ) {
        let contexts = &self.contexts;
        let context = contexts.get(contexts.of_block(number));
        row.extend(BLOCK_TAGS.iter().map(|tags| yes(tags.contains(&context.block_tag))));
        row.extend(Around::ALL.iter().map(|around| yes(around.is_in(context.around))));
        let page = &self.page;
        let group = page.groups[page.group_of_block[number] as usize];
        let group_blocks = group.sums.blocks.max(1) as f32;
        let heading = context.block_tag == Tag::H1 || context.block_tag == Tag::H2;
        if heading {
            state.since_heading = Some(0);
        }
        let (closed, opened) = state.moved(contexts, number);
        let behind = self.len() - number;
        row.extend([
            yes(context.comment),
            yes(block.separator == Separator::Line),
            yes(block.separator == Separator::Paragraph),
            yes(block.preformatted),
            log(block.links as f32) / 4.0,
            context.depth as f32 / 32.0,
            log(closed) / 4.0,
            log(opened) / 4.0,
            number as f32 / self.len() as f32,
            share(state.words, total.words),
            share(state.texty_words, total.texty_words),
            log(number as f32) / 8.0,
            log(behind as f32) / 8.0,
            log(page.texty_before[number] as f32) / 4.0,
            log(page.texty_behind[number] as f32) / 4.0,
            state.since_heading.map_or(1.0, |since: u32| log(since as f32) / 8.0),
            yes(state.since_heading.is_none()),
            log(group_blocks) / 8.0,
            log(group.sums.words as f32 / group_blocks) / 4.0,
            log(group.sums.words as f32) / 8.0,
            group.sums.linked_share(),
            group.stopped as f32 / group_blocks,
            share(group.sums.words, total.words),
            share(group.sums.texty_words, total.texty_words),
        ]);
        if let Some(since) = &mut state.since_heading {
            *since += 1;
        }
    }

    fn container_features(&self, number: usize, total: &Sums, row: &mut Vec<f32>) {
        let contexts = &self.contexts;
        for container in contexts.containers(number) {
            let container = contexts.get(container);
            let sums = &container.sums;
            let at = (number as u32 - container.first_block) as f32 / sums.blocks.max(1) as f32;
            row.extend([
                log(sums.words as f32) / 8.0,
                log(sums.blocks as f32) / 8.0,
                sums.linked_share(),
                share(sums.texty_words, sums.words),
                share(sums.texty_words, total.texty_words),
                log(sums.texty_blocks as f32) / 4.0,
                at,
            ]);
        }
        for half in self.page.halves {
            let half: &Context = contexts.get(half);
            let number = number as u32;
            let inside = half.first_block <= number && number < half.end_block;
            let distance = match inside {
                true => 0,
                false if number < half.first_block => half.first_block - number,
                false => number - half.end_block + 1,
            };
            row.extend([
                yes(inside),
                yes(number < half.first_block),
                log(distance as f32) / 8.0,
                half.sums.linked_share(),
                share(half.sums.words, total.words),
            ]);
        }
    }
}

#[derive(Default)]
struct State {
    words: u32,
    texty_words: u32,
    since_heading: Option<u32>,
    last: Option<u32>,
}

impl State {
    /// How many levels were closed since the block before, and opened for this one.
    fn moved(&mut self, contexts: &Contexts, number: usize) -> (f32, f32) {
        let to = contexts.of_block(number);
        let from = self.last.replace(to).unwrap_or(0);
        let (mut a, mut b) = (from, to);
        let (mut closed, mut opened) = (0, 0);
        while a != b {
            if contexts.get(a).depth >= contexts.get(b).depth {
                a = contexts.get(a).parent;
                closed += 1;
            } else {
                b = contexts.get(b).parent;
                opened += 1;
            }
        }
        (closed as f32, opened as f32)
    }
}

fn is_stop(last: char) -> bool {
    matches!(last, '.' | '!' | '?' | '。' | '！' | '？' | '…' | '؟' | '।' | '۔')
}
