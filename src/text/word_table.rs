//! The words of one text in a table, computed once and shared by every measure that needs words.

use std::ops::Range;

use super::characters;
use super::concat_hash::ConcatHash;
use super::word_break::word_break;
use super::words;

/// Which words: the peers disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Splitter {
    /// [`words::whitespace`].
    Whitespace,
    /// [`words::fasttext`].
    FastText,
    /// [`word_break`].
    WordBreak,
    /// [`super::spacy::words`].
    Spacy,
}

impl Splitter {
    /// How many there are.
    pub(super) const COUNT: usize = 4;
}

/// Words of a text: where they stand, how long they are, and a hash of each.
///
/// The text itself is not kept; the buffers are reused from text to text.
#[derive(Debug)]
pub struct Words {
    /// Bytes of the text, start and end.
    spans: Vec<(u32, u32)>,
    /// Characters of all words before, one entry more than there are words.
    chars_before: Vec<u32>,
    /// The words' hashes.
    hashes: Vec<ConcatHash>,
}

impl Default for Words {
    fn default() -> Self {
        Self { spans: Vec::new(), chars_before: vec![0], hashes: Vec::new() }
    }
}

impl Words {
    /// Fills the table anew with the words of `text`.
    pub fn fill(&mut self, text: &str, splitter: Splitter) {
        self.clear();
        match splitter {
            Splitter::Whitespace => words::whitespace(text).for_each(|word| self.push(text, word)),
            Splitter::FastText => words::fasttext(text).for_each(|word| self.push(text, word)),
            Splitter::Spacy => super::spacy::words(text, |word| self.push(text, word)),
            Splitter::WordBreak => word_break(text, |word| self.push(text, word)),
        }
    }

    /// Empties the table.
    pub fn clear(&mut self) {
        self.spans.clear();
        self.chars_before.truncate(1);
        self.hashes.clear();
    }

    /// Adds a word, which must be a slice of `text`.
    ///
    /// Anything else, and what lies beyond 4 GiB of a text, is left out.
    #[inline]
    pub fn push(&mut self, text: &str, word: &str) {
        let start = (word.as_ptr().addr()).wrapping_sub(text.as_ptr().addr());
        let end = start.wrapping_add(word.len());
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) else { return };
        if start > end || end as usize > text.len() {
            return;
        }
        let before = self.chars_before.last().copied().unwrap_or(0);
        self.spans.push((start, end));
        self.chars_before.push(before + characters::count(word) as u32);
        self.hashes.push(ConcatHash::of(word.as_bytes()));
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Characters of all words, without what stands between them.
    pub fn chars(&self) -> usize {
        self.chars_in(0, self.len())
    }

    /// Characters of the `count` words from `first` on, 0 where there are not so many.
    #[inline]
    pub fn chars_in(&self, first: usize, count: usize) -> usize {
        match (self.chars_before.get(first), self.chars_before.get(first + count)) {
            (Some(&before), Some(&after)) => (after - before) as usize,
            _ => 0,
        }
    }

    /// Characters of the words of all n-grams: every word counts once for each n-gram it is part of.
    pub fn ngram_chars(&self, n: usize) -> usize {
        let before = &self.chars_before;
        let (Some(ends), Some(starts)) = (before.get(n..), before.len().checked_sub(n)) else {
            return 0;
        };
        let sum = |chars: &[u32]| chars.iter().map(|&chars| chars as usize).sum::<usize>();
        // Every n-gram is the difference of two entries; those that are both cancel out.
        let uncancelled = starts.min(n);
        sum(&ends[starts - uncancelled..]) - sum(&before[..uncancelled])
    }

    /// The `count` words from `first` on; `text` must be what the table was filled from.
    pub fn ngram<'a>(
        &'a self,
        text: &'a str,
        first: usize,
        count: usize,
    ) -> impl Iterator<Item = &'a str> {
        let spans = self.spans.get(first..first + count).unwrap_or_default();
        let word = |&(start, end): &(u32, u32)| text.get(start as usize..end as usize);
        spans.iter().map(move |span| word(span).unwrap_or_default())
    }

    /// The words and their lengths in characters; `text` must be what the table was filled from.
    pub fn iter<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (&'a str, usize)> {
        let chars = self.chars_before.windows(2).map(|pair| (pair[1] - pair[0]) as usize);
        let words = self
            .spans
            .iter()
            .map(|&(start, end)| text.get(start as usize..end as usize).unwrap_or_default());
        words.zip(chars)
    }

    /// Where the words stand, in bytes of the text.
    pub fn spans(&self) -> impl Iterator<Item = Range<usize>> {
        self.spans.iter().map(|&(start, end)| start as usize..end as usize)
    }

    /// Where a word stands in the text, in bytes, start and end.
    #[inline]
    pub fn span(&self, index: usize) -> Option<(usize, usize)> {
        self.spans.get(index).map(|&(start, end)| (start as usize, end as usize))
    }

    /// The words' hashes.
    pub(crate) fn hashes(&self) -> &[ConcatHash] {
        &self.hashes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_holds_words_with_their_lengths() {
        let text = "el ñandú 中文!";
        let mut words = Words::default();
        words.fill("something else before", Splitter::Whitespace);
        words.fill(text, Splitter::WordBreak);
        let entries: Vec<_> = words.iter(text).collect();
        assert_eq!(entries, [("el", 2), ("ñandú", 5), ("中", 1), ("文", 1)]);
        assert_eq!((words.len(), words.chars(), words.chars_in(1, 2)), (4, 9, 6));
        assert_eq!(words.chars_in(2, 3), 0, "there are no three words from there");
    }

    #[test]
    fn what_is_no_slice_of_the_text_is_left_out() {
        let mut words = Words::default();
        words.push("some text", "elsewhere");
        assert!(words.is_empty());
        assert_eq!(words.chars(), 0);
    }
}
