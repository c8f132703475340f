//! The seeded shuffle: all documents in ascending priority, in bounded memory.
//!
//! Documents gather in memory. What exceeds it is sorted and written as a run to a spill file, and
//! at the end the runs are merged. The result is the sorted order of (priority, id, ordinal) and,
//! where even those agree, of the documents' bytes: it depends neither on the order in which they
//! came nor on the memory. Merging instead of partitioning by the priority's bits needs no guess of
//! the size beforehand, and documents of one priority (ids that repeat) can be any number.
//!
//! The spill files have no name, so they are gone with the process however it ends. They hold the
//! documents uncompressed, once; twice for a time where there are more runs than memory to merge
//! them in one go (with 1 GiB, beyond 4 TiB).

use std::io;
use std::path::{Path, PathBuf};

use super::formats::CutDocument;
use crate::store::StoreError;

mod record;
mod runs;
#[cfg(test)]
mod tests;

use record::Record;
use runs::Spill;

/// Documents on their way into the order of their priorities.
pub struct Shuffle {
    directory: PathBuf,
    memory_bytes: usize,
    records: Vec<Record>,
    /// What `records` take.
    used_bytes: usize,
    spill: Option<Spill>,
}

impl Shuffle {
    /// A shuffle that takes about `memory_bytes` and spills beyond that into `directory`.
    ///
    /// One document and a buffer for each run that is merged come on top where the memory is small.
    pub fn new(directory: &Path, memory_bytes: usize) -> Self {
        Self {
            directory: directory.to_path_buf(),
            memory_bytes,
            records: Vec::new(),
            used_bytes: 0,
            spill: None,
        }
    }

    /// Adds a document.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn push(
        &mut self,
        priority: u64,
        ordinal: u32,
        document: &CutDocument,
    ) -> Result<(), StoreError> {
        let record = Record::new(priority, ordinal, document);
        let bytes = record.memory_bytes();
        if self.used_bytes + bytes > self.memory_bytes && !self.records.is_empty() {
            self.spill().map_err(|error| StoreError::new(&self.directory, error))?;
        }
        self.used_bytes += bytes;
        self.records.push(record);
        Ok(())
    }

    /// Passes all documents on, in ascending priority.
    ///
    /// # Errors
    /// If the disk refuses, or what `each` returns; it is not called again then.
    pub fn finish<E: From<StoreError>>(
        mut self,
        mut each: impl FnMut(CutDocument) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.spill.is_some() {
            self.spill().map_err(|error| StoreError::new(&self.directory, error))?;
        }
        let Self { directory, memory_bytes, mut records, spill, .. } = self;
        let failed = |error: io::Error| StoreError::new(&directory, error);
        let Some(spill) = spill else {
            records.sort_unstable();
            return records.into_iter().try_for_each(|record| {
                let document = record.document().map_err(failed)?;
                drop(record);
                each(document)
            });
        };
        let spill = spill.narrow(&directory, memory_bytes).map_err(failed)?;
        for record in spill.merge(memory_bytes).map_err(failed)? {
            let document = record.and_then(|record| record.document()).map_err(failed)?;
            each(document)?;
        }
        Ok(())
    }

    /// Moves the documents in memory to the disk.
    fn spill(&mut self) -> io::Result<()> {
        let spill = match &mut self.spill {
            Some(spill) => spill,
            none => none.insert(Spill::create(&self.directory)?),
        };
        self.records.sort_unstable();
        spill.write_run(self.records.drain(..).map(Ok))?;
        self.used_bytes = 0;
        Ok(())
    }
}
