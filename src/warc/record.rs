//! What the reader gives: records and failures.

use super::Fields;

/// One thing found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A whole record.
    Record(Record),
    /// A stretch of the file that gave no record, and why.
    Failure(Failure),
}

/// The value of `WARC-Type`; case does not count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// Describes the records that follow.
    Warcinfo,
    /// What was sent to the server.
    Request,
    /// What the server answered.
    Response,
    /// Describes another record; WAT files hold these.
    Metadata,
    /// A response whose payload was archived before.
    Revisit,
    /// A file without the protocol that brought it.
    Resource,
    /// Another record in another form; WET files hold these.
    Conversion,
    /// A further part of a record.
    Continuation,
    /// A type that the standard does not name, as written.
    Other(String),
}

impl RecordKind {
    pub(crate) fn parse(value: &str) -> RecordKind {
        match value.to_ascii_lowercase().as_str() {
            "warcinfo" => RecordKind::Warcinfo,
            "request" => RecordKind::Request,
            "response" => RecordKind::Response,
            "metadata" => RecordKind::Metadata,
            "revisit" => RecordKind::Revisit,
            "resource" => RecordKind::Resource,
            "conversion" => RecordKind::Conversion,
            "continuation" => RecordKind::Continuation,
            _ => RecordKind::Other(value.to_owned()),
        }
    }

    /// The name as the standard writes it.
    pub fn as_str(&self) -> &str {
        match self {
            RecordKind::Warcinfo => "warcinfo",
            RecordKind::Request => "request",
            RecordKind::Response => "response",
            RecordKind::Metadata => "metadata",
            RecordKind::Revisit => "revisit",
            RecordKind::Resource => "resource",
            RecordKind::Conversion => "conversion",
            RecordKind::Continuation => "continuation",
            RecordKind::Other(name) => name,
        }
    }
}

/// A WARC record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What follows `WARC/`: `1.0`, `1.1`, `0.18`, …
    pub version: String,
    /// Its type.
    pub kind: RecordKind,
    /// The header fields.
    pub fields: Fields,
    /// What follows the header, `Content-Length` bytes.
    pub block: Vec<u8>,
    /// Byte offset in the stored file: of the record, or of the gzip member in which it begins.
    pub offset: u64,
    /// Stored bytes from `offset` that hold this record and nothing else, enough for a range
    /// request; `None` where it shares its gzip member.
    pub length: Option<u64>,
}

impl Record {
    /// The first value of a header field; case does not count.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name)
    }

    /// `WARC-Record-ID` without `<` and `>`.
    pub fn record_id(&self) -> Option<&str> {
        record_id(&self.fields)
    }

    /// `WARC-Target-URI` without the `<` and `>` that wget writes.
    pub fn target_uri(&self) -> Option<&str> {
        target_uri(&self.fields)
    }

    /// `WARC-Date` in microseconds since 1970 UTC; `None` where absent or not a date.
    ///
    /// WARC 1.0 has seconds; 1.1 allows fractions and dates cut after any part (`2016-09`), which
    /// stand for their first moment.
    pub fn date_us(&self) -> Option<i64> {
        date_us(self.field("WARC-Date")?)
    }

    /// `Content-Type` of the block, such as `application/http; msgtype=response`.
    pub fn content_type(&self) -> Option<&str> {
        self.field("Content-Type")
    }

    /// `WARC-Payload-Digest` as written, such as `sha1:…`.
    pub fn payload_digest(&self) -> Option<&str> {
        self.field("WARC-Payload-Digest")
    }
}

pub(crate) fn record_id(fields: &Fields) -> Option<&str> {
    unbracketed(fields.get("WARC-Record-ID")?)
}

pub(crate) fn target_uri(fields: &Fields) -> Option<&str> {
    unbracketed(fields.get("WARC-Target-URI")?)
}

/// Without `<` and `>`; `None` where nothing is left.
fn unbracketed(value: &str) -> Option<&str> {
    let value = value.strip_prefix('<').unwrap_or(value);
    let value = value.strip_suffix('>').unwrap_or(value).trim();
    (!value.is_empty()).then_some(value)
}

fn date_us(value: &str) -> Option<i64> {
    if let Ok(date) = value.parse::<jiff::Timestamp>() {
        return Some(date.as_microsecond());
    }
    // What a date cut short leaves out: its first month, day, hour.
    const REST: &str = "0000-01-01T00:00:00Z";
    let digits = value.trim_end_matches('Z');
    let shortened = matches!(digits.len(), 4 | 7 | 10 | 13 | 16) && digits.is_ascii();
    let whole = shortened.then(|| format!("{digits}{}", &REST[digits.len()..]))?;
    let date = whole.parse::<jiff::Timestamp>().ok()?;
    Some(date.as_microsecond())
}

