//! A file as its segments: gzip members, and stretches of plain bytes before, between and after.
//!
//! The inflated bytes of the current segment stand in a window. A record that goes on in the next
//! member keeps its window; otherwise a segment begins with an empty one.

use std::collections::VecDeque;
use std::io::{self, Read};

use memchr::memmem;

use super::gzip::{
    GZIP_MAGIC, GzipHeader, Inflater, MAX_HEADER_BYTES, PROBE_BYTES, Probe, StepState,
    TRAILER_BYTES, parse_header,
};
use super::input::Input;
use super::window::Window;

/// Room made in the window for one step, in bytes.
const STEP_BYTES: usize = 64 << 10;
/// Plain bytes taken into the window at first, doubled from step to step.
const FIRST_PLAIN_STEP_BYTES: usize = 4 << 10;
/// Members that one record may lie across; more are taken for the record's end.
const MAX_MEMBERS_PER_RECORD: usize = 1 << 16;

/// How a segment ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Whole, its checksum right.
    Whole,
    /// Whole by its length, but the checksum is not that of the contents.
    BadChecksum(String),
    /// It could not be read on.
    Corrupt(String),
    /// The file ended first.
    Truncated,
}

/// A segment's beginning.
#[derive(Clone, Copy, Debug)]
struct Mark {
    /// Position of its first inflated byte (blanks before a record are passed over).
    position: u64,
    /// Stored offset of its first byte.
    offset: u64,
    gzip: bool,
}

#[derive(Debug)]
enum State {
    /// Between segments.
    Between,
    /// In a gzip member.
    Member,
    /// In plain bytes.
    Plain,
    /// All bytes of a segment are in the window or consumed.
    Ended(End),
}

/// Where the first byte of the window is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Offset of the byte itself, or of its gzip member.
    pub(crate) offset: u64,
    /// Whether it is in a gzip member.
    pub(crate) gzip: bool,
    /// Whether nothing but blanks precedes it in its member; always so in plain bytes.
    pub(crate) first: bool,
}

/// A file's segments, one after the other.
#[derive(Debug)]
pub(crate) struct Segments<R> {
    input: Input<R>,
    window: Window,
    inflater: Inflater,
    state: State,
    /// Segments that the window's bytes come from; one but for records across members.
    marks: VecDeque<Mark>,
    plain_step_bytes: usize,
    /// Whether the file's first segment was a gzip member; `None` before it.
    is_gzip_file: Option<bool>,
    /// Whether records of this file go on from member to member.
    is_split: bool,
}

impl<R: Read> Segments<R> {
    pub(crate) fn new(reader: R) -> Segments<R> {
        Segments {
            input: Input::new(reader),
            window: Window::new(),
            inflater: Inflater::new(),
            state: State::Between,
            marks: VecDeque::new(),
            plain_step_bytes: FIRST_PLAIN_STEP_BYTES,
            is_gzip_file: None,
            is_split: false,
        }
    }

    /// The inflated bytes at hand.
    pub(crate) fn data(&self) -> &[u8] {
        self.window.data()
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        self.window.consume(bytes);
    }

    /// Stored offset of the next byte that no segment has taken yet.
    pub(crate) fn stored_offset(&self) -> u64 {
        self.input.offset()
    }

    /// How the current segment ended; `None` while it goes on.
    pub(crate) fn end(&self) -> Option<&End> {
        match &self.state {
            State::Ended(end) => Some(end),
            _ => None,
        }
    }

    /// Whether the current segment is plain bytes.
    pub(crate) fn is_plain(&self) -> bool {
        self.marks.back().is_some_and(|mark| !mark.gzip)
    }

    /// Whether the file began with a gzip member; `None` where nothing but blanks was read.
    pub(crate) fn is_gzip_file(&self) -> Option<bool> {
        self.is_gzip_file
    }

    /// Whether records of this file go on from member to member, as far as was seen.
    pub(crate) fn is_split(&self) -> bool {
        self.is_split
    }

    /// Where the window's first byte is stored.
    pub(crate) fn place(&mut self) -> Place {
        let position = self.window.position();
        while self.marks.get(1).is_some_and(|m| m.position <= position) {
            self.marks.pop_front();
        }
        match self.marks.front() {
            Some(mark) if mark.gzip => {
                Place { offset: mark.offset, gzip: true, first: mark.position == position }
            }
            Some(mark) => {
                Place { offset: mark.offset + (position - mark.position), gzip: false, first: true }
            }
            None => Place { offset: self.input.offset(), gzip: false, first: true },
        }
    }

    /// Consumes blanks between records, which belong to no record.
    pub(crate) fn consume_blanks(&mut self, bytes: usize) {
        let first = self.place().first;
        self.window.consume(bytes);
        if let Some(mark) = self.marks.front_mut()
            && mark.gzip
            && first
        {
            mark.position = self.window.position();
        }
    }

    /// Goes to the next segment; false at the end of the file.
    ///
    /// Blanks between segments are passed over. A segment that cannot even begin has ended.
    pub(crate) fn open(&mut self) -> io::Result<bool> {
        loop {
            self.input.ensure(GZIP_MAGIC.len())?;
            let available = self.input.available();
            if available.is_empty() {
                return Ok(false);
            }
            let blanks = count_blanks(available);
            if blanks == 0 {
                break;
            }
            self.input.consume(blanks);
        }
        let available = self.input.available();
        let gzip = available.starts_with(&GZIP_MAGIC[..2]) || available == &GZIP_MAGIC[..1];
        self.is_gzip_file.get_or_insert(gzip);
        let mark = Mark { position: self.window.end_position(), offset: self.input.offset(), gzip };
        if self.window.data().is_empty() {
            self.marks.clear();
        } else if self.marks.back().map(|last| last.position) == Some(mark.position) {
            // The member before was empty.
            self.marks.pop_back();
        }
        self.marks.push_back(mark);
        self.state = if gzip { self.open_member()? } else { State::Plain };
        Ok(true)
    }

