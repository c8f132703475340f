//! Dolma's definitions, rounded as it writes them.

use super::{Scratch, Signals, Words};
use crate::steps::filters::dolma::{Lines, share};
use crate::text::View;
use crate::text::duplicates::Duplicates;
use crate::text::ngrams::{Repeats, repeats};

/// With the lines of `gopher_v1`.
pub(super) fn measure_v1(view: &View<'_>, words: &Words, scratch: &mut Scratch) -> Signals {
    measure(view, words, Lines::Newline, scratch)
}

/// With the lines of `gopher_v2`.
pub(super) fn measure_v2(view: &View<'_>, words: &Words, scratch: &mut Scratch) -> Signals {
    measure(view, words, Lines::NewlineRun, scratch)
}

fn measure(view: &View<'_>, words: &Words, ends: Lines, scratch: &mut Scratch) -> Signals {
    let text = view.text();
    let lines = Duplicates::among(ends.of(text), &mut scratch.duplicates);
    let lines = [share(lines.copies, lines.segments), share(lines.copy_chars, words.chars())];
    let found: [Option<Repeats>; 9] = repeats(words, &mut scratch.ngrams);
    let top = |n: usize| {
        let found = found[n - 2]?;
        Some(share(found.first_top_chars * found.top_count, words.chars()))
    };
    let duplicated = |n: usize| Some(share(found[n - 2]?.occurrence_chars, words.ngram_chars(n)));
    Signals::new(text.is_empty(), [None, None], lines.map(Some), top, duplicated)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{text, value_of};
    use crate::steps::find;
    use crate::steps::testing::{faults, reason};

    fn round(value: f64) -> Option<f64> {
        Some((value * 1e5).round() / 1e5)
    }

    #[test]
    fn values_are_those_of_the_definitions() {
        let (v1, v2) = ("variant = 'dolma'", "variant = 'dolma_v2'");
        let value = value_of(v1, &text());
        let word_chars = 4.0 * 24.0 + 1.0;
        // Blank lines are lines, here two copies of one another.
        assert_eq!(value("dup_line_ratio"), round(6.0 / 7.0));
        assert_eq!(value_of(v2, &text())("dup_line_ratio"), round(4.0 / 5.0));
        // The spaces in the lines count, those of the text do not.
        assert_eq!(value("dup_line_char_ratio"), round(4.0 * 35.0 / word_chars));
        assert_eq!(value("dup_paragraph_ratio"), None);
        assert_eq!(value("top_2gram_char_ratio"), round(4.0 * 3.0 / word_chars));
        assert_eq!(value("top_4gram_char_ratio"), round(4.0 * 7.0 / word_chars));
        // Of 45 5-grams only the last, `iii j kk lll z`, occurs once.
        let words = [[1, 2, 3].repeat(16), vec![1]].concat();
        let all: f64 = words.windows(5).map(|ngram| f64::from(ngram.iter().sum::<i32>())).sum();
        assert_eq!(value("dup_5gram_char_ratio"), round((all - 10.0) / all));
    }

    #[test]
    fn values_are_the_tagger_s_on_degenerate_texts() {
        let value = |text, signal| value_of("variant = 'dolma'", text)(signal);
        for text in ["", "word", " \t"] {
            assert_eq!(value(text, "dup_line_ratio"), Some(0.0));
            assert_eq!(value(text, "dup_line_char_ratio"), Some(0.0));
            assert_eq!(value(text, "top_2gram_char_ratio"), None);
            assert_eq!(value(text, "dup_5gram_char_ratio"), None);
        }
        assert_eq!(value("\n\n\n", "dup_line_ratio"), Some(1.0));
        assert_eq!(value("\n\n\n", "dup_line_char_ratio"), Some(0.0));
        assert_eq!(value(" \n \n ", "dup_line_char_ratio"), Some(3.0), "of no characters: of one");
        assert_eq!(value("a b", "top_2gram_char_ratio"), Some(1.0), "though it occurs once");
    }

    #[test]
    fn no_rule_is_about_paragraphs_or_empty_texts() {
        assert_eq!(reason("gopher_repetition", "variant = 'dolma'", ""), None);
        let given = "variant = 'dolma'\nmax_dup_paragraph_ratio = 0.3";
        assert!(faults("gopher_repetition", given).contains("`max_dup_paragraph_ratio`"));
        let bounds = find("gopher_repetition").unwrap().params();
        let bounds = bounds.iter().filter(|spec| spec.name.starts_with("max_"));
        let others = bounds.filter(|spec| !spec.name.contains("paragraph"));
        let off: String = others.map(|spec| format!("\n{} = 'off'", spec.name)).collect();
        let all_off = faults("gopher_repetition", &format!("variant = 'dolma'{off}"));
        assert!(all_off.contains("could never drop"), "the bounds on paragraphs are no use here");
    }
}
