//! Documents of random words.

use std::collections::HashSet;

use super::SplitMix64;
use crate::cut::formats::CutDocument;
use crate::cut::priority::{Priority, Purpose};
use crate::document::{Document, Location};

/// Words of the vocabulary; this and the next three are those of arXiv 2605.19407.
const VOCABULARY_WORDS: usize = 10_000;
/// Words of a document; the last one is shorter.
const DOCUMENT_WORDS: u64 = 2000;
/// Letters of the shortest word.
const LEAST_LETTERS: u64 = 3;
/// Letters of the longest word.
const MOST_LETTERS: u64 = 8;

/// Random words as a share of a pool's words, in documents that are spread over it.
///
/// The words are drawn with equal chances from 10,000 distinct ones of 3 to 8 letters a to z. Of a
/// word both the length and the letters are uniform, but for those that are drawn again because the
/// vocabulary has them already; the paper's vocabulary may hold a word twice.
///
/// A document has an id `random-words:<seed>:<number from 0>`, which its location names as its file
/// too, and no other metadata. Its text depends on the seed and the number alone.
#[derive(Debug, Clone)]
pub struct RandomWords {
    name: String,
    priority: Priority,
    vocabulary: Vec<String>,
    percent: u64,
    /// Words of the pool so far.
    pool_words: u128,
    /// Words given out.
    words: u128,
    /// Documents given out.
    documents: u64,
}

impl RandomWords {
    /// `percent` random words for every 100 words of the pool.
    pub fn new(seed: u64, percent: u64) -> Self {
        let name = format!("random-words:{seed}");
        let priority = Priority::new(Purpose::Junk, seed);
        let vocabulary = vocabulary(SplitMix64::new(priority.of(&name)));
        Self { name, priority, vocabulary, percent, pool_words: 0, words: 0, documents: 0 }
    }

    /// What follows a document of the pool that has so many words: a document of 2,000 words for
    /// each that the percentage allows by now.
    pub fn after(&mut self, words: u64) -> impl Iterator<Item = CutDocument> {
        self.pool_words += u128::from(words);
        std::iter::from_fn(|| {
            (self.owed() >= u128::from(DOCUMENT_WORDS)).then(|| self.document(DOCUMENT_WORDS))
        })
    }

    /// What follows the pool: the words that are left in one shorter document, if there are any.
    ///
    /// With it the documents have, rounded down, exactly the percentage of the pool's words.
    pub fn last(&mut self) -> Option<CutDocument> {
        // More than a document is owed only if what followed the last one was not taken.
        let owed = self.owed();
        (owed > 0).then(|| self.document(u64::try_from(owed).unwrap_or(u64::MAX)))
    }

    /// Words that are still to be given out.
    fn owed(&self) -> u128 {
        let allowed = self.pool_words.saturating_mul(u128::from(self.percent)) / 100;
        allowed.saturating_sub(self.words)
    }

    fn document(&mut self, words: u64) -> CutDocument {
        let id = format!("{}:{}", self.name, self.documents);
        let mut generator = SplitMix64::new(self.priority.of(&id));
        let mut text = String::new();
        for word in 0..words {
            if word > 0 {
                text.push(' ');
            }
            let drawn = generator.below(self.vocabulary.len() as u64) as usize;
            text.push_str(&self.vocabulary[drawn]);
        }
        self.words += u128::from(words);
        self.documents += 1;
        let location = Location { file: self.name.clone(), ..Location::default() };
        let document = Document { id, location, text, ..Document::default() };
        CutDocument { document, ..CutDocument::default() }
    }
}

