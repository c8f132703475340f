//! Partitions → their rows in ascending order, a block at a time.

use std::path::PathBuf;
use std::sync::Arc;

use super::disk::{Bytes, Scratch};
use super::rows::{Extent, Shape, decode, encode};
use super::sort::Sort;
use super::spill::{Kind, LEAST_ROWS, Partition};
use crate::store::StoreError;

/// Rows that the bounds of parts are taken from.
const SAMPLE_ROWS: u64 = 4096;
/// Parts that a partition is cut into at most, at once.
const MOST_PARTS: u64 = 256;

/// Reads partitions with a bounded buffer. One that does not fit is cut into parts by quantiles of
/// a sample, so that neither a key that many rows have nor any other unevenness needs more room.
#[derive(Debug)]
pub(super) struct Blocks<const W: usize> {
    directory: PathBuf,
    /// Rows of a block at most.
    capacity: usize,
    raw: Vec<u8>,
    rows: Vec<u128>,
    sort: Sort,
    /// What is still to be read, the lowest rows last.
    stack: Vec<Partition>,
    written: u64,
}

impl<const W: usize> Blocks<W> {
    /// Rows that a reader with so much memory takes at once.
    pub(super) fn rows_of(memory_bytes: usize) -> usize {
        (memory_bytes / (size_of::<u128>() + W)).clamp(LEAST_ROWS, u32::MAX as usize)
    }

    /// A reader that cuts what does not fit into files in a directory.
    pub(super) fn new(directory: PathBuf, memory_bytes: usize, shape: Shape) -> Self {
        Self {
            directory,
            capacity: Self::rows_of(memory_bytes),
            raw: Vec::new(),
            rows: Vec::new(),
            sort: Sort::new(shape),
            stack: Vec::new(),
            written: 0,
        }
    }

    /// Takes a partition to be read after what was left of others is dropped.
    pub(super) fn open(&mut self, partition: Partition) {
        self.stack.clear();
        self.stack.push(partition);
    }

    /// Bytes that were written to the disk for parts.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// The rows of this block, ascending, and from block to block. A row may stand several times; of
    /// a partition that came in one block, rows of unshared keys may be missing.
    pub(super) fn rows(&self) -> &[u128] {
        &self.rows
    }

    /// Goes on to the next block; false, and no rows, where there is none.
    pub(super) fn advance(&mut self) -> Result<bool, StoreError> {
        self.rows.clear();
        loop {
            let Some(partition) = self.stack.pop() else { return Ok(false) };
            match partition.kind {
                Kind::Same => {
                    self.load(&partition.bytes, &[Extent { rows: 1, ..partition.extents[0] }])?;
                    self.sort.plain::<W>(&self.raw, &mut self.rows);
                }
                _ if partition.rows > self.capacity as u64 => {
                    self.cut(&partition)?;
                    self.rows.clear();
                    continue;
                }
                Kind::Whole { below } => {
                    self.load(&partition.bytes, &partition.extents)?;
                    self.sort.whole::<W>(&self.raw, &mut self.rows, below);
                }
                Kind::Part => {
                    self.load(&partition.bytes, &partition.extents)?;
                    self.sort.plain::<W>(&self.raw, &mut self.rows);
                }
            }
            return Ok(true);
        }
    }

    /// Reads extents into `raw`.
    fn load(&mut self, bytes: &Bytes, extents: &[Extent]) -> Result<(), StoreError> {
        let rows: usize = extents.iter().map(|extent| extent.rows as usize).sum();
        self.raw.resize(rows * W, 0);
        let mut rest = &mut self.raw[..];
        for extent in extents {
            let (place, after) = rest.split_at_mut(extent.rows as usize * W);
            bytes.read_at(place, extent.offset)?;
            rest = after;
        }
        Ok(())
    }

