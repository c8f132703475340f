//! How much of the machine a verb takes that reads whole runs.

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::config::units::parse_bytes;
use crate::cut::{CutError, Options};

use super::Failure;
use super::output::say;

/// Options of verbs that settle dedups and write nothing of it.
#[derive(Debug, clap::Args)]
pub(super) struct Machine {
    /// Threads; as many as there are cores by default
    #[arg(long, value_name = "N", value_parser = super::run::at_least_one)]
    threads: Option<NonZeroUsize>,
    /// Memory that clustering may take before it spills to disk
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_bytes)]
    memory: u64,
    /// Where it spills to; the system's temporary directory by default
    #[arg(long, value_name = "DIR")]
    spill: Option<PathBuf>,
}

impl Machine {
    pub(super) fn options(&self, verify: bool) -> Options {
        options(self.threads, self.memory, self.spill.clone(), verify)
    }
}

/// As asked for, and as many threads as there are cores where nothing is said of them.
pub(super) fn options(
    threads: Option<NonZeroUsize>,
    memory: u64,
    spill: Option<PathBuf>,
    verify: bool,
) -> Options {
    let all = std::thread::available_parallelism();
    Options {
        threads: threads.or(all.ok()).unwrap_or(NonZeroUsize::MIN),
        memory_bytes: usize::try_from(memory).unwrap_or(usize::MAX),
        spill,
        verify,
    }
}

/// Tells people at a terminal what is going on.
pub(super) fn teller(quiet: bool) -> impl Fn(&str) + Sync {
    let speaks = !quiet && std::io::stderr().is_terminal();
    move |what: &str| {
        if speaks {
            say(what);
        }
    }
}

/// An error of reading a run, where nothing of it can be half done.
pub(super) fn failure(error: &CutError) -> Failure {
    let message = format!("error: {error}");
    if error.is_usage() { Failure::Usage(message) } else { Failure::Environment(message) }
}
