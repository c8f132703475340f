//! A dedup among the survivors of an arm: signatures → clusters → who stays.

use std::io;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::store::{Finished, StoreError, StoredFile, column};
use crate::text::View;

use super::arm::Dedup;
use super::bits::Bits;
use super::clusters::{Clusterer, Clusters, Similarity, SketchBuilder, Verify};
use super::context::Context;
use super::parallel::in_order;
use super::pool::PoolShard;
use super::rows::{self, Wanted};
use super::{CutError, keepers};

/// Rows of signatures read at a time.
const ROWS: usize = 16 << 10;

/// What a dedup came to in an arm.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DedupSummary {
    /// The step.
    pub step: String,
    /// The rule by which a document stays.
    pub keep: String,
    /// Documents that came as far as the dedup.
    pub documents: u64,
    /// Of these, documents without a key: too short, or it does not apply; each is a cluster of its
    /// own.
    pub unsigned: u64,
    /// Clusters of more than one document.
    pub clusters: u64,
    /// Documents in them.
    pub clustered: u64,
    /// Documents of the largest.
    pub largest: u64,
    /// Documents removed.
    pub removed: u64,
    /// Pairs whose similarity was computed.
    pub compared: u64,
    /// Of these, pairs that were not similar enough.
    pub rejected: u64,
    /// Bytes written to temporary files; no matter of the cut's.
    #[serde(skip)]
    pub spilled_bytes: u64,
}

/// One row of `signatures/`.
struct Signed {
    document: u32,
    band: u32,
    key: u64,
    hashes: Vec<u64>,
}

/// Clusters the documents of a set, takes out all but the keepers, and writes who was whose copy.
pub(super) fn dedup(
    context: &Context<'_>,
    stage: &Dedup,
    alive: &mut Bits,
    provenance: &Path,
) -> Result<(Clusters, DedupSummary, Finished), CutError> {
    context.note(&format!("{}: clustering", stage.step));
    let mut signed = Bits::new(alive.len(), false);
    let mut clusterer = Clusterer::new(context.pool.documents, &context.clustering());
    each_signature(context, stage, alive, false, |row| {
        signed.insert(row.document);
        Ok(clusterer.push(row.band, row.key, row.document)?)
    })?;
    let mut clusters = clusterer.finish(None)?;
    let documents = alive.count();
    let unsigned = documents - signed.count();
    let mut spilled_bytes = clusters.statistics().spilled_bytes;
    if let Some(min_similarity) = verification(&stage.params) {
        clusters = verified(context, stage, &clusters, alive, min_similarity)?;
        spilled_bytes += clusters.statistics().spilled_bytes;
    }
    let (removed, file) = keepers::settle(context, stage, &clusters, alive, provenance)?;
    let statistics = clusters.statistics();
    let summary = DedupSummary {
        step: stage.step.clone(),
        keep: stage.params["keep"].as_str().unwrap_or("first").to_owned(),
        documents,
        unsigned,
        clusters: statistics.clusters,
        clustered: statistics.clustered_documents,
        largest: statistics.largest_cluster,
        removed,
        compared: statistics.verified_pairs + statistics.rejected_pairs,
        rejected: statistics.rejected_pairs,
        spilled_bytes,
    };
    Ok((clusters, summary, file))
}

/// The similarity that candidates must have; `None` where shared keys alone decide.
fn verification(params: &serde_json::Value) -> Option<f64> {
    matches!(params["verify"].as_str(), Some("estimated" | "jaccard"))
        .then(|| params["min_jaccard"].as_f64().unwrap_or(0.0))
}

/// Clusters again the documents that share a key with another, joining only those similar enough.
fn verified(
    context: &Context<'_>,
    stage: &Dedup,
    candidates: &Clusters,
    alive: &Bits,
    min_similarity: f64,
) -> Result<Clusters, CutError> {
    context.note(&format!("{}: verifying candidates", stage.step));
    let estimated = stage.params["verify"] == "estimated";
    let mut among = Bits::new(alive.len(), false);
    (0..alive.len())
        .filter(|&document| alive.has(document) && candidates.size(document) > 1)
        .for_each(|document| among.insert(document));
    let mut sketches = SketchBuilder::new(context.pool.documents, &context.clustering());
    let mut clusterer = Clusterer::new(context.pool.documents, &context.clustering());
    let mut sketch: (u32, Vec<u64>) = (u32::MAX, Vec::new());
    each_signature(context, stage, &among, estimated, |row| {
        if estimated {
            if sketch.0 != row.document {
                let (document, hashes) = std::mem::take(&mut sketch);
                if !hashes.is_empty() {
                    sketches.push(document, &hashes)?;
                }
                sketch.0 = row.document;
            }
            sketch.1.extend(&row.hashes);
        }
        Ok(clusterer.push(row.band, row.key, row.document)?)
    })?;
    if estimated && !sketch.1.is_empty() {
        sketches.push(sketch.0, &sketch.1)?;
    }
    if !estimated {
        shingles(context, stage, &among, &mut sketches)?;
    }
    let sketches = sketches.finish()?;
    let similarity: &dyn Similarity = match estimated {
        true => &sketches.equal_positions(),
        false => &sketches.jaccard(),
    };
    Ok(clusterer.finish(Some(&Verify { min_similarity, similarity }))?)
}

