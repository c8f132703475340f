//! Clusters → the document of each that stays, and the provenance of the others.

use std::cmp::Reverse;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float32Builder, Int32Builder, Int64Builder, StringBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::store::{Finished, ParquetFile, StoreError, column};

use super::CutError;
use super::arm::Dedup;
use super::bits::Bits;
use super::clusters::{Clusters, Link};
use super::context::Context;
use super::rows::{members, ranges};

/// Rows read at a time.
const ROWS: usize = 8192;
/// Bytes that a record takes in memory, its id included.
const RECORD_BYTES: usize = 160;
/// Temporary files at most.
const MOST_PARTS: usize = 256;

/// A document of a cluster.
#[derive(Debug, Clone, PartialEq)]
struct Record {
    root: u32,
    ordinal: u32,
    /// The highest stays.
    value: u64,
    id: String,
    link: Link,
}

/// Takes out of `alive` all documents of each cluster but its keeper, writes the file of who was
/// whose copy, and says how many were taken out.
///
/// Records are spread over temporary files by their cluster, so that those of some clusters are in
/// memory at a time.
pub(super) fn settle(
    context: &Context<'_>,
    stage: &Dedup,
    clusters: &Clusters,
    alive: &mut Bits,
    provenance: &Path,
) -> Result<(u64, Finished), CutError> {
    let mut clustered = Bits::new(alive.len(), false);
    (0..alive.len())
        .filter(|&document| alive.has(document) && clusters.size(document) > 1)
        .for_each(|document| clustered.insert(document));
    let mut parts = Parts::new(context, clusters, &clustered)?;
    each_record(context, stage, clusters, &clustered, |record| parts.push(record))?;
    let schema = schema();
    let mut file = ParquetFile::create(provenance.to_path_buf(), &schema)?;
    let written = parts.each(|records| {
        let keepers = keepers(&records);
        for record in &records {
            if keepers.get(record).ordinal != record.ordinal {
                alive.remove(record.ordinal);
            }
        }
        for some in records.chunks(ROWS) {
            file.write(&batch(some, &records, &keepers, clusters, &schema, provenance)?)?;
        }
        Ok(())
    });
    if let Err(error) = written {
        file.discard();
        return Err(error);
    }
    let file = file.finish()?;
    let statistics = clusters.statistics();
    Ok((statistics.clustered_documents - statistics.clusters, file))
}

/// The column by whose value the keeper is chosen; none for the first in crawl order.
fn value_column(stage: &Dedup) -> Option<String> {
    match stage.params["keep"].as_str() {
        Some("longest") => Some(format!("{}.chars", stage.column)),
        Some("newest") => Some("date".to_owned()),
        Some("best") => stage.by.clone(),
        _ => None,
    }
}

fn each_record(
    context: &Context<'_>,
    stage: &Dedup,
    clusters: &Clusters,
    clustered: &Bits,
    mut pass: impl FnMut(Record) -> Result<(), CutError>,
) -> Result<(), CutError> {
    let by = value_column(stage);
    let mut columns = vec!["id"];
    columns.extend(by.as_deref());
    context.each_group(
        &context.groups_with(clustered),
        |group, shard| {
            let (mut records, path) = (Vec::new(), shard.documents());
            let mut ordinals = members(group, clustered);
            let ranges = ranges(group, clustered);
            for batch in shard.file.read(group.group, Some(&ranges), &columns, ROWS)? {
                let batch = batch?;
                let ids = column(&batch, "id", &path)?;
                let values = by.as_ref().map(|by| column(&batch, by, &path)).transpose()?;
                for (row, ordinal) in (0..batch.num_rows()).zip(ordinals.by_ref()) {
                    let value = values
                        .as_ref()
                        .map_or(u64::from(u32::MAX - ordinal), |values| rank(values, row));
                    let Some(link) = clusters.link(ordinal) else { continue };
                    let id = ids.as_string::<i32>().value(row).to_owned();
                    records.push(Record { root: clusters.root(ordinal), ordinal, value, id, link });
                }
            }
            Ok(records)
        },
        |records| records.into_iter().try_for_each(&mut pass),
    )
}

/// A value as a number of the same order; null is the lowest.
fn rank(values: &ArrayRef, row: usize) -> u64 {
    if values.is_null(row) {
        return 0;
    }
    let signed = |number: i64| (number.cast_unsigned() ^ (1 << 63)).max(1);
    match values.data_type() {
        DataType::Boolean => 1 + u64::from(values.as_boolean().value(row)),
        DataType::Int64 => signed(values.as_primitive::<Int64Type>().value(row)),
        DataType::Timestamp(..) => {
            signed(values.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        DataType::Float64 => {
            // Zeros are equal whatever their sign.
            let bits = (values.as_primitive::<Float64Type>().value(row) + 0.0).to_bits();
            let flip = if bits >> 63 == 1 { u64::MAX } else { 1 << 63 };
            (bits ^ flip).max(1)
        }
        _ => 0,
    }
}

/// The keeper of each cluster of sorted records.
struct Keepers<'r> {
    /// By root, ascending.
    by_root: Vec<&'r Record>,
}

/// Finds the keepers: of the highest value, of these the smallest id, of these the first.
fn keepers(records: &[Record]) -> Keepers<'_> {
    let of_cluster = records.chunk_by(|a, b| a.root == b.root);
    let best = |cluster: &'_ [Record]| -> Option<usize> {
        let order = |at: &usize| (Reverse(cluster[*at].value), &cluster[*at].id, *at);
        (0..cluster.len()).min_by(|a, b| order(a).cmp(&order(b)))
    };
    let by_root = of_cluster.filter_map(|cluster| best(cluster).map(|at| &cluster[at]));
    Keepers { by_root: by_root.collect() }
}

