//! The text as it is: sentences, lines, and words of the kind that nltk's `WordPunctTokenizer`
//! finds.

use memchr::{memchr_iter, memchr3, memmem};
use rustc_hash::FxHashSet;

use crate::text::characters::{is_alphanumeric, is_space, is_uppercase, strip_end, strip_start};

/// What is counted in the raw words of a text: maximal runs of letters, numbers and `_`, and
/// maximal runs of what is neither those nor space.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RawWords {
    /// Number of words.
    pub(super) words: usize,
    /// Words with a letter from A to Z or a to z.
    pub(super) latin: usize,
    /// Words for which Python's `str.isupper` holds.
    pub(super) all_caps: usize,
    /// Words that are stop words, as written.
    pub(super) stop_words: usize,
    /// Characters of the text, spaces among them.
    pub(super) chars: usize,
    /// Characters for which Python's `str.isupper` holds.
    pub(super) uppercase_chars: usize,
}

const SPACE: u8 = 0;
/// Part of a run of letters, numbers and `_`.
const WORD: u8 = 1;
/// Part of a run of other characters.
const OTHER: u8 = 2;
const KIND: u8 = WORD | OTHER;
const LATIN: u8 = 4;
const UPPER: u8 = 8;
/// Lower or title case.
const LOWER: u8 = 16;

static ASCII: [u8; 128] = ascii();

const fn ascii() -> [u8; 128] {
    let mut table = [OTHER; 128];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = match byte {
            b'\t'..=b'\r' | 0x1c..=0x20 => SPACE,
            b'a'..=b'z' => WORD | LATIN | LOWER,
            b'A'..=b'Z' => WORD | LATIN | UPPER,
            b'0'..=b'9' | b'_' => WORD,
            _ => OTHER,
        };
        byte += 1;
    }
    table
}

fn classify(c: char) -> u8 {
    if is_space(c) {
        return SPACE;
    }
    let kind = if is_alphanumeric(c) { WORD } else { OTHER };
    // What has a lower case but is no upper case is title case.
    let has_case = match c {
        // Classed otherwise since Unicode 14.
        '\u{295}' => true,
        '\u{10fc}' | '\u{a7f2}'..='\u{a7f4}' | '\u{ab69}' => false,
        _ => c.is_lowercase() || !c.to_lowercase().eq([c]),
    };
    match (is_uppercase(c), has_case) {
        (true, _) => kind | UPPER,
        (false, true) => kind | LOWER,
        (false, false) => kind,
    }
}

impl RawWords {
    /// Counts in one pass.
    pub(super) fn of(text: &str, stop_words: &StopWords) -> Self {
        let mut counts = Self::default();
        let (mut start, mut flags) = (0, SPACE);
        for (at, c) in text.char_indices() {
            let class = match ASCII.get(c as usize) {
                Some(&class) => class,
                None => classify(c),
            };
            counts.chars += 1;
            counts.uppercase_chars += usize::from(class & UPPER != 0);
            if class & KIND == flags & KIND {
                flags |= class;
            } else {
                counts.add(&text[start..at], flags, stop_words);
                (start, flags) = (at, class);
            }
        }
        counts.add(&text[start..], flags, stop_words);
        counts
    }

    #[inline]
    fn add(&mut self, word: &str, flags: u8, stop_words: &StopWords) {
        if flags & KIND == SPACE {
            return;
        }
        self.words += 1;
        self.latin += usize::from(flags & LATIN != 0);
        self.all_caps += usize::from(flags & (UPPER | LOWER) == UPPER);
        self.stop_words += usize::from(flags & WORD != 0 && stop_words.contains(word));
    }
}

/// Words that are looked up as written.
#[derive(Debug, Default)]
pub(super) struct StopWords {
    words: FxHashSet<Box<str>>,
    longest_bytes: usize,
}

impl StopWords {
    /// Adds a word.
    pub(super) fn insert(&mut self, word: &str) {
        self.words.insert(word.into());
        self.longest_bytes = self.longest_bytes.max(word.len());
    }

    #[inline]
    fn contains(&self, word: &str) -> bool {
        word.len() <= self.longest_bytes && self.words.contains(word)
    }
}

