//! Manifests: what a shard held, gave and cost; and `run.json`, all of them with the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::file::{remove_whole, write_whole};
use super::{Layout, StoreError};

/// Everything a run counts; sums over batches and over shards.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Records met: `documents + dropped + failures + other kinds`, which is asserted.
    pub records: u64,
    /// Documents written.
    pub documents: u64,
    /// Documents that a direct run of one arm dropped; 0 in a run of everything.
    pub dropped: u64,
    /// Failures by kind.
    pub failures: BTreeMap<String, u64>,
    /// Records of kinds not asked for, by kind.
    pub other: BTreeMap<String, u64>,
    /// Bytes of the documents' stored text.
    pub text_bytes: u64,
    /// What each arm keeps.
    pub arms: BTreeMap<String, ArmCount>,
    /// What each (step, view) pair found, by column.
    pub pairs: BTreeMap<String, PairCount>,
}

/// What an arm keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmCount {
    /// Documents.
    pub documents: u64,
    /// Bytes of their text as the arm sees it.
    pub text_bytes: u64,
}

/// What a (step, view) pair found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairCount {
    /// Documents kept.
    pub kept: u64,
    /// Documents it does not judge: those it does not apply to, and all where it only measures.
    pub unjudged: u64,
    /// Documents dropped, by reason.
    pub dropped: BTreeMap<String, u64>,
}

/// Kinds of records that are told apart in one run; further ones are counted together, so that
/// hostile media types cannot fill the memory.
const KINDS: usize = 512;

/// Adds to a count by kind.
fn add(counts: &mut BTreeMap<String, u64>, kind: &str, by: u64) {
    if let Some(count) = counts.get_mut(kind) {
        *count += by;
    } else {
        let kind = if counts.len() < KINDS { kind } else { "further_kinds" };
        *counts.entry(kind.to_owned()).or_default() += by;
    }
}

/// Counts one of a kind.
pub(crate) fn add_kind(counts: &mut BTreeMap<String, u64>, kind: &str) {
    add(counts, kind, 1);
}

impl Counts {
    /// Failures of every kind.
    pub fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    /// Records of kinds not asked for.
    pub fn others(&self) -> u64 {
        self.other.values().sum()
    }

    /// Whether every record is accounted for.
    pub fn balance(&self) -> bool {
        self.records == self.documents + self.dropped + self.failed() + self.others()
    }

    /// Failures as a share of the records asked for; 0 where none was.
    pub fn failure_ratio(&self) -> f64 {
        let asked = self.documents + self.dropped + self.failed();
        if asked == 0 { 0.0 } else { self.failed() as f64 / asked as f64 }
    }

    /// Counts of another batch or shard.
    pub fn merge(&mut self, other: &Self) {
        self.records += other.records;
        self.documents += other.documents;
        self.dropped += other.dropped;
        self.text_bytes += other.text_bytes;
        for (kind, count) in &other.failures {
            add(&mut self.failures, kind, *count);
        }
        for (kind, count) in &other.other {
            add(&mut self.other, kind, *count);
        }
        for (name, count) in &other.arms {
            let own = self.arms.entry(name.clone()).or_default();
            own.documents += count.documents;
            own.text_bytes += count.text_bytes;
        }
        for (column, count) in &other.pairs {
            let own = self.pairs.entry(column.clone()).or_default();
            own.kept += count.kept;
            own.unjudged += count.unjudged;
            for (reason, dropped) in &count.dropped {
                add(&mut own.dropped, reason, *dropped);
            }
        }
    }
}

/// CPU seconds by stage (`read`, `extract`, `step:<column>`, …). A measurement: the one thing here
/// that differs from run to run.
pub type Seconds = BTreeMap<String, f64>;

/// A file of the output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The file, relative to the run directory.
    pub path: String,
    /// Rows.
    pub rows: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file in hex.
    pub sha256: String,
}

