//! Marks documents whose text is the same but for case, white space and punctuation.
//!
//! # What it does
//! Writes one key a document to `signatures/`: a 64-bit hash of the text in lower case with every
//! run of characters that are neither letters nor digits taken as one space. Documents of one key
//! are copies of one another; which of them stays depends on who else is in an arm, so nothing is
//! judged while the crawl is read (`keep` is null). A text without letters and digits has no key and
//! is nobody's copy.
//!
//! # Why
//! The same page under several URLs, mirrors, and captures of one page at different dates.
//!
//! # Source
//! Exact deduplication by text hash as in CCNet (arXiv 1911.00359) and RefinedWeb (arXiv 2306.01116);
//! xxHash64.
//!
//! # Differences
//! CCNet hashes paragraphs and replaces digits by 0; here the whole text counts and digits differ.
//! Among 3 billion documents a 64-bit key joins about 0.2 pairs by mistake.

use xxhash_rust::xxh64::Xxh64;

use crate::config::params;
use crate::steps::{Build, Dedup, Step, signals};
use crate::text::View;

params! {
    /// `exact` has no parameters.
    pub struct Params {}
}

signals! {
    /// What `exact` measures.
    pub struct Signals {
        /// Letters and digits that the key is made of.
        key_chars: u64,
    }
}

/// The step.
pub struct Exact;

impl Step for Exact {
    const NAME: &'static str = "exact";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("exact.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(_params: &Params, _build: &mut Build<'_>) -> Option<Self> {
        Some(Self)
    }
}

impl Dedup for Exact {
    fn sign(&self, view: &View<'_>, keys: &mut Vec<u64>) -> Option<Signals> {
        let mut hash = Xxh64::new(0);
        let (mut key_chars, mut gap) = (0, false);
        let mut buffer = [0; 4];
        for c in view.text().chars() {
            if !c.is_alphanumeric() {
                gap = true;
                continue;
            }
            if gap && key_chars > 0 {
                hash.update(b" ");
            }
            gap = false;
            key_chars += 1;
            for lower in c.to_lowercase() {
                hash.update(lower.encode_utf8(&mut buffer).as_bytes());
            }
        }
        if key_chars > 0 {
            keys.push(hash.digest());
        }
        Some(Signals { key_chars })
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{build, outcome};

    fn keys(text: &str) -> Vec<u64> {
        outcome(&build("exact", "").unwrap(), text).keys
    }

    #[test]
    fn case_space_and_punctuation_do_not_count_and_everything_else_does() {
        let key = keys("The mill, by the river.\n\nIt turns!");
        assert_eq!(key.len(), 1);
        assert_eq!(key, keys("  the MILL by the river -- it turns "));
        assert_ne!(key, keys("The mill, by the rivers. It turns!"));
        assert_ne!(keys("a b"), keys("ab"));
        assert_ne!(keys("page 1"), keys("page 2"));
        assert_eq!(keys("ÉTÉ"), keys("été"));
    }

    #[test]
    fn a_text_without_letters_and_digits_is_nobodys_copy() {
        assert!(keys("").is_empty());
        assert!(keys(" … !? \n").is_empty());
    }

    #[test]
    fn nothing_is_judged() {
        let outcome = outcome(&build("exact", "").unwrap(), "a text");
        assert!(outcome.applies);
        assert_eq!(outcome.keep(), None);
    }
}
