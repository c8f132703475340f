//! HTML → tree within budgets: what stands between hostile pages and libraries that trust theirs.
//!
//! html5ever and dom_smoothie are quadratic in depth and in other things, and some of their
//! functions call themselves once per level, which overflows the stack and cannot be caught. The
//! gate does not guess what a page will do to them: it runs the real tree builder between two
//! watchers and stops it when a budget is spent.
//!
//! - [`Gate`], in front of the tree builder, counts what each tag may cost: steps are the
//!   elements on the builder's stack and in its list of formatting elements, which tags look
//!   through. It also takes away the attributes that no text depends on, so that they can neither
//!   be stored a million times nor make formatting elements differ that would else count as equal.
//! - [`CountedTree`], behind it, counts nodes and attributes as they are made, so that the copies
//!   which the builder makes of unclosed formatting elements count too.
//! - [`survey`] measures the finished tree: depth, and text times depth, which is what looking at
//!   the text of every element costs.

mod tree;

use super::feed::{BudgetedSink, boundary_before, feed};
use crate::extract::{ExtractError, Limits};
use dom_query::{Document, NodeId};
use html5ever::local_name;
use html5ever::tendril::SliceExt;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{Tracer, TreeBuilder, TreeBuilderOpts};
use std::cell::{Cell, RefCell};
use tree::CountedTree;

/// Attribute values are cut to this many bytes: nothing looks for more than a word in them.
const ATTRIBUTE_VALUE_BYTES: usize = 1024;

/// The size of the builder's stack is asked for once in so many tags.
const TAGS_PER_SIZING: u32 = 16;

/// What passing by a node costs, as so many bytes of text.
const NODE_BYTES: u64 = 8;

/// Parses a page.
///
/// # Errors
///
/// `TooDeep`, `TooManyNodes`, `TooManyAttributes`, `TooMuchWork`.
pub(super) fn parse(html: &str, limits: &Limits) -> Result<Document, ExtractError> {
    // Without scripting, as dom_smoothie parses by itself: `<noscript>` holds elements.
    let options = TreeBuilderOpts { scripting_enabled: false, ..Default::default() };
    let gate = Gate {
        builder: TreeBuilder::new(CountedTree::default(), options),
        limits,
        open: Cell::new(0),
        until_sizing: Cell::new(0),
        steps: Cell::new(0),
        refusal: RefCell::new(None),
    };
    let document = feed(html, gate, limits)?.builder.sink.into_document();
    survey(&document, limits)?;
    Ok(document)
}

/// Watches tags on their way to the tree builder.
struct Gate<'a> {
    builder: TreeBuilder<NodeId, CountedTree>,
    limits: &'a Limits,
    /// Elements on the builder's stack and in its list of formatting elements.
    open: Cell<u32>,
    until_sizing: Cell<u32>,
    steps: Cell<u64>,
    refusal: RefCell<Option<ExtractError>>,
}

impl Gate<'_> {
    /// Counts what this tag may cost.
    fn count(&self, tag: &Tag) {
        if self.until_sizing.get() == 0 {
            self.until_sizing.set(TAGS_PER_SIZING);
            let count = Count::default();
            self.builder.trace_handles(&count);
            self.open.set(count.0.get());
        }
        self.until_sizing.set(self.until_sizing.get() - 1);
        // Formatting elements are compared by their attributes.
        let steps = u64::from(self.open.get()) * (1 + tag.attrs.len() as u64);
        self.steps.set(self.steps.get() + steps);
    }

    fn check(&self) {
        let limits = self.limits;
        let tree = &self.builder.sink;
        // An open formatting element is counted twice, and some entries are no elements.
        let too_deep = self.open.get() > 2 * limits.max_depth + 8;
        let refusal = if too_deep {
            ExtractError::TooDeep { max: limits.max_depth }
        } else if tree.nodes.get() > limits.max_nodes {
            ExtractError::TooManyNodes { max: limits.max_nodes }
        } else if tree.attributes.get() > limits.max_attributes {
            ExtractError::TooManyAttributes {
                per_element: limits.max_attributes_per_element,
                total: limits.max_attributes,
            }
        } else if self.steps.get() + tree.moves.get() > limits.max_parse_steps {
            ExtractError::TooMuchWork { max: limits.max_parse_steps, unit: "parse steps" }
        } else {
            return;
        };
        *self.refusal.borrow_mut() = Some(refusal);
    }
}

impl TokenSink for Gate<'_> {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        if self.refusal.borrow().is_some() {
            return TokenSinkResult::Continue;
        }
        let token = match token {
            Token::TagToken(mut tag) => {
                lighten(&mut tag);
                self.count(&tag);
                Token::TagToken(tag)
            }
            Token::ParseError(_) => return TokenSinkResult::Continue,
            other => other,
        };
        let result = self.builder.process_token(token, line);
        self.check();
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl BudgetedSink for Gate<'_> {
    fn refusal(&self) -> Option<ExtractError> {
        self.refusal.borrow().clone()
    }
}

/// Counts the elements that a tree builder holds.
#[derive(Default)]
struct Count(Cell<u32>);

impl Tracer for Count {
    type Handle = NodeId;

    fn trace_handle(&self, _node: &NodeId) {
        self.0.set(self.0.get() + 1);
    }
}

