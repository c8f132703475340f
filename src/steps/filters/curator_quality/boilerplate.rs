//! Paragraphs of terms of use, privacy and cookies.

use aho_corasick::{AhoCorasick, BuildError};
use memchr::memmem;
use xxhash_rust::xxh3::xxh3_64;

/// Phrases that make a paragraph boilerplate, in lower case.
///
/// NeMo Curator lists two longer texts besides, which hold `uses cookies`.
const PHRASES: [&str; 9] = [
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "privacy overview",
    "use of cookies",
    "use cookies",
    "privacy & cookies policy",
    "privacy and cookies policy",
];

/// Placeholder text.
const PLACEHOLDER: &str = "lorem ipsum";

/// Whole passages of cookie notices that make a paragraph boilerplate: the opening words, and length
/// and hash (XXH3) of all of it in lower case.
const PASSAGES: [(&str, usize, u64); 3] = [
    ("necessary cookies are absolutely", 242, 0x5cd6_54ef_b7cb_b166),
    ("any cookies that may not be", 302, 0x1b2f_55a7_7d36_62ed),
    ("if you continue to browse", 113, 0x8ee4_6dbc_3364_24f1),
];

/// A character other than ASCII whose lower case is ASCII, and that: the Kelvin sign.
const KELVIN: (&str, &str) = ("\u{212a}", "k");

/// Finds the phrases.
#[derive(Debug)]
pub(super) struct Boilerplate {
    /// The phrases, then the placeholder, then the openings; none of them can overlap another in a
    /// way that hides it, but phrases among themselves.
    patterns: AhoCorasick,
}

impl Boilerplate {
    pub(super) fn new() -> Result<Self, BuildError> {
        let openings = PASSAGES.map(|(opening, ..)| opening);
        let patterns = PHRASES.iter().chain(&[PLACEHOLDER]).chain(&openings);
        let patterns = AhoCorasick::builder().ascii_case_insensitive(true).build(patterns)?;
        Ok(Self { patterns })
    }

    /// The share of paragraphs with a phrase or passage; 1 if there is placeholder text anywhere.
    pub(super) fn paragraph_ratio(&self, text: &str) -> Option<f64> {
        if memmem::find(text.as_bytes(), KELVIN.0.as_bytes()).is_some() {
            return self.ratio_in(&text.replace(KELVIN.0, KELVIN.1));
        }
        self.ratio_in(text)
    }

    fn ratio_in(&self, text: &str) -> Option<f64> {
        let bytes = text.as_bytes();
        let paragraph_end = memmem::Finder::new("\n\n");
        let (mut found, mut counted_to) = (0, 0);
        for hit in self.patterns.find_iter(text) {
            let number = hit.pattern().as_usize();
            if number == PHRASES.len() {
                return Some(1.0);
            }
            let passage = number.checked_sub(PHRASES.len() + 1).and_then(|at| PASSAGES.get(at));
            let is_boilerplate = passage.is_none_or(|&(_, length, hash)| {
                let passage = bytes.get(hit.start()..hit.start() + length);
                passage.is_some_and(|passage| xxh3_64(&passage.to_ascii_lowercase()) == hash)
            });
            if is_boilerplate && hit.start() >= counted_to {
                found += 1;
                let rest = paragraph_end.find(&bytes[hit.end()..]);
                counted_to = rest.map_or(bytes.len(), |rest| hit.end() + rest);
            }
        }
        super::ratio(found, 1 + paragraph_end.find_iter(bytes).count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Option<f64> {
        Boilerplate::new().unwrap().paragraph_ratio(text)
    }

    #[test]
    fn a_paragraph_counts_once_whatever_it_holds() {
        assert_eq!(
            ratio("Terms of Use, use cookies\nPRIVACY POLICY\n\nb\n\n\nuses cookies"),
            Some(2.0 / 3.0)
        );
        assert_eq!(ratio("terms of\nuse"), Some(0.0));
        assert_eq!(ratio("\n\n\n"), Some(0.0));
        assert_eq!(ratio(""), Some(0.0));
        assert_eq!(ratio("use coo\u{212a}ies"), Some(1.0), "the Kelvin sign in lower case is k");
    }

    #[test]
    fn placeholder_text_makes_everything_boilerplate() {
        assert_eq!(ratio("a\n\nuse cookies Lorem Ipsum\n\nb"), Some(1.0));
    }

    #[test]
    fn passages_count_as_a_whole_only() {
        assert_eq!(ratio("Necessary cookies are absolutely essential."), Some(0.0));
        assert_eq!(ratio("If you continue to browse lorem ipsum"), Some(1.0));
    }
}
