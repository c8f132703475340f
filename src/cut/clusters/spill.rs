//! Rows in any number: kept in a buffer, and written out by partition whenever it is full.

use std::path::PathBuf;
use std::sync::Arc;

use super::disk::{Bytes, Scratch};
use super::parallel;
use super::rows::{Extent, Shape, encode};
use crate::store::StoreError;

/// Rows of a buffer at least, however small the budget.
pub(super) const LEAST_ROWS: usize = 16;
/// Rows that one writing of a partition has at least, where the number of partitions can be chosen:
/// smaller pieces read slowly, and each is a place of 16 bytes to remember.
const LEAST_EXTENT_ROWS: usize = 1024;
/// Partitions of a group at most.
const MOST_PARTITION_BITS: u32 = 16;
/// Rows for which a second thread is worth its start.
const ROWS_OF_A_THREAD: usize = 1 << 16;
/// Threads that write out one buffer at most: each writes pieces of its own.
const MOST_WRITERS: usize = 4;

/// What rows are collected with.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// For temporary files.
    pub(super) directory: PathBuf,
    /// Bytes of the buffers here.
    pub(super) memory_bytes: usize,
    /// Rows of a partition that its reader can take at once.
    pub(super) partition_rows: usize,
    /// Rows that a group may be expected to have.
    pub(super) group_rows: u64,
    /// Threads.
    pub(super) threads: usize,
}

/// Collects rows.
#[derive(Debug)]
pub(super) struct Spill<const W: usize> {
    plan: Plan,
    shape: Shape,
    /// Rows that the buffer holds.
    capacity: usize,
    buffer: Vec<u128>,
    /// The buffer's rows by partition, as they are written.
    encoded: Vec<u8>,
    groups: usize,
    rows: u64,
    /// Decided when the first buffer is written; at least one.
    partition_bits: Option<u32>,
    /// By group, then by the upper bits of the row.
    partitions: Vec<Vec<Extent>>,
    file: Option<Scratch>,
    written: u64,
}

