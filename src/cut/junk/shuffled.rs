//! Copies of documents with their words in random order.

use super::SplitMix64;
use crate::cut::formats::CutDocument;
use crate::cut::priority::{Priority, Purpose};
use crate::text::words;

/// Copies of a pool's documents with their words shuffled.
///
/// A document's words, as white space divides it, stand in the copy in random order with single
/// spaces between them. The copy keeps the metadata, for they tell where its words come from; that it
/// is junk is told by its id, `<id>:shuffled:<number from 0>`, and by the file of its location, which
/// is `shuffled:<file>`. Its text depends on the seed, its id and the document alone.
///
/// Each document has as many copies as there are whole hundreds of per cent. Those of the rest go to
/// documents at even distances: after every document, the copies so far are the percentage of the
/// documents so far, rounded down.
///
/// The paper shuffles documents of the same crawl that are not in its pool, up to an exact number of
/// words; here they are the pool's own, as a run knows no others.
#[derive(Debug, Clone)]
pub struct Shuffled {
    priority: Priority,
    percent: u64,
    /// Documents of the pool so far.
    documents: u128,
}

impl Shuffled {
    /// `percent` copies for every 100 documents of the pool.
    pub fn new(seed: u64, percent: u64) -> Self {
        Self { priority: Priority::new(Purpose::Junk, seed), percent, documents: 0 }
    }

    /// The copies that follow a document of the pool.
    pub fn after<'d>(
        &mut self,
        document: &'d CutDocument,
    ) -> impl Iterator<Item = CutDocument> + use<'d> {
        let so_far = |documents: u128| documents.saturating_mul(u128::from(self.percent)) / 100;
        let copies = so_far(self.documents + 1) - so_far(self.documents);
        self.documents += 1;
        let priority = self.priority;
        (0..copies).map(move |copy| shuffled(document, copy, priority))
    }
}

fn shuffled(document: &CutDocument, copy: u128, priority: Priority) -> CutDocument {
    let original = &document.document;
    let id = format!("{}:shuffled:{copy}", original.id);
    let mut words: Vec<&str> = words::whitespace(&original.text).collect();
    SplitMix64::new(priority.of(&id)).shuffle(&mut words);
    let mut shuffled = document.clone();
    shuffled.document.location.file.insert_str(0, "shuffled:");
    shuffled.document.text = words.join(" ");
    shuffled.document.id = id;
    shuffled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Location};

    fn document(id: &str, text: &str) -> CutDocument {
        let location = Location { file: "a.warc.gz".into(), offset: Some(9), length: Some(5) };
        let document = Document {
            id: id.into(),
            url: Some("http://example.org/".into()),
            location,
            text: text.into(),
            ..Document::default()
        };
        CutDocument { document, host: Some("example.org".into()), ..CutDocument::default() }
    }

    fn copies(seed: u64, percent: u64, document: &CutDocument) -> Vec<CutDocument> {
        Shuffled::new(seed, percent).after(document).collect()
    }

    #[test]
    fn copies_have_the_words_in_another_order_and_the_metadata() {
        let original = document("x", " one two\n\ntwo\u{a0}three\tfour  five six seven ");
        let copies = copies(1, 300, &original);
        let ids: Vec<&str> = copies.iter().map(|copy| copy.document.id.as_str()).collect();
        assert_eq!(ids, ["x:shuffled:0", "x:shuffled:1", "x:shuffled:2"]);
        for copy in &copies {
            let mut words: Vec<&str> = copy.document.text.split(' ').collect();
            assert_ne!(words, ["one", "two", "two", "three", "four", "five", "six", "seven"]);
            words.sort_unstable();
            assert_eq!(words, ["five", "four", "one", "seven", "six", "three", "two", "two"]);
            assert_eq!(copy.document.url, original.document.url);
            assert_eq!(copy.host, original.host);
            assert_eq!(copy.document.location.file, "shuffled:a.warc.gz");
            assert_eq!(copy.document.location.offset, Some(9));
        }
        assert_ne!(copies[0].document.text, copies[1].document.text);
    }

    #[test]
    fn percentages_are_exact_and_even() {
        for percent in [1, 20, 50, 99, 100, 150, 250, 800] {
            let mut shuffled = Shuffled::new(1, percent);
            let (mut all, few) = (0, percent / 100);
            for so_far in 1..=1000 {
                let copies = shuffled.after(&document("x", "a b")).count() as u64;
                assert!(copies == few || copies == few + 1);
                all += copies;
                assert_eq!(all, so_far * percent / 100, "{percent} %");
            }
        }
    }

    #[test]
    fn words_go_anywhere() {
        let mut counts = [0_u32; 10];
        for n in 0..10_000 {
            let copy =
                copies(4, 100, &document(&n.to_string(), "here 1 2 3 4 5 6 7 8 9")).remove(0);
            let at = copy.document.text.split(' ').position(|word| word == "here");
            counts[at.expect("the word")] += 1;
        }
        let chi: f64 = counts.iter().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
        // 9 degrees of freedom: 99.9 % lie below 27.9.
        assert!(chi < 27.9, "{counts:?}");
    }

    #[test]
    fn fewer_copies_are_part_of_more_and_seeds_differ() {
        let original = document("x", "the same words in another order each time they are shuffled");
        let text = |seed, percent| copies(seed, percent, &original).remove(0).document.text;
        assert_eq!(text(1, 100), text(1, 800));
        assert_ne!(text(1, 100), text(2, 100));
    }

    #[test]
    fn texts_without_words_are_empty() {
        let copy = copies(1, 100, &document("x", " \n\t")).remove(0);
        assert_eq!(copy.document.text, "");
    }

    #[test]
    fn copies_are_the_same_for_ever() {
        let copy = copies(1, 100, &document("x", "a b c d e f g h")).remove(0);
        assert_eq!(copy.document.text, "f e d c h a b g");
    }
}
