//! WARC headers: the version line, the fields, and where a record can begin.

use memchr::{memchr, memmem};

use super::Fields;

/// What every record begins with; case does not count.
pub(crate) const MAGIC: &[u8] = b"WARC/";

/// Whether a record begins here, or may begin here once there are more bytes.
pub(crate) fn has_magic(bytes: &[u8]) -> bool {
    let known = bytes.len().min(MAGIC.len());
    bytes[..known].eq_ignore_ascii_case(&MAGIC[..known])
}

/// Longest name of a first field, in bytes, that a record start is recognised by.
const MAX_FIRST_NAME_BYTES: usize = 64;
/// Longest version line, in bytes, with its line end.
pub(crate) const MAX_VERSION_LINE_BYTES: usize = 32;

/// Where the header at the start of some bytes ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeaderEnd {
    /// After this many bytes, the blank line included.
    At(usize),
    /// It has no blank line: another record's version line begins here.
    Cut(usize),
    /// Not in these bytes.
    Beyond,
}

/// Looks for the end of a header. `scanned` remembers the line reached, from call to call.
pub(crate) fn find_end(bytes: &[u8], scanned: &mut usize) -> HeaderEnd {
    while let Some(length) = memchr(b'\n', &bytes[*scanned..]) {
        let line = trim_line(&bytes[*scanned..*scanned + length]);
        if line.is_empty() {
            return HeaderEnd::At(*scanned + length + 1);
        }
        if *scanned > 0 && version(line).is_some() {
            return HeaderEnd::Cut(*scanned);
        }
        *scanned += length + 1;
    }
    HeaderEnd::Beyond
}

/// A header taken apart.
#[derive(Debug)]
pub(crate) struct Header {
    /// `None` where the version line is not one.
    pub(crate) version: Option<String>,
    pub(crate) fields: Fields,
}

impl Header {
    /// Reads what there is, even of a broken header, so that failures can name the record.
    pub(crate) fn parse(bytes: &[u8]) -> Header {
        let end = memchr(b'\n', bytes).unwrap_or(bytes.len());
        Header {
            version: version(trim_line(&bytes[..end])).map(str::to_owned),
            fields: Fields::parse(bytes.get(end + 1..).unwrap_or_default()),
        }
    }

    /// Length of the block in bytes.
    ///
    /// # Errors
    /// Says what is wrong with `Content-Length`.
    pub(crate) fn content_length(&self) -> Result<u64, String> {
        let mut values = self.fields.all("Content-Length");
        let Some(text) = values.next() else {
            return Err("no Content-Length".into());
        };
        if let Some(other) = values.find(|other| *other != text) {
            return Err(format!("Content-Length is both {} and {}", short(text), short(other)));
        }
        // `parse` alone would take a plus sign.
        let number = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(length) if number => Ok(length),
            _ => Err(format!("Content-Length is {}", short(text))),
        }
    }
}

/// A value from the data for a message: quoted, escaped and cut.
pub(crate) fn short(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}

/// Without the carriage return and blanks at its end.
fn trim_line(line: &[u8]) -> &[u8] {
    // A line of blanks alone continues the field before it and is not the blank line.
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line.trim_ascii_end() {
        [] => line,
        trimmed => trimmed,
    }
}

