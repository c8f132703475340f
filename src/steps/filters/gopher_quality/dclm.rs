//! DCLM's definitions.

use super::{Signals, ends_in, occurrences, ratio};
use crate::steps::filters::stop_words::StopWords;
use crate::text::View;
use crate::text::characters::{self, is_letter};
use crate::text::line_table::LineCut;
use crate::text::words;

pub(super) fn measure(view: &View<'_>, listed: &StopWords) -> Signals {
    let text = view.text();
    let (mut words, mut chars, mut alphabetic, mut stop_words) = (0, 0, 0, 0);
    for word in words::whitespace(text) {
        words += 1;
        chars += characters::count(word);
        alphabetic += usize::from(word.chars().any(is_letter));
        stop_words += u64::from(listed.contains_lowercase(word));
    }
    let lines = view.lines(LineCut::Stripped);
    let (mut bullets, mut ellipses) = (0, 0);
    for line in lines.iter(text).map(|line| line.text) {
        bullets += usize::from(line.starts_with(['●', '•', '*', '-']));
        ellipses += usize::from(ends_in(line, &["...", ". . .", "…"]));
    }
    let symbols = occurrences(text, &["#", "...", ". . .", "…"]);
    Signals {
        words: words::fasttext(text).count() as u64,
        all_words: words as u64,
        mean_word_chars: ratio(chars, words),
        median_word_chars: None,
        hash_word_ratio: None,
        ellipsis_word_ratio: None,
        symbol_word_ratio: ratio(symbols, words),
        lines: lines.len() as u64,
        bullet_line_ratio: ratio(bullets, lines.len()),
        ellipsis_line_ratio: ratio(ellipses, lines.len()),
        alphabetic_word_ratio: ratio(alphabetic, words),
        stop_words,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{TEXT, value_of};

    #[test]
    fn values_are_those_of_the_definitions() {
        let value = value_of("variant = 'dclm'", TEXT);
        // - The #1 thing... and the other, été 22… * (More) of THE same . . . • #end... Of (it)
        assert_eq!(value("all_words"), Some(21.0));
        assert_eq!(value("words"), Some(10.0), "not été, which begins with a soft hyphen");
        assert_eq!(value("mean_word_chars"), Some(66.0 / 21.0));
        assert_eq!(value("hash_word_ratio"), None);
        assert_eq!(value("symbol_word_ratio"), Some(6.0 / 21.0));
        assert_eq!(value("lines"), Some(4.0));
        assert_eq!(value("bullet_line_ratio"), Some(3.0 / 4.0));
        assert_eq!(value("ellipsis_line_ratio"), Some(3.0 / 4.0));
        assert_eq!(value("alphabetic_word_ratio"), Some(13.0 / 21.0));
        assert_eq!(value("stop_words"), Some(6.0));
    }
}
