//! What candidates are compared by: an array of 64-bit numbers for each document, on the disk.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::disk::{Bytes, Scratch};
use super::{Options, Similarity};
use crate::store::StoreError;

/// Documents for which one offset is kept; that of each follows from the lengths before it.
const BLOCK: usize = 64;
/// Bytes that are written at once, once there is a file.
const WRITE_BYTES: usize = 4 << 20;
/// Arrays that are kept in memory at most, of those read from the disk.
const SLOTS: usize = 1024;

/// Collects arrays.
pub struct SketchBuilder {
    documents: u32,
    directory: PathBuf,
    memory_bytes: usize,
    index: Index,
    buffer: Vec<u8>,
    file: Option<Scratch>,
    written: u64,
}

impl SketchBuilder {
    /// For documents 0..`documents`. Up to `memory_bytes` of the options stay in memory.
    pub fn new(documents: u32, options: &Options) -> Self {
        Self {
            documents,
            directory: options.spill.clone(),
            memory_bytes: options.memory_bytes,
            index: Index::default(),
            buffer: Vec::new(),
            file: None,
            written: 0,
        }
    }

    /// Adds the array of a document. Documents come in ascending order; one that does not come has
    /// an empty array.
    ///
    /// # Errors
    /// If the disk refuses, the document is not greater than the one before, or there is none such.
    pub fn push(&mut self, document: u32, sketch: &[u64]) -> Result<(), StoreError> {
        let refuse = |message| {
            let error = io::Error::new(io::ErrorKind::InvalidInput, message);
            Err(StoreError::new(&self.directory, error))
        };
        if document >= self.documents {
            return refuse(format!("document {document} of {}", self.documents));
        }
        let Ok(length) = u32::try_from(sketch.len()) else {
            return refuse(format!("document {document} has {} numbers", sketch.len()));
        };
        if (document as usize) < self.index.lengths.len() {
            return refuse(format!("document {document} comes late"));
        }
        while self.index.lengths.len() < document as usize {
            self.index.push(0);
        }
        self.index.push(length);
        let most = match self.file {
            Some(_) => self.memory_bytes.min(WRITE_BYTES),
            None => self.memory_bytes,
        };
        if self.buffer.len() + size_of_val(sketch) > most {
            self.write_out()?;
        }
        self.buffer.extend(sketch.iter().flat_map(|number| number.to_le_bytes()));
        Ok(())
    }

    fn write_out(&mut self) -> Result<(), StoreError> {
        let file = match self.file.take() {
            Some(file) => file,
            None => Scratch::create(&self.directory)?,
        };
        file.write_at(&self.buffer, self.written)?;
        self.file = Some(file);
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        self.buffer.shrink_to(WRITE_BYTES);
        Ok(())
    }

    /// The arrays, to be read.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(mut self) -> Result<Sketches, StoreError> {
        while self.index.lengths.len() < self.documents as usize {
            self.index.push(0);
        }
        if self.file.is_some() {
            self.write_out()?;
        }
        let (bytes, slots) = match self.file {
            Some(scratch) => (Bytes::Disk(scratch), SLOTS),
            None => (Bytes::Memory(self.buffer), 0),
        };
        Ok(Sketches {
            index: self.index,
            bytes,
            slots: (0..slots).map(|_| Mutex::default()).collect(),
            slot_bytes: self.memory_bytes / SLOTS,
        })
    }
}

/// Where arrays stand, in numbers: 4 bytes a document.
#[derive(Debug, Default)]
struct Index {
    lengths: Vec<u32>,
    /// Of every 64th document.
    offsets: Vec<u64>,
    end: u64,
}

impl Index {
    fn push(&mut self, length: u32) {
        if self.lengths.len().is_multiple_of(BLOCK) {
            self.offsets.push(self.end);
        }
        self.lengths.push(length);
        self.end += u64::from(length);
    }

    /// Offset and length of a document's array.
    fn find(&self, document: u32) -> (u64, usize) {
        let document = document as usize;
        let block = document / BLOCK;
        let before = &self.lengths[block * BLOCK..document];
        let offset = self.offsets[block] + before.iter().copied().map(u64::from).sum::<u64>();
        (offset, self.lengths[document] as usize)
    }
}

type Slot = Mutex<Option<(u32, Arc<[u64]>)>>;

/// An array of numbers for each document: MinHash values, or hashes of its shingles.
///
/// Read where it is asked for, from the disk once the arrays exceed the memory; of those read, 1,024
/// stay in memory, each if it takes no more than its share of it.
pub struct Sketches {
    index: Index,
    bytes: Bytes,
    /// By document, whichever came last.
    slots: Vec<Slot>,
    slot_bytes: usize,
}

impl Sketches {
    /// Compares by the share of positions at which two arrays are equal: an estimate of the Jaccard
    /// similarity, where the arrays are MinHash values.
    pub fn equal_positions(&self) -> EqualPositions<'_> {
        EqualPositions(self)
    }

    /// Compares by the Jaccard similarity of two sets, where the arrays are ascending and have each
    /// number once.
    pub fn jaccard(&self) -> Jaccard<'_> {
        Jaccard(self)
    }

    /// The array of a document; empty where none was pushed.
    ///
    /// # Errors
    /// If the disk refuses.
    ///
    /// # Panics
    /// If there is no such document.
    pub fn get(&self, document: u32) -> Result<Arc<[u64]>, StoreError> {
        let slot = match self.slots.len() {
            0 => None,
            slots => self.slots.get(document as usize % slots),
        };
        if let Some(slot) = slot
            && let Some((kept, sketch)) = &*slot.lock().unwrap_or_else(PoisonError::into_inner)
            && *kept == document
        {
            return Ok(Arc::clone(sketch));
        }
        let (offset, length) = self.index.find(document);
        let mut raw = vec![0; length * size_of::<u64>()];
        self.bytes.read_at(&mut raw, offset * size_of::<u64>() as u64)?;
        let (numbers, _) = raw.as_chunks();
        let sketch: Arc<[u64]> = numbers.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        if let Some(slot) = slot.filter(|_| raw.len() <= self.slot_bytes) {
            let entry = Some((document, Arc::clone(&sketch)));
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = entry;
        }
        Ok(sketch)
    }
}

/// See [`Sketches::equal_positions`].
#[derive(Clone, Copy)]
pub struct EqualPositions<'a>(&'a Sketches);

impl Similarity for EqualPositions<'_> {
    /// Positions that only one array has are unequal; 0 where both are empty.
    fn similarity(&self, a: u32, b: u32) -> Result<f64, StoreError> {
        let (a, b) = (self.0.get(a)?, self.0.get(b)?);
        let equal = a.iter().zip(&*b).filter(|(a, b)| a == b).count();
        Ok(ratio(equal, a.len().max(b.len())))
    }
}

/// See [`Sketches::jaccard`].
#[derive(Clone, Copy)]
pub struct Jaccard<'a>(&'a Sketches);

impl Similarity for Jaccard<'_> {
    /// 0 where both are empty: two texts too short for a shingle are not known to be alike.
    fn similarity(&self, a: u32, b: u32) -> Result<f64, StoreError> {
        let (a, b) = (self.0.get(a)?, self.0.get(b)?);
        let (mut at, mut other, mut shared) = (0, 0, 0);
        while let (Some(x), Some(y)) = (a.get(at), b.get(other)) {
            shared += usize::from(x == y);
            at += usize::from(x <= y);
            other += usize::from(y <= x);
        }
        Ok(ratio(shared, a.len() + b.len() - shared))
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
