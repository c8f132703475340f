//! Parquet: the named leaf columns alone, row group by row group.
//!
//! Memory is that of the pages under the rows being read, which the writer of the file chose: a
//! page is inflated whole, and no cap of ours reaches into it.

mod batch;
mod columns;
mod file;

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};

use self::batch::Batch;
pub use self::columns::ColumnFault;
use self::columns::Columns;
use self::file::Source;
use super::{Fault, Fields, Item, Limits};
use crate::document::Location;

/// Bytes that a batch aims at, uncompressed.
const BATCH_BYTES: u64 = 4 << 20;
/// Most rows of a batch.
const BATCH_ROWS: u64 = 1024;

/// Why a file cannot be read as a pool.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be opened or read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is no Parquet file, or is cut off or damaged in the metadata at its end.
    #[error("not a whole Parquet file: {0}")]
    Corrupt(String),
    /// Fields for which there is no column that can hold them; all of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Columns(Vec<ColumnFault>),
}

/// Says whether a file has the columns that the fields name; reads its metadata alone.
///
/// # Errors
/// Those of [`ParquetReader::open`].
pub fn check(path: &Path, fields: &Fields) -> Result<(), OpenError> {
    let source = Source::new(File::open(path)?)?;
    let metadata = load(&source)?;
    Columns::find(&metadata, fields).map(drop).map_err(OpenError::Columns)
}

/// Reads documents from a Parquet file.
pub struct ParquetReader {
    source: Source,
    metadata: ArrowReaderMetadata,
    columns: Columns,
    mask: ProjectionMask,
    file: String,
    fields: Fields,
    limits: Limits,
    group: usize,
    /// Row of the file at which the group starts.
    group_start: u64,
    /// Rows of the group that have been read, those of the batch included.
    group_rows_read: u64,
    open: Option<ParquetRecordBatchReader>,
    /// After an error the rows of the group are read one by one, so that none is lost that can
    /// be had.
    one_by_one: bool,
    batch: Option<Batch>,
    /// The next row of the batch.
    at: usize,
}

impl ParquetReader {
    /// Opens a file; `file` is how documents name it.
    ///
    /// Text and URL are read from strings (plain, large, view or dictionary, or bytes without an
    /// annotation), the id also from integers, the date also from timestamps and dates. Lists and
    /// maps are not reached into.
    ///
    /// # Errors
    /// A file that cannot be read, is no Parquet file, or lacks a column, in which case the error
    /// has the columns there are.
    pub fn open(
        path: &Path,
        file: String,
        fields: Fields,
        limits: Limits,
    ) -> Result<Self, OpenError> {
        let source = Source::new(File::open(path)?)?;
        let metadata = load(&source)?;
        let columns = Columns::find(&metadata, &fields).map_err(OpenError::Columns)?;
        let metadata = guarded(&source, || {
            columns.as_byte_views(&source, &metadata).map_err(|e| e.to_string())
        })?
        .map_err(|fault| OpenError::Corrupt(fault.message))?;
        let mask = columns.mask(metadata.parquet_schema());
        Ok(Self {
            source,
            metadata,
            columns,
            mask,
            file,
            fields,
            limits,
            group: 0,
            group_start: 0,
            group_rows_read: 0,
            open: None,
            one_by_one: false,
            batch: None,
            at: 0,
        })
    }

    /// The next row. A row group that cannot be read to its end closes with one failure for the
    /// rest of its rows, and the next one follows.
    ///
    /// # Errors
    /// Those of the file system.
    #[expect(clippy::should_implement_trait, reason = "an error of the environment ends the file")]
    pub fn next(&mut self) -> io::Result<Option<Item>> {
        loop {
            if let Some(batch) = &self.batch
                && self.at < batch.rows
            {
                let row = self.group_start + self.group_rows_read - (batch.rows - self.at) as u64;
                let result = batch.row(self.at, row, &self.fields, self.limits);
                self.at += 1;
                return Ok(Some(match result {
                    Ok(row) => Item::Document(row.into_document(Location {
                        file: self.file.clone(),
                        ..Location::default()
                    })),
                    Err((fault, id)) => failure(fault, id, row, 1),
                }));
            }
            self.batch = None;
            let groups = self.metadata.metadata().row_groups();
            let Some(group) = groups.get(self.group) else { return Ok(None) };
            let group_rows = u64::try_from(group.num_rows()).unwrap_or(0);
            let left = group_rows.saturating_sub(self.group_rows_read);
            if left == 0 {
                self.next_group(group_rows);
                continue;
            }
            match self.read_batch(left)? {
                Ok(batch) => {
                    self.group_rows_read += batch.rows as u64;
                    (self.batch, self.at) = (Some(batch), 0);
                }
                Err(_) if !self.one_by_one => (self.open, self.one_by_one) = (None, true),
                Err(fault) => {
                    let row = self.group_start + self.group_rows_read;
                    let message = format!(
                        "row group {}, {left} rows from here: {}",
                        self.group, fault.message
                    );
                    self.next_group(group_rows);
                    return Ok(Some(failure(Fault { message, ..fault }, None, row, left)));
                }
            }
        }
    }

