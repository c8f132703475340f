//! Finds the encoding that a page declares in itself, as the HTML standard has it: "prescan a
//! byte stream to determine its encoding". The declaration of XML counts where `<meta>` has none.

use super::encoding_for_meta;
use encoding_rs::Encoding;

/// How far a declaration is looked for, in bytes.
const PRESCAN_BYTES: usize = 1024;

/// The encoding declared within the first 1,024 bytes.
pub(super) fn declared_encoding(page: &[u8]) -> Option<&'static Encoding> {
    let head = &page[..page.len().min(PRESCAN_BYTES)];
    meta_encoding(head).or_else(|| xml_encoding(head))
}

fn meta_encoding(head: &[u8]) -> Option<&'static Encoding> {
    let mut scan = Scan { head, at: 0 };
    while scan.at < head.len() {
        let rest = &head[scan.at..];
        if rest.starts_with(b"<!--") {
            // The dashes of the start may be those of the end: `<!-->`.
            let end = memchr::memmem::find(&rest[2..], b"-->")?;
            scan.at += 2 + end + 3;
        } else if is_meta(rest) {
            scan.at += 5;
            if let Some(encoding) = scan.meta() {
                return Some(encoding);
            }
        } else if is_tag(rest) {
            while let Some(byte) = scan.peek() {
                if is_space(byte) || byte == b'>' {
                    break;
                }
                scan.at += 1;
            }
            while scan.attribute().is_some() {}
        } else if rest.starts_with(b"<!") || rest.starts_with(b"</") || rest.starts_with(b"<?") {
            scan.at += memchr::memchr(b'>', rest)? + 1;
        } else {
            scan.at += 1;
        }
    }
    None
}

/// The encoding of `<?xml … encoding="…"?>` at the very start.
fn xml_encoding(head: &[u8]) -> Option<&'static Encoding> {
    let declaration = head.strip_prefix(b"<?xml")?;
    let declaration = &declaration[..memchr::memchr(b'>', declaration)?];
    let after = memchr::memmem::find(declaration, b"encoding")? + b"encoding".len();
    let value = declaration[after..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (&quote, value) = value.split_first()?;
    if quote != b'"' && quote != b'\'' {
        return None;
    }
    encoding_for_meta(&value[..memchr::memchr(quote, value)?])
}

fn is_meta(rest: &[u8]) -> bool {
    rest.len() > 5
        && rest[..5].eq_ignore_ascii_case(b"<meta")
        && (is_space(rest[5]) || rest[5] == b'/')
}

fn is_tag(rest: &[u8]) -> bool {
    match rest {
        [b'<', b'/', letter, ..] | [b'<', letter, ..] => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0C')
}

struct Scan<'a> {
    head: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.head.get(self.at).copied()
    }

    /// Reads the attributes of a `<meta>`.
    fn meta(&mut self) -> Option<&'static Encoding> {
        let (mut charset, mut content, mut is_content_type) = (None, None, false);
        let mut seen: Vec<Vec<u8>> = Vec::new();
        while let Some((name, value)) = self.attribute() {
            if seen.contains(&name) {
                continue;
            }
            match name.as_slice() {
                b"http-equiv" => is_content_type = value == b"content-type",
                b"content" if content.is_none() => content = charset_in_content(&value),
                b"charset" => charset = Some(encoding_for_meta(&value)),
                _ => {}
            }
            seen.push(name);
        }
        match charset {
            Some(encoding) => encoding,
            None if is_content_type => encoding_for_meta(&content?),
            None => None,
        }
    }

    /// The next attribute of a tag, name and value in lower case; `None` at the end of the tag.
    fn attribute(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        while self.peek().is_some_and(|byte| is_space(byte) || byte == b'/') {
            self.at += 1;
        }
        let mut name = Vec::new();
        loop {
            match self.peek()? {
                b'>' if name.is_empty() => {
                    return None;
                }
                b'=' if !name.is_empty() => break,
                byte if is_space(byte) => {
                    self.skip_spaces();
                    if self.peek()? != b'=' {
                        return Some((name, Vec::new()));
                    }
                    break;
                }
                b'/' | b'>' => return Some((name, Vec::new())),
                byte => name.push(byte.to_ascii_lowercase()),
            }
            self.at += 1;
        }
        self.at += 1;
        self.skip_spaces();
        let mut value = Vec::new();
        let quote = self.peek()?;
        if quote == b'"' || quote == b'\'' {
            self.at += 1;
            loop {
                let byte = self.peek()?;
                self.at += 1;
                if byte == quote {
                    return Some((name, value));
                }
                value.push(byte.to_ascii_lowercase());
            }
        }
        while let Some(byte) = self.peek() {
            if is_space(byte) || byte == b'>' {
                return Some((name, value));
            }
            value.push(byte.to_ascii_lowercase());
            self.at += 1;
        }
        None
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }
}

/// The value of `charset=` in the content of `<meta http-equiv=content-type>`.
fn charset_in_content(content: &[u8]) -> Option<Vec<u8>> {
    let mut rest = content;
    loop {
        rest = &rest[memchr::memmem::find(rest, b"charset")? + b"charset".len()..];
        if let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") {
            let value = value.trim_ascii_start();
            let end = match value.first()? {
                quote @ (b'"' | b'\'') => {
                    let value = &value[1..];
                    return Some(value[..memchr::memchr(*quote, value)?].to_vec());
                }
                _ => value.iter().position(|&byte| is_space(byte) || byte == b';'),
            };
            return Some(value[..end.unwrap_or(value.len())].to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(page: &str) -> Option<&'static str> {
        declared_encoding(page.as_bytes()).map(Encoding::name)
    }

    #[test]
    fn declarations_are_found() {
        assert_eq!(name("<meta charset=\"koi8-r\">"), Some("KOI8-R"));
        assert_eq!(name("<META a=b CHARSET = 'Big5' />"), Some("Big5"));
        let old = "<meta http-equiv=Content-Type content=\"text/html; charset=euc-kr\">";
        assert_eq!(name(old), Some("EUC-KR"));
        assert_eq!(name("<meta content='a; charset=big5' http-equiv=content-type>"), Some("Big5"));
        assert_eq!(name("<?xml version='1.0' encoding='shift_jis'?><p>"), Some("Shift_JIS"));
        assert_eq!(name("<!-- > <meta charset=big5> --><p a='>'><meta charset=gbk>"), Some("GBK"));
    }

    #[test]
    fn other_uses_of_the_word_are_not_declarations() {
        assert_eq!(name("<meta content='text/html; charset=big5'>"), None);
        assert_eq!(name("<p charset=big5>"), None);
        assert_eq!(name("<p title='<meta charset=big5>'>"), None);
        assert_eq!(name("<meta charset=nonsense>"), None);
        assert_eq!(name(&format!("{}<meta charset=big5>", " ".repeat(1010))), None);
    }

    #[test]
    fn a_readable_declaration_of_utf16_means_utf8() {
        assert_eq!(name("<meta charset=utf-16>"), Some("UTF-8"));
        assert_eq!(name("<meta charset=x-user-defined>"), Some("windows-1252"));
    }

    proptest! {
        #[test]
        fn any_head_can_be_scanned(head in prop::collection::vec(
            prop::sample::select(vec![
                "<", ">", "meta", "<meta ", "charset", "=", "\"", "'", " ", "/", "<!--", "-->",
                "content", "http-equiv", "content-type", ";", "<?xml", "encoding", "utf-8",
            ]), 0..40)) {
            let _ = name(&head.concat());
        }
    }
}