fn vocabulary(mut generator: SplitMix64) -> Vec<String> {
    let mut vocabulary = Vec::with_capacity(VOCABULARY_WORDS);
    let mut known = HashSet::with_capacity(VOCABULARY_WORDS);
    while vocabulary.len() < VOCABULARY_WORDS {
        let letters = LEAST_LETTERS + generator.below(MOST_LETTERS - LEAST_LETTERS + 1);
        // The length stays when the letters are drawn again: short words are known more often.
        let word = loop {
            let letter = |_| char::from(b'a' + generator.below(26) as u8);
            let word: String = (0..letters).map(letter).collect();
            if known.insert(word.clone()) {
                break word;
            }
        };
        vocabulary.push(word);
    }
    vocabulary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::whitespace;

    fn chi_square(counts: &[u32]) -> f64 {
        let expected = counts.iter().sum::<u32>() as f64 / counts.len() as f64;
        counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum()
    }

    /// All junk of a pool.
    fn junk(seed: u64, percent: u64, pool: &[u64]) -> Vec<CutDocument> {
        let mut words = RandomWords::new(seed, percent);
        let mut documents = Vec::new();
        for &of_document in pool {
            documents.extend(words.after(of_document));
        }
        documents.extend(words.last());
        documents
    }

    fn words_of(document: &CutDocument) -> u64 {
        whitespace(&document.document.text).count() as u64
    }

    #[test]
    fn the_vocabulary_has_distinct_words_of_uniform_lengths_and_letters() {
        let vocabulary = RandomWords::new(1, 100).vocabulary;
        assert_eq!(vocabulary.iter().collect::<HashSet<_>>().len(), 10_000);
        let (mut lengths, mut letters) = ([0; 6], [0; 26]);
        for word in &vocabulary {
            lengths[word.len() - 3] += 1;
            word.bytes().for_each(|letter| letters[usize::from(letter - b'a')] += 1);
        }
        // 5 and 25 degrees of freedom: 99.9 % lie below 20.5 and 52.6.
        assert!(chi_square(&lengths) < 20.5, "{lengths:?}");
        assert!(chi_square(&letters) < 52.6, "{letters:?}");
    }

    #[test]
    fn words_are_drawn_uniformly() {
        let words = RandomWords::new(1, 100);
        let index: std::collections::BTreeMap<&str, usize> =
            words.vocabulary.iter().enumerate().map(|(n, word)| (word.as_str(), n)).collect();
        let mut counts = vec![0; 10_000];
        for document in junk(1, 100, &[1_000_000]) {
            whitespace(&document.document.text).for_each(|word| counts[index[word]] += 1);
        }
        // 9,999 degrees of freedom: 9,999 ± 141; four standard deviations.
        let chi = chi_square(&counts);
        assert!((9_435.0..10_563.0).contains(&chi), "{chi}");
    }

    #[test]
    fn totals_are_exact_and_documents_of_one_length_but_for_the_last() {
        let pool = [0, 1, 999, 12_345, 7, 40_001, 3, 0];
        let words: u64 = pool.iter().sum();
        for percent in [1, 20, 33, 100, 199, 200, 10_000] {
            let documents = junk(3, percent, &pool);
            let counts: Vec<u64> = documents.iter().map(words_of).collect();
            assert_eq!(counts.iter().sum::<u64>(), words * percent / 100, "{percent} %");
            let (last, others) = counts.split_last().expect("documents");
            assert!(others.iter().all(|&count| count == 2000) && *last <= 2000, "{counts:?}");
        }
        assert!(junk(3, 20, &[]).is_empty());
        assert!(junk(3, 20, &[4]).is_empty(), "less than a word");
        assert_eq!(junk(3, 100, &[4000]).len(), 2, "nothing is left");
    }

    #[test]
    fn junk_is_spread_evenly_over_the_pool() {
        let mut words = RandomWords::new(1, 20);
        for so_far in 1..=1000_u64 {
            let before = words.documents;
            let given = words.after(500).count() as u64;
            // 100 words a document of the pool: one of junk for every 20.
            assert_eq!(given, u64::from(so_far % 20 == 0));
            assert_eq!(words.documents, before + given);
        }
    }

    #[test]
    fn what_is_not_taken_is_still_owed() {
        let mut words = RandomWords::new(1, 100);
        assert_eq!(words.after(6000).take(1).count(), 1);
        assert_eq!(words.after(0).count(), 2);
        drop(words.after(5000));
        assert_eq!(words.last().map(|document| words_of(&document)), Some(5000));
        assert_eq!(words.last(), None);
    }

    #[test]
    fn less_junk_is_part_of_more_and_seeds_differ() {
        let pool = [3000; 20];
        let (some, more) = (junk(1, 20, &pool), junk(1, 200, &pool));
        assert_eq!(some[..6], more[..6]);
        assert_ne!(some[0].document.text, some[1].document.text);
        let other = junk(2, 20, &pool);
        assert_ne!(some[0].document.id, other[0].document.id);
        let vocabulary = |seed| RandomWords::new(seed, 1).vocabulary;
        let (a, b) = (vocabulary(1), vocabulary(2));
        let known: HashSet<&String> = a.iter().collect();
        // Words of three letters are a tenth of all there are.
        assert!(b.iter().filter(|word| known.contains(word)).count() < 500);
    }

    #[test]
    fn documents_say_that_they_are_junk_and_are_the_same_for_ever() {
        let documents = junk(7, 100, &[2003]);
        let last = &documents[1].document;
        assert_eq!(last.id, "random-words:7:1");
        assert_eq!(last.location.file, "random-words:7");
        assert_eq!(last.text, "jpfes jdes xngueyi");
        assert_eq!((&last.url, &documents[1].host), (&None, &None));
    }
}
