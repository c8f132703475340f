//! Bytes that are written once and read at any place: in memory, or in a file without a name.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// Bytes given to the system at once. With many megabytes at once Linux took 10 times the CPU time on
/// a virtual machine (ext4, 6.18: 2.5 s instead of 0.25 s a gigabyte), with less it was as good.
const WRITE_BYTES: usize = 256 << 10;

/// A temporary file that nothing leads to: it goes when it is closed, and with a killed process.
#[derive(Debug)]
pub(in crate::cut) struct Scratch {
    file: File,
    /// Where it lies, for messages.
    directory: PathBuf,
    /// Elsewhere than on Unix a file has one position, which readers take turns at.
    #[cfg(not(unix))]
    turn: std::sync::Mutex<()>,
}

impl Scratch {
    /// A new file in a directory.
    pub(in crate::cut) fn create(directory: &Path) -> Result<Self, StoreError> {
        let file =
            tempfile::tempfile_in(directory).map_err(|error| StoreError::new(directory, error))?;
        Ok(Self {
            file,
            directory: directory.to_path_buf(),
            #[cfg(not(unix))]
            turn: std::sync::Mutex::default(),
        })
    }

    /// Writes all bytes at a place.
    pub(in crate::cut) fn write_at(&self, bytes: &[u8], offset: u64) -> Result<(), StoreError> {
        let mut offset = offset;
        for piece in bytes.chunks(WRITE_BYTES) {
            self.put(piece, offset).map_err(|error| StoreError::new(&self.directory, error))?;
            offset += piece.len() as u64;
        }
        Ok(())
    }

    /// Fills the buffer from a place.
    pub(in crate::cut) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), StoreError> {
        self.get(buffer, offset).map_err(|error| StoreError::new(&self.directory, error))
    }

    #[cfg(unix)]
    fn put(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.file, bytes, offset)
    }

    #[cfg(unix)]
    fn get(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, offset)
    }

    #[cfg(not(unix))]
    fn put(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        use std::io::{Seek as _, Write as _};
        let _turn = self.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (&self.file).seek(io::SeekFrom::Start(offset))?;
        (&self.file).write_all(bytes)
    }

    #[cfg(not(unix))]
    fn get(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        use std::io::{Read as _, Seek as _};
        let _turn = self.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (&self.file).seek(io::SeekFrom::Start(offset))?;
        (&self.file).read_exact(buffer)
    }
}

/// Bytes that were few enough to stay in memory, or were not.
#[derive(Debug)]
pub(super) enum Bytes {
    /// In memory.
    Memory(Vec<u8>),
    /// In a file.
    Disk(Scratch),
}

impl Bytes {
    /// Fills the buffer from a place; all of it must have been written.
    pub(super) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), StoreError> {
        match self {
            Self::Disk(scratch) => scratch.read_at(buffer, offset),
            Self::Memory(bytes) => {
                let start = offset as usize;
                buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
                Ok(())
            }
        }
    }
}
