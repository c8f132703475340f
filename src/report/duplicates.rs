//! What the dedups of an arm found: sizes of clusters, and the largest of them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cut::{Bits, DedupSummary, Settled};

/// Clusters that are shown.
const LARGEST: usize = 10;

/// What a dedup found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Duplicates {
    /// Its counts.
    pub summary: DedupSummary,
    /// Its column.
    pub column: String,
    /// Clusters by their number of documents, 2 and more.
    pub sizes: BTreeMap<u32, u64>,
    /// The largest clusters, the larger and then the earlier first.
    pub largest: Vec<Cluster>,
}

/// A cluster.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Cluster {
    /// Its documents.
    pub size: u32,
    /// The ordinal of its first document in crawl order.
    #[serde(skip)]
    pub first: u32,
    /// The id of that document, by which `dedup/<step>.parquet` of a cut names the cluster.
    pub id: String,
    /// Its URL.
    pub url: Option<String>,
    /// The beginning of its text.
    pub excerpt: String,
}

/// Sizes and largest clusters of a dedup that has been settled; texts are not read yet.
pub(super) fn of(settled: &Settled<'_>) -> Duplicates {
    let mut found = Duplicates { column: settled.dedup.column.clone(), ..Duplicates::default() };
    for document in 0..settled.alive.len() {
        let size = settled.clusters.size(document);
        if size < 2 || settled.clusters.root(document) != document {
            continue;
        }
        *found.sizes.entry(size).or_default() += 1;
        let smallest = found.largest.last().map_or(0, |cluster| cluster.size);
        if found.largest.len() < LARGEST || size > smallest {
            let at = found.largest.partition_point(|cluster| cluster.size >= size);
            found.largest.insert(at, Cluster { size, first: document, ..Cluster::default() });
            found.largest.truncate(LARGEST);
        }
    }
    found
}

/// The documents that a dedup removes.
pub(super) fn removed(settled: &Settled<'_>) -> Bits {
    let mut removed = Bits::new(settled.alive.len(), false);
    (0..settled.alive.len())
        .filter(|&document| settled.clusters.size(document) > 1 && !settled.alive.has(document))
        .for_each(|document| removed.insert(document));
    removed
}