/// The `1.0` of `WARC/1.0`: two numbers, of any version.
fn version(line: &[u8]) -> Option<&str> {
    let (magic, version) = line.split_at_checked(MAGIC.len())?;
    let version = std::str::from_utf8(version).ok()?;
    if !has_magic(magic) {
        return None;
    }
    let (major, minor) = version.split_once('.')?;
    let digits = |part: &str| {
        (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    (digits(major) && digits(minor)).then_some(version)
}

/// What a search for the next record found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// A record begins here.
    At(usize),
    /// None begins before this position; what follows it needs more bytes to tell.
    NotBefore(usize),
}

/// Bytes from a record's start that are enough to recognise it.
pub(crate) const RECOGNISED_BYTES: usize = MAX_VERSION_LINE_BYTES + MAX_FIRST_NAME_BYTES + 1;

/// Looks for a record's start: a version line at the start of a line, followed by a field.
///
/// Pages about web archives quote such lines, so this is only for what is damaged anyway.
/// `line_start` says whether `bytes` begins at a line's start, `at_end` that no bytes follow.
pub(crate) fn find_record(bytes: &[u8], line_start: bool, at_end: bool) -> Search {
    let mut from = 0;
    while let Some(found) = find_magic(&bytes[from..]) {
        let at = from + found;
        let starts_line = match bytes[..at] {
            [] => line_start,
            [.., b'\n'] => true,
            // One damaged byte in a line's end should not cost the record after it.
            [.., b'\r' | b'\n', _] => true,
            _ => false,
        };
        if starts_line {
            match begins_record(&bytes[at..]) {
                Some(true) => return Search::At(at),
                // The bytes before are needed next time, too.
                None if !at_end => return Search::NotBefore(at.saturating_sub(2)),
                _ => {}
            }
        }
        from = at + MAGIC.len();
    }
    if at_end {
        return Search::NotBefore(bytes.len());
    }
    // A line end and all but one byte of the magic may be at the very end.
    let tail = bytes.len().saturating_sub(MAGIC.len() + 1);
    Search::NotBefore(tail.max(from))
}

/// The first magic in capitals, as all writers have it, or in small letters, as the standard allows.
fn find_magic(bytes: &[u8]) -> Option<usize> {
    let capitals = memmem::find(bytes, MAGIC);
    let before = &bytes[..capitals.map_or(bytes.len(), |at| at + MAGIC.len() - 1)];
    memmem::find(before, b"warc/").or(capitals)
}

/// Whether a version line and a field stand here; `None` if the bytes end before that is clear.
fn begins_record(bytes: &[u8]) -> Option<bool> {
    let head = &bytes[..bytes.len().min(MAX_VERSION_LINE_BYTES)];
    let Some(end) = memchr(b'\n', head) else {
        return (head.len() == MAX_VERSION_LINE_BYTES).then_some(false);
    };
    if version(trim_line(&head[..end])).is_none() {
        return Some(false);
    }
    let line = &bytes[end + 1..];
    let name = line
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-' || **byte == b'_')
        .take(MAX_FIRST_NAME_BYTES + 1)
        .count();
    if name > MAX_FIRST_NAME_BYTES {
        return Some(false);
    }
    match line.get(name) {
        Some(b':' | b' ') => Some(name > 0),
        Some(_) => Some(false),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(bytes: &[u8]) -> HeaderEnd {
        find_end(bytes, &mut 0)
    }

    #[test]
    fn headers_end_at_a_blank_line_of_either_kind() {
        assert_eq!(end_of(b"WARC/1.0\r\nA: 1\r\n\r\nbody"), HeaderEnd::At(18));
        assert_eq!(end_of(b"WARC/1.0\nA: 1\n\nbody"), HeaderEnd::At(15));
        assert_eq!(end_of(b"WARC/1.0\nA: 1\n \n\nbody"), HeaderEnd::At(17));
        assert_eq!(end_of(b"WARC/1.0\nA: 1\n"), HeaderEnd::Beyond);
        assert_eq!(end_of(b"WARC/1.0\nA: 1\nWARC/1.0\nA: 1\n\n"), HeaderEnd::Cut(14));
    }

    #[test]
    fn a_header_is_found_however_it_arrives() {
        let header = b"WARC/1.0\r\nA: 1\r\nB: 2\r\n\r\n";
        let mut scanned = 0;
        for end in 0..header.len() {
            assert_eq!(find_end(&header[..end], &mut scanned), HeaderEnd::Beyond);
        }
        assert_eq!(find_end(header, &mut scanned), HeaderEnd::At(header.len()));
    }

    #[test]
    fn versions() {
        for (line, expected) in [
            ("WARC/1.0", Some("1.0")),
            ("WARC/0.17", Some("0.17")),
            ("WARC/1.0.1", None),
            ("WARC/1", None),
            ("WARC/", None),
            ("WARC/WARC", None),
            ("warc/1.0", Some("1.0")),
        ] {
            let header = Header::parse(format!("{line} \r\n\r\n").as_bytes());
            assert_eq!(header.version.as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn content_lengths() {
        let length = |fields: &str| {
            Header::parse(format!("WARC/1.0\r\n{fields}\r\n\r\n").as_bytes()).content_length()
        };
        assert_eq!(length("content-length: 12"), Ok(12));
        assert_eq!(length("Content-Length: 12\r\nContent-Length: 12"), Ok(12));
        for bad in [
            "A: 1",
            "Content-Length: -1",
            "Content-Length: +1",
            "Content-Length:",
            "Content-Length: 1e3",
            "Content-Length: 99999999999999999999999",
            "Content-Length: 1\r\nContent-Length: 2",
        ] {
            assert!(length(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_record_start_is_a_line_with_a_version_before_a_field() {
        let find = |text: &str| find_record(text.as_bytes(), false, true);
        assert_eq!(find("x\nWARC/1.0\r\nWARC-Type: y"), Search::At(2));
        assert_eq!(find("x\nwarc/1.0\r\nWARC-Type: y"), Search::At(2));
        assert_eq!(find("x\r?WARC/1.0\r\nWARC-Type: y"), Search::At(3));
        for not in [
            "xWARC/1.0\r\nWARC-Type: y",
            "x\nWARC/1.0 is a format\nA: 1",
            "x\nWARC/1.0\n\n",
            "x\nWARC/1.0",
            "WARC/1.0\nA: 1",
        ] {
            assert_eq!(find(not), Search::NotBefore(not.len()), "{not}");
        }
        assert_eq!(find_record(b"WARC/1.0\nA: 1", true, true), Search::At(0));
    }

    #[test]
    fn a_record_start_is_found_however_it_arrives() {
        let text = b"some text\nand\nWARC/1.1\r\nWARC-Type: response\r\n";
        for end in 0..text.len() {
            match find_record(&text[..end], false, false) {
                Search::At(at) => assert_eq!(at, 14),
                Search::NotBefore(position) => assert!(position <= 13, "{end}: {position}"),
            }
        }
    }
}
