//! An arm with its dedups settled, and why it lacks a document.

use std::path::Path;

use arrow_array::cast::AsArray;
use serde::Serialize;

use crate::cut::{Bits, Context, CutError, Stage, Steps, Survivors};
use crate::store::{StoreError, StoredFile, column};

use super::record::Record;

/// Rows read at a time.
const ROWS: usize = 8192;

/// Why an arm lacks a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// The column of the step.
    pub column: String,
    /// The reason it gives; of a dedup `duplicate`, or `too_little_left`.
    pub reason: String,
    /// The signals that fail, each with its value and what is kept.
    pub failed: Vec<(String, serde_json::Value, String)>,
    /// Of a dedup, the document that stays.
    pub keeper: Option<String>,
}

/// An arm with its documents.
pub(super) struct Side {
    /// Its steps.
    pub(super) steps: Steps,
    /// Its documents.
    pub(super) left: Survivors,
    /// Where its dedups tell whose copies there are.
    provenance: tempfile::TempDir,
}

/// The documents of an arm.
pub(super) fn settle(context: &Context<'_>, steps: Steps, spill: &Path) -> Result<Side, CutError> {
    let provenance = tempfile::tempdir_in(spill).map_err(|error| StoreError::new(spill, error))?;
    let everyone = Bits::new(context.pool.documents, true);
    let left = Survivors::settle(context, &steps, everyone, provenance.path(), &mut |_| ())?;
    Ok(Side { steps, left, provenance })
}

/// Why an arm lacks a document.
pub(super) fn why(side: &Side, record: &Record, id: &str) -> Result<Option<Why>, CutError> {
    for stage in &side.steps.stages {
        match stage {
            Stage::Judge(columns) => {
                let found = columns.iter().filter_map(|name| record.column(name));
                let drops = found.into_iter().find(|column| column.keep == Some(false));
                let Some(column) = drops else { continue };
                let failed = column.signals.iter().filter_map(|signal| {
                    let rule = signal.rules.iter().find(|rule| rule.fails)?;
                    Some((signal.name.clone(), signal.value.clone(), rule.keeps.clone()))
                });
                return Ok(Some(Why {
                    column: column.column.clone(),
                    reason: column.reason.clone().unwrap_or_default(),
                    failed: failed.collect(),
                    keeper: None,
                }));
            }
            Stage::Dedup(dedup) => {
                let file = side.provenance.path().join(format!("{}.parquet", dedup.step));
                if let Some(keeper) = keeper(&file, id)? {
                    return Ok(Some(Why {
                        column: dedup.column.clone(),
                        reason: "duplicate".to_owned(),
                        failed: Vec::new(),
                        keeper: Some(keeper),
                    }));
                }
            }
        }
    }
    Ok(side.steps.pieces.as_ref().map(|pieces| Why {
        column: pieces.column.clone(),
        reason: "too_little_left".to_owned(),
        failed: Vec::new(),
        keeper: None,
    }))
}

/// The document that stays for a copy; none where it is not removed.
fn keeper(path: &Path, id: &str) -> Result<Option<String>, StoreError> {
    let file = StoredFile::open(path.to_path_buf())?;
    for group in 0..file.groups().len() {
        for batch in file.read(group, None, &["id", "keep", "keeper"], ROWS)? {
            let batch = batch?;
            let (ids, keeps) = (column(&batch, "id", path)?, column(&batch, "keep", path)?);
            let keepers = column(&batch, "keeper", path)?;
            // Ids may repeat: it is the copy that is asked of.
            let copy = |row: &usize| {
                ids.as_string::<i32>().value(*row) == id && !keeps.as_boolean().value(*row)
            };
            if let Some(row) = (0..batch.num_rows()).find(copy) {
                return Ok(Some(keepers.as_string::<i32>().value(row).to_owned()));
            }
        }
    }
    Ok(None)
}
