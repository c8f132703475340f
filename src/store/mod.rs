//! What lies in a run directory, and how it gets there whole.
//!
//! ```text
//! run directory/
//!   documents/<shard>.parquet   every document with what every step measured and judged
//!   signatures/<shard>.parquet  the keys of dedups, where the plan has one
//!   failures/<shard>.parquet    every record that gave no document, and why
//!   shards/<shard>.json         counts, checksums, CPU seconds; its presence says: whole
//!   run.json                    the plan with its fingerprint, and all shards together
//!   run.lock                    held for the moment in which `run.json` is read or written
//! ```
//!
//! Every file is written beside its place and renamed there after it has reached the disk. The
//! manifest of a shard comes last, so a shard is whole or is not there.

mod documents;
mod failures;
mod file;
mod json;
mod lookup;
mod manifest;
mod read;
mod schema;
mod shard_files;
mod signatures;

pub use documents::DocumentBatch;
pub use failures::{Failure, FailureBatch};
pub(crate) use file::write_whole;
pub use file::{Finished, ParquetFile, SealedFile, StoreError, WholeFile};
pub use json::json_row;
pub use lookup::Lookup;
pub(crate) use manifest::add_kind;
pub use manifest::{
    ArmCount, Counts, Manifest, Output, PairCount, RunFile, Seconds, ShardLine, Totals,
};
pub use read::{Rows, StoredFile, column};
pub use schema::{documents_schema, failures_schema, signatures_schema};
pub use shard_files::{Schemas, ShardFiles};
pub use signatures::SignatureBatch;

use std::path::{Path, PathBuf};

/// The places inside a run directory.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout under a directory.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The run directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `run.json`
    pub fn run_file(&self) -> PathBuf {
        self.root.join("run.json")
    }

    /// The documents of a shard.
    pub fn documents(&self, shard: &str) -> PathBuf {
        self.root.join("documents").join(format!("{shard}.parquet"))
    }

    /// The failures of a shard.
    pub fn failures(&self, shard: &str) -> PathBuf {
        self.root.join("failures").join(format!("{shard}.parquet"))
    }

    /// The signatures of a shard.
    pub fn signatures(&self, shard: &str) -> PathBuf {
        self.root.join("signatures").join(format!("{shard}.parquet"))
    }

    /// The manifest of a shard.
    pub fn manifest(&self, shard: &str) -> PathBuf {
        self.manifests().join(format!("{shard}.json"))
    }

    /// The directory of manifests.
    pub fn manifests(&self) -> PathBuf {
        self.root.join("shards")
    }

    /// The names of the shards that have a manifest, which are whole unless files were lost since.
    ///
    /// # Errors
    /// [`StoreError`] if the directory cannot be listed.
    pub fn shards(&self) -> Result<Vec<String>, StoreError> {
        let directory = self.manifests();
        let at = |error: std::io::Error| StoreError::new(&directory, error);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&directory).map_err(at)? {
            let name = entry.map_err(at)?.file_name();
            names.extend(
                name.to_str().and_then(|name| name.strip_suffix(".json")).map(str::to_owned),
            );
        }
        names.sort();
        Ok(names)
    }

    /// Makes the directories, that of signatures if the plan has a dedup.
    ///
    /// # Errors
    /// [`StoreError`] with the directory that cannot be made.
    pub fn create(&self, signs: bool) -> Result<(), StoreError> {
        let parts = ["documents", "failures", "shards"].into_iter();
        for part in parts.chain(signs.then_some("signatures")) {
            let path = self.root.join(part);
            std::fs::create_dir_all(&path).map_err(|source| StoreError::new(&path, source))?;
        }
        Ok(())
    }
}
