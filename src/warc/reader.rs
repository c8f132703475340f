//! Where records begin and end, and how to go on when they do not.
//!
//! A record's end is believed when what follows it is a boundary: another record, the end of its
//! gzip member or of the file, or a blank line. Otherwise its Content-Length is wrong, and reading
//! goes on at the next version line, which may be inside what was taken for its block. Nothing is
//! consumed before that is settled.

mod garbage;
mod lengths;
mod skip;
#[cfg(test)]
mod tests;

use std::io::{self, Read};

use garbage::unsupported;

use super::gzip::GZIP_MAGIC;
use super::header::{Header, HeaderEnd, MAGIC, MAX_VERSION_LINE_BYTES, find_end, has_magic};
use super::record::{record_id, target_uri};
use super::segments::{End, Place, Segments, count_blanks};
use super::{Failure, Fields, Item, Limits, Record, RecordKind};

/// Bytes after a block that are looked at for what follows it; blanks are passed over.
const MAX_AFTER_BYTES: usize = 64 << 10;

/// Reads the records of one file, whatever its layout: plain, a gzip member a record, one member
/// for all, or any mixture.
///
/// ```
/// use gristmill::warc::{Item, Limits, Reader};
///
/// let file = b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n";
/// let mut reader = Reader::new(&file[..], Limits::default());
/// while let Some(item) = reader.next()? {
///     match item {
///         Item::Record(record) => assert_eq!(record.block, b"hello"),
///         Item::Failure(failure) => panic!("{}: {}", failure.kind, failure.message),
///     }
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    segments: Segments<R>,
    limits: Limits,
    /// Whether anything was given yet.
    given: bool,
    done: bool,
    /// Whether a gzip member was seen that holds one record, and one that holds several.
    own_members: bool,
    shared_members: bool,
}

/// What stands at the place where a record could begin.
enum Boundary {
    Record,
    Garbage,
    /// The segment ended badly.
    Damage,
    EndOfFile,
}

/// What follows a block.
enum After {
    /// A boundary. `own_end`: the member ends there, with this record.
    Boundary { own_end: bool },
    /// The segment ended badly.
    Damage,
    /// Neither.
    MoreBytes,
}

/// What a failure says of the record, taken from its header before the window moves on.
struct Broken {
    place: Place,
    record_id: Option<String>,
    url: Option<String>,
}

impl Broken {
    fn nameless(place: Place) -> Broken {
        Broken { place, record_id: None, url: None }
    }

    fn named(place: Place, fields: &Fields) -> Broken {
        Broken {
            place,
            record_id: record_id(fields).map(str::to_owned),
            url: target_uri(fields).map(str::to_owned),
        }
    }
}

impl<R: Read> Reader<R> {
    /// Reads from the start of a file. `input` needs no buffer of its own.
    pub fn new(input: R, limits: Limits) -> Reader<R> {
        Reader {
            segments: Segments::new(input),
            // Sums of sizes must not overflow.
            limits: Limits {
                max_record_bytes: limits.max_record_bytes.min(1 << 40),
                max_header_bytes: limits.max_header_bytes.min(1 << 30),
            },
            given: false,
            done: false,
            own_members: false,
            shared_members: false,
        }
    }

