//! Bytes of a page → characters: which encoding a page is in, and reading it.
//!
//! The order is that of the HTML standard: byte order mark, HTTP header, `<meta>` within the
//! first 1,024 bytes, then what the bytes themselves say. Declarations are often wrong, so UTF-8,
//! which hardly any other text is by accident, overrules them in both directions:
//!
//! - text that is valid UTF-8 with at least one character beyond ASCII is UTF-8, whatever is
//!   declared;
//! - a declaration of UTF-8 is passed over if the bytes have more malformed sequences than well
//!   formed characters beyond ASCII.
//!
//! Decoding never fails: what cannot be read becomes U+FFFD.

mod prescan;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use std::borrow::Cow;

/// How much of an undeclared page the detector reads, in bytes: on whole pages it costs more than
/// extraction.
const DETECTION_BYTES: usize = 16 << 10;

/// A page as characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The page, without byte order mark.
    pub text: Cow<'a, str>,
    /// WHATWG name of the encoding, lower case.
    pub charset: &'static str,
}

/// Reads a page.
///
/// `http_charset` is the `charset` of the HTTP header `Content-Type`, if it had one; unknown names
/// count as absent.
pub fn decode<'a>(bytes: &'a [u8], http_charset: Option<&str>) -> Decoded<'a> {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, mark_bytes)) => (encoding, &bytes[mark_bytes..]),
        None => (encoding_of(bytes, http_charset), bytes),
    };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded { text, charset: lower_case_name(encoding) }
}

fn encoding_of(bytes: &[u8], http_charset: Option<&str>) -> &'static Encoding {
    let utf8 = Utf8Evidence::of(bytes);
    if utf8.malformed == 0 && utf8.beyond_ascii > 0 {
        return UTF_8;
    }
    let from_http = http_charset.and_then(|name| Encoding::for_label(name.trim().as_bytes()));
    let declared = [from_http, prescan::declared_encoding(bytes)];
    for encoding in declared.into_iter().flatten() {
        let plausible = if encoding == UTF_8 {
            utf8.outweighs_malformed()
        } else if encoding == UTF_16LE || encoding == UTF_16BE {
            // Markup in UTF-16 is half zeros.
            bytes.contains(&0)
        } else {
            // This encoding stands for refusal to decode.
            encoding != REPLACEMENT
        };
        if plausible {
            return encoding;
        }
    }
    if utf8.malformed == 0 && !bytes.contains(&0x1B)
        || utf8.malformed > 0 && utf8.outweighs_malformed()
    {
        return UTF_8;
    }
    detect(bytes, utf8.first_beyond_ascii)
}

/// The detector's guess, from the first stretch that has anything to guess from.
fn detect(bytes: &[u8], first_beyond_ascii: usize) -> &'static Encoding {
    let from = first_beyond_ascii.min(bytes.len().saturating_sub(DETECTION_BYTES));
    let until = bytes.len().min(from + DETECTION_BYTES);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&bytes[from..until], until == bytes.len());
    detector.guess(None, Utf8Detection::Deny)
}

/// What speaks for and against bytes being UTF-8.
struct Utf8Evidence {
    /// Well-formed characters beyond ASCII.
    beyond_ascii: usize,
    /// Malformed sequences.
    malformed: usize,
    /// Where the first byte beyond ASCII stands; the length if there is none.
    first_beyond_ascii: usize,
}

impl Utf8Evidence {
    fn of(bytes: &[u8]) -> Self {
        let first_beyond_ascii = Encoding::ascii_valid_up_to(bytes);
        let (mut beyond_ascii, mut malformed) = (0, 0);
        for chunk in bytes[first_beyond_ascii..].utf8_chunks() {
            // Every character beyond ASCII has one leading byte, from 0xC0 upwards.
            beyond_ascii += chunk.valid().bytes().filter(|&byte| byte >= 0xC0).count();
            malformed += usize::from(!chunk.invalid().is_empty());
        }
        Self { beyond_ascii, malformed, first_beyond_ascii }
    }

    fn outweighs_malformed(&self) -> bool {
        self.malformed <= self.beyond_ascii
    }
}

/// The name as WHATWG writes it, in lower case.
fn lower_case_name(encoding: &'static Encoding) -> &'static str {
    NAMES
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(encoding.name()))
        .unwrap_or(encoding.name())
}

