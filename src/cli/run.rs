//! `gristmill run`: a pipeline over shards.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

use crate::config::units::parse_bytes;
use crate::config::{Input, InputFormat};
use crate::plan::Plan;
use crate::run::{self, Options, Progress, RunError, Summary};
use crate::shards::{self, Format, InputFault, Shard};

use super::output::say;
use super::progress::Display;
use super::{EXIT_CODES, Failure, diagnostics, format, output, summary};

/// Run a pipeline over shards: annotated Parquet out
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Args {
    /// The pipeline file (TOML)
    pipeline: PathBuf,
    /// Shards in place of the pipeline's own: a file, directory, glob or path list; may be repeated
    #[arg(long, value_name = "GLOB|LIST")]
    input: Vec<String>,
    /// Where the keys of path lists start from; a list's own directory by default
    #[arg(long, value_name = "DIR")]
    base: Option<PathBuf>,
    /// The run directory; an earlier run of the same plan there is carried on
    #[arg(long, value_name = "DIR", default_value = "out")]
    output: PathBuf,
    /// Run just this arm's steps and drop documents as it goes
    #[arg(long, value_name = "NAME")]
    arm: Option<String>,
    /// Workers; as many as there are cores by default
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    threads: Option<NonZeroUsize>,
    /// Input held in memory at once (2GiB, 500MB); 32 MiB for each worker and one more by default
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    memory: Option<u64>,
    /// Which part of the shards to run, from 0; by default the index that Slurm, Kubernetes or AWS
    /// Batch gives an array's task
    #[arg(long, value_name = "I", requires = "shard_count", value_parser = index)]
    shard_index: Option<usize>,
    /// Into how many parts the shards are split
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    shard_count: Option<NonZeroUsize>,
    /// Share of documents and failures together that may be failures before the exit code is 3
    #[arg(long, value_name = "RATIO", default_value_t = 0.1, value_parser = ratio)]
    max_failures: f64,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    /// No progress and no summary (that of --json is printed); errors are told
    #[arg(long)]
    quiet: bool,
}

pub(super) fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "a whole number from 1 is needed".to_owned())
}

fn index(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "a whole number from 0 is needed".to_owned())
}

fn ratio(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => Err("a number between 0 and 1 is needed".to_owned()),
    }
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let plan = Plan::load(&args.pipeline, args.arm.as_deref())
        .map_err(|error| diagnostics::failure(&error))?;
    let shards = part(args, find(args, &plan)?)?;
    let mut options = Options::for_threads(args.threads);
    if let Some(bytes) = args.memory {
        options.memory_bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    }
    let interrupted = Arc::new(AtomicBool::new(false));
    let display = Display::new(args.quiet);
    on_interrupt(&interrupted, &display)?;
    let progress = Progress::default();
    let arms: Vec<&str> = plan.arms.iter().map(|arm| arm.name.as_str()).collect();
    let result = std::thread::scope(|scope| {
        let (over, is_over) = channel();
        let (progress, display, arms) = (&progress, &display, &arms);
        scope.spawn(move || display.follow(progress, arms, &is_over));
        let result = run::run(&plan, &shards, &args.output, &options, progress, &interrupted);
        drop(over);
        result
    });
    let summary = result.map_err(|error| failure(&error, &progress))?;
    if args.json {
        output::print(&format!("{:#}\n", summary::to_json(&summary, &plan)))?;
    } else if !args.quiet {
        output::print(&summary::describe(&summary, &plan, &args.output))?;
    }
    verdict(&summary, args.max_failures)
}

fn failure(error: &RunError, progress: &Progress) -> Failure {
    let message = format!("error: {error}");
    let began = progress.shards.load(Ordering::Relaxed) > 0;
    match error {
        RunError::OtherPlan { .. }
        | RunError::Pool { .. }
        | RunError::NoUrls { .. }
        | RunError::OwnOutput { .. } => Failure::Usage(message),
        _ if began => Failure::Environment(format!(
            "{message}\nthe shards that are whole stay; the same command carries on from there"
        )),
        _ => Failure::Environment(message),
    }
}

/// The first signal stops the run between batches, the second ends the process.
fn on_interrupt(interrupted: &Arc<AtomicBool>, display: &Display) -> Result<(), Failure> {
    let (flag, display) = (Arc::clone(interrupted), display.clone());
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        display.say("stopping after the batches in flight; once more to stop at once");
    })
    .map_err(|error| Failure::Environment(format!("error: cannot listen for signals: {error}")))
}

