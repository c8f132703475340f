//! Documents and what steps found on them → Arrow batches.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, SchemaRef};

use super::schema::span_fields;
use crate::document::{Document, days, registered_domain};
use crate::steps::{Outcome, Value};
use crate::text::Span;

/// Columns under construction; one row for each document appended.
pub struct DocumentBatch {
    schema: SchemaRef,
    id: StringBuilder,
    url: StringBuilder,
    host: StringBuilder,
    domain: StringBuilder,
    date: TimestampMicrosecondBuilder,
    file: StringBuilder,
    offset: Int64Builder,
    length: Int64Builder,
    status: Int32Builder,
    mime: StringBuilder,
    charset: StringBuilder,
    digest: StringBuilder,
    truncated: StringBuilder,
    title: StringBuilder,
    author: StringBuilder,
    published: Date32Builder,
    text: StringBuilder,
    chars: Int64Builder,
    bytes: Int64Builder,
    pairs: Vec<PairColumns>,
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl DocumentBatch {
    /// An empty batch of a schema that [`documents_schema`](super::documents_schema) made.
    pub fn new(schema: SchemaRef) -> Self {
        let pairs = schema.fields().iter().skip(Document::COLUMNS.len()).map(PairColumns::new);
        Self {
            pairs: pairs.collect(),
            schema,
            id: StringBuilder::new(),
            url: StringBuilder::new(),
            host: StringBuilder::new(),
            domain: StringBuilder::new(),
            date: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            file: StringBuilder::new(),
            offset: Int64Builder::new(),
            length: Int64Builder::new(),
            status: Int32Builder::new(),
            mime: StringBuilder::new(),
            charset: StringBuilder::new(),
            digest: StringBuilder::new(),
            truncated: StringBuilder::new(),
            title: StringBuilder::new(),
            author: StringBuilder::new(),
            published: Date32Builder::new(),
            text: StringBuilder::new(),
            chars: Int64Builder::new(),
            bytes: Int64Builder::new(),
        }
    }

    /// Appends a document as stored with `text`.
    pub fn push(&mut self, document: &Document, text: &str) {
        let host = document.host();
        self.id.append_value(&document.id);
        self.url.append_option(document.url.as_deref());
        self.domain.append_option(host.as_deref().and_then(registered_domain));
        self.host.append_option(host);
        self.date.append_option(document.date_us);
        self.file.append_value(&document.location.file);
        self.offset.append_option(document.location.offset.map(signed));
        self.length.append_option(document.location.length.map(signed));
        self.status.append_option(document.status.map(i32::from));
        self.mime.append_option(document.mime.as_deref());
        self.charset.append_option(document.charset.as_deref());
        self.digest.append_option(document.digest.as_deref());
        self.truncated.append_option(document.truncated.as_deref());
        self.title.append_option(document.title.as_deref());
        self.author.append_option(document.author.as_deref());
        self.published.append_option(document.published.map(days));
        self.text.append_value(text);
        self.chars.append_value(signed(text.chars().count() as u64));
        self.bytes.append_value(signed(text.len() as u64));
    }

    /// Appends what a pair found on the document last pushed; `spans` are over the stored text.
    pub fn push_pair(&mut self, pair: usize, outcome: &Outcome, spans: &[Span]) {
        self.pairs[pair].push(outcome, spans);
    }

    /// Bytes of text so far.
    pub fn text_bytes(&self) -> usize {
        self.text.values_slice().len()
    }

    /// Documents so far.
    pub fn len(&self) -> usize {
        arrow_array::builder::ArrayBuilder::len(&self.bytes)
    }

    /// Whether there is no document.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The finished columns.
    ///
    /// # Errors
    /// If a pair was not pushed for every document: a fault of the caller.
    pub fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.id.finish()),
            Arc::new(self.url.finish()),
            Arc::new(self.host.finish()),
            Arc::new(self.domain.finish()),
            Arc::new(self.date.finish()),
            Arc::new(self.file.finish()),
            Arc::new(self.offset.finish()),
            Arc::new(self.length.finish()),
            Arc::new(self.status.finish()),
            Arc::new(self.mime.finish()),
            Arc::new(self.charset.finish()),
            Arc::new(self.digest.finish()),
            Arc::new(self.truncated.finish()),
            Arc::new(self.title.finish()),
            Arc::new(self.author.finish()),
            Arc::new(self.published.finish()),
            Arc::new(self.text.finish()),
            Arc::new(self.chars.finish()),
            Arc::new(self.bytes.finish()),
        ];
        for pair in self.pairs {
            columns.push(Arc::new(pair.finish()?));
        }
        RecordBatch::try_new(self.schema, columns)
    }
}

