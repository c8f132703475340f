//! A shard as a sequence of batches.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::Input;
use crate::document::{Document, Location};
use crate::pool::parquet::{OpenError, ParquetReader};
use crate::pool::{self, JsonlReader};
use crate::shards::{Format, Shard};
use crate::store::Failure;
use crate::warc::{self, RecordKind};

/// Bytes of a batch: enough work to pay for its way through the channel, little enough that many
/// are in flight.
const BATCH_BYTES: usize = 4 << 20;
/// Units of a batch at most, so that tiny records do not make giant batches.
const BATCH_UNITS: usize = 2048;
/// What a unit is taken to hold besides its strings: headers and places.
const UNIT_BYTES: usize = 1024;
/// Rows that a damaged row group may lose one by one; a larger number is claimed by a footer that
/// cannot be trusted, and is one failure.
const LOST_ROWS: u64 = 1 << 21;

/// One thing of a shard that a worker turns into a document, a failure or a count.
pub(super) enum Unit {
    /// A WARC record of a kind that may hold a page.
    Record(warc::Record),
    /// A document of a pool.
    Document(Document),
    /// What could not be read.
    Failure(Failure),
    /// A record of a kind not asked for.
    Other(RecordKind),
}

impl Unit {
    /// Bytes of the strings that the unit holds.
    fn bytes(&self) -> usize {
        let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        match self {
            Self::Record(record) => record.block.len(),
            Self::Document(document) => document.text.len() + document.id.len() + of(&document.url),
            Self::Failure(failure) => failure.message.len() + of(&failure.id) + of(&failure.url),
            Self::Other(kind) => kind.as_str().len(),
        }
    }
}

/// Consecutive units of a shard; where batches end depends on the shard's bytes alone.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) units: Vec<Unit>,
    /// Bytes held.
    pub(super) bytes: usize,
}

impl Batch {
    /// What is left of a batch; `None` if nothing is.
    pub(super) fn rest(units: impl Iterator<Item = Unit>) -> Option<Self> {
        let units: Vec<Unit> = units.collect();
        // Its bytes are held by the batch that it is the rest of.
        (!units.is_empty()).then_some(Self { units, bytes: 0 })
    }

    fn push(&mut self, unit: Unit) {
        self.bytes += UNIT_BYTES + unit.bytes();
        self.units.push(unit);
    }

    fn is_full(&self) -> bool {
        self.bytes >= BATCH_BYTES || self.units.len() >= BATCH_UNITS
    }
}

/// An open shard.
pub(super) struct Source {
    reader: Reader,
    file: String,
    /// Rows lost with a row group that are still to be told, and what is to be told of each.
    lost: Range<u64>,
    loss: Option<Failure>,
}

enum Reader {
    Warc(Box<warc::Reader<Counted>>),
    Jsonl(Box<JsonlReader<Counted>>),
    Parquet(Box<ParquetReader>),
    /// A Parquet file without a whole footer: one failure.
    Broken(Option<String>),
}

/// A file that counts the bytes read from it, for the progress display.
pub(super) struct Counted {
    file: BufReader<File>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// The fields of pools as the pipeline names them.
pub(super) fn fields(input: &Input) -> pool::Fields {
    pool::Fields {
        text: input.text_field.clone(),
        id: input.id_field.clone(),
        url: input.url_field.clone(),
        date: input.date_field.clone(),
    }
}

impl Source {
    /// Opens a shard; `read` counts the stored bytes as they are read.
    pub(super) fn open(shard: &Shard, input: &Input, read: &Arc<AtomicU64>) -> io::Result<Self> {
        let max_record_bytes = input.max_record_bytes.0;
        let limits = pool::Limits {
            max_record_bytes: usize::try_from(max_record_bytes).unwrap_or(usize::MAX),
        };
        let counted = || {
            let file = BufReader::with_capacity(256 << 10, File::open(&shard.path)?);
            io::Result::Ok(Counted { file, read: Arc::clone(read) })
        };
        let reader = match shard.format {
            Format::Warc => {
                let limits = warc::Limits { max_record_bytes, ..warc::Limits::default() };
                Reader::Warc(Box::new(warc::Reader::new(counted()?, limits)))
            }
            Format::Jsonl => Reader::Jsonl(Box::new(JsonlReader::new(
                counted()?,
                shard.compression,
                shard.given.clone(),
                fields(input),
                limits,
            )?)),
            Format::Parquet => {
                let file = shard.given.clone();
                match ParquetReader::open(&shard.path, file, fields(input), limits) {
                    Ok(reader) => Reader::Parquet(Box::new(reader)),
                    Err(OpenError::Io(error)) => return Err(error),
                    Err(error) => Reader::Broken(Some(error.to_string())),
                }
            }
        };
        Ok(Self { reader, file: shard.given.clone(), lost: 0..0, loss: None })
    }

