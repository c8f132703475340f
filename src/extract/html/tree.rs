//! The elements and texts of a page, in a flat arena in document order.
//!
//! A node holds where its descendants end, so that a subtree is a range, the next sibling stands at
//! the end of this one, and a walk over the page is a loop over an array.

use std::borrow::Cow;

use super::tag::Tag;
use super::tokenizer::{Raw, Reading};

/// A node's place in the arena.
pub(in crate::extract) type NodeId = u32;

/// The document itself: the parent of all, with the attributes of `<body>`.
pub(in crate::extract) const DOCUMENT: NodeId = 0;

/// An element or a text.
#[derive(Debug, Clone, Copy)]
pub(in crate::extract) struct Node {
    /// Its name.
    pub(in crate::extract) tag: Tag,
    /// Of a text: whether it is part of a link.
    pub(in crate::extract) linked: bool,
    /// Of a text: how its characters are read.
    reading: Reading,
    /// The element that holds it; the document holds itself.
    pub(in crate::extract) parent: NodeId,
    /// The first node behind it that it does not hold.
    pub(in crate::extract) end: NodeId,
    /// Of a text: where it stands in the page, in bytes. Of an element: its first attribute.
    start: u32,
    /// Of a text: its length in bytes. Of an element: how many attributes it has.
    length: u32,
}

/// An attribute that extraction looks at.
#[derive(Debug, Clone, Copy)]
pub(in crate::extract) struct Kept<'a> {
    /// Its name.
    pub(in crate::extract) name: Name,
    /// As it stands in the page, without quotes.
    pub(in crate::extract) value: &'a str,
}

