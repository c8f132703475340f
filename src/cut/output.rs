//! The directory that a cut is written into.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::digest::sha256_hex;
use crate::store::{StoreError, write_whole};

use super::arm::CutArm;
use super::pool::Pool;
use super::tokens::Tokens;
use super::{CutError, Request, Summary, card};

/// What declares a cut whole; it comes last.
const CUT_FILE: &str = "cut.json";
/// What stands there, under a lock, while a cut is under way; it holds the name of the arm.
const UNDER_WAY: &str = "cut.under-way";
/// Raised whenever a cut of the same request gives other bytes than before.
const CUT_VERSION: u32 = 1;

/// The directory of a cut under way; nothing of the cut is left there unless it is finished.
pub(super) struct Place {
    directory: PathBuf,
    request: Json,
    arm: String,
    /// Holds the lock.
    _under_way: File,
    finished: bool,
}

impl Place {
    /// Takes a directory for a cut; the summary of the same cut if it stands there already.
    ///
    /// # Errors
    /// A directory that holds another cut, or anything else, or that another process cuts into.
    pub(super) fn claim(
        directory: &Path,
        request: Json,
        arm: &CutArm,
    ) -> Result<Result<Self, Box<Summary>>, CutError> {
        let at = |error: io::Error| StoreError::new(directory, error);
        let refuse = |message: &str| CutError::Output {
            directory: directory.into(),
            message: message.into(),
        };
        if let Some(summary) = standing(directory, &request)? {
            return Ok(Err(summary));
        }
        fs::create_dir_all(directory).map_err(at)?;
        let under_way = directory.join(UNDER_WAY);
        let mut entries = fs::read_dir(directory).map_err(at)?;
        if !under_way.exists() && !directory.join(CUT_FILE).exists() && entries.next().is_some() {
            return Err(refuse("is not empty"));
        }
        let mut open = File::options();
        open.create(true).truncate(false).read(true).write(true);
        let mut file = open.open(&under_way).map_err(at)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(refuse("is being cut into by another process"));
            }
            // File systems without locks work without them.
            Err(TryLockError::Error(_)) | Ok(()) => {}
        }
        // Another process may have ended its cut before the lock was ours.
        let ended = standing(directory, &request);
        if !matches!(ended, Ok(None)) {
            fs::remove_file(&under_way).ok();
        }
        if let Some(summary) = ended? {
            return Ok(Err(summary));
        }
        // What a killed cut left, or one whose files were lost.
        let earlier = io::read_to_string(&file).map_err(at)?;
        for name in [earlier.as_str(), &arm.name] {
            clear(directory, name)?;
        }
        let mut begin = || -> io::Result<()> {
            file.set_len(0)?;
            io::Seek::rewind(&mut file)?;
            file.write_all(arm.name.as_bytes())?;
            file.sync_all()
        };
        begin().map_err(at)?;
        Ok(Ok(Self {
            directory: directory.to_path_buf(),
            request,
            arm: arm.name.clone(),
            _under_way: file,
            finished: false,
        }))
    }

    /// The directory.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The directory of the files that tell whose copy a document was.
    pub(super) fn provenance(&self) -> Result<PathBuf, StoreError> {
        let directory = self.directory.join("dedup");
        fs::create_dir_all(&directory).map_err(|error| StoreError::new(&directory, error))?;
        Ok(directory)
    }

    /// Writes the card, and declares the cut whole.
    pub(super) fn finish(
        mut self,
        request: &Request,
        summary: &Summary,
        pool: &Pool,
    ) -> Result<(), CutError> {
        let digest = sha256_hex(self.request.to_string().as_bytes());
        let card = card::markdown(request, summary, pool, &digest);
        write_whole(&self.directory.join("README.md"), card.as_bytes())?;
        let whole = json!({
            "gristmill": env!("CARGO_PKG_VERSION"),
            "request": self.request,
            "summary": summary,
            "pipeline": card::pipeline(pool),
        });
        // Nothing is in it where the arm has no dedup.
        fs::remove_dir(self.directory.join("dedup")).ok();
        write_whole(&self.directory.join(CUT_FILE), format!("{whole:#}\n").as_bytes())?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Place {
    /// Takes away what an unfinished cut wrote; what cannot be removed the next one clears.
    fn drop(&mut self) {
        if !self.finished {
            clear(&self.directory, &self.arm).ok();
        }
        fs::remove_file(self.directory.join(UNDER_WAY)).ok();
    }
}

/// The summary of the cut that stands in a directory; none where there is none, or files were lost.
fn standing(directory: &Path, request: &Json) -> Result<Option<Box<Summary>>, CutError> {
    let refuse =
        |message: &str| CutError::Output { directory: directory.into(), message: message.into() };
    let path = directory.join(CUT_FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::new(&path, error).into()),
    };
    let earlier: Json = serde_json::from_slice(&bytes)
        .map_err(|_| refuse("holds a cut.json that is none of gristmill's"))?;
    if earlier["request"] != *request {
        return Err(refuse("holds another cut"));
    }
    let summary: Option<Summary> = serde_json::from_value(earlier["summary"].clone()).ok();
    let summary = summary.filter(|summary| is_there(directory, summary));
    Ok(summary.map(|summary| Box::new(Summary { was_there: true, ..summary })))
}

