//! What a body is, by its bytes and its declared type.
//!
//! The ideas and the tables are those of the WHATWG MIME sniffing standard, with one deviation:
//! `text/plain` and `application/octet-stream` are looked into for HTML, too. Browsers must not do
//! that for safety; a corpus loses pages if it does not.

use memchr::{memchr, memmem};

/// Bytes that are looked at.
const SNIFF_BYTES: usize = 1445;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// HTML.
    Html,
    /// HTML in XML syntax, declared or shown by its root element.
    Xhtml,
    /// Text without markup.
    PlainText,
    /// Anything else: images, PDF, archives, JSON, feeds, style sheets …
    Other,
}

/// Decides what a body is. `declared` is the MIME type without parameters, if there is one.
pub fn sniff_html(bytes: &[u8], declared: Option<&str>) -> Kind {
    let declared = declared.unwrap_or_default().trim().to_ascii_lowercase();
    let bytes = &bytes[..bytes.len().min(SNIFF_BYTES)];
    if has_binary_magic(bytes) {
        return Kind::Other;
    }
    let ascii = as_ascii(bytes);
    match declared.as_str() {
        "text/html" if is_feed(&ascii) => Kind::Other,
        "text/html" => Kind::Html,
        "application/xhtml+xml" => Kind::Xhtml,
        "application/xml" | "text/xml" if has_xhtml_root(&ascii) => Kind::Xhtml,
        ""
        | "text/plain"
        | "application/octet-stream"
        | "binary/octet-stream"
        | "application/unknown"
        | "unknown/unknown"
        | "*/*" => sniff_unknown(bytes, &ascii),
        // Not a type at all ("html", "none").
        other if !other.contains('/') => sniff_unknown(bytes, &ascii),
        _ => Kind::Other,
    }
}

/// Whether bytes without a decoder's blessing can be text: UTF-8 without binary control
/// characters, or markup.
pub(super) fn looks_like_text(bytes: &[u8]) -> bool {
    let bytes = &bytes[..bytes.len().min(SNIFF_BYTES)];
    if has_binary_byte(bytes) {
        return false;
    }
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        // Cut in the middle of a character.
        Err(error) => error.error_len().is_none() && bytes.len() == SNIFF_BYTES,
    };
    valid || begins_with_html(bytes) || skip_blanks(bytes).starts_with(b"<?xml")
}

fn sniff_unknown(bytes: &[u8], ascii: &[u8]) -> Kind {
    if begins_with_html(ascii) {
        return Kind::Html;
    }
    if skip_blanks(ascii).starts_with(b"<?xml") {
        return match has_xhtml_root(ascii) {
            true => Kind::Xhtml,
            false => Kind::Other,
        };
    }
    let utf16 = bytes.starts_with(b"\xfe\xff") || bytes.starts_with(b"\xff\xfe");
    if utf16 || !has_binary_byte(bytes) { Kind::PlainText } else { Kind::Other }
}

/// Without a byte order mark, and UTF-16 as the ASCII in it, so that tags can be compared.
fn as_ascii(bytes: &[u8]) -> Vec<u8> {
    let skip = match bytes {
        [0xfe, 0xff, ..] => 1,
        [0xff, 0xfe, ..] => 0,
        [0xef, 0xbb, 0xbf, rest @ ..] => return rest.to_vec(),
        _ => return bytes.to_vec(),
    };
    bytes[2..].iter().skip(skip).step_by(2).copied().collect()
}

fn skip_blanks(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_start()
}

