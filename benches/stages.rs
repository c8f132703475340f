//! What each stage and each step costs, as throughput: bytes of shard for reading, bytes of HTML for
//! decoding and extraction, bytes of text for steps.
//!
//! Pages come from a real crawl where there is one (`GRISTMILL_DATA` or `../shared/data`), from the
//! bundled fixtures otherwise; figures of the two are not comparable. All lines of one run share a
//! machine and a moment, so quote their ratios.
#![allow(missing_docs, reason = "criterion's macros write undocumented items")]

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gristmill::config::Config;
use gristmill::document::Document;
use gristmill::extract::{ExtractorKind, Limits, decode, extract};
use gristmill::plan::Plan;
use gristmill::steps::{Outcome, REGISTRY};
use gristmill::text::View;
use gristmill::warc::{self, Item, Reader, RecordKind, http};

/// Pages taken of the shard: enough for all sorts, few enough for a bench of minutes.
const PAGES: usize = 300;

fn shard() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = std::env::var_os("GRISTMILL_DATA")
        .map_or_else(|| root.join("../shared/data"), PathBuf::from);
    let real = data.join("corpus/web-00002.warc.gz");
    if real.is_file() { real } else { root.join("fixtures/crawl-00000.warc.gz") }
}

fn reader(path: &Path) -> Reader<BufReader<File>> {
    let file = File::open(path).expect("the shard is there");
    Reader::new(BufReader::new(file), warc::Limits::default())
}

/// The HTML of the first pages of the shard.
fn pages(path: &Path) -> Vec<String> {
    let mut reader = reader(path);
    let mut pages = Vec::new();
    while let Some(item) = reader.next().expect("the shard can be read") {
        let Item::Record(record) = item else { continue };
        if record.kind != RecordKind::Response || pages.len() == PAGES {
            continue;
        }
        let Ok(response) = http::parse(&record.block, 32 << 20) else { continue };
        let charset = response.head.content_type().and_then(|content| content.charset);
        pages.push(decode(&response.body.bytes, charset.as_deref()).text.into_owned());
    }
    pages
}

fn stages(criterion: &mut Criterion) {
    let path = shard();
    let mut group = criterion.benchmark_group("stage");
    group.sample_size(10);
    let bytes = std::fs::metadata(&path).expect("the shard is there").len();
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            let mut reader = reader(&path);
            let mut records = 0;
            while reader.next().expect("the shard can be read").is_some() {
                records += 1;
            }
            records
        });
    });
    let pages = pages(&path);
    let limits = Limits::default();
    group.throughput(Throughput::Bytes(pages.iter().map(|page| page.len() as u64).sum()));
    for kind in ExtractorKind::ALL {
        group.bench_function(BenchmarkId::new("extract", kind.name()), |bencher| {
            bencher
                .iter(|| pages.iter().filter_map(|page| extract(kind, &limits, page).ok()).count());
        });
    }
    group.finish();
}

fn steps(criterion: &mut Criterion) {
    let limits = Limits::default();
    let documents: Vec<Document> = pages(&shard())
        .iter()
        .filter_map(|page| extract(ExtractorKind::MainContent, &limits, page).ok())
        .map(|text| Document { text, ..Document::default() })
        .collect();
    let bytes = documents.iter().map(|document| document.text.len() as u64).sum();
    let mut group = criterion.benchmark_group("step");
    group.sample_size(10).throughput(Throughput::Bytes(bytes));
    for step in REGISTRY {
        let text = format!("name = 'bench'\n[[step]]\nuse = '{}'\n", step.name);
        let (config, faults) = Config::parse("bench.toml", text, PathBuf::new());
        // Steps that need a model or a list of the user's are left out.
        let Ok(plan) = Plan::resolve(&config, faults) else { continue };
        let mut outcome = Outcome::default();
        group.bench_function(step.name, |bencher| {
            bencher.iter(|| {
                for document in &documents {
                    plan.steps[0].step.evaluate(&View::raw(document), &[], &mut outcome);
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, stages, steps);
criterion_main!(benches);
