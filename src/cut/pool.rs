//! Run directories as one pool: shards in crawl order, each document with an ordinal.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use crate::digest::sha256_of_file;
use crate::plan::{SCHEMA_VERSION, StoredPlan, differences};
use crate::store::{
    Counts, Layout, Manifest, Output, RunFile, Seconds, StoreError, StoredFile, Totals,
};

use super::CutError;
use super::context::Context;
use super::parallel::in_order;

/// All documents of some run directories, in crawl order: directories as given, shards by name,
/// documents in order. A document's ordinal is its place in that order.
pub(crate) struct Pool {
    /// The plan that all of them have.
    pub(crate) plan: StoredPlan,
    /// What is odd about the directories, and no error.
    pub(crate) warnings: Vec<String>,
    /// Those of all directories but the first: arms and keeper rules are no part of the fingerprint.
    pub(crate) others: Vec<(PathBuf, StoredPlan)>,
    /// The first one as it stands in `run.json`.
    pub(crate) json: serde_json::Value,
    /// The files of documents and signatures, in order, each with its SHA-256.
    pub(crate) files: Vec<(PathBuf, String)>,
    /// The row groups of `documents/`, in order.
    pub(crate) groups: Vec<Group>,
    /// The shards, in order.
    pub(crate) shards: Vec<PoolShard>,
    /// Documents.
    pub(crate) documents: u32,
    /// What the shards counted, all together.
    pub(crate) totals: Counts,
    /// CPU seconds by stage, all together.
    pub(crate) cpu_seconds: Seconds,
    /// Bytes of the shards' inputs.
    pub(crate) input_bytes: u64,
}

/// A shard of a pool.
pub(crate) struct PoolShard {
    layout: Layout,
    name: String,
    /// Ordinal of its first document.
    pub(crate) first: u32,
    /// Its documents.
    pub(crate) rows: u32,
    /// Its `documents/` file.
    pub(crate) file: StoredFile,
}

/// A row group of a shard's documents, or a part of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    /// The shard.
    pub(crate) shard: usize,
    /// The row group in the shard's file.
    pub(crate) group: usize,
    /// Rows of the row group before it.
    pub(crate) skip: u32,
    /// Ordinal of its first document.
    pub(crate) first: u32,
    /// Its documents.
    pub(crate) rows: u32,
}

impl PoolShard {
    /// The documents.
    pub(crate) fn documents(&self) -> PathBuf {
        self.layout.documents(&self.name)
    }

    /// The failures.
    pub(crate) fn failures(&self) -> PathBuf {
        self.layout.failures(&self.name)
    }

    /// The signatures.
    pub(crate) fn signatures(&self) -> PathBuf {
        self.layout.signatures(&self.name)
    }
}

impl Pool {
    /// Opens run directories.
    ///
    /// # Errors
    /// A directory that is no run, runs of different plans with what differs, a shard that cannot
    /// be read.
    pub(crate) fn open(directories: &[PathBuf]) -> Result<Self, CutError> {
        refuse_twice(directories)?;
        let runs: Vec<Run> = directories.iter().map(Run::open).collect::<Result<_, _>>()?;
        let [first, others @ ..] = runs.as_slice() else {
            return Err(CutError::usage("no run directory is given"));
        };
        others.iter().try_for_each(|other| same_plan(first, other))?;
        let other = |run: &Run| (run.directory.clone(), run.plan.clone());
        let mut pool = Self {
            plan: first.plan.clone(),
            json: first.file.plan.clone(),
            others: others.iter().map(other).collect(),
            warnings: Vec::new(),
            files: Vec::new(),
            groups: Vec::new(),
            shards: Vec::new(),
            documents: 0,
            totals: Counts::default(),
            cpu_seconds: Seconds::new(),
            input_bytes: 0,
        };
        let mut documents = 0;
        for run in &runs {
            let layout = Layout::new(&run.directory);
            for shard in pool.shards_of(run, &layout)? {
                pool.add(&layout, shard, &mut documents)?;
            }
        }
        Ok(pool)
    }

