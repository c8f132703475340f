//! Tokens → arena.
//!
//! Elements are opened and closed by the rules of the HTML standard that bear on text: what ends a
//! paragraph, an item, a row or a cell without an end tag, how far an end tag reaches, what ends a
//! drawing that was never closed. What browsers do beyond that moves nodes about (the adoption
//! agency, foster parenting) or copies them (formatting elements that are open across paragraphs):
//! here a node stays where it was written, and an element like `<b>` or `<a>` ends with the block
//! that holds it. So there is one node for each tag and text, and one for a row that was left out,
//! whatever the page.
//!
//! Where browsers would show less, text stays: cells and rows outside of tables are elements,
//! framesets and what comes behind them are part of the page, and a block ends an open `<select>`.
//!
//! Nothing searches the stack of open elements: each entry knows the nearest one of each kind of
//! bound, and the last of each name is kept in a table.

use rustc_hash::FxHashMap;

use super::tag::{Role, TAG_COUNT, Tag};
use super::tokenizer::{Raw, RawText, Token, Tokenizer};
use super::tree::{DOCUMENT, Kept, Name, NodeId, Tree};
use crate::extract::{ExtractError, Limits};

/// Deepest nesting. Browsers cap it there too: what would stand deeper stands beside.
const MAX_DEPTH: usize = 512;

/// Elements of drawings that hold HTML ("integration points").
const HTML_IN_SVG: &[&str] = &["foreignobject", "desc", "title"];

/// Elements of mathematics that hold HTML.
const HTML_IN_MATH: &[&str] = &["mi", "mo", "mn", "ms", "mtext"];

/// No entry of the stack.
const NONE: u32 = u32::MAX;

/// An open element.
#[derive(Clone, Copy)]
struct Open {
    node: NodeId,
    /// `Text` once its end tag was seen while others inside were still open.
    tag: Tag,
    /// Of a name without a meaning: its hash.
    name: u32,
    /// The open element of the same name below; `NONE` if there is none.
    previous: u32,
    /// The nearest entries, this one included, beyond which some end tags or starts do not reach.
    bounds: Bounds,
    /// Tags inside are of another namespace.
    foreign: bool,
}

/// Entries of the stack at or below another one; the document is a bound of each kind.
#[derive(Clone, Copy, Default)]
struct Bounds {
    /// Bounds the end tags of inline elements.
    special: u32,
    /// Bounds the end tags of blocks.
    scope: u32,
    /// Bounds the paragraph that a block closes.
    button: u32,
    /// Bounds the item that another item closes.
    item: u32,
    /// Bounds the end tag of an item.
    list: u32,
    /// Bounds rows and cells.
    table: u32,
}

impl Bounds {
    /// The bounds inside an element that is to stand at `at` of the stack.
    fn inside(mut self, tag: Tag, at: u32) -> Self {
        if tag.is_special() {
            self.special = at;
            if !matches!(tag, Tag::Address | Tag::Div | Tag::P) {
                self.item = at;
            }
        }
        if tag.bounds_scope() {
            (self.scope, self.button, self.list) = (at, at, at);
        }
        match tag {
            Tag::Button => self.button = at,
            Tag::Ol | Tag::Ul => self.list = at,
            Tag::Table | Tag::Template => self.table = at,
            _ => {}
        }
        self
    }
}

struct Builder<'a> {
    tree: Tree<'a>,
    stack: Vec<Open>,
    /// The last open element of each name, as a place in the stack.
    last: [u32; TAG_COUNT],
    /// The same of each name without a meaning, by its hash.
    others: FxHashMap<u32, u32>,
    /// Open links.
    links: u32,
    /// White space that comes now stands at the edge of a line.
    at_edge: bool,
}

/// Reads a page.
///
/// # Errors
///
/// `TooManyNodes`, `TooManyAttributes`.
pub(in crate::extract) fn parse<'a>(
    html: &'a str,
    limits: &Limits,
) -> Result<Tree<'a>, ExtractError> {
    let mut builder = Builder::new(html);
    builder.read(limits)?;
    Ok(builder.tree)
}

/// The hash of a name without a meaning, in either case the same.
fn hash(name: &str) -> u32 {
    let fold = |hash: u32, byte: u8| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    };
    name.bytes().fold(0x811C_9DC5, fold)
}

