//! Failures: records that gave no document, and why.

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};

use crate::document::Location;

/// A record that gave no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where it stands.
    pub location: Location,
    /// What went wrong, as a snake_case word that can be grouped by.
    pub kind: &'static str,
    /// What went wrong, in words.
    pub message: String,
    /// The record's id, where it could be read.
    pub id: Option<String>,
    /// The record's URL, where it could be read.
    pub url: Option<String>,
}

/// Rows of `failures/` under construction.
pub struct FailureBatch {
    schema: SchemaRef,
    file: StringBuilder,
    offset: Int64Builder,
    length: Int64Builder,
    kind: StringBuilder,
    message: StringBuilder,
    id: StringBuilder,
    url: StringBuilder,
}

impl FailureBatch {
    /// An empty batch of the schema of [`failures_schema`](super::failures_schema).
    pub fn new(schema: SchemaRef) -> Self {
        Self {
            schema,
            file: StringBuilder::new(),
            offset: Int64Builder::new(),
            length: Int64Builder::new(),
            kind: StringBuilder::new(),
            message: StringBuilder::new(),
            id: StringBuilder::new(),
            url: StringBuilder::new(),
        }
    }

    /// Appends a failure.
    pub fn push(&mut self, failure: &Failure) {
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.file.append_value(&failure.location.file);
        self.offset.append_option(failure.location.offset.map(signed));
        self.length.append_option(failure.location.length.map(signed));
        self.kind.append_value(failure.kind);
        self.message.append_value(&failure.message);
        self.id.append_option(failure.id.as_deref());
        self.url.append_option(failure.url.as_deref());
    }

    /// The finished columns.
    ///
    /// # Errors
    /// If the schema is not that of failures: a fault of the caller.
    pub fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.file.finish()),
            Arc::new(self.offset.finish()),
            Arc::new(self.length.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.message.finish()),
            Arc::new(self.id.finish()),
            Arc::new(self.url.finish()),
        ];
        RecordBatch::try_new(self.schema, columns)
    }
}
