//! HTML → a flat arena: tokens by the standard, a tree by what of it bears on text.

mod builder;
mod references;
mod tag;
#[cfg(test)]
mod testing;
mod tokenizer;
mod tree;

pub(super) use builder::parse;
pub(super) use tag::{Role, Tag};
#[cfg(test)]
pub(super) use testing::{FORMATTING, SOUP, WIDE};
pub(super) use tree::{DOCUMENT, Name, Node, NodeId, Tree, read_value};
