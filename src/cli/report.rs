//! `gristmill report`: what the filters of a run do, as one page.

use std::path::PathBuf;

use crate::config::units::parse_count;
use crate::report::{self, Request};
use crate::store::write_whole;

use super::machine::{Machine, failure, teller};
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
    #[command(flatten)]
    machine: Machine,
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
    let options = args.machine.options(args.verify);
    let interrupted = super::interrupts()?;
    let told = teller(args.quiet);
    let found =
        report::survey(&request, &options, &interrupted, &told).map_err(|error| failure(&error))?;
    for warning in &found.warnings {
        say(&format!("warning: {warning}"));
    }
    if args.json {
        return output::json(&found);
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
