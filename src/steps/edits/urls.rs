//! URLs and IPv4 addresses in running text, as DCLM's two regular expressions find them.
//!
//! DCLM's backtrack; here each dot of the text is looked at once, and what surrounds it in a window
//! of fixed width, so that the time is linear in the text.

use rustc_hash::FxHashSet;

use crate::text::Span;
use crate::text::characters::{fold_case, is_space, is_word};

/// Most characters of a host.
const MAX_HOST_BYTES: usize = 256;
/// Most spaces that go with what stands after them.
const MAX_SPACES: usize = 10;

const SCHEMES: [&str; 3] = ["https://", "http://", "ftp://"];

/// Top-level domains.
pub(super) struct Tlds {
    names: FxHashSet<Box<str>>,
    longest_chars: usize,
}

impl Tlds {
    /// The names as they stand in URLs; with `marks`, DCLM's: those in right-to-left scripts end in
    /// a left-to-right mark, which no URL has.
    pub(super) fn new(marks: bool) -> Self {
        let list = include_str!("iana_tlds.txt").lines().filter(|line| !line.starts_with('#'));
        let name = |name: &str| -> Box<str> {
            let right_to_left = name.starts_with(|c| ('\u{590}'..='\u{8ff}').contains(&c));
            let mark = if marks && right_to_left { "\u{200e}" } else { "" };
            format!("{name}{mark}").into()
        };
        let names: FxHashSet<_> = list.flat_map(str::split_whitespace).map(name).collect();
        let longest_chars = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        Self { names, longest_chars }
    }

    /// Where the longest name that begins at `start` and ends at a word boundary ends.
    fn end_of_name(&self, text: &str, start: usize) -> Option<usize> {
        let mut chars = text[start..].char_indices().take(self.longest_chars + 1).peekable();
        let mut longest = None;
        while let Some((at, c)) = chars.next() {
            // No name has another ASCII character.
            if c.is_ascii() && !c.is_ascii_lowercase() {
                break;
            }
            let end = start + at + c.len_utf8();
            let next = chars.peek().is_some_and(|&(_, next)| is_word(next));
            if is_word(c) != next && self.names.contains(&text[start..end]) {
                longest = Some(end);
            }
        }
        longest
    }

    /// Whether the text begins with a name in any letter case, whatever follows.
    pub(super) fn begin(&self, text: &str) -> bool {
        let mut start = String::new();
        text.chars().take(self.longest_chars).any(|c| {
            start.push(fold_case(c));
            self.names.contains(start.as_str())
        })
    }
}

/// Whether a host may have the byte.
fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-@:%._+~#=".contains(&byte)
}

/// Whether what follows a host may have the byte.
fn is_rest(byte: u8) -> bool {
    is_host(byte) || b"()?&/".contains(&byte)
}

/// Marks URLs and host names; how many.
///
/// `\s{0,10}`, perhaps a scheme, up to 256 characters of a host, a dot, a top-level domain that
/// ends at a word boundary, and what URLs go on with. Of several dots the last one counts.
pub(super) fn mark_urls(text: &str, tlds: &Tlds, spans: &mut Vec<Span>) -> u64 {
    let bytes = text.as_bytes();
    let (mut found, mut last, mut from) = (0, 0, 0);
    while let Some(dot) = memchr::memchr(b'.', &bytes[from..]).map(|at| from + at) {
        from = dot + 1;
        let Some(mut end) = tlds.end_of_name(text, dot + 1) else { continue };
        let lowest = last.max(dot.saturating_sub(MAX_HOST_BYTES));
        let before = bytes[lowest..dot].iter().rev().take_while(|&&byte| is_host(byte)).count();
        let host = dot - before;
        if host == dot {
            continue;
        }
        // A later dot of the same host may do as well.
        let furthest = bytes.len().min(host + MAX_HOST_BYTES + 1);
        let rest = bytes[dot + 1..furthest].iter().take_while(|&&byte| is_host(byte)).count();
        let later = memchr::memrchr_iter(b'.', &bytes[dot + 1..dot + 1 + rest])
            .find_map(|at| tlds.end_of_name(text, dot + 1 + at + 1));
        end = later.unwrap_or(end);
        let cut = host > last && is_host(bytes[host - 1]);
        let start = if cut { host } else { start_with_scheme(text, host, last, |_| true) };
        end = end_of_rest(bytes, end);
        spans.push(Span::remove(start, end));
        found += 1;
        (last, from) = (end, end);
    }
    found
}

