//! NeMo Curator's definitions.

use super::{Scratch, Signals, Words, ratio};
use crate::text::View;
use crate::text::characters::{self, strip};
use crate::text::duplicates::Duplicates;
use crate::text::line_table::LineCut;
use crate::text::ngrams::{Repeats, repeats};

pub(super) fn measure(view: &View<'_>, words: &Words, scratch: &mut Scratch) -> Signals {
    let (text, chars) = (view.text(), view.chars());
    let lines = view.lines(LineCut::Newline).iter(text);
    let lines = lines.filter(|line| !strip(line.text).is_empty());
    let lines = Duplicates::among_lines(lines, &mut scratch.duplicates);
    let paragraphs = Duplicates::among(text.split("\n\n"), &mut scratch.duplicates);
    let shares = |found: Duplicates| {
        [ratio(found.repeats, found.segments), ratio(found.repeat_chars, found.chars)]
    };
    let found: [Option<Repeats>; 9] = repeats(words, &mut scratch.ngrams);
    // A text of fewer words than an n-gram is all repetition.
    let top = |n: usize| match found[n - 2] {
        Some(found) => ratio(deleted_chars(text, words, found.first_top, n), chars),
        None => Some(1.0),
    };
    let duplicated = |n: usize| match found[n - 2] {
        Some(found) => ratio(found.later_chars, chars),
        None => Some(1.0),
    };
    Signals::new(lines.segments == 0, shares(paragraphs), shares(lines), top, duplicated)
}

/// How many characters go where the n-gram, joined by spaces, is deleted from the text wherever it
/// stands, inside longer words too and without overlaps.
fn deleted_chars(text: &str, words: &Words, first: usize, n: usize) -> usize {
    let mut joined = String::new();
    for word in words.ngram(text, first, n) {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    let found = memchr::memmem::find_iter(text.as_bytes(), &joined).count();
    found * characters::count(&joined)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{text, value_of};
    use crate::steps::testing::reason;

    const CURATOR: &str = "variant = 'curator'";

    #[test]
    fn values_are_those_of_the_definitions() {
        let value = value_of(CURATOR, &text());
        let chars = 4.0 * 35.0 + 7.0;
        assert_eq!(value("dup_line_ratio"), Some(3.0 / 5.0));
        assert_eq!(value("dup_line_char_ratio"), Some(3.0 * 35.0 / (4.0 * 35.0 + 1.0)));
        assert_eq!(value("dup_paragraph_ratio"), Some(1.0 / 3.0));
        assert_eq!(value("dup_paragraph_char_ratio"), Some(71.0 / (2.0 * 71.0 + 1.0)));
        assert_eq!(value("top_2gram_char_ratio"), Some(4.0 * 4.0 / chars));
        assert_eq!(value("top_4gram_char_ratio"), Some(4.0 * 10.0 / chars));
        // Words 13 to 48, with 35 spaces between them.
        assert_eq!(value("dup_5gram_char_ratio"), Some((3.0 * 24.0 + 35.0) / chars));
    }

    #[test]
    fn the_top_ngram_is_deleted_wherever_its_letters_stand() {
        let top = |text| value_of(CURATOR, text)("top_2gram_char_ratio");
        // `a b`, twice a 2-gram, stands in `aa bb` too.
        assert_eq!(top("a b x a b aa bb"), Some(9.0 / 15.0));
        // Between words that a newline parts it does not stand.
        assert_eq!(top("a\nb a\nb x"), Some(0.0));
        // Of `a a`, three times a 2-gram, two do not overlap.
        assert_eq!(top("a a a a"), Some(6.0 / 7.0));
        // None repeats: the first.
        assert_eq!(top("one two three"), Some(7.0 / 13.0));
    }

    #[test]
    fn a_bound_on_duplicates_is_a_bound_on_what_differs() {
        for whole in 1..1500 {
            for (least, most) in [(0.7, 0.3), (0.8, 0.2), (0.95, 0.05)] {
                let keeps = |different: usize| different as f64 / whole as f64 >= least;
                let same = |different: usize| {
                    super::ratio(whole - different, whole).is_some_and(|share| share <= most)
                };
                assert!((0..=whole).all(|different| keeps(different) == same(different)));
            }
        }
    }

    #[test]
    fn values_are_the_peer_s_on_degenerate_texts() {
        let value = |text, signal| value_of(CURATOR, text)(signal);
        for text in ["", "word", "\n\n\n", " \t"] {
            assert_eq!(value(text, "top_2gram_char_ratio"), Some(1.0));
            assert_eq!(value(text, "dup_10gram_char_ratio"), Some(1.0));
            assert_eq!(value(text, "dup_paragraph_ratio"), Some(0.0));
        }
        assert_eq!(value("", "dup_paragraph_char_ratio"), None);
        assert_eq!(value("\n\n\n", "dup_paragraph_char_ratio"), Some(0.0));
        assert_eq!(value("\n\n", "dup_paragraph_ratio"), Some(0.5), "two empty paragraphs");
        assert_eq!(value("\n\n\n", "dup_line_ratio"), None);
        assert_eq!(value("word", "dup_line_ratio"), Some(0.0));
        for text in ["", " \n"] {
            assert_eq!(reason("gopher_repetition", CURATOR, text), Some("empty"));
        }
        assert_eq!(reason("gopher_repetition", CURATOR, "one"), Some("top_2gram"));
    }
}
