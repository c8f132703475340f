//! The columns of `documents/` and `failures/`, from the plan.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};

use crate::plan::Plan;
use crate::steps::{SignalKind, SignalSpec};

/// Microseconds since 1970-01-01 UTC.
pub(super) fn date_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The schema of `documents/`: the columns of every document, then one struct for each pair.
pub fn documents_schema(plan: &Plan) -> Schema {
    let mut fields = vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("url", DataType::Utf8, true),
        Field::new("host", DataType::Utf8, true),
        Field::new("domain", DataType::Utf8, true),
        Field::new("date", date_type(), true),
        Field::new("warc_file", DataType::Utf8, false),
        Field::new("warc_offset", DataType::Int64, true),
        Field::new("warc_length", DataType::Int64, true),
        Field::new("status", DataType::Int32, true),
        Field::new("mime", DataType::Utf8, true),
        Field::new("charset", DataType::Utf8, true),
        Field::new("digest", DataType::Utf8, true),
        Field::new("truncated", DataType::Utf8, true),
        Field::new("title", DataType::Utf8, true),
        Field::new("author", DataType::Utf8, true),
        Field::new("published", DataType::Date32, true),
        Field::new("text", DataType::Utf8, false),
        Field::new("chars", DataType::Int64, false),
        Field::new("bytes", DataType::Int64, false),
    ];
    for (index, pair) in plan.pairs.iter().enumerate() {
        let step = &plan.steps[pair.step];
        let with_spans = step.is_edit() && plan.stored_view() == 0;
        let parts = pair_fields(step.step_type.signals, with_spans);
        fields.push(Field::new(plan.column(index), DataType::Struct(parts), false));
    }
    let metadata = [
        ("gristmill.fingerprint".to_owned(), plan.fingerprint.clone()),
        ("gristmill.schema".to_owned(), crate::plan::SCHEMA_VERSION.to_string()),
    ];
    Schema::new_with_metadata(fields, HashMap::from(metadata))
}

/// The fields of a pair's struct: `keep`, `reason`, the signals, and the spans of an edit.
pub(super) fn pair_fields(signals: &[SignalSpec], with_spans: bool) -> Fields {
    let mut fields = vec![
        Field::new("keep", DataType::Boolean, true),
        Field::new("reason", DataType::Utf8, true),
    ];
    for signal in signals {
        let kind = match signal.kind {
            SignalKind::Bool => DataType::Boolean,
            SignalKind::Integer => DataType::Int64,
            SignalKind::Float => DataType::Float64,
            SignalKind::Text => DataType::Utf8,
        };
        fields.push(Field::new(signal.name, kind, true));
    }
    if with_spans {
        let span = Field::new("item", DataType::Struct(span_fields()), false);
        fields.push(Field::new("spans", DataType::List(Arc::new(span)), false));
    }
    fields.into()
}

/// The fields of a span: bytes of the stored text, and what stands there instead.
pub(super) fn span_fields() -> Fields {
    Fields::from(vec![
        Field::new("start", DataType::Int64, false),
        Field::new("end", DataType::Int64, false),
        Field::new("replacement", DataType::Utf8, false),
    ])
}

/// The schema of `failures/`.
pub fn failures_schema() -> Schema {
    Schema::new(vec![
        Field::new("file", DataType::Utf8, false),
        Field::new("offset", DataType::Int64, true),
        Field::new("length", DataType::Int64, true),
        Field::new("kind", DataType::Utf8, false),
        Field::new("message", DataType::Utf8, false),
        Field::new("id", DataType::Utf8, true),
        Field::new("url", DataType::Utf8, true),
    ])
}

/// A hash in a list of a signature's.
pub(super) fn hash_field() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Int64, false))
}

/// The schema of `signatures/`: a row for each document, (step, view) pair and band; `hashes` are
/// those that the key is made of, where the step stores them.
///
/// Of a dedup of pieces, the band is the position of the piece.
pub fn signatures_schema() -> Schema {
    Schema::new(vec![
        Field::new("document", DataType::Int64, false),
        Field::new("column", DataType::Utf8, false),
        Field::new("band", DataType::Int32, false),
        Field::new("key", DataType::Int64, false),
        Field::new("hashes", DataType::List(hash_field()), true),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn the_columns_of_a_document_are_those_that_steps_may_not_be_called() {
        let plan = crate::plan::tests::plan("name = 'raw'");
        let schema = documents_schema(&plan);
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, Document::COLUMNS);
    }
}