/// A stretch of a file that gave no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Byte offset in the stored file, as in [`Record::offset`].
    pub offset: u64,
    /// Stored bytes up to where reading went on; `None` where that is inside the same gzip member,
    /// or where reading ended.
    pub length: Option<u64>,
    /// One of [`FAILURE_KINDS`].
    pub kind: &'static str,
    /// What was found, for people.
    pub message: String,
    /// `WARC-Record-ID` without `<` and `>`, where the header could be read.
    pub record_id: Option<String>,
    /// `WARC-Target-URI`, where the header could be read.
    pub url: Option<String>,
}

/// Every [`Failure::kind`] and what it means.
pub const FAILURE_KINDS: &[(&str, &str)] = &[
    (
        "unsupported_format",
        "the file is no WARC at all (ARC, zip, zstd, lz4, other text …); nothing of it was read",
    ),
    ("garbage", "bytes between records that belong to none"),
    (
        "bad_header",
        "a record without a readable version line, without WARC-Type, or with another record's version line inside its header",
    ),
    ("header_over_cap", "a WARC header larger than `max_header_bytes`"),
    (
        "bad_content_length",
        "Content-Length is missing, no number, or given twice with different values",
    ),
    (
        "content_length_too_long",
        "the record ends before its Content-Length: at its gzip member's end or at the next record",
    ),
    ("content_length_too_short", "the record goes on after its Content-Length"),
    ("record_over_cap", "a block larger than `max_record_bytes`; it was skipped"),
    ("truncated_record", "the file ends, or a gzip member does, inside a record"),
    ("truncated_gzip", "the file ends inside a gzip member; what it held of a record is not given"),
    ("corrupt_gzip", "a gzip header or deflate data that cannot be read"),
    ("bad_checksum", "a gzip member whose CRC-32 or size is not that of its contents"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn record(header: &str) -> Record {
        let fields = Fields::parse(header.as_bytes());
        Record {
            version: "1.1".into(),
            kind: RecordKind::Response,
            fields,
            block: Vec::new(),
            offset: 0,
            length: None,
        }
    }

    #[test]
    fn brackets_are_no_part_of_ids_and_urls() {
        let wget = record("WARC-Record-ID: <urn:uuid:1>\nWARC-Target-URI: <http://a/b c>\n");
        assert_eq!(wget.record_id(), Some("urn:uuid:1"));
        assert_eq!(wget.target_uri(), Some("http://a/b c"));
        assert_eq!(record("WARC-Target-URI: <>\n").target_uri(), None);
    }

    #[test]
    fn dates_of_every_precision() {
        let second = 1_000_000;
        let day = 86_400 * second;
        for (text, expected) in [
            ("1970-01-02T00:00:01Z", Some(day + second)),
            ("1970-01-01T00:00:01.5Z", Some(second + second / 2)),
            ("1970-01-01T00:00:00.123456789Z", Some(123_456)),
            ("1970-01-01T02:00:00+02:00", Some(0)),
            ("1970-01-02", Some(day)),
            ("1970-02", Some(31 * day)),
            ("1971", Some(365 * day)),
            ("1970-01-01T01:01Z", Some(3_660 * second)),
            ("1970-01-01T01Z", Some(3_600 * second)),
            ("2009-03-65T08:43:19-0800", None),
            ("yesterday", None),
            ("", None),
            ("äää", None),
        ] {
            let date = record(&format!("WARC-Date: {text}\n")).date_us();
            assert_eq!(date, expected, "{text}");
        }
        assert_eq!(record("").date_us(), None);
    }

    #[test]
    fn kinds_ignore_case_and_keep_unknown_names() {
        assert_eq!(RecordKind::parse("RESPONSE"), RecordKind::Response);
        assert_eq!(RecordKind::parse("Screenshot").as_str(), "Screenshot");
        for name in ["warcinfo", "revisit", "continuation", "conversion"] {
            assert_eq!(RecordKind::parse(name).as_str(), name);
        }
    }

    #[test]
    fn failure_kinds_are_unique() {
        let mut names: Vec<_> = FAILURE_KINDS.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), FAILURE_KINDS.len());
    }
}
