//! Rows of `documents/` → documents with the text that a place in an arm sees.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch};
use jiff::civil::Date;

use crate::document::{Document, Location, day};
use crate::store::{StoreError, column};
use crate::text::{Span, apply};

use super::CutError;
use super::arm::TextAt;
use super::bits::Bits;
use super::formats::CutDocument;
use super::pool::{Group, PoolShard};

/// Rows read at a time.
const ROWS: usize = 1024;

/// The columns of a document's metadata that a cut passes on.
const METADATA: &[&str] = &[
    "url",
    "host",
    "domain",
    "date",
    "warc_file",
    "warc_offset",
    "warc_length",
    "title",
    "author",
    "published",
];

/// A document of the pool.
pub(crate) struct Row {
    pub(crate) ordinal: u32,
    pub(crate) document: CutDocument,
    /// The value of the column of numbers; 0 for null, or where none is asked for.
    pub(crate) number: u64,
}

/// Which columns are read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted<'a> {
    /// URL, host, domain, date, place in the crawl; title, author, day of publication.
    pub(crate) metadata: bool,
    /// The text at this place.
    pub(crate) text: Option<&'a TextAt>,
    /// A column of whole numbers.
    pub(crate) number: Option<&'a str>,
}

/// Passes the documents of a row group that are in a set, in order.
pub(crate) fn read(
    group: &Group,
    shard: &PoolShard,
    documents: &Bits,
    wanted: Wanted<'_>,
    mut pass: impl FnMut(Row) -> Result<(), CutError>,
) -> Result<(), CutError> {
    let ordinals: Vec<u32> = members(group, documents).collect();
    if ordinals.is_empty() {
        return Ok(());
    }
    let spans =
        wanted.text.and_then(|text| text.spans.as_ref()).map(|name| format!("{name}.spans"));
    let mut columns = vec!["id"];
    if wanted.metadata {
        columns.extend(METADATA);
    }
    if wanted.text.is_some() {
        columns.push("text");
        columns.extend(spans.as_deref());
    }
    columns.extend(wanted.number);
    let mut ordinals = ordinals.into_iter();
    let ranges = ranges(group, documents);
    let path = shard.documents();
    for batch in shard.file.read(group.group, Some(&ranges), &columns, ROWS)? {
        let batch = batch?;
        let rows = Columns::of(&batch, wanted, spans.as_deref(), &path)?;
        for (row, ordinal) in (0..batch.num_rows()).zip(ordinals.by_ref()) {
            pass(Row { ordinal, document: rows.document(row), number: rows.number(row) })?;
        }
    }
    Ok(())
}

/// The documents of a group that are in a set.
pub(crate) fn members<'a>(group: &Group, documents: &'a Bits) -> impl Iterator<Item = u32> + 'a {
    (group.first..group.first + group.rows).filter(|&ordinal| documents.has(ordinal))
}

/// The rows of a group that are in a set, as ranges.
pub(crate) fn ranges(group: &Group, documents: &Bits) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for ordinal in members(group, documents) {
        let row = (group.skip + ordinal - group.first) as usize;
        match ranges.last_mut() {
            Some(last) if last.end == row => last.end += 1,
            _ => ranges.push(row..row + 1),
        }
    }
    ranges
}

/// The columns of a batch.
struct Columns {
    id: ArrayRef,
    metadata: Option<Vec<ArrayRef>>,
    text: Option<ArrayRef>,
    spans: Option<Spans>,
    number: Option<ArrayRef>,
}

impl Columns {
    fn of(
        batch: &RecordBatch,
        wanted: Wanted<'_>,
        spans: Option<&str>,
        path: &std::path::Path,
    ) -> Result<Self, StoreError> {
        let metadata = || METADATA.iter().map(|name| column(batch, name, path)).collect();
        Ok(Self {
            id: column(batch, "id", path)?,
            metadata: wanted.metadata.then(metadata).transpose()?,
            text: wanted.text.map(|_| column(batch, "text", path)).transpose()?,
            spans: spans.map(|name| Spans::of(&column(batch, name, path)?, path)).transpose()?,
            number: wanted.number.map(|name| column(batch, name, path)).transpose()?,
        })
    }

