//! Sentences, by either definition of the step's page.

use memchr::memchr3_iter;

use super::Variant;
use crate::text::characters::{is_space, is_terminal_punctuation, strip};

/// Passes on every sentence of a text.
pub(super) fn each(variant: Variant, text: &str, sentence: impl FnMut(&str)) {
    match variant {
        Variant::Madlad => by_lines_and_marks(text, sentence),
        Variant::Datamap => between_marks(text, sentence),
    }
}

/// What comes before the next character may end a sentence.
#[derive(Clone, Copy, PartialEq)]
enum Ending {
    None,
    /// After marks of which the last is a full stop, and what closes behind.
    FullStop,
    /// After other marks, and what closes behind.
    Mark,
    /// After marks that need no white space behind them, and what closes behind.
    WideMark,
}

fn by_lines_and_marks(text: &str, mut sentence: impl FnMut(&str)) {
    let mut pass = |piece: &str| {
        let piece = strip(piece);
        if !piece.is_empty() {
            sentence(piece);
        }
    };
    let (mut start, mut ending) = (0, Ending::None);
    for (at, c) in text.char_indices() {
        let ends = match ending {
            _ if c == '\n' => true,
            Ending::None => false,
            _ if is_terminal_punctuation(c) || closes(c) => false,
            Ending::WideMark => true,
            Ending::Mark => is_space(c),
            Ending::FullStop => is_space(c) && !goes_on(&text[at..]),
        };
        if ends {
            pass(&text[start..at]);
            start = at;
        }
        ending = match c {
            '.' => Ending::FullStop,
            '。' | '！' | '？' | '｡' => Ending::WideMark,
            _ if is_terminal_punctuation(c) => Ending::Mark,
            _ if closes(c) && ending != Ending::None => ending,
            _ => Ending::None,
        };
    }
    pass(&text[start..]);
}

/// Quotes and brackets that may close behind a mark.
fn closes(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | ')' | ']' | '}' | '”' | '’' | '»' | '›' | '」' | '』' | '）' | '】' | '》'
    )
}

/// Whether a small letter follows the white space.
fn goes_on(text: &str) -> bool {
    // On one line: a line end ends the sentence in any case.
    text.trim_start_matches(|c| is_space(c) && c != '\n').starts_with(char::is_lowercase)
}

/// Between `[.!?]+` and the white space after it.
fn between_marks(text: &str, mut sentence: impl FnMut(&str)) {
    let mut pass = |piece: &str| {
        if !piece.trim().is_empty() {
            sentence(piece);
        }
    };
    let (mut start, mut run_start, mut run_end) = (0, 0, 0);
    for at in memchr3_iter(b'.', b'!', b'?', text.as_bytes()) {
        if at > run_end || at == 0 {
            run_start = at;
        }
        run_end = at + 1;
        let after = &text[run_end..];
        let rest = after.trim_start();
        if rest.len() < after.len() {
            pass(&text[start..run_start]);
            start = text.len() - rest.len();
        }
    }
    pass(&text[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    fn sentences(variant: Variant, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        each(variant, text, |sentence| found.push(sentence.to_owned()));
        found
    }

    #[test]
    fn sentences_end_at_lines_and_marks() {
        for (text, expected) in [
            ("", &[] as &[&str]),
            (" \n\n\t\n", &[]),
            ("One. Two! Three?", &["One.", "Two!", "Three?"]),
            ("A line\nanother\r\n\r\nthird", &["A line", "another", "third"]),
            (
                "At 3.14 p.m. it was e.g. late. Dr. No came",
                &["At 3.14 p.m. it was e.g. late.", "Dr.", "No came"],
            ),
            ("“Stop!” He left (at once.) Then?!", &["“Stop!”", "He left (at once.)", "Then?!"]),
            ("Really? yes... no. \n so", &["Really?", "yes... no.", "so"]),
            ("第一句。「第二句！」第三句", &["第一句。", "「第二句！」", "第三句"]),
            ("यह है। वह है।", &["यह है।", "वह है।"]),
            ("... !", &["...", "!"]),
        ] {
            assert_eq!(sentences(Variant::Madlad, text), expected, "{text:?}");
        }
    }

    #[test]
    fn datamap_s_sentences_lie_between_marks() {
        for (text, expected) in [
            ("", &[] as &[&str]),
            (". \n!", &["!"]),
            ("One. Two! Three?", &["One", "Two", "Three?"]),
            ("A line\nanother...  third\n", &["A line\nanother", "third\n"]),
            ("3.14 ?! e.g. x", &["3.14 ", "e.g", "x"]),
        ] {
            assert_eq!(sentences(Variant::Datamap, text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn between_marks_is_what_the_expression_splits(text in "([ab.!? \n]|[\u{a0}\u{85}\u{1c}é]){0,30}") {
            let marks = Regex::new(r"[.!?]+\s+").unwrap();
            let expected: Vec<_> = marks.split(&text).filter(|s| !s.trim().is_empty()).collect();
            prop_assert_eq!(sentences(Variant::Datamap, &text), expected);
        }

        #[test]
        fn sentences_hold_all_but_white_space(text in "([aB.!?\" \n]|[\u{a0}。」é]){0,30}") {
            let without_space = |text: &str| text.replace(is_space, "");
            let joined = sentences(Variant::Madlad, &text).concat();
            prop_assert_eq!(without_space(&joined), without_space(&text));
        }
    }
}