/// What one shard held, gave and cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The shard's name in the run directory.
    pub shard: String,
    /// The input file as the user named it.
    pub input: String,
    /// Its size in bytes.
    pub input_bytes: u64,
    /// Fingerprint of the plan that made it.
    pub fingerprint: String,
    /// What was counted.
    pub counts: Counts,
    /// The columns of each arm that was counted: an arm of that name may since be another.
    pub arms: BTreeMap<String, Vec<String>>,
    /// The files written.
    pub outputs: Vec<Output>,
    /// CPU seconds by stage.
    pub cpu_seconds: Seconds,
}

impl Manifest {
    /// Reads a manifest; `None` if there is none or it is not one.
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// Puts the manifest in its place, which declares the shard whole.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&self, layout: &Layout) -> Result<(), StoreError> {
        write_json(&layout.manifest(&self.shard), self)
    }

    /// Takes a manifest away, durably; there may be none.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn remove(layout: &Layout, shard: &str) -> Result<(), StoreError> {
        remove_whole(&layout.manifest(shard))
    }

    /// Passes every manifest of a plan whose outputs are there, in no order.
    ///
    /// # Errors
    /// If the directory cannot be listed.
    pub fn each(
        layout: &Layout,
        fingerprint: &str,
        mut pass: impl FnMut(Self),
    ) -> Result<(), StoreError> {
        let directory = layout.manifests();
        let at = |error: io::Error| StoreError::new(&directory, error);
        for entry in std::fs::read_dir(&directory).map_err(at)? {
            let path = entry.map_err(at)?.path();
            if path.extension().is_some_and(|suffix| suffix == "json")
                && let Some(manifest) = Self::read(&path)
                && manifest.fingerprint == fingerprint
                && manifest.has_outputs(layout)
            {
                pass(manifest);
            }
        }
        Ok(())
    }

    /// Whether the shard is whole: made from an input of this size, with every output there.
    pub fn is_whole(&self, layout: &Layout, input_bytes: u64) -> bool {
        self.input_bytes == input_bytes && self.has_outputs(layout)
    }

    /// Whether every output is there in the size recorded.
    fn has_outputs(&self, layout: &Layout) -> bool {
        let there = |output: &Output| {
            let place = layout.root().join(&output.path);
            std::fs::metadata(place).is_ok_and(|data| data.len() == output.bytes)
        };
        self.outputs.iter().all(there)
    }
}

/// The sums over shards, with an arm only where every shard counted the same one.
pub struct Totals<'a> {
    arms: &'a BTreeMap<String, Vec<String>>,
    /// Arms that some shard did not count, or counted with other columns.
    uncounted: BTreeSet<String>,
    counts: Counts,
    cpu_seconds: Seconds,
}

impl<'a> Totals<'a> {
    /// No shard yet; `arms` are those of the plan, with their columns.
    pub fn new(arms: &'a BTreeMap<String, Vec<String>>) -> Self {
        let (counts, cpu_seconds) = (Counts::default(), Seconds::new());
        Self { arms, uncounted: BTreeSet::new(), counts, cpu_seconds }
    }

    /// Adds a shard.
    pub fn add(&mut self, manifest: &Manifest) {
        for (name, columns) in self.arms {
            if manifest.arms.get(name) != Some(columns) {
                self.uncounted.insert(name.clone());
            }
        }
        self.counts.merge(&manifest.counts);
        for (stage, seconds) in &manifest.cpu_seconds {
            *self.cpu_seconds.entry(stage.clone()).or_default() += seconds;
        }
    }

    /// The sums.
    pub fn finish(mut self) -> (Counts, Seconds) {
        let (arms, uncounted) = (self.arms, &self.uncounted);
        let counted = |name: &String| arms.contains_key(name) && !uncounted.contains(name);
        self.counts.arms.retain(|name, _| counted(name));
        (self.counts, self.cpu_seconds)
    }
}

/// `run.json`: the plan, and every whole shard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFile {
    /// Version of the layout.
    pub schema: u32,
    /// Version of gristmill that wrote last.
    pub gristmill: String,
    /// Fingerprint of the plan.
    pub fingerprint: String,
    /// The plan as `gristmill plan --json` prints it.
    pub plan: serde_json::Value,
    /// All shards together.
    pub totals: Counts,
    /// CPU seconds by stage, all shards together.
    pub cpu_seconds: Seconds,
    /// The shards by name.
    pub shards: Vec<ShardLine>,
}

