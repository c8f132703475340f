//! HTTP responses as crawlers store them: head, then body, each decoded on demand.
//!
//! What is stored is often not what the head says. Common Crawl and others keep the head as it
//! was sent, but the body without its chunks or content encoding; `X-Crawl-*` fields tell of that
//! and are not needed here: a body that is plainly not encoded as claimed is taken as it is. A body
//! that breaks off is kept as far as it goes, as browsers do, and says so.

mod body;
mod sniff;

use memchr::memchr;

pub use body::{Body, decode_body};
pub use sniff::{Kind, sniff_html};

use super::Fields;

/// Largest head, in bytes.
const MAX_HEAD_BYTES: usize = 1 << 20;
/// Interim responses (1xx) before the one that counts.
const MAX_INTERIM: usize = 8;

/// Why a block gave no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HttpError {
    /// One of [`HTTP_FAILURE_KINDS`].
    pub kind: &'static str,
    /// What was found, for people.
    pub message: String,
}

/// Every [`HttpError::kind`] and what it means.
pub const HTTP_FAILURE_KINDS: &[(&str, &str)] = &[
    ("bad_http_header", "the block does not begin with a status line, or its head never ends"),
    ("bad_chunk", "a chunked body of which no byte can be read"),
    (
        "bad_content_encoding",
        "a compressed body of which no byte can be read and that is not plain text either",
    ),
    ("body_over_cap", "a decoded body larger than the cap"),
];

/// Status and header fields of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub fields: Fields,
    /// Where the body begins in the block, in bytes.
    pub body_start: usize,
}

/// A `Content-Type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentType {
    /// Type and subtype in lower case, such as `text/html`.
    pub mime: String,
    /// The `charset` parameter in lower case.
    pub charset: Option<String>,
}

impl Head {
    /// The first value of a header field; case does not count.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.fields.get(name)
    }

    /// The last `Content-Type` that is one, as browsers choose it.
    pub fn content_type(&self) -> Option<ContentType> {
        self.fields.all("Content-Type").filter_map(parse_content_type).last()
    }
}

/// A response with its decoded body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// Status and header fields.
    pub head: Head,
    /// The decoded body.
    pub body: Body<'a>,
}

/// Reads a response. Callers that need few bodies call [`parse_head`] and [`decode_body`].
///
/// # Errors
/// Those of the two.
pub fn parse(block: &[u8], max_body_bytes: usize) -> Result<Response<'_>, HttpError> {
    let head = parse_head(block)?;
    let body = decode_body(&head, block, max_body_bytes)?;
    Ok(Response { head, body })
}

/// Reads status line and header fields.
///
/// # Errors
/// `bad_http_header`.
pub fn parse_head(block: &[u8]) -> Result<Head, HttpError> {
    let mut start = 0;
    for _ in 0..=MAX_INTERIM {
        let mut head = parse_one_head(&block[start..])?;
        head.body_start += start;
        // Some crawlers keep "100 Continue" before the response itself.
        let interim = (100..200).contains(&head.status) && head.status != 101;
        if !interim || !block[head.body_start..].starts_with(b"HTTP/") {
            return Ok(head);
        }
        start = head.body_start;
    }
    Err(bad_head("nothing but interim responses".into()))
}

fn parse_one_head(block: &[u8]) -> Result<Head, HttpError> {
    let line_end = memchr(b'\n', &block[..block.len().min(MAX_HEAD_BYTES)]).unwrap_or(block.len());
    let line = block[..line_end].trim_ascii_end();
    let Some(status) = status(line) else {
        let shown = String::from_utf8_lossy(&line[..line.len().min(80)]);
        return Err(bad_head(format!("status line is {shown:?}")));
    };
    let fields_start = block.len().min(line_end + 1);
    let fields_bytes = match find_blank_line(&block[fields_start..]) {
        Some(bytes) => bytes,
        // A head alone, as some tools store it for responses without body.
        None if block.len() <= MAX_HEAD_BYTES => block.len() - fields_start,
        None => return Err(bad_head("the head has no end".into())),
    };
    let body_start = fields_start + fields_bytes;
    Ok(Head { status, fields: Fields::parse(&block[fields_start..body_start]), body_start })
}

fn bad_head(message: String) -> HttpError {
    HttpError { kind: "bad_http_header", message }
}

/// The code of `HTTP/1.1 200 OK`, also of `200 OK`, as some archivers write it.
fn status(line: &[u8]) -> Option<u16> {
    let code = match line.strip_prefix(b"HTTP") {
        Some(rest) => {
            let space = rest.iter().position(|b| *b == b' ' || *b == b'\t')?;
            let (version, rest) = rest.split_at(space);
            if !(version.is_empty() || version[0] == b'/') {
                return None;
            }
            rest.trim_ascii_start()
        }
        None => line,
    };
    let digits = code.iter().take_while(|b| b.is_ascii_digit()).count();
    let ends = matches!(code.get(digits), None | Some(b' ' | b'\t'));
    if digits != 3 || !ends {
        return None;
    }
    std::str::from_utf8(&code[..digits]).ok()?.parse().ok()
}

