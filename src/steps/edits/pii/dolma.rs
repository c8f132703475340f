//! E-mail addresses and phone numbers as Dolma's taggers find them.

use crate::text::characters::{is_decimal, is_space, strip};

/// What a match of the e-mail expression holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Email<'t> {
    /// The whole match, with the spaces and marks around the address.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The part of the address before the `@`.
    pub(super) local: &'t str,
    /// The part after it.
    pub(super) domain: &'t str,
}

/// The spaces and marks that a match may begin with.
fn is_margin(c: char) -> bool {
    matches!(c, '.' | '@' | ',' | '?' | '!' | ';' | ':' | ')' | '(') || is_space(c)
}

/// A character that ends the domain.
fn ends_domain(c: char) -> bool {
    is_margin(c) && c != '.'
}

fn ends_local(c: char) -> bool {
    c == '@' || is_space(c)
}

/// Calls `found` with every match of the e-mail expression in the text: a run of spaces and marks, an
/// address without spaces, at most one mark, and a space.
pub(super) fn emails<'t>(text: &'t str, mut found: impl FnMut(Email<'t>)) {
    let mut from = 0;
    while let Some(sure) = next_at(text, from) {
        let email = first_match(text, from, sure);
        found(email);
        from = email.end;
    }
}

/// An `@` with a character of an address before it, and a domain after it.
#[derive(Clone, Copy)]
struct At {
    at: usize,
    domain_end: usize,
    /// One past the space after the domain.
    end: usize,
}

/// The first such `@`, of which a match can make use that starts at `from` or later.
fn next_at(text: &str, from: usize) -> Option<At> {
    let ats = memchr::memchr_iter(b'@', &text.as_bytes()[from..]).map(|at| from + at);
    ats.filter(|&at| text[from..at].chars().next_back().is_some_and(|c| !ends_local(c)))
        .find_map(|at| after_at(text, at))
}

fn after_at(text: &str, at: usize) -> Option<At> {
    let start = at + 1;
    let rest = &text[start..];
    let run = rest.find(ends_domain)?;
    let mut marks = rest[run..].chars();
    let mark = marks.next()?;
    // Of the ends that leave a domain the first counts: a dot before the space is a mark.
    let (domain, end) = if is_space(mark) && run > 1 && rest[..run].ends_with('.') {
        (run - 1, run + mark.len_utf8())
    } else {
        match marks.next() {
            Some(space) if is_space(space) => (run, run + mark.len_utf8() + space.len_utf8()),
            _ if is_space(mark) => (run, run + mark.len_utf8()),
            _ => return None,
        }
    };
    (run > 0).then_some(At { at, domain_end: start + domain, end: start + end })
}

/// The match that starts first, given the first `@` of which one can make use.
///
/// It starts as far left of that `@` as spaces and marks reach, takes as many of them as it can, and
/// so may leave that `@` behind it for one further right.
fn first_match(text: &str, from: usize, sure: At) -> Email<'_> {
    let local = text[from..sure.at].trim_end_matches(|c| !ends_local(c));
    let start = from + local.trim_end_matches(is_margin).len();
    let margin_end = text[start..].find(|c| !is_margin(c)).map_or(text.len(), |end| start + end);
    let email = |local: usize, at: At| Email {
        start,
        end: at.end,
        local: &text[local..at.at],
        domain: &text[at.at + 1..at.domain_end],
    };

    let after = |at: usize| if text[at..].starts_with('@') { after_at(text, at) } else { None };
    let mut next = text[margin_end..].find(ends_local).and_then(|end| after(margin_end + end));
    if let Some(at) = next {
        return email(margin_end, at);
    }
    for (index, c) in text[start..margin_end].char_indices().rev() {
        if ends_local(c) {
            next = after(start + index);
        } else if let Some(at) = next {
            return email(start + index, at);
        }
    }
    // Without marks to take instead, it is the address around that `@`.
    email(from + local.len(), sure)
}

