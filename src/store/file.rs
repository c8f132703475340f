//! Files that appear whole: written beside their place, synced, renamed.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};

use crate::digest::hex;

/// Rows of a row group at most: small enough that engines prune, large enough to compress.
const ROW_GROUP_ROWS: usize = 8192;
/// Encoded bytes after which a row group is closed, whatever its rows: bounds the writer's memory.
const ROW_GROUP_BYTES: usize = 64 << 20;
/// zstd level: 3 costs 1.7 times level 1 and saves a tenth of the bytes; 6 costs 4.2 times and
/// saves another twentieth (measured on extracted web text).
const ZSTD_LEVEL: i32 = 3;

/// A file or directory of the output that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct StoreError {
    /// The file or directory.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl StoreError {
    /// An error at a path.
    pub fn new(path: &Path, source: impl Into<io::Error>) -> Self {
        Self { path: path.to_path_buf(), source: source.into() }
    }
}

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Rows.
    pub rows: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file in hex.
    pub sha256: String,
}

/// A file on its way to its place: under another name until it is whole and on the disk.
///
/// Dropped before it is sealed, it is removed.
pub struct WholeFile {
    leftover: Leftover,
    file: BufWriter<File>,
    /// Of the bytes so far; `None` once some have been written over.
    hash: Option<Sha256>,
    bytes: u64,
}

impl WholeFile {
    /// Begins a file.
    ///
    /// # Errors
    /// If the file cannot be made, or another process is writing it.
    pub fn create(place: PathBuf) -> Result<Self, StoreError> {
        let file = create_locked(&beside(&place)).map_err(|e| StoreError::new(&place, e))?;
        let file = BufWriter::new(file);
        let leftover = Leftover { place, remove: true };
        Ok(Self { leftover, file, hash: Some(Sha256::new()), bytes: 0 })
    }

