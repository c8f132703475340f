//! Outputs of several files: part after part, and into their places together.

use std::fs;
use std::path::{Path, PathBuf};

use super::{CutDocument, Target, Writer};
use crate::store::{Finished, Output, SealedFile, StoreError};

/// One part of an output, under construction.
pub(super) trait Part: Sized + Send {
    /// How much of a part's room a document takes: bytes of its text.
    fn weight(document: &CutDocument) -> u64 {
        document.document.text.len() as u64
    }

    /// Appends a document.
    fn write(&mut self, document: &CutDocument) -> Result<(), StoreError>;

    /// The files of the part, whole.
    fn seal(self) -> Result<Vec<SealedFile>, StoreError>;
}

/// Begins the part of a number, from 0.
type Begin<P> = Box<dyn Fn(u32) -> Result<P, StoreError> + Send>;

/// Parts, one at a time; there is always one, and no document is in two.
pub(super) struct Parts<P> {
    begin: Begin<P>,
    /// Weight after which a new part begins.
    room: u64,
    number: u32,
    filled: u64,
    part: P,
    sealed: Sealed,
}

impl<P: Part + 'static> Parts<P> {
    pub(super) fn begin(
        target: &Target,
        room: u64,
        begin: impl Fn(u32) -> Result<P, StoreError> + Send + 'static,
    ) -> Result<Box<dyn Writer>, StoreError> {
        let part = begin(0)?;
        let (begin, sealed) = (Box::new(begin), Sealed::new(target));
        Ok(Box::new(Self { begin, room, number: 0, filled: 0, part, sealed }))
    }
}

impl<P: Part> Writer for Parts<P> {
    fn write(&mut self, document: &CutDocument) -> Result<(), StoreError> {
        // A part is never without a document, whatever its room.
        if self.filled > 0 && self.filled >= self.room {
            self.number += 1;
            let full = std::mem::replace(&mut self.part, (self.begin)(self.number)?);
            self.sealed.extend(full.seal()?);
            self.filled = 0;
        }
        self.filled += P::weight(document);
        self.part.write(document)
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Output>, StoreError> {
        self.sealed.extend(self.part.seal()?);
        self.sealed.put()
    }

    fn discard(self: Box<Self>) {
        drop(self);
    }
}

/// Files that are whole but not in their places yet.
pub(super) struct Sealed {
    directory: PathBuf,
    files: Vec<SealedFile>,
}

impl Sealed {
    pub(super) fn new(target: &Target) -> Self {
        Self { directory: target.directory.clone(), files: Vec::new() }
    }

    /// Keeps files; only the very first stays open, whose lock holds another writer off that begins
    /// the same output.
    pub(super) fn extend(&mut self, files: Vec<SealedFile>) {
        for mut file in files {
            if !self.files.is_empty() {
                file.unlock();
            }
            self.files.push(file);
        }
    }

    /// Puts all files in their places, the first last.
    pub(super) fn put(self) -> Result<Vec<Output>, StoreError> {
        let Self { directory, mut files } = self;
        if files.len() > 1 {
            files.rotate_left(1);
        }
        let mut outputs = Vec::with_capacity(files.len());
        // On an error the rest remove themselves.
        for file in files {
            let path = relative(file.place(), &directory);
            match file.put() {
                Ok(Finished { rows, bytes, sha256 }) => {
                    outputs.push(Output { path, rows, bytes, sha256 });
                }
                Err(error) => {
                    for Output { path, .. } in outputs {
                        // What stays is half an output, which the error says already.
                        drop(fs::remove_file(directory.join(path)));
                    }
                    return Err(error);
                }
            }
        }
        if outputs.len() > 1 {
            outputs.rotate_right(1);
        }
        Ok(outputs)
    }
}

/// A path below a directory, with `/` whatever the machine writes.
pub(super) fn relative(place: &Path, directory: &Path) -> String {
    let parts = place.strip_prefix(directory).unwrap_or(place).components();
    let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Makes a directory inside that of the output.
pub(super) fn subdirectory(target: &Target, name: &str) -> Result<PathBuf, StoreError> {
    let path = target.directory.join(name);
    fs::create_dir_all(&path).map_err(|source| StoreError::new(&path, source))?;
    Ok(path)
}