/// Calls `found` with the start and end of every phone number: spaces, three digits (in brackets or
/// not), three and four, with dots, hyphens and spaces between.
///
/// With `in_lines`, the spaces before it do not reach over the end of a line.
pub(super) fn phones(text: &str, in_lines: bool, mut found: impl FnMut(usize, usize)) {
    let is_before = |c: char| is_space(c) && !(in_lines && c == '\n');
    let (mut from, mut at) = (0, 0);
    // Digits of other scripts start with these bytes or higher ones.
    let may_be_digit = |byte: &u8| byte.is_ascii_digit() || *byte >= 0xd9;
    while let Some(next) = text.as_bytes()[at..].iter().position(may_be_digit) {
        let digit = at + next;
        let Some(c) = text[digit..].chars().next() else { return };
        at = digit + c.len_utf8();
        if !is_decimal(c) {
            continue;
        }
        let before = &text[from..digit];
        let before = before.strip_suffix('(').unwrap_or(before);
        let start = from + before.trim_end_matches(is_before).len();
        if start == from + before.len() {
            continue;
        }
        if let Some(rest) = after_phone(&text[digit..]) {
            at = text.len() - rest.len();
            from = at;
            found(start, at);
        }
    }
}

/// What follows the phone number whose first digit starts the text.
fn after_phone(text: &str) -> Option<&str> {
    let is_between = |c| matches!(c, '-' | '.' | ' ');
    let area = digits(text, 3)?;
    let area = area.strip_prefix(')').unwrap_or(area);
    let middle = digits(area.trim_start_matches(is_between), 3)?;
    digits(middle.strip_prefix(is_between).unwrap_or(middle), 4)
}

/// What follows so many digits.
fn digits(text: &str, count: usize) -> Option<&str> {
    let mut chars = text.chars();
    (0..count).all(|_| chars.next().is_some_and(is_decimal)).then_some(chars.as_str())
}

/// Whether an e-mail address is one to `pii_regex_with_counts_fast_v2`.
pub(super) fn is_email(email: Email<'_>) -> bool {
    email.local != "(" && email.domain.contains('.')
}

/// Whether it is one to `pii_regex_v2`, which looks at the whole match up to a second `@`.
pub(super) fn is_email_by_match(text: &str, email: Email<'_>) -> bool {
    let mut parts = text[email.start..email.end].split('@');
    let local = parts.next().unwrap_or_default();
    strip(local) != "(" && parts.next().is_some_and(|domain| domain.contains('.'))
}

/// Whether what stands around a match speaks against a phone number or an IP address: `isbn`, `doi`
/// or `#` in the match or 100 characters either side.
pub(super) fn is_in_false_context(text: &str, start: usize, end: usize) -> bool {
    const WINDOW: usize = 100;
    let low = text[..start].char_indices().rev().take(WINDOW).last().map_or(start, |(at, _)| at);
    let high = text[end..].char_indices().nth(WINDOW).map_or(text.len(), |(at, _)| end + at);
    ["isbn", "doi", "#"].iter().any(|sign| text[low..high].contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, &str, &str)> {
        let mut found = Vec::new();
        emails(text, |email| {
            found.push((&text[email.start..email.end], email.local, email.domain))
        });
        found
    }

    #[test]
    fn an_email_match_takes_the_spaces_and_marks_around_it() {
        assert_eq!(found("to jo@x.org. Or"), [(" jo@x.org. ", "jo", "x.org")]);
        assert_eq!(found("(jo@x.org  or"), [("(jo@x.org  ", "jo", "x.org")]);
        assert_eq!(found("jo@x.org), "), [], "one mark and a space may follow");
        assert_eq!(found("jo@x.org"), [], "a space must follow");
        assert_eq!(found("jo@x.org,b@y.z\n"), [("@x.org,b@y.z\n", "x.org,b", "y.z")]);
        assert_eq!(found("\"a,b.c\"@x.. "), [("\"a,b.c\"@x.. ", "\"a,b.c\"", "x.")]);
        assert_eq!(found("a@b@ c"), [("a@b@ ", "a", "b")]);
        assert_eq!(found("a@. "), [("a@. ", "a", ".")]);
    }

    #[test]
    fn a_match_begins_with_as_many_marks_as_it_can() {
        assert_eq!(found("(@. )@.. x"), [("(@. )@.. ", ")", ".")]);
        assert_eq!(found("a @.@b.c d"), [(" @.@b.c ", ".", "b.c")]);
    }

    #[test]
    fn a_phone_number_follows_a_space() {
        let found = |text: &'static str, in_lines| {
            let mut found = Vec::new();
            phones(text, in_lines, |start, end| found.push(&text[start..end]));
            found
        };
        let text =
            "555-123-4567\n555.123.4567  (555) 123 45678 555123456 55 1231234\u{a0}٣٣٣-٤٤٤٤٥٥٥";
        assert_eq!(found(text, true), ["  (555) 123 4567", "\u{a0}٣٣٣-٤٤٤٤٥٥٥"]);
        assert_eq!(found(text, false).len(), 3);
    }
}