    fn next_group(&mut self, group_rows: u64) {
        self.group += 1;
        self.group_start += group_rows;
        self.group_rows_read = 0;
        (self.open, self.one_by_one) = (None, false);
    }

    /// The next batch of the group, of at least one row and no more than are left.
    fn read_batch(&mut self, left: u64) -> io::Result<Result<Batch, Fault>> {
        let Self { source, metadata, columns, mask, group, group_rows_read, .. } = self;
        let one_by_one = self.one_by_one;
        let open = self.open.take();
        let result = guarded(source, || {
            let mut reader = match open {
                Some(reader) => reader,
                None => {
                    let rows = if one_by_one { 1 } else { batch_rows(metadata, columns, *group) };
                    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
                        source.clone(),
                        metadata.clone(),
                    );
                    let builder = builder
                        .with_row_groups(vec![*group])
                        .with_projection(mask.clone())
                        .with_batch_size(rows);
                    let skip = usize::try_from(*group_rows_read).map_err(|e| e.to_string())?;
                    let builder = if skip > 0 { builder.with_offset(skip) } else { builder };
                    builder.build().map_err(|e| e.to_string())?
                }
            };
            let batch = match reader.next() {
                None => return Err("fewer rows than the metadata says".to_owned()),
                Some(batch) => batch.map_err(|e| e.to_string())?,
            };
            if batch.num_rows() == 0 || batch.num_rows() as u64 > left {
                return Err("another number of rows than the metadata says".to_owned());
            }
            let batch = Batch::new(&batch, columns).map_err(|e| e.to_string())?;
            Ok((reader, batch))
        })?;
        Ok(result.map(|(reader, batch)| {
            self.open = Some(reader);
            batch
        }))
    }
}

/// Rows of this group that make about a batch of bytes.
fn batch_rows(metadata: &ArrowReaderMetadata, columns: &Columns, group: usize) -> usize {
    let group = metadata.metadata().row_group(group);
    let rows = u64::try_from(group.num_rows()).unwrap_or(0).max(1);
    let row_bytes = (columns.bytes(group) / rows).max(1);
    (BATCH_BYTES / row_bytes).clamp(1, BATCH_ROWS) as usize
}

fn load(source: &Source) -> Result<ArrowReaderMetadata, OpenError> {
    // Types are taken from Parquet itself: an embedded Arrow schema adds nothing that is wanted
    // here, and can contradict the columns.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    guarded(source, || ArrowReaderMetadata::load(source, options).map_err(|e| e.to_string()))?
        .map_err(|fault| OpenError::Corrupt(fault.message))
}

/// Runs the decoder: a panic on damaged bytes is a fault like any other, and an error of the file
/// system is an error of its own.
fn guarded<T>(
    source: &Source,
    decode: impl FnOnce() -> Result<T, String>,
) -> io::Result<Result<T, Fault>> {
    // Whatever was in use when it panicked is dropped with the closure.
    let result = catch_unwind(AssertUnwindSafe(decode));
    if let Some(error) = source.take_error() {
        return Err(error);
    }
    let result = result.unwrap_or_else(|_| Err("the decoder panicked".to_owned()));
    Ok(result.map_err(|message| Fault::new("corrupt_input", message)))
}

fn failure(fault: Fault, id: Option<String>, row: u64, rows: u64) -> Item {
    let Fault { kind, message } = fault;
    Item::Failure { offset: None, length: None, kind, message, id, row, rows }
}

#[cfg(test)]
mod tests;
