//! A plan over shards: readers, workers, order, checkpoints.
//!
//! Each shard in flight has a driver thread that reads batches, hands them to the workers, takes
//! the results back in order and writes them; a pool of workers does everything that costs CPU.
//! A batch holds its bytes of a common budget from being read until it is written, which bounds
//! memory, and is written in its turn, which makes the output independent of the number of threads.
//!
//! | file | what it does |
//! |---|---|
//! | `check.rs`, `resume.rs` | what is wrong before any work; which shards are whole |
//! | `source.rs` | a shard as a sequence of batches |
//! | `page.rs` | a WARC record → a document, or why it is none |
//! | `evaluate.rs` | the plan on one document |
//! | `worker.rs` | a batch → columns and counts |
//! | `shard.rs` | the driver of one shard |
//! | `budget.rs`, `ledger.rs`, `progress.rs` | bytes in flight, CPU time, what a display reads |

mod budget;
mod check;
mod evaluate;
mod ledger;
mod page;
mod progress;
mod resume;
mod shard;
mod source;
mod worker;

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::panics::said;
use crate::plan::Plan;
use crate::shards::Shard;
use crate::store::{
    Counts, Layout, Manifest, RunFile, Schemas, Seconds, StoreError, Totals, documents_schema,
    failures_schema, signatures_schema,
};

pub use progress::Progress;

/// Stack of a worker: room for expressions and models that recurse; the reading of pages does not.
const WORKER_STACK_BYTES: usize = 16 << 20;

/// How a run goes about its work; nothing here changes a byte of the output.
#[derive(Debug, Clone)]
pub struct Options {
    /// Workers.
    pub threads: NonZeroUsize,
    /// Bytes of input held at once, read and not yet written.
    pub memory_bytes: usize,
}

impl Options {
    /// As many workers as there are cores, and 32 MiB in flight for each and for the readers.
    pub fn for_threads(threads: Option<NonZeroUsize>) -> Self {
        let threads = threads
            .or_else(|| std::thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN);
        Self { threads, memory_bytes: (threads.get() + 1) * (32 << 20) }
    }
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Shards that were whole before.
    pub already_whole: usize,
    /// Shards brought to their end by this run.
    pub done: usize,
    /// Shards left, because the run was stopped.
    pub left: usize,
    /// Inputs that could not be read, with the reason; the others went on.
    pub unreadable: Vec<(PathBuf, String)>,
    /// Whole shards that gave no document at all.
    pub without_documents: usize,
    /// All whole shards of this plan's input, those of earlier runs included.
    pub totals: Counts,
    /// CPU seconds by stage over the same shards.
    pub cpu_seconds: Seconds,
    /// Stored bytes of the same shards.
    pub input_bytes: u64,
    /// Bytes of `documents/` over the same shards.
    pub output_bytes: u64,
    /// Wall-clock time of this run.
    pub elapsed: Duration,
}

/// What ends a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The output cannot be written, or what stands there cannot be read.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// An input cannot be read; other shards go on.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The input.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The run directory belongs to another plan.
    #[error("{} holds a run of another plan; choose another --output\n{}", directory.display(), differences.join("\n"))]
    OtherPlan {
        /// The run directory.
        directory: PathBuf,
        /// What differs, a line each.
        differences: Vec<String>,
    },
    /// A step judges by the URL, and the documents of pools are read without one.
    #[error("the step `{step}` judges by the URL, but [input] has no `url_field` for the pools")]
    NoUrls {
        /// The step.
        step: String,
    },
    /// A shard lies in the run directory.
    #[error("{} lies in the run directory: a run cannot read its own output", path.display())]
    OwnOutput {
        /// The shard.
        path: PathBuf,
    },
    /// The fields of a pool are not what the pipeline names.
    #[error("{}: {message}", path.display())]
    Pool {
        /// The input.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A fault of gristmill: records that are in no account.
    #[error("shard {shard}: {} records, but {} documents + {} dropped + {} failures + {} others", counts.records, counts.documents, counts.dropped, counts.failed(), counts.others())]
    Unbalanced {
        /// The shard.
        shard: String,
        /// Its counts.
        counts: Box<Counts>,
    },
    /// A fault of gristmill: a panic outside the work on one page.
    #[error("shard {shard}: a fault of gristmill itself, please report it: {message}")]
    Panicked {
        /// The shard.
        shard: String,
        /// What the panic said.
        message: String,
    },
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

/// What drivers and workers share.
struct Context<'p> {
    task: worker::Task<'p>,
    layout: Layout,
    budget: budget::Budget,
    /// Batches of one shard in flight at most.
    window: u64,
    progress: &'p Progress,
    interrupted: &'p AtomicBool,
    failed: AtomicBool,
}

