//! datatrove's definitions.

use super::{Scratch, Signals, Words, duplicates, ratio};
use crate::text::View;
use crate::text::duplicates::Duplicates;
use crate::text::line_table::LineCut;
use crate::text::ngrams::{Repeats, repeats, scanned_repeat_chars};

pub(super) fn measure(view: &View<'_>, words: &Words, scratch: &mut Scratch) -> Signals {
    let chars = view.chars();
    let paragraphs = duplicates(view, LineCut::ParagraphRuns, scratch);
    let lines = duplicates(view, LineCut::NewlineRuns, scratch);
    let shares = |found: Duplicates| {
        [ratio(found.repeats, found.segments), ratio(found.repeat_chars, chars)]
    };
    let found: [Option<Repeats>; 3] = repeats(words, &mut scratch.ngrams);
    let top = |n: usize| {
        let found = found[n - 2]?;
        ratio((found.first_top_chars + n - 1) * found.top_count, chars)
    };
    let found: [usize; 6] = scanned_repeat_chars(words, 5, &mut scratch.ngrams);
    let duplicated = |n: usize| ratio(found[n - 5], chars);
    Signals::new(view.text().is_empty(), shares(paragraphs), shares(lines), top, duplicated)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{text, value_of};
    use crate::steps::testing::reason;

    #[test]
    fn values_are_those_of_the_definitions() {
        let value = value_of("", &text());
        let chars = 4.0 * 35.0 + 7.0;
        assert_eq!(value("dup_line_ratio"), Some(3.0 / 5.0));
        assert_eq!(value("dup_line_char_ratio"), Some(3.0 * 35.0 / chars));
        assert_eq!(value("dup_paragraph_ratio"), Some(1.0 / 3.0));
        assert_eq!(value("dup_paragraph_char_ratio"), Some(71.0 / chars));
        // The first of those with four occurrences: `a bb`, not the longer `bb ccc`.
        assert_eq!(value("top_2gram_char_ratio"), Some(4.0 * 4.0 / chars));
        assert_eq!(value("top_3gram_char_ratio"), Some(4.0 * 8.0 / chars));
        assert_eq!(value("top_4gram_char_ratio"), Some(4.0 * 10.0 / chars));
        // From word 12 on the scan jumps seven times, to word 47.
        assert_eq!(value("dup_5gram_char_ratio"), Some(69.0 / chars));
    }

    #[test]
    fn a_lone_ngram_counts_and_missing_ones_are_null() {
        let value = value_of("", "one two three");
        assert_eq!(value("dup_line_ratio"), Some(0.0));
        assert_eq!(value("top_2gram_char_ratio"), Some(7.0 / 13.0));
        assert_eq!(value("top_4gram_char_ratio"), None);
    }

    #[test]
    fn only_a_text_without_characters_is_empty() {
        assert_eq!(reason("gopher_repetition", "", ""), Some("empty"));
        assert_eq!(reason("gopher_repetition", "", " \n"), None);
    }
}
