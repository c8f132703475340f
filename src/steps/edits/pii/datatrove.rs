//! E-mail addresses as datatrove's `PIIFormatter` finds them.

use super::ipv4::octet_before;
use crate::text::characters::is_alphanumeric;

/// Calls `found` with the start and end of every address of the text.
///
/// The part before the `@` is made of what RFC 5322 calls atoms, single dots between them, and
/// starts at a word boundary. The part after it is a domain of at least two labels, or an IPv4
/// address in brackets.
pub(super) fn emails(text: &str, mut found: impl FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for at in memchr::memchr_iter(b'@', bytes) {
        let Some(start) = local_start(text, from, at) else { continue };
        let Some(end) = domain_end(bytes, at + 1) else { continue };
        found(start, end);
        from = end;
    }
}

fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

/// Where the address may start whose `@` stands at `at`: the earliest place from `from` on.
fn local_start(text: &str, from: usize, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut low = at;
    while low > from {
        let byte = bytes[low - 1];
        // A dot stands between atoms.
        if !(is_atom(byte) || (byte == b'.' && low < at && bytes[low] != b'.')) {
            break;
        }
        low -= 1;
    }
    let is_word = |c: char| c == '_' || is_alphanumeric(c);
    let mut after_word = text[..low].chars().next_back().is_some_and(is_word);
    (low..at).find(|&start| {
        let word = is_word(char::from(bytes[start]));
        let boundary = word != after_word;
        after_word = word;
        boundary && is_atom(bytes[start])
    })
}

/// Where the longest domain that starts at `at` ends.
fn domain_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    if bytes.get(at) == Some(&b'[') {
        return literal_end(bytes, at + 1);
    }
    let mut end = None;
    let mut labels = 0;
    while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
        let run = label_run(&bytes[at..]);
        let hyphens = run.iter().rev().take_while(|&&byte| byte == b'-').count();
        labels += 1;
        if labels > 1 {
            end = Some(at + run.len() - hyphens);
        }
        at += run.len();
        if hyphens > 0 || bytes.get(at) != Some(&b'.') {
            break;
        }
        at += 1;
    }
    end
}

/// Where the address in brackets ends whose first number starts at `at`.
fn literal_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..3 {
        at = octet_before(bytes, at, b'.')? + 1;
    }
    if let Some(end) = octet_before(bytes, at, b']') {
        return Some(end + 1);
    }
    // datatrove also takes a word and a colon here.
    let run = label_run(&bytes[at..]);
    let end = at + run.len();
    let closed = bytes[end..].starts_with(b":]");
    (closed && run.last().is_some_and(u8::is_ascii_alphanumeric)).then_some(end + 2)
}

fn label_run(bytes: &[u8]) -> &[u8] {
    let is_label = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let length = bytes.iter().position(|byte| !is_label(byte)).unwrap_or(bytes.len());
    &bytes[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        emails(text, |start, end| found.push(&text[start..end]));
        found
    }

    #[test]
    fn addresses_are_found_in_running_text() {
        assert_eq!(found("(j.doe+x@mail.example.co.uk)."), ["j.doe+x@mail.example.co.uk"]);
        assert_eq!(found("a@b.c,d@e.f;mailto:g@h.i"), ["a@b.c", "d@e.f", "g@h.i"]);
        assert_eq!(found("a@b a@.b.c @b.c a@b..c a.@b.c"), [""; 0]);
        assert_eq!(
            found("a@b.c.d. a@b.c-d- a@b.c_d a@b-.c a@b.c-.d"),
            ["a@b.c.d", "a@b.c-d", "a@b.c", "a@b.c"]
        );
        assert_eq!(
            found("a@[1.2.3.4] a@[1.2.3.x-1:] a@[1.2.3.456] a@[1.2.3.x]"),
            ["a@[1.2.3.4]", "a@[1.2.3.x-1:]"]
        );
    }

    #[test]
    fn an_address_starts_at_a_word_boundary_after_two_dots_and_after_another_address() {
        assert_eq!(found("a..b@c.d .e@f.g"), ["b@c.d", "e@f.g"]);
        assert_eq!(found("é@c.d éa@c.d éa-b@c.d !a@c.d a!b@c.d"), ["-b@c.d", "a@c.d", "a!b@c.d"]);
        assert_eq!(found("a@b.c1!x@y.z a@b.c@d.e"), ["a@b.c1", "!x@y.z", "a@b.c"]);
    }
}
