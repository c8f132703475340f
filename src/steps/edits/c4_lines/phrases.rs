//! The phrases that C4 looks for in a line, in one pass and whatever their letter case.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

use crate::steps::Build;

const LOREM_IPSUM: usize = 0;
const JAVASCRIPT: usize = 1;
const CURLY_BRACKET: usize = 2;

/// The phrases of policies come last; the Kelvin sign is a `k` in lower case, to Python too.
const PHRASES: [&str; 13] = [
    "lorem ipsum",
    "javascript",
    "{",
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
    "coo\u{212a}ie policy",
    "uses coo\u{212a}ies",
    "use of coo\u{212a}ies",
    "use coo\u{212a}ies",
];

/// Characters that are no ASCII letters but match one where a search is case-insensitive.
const FOLDED: [(char, &str); 4] = [('ſ', "s"), ('ı', "i"), ('İ', "i"), ('\u{212a}', "k")];

/// Which phrases a line holds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) lorem_ipsum: bool,
    pub(super) javascript: bool,
    pub(super) curly_bracket: bool,
    pub(super) policy: bool,
}

/// The automaton that finds them.
pub(super) struct Phrases(AhoCorasick);

impl Phrases {
    /// `None` after a fault, which is that of a program whose list cannot be searched for.
    pub(super) fn new(build: &mut Build<'_>) -> Option<Self> {
        match AhoCorasickBuilder::new().ascii_case_insensitive(true).build(PHRASES) {
            Ok(automaton) => Some(Self(automaton)),
            Err(error) => {
                build.fault("use", format!("C4's phrases cannot be searched for: {error}"));
                None
            }
        }
    }

    /// Whether a line of the text may hold a phrase without citations being deleted from it.
    pub(super) fn may_occur_in(&self, text: &str) -> bool {
        self.0.is_match(text) || (!text.is_ascii() && text.contains(FOLDED.map(|(c, _)| c)))
    }

    /// The phrases that a line holds; no two kinds of them overlap.
    pub(super) fn find(&self, line: &str) -> Found {
        let mut found = Found::default();
        for phrase in self.0.find_iter(line) {
            match phrase.pattern().as_usize() {
                LOREM_IPSUM => found.lorem_ipsum = true,
                JAVASCRIPT => found.javascript = true,
                CURLY_BRACKET => found.curly_bracket = true,
                _ => found.policy = true,
            }
        }
        found
    }
}

/// The line with ASCII letters for what matches them in a case-insensitive search of Python; `None`
/// if there is nothing of the kind.
pub(super) fn folded(line: &str) -> Option<String> {
    if line.is_ascii() || !line.contains(FOLDED.map(|(c, _)| c)) {
        return None;
    }
    let folded = FOLDED.into_iter().fold(line.to_owned(), |line, (c, s)| line.replace(c, s));
    Some(folded)
}
