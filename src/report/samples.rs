//! Documents that one step alone drops, with what they failed by.

use serde::Serialize;

use crate::cut::{CutError, Pool};
use crate::inspect::marked::{self, Piece};
use crate::inspect::record::Record;

use super::tally::Drawn;

/// Characters of an excerpt.
pub(super) const EXCERPT: usize = 600;

/// Characters of the beginning of a cluster's first document.
pub(super) const BEGINNING: usize = 300;

/// A document that one step alone drops, or that an edit changes.
#[derive(Debug, Clone, Serialize)]
pub struct Sample {
    /// The column of the step.
    pub column: String,
    /// The document's id.
    pub id: String,
    /// Its URL.
    pub url: Option<String>,
    /// The reason given.
    pub reason: String,
    /// The signals that fail a rule.
    pub failed: Vec<Failed>,
    /// A part of its text; of an edit, with what it removes.
    pub excerpt: Vec<Piece>,
}

/// A signal that fails a rule.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// The signal.
    pub signal: String,
    /// Its value.
    pub value: serde_json::Value,
    /// What the rule keeps.
    pub keeps: String,
}

/// What a step of an arm saw.
pub(super) struct Seen<'a> {
    /// Its column.
    pub(super) column: &'a str,
    /// The column whose spans make the text after it.
    pub(super) edits: Option<&'a str>,
    /// The one whose spans make the text before it.
    pub(super) before: Option<&'a str>,
}

/// Reads the documents drawn for a step.
pub(super) fn read(pool: &Pool, seen: &Seen<'_>, drawn: &[Drawn]) -> Result<Vec<Sample>, CutError> {
    let column = seen.column;
    let sample = |(_, id, ordinal): &Drawn| {
        let record = record(pool, *ordinal)?;
        let found = record.column(column);
        let spans = |name: Option<&str>| {
            let column = name.and_then(|name| record.column(name));
            column.map_or(&[][..], |column| &column.spans)
        };
        let (spans, before) = (spans(seen.edits), spans(seen.before));
        // Spans are of all edits so far: the first of this one is what is to be seen.
        let own = spans.iter().find(|span| !before.contains(span)).map_or(0, |span| span.start);
        let signals = found.into_iter().flat_map(|found| &found.signals);
        let failed = signals.filter_map(|signal| {
            let rule = signal.rules.iter().find(|rule| rule.fails)?;
            let (signal, value) = (signal.name.clone(), signal.value.clone());
            Some(Failed { signal, value, keeps: rule.keeps.clone() })
        });
        Ok(Sample {
            column: column.to_owned(),
            id: id.clone(),
            url: record.metadata("url").map(str::to_owned),
            reason: found.and_then(|found| found.reason.clone()).unwrap_or_default(),
            failed: failed.collect(),
            excerpt: marked::excerpt(&record.text, spans, own, EXCERPT),
        })
    };
    drawn.iter().map(sample).collect()
}

/// The row of a document of the pool.
pub(super) fn record(pool: &Pool, ordinal: u32) -> Result<Record, CutError> {
    let (file, group, row) = pool.place(ordinal);
    Ok(Record::read(file, &pool.plan, group, row)?)
}
