//! A run over a shard of a real crawl: every page is there, at its place, with its text.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::collections::{BTreeMap, BTreeSet};
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

/// Pages with a gold text on which main-content extraction finds nothing, though there is something.
const KNOWN_EMPTY: &[&str] = &["urn:uuid:cbeb3671-a264-548e-8890-ee0e4e25c8ac"];

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
    let gold: BTreeSet<String> = json_lines(&data.join("gold/gold.jsonl.gz"))
        .map(|page| page["record_id"].as_str().unwrap().trim_matches(['<', '>']).to_owned())
        .collect();

    let file = std::fs::File::open(output.path().join("documents/web-00002.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let (mut documents, mut empty) = (0, Vec::new());
    for batch in reader.map(Result::unwrap) {
        let column = |name: &str| batch.column_by_name(name).unwrap();
        let (ids, texts) = (column("id").as_string::<i32>(), column("text").as_string::<i32>());
        let offsets = column("warc_offset").as_primitive::<Int64Type>();
        let lengths = column("warc_length").as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let id = ids.value(row);
            assert_eq!(expected[id], (offsets.value(row), lengths.value(row)), "{id}");
            if texts.value(row).is_empty() && gold.contains(id) {
                empty.push(id.to_owned());
            }
            documents += 1;
        }
    }
    let failed = summary.totals.failed();
    assert_eq!(documents + failed, 580, "{:?}", summary.totals.failures);
    assert_eq!(failed, 0);
    assert_eq!(empty, KNOWN_EMPTY, "pages with a gold text that came out empty");
}
