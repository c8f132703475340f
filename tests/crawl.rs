//! A run over a shard of a real crawl: every page is there, at its place, with its text.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use gristmill::plan::Plan;
use gristmill::run::{Options, Progress, run};
use gristmill::shards::expand;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

mod common;

#[path = "../benches/extraction/score.rs"]
#[allow(dead_code, reason = "alignment is for training")]
mod score;

/// Least mean F1 of the texts against gold text: a bound that a broken extractor falls below. Some
/// of the gold texts have the comments of readers, which the texts have not. The bench `extraction`
/// has F1 by set, and for pages that the content model never saw.
const LEAST_F1: f64 = 0.93;

const SHARD: &str = "web-00002.warc.gz";

/// The JSON objects of a gzip file of lines.
fn json_lines(path: &Path) -> impl Iterator<Item = serde_json::Value> {
    let file = std::fs::File::open(path).unwrap();
    let lines = BufReader::new(flate2::read::MultiGzDecoder::new(file)).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap())
}

#[test]
fn every_page_of_a_real_shard_is_a_document_at_its_place() {
    let Some(data) = common::data() else { return };
    let input = data.join("corpus").join(SHARD);
    let plan = Plan::load(&common::repo("pipelines/fineweb.toml"), None).unwrap();
    let shards = expand(&[input.to_str().unwrap()], None, None).unwrap().shards;
    let output = tempfile::TempDir::new().unwrap();
    let (progress, never) = (Progress::default(), AtomicBool::new(false));
    let options = Options::for_threads(None);
    let summary = run(&plan, &shards, output.path(), &options, &progress, &never).unwrap();
    assert!(summary.totals.balance());

    let mut expected = BTreeMap::new();
    for page in json_lines(&data.join("corpus/manifest.jsonl.gz")) {
        if page["file"] == SHARD {
            let number = |key: &str| page[key].as_i64().unwrap();
            let id = page["record_id"].as_str().unwrap().trim_matches(['<', '>']).to_owned();
            expected.insert(id, (number("offset"), number("length")));
        }
    }
    assert_eq!(expected.len(), 580);
    let gold: BTreeMap<String, String> = json_lines(&data.join("gold/gold.jsonl.gz"))
        .map(|page| {
            let field =
                |name: &str| page[name].as_str().unwrap().trim_matches(['<', '>']).to_owned();
            (field("record_id"), field("text"))
        })
        .collect();

    let file = std::fs::File::open(output.path().join("documents/web-00002.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let (mut documents, mut scores) = (0, Vec::new());
    for batch in reader.map(Result::unwrap) {
        let column = |name: &str| batch.column_by_name(name).unwrap();
        let (ids, texts) = (column("id").as_string::<i32>(), column("text").as_string::<i32>());
        let offsets = column("warc_offset").as_primitive::<Int64Type>();
        let lengths = column("warc_length").as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let id = ids.value(row);
            assert_eq!(expected[id], (offsets.value(row), lengths.value(row)), "{id}");
            if let Some(gold) = gold.get(id) {
                assert!(!texts.value(row).is_empty(), "{id} has gold text and came out empty");
                scores.push(score::f1(texts.value(row), gold));
            }
            documents += 1;
        }
    }
    let failed = summary.totals.failed();
    assert_eq!(documents + failed, 580, "{:?}", summary.totals.failures);
    assert_eq!(failed, 0);
    assert!(scores.len() > 200, "{} pages with gold text", scores.len());
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    assert!(mean > LEAST_F1, "mean F1 is {mean:.4}");
}
