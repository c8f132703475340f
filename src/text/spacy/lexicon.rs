//! The strings that the tokenizer knows by heart: special cases, and the tokens that a special
//! case falls into when only affixes are split.

use super::classes::Classes;
use super::exceptions::special_cases;
use super::split::Splitter;
use rustc_hash::FxHashMap;

/// What is known of one string.
#[derive(Clone, Copy, Default)]
pub(super) struct Entry {
    /// Whether the string is a special case.
    is_special: bool,
    /// Lengths in bytes of the tokens of a special case but the last one; 0 is "no more".
    cuts: [u8; 2],
    /// Number of the string among the tokens of phrases; 0 for all others.
    pub(super) phrase_token: u16,
}

impl Entry {
    /// Whether the string is a special case.
    #[inline]
    pub(super) fn is_special(self) -> bool {
        self.is_special
    }

    /// The byte offset of each cut of this special case, in order.
    pub(super) fn cut_offsets(self) -> impl Iterator<Item = usize> {
        let mut offset = 0;
        self.cuts.into_iter().take_while(|&len| len > 0).map(move |len| {
            offset += usize::from(len);
            offset
        })
    }
}

/// A node of the trie over phrase tokens.
#[derive(Default)]
struct Node {
    next: FxHashMap<u16, usize>,
    special: Option<Entry>,
}

/// Special cases, and the phrases by which they are found again among split tokens.
///
/// A phrase is the sequence of tokens that affix rules alone make of a special case: `:`, `)` for
/// `:)`. It has two tokens or more; a special case that affix rules leave whole needs none.
pub(super) struct Lexicon {
    entries: FxHashMap<Box<str>, Entry>,
    /// One bit per value of [`slot`]: whether any known string has it.
    slots: Box<[u64; SLOTS / 64]>,
    max_len_bytes: usize,
    /// Trie of the phrases; the first node is the root.
    nodes: Vec<Node>,
}

const SLOTS: usize = 1 << 14;

/// A cheap hash by which most strings are known to be unknown.
#[inline]
fn slot(bytes: &[u8]) -> usize {
    let first = usize::from(bytes[0]);
    let second = usize::from(bytes[1.min(bytes.len() - 1)]);
    let last = usize::from(bytes[bytes.len() - 1]);
    (first ^ (second << 3) ^ (last << 6) ^ (bytes.len() << 10)) % SLOTS
}

impl Lexicon {
    /// A lexicon that knows nothing.
    pub(super) fn empty() -> Self {
        Self {
            entries: FxHashMap::default(),
            slots: Box::new([0; SLOTS / 64]),
            max_len_bytes: 0,
            nodes: vec![Node::default()],
        }
    }

    /// The lexicon of English.
    pub(super) fn english(classes: &Classes) -> Self {
        let mut lexicon = Self::empty();
        let mut specials = Vec::new();
        special_cases(|tokens| {
            let special = tokens.concat();
            let mut entry = Entry { is_special: true, ..Entry::default() };
            for (cut, token) in entry.cuts.iter_mut().zip(&tokens[..tokens.len() - 1]) {
                *cut = token.len() as u8;
            }
            *lexicon.entry(&special) = entry;
            specials.push((special, entry));
        });
        let nothing = Self::empty();
        let mut splitter = Splitter::default();
        for (special, entry) in specials {
            let mut phrase = Vec::new();
            splitter.split(classes, &nothing, &special, |range| {
                phrase.push(special[range].to_owned());
            });
            if phrase.len() > 1 {
                lexicon.add_phrase(&phrase, entry);
            }
        }
        lexicon
    }

    /// The entry of `string`, made if there is none.
    fn entry(&mut self, string: &str) -> &mut Entry {
        let slot = slot(string.as_bytes());
        self.slots[slot / 64] |= 1 << (slot % 64);
        self.max_len_bytes = self.max_len_bytes.max(string.len());
        self.entries.entry(string.into()).or_default()
    }

    fn add_phrase(&mut self, phrase: &[String], special: Entry) {
        let mut node = 0;
        for token in phrase {
            let unused = self.nodes.len() as u16;
            let entry = self.entry(token);
            if entry.phrase_token == 0 {
                // The count of nodes grows with every new token, so it numbers them as well.
                entry.phrase_token = unused;
            }
            let number = entry.phrase_token;
            let fresh = self.nodes.len();
            let next = *self.nodes[node].next.entry(number).or_insert(fresh);
            if next == fresh {
                self.nodes.push(Node::default());
            }
            node = next;
        }
        self.nodes[node].special = Some(special);
    }

    /// What is known of `string`.
    #[inline]
    pub(super) fn get(&self, string: &str) -> Option<Entry> {
        if string.is_empty() || string.len() > self.max_len_bytes {
            return None;
        }
        let slot = slot(string.as_bytes());
        if self.slots[slot / 64] & (1 << (slot % 64)) == 0 {
            return None;
        }
        self.entries.get(string).copied()
    }

    /// The special case that `string` is.
    #[inline]
    pub(super) fn special(&self, string: &str) -> Option<Entry> {
        self.get(string).filter(|entry| entry.is_special)
    }

    /// Calls `found` with the length in tokens and the special case of each phrase that starts
    /// where `tokens` start.
    pub(super) fn phrases(
        &self,
        tokens: impl Iterator<Item = u16>,
        mut found: impl FnMut(usize, Entry),
    ) {
        let mut node = &self.nodes[0];
        for (index, token) in tokens.enumerate() {
            let Some(&next) = node.next.get(&token) else { return };
            node = &self.nodes[next];
            if let Some(special) = node.special {
                found(index + 1, special);
            }
        }
    }
}
