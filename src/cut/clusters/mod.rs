//! Clusters: documents that are joined by shared keys, exactly and in bounded memory.
//!
//! Documents that share the key of a band are joined, and so are those joined to one of them: the
//! clusters are the connected components. They are the same for any order in which rows come, any
//! number of threads and any budget of memory.
//!
//! How it goes, of n documents and r rows:
//!
//! 1. Rows (band, key, document) are collected in a buffer. When it is full, they are written to one
//!    temporary file, each band in partitions by the upper bits of the key, 12 bytes a row.
//! 2. Band after band, threads read a partition each, sort what may share a key, and join in each
//!    group of one key every document to the smallest: as many joins as members less one connect it.
//! 3. Joins go to a union-find over documents whose roots are smallest members. Every document
//!    keeps one link, by which a user can see why it is in its cluster.
//!
//! Memory: the budget, and 10 bytes a document (14 with verification). Disk: 12 bytes a row past the
//! budget, and once more for partitions that do not fit the budget, as a key that very many
//! documents have. Two keys that are alike by chance join documents: among 3 billion documents with
//! 64-bit keys, 0.2 such pairs a band are to be expected.
//!
//! [`Repeats`] is the same for pieces of documents; [`Sketches`] keeps on disk what candidates are
//! verified by.

mod blocks;
mod disk;
mod groups;
mod links;
mod parallel;
mod repeats;
mod rows;
mod sketches;
mod sort;
mod spill;
#[cfg(test)]
mod tests;
mod union_find;

pub(super) use disk::Scratch;
pub use repeats::{RepeatStatistics, RepeatedPieces, Repeats};
pub use sketches::{EqualPositions, Jaccard, SketchBuilder, Sketches};

use std::collections::HashMap;
use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use rustc_hash::FxBuildHasher;

use blocks::Blocks;
use groups::{Groups, Target};
use links::Links;
use rows::{Shape, spread};
use spill::{Partition, Plan, Spill};
use union_find::{Sets, UnionFind};

use crate::store::StoreError;

/// Bytes of a row on the disk: key and document.
const ROW_BYTES: usize = 12;
/// How rows are made up: band, key, document.
const SHAPE: Shape = Shape { bits: 96, shared: Some(32) };

/// What the machine gives to one [`Clusterer`], [`Repeats`] or [`SketchBuilder`].
#[derive(Debug, Clone)]
pub struct Options {
    /// An existing directory for temporary files, which have no name where the platform can do that.
    /// What fits the memory never gets there.
    pub spill: PathBuf,
    /// Bytes for rows, all threads together; arrays by document come on top.
    pub memory_bytes: usize,
    /// Threads of [`Clusterer::finish`] and [`Repeats::finish`].
    pub threads: NonZeroUsize,
}

impl Options {
    /// Bytes that one thread's reader may take: half the budget is left to what is read from.
    fn reader_bytes(&self, memory_bytes: usize) -> usize {
        memory_bytes / 2 / self.threads
    }
}

/// Joins candidates only if they are similar enough.
///
/// In each group of one key, from the smallest document on, each is compared with the leaders of the
/// group in their order: it is joined to the first that is similar enough, and is the next leader if
/// none is. A group has 64 leaders at most; what is like none of them is then joined to nothing in
/// this group. So every member of a cluster is linked to one that it is similar to, and chains of
/// weak likeness do not make one cluster of a group.
#[derive(Clone, Copy)]
pub struct Verify<'a> {
    /// The least similarity, inclusive: 0 to 1.
    pub min_similarity: f64,
    /// How similar two documents are.
    pub similarity: &'a dyn Similarity,
}

/// Measures how similar two documents are.
pub trait Similarity: Sync {
    /// The similarity, 0 to 1: the same for (a, b) and (b, a), and whenever it is asked for.
    ///
    /// # Errors
    /// If what it goes by cannot be read.
    fn similarity(&self, a: u32, b: u32) -> Result<f64, StoreError>;
}

/// Collects the keys of documents.
pub struct Clusterer {
    documents: u32,
    options: Options,
    spill: Spill<ROW_BYTES>,
    /// Bands in the order in which they came.
    bands: Vec<u32>,
    numbers: HashMap<u32, u32, FxBuildHasher>,
    /// Place in `bands` of the last row's band.
    last: usize,
}

impl Clusterer {
    /// For documents 0..`documents`.
    pub fn new(documents: u32, options: &Options) -> Self {
        let threads = options.threads.get();
        let reader_bytes = options.reader_bytes(options.memory_bytes);
        let spill = Spill::new(
            SHAPE,
            Plan {
                directory: options.spill.clone(),
                memory_bytes: options.memory_bytes,
                partition_rows: Blocks::<ROW_BYTES>::rows_of(reader_bytes),
                group_rows: u64::from(documents),
                threads,
            },
        );
        Self {
            documents,
            options: options.clone(),
            spill,
            bands: Vec::new(),
            numbers: HashMap::default(),
            last: 0,
        }
    }

    /// Adds the key of a document in a band; in any order, and any number of times.
    ///
    /// # Errors
    /// If the disk refuses, there is no such document, or there are more than 65,535 bands.
    #[inline]
    pub fn push(&mut self, band: u32, key: u64, document: u32) -> Result<(), StoreError> {
        if document >= self.documents {
            return Err(self.refuse(format!("document {document} of {}", self.documents)));
        }
        // Documents usually come one after the other, and their bands in one order.
        let next = if self.last + 1 < self.bands.len() { self.last + 1 } else { 0 };
        let number = match self.bands.get(next) {
            Some(&expected) if expected == band => next,
            _ => self.number(band)?,
        };
        self.last = number;
        let row = u128::from(spread(key)) << 32 | u128::from(document);
        self.spill.push(number as u32, row)
    }

