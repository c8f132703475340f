//! Finding rows by a value, by way of bloom filters: of thousands of files hardly one is read.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::bloom_filter::Sbbf;
use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};
use parquet::schema::types::SchemaDescPtr;

use super::StoreError;

/// Rows read at a time.
const ROWS: usize = 8192;

/// Finds rows in files of one schema.
#[derive(Default)]
pub struct Lookup {
    /// The schema of the first file: that of the others need not be decoded.
    schema: Option<SchemaDescPtr>,
}

impl Lookup {
    /// A lookup in files that have the schema of this one.
    ///
    /// # Errors
    /// If the file cannot be read or is no whole Parquet file.
    pub fn like(path: &Path) -> Result<Self, StoreError> {
        let read = || {
            let file = File::open(path)?;
            Ok(footer(&file, None)?.file_metadata().schema_descr_ptr())
        };
        let schema = read().map_err(|error: io::Error| StoreError::new(path, error))?;
        Ok(Self { schema: Some(schema) })
    }

    /// The rows, each as row group and row in it, of which a column of strings has one of these
    /// values.
    ///
    /// # Errors
    /// If the file cannot be read, or lacks the column.
    pub fn rows(
        &self,
        path: &Path,
        column: &str,
        values: &[String],
    ) -> Result<Vec<(usize, usize)>, StoreError> {
        self.find(path, column, values).map_err(|error| StoreError::new(path, error))
    }

    fn find(&self, path: &Path, name: &str, values: &[String]) -> io::Result<Vec<(usize, usize)>> {
        let file = File::open(path)?;
        let footer = footer(&file, self.schema.clone())?;
        let schema = footer.file_metadata().schema_descr_ptr();
        let leaf = schema.columns().iter().position(|leaf| leaf.path().string() == name);
        let Some(leaf) = leaf else {
            return Err(io::Error::other(format!("there is no column `{name}`")));
        };
        let mut groups = Vec::new();
        for (at, group) in footer.row_groups().iter().enumerate() {
            // A group without a filter has to be read.
            let filter = Sbbf::read_from_column_chunk(group.column(leaf), &file)?;
            let may_have = |filter: &Sbbf| values.iter().any(|value| filter.check(value.as_str()));
            if filter.is_none_or(|filter| may_have(&filter)) {
                groups.push(at);
            }
        }
        let mut found = Vec::new();
        if groups.is_empty() {
            return Ok(found);
        }
        // The first footer's schema has no types of Arrow's: the whole footer is read anew.
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
        for group in groups {
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(
                file.try_clone()?,
                metadata.clone(),
            )
            .with_row_groups(vec![group])
            .with_projection(ProjectionMask::leaves(metadata.parquet_schema(), [leaf]))
            .with_batch_size(ROWS)
            .build()?;
            let mut row = 0;
            for batch in reader {
                let batch = batch.map_err(io::Error::other)?;
                for value in batch.column(0).as_string::<i32>() {
                    if value.is_some_and(|value| values.iter().any(|wanted| wanted == value)) {
                        found.push((group, row));
                    }
                    row += 1;
                }
            }
        }
        Ok(found)
    }
}

/// A footer without statistics, which are most of it.
fn footer(file: &File, schema: Option<SchemaDescPtr>) -> io::Result<Arc<ParquetMetaData>> {
    let skip = ParquetStatisticsPolicy::SkipAll;
    let mut options = ParquetMetaDataOptions::new()
        .with_column_stats_policy(skip.clone())
        .with_encoding_stats_policy(skip.clone())
        .with_size_stats_policy(skip);
    if let Some(schema) = schema {
        options = options.with_schema(schema);
    }
    let reader = ParquetMetaDataReader::new().with_metadata_options(Some(options));
    Ok(Arc::new(reader.parse_and_finish(file)?))
}
