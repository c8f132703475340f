//! Signatures: the keys by which a dedup finds the copies of a document.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};

/// Rows of `signatures/` under construction.
pub struct SignatureBatch {
    schema: SchemaRef,
    document: Int64Builder,
    column: StringBuilder,
    band: Int32Builder,
    key: Int64Builder,
}

impl SignatureBatch {
    /// An empty batch of the schema of [`signatures_schema`](super::signatures_schema).
    pub fn new(schema: SchemaRef) -> Self {
        Self {
            schema,
            document: Int64Builder::new(),
            column: StringBuilder::new(),
            band: Int32Builder::new(),
            key: Int64Builder::new(),
        }
    }

    /// Appends the keys of a document for a (step, view) pair, one a band.
    ///
    /// `document` is its row in the shard's documents, from 0. A key is stored with its 64 bits as
    /// a signed number, which every engine can group by.
    pub fn push(&mut self, document: u64, column: &str, keys: &[u64]) {
        for (band, key) in (0..).zip(keys) {
            self.document.append_value(i64::try_from(document).unwrap_or(i64::MAX));
            self.column.append_value(column);
            self.band.append_value(band);
            self.key.append_value(key.cast_signed());
        }
    }

    /// The finished columns.
    ///
    /// # Errors
    /// If the schema is not that of signatures: a fault of the caller.
    pub fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.document.finish()),
            Arc::new(self.column.finish()),
            Arc::new(self.band.finish()),
            Arc::new(self.key.finish()),
        ];
        RecordBatch::try_new(self.schema, columns)
    }
}

/// A batch of signatures with `by` added to the number of every document.
pub(super) fn shifted(batch: &RecordBatch, by: u64) -> Result<RecordBatch, ArrowError> {
    let by = i64::try_from(by).unwrap_or(i64::MAX);
    let documents: Int64Array =
        batch.column(0).as_primitive::<Int64Type>().unary(|at| at.saturating_add(by));
    let mut columns = batch.columns().to_vec();
    columns[0] = Arc::new(documents);
    RecordBatch::try_new(batch.schema(), columns)
}
