//! DCLM's definitions.

use super::{Scratch, Signals, Words, duplicates, ratio};
use crate::text::View;
use crate::text::duplicates::Duplicates;
use crate::text::line_table::LineCut;
use crate::text::ngrams::{Repeats, repeats};

pub(super) fn measure(view: &View<'_>, words: &Words, scratch: &mut Scratch) -> Signals {
    let lines = duplicates(view, LineCut::Stripped, scratch);
    let paragraphs = duplicates(view, LineCut::StrippedParagraphs, scratch);
    let shares = |found: Duplicates| {
        let share = |part, whole| if found.segments > 1 { ratio(part, whole) } else { None };
        [share(found.copies, found.segments), share(found.copy_chars, found.chars)]
    };
    let found: [Option<Repeats>; 9] = repeats(words, &mut scratch.ngrams);
    let top = |n: usize| {
        let found = found[n - 2]?;
        let repeats = found.top_count > 1;
        ratio(if repeats { found.longest_top_chars * found.top_count } else { 0 }, words.chars())
    };
    let duplicated = |n: usize| ratio(found[n - 2]?.covered_chars, words.chars());
    Signals::new(lines.segments == 0, shares(paragraphs), shares(lines), top, duplicated)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{text, value_of};
    use crate::steps::testing::reason;

    const DCLM: &str = "variant = 'dclm'";

    #[test]
    fn values_are_those_of_the_definitions() {
        let value = value_of(DCLM, &text());
        let word_chars = 4.0 * 24.0 + 1.0;
        assert_eq!(value("dup_line_ratio"), Some(4.0 / 5.0));
        assert_eq!(value("dup_line_char_ratio"), Some(4.0 * 35.0 / (4.0 * 35.0 + 1.0)));
        assert_eq!(value("dup_paragraph_ratio"), Some(2.0 / 3.0));
        assert_eq!(value("dup_paragraph_char_ratio"), Some(2.0 * 71.0 / (2.0 * 71.0 + 1.0)));
        assert_eq!(value("top_2gram_char_ratio"), Some(4.0 * 5.0 / word_chars));
        assert_eq!(value("top_3gram_char_ratio"), Some(4.0 * 6.0 / word_chars));
        assert_eq!(value("top_4gram_char_ratio"), Some(4.0 * 9.0 / word_chars));
        assert_eq!(value("dup_5gram_char_ratio"), Some(4.0 * 24.0 / word_chars));
        assert_eq!(value("dup_10gram_char_ratio"), Some(4.0 * 24.0 / word_chars));
    }

    #[test]
    fn one_line_has_no_shares_and_a_lone_ngram_does_not_count() {
        let value = value_of(DCLM, "one two three");
        assert_eq!(value("dup_line_ratio"), None);
        assert_eq!(value("top_2gram_char_ratio"), Some(0.0));
    }

    #[test]
    fn blank_texts_are_empty() {
        assert_eq!(reason("gopher_repetition", DCLM, ""), Some("empty"));
        assert_eq!(reason("gopher_repetition", DCLM, " \n"), Some("empty"));
    }
}