    /// The next record or failure; `None` at the end of the file.
    ///
    /// # Errors
    /// Only what `input` itself reports. What was being read is lost then: start the file again.
    #[expect(
        clippy::should_implement_trait,
        reason = "`?` on the environment's errors comes first, then the end of the file"
    )]
    pub fn next(&mut self) -> io::Result<Option<Item>> {
        if self.done {
            return Ok(None);
        }
        let item = match self.boundary()? {
            Boundary::Record => Some(self.record()?),
            Boundary::Garbage => Some(self.garbage()?),
            Boundary::Damage => {
                let place = self.segments.place();
                Some(self.damage(Broken::nameless(place))?)
            }
            Boundary::EndOfFile => {
                self.done = true;
                let length = self.segments.stored_offset();
                let only_blanks = self.segments.is_gzip_file().is_none() && length > 0;
                only_blanks.then(|| {
                    let message = "the file is nothing but blanks".into();
                    Item::Failure(unsupported(Some(length), message))
                })
            }
        };
        self.given |= item.is_some();
        Ok(item)
    }

    /// Goes over blanks and from segment to segment to where a record could begin.
    ///
    /// Consumes nothing else, so that it may be called again.
    fn boundary(&mut self) -> io::Result<Boundary> {
        loop {
            let blanks = count_blanks(self.segments.data());
            if blanks > 0 {
                self.segments.consume_blanks(blanks);
            }
            let data = self.segments.data();
            if data.len() >= MAGIC.len() && has_magic(data) {
                return Ok(Boundary::Record);
            }
            if has_magic(data) || may_become(data, &GZIP_MAGIC) {
                // Members may even be cut inside the magic.
                let more = match data.is_empty() {
                    true => self.segments.more()?,
                    false => self.segments.more_of_record()?,
                };
                if more {
                    continue;
                }
                if !self.segments.data().is_empty() {
                    return Ok(match self.is_damaged() {
                        true => Boundary::Damage,
                        false => Boundary::Garbage,
                    });
                }
                let goes_on = match self.segments.end() {
                    None | Some(End::Whole) => self.segments.open()?,
                    Some(_) => return Ok(Boundary::Damage),
                };
                if !goes_on {
                    return Ok(Boundary::EndOfFile);
                }
            } else if data.starts_with(&GZIP_MAGIC) && self.segments.is_plain() {
                if !self.segments.reopen()? {
                    return Ok(Boundary::Garbage);
                }
            } else {
                return Ok(Boundary::Garbage);
            }
        }
    }

    /// Reads the record at the window's start.
    fn record(&mut self) -> io::Result<Item> {
        let place = self.segments.place();
        self.shared_members |= !place.first;

        let header_bytes = match self.header_end()? {
            Ok(bytes) => bytes,
            Err(fault) => return self.broken_header(place, fault),
        };
        let header = Header::parse(&self.segments.data()[..header_bytes]);
        let broken = Broken::named(place, &header.fields);
        let Some(version) = header.version.clone() else {
            let line = self.first_bytes();
            self.skip_to_record(header_bytes, place)?;
            return self.failure(broken, "bad_header", format!("version line is {line}"));
        };
        let block_bytes = match header.content_length() {
            Ok(bytes) => bytes,
            Err(message) => {
                self.skip_to_record(header_bytes, place)?;
                return self.failure(broken, "bad_content_length", message);
            }
        };
        let block_bytes = match usize::try_from(block_bytes) {
            Ok(bytes) if block_bytes <= self.limits.max_record_bytes => bytes,
            _ => return self.over_cap(broken, header_bytes, block_bytes),
        };

        let end = header_bytes + block_bytes;
        while self.segments.data().len() < end {
            if !self.segments.more_of_record()? {
                return self.ends_early(broken, header_bytes, block_bytes as u64);
            }
        }
        let own_end = match self.after(end)? {
            After::Boundary { own_end } => own_end,
            After::Damage => return self.damage(broken),
            After::MoreBytes => return self.wrong_length(broken, header_bytes, end),
        };

        let data = self.segments.data();
        let length = if !place.gzip {
            Some((end + separator_bytes(&data[end..])) as u64)
        } else if own_end && place.first {
            self.own_members = true;
            Some(self.segments.stored_offset() - place.offset)
        } else {
            None
        };
        let block = data[header_bytes..end].to_vec();
        self.segments.consume(end);
        let Some(kind) = header.fields.get("WARC-Type").map(RecordKind::parse) else {
            return self.failure(broken, "bad_header", "no WARC-Type".into());
        };
        Ok(Item::Record(Record {
            version,
            kind,
            fields: header.fields,
            block,
            offset: place.offset,
            length,
        }))
    }

    /// Bytes of the header at the window's start, or why it has no end.
    fn header_end(&mut self) -> io::Result<Result<usize, HeaderFault>> {
        let mut scanned = 0;
        loop {
            let data = self.segments.data();
            let head = &data[..data.len().min(self.limits.max_header_bytes)];
            match find_end(head, &mut scanned) {
                HeaderEnd::At(bytes) => return Ok(Ok(bytes)),
                HeaderEnd::Cut(at) => return Ok(Err(HeaderFault::Cut(at))),
                HeaderEnd::Beyond if data.len() >= self.limits.max_header_bytes => {
                    return Ok(Err(HeaderFault::OverCap));
                }
                HeaderEnd::Beyond => {}
            }
            if !self.segments.more_of_record()? {
                return Ok(Err(HeaderFault::Ended));
            }
        }
    }

    fn broken_header(&mut self, place: Place, fault: HeaderFault) -> io::Result<Item> {
        let data = self.segments.data();
        let known = match fault {
            HeaderFault::Cut(at) => at,
            _ => data.len().min(self.limits.max_header_bytes),
        };
        let header = Header::parse(&data[..known]);
        let has_line = data.contains(&b'\n');
        let broken = Broken::named(place, &header.fields);
        match fault {
            HeaderFault::Cut(at) => {
                self.segments.consume(at);
                let message = "another record begins inside the header".into();
                self.failure(broken, "bad_header", message)
            }
            HeaderFault::OverCap => {
                self.skip_to_record(MAGIC.len(), place)?;
                let message =
                    format!("the header is larger than {} bytes", self.limits.max_header_bytes);
                self.failure(broken, "header_over_cap", message)
            }
            HeaderFault::Ended if self.is_damaged() => self.damage(broken),
            HeaderFault::Ended => {
                let line = self.first_bytes();
                let cut = header.version.is_none() && known < MAX_VERSION_LINE_BYTES && !has_line;
                self.segments.consume(usize::MAX);
                if header.version.is_some() || cut {
                    let message = "the header has no end".into();
                    self.failure(broken, "truncated_record", message)
                } else {
                    self.failure(broken, "bad_header", format!("version line is {line}"))
                }
            }
        }
    }

    /// Looks at what follows the window's first `end` bytes.
    fn after(&mut self, end: usize) -> io::Result<After> {
        let mut at = end;
        loop {
            let data = self.segments.data();
            at += count_blanks(&data[at..]);
            let rest = &data[at..];
            let seen = data.len() - end;
            let blank_line = data[end..at].iter().filter(|&&b| b == b'\n').count() >= 2;
            let undecided =
                (rest.len() < MAGIC.len() && has_magic(rest)) || may_become(rest, &GZIP_MAGIC);
            let garbage = !undecided && !has_magic(rest);
            // Garbage in a member of its own may mean that the member is damaged.
            let place = self.segments.place();
            let suspect = garbage && place.gzip && place.first;
            if (undecided || suspect) && seen < MAX_AFTER_BYTES && self.segments.more()? {
                continue;
            }
            if suspect && self.is_damaged() {
                return Ok(After::Damage);
            }
            if suspect && self.trusts_member_end(place) {
                // A blank line would do elsewhere; here it is one inside the block.
                return Ok(After::MoreBytes);
            }
            let rest = &self.segments.data()[at..];
            let own_end = rest.is_empty() && self.segments.end() == Some(&End::Whole);
            let starts = (rest.len() >= MAGIC.len() && has_magic(rest))
                || (rest.starts_with(&GZIP_MAGIC) && self.segments.is_plain());
            if own_end || starts || (blank_line && !rest.is_empty()) {
                return Ok(After::Boundary { own_end });
            }
            return Ok(match self.segments.end() {
                // What was inflated before a cut is right. A record that begins its member is
                // still part of what was cut; one after others in a shared member is not.
                Some(End::Truncated) if blank_line && rest.is_empty() => {
                    if self.segments.place().first {
                        After::Damage
                    } else {
                        After::Boundary { own_end: false }
                    }
                }
                Some(End::Truncated | End::Corrupt(_) | End::BadChecksum(_)) => After::Damage,
                Some(End::Whole) | None => {
                    if rest.is_empty() {
                        // So many blanks that the window is no place for them.
                        After::Boundary { own_end: false }
                    } else {
                        After::MoreBytes
                    }
                }
            });
        }
    }

    /// The segment ended badly: reports it, with the record that was being read.
    fn damage(&mut self, broken: Broken) -> io::Result<Item> {
        let (kind, message) = match self.segments.end() {
            Some(End::BadChecksum(message)) => ("bad_checksum", message.clone()),
            Some(End::Corrupt(message)) => ("corrupt_gzip", message.clone()),
            _ => ("truncated_gzip", "the file ends inside a gzip member".into()),
        };
        // A shared member's checksum comes after its records were given.
        let shared = kind == "bad_checksum" && !broken.place.first;
        let message = match shared {
            true => message + "; other records of this member may be damaged, too",
            false => message,
        };
        self.segments.skip_damage()?;
        self.failure(broken, kind, message)
    }

    /// Whether the current segment is the member at whose start `place` is.
    fn is_same_member(&mut self, place: Place) -> bool {
        place.gzip && place.first && self.segments.place().offset == place.offset
    }

    fn is_damaged(&self) -> bool {
        !matches!(self.segments.end(), None | Some(End::Whole))
    }

    /// A failure from `broken` to the next place where a record could begin.
    fn failure(&mut self, broken: Broken, kind: &'static str, message: String) -> io::Result<Item> {
        let offset = broken.place.offset;
        let next = self.boundary()?;
        if matches!(next, Boundary::Damage) && self.is_same_member(broken.place) {
            // One failure for one member, whose damage explains the rest.
            return self.damage(broken);
        }
        let next = self.offset_of(&next);
        Ok(Item::Failure(Failure {
            offset,
            length: next.checked_sub(offset).filter(|bytes| *bytes > 0),
            kind,
            message,
            record_id: broken.record_id,
            url: broken.url,
        }))
    }

    /// Stored offset of what [`Reader::boundary`] found.
    fn offset_of(&mut self, boundary: &Boundary) -> u64 {
        match boundary {
            Boundary::EndOfFile => self.segments.stored_offset(),
            _ => self.segments.place().offset,
        }
    }
}

/// Why a header has no end.
enum HeaderFault {
    /// Another record begins at this byte of it.
    Cut(usize),
    OverCap,
    /// The segment ended first.
    Ended,
}

/// Whether more bytes could make `data` begin with `magic`, which it does not yet.
fn may_become(data: &[u8], magic: &[u8]) -> bool {
    data.len() < magic.len() && magic.starts_with(data)
}

/// Bytes of the blank line that ends a record: up to two line ends.
fn separator_bytes(bytes: &[u8]) -> usize {
    let mut length = 0;
    for _ in 0..2 {
        let rest = &bytes[length..];
        if rest.starts_with(b"\r\n") {
            length += 2;
        } else if rest.starts_with(b"\n") {
            length += 1;
        }
    }
    length
}