macro_rules! names {
    ($($name:ident $text:literal)*) => {
        /// Names of the attributes that extraction looks at; others are not kept.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(clippy::enum_variant_names, reason = "an attribute is called `name`")]
        pub(in crate::extract) enum Name {
            $(#[doc = $text] $name,)*
        }

        impl Name {
            /// The name as it stands in the page, if it is one of these.
            pub(super) fn of(name: &str) -> Option<Self> {
                // Most attributes are none of these: length and first letter tell.
                match (name.len(), name.as_bytes().first()?.to_ascii_lowercase()) {
                    $((length, first) if length == $text.len()
                        && first == $text.as_bytes()[0]
                        && name.eq_ignore_ascii_case($text) => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

names! {
    Class "class"
    Id "id"
    Href "href"
    Style "style"
    Hidden "hidden"
    Role "role"
    AriaHidden "aria-hidden"
    Itemprop "itemprop"
    Itemtype "itemtype"
    Rel "rel"
    NameOf "name"
    Property "property"
    Content "content"
    Datetime "datetime"
    Pubdate "pubdate"
    Type "type"
    Lang "lang"
}

/// A page's nodes.
#[derive(Debug)]
pub(in crate::extract) struct Tree<'a> {
    pub(super) html: &'a str,
    pub(super) nodes: Vec<Node>,
    pub(super) attributes: Vec<Kept<'a>>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(html: &'a str) -> Self {
        let document = Node {
            tag: Tag::Document,
            linked: false,
            reading: Reading::Flow,
            parent: DOCUMENT,
            end: 1,
            start: 0,
            length: 0,
        };
        // A page has about one node for 40 bytes.
        let mut nodes = Vec::with_capacity(html.len() / 40 + 16);
        nodes.push(document);
        Self { html, nodes, attributes: Vec::with_capacity(html.len() / 80 + 16) }
    }

    pub(super) fn push_element(
        &mut self,
        tag: Tag,
        parent: NodeId,
        attributes: (u32, u32),
    ) -> NodeId {
        let (start, length) = attributes;
        self.push(Node {
            tag,
            linked: false,
            reading: Reading::Flow,
            parent,
            end: 0,
            start,
            length,
        })
    }

    pub(super) fn push_text(&mut self, text: Raw<'a>, parent: NodeId, linked: bool) {
        // The page holds the text; both are under 4 GiB, since a page is capped at far less.
        let start = text.source.as_ptr() as usize - self.html.as_ptr() as usize;
        self.push(Node {
            tag: Tag::Text,
            linked,
            reading: text.reading,
            parent,
            end: 0,
            start: start as u32,
            length: text.source.len() as u32,
        });
    }

    fn push(&mut self, mut node: Node) -> NodeId {
        let id = self.nodes.len() as NodeId;
        node.end = id + 1;
        self.nodes.push(node);
        id
    }

    pub(super) fn set_attributes(&mut self, node: NodeId, (start, length): (u32, u32)) {
        let node = &mut self.nodes[node as usize];
        (node.start, node.length) = (start, length);
    }

    /// All nodes in document order.
    pub(in crate::extract) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One node.
    pub(in crate::extract) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// The characters of a text; none of an element.
    pub(in crate::extract) fn text(&self, node: &Node) -> Cow<'a, str> {
        if node.tag != Tag::Text {
            return Cow::Borrowed("");
        }
        let source = &self.html[node.start as usize..(node.start + node.length) as usize];
        Raw { source, reading: node.reading }.read()
    }

    /// The attributes of an element that are kept.
    pub(in crate::extract) fn attributes(&self, node: &Node) -> &[Kept<'a>] {
        if node.tag == Tag::Text {
            return &[];
        }
        &self.attributes[node.start as usize..(node.start + node.length) as usize]
    }

    /// The value of an attribute, as it stands in the page.
    pub(in crate::extract) fn attribute(&self, node: &Node, name: Name) -> Option<&'a str> {
        self.attributes(node).iter().find(|kept| kept.name == name).map(|kept| kept.value)
    }

    /// All characters that an element holds, those of scripts included, read.
    pub(in crate::extract) fn text_content(&self, id: NodeId) -> String {
        let node = self.node(id);
        let mut text = String::new();
        for inner in &self.nodes[id as usize..node.end as usize] {
            text.push_str(&self.text(inner));
        }
        text
    }
}

/// The characters that a value of an attribute stands for.
pub(in crate::extract) fn read_value(value: &str) -> Cow<'_, str> {
    Raw { source: value, reading: Reading::Attribute }.read()
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::extract::Limits;

    fn tree(html: &str) -> Tree<'_> {
        parse(html, &Limits::default()).unwrap()
    }

    /// The first node of a name.
    fn first<'t>(tree: &'t Tree<'_>, tag: Tag) -> (NodeId, &'t Node) {
        let mut nodes = tree.nodes().iter().enumerate();
        let (id, node) = nodes.find(|(_, node)| node.tag == tag).unwrap();
        (id as NodeId, node)
    }

    #[test]
    fn a_subtree_is_a_range_and_the_next_sibling_stands_at_its_end() {
        let tree = tree("<div><p>a<b>b</b></p><p>c</p></div>d");
        let (id, paragraph) = first(&tree, Tag::P);
        assert_eq!(tree.node(paragraph.parent).tag, Tag::Div);
        let inside = &tree.nodes()[id as usize + 1..paragraph.end as usize];
        let tags: Vec<_> = inside.iter().map(|node| node.tag).collect();
        assert_eq!(tags, [Tag::Text, Tag::B, Tag::Text]);
        let next = tree.node(paragraph.end);
        assert_eq!((next.tag, next.parent), (Tag::P, paragraph.parent));
        assert_eq!(tree.text_content(id), "ab");
        assert_eq!(tree.text_content(DOCUMENT), "abcd");
        assert_eq!(tree.node(DOCUMENT).end as usize, tree.nodes().len());
    }

    #[test]
    fn texts_are_read_as_their_element_reads_them() {
        let tree = tree("<title>&lt;\r\n\0</title><script>&lt;\r\0</script>&lt;&copy\r\nx");
        let text = |tag| tree.text_content(first(&tree, tag).0);
        assert_eq!(text(Tag::Title), "<\n\u{FFFD}");
        assert_eq!(text(Tag::Script), "&lt;\n\u{FFFD}");
        assert_eq!(tree.text(tree.nodes().last().unwrap()), "<©\nx");
        assert_eq!(tree.text(first(&tree, Tag::Title).1), "", "an element has no characters");
    }

    #[test]
    fn of_attributes_those_that_are_looked_at_are_kept_and_the_first_counts() {
        let tree = tree("<p onclick=x CLASS='a &amp; b' id=c class=d DATA-X=y hidden>text");
        let node = first(&tree, Tag::P).1;
        assert_eq!(tree.attribute(node, Name::Class), Some("a &amp; b"));
        assert_eq!(tree.attribute(node, Name::Id), Some("c"));
        assert_eq!(tree.attribute(node, Name::Hidden), Some(""));
        assert_eq!(tree.attribute(node, Name::Href), None);
        assert_eq!(tree.attributes(node).len(), 4);
        assert!(tree.attributes(first(&tree, Tag::Text).1).is_empty());
    }

    #[test]
    fn values_are_read_without_the_references_of_queries() {
        assert_eq!(read_value("a &amp; b&#33;"), "a & b!");
        assert_eq!(read_value("?a=1&copy=2&lt"), "?a=1&copy=2<");
    }

    #[test]
    fn names_of_attributes_are_known_in_either_case() {
        assert_eq!(Name::of("aria-hidden"), Some(Name::AriaHidden));
        assert_eq!(Name::of("Aria-Hidden"), Some(Name::AriaHidden));
        assert_eq!(Name::of("name"), Some(Name::NameOf));
        for other in ["", "clas", "classe", "data-class", "é"] {
            assert_eq!(Name::of(other), None, "{other}");
        }
    }
}