impl<'r> Keepers<'r> {
    fn get(&self, of: &'r Record) -> &'r Record {
        match self.by_root.binary_search_by_key(&of.root, |keeper| keeper.root) {
            Ok(at) => self.by_root[at],
            Err(_) => of,
        }
    }
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("cluster", DataType::Utf8, false),
        Field::new("cluster_size", DataType::Int64, false),
        Field::new("keep", DataType::Boolean, false),
        Field::new("keeper", DataType::Utf8, false),
        Field::new("matched", DataType::Utf8, true),
        Field::new("band", DataType::Int32, true),
        Field::new("similarity", DataType::Float32, true),
    ]))
}

/// Rows of the provenance file for some of the records.
fn batch(
    some: &[Record],
    records: &[Record],
    keepers: &Keepers<'_>,
    clusters: &Clusters,
    schema: &SchemaRef,
    path: &Path,
) -> Result<RecordBatch, StoreError> {
    let (mut id, mut cluster, mut size) =
        (StringBuilder::new(), StringBuilder::new(), Int64Builder::new());
    let (mut keep, mut keeper, mut matched) =
        (BooleanBuilder::new(), StringBuilder::new(), StringBuilder::new());
    let (mut band, mut similarity) = (Int32Builder::new(), Float32Builder::new());
    // Records are sorted by cluster and ordinal, and the first of a cluster is its root.
    let id_of = |root: u32, ordinal: u32| {
        let at = records.binary_search_by_key(&(root, ordinal), |r| (r.root, r.ordinal)).ok();
        at.map(|at| records[at].id.as_str())
    };
    for record in some {
        let stays = keepers.get(record);
        let kept = stays.ordinal == record.ordinal;
        id.append_value(&record.id);
        cluster.append_value(id_of(record.root, record.root).unwrap_or_default());
        size.append_value(i64::from(clusters.size(record.ordinal)));
        keep.append_value(kept);
        keeper.append_value(&stays.id);
        let link = Some(&record.link).filter(|_| !kept);
        matched.append_option(link.and_then(|link| id_of(record.root, link.matched)));
        band.append_option(link.and_then(|link| i32::try_from(link.band).ok()));
        similarity.append_option(link.and_then(|link| link.similarity));
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(id.finish()),
        Arc::new(cluster.finish()),
        Arc::new(size.finish()),
        Arc::new(keep.finish()),
        Arc::new(keeper.finish()),
        Arc::new(matched.finish()),
        Arc::new(band.finish()),
        Arc::new(similarity.finish()),
    ];
    RecordBatch::try_new(schema.clone(), columns)
        .map_err(|error| StoreError::new(path, io::Error::other(error)))
}

/// Records by ranges of their cluster.
struct Parts {
    /// The root at which each part but the first begins, ascending.
    bounds: Vec<u32>,
    parts: Vec<Part>,
    spill: std::path::PathBuf,
}

enum Part {
    Memory(Vec<Record>),
    File(BufWriter<std::fs::File>),
}

impl Parts {
    /// As many parts as keep one of them within the memory, unless a single cluster is larger.
    fn new(
        context: &Context<'_>,
        clusters: &Clusters,
        clustered: &Bits,
    ) -> Result<Self, StoreError> {
        let total = usize::try_from(clustered.count()).unwrap_or(usize::MAX);
        let fits = (context.memory_bytes / RECORD_BYTES).max(1);
        let wanted = total.div_ceil(fits).clamp(1, MOST_PARTS);
        let spill = context.spill.clone();
        if wanted == 1 {
            return Ok(Self { bounds: Vec::new(), parts: vec![Part::Memory(Vec::new())], spill });
        }
        // By the number of documents of the clusters that begin in each stretch of the pool.
        let width = (clustered.len() >> 16).max(1);
        let mut histogram = vec![0u64; (clustered.len() / width) as usize + 1];
        for document in (0..clustered.len()).filter(|&document| clustered.has(document)) {
            histogram[(clusters.root(document) / width) as usize] += 1;
        }
        let each = (total / wanted) as u64;
        let (mut bounds, mut held) = (Vec::new(), 0);
        for (stretch, count) in (0u32..).zip(&histogram) {
            if held > 0 && held + count > each && bounds.len() + 1 < MOST_PARTS {
                bounds.push(stretch * width);
                held = 0;
            }
            held += count;
        }
        let file = || -> Result<Part, StoreError> {
            let file = tempfile::tempfile_in(&spill).map_err(|e| StoreError::new(&spill, e))?;
            Ok(Part::File(BufWriter::with_capacity(32 << 10, file)))
        };
        let parts = (0..=bounds.len()).map(|_| file()).collect::<Result<_, _>>()?;
        Ok(Self { bounds, parts, spill })
    }

