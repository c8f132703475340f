//! How many different words a text has, and how evenly they are used.

use super::counts::Counts;
use super::word_table::Words;

/// The different words of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vocabulary {
    /// Number of different words, compared byte by byte.
    pub words: usize,
    /// Entropy of their distribution, in nats; 0 without words.
    ///
    /// The terms are added in the order in which the words first occur.
    pub entropy: f64,
}

/// Buffers of [`Vocabulary::of`], kept between texts.
#[derive(Debug, Default)]
pub struct VocabularyScratch {
    counts: Counts,
    places: Vec<u32>,
}

impl Vocabulary {
    /// Counts the different words, which are compared by a 61-bit hash as n-grams are.
    pub fn of(words: &Words, scratch: &mut VocabularyScratch) -> Self {
        let VocabularyScratch { counts, places } = scratch;
        counts.reset(words.len());
        places.clear();
        for hash in words.hashes() {
            let (count, place) = counts.add(hash.value);
            if count == 1 {
                places.push(place);
            }
        }
        let total = words.len() as f64;
        let term = |count: u32| -f64::from(count) / total * (f64::from(count) / total).ln();
        // Most words occur once, and a logarithm costs more than all else here.
        let once = term(1);
        let entropy = places.iter().fold(0.0, |sum, &place| match counts.at(place) {
            1 => sum + once,
            count => sum + term(count),
        });
        Self { words: places.len(), entropy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::word_table::Splitter;

    #[test]
    fn even_use_has_the_entropy_of_the_number_of_words_and_one_word_has_none() {
        let scratch = &mut VocabularyScratch::default();
        let mut of = |text: &str| {
            let mut words = Words::default();
            words.fill(text, Splitter::Whitespace);
            Vocabulary::of(&words, scratch)
        };
        assert_eq!(of(""), Vocabulary { words: 0, entropy: 0.0 });
        assert_eq!(of("a a a"), Vocabulary { words: 1, entropy: 0.0 });
        let even = of("a b c d d c b a");
        assert_eq!(even.words, 4);
        assert!((even.entropy - 4f64.ln()).abs() < 1e-15);
        assert!(of("a b c d d c b b").entropy < even.entropy);
    }
}
