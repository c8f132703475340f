//! A pool, its run and its cuts, in temporary directories.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use gristmill::config::Config;
use gristmill::cut::formats::Format;
use gristmill::cut::{Budget, CutError, Options, Request, Split, Summary, cut};
use gristmill::document::{Document, day};
use gristmill::plan::Plan;
use gristmill::run::{self, Progress, run};
use gristmill::shards::{Shard, expand};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

pub(crate) fn plan(text: &str) -> Plan {
    let text = format!(
        "name = 'x'\n[input]\nid_field = 'id'\nurl_field = 'url'\ndate_field = 'date'\n{text}"
    );
    let (config, faults) = Config::parse("p.toml", text, PathBuf::new());
    Plan::resolve(&config, faults).unwrap_or_else(|error| panic!("{error}"))
}

/// A document of a pool: sentences by number, so that two of the same numbers are near-duplicates.
pub(crate) fn page(number: usize, sentences: &[usize]) -> String {
    let words = ["grist", "mill", "river", "flour", "stone", "wheel", "sack", "barley", "dust"];
    let sentence = |seed: usize| {
        let count = 6 + seed % 9;
        let word = |i: usize| {
            let at = seed * 31 + i * (seed % 7 + 1) + i * i;
            format!("{}{}", words[at % words.len()], ["", "s", "ing", "ed", "er"][at / 9 % 5])
        };
        let some: Vec<String> = (0..count).map(word).collect();
        format!("{}.", some.join(" "))
    };
    let mut text = String::new();
    for (at, seed) in sentences.iter().enumerate() {
        let gap = [" ", "\n", "\n\n\n"][(at + number) % 3];
        let _ = write!(text, "{}{gap}", sentence(*seed));
    }
    text
}

/// A line of a JSONL pool.
pub(crate) fn line(number: usize, text: &str) -> String {
    let day = 1 + number * 7 % 28;
    // Ids in another order than the crawl's, and some pages under one URL.
    let id = format!("doc-{:03}", number * 37 % 997);
    let url = format!("http://www.h{}.example/{}", number % 5, number % 11);
    serde_json::json!({
        "id": id, "url": url, "date": format!("2025-03-{day:02}T00:00:00Z"), "text": text,
    })
    .to_string()
}

/// Shards of documents of which many share sentences.
pub(crate) fn write_pool(directory: &Path, shards: usize, each: usize) -> Vec<PathBuf> {
    (0..shards)
        .map(|shard| {
            let lines: Vec<String> = (0..each)
                .map(|at| {
                    let number = shard * each + at;
                    let kind = number % 7;
                    let sentences: Vec<usize> = (0..1 + number % 6)
                        .map(|i| if kind < 3 { kind * 10 + i } else { number * 3 + i % 4 })
                        .collect();
                    line(number, &page(number, &sentences))
                })
                .collect();
            let path = directory.join(format!("pool-{shard}.jsonl"));
            std::fs::write(&path, lines.join("\n")).unwrap();
            path
        })
        .collect()
}

pub(crate) fn shards(paths: &[PathBuf]) -> Vec<Shard> {
    let inputs: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    expand(&inputs, None, None).unwrap().shards
}

pub(crate) fn run_into(plan: &Plan, paths: &[PathBuf], output: &Path, threads: usize) {
    run_until(plan, paths, output, threads, false);
}

/// The same, stopped at its beginning or not.
pub(crate) fn run_until(
    plan: &Plan,
    paths: &[PathBuf],
    output: &Path,
    threads: usize,
    stopped: bool,
) {
    let (progress, stopped) = (Progress::default(), AtomicBool::new(stopped));
    let options = run::Options::for_threads(NonZeroUsize::new(threads));
    run(plan, &shards(paths), output, &options, &progress, &stopped)
        .unwrap_or_else(|error| panic!("{error}"));
}

/// A run of everything over a pool.
pub(crate) struct Mill {
    pub(crate) plan: Plan,
    pub(crate) directory: TempDir,
}

