//! Lists of words, and which of their entries a URL holds.

use std::cmp::Reverse;

use aho_corasick::{AhoCorasick, BuildError};

use super::hashes::Hashes;
use crate::text::characters::is_alphanumeric;

/// A list of words.
pub(super) enum Words {
    /// The URL is split where `is_part` does not hold, and its pieces are looked up.
    Pieces { entries: Hashes, is_part: fn(&char) -> bool },
    /// The URL is searched for entries, which may hold any characters.
    Phrases(Phrases),
}

impl Words {
    /// Different entries.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Pieces { entries, .. } => entries.len(),
            Self::Phrases(phrases) => phrases.automaton.patterns_len(),
        }
    }

    /// The different entries that the URL holds, in the order in which it does.
    pub(super) fn find<'u>(&self, url: &'u str) -> Vec<&'u str> {
        match self {
            Self::Pieces { entries, is_part } => {
                let mut found = Vec::new();
                for piece in url.split(|c| !is_part(&c)).filter(|piece| !piece.is_empty()) {
                    if let Some(entry) = entries.find(piece) {
                        found.push((entry, found.len(), piece));
                    }
                }
                firsts(found)
            }
            Self::Phrases(phrases) => phrases.find(url),
        }
    }
}

/// The first piece of each entry among pieces that are numbered in the order of the URL.
fn firsts(mut found: Vec<(usize, usize, &str)>) -> Vec<&str> {
    found.sort_unstable();
    found.dedup_by_key(|&mut (entry, ..)| entry);
    found.sort_unstable_by_key(|&(_, number, _)| number);
    found.into_iter().map(|(.., piece)| piece).collect()
}

/// Entries that stand between word boundaries, as a regular expression of alternatives finds them:
/// from left to right, the longest at each place, none within another.
pub(super) struct Phrases {
    automaton: AhoCorasick,
}

impl Phrases {
    /// # Errors
    /// The list is too large to be searched for.
    pub(super) fn new(mut entries: Vec<String>) -> Result<Self, BuildError> {
        entries.sort_unstable();
        entries.dedup();
        Ok(Self { automaton: AhoCorasick::new(&entries)? })
    }

    fn find<'u>(&self, url: &'u str) -> Vec<&'u str> {
        let matches = self.automaton.find_overlapping_iter(url);
        let bounded = matches.filter(|m| is_boundary(url, m.start()) && is_boundary(url, m.end()));
        let mut bounded: Vec<_> = bounded.collect();
        bounded.sort_unstable_by_key(|m| (m.start(), Reverse(m.end())));
        let (mut found, mut end) = (Vec::new(), 0);
        for m in bounded {
            if m.start() >= end {
                end = m.end();
                found.push((m.pattern().as_usize(), found.len(), &url[m.range()]));
            }
        }
        firsts(found)
    }
}

/// Whether one side of a place is a word character, `_` among them, and the other is not.
fn is_boundary(url: &str, at: usize) -> bool {
    let is_word = |c: char| c == '_' || is_alphanumeric(c);
    let before = url[..at].chars().next_back().is_some_and(is_word);
    let after = url[at..].chars().next().is_some_and(is_word);
    before != after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_count_once_in_the_order_of_the_url() {
        let entries = Hashes::new(["free", "tea", "pot"].map(Hashes::hash).to_vec());
        let words = Words::Pieces { entries, is_part: char::is_ascii_alphanumeric };
        assert_eq!(words.find("tea_free/tea?pot=teapot"), ["tea", "free", "pot"]);
        assert!(words.find("").is_empty());
        assert_eq!(words.len(), 3);
    }

    #[test]
    fn phrases_stand_between_boundaries_and_the_longest_takes_its_place() {
        let entries = ["tea", "tea-pot", "pot", "p&q", "-lid", "tea"].map(String::from).to_vec();
        let words = Words::Phrases(Phrases::new(entries).unwrap());
        assert_eq!(words.len(), 5);
        // Each by `set(re.findall(r"\b(?:\-lid|p(?:&q|ot)|tea(?:\-pot)?)\b", url))`.
        assert_eq!(words.find("a/tea/b.tea?tea"), ["tea"]);
        assert_eq!(words.find("a-tea-pot-b/pot"), ["tea-pot", "pot"]);
        assert_eq!(words.find("tea-pots"), ["tea"], "the longest that ends at a boundary");
        assert!(words.find("teapot/tea_b/étea").is_empty());
        assert_eq!(words.find("x=p&q;"), ["p&q"]);
        assert_eq!(words.find("a-lid"), ["-lid"], "a boundary stands before the dash");
        assert!(words.find("/-lid").is_empty(), "and none here");
    }
}