fn begins_with_html(bytes: &[u8]) -> bool {
    const TAGS: &[&[u8]] = &[
        b"<!DOCTYPE HTML",
        b"<HTML",
        b"<HEAD",
        b"<SCRIPT",
        b"<IFRAME",
        b"<H1",
        b"<DIV",
        b"<FONT",
        b"<TABLE",
        b"<A",
        b"<STYLE",
        b"<TITLE",
        b"<B",
        b"<BODY",
        b"<BR",
        b"<P",
        // Beyond the standard's table: what pages without a head begin with.
        b"<META",
        b"<LINK",
    ];
    let bytes = skip_blanks(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    bytes.starts_with(b"<!--")
        || TAGS.iter().any(|tag| {
            has_prefix(bytes, tag)
                && matches!(bytes.get(tag.len()), Some(b' ' | b'>' | b'\t' | b'\r' | b'\n'))
        })
}

fn has_prefix(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Whether the root element, after declaration, comments and document type, is `html`.
fn has_xhtml_root(bytes: &[u8]) -> bool {
    root(bytes).is_some_and(|root| {
        has_prefix(root, b"<html") && root.get(5).is_none_or(|b| !b.is_ascii_alphanumeric())
    })
}

/// Feeds are served as HTML often enough for browsers to look.
fn is_feed(bytes: &[u8]) -> bool {
    root(bytes).is_some_and(|root| {
        [&b"<rss"[..], b"<feed", b"<rdf:RDF"].iter().any(|name| {
            root.starts_with(name) && root.get(name.len()).is_some_and(|b| b" >\t\r\n".contains(b))
        })
    })
}

/// From the first tag that is neither declaration, comment nor document type.
fn root(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = skip_blanks(bytes);
    loop {
        let length = if rest.starts_with(b"<!--") {
            memmem::find(rest, b"-->")? + 3
        } else if rest.starts_with(b"<?") || rest.starts_with(b"<!") {
            memchr(b'>', rest)? + 1
        } else if rest.starts_with(b"<") {
            return Some(rest);
        } else {
            return None;
        };
        rest = skip_blanks(&rest[length..]);
    }
}

/// Control characters that text does not have.
fn has_binary_byte(bytes: &[u8]) -> bool {
    bytes.iter().any(|b| matches!(b, 0x00..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f))
}

fn has_binary_magic(bytes: &[u8]) -> bool {
    const MAGICS: &[&[u8]] = &[
        b"%PDF-",
        b"%!PS-Adobe-",
        b"\x89PNG\r\n\x1a\n",
        b"GIF87a",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"\0\0\x01\0",
        b"\x1f\x8b\x08",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"Rar!\x1a\x07",
        b"7z\xbc\xaf\x27\x1c",
        b"BZh",
        b"\xfd7zXZ\0",
        b"\x28\xb5\x2f\xfd",
        b"OggS\0",
        b"ID3",
        b"MThd\0\0\0\x06",
        b"\x1aE\xdf\xa3",
        b"wOFF",
        b"wOF2",
        b"OTTO",
        b"\0\x01\0\0",
        b"\0asm",
        b"\x7fELF",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"CWS",
        b"FWS",
    ];
    MAGICS.iter().any(|magic| bytes.starts_with(magic))
        || (bytes.starts_with(b"RIFF") && bytes.len() >= 12 && bytes[4..8].contains(&0))
        || bytes.get(4..8) == Some(b"ftyp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_without_a_type_is_html() {
        for start in [
            "<!doctype html>",
            "  \n<HTML lang=en>",
            "<p>",
            "<!-- x -->",
            "<a href=x>",
            "\u{feff}<title>x",
            "<br>",
            "<body\n>",
        ] {
            for declared in [None, Some("text/plain"), Some("application/octet-stream"), Some("x")]
            {
                assert_eq!(sniff_html(start.as_bytes(), declared), Kind::Html, "{start}");
            }
        }
    }

    #[test]
    fn text_is_not_html_and_data_is_not_text() {
        for (bytes, expected) in [
            (&b"hello <p>"[..], Kind::PlainText),
            (b"<article>", Kind::PlainText),
            (b"<pre", Kind::PlainText),
            (b"", Kind::PlainText),
            (b"\xe4\xf6\xfc", Kind::PlainText),
            (b"\xff\xfea\0b\0", Kind::PlainText),
            (b"\x00\x01\x02", Kind::Other),
            (b"<?xml version='1.0'?><rss>", Kind::Other),
        ] {
            assert_eq!(sniff_html(bytes, None), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_wrong_declaration_does_not_make_html() {
        for magic in [
            &b"%PDF-1.4"[..],
            b"\x89PNG\r\n\x1a\n",
            b"\x1f\x8b\x08\0",
            b"PK\x03\x04",
            b"RIFF\0\x01\0\0WEBPVP8 ",
            b"\0\0\0\x18ftypmp42",
        ] {
            assert_eq!(sniff_html(magic, Some("text/html")), Kind::Other);
        }
        let feed = b"<?xml version='1.0'?>\n<!-- x --><rss version='2.0'>";
        assert_eq!(sniff_html(feed, Some("text/html")), Kind::Other);
    }

    #[test]
    fn declarations_are_believed_otherwise() {
        for (declared, expected) in [
            ("text/html", Kind::Html),
            (" Text/HTML ", Kind::Html),
            ("application/xhtml+xml", Kind::Xhtml),
            ("application/json", Kind::Other),
            ("image/png", Kind::Other),
            ("text/css", Kind::Other),
            ("application/xml", Kind::Other),
        ] {
            assert_eq!(sniff_html(b"some text", Some(declared)), expected, "{declared}");
        }
    }

    #[test]
    fn xhtml_is_known_by_its_root() {
        let page =
            b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x'>\n<!-- <rss> --> <html xmlns='x'>";
        for declared in ["application/xml", "text/xml", "text/plain"] {
            assert_eq!(sniff_html(page, Some(declared)), Kind::Xhtml, "{declared}");
        }
        let other = b"<?xml version='1.0'?><htmlish/>";
        assert_eq!(sniff_html(other, Some("text/xml")), Kind::Other);
    }

    #[test]
    fn utf_16_pages_are_read_through() {
        let wide = |text: &str, little: bool| -> Vec<u8> {
            let mark = "\u{feff}".encode_utf16();
            mark.chain(text.encode_utf16())
                .flat_map(|unit| match little {
                    true => unit.to_le_bytes(),
                    false => unit.to_be_bytes(),
                })
                .collect()
        };
        for little in [true, false] {
            assert_eq!(sniff_html(&wide("<html>x", little), None), Kind::Html);
            assert_eq!(sniff_html(&wide("plain", little), None), Kind::PlainText);
        }
    }
}
