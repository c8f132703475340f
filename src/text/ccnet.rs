//! The normalisations of CCNet: before its language models, and before its removal of duplicates.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::characters::{is_decimal, is_nonspacing_mark, strip};

/// A text as CCNet's models are trained on it: stripped, in lower case, without accents, every
/// decimal digit 0, punctuation of other scripts written in ASCII, without control characters.
///
/// Control characters are left out and not replaced by spaces, line ends and tabs too, so that the
/// words around them become one.
///
/// Source: `normalize` of cc_net (`text_normalizer.py`). Lower case and decompositions are those of
/// the Unicode version that the program is built with; they differ from Python's on characters
/// alone that are newer than Python's.
pub fn normalize(text: &str) -> Cow<'_, str> {
    let text = strip(text);
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !needs_change(byte)) {
        return Cow::Borrowed(text);
    }
    let lower = text.to_lowercase();
    let mut normal = String::with_capacity(lower.len());
    let mut rest = lower.as_str();
    while !rest.is_empty() {
        // What is not ASCII is decomposed by itself: no mark moves over an ASCII character.
        let end = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        rest[..end].chars().for_each(|c| push(c, &mut normal));
        rest = &rest[end..];
        let end = rest.bytes().position(|byte| byte.is_ascii()).unwrap_or(rest.len());
        rest[..end].nfd().for_each(|c| push(c, &mut normal));
        rest = &rest[end..];
    }
    Cow::Owned(normal)
}

/// Appends a line as CCNet compares lines to remove duplicates: stripped, in lower case, every
/// decimal digit 0, without the punctuation of other scripts and without control characters.
///
/// Punctuation of ASCII stays, and so do accents, which CCNet's paper says are removed.
///
/// Source: `normalize_for_dedup` of cc_net (`text_normalizer.py`).
pub fn push_normal_for_dedup(line: &str, normal: &mut String) {
    let line = strip(line);
    if line.is_ascii() {
        let kept = line.bytes().filter(|byte| matches!(byte, b' '..=b'~'));
        normal.extend(kept.map(|byte| match byte {
            b'0'..=b'9' => '0',
            _ => char::from(byte.to_ascii_lowercase()),
        }));
        return;
    }
    // As a whole, since the lower case of a final sigma is one of its own.
    for c in line.to_lowercase().chars() {
        match c {
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {}
            _ if is_decimal(c) => normal.push('0'),
            _ if !c.is_ascii() && ascii_punctuation(c).is_some() => {}
            _ => normal.push(c),
        }
    }
}

fn needs_change(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'1'..=b'9')
}

/// Adds what a decomposed character in lower case becomes.
fn push(c: char, normal: &mut String) {
    match c {
        '0'..='9' => normal.push('0'),
        ' '..='~' => normal.push(c),
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {}
        _ if is_nonspacing_mark(c) => {}
        _ if is_decimal(c) => normal.push('0'),
        _ => match ascii_punctuation(c) {
            Some(ascii) => normal.push_str(ascii),
            None => normal.push(c),
        },
    }
}

/// Punctuation in ASCII. CCNet's table also has `１`, which is a 0 before it is looked up.
fn ascii_punctuation(c: char) -> Option<&'static str> {
    Some(match c {
        '，' | '、' => ",",
        '。' => ".",
        '„' | '”' | '“' | '«' | '»' | '」' | '「' | '《' | '》' => "\"",
        '´' | '’' => "'",
        '∶' | '：' => ":",
        '？' => "?",
        '！' => "!",
        '（' => "(",
        '）' => ")",
        '；' => ";",
        '–' | '━' | '►' => "-",
        '—' => " - ",
        '．' => ". ",
        '～' => "~",
        '…' => "...",
        '〈' => "<",
        '〉' => ">",
        '【' => "[",
        '】' => "]",
        '％' => "%",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_what_ccnet_makes_of_them() {
        // From cc_net's own function.
        let cases = [
            (" Été 2021:\tNaïve CAFÉ\nnext ", "ete 0000:naive cafenext"),
            ("ΟΔΥΣΣΕΥΣ İstanbul", "οδυσσευς istanbul"),
            ("１２３ ٣٤ ²", "000 00 ²"),
            ("“Quoted” – dash—dash… 100％", "\"quoted\" - dash - dash... 000%"),
            ("日本語。「はい」、が", "日本語.\"はい\",か"),
            ("हिन्दी นี้", "हिनदी น"),
            ("ạ́ẍ Å ≠", "ax a ="),
            ("…\u{85}\u{200b}\u{ad}\u{2028}é", "...\u{200b}\u{ad}\u{2028}e"),
        ];
        for (text, normal) in cases {
            assert_eq!(normalize(text), normal, "{text:?}");
        }
    }

    #[test]
    fn lines_are_compared_as_ccnet_compares_them() {
        // From cc_net's own function.
        let cases = [
            (" Été 2021:\tNaïve CAFÉ! ", "été 0000:naïve café!"),
            ("ΟΔΥΣΣΕΥΣ İstanbul", "οδυσσευς i̇stanbul"),
            ("１２３ ٣٤ ²", "000 00 ²"),
            ("“Quoted” – dash—dash… 100％", "quoted  dashdash 000"),
            ("日本語。「はい」、が", "日本語はいが"),
            ("It's 5 o'clock (UTC+2), \u{7}ok?", "it's 0 o'clock (utc+0), ok?"),
            ("\u{2003} \t", ""),
            ("ạ\u{301}…\u{85}\u{200b}\u{ad}", "ạ\u{301}\u{200b}\u{ad}"),
            ("►•« A » 1·2", "• a  0·0"),
        ];
        for (line, normal) in cases {
            let mut ours = String::from("before ");
            push_normal_for_dedup(line, &mut ours);
            assert_eq!(ours, format!("before {normal}"), "{line:?}");
        }
    }

    #[test]
    fn a_text_that_needs_no_change_is_not_copied() {
        assert!(matches!(normalize(" plain text, 0 (0)\n"), Cow::Borrowed("plain text, 0 (0)")));
        assert!(matches!(normalize("\n"), Cow::Borrowed("")));
    }
}
