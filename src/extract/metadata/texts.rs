//! The texts of elements, and the names in them.

use super::super::html::{Name, NodeId, Role, Tag, Tree, read_value};
use super::super::lines::Lines;
use super::marks::has_one_of;

/// Longest text of an element that is read, in bytes; what is longer is cut.
const MAX_TEXT_BYTES: usize = 2_000;
/// Most nodes of an element that its text is read from.
const MAX_TEXT_NODES: usize = 400;
/// Words of links that lead to the page of a person.
#[rustfmt::skip]
const PERSON_WORDS: &[&str] = &[
    "author", "authors", "by", "people", "person", "profile", "profiles", "staff",
    "contributor", "contributors", "user", "users", "columnist", "columnists", "journalist",
    "journalists", "writer", "writers",
];

/// The name inside an element that holds more: by microdata, by `rel`, or the text of a link, if it
/// leads to a person or all links do.
pub(super) fn held_name(tree: &Tree, id: NodeId, any_link: bool) -> Option<String> {
    let inner = || (id + 1..tree.node(id).end).take(MAX_TEXT_NODES);
    let is_marked = |id: &NodeId| {
        let is_it = |name, token: &str| {
            tree.attribute(tree.node(*id), name).is_some_and(|value| has_one_of(value, &[token]))
        };
        is_it(Name::Itemprop, "name") || is_it(Name::Rel, "author") || is_it(Name::Class, "fn")
    };
    let leads_to_person = |id: &NodeId| {
        let node = tree.node(*id);
        node.tag == Tag::A
            && (any_link || tree.attribute(node, Name::Href).is_some_and(is_of_person))
    };
    let found = inner().find(is_marked).or_else(|| inner().find(leads_to_person))?;
    let text = match tree.attribute(tree.node(found), Name::Content) {
        Some(content) => line(&read_value(content)),
        None => text_of(tree, found),
    };
    Some(text).filter(|text| !text.is_empty())
}

/// Whether a link leads to the page of a person, by its words.
fn is_of_person(link: &str) -> bool {
    let mut words = link.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| PERSON_WORDS.iter().any(|person| word.eq_ignore_ascii_case(person)))
}

/// The shown text of an element, in one line.
pub(super) fn text_of(tree: &Tree, id: NodeId) -> String {
    let mut text = String::new();
    let (mut at, end) = (id, tree.node(id).end);
    for _ in 0..MAX_TEXT_NODES {
        if at >= end || text.len() >= MAX_TEXT_BYTES {
            break;
        }
        let node = tree.node(at);
        let role = node.tag.role();
        if role.parts_lines() {
            text.push(' ');
        }
        text.push_str(&tree.text(node));
        at = match role {
            Role::Raw | Role::Hidden | Role::Template if at != id => node.end,
            _ => at + 1,
        };
    }
    line(&text)
}

/// A text in one line: single spaces, composed, without controls.
pub(super) fn line(text: &str) -> String {
    let mut lines = Lines::default();
    lines.push_flowing(start_of(text, MAX_TEXT_BYTES));
    lines.finish()
}

/// As much of a text as a number of bytes holds.
pub(super) fn start_of(text: &str, max_bytes: usize) -> &str {
    let mut ends = (0..=max_bytes.min(text.len())).rev();
    &text[..ends.find(|end| text.is_char_boundary(*end)).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_collapsed_composed_and_cut() {
        assert_eq!(line(" a\n\u{a0}b\u{1} cafe\u{301}\t"), "a b café");
        assert_eq!(line(&"é".repeat(MAX_TEXT_BYTES)).len(), MAX_TEXT_BYTES);
        assert_eq!(start_of("aé", 2), "a");
    }
}