/// Marks IPv4 addresses with what URLs have around them; how many.
///
/// `\s{0,10}`, a word boundary, perhaps a scheme, four numbers of one or two digits, or of three of
/// which the first is at most 2, and what URLs go on with.
pub(super) fn mark_addresses(text: &str, spans: &mut Vec<Span>) -> u64 {
    let bytes = text.as_bytes();
    let (mut found, mut last, mut from) = (0, 0, 0);
    while let Some(dot) = memchr::memchr(b'.', &bytes[from..]).map(|at| from + at) {
        from = dot + 1;
        let digits =
            bytes[last..dot].iter().rev().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        let host = dot - digits;
        if !begins_word(text, host) || number(bytes, host) != Some(dot) {
            continue;
        }
        let second = number(bytes, dot + 1).filter(|&end| bytes.get(end) == Some(&b'.'));
        let third = second.and_then(|dot| number(bytes, dot + 1));
        let Some(third) = third.filter(|&end| bytes.get(end) == Some(&b'.')) else { continue };
        if !bytes.get(third + 1).is_some_and(u8::is_ascii_digit) {
            continue;
        }
        let start = start_with_scheme(text, host, last, |scheme| begins_word(text, scheme));
        let end = end_of_rest(bytes, third + 1);
        spans.push(Span::remove(start, end));
        found += 1;
        (last, from) = (end, end);
    }
    found
}

