//! Spill files: sorted runs of records, and their merge.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::record::{Record, damaged};

/// What a run is read with at least: below it a disk seeks more than it reads.
const LEAST_BUFFER_BYTES: usize = 256 << 10;
/// What a run is read with at most: above it nothing gets faster.
const MOST_BUFFER_BYTES: usize = 4 << 20;
/// What runs are written with.
const WRITE_BUFFER_BYTES: usize = 1 << 20;
/// Priority, ordinal, length of the bytes.
const HEAD_BYTES: usize = 8 + 4 + 8;

/// Runs in a file without a name.
pub(super) struct Spill {
    file: File,
    runs: Vec<Run>,
}

/// Where a run stands in the file.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u64,
    end: u64,
}

impl Spill {
    /// An empty file in a directory.
    pub(super) fn create(directory: &Path) -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(directory)?, runs: Vec::new() })
    }

    /// Appends a run of records in ascending order.
    pub(super) fn write_run(
        &mut self,
        records: impl Iterator<Item = io::Result<Record>>,
    ) -> io::Result<()> {
        let start = self.runs.last().map_or(0, |run| run.end);
        let mut end = start;
        self.file.seek(SeekFrom::Start(start))?;
        let mut file = BufWriter::with_capacity(WRITE_BUFFER_BYTES, &self.file);
        for record in records {
            let record = record?;
            file.write_all(&record.priority.to_le_bytes())?;
            file.write_all(&record.ordinal.to_le_bytes())?;
            file.write_all(&(record.bytes.len() as u64).to_le_bytes())?;
            file.write_all(&record.bytes)?;
            end += (HEAD_BYTES + record.bytes.len()) as u64;
        }
        file.flush()?;
        drop(file);
        self.runs.push(Run { start, end });
        Ok(())
    }

    /// Merges runs into longer ones until all can be merged within the memory.
    pub(super) fn narrow(mut self, directory: &Path, memory_bytes: usize) -> io::Result<Self> {
        let at_once = (memory_bytes / LEAST_BUFFER_BYTES).max(2);
        while self.runs.len() > at_once {
            let mut longer = Self::create(directory)?;
            for runs in self.runs.chunks(at_once) {
                longer.write_run(Merge::of(&self.file, runs, memory_bytes)?)?;
            }
            self = longer;
        }
        Ok(self)
    }

    /// All records in ascending order.
    pub(super) fn merge(&self, memory_bytes: usize) -> io::Result<Merge<'_>> {
        Merge::of(&self.file, &self.runs, memory_bytes)
    }
}

/// Several runs as one; ends after an error.
pub(super) struct Merge<'f> {
    runs: Vec<BufReader<Section<'f>>>,
    /// The first record of each run that has one left.
    heads: BinaryHeap<Reverse<(Record, usize)>>,
}

impl<'f> Merge<'f> {
    fn of(file: &'f File, runs: &[Run], memory_bytes: usize) -> io::Result<Self> {
        let buffer = memory_bytes / runs.len().max(1);
        let buffer = buffer.clamp(LEAST_BUFFER_BYTES, MOST_BUFFER_BYTES);
        let read = |&run: &Run| BufReader::with_capacity(buffer, Section { file, left: run });
        let mut merge = Self {
            runs: runs.iter().map(read).collect(),
            heads: BinaryHeap::with_capacity(runs.len()),
        };
        for run in 0..runs.len() {
            merge.advance(run)?;
        }
        Ok(merge)
    }

    /// Reads the next record of a run, if there is one.
    fn advance(&mut self, run: usize) -> io::Result<()> {
        let reader = &mut self.runs[run];
        let left = reader.buffer().len() as u64 + reader.get_ref().left();
        if left > 0 {
            self.heads.push(Reverse((read_record(reader, left)?, run)));
        }
        Ok(())
    }
}

impl Iterator for Merge<'_> {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((record, run)) = self.heads.pop()?;
        if let Err(error) = self.advance(run) {
            self.heads.clear();
            return Some(Err(error));
        }
        Some(Ok(record))
    }
}

/// Reads a record of a run of which so many bytes are left.
fn read_record(reader: &mut impl Read, left: u64) -> io::Result<Record> {
    let (mut priority, mut ordinal, mut length) = ([0; 8], [0; 4], [0; 8]);
    reader.read_exact(&mut priority)?;
    reader.read_exact(&mut ordinal)?;
    reader.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > left.saturating_sub(HEAD_BYTES as u64) {
        return Err(damaged("a length"));
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| damaged("a length"))?];
    reader.read_exact(&mut bytes)?;
    Ok(Record {
        priority: u64::from_le_bytes(priority),
        ordinal: u32::from_le_bytes(ordinal),
        bytes: bytes.into_boxed_slice(),
    })
}

/// A part of a file that others read as well.
struct Section<'f> {
    file: &'f File,
    left: Run,
}

impl Section<'_> {
    fn left(&self) -> u64 {
        self.left.end - self.left.start
    }
}

impl Read for Section<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left()).unwrap_or(usize::MAX).min(buffer.len());
        self.file.seek(SeekFrom::Start(self.left.start))?;
        let read = self.file.read(&mut buffer[..most])?;
        self.left.start += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_length_asks_for_no_memory() {
        let mut spill = Spill::create(&std::env::temp_dir()).expect("a spill file");
        let record = |priority| Ok(Record { priority, ordinal: 0, bytes: [7; 100].into() });
        spill.write_run([record(1), record(2)].into_iter()).expect("a run");
        assert_eq!(spill.merge(0).expect("a merge").filter_map(Result::ok).count(), 2);
        // The length of the second record.
        spill.file.seek(SeekFrom::Start(120 + 12)).expect("a place");
        spill.file.write_all(&[0xff; 8]).expect("bytes");
        let read: Vec<_> = spill.merge(0).expect("a merge").collect();
        assert_eq!(read.len(), 1, "the merge ends");
        assert!(matches!(&read[0], Err(error) if error.kind() == io::ErrorKind::InvalidData));
    }

    #[test]
    fn a_file_that_is_cut_short_is_an_error() {
        let mut spill = Spill::create(&std::env::temp_dir()).expect("a spill file");
        let record = |priority| Ok(Record { priority, ordinal: 0, bytes: [7; 100].into() });
        spill.write_run([record(1), record(2)].into_iter()).expect("a run");
        spill.file.set_len(200).expect("a shorter file");
        let last = spill.merge(0).expect("a merge").last().expect("an item");
        assert!(matches!(last, Err(error) if error.kind() == io::ErrorKind::UnexpectedEof));
    }
}
