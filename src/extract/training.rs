//! Pages as the trainer of the content model sees them.
//!
//! `benches/extraction` writes these to files for its `train.py`. What is trained on is what
//! extraction measures: the same blocks, features and words, by the same code.

use super::blocks::Blocks;
use super::context::{each_token, token_hash};
use super::features::{Features, NAMES};
use super::html::{Name, parse};
use super::measure::word_hash;
use super::{ExtractError, Limits};

/// The names of the features of a block, in order.
pub const FEATURES: &[&str] = &NAMES;

/// A block: a line of the page's text.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Its text; running text with single spaces.
    pub text: String,
    /// What the content model sees of it, in the order of [`FEATURES`].
    pub features: Vec<f32>,
    /// Hashes of its words in lower case, in order.
    pub words: Vec<u32>,
    /// The element that holds it, as a place in [`Page::elements`].
    pub element: u32,
    /// The blocks of the three smallest elements around it that hold others too: the first, and
    /// the first behind them.
    pub containers: [(u32, u32); 3],
    /// Which blocks of the page have the same path.
    pub group: u32,
}

/// An element that holds blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The one around it, as a place in [`Page::elements`]; the document's own is its own.
    pub parent: u32,
    /// Hashes of the words of its class, id, role and item property, and of pairs of them.
    pub classes: Vec<u32>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// Its blocks, in order.
    pub blocks: Vec<Block>,
    /// The elements that hold them, parents first.
    pub elements: Vec<Element>,
    /// What the hashes of classes stand for: a word, or two with a hyphen between.
    pub class_names: Vec<(u32, String)>,
    /// What the hashes of words stand for.
    pub word_names: Vec<(u32, String)>,
}

impl Page {
    /// Reads a page that is already decoded.
    ///
    /// # Errors
    ///
    /// [`ExtractError`] where the page is beyond `limits`.
    pub fn of(html: &str, limits: &Limits) -> Result<Self, ExtractError> {
        let tree = parse(html, limits)?;
        let blocks = Blocks::of(&tree);
        let features = Features::of(&tree, &blocks);
        let contexts = &features.contexts;
        let mut page = Self::default();
        let mut rows = Vec::with_capacity(blocks.len());
        features.each_row(|_, row| rows.push(row.to_vec()));
        for (number, (block, row)) in blocks.iter().zip(rows).enumerate() {
            let text = blocks.text(block).to_owned();
            let not_word = |c: char| !(c.is_alphanumeric() || c == '\'' || c == '’');
            for word in text.split(not_word) {
                let letters = word.chars().filter(|c| c.is_alphanumeric());
                let word: String = letters.flat_map(|c| c.to_lowercase().take(1)).collect();
                page.word_names.push((word_hash(&word), word));
            }
            page.blocks.push(Block {
                text,
                features: row,
                words: features.words_of(number).to_vec(),
                element: contexts.of_block(number),
                containers: contexts.containers(number).map(|container| {
                    let container = contexts.get(container);
                    (container.first_block, container.end_block)
                }),
                group: features.groups()[number],
            });
        }
        page.elements = contexts
            .all()
            .iter()
            .map(|context| Element {
                parent: context.parent,
                classes: contexts.tokens(context).to_vec(),
            })
            .collect();
        for node in tree.nodes() {
            for attribute in tree.attributes(node) {
                if matches!(attribute.name, Name::Class | Name::Id | Name::Role | Name::Itemprop) {
                    page.name_classes(attribute.value);
                }
            }
        }
        Ok(page)
    }

    fn name_classes(&mut self, value: &str) {
        let mut before = String::new();
        let mut last = String::new();
        each_token(value, |hash, word| {
            let word = String::from_utf8_lossy(word).into_owned();
            if hash == token_hash(word.as_bytes()) {
                before = std::mem::replace(&mut last, word.clone());
                self.class_names.push((hash, word));
            } else {
                // The pair that this word ends.
                self.class_names.push((hash, format!("{before}-{word}")));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_have_the_names_that_stand_in_the_page() {
        let html = "<div class='entry-content x'><p id=firstPara>Don't read <b>THIS</b></p></div>";
        let page = Page::of(html, &Limits::default()).unwrap();
        let [block] = &page.blocks[..] else { panic!("one block") };
        assert_eq!(
            (block.text.as_str(), block.features.len()),
            ("Don't read THIS", FEATURES.len())
        );
        let name = |names: &[(u32, String)], hash: u32| {
            names.iter().find(|(known, _)| *known == hash).map(|(_, name)| name.clone())
        };
        let words: Vec<_> =
            block.words.iter().filter_map(|hash| name(&page.word_names, *hash)).collect();
        assert_eq!(words, ["dont", "read", "this"]);
        let element = &page.elements[block.element as usize];
        let around = &page.elements[element.parent as usize];
        let classes = |element: &Element| -> Vec<_> {
            element.classes.iter().filter_map(|hash| name(&page.class_names, *hash)).collect()
        };
        assert_eq!(classes(element), ["first", "para", "first-para"]);
        assert_eq!(classes(around), ["entry", "content", "entry-content"]);
    }
}
