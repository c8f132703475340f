//! Pieces of documents (paragraphs, lines) that stood before.

use std::io;
use std::sync::{Mutex, PoisonError};

use super::Options;
use super::blocks::Blocks;
use super::parallel;
use super::rows::{Shape, spread};
use super::spill::{Partition, Plan, Spill};
use crate::store::StoreError;

/// Bytes of a row on the disk: key, document and piece.
const OCCURRENCE_BYTES: usize = 16;
/// Bytes of a repeated piece: document and number.
const PIECE_BYTES: usize = 8;
const OCCURRENCES: Shape = Shape { bits: 128, shared: Some(64) };
/// Pieces that a document is expected to have: more make partitions smaller than they need be, fewer
/// make them larger than fit, which costs another pass.
const PIECES_OF_A_DOCUMENT: u64 = 64;
/// Repeats that a thread hands on at once.
const HANDED_ON: usize = 1 << 12;

/// Finds every occurrence of a key but the first, by document and by position in it.
///
/// Rows of 16 bytes past the budget go to the disk by key; those found to be repeats, 8 bytes each,
/// once more by document. Memory is the budget of the options.
pub struct Repeats {
    documents: u32,
    options: Options,
    spill: Spill<OCCURRENCE_BYTES>,
}

impl Repeats {
    /// For pieces of documents 0..`documents`.
    pub fn new(documents: u32, options: &Options) -> Self {
        // The other half is for what is found.
        let memory_bytes = options.memory_bytes / 2;
        let reader_bytes = options.reader_bytes(memory_bytes);
        let spill = Spill::new(
            OCCURRENCES,
            Plan {
                directory: options.spill.clone(),
                memory_bytes,
                partition_rows: Blocks::<OCCURRENCE_BYTES>::rows_of(reader_bytes),
                group_rows: u64::from(documents) * PIECES_OF_A_DOCUMENT,
                threads: options.threads.get(),
            },
        );
        Self { documents, options: options.clone(), spill }
    }

    /// Adds a piece of a document; in any order, and any number of times.
    ///
    /// # Errors
    /// If the disk refuses, or there is no such document.
    #[inline]
    pub fn push(&mut self, key: u64, document: u32, piece: u32) -> Result<(), StoreError> {
        if document >= self.documents {
            return Err(self.refuse(document));
        }
        let key = u128::from(spread(key)) << 64;
        self.spill.push(0, key | u128::from(document) << 32 | u128::from(piece))
    }

    /// The pieces that stood before.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(self) -> Result<RepeatedPieces, StoreError> {
        let Self { documents, options, spill } = self;
        let rows = spill.rows();
        let partitions = spill.finish()?;
        let memory_bytes = options.memory_bytes / 2;
        let reader_bytes = options.reader_bytes(memory_bytes);
        // Documents in the upper half; partitions by the bits that their numbers have.
        let bits = 32 + (u32::BITS - documents.leading_zeros()).max(1);
        let shape = Shape { bits, shared: None };
        let found = Spill::<PIECE_BYTES>::new(
            shape,
            Plan {
                directory: options.spill.clone(),
                memory_bytes,
                partition_rows: Blocks::<PIECE_BYTES>::rows_of(memory_bytes),
                group_rows: rows,
                threads: options.threads.get(),
            },
        );
        let found = Mutex::new(found);
        let own = partitions.of_group(0);
        let worker = || {
            let directory = options.spill.clone();
            let reader = Blocks::<OCCURRENCE_BYTES>::new(directory, reader_bytes, OCCURRENCES);
            (reader, Vec::with_capacity(HANDED_ON))
        };
        let mut workers: Vec<_> = (0..options.threads.get()).map(|_| worker()).collect();
        parallel::share_out(&mut workers, &own, |(reader, repeats), partition| {
            repeats_of(reader, partition.clone(), repeats, &found)
        })?;
        for (_, repeats) in &mut workers {
            hand_on(repeats, &found)?;
        }
        let mut spilled_bytes = partitions.written();
        spilled_bytes += workers.iter().map(|(reader, _)| reader.written()).sum::<u64>();
        drop((workers, own, partitions));
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner).finish()?;
        spilled_bytes += found.written();
        let mut partitions = found.of_group(0);
        partitions.reverse();
        Ok(RepeatedPieces {
            reader: Blocks::new(options.spill, memory_bytes, shape),
            partitions,
            at: 0,
            last: None,
            statistics: RepeatStatistics { rows, spilled_bytes },
        })
    }

    fn refuse(&self, document: u32) -> StoreError {
        let message = format!("document {document} of {}", self.documents);
        let error = io::Error::new(io::ErrorKind::InvalidInput, message);
        StoreError::new(&self.options.spill, error)
    }
}

/// Finds the repeats of a partition.
fn repeats_of(
    reader: &mut Blocks<OCCURRENCE_BYTES>,
    partition: Partition,
    repeats: &mut Vec<u64>,
    found: &Mutex<Spill<PIECE_BYTES>>,
) -> Result<(), StoreError> {
    reader.open(partition);
    let mut last: Option<u128> = None;
    while reader.advance()? {
        for &row in reader.rows() {
            if last.is_some_and(|last| last >> 64 == row >> 64 && last != row) {
                repeats.push(row as u64);
                if repeats.len() == HANDED_ON {
                    hand_on(repeats, found)?;
                }
            }
            last = Some(row);
        }
    }
    Ok(())
}

fn hand_on(repeats: &mut Vec<u64>, found: &Mutex<Spill<PIECE_BYTES>>) -> Result<(), StoreError> {
    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
    repeats.drain(..).try_for_each(|piece| found.push(0, u128::from(piece)))
}

/// Repeated pieces as (document, piece), ascending, each once; as many as the memory holds are read
/// at once.
pub struct RepeatedPieces {
    reader: Blocks<PIECE_BYTES>,
    /// What is still to be read, the lowest last.
    partitions: Vec<Partition>,
    /// Place in the reader's rows.
    at: usize,
    last: Option<u64>,
    statistics: RepeatStatistics,
}

impl RepeatedPieces {
    /// What was met.
    pub fn statistics(&self) -> &RepeatStatistics {
        &self.statistics
    }

    fn advance(&mut self) -> Result<Option<(u32, u32)>, StoreError> {
        loop {
            while let Some(&row) = self.reader.rows().get(self.at) {
                self.at += 1;
                let row = row as u64;
                if self.last.replace(row) != Some(row) {
                    return Ok(Some(((row >> 32) as u32, row as u32)));
                }
            }
            self.at = 0;
            if !self.reader.advance()? {
                let Some(partition) = self.partitions.pop() else { return Ok(None) };
                self.reader.open(partition);
            }
        }
    }
}

impl Iterator for RepeatedPieces {
    type Item = Result<(u32, u32), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}

/// What [`Repeats`] met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RepeatStatistics {
    /// Pieces that were pushed.
    pub rows: u64,
    /// Bytes that were written to the disk until reading began; depends on the options.
    pub spilled_bytes: u64,
}