    /// The shards of a run, all of which must be whole; what is odd about them becomes a warning.
    fn shards_of(&mut self, run: &Run, layout: &Layout) -> Result<Vec<Whole>, CutError> {
        let directory = &run.directory;
        let mut of_run = Totals::new(&run.arms);
        let whole = whole_shards(layout, &run.file.fingerprint, |manifest| {
            of_run.add(manifest);
            self.input_bytes += manifest.input_bytes;
        })?;
        let (totals, cpu_seconds) = of_run.finish();
        self.totals.merge(&totals);
        for (stage, seconds) in cpu_seconds {
            *self.cpu_seconds.entry(stage).or_default() += seconds;
        }
        let there: BTreeSet<&str> = whole.iter().map(|shard| shard.name.as_str()).collect();
        let listed: BTreeSet<&str> =
            run.file.shards.iter().map(|line| line.shard.as_str()).collect();
        let lost: Vec<String> = listed.difference(&there).map(|name| (*name).to_owned()).collect();
        if !lost.is_empty() {
            return Err(CutError::Lost { directory: directory.clone(), shards: lost });
        }
        if whole.is_empty() {
            return Err(CutError::NothingWhole { directory: directory.clone() });
        }
        if there != listed || has_unfinished(layout) {
            self.warnings.push(format!(
                "the run in {} has not ended: {} of its shards are whole, and only these are read",
                directory.display(),
                whole.len()
            ));
        }
        let known: BTreeSet<&str> = self.files.iter().map(|(_, digest)| digest.as_str()).collect();
        let is_known = |(_, digest): &(PathBuf, String)| known.contains(digest.as_str());
        let again = |shard: &&Whole| shard.rows > 0 && shard.files.first().is_some_and(is_known);
        let again = whole.iter().filter(again).count();
        if again > 0 {
            self.warnings.push(format!(
                "{again} of the shards in {} are in an earlier run directory too: their documents \
                 are there twice",
                directory.display()
            ));
        }
        Ok(whole)
    }

    fn add(&mut self, layout: &Layout, whole: Whole, documents: &mut u64) -> Result<(), CutError> {
        let Whole { name, rows, files } = whole;
        self.files.extend(files);
        *documents += rows;
        let Some(after) = u32::try_from(*documents).ok().filter(|after| *after < u32::MAX) else {
            return Err(CutError::TooMany { documents: *documents });
        };
        let file = StoredFile::open(layout.documents(&name))?;
        if file.groups().iter().sum::<u64>() != rows {
            let error = io::Error::other("its rows are not those of the shard's manifest");
            return Err(StoreError::new(&layout.documents(&name), error).into());
        }
        let mut first = self.documents;
        for (group, &rows) in file.groups().iter().enumerate() {
            let rows = u32::try_from(rows).unwrap_or(u32::MAX);
            let shard = self.shards.len();
            self.groups.push(Group { shard, group, skip: 0, first, rows });
            first += rows;
        }
        let rows = after - self.documents;
        let shard = PoolShard { layout: layout.clone(), name, first: self.documents, rows, file };
        self.shards.push(shard);
        self.documents = after;
        Ok(())
    }

    /// Holds every file that is read against the checksum that the run took of it.
    pub(crate) fn verify(&self, context: &Context<'_>) -> Result<(), CutError> {
        context.note("checking the files of the run");
        let make = |index: usize| {
            let (path, expected) = &self.files[index];
            let found = sha256_of_file(path).map_err(|error| StoreError::new(path, error))?;
            match found == *expected {
                true => Ok(()),
                false => Err(CutError::Damaged { path: path.clone() }),
            }
        };
        in_order(context.threads, self.files.len(), context.interrupted, make, |_, ()| Ok(()))
    }

    /// Where a document stands: its file, the row group in it, the row in that.
    ///
    /// # Panics
    /// If the pool has no such document.
    pub(crate) fn place(&self, ordinal: u32) -> (&StoredFile, usize, usize) {
        assert!(ordinal < self.documents, "an ordinal of the pool");
        let group = &self.groups[self.groups.partition_point(|group| group.first <= ordinal) - 1];
        (&self.file(group).file, group.group, (group.skip + ordinal - group.first) as usize)
    }

