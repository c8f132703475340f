//! `gristmill report`: what the filters of a run do, as one page.

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::config::units::{parse_bytes, parse_count};
use crate::cut::{CutError, Options};
use crate::report::{self, Request};
use crate::store::write_whole;

use super::output::say;
use super::{Failure, format, output};

const AFTER_HELP: &str = "\
The page has no script and loads nothing. Beside every table is the DuckDB query that gives it.

Examples:
  gristmill report out --output report.html
  gristmill report crawl-a crawl-b --arm no_dedup --samples 10 --output no-dedup.html
  gristmill report out --json > findings.json

Exit codes: 0 done, 1 environment, 2 configuration or usage.";

/// Show what the filters of a run do, as one page that opens offline
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// Run directories of one plan, in crawl order
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// The page
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    output: PathBuf,
    /// The arm whose steps are looked at, `full` by default; every arm is counted
    #[arg(long, value_name = "NAME")]
    arm: Option<String>,
    /// Documents shown for each step, and records for each kind of failure; 0 shows no text
    #[arg(long, value_name = "N", default_value = "3", value_parser = parse_count)]
    samples: u64,
    /// Seed that they are drawn by
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Threads; as many as there are cores by default
    #[arg(long, value_name = "N", value_parser = super::run::at_least_one)]
    threads: Option<NonZeroUsize>,
    /// Memory that clustering may take before it spills to disk
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_bytes)]
    memory: u64,
    /// Where it spills to; the system's temporary directory by default
    #[arg(long, value_name = "DIR")]
    spill: Option<PathBuf>,
    /// Hold the files of the runs against their checksums first
    #[arg(long)]
    verify: bool,
    /// Print the findings as JSON instead of writing the page
    #[arg(long)]
    json: bool,
    /// No summary; errors are told
    #[arg(long)]
    quiet: bool,
}

/// Samples at most: the page is looked at by people.
const MOST_SAMPLES: u64 = 100;

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    if args.samples > MOST_SAMPLES {
        return Err(Failure::Usage(format!("error: --samples is {MOST_SAMPLES} at most")));
    }
    let request = Request {
        runs: args.runs.clone(),
        arm: args.arm.clone(),
        samples: usize::try_from(args.samples).unwrap_or(0),
        seed: args.seed,
    };
    let all = std::thread::available_parallelism();
    let options = Options {
        threads: args.threads.or(all.ok()).unwrap_or(NonZeroUsize::MIN),
        memory_bytes: usize::try_from(args.memory).unwrap_or(usize::MAX),
        spill: args.spill.clone(),
        verify: args.verify,
    };
    let interrupted = super::interrupts()?;
    let speaks = !args.quiet && std::io::stderr().is_terminal();
    let told = |what: &str| {
        if speaks {
            say(what);
        }
    };
    let found =
        report::survey(&request, &options, &interrupted, &told).map_err(|error| failure(&error))?;
    for warning in &found.warnings {
        say(&format!("warning: {warning}"));
    }
    if args.json {
        let json = serde_json::to_value(&found)
            .map_err(|error| Failure::Environment(format!("error: {error}")))?;
        return output::print(&format!("{json:#}\n"));
    }
    let page = report::page(&found);
    write_whole(&args.output, page.as_bytes())
        .map_err(|error| Failure::Environment(format!("error: {error}")))?;
    if !args.quiet {
        let documents = format::counted(found.documents, "document");
        let size = format::bytes(page.len() as u64);
        output::print(&format!("{documents}, {size} of page: {}\n", args.output.display()))?;
    }
    Ok(())
}

pub(super) fn failure(error: &CutError) -> Failure {
    let message = format!("error: {error}");
    if error.is_usage() { Failure::Usage(message) } else { Failure::Environment(message) }
}
