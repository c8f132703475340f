//! What ends a cut.

use std::path::PathBuf;

use crate::store::StoreError;

/// What ends a cut.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// Something cannot be read or written.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The directory is none that `gristmill run` wrote.
    #[error("{} is no run directory: it has no run.json", directory.display())]
    NoRun {
        /// The directory.
        directory: PathBuf,
    },
    /// Another version of gristmill wrote the directory.
    #[error("{}: {message}", directory.display())]
    OtherVersion {
        /// The directory.
        directory: PathBuf,
        /// How it differs.
        message: String,
    },
    /// A directory is named twice.
    #[error("{} is named twice", directory.display())]
    Twice {
        /// The directory.
        directory: PathBuf,
    },
    /// Run directories of different plans.
    #[error(
        "{} and {} hold runs of different plans\n{}",
        first.display(),
        second.display(),
        differences.join("\n")
    )]
    OtherPlan {
        /// The first directory.
        first: PathBuf,
        /// The one that differs from it.
        second: PathBuf,
        /// What differs, a line each.
        differences: Vec<String>,
    },
    /// More documents than ordinals.
    #[error("the arm has {documents} documents or more; one cut takes 4,294,967,294 at most")]
    TooMany {
        /// How many, or one more than can be.
        documents: u64,
    },
    /// Shards that the run had done are not there any more.
    #[error(
        "{}: the files of {} are not as the run wrote them; run it again to have them made anew",
        directory.display(),
        shards.join(", ")
    )]
    Lost {
        /// The run directory.
        directory: PathBuf,
        /// The shards.
        shards: Vec<String>,
    },
    /// A file has other bytes than the run wrote.
    #[error(
        "{} has other bytes than the run wrote; remove it and run the pipeline again, which makes it anew",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// No shard is whole.
    #[error("no shard of {} is whole yet", directory.display())]
    NothingWhole {
        /// The directory.
        directory: PathBuf,
    },
    /// What was asked for is no arm of the plan, or cannot be had; what to do about it.
    #[error("{message}{}", help.as_deref().map(|help| format!("\nhelp: {help}")).unwrap_or_default())]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Steps of the arm were not evaluated on the text that the arm sees.
    #[error(
        "the run did not evaluate what the arm `{arm}` needs: {}\nhelp: add to the pipeline, and run it into a new directory:\n{add}",
        missing.join(", ")
    )]
    NotEvaluated {
        /// The arm.
        arm: String,
        /// The columns that are missing.
        missing: Vec<String>,
        /// The lines to add to the pipeline.
        add: String,
    },
    /// The output directory is in use by something else.
    #[error("{} {message}; choose another --output", directory.display())]
    Output {
        /// The directory.
        directory: PathBuf,
        /// What it holds.
        message: String,
    },
    /// The cut was stopped from outside.
    #[error("stopped")]
    Interrupted,
}

impl CutError {
    /// A fault of what was asked for.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: None }
    }

    /// Whether another configuration or command would help, rather than another environment.
    pub fn is_usage(&self) -> bool {
        !matches!(
            self,
            Self::Store(_) | Self::Interrupted | Self::Lost { .. } | Self::Damaged { .. }
        )
    }
}
