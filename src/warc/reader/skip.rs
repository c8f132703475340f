//! From damage to the next record.

use std::io::{self, Read};

use memchr::memmem;

use super::super::gzip::{GZIP_MAGIC, Probe};
use super::super::header::{Search, find_record};
use super::super::segments::Place;
use super::Reader;

impl<R: Read> Reader<R> {
    /// Consumes `from` bytes and all others up to the next record, or to the segment's end.
    pub(super) fn skip_to_record(&mut self, from: usize, place: Place) -> io::Result<()> {
        self.segments.consume(from);
        if self.trusts_member_end(place) {
            loop {
                self.segments.consume(usize::MAX);
                if !self.segments.more()? {
                    return Ok(());
                }
            }
        }
        // In a gzip file, plain text between members is no place to look for records: it is the
        // inside of a member whose header is damaged.
        let plain = self.segments.is_plain();
        let records = !plain || self.segments.is_gzip_file() == Some(false);
        let mut line_start = true;
        let mut at_end = false;
        loop {
            let data = self.segments.data();
            let mut found = if records {
                find_record(data, line_start, at_end)
            } else {
                Search::NotBefore(data.len())
            };
            if plain {
                found = self.earlier_member(found, at_end);
            }
            match found {
                Search::At(at) => {
                    self.segments.consume(at);
                    return Ok(());
                }
                Search::NotBefore(at) => {
                    self.segments.consume(at);
                    line_start &= at == 0;
                }
            }
            if at_end {
                return Ok(());
            }
            at_end = !self.segments.more_of_record()?;
        }
    }

    /// Looks for a gzip member in plain bytes, before what else was found there.
    fn earlier_member(&mut self, found: Search, at_end: bool) -> Search {
        let end = match found {
            Search::At(at) | Search::NotBefore(at) => at,
        };
        let mut from = 0;
        while let Some(hit) = memmem::find(&self.segments.data()[from..], &GZIP_MAGIC) {
            let at = from + hit;
            if at >= end {
                break;
            }
            match self.segments.probe(at, at_end) {
                Probe::Record => return Search::At(at),
                Probe::Unclear => return Search::NotBefore(at),
                Probe::Other | Probe::Nothing => {}
            }
            from = at + 1;
        }
        match found {
            // The first bytes of a magic may be at the very end.
            Search::NotBefore(at) if !at_end => {
                let tail = self.segments.data().len().saturating_sub(GZIP_MAGIC.len() - 1);
                Search::NotBefore(at.min(tail.max(from)))
            }
            other => other,
        }
    }
}