impl Mill {
    pub(crate) fn new(pipeline: &str, paths: &[PathBuf]) -> Self {
        let (plan, directory) = (plan(pipeline), TempDir::new().unwrap());
        run_into(&plan, paths, directory.path(), 2);
        Self { plan, directory }
    }

    pub(crate) fn request(&self, arm: &str) -> Request {
        request(&[self.directory.path()], arm)
    }

    /// The documents of the pool as they were stored.
    pub(crate) fn pool(&self) -> Vec<Document> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(self.directory.path().join("documents"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths.iter().flat_map(|path| documents(path)).collect()
    }
}

pub(crate) fn request(runs: &[&Path], arm: &str) -> Request {
    Request {
        runs: runs.iter().map(|run| run.to_path_buf()).collect(),
        arm: arm.into(),
        budget: None,
        seed: 0,
        shuffle: false,
        format: Format::Parquet,
        tokenizer: None,
        holdout: None,
        part_bytes: 4000,
        lingua_chunks: gristmill::cut::formats::LINGUA_CHUNKS,
    }
}

pub(crate) fn options(threads: usize, memory_bytes: usize) -> Options {
    Options {
        threads: NonZeroUsize::new(threads).unwrap(),
        memory_bytes,
        spill: None,
        verify: false,
    }
}

pub(crate) fn try_cut(request: &Request, output: &Path) -> Result<Summary, CutError> {
    cut_with(request, output, &options(2, 1 << 20), &AtomicBool::new(false))
}

pub(crate) fn cut_with(
    request: &Request,
    output: &Path,
    options: &Options,
    interrupted: &AtomicBool,
) -> Result<Summary, CutError> {
    cut(request, output, options, interrupted, &|_| ())
}

/// A cut into a directory of its own, and its documents.
pub(crate) fn cut_of(request: &Request) -> (TempDir, Summary, Vec<Document>) {
    let output = TempDir::new().unwrap();
    let summary = try_cut(request, output.path()).unwrap_or_else(|error| panic!("{error}"));
    let documents = cut_documents(output.path());
    assert_eq!(summary.documents, documents.len() as u64);
    (output, summary, documents)
}

/// The documents of a cut in Parquet, in order.
pub(crate) fn cut_documents(output: &Path) -> Vec<Document> {
    let mut parts: Vec<PathBuf> = std::fs::read_dir(output.join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    parts.sort();
    parts.iter().flat_map(|path| documents(path)).collect()
}

pub(crate) fn batches(path: &Path) -> Vec<RecordBatch> {
    let file = std::fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

/// Id, URL, date, text and what the page says of itself, of the rows of a file.
pub(crate) fn documents(path: &Path) -> Vec<Document> {
    let mut documents = Vec::new();
    for batch in batches(path) {
        let text = |name: &str, row: usize| {
            let column = batch.column_by_name(name).unwrap().as_string::<i32>();
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        let dates = batch.column_by_name("date").unwrap().clone();
        let dates = dates.as_primitive::<TimestampMicrosecondType>();
        let days = batch.column_by_name("published").unwrap().clone();
        let days = days.as_primitive::<Date32Type>();
        for row in 0..batch.num_rows() {
            documents.push(Document {
                id: text("id", row).unwrap(),
                url: text("url", row),
                date_us: dates.is_valid(row).then(|| dates.value(row)),
                title: text("title", row),
                author: text("author", row),
                published: days.is_valid(row).then(|| days.value(row)).and_then(day),
                text: text("text", row).unwrap(),
                ..Document::default()
            });
        }
    }
    documents
}

/// Ids and texts.
pub(crate) fn texts(documents: &[Document]) -> Vec<(&str, &str)> {
    documents.iter().map(|document| (document.id.as_str(), document.text.as_str())).collect()
}

pub(crate) fn tokens(amount: u64) -> Option<Budget> {
    Some(Budget::Tokens(amount))
}

pub(crate) fn split(share: f64, held_out: bool) -> Option<Split> {
    Some(Split { share, seed: 0, held_out })
}
