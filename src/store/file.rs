//! Files that appear whole: written beside their place, synced, renamed.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
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

/// A Parquet file on its way to its place.
pub struct ParquetFile {
    place: PathBuf,
    writer: ArrowWriter<HashingWriter>,
    rows: u64,
}

impl ParquetFile {
    /// Begins a file of documents or failures.
    ///
    /// # Errors
    /// If the file cannot be made, or another process is writing it.
    pub fn create(place: PathBuf, schema: &SchemaRef) -> Result<Self, StoreError> {
        let file = create_locked(&beside(&place)).map_err(|e| StoreError::new(&place, e))?;
        let sink = HashingWriter { file: BufWriter::new(file), hash: Sha256::new(), bytes: 0 };
        let writer = ArrowWriter::try_new(sink, schema.clone(), Some(properties(schema)))
            .map_err(|error| StoreError::new(&place, io::Error::from(error)))?;
        Ok(Self { place, writer, rows: 0 })
    }

    /// Where the file will stand.
    pub(super) fn place(&self) -> &Path {
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

    /// Writes the footer, brings the file to the disk and puts it in its place.
    ///
    /// # Errors
    /// If the disk refuses; the file is then not in its place.
    pub fn finish(self) -> Result<Finished, StoreError> {
        let Self { place, writer, rows } = self;
        let finish = || {
            let HashingWriter { file, hash, bytes } = writer.into_inner()?;
            let file = file.into_inner().map_err(|error| error.into_error())?;
            file.sync_all()?;
            rename(&beside(&place), &place)?;
            Ok(Finished { rows, bytes, sha256: hex(&hash.finalize()) })
        };
        finish().map_err(|error: io::Error| {
            // On a full disk every leftover counts; one that stays is overwritten by the next run.
            drop(fs::remove_file(beside(&place)));
            StoreError::new(&place, error)
        })
    }

    /// Gives the file up and removes what was written.
    pub fn discard(self) {
        let path = beside(&self.place);
        drop(self.writer);
        // A leftover is overwritten by the next run, so failing to remove it loses nothing.
        drop(fs::remove_file(path));
    }
}

/// Writes a small file whole.
///
/// # Errors
/// If the disk refuses; an earlier file of that name is then untouched.
pub(super) fn write_whole(place: &Path, bytes: &[u8]) -> Result<(), StoreError> {
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
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
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

/// A buffered file that knows its digest.
struct HashingWriter {
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Write for HashingWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
