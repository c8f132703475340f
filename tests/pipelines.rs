//! The shipped pipelines: each plans, runs over the fixtures, and gives what is written here.
//!
//! `UPDATE_EXPECT=1 cargo test --test pipelines` rewrites the accounts; read the difference.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use expect_test::{ExpectFile, expect_file};
use gristmill::plan::Plan;
use gristmill::run::{Options, Progress, run};
use gristmill::shards::expand;
use gristmill::store::Counts;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

mod common;

use common::{fixture, repo};

fn shipped() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repo("pipelines")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|suffix| suffix == "toml"));
    paths.sort();
    paths
}

/// The account of a run, and each document with the reasons for which steps drop it.
fn account(plan: &Plan, inputs: &[&str]) -> String {
    let inputs: Vec<String> =
        inputs.iter().map(|name| fixture(name).to_string_lossy().into_owned()).collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let shards = expand(&inputs, None, None).unwrap().shards;
    let output = tempfile::TempDir::new().unwrap();
    let (progress, never) = (Progress::default(), AtomicBool::new(false));
    let summary =
        run(plan, &shards, output.path(), &Options::for_threads(None), &progress, &never).unwrap();
    let mut text = counts(&summary.totals);
    for shard in &shards {
        let path = output.path().join(format!("documents/{}.parquet", shard.name));
        let file = std::fs::File::open(path).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        for batch in reader.map(Result::unwrap) {
            let url = batch.column_by_name("url").unwrap().as_string::<i32>();
            let stored = batch.column_by_name("text").unwrap().as_string::<i32>();
            for row in 0..batch.num_rows() {
                let _ = writeln!(text, "\n{} ({} bytes)", url.value(row), stored.value(row).len());
                for pair in 0..plan.pairs.len() {
                    let name = plan.column(pair);
                    let column = batch.column_by_name(&name).unwrap().as_struct();
                    let reason = column.column_by_name("reason").unwrap().as_string::<i32>();
                    if !reason.is_null(row) {
                        let _ = writeln!(text, "  {name}: {}", reason.value(row));
                    }
                }
            }
        }
    }
    text
}

fn counts(totals: &Counts) -> String {
    assert!(totals.balance());
    let mut text = format!("{} records, {} documents\n", totals.records, totals.documents);
    let _ = writeln!(text, "failures {:?}\nother kinds {:?}", totals.failures, totals.other);
    for (name, arm) in &totals.arms {
        let _ = writeln!(text, "arm {name}: {} documents, {} bytes", arm.documents, arm.text_bytes);
    }
    text
}

fn golden(name: &str) -> ExpectFile {
    expect_file![repo(&format!("tests/golden/{name}.txt"))]
}

#[test]
fn every_shipped_pipeline_gives_the_account_written_here() {
    let shipped = shipped();
    assert_eq!(shipped.len(), 7);
    for path in shipped {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let plan = Plan::load(&path, None).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(plan.name, name, "a pipeline is named as its file");
        let inputs = ["crawl-00000.warc.gz", "crawl-00001.warc.gz"];
        golden(&name).assert_eq(&account(&plan, &inputs));
    }
}

#[test]
fn pools_and_wet_files_run_through_the_same_steps() {
    let pool = |fields: &str| {
        let text = format!("name = 'pool'\n[input]\n{fields}\n[[step]]\nuse = 'gopher_quality'\n");
        let (config, faults) =
            gristmill::config::Config::parse("p.toml", text, PathBuf::from("pipelines"));
        Plan::resolve(&config, faults).unwrap_or_else(|error| panic!("{error}"))
    };
    let jsonl = pool(
        "url_field = 'metadata.WARC-Target-URI'\nid_field = 'metadata.WARC-Record-ID'\n\
         date_field = 'metadata.WARC-Date'",
    );
    golden("pool-jsonl").assert_eq(&account(&jsonl, &["pool.jsonl"]));
    let parquet = pool("url_field = 'url'\nid_field = 'id'\ndate_field = 'date'");
    golden("pool-parquet").assert_eq(&account(&parquet, &["pool.parquet"]));
    golden("wet").assert_eq(&account(&pool(""), &["crawl-00000.warc.wet.gz"]));
}
