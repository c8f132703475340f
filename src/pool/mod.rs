//! Files of already extracted text (JSONL, Parquet) as documents.
//!
//! The text of a document is the input's text to the byte. A row that gives no document is an
//! [`Item::Failure`] and reading goes on behind it; `Err` is for the environment alone.
//!
//! | kind of failure | meaning |
//! |---|---|
//! | `bad_json` | the line is not JSON |
//! | `lone_surrogate` | a `\u` escape is half of a pair, so the string is not Unicode |
//! | `not_an_object` | the line is JSON, but no object |
//! | `missing_text` | the text is absent or null |
//! | `wrong_type` | text or URL is no string, or the id neither a string nor an integer |
//! | `invalid_utf8` | the line, or a value of the row, is not valid UTF-8 |
//! | `record_too_long` | the line, or the text of the row, is over `max_record_bytes` |
//! | `truncated_input` | the compressed stream ends too early; the last failure of a file |
//! | `corrupt_input` | the compressed stream is damaged (the last failure of a file), or the rest of a Parquet row group cannot be read |

mod date;
mod inflate;
mod json;
mod jsonl;
mod lines;
pub mod parquet;

pub use self::jsonl::JsonlReader;
pub use self::parquet::ParquetReader;

use crate::document::{Document, Location};

/// Which field of an input holds what.
///
/// A name reaches into nested objects and structs by dots (`metadata.WARC-Target-URI`). A key that
/// itself contains the dots is taken before the nested one, in any mixture: the value that is
/// reached in fewer steps is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The text; a string.
    pub text: String,
    /// The id; a string or an integer. Enclosing angle brackets are taken off, so that ids equal
    /// those read from WARC. A row where it is absent, null or empty is named
    /// `<file>:<row, 0-based>`.
    pub id: Option<String>,
    /// The page's URL; a string.
    pub url: Option<String>,
    /// When the page was fetched: RFC 3339 or `YYYY-MM-DD`, in Parquet also a timestamp or date.
    /// What is none of these gives a document without a date.
    pub date: Option<String>,
}

impl Default for Fields {
    /// The text in `text`, and nothing else.
    fn default() -> Self {
        Self { text: "text".to_owned(), id: None, url: None, date: None }
    }
}

/// Caps on what a row may make a reader hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest line of JSONL without its end, decompressed, and longest text of a Parquet row.
    pub max_record_bytes: usize,
}

/// What a row of a pool comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A document.
    Document(Document),
    /// A row that gave none, or the rest of a stream or row group.
    Failure {
        /// JSONL: where the line starts in the decompressed stream, in bytes. `None` for Parquet.
        ///
        /// In a plain file that is the offset within the file itself; in a compressed one it is
        /// not, which is why documents from there have no offset in their location.
        offset: Option<u64>,
        /// JSONL: the length of the line without its end, decompressed, in bytes.
        length: Option<u64>,
        /// One of the kinds in the table of this module.
        kind: &'static str,
        /// What is wrong, for a reader of the failures.
        message: String,
        /// The id of the row, where one was read.
        id: Option<String>,
        /// The row, 0-based: blank lines are no rows, failures are.
        row: u64,
        /// How many rows the failure stands for: one, or the rest of a row group.
        rows: u64,
    },
}

/// What is wrong with some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    kind: &'static str,
    message: String,
}

impl Fault {
    fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// The values of a row that make a document, however they were stored.
struct Row {
    row: u64,
    text: String,
    id: Option<String>,
    url: Option<String>,
    date_us: Option<i64>,
}

impl Row {
    fn into_document(self, location: Location) -> Document {
        Document {
            id: self.id.unwrap_or_else(|| format!("{}:{}", location.file, self.row)),
            url: self.url,
            date_us: self.date_us,
            location,
            text: self.text,
            ..Document::default()
        }
    }
}

/// An id without enclosing angle brackets; `None` if nothing is left.
fn clean_id(id: &str) -> Option<String> {
    let id = id.trim();
    let id = id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id);
    (!id.is_empty()).then(|| id.to_owned())
}

/// The message of a row without text.
fn missing_text(field: &str) -> Fault {
    Fault::new("missing_text", format!("`{field}` is absent or null"))
}

/// The message of a row over the cap.
fn too_long(what: &str, bytes: u64, limits: Limits) -> Fault {
    let max = limits.max_record_bytes;
    Fault::new("record_too_long", format!("{what} has {bytes} bytes, max_record_bytes is {max}"))
}