/// The most common first.
const NAMES: [&str; 40] = [
    "utf-8",
    "windows-1252",
    "windows-1251",
    "gbk",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "big5",
    "windows-1250",
    "iso-8859-2",
    "windows-1254",
    "windows-1256",
    "windows-1253",
    "windows-1255",
    "iso-8859-15",
    "gb18030",
    "koi8-r",
    "utf-16le",
    "utf-16be",
    "windows-874",
    "windows-1257",
    "windows-1258",
    "iso-2022-jp",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-16",
    "koi8-u",
    "macintosh",
    "x-mac-cyrillic",
    "ibm866",
    "replacement",
    "x-user-defined",
];

/// What a name inside the page stands for: a page that could be read this far is not in UTF-16.
fn encoding_for_meta(label: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label)?;
    Some(if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        encoding
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn charset(bytes: &[u8], http: Option<&str>) -> &'static str {
        decode(bytes, http).charset
    }

    #[test]
    fn every_encoding_has_a_lower_case_name() {
        for name in NAMES {
            let encoding = Encoding::for_label(name.as_bytes()).unwrap();
            assert_eq!(lower_case_name(encoding), name);
            assert!(!name.contains(|c: char| c.is_ascii_uppercase()));
        }
    }

    #[test]
    fn the_byte_order_mark_goes_first() {
        let decoded = decode(b"\xEF\xBB\xBF\xC3\xA9", Some("windows-1252"));
        assert_eq!(decoded, Decoded { text: "é".into(), charset: "utf-8" });
        assert_eq!(decode(b"\xFF\xFEa\0", None).charset, "utf-16le");
        assert_eq!(decode(b"\xFE\xFF\0a", None).text, "a");
    }

    #[test]
    fn the_header_goes_before_meta() {
        let page = b"<meta charset=windows-1251>\xE9";
        assert_eq!(charset(page, Some("ISO-8859-1")), "windows-1252");
        assert_eq!(charset(page, Some("nonsense")), "windows-1251");
        assert_eq!(charset(page, None), "windows-1251");
    }

    #[test]
    fn valid_utf8_overrules_what_is_declared() {
        let page = "<meta charset=iso-8859-1>é".as_bytes();
        assert_eq!(charset(page, Some("windows-1251")), "utf-8");
        // Nothing beyond ASCII: the declaration stands.
        assert_eq!(charset(b"<meta charset=iso-8859-1>e", None), "windows-1252");
        assert_eq!(charset(b"plain", None), "utf-8");
    }

    #[test]
    fn utf8_is_believed_up_to_as_many_malformed_sequences_as_characters() {
        assert_eq!(charset("é é\u{e9}".as_bytes(), Some("utf-8")), "utf-8");
        assert_eq!(charset(b"\xC3\xA9 \xE9 ", Some("utf-8")), "utf-8");
        assert_eq!(charset(b"\xC3\xA9 \xE9 \xE9 <meta charset=koi8-r>", Some("utf-8")), "koi8-r");
    }

    #[test]
    fn undeclared_pages_are_detected_past_their_ascii_head() {
        let russian = encoding_rs::WINDOWS_1251
            .encode("Съешь же ещё этих мягких французских булок, да выпей чаю.")
            .0
            .into_owned();
        let mut page = vec![b' '; 100_000];
        page.extend(russian);
        assert_eq!(charset(&page, None), "windows-1251");
        let japanese = encoding_rs::ISO_2022_JP.encode("日本語のページです").0.into_owned();
        assert_eq!(charset(&japanese, None), "iso-2022-jp");
    }

    #[test]
    fn utf16_without_zeros_and_refused_encodings_are_not_believed() {
        assert_eq!(charset(b"plain", Some("utf-16")), "utf-8");
        assert_eq!(charset(b"plain", Some("hz-gb-2312")), "utf-8");
        assert_eq!(charset(b"a\0b\0", Some("utf-16")), "utf-16le");
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            http in prop::option::of("[a-z0-9-]{0,12}"),
        ) {
            let decoded = decode(&bytes, http.as_deref());
            prop_assert!(NAMES.contains(&decoded.charset));
        }
    }
}
