//! Prefixes, suffixes and infixes: where a chunk without white space comes apart.
//!
//! The rules are those of `lang/punctuation.py` and `lang/en/punctuation.py` of spaCy 3.8, matched
//! by hand instead of by a regular expression. Lengths are in bytes; 0 is "no match".

use super::classes::{ALPHA, CURRENCY, Classes, ICON, LOWER, PUNCT, QUOTE, UPPER};

/// Length of the prefix to split off `chunk`.
#[inline]
pub(super) fn prefix_len(classes: &Classes, chunk: &str) -> usize {
    let bytes = chunk.as_bytes();
    let Some(&first) = bytes.first() else { return 0 };
    match first {
        b'%' | b'=' => 1,
        b'+' => usize::from(!bytes.get(1).is_some_and(u8::is_ascii_digit)),
        b'.' => match run_len(bytes, b'.') {
            1 => 0,
            dots => dots,
        },
        b'U' if chunk.starts_with("US$") => 3,
        b'A' | b'C' if bytes.get(1) == Some(&b'$') => 2,
        ..0x80 => usize::from(classes.of_ascii(first) & (PUNCT | QUOTE | CURRENCY | ICON) != 0),
        _ => match chunk.chars().next() {
            Some(c)
                if matches!(c, '§' | '—' | '–')
                    || classes.is(c, PUNCT | QUOTE | CURRENCY | ICON) =>
            {
                c.len_utf8()
            }
            _ => 0,
        },
    }
}

/// Length of the suffix to split off `chunk`: the longest that any rule finds.
#[inline]
pub(super) fn suffix_len(classes: &Classes, chunk: &str) -> usize {
    let Some(last) = chunk.chars().next_back() else { return 0 };
    let len = last.len_utf8();
    let before = &chunk[..chunk.len() - len];
    match last {
        '.' => return full_stop_len(classes, before),
        's' | 'S' => {
            if let Some(mark @ ('\'' | '’')) = before.chars().next_back() {
                return mark.len_utf8() + 1;
            }
        }
        '—' | '–' => return len,
        '…' => return if before.ends_with('…') { 2 * len } else { len },
        '+' => return usize::from(ends_with_digit(before)),
        '0'..='9' => return 0,
        _ => {}
    }
    let flags = classes.of(last);
    if flags & (PUNCT | QUOTE | ICON) != 0 {
        len
    } else if flags & CURRENCY != 0 {
        currency_len(before, last)
    } else {
        unit_len(chunk)
    }
}

/// Length of the full stop or dots at the end, where `before` stands before the last one.
fn full_stop_len(classes: &Classes, before: &str) -> usize {
    let mut back = before.chars().rev();
    let Some(one) = back.next() else { return 0 };
    if one == '.' {
        return 1 + before.bytes().rev().take_while(|&byte| byte == b'.').count();
    }
    let two = back.next();
    let ends_word = one.is_ascii_digit()
        || matches!(one, '%' | '²' | '-' | '+' | '|')
        || classes.is(one, LOWER | QUOTE | PUNCT);
    let ends_capitals = classes.is(one, UPPER) && two.is_some_and(|two| classes.is(two, UPPER));
    let ends_degrees = two == Some('°') && matches!(one, 'F' | 'C' | 'K');
    usize::from(ends_word || ends_capitals || ends_degrees)
}

/// Length of a currency sign after a digit, where `last` is the sign or its last character.
fn currency_len(before: &str, last: char) -> usize {
    if last == '$' {
        for region in ["US", "C", "A"] {
            if before.strip_suffix(region).is_some_and(ends_with_digit) {
                return region.len() + 1;
            }
        }
    }
    if ends_with_digit(before) { last.len_utf8() } else { 0 }
}

/// Units that are split off the number before them, sorted by their bytes.
///
/// The Cyrillic terabyte is a unit only with the Arabic kilometre right behind it: two lines of
/// spaCy's list run together there.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "%", "G", "GB", "K", "KB", "M", "MB", "Pa", "T", "TB", "cm", "cm²", "cm³", "dm", "dm²", "dm³",
    "ft", "g", "gb", "hPa", "ha", "in", "kb", "kg", "km", "km/h", "kmh", "km²", "km³", "lb", "m",
    "m/s", "mb", "mbar", "mg", "mm", "mm²", "mm³", "mph", "m²", "m³", "nm", "oz", "t", "tb", "yd",
    "µg", "µm", "ГБ", "Гб", "КБ", "Кб", "МБ", "Мб", "Па", "ТБ", "Тб", "г", "гб", "дм", "дм²",
    "дм³", "кПа", "кб", "кг", "км", "км/ч", "км²", "км³", "м", "м/с", "м²", "м³", "мб", "мбар",
    "мг", "мм", "мм²", "мм³", "нм", "см", "см²", "см³", "тбكم", "اكواب", "جرام", "جم", "سم",
    "سم²", "سم³", "غرام", "كغ", "كم", "كم²", "كم³", "كوب", "م", "م²", "م³", "ملغ", "مم", "مم²",
    "مم³",
];
const LONGEST_UNIT_BYTES: usize = 10;

