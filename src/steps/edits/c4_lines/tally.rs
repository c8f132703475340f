//! What becomes of lines, and how many share a fate.

use super::Signals;

/// What becomes of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    LongWord,
    Unended,
    Short,
    Javascript,
    Policy,
}

/// Lines by what became of them.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) fates: [u64; 6],
    pub(super) lorem_ipsum: u64,
    pub(super) curly_bracket: u64,
    pub(super) citations: u64,
    pub(super) sentences: usize,
}

impl Tally {
    /// The signals; whether nothing is left is for the caller to know.
    pub(super) fn signals(self, empty: bool) -> Signals {
        let of = |fate: Fate| self.fates[fate as usize];
        Signals {
            lines: self.fates.iter().sum(),
            kept_lines: of(Fate::Kept),
            long_word_lines: Some(of(Fate::LongWord)),
            unended_lines: of(Fate::Unended),
            short_lines: of(Fate::Short),
            lorem_ipsum_lines: Some(self.lorem_ipsum),
            javascript_lines: Some(of(Fate::Javascript)),
            curly_bracket_lines: Some(self.curly_bracket),
            policy_lines: Some(of(Fate::Policy)),
            citations: Some(self.citations),
            empty,
            sentences: Some(self.sentences as u64),
        }
    }
}
