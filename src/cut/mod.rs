//! Run directories → one arm as a corpus: survivors, clusters, budget, output formats.
//!
//! A cut evaluates nothing: it reads the verdicts of a run, settles what depends on the whole pool
//! (dedups, controls, samples), and passes the texts on as the arm sees them.
//!
//! | file | what it does |
//! |---|---|
//! | `request.rs`, `summary.rs` | what is asked for, and what it came to |
//! | `cutting.rs` | a cut from its first document to its last |
//! | `pool.rs`, `rows.rs` | run directories as one pool, in crawl order; its rows |
//! | `arm.rs` | the name of an arm → what is to be done for it |
//! | `judge.rs`, `dedup.rs`, `keepers.rs`, `pieces.rs` | verdicts, clusters and repeats → who is left |
//! | [`clusters`] | documents that share keys → connected components, spilling |
//! | `survivors.rs`, `stream.rs` | who is left, and as what text, one after the other |
//! | [`priority`], [`budget`], [`holdout`], [`junk`], [`shuffle`] | seeded draws, samples, mixtures, order |
//! | [`formats`], `card.rs` | what trainers read; the data card beside it |
//! | `output.rs` | the directory that a cut is written into |

mod arm;
mod bits;
pub mod budget;
mod card;
pub mod clusters;
mod context;
mod cutting;
mod dedup;
mod error;
pub mod formats;
pub mod holdout;
mod judge;
pub mod junk;
mod keepers;
mod mixture;
mod output;
mod parallel;
mod pieces;
mod pool;
pub mod priority;
mod request;
mod rows;
pub mod shuffle;
mod stream;
mod summary;
mod survivors;
mod tokens;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

pub use dedup::DedupSummary;
pub use error::CutError;
pub use pieces::PiecesSummary;
pub use request::{Budget, Options, Request, Split};
pub use summary::{Control, Sample, Summary};
pub use survivors::Dropped;

pub(crate) use arm::{CutArm, Recipe, Stage, Steps, TextAt, after_edit};
pub(crate) use bits::Bits;
pub(crate) use context::Context;
pub(crate) use pool::Pool;
pub(crate) use rows::{Wanted, edited_bytes, read as read_rows};
pub(crate) use survivors::{Settled, Survivors};

use cutting::Cutting;
use output::Place;

/// The arm of a name, which must be the same in all runs of a pool: what arms are and which copies
/// dedups keep is no part of a fingerprint.
pub(crate) fn resolve(pool: &Pool, runs: &[PathBuf], name: &str) -> Result<CutArm, CutError> {
    let arm = CutArm::resolve(&pool.plan, name)?;
    for (directory, plan) in &pool.others {
        if CutArm::resolve(plan, name)? != arm {
            let differences = vec![format!("  the arm {name} has other steps or parameters")];
            let (first, second) = (runs[0].clone(), directory.clone());
            return Err(CutError::OtherPlan { first, second, differences });
        }
    }
    Ok(arm)
}

/// Cuts an arm of run directories into `output`; `told` hears what is going on.
///
/// # Errors
/// [`CutError`]; what was asked for is checked before anything is written, and what was written is
/// then taken away again.
pub fn cut(
    request: &Request,
    output: &Path,
    options: &Options,
    interrupted: &AtomicBool,
    told: &(dyn Fn(&str) + Sync),
) -> Result<Summary, CutError> {
    let pool = Pool::open(&request.runs)?;
    let arm = resolve(&pool, &request.runs, &request.arm)?;
    let tokens = tokens::choose(request, &pool.plan, &arm)?;
    let inside = |run: &PathBuf| output::is_inside(output, run);
    if let Some(run) = request.runs.iter().find(|run| inside(run)) {
        let message = format!("lies in the run directory {}", run.display());
        return Err(CutError::Output { directory: output.into(), message });
    }
    let identity = output::identity(request, &pool, &arm, &tokens)?;
    let place = match Place::claim(output, identity, &arm)? {
        Ok(place) => place,
        Err(summary) => return Ok(*summary),
    };
    let context = Context {
        pool: &pool,
        threads: options.threads,
        memory_bytes: options.memory_bytes,
        spill: options.spill.clone().unwrap_or_else(|| output.to_path_buf()),
        interrupted,
        told,
    };
    if options.verify {
        pool.verify(&context)?;
    }
    let cutting = Cutting { request, context: &context, arm: &arm, tokens };
    let summary = cutting.run(&place)?;
    place.finish(request, &summary, &pool)?;
    Ok(summary)
}
