//! A batch of rows as the values of documents.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{BinaryViewType, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::{ArrowError, DataType, TimeUnit};

use super::columns::{Column, Columns, Kind};
use crate::pool::{Fault, Fields, Limits, Row, clean_id, date, missing_text, too_long};

/// The columns of a batch; memory is that of the pages the rows stand in.
pub(super) struct Batch {
    pub(super) rows: usize,
    text: Values,
    id: Option<Values>,
    url: Option<Values>,
    date: Option<Values>,
}

impl Batch {
    /// # Errors
    /// A batch that has not the columns its file promised.
    pub(super) fn new(batch: &RecordBatch, columns: &Columns) -> Result<Self, ArrowError> {
        let values = |column: &Option<Column>| {
            column.as_ref().map(|column| Values::new(batch, column)).transpose()
        };
        Ok(Self {
            rows: batch.num_rows(),
            text: Values::new(batch, &columns.text)?,
            id: values(&columns.id)?,
            url: values(&columns.url)?,
            date: values(&columns.date)?,
        })
    }

    #[cfg(test)]
    pub(super) fn text_memory_bytes(&self) -> usize {
        self.text.leaf.get_array_memory_size()
    }

    /// Row `at` of the batch, which is row `row` of the file; or its fault, with the id as far as
    /// there is one.
    pub(super) fn row(
        &self,
        at: usize,
        row: u64,
        fields: &Fields,
        limits: Limits,
    ) -> Result<Row, (Fault, Option<String>)> {
        let id = self.id.as_ref().map(|values| values.string(at, &fields.id)).transpose();
        let id = id.map_err(|fault| (fault, None))?.flatten().and_then(clean_id);
        let text = match self.text.bytes(at) {
            None => return Err((missing_text(&fields.text), id)),
            Some(text) if text.len() > limits.max_record_bytes => {
                return Err((too_long("the text", text.len() as u64, limits), id));
            }
            Some(text) => match utf8(text, &fields.text) {
                Ok(text) => text.to_owned(),
                Err(fault) => return Err((fault, id)),
            },
        };
        let url = self.url.as_ref().map(|values| values.string(at, &fields.url)).transpose();
        let url = match url {
            Ok(url) => url.flatten().map(str::to_owned),
            Err(fault) => return Err((fault, id)),
        };
        let date_us = self.date.as_ref().and_then(|values| values.micros(at));
        Ok(Row { row, text, id, url, date_us })
    }
}

/// A leaf column with the structs around it, any of which can be null.
struct Values {
    within: Vec<StructArray>,
    leaf: ArrayRef,
    kind: Kind,
}

impl Values {
    fn new(batch: &RecordBatch, column: &Column) -> Result<Self, ArrowError> {
        let absent = || ArrowError::SchemaError(format!("no column {}", column.path.join(".")));
        let mut within = Vec::new();
        let mut at: ArrayRef = Arc::new(StructArray::from(batch.clone()));
        for name in &column.path {
            let parent = at.as_struct_opt().ok_or_else(absent)?.clone();
            at = parent.column_by_name(name).ok_or_else(absent)?.clone();
            within.push(parent);
        }
        let leaf = match column.kind {
            Kind::Bytes | Kind::Null => at,
            Kind::Integer => {
                arrow_cast::cast(&arrow_cast::cast(&at, &DataType::Utf8)?, &DataType::BinaryView)?
            }
            Kind::Time => arrow_cast::cast(&at, &DataType::Timestamp(TimeUnit::Microsecond, None))?,
        };
        Ok(Self { within, leaf, kind: column.kind })
    }

    fn is_null(&self, at: usize) -> bool {
        self.kind == Kind::Null
            || self.leaf.is_null(at)
            || self.within.iter().any(|parent| parent.is_null(at))
    }

    fn bytes(&self, at: usize) -> Option<&[u8]> {
        if self.is_null(at) {
            return None;
        }
        Some(self.leaf.as_byte_view_opt::<BinaryViewType>()?.value(at))
    }

    fn string(&self, at: usize, name: &Option<String>) -> Result<Option<&str>, Fault> {
        self.bytes(at).map(|bytes| utf8(bytes, name.as_deref().unwrap_or_default())).transpose()
    }

    fn micros(&self, at: usize) -> Option<i64> {
        if self.is_null(at) {
            return None;
        }
        match self.leaf.as_primitive_opt::<TimestampMicrosecondType>() {
            Some(times) => Some(times.value(at)),
            None => date::micros(std::str::from_utf8(self.bytes(at)?).ok()?),
        }
    }
}

fn utf8<'a>(bytes: &'a [u8], name: &str) -> Result<&'a str, Fault> {
    std::str::from_utf8(bytes).map_err(|e| {
        let at = e.valid_up_to();
        Fault::new("invalid_utf8", format!("`{name}` is not valid UTF-8 from its byte {at} on"))
    })
}