impl<'a> Builder<'a> {
    fn new(html: &'a str) -> Self {
        let document = Open {
            node: DOCUMENT,
            tag: Tag::Document,
            name: 0,
            previous: NONE,
            bounds: Bounds::default(),
            foreign: false,
        };
        Self {
            tree: Tree::new(html),
            stack: vec![document],
            last: [NONE; TAG_COUNT],
            others: FxHashMap::default(),
            links: 0,
            at_edge: true,
        }
    }

    /// Builds the tree.
    fn read(&mut self, limits: &Limits) -> Result<(), ExtractError> {
        let max_attributes = limits.max_attributes_per_element as usize;
        let mut tokenizer = Tokenizer::new(self.tree.html, max_attributes);
        let mut attributes = 0;
        loop {
            let section = if self.is_foreign() { tokenizer.section() } else { None };
            let Some(token) = section.or_else(|| tokenizer.next()) else { break };
            match token {
                Token::Text(text) => self.text(text),
                Token::Start { name, self_closing } => {
                    let count = tokenizer.attributes().len();
                    attributes += count;
                    if count > max_attributes || attributes > limits.max_attributes as usize {
                        return Err(ExtractError::TooManyAttributes {
                            per_element: limits.max_attributes_per_element,
                            total: limits.max_attributes,
                        });
                    }
                    if let Some(raw) = self.start(name, self_closing, &tokenizer) {
                        tokenizer.enter(raw, name);
                    }
                }
                Token::End { name } => self.end(name),
                Token::Comment(_) | Token::Doctype => {}
            }
            if self.tree.nodes.len() > limits.max_nodes as usize {
                return Err(ExtractError::TooManyNodes { max: limits.max_nodes });
            }
        }
        self.pop_to(0);
        Ok(())
    }

    /// Adds characters, but not white space between blocks.
    fn text(&mut self, text: Raw<'a>) {
        let is_blank = || text.source.bytes().all(|byte| byte.is_ascii_whitespace());
        if text.source.is_empty() || self.at_edge && !self.is_preformatted() && is_blank() {
            return;
        }
        self.at_edge = false;
        self.tree.push_text(text, self.current().node, self.links > 0);
    }

    fn is_preformatted(&self) -> bool {
        [Tag::Pre, Tag::Listing].iter().any(|tag| self.last[*tag as usize] != NONE)
    }

    fn current(&self) -> &Open {
        // The document is never taken off.
        &self.stack[self.stack.len() - 1]
    }

    fn is_foreign(&self) -> bool {
        self.current().foreign
    }

    /// The last open element of a name, if it stands above a bound.
    fn open_above(&self, tag: Tag, bound: u32) -> Option<usize> {
        let at = self.last[tag as usize];
        (at != NONE && at > bound).then_some(at as usize)
    }

    /// The last open element of several names above a bound.
    fn any_open_above(&self, tags: &[Tag], bound: u32) -> Option<usize> {
        tags.iter().filter_map(|tag| self.open_above(*tag, bound)).max()
    }

    fn push(&mut self, tag: Tag, name: u32, node: NodeId, foreign: bool) {
        let at = self.stack.len() as u32;
        let previous = match tag {
            Tag::Other => self.others.insert(name, at).unwrap_or(NONE),
            _ => std::mem::replace(&mut self.last[tag as usize], at),
        };
        if tag == Tag::A {
            self.links += 1;
        }
        let mut bounds = self.current().bounds.inside(tag, at);
        if self.is_foreign() && !foreign {
            // HTML inside a drawing ends nothing outside of it.
            let Bounds { table, .. } = bounds;
            bounds = Bounds { special: at, scope: at, button: at, item: at, list: at, table };
        }
        self.stack.push(Open { node, tag, name, previous, bounds, foreign });
    }

    /// Closes elements until `length` are open besides the document.
    fn pop_to(&mut self, length: usize) {
        let end = self.tree.nodes.len() as NodeId;
        while self.stack.len() > length.max(1)
            || self.stack.len() > 1 && self.current().tag == Tag::Text
        {
            let Some(open) = self.stack.pop() else { return };
            let node = &mut self.tree.nodes[open.node as usize];
            node.end = end;
            match node.tag.role() {
                // What stands before and behind what is hidden may be one line.
                Role::Hidden | Role::Template => self.at_edge = false,
                role => self.at_edge |= role.parts_lines(),
            }
            self.forget(&open);
        }
        if length == 0 {
            self.tree.nodes[DOCUMENT as usize].end = end;
        }
    }