    /// Cuts a partition into parts and puts them on the stack.
    fn cut(&mut self, partition: &Partition) -> Result<(), StoreError> {
        let loads = loads(&partition.extents, self.capacity, W);
        let bounds = self.bounds(partition, &loads)?;
        let scratch = Scratch::create(&self.directory)?;
        let mut parts = vec![Vec::new(); bounds.len() + 1];
        let mut offset = 0;
        for extents in &loads {
            self.load(&partition.bytes, extents)?;
            self.sort.plain::<W>(&self.raw, &mut self.rows);
            for (bytes, &row) in self.raw.chunks_exact_mut(W).zip(&self.rows) {
                encode::<W>(row, bytes);
            }
            scratch.write_at(&self.raw, offset)?;
            let mut rest = &self.rows[..];
            for (at, part) in parts.iter_mut().enumerate() {
                let end = bounds
                    .get(at)
                    .map_or(rest.len(), |bound| rest.partition_point(|row| row < bound));
                let (own, after) = rest.split_at(end);
                if !own.is_empty() {
                    part.push(Extent { offset, rows: own.len() as u32 });
                    offset += (own.len() * W) as u64;
                }
                rest = after;
            }
        }
        self.written += offset;
        let bytes = Arc::new(Bytes::Disk(scratch));
        for (at, extents) in parts.into_iter().enumerate().rev() {
            if extents.is_empty() {
                continue;
            }
            // Between a row and the row after it there is one row only.
            let same = at > 0 && bounds.get(at).is_some_and(|&bound| bound == bounds[at - 1] + 1);
            self.stack.push(Partition {
                bytes: Arc::clone(&bytes),
                rows: extents.iter().map(|extent| u64::from(extent.rows)).sum(),
                extents,
                kind: if same { Kind::Same } else { Kind::Part },
            });
        }
        Ok(())
    }

    /// Bounds between parts: each begins one. At least one part differs from the whole, or holds the
    /// same row only.
    fn bounds(
        &mut self,
        partition: &Partition,
        loads: &[Vec<Extent>],
    ) -> Result<Vec<u128>, StoreError> {
        let mut sample = Vec::new();
        let stride = partition.rows.div_ceil(SAMPLE_ROWS.min(self.capacity as u64));
        let mut at = 0;
        for extents in loads {
            self.load(&partition.bytes, extents)?;
            for row in self.raw.chunks_exact(W) {
                if at % stride == 0 {
                    sample.push(decode::<W>(row));
                }
                at += 1;
            }
        }
        sample.sort_unstable();
        // Parts of half the room, since quantiles of a sample are not those of the whole.
        let parts =
            (2 * partition.rows).div_ceil(self.capacity as u64).clamp(2, MOST_PARTS) as usize;
        let mut bounds = Vec::with_capacity(2 * parts);
        for part in 0..parts {
            let row = sample[part * sample.len() / parts];
            let stands_twice = sample.partition_point(|other| *other <= row)
                - sample.partition_point(|other| *other < row)
                > 1;
            bounds.push(row);
            // All of one row, which may be any number, take no room.
            bounds.extend(row.checked_add(1).filter(|_| stands_twice));
        }
        bounds.sort_unstable();
        bounds.dedup();
        Ok(bounds)
    }
}

/// Extents in runs that fit a buffer of so many rows.
fn loads(extents: &[Extent], capacity: usize, width: usize) -> Vec<Vec<Extent>> {
    let mut loads = Vec::new();
    let mut load = Vec::new();
    let mut room = capacity as u32;
    for extent in extents {
        let mut extent = *extent;
        while extent.rows > 0 {
            let rows = extent.rows.min(room);
            load.push(Extent { rows, ..extent });
            extent.rows -= rows;
            extent.offset += u64::from(rows) * width as u64;
            room -= rows;
            if room == 0 {
                loads.push(std::mem::take(&mut load));
                room = capacity as u32;
            }
        }
    }
    if !load.is_empty() {
        loads.push(load);
    }
    loads
}
