//! What a page says of its text in its head.

use rustc_hash::FxHashSet;

use super::super::html::{Name, Tag, Tree, read_value};
use super::super::measure::{Measures, WordHash};

/// The words of a text that says what a page is about.
fn word_set(text: &str) -> FxHashSet<WordHash> {
    let mut words = FxHashSet::default();
    Measures::of(text, |word| {
        words.insert(word);
    });
    words
}

/// What a page says of its text.
#[derive(Default)]
pub(super) struct Head {
    /// Words of its title.
    pub(super) title: FxHashSet<WordHash>,
    /// Words of the longest description.
    pub(super) description: FxHashSet<WordHash>,
    /// Whether it says that it is an article.
    pub(super) is_article: bool,
}

impl Head {
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        let mut head = Self::default();
        for (id, node) in tree.nodes().iter().enumerate() {
            match node.tag {
                Tag::Title if head.title.is_empty() => {
                    head.title = word_set(&tree.text_content(id as u32));
                }
                Tag::Meta => {
                    let name = tree
                        .attribute(node, Name::Property)
                        .or_else(|| tree.attribute(node, Name::NameOf));
                    let (Some(name), Some(content)) = (name, tree.attribute(node, Name::Content))
                    else {
                        continue;
                    };
                    if name.eq_ignore_ascii_case("description")
                        || name.eq_ignore_ascii_case("og:description")
                    {
                        let words = word_set(&read_value(content));
                        if words.len() > head.description.len() {
                            head.description = words;
                        }
                    } else if name.eq_ignore_ascii_case("og:type") {
                        head.is_article |= content.eq_ignore_ascii_case("article");
                    }
                }
                _ => {}
            }
        }
        head
    }
}
