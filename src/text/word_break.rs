//! Words between Unicode word boundaries (UAX #29), as uniseg finds them and DCLM counts them.
//!
//! A machine of our own rather than a crate's: the tables are fixed at Unicode 16, where a crate's
//! move with its version and a measured value with them (in Unicode 17 `¸` became a letter).

mod unicode_16;

use super::characters::is_alphanumeric;

/// DCLM's uniseg words: segments between word boundaries whose first character is alphanumeric.
///
/// Source: `split_words` of DCLM with `ignore_punctuation`, over uniseg 0.10.1.
pub fn word_break(text: &str, word: impl FnMut(&str)) {
    segments::<false>(text, word);
}

/// Segments between word boundaries that hold an alphanumeric character, those that begin with `_`
/// or a mark among them.
pub fn words_within(text: &str, word: impl FnMut(&str)) {
    segments::<true>(text, word);
}

/// Segments whose first character is alphanumeric, or `WITHIN` which one is.
fn segments<const WITHIN: bool>(text: &str, mut word: impl FnMut(&str)) {
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        // A chunk reaches up to a space or line end that nothing can join to what stands before.
        let (mut end, mut ascii) = (start, true);
        while end < bytes.len() && !matches!(bytes[end], b' ' | b'\n'..=b'\r') {
            ascii &= bytes[end].is_ascii();
            end += 1;
        }
        if ascii {
            ascii_words::<WITHIN>(&text[start..end], &mut word);
        } else {
            // With the space before it, to which leading marks belong.
            any_words::<WITHIN>(&text[start.saturating_sub(1)..end], &mut word);
        }
        start = end + 1;
    }
}

/// [`segments`] on ASCII without spaces and line ends, where few of the rules apply.
fn ascii_words<const WITHIN: bool>(text: &str, word: &mut impl FnMut(&str)) {
    let bytes = text.as_bytes();
    let is_core = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += 1;
        if !is_core(bytes[start]) {
            continue;
        }
        while at < bytes.len() {
            let joins = is_core(bytes[at])
                || bytes.get(at + 1).is_some_and(|&next| {
                    let letters = bytes[at - 1].is_ascii_alphabetic() && next.is_ascii_alphabetic();
                    let digits = bytes[at - 1].is_ascii_digit() && next.is_ascii_digit();
                    match bytes[at] {
                        b'.' | b'\'' => letters || digits, // WB6, WB7, WB11, WB12
                        b':' => letters,
                        b',' | b';' => digits,
                        _ => false,
                    }
                });
            if !joins {
                break;
            }
            at += 1;
        }
        let segment = &text[start..at];
        if bytes[start] != b'_' || (WITHIN && segment.contains(is_alphanumeric)) {
            word(segment);
        }
    }
}

/// [`segments`] by all rules but those of flags, which are no words.
fn any_words<const WITHIN: bool>(text: &str, word: &mut impl FnMut(&str)) {
    let mut chars = text.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        let class = Class::of(first);
        let mut end = start + first.len_utf8();
        // The class of what stands directly before, and of the last that is not ignored (WB4).
        let mut adjacent = class;
        let mut before = if class.is_ignored() { Class::Other } else { class };
        while let Some(&(at, c)) = chars.peek() {
            let class = Class::of(c);
            let next = at + c.len_utf8();
            if class.is_ignored() && before != Class::Newline {
                // WB4
            } else if adjacent == Class::Joiner && is_pictographic(c) {
                before = class; // WB3c
            } else if adjacent == Class::Space && class == Class::Space {
                // WB3d
            } else if let Some(now) = join(before, class, &text[next..]) {
                before = now;
            } else {
                break;
            }
            adjacent = class;
            end = next;
            chars.next();
        }
        let segment = &text[start..end];
        if is_alphanumeric(first) || (WITHIN && segment.contains(is_alphanumeric)) {
            word(segment);
        }
    }
}

/// Where there is no boundary between two classes by WB5 to WB13b: what stands before the next
/// character then. `rest` is what comes after.
#[inline]
fn join(before: Class, class: Class, rest: &str) -> Option<Class> {
    use Class::*;
    let follows = |wanted: &[Class]| {
        let next = rest.chars().map(Class::of).find(|class| !class.is_ignored());
        next.is_some_and(|next| wanted.contains(&next))
    };
    match (before, class) {
        (Letter | Hebrew | Numeric, Letter | Hebrew | Numeric) => Some(class),
        (Katakana, Katakana) => Some(class),
        (Letter | Hebrew | Numeric | Katakana | Connector, Connector) => Some(class),
        (Connector, Letter | Hebrew | Numeric | Katakana) => Some(class),
        // Inside words and numbers: what follows joins as if nothing stood between.
        (Letter | Hebrew, MidLetter | MidNumLet | SingleQuote) if follows(&[Letter, Hebrew]) => {
            Some(before)
        }
        (Hebrew, SingleQuote) => Some(class),
        (Hebrew, DoubleQuote) if follows(&[Hebrew]) => Some(before),
        (Numeric, MidNum | MidNumLet | SingleQuote) if follows(&[Numeric]) => Some(before),
        _ => None,
    }
}

