//! JSONL, plain, gzip or zstd: one object a line.

use std::io::{self, Read};

use super::json::{self, Value};
use super::lines::{Line, Lines};
use super::{Fault, Fields, Item, Limits, Row, clean_id, date, missing_text, too_long};
use crate::document::Location;
use crate::shards::Compression;

/// Reads documents from a JSONL file as a stream.
pub struct JsonlReader<R> {
    lines: Lines<R>,
    compression: Compression,
    file: String,
    fields: Fields,
    limits: Limits,
    row: u64,
}

impl<R: Read> JsonlReader<R> {
    /// A reader of the raw bytes of a file; `file` is how documents name it.
    ///
    /// # Errors
    /// Only where no decompressor could be set up; nothing is read yet.
    pub fn new(
        input: R,
        compression: Compression,
        file: String,
        fields: Fields,
        limits: Limits,
    ) -> io::Result<Self> {
        let lines = Lines::new(input, compression, limits.max_record_bytes)?;
        Ok(Self { lines, compression, file, fields, limits, row: 0 })
    }

    /// The next row; blank lines are passed over. `None` at the end, and after damage to the
    /// compressed stream.
    ///
    /// # Errors
    /// Those of the underlying reader.
    #[expect(clippy::should_implement_trait, reason = "an error of the environment ends the file")]
    pub fn next(&mut self) -> io::Result<Option<Item>> {
        loop {
            let Some(line) = self.lines.next()? else { return Ok(None) };
            let (offset, length, result) = match line {
                Line::Whole { bytes, .. } if bytes.iter().all(u8::is_ascii_whitespace) => continue,
                Line::Whole { offset, bytes } => {
                    (offset, bytes.len() as u64, read_row(bytes, &self.fields, self.row))
                }
                Line::TooLong { offset, length } => {
                    let fault = too_long("the line", length, self.limits);
                    (offset, length, Err((fault, None)))
                }
                Line::Broken { offset, length, fault } => (offset, length, Err((fault, None))),
            };
            let row = self.row;
            self.row += 1;
            let stored = self.compression == Compression::None;
            return Ok(Some(match result {
                Ok(row) => Item::Document(row.into_document(Location {
                    file: self.file.clone(),
                    offset: stored.then_some(offset),
                    length: stored.then_some(length),
                })),
                Err((Fault { kind, message }, id)) => Item::Failure {
                    offset: Some(offset),
                    length: Some(length),
                    kind,
                    message,
                    id,
                    row,
                    rows: 1,
                },
            }));
        }
    }
}

/// A line as a row, or its fault with the id as far as there is one.
fn read_row(line: &[u8], fields: &Fields, row: u64) -> Result<Row, (Fault, Option<String>)> {
    let line = std::str::from_utf8(line).map_err(|e| {
        let message = format!("the line is not valid UTF-8 from its byte {} on", e.valid_up_to());
        (Fault::new("invalid_utf8", message), None)
    })?;
    let values = json::read(line, fields).map_err(|fault| (fault, None))?;
    let id = match values.id {
        Value::None => None,
        Value::String(id) => clean_id(&id),
        Value::Integer(id) => Some(id),
        Value::Other(is) => {
            return Err((wrong_type(fields.id.as_deref(), is, "a string or an integer"), None));
        }
    };
    let text = match values.text {
        Value::None => return Err((missing_text(&fields.text), id)),
        Value::String(text) => text.into_owned(),
        other => return Err((wrong_type(Some(&fields.text), type_of(&other), "a string"), id)),
    };
    let url = match values.url {
        Value::None => None,
        Value::String(url) => Some(url.into_owned()),
        other => return Err((wrong_type(fields.url.as_deref(), type_of(&other), "a string"), id)),
    };
    let date_us = match values.date {
        Value::String(date) => date::micros(&date),
        _ => None,
    };
    Ok(Row { row, text, id, url, date_us })
}

fn type_of(value: &Value<'_>) -> &'static str {
    match value {
        Value::None => "null",
        Value::String(_) => "a string",
        Value::Integer(_) => "a number",
        Value::Other(name) => name,
    }
}

fn wrong_type(field: Option<&str>, is: &str, wanted: &str) -> Fault {
    let field = field.unwrap_or_default();
    Fault::new("wrong_type", format!("`{field}` is {is}, not {wanted}"))
}

#[cfg(test)]
mod tests;