/// The struct column of one pair.
struct PairColumns {
    data_type: DataType,
    keep: BooleanBuilder,
    reason: StringBuilder,
    signals: Vec<SignalColumn>,
    spans: Option<SpanColumns>,
}

impl PairColumns {
    fn new(field: &Arc<Field>) -> Self {
        let data_type = field.data_type().clone();
        let fields = match &data_type {
            DataType::Struct(fields) => fields.iter().skip(2).collect(),
            _ => Vec::new(),
        };
        let is_list = |field: &&&Arc<Field>| matches!(field.data_type(), DataType::List(_));
        Self {
            keep: BooleanBuilder::new(),
            reason: StringBuilder::new(),
            signals: fields.iter().filter(|f| !is_list(f)).map(|f| SignalColumn::new(f)).collect(),
            spans: fields.iter().find(is_list).map(|_| SpanColumns::new()),
            data_type,
        }
    }

    fn push(&mut self, outcome: &Outcome, spans: &[Span]) {
        self.keep.append_option(outcome.keep());
        self.reason.append_option(outcome.reason);
        for (column, value) in self.signals.iter_mut().zip(&outcome.values) {
            column.push(value);
        }
        if let Some(columns) = &mut self.spans {
            columns.push(spans);
        }
    }

    fn finish(mut self) -> Result<StructArray, ArrowError> {
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(self.keep.finish()), Arc::new(self.reason.finish())];
        columns.extend(self.signals.into_iter().map(SignalColumn::finish));
        if let Some(spans) = self.spans {
            columns.push(Arc::new(spans.finish()?));
        }
        match self.data_type {
            DataType::Struct(fields) => StructArray::try_new(fields, columns, None),
            other => Err(ArrowError::SchemaError(format!("not a step's column: {other}"))),
        }
    }
}

enum SignalColumn {
    Bool(BooleanBuilder),
    Integer(Int64Builder),
    Float(Float64Builder),
    Text(StringBuilder),
}

impl SignalColumn {
    fn new(field: &Field) -> Self {
        match field.data_type() {
            DataType::Boolean => Self::Bool(BooleanBuilder::new()),
            DataType::Int64 => Self::Integer(Int64Builder::new()),
            DataType::Float64 => Self::Float(Float64Builder::new()),
            _ => Self::Text(StringBuilder::new()),
        }
    }

    /// Appends a value; one of another type than declared is null, which the contract test over
    /// the registry holds not to happen.
    fn push(&mut self, value: &Value) {
        match (self, value) {
            (Self::Bool(column), Value::Bool(flag)) => column.append_value(*flag),
            (Self::Integer(column), Value::Integer(number)) => column.append_value(*number),
            (Self::Float(column), Value::Float(number)) => column.append_value(*number),
            (Self::Text(column), Value::Text(text)) => column.append_value(text),
            (Self::Bool(column), _) => column.append_null(),
            (Self::Integer(column), _) => column.append_null(),
            (Self::Float(column), _) => column.append_null(),
            (Self::Text(column), _) => column.append_null(),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Bool(mut column) => Arc::new(column.finish()),
            Self::Integer(mut column) => Arc::new(column.finish()),
            Self::Float(mut column) => Arc::new(column.finish()),
            Self::Text(mut column) => Arc::new(column.finish()),
        }
    }
}

struct SpanColumns {
    ends: Vec<i32>,
    start: Int64Builder,
    end: Int64Builder,
    replacement: StringBuilder,
}

impl SpanColumns {
    fn new() -> Self {
        Self {
            ends: vec![0],
            start: Int64Builder::new(),
            end: Int64Builder::new(),
            replacement: StringBuilder::new(),
        }
    }

    fn push(&mut self, spans: &[Span]) {
        for span in spans {
            self.start.append_value(signed(span.start as u64));
            self.end.append_value(signed(span.end as u64));
            self.replacement.append_value(&span.replacement);
        }
        let before = self.ends.last().copied().unwrap_or(0);
        self.ends.push(before.saturating_add(i32::try_from(spans.len()).unwrap_or(i32::MAX)));
    }

    fn finish(mut self) -> Result<ListArray, ArrowError> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.start.finish()),
            Arc::new(self.end.finish()),
            Arc::new(self.replacement.finish()),
        ];
        let spans = StructArray::try_new(span_fields(), columns, None)?;
        let item = Arc::new(Field::new("item", DataType::Struct(span_fields()), false));
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        ListArray::try_new(item, offsets, Arc::new(spans), None)
    }
}