    /// Takes an element that ends out of the tables; it must be the last one of its name.
    fn forget(&mut self, open: &Open) {
        match open.tag {
            Tag::Text => return,
            Tag::Other if open.previous == NONE => {
                self.others.remove(&open.name);
            }
            Tag::Other => {
                self.others.insert(open.name, open.previous);
            }
            tag => self.last[tag as usize] = open.previous,
        }
        if open.tag == Tag::A {
            self.links -= 1;
        }
    }

    /// Ends an element but not those inside it that are still open.
    fn end_only(&mut self, at: usize) {
        let open = self.stack[at];
        self.forget(&open);
        self.stack[at].tag = Tag::Text;
        self.pop_to(self.stack.len());
    }

    /// Keeps what extraction looks at of a tag's attributes.
    fn keep_attributes(&mut self, tokenizer: &Tokenizer<'a>) -> (u32, u32) {
        let start = self.tree.attributes.len();
        for attribute in tokenizer.attributes() {
            if let Some(name) = Name::of(attribute.name) {
                self.tree.attributes.push(Kept { name, value: attribute.value });
            }
        }
        (start as u32, (self.tree.attributes.len() - start) as u32)
    }

    /// Opens an element; gives how its characters are read if it holds nothing else.
    fn start(
        &mut self,
        name: &'a str,
        self_closing: bool,
        tokenizer: &Tokenizer<'a>,
    ) -> Option<RawText> {
        let mut tag = Tag::of(name.as_bytes());
        if self.is_foreign() {
            let styles = |name: &str| {
                ["color", "face", "size"].iter().any(|style| name.eq_ignore_ascii_case(style))
            };
            let leaves = tag.leaves_foreign()
                || tag == Tag::Font && tokenizer.attributes().iter().any(|a| styles(a.name));
            if !leaves {
                self.start_foreign(tag, name, self_closing, tokenizer);
                return None;
            }
            self.leave_foreign();
        }
        match tag {
            Tag::Html | Tag::Head | Tag::Frameset => return None,
            Tag::Body => {
                if self.tree.attributes(self.tree.node(DOCUMENT)).is_empty() {
                    let attributes = self.keep_attributes(tokenizer);
                    self.tree.set_attributes(DOCUMENT, attributes);
                }
                return None;
            }
            Tag::Image => tag = Tag::Img,
            _ => {}
        }
        if !self.make_room(tag) {
            return None;
        }
        let attributes = self.keep_attributes(tokenizer);
        if self.stack.len() >= MAX_DEPTH {
            self.pop_to(self.stack.len() - 1);
        }
        self.at_edge |= tag.role().parts_lines();
        let node = self.tree.push_element(tag, self.current().node, attributes);
        if !tag.is_void() {
            let name = if tag == Tag::Other { hash(name) } else { 0 };
            let foreign = matches!(tag, Tag::Svg | Tag::Math);
            if !foreign || !self_closing {
                self.push(tag, name, node, foreign);
            }
        }
        raw_text(tag)
    }

    /// Ends a drawing that was never closed.
    fn leave_foreign(&mut self) {
        while self.is_foreign() {
            self.pop_to(self.stack.len() - 1);
        }
    }

    /// Opens an element inside a drawing.
    fn start_foreign(
        &mut self,
        tag: Tag,
        name: &'a str,
        self_closing: bool,
        tokenizer: &Tokenizer<'a>,
    ) {
        if self.stack.len() >= MAX_DEPTH {
            self.pop_to(self.stack.len() - 1);
        }
        // Names are those of another language there: an SVG `<title>` is no page's title.
        let tag = match tag {
            Tag::Svg | Tag::Math | Tag::Annotation | Tag::AnnotationXml => tag,
            _ => Tag::Other,
        };
        let attributes = self.keep_attributes(tokenizer);
        let node = self.tree.push_element(tag, self.current().node, attributes);
        if !self_closing {
            let in_svg = self.open_above(Tag::Svg, 0) > self.open_above(Tag::Math, 0);
            let holders = if in_svg { HTML_IN_SVG } else { HTML_IN_MATH };
            let holds_html = holders.iter().any(|holder| name.eq_ignore_ascii_case(holder));
            self.push(tag, if tag == Tag::Other { hash(name) } else { 0 }, node, !holds_html);
        }
    }