impl Context<'_> {
    fn stops(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }
}

/// Runs a plan over shards into a run directory, carrying on from the shards that are whole.
///
/// `interrupted` stops the run between batches when it becomes true; a shard under work is then
/// given up and done anew by the next run.
///
/// # Errors
/// [`RunError`]; what was finished before stays.
pub fn run(
    plan: &Plan,
    shards: &[Shard],
    output: &Path,
    options: &Options,
    progress: &Progress,
    interrupted: &AtomicBool,
) -> Result<Summary, RunError> {
    let wall = ledger::Wall::start();
    let layout = Layout::new(output);
    check::check(plan, shards, output)?;
    claim(plan, &layout)?;
    let (mut whole, todo) = resume::carry_on(&layout, &plan.fingerprint, shards)?;
    let context = Context {
        task: worker::Task {
            plan,
            schemas: Schemas {
                documents: Arc::new(documents_schema(plan)),
                failures: Arc::new(failures_schema()),
                signatures: Arc::new(signatures_schema()),
                signs: plan.signs(),
            },
            arms: plan.arm_columns(),
            columns: (0..plan.pairs.len()).map(|pair| plan.column(pair)).collect(),
            pages: page::PageReader { options: plan.extract_options() },
        },
        layout,
        budget: budget::Budget::new(options.memory_bytes.max(1)),
        window: options.threads.get() as u64 + 2,
        progress,
        interrupted,
        failed: AtomicBool::new(false),
    };
    let already_whole = whole.len();
    progress.shards.store(todo.len() as u64, Ordering::Relaxed);
    progress.bytes.store(todo.iter().map(|shard| shard.bytes).sum(), Ordering::Relaxed);
    let ended = work(&context, &todo, options.threads);
    let recorded = record(plan, &context.layout);
    // What stopped the run comes before what followed from it.
    if let Some(error) = ended.fatal {
        return Err(error);
    }
    recorded?;
    let done = ended.whole.len();
    whole.extend(ended.whole);
    Ok(Summary {
        already_whole,
        done,
        left: todo.len() - done - ended.unreadable.len(),
        unreadable: ended.unreadable,
        elapsed: wall.elapsed(),
        ..sum(&whole, &plan.arm_columns())
    })
}

/// The sums of a summary over manifests.
fn sum(manifests: &[Manifest], arms: &BTreeMap<String, Vec<String>>) -> Summary {
    let mut totals = Totals::new(arms);
    let (mut input_bytes, mut output_bytes, mut without_documents) = (0, 0, 0);
    for manifest in manifests {
        totals.add(manifest);
        input_bytes += manifest.input_bytes;
        output_bytes += manifest.outputs.first().map_or(0, |output| output.bytes);
        let gave = manifest.counts.documents + manifest.counts.dropped;
        without_documents += usize::from(gave == 0);
    }
    let (totals, cpu_seconds) = totals.finish();
    Summary {
        already_whole: 0,
        done: 0,
        left: 0,
        unreadable: Vec::new(),
        without_documents,
        totals,
        cpu_seconds,
        input_bytes,
        output_bytes,
        elapsed: Duration::ZERO,
    }
}