    fn open_member(&mut self) -> io::Result<State> {
        let mut header = parse_header(self.input.available());
        if header == GzipHeader::Partial {
            self.input.ensure(MAX_HEADER_BYTES)?;
            header = parse_header(self.input.available());
        }
        Ok(match header {
            GzipHeader::Whole(bytes) => {
                self.input.consume(bytes);
                self.inflater.reset();
                State::Member
            }
            GzipHeader::Partial => {
                self.input.consume(MAX_HEADER_BYTES);
                State::Ended(End::Truncated)
            }
            GzipHeader::Bad(reason) => State::Ended(End::Corrupt(reason.into())),
        })
    }

    /// Puts more bytes of the current segment into the window; false where it ended.
    pub(crate) fn more(&mut self) -> io::Result<bool> {
        loop {
            match self.state {
                State::Between | State::Ended(_) => return Ok(false),
                State::Plain => {
                    self.input.ensure(1)?;
                    let available = self.input.available();
                    if available.is_empty() {
                        self.state = State::Ended(End::Whole);
                        return Ok(false);
                    }
                    // Between members a plain segment is often short, and read again as a member.
                    let length = available.len().min(self.plain_step_bytes);
                    self.plain_step_bytes = (2 * self.plain_step_bytes).min(STEP_BYTES);
                    self.window.spare(length)[..length].copy_from_slice(&available[..length]);
                    self.window.written(length);
                    self.input.consume(length);
                    return Ok(true);
                }
                State::Member => {
                    self.input.ensure(1)?;
                    let output = self.window.spare(STEP_BYTES);
                    let step = self.inflater.step(self.input.available(), output);
                    self.input.consume(step.consumed);
                    self.window.written(step.produced);
                    match step.state {
                        StepState::Done => self.state = State::Ended(self.close_member()?),
                        StepState::Broken(message) => {
                            self.state = State::Ended(End::Corrupt(message));
                        }
                        StepState::More if step.consumed == 0 && step.produced == 0 => {
                            self.state = State::Ended(End::Truncated);
                        }
                        StepState::More => {}
                    }
                    if step.produced > 0 {
                        return Ok(true);
                    }
                }
            }
        }
    }

    /// Reads and checks a member's trailer.
    fn close_member(&mut self) -> io::Result<End> {
        self.input.ensure(TRAILER_BYTES)?;
        let available = self.input.available();
        let Some(trailer) = available.first_chunk() else {
            let left = available.len();
            self.input.consume(left);
            return Ok(End::Truncated);
        };
        let end = match self.inflater.check(*trailer) {
            Ok(()) => End::Whole,
            Err(message) => End::BadChecksum(message),
        };
        self.input.consume(TRAILER_BYTES);
        Ok(end)
    }

    /// Like [`Segments::more`], but at a member's end goes on in the next one unless a record
    /// begins there: some writers cut members without regard to records.
    pub(crate) fn more_of_record(&mut self) -> io::Result<bool> {
        loop {
            if self.more()? {
                return Ok(true);
            }
            if self.is_plain()
                || self.end() != Some(&End::Whole)
                || self.marks.len() >= MAX_MEMBERS_PER_RECORD
            {
                return Ok(false);
            }
            self.input.ensure(GZIP_MAGIC.len())?;
            if !self.input.available().starts_with(&GZIP_MAGIC) {
                return Ok(false);
            }
            self.input.ensure(PROBE_BYTES)?;
            match self.inflater.probe(self.input.available(), true) {
                // Where members are cut without regard to records, one may begin with a quotation.
                Probe::Record if !self.is_split => return Ok(false),
                Probe::Other => self.is_split = true,
                _ => {}
            }
            self.open()?;
        }
    }

    /// Turns the plain bytes from the window's start on into a segment of their own, which a gzip
    /// member may begin; false where too much would be read again.
    pub(crate) fn reopen(&mut self) -> io::Result<bool> {
        if !self.input.unread(self.window.data()) {
            return Ok(false);
        }
        self.window.consume(usize::MAX);
        self.open()
    }

    /// What the gzip member at the window's byte `at` begins with, as [`Inflater::probe`] says it.
    pub(crate) fn probe(&mut self, at: usize, at_end: bool) -> Probe {
        self.inflater.probe(&self.window.data()[at..], at_end)
    }

    /// Goes behind a damaged member: to the next member that holds a record, or to the end.
    ///
    /// The search begins inside the damaged member, because reading may have run over its end, even
    /// to the sound end of the next one. It looks for members alone: plain text inside deflate data
    /// is no place to go on from.
    pub(crate) fn skip_damage(&mut self) -> io::Result<()> {
        self.window.consume(usize::MAX);
        self.state = State::Between;
        let Some(mark) = self.marks.pop_back() else {
            return Ok(());
        };
        self.marks.clear();
        self.input.rewind(mark.offset + 1);
        loop {
            let available = self.input.available();
            let Some(at) = memmem::find(available, &GZIP_MAGIC) else {
                let done = available.len().saturating_sub(GZIP_MAGIC.len() - 1);
                self.input.consume(done);
                if !self.input.fill()? {
                    self.input.consume(GZIP_MAGIC.len());
                    return Ok(());
                }
                continue;
            };
            self.input.consume(at);
            self.input.ensure(PROBE_BYTES)?;
            if self.inflater.probe(self.input.available(), true) == Probe::Record {
                return Ok(());
            }
            self.input.consume(1);
        }
    }
}

/// Leading bytes that separate records and belong to none: line ends and NUL padding.
pub(crate) fn count_blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n' | 0)).count()
}