    /// Closes what cannot hold an element of this name; whether the element may stand at all.
    fn make_room(&mut self, tag: Tag) -> bool {
        let bounds = self.current().bounds;
        if tag == Tag::Form && self.last[Tag::Form as usize] != NONE {
            return false;
        }
        if ends_select(tag)
            && let Some(select) = self.open_above(Tag::Select, bounds.scope)
        {
            self.pop_to(select);
            if tag == Tag::Select {
                return false;
            }
        }
        if tag.closes_paragraph()
            && let Some(paragraph) = self.open_above(Tag::P, bounds.button)
        {
            self.pop_to(paragraph);
        }
        match tag {
            _ if tag.is_heading() && self.current().tag.is_heading() => {
                self.pop_to(self.stack.len() - 1);
            }
            Tag::Li => self.close_item(&[Tag::Li]),
            Tag::Dd | Tag::Dt => self.close_item(&[Tag::Dd, Tag::Dt]),
            Tag::Td
            | Tag::Th
            | Tag::Tr
            | Tag::Tbody
            | Tag::Thead
            | Tag::Tfoot
            | Tag::Caption
            | Tag::Colgroup => self.make_room_in_table(tag),
            Tag::Table => {
                let table = self.last[Tag::Table as usize];
                if table != NONE
                    && table == bounds.table
                    && self.any_open_above(&[Tag::Td, Tag::Th, Tag::Caption], table).is_none()
                {
                    self.pop_to(table as usize);
                }
            }
            Tag::A => {
                if let Some(link) = self.open_above(Tag::A, bounds.scope) {
                    self.end_only(link);
                }
            }
            Tag::Button => {
                if let Some(button) = self.open_above(Tag::Button, bounds.scope) {
                    self.pop_to(button);
                }
            }
            Tag::Option | Tag::Optgroup => {
                self.close_current(&[Tag::Option]);
                if tag == Tag::Optgroup {
                    self.close_current(&[Tag::Optgroup]);
                }
            }
            Tag::Rb | Tag::Rt | Tag::Rtc | Tag::Rp => {
                self.close_current(&[Tag::Rb, Tag::Rt, Tag::Rp]);
            }
            _ => {}
        }
        true
    }

    /// Closes the current element if it has one of these names.
    fn close_current(&mut self, tags: &[Tag]) {
        if tags.contains(&self.current().tag) {
            self.pop_to(self.stack.len() - 1);
        }
    }

    /// Closes the item that another one ends.
    fn close_item(&mut self, tags: &[Tag]) {
        let bound = self.current().bounds.item;
        if tags.contains(&self.stack[bound as usize].tag) {
            self.pop_to(bound as usize);
        }
    }

    /// Closes what cannot hold a part of a table: all that is open in the section, row or cell that
    /// it ends, whether it may stand in a table or not.
    fn make_room_in_table(&mut self, tag: Tag) {
        const CELLS: &[Tag] = &[Tag::Td, Tag::Th, Tag::Caption, Tag::Colgroup];
        const SECTIONS: &[Tag] = &[Tag::Tbody, Tag::Thead, Tag::Tfoot];
        let table = self.current().bounds.table;
        let holder = match tag {
            Tag::Td | Tag::Th => self.any_open_above(&[Tag::Tr], table),
            _ => None,
        };
        let holder = match tag {
            Tag::Td | Tag::Th | Tag::Tr => holder.or_else(|| self.any_open_above(SECTIONS, table)),
            _ => None,
        };
        let in_table = self.stack[table as usize].tag == Tag::Table;
        match holder.or_else(|| in_table.then_some(table as usize)) {
            Some(holder) => self.pop_to(holder + 1),
            // There is no table: a row ends a row, and a cell ends a cell, wherever they are.
            None => {
                let ended = match tag {
                    Tag::Td | Tag::Th => self.any_open_above(CELLS, table),
                    Tag::Tr => self.any_open_above(&[Tag::Tr], table),
                    _ => self.any_open_above(SECTIONS, table),
                };
                self.pop_if(ended);
            }
        }
        if matches!(tag, Tag::Td | Tag::Th) && in_table && self.open_above(Tag::Tr, table).is_none()
        {
            let row = self.tree.push_element(Tag::Tr, self.current().node, (0, 0));
            self.push(Tag::Tr, 0, row, false);
        }
    }

