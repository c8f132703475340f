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

use xxhash_rust::xxh64::xxh64;

use crate::config::params;
use crate::steps::{Build, Dedup, Input, Signature, Step, signals};
use crate::text::View;

use super::bare_text;
use super::keeper::{self, Keep};

params! {
    /// Parameters of `exact`.
    pub struct Params {
        /// Which document of a cluster stays.
        keep: Keep = Keep::First,
        /// The signal of an earlier step whose highest value stays, with `keep = "best"`.
        by: Option<String> = None,
    }
}

signals! {
    /// What `exact` measures.
    pub struct Signals {
        /// Characters of the text.
        chars: u64,
        /// Letters and digits that the key is made of.
        key_chars: u64,
    }
}

/// The step.
pub struct Exact {
    by: Vec<Input>,
}

impl Step for Exact {
    const NAME: &'static str = "exact";
    const VERSION: u32 = 2;
    const SETTLED_BY_CUT: &'static [&'static str] = keeper::PARAMS;
    const SOURCE: &'static str = include_str!("exact.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        Some(Self { by: keeper::inputs(params.keep, params.by.as_deref(), build)? })
    }
}

impl Dedup for Exact {
    fn inputs(&self) -> &[Input] {
        &self.by
    }

    fn sign(&self, view: &View<'_>, signature: &mut Signature) -> Option<Signals> {
        let mut bare = String::with_capacity(view.text().len());
        let key_chars = bare_text::push(view.text(), &mut bare);
        if key_chars > 0 {
            signature.keys.push((0, xxh64(bare.as_bytes(), 0)));
        }
        Some(Signals { chars: view.chars() as u64, key_chars })
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{build, outcome};

    fn keys(text: &str) -> Vec<(u32, u64)> {
        outcome(&build("exact", "").unwrap(), text).signature.keys
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