/// Whether every file of a cut is there in its size.
fn is_there(directory: &Path, summary: &Summary) -> bool {
    summary.outputs.iter().all(|output| {
        let file = fs::metadata(directory.join(&output.path));
        file.is_ok_and(|file| file.len() == output.bytes)
    })
}

/// Removes what a cut of an arm writes; what else lies there is none of ours.
fn clear(directory: &Path, arm: &str) -> Result<(), StoreError> {
    let at = |error: io::Error| StoreError::new(directory, error);
    let ours = |name: &str| {
        let formats = ["_text_document.", "_train_"].map(|part| format!("{arm}{part}"));
        ["data", "dedup", "README.md", "README.md.tmp", CUT_FILE, "cut.json.tmp"].contains(&name)
            || (!arm.is_empty() && name == arm)
            || (!arm.is_empty() && formats.iter().any(|prefix| name.starts_with(prefix)))
    };
    for entry in fs::read_dir(directory).map_err(at)? {
        let entry = entry.map_err(at)?;
        if !ours(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let path = entry.path();
        let removed = match entry.file_type().map_err(at)?.is_dir() {
            true => fs::remove_dir_all(&path),
            false => fs::remove_file(&path),
        };
        removed.map_err(|error| StoreError::new(&path, error))?;
    }
    Ok(())
}

/// Whether a directory lies in another, or is it.
pub(super) fn is_inside(inner: &Path, outer: &Path) -> bool {
    let Ok(outer) = fs::canonicalize(outer) else { return false };
    // What is not there yet lies where the nearest directory above it that is there lies.
    let there = inner.ancestors().find_map(|path| match path.as_os_str().is_empty() {
        true => fs::canonicalize(".").ok(),
        false => fs::canonicalize(path).ok(),
    });
    there.is_some_and(|path| path.starts_with(&outer))
}

/// What a cut depends on, as JSON: the request, what the arm is, the tokenizer's bytes, and those of
/// the documents read.
pub(super) fn identity(
    request: &Request,
    pool: &Pool,
    arm: &CutArm,
    tokens: &Tokens,
) -> Result<Json, CutError> {
    let fault = |error| CutError::usage(format!("the request cannot be written: {error}"));
    let mut json = serde_json::to_value(request).map_err(fault)?;
    let tokenizer = tokens.tokenizer.as_ref();
    let digest = tokenizer.and_then(|tokenizer| tokenizer.sha256().map(str::to_owned));
    json["tokenizer"] = json!({"name": tokens.name.as_ref().filter(|_| digest.is_none()),
                               "sha256": digest});
    json["resolved"] = serde_json::to_value(&arm.recipe).map_err(fault)?;
    json["fingerprint"] = json!(pool.plan.fingerprint);
    let digests: Vec<&str> = pool.files.iter().map(|(_, digest)| digest.as_str()).collect();
    json["inputs"] = json!(sha256_hex(digests.join("\n").as_bytes()));
    json["version"] = json!(CUT_VERSION);
    if let Some(object) = json.as_object_mut() {
        // The same documents from elsewhere are the same.
        object.remove("runs");
        if request.format != super::formats::Format::Lingua {
            object.remove("lingua_chunks");
        }
    }
    Ok(json)
}