    /// Closes an element by its end tag.
    fn end(&mut self, name: &'a str) {
        let tag = Tag::of(name.as_bytes());
        let foreign = matches!(tag, Tag::Svg | Tag::Math | Tag::Annotation | Tag::AnnotationXml);
        if self.is_foreign() && !foreign {
            if matches!(tag, Tag::P | Tag::Br) {
                self.leave_foreign();
            } else if self.end_other(hash(name), 0) {
                return;
            }
        }
        let bounds = self.current().bounds;
        match tag {
            Tag::Html | Tag::Head | Tag::Body | Tag::Document | Tag::Text => {}
            Tag::P | Tag::Br => match self.open_above(tag, bounds.button) {
                Some(paragraph) => self.pop_to(paragraph),
                None => {
                    self.tree.push_element(tag, self.current().node, (0, 0));
                    self.at_edge = true;
                }
            },
            Tag::Li => self.pop_if(self.open_above(tag, bounds.list)),
            Tag::Table => {
                let table = self.last[Tag::Table as usize];
                self.pop_if((table != NONE && table == bounds.table).then_some(table as usize));
            }
            Tag::Td | Tag::Th | Tag::Tr | Tag::Tbody | Tag::Thead | Tag::Tfoot | Tag::Caption => {
                self.pop_if(self.open_above(tag, bounds.table));
            }
            Tag::Template | Tag::Svg | Tag::Math | Tag::Annotation | Tag::AnnotationXml => {
                self.pop_if(self.open_above(tag, 0));
            }
            // That of a drawing has no meaning here, but HTML stands inside.
            Tag::Title if self.last[Tag::Title as usize] != NONE => {
                self.pop_if(self.open_above(tag, bounds.scope));
            }
            Tag::Other | Tag::Title => {
                self.end_other(hash(name), bounds.special);
            }
            _ if tag.is_heading() => {
                let headings = [Tag::H1, Tag::H2, Tag::H3, Tag::H4, Tag::H5, Tag::H6];
                self.pop_if(self.any_open_above(&headings, bounds.scope));
            }
            _ if tag.is_formatting() || tag == Tag::Form => {
                if let Some(at) = self.open_above(tag, bounds.scope) {
                    if bounds.special < at as u32 {
                        self.leave_foreign();
                    }
                    self.end_only(at);
                }
            }
            _ if tag.is_special() => {
                // The element is a bound itself if it is one for those inside it.
                let scope = match self.last[tag as usize] {
                    at if at != NONE && at == bounds.scope => at - 1,
                    _ => bounds.scope,
                };
                self.pop_if(self.open_above(tag, scope));
            }
            _ => self.pop_if(self.open_above(tag, bounds.special)),
        }
    }

    fn pop_if(&mut self, at: Option<usize>) {
        if let Some(at) = at {
            self.pop_to(at);
        }
    }

    /// Closes the last element of a name without a meaning at a bound or above; whether there was
    /// one.
    fn end_other(&mut self, name: u32, bound: u32) -> bool {
        // It is a bound itself if it holds HTML inside a drawing.
        let found = self.others.get(&name).filter(|at| **at >= bound).copied();
        self.pop_if(found.map(|at| at as usize));
        found.is_some()
    }
}

/// How the characters of an element are read that holds nothing else.
fn raw_text(tag: Tag) -> Option<RawText> {
    match tag {
        Tag::Title | Tag::Textarea => Some(RawText::Rcdata),
        Tag::Script => Some(RawText::Script),
        Tag::Plaintext => Some(RawText::Plaintext),
        _ if tag.role() == Role::Raw => Some(RawText::Rawtext),
        _ => None,
    }
}

/// Whether an element of this name ends an open `<select>`: a control or, though newer browsers let
/// it stand there, a block, since a forgotten end tag would hide the rest of the page.
fn ends_select(tag: Tag) -> bool {
    match tag {
        Tag::Select | Tag::Input | Tag::Keygen | Tag::Textarea => true,
        Tag::Hr | Tag::Br => false,
        _ => tag.role().parts_lines(),
    }
}

#[cfg(test)]
mod tests;
