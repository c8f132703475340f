//! What each stage and each step costs, as throughput: bytes of shard for reading, bytes of HTML for
//! decoding and extraction, bytes of text for steps.
//!
//! Pages come from a real crawl where there is one (`GRISTMILL_DATA` or `../shared/data`), from the
//! bundled fixtures otherwise; figures of the two are not comparable. All lines of one run share a
//! machine and a moment, so quote their ratios.
#![allow(missing_docs, reason = "criterion's macros write undocumented items")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot set itself up ends")]

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gristmill::document::Document;
use gristmill::extract::{ExtractorKind, Options, decode, extract};
use gristmill::plan::Plan;
use gristmill::steps::REGISTRY;
use gristmill::text::View;
use gristmill::warc::{self, Item, Reader, RecordKind, http};

#[path = "../tests/common/least_pipeline.rs"]
mod least_pipeline;

use least_pipeline::{evaluate, least_pipeline, variants};

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

/// URL and HTML of the first pages of the shard.
fn pages(path: &Path) -> Vec<(Option<String>, String)> {
    let mut reader = reader(path);
    let mut pages = Vec::new();
    while let Some(item) = reader.next().expect("the shard can be read") {
        let Item::Record(record) = item else { continue };
        if record.kind != RecordKind::Response || pages.len() == PAGES {
            continue;
        }
        let Ok(response) = http::parse(&record.block, 32 << 20) else { continue };
        let charset = response.head.content_type().and_then(|content| content.charset);
        let html = decode(&response.body.bytes, charset.as_deref()).text.into_owned();
        pages.push((record.target_uri().map(str::to_owned), html));
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
    group.throughput(Throughput::Bytes(pages.iter().map(|(_, html)| html.len() as u64).sum()));
    for kind in ExtractorKind::ALL {
        group.bench_function(BenchmarkId::new("extract", kind.name()), |bencher| {
            bencher.iter(|| {
                let extract = |(url, html): &(Option<String>, String)| {
                    extract(&Options::of(kind), html, url.as_deref()).ok()
                };
                pages.iter().filter_map(extract).count()
            });
        });
    }
    group.finish();
}

/// The documents that the pages give.
fn documents() -> Vec<Document> {
    let document = |(url, html): &(Option<String>, String)| {
        let text = extract(&Options::of(ExtractorKind::MainContent), html, None).ok()?.text;
        Some(Document { text, url: url.clone(), ..Document::default() })
    };
    pages(&shard()).iter().filter_map(document).collect()
}

/// A line for each variant of each step, alone: each cuts words and lines for itself. Lists and
/// models are those of the contract tests, and as small.
fn steps(criterion: &mut Criterion) {
    let documents = documents();
    let bytes = documents.iter().map(|document| document.text.len() as u64).sum();
    let mut group = criterion.benchmark_group("step");
    group.sample_size(10).throughput(Throughput::Bytes(bytes));
    for step in REGISTRY {
        for (name, parameters) in variants(step) {
            let directory = tempfile::tempdir().expect("a directory for lists");
            let plan = least_pipeline(step, &parameters, directory.path())
                .unwrap_or_else(|faults| panic!("{name}: {faults}"));
            group.bench_function(&name, |bencher| {
                bencher.iter(|| {
                    for document in &documents {
                        evaluate(&plan, &View::raw(document));
                    }
                });
            });
        }
    }
    group.finish();
}

/// All steps on the same views, which share words and lines, beside the extraction of their texts;
/// without token counts, which are no filter, and without what needs a model.
fn together(criterion: &mut Criterion) {
    let pages = pages(&shard());
    let documents = documents();
    let mut group = criterion.benchmark_group("together");
    group.sample_size(10).throughput(Throughput::Elements(documents.len() as u64));
    group.bench_function("extract", |bencher| {
        bencher.iter(|| {
            let extract = |html| extract(&Options::of(ExtractorKind::MainContent), html, None).ok();
            pages.iter().filter_map(|(_, html)| extract(html)).count()
        });
    });
    let directory = tempfile::tempdir().expect("a directory for lists");
    for (name, all_variants) in [("every_step", false), ("every_variant", true)] {
        let mut plans: Vec<Plan> = Vec::new();
        for step in REGISTRY.iter().filter(|step| step.name != "token_count") {
            let kept = if all_variants { usize::MAX } else { 1 };
            for (_, parameters) in variants(step).into_iter().take(kept) {
                plans.extend(least_pipeline(step, &parameters, directory.path()).ok());
            }
        }
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for document in &documents {
                    let view = View::raw(document);
                    for plan in &plans {
                        evaluate(plan, &view);
                    }
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, stages, steps, together);
criterion_main!(benches);
