//! A WARC record → a document, or why it is none.

use crate::document::{Document, Location};
use crate::extract::{self, Extracted, Metadata};
use crate::store::Failure;
use crate::warc::{Record, RecordKind, http};

use super::ledger::{Ledger, Stage};

/// What a record came to.
pub(super) enum Page {
    /// A document.
    Document(Box<Document>),
    /// A failure.
    Failure(Failure),
    /// A kind not asked for.
    Other(String),
}

/// How pages are read.
pub(super) struct PageReader {
    /// How a page's text is found, within which bounds.
    pub(super) options: extract::Options,
}

impl PageReader {
    /// Reads a record of a kind that may hold a page.
    pub(super) fn read(&self, record: &Record, file: &str, ledger: &mut Ledger) -> Page {
        match record.kind {
            RecordKind::Response => self.response(record, file, ledger),
            RecordKind::Resource => self.resource(record, file, ledger),
            _ => self.conversion(record, file),
        }
    }

    fn response(&self, record: &Record, file: &str, ledger: &mut Ledger) -> Page {
        if !is_http(record) {
            // Some crawlers archive pages without the protocol that brought them, and DNS look-ups
            // are responses too.
            return match declared_mime(record).as_deref() {
                Some("text/html" | "application/xhtml+xml") => self.resource(record, file, ledger),
                _ => Page::Other("response_not_http".into()),
            };
        }
        let head = match http::parse_head(&record.block) {
            Ok(head) => head,
            Err(error) => return fails(record, file, error.kind, error.message),
        };
        if head.status != 200 {
            return Page::Other(format!("status_{}", head.status));
        }
        let body = ledger.time(Stage::Decode, || {
            http::decode_body(&head, &record.block, self.options.limits.max_html_bytes)
        });
        let body = match body {
            Ok(body) => body,
            Err(error) => return fails(record, file, error.kind, error.message),
        };
        let declared = head.content_type();
        let mime = declared.as_ref().map(|content| content.mime.as_str());
        match http::sniff_html(&body.bytes, mime) {
            http::Kind::Html | http::Kind::Xhtml => {}
            http::Kind::PlainText | http::Kind::Other => {
                return Page::Other(format!("mime_{}", kind_of_mime(mime)));
            }
        }
        let charset = declared.as_ref().and_then(|content| content.charset.as_deref());
        let mut document = document(record, file);
        document.status = Some(head.status);
        document.mime = mime.map(str::to_owned);
        if body.truncated {
            document.truncated.get_or_insert_with(|| "encoding".to_owned());
        }
        self.extract(document, &body.bytes, charset, ledger)
    }

    /// A file without the protocol that brought it: a page if it says it is one.
    fn resource(&self, record: &Record, file: &str, ledger: &mut Ledger) -> Page {
        let declared = record.content_type().and_then(http::parse_content_type);
        let mime = declared.as_ref().map_or("unknown", |content| content.mime.as_str());
        if !matches!(mime, "text/html" | "application/xhtml+xml") {
            return Page::Other(format!("resource_{}", kind_of_mime(Some(mime))));
        }
        let charset = declared.as_ref().and_then(|content| content.charset.as_deref());
        let mut document = document(record, file);
        document.mime = Some(mime.to_owned());
        self.extract(document, &record.block, charset, ledger)
    }

    /// The text of a WET record: stored as it is.
    fn conversion(&self, record: &Record, file: &str) -> Page {
        let declared = record.content_type().and_then(http::parse_content_type);
        let mime = declared.as_ref().map_or("unknown", |content| content.mime.as_str());
        if mime != "text/plain" {
            return Page::Other(format!("conversion_{}", kind_of_mime(Some(mime))));
        }
        match std::str::from_utf8(&record.block) {
            Ok(text) => {
                let mut document = document(record, file);
                document.mime = Some(mime.to_owned());
                document.charset = Some("utf-8".to_owned());
                text.clone_into(&mut document.text);
                Page::Document(Box::new(document))
            }
            Err(error) => fails(record, file, "invalid_utf8", error.to_string()),
        }
    }

    fn extract(
        &self,
        mut document: Document,
        bytes: &[u8],
        charset: Option<&str>,
        ledger: &mut Ledger,
    ) -> Page {
        let decoded = ledger.time(Stage::Decode, || extract::decode(bytes, charset));
        document.charset = Some(decoded.charset.to_owned());
        let url = document.url.as_deref();
        let extracted =
            ledger.time(Stage::Extract, || extract::extract(&self.options, &decoded.text, url));
        match extracted {
            Ok(Extracted { text, metadata: Metadata { title, author, published } }) => {
                document = Document { text, title, author, published, ..document };
                Page::Document(Box::new(document))
            }
            Err(error) => Page::Failure(Failure {
                location: document.location,
                kind: error.kind(),
                message: error.to_string(),
                id: Some(document.id),
                url: document.url,
            }),
        }
    }
}

/// A media type as a kind to count by; what servers send may be anything, of any length.
fn kind_of_mime(mime: Option<&str>) -> &str {
    match mime {
        None => "unknown",
        Some(mime) if is_kind(mime) => mime,
        Some(_) => "malformed",
    }
}

/// Whether a word of the input is fit to be a kind: short, and made of the characters of tokens.
pub(super) fn is_kind(word: &str) -> bool {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '+' | '-' | '_');
    !word.is_empty() && word.len() <= 64 && word.chars().all(fit)
}

/// Whether a response is said to be HTTP; one that says nothing is taken to be.
fn is_http(record: &Record) -> bool {
    let by_type = declared_mime(record).is_none_or(|mime| mime == "application/http");
    let by_url = record.target_uri().is_none_or(|url| {
        let start = |scheme: &str| {
            url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        start("http:") || start("https:")
    });
    by_type && by_url
}

/// The media type of a record's block.
fn declared_mime(record: &Record) -> Option<String> {
    Some(http::parse_content_type(record.content_type()?)?.mime)
}

/// Where a record stands.
pub(super) fn location(record: &Record, file: &str) -> Location {
    Location { file: file.to_owned(), offset: Some(record.offset), length: record.length }
}

/// A document without its text.
fn document(record: &Record, file: &str) -> Document {
    Document {
        // A record without an id is known by its place.
        id: record.record_id().map_or_else(|| format!("{file}:{}", record.offset), str::to_owned),
        url: record.target_uri().map(str::to_owned),
        date_us: record.date_us(),
        location: location(record, file),
        digest: record.payload_digest().map(str::to_owned),
        truncated: record.field("WARC-Truncated").map(str::to_owned),
        ..Document::default()
    }
}

fn fails(record: &Record, file: &str, kind: &'static str, message: String) -> Page {
    Page::Failure(Failure {
        location: location(record, file),
        kind,
        message,
        id: record.record_id().map(str::to_owned),
        url: record.target_uri().map(str::to_owned),
    })
}
