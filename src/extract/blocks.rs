//! Arena → blocks: the lines that a page's text falls into.
//!
//! A block is a run of text that nothing parts: a paragraph, a heading, an item, a cell, a line
//! between two `<br>`; preformatted text is one block however many lines it has. What is text
//! follows what a browser shows of the body without style sheets:
//!
//! - left out: the title, scripts, style, `noscript`, frames, templates, drawings, form values
//!   (text areas, options), what media elements hold for browsers that cannot play them, and TeX
//!   or other annotations beside mathematics;
//! - blocks, items, rows and `<br>` end lines; paragraphs, headings, lists, tables and quotations
//!   stand between empty lines; the cells of a row are parted by a tab where each is one line;
//! - `<pre>` keeps its lines and indentation.
//!
//! Style is not looked at, nor is the attribute `hidden`: scripts show and hide as they like.

use super::html::{Node, NodeId, Role, Tag, Tree};
use super::lines::Lines;

/// What parts a block from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Separator {
    /// A tab: both are cells of one row.
    Cell,
    /// A line end.
    Line,
    /// An empty line.
    Paragraph,
}

/// A run of text that nothing parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// Where its text starts in the page's text, in bytes.
    start: u32,
    /// Where its text ends.
    end: u32,
    /// What parts it from the block before.
    pub(super) separator: Separator,
    /// White space counts.
    pub(super) preformatted: bool,
    /// It is preformatted and has several lines.
    several_lines: bool,
    /// The element that holds its first word.
    pub(super) node: NodeId,
    /// How much of the text is part of links, in bytes without white space.
    pub(super) linked_bytes: u32,
    /// How many links it has.
    pub(super) links: u32,
}

/// The blocks of a page, in order, with their text.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    text: String,
    blocks: Vec<Block>,
}

impl Blocks {
    /// The blocks of a page.
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        let mut builder = Builder::default();
        builder.text.reserve(tree.nodes().len() * 8);
        builder.walk(tree);
        Self { text: builder.text, blocks: builder.blocks }
    }

    /// The blocks in document order.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Block> {
        self.blocks.iter()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// The text of a block: running text with single spaces, preformatted text as it stands.
    pub(super) fn text(&self, block: &Block) -> &str {
        &self.text[block.start as usize..block.end as usize]
    }

    /// The text of those blocks for which `keep` holds, in the form of extracted text.
    pub(super) fn render(&self, mut keep: impl FnMut(usize) -> bool) -> String {
        let mut lines = Lines::default();
        // What parts a kept block from the kept one before it: the most of all between.
        let mut separator = Separator::Cell;
        for (number, block) in self.blocks.iter().enumerate() {
            separator = separator.max(block.separator);
            if !keep(number) {
                continue;
            }
            match std::mem::replace(&mut separator, Separator::Cell) {
                Separator::Cell => lines.cell(),
                Separator::Line => lines.ensure_breaks(1),
                Separator::Paragraph => lines.ensure_breaks(2),
            }
            match block.preformatted {
                true => lines.push_preformatted(self.text(block)),
                false => lines.push_flowing(self.text(block)),
            }
        }
        lines.finish()
    }
}

/// An element that is open.
struct Frame {
    end: NodeId,
    role: Role,
    is_row: bool,
}

/// A row of a table.
struct Row {
    /// The blocks before which its cells start.
    cells: Vec<u32>,
}

#[derive(Default)]
struct Builder {
    text: String,
    blocks: Vec<Block>,
    frames: Vec<Frame>,
    rows: Vec<Row>,
    /// Elements that are open and hide what they hold.
    hidden: u32,
    preformatted: u32,
    lists: u32,
    /// The block that is being written, if it has text.
    open: Option<Block>,
    /// What parts the next block from the last.
    separator: Option<Separator>,
    /// White space came after the last word.
    gap: bool,
    /// The last text was part of a link.
    in_link: bool,
    /// The next text follows `<pre>`: a line end there is not part of the text.
    after_pre: bool,
}

impl Builder {
    fn walk(&mut self, tree: &Tree<'_>) {
        for (id, node) in tree.nodes().iter().enumerate().skip(1) {
            self.leave(id as NodeId);
            if node.tag == Tag::Text {
                self.text(tree, node);
            } else {
                self.enter(node);
            }
        }
        self.leave(NodeId::MAX);
        self.finish_block();
    }

    /// Leaves the elements that end before a node.
    fn leave(&mut self, id: NodeId) {
        while let Some(frame) = self.frames.pop_if(|frame| frame.end <= id) {
            match frame.role {
                Role::Block => self.part(Separator::Line),
                Role::Paragraph => self.part(Separator::Paragraph),
                Role::Preformatted => {
                    self.preformatted -= 1;
                    self.part(Separator::Paragraph);
                }
                Role::List => {
                    self.lists -= 1;
                    self.part(self.list_separator());
                }
                Role::Cell => self.part(Separator::Line),
                Role::Raw | Role::Hidden | Role::Template => self.hidden -= 1,
                Role::Inline | Role::Break => {}
            }
            if frame.is_row {
                self.finish_row();
            }
        }
    }

