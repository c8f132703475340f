//! Dolma's definitions, rounded as it writes them.

use super::Signals;
use crate::steps::filters::dolma::{Lines, share};
use crate::steps::filters::stop_words::StopWords;
use crate::text::characters::{self, is_letter};
use crate::text::words;

pub(super) fn measure(text: &str, ends: Lines, listed: &StopWords) -> Signals {
    let (mut words, mut symbols, mut alphabetic, mut stop_words) = (0, 0, 0, 0);
    let mut lengths = Lengths::default();
    // Most texts have neither symbol.
    let has_symbols = text.contains(['#', '…']);
    for word in words::whitespace(text) {
        words += 1;
        lengths.push(characters::count(word));
        symbols += usize::from(has_symbols && word.contains(['#', '…']));
        alphabetic += usize::from(word.chars().any(is_letter));
        stop_words += u64::from(listed.find(word).is_some());
    }
    let (mut lines, mut bullets, mut ellipses) = (0, 0, 0);
    for line in ends.of(text) {
        lines += 1;
        bullets += usize::from(line.starts_with(['*', '-']));
        ellipses += usize::from(line.ends_with('…'));
    }
    Signals {
        words: words as u64,
        all_words: words as u64,
        mean_word_chars: None,
        median_word_chars: Some(lengths.median()),
        hash_word_ratio: None,
        ellipsis_word_ratio: None,
        symbol_word_ratio: Some(share(symbols, words)),
        lines: lines as u64,
        bullet_line_ratio: Some(share(bullets, lines)),
        ellipsis_line_ratio: Some(share(ellipses, lines)),
        alphabetic_word_ratio: Some(share(alphabetic, words)),
        stop_words,
    }
}

/// Lengths of words, counted.
struct Lengths {
    total: usize,
    /// How many words have each length.
    short: [u32; Self::SHORT],
    /// The other lengths: hardly any text has one.
    long: Vec<usize>,
}

impl Default for Lengths {
    fn default() -> Self {
        Self { total: 0, short: [0; Self::SHORT], long: Vec::new() }
    }
}

impl Lengths {
    const SHORT: usize = 128;

    #[inline]
    fn push(&mut self, length: usize) {
        self.total += 1;
        match self.short.get_mut(length) {
            Some(count) => *count += 1,
            None => self.long.push(length),
        }
    }

    /// The median, between two middle lengths their mean; 0 of none.
    fn median(&mut self) -> f64 {
        let Some(last) = self.total.checked_sub(1) else { return 0.0 };
        self.long.sort_unstable();
        (self.at(last / 2) + self.at(last.div_ceil(2))) as f64 / 2.0
    }

    /// The length at a position of all lengths in ascending order.
    fn at(&self, position: usize) -> usize {
        let mut before = 0;
        for (length, &count) in self.short.iter().enumerate() {
            before += count as usize;
            if position < before {
                return length;
            }
        }
        self.long.get(position - before).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{TEXT, value_of};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_those_of_the_definitions() {
        let value = value_of("variant = 'dolma'", TEXT);
        // - The #1 thing... and the other, \u{ad}été 22… * (More) of THE same . . . • #end... Of (it)
        assert_eq!(value("words"), Some(21.0));
        // 1 1 1 1 1 1 2 2 2 3 (3) 3 3 3 4 4 4 6 6 7 8
        assert_eq!(value("median_word_chars"), Some(3.0));
        assert_eq!(value("mean_word_chars"), None);
        assert_eq!(value("symbol_word_ratio"), Some(0.14286), "#1, 22…, #end...");
        assert_eq!(value("lines"), Some(6.0));
        assert_eq!(value("bullet_line_ratio"), Some(0.33333), "not •");
        assert_eq!(value("ellipsis_line_ratio"), Some(0.0), "a carriage return follows");
        assert_eq!(value("alphabetic_word_ratio"), Some(0.61905));
        assert_eq!(value("stop_words"), Some(3.0), "and the of");
        let value = value_of("variant = 'dolma_v2'", "a…\n\n\nbc");
        assert_eq!(value("lines"), Some(2.0));
        assert_eq!(value("ellipsis_line_ratio"), Some(0.5));
        assert_eq!(value("median_word_chars"), Some(2.0));
    }

    #[test]
    fn values_are_the_tagger_s_on_degenerate_texts() {
        for text in ["", "\n\n\n", " \t"] {
            let value = value_of("variant = 'dolma'", text);
            for signal in ["median_word_chars", "symbol_word_ratio", "alphabetic_word_ratio"] {
                assert_eq!(value(signal), Some(0.0));
            }
        }
        let value = value_of("variant = 'dolma'", "word");
        assert_eq!(value("median_word_chars"), Some(4.0));
        assert_eq!(value("alphabetic_word_ratio"), Some(1.0));
    }

    proptest! {
        #[test]
        fn the_median_is_that_of_the_sorted_lengths(
            lengths in prop::collection::vec(prop_oneof![1..12usize, 120..140usize], 1..40)
        ) {
            let mut counted = Lengths::default();
            lengths.iter().for_each(|&length| counted.push(length));
            let mut sorted = lengths;
            sorted.sort_unstable();
            let middle = (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) as f64 / 2.0;
            prop_assert_eq!(counted.median(), middle);
        }
    }
}