    /// Where the file will stand.
    pub fn place(&self) -> &Path {
        &self.leftover.place
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes over the beginning of what has been written: a header with counts known at the end.
    ///
    /// # Errors
    /// If the header is longer than what has been written, or the disk refuses.
    pub fn rewrite_beginning(&mut self, header: &[u8]) -> Result<(), StoreError> {
        self.write_at_start(header).map_err(|error| StoreError::new(self.place(), error))
    }

    fn write_at_start(&mut self, header: &[u8]) -> io::Result<()> {
        if header.len() as u64 > self.bytes {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        self.hash = None;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(header)?;
        self.file.seek(SeekFrom::End(0))?;
        Ok(())
    }

    /// Brings the file to the disk, still under its other name.
    ///
    /// # Errors
    /// If the disk refuses; the file is then removed.
    pub fn seal(self, rows: u64) -> Result<SealedFile, StoreError> {
        let Self { leftover, file, hash, bytes } = self;
        let seal = || {
            let mut file = file.into_inner().map_err(|error| error.into_error())?;
            let hash = hash.map_or_else(|| hash_of(&mut file), Ok)?;
            file.sync_all()?;
            Ok((file, Finished { rows, bytes, sha256: hex(&hash.finalize()) }))
        };
        let sealed: io::Result<(File, Finished)> = seal();
        // On a full disk every leftover counts: the guard removes it.
        let (file, finished) = sealed.map_err(|error| StoreError::new(&leftover.place, error))?;
        Ok(SealedFile { leftover, locked: Some(file), finished })
    }

    /// Brings the file to the disk and puts it in its place.
    ///
    /// # Errors
    /// If the disk refuses; the file is then not in its place.
    pub fn finish(self, rows: u64) -> Result<Finished, StoreError> {
        self.seal(rows)?.put()
    }

    /// Gives the file up and removes what was written.
    pub fn discard(self) {
        drop(self);
    }
}

impl Write for WholeFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        if let Some(hash) = &mut self.hash {
            hash.update(&buffer[..written]);
        }
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file that is whole and on the disk, but not in its place; dropped, it is removed.
///
/// Files that only mean something together are sealed one by one and put in their places at the
/// end.
pub struct SealedFile {
    leftover: Leftover,
    /// Held open, since the lock goes with it.
    locked: Option<File>,
    finished: Finished,
}

impl SealedFile {
    /// Closes the file, so that many can be kept; its lock, which holds other processes off, goes.
    pub fn unlock(&mut self) {
        self.locked = None;
    }

    /// Where the file will stand.
    pub fn place(&self) -> &Path {
        &self.leftover.place
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// If the disk refuses; the file is then removed.
    pub fn put(self) -> Result<Finished, StoreError> {
        let Self { mut leftover, locked: _locked, finished } = self;
        let place = &leftover.place;
        rename(&beside(place), place).map_err(|error| StoreError::new(place, error))?;
        leftover.remove = false;
        Ok(finished)
    }
}

/// Removes a file that did not come to its place.
struct Leftover {
    place: PathBuf,
    remove: bool,
}

impl Drop for Leftover {
    fn drop(&mut self) {
        if self.remove {
            // One that stays is overwritten by the next run, so failing to remove it loses nothing.
            drop(fs::remove_file(beside(&self.place)));
        }
    }
}

/// The hash of a file that was written over.
fn hash_of(file: &mut File) -> io::Result<Sha256> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    file.seek(SeekFrom::Start(0))?;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash),
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A Parquet file on its way to its place.
pub struct ParquetFile {
    place: PathBuf,
    writer: ArrowWriter<WholeFile>,
    rows: u64,
}

impl ParquetFile {
    /// Begins a file of documents or failures.
    ///
    /// # Errors
    /// If the file cannot be made, or another process is writing it.
    pub fn create(place: PathBuf, schema: &SchemaRef) -> Result<Self, StoreError> {
        let sink = WholeFile::create(place.clone())?;
        let writer = ArrowWriter::try_new(sink, schema.clone(), Some(properties(schema)))
            .map_err(|error| StoreError::new(&place, io::Error::from(error)))?;
        Ok(Self { place, writer, rows: 0 })
    }

    /// Where the file will stand.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// Appends rows.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        self.rows += batch.num_rows() as u64;
        self.writer
            .write(batch)
            .map_err(|error| StoreError::new(&self.place, io::Error::from(error)))
    }

    /// Writes the footer and brings the file to the disk, still under another name.
    ///
    /// # Errors
    /// If the disk refuses; the file is then removed.
    pub fn seal(self) -> Result<SealedFile, StoreError> {
        let Self { place, writer, rows } = self;
        let file =
            writer.into_inner().map_err(|error| StoreError::new(&place, io::Error::from(error)))?;
        file.seal(rows)
    }

    /// Writes the footer, brings the file to the disk and puts it in its place.
    ///
    /// # Errors
    /// If the disk refuses; the file is then not in its place.
    pub fn finish(self) -> Result<Finished, StoreError> {
        self.seal()?.put()
    }

    /// Gives the file up and removes what was written.
    pub fn discard(self) {
        drop(self);
    }
}

/// Writes a small file whole.
///
/// # Errors
/// If the disk refuses; an earlier file of that name is then untouched.
pub(crate) fn write_whole(place: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || {
        let path = beside(place);
        let mut file = create_locked(&path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        rename(&path, place)
    };
    write().map_err(|error: io::Error| {
        drop(fs::remove_file(beside(place)));
        StoreError::new(place, error)
    })
}

/// Takes a file away, durably; there may be none.
pub(super) fn remove_whole(place: &Path) -> Result<(), StoreError> {
    match fs::remove_file(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed
            .and_then(|()| sync_directory_of(place))
            .map_err(|error| StoreError::new(place, error)),
    }
}

/// The name of a file that is being written.
fn beside(place: &Path) -> PathBuf {
    let mut name = place.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".tmp");
    place.with_file_name(name)
}

/// Opens a file for writing under a lock that ends with the process, so that what a killed run
/// left is overwritten and what a living run writes is not.
fn create_locked(path: &Path) -> io::Result<File> {
    loop {
        let file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    "another process is writing this file",
                ));
            }
            // File systems without locks (some network mounts) work without them.
            Err(fs::TryLockError::Error(_)) => {}
        }
        // Between opening and locking, another process may have put the file into its place: what
        // is locked would then be a finished file.
        if is_at(&file, path) {
            file.set_len(0)?;
            return Ok(file);
        }
    }
}

/// Whether a path still leads to this open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |data: fs::Metadata| (data.dev(), data.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => place(open) == place(named),
        _ => false,
    }
}

/// Elsewhere an open file cannot be renamed by another process.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

/// Renames and makes the rename itself durable.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_directory_of(to)
}

fn sync_directory_of(place: &Path) -> io::Result<()> {
    let Some(directory) = place.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    match File::open(directory)?.sync_all() {
        // Some mounts cannot sync a directory; they have nothing better to offer.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

fn properties(schema: &SchemaRef) -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_statistics_enabled(EnabledStatistics::Page)
        // Version and nothing of the build: the same bytes everywhere.
        .set_created_by("gristmill".to_owned());
    for name in ["id", "url", "text", "message"] {
        if schema.column_with_name(name).is_none() {
            continue;
        }
        let column = ColumnPath::from(name);
        properties = properties.set_column_dictionary_enabled(column.clone(), false);
        if name == "text" || name == "message" {
            // The least and the greatest text prune nothing and fill the footer.
            let none = EnabledStatistics::None;
            properties = properties.set_column_statistics_enabled(column, none);
        } else {
            properties = properties
                .set_column_bloom_filter_enabled(column.clone(), true)
                .set_column_bloom_filter_max_ndv(column, ROW_GROUP_ROWS as u64);
        }
    }
    properties.build()
}