impl<const W: usize> Spill<W> {
    /// An empty collection.
    pub(super) fn new(shape: Shape, plan: Plan) -> Self {
        let capacity = plan.memory_bytes / (size_of::<u128>() + W);
        let capacity = capacity.clamp(LEAST_ROWS, u32::MAX as usize);
        Self {
            plan,
            shape,
            capacity,
            buffer: Vec::new(),
            encoded: Vec::new(),
            groups: 0,
            rows: 0,
            partition_bits: None,
            partitions: Vec::new(),
            file: None,
            written: 0,
        }
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a row of a group.
    #[inline]
    pub(super) fn push(&mut self, group: u32, row: u128) -> Result<(), StoreError> {
        if self.buffer.len() == self.buffer.capacity() {
            self.make_room()?;
        }
        self.groups = self.groups.max(group as usize + 1);
        self.rows += 1;
        self.buffer.push(u128::from(group).checked_shl(self.shape.bits).unwrap_or(0) | row);
        Ok(())
    }

    #[cold]
    fn make_room(&mut self) -> Result<(), StoreError> {
        let len = self.buffer.len();
        if len < self.capacity {
            self.buffer.reserve_exact(len.max(LEAST_ROWS).min(self.capacity - len));
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(Scratch::create(&self.plan.directory)?);
        }
        let group_rows = self.plan.group_rows;
        self.write_out(group_rows)
    }

    /// Rows by partition, which can then be read.
    pub(super) fn finish(mut self) -> Result<Partitions<W>, StoreError> {
        let group_rows = match self.file {
            Some(_) => self.plan.group_rows,
            None => self.rows / self.groups.max(1) as u64,
        };
        self.write_out(group_rows)?;
        let bytes = match self.file {
            Some(scratch) => Bytes::Disk(scratch),
            None => Bytes::Memory(self.encoded),
        };
        let partition_bits = self.partition_bits.unwrap_or(1);
        Ok(Partitions {
            bytes: Arc::new(bytes),
            shape: self.shape,
            partition_bits,
            partitions: self.partitions,
            written: self.written,
        })
    }

    /// Writes the buffer out by partition: to the file, or to `encoded` where there is no file.
    fn write_out(&mut self, group_rows: u64) -> Result<(), StoreError> {
        let bits = match self.partition_bits {
            Some(bits) => bits,
            None => *self.partition_bits.insert(self.choose_bits(group_rows)),
        };
        let count = self.groups << bits;
        let shift = self.shape.bits - bits;
        let len = self.buffer.len();
        let threads = len.div_ceil(ROWS_OF_A_THREAD).clamp(1, self.plan.threads.min(MOST_WRITERS));
        let share = len.div_ceil(threads).max(1);
        self.encoded.resize(len * W, 0);
        let (file, start) = (self.file.as_ref(), self.written);
        let rows = self.buffer.chunks(share);
        let mut shares: Vec<_> = rows
            .zip(self.encoded.chunks_mut(share * W))
            .enumerate()
            .map(|(at, (rows, encoded))| (start + (at * share * W) as u64, rows, encoded))
            .collect();
        let counts = parallel::each(&mut shares, |(offset, rows, encoded)| {
            let counts = distribute::<W>(rows, encoded, shift, count);
            if let Some(file) = file {
                file.write_at(encoded, *offset)?;
            }
            Ok(counts)
        })?;
        self.partitions.resize(count, Vec::new());
        let mut offset = start;
        for counts in counts {
            for (partition, rows) in self.partitions.iter_mut().zip(counts) {
                if rows > 0 {
                    partition.push(Extent { offset, rows });
                    offset += u64::from(rows) * W as u64;
                }
            }
        }
        if self.file.is_some() {
            self.written = offset;
        }
        self.buffer.clear();
        Ok(())
    }

    /// How many bits of a row tell its partition.
    fn choose_bits(&self, group_rows: u64) -> u32 {
        // A tenth more, since partitions are not of one size.
        let fitting = (group_rows + group_rows / 10).div_ceil(self.plan.partition_rows as u64);
        // Several partitions for each thread, so that none waits long for the last.
        let busy = (4 * self.plan.threads as u64).min(group_rows / LEAST_EXTENT_ROWS as u64);
        let wanted = fitting.max(busy).max(2).next_power_of_two().ilog2();
        let rows_of_a_group = self.buffer.len() / self.groups.max(1);
        let most = rows_of_a_group / self.plan.threads.min(MOST_WRITERS) / LEAST_EXTENT_ROWS;
        wanted.min(most.max(2).ilog2()).min(MOST_PARTITION_BITS)
    }
}

/// Encodes rows by partition, in their order within each; how many each partition has.
fn distribute<const W: usize>(
    rows: &[u128],
    encoded: &mut [u8],
    shift: u32,
    partitions: usize,
) -> Vec<u32> {
    let mut counts = vec![0_u32; partitions];
    for row in rows {
        counts[(row >> shift) as usize] += 1;
    }
    let mut places = Vec::with_capacity(partitions);
    let mut place = 0;
    for &count in &counts {
        places.push(place);
        place += count as usize * W;
    }
    for &row in rows {
        let place = &mut places[(row >> shift) as usize];
        encode::<W>(row, &mut encoded[*place..*place + W]);
        *place += W;
    }
    counts
}

/// Rows by partition.
#[derive(Debug)]
pub(super) struct Partitions<const W: usize> {
    bytes: Arc<Bytes>,
    shape: Shape,
    partition_bits: u32,
    partitions: Vec<Vec<Extent>>,
    written: u64,
}

/// Rows that are to be read together.
#[derive(Debug, Clone)]
pub(super) struct Partition {
    pub(super) bytes: Arc<Bytes>,
    pub(super) extents: Vec<Extent>,
    pub(super) rows: u64,
    pub(super) kind: Kind,
}

/// What is known of the rows of a partition.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// They are alike above so many bits, and no key of theirs stands elsewhere.
    Whole {
        /// The bits.
        below: u32,
    },
    /// They are a part of such a partition, in a range of their own.
    Part,
    /// They are all the same row.
    Same,
}

impl<const W: usize> Partitions<W> {
    /// Bytes that were written to the disk.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Partitions of a group that have rows, in the order of their rows.
    pub(super) fn of_group(&self, group: usize) -> Vec<Partition> {
        let count = 1 << self.partition_bits;
        let own = self.partitions.iter().skip(group * count).take(count);
        own.filter(|extents| !extents.is_empty())
            .map(|extents| Partition {
                bytes: Arc::clone(&self.bytes),
                extents: extents.clone(),
                rows: extents.iter().map(|extent| u64::from(extent.rows)).sum(),
                kind: Kind::Whole { below: self.shape.bits - self.partition_bits },
            })
            .collect()
    }
}
