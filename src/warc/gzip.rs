//! gzip members (RFC 1952): header, raw deflate data, CRC-32 and size.
//!
//! The header is read here rather than by the inflater, because a member's first byte is what
//! documents are found by, and because raw inflate state can be reused from member to member.

use flate2::{Crc, Decompress, FlushDecompress, Status};
use memchr::memchr;

use super::header::{MAGIC, has_magic};

/// First bytes of every member; the third is the only method there is, deflate.
pub(crate) const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// Bytes of CRC-32 and size after the data.
pub(crate) const TRAILER_BYTES: usize = 8;

/// Longest file name and longest comment in a header, in bytes: real ones are paths.
const MAX_TEXT_BYTES: usize = 4096;
/// Longest header that can be: fixed part, extra field, name, comment, checksum.
pub(crate) const MAX_HEADER_BYTES: usize = 10 + 2 + 65_535 + 2 * (MAX_TEXT_BYTES + 1) + 2;

/// Deflate data that must give its first output, in bytes.
const PROBE_DATA_BYTES: usize = 4096;
/// Bytes that [`probe`] may need.
pub(crate) const PROBE_BYTES: usize = MAX_HEADER_BYTES + PROBE_DATA_BYTES;

/// A member's header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum GzipHeader {
    /// It takes this many bytes.
    Whole(usize),
    /// These bytes end before it does.
    Partial,
    /// It is none, for this reason.
    Bad(&'static str),
}

pub(crate) fn parse_header(bytes: &[u8]) -> GzipHeader {
    let known = bytes.len().min(GZIP_MAGIC.len());
    if bytes[..known] != GZIP_MAGIC[..known] {
        return GzipHeader::Bad("not a gzip header");
    }
    let Some(&flags) = bytes.get(3) else {
        return GzipHeader::Partial;
    };
    if flags & 0xe0 != 0 {
        return GzipHeader::Bad("reserved gzip flags are set");
    }
    let mut length = 10;
    if flags & 0x04 != 0 {
        let Some(&[low, high]) = bytes.get(length..length + 2) else {
            return GzipHeader::Partial;
        };
        length += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for flag in [0x08, 0x10] {
        if flags & flag != 0 {
            let text = bytes.get(length..).unwrap_or_default();
            let text = &text[..text.len().min(MAX_TEXT_BYTES + 1)];
            match memchr(0, text) {
                Some(end) => length += end + 1,
                None if text.len() > MAX_TEXT_BYTES => {
                    return GzipHeader::Bad("file name or comment without end");
                }
                None => return GzipHeader::Partial,
            }
        }
    }
    if flags & 0x02 != 0 {
        length += 2;
    }
    if bytes.len() < length {
        return GzipHeader::Partial;
    }
    GzipHeader::Whole(length)
}

/// What one call of [`Inflater::step`] did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) consumed: usize,
    pub(crate) produced: usize,
    pub(crate) state: StepState,
}

/// Where the data stands after a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StepState {
    /// It goes on.
    More,
    /// It ended; the trailer follows.
    Done,
    /// It cannot be read.
    Broken(String),
}

/// What [`Inflater::probe`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// A WARC record.
    Record,
    /// Something else.
    Other,
    /// An empty member, or none that can be read.
    Nothing,
    /// It takes more bytes to tell.
    Unclear,
}

/// Inflates members one after the other and checks what they say of themselves.
///
/// flate2's raw mode does not see the trailer, so the checksum is computed here.
#[derive(Debug)]
pub(crate) struct Inflater {
    inflate: Decompress,
    crc: Crc,
}

impl Inflater {
    pub(crate) fn new() -> Inflater {
        Inflater { inflate: Decompress::new(false), crc: Crc::new() }
    }

    /// Gets ready for a member's data, after its header.
    pub(crate) fn reset(&mut self) {
        self.inflate.reset(false);
        self.crc.reset();
    }

