//! Run directories → what the filters do, as one page that opens offline.
//!
//! | file | what it does |
//! |---|---|
//! | `survey.rs` | the passes over a pool that give the findings |
//! | `findings.rs` | what is found, as `gristmill report --json` prints it |
//! | `walk.rs` | arms place by place, their dedups settled |
//! | `reading.rs`, `tally.rs` | columns of `documents/` → counts, in one pass |
//! | `signals.rs` | the signals of an arm's columns: their bins, other thresholds |
//! | `edges.rs`, `groups.rs`, `heavy.rs`, `interval.rs` | bins, groups, the most frequent of them, intervals |
//! | `samples.rs`, `duplicates.rs`, `failures.rs` | what is shown of documents and records |
//! | `sql/` | the DuckDB query beside each table |
//! | [`page`] | findings → HTML |

mod duplicates;
mod edges;
mod failures;
mod findings;
mod groups;
mod heavy;
mod interval;
mod page;
mod reading;
mod samples;
mod signals;
mod sql;
mod survey;
mod tally;
mod walk;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use crate::cut::{Context, CutError, Options, Pool};
use crate::store::StoreError;

pub use findings::Findings;
pub use page::page;

/// What a report is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Run directories of one plan, in crawl order.
    pub runs: Vec<PathBuf>,
    /// The arm whose steps are looked at; `full`, or the one that was run directly, if none is given.
    pub arm: Option<String>,
    /// Documents drawn for each step, and records for each kind of failure; with 0, no text of a
    /// document is in the report.
    pub samples: usize,
    /// The seed that they are drawn by.
    pub seed: u64,
}

/// Finds what a report shows; `told` hears what is going on.
///
/// # Errors
/// [`CutError`]: what is no run, an arm that there is not, files that cannot be read.
pub fn survey(
    request: &Request,
    options: &Options,
    interrupted: &AtomicBool,
    told: &(dyn Fn(&str) + Sync),
) -> Result<Findings, CutError> {
    let pool = Pool::open(&request.runs)?;
    let spill = options.spill.clone().unwrap_or_else(std::env::temp_dir);
    // What dedups write of whose copies there are is a cut's to keep.
    let scratch = tempfile::tempdir_in(&spill).map_err(|error| StoreError::new(&spill, error))?;
    let context = Context {
        pool: &pool,
        threads: options.threads,
        memory_bytes: options.memory_bytes,
        spill,
        interrupted,
        told,
    };
    if options.verify {
        pool.verify(&context)?;
    }
    survey::survey(request, &context, scratch.path())
}