    fn number(&mut self, band: u32) -> Result<usize, StoreError> {
        let new = self.bands.len();
        if let Some(&number) = self.numbers.get(&band) {
            return Ok(number as usize);
        }
        if new == Links::MOST_BANDS {
            return Err(self.refuse(format!("more than {new} bands")));
        }
        self.numbers.insert(band, new as u32);
        self.bands.push(band);
        Ok(new)
    }

    fn refuse(&self, message: String) -> StoreError {
        let error = io::Error::new(io::ErrorKind::InvalidInput, message);
        StoreError::new(&self.options.spill, error)
    }

    /// Joins what shares keys.
    ///
    /// # Errors
    /// If the disk refuses, or a similarity cannot be had.
    pub fn finish(self, verify: Option<&Verify<'_>>) -> Result<Clusters, StoreError> {
        let Self { documents, options, spill, bands, .. } = self;
        let mut statistics = Statistics { rows: spill.rows(), ..Statistics::default() };
        let partitions = spill.finish()?;
        let sets = UnionFind::new(documents);
        let links = Links::new(documents, verify.is_some());
        let target = Target { sets: &sets, links: &links, verify };
        let reader_bytes = options.reader_bytes(options.memory_bytes);
        let reader = || Blocks::<ROW_BYTES>::new(options.spill.clone(), reader_bytes, SHAPE);
        let mut readers: Vec<_> = (0..options.threads.get()).map(|_| reader()).collect();
        let mut order: Vec<usize> = (0..bands.len()).collect();
        order.sort_unstable_by_key(|&number| bands[number]);
        // One band after the other: what an earlier one has linked stays.
        for (rank, &number) in order.iter().enumerate() {
            let groups = || Groups::new(target, rank as u16);
            let mut workers: Vec<_> = readers.iter_mut().map(|reader| (reader, groups())).collect();
            let own = partitions.of_group(number);
            parallel::share_out(&mut workers, &own, |(reader, groups), partition| {
                join(reader, partition.clone(), groups)
            })?;
            workers.iter().for_each(|(_, groups)| statistics.add(groups.counts()));
        }
        statistics.spilled_bytes =
            partitions.written() + readers.iter().map(Blocks::written).sum::<u64>();
        drop((readers, partitions));
        let sets = sets.finish();
        statistics.count_clusters(&sets);
        let bands = order.into_iter().map(|number| bands[number]).collect();
        Ok(Clusters { sets, links, bands, statistics })
    }
}

/// Joins the documents of a partition's groups.
fn join(
    reader: &mut Blocks<ROW_BYTES>,
    partition: Partition,
    groups: &mut Groups<'_>,
) -> Result<(), StoreError> {
    reader.open(partition);
    while reader.advance()? {
        for row in reader.rows() {
            groups.row((row >> 32) as u64, *row as u32)?;
        }
    }
    Ok(())
}

/// Why a document is in its cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The document that it shares the key with.
    pub matched: u32,
    /// The band of the key.
    pub band: u32,
    /// How similar the two are, where that was measured.
    pub similarity: Option<f32>,
}

/// What was met and found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Rows that were pushed.
    pub rows: u64,
    /// Bytes that were written to the disk; the one figure that depends on the options.
    pub spilled_bytes: u64,
    /// Keys of a band that two documents or more share.
    pub groups: u64,
    /// Pairs within groups that were looked at: one for each document and leader.
    pub candidate_pairs: u64,
    /// Of them, those that were similar enough; 0 without verification.
    pub verified_pairs: u64,
    /// Of them, those that were not.
    pub rejected_pairs: u64,
    /// Clusters of two documents or more.
    pub clusters: u64,
    /// Documents in them.
    pub clustered_documents: u64,
    /// Documents of the largest cluster: 1 if no two documents are alike, 0 if there are none.
    pub largest_cluster: u64,
}

impl Statistics {
    fn add(&mut self, groups: &Self) {
        self.groups += groups.groups;
        self.candidate_pairs += groups.candidate_pairs;
        self.verified_pairs += groups.verified_pairs;
        self.rejected_pairs += groups.rejected_pairs;
    }

    fn count_clusters(&mut self, sets: &Sets) {
        for size in sets.sizes().map(u64::from) {
            self.largest_cluster = self.largest_cluster.max(size);
            if size > 1 {
                self.clusters += 1;
                self.clustered_documents += size;
            }
        }
    }
}

/// The clusters of all documents.
pub struct Clusters {
    sets: Sets,
    links: Links,
    /// By rank.
    bands: Vec<u32>,
    statistics: Statistics,
}

impl Clusters {
    /// The smallest document of a document's cluster, which is itself where it is alone.
    ///
    /// # Panics
    /// As the others, if there is no such document.
    pub fn root(&self, document: u32) -> u32 {
        self.sets.root(document)
    }

    /// Documents of a document's cluster.
    pub fn size(&self, document: u32) -> u32 {
        self.sets.size(document)
    }

    /// Why a document is in its cluster; none where it is alone.
    ///
    /// Of the documents that it was joined to or that were joined to it, the smallest in the lowest
    /// band.
    pub fn link(&self, document: u32) -> Option<Link> {
        let (rank, matched, similarity) = self.links.get(document)?;
        Some(Link { matched, band: self.bands[usize::from(rank)], similarity })
    }

    /// What was met and found.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }
}
