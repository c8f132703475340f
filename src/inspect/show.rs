//! One document of a run, with everything that is known of it.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::cut::{Context, CutError, Options, Pool};
use crate::plan::{SCHEMA_VERSION, StoredPlan};
use crate::store::{Layout, RunFile, StoreError, StoredFile, json_row};

use super::arms::{self, ArmVerdict};
use super::find::{Folder, Place, find};
use super::marked::{self, Piece};
use super::record::Record;

/// What stands for an id or URL in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Shown {
    /// A document.
    Document(Box<Document>),
    /// A record that gave none.
    Failure {
        /// Its row of `failures/`.
        failure: Map<String, Json>,
    },
}

/// A document with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    /// Where it stands.
    pub place: Place,
    /// Its row.
    #[serde(flatten)]
    pub record: Record,
    /// What each arm makes of it.
    pub arms: Vec<ArmVerdict>,
    /// The arm whose edits are marked.
    pub marked_for: String,
    /// The stored text with what that arm removes and puts there.
    pub marked: Vec<Piece>,
    /// Further documents of the same id or URL.
    pub others: Vec<Other>,
}

/// A further document of the same id or URL.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Other {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub place: Place,
}

/// Further documents that are named.
const OTHERS: usize = 20;

/// Finds a document by its id or URL; `None` if the run has no such record. The edits of `arm` are
/// marked, of `full` if none is given. What is up to dedups is settled if `settle` says with how much
/// of the machine.
///
/// # Errors
/// [`CutError`]: what is no run, an arm that there is not, files that cannot be read.
pub fn show(
    run: &Path,
    wanted: &str,
    arm: Option<&str>,
    settle: Option<(&Options, &AtomicBool)>,
    threads: usize,
) -> Result<Option<Shown>, CutError> {
    let layout = Layout::new(run);
    let file = RunFile::read(&layout)?;
    let file = file.ok_or_else(|| CutError::NoRun { directory: run.to_path_buf() })?;
    let other = |message: String| CutError::OtherVersion { directory: run.to_path_buf(), message };
    if file.schema != SCHEMA_VERSION {
        let message = format!(
            "its layout has version {}, this gristmill reads {SCHEMA_VERSION}",
            file.schema
        );
        return Err(other(message));
    }
    let plan: StoredPlan = serde_json::from_value(file.plan)
        .map_err(|error| other(format!("its run.json has no plan to read: {error}")))?;
    let arm = arm.unwrap_or_else(|| plan.usual_arm());
    let steps = arms::steps(&plan, arm)?;
    let shards = layout.shards()?;
    let mut places = find(&layout, &shards, Folder::Documents, wanted, threads)?;
    if places.is_empty() {
        return failure(&layout, &shards, wanted, threads);
    }
    let place = places.remove(0);
    let stored = StoredFile::open(layout.documents(&place.shard))?;
    let record = Record::read(&stored, &plan, place.group, place.row)?;
    let edits = steps.text.spans.as_ref().and_then(|column| record.column(column));
    let spans = edits.map_or(&[][..], |column| &column.spans);
    let others = places.into_iter().take(OTHERS).map(|place| {
        let row = row(layout.documents(&place.shard), &place, &["id"])?;
        let id = row["id"].as_str().unwrap_or_default().to_owned();
        Ok(Other { id, place })
    });
    let others = others.collect::<Result<_, StoreError>>()?;
    let mut arms = arms::verdicts(&plan, &record)?;
    if let Some(settle) = settle {
        settle_all(run, settle, &place, &record, &mut arms)?;
    }
    Ok(Some(Shown::Document(Box::new(Document {
        place,
        arms,
        marked_for: arm.to_owned(),
        marked: marked::whole(&record.text, spans),
        record,
        others,
    }))))
}

fn settle_all(
    run: &Path,
    (options, interrupted): (&Options, &AtomicBool),
    place: &Place,
    record: &Record,
    verdicts: &mut [ArmVerdict],
) -> Result<(), CutError> {
    let pool = Pool::open(&[run.to_path_buf()])?;
    let context = Context {
        pool: &pool,
        threads: options.threads,
        memory_bytes: options.memory_bytes,
        spill: options.spill.clone().unwrap_or_else(std::env::temp_dir),
        interrupted,
        told: &|_| (),
    };
    let ordinal = pool.ordinal(&place.shard, place.group, place.row);
    let ordinal = ordinal.ok_or_else(|| CutError::Lost {
        directory: run.to_path_buf(),
        shards: vec![place.shard.clone()],
    })?;
    arms::settle_all(&context, record, ordinal, verdicts)
}

fn failure(
    layout: &Layout,
    shards: &[String],
    wanted: &str,
    threads: usize,
) -> Result<Option<Shown>, CutError> {
    let places = find(layout, shards, Folder::Failures, wanted, threads)?;
    let Some(place) = places.first() else { return Ok(None) };
    let columns = ["file", "offset", "length", "kind", "message", "id", "url"];
    Ok(Some(Shown::Failure { failure: row(layout.failures(&place.shard), place, &columns)? }))
}

/// A row of a file with these columns.
fn row(path: PathBuf, place: &Place, columns: &[&str]) -> Result<Map<String, Json>, StoreError> {
    let file = StoredFile::open(path)?;
    let batch = file.row(place.group, place.row, columns)?;
    Ok(json_row(&batch, 0))
}