/// Refuses the directory of another plan, and puts this plan into a new one.
fn claim(plan: &Plan, layout: &Layout) -> Result<(), RunError> {
    layout.create(plan.signs())?;
    let _lock = RunFile::lock(layout)?;
    match RunFile::read_plan(layout)? {
        Some((fingerprint, earlier)) if fingerprint != plan.fingerprint => {
            Err(RunError::OtherPlan {
                directory: layout.root().to_path_buf(),
                differences: crate::plan::differences(
                    &earlier,
                    &plan.to_json(),
                    ["the run has", "asked is"],
                ),
            })
        }
        Some(_) => Ok(()),
        None => Ok(gather(plan, layout)?.write(layout)?),
    }
}

/// Brings `run.json` up to the shards that are whole.
fn record(plan: &Plan, layout: &Layout) -> Result<(), StoreError> {
    let _lock = RunFile::lock(layout)?;
    gather(plan, layout)?.write(layout)
}

fn gather(plan: &Plan, layout: &Layout) -> Result<RunFile, StoreError> {
    RunFile::gather(layout, &plan.fingerprint, plan.to_json(), &plan.arm_columns())
}

#[derive(Default)]
struct Ended {
    whole: Vec<Manifest>,
    unreadable: Vec<(PathBuf, String)>,
    fatal: Option<RunError>,
}

/// Shards in flight: one driver feeds many workers, and a second one keeps them busy while the
/// first brings its shard to the end.
fn drivers(threads: usize, shards: usize) -> usize {
    let wanted = if threads == 1 { 1 } else { 2 + threads / 12 };
    wanted.min(shards).max(1)
}

fn work(context: &Context<'_>, todo: &[Shard], threads: NonZeroUsize) -> Ended {
    let ended = Mutex::new(Ended::default());
    let next = AtomicUsize::new(0);
    let (jobs, queue) = bounded(threads.get());
    let started = std::thread::scope(|scope| {
        // Moved in, so that the channel closes when the last driver is done.
        let jobs = jobs;
        start(scope, context, todo, threads, (&jobs, queue), (&ended, &next)).inspect_err(|_| {
            context.failed.store(true, Ordering::Relaxed);
        })
    });
    let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Err(error) = started {
        ended.fatal.get_or_insert(RunError::Thread(error));
    }
    ended
}

/// Starts the workers and the drivers.
fn start<'scope, 'env: 'scope>(
    scope: &'scope std::thread::Scope<'scope, 'env>,
    context: &'env Context<'_>,
    todo: &'env [Shard],
    threads: NonZeroUsize,
    (jobs, queue): (&Sender<shard::Job>, Receiver<shard::Job>),
    (ended, next): (&'env Mutex<Ended>, &'env AtomicUsize),
) -> io::Result<()> {
    for index in 0..threads.get() {
        let (queue, task) = (queue.clone(), &context.task);
        let worker = std::thread::Builder::new().name(format!("worker-{index}"));
        worker.stack_size(WORKER_STACK_BYTES).spawn_scoped(scope, move || {
            for job in queue {
                let result = worker::process(task, job.batch, &job.file);
                // A driver that gave its shard up no longer listens.
                drop(job.reply.send((job.sequence, result)));
            }
        })?;
    }
    for index in 0..drivers(threads.get(), todo.len()) {
        let jobs = jobs.clone();
        let driver = std::thread::Builder::new().name(format!("shard-{index}"));
        driver.spawn_scoped(scope, move || {
            while !context.stops() {
                let Some(shard) = todo.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let end = drive(context, shard, &jobs);
                let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
                match end {
                    Ok(shard::End::Whole(manifest)) => ended.whole.push(*manifest),
                    Ok(shard::End::Stopped) => {}
                    Err(RunError::Read { path, source }) => {
                        ended.unreadable.push((path, source.to_string()));
                    }
                    Err(error) => {
                        context.failed.store(true, Ordering::Relaxed);
                        ended.fatal.get_or_insert(error);
                    }
                }
            }
        })?;
    }
    Ok(())
}

/// Runs a shard; a panic of its reader ends the run rather than the process.
fn drive(
    context: &Context<'_>,
    shard: &Shard,
    jobs: &Sender<shard::Job>,
) -> Result<shard::End, RunError> {
    let run = || shard::run(context, shard, jobs);
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let message = said(&*panic).to_owned();
        Err(RunError::Panicked { shard: shard.name.clone(), message })
    })
}
