//! Bytes that belong to no record, and files that hold none.

use std::io::{self, Read};

use super::super::header::{has_magic, short};
use super::super::{Failure, Item};
use super::{Boundary, Broken, Reader};

/// Bytes of garbage that are looked at for a format and shown in a message.
const MESSAGE_BYTES: usize = 160;

impl<R: Read> Reader<R> {
    /// Bytes that begin no record, up to the next one; all there are if no record follows.
    pub(super) fn garbage(&mut self) -> io::Result<Item> {
        let place = self.segments.place();
        while self.segments.data().len() < MESSAGE_BYTES && self.segments.more()? {}
        let first = self.first_bytes();
        if !self.given
            && let Some(format) = known_format(self.segments.data())
        {
            self.done = true;
            let message = format!("this is {format}, not WARC");
            return Ok(Item::Failure(unsupported(None, message)));
        }
        let cut = has_magic(self.segments.data());
        let next = loop {
            self.skip_to_record(usize::from(!cut), place)?;
            match self.boundary()? {
                Boundary::Garbage => {}
                next => break next,
            }
        };
        if matches!(next, Boundary::EndOfFile) && !self.given {
            self.done = true;
            let message = format!("no WARC record in the file, which begins with {first}");
            let length = self.segments.stored_offset();
            return Ok(Item::Failure(unsupported(Some(length), message)));
        }
        if matches!(next, Boundary::Damage) && self.is_same_member(place) {
            return self.damage(Broken::nameless(place));
        }
        let end = self.offset_of(&next);
        let (kind, message) = if cut && matches!(next, Boundary::EndOfFile) {
            ("truncated_record", "the file ends inside a version line".into())
        } else {
            ("garbage", format!("no record begins with {first}"))
        };
        Ok(Item::Failure(Failure {
            offset: place.offset,
            length: end.checked_sub(place.offset).filter(|bytes| *bytes > 0),
            kind,
            message,
            record_id: None,
            url: None,
        }))
    }

    /// The window's first bytes for a message.
    pub(super) fn first_bytes(&self) -> String {
        let data = self.segments.data();
        let start = &data[..data.len().min(MESSAGE_BYTES)];
        let line = start.split(|&b| b == b'\n').next().unwrap_or_default();
        short(String::from_utf8_lossy(line).trim_end())
    }
}

/// A failure for a whole file; without a length where it was not read to its end.
pub(super) fn unsupported(length: Option<u64>, message: String) -> Failure {
    Failure { offset: 0, length, kind: "unsupported_format", message, record_id: None, url: None }
}

/// What a file that is no WARC is, by its first bytes.
fn known_format(bytes: &[u8]) -> Option<&'static str> {
    const FORMATS: &[(&[u8], &str)] = &[
        (b"filedesc:", "an ARC file"),
        (b"\x04\x22\x4d\x18", "lz4"),
        (b"BZh", "bzip2"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        // A skippable frame: the dictionary that the Internet Archive puts before zstd data.
        (b"\x5d\x2a\x4d\x18", "zstd with a dictionary"),
        (b"\xfd7zXZ\0", "xz"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"PK\x03\x04", "a zip file (WACZ is one)"),
        (b"PAR1", "Parquet"),
    ];
    FORMATS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name)
}
