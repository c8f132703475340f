//! One chunk without white space into tokens: special cases, affixes, addresses, infixes.

use super::affix::{next_infix, prefix_len, suffix_len};
use super::classes::Classes;
use super::lexicon::{Entry, Lexicon};
use super::url::is_url;
use std::ops::Range;

/// Splits chunks; keeps its buffer between them.
#[derive(Default)]
pub(super) struct Splitter {
    /// Where each suffix that was split off starts, the outermost first.
    suffix_starts: Vec<usize>,
}

impl Splitter {
    /// Calls `token` with the byte range of each token of `chunk`, in order.
    ///
    /// Prefix and suffix are split off in turn until neither is found or what is left is a special
    /// case; the special case may also turn up with only one of the two split off. What is left is
    /// cut as the special case says, or stays whole as an address, or is cut at its infixes.
    pub(super) fn split(
        &mut self,
        classes: &Classes,
        lexicon: &Lexicon,
        chunk: &str,
        mut token: impl FnMut(Range<usize>),
    ) {
        self.suffix_starts.clear();
        let (mut start, mut end) = (0, chunk.len());
        let mut special = None;
        while start < end {
            let left = &chunk[start..end];
            special = lexicon.special(left);
            if special.is_some() {
                break;
            }
            let prefix = prefix_len(classes, left);
            if prefix > 0 {
                special = lexicon.special(&left[prefix..]);
                if special.is_some() {
                    token(start..start + prefix);
                    start += prefix;
                    break;
                }
            }
            let suffix = suffix_len(classes, &left[prefix..]);
            if suffix > 0 {
                special = lexicon.special(&left[..left.len() - suffix]);
                if special.is_some() {
                    end -= suffix;
                    self.suffix_starts.push(end);
                    break;
                }
            }
            if prefix == 0 && suffix == 0 {
                break;
            }
            if prefix > 0 {
                token(start..start + prefix);
                start += prefix;
            }
            if suffix > 0 {
                end -= suffix;
                self.suffix_starts.push(end);
            }
        }
        let middle = &chunk[start..end];
        if let Some(special) = special {
            cut_special(special, start..end, &mut token);
        } else if is_url(classes, middle) {
            token(start..end);
        } else if !middle.is_empty() {
            cut_infixes(classes, middle, |range| token(start + range.start..start + range.end));
        }
        let mut from = end;
        for (index, _) in self.suffix_starts.iter().enumerate().rev() {
            let to = index.checked_sub(1).map_or(chunk.len(), |outer| self.suffix_starts[outer]);
            token(from..to);
            from = to;
        }
    }
}

/// Calls `token` with each token of the special case that stands in `range`.
pub(super) fn cut_special(
    special: Entry,
    range: Range<usize>,
    mut token: impl FnMut(Range<usize>),
) {
    let mut from = range.start;
    for cut in special.cut_offsets() {
        token(from..range.start + cut);
        from = range.start + cut;
    }
    token(from..range.end);
}

/// Calls `token` with each infix of `text` and each piece between them. An infix at the very start
/// is not split off.
fn cut_infixes(classes: &Classes, text: &str, mut token: impl FnMut(Range<usize>)) {
    let (mut piece_start, mut from) = (0, 0);
    while let Some((start, end)) = next_infix(classes, text, from) {
        from = end;
        if start == 0 {
            continue;
        }
        if start > piece_start {
            token(piece_start..start);
        }
        token(start..end);
        piece_start = end;
    }
    if piece_start < text.len() {
        token(piece_start..text.len());
    }
}