/// Length of the unit at the end of `chunk`, if a digit stands before it.
fn unit_len(chunk: &str) -> usize {
    let tail = chunk.bytes().rev().take(LONGEST_UNIT_BYTES + 1);
    match tail.into_iter().position(|byte| byte.is_ascii_digit()) {
        Some(len) if UNITS.binary_search(&&chunk[chunk.len() - len..]).is_ok() => len,
        _ => 0,
    }
}

/// The first infix of `chunk` at or after byte `from`, as a byte range.
#[inline]
pub(super) fn next_infix(classes: &Classes, chunk: &str, from: usize) -> Option<(usize, usize)> {
    let mut previous = chunk[..from].chars().next_back();
    for (offset, c) in chunk[from..].char_indices() {
        if !c.is_ascii_alphanumeric() {
            let at = from + offset;
            let len = infix_len(classes, previous, c, &chunk[at..]);
            if len > 0 {
                return Some((at, at + len));
            }
        }
        previous = Some(c);
    }
    None
}

/// Length of the infix that `rest` starts with, of which `c` is the first character.
fn infix_len(classes: &Classes, previous: Option<char>, c: char, rest: &str) -> usize {
    let after = |len: usize| rest[len..].chars().next();
    let is_next = |len: usize, flags: u8| after(len).is_some_and(|c| classes.is(c, flags));
    let follows = |flags: u8| previous.is_some_and(|c| classes.is(c, flags));
    let follows_digit = previous.is_some_and(|c| c.is_ascii_digit());
    let len = c.len_utf8();
    let found = match c {
        '…' => true,
        '.' => match run_len(rest.as_bytes(), b'.') {
            1 => follows(LOWER | QUOTE) && is_next(1, UPPER | QUOTE),
            dots => return dots,
        },
        ',' => follows(ALPHA) && is_next(1, ALPHA),
        ':' | '<' | '>' | '=' | '/' => (follows_digit || follows(ALPHA)) && is_next(1, ALPHA),
        '+' | '*' | '^' | '-' | '~' | '–' | '—' => {
            let arithmetic = matches!(c, '+' | '*' | '^' | '-')
                && follows_digit
                && after(1).is_some_and(|c| c.is_ascii_digit() || c == '-');
            if arithmetic {
                return 1;
            }
            if matches!(c, '+' | '*' | '^') || !(follows_digit || follows(ALPHA)) {
                return 0;
            }
            let longest = match c {
                '-' => run_len(rest.as_bytes(), b'-').min(3),
                '—' if after(len) == Some('—') => 2,
                _ => 1,
            };
            return if is_next(longest * len, ALPHA) { longest * len } else { 0 };
        }
        _ => classes.is(c, ICON),
    };
    if found { len } else { 0 }
}

/// How many times `byte` stands at the start of `bytes`.
fn run_len(bytes: &[u8], byte: u8) -> usize {
    bytes.iter().take_while(|&&other| other == byte).count()
}

fn ends_with_digit(text: &str) -> bool {
    text.as_bytes().last().is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_sorted_and_no_longer_than_looked_for() {
        assert!(UNITS.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(UNITS.iter().map(|unit| unit.len()).max(), Some(LONGEST_UNIT_BYTES));
    }

    #[test]
    fn the_longest_suffix_is_found() {
        let classes = Classes::build();
        for (chunk, len) in [
            ("a.", 1),
            ("A.", 0),
            ("AB.", 1),
            ("a...", 3),
            ("a……", 6),
            ("ann's", 2),
            ("ann’s", 4),
            ("5US$", 3),
            ("USS$", 0),
            ("5km/h", 4),
            ("km", 0),
            ("5", 0),
            ("5+", 1),
            ("x+", 0),
            ("", 0),
        ] {
            assert_eq!(suffix_len(&classes, chunk), len, "{chunk}");
        }
    }

    #[test]
    fn a_prefix_is_one_mark_or_a_row_of_dots() {
        let classes = Classes::build();
        for (chunk, len) in [
            ("...a", 3),
            (".a", 0),
            ("……a", 3),
            ("US$5", 3),
            ("$5", 1),
            ("+5", 0),
            ("+a", 1),
            ("", 0),
        ] {
            assert_eq!(prefix_len(&classes, chunk), len, "{chunk}");
        }
    }
}