/// Bytes up to and including the first blank line.
fn find_blank_line(bytes: &[u8]) -> Option<usize> {
    let bytes = &bytes[..bytes.len().min(MAX_HEAD_BYTES)];
    let mut at = 0;
    while let Some(length) = memchr(b'\n', &bytes[at..]) {
        let line = &bytes[at..at + length];
        at += length + 1;
        if line.is_empty() || line == b"\r" {
            return Some(at);
        }
    }
    None
}

/// Reads the value of a `Content-Type` field; `None` if it names no type.
///
/// Servers also write `text/html charset=utf-8` and `text/html, text/html`.
pub fn parse_content_type(value: &str) -> Option<ContentType> {
    const ENDS: [char; 6] = [';', ',', ' ', '\t', '"', '\''];
    let value = value.trim().to_ascii_lowercase();
    let end = value.find(ENDS).unwrap_or(value.len());
    let (mime, parameters) = value.split_at(end);
    if !mime.contains('/') {
        return None;
    }
    let charset = parameters.match_indices("charset").find_map(|(at, name)| {
        let value = parameters[at + name.len()..].trim_start().strip_prefix('=')?;
        let value = value.trim_start_matches([' ', '\t', '"', '\'']);
        let value = value.split(ENDS).next()?;
        (!value.is_empty()).then(|| value.to_owned())
    });
    Some(ContentType { mime: mime.to_owned(), charset })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CAP: usize = 1 << 20;

    #[test]
    fn heads_of_every_style() {
        for (block, status, body) in [
            ("HTTP/1.1 200 OK\r\nA: 1\r\n\r\nbody", 200, "body"),
            ("HTTP/1.0 404 Not Found\nA: 1\n\nbody", 404, "body"),
            ("HTTP/2 200\r\n\r\nbody", 200, "body"),
            ("200 OK\r\nA: 1\r\n\r\nbody", 200, "body"),
            ("HTTP/1.1  301\tMoved\r\n\r\n", 301, ""),
            ("HTTP/1.1 200 OK\r\n\r\n", 200, ""),
            ("HTTP/1.1 204 No Content\r\nA: 1\r\n", 204, ""),
            ("HTTP/1.1 204", 204, ""),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbody", 200, "body"),
            ("HTTP/1.1 100 Continue\r\n\r\n", 100, ""),
        ] {
            let response = parse(block.as_bytes(), CAP).unwrap();
            assert_eq!(response.head.status, status, "{block:?}");
            assert_eq!(&*response.body.bytes, body.as_bytes(), "{block:?}");
        }
    }

    #[test]
    fn what_is_no_response_is_said_to_be_none() {
        let long = "HTTP/1.1 200 OK\r\n".to_owned() + &"A: 1\r\n".repeat(MAX_HEAD_BYTES / 6);
        for block in [
            "",
            "<html>",
            "GET / HTTP/1.1\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1 200OK\r\n\r\n",
            "HTTPS 200 OK\r\n\r\n",
            "200OK\r\n\r\n",
            "2000 OK\r\n\r\n",
            &"HTTP/1.1 100 Continue\r\n\r\n".repeat(20),
            &long,
        ] {
            let error = parse(block.as_bytes(), CAP).unwrap_err();
            assert_eq!(error.kind, "bad_http_header", "{error}");
        }
    }

    #[test]
    fn content_types() {
        let content_type = |fields: &str| {
            let block = format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n");
            let head = parse_head(block.as_bytes()).unwrap();
            head.content_type().map(|c| (c.mime, c.charset))
        };
        let of =
            |mime: &str, charset: Option<&str>| Some((mime.to_owned(), charset.map(str::to_owned)));
        assert_eq!(
            content_type("content-type: Text/HTML ; x=y; Charset = \"UTF-8\""),
            of("text/html", Some("utf-8"))
        );
        assert_eq!(content_type("Content-Type: text/html;charset="), of("text/html", None));
        assert_eq!(
            content_type("Content-Type: text/html charset=iso-8859-1;x=charset"),
            of("text/html", Some("iso-8859-1"))
        );
        assert_eq!(
            content_type("Content-Type: text/html,text/html; charset='x y'"),
            of("text/html", Some("x"))
        );
        assert_eq!(content_type("Content-Type: html"), None);
        assert_eq!(content_type("A: 1"), None);
        assert_eq!(
            content_type("Content-Type: text/plain\r\nContent-Type: text/html\r\nContent-Type: x"),
            of("text/html", None)
        );
    }

    #[test]
    fn every_kind_is_documented() {
        let mut names: Vec<_> = HTTP_FAILURE_KINDS.iter().map(|(name, _)| name).collect();
        names.dedup();
        assert_eq!(names.len(), 4);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: proptest::test_runner::RngSeed::Fixed(1),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn arbitrary_blocks_never_panic(
            head in "HTTP/1.1 [0-9]{3} OK\r\n((Transfer|Content)-Encoding: (chunked|gzip|deflate|br|zstd|x)\r\n){0,3}\r\n",
            chunk in proptest::option::of("[0-9a-f]{1,3}\r\n"),
            body in proptest::collection::vec(any::<u8>(), 0..300),
            cap in 0_usize..400,
        ) {
            let mut block = head.into_bytes();
            block.extend(chunk.unwrap_or_default().into_bytes());
            block.extend(body);
            if let Ok(response) = parse(&block, cap) {
                prop_assert!(response.body.bytes.len() <= cap);
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(block in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&block, CAP);
            let _ = sniff_html(&block, None);
        }
    }
}
