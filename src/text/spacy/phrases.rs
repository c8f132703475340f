//! The last pass: special cases that affix rules have taken apart are put together again.
//!
//! `word:)` loses `)` and then `:` as suffixes; here the two meet again as `:)`. Every sequence of
//! tokens that is some special case's phrase is found; the longest, then the first, claims its
//! tokens. A phrase with a space inside claims its tokens too, but is left as it is.

use super::lexicon::{Entry, Lexicon};
use super::split::cut_special;
use std::ops::Range;

/// A token that is part of some phrase.
struct Token {
    range: Range<usize>,
    number: u16,
}

/// A phrase found among the tokens.
struct Match {
    first: usize,
    len: usize,
    special: Entry,
}

/// Neighbouring tokens that may be part of a phrase; its buffers are used again.
#[derive(Default)]
pub(super) struct Run {
    tokens: Vec<Token>,
    matches: Vec<Match>,
    claimed: Vec<bool>,
}

impl Run {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    #[inline]
    pub(super) fn push(&mut self, range: Range<usize>, number: u16) {
        self.tokens.push(Token { range, number });
    }

    /// Calls `token` with the tokens of the run, phrases put together, and empties it.
    #[inline]
    pub(super) fn flush(&mut self, lexicon: &Lexicon, mut token: impl FnMut(Range<usize>)) {
        if self.tokens.len() > 1 {
            self.find(lexicon);
        }
        if self.matches.is_empty() {
            self.tokens.drain(..).for_each(|each| token(each.range));
            return;
        }
        let mut next = 0;
        for found in self.matches.drain(..) {
            let end = found.first + found.len;
            self.tokens[next..found.first].iter().for_each(|each| token(each.range.clone()));
            let tokens = &self.tokens[found.first..end];
            if tokens.windows(2).all(|pair| pair[0].range.end == pair[1].range.start) {
                let whole = tokens[0].range.start..tokens[found.len - 1].range.end;
                cut_special(found.special, whole, &mut token);
            } else {
                tokens.iter().for_each(|each| token(each.range.clone()));
            }
            next = end;
        }
        self.tokens.drain(..).skip(next).for_each(|each| token(each.range));
    }

    /// Fills `matches` with the phrases that claim their tokens, in order.
    fn find(&mut self, lexicon: &Lexicon) {
        let Self { tokens, matches, claimed } = self;
        for first in 0..tokens.len() - 1 {
            lexicon.phrases(tokens[first..].iter().map(|token| token.number), |len, special| {
                matches.push(Match { first, len, special });
            });
        }
        if matches.len() < 2 {
            return;
        }
        matches.sort_unstable_by_key(|found| (usize::MAX - found.len, found.first));
        claimed.clear();
        claimed.resize(tokens.len(), false);
        matches.retain(|found| {
            let tokens = &mut claimed[found.first..found.first + found.len];
            let is_free = !tokens[0] && !tokens[found.len - 1];
            // A phrase that comes too late claims what it covers all the same.
            tokens.fill(true);
            is_free
        });
        matches.sort_unstable_by_key(|found| found.first);
    }
}