fn find(args: &Args, plan: &Plan) -> Result<Vec<Shard>, Failure> {
    let directory = args.pipeline.parent().unwrap_or(Path::new(""));
    let own = |path: &str| match path.contains("://") || Path::new(path).is_absolute() {
        true => path.to_owned(),
        false => directory.join(path).to_string_lossy().into_owned(),
    };
    let Input { shards, base, format, .. } = &plan.input;
    let inputs: Vec<String> = match args.input.is_empty() {
        true => shards.iter().map(|path| own(path)).collect(),
        false => args.input.clone(),
    };
    if inputs.is_empty() {
        return Err(Failure::Usage(format!(
            "error: no input: give --input, or `shards` under [input] in {}",
            args.pipeline.display()
        )));
    }
    let base = args.base.clone().or_else(|| base.as_ref().map(|base| directory.join(base)));
    let format = match format {
        InputFormat::Auto => None,
        InputFormat::Warc => Some(Format::Warc),
        InputFormat::Jsonl => Some(Format::Jsonl),
        InputFormat::Parquet => Some(Format::Parquet),
    };
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let expansion = shards::expand(&inputs, base.as_deref(), format).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(|error| format!("error: {error}")).collect();
        // What is named rightly and cannot be read is the environment's fault.
        match errors.iter().all(|error| matches!(error.fault, InputFault::NotReadable(_))) {
            true => Failure::Environment(lines.join("\n")),
            false => Failure::Usage(lines.join("\n")),
        }
    })?;
    if expansion.duplicates > 0 && !args.quiet {
        let repeated = format::counted(expansion.duplicates, "repeated shard");
        say(&format!("note: {repeated} left out"));
    }
    Ok(expansion.shards)
}

/// This process's part of the shards.
fn part(args: &Args, shards: Vec<Shard>) -> Result<Vec<Shard>, Failure> {
    let Some(count) = args.shard_count else { return Ok(shards) };
    let index = match args.shard_index.or_else(index_of_array_task) {
        Some(index) if index < count.get() => index,
        Some(index) => {
            return Err(Failure::Usage(format!(
                "error: --shard-index is {index}, but --shard-count {count} has parts 0 to {}",
                count.get() - 1
            )));
        }
        None => {
            return Err(Failure::Usage(
                "error: --shard-count needs --shard-index (no array task of Slurm, Kubernetes or \
                 AWS Batch is running here)"
                    .into(),
            ));
        }
    };
    let own = shards.into_iter().enumerate().filter(|(at, _)| at % count.get() == index);
    Ok(own.map(|(_, shard)| shard).collect())
}

/// The index, from 0, that a scheduler gives the tasks of an array.
fn index_of_array_task() -> Option<usize> {
    let read = |name: &str| std::env::var(name).ok()?.parse::<usize>().ok();
    let slurm = || {
        let task = read("SLURM_ARRAY_TASK_ID")?;
        let past = task.checked_sub(read("SLURM_ARRAY_TASK_MIN").unwrap_or(0))?;
        // `--array=0-30:10` numbers its tasks 0, 10, 20, 30.
        Some(past / read("SLURM_ARRAY_TASK_STEP").unwrap_or(1).max(1))
    };
    slurm().or_else(|| read("JOB_COMPLETION_INDEX")).or_else(|| read("AWS_BATCH_JOB_ARRAY_INDEX"))
}

/// How the process ends.
fn verdict(summary: &Summary, max_failures: f64) -> Result<(), Failure> {
    if !summary.unreadable.is_empty() {
        let lines = summary.unreadable.iter();
        let lines: Vec<String> = lines
            .map(|(path, why)| format!("error: cannot read {}: {why}", path.display()))
            .collect();
        return Err(Failure::Environment(format!(
            "{}\nwhat is whole stays; the same command tries the rest again",
            lines.join("\n")
        )));
    }
    if summary.left > 0 {
        let left = format::counted(summary.left as u64, "shard");
        return Err(Failure::Environment(format!(
            "stopped with {left} to do; the same command carries on from there"
        )));
    }
    let ratio = summary.totals.failure_ratio();
    if ratio > max_failures {
        return Err(Failure::TooManyFailures(format!(
            "too many failures: {:.2} % of the records asked for, where --max-failures allows \
             {:.2} %; failures/ has each with its reason",
            ratio * 100.0,
            max_failures * 100.0
        )));
    }
    Ok(())
}