    pub(crate) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
        // `Finish` spares the copy of the last 32 KiB that a further call would need; where there
        // is a further call, it is made good then.
        let result = self.inflate.decompress(input, output, FlushDecompress::Finish);
        let consumed = (self.inflate.total_in() - read) as usize;
        let produced = (self.inflate.total_out() - written) as usize;
        self.crc.update(&output[..produced]);
        let state = match result {
            Ok(Status::StreamEnd) => StepState::Done,
            Ok(_) if consumed == 0 && produced == 0 && !input.is_empty() && !output.is_empty() => {
                StepState::Broken("no progress".into())
            }
            Ok(_) => StepState::More,
            Err(error) => StepState::Broken(match error.message() {
                Some(message) => message.to_owned(),
                None => error.to_string(),
            }),
        };
        Step { consumed, produced, state }
    }

    /// Checks the trailer.
    ///
    /// # Errors
    /// Says which of CRC-32 and size differs.
    pub(crate) fn check(&self, trailer: [u8; TRAILER_BYTES]) -> Result<(), String> {
        let [c0, c1, c2, c3, s0, s1, s2, s3] = trailer;
        let crc = u32::from_le_bytes([c0, c1, c2, c3]);
        let size = u32::from_le_bytes([s0, s1, s2, s3]);
        if crc != self.crc.sum() {
            let actual = self.crc.sum();
            return Err(format!(
                "CRC-32 of the contents is {actual:08x}, the member says {crc:08x}"
            ));
        }
        if size != self.crc.amount() {
            let actual = self.crc.amount();
            return Err(format!("the contents are {actual} bytes, the member says {size}"));
        }
        Ok(())
    }

    /// What the member that begins here, if one does, begins with.
    ///
    /// With [`PROBE_BYTES`], or where no more bytes follow (`at_end`), the answer is never
    /// [`Probe::Unclear`]. Leaves the inflater in need of a reset.
    pub(crate) fn probe(&mut self, bytes: &[u8], at_end: bool) -> Probe {
        let complete = at_end || bytes.len() >= PROBE_BYTES;
        let length = match parse_header(bytes) {
            GzipHeader::Whole(length) => length,
            GzipHeader::Partial if !complete => return Probe::Unclear,
            _ => return Probe::Nothing,
        };
        self.reset();
        let data = &bytes[length..];
        let data = &data[..data.len().min(PROBE_DATA_BYTES)];
        let mut output = [0; 64];
        let step = self.step(data, &mut output);
        // Some writers put a blank line before a record.
        let contents = output[..step.produced].trim_ascii_start();
        if contents.len() >= MAGIC.len() && has_magic(contents) {
            Probe::Record
        } else if !has_magic(contents) {
            Probe::Other
        } else if step.state == StepState::More && data.len() < PROBE_DATA_BYTES && !complete {
            Probe::Unclear
        } else if contents.is_empty() {
            Probe::Nothing
        } else {
            Probe::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, GzBuilder};

    use super::*;

    fn member(contents: &[u8]) -> Vec<u8> {
        let mut encoder = GzBuilder::new()
            .extra(b"sl\x04\0abcd".to_vec())
            .filename("a.warc")
            .comment("b")
            .write(Vec::new(), Compression::default());
        encoder.write_all(contents).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn headers_of_every_length() {
        let bytes = member(b"x");
        let length = 10 + 2 + 8 + 7 + 2;
        assert_eq!(parse_header(&bytes), GzipHeader::Whole(length));
        for end in 0..length {
            assert_eq!(parse_header(&bytes[..end]), GzipHeader::Partial, "{end}");
        }
        for (at, value) in [(0, 0x1e), (1, 0x8c), (2, 7), (3, 0x20)] {
            let mut bad = bytes.clone();
            bad[at] = value;
            assert!(matches!(parse_header(&bad), GzipHeader::Bad(_)), "{at}");
        }
    }

    #[test]
    fn a_name_without_end_is_no_header() {
        let mut bytes = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0];
        bytes.resize(100, b'a');
        assert_eq!(parse_header(&bytes), GzipHeader::Partial);
        bytes.resize(MAX_HEADER_BYTES, b'a');
        assert!(matches!(parse_header(&bytes), GzipHeader::Bad(_)));
    }

    #[test]
    fn contents_come_in_pieces_of_any_size_and_are_checked() {
        let contents: Vec<u8> = (0..100_000_u32).flat_map(|i| (i / 7).to_le_bytes()).collect();
        let bytes = member(&contents);
        let GzipHeader::Whole(header) = parse_header(&bytes) else {
            panic!("no header");
        };
        for (read, write) in [(1, 1000), (777, 333), (usize::MAX, usize::MAX)] {
            let mut inflater = Inflater::new();
            inflater.reset();
            let (mut at, mut out) = (header, Vec::new());
            loop {
                let mut piece = vec![0; write.min(contents.len() + 1)];
                let end = at.saturating_add(read).min(bytes.len());
                let step = inflater.step(&bytes[at..end], &mut piece);
                at += step.consumed;
                out.extend_from_slice(&piece[..step.produced]);
                match step.state {
                    StepState::More => {}
                    StepState::Done => break,
                    StepState::Broken(message) => panic!("{message}"),
                }
            }
            assert!(out == contents);
            let mut trailer: [u8; 8] = bytes[at..].try_into().unwrap();
            assert_eq!(inflater.check(trailer), Ok(()));
            trailer[0] ^= 1;
            assert!(inflater.check(trailer).unwrap_err().contains("CRC-32"));
            trailer[0] ^= 1;
            trailer[7] ^= 1;
            assert!(inflater.check(trailer).unwrap_err().contains("bytes"));
        }
    }

    #[test]
    fn only_members_of_records_are_taken_for_such() {
        let mut inflater = Inflater::new();
        let mut probe = |bytes: &[u8]| inflater.probe(bytes, true);
        assert_eq!(probe(&member(b"WARC/1.0\r\n")), Probe::Record);
        assert_eq!(probe(&member(b"\r\nWARC/1.0\r\n")), Probe::Record);
        assert_eq!(probe(&member(b"HTTP/1.1")), Probe::Other);
        for nothing in
            [&member(b"")[..], b"\x1f\x8b\x08\0\0\0\0\0\0\0WARC/1.0\r\n", b"\x1f\x8b", b""]
        {
            assert_eq!(probe(nothing), Probe::Nothing);
        }
        let bytes = member(b"\r\nWARC/1.0\r\n");
        for end in 0..bytes.len() {
            let found = inflater.probe(&bytes[..end], false);
            assert!(matches!(found, Probe::Unclear | Probe::Record), "{end}: {found:?}");
        }
    }
}
