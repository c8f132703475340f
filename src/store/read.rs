//! Reading a run's Parquet files: the columns asked for, row group by row group.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowSelection,
};

use super::StoreError;

/// A Parquet file of a run directory.
///
/// Its footer, which grows with columns and row groups, is read again whenever a row group is: of
/// thousands of shards all footers together would not fit the memory.
pub struct StoredFile {
    path: PathBuf,
    /// Rows by row group.
    groups: Vec<u64>,
}

impl StoredFile {
    /// Reads the footer.
    ///
    /// # Errors
    /// If the file cannot be read or is no whole Parquet file.
    pub fn open(path: PathBuf) -> Result<Self, StoreError> {
        let (_, metadata) = load(&path).map_err(|error| StoreError::new(&path, error))?;
        let groups = metadata.metadata().row_groups().iter();
        let groups = groups.map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).collect();
        Ok(Self { path, groups })
    }

    /// Where the file stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Rows by row group.
    pub fn groups(&self) -> &[u64] {
        &self.groups
    }

    /// Passes over rows of a row group, those in `ranges` or all, `rows` at a time, with these columns
    /// alone; a field of a struct is named `column.field`.
    ///
    /// # Errors
    /// If the file cannot be read, or lacks a column.
    pub fn read(
        &self,
        group: usize,
        ranges: Option<&[Range<usize>]>,
        columns: &[&str],
        rows: usize,
    ) -> Result<Rows, StoreError> {
        let at = |error: io::Error| StoreError::new(&self.path, error);
        let (file, metadata) = load(&self.path).map_err(at)?;
        let schema = metadata.metadata().file_metadata().schema_descr();
        for column in columns {
            let is_it = |path: &str| path == *column || path.starts_with(&format!("{column}."));
            if !schema.columns().iter().any(|leaf| is_it(&leaf.path().string())) {
                return Err(at(io::Error::other(format!("there is no column `{column}`"))));
            }
        }
        let mask = ProjectionMask::columns(schema, columns.iter().copied());
        let mut reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_row_groups(vec![group])
            .with_projection(mask)
            .with_batch_size(rows);
        if let Some(ranges) = ranges {
            let of_group = self.groups.get(group).copied().unwrap_or(0);
            let of_group = usize::try_from(of_group).unwrap_or(usize::MAX);
            let selection = RowSelection::from_consecutive_ranges(ranges.iter().cloned(), of_group);
            reader = reader.with_row_selection(selection);
        }
        let reader = reader.build().map_err(|error| at(error.into()))?;
        Ok(Rows { path: self.path.clone(), reader })
    }
}

impl StoredFile {
    /// A row of a row group with these columns.
    ///
    /// # Errors
    /// If the file cannot be read, lacks a column, or has no such row.
    pub fn row(
        &self,
        group: usize,
        row: usize,
        columns: &[&str],
    ) -> Result<RecordBatch, StoreError> {
        let range = row..row + 1;
        let mut rows = self.read(group, Some(std::slice::from_ref(&range)), columns, 1)?;
        rows.next().unwrap_or_else(|| {
            Err(StoreError::new(&self.path, io::Error::other("there is no such row")))
        })
    }
}

fn load(path: &Path) -> io::Result<(File, ArrowReaderMetadata)> {
    let file = File::open(path)?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    Ok((file, metadata))
}

/// The rows of a row group.
pub struct Rows {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
}

impl Iterator for Rows {
    type Item = Result<RecordBatch, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(batch.map_err(|error| StoreError::new(&self.path, io::Error::other(error))))
    }
}

/// A column of a batch, or as `column.field` the field of a struct.
///
/// # Errors
/// If there is none: the file is not one of gristmill's.
pub fn column(batch: &RecordBatch, name: &str, path: &Path) -> Result<ArrayRef, StoreError> {
    let missing =
        || StoreError::new(path, io::Error::other(format!("there is no column `{name}`")));
    let Some((column, field)) = name.split_once('.') else {
        return batch.column_by_name(name).cloned().ok_or_else(missing);
    };
    let outer = batch.column_by_name(column).ok_or_else(missing)?;
    let outer = outer.as_any().downcast_ref::<StructArray>().ok_or_else(missing)?;
    outer.column_by_name(field).cloned().ok_or_else(missing)
}
