//! Signatures: the keys by which a dedup finds the copies of a document.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};

use super::schema::hash_field;
use crate::steps::Signature;

/// Rows of `signatures/` under construction.
pub struct SignatureBatch {
    schema: SchemaRef,
    document: Int64Builder,
    column: StringBuilder,
    band: Int32Builder,
    key: Int64Builder,
    hashes: ListBuilder<Int64Builder>,
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
            hashes: ListBuilder::new(Int64Builder::new()).with_field(hash_field()),
        }
    }

    /// Appends the signature of a document for a (step, view) pair, a row for each key.
    ///
    /// `document` is its row in the shard's documents, from 0. Keys and hashes are stored with their
    /// 64 bits as signed numbers, which every engine can group by.
    pub fn push(&mut self, document: u64, column: &str, signature: &Signature) {
        let each = signature.hashes.len() / signature.keys.len().max(1);
        for (at, (band, key)) in signature.keys.iter().enumerate() {
            self.document.append_value(i64::try_from(document).unwrap_or(i64::MAX));
            self.column.append_value(column);
            self.band.append_value(i32::try_from(*band).unwrap_or(i32::MAX));
            self.key.append_value(key.cast_signed());
            let hashes = &signature.hashes[at * each..(at + 1) * each];
            self.hashes.values().extend(hashes.iter().map(|hash| Some(hash.cast_signed())));
            self.hashes.append(each > 0);
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
            Arc::new(self.hashes.finish()),
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
