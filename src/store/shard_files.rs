//! The output files of one shard, written together.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::signatures::shifted;
use super::{Finished, Layout, Output, ParquetFile, StoreError};

/// The schemas of a shard's files.
#[derive(Debug, Clone)]
pub struct Schemas {
    /// Of `documents/`.
    pub documents: SchemaRef,
    /// Of `failures/`.
    pub failures: SchemaRef,
    /// Of `signatures/`.
    pub signatures: SchemaRef,
    /// Whether there is anything to sign.
    pub signs: bool,
}

/// The files of a shard on their way to their places.
pub struct ShardFiles {
    shard: String,
    documents: ParquetFile,
    failures: ParquetFile,
    signatures: Option<ParquetFile>,
    /// Documents written, by which the ordinals of a batch's signatures are shifted.
    written: u64,
}

impl ShardFiles {
    /// Begins the files of a shard.
    ///
    /// # Errors
    /// If one cannot be made, or another process is writing it; none is left then.
    pub fn create(layout: &Layout, shard: &str, schemas: &Schemas) -> Result<Self, StoreError> {
        let mut begun = Vec::new();
        let mut wanted = vec![
            (layout.documents(shard), &schemas.documents),
            (layout.failures(shard), &schemas.failures),
        ];
        if schemas.signs {
            wanted.push((layout.signatures(shard), &schemas.signatures));
        }
        for (place, schema) in wanted {
            match ParquetFile::create(place, schema) {
                Ok(file) => begun.push(file),
                Err(error) => {
                    begun.into_iter().for_each(ParquetFile::discard);
                    return Err(error);
                }
            }
        }
        let signatures = if schemas.signs { begun.pop() } else { None };
        let (Some(failures), Some(documents)) = (begun.pop(), begun.pop()) else {
            unreachable!("two files were begun before the signatures");
        };
        Ok(Self { shard: shard.to_owned(), documents, failures, signatures, written: 0 })
    }

    /// Appends what a batch of the shard gave.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(
        &mut self,
        documents: &RecordBatch,
        failures: &RecordBatch,
        signatures: &RecordBatch,
    ) -> Result<(), StoreError> {
        self.documents.write(documents)?;
        self.failures.write(failures)?;
        if let Some(file) = &mut self.signatures {
            let signatures = shifted(signatures, self.written)
                .map_err(|error| StoreError::new(file.place(), std::io::Error::other(error)))?;
            file.write(&signatures)?;
        }
        self.written += documents.num_rows() as u64;
        Ok(())
    }

    /// Puts all files in their places, documents first.
    ///
    /// # Errors
    /// If the disk refuses; the shard then has no manifest and is done anew.
    pub fn finish(self) -> Result<Vec<Output>, StoreError> {
        let Self { shard, documents, failures, signatures, .. } = self;
        let output = |folder: &str, finished: Finished| Output {
            path: format!("{folder}/{shard}.parquet"),
            rows: finished.rows,
            bytes: finished.bytes,
            sha256: finished.sha256,
        };
        let mut outputs = Vec::new();
        let files = [
            ("documents", Some(documents)),
            ("failures", Some(failures)),
            ("signatures", signatures),
        ];
        let mut files = files.into_iter().filter_map(|(folder, file)| Some((folder, file?)));
        while let Some((folder, file)) = files.next() {
            match file.finish() {
                Ok(finished) => outputs.push(output(folder, finished)),
                Err(error) => {
                    files.for_each(|(_, file)| file.discard());
                    return Err(error);
                }
            }
        }
        Ok(outputs)
    }

    /// Gives the shard up and removes what was written.
    pub fn discard(self) {
        self.documents.discard();
        self.failures.discard();
        self.signatures.into_iter().for_each(ParquetFile::discard);
    }
}