    /// The next batch; `None` at the end of the shard.
    pub(super) fn next(&mut self) -> io::Result<Option<Batch>> {
        let mut batch = Batch::default();
        while !batch.is_full() {
            self.add_lost(&mut batch);
            if batch.is_full() {
                break;
            }
            let more = match &mut self.reader {
                Reader::Warc(reader) => match reader.next()? {
                    Some(item) => {
                        batch.push(from_warc(item, &self.file));
                        true
                    }
                    None => false,
                },
                Reader::Jsonl(reader) => {
                    let item = reader.next()?;
                    self.take_pool_item(item, &mut batch)
                }
                Reader::Parquet(reader) => {
                    let item = reader.next()?;
                    self.take_pool_item(item, &mut batch)
                }
                Reader::Broken(message) => match message.take() {
                    Some(message) => {
                        batch.push(Unit::Failure(Failure {
                            location: Location { file: self.file.clone(), ..Location::default() },
                            kind: "corrupt_input",
                            message,
                            id: None,
                            url: None,
                        }));
                        true
                    }
                    None => false,
                },
            };
            if !more && self.loss.is_none() {
                break;
            }
        }
        Ok((!batch.units.is_empty()).then_some(batch))
    }
}

fn from_warc(item: warc::Item, file: &str) -> Unit {
    match item {
        warc::Item::Record(record) => match record.kind {
            RecordKind::Response | RecordKind::Resource | RecordKind::Conversion => {
                Unit::Record(record)
            }
            kind => Unit::Other(kind),
        },
        warc::Item::Failure(failure) => Unit::Failure(Failure {
            location: Location {
                file: file.to_owned(),
                offset: Some(failure.offset),
                length: failure.length,
            },
            kind: failure.kind,
            message: failure.message,
            id: failure.record_id,
            url: failure.url,
        }),
    }
}

impl Source {
    /// Takes what a pool's reader gave; false at its end.
    fn take_pool_item(&mut self, item: Option<pool::Item>, batch: &mut Batch) -> bool {
        match item {
            None => return false,
            Some(pool::Item::Document(document)) => batch.push(Unit::Document(document)),
            Some(pool::Item::Failure { offset, length, kind, message, id, row, rows }) => {
                let location = Location { file: self.file.clone(), offset, length };
                let failure = Failure { location, kind, message, id, url: None };
                if rows > LOST_ROWS {
                    let last = row.saturating_add(rows - 1);
                    let message = format!("rows {row} to {last}: {}", failure.message);
                    batch.push(Unit::Failure(Failure { message, ..failure }));
                } else {
                    self.lost = row..row + rows.max(1);
                    self.loss = Some(failure);
                }
            }
        }
        true
    }

    /// Adds the rows of a loss until the batch is full; every lost row gets its own.
    fn add_lost(&mut self, batch: &mut Batch) {
        let Some(failure) = &self.loss else { return };
        while !batch.is_full() {
            let Some(row) = self.lost.next() else {
                self.loss = None;
                return;
            };
            let message = format!("row {row}: {}", failure.message);
            batch.push(Unit::Failure(Failure { message, ..failure.clone() }));
        }
    }
}
