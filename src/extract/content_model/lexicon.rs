//! What words weigh on their own: those of classes and ids of the elements around a block, and those
//! of its text.

use rustc_hash::FxHashMap;

use crate::extract::context::TokenHash;
use crate::extract::features::Features;
use crate::extract::measure::WordHash;

/// What is told of a block, in order: the sum, the least and the most of the words of classes
/// around it, the sum of those of its own element, and that of the words of its text.
pub(super) const NAMES: [&str; 5] =
    ["class_sum", "class_least", "class_most", "class_own", "word_sum"];

/// Longest text that is looked at, in words: in short ones, words tell what they are for.
const MAX_WORDS: usize = 20;

/// The weight of a word of a class.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ClassWeight {
    /// Of an element around the block, or its own.
    pub(super) around: f32,
    /// Of its own, beside that.
    pub(super) own: f32,
}

/// Words and their weights.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    /// Words of classes and ids, and pairs of them.
    pub(super) classes: FxHashMap<TokenHash, ClassWeight>,
    /// Words of texts.
    pub(super) words: FxHashMap<WordHash, f32>,
}

/// Sums over the elements from the document down to one.
#[derive(Debug, Clone, Copy, Default)]
struct Around {
    sum: f32,
    least: f32,
    most: f32,
    own: f32,
    /// Whether any word was known, so that there is a least and a most one.
    known: bool,
}

impl Lexicon {
    /// Appends the numbers that [`NAMES`] names for each block of a page.
    pub(super) fn weigh(&self, page: &Features<'_>, rows: &mut Vec<f32>) {
        let mut arounds: Vec<Around> = Vec::with_capacity(page.contexts.all().len());
        for (id, context) in page.contexts.all().iter().enumerate() {
            let mut around = match id {
                0 => Around::default(),
                // Parents come before their children.
                _ => Around { own: 0.0, ..arounds[context.parent as usize] },
            };
            for token in page.contexts.tokens(context) {
                let Some(weight) = self.classes.get(token) else { continue };
                around.sum += weight.around;
                around.own += weight.own;
                let known = around.known;
                around.least = if known { around.least.min(weight.around) } else { weight.around };
                around.most = if known { around.most.max(weight.around) } else { weight.around };
                around.known = true;
            }
            arounds.push(around);
        }
        for number in 0..page.len() {
            let around = arounds[page.contexts.of_block(number) as usize];
            let words = page.words_of(number);
            let mut sum = 0.0;
            if words.len() <= MAX_WORDS {
                for word in words {
                    sum += self.words.get(word).copied().unwrap_or(0.0);
                }
            }
            let scale = 0.5 / (words.len().max(4) as f32).sqrt();
            rows.extend([around.sum, around.least, around.most, around.own, sum * scale]);
        }
    }

    /// How many words there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.classes.len() + self.words.len()
    }
}
