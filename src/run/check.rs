//! What can be known to be wrong before any work.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::plan::Plan;
use crate::pool::parquet::{self, OpenError};
use crate::shards::{Format, Shard};

use super::RunError;
use super::source::{Source, Unit, fields};

/// Checks the plan against the shards to do.
///
/// # Errors
/// What is wrong, as something that the user can mend.
pub(super) fn check(plan: &Plan, shards: &[Shard], output: &Path) -> Result<(), RunError> {
    refuse_own_output(shards, output)?;
    let mut pools = shards.iter().filter(|shard| shard.format != Format::Warc).peekable();
    if pools.peek().is_some() && plan.input.url_field.is_none() {
        let blind = plan.steps.iter().find(|step| step.needs_url);
        if let Some(step) = blind {
            return Err(RunError::NoUrls { step: step.name.clone() });
        }
    }
    let mut seen_jsonl = false;
    for shard in pools {
        match shard.format {
            Format::Parquet => check_parquet(plan, shard)?,
            // One file of JSON lines stands for all: reading each to find its keys would be a run.
            _ if !seen_jsonl => {
                seen_jsonl = true;
                check_jsonl(plan, shard)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A run that read its own output would feed on itself.
fn refuse_own_output(shards: &[Shard], output: &Path) -> Result<(), RunError> {
    let Ok(output) = fs::canonicalize(output) else { return Ok(()) };
    let inside =
        |shard: &&Shard| fs::canonicalize(&shard.path).is_ok_and(|path| path.starts_with(&output));
    match shards.iter().find(inside) {
        Some(shard) => Err(RunError::OwnOutput { path: shard.path.clone() }),
        None => Ok(()),
    }
}

fn check_parquet(plan: &Plan, shard: &Shard) -> Result<(), RunError> {
    // What is wrong with a file's bytes is for the run to count.
    match parquet::check(&shard.path, &fields(&plan.input)) {
        Err(error @ OpenError::Columns(_)) => {
            Err(RunError::Pool { path: shard.path.clone(), message: error.to_string() })
        }
        _ => Ok(()),
    }
}

/// The fields named must be met in the first rows: one that never is would be misspelt.
fn check_jsonl(plan: &Plan, shard: &Shard) -> Result<(), RunError> {
    let first = || -> io::Result<Option<super::source::Batch>> {
        Source::open(shard, &plan.input, &Arc::new(AtomicU64::new(0)))?.next()
    };
    // A file that cannot be read is for the run to report.
    let Ok(Some(batch)) = first() else { return Ok(()) };
    let fault = |field: &str| {
        let path = shard.path.clone();
        Err(RunError::Pool {
            path,
            message: format!("none of the first rows has the field `{field}`"),
        })
    };
    let documents: Vec<_> = batch
        .units
        .iter()
        .filter_map(|unit| match unit {
            Unit::Document(document) => Some(document),
            _ => None,
        })
        .collect();
    let missing_text =
        |unit: &Unit| matches!(unit, Unit::Failure(failure) if failure.kind == "missing_text");
    let input = &plan.input;
    if documents.is_empty() {
        return match batch.units.iter().all(missing_text) {
            true => fault(&input.text_field),
            false => Ok(()),
        };
    }
    let made_up = |id: &str| id.starts_with(&format!("{}:", shard.given));
    match (&input.url_field, &input.id_field, &input.date_field) {
        (Some(field), _, _) if documents.iter().all(|document| document.url.is_none()) => {
            fault(field)
        }
        (_, Some(field), _) if documents.iter().all(|document| made_up(&document.id)) => {
            fault(field)
        }
        (_, _, Some(field)) if documents.iter().all(|document| document.date_us.is_none()) => {
            fault(field)
        }
        _ => Ok(()),
    }
}
