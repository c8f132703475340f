//! The document: one page's text with its metadata, and where it came from.

use jiff::civil::Date;

/// Where in the input a document or a failure stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    /// The input file, as the user named it (a path or a key of a path list).
    pub file: String,
    /// Offset in bytes within the file as it is stored (compressed where it is compressed).
    ///
    /// In a gzip file this is the start of the member that holds the record. `None` where a
    /// position says nothing: rows of Parquet pools, lines of compressed JSONL.
    pub offset: Option<u64>,
    /// Length in bytes as stored, so that `offset..offset + length` can be asked for by range.
    ///
    /// `None` where several records share one gzip member.
    pub length: Option<u64>,
}

/// One page's extracted text with its metadata.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// `WARC-Record-ID` without its angle brackets, or the pool's own id.
    pub id: String,
    /// The page's URL as the crawl recorded it.
    pub url: Option<String>,
    /// When the page was fetched, in microseconds since 1970-01-01 UTC.
    pub date_us: Option<i64>,
    /// Where the record stands.
    pub location: Location,
    /// HTTP status code.
    pub status: Option<u16>,
    /// Media type, lower case, without parameters (`text/html`).
    pub mime: Option<String>,
    /// WHATWG name of the encoding the page was decoded from, lower case (`windows-1252`).
    pub charset: Option<String>,
    /// `WARC-Payload-Digest` as recorded.
    pub digest: Option<String>,
    /// Why the page is not whole: `WARC-Truncated` as recorded (`length`, `time`, …), or `encoding`
    /// where its chunks or its compression break off or are damaged; `None` for a whole page.
    pub truncated: Option<String>,
    /// The page's title, without the name of its site; of pages read from HTML alone.
    pub title: Option<String>,
    /// The names of those who wrote the page, parted by `; `; of pages read from HTML alone.
    pub author: Option<String>,
    /// The day of publication as the page writes it; of pages read from HTML alone.
    pub published: Option<Date>,
    /// The stored text: of a page, UTF-8 in NFC with lines ended by `\n`; of a pool or a WET file, the
    /// text as it stands there.
    pub text: String,
}

impl Document {
    /// The columns that every document has, in order; the columns of steps come after them.
    pub const COLUMNS: &'static [&'static str] = &[
        "id",
        "url",
        "host",
        "domain",
        "date",
        "warc_file",
        "warc_offset",
        "warc_length",
        "status",
        "mime",
        "charset",
        "digest",
        "truncated",
        "title",
        "author",
        "published",
        "text",
        "chars",
        "bytes",
    ];

    /// The host of the URL in lower case (`news.example.co.uk`), `None` if it has none.
    pub fn host(&self) -> Option<String> {
        let url = url::Url::parse(self.url.as_deref()?.trim()).ok()?;
        url.host_str().map(|host| host.trim_end_matches('.').to_ascii_lowercase())
    }
}

/// The registered domain of a host (`example.co.uk`) by the public suffix list.
///
/// `None` for IP addresses and for hosts that are themselves a public suffix.
pub fn registered_domain(host: &str) -> Option<&str> {
    if host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok() {
        return None;
    }
    psl::domain_str(host)
}

/// A day as Parquet has it: in days since 1970-01-01.
pub fn days(date: Date) -> i32 {
    date.duration_since(EPOCH).as_hours().div_euclid(24) as i32
}

/// The day of that number of days since 1970-01-01; `None` for one beyond the calendar.
pub fn day(days: i32) -> Option<Date> {
    EPOCH.checked_add(jiff::SignedDuration::from_hours(24 * i64::from(days))).ok()
}

/// Where days are counted from.
const EPOCH: Date = Date::constant(1970, 1, 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_domains_follow_the_public_suffix_list() {
        assert_eq!(registered_domain("news.example.co.uk"), Some("example.co.uk"));
        assert_eq!(registered_domain("example.com"), Some("example.com"));
        assert_eq!(registered_domain("co.uk"), None);
        assert_eq!(registered_domain("127.0.0.1"), None);
        assert_eq!(registered_domain("[::1]"), None);
    }

    #[test]
    fn days_are_counted_from_1970_on() {
        let date = Date::constant;
        for (date, number) in [
            (date(1970, 1, 1), 0),
            (date(1969, 12, 31), -1),
            (date(2024, 2, 29), 19_782),
            (Date::MIN, -4_371_587),
            (Date::MAX, 2_932_896),
        ] {
            assert_eq!((days(date), day(number)), (number, Some(date)));
        }
        assert_eq!((day(i32::MAX), day(i32::MIN)), (None, None));
    }

    #[test]
    fn hosts_are_lower_case_without_port_or_final_dot() {
        let url = |u: &str| Document { url: Some(u.into()), ..Document::default() }.host();
        assert_eq!(url("HTTP://WWW.Example.COM.:8080/A"), Some("www.example.com".into()));
        assert_eq!(url("not a url"), None);
    }
}