/// Sentences: from the next letter, number or `_` on to the last of the `.`, `!` and `?` that follow,
/// or to the end.
pub(super) fn count_sentences(text: &str) -> usize {
    let is_word = |c: char| is_alphanumeric(c) || c == '_';
    let is_mark = |c: char| matches!(c, '.' | '!' | '?');
    let mut rest = text;
    let mut sentences = 0;
    while let Some(start) = rest.find(is_word) {
        sentences += 1;
        rest = &rest[start..];
        let Some(end) = memchr3(b'.', b'!', b'?', rest.as_bytes()) else { break };
        rest = rest[end..].trim_start_matches(is_mark);
    }
    sentences
}

/// Gopher's symbols: `#`, `...` and `…`.
pub(super) fn count_symbols(text: &str) -> usize {
    let bytes = text.as_bytes();
    memchr_iter(b'#', bytes).count()
        + memmem::find_iter(bytes, "...").count()
        + memmem::find_iter(bytes, "…").count()
}

/// What is counted in the lines of a text, which end with `\n` or the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lines {
    /// Number of lines.
    pub(super) lines: usize,
    /// Lines that end with `...` or `…`, spaces aside.
    pub(super) ellipses: usize,
    /// Lines that end with `.`, `!`, `?` or `”`, spaces aside.
    pub(super) terminal_marks: usize,
    /// Lines that start with a bullet, spaces aside.
    pub(super) bullets: usize,
}

impl Lines {
    /// Counts in the lines of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut counts = Self::default();
        for line in text.split_inclusive('\n') {
            let end = strip_end(line);
            counts.lines += 1;
            counts.ellipses += usize::from(end.ends_with("...") || end.ends_with('…'));
            counts.terminal_marks += usize::from(end.ends_with(['.', '!', '?', '”']));
            counts.bullets += usize::from(
                strip_start(end).starts_with(['•', '‣', '▶', '◀', '◦', '■', '□', '▪', '▫', '–']),
            );
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw_words(text: &str) -> RawWords {
        let mut stop_words = StopWords::default();
        ["the", "a", "!"].iter().for_each(|word| stop_words.insert(word));
        RawWords::of(text, &stop_words)
    }

    #[test]
    fn raw_words_are_nltk_s() {
        // `It`, `'`, `s`, `the`, `A`, `…!`, `x_1`, `“`.
        let counts = raw_words("It's the A…! x_1\u{1c}“");
        assert_eq!((counts.words, counts.latin, counts.stop_words), (8, 5, 1));
        assert_eq!((counts.chars, counts.uppercase_chars), (18, 2));
        assert_eq!(raw_words(""), RawWords::default());
        assert_eq!(raw_words(" \n").words, 0);
    }

    #[test]
    fn all_caps_words_have_upper_case_and_no_other() {
        for (word, is_upper) in [
            ("USA", true),
            ("A1_", true),
            ("ÀÉ", true),
            ("A中", true),
            ("Ⓐ", true),
            ("Ⅷ", true),
            ("12", false),
            ("中", false),
            ("Aa", false),
            ("Aª", false),
            ("ǅA", false),
            ("Aʕ", false),
            ("…", false),
        ] {
            assert_eq!(raw_words(word).all_caps, usize::from(is_upper), "{word}");
        }
    }

    #[test]
    fn sentences_are_those_of_redpajama_s_expression() {
        for (text, sentences) in [
            ("", 0),
            ("...", 0),
            ("One. Two! Three?! four", 4),
            ("3.14 is e.g. a number", 4),
            ("( . ) a . “", 1),
            ("a .\u{301}é. _.", 3),
            ("。 中文。 中", 1),
        ] {
            assert_eq!(count_sentences(text), sentences, "{text:?}");
        }
    }

    #[test]
    fn symbols_and_lines_are_counted() {
        assert_eq!(count_symbols("# #a .... ......… ..#"), 7);
        let lines = Lines::of("• one.\n – two ... \u{85}\n\n“three”\n- four…");
        assert_eq!(lines, Lines { lines: 5, ellipses: 2, terminal_marks: 3, bullets: 2 });
        assert_eq!(Lines::of("a\n").lines, 1);
        assert_eq!(Lines::of(""), Lines::default());
    }
}