/// What `run.json` says of a shard; its manifest says the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardLine {
    /// The shard's name in the run directory.
    pub shard: String,
    /// The input file as the user named it.
    pub input: String,
    /// Its size in bytes.
    pub input_bytes: u64,
    /// Records met.
    pub records: u64,
    /// Documents written.
    pub documents: u64,
    /// Documents that a direct run of one arm dropped.
    pub dropped: u64,
    /// Records that failed.
    pub failures: u64,
    /// Records of kinds not asked for.
    pub other: u64,
    /// The files written.
    pub outputs: Vec<Output>,
}

/// The part of `run.json` that says whose directory it is.
#[derive(Deserialize)]
struct PlanOf {
    fingerprint: String,
    plan: serde_json::Value,
}

impl RunFile {
    /// Waits until no other process works on `run.json`, and keeps others waiting until the lock is
    /// dropped.
    ///
    /// # Errors
    /// If the lock file cannot be made.
    pub fn lock(layout: &Layout) -> Result<File, StoreError> {
        let path = layout.root().join("run.lock");
        let at = |error: io::Error| StoreError::new(&path, error);
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).map_err(at)?;
        match file.lock() {
            // File systems without locks work without them.
            Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(at(error)),
            _ => Ok(file),
        }
    }

    /// Reads `run.json`; `None` if there is none.
    ///
    /// # Errors
    /// If there is one and it cannot be read or is not one.
    pub fn read(layout: &Layout) -> Result<Option<Self>, StoreError> {
        read_json(&layout.run_file())
    }

    /// The fingerprint and the plan of a run directory; `None` for a new one.
    ///
    /// # Errors
    /// As [`RunFile::read`].
    pub fn read_plan(layout: &Layout) -> Result<Option<(String, serde_json::Value)>, StoreError> {
        let file: Option<PlanOf> = read_json(&layout.run_file())?;
        Ok(file.map(|file| (file.fingerprint, file.plan)))
    }

    /// Gathers the manifests of a run directory that a plan made.
    ///
    /// # Errors
    /// If the directory cannot be listed.
    pub fn gather(
        layout: &Layout,
        fingerprint: &str,
        plan: serde_json::Value,
        arms: &BTreeMap<String, Vec<String>>,
    ) -> Result<Self, StoreError> {
        let (mut totals, mut shards) = (Totals::new(arms), Vec::new());
        Manifest::each(layout, fingerprint, |manifest| {
            totals.add(&manifest);
            shards.push(ShardLine {
                records: manifest.counts.records,
                documents: manifest.counts.documents,
                dropped: manifest.counts.dropped,
                failures: manifest.counts.failed(),
                other: manifest.counts.others(),
                shard: manifest.shard,
                input: manifest.input,
                input_bytes: manifest.input_bytes,
                outputs: manifest.outputs,
            });
        })?;
        shards.sort_by(|a, b| a.shard.cmp(&b.shard));
        let (totals, cpu_seconds) = totals.finish();
        Ok(Self {
            schema: crate::plan::SCHEMA_VERSION,
            gristmill: env!("CARGO_PKG_VERSION").to_owned(),
            fingerprint: fingerprint.to_owned(),
            plan,
            totals,
            cpu_seconds,
            shards,
        })
    }

    /// Puts `run.json` in its place.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&self, layout: &Layout) -> Result<(), StoreError> {
        write_json(&layout.run_file(), self)
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StoreError> {
    match File::open(path) {
        Ok(file) => serde_json::from_reader(BufReader::new(file))
            .map(Some)
            .map_err(|error| StoreError::new(path, io::Error::from(error))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::new(path, error)),
    }
}

fn write_json(place: &Path, value: &impl Serialize) -> Result<(), StoreError> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| StoreError::new(place, io::Error::from(error)))?;
    bytes.push(b'\n');
    write_whole(place, &bytes)
}