/// The values of `Word_Break` that the rules tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    /// `CR`, `LF`, `Newline`.
    Newline,
    /// `WSegSpace`.
    Space,
    /// `Extend`, `Format`.
    Mark,
    /// `ZWJ`.
    Joiner,
    /// `ALetter`.
    Letter,
    /// `Hebrew_Letter`.
    Hebrew,
    Numeric,
    Katakana,
    /// `ExtendNumLet`.
    Connector,
    MidLetter,
    MidNumLet,
    MidNum,
    SingleQuote,
    DoubleQuote,
}

const CLASSES: [(Class, &[u32]); 15] = [
    (Class::Newline, &[0x0a, 0x0e, 0x85, 0x86, 0x2028, 0x202a]),
    (Class::DoubleQuote, &[0x22, 0x23]),
    (Class::SingleQuote, &[0x27, 0x28]),
    (Class::Joiner, &[0x200d, 0x200e]),
    (Class::Space, &unicode_16::SEGMENT_SPACE),
    (Class::Mark, &unicode_16::EXTEND),
    (Class::Mark, &unicode_16::FORMAT),
    (Class::Letter, &unicode_16::LETTER),
    (Class::Hebrew, &unicode_16::HEBREW_LETTER),
    (Class::Numeric, &unicode_16::NUMERIC),
    (Class::Katakana, &unicode_16::KATAKANA),
    (Class::Connector, &unicode_16::EXTEND_NUM_LET),
    (Class::MidLetter, &unicode_16::MID_LETTER),
    (Class::MidNumLet, &unicode_16::MID_NUM_LET),
    (Class::MidNum, &unicode_16::MID_NUM),
];

/// The classes of the basic plane, where nearly all text lies.
static BASIC_PLANE: [Class; 0x10000] = basic_plane();

const fn basic_plane() -> [Class; 0x10000] {
    let mut plane = [Class::Other; 0x10000];
    let mut table = 0;
    while table < CLASSES.len() {
        let (class, boundaries) = CLASSES[table];
        let mut range = 0;
        while range < boundaries.len() {
            let mut code = boundaries[range];
            while code < boundaries[range + 1] && code < 0x10000 {
                plane[code as usize] = class;
                code += 1;
            }
            range += 2;
        }
        table += 1;
    }
    plane
}

impl Class {
    #[inline]
    fn of(c: char) -> Self {
        let code = u32::from(c);
        match BASIC_PLANE.get(code as usize) {
            Some(&class) => class,
            None => CLASSES
                .iter()
                .find(|(_, boundaries)| lies_within(boundaries, code))
                .map_or(Self::Other, |&(class, _)| class),
        }
    }

    /// Whether rules that join words look past it (WB4).
    fn is_ignored(self) -> bool {
        matches!(self, Self::Mark | Self::Joiner)
    }
}

fn is_pictographic(c: char) -> bool {
    lies_within(&unicode_16::PICTOGRAPHIC, u32::from(c))
}

fn lies_within(boundaries: &[u32], code: u32) -> bool {
    boundaries.partition_point(|&boundary| boundary <= code) % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        word_break(text, |word| words.push(word.to_owned()));
        words
    }

    #[test]
    fn words_follow_the_unicode_rules() {
        assert_eq!(
            words("The quick (“brown”) fox can’t can't jump 32.3 feet, _right_? a.b:c 3,5;4:1"),
            [
                "The", "quick", "brown", "fox", "can’t", "can't", "jump", "32.3", "feet", "a.b:c",
                "3,5;4", "1"
            ]
        );
        assert_eq!(words("中文 カタカナ ひら"), ["中", "文", "カタカナ", "ひ", "ら"]);
        assert_eq!(words("a \u{301}b \u{ff9e}c"), ["a", "b", "c"]);
        assert_eq!(words("a_1 _a x'_ 1a'2"), ["a_1", "x", "1a", "2"]);
        assert_eq!(words("צה\"ל ג' l·l a\u{ad}b"), ["צה\"ל", "ג'", "l·l", "a\u{ad}b"]);
    }

    #[test]
    fn words_within_may_begin_with_what_is_no_letter() {
        let mut found = Vec::new();
        words_within("_right_ __ a_1 _é… _中 !", |word| found.push(word.to_owned()));
        assert_eq!(found, ["_right_", "a_1", "_é", "中"]);
    }

    #[test]
    fn a_pictographic_letter_joins_both_ways() {
        // WB3c, then WB5; uniseg does so too, where unicode-segmentation does not.
        assert_eq!(
            words("aⓂ b\u{200d}Ⓜé \u{200d}Ⓜé b\u{200d}👍c"),
            ["aⓂ", "b\u{200d}Ⓜé", "b\u{200d}👍", "c"]
        );
    }

    #[test]
    fn characters_are_those_of_unicode_16() {
        assert_eq!(words("a¸b"), ["a", "b"], "a letter since Unicode 17");
    }

    proptest! {
        #[test]
        fn words_are_those_of_another_implementation(
            text in "([ab1_.,:;'\"\t\n\r \u{85}\u{a0}é中カ’\u{301}\u{ff9e}\u{3000}אב🇩👍·]){0,40}"
        ) {
            let expected: Vec<&str> = text
                .split_word_bounds()
                .filter(|segment| segment.chars().next().is_some_and(is_alphanumeric))
                .collect();
            prop_assert_eq!(words(&text), expected);
        }
    }
}
