//! Blocks that are not as long as their Content-Length says, or longer than the cap.

use std::io::{self, Read};

use super::super::Item;
use super::super::header::{RECOGNISED_BYTES, Search, find_record};
use super::super::segments::Place;
use super::{After, Broken, Reader};

/// How skipping a block that is over the cap ended.
enum Skipped {
    Whole,
    /// A record begins where the window now starts.
    AtRecord,
    /// The segment ended first.
    Ended,
}

impl<R: Read> Reader<R> {
    /// The block is followed by what no record is followed by.
    pub(super) fn wrong_length(
        &mut self,
        broken: Broken,
        header: usize,
        end: usize,
    ) -> io::Result<Item> {
        let place = broken.place;
        while self.segments.data().len() < end + RECOGNISED_BYTES
            && self.segments.more_of_record()?
        {}
        if let Some(at) = self.record_inside(place, header, end) {
            self.segments.consume(at);
            let message = format!(
                "Content-Length is {}, another record begins after {}",
                end - header,
                at - header
            );
            return self.failure(broken, "content_length_too_long", message);
        }
        self.skip_to_record(end, place)?;
        let message =
            format!("the record goes on after the {} bytes of its Content-Length", end - header);
        self.failure(broken, "content_length_too_short", message)
    }

    /// The segment ended inside the block.
    pub(super) fn ends_early(
        &mut self,
        broken: Broken,
        header: usize,
        length: u64,
    ) -> io::Result<Item> {
        let here = self.segments.data().len();
        if let Some(at) = self.record_inside(broken.place, header, here) {
            self.segments.consume(at);
            let message =
                format!("Content-Length is {length}, another record begins after {}", at - header);
            return self.failure(broken, "content_length_too_long", message);
        }
        if self.is_damaged() {
            return self.damage(broken);
        }
        self.segments.consume(usize::MAX);
        self.ended(broken, (here - header) as u64, length)
    }

    /// A failure for a block that its segment's sound end cut short.
    fn ended(&mut self, broken: Broken, there: u64, length: u64) -> io::Result<Item> {
        if broken.place.gzip {
            let message = format!("Content-Length is {length}, its gzip member ends after {there}");
            self.failure(broken, "content_length_too_long", message)
        } else {
            let message = format!("Content-Length is {length}, the file ends after {there}");
            self.failure(broken, "truncated_record", message)
        }
    }

    /// Skips a block that is over the cap.
    pub(super) fn over_cap(
        &mut self,
        broken: Broken,
        header: usize,
        length: u64,
    ) -> io::Result<Item> {
        self.segments.consume(header);
        let (skipped, there) = self.skip_block(broken.place, length)?;
        let cap = self.limits.max_record_bytes;
        match skipped {
            Skipped::Whole => {
                let message = format!("the block is {length} bytes, at most {cap} are read");
                self.failure(broken, "record_over_cap", message)
            }
            Skipped::AtRecord => {
                let message =
                    format!("Content-Length is {length}, another record begins after {there}");
                self.failure(broken, "content_length_too_long", message)
            }
            Skipped::Ended if self.is_damaged() => self.damage(broken),
            Skipped::Ended => self.ended(broken, there, length),
        }
    }

    /// Skips a block at the window's start without holding it; says how many bytes it went over.
    ///
    /// A version line inside is either part of the block or shows that its length is a lie. If the
    /// block's end comes within the cap, what follows it decides; otherwise the line is believed:
    /// a record too many can be seen, records swallowed cannot.
    fn skip_block(&mut self, place: Place, length: u64) -> io::Result<(Skipped, u64)> {
        let search = !self.trusts_member_end(place);
        let mut left = length;
        let mut line_start = false;
        loop {
            let here = self.segments.data().len();
            let block = usize::try_from(left).map_or(here, |left| left.min(here));
            let whole = block as u64 == left;
            let found = if search {
                find_record(&self.segments.data()[..block], line_start, whole)
            } else {
                Search::NotBefore(block)
            };
            match found {
                Search::At(at) => {
                    self.segments.consume(at);
                    left -= at as u64;
                    if !self.block_holds(left)? {
                        return Ok((Skipped::AtRecord, length - left));
                    }
                    self.segments.consume(usize::try_from(left).unwrap_or(usize::MAX));
                    return Ok((Skipped::Whole, length));
                }
                Search::NotBefore(at) => {
                    self.segments.consume(at);
                    left -= at as u64;
                    line_start &= at == 0;
                }
            }
            if left == 0 {
                return Ok((Skipped::Whole, length));
            }
            if !self.segments.more_of_record()? {
                let rest = self.segments.data().len() as u64;
                self.segments.consume(usize::MAX);
                return Ok((Skipped::Ended, length - left + rest));
            }
        }
    }

    /// Whether a block whose last `left` bytes begin at the window's start ends at a boundary.
    fn block_holds(&mut self, left: u64) -> io::Result<bool> {
        if left > self.limits.max_record_bytes {
            return Ok(false);
        }
        let Ok(left) = usize::try_from(left) else {
            return Ok(false);
        };
        while self.segments.data().len() < left {
            if !self.segments.more_of_record()? {
                return Ok(false);
            }
        }
        Ok(matches!(self.after(left)?, After::Boundary { .. }))
    }

    /// Where a record begins inside a block that is too long, unless the member's end is believed.
    fn record_inside(&mut self, place: Place, header: usize, end: usize) -> Option<usize> {
        if self.trusts_member_end(place) {
            return None;
        }
        let data = self.segments.data();
        let known = &data[..data.len().min(end + RECOGNISED_BYTES)];
        match find_record(&known[header..], true, true) {
            Search::At(at) if header + at < end => Some(header + at),
            _ => None,
        }
    }

    /// Whether a record's gzip member is its own: in this file they have been so far.
    ///
    /// Then what looks like a record inside a block is a page about archives.
    pub(super) fn trusts_member_end(&self, place: Place) -> bool {
        let own = self.own_members && !self.shared_members && !self.segments.is_split();
        own && place.gzip && place.first
    }
}
