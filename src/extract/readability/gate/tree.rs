//! The tree that the tree builder fills, with a meter.

use dom_query::{Document, NodeId, NodeRef};
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, QualName};
use std::borrow::Cow;
use std::cell::Cell;

/// A tree that counts what is put into it.
#[derive(Default)]
pub(super) struct CountedTree {
    document: Document,
    /// Nodes made so far, at most.
    pub(super) nodes: Cell<u32>,
    /// Attributes stored so far, at most.
    pub(super) attributes: Cell<u32>,
    /// Children moved from one parent to another.
    pub(super) moves: Cell<u64>,
}

impl CountedTree {
    /// The tree as it stands.
    pub(super) fn into_document(self) -> Document {
        self.document
    }

    fn count_node(&self) {
        self.nodes.set(self.nodes.get().saturating_add(1));
    }

    fn count_attributes(&self, attributes: &[Attribute]) {
        let count = u32::try_from(attributes.len()).unwrap_or(u32::MAX);
        self.attributes.set(self.attributes.get().saturating_add(count));
    }

    fn count_text(&self, child: &NodeOrText<NodeId>) {
        // An upper bound: text next to text is joined to it.
        if matches!(child, NodeOrText::AppendText(_)) {
            self.count_node();
        }
    }
}

impl TreeSink for CountedTree {
    type Handle = NodeId;
    type Output = Document;
    type ElemName<'a> = <Document as TreeSink>::ElemName<'a>;

    fn finish(self) -> Document {
        self.document
    }

    fn parse_error(&self, _message: Cow<'static, str>) {
        // The document would keep every one.
    }

    fn get_document(&self) -> NodeId {
        self.document.get_document()
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Self::ElemName<'a> {
        self.document.elem_name(target)
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> NodeId {
        self.count_node();
        self.count_attributes(&attributes);
        self.document.create_element(name, attributes, flags)
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.count_node();
        self.document.create_comment(text)
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.count_node();
        self.document.create_pi(target, data)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.count_text(&child);
        self.document.append(parent, child);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        self.count_text(&child);
        self.document.append_before_sibling(sibling, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        self.count_text(&child);
        self.document.append_based_on_parent_node(element, previous, child);
    }

    fn append_doctype_to_document(
        &self,
        name: StrTendril,
        public_id: StrTendril,
        system_id: StrTendril,
    ) {
        self.document.append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.document.get_template_contents(target)
    }

    fn same_node(&self, a: &NodeId, b: &NodeId) -> bool {
        self.document.same_node(a, b)
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.document.set_quirks_mode(mode);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        self.count_attributes(&attributes);
        self.document.add_attrs_if_missing(target, attributes);
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.document.remove_from_parent(target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let children = NodeRef::new(*node, &self.document.tree).children_it(false).count();
        self.moves.set(self.moves.get() + children as u64);
        self.document.reparent_children(node, new_parent);
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &NodeId) -> bool {
        self.document.is_mathml_annotation_xml_integration_point(handle)
    }
}