    fn enter(&mut self, node: &Node) {
        let role = match node.tag {
            // They hold characters only, but those are shown.
            Tag::Xmp | Tag::Plaintext => Role::Preformatted,
            tag => tag.role(),
        };
        self.after_pre = false;
        match role {
            Role::Inline => {
                self.in_link &= node.tag != Tag::A;
                return;
            }
            Role::Block => self.part(Separator::Line),
            Role::Paragraph => self.part(Separator::Paragraph),
            Role::Preformatted => {
                self.part(Separator::Paragraph);
                self.preformatted += 1;
                self.after_pre = node.tag != Tag::Xmp && node.tag != Tag::Plaintext;
            }
            Role::List => {
                self.part(self.list_separator());
                self.lists += 1;
            }
            Role::Cell => {
                self.part(Separator::Line);
                let before = self.blocks.len() as u32;
                if let Some(row) = self.rows.last_mut() {
                    row.cells.push(before);
                }
            }
            Role::Break => self.line_break(),
            Role::Raw | Role::Hidden | Role::Template => self.hidden += 1,
        }
        let is_row = node.tag == Tag::Tr;
        if is_row {
            self.rows.push(Row { cells: Vec::new() });
        }
        self.frames.push(Frame { end: node.end, role, is_row });
    }

    fn list_separator(&self) -> Separator {
        if self.lists == 0 { Separator::Paragraph } else { Separator::Line }
    }

    /// Ends the block that is being written and says what parts it from the next.
    fn part(&mut self, separator: Separator) {
        if self.hidden > 0 {
            return;
        }
        self.finish_block();
        self.separator = self.separator.max(Some(separator));
    }

    fn line_break(&mut self) {
        if self.hidden > 0 {
            return;
        }
        if self.preformatted > 0 {
            if self.open.is_some() {
                self.text.push('\n');
            }
            return;
        }
        self.finish_block();
        self.separator = Some(match self.separator {
            None => Separator::Line,
            Some(_) => Separator::Paragraph,
        });
    }

    fn text(&mut self, tree: &Tree<'_>, node: &Node) {
        if self.hidden > 0 {
            return;
        }
        let text = tree.text(node);
        if self.preformatted == 0 {
            self.flowing(&text, node);
            return;
        }
        let text = match text.strip_prefix('\n') {
            Some(rest) if self.after_pre => rest,
            _ => &text,
        };
        self.after_pre = false;
        let block = self.open_block(node, true);
        let linked = if node.linked { text.len() as u32 } else { 0 };
        block.linked_bytes += linked;
        block.links += u32::from(node.linked);
        self.text.push_str(text);
    }

    /// Adds running text: white space becomes one space.
    fn flowing(&mut self, text: &str, node: &Node) {
        let mut rest = text;
        loop {
            let words = rest.trim_start();
            self.gap |= words.len() < rest.len();
            if words.is_empty() {
                return;
            }
            let end = words.find(char::is_whitespace).unwrap_or(words.len());
            let (word, after) = words.split_at(end);
            if self.open.is_some() && std::mem::take(&mut self.gap) {
                self.text.push(' ');
            }
            let starts_link = node.linked && !self.in_link;
            self.in_link = node.linked;
            let block = self.open_block(node, false);
            if node.linked {
                block.linked_bytes += word.len() as u32;
                block.links += u32::from(starts_link);
            }
            self.text.push_str(word);
            rest = after;
        }
    }

    /// The block that is being written, or a new one.
    fn open_block(&mut self, node: &Node, preformatted: bool) -> &mut Block {
        let start = self.text.len() as u32;
        self.gap &= self.open.is_some();
        let separator = &mut self.separator;
        self.open.get_or_insert_with(|| Block {
            start,
            end: start,
            separator: separator.take().unwrap_or(Separator::Paragraph),
            preformatted,
            several_lines: false,
            node: node.parent,
            linked_bytes: 0,
            links: 0,
        })
    }

    fn finish_block(&mut self) {
        self.gap = false;
        self.in_link = false;
        let Some(mut block) = self.open.take() else { return };
        if block.preformatted {
            let text = self.text[block.start as usize..].trim();
            if text.is_empty() {
                self.text.truncate(block.start as usize);
                self.separator = self.separator.max(Some(block.separator));
                return;
            }
            block.several_lines = text.contains('\n');
        }
        block.end = self.text.len() as u32;
        self.blocks.push(block);
    }

    /// A row whose cells are a line each is one line.
    fn finish_row(&mut self) {
        let Some(row) = self.rows.pop() else { return };
        let ends = row.cells.iter().skip(1).copied().chain([self.blocks.len() as u32]);
        let is_one_line = |(start, end): (&u32, u32)| {
            let blocks = self.blocks.get(*start as usize..end as usize).unwrap_or_default();
            blocks.len() <= 1 && !blocks.iter().any(|block| block.several_lines)
        };
        if !row.cells.iter().zip(ends).all(is_one_line) {
            return;
        }
        let first = row.cells.first().copied().unwrap_or(u32::MAX);
        for cell in row.cells.iter().filter(|cell| **cell > first) {
            if let Some(block) = self.blocks.get_mut(*cell as usize) {
                block.separator = Separator::Cell;
            }
        }
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
