//! A file as `parquet` reads it, that tells a failing disk from a damaged file.
//!
//! The batch reader turns every error into text. A disk that fails must end the run, not become
//! rows that differ from one run to the next, so errors of the system are kept aside here.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// A file whose clones share one cursor and one place for errors.
#[derive(Clone)]
pub(super) struct Source {
    file: Arc<File>,
    bytes: u64,
    failed: Arc<Mutex<Option<io::Error>>>,
}

impl Source {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let bytes = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), bytes, failed: Arc::default() })
    }

    /// The first error of the system since the last call.
    pub(super) fn take_error(&self) -> Option<io::Error> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn at(&self, start: u64) -> io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        Ok(file)
    }

    fn keep<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let copy = io::Error::new(error.kind(), error.to_string());
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            if error.kind() != io::ErrorKind::Interrupted && failed.is_none() {
                *failed = Some(error);
            }
            copy
        })
    }
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for Source {
    type T = BufReader<Part>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let file = self.keep(self.at(start))?;
        Ok(BufReader::new(Part { file, source: self.clone() }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // Lengths come from the file: none may allocate more than the file has.
        if self.bytes.checked_sub(start).is_none_or(|rest| rest < length as u64) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are past the end")));
        }
        let mut bytes = vec![0; length];
        self.keep(self.at(start).and_then(|mut file| file.read_exact(&mut bytes)))?;
        Ok(Bytes::from(bytes))
    }
}

/// A file from some offset on.
pub(super) struct Part {
    file: File,
    source: Source,
}

impl Read for Part {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let result = self.file.read(out);
        self.source.keep(result)
    }
}
