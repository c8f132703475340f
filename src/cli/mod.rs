//! The command line: one file a verb.
//!
//! Results go to standard output, everything else to standard error. Exit codes: 0 done,
//! 1 environment, 2 configuration or usage, 3 done but more failures than allowed.

mod cut;
mod diagnostics;
mod diff;
mod filters;
mod format;
mod machine;
mod output;
mod plan;
mod progress;
mod report;
mod run;
mod schema;
mod show;
mod summary;
mod terminal;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Parser, Subcommand};

use output::say;

pub use filters::table as filters_table;
pub use schema::schema as pipeline_schema;

const EXIT_CODES: &str = "Exit codes: 0 done, 1 environment (disk, unreadable shard, interrupted), \
                          2 configuration or usage,\n3 done but more failures than allowed.";

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  gristmill plan pipelines/fineweb.toml\n",
    "  gristmill run pipelines/fineweb.toml --input 'crawl/*.warc.gz' --output out\n",
    "  gristmill cut out --arm full --output arms/full\n",
    "  gristmill report out --output report.html\n",
    "  gristmill filters gopher_quality\n\n",
    "Exit codes: 0 done, 1 environment, 2 configuration or usage, 3 done but more failures than \
     allowed."
);

/// A streaming web-corpus filtering pipeline that measures every document and forgets nothing.
#[derive(Debug, Parser)]
#[command(name = "gristmill", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run a pipeline over shards: annotated Parquet out
    Run(run::Args),
    /// Show what a pipeline would do, or every fault in it; reads no input
    Plan(plan::Args),
    /// Cut one arm of run directories as a corpus: dedup, sample, output formats
    Cut(cut::Args),
    /// Show what the filters of a run do, as one page that opens offline
    Report(report::Args),
    /// Show one document: its text, every signal beside its threshold, every arm's verdict
    Show(show::Args),
    /// Show what one arm has and another has not: what one step alone removes, as text
    Diff(diff::Args),
    /// List the registered steps (filters, edits, dedups, annotations), or print one step's page
    Filters(filters::Args),
    /// Print the JSON schema of pipelines, for editors
    Schema,
}

/// Why a verb did not end well, as the process tells it.
#[derive(Debug)]
enum Failure {
    /// The environment: exit code 1.
    Environment(String),
    /// Configuration or usage: exit code 2.
    Usage(String),
    /// Done, but more failures than allowed: exit code 3.
    TooManyFailures(String),
}

/// Runs the command line of the process.
pub fn main() -> ExitCode {
    quiet_panics_of_workers();
    let cli = Cli::parse();
    let result = match &cli.verb {
        Verb::Run(args) => run::run(args),
        Verb::Cut(args) => cut::run(args),
        Verb::Report(args) => report::run(args),
        Verb::Show(args) => show::run(args),
        Verb::Diff(args) => diff::run(args),
        Verb::Plan(args) => plan::run(args),
        Verb::Filters(args) => filters::run(args),
        Verb::Schema => schema::run(),
    };
    let (code, message) = match result {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Environment(message)) => (1, message),
        Err(Failure::Usage(message)) => (2, message),
        Err(Failure::TooManyFailures(message)) => (3, message),
    };
    say(&message);
    ExitCode::from(code)
}

/// What the first Ctrl-C or SIGTERM sets, so that work ends in order; the second ends the process.
fn interrupts() -> Result<Arc<AtomicBool>, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        say("stopping; once more to stop at once");
    })
    .map_err(|error| Failure::Environment(format!("error: cannot listen for signals: {error}")))?;
    Ok(interrupted)
}

/// A panic on a page becomes a row in `failures/`; it is not for the terminal.
fn quiet_panics_of_workers() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let thread = std::thread::current();
        if !thread.name().is_some_and(|name| name.starts_with("worker-")) {
            usual(panic);
        }
    }));
}
