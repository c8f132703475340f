//! Starts the program and keeps what it said.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use gristmill::steps::REGISTRY;
use serde_json::Value as Json;

/// Variables of the surroundings that change what the program does or prints.
const VARIABLES: [&str; 8] = [
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_STEP",
    "JOB_COMPLETION_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "COLUMNS",
    "CLICOLOR_FORCE",
    "RUST_BACKTRACE",
];

/// What one run of the program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    /// `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Said {
    /// The summary of `--json`.
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Everything, with the code, for a snapshot: without what a further step or a new version of
    /// one changes.
    pub(crate) fn all(&self) -> String {
        let code = self.code.unwrap_or(-1);
        without_registry(&format!("{}{}exit code {code}\n", self.out, self.err))
    }
}

/// Text with placeholders for the list of all steps and for fingerprints.
pub(crate) fn without_registry(text: &str) -> String {
    let names: Vec<&str> = REGISTRY.iter().map(|step| step.name).collect();
    let text = text.replace(&names.join(", "), "EVERY STEP");
    let lines = text.split_inclusive('\n').map(|line| match line.starts_with("fingerprint  ") {
        true => "fingerprint  HEX\n",
        false => line,
    });
    lines.collect()
}

/// The program with surroundings that are the same everywhere, in the repository's root.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gristmill"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).stdin(Stdio::null());
    for name in VARIABLES {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
pub(crate) fn gristmill(arguments: &[&str]) -> Said {
    command(arguments).output().unwrap().into()
}

/// Runs the program in a directory.
pub(crate) fn gristmill_in(directory: &Path, arguments: &[&str]) -> Said {
    command(arguments).current_dir(directory).output().unwrap().into()
}

/// A path as an argument.
pub(crate) fn argument(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The files of `documents/` and `failures/` by name.
pub(crate) fn data_files(output: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for part in ["documents", "failures"] {
        for entry in std::fs::read_dir(output.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(output).unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
    files
}

/// `run.json` without what was measured.
pub(crate) fn run_file(output: &Path) -> Json {
    let text = std::fs::read_to_string(output.join("run.json")).unwrap();
    let mut run: Json = serde_json::from_str(&text).unwrap();
    run["cpu_seconds"] = Json::Null;
    for shard in run["shards"].as_array_mut().unwrap() {
        shard["cpu_seconds"] = Json::Null;
    }
    run
}