    fn push(&mut self, record: Record) -> Result<(), CutError> {
        let at = self.bounds.partition_point(|&bound| bound <= record.root);
        match &mut self.parts[at] {
            Part::Memory(records) => records.push(record),
            Part::File(file) => {
                write(file, &record).map_err(|error| StoreError::new(&self.spill, error))?;
            }
        }
        Ok(())
    }

    /// Passes each part's records by cluster and ordinal, in the order of clusters.
    fn each(
        self,
        mut pass: impl FnMut(Vec<Record>) -> Result<(), CutError>,
    ) -> Result<(), CutError> {
        for part in self.parts {
            let mut records = match part {
                Part::Memory(records) => records,
                Part::File(file) => {
                    read_all(file).map_err(|error| StoreError::new(&self.spill, error))?
                }
            };
            records.sort_unstable_by_key(|record| (record.root, record.ordinal));
            pass(records)?;
        }
        Ok(())
    }
}

fn write(file: &mut impl Write, record: &Record) -> io::Result<()> {
    let Record { root, ordinal, value, id, link } = record;
    file.write_all(&root.to_le_bytes())?;
    file.write_all(&ordinal.to_le_bytes())?;
    file.write_all(&value.to_le_bytes())?;
    file.write_all(&link.matched.to_le_bytes())?;
    file.write_all(&link.band.to_le_bytes())?;
    // A similarity is never below 0.
    file.write_all(&link.similarity.unwrap_or(-1.0).to_le_bytes())?;
    file.write_all(&u32::try_from(id.len()).unwrap_or(u32::MAX).to_le_bytes())?;
    file.write_all(id.as_bytes())
}

fn read_all(file: BufWriter<std::fs::File>) -> io::Result<Vec<Record>> {
    let mut file = file.into_inner().map_err(|error| error.into_error())?;
    file.rewind()?;
    let mut file = BufReader::with_capacity(1 << 20, file);
    let mut records = Vec::new();
    let mut head = [0; 32];
    loop {
        match file.read_exact(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(records),
            read => read?,
        }
        let four = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap_or_default());
        let eight = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap_or_default());
        let mut id = vec![0; four(28) as usize];
        file.read_exact(&mut id)?;
        let similarity = f32::from_bits(four(24));
        records.push(Record {
            root: four(0),
            ordinal: four(4),
            value: eight(8),
            id: String::from_utf8_lossy(&id).into_owned(),
            link: Link {
                matched: four(16),
                band: four(20),
                similarity: (similarity >= 0.0).then_some(similarity),
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{BooleanArray, Float64Array, Int64Array};

    #[test]
    fn ranks_keep_the_order_of_values_and_null_is_the_lowest() {
        let ascending = |values: ArrayRef| {
            let ranks: Vec<u64> = (0..values.len()).map(|row| rank(&values, row)).collect();
            assert!(ranks.is_sorted_by(|a, b| a < b), "{values:?}: {ranks:?}");
        };
        ascending(Arc::new(BooleanArray::from(vec![None, Some(false), Some(true)])));
        ascending(Arc::new(Int64Array::from(vec![None, Some(-5), Some(0), Some(7)])));
        let floats = [f64::NEG_INFINITY, -2.5, -0.1, 0.0, 1e-9, 3.0, f64::INFINITY];
        ascending(Arc::new(Float64Array::from_iter(std::iter::once(None).chain(floats.map(Some)))));
        let zeros: ArrayRef = Arc::new(Float64Array::from(vec![0.0, -0.0]));
        assert_eq!(rank(&zeros, 0), rank(&zeros, 1));
    }

    fn record(root: u32, ordinal: u32, value: u64, id: &str) -> Record {
        let link = Link { matched: root, band: 3, similarity: None };
        Record { root, ordinal, value, id: id.into(), link }
    }

    #[test]
    fn the_keeper_has_the_highest_value_and_then_the_smallest_id() {
        let records = [
            record(0, 0, 5, "z"),
            record(0, 4, 9, "c"),
            record(0, 6, 9, "b"),
            record(2, 2, 1, "a"),
            record(2, 3, 1, "a"),
        ];
        let keepers = keepers(&records);
        let stays: Vec<u32> = records.iter().map(|record| keepers.get(record).ordinal).collect();
        assert_eq!(stays, [6, 6, 6, 2, 2]);
    }

    #[test]
    fn records_come_back_from_their_file_as_they_were() {
        let mut records = vec![record(0, 1, u64::MAX, "urn:uuid:é"), record(7, 9, 0, "")];
        records[1].link.similarity = Some(0.0);
        let mut file = BufWriter::new(tempfile::tempfile().unwrap());
        records.iter().for_each(|record| write(&mut file, record).unwrap());
        assert_eq!(read_all(file).unwrap(), records);
    }
}