/// Takes away what no text depends on.
fn lighten(tag: &mut Tag) {
    if tag.kind == TagKind::EndTag {
        tag.attrs.clear();
        return;
    }
    let keeps_all = matches!(
        tag.name,
        // Whether there is an image or a film is asked of any attribute.
        local_name!("img")
            | local_name!("picture")
            | local_name!("figure")
            | local_name!("object")
            | local_name!("embed")
            | local_name!("iframe")
            | local_name!("annotation-xml")
    );
    // Links are not text, and a long base would be copied into each of them.
    if tag.name == local_name!("base") {
        tag.attrs.clear();
    }
    if !keeps_all {
        tag.attrs.retain(|attribute| bears_on_text(&attribute.name.local));
    }
    for attribute in &mut tag.attrs {
        if attribute.value.len() > ATTRIBUTE_VALUE_BYTES {
            let end = boundary_before(&attribute.value, ATTRIBUTE_VALUE_BYTES);
            attribute.value = attribute.value[..end].to_tendril();
        }
    }
}

/// Whether what is boilerplate, or how a page parses, may depend on an attribute of this name.
fn bears_on_text(name: &str) -> bool {
    matches!(
        name,
        "class"
            | "id"
            | "role"
            | "style"
            | "hidden"
            | "aria-hidden"
            | "aria-modal"
            | "href"
            | "rel"
            | "itemprop"
            | "type"
            | "name"
            | "property"
            | "content"
            | "summary"
            | "datatable"
            | "colspan"
            | "lang"
            | "dir"
    )
}

/// Measures a finished tree, level by level as it nests, without a stack.
fn survey(document: &Document, limits: &Limits) -> Result<(), ExtractError> {
    let root = document.root();
    let (mut node, mut depth) = (root, 0_u32);
    let mut nested_bytes = 0_u64;
    // Headings are compared with the title, each time with the whole of it.
    let (mut headings, mut title_bytes) = (0_u64, 0_u64);
    loop {
        if node.is_text() {
            nested_bytes += u64::from(depth) * node.text().len() as u64;
        } else {
            nested_bytes += u64::from(depth) * NODE_BYTES;
        }
        if let Some(name) = node.node_name() {
            if matches!(&*name, "h1" | "h2") {
                headings += 1;
            }
            let may_be_title = match &*name {
                "h1" | "title" => Some(node.text()),
                "meta" => node.attr("content"),
                _ => None,
            };
            title_bytes = title_bytes.max(may_be_title.map_or(0, |title| title.len() as u64));
        }
        if depth > limits.max_depth {
            return Err(ExtractError::TooDeep { max: limits.max_depth });
        }
        if nested_bytes + headings * title_bytes > limits.max_nested_bytes {
            return Err(ExtractError::TooMuchWork {
                max: limits.max_nested_bytes,
                unit: "bytes of nested text",
            });
        }
        if let Some(child) = node.first_child() {
            (node, depth) = (child, depth + 1);
            continue;
        }
        loop {
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            match node.parent() {
                Some(parent) => (node, depth) = (parent, depth - 1),
                None => return Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(html: &str, limits: Limits) -> Option<&'static str> {
        parse(html, &limits).err().map(|error| error.kind())
    }

    #[test]
    fn depth_is_bounded_from_both_sides() {
        // html, body and the text stand above and below the divs.
        let html = "<div>".repeat(7) + "x";
        let limits = |max_depth| Limits { max_depth, ..Limits::default() };
        assert_eq!(refusal(&html, limits(10)), None);
        assert_eq!(refusal(&html, limits(9)), Some("too_deep"));
    }

    #[test]
    fn nodes_and_attributes_are_bounded_from_both_sides() {
        // html, head, body, p, text, img.
        let html = "<p id=a class=b>x<img src=y>";
        let limits = Limits { max_nodes: 6, max_attributes: 3, ..Limits::default() };
        assert_eq!(refusal(html, limits.clone()), None);
        assert_eq!(
            refusal(html, Limits { max_nodes: 5, ..limits.clone() }),
            Some("too_many_nodes")
        );
        assert_eq!(
            refusal(html, Limits { max_attributes: 2, ..limits }),
            Some("too_many_attributes")
        );
    }

    #[test]
    fn copies_of_unclosed_formatting_elements_count() {
        let fonts: String = (0..50).map(|i| format!("<font id={i}>")).collect();
        let limits = Limits { max_nodes: 1_000, ..Limits::default() };
        assert_eq!(refusal(&format!("{fonts}{}", "x<p>".repeat(50)), limits.clone()), None);
        let reopened = format!("<p>{fonts}{}", "x</p><p>".repeat(50));
        assert_eq!(refusal(&reopened, limits), Some("too_many_nodes"));
    }

    #[test]
    fn steps_and_nested_text_are_bounded() {
        let limits = Limits { max_parse_steps: 10_000, ..Limits::default() };
        let html = "<i>".repeat(3) + &"</q>".repeat(3_000);
        assert_eq!(refusal(&html, limits), Some("too_much_work"));
        let limits = Limits { max_nested_bytes: 10_000, ..Limits::default() };
        let nested = |levels| "<div>".repeat(levels) + &"x".repeat(1_000);
        assert_eq!(refusal(&nested(2), limits.clone()), None);
        assert_eq!(refusal(&nested(12), limits.clone()), Some("too_much_work"));
        let title = format!("<title>{}</title>{}", "x".repeat(200), "<h2></h2>".repeat(60));
        assert_eq!(refusal(&title, limits), Some("too_much_work"));
    }

    #[test]
    fn what_no_text_depends_on_is_taken_away() {
        let long = "x".repeat(5_000);
        let html = format!("<base href=/b><p id={long} onclick=y>x<img data-a=b>");
        let document = parse(&html, &Limits::default()).unwrap();
        let paragraph = document.select_single("p");
        assert_eq!(paragraph.attr_or("id", "").len(), ATTRIBUTE_VALUE_BYTES);
        assert!(!paragraph.has_attr("onclick"));
        assert!(document.select_single("img").has_attr("data-a"));
        assert!(document.base_uri().is_none());
    }
}