/// The shingles of documents, from their text as the dedup sees it.
fn shingles(
    context: &Context<'_>,
    stage: &Dedup,
    documents: &Bits,
    sketches: &mut SketchBuilder,
) -> Result<(), CutError> {
    let built = stage.rebuild()?;
    let wanted = Wanted { text: Some(&stage.text), ..Wanted::default() };
    context.each_group(
        &context.parts_with(documents)?,
        |group, shard| {
            let mut found = Vec::new();
            rows::read(group, shard, documents, wanted, |row| {
                let document: Document = row.document.document;
                let mut hashes = Vec::new();
                built.step.shingles(&View::raw(&document), &mut hashes);
                found.push((row.ordinal, hashes));
                Ok(())
            })?;
            Ok(found)
        },
        |found| {
            for (document, hashes) in found {
                sketches.push(document, &hashes)?;
            }
            Ok(())
        },
    )
}

/// Passes the signatures of a dedup's column on the documents of a set, in order.
fn each_signature(
    context: &Context<'_>,
    stage: &Dedup,
    documents: &Bits,
    with_hashes: bool,
    mut pass: impl FnMut(&Signed) -> Result<(), CutError>,
) -> Result<(), CutError> {
    let mut parts = Vec::new();
    for shard in &context.pool.shards {
        let file = StoredFile::open(shard.signatures())?;
        let groups = file.groups().len();
        let file = std::sync::Arc::new(file);
        parts.extend((0..groups).map(|group| (shard, file.clone(), group)));
    }
    let mut columns = vec!["document", "column", "band", "key"];
    columns.extend(with_hashes.then_some("hashes"));
    let make = |index: usize| {
        let (shard, file, group) = &parts[index];
        let mut signed = Vec::new();
        for batch in file.read(*group, None, &columns, ROWS)? {
            let at = &shard.signatures();
            of_batch(&batch?, stage, shard, with_hashes, at, &mut signed)?;
        }
        Ok(signed)
    };
    in_order(context.threads, parts.len(), context.interrupted, make, |_, signed| {
        signed.iter().filter(|row| documents.has(row.document)).try_for_each(&mut pass)
    })
}

fn of_batch(
    batch: &RecordBatch,
    stage: &Dedup,
    shard: &PoolShard,
    with_hashes: bool,
    path: &Path,
    signed: &mut Vec<Signed>,
) -> Result<(), StoreError> {
    let documents = column(batch, "document", path)?;
    let columns = column(batch, "column", path)?;
    let bands = column(batch, "band", path)?;
    let keys = column(batch, "key", path)?;
    let hashes = with_hashes.then(|| column(batch, "hashes", path)).transpose()?;
    for (row, name) in columns.as_string::<i32>().iter().enumerate() {
        if name != Some(stage.column.as_str()) {
            continue;
        }
        let document = documents.as_primitive::<Int64Type>().value(row);
        let document = u32::try_from(document).ok().filter(|at| *at < shard.rows);
        let document = document.map(|at| shard.first + at);
        let band = u32::try_from(bands.as_primitive::<Int32Type>().value(row)).ok();
        let (Some(document), Some(band)) = (document, band) else {
            return Err(StoreError::new(path, io::Error::other("a signature of no document")));
        };
        let hashes = hashes.as_ref().map_or_else(Vec::new, |hashes| {
            let hashes = hashes.as_list::<i32>().value(row);
            hashes.as_primitive::<Int64Type>().values().iter().map(|v| v.cast_unsigned()).collect()
        });
        let key = keys.as_primitive::<Int64Type>().value(row).cast_unsigned();
        signed.push(Signed { document, band, key, hashes });
    }
    Ok(())
}

/// The repeated pieces of an arm's documents.
pub(super) fn each_piece(
    context: &Context<'_>,
    stage: &Dedup,
    documents: &Bits,
    mut pass: impl FnMut(u64, u32, u32) -> Result<(), CutError>,
) -> Result<(), CutError> {
    each_signature(context, stage, documents, false, |row| pass(row.key, row.document, row.band))
}