    fn number(&self, row: usize) -> u64 {
        self.number.as_ref().and_then(|column| number_of(column, row)).unwrap_or(0)
    }

    fn document(&self, row: usize) -> CutDocument {
        let mut cut = CutDocument::default();
        cut.document.id = self.id.as_string::<i32>().value(row).to_owned();
        if let Some(text) = &self.text {
            let text = text.as_string::<i32>().value(row);
            cut.document.text = match &self.spans {
                Some(spans) => apply(text, &spans.of_row(row)),
                None => text.to_owned(),
            };
        }
        if let Some(columns) = &self.metadata {
            let [url, host, domain, date, file, offset, length, title, author, published] =
                &columns[..]
            else {
                return cut;
            };
            cut.host = text_of(host, row);
            cut.domain = text_of(domain, row);
            let dates = date.as_primitive::<TimestampMicrosecondType>();
            cut.document = Document {
                url: text_of(url, row),
                date_us: dates.is_valid(row).then(|| dates.value(row)),
                location: Location {
                    file: text_of(file, row).unwrap_or_default(),
                    offset: number_of(offset, row),
                    length: number_of(length, row),
                },
                title: text_of(title, row),
                author: text_of(author, row),
                published: day_of(published, row),
                ..cut.document
            };
        }
        cut
    }
}

fn text_of(column: &ArrayRef, row: usize) -> Option<String> {
    let column = column.as_string::<i32>();
    column.is_valid(row).then(|| column.value(row).to_owned())
}

fn day_of(column: &ArrayRef, row: usize) -> Option<Date> {
    let column = column.as_primitive::<Date32Type>();
    column.is_valid(row).then(|| column.value(row)).and_then(day)
}

fn number_of(column: &ArrayRef, row: usize) -> Option<u64> {
    let column = column.as_primitive::<Int64Type>();
    column.is_valid(row).then(|| column.value(row)).and_then(|number| u64::try_from(number).ok())
}

/// The `spans` of an edit, over the stored text.
pub(crate) struct Spans {
    list: ListArray,
    start: ArrayRef,
    end: ArrayRef,
    replacement: ArrayRef,
}

impl Spans {
    fn of(column: &ArrayRef, path: &std::path::Path) -> Result<Self, StoreError> {
        let fault = || StoreError::new(path, std::io::Error::other("spans of an unknown layout"));
        let list = column.as_list_opt::<i32>().ok_or_else(fault)?.clone();
        let parts = list.values().as_struct_opt().ok_or_else(fault)?;
        let part = |name: &str| parts.column_by_name(name).cloned().ok_or_else(fault);
        let (start, end, replacement) = (part("start")?, part("end")?, part("replacement")?);
        Ok(Self { list, start, end, replacement })
    }

    fn of_row(&self, row: usize) -> Vec<Span> {
        let offsets = self.list.value_offsets();
        let place = |column: &ArrayRef, at: usize| {
            usize::try_from(column.as_primitive::<Int64Type>().value(at)).unwrap_or(0)
        };
        let replacements = self.replacement.as_string::<i32>();
        let entries = offsets[row] as usize..offsets[row + 1] as usize;
        entries
            .map(|at| {
                let (start, end) = (place(&self.start, at), place(&self.end, at));
                Span::replace(start, end, replacements.value(at))
            })
            .collect()
    }
}

/// Bytes of texts after the spans of a column, from the bytes of the stored ones.
pub(crate) fn edited_bytes(
    spans: &ArrayRef,
    stored: &[u64],
    path: &std::path::Path,
) -> Result<Vec<u64>, StoreError> {
    let Spans { list, start, end, replacement } = Spans::of(spans, path)?;
    let (start, end) = (start.as_primitive::<Int64Type>(), end.as_primitive::<Int64Type>());
    let (replacement, offsets) = (replacement.as_string::<i32>(), list.value_offsets());
    let of_row = |(row, stored): (usize, &u64)| {
        let entries = offsets[row] as usize..offsets[row + 1] as usize;
        let growth =
            |at: usize| start.value(at) - end.value(at) + replacement.value(at).len() as i64;
        stored.saturating_add_signed(entries.map(growth).sum())
    };
    Ok(stored.iter().enumerate().map(of_row).collect())
}
