//! Character references: `&amp;`, `&#233;`, `&eacute`.
//!
//! The names are those of the HTML standard (§13.5), one a line in `references.txt` with their code
//! points; an asterisk marks those that are read without their semicolon too.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// Longest name, in bytes.
const LONGEST_NAME: usize = 31;
/// Longest name that needs no semicolon, in bytes.
const LONGEST_BARE_NAME: usize = 6;

struct Names {
    all: FxHashMap<&'static str, String>,
    /// Those that need no semicolon.
    bare: FxHashMap<&'static str, String>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names { all: FxHashMap::default(), bare: FxHashMap::default() };
    for line in include_str!("references.txt").lines() {
        let (name, points) = line.split_once(' ').unwrap_or((line, ""));
        let points = points.split(' ').filter_map(|point| u32::from_str_radix(point, 16).ok());
        let characters: String = points.filter_map(char::from_u32).collect();
        let name = match name.strip_suffix('*') {
            Some(bare) => {
                names.bare.insert(bare, characters.clone());
                bare
            }
            None => name,
        };
        names.all.insert(name, characters);
    }
    names
});

/// Reads what follows an ampersand; gives the characters meant and the bytes read, or `None` where
/// the ampersand stands for itself.
pub(super) fn resolve(rest: &str, in_attribute: bool) -> Option<(Characters, usize)> {
    let bytes = rest.as_bytes();
    match bytes.first()? {
        b'#' => numeric(bytes),
        byte if byte.is_ascii_alphanumeric() => named(rest, in_attribute),
        _ => None,
    }
}

/// What a reference stands for.
pub(super) enum Characters {
    One(char),
    Named(&'static str),
}

fn named(rest: &str, in_attribute: bool) -> Option<(Characters, usize)> {
    let bytes = rest.as_bytes();
    let run = bytes.iter().take(LONGEST_NAME + 1).take_while(|byte| byte.is_ascii_alphanumeric());
    let length = run.count();
    if bytes.get(length) == Some(&b';')
        && let Some(characters) = NAMES.all.get(&rest[..length])
    {
        return Some((Characters::Named(characters), length + 1));
    }
    for length in (2..=length.min(LONGEST_BARE_NAME)).rev() {
        let Some(characters) = NAMES.bare.get(&rest[..length]) else { continue };
        // `?a=b&copy=1` in a link is no copyright sign.
        let goes_on =
            bytes.get(length).is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric());
        return if in_attribute && goes_on {
            None
        } else {
            Some((Characters::Named(characters), length))
        };
    }
    None
}

fn numeric(bytes: &[u8]) -> Option<(Characters, usize)> {
    let (radix, start) = match bytes.get(1) {
        Some(b'x' | b'X') => (16, 2),
        _ => (10, 1),
    };
    let mut at = start;
    let mut number: u32 = 0;
    while let Some(digit) = bytes.get(at).and_then(|byte| char::from(*byte).to_digit(radix)) {
        // Past the last code point it stays there.
        number = number.saturating_mul(radix).saturating_add(digit);
        at += 1;
    }
    if at == start {
        return None;
    }
    if bytes.get(at) == Some(&b';') {
        at += 1;
    }
    Some((Characters::One(character(number)), at))
}

/// The character of a number, as browsers read numbers that are none.
fn character(number: u32) -> char {
    match number {
        0 => char::REPLACEMENT_CHARACTER,
        // Written by those who meant Windows-1252.
        0x80..=0x9F => WINDOWS_1252[number as usize - 0x80],
        _ => char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_of_names_are_those_of_the_table() {
        let longest = |names: &FxHashMap<&str, String>| names.keys().map(|name| name.len()).max();
        assert_eq!(NAMES.all.len(), 2_125);
        assert_eq!(NAMES.bare.len(), 106);
        assert_eq!(longest(&NAMES.all), Some(LONGEST_NAME));
        assert_eq!(longest(&NAMES.bare), Some(LONGEST_BARE_NAME));
        assert!(NAMES.all.values().all(|characters| !characters.is_empty()));
    }
}
