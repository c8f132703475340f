//! Whether a string is a web address, e-mail address or host name, which then stays one token.
//!
//! The shape: optionally a scheme and `://`; optionally anything and an `@`; an IPv4 address or a
//! host name of two or more labels; optionally a port of two to five digits; optionally `/`, `?`
//! or `#` and anything. The shape is spaCy's; digits of an address or port are ASCII here, where
//! spaCy lets in those of other scripts.

use super::classes::{Classes, LOWER};
use unicode_normalization::char::is_combining_mark;

/// Whether the whole of `text` (without white space) has the shape of an address.
pub(super) fn is_url(classes: &Classes, text: &str) -> bool {
    if !text.as_bytes().contains(&b'.') {
        return false;
    }
    if is_host_and_path(classes, text) {
        return true;
    }
    let scheme_len = scheme_len(text);
    if scheme_len > 0 && is_host_and_path(classes, &text[scheme_len..]) {
        return true;
    }
    // Whatever stands before some `@` is the user; it has to be there.
    text.match_indices('@').any(|(at, _)| at > 0 && is_host_and_path(classes, &text[at + 1..]))
}

/// Length of a leading `scheme://`, or 0. A scheme is two or more letters, digits and `+-._`, of any
/// script.
fn scheme_len(text: &str) -> usize {
    let Some((scheme, _)) = text.split_once("://") else { return 0 };
    // Letters in circles and squares are alphabetic to Unicode, but no letters to Python.
    let is_circled = |c| matches!(c, '\u{24B6}'..='\u{24E9}' | '\u{1F130}'..='\u{1F189}');
    let is_scheme_char = |c: char| {
        matches!(c, '+' | '-' | '.' | '_')
            || (c.is_alphanumeric() && !is_combining_mark(c) && !is_circled(c))
    };
    if scheme.chars().nth(1).is_some() && scheme.chars().all(is_scheme_char) {
        scheme.len() + "://".len()
    } else {
        0
    }
}

/// Whether `text` is a host, perhaps with port and path.
fn is_host_and_path(classes: &Classes, text: &str) -> bool {
    let host_len = text.find(['/', '?', '#', ':', '@']).unwrap_or(text.len());
    let (host, rest) = text.split_at(host_len);
    (is_name(classes, host) || is_ipv4(host)) && is_port_and_path(rest)
}

/// Whether `rest`, what follows a host, is empty, a port, a path, or both.
fn is_port_and_path(rest: &str) -> bool {
    let path = match rest.strip_prefix(':') {
        None => rest,
        Some(port) => {
            let path = port.trim_start_matches(|c: char| c.is_ascii_digit());
            if !(2..=5).contains(&(port.len() - path.len())) {
                return false;
            }
            path
        }
    };
    path.is_empty() || path.starts_with(['/', '?', '#'])
}

/// Whether `host` is one or more labels, each with a full stop, and a top-level domain of 2 to 63
/// letters, none of them a capital.
fn is_name(classes: &Classes, host: &str) -> bool {
    let Some((labels, top)) = host.rsplit_once('.') else { return false };
    let is_inner = |c: char| c.is_ascii_alphanumeric() || ('\u{A1}'..='\u{FFFF}').contains(&c);
    let is_label = |label: &str| {
        label.chars().all(|c| is_inner(c) || matches!(c, '_' | '-'))
            && label.starts_with(is_inner)
            && label.ends_with(is_inner)
            && label.chars().nth(64).is_none()
    };
    (2..=63).contains(&top.chars().take(64).count())
        && top.chars().all(|c| classes.is(c, LOWER))
        && labels.split('.').all(is_label)
}

/// Whether `host` is four numbers of a public unicast network. Private and loopback networks are
/// no addresses here, nor is a last number of 0 or 255.
fn is_ipv4(host: &str) -> bool {
    let mut numbers = [0u16; 4];
    let mut parts = host.split('.');
    for (place, number) in numbers.iter_mut().enumerate() {
        let Some(digits) = parts.next() else { return false };
        let plain = matches!(digits.len(), 1..=3) && digits.bytes().all(|b| b.is_ascii_digit());
        let Some(value) = digits.parse().ok().filter(|_| plain) else { return false };
        *number = value;
        let leading_zero = digits.starts_with('0');
        let fits = match place {
            0 => !leading_zero && value <= 223,
            3 => !leading_zero && (1..=254).contains(&value),
            // A leading zero is let in before one or two digits in all.
            _ => value <= 255 && (digits.len() < 3 || !leading_zero),
        };
        if !fits {
            return false;
        }
    }
    let reserved = match numbers {
        [10 | 127, ..] | [169, 254, ..] | [192, 168, ..] => true,
        [172, second, ..] => (16..=31).contains(&second),
        _ => false,
    };
    parts.next().is_none() && !reserved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_recognised_whole() {
        let classes = Classes::build();
        for url in [
            "example.com",
            "www.Example.com/a,b?c=d#e",
            "https://example.co.uk:8080/~x",
            "mailto:jo.doe@example.com",
            "jo@example.com",
            "a@b@example.com",
            "8.8.8.8",
            "8.08.8.8:80/x",
            "bücher.de",
            "x_y.example.org",
            "sftp+ssh://host.io",
            "e.g",
        ] {
            let expected = url != "e.g";
            assert_eq!(is_url(&classes, url), expected, "{url}");
        }
    }

    #[test]
    fn what_lacks_a_part_is_no_address() {
        let classes = Classes::build();
        for text in [
            "example",
            "end.Start",
            "example.com:1",
            "example.com:123456",
            "example.com,",
            "@example.com.",
            "x://example.Com",
            "10.0.0.1",
            "172.20.1.1",
            "192.168.1.1",
            "8.8.8.0",
            "8.008.8.8",
            "224.1.1.1",
            "1.2.3.4.5",
            ".com",
            "-a.com",
            "a..com",
            "http://localhost",
        ] {
            assert!(!is_url(&classes, text), "{text}");
        }
        assert!(!is_url(&classes, &format!("{}.com", "a".repeat(65))));
        assert!(is_url(&classes, &format!("{}.com", "a".repeat(64))));
    }
}
