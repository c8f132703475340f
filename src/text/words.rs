//! Words that are cut at spaces, as the peers cut them.

use super::characters::{is_alphanumeric, is_space};

/// Python's `str.split()`: the maximal runs of characters that are no spaces.
pub fn whitespace(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// DCLM's fastText words: pieces between `' '`, `\t`, `\n`, `\v`, `\f`, `\r` and NUL (no other
/// space) whose first character is alphanumeric.
///
/// Source: `fasttext.tokenize`, and `split_words` of DCLM with `ignore_punctuation`.
pub fn fasttext(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| matches!(c, '\0' | '\t'..='\r' | ' '))
        .filter(|word| word.starts_with(is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whitespace_words_are_python_s() {
        let words: Vec<_> = whitespace(" a\x1fb\u{3000}\u{a0}c\u{200b}d\n").collect();
        assert_eq!(words, ["a", "b", "c\u{200b}d"]);
    }

    #[test]
    fn fasttext_words_know_seven_spaces_and_drop_what_starts_with_punctuation() {
        let words: Vec<_> = fasttext("it's \"quoted\" (x) a\0b\u{a0}c \u{3000}d ½ ²\n").collect();
        assert_eq!(words, ["it's", "a", "b\u{a0}c", "½", "²"]);
    }
}
