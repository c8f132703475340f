//! Bytes to WARC records to HTTP payloads.
//!
//! [`Reader`] takes the bytes of one shard and gives [`Item`]s: a [`Record`] with its place in the
//! file, or a [`Failure`] with its place and reason. [`http`] decodes the payload of a response.
//!
//! | file | what it does |
//! |---|---|
//! | `input.rs` | stored bytes, with enough look-back to search again after damage |
//! | `gzip.rs` | gzip headers, inflate, checksums |
//! | `window.rs`, `segments.rs` | inflated bytes and the gzip members (or plain stretches) they come from |
//! | `header.rs`, `fields.rs` | WARC headers; header fields of WARC and HTTP |
//! | `reader.rs`, `reader/` | where records begin and end, and how to go on when they do not |
//! | `http/` | status line, chunks, content encodings, the kind of a body |
//!
//! # Why a reader of our own
//!
//! Measured on a 411 MB crawl (CPU time, this reader's design with zlib-rs = 1): the `warc` crate
//! 0.4 costs three times as much (one and a half with the same inflate), allocates 1 MiB a record,
//! knows no offsets, bounds nothing, and repeats one error for ever on a cut or damaged file; an
//! LF-only record vanishes from it silently. `fastwarc` 2.0 is about as fast, but loses data without
//! an error: an empty gzip member ends the file, an over-long Content-Length swallows the records
//! after it, a cut last member is a partial body without a word, a cut gzip header a quiet end.
//! Both are good oracles on valid files; `tests/warc_oracle.rs` uses the first as one.
//!
//! # What holds
//!
//! - Nothing is lost silently: every stored byte is in a record, in a failure's stretch, or a blank
//!   between records (line ends, NUL padding).
//! - Memory is bounded by [`Limits`]: about four times `max_record_bytes` at worst, 2 MiB usually.
//! - Time is linear in the inflated bytes: searching again after damage has a budget.
//! - Checksums are checked. Where a gzip member holds several records, that of the whole member
//!   comes after they were given: a failure then says that they may be damaged.
//! - `Err` is only ever the environment's: what is wrong with the data is an [`Item::Failure`].

mod fields;
mod gzip;
mod header;
pub mod http;
mod input;
mod reader;
mod record;
mod segments;
mod window;

pub use fields::Fields;
pub use reader::Reader;
pub use record::{FAILURE_KINDS, Failure, Item, Record, RecordKind};

/// How much of one record the reader holds; what is larger is skipped and reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest block (what follows a record's header), inflated, in bytes.
    pub max_record_bytes: u64,
    /// Largest WARC header, in bytes.
    pub max_header_bytes: usize,
}

impl Default for Limits {
    /// 32 MiB a block, 64 KiB a header.
    fn default() -> Self {
        Limits { max_record_bytes: 32 << 20, max_header_bytes: 64 << 10 }
    }
}