/// Where the run of digits at `start` ends, if it may be a number of an address.
fn number(bytes: &[u8], start: usize) -> Option<usize> {
    let digits = bytes[start..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let small = digits == 1 || digits == 2 || (digits == 3 && bytes[start] <= b'2');
    small.then_some(start + digits)
}

/// Whether no word character stands before `at`.
fn begins_word(text: &str, at: usize) -> bool {
    !text[..at].ends_with(is_word)
}

/// Where a match begins whose host is at `host`: before a scheme that may stand there, and before
/// spaces, but not before `last`.
fn start_with_scheme(
    text: &str,
    host: usize,
    last: usize,
    may_begin: impl Fn(usize) -> bool,
) -> usize {
    let before = &text[last..host];
    let schemes = SCHEMES.iter().filter(|scheme| before.ends_with(*scheme));
    let start = schemes.map(|scheme| host - scheme.len()).find(|&at| may_begin(at));
    let start = start.unwrap_or(host);
    let spaces = text[last..start].chars().rev().take(MAX_SPACES).take_while(|&c| is_space(c));
    start - spaces.map(char::len_utf8).sum::<usize>()
}

fn end_of_rest(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..].iter().take_while(|&&byte| is_rest(byte)).count()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use regex::Regex;

    use super::*;
    use crate::text::apply;

    static TLDS: LazyLock<Tlds> = LazyLock::new(|| Tlds::new(true));

    /// DCLM's definition as a regular expression of the crate `regex`, whose `\w` differs from
    /// Python's by marks and whose `\s` by U+001C to U+001F.
    static URL: LazyLock<Regex> = LazyLock::new(|| {
        let mut names: Vec<&str> = TLDS.names.iter().map(AsRef::as_ref).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Regex::new(&format!(
            r"\s{{0,10}}(?:(?:https?|ftp)://)?[-a-zA-Z0-9@:%._+~\#=]{{1,256}}\.(?:{})\b[-a-zA-Z0-9()@:%_+.~\#?&/=]*",
            names.join("|")
        ))
        .unwrap()
    });

    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"\s{0,10}\b(?:(?:https?|ftp)://)?(?:[0-2]?[0-9]{1,2}\.){3}[0-2]?[0-9]{1,2}[-a-zA-Z0-9()@:%_+.~\#?&/=]*",
        )
        .unwrap()
    });

    fn without(text: &str, mark: impl Fn(&str, &mut Vec<Span>) -> u64) -> String {
        let mut spans = Vec::new();
        assert_eq!(mark(text, &mut spans) as usize, spans.len());
        apply(text, &spans)
    }

    fn without_urls(text: &str) -> String {
        without(text, |text, spans| mark_urls(text, &TLDS, spans))
    }

    fn urls() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            "[a-z]{1,4}",
            "[ \n]{1,12}",
            "[.:/@#()é_–]",
            Just(".com".to_owned()),
            Just("https://".to_owned()),
            Just("ftp://".to_owned()),
            Just(".co.uk".to_owned()),
            Just(".москва".to_owned()),
            Just(".ایران\u{200e}".to_owned()),
            Just("x".repeat(250)),
            Just(".com.".repeat(50)),
        ];
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    fn addresses() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            "[0-9]{1,4}",
            "[0-9]{1,3}\\.",
            "([0-9]{1,3}\\.){3}[0-9]",
            "[ a-z.]",
            " {11}",
            Just("http://".to_owned()),
            "[é_/:–]",
        ];
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn urls_are_those_of_the_regular_expression(text in urls()) {
            prop_assert_eq!(without_urls(&text), URL.replace_all(&text, ""));
        }

        #[test]
        fn addresses_are_those_of_the_regular_expression(text in addresses()) {
            prop_assert_eq!(without(&text, mark_addresses), ADDRESS.replace_all(&text, ""));
        }
    }

    #[test]
    fn the_list_is_dclm_s() {
        assert_eq!(TLDS.names.len(), 1591);
        assert_eq!(TLDS.longest_chars, 18);
    }

    #[test]
    fn hosts_end_in_a_top_level_domain_and_a_word_boundary() {
        let text =
            "see  https://a.example.com/x?y=(1)#z, www.x.org. mail me@b.co or c.comx c.Com .com";
        assert_eq!(without_urls(text), "see, mail or c.comx c.Com .com");
        assert_eq!(without_urls("end.So it.is the end. So"), "end.So the end. So", "no URL at all");
        assert_eq!(without_urls(&format!("a{}b.com", "\u{a0}".repeat(12))), "a\u{a0}\u{a0}");
        assert_eq!(without_urls("xhttps://foo.com ftp://http://a.uk"), "x ftp://");
        // A vowel sign is no `\w`: a boundary stands between it and a letter.
        assert_eq!(without_urls("क.कॉम है"), "क.कॉम है", "no letter of a host before the dot");
        assert_eq!(without_urls("a.कॉम है"), " है");
        assert_eq!(without_urls("a.भारत a.भारतम a.भारतम् a.भारतम्b"), " a.भारतम a.भारतम्");
        // The host may be 256 characters long; what is before stays.
        assert_eq!(without_urls(&format!("{}.com", "y".repeat(258))), "yy");
    }

    #[test]
    fn addresses_have_four_numbers_at_a_word_boundary() {
        let text =
            "at 127.0.0.1:80/x, 1.2.3 299.1.1.1. 300.1.1.1 v1.2.3.4 9.9.9.9999 http://8.8.8.8";
        assert_eq!(without(text, mark_addresses), "at, 1.2.3 300.1.1.1 v1.2.3.4");
        assert_eq!(without("xhttp://1.2.3.4", mark_addresses), "xhttp://");
        assert_eq!(without("1234.1.2.3.4", mark_addresses), "1234.");
    }

    #[test]
    fn a_text_begins_with_a_name_in_any_letter_case() {
        for text in ["In this", "COMplete", "İnside", "ſo", "ΕΥ", "\u{1c83}айт", "москва", "net"]
        {
            assert!(TLDS.begin(text), "{text}");
        }
        for text in ["", "Hello", " in", "1com", "ایران", "中文"] {
            assert!(!TLDS.begin(text), "{text}");
        }
        assert!(TLDS.begin("ایران\u{200e}") && Tlds::new(false).begin("ایران"));
    }
}
