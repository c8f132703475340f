//! `data/part-NNNNN.parquet`: id, text, url, host, domain, date, title, author, day of publication,
//! where the record stands, and how many documents each dedup found it to be one of.

use std::io;
use std::sync::Arc;

use arrow_array::builder::{
    Date32Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use super::parts::{Part, Parts, subdirectory};
use super::{CutDocument, Target, Writer, wrong};
use crate::document::days;
use crate::store::{ParquetFile, SealedFile, StoreError};

/// Rows are handed over after so many bytes of text, or so many rows, whichever comes first; the
/// writer closes row groups by its own measure.
const BATCH_BYTES: usize = 8 << 20;
const BATCH_ROWS: usize = 1024;

pub(super) fn begin(target: &Target) -> Result<Box<dyn Writer>, StoreError> {
    let directory = subdirectory(target, "data")?;
    let schema = Arc::new(schema(&target.dedups));
    Parts::begin(target, target.part_bytes, move |number| {
        let place = directory.join(format!("part-{number:05}.parquet"));
        let file = ParquetFile::create(place, &schema)?;
        Ok(ParquetPart { file, rows: Rows::new(&schema), schema: schema.clone() })
    })
}

/// The columns of every document, those of the run first.
fn schema(dedups: &[String]) -> Schema {
    let date = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let mut fields = vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("text", DataType::Utf8, false),
        Field::new("url", DataType::Utf8, true),
        Field::new("host", DataType::Utf8, true),
        Field::new("domain", DataType::Utf8, true),
        Field::new("date", date, true),
        Field::new("title", DataType::Utf8, true),
        Field::new("author", DataType::Utf8, true),
        Field::new("published", DataType::Date32, true),
        Field::new("warc_file", DataType::Utf8, false),
        Field::new("warc_offset", DataType::Int64, true),
        Field::new("warc_length", DataType::Int64, true),
    ];
    for dedup in dedups {
        fields.push(Field::new(format!("{dedup}_cluster_size"), DataType::Int64, false));
    }
    Schema::new(fields)
}

struct ParquetPart {
    schema: SchemaRef,
    file: ParquetFile,
    rows: Rows,
}

impl ParquetPart {
    fn hand_over(&mut self) -> Result<(), StoreError> {
        let batch = self.rows.take(&self.schema);
        let batch =
            batch.map_err(|error| StoreError::new(self.file.place(), io::Error::other(error)))?;
        self.file.write(&batch)
    }
}

impl Part for ParquetPart {
    fn write(&mut self, document: &CutDocument) -> Result<(), StoreError> {
        if document.cluster_sizes.len() != self.rows.cluster_sizes.len() {
            return Err(wrong(self.file.place(), "as many cluster sizes as dedups are asked for"));
        }
        self.rows.push(document);
        if self.rows.bytes >= BATCH_BYTES || self.rows.count >= BATCH_ROWS {
            self.hand_over()?;
        }
        Ok(())
    }

    fn seal(mut self) -> Result<Vec<SealedFile>, StoreError> {
        self.hand_over()?;
        Ok(vec![self.file.seal()?])
    }
}

/// Columns under construction.
struct Rows {
    id: StringBuilder,
    text: StringBuilder,
    url: StringBuilder,
    host: StringBuilder,
    domain: StringBuilder,
    date: TimestampMicrosecondBuilder,
    title: StringBuilder,
    author: StringBuilder,
    published: Date32Builder,
    file: StringBuilder,
    offset: Int64Builder,
    length: Int64Builder,
    cluster_sizes: Vec<Int64Builder>,
    bytes: usize,
    count: usize,
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Rows {
    fn new(schema: &Schema) -> Self {
        let dedups = schema.fields().iter().filter(|field| field.name().ends_with("_cluster_size"));
        Self {
            id: StringBuilder::new(),
            text: StringBuilder::new(),
            url: StringBuilder::new(),
            host: StringBuilder::new(),
            domain: StringBuilder::new(),
            date: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            title: StringBuilder::new(),
            author: StringBuilder::new(),
            published: Date32Builder::new(),
            file: StringBuilder::new(),
            offset: Int64Builder::new(),
            length: Int64Builder::new(),
            cluster_sizes: dedups.map(|_| Int64Builder::new()).collect(),
            bytes: 0,
            count: 0,
        }
    }

    fn push(&mut self, row: &CutDocument) {
        let document = &row.document;
        self.id.append_value(&document.id);
        self.text.append_value(&document.text);
        self.url.append_option(document.url.as_deref());
        self.host.append_option(row.host.as_deref());
        self.domain.append_option(row.domain.as_deref());
        self.date.append_option(document.date_us);
        self.title.append_option(document.title.as_deref());
        self.author.append_option(document.author.as_deref());
        self.published.append_option(document.published.map(days));
        self.file.append_value(&document.location.file);
        self.offset.append_option(document.location.offset.map(signed));
        self.length.append_option(document.location.length.map(signed));
        for (column, size) in self.cluster_sizes.iter_mut().zip(&row.cluster_sizes) {
            column.append_value(signed(*size));
        }
        self.bytes += document.text.len();
        self.count += 1;
    }

    /// The rows so far, of which none is left.
    fn take(&mut self, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.id.finish()),
            Arc::new(self.text.finish()),
            Arc::new(self.url.finish()),
            Arc::new(self.host.finish()),
            Arc::new(self.domain.finish()),
            Arc::new(self.date.finish()),
            Arc::new(self.title.finish()),
            Arc::new(self.author.finish()),
            Arc::new(self.published.finish()),
            Arc::new(self.file.finish()),
            Arc::new(self.offset.finish()),
            Arc::new(self.length.finish()),
        ];
        for column in &mut self.cluster_sizes {
            columns.push(Arc::new(column.finish()));
        }
        (self.bytes, self.count) = (0, 0);
        RecordBatch::try_new(schema.clone(), columns)
    }
}