    /// The ordinal of a row of a shard's documents; none where the pool has no such row.
    pub(crate) fn ordinal(&self, shard: &str, group: usize, row: usize) -> Option<u32> {
        let at = self.shards.iter().position(|known| known.name == shard)?;
        let known = self.groups.iter().find(|known| known.shard == at && known.group == group)?;
        u32::try_from(row).ok().filter(|row| *row < known.rows).map(|row| known.first + row)
    }

    /// The file that a group is a part of.
    pub(crate) fn file(&self, group: &Group) -> &PoolShard {
        &self.shards[group.shard]
    }
}

/// Whether files stand there that a run is still writing, or was when it was killed.
fn has_unfinished(layout: &Layout) -> bool {
    let directory = layout.root().join("documents");
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.path().extension().is_some_and(|end| end == "tmp"))
}

fn refuse_twice(directories: &[PathBuf]) -> Result<(), CutError> {
    let mut seen = Vec::new();
    for directory in directories {
        let place = std::fs::canonicalize(directory).unwrap_or_else(|_| directory.clone());
        if seen.contains(&place) {
            return Err(CutError::Twice { directory: directory.clone() });
        }
        seen.push(place);
    }
    Ok(())
}

/// A run directory and what its `run.json` says.
struct Run {
    directory: PathBuf,
    file: RunFile,
    plan: StoredPlan,
    /// The columns of its arms.
    arms: BTreeMap<String, Vec<String>>,
}

impl Run {
    fn open(directory: &PathBuf) -> Result<Self, CutError> {
        let Some(file) = RunFile::read(&Layout::new(directory))? else {
            return Err(CutError::NoRun { directory: directory.clone() });
        };
        let other =
            |message: String| CutError::OtherVersion { directory: directory.clone(), message };
        match file.plan["schema"].as_u64() {
            Some(version) if version == u64::from(SCHEMA_VERSION) => {}
            version => {
                let version =
                    version.map_or("an unknown".to_owned(), |version| version.to_string());
                return Err(other(format!(
                    "its layout has version {version}, this gristmill cuts version \
                     {SCHEMA_VERSION}; run the pipeline again, or cut with the gristmill that ran it"
                )));
            }
        }
        let plan: StoredPlan = serde_json::from_value(file.plan.clone())
            .map_err(|error| other(format!("its run.json has no plan to cut by: {error}")))?;
        let arms = plan.arms.iter().map(|arm| (arm.name.clone(), arm.columns.clone())).collect();
        Ok(Self { directory: directory.clone(), file, plan, arms })
    }
}

/// Refuses a run of another plan than the first.
fn same_plan(first: &Run, second: &Run) -> Result<(), CutError> {
    if first.file.fingerprint == second.file.fingerprint {
        return Ok(());
    }
    let words = ["the first has", "the second"];
    Err(CutError::OtherPlan {
        first: first.directory.clone(),
        second: second.directory.clone(),
        differences: differences(&first.file.plan, &second.file.plan, words),
    })
}

/// A shard that is whole.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Whole {
    name: String,
    rows: u64,
    /// Those of documents and signatures, with their SHA-256.
    files: Vec<(PathBuf, String)>,
}

/// The shards of a run that are whole, by name.
fn whole_shards(
    layout: &Layout,
    fingerprint: &str,
    mut each: impl FnMut(&Manifest),
) -> Result<Vec<Whole>, CutError> {
    let mut shards = Vec::new();
    Manifest::each(layout, fingerprint, |manifest| {
        each(&manifest);
        let rows = manifest.outputs.first().map_or(0, |documents| documents.rows);
        let read = |output: &&Output| !output.path.starts_with("failures/");
        let file = |output: &Output| (layout.root().join(&output.path), output.sha256.clone());
        let files = manifest.outputs.iter().filter(read).map(file).collect();
        shards.push(Whole { rows, files, name: manifest.shard });
    })?;
    shards.sort();
    Ok(shards)
}
