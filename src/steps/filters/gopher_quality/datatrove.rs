//! datatrove's definitions.

use super::{Signals, ends_in, occurrences, ratio};
use crate::steps::filters::stop_words::StopWords;
use crate::text::View;
use crate::text::characters::{is_letter, is_punctuation, strip_end, strip_start};
use crate::text::line_table::LineCut;
use crate::text::word_table::Splitter;

pub(super) fn measure(view: &View<'_>, stop_words: &StopWords) -> Signals {
    let (text, words) = (view.text(), view.words(Splitter::Spacy));
    let (mut counted, mut chars, mut alphabetic) = (0, 0, 0);
    let mut seen = vec![false; stop_words.len()];
    for (word, word_chars) in words.iter(text) {
        // Most words begin with a Latin letter, which settles both questions.
        let latin = word.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        if latin || word.chars().any(|c| !is_punctuation(c)) {
            counted += 1;
            chars += word_chars;
        }
        alphabetic += usize::from(latin || word.chars().any(is_letter));
        if let Some(seen) = stop_words.find(word).and_then(|number| seen.get_mut(number)) {
            *seen = true;
        }
    }
    let lines = view.lines(LineCut::SplitLines);
    let (mut bullets, mut ellipses) = (0, 0);
    for line in lines.iter(text).map(|line| line.text) {
        bullets += usize::from(strip_start(line).starts_with(['•', '-']));
        ellipses += usize::from(ends_in(strip_end(line), &["...", "…"]));
    }
    Signals {
        words: counted as u64,
        all_words: words.len() as u64,
        mean_word_chars: ratio(chars, counted),
        median_word_chars: None,
        hash_word_ratio: ratio(occurrences(text, &["#"]), words.len()),
        ellipsis_word_ratio: ratio(occurrences(text, &["...", "…"]), words.len()),
        symbol_word_ratio: None,
        lines: lines.len() as u64,
        bullet_line_ratio: ratio(bullets, lines.len()),
        ellipsis_line_ratio: ratio(ellipses, lines.len()),
        alphabetic_word_ratio: ratio(alphabetic, words.len()),
        stop_words: seen.iter().filter(|&&seen| seen).count() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{TEXT, value_of};

    #[test]
    fn values_are_those_of_the_definitions() {
        let value = value_of("", TEXT);
        // - The # 1 thing ... and the other , été 22 … * ( More ) of THE same . . . • # end ...
        // Of ( it )
        assert_eq!(value("all_words"), Some(31.0));
        // Without - # ... , … * ( ) . . . # ... ( ), but • is no punctuation to datatrove.
        assert_eq!(value("words"), Some(16.0));
        assert_eq!(value("mean_word_chars"), Some(47.0 / 16.0));
        assert_eq!(value("hash_word_ratio"), Some(2.0 / 31.0));
        assert_eq!(value("ellipsis_word_ratio"), Some(3.0 / 31.0));
        assert_eq!(value("symbol_word_ratio"), None);
        assert_eq!(value("lines"), Some(5.0));
        assert_eq!(value("bullet_line_ratio"), Some(2.0 / 5.0));
        assert_eq!(value("ellipsis_line_ratio"), Some(2.0 / 5.0));
        assert_eq!(value("alphabetic_word_ratio"), Some(13.0 / 31.0));
        assert_eq!(value("stop_words"), Some(3.0), "and, of, the; not The, THE, Of");
    }
}
