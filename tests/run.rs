//! What a run promises: the same bytes whatever the threads, shards that are whole or not there,
//! every record accounted for, and arms that equal runs of their own.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use gristmill::config::Config;
use gristmill::plan::Plan;
use gristmill::run::{Options, Progress, RunError, Summary, run};
use gristmill::shards::{Shard, expand};
use gristmill::store::{Manifest, RunFile};
use gristmill::text::{Span, apply};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;
use tempfile::TempDir;

mod common;

use common::warc::{Layout, Page, WarcWriter};

const PIPELINE: &str = "
name = 'test'
[extract]
with = 'all_text'
[[step]]
use = 'length'
min_words = 5
[[step]]
use = 'newline_runs'
max_newlines = 1
[[step]]
use = 'gopher_repetition'
[[step]]
use = 'length'
as = 'short'
min_words = 'off'
max_chars = 400
[arms]
edited = ['newline_runs', 'short']
[ablation]
leave_one_out = true
only_one = true
";

fn plan(text: &str) -> Plan {
    let (config, faults) = Config::parse("p.toml", text.to_owned(), PathBuf::new());
    Plan::resolve(&config, faults).unwrap_or_else(|error| panic!("{error}"))
}

/// Pages of all sorts: short, long, repetitive, with runs of empty lines, one not found, one not
/// HTML.
fn pages(seed: usize) -> Vec<Page> {
    let words = ["grist", "mill", "river", "flour", "stone", "wheel", "sack", "barley", "dust"];
    let sentence = |n: usize, from: usize| -> String {
        (0..n).map(|i| words[(from + i * i + i / 3) % words.len()]).collect::<Vec<_>>().join(" ")
    };
    (0..40)
        .map(|i| {
            let n = (i * 7 + seed * 13) % 90;
            let body = match i % 4 {
                0 => format!("<p>{}</p>", sentence(n, i)),
                1 => format!("<pre>{}\n\n\n{}\n\n</pre>", sentence(n, i), sentence(3, seed)),
                2 => format!("<p>{}</p>", "again and again ".repeat(n)),
                _ => format!("<p>{}</p><p>{}</p>", sentence(n / 2, i), sentence(n / 2, i)),
            };
            let page = Page::html(&format!("http://h{i}.example/{seed}"), body);
            match i {
                17 => page.status("404 Not Found"),
                23 => page.content_type(Some("image/png")),
                _ => page,
            }
        })
        .collect()
}

fn write_crawl(directory: &Path, files: usize) -> Vec<PathBuf> {
    (0..files)
        .map(|file| {
            let mut writer = WarcWriter::new(Layout::MemberPerRecord, file as u32);
            writer.warcinfo("x");
            for page in pages(file) {
                writer.page(&page);
            }
            let mut bytes = writer.finish();
            if file == 1 {
                bytes.truncate(bytes.len() - 5);
            }
            let path = directory.join(format!("crawl-{file}.warc.gz"));
            std::fs::write(&path, bytes).unwrap();
            path
        })
        .collect()
}

fn shards(paths: &[PathBuf]) -> Vec<Shard> {
    let inputs: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    expand(&inputs, None, None).unwrap().shards
}

fn options(threads: usize) -> Options {
    Options::for_threads(NonZeroUsize::new(threads))
}

fn run_all(plan: &Plan, shards: &[Shard], output: &Path, threads: usize) -> Summary {
    let (progress, never) = (Progress::default(), AtomicBool::new(false));
    run(plan, shards, output, &options(threads), &progress, &never)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Every file of a run directory but `run.json` and the manifests, which hold measured times.
fn data_files(output: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for part in ["documents", "failures"] {
        for entry in std::fs::read_dir(output.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{part}/{}", path.file_name().unwrap().to_string_lossy());
            files.insert(name, std::fs::read(path).unwrap());
        }
    }
    files
}

fn batches(path: &Path) -> Vec<RecordBatch> {
    let file = std::fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

/// The documents that an arm keeps by the columns of a run of everything: id and text, in order.
fn arm_by_columns(
    plan: &Plan,
    output: &Path,
    shards: &[Shard],
    arm: &str,
) -> Vec<(String, String)> {
    let arm = plan.arms.iter().find(|known| known.name == arm).unwrap();
    let spans_column = plan.views[arm.view].made_by.map(|pair| plan.column(pair));
    let mut kept = Vec::new();
    for shard in shards {
        for batch in batches(&output.join(format!("documents/{}.parquet", shard.name))) {
            let ids = batch.column_by_name("id").unwrap().as_string::<i32>();
            let texts = batch.column_by_name("text").unwrap().as_string::<i32>();
            for row in 0..batch.num_rows() {
                let keeps = arm.pairs.iter().all(|&pair| {
                    let column = batch.column_by_name(&plan.column(pair)).unwrap().as_struct();
                    let keep = column.column_by_name("keep").unwrap().as_boolean();
                    keep.is_null(row) || keep.value(row)
                });
                if keeps {
                    let spans = spans_column.as_ref().map(|name| spans(&batch, name, row));
                    let text = apply(texts.value(row), &spans.unwrap_or_default());
                    kept.push((ids.value(row).to_owned(), text));
                }
            }
        }
    }
    kept
}

fn spans(batch: &RecordBatch, column: &str, row: usize) -> Vec<Span> {
    let column = batch.column_by_name(column).unwrap().as_struct();
    let spans = column.column_by_name("spans").unwrap().as_list::<i32>().value(row);
    let spans = spans.as_struct();
    let number = |name: &str, at: usize| {
        spans.column_by_name(name).unwrap().as_primitive::<Int64Type>().value(at) as usize
    };
    let replacements = spans.column_by_name("replacement").unwrap().as_string::<i32>();
    (0..spans.len())
        .map(|at| Span::replace(number("start", at), number("end", at), replacements.value(at)))
        .collect()
}

/// The documents that a direct run of an arm wrote.
fn arm_by_run(text: &str, shards: &[Shard], arm: &str) -> Vec<(String, String)> {
    let output = TempDir::new().unwrap();
    let direct = plan(text).directly(arm).unwrap();
    let summary = run_all(&direct, shards, output.path(), 2);
    assert!(summary.totals.balance());
    let mut documents = Vec::new();
    for shard in shards {
        let path = output.path().join(format!("documents/{}.parquet", shard.name));
        for batch in batches(&path) {
            let ids = batch.column_by_name("id").unwrap().as_string::<i32>();
            let texts = batch.column_by_name("text").unwrap().as_string::<i32>();
            let rows = 0..batch.num_rows();
            documents.extend(rows.map(|row| (ids.value(row).into(), texts.value(row).into())));
        }
    }
    documents
}

#[test]
fn bytes_are_the_same_for_any_threads_memory_and_order_of_shards() {
    let crawl = TempDir::new().unwrap();
    let paths = write_crawl(crawl.path(), 3);
    let plan = plan(PIPELINE);
    let reference = TempDir::new().unwrap();
    run_all(&plan, &shards(&paths), reference.path(), 1);
    let expected = data_files(reference.path());
    assert_eq!(expected.len(), 6);

    let mut reversed = paths.clone();
    reversed.reverse();
    for (paths, threads, memory) in [(&paths, 2, None), (&reversed, 8, None), (&paths, 3, Some(1))]
    {
        let output = TempDir::new().unwrap();
        let mut options = options(threads);
        options.memory_bytes = memory.unwrap_or(options.memory_bytes);
        let (progress, never) = (Progress::default(), AtomicBool::new(false));
        run(&plan, &shards(paths), output.path(), &options, &progress, &never).unwrap();
        assert!(data_files(output.path()) == expected, "{threads} threads, {memory:?}");
    }
}

#[test]
fn every_record_is_accounted_for_and_failures_have_their_place() {
    let crawl = TempDir::new().unwrap();
    let paths = write_crawl(crawl.path(), 2);
    let output = TempDir::new().unwrap();
    let summary = run_all(&plan(PIPELINE), &shards(&paths), output.path(), 2);
    let totals = &summary.totals;
    // Two files of 1 warcinfo and 40 times request, response, metadata; the last metadata record
    // of the second is cut off.
    assert_eq!(totals.records, 2 * 121);
    assert_eq!(totals.documents, 2 * 38);
    assert_eq!(totals.failed(), 1);
    assert_eq!(totals.other["request"], 80);
    assert_eq!(totals.other["metadata"], 79);
    assert_eq!(totals.other["status_404"], 2);
    assert_eq!(totals.other["mime_image/png"], 2);
    assert!(totals.balance());
    assert_eq!(totals.arms["raw"].documents, totals.documents);
    let judged = &totals.pairs["length"];
    assert_eq!(judged.kept + judged.dropped.values().sum::<u64>(), totals.documents);

    let failures = batches(&output.path().join("failures/crawl-1.parquet"));
    let rows: usize = failures.iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows, 1);
    let kind = failures[0].column_by_name("kind").unwrap().as_string::<i32>().value(0);
    assert!(kind.contains("truncated"), "{kind}");
    let offset = failures[0].column_by_name("offset").unwrap().as_primitive::<Int64Type>().value(0);
    let size = std::fs::metadata(&paths[1]).unwrap().len() as i64;
    assert!(offset > size / 2 && offset < size, "{offset} of {size}");
}

#[test]
fn manifests_and_run_json_hold_counts_and_true_checksums() {
    let crawl = TempDir::new().unwrap();
    let paths = write_crawl(crawl.path(), 2);
    let output = TempDir::new().unwrap();
    let plan = plan(PIPELINE);
    let summary = run_all(&plan, &shards(&paths), output.path(), 2);
    let layout = gristmill::store::Layout::new(output.path());
    let file = RunFile::read(&layout).unwrap().unwrap();
    assert_eq!(file.fingerprint, plan.fingerprint);
    assert_eq!(file.totals, summary.totals);
    assert_eq!(file.shards.len(), 2);
    for line in &file.shards {
        let manifest = Manifest::read(&layout.manifest(&line.shard)).unwrap();
        assert_eq!(manifest.counts.records, line.records);
        assert_eq!(line.records, line.documents + line.dropped + line.failures + line.other);
        assert!(manifest.cpu_seconds.contains_key("extract"));
        assert!(manifest.cpu_seconds.contains_key("step:gopher_repetition@newline_runs"));
        for written in &manifest.outputs {
            let bytes = std::fs::read(output.path().join(&written.path)).unwrap();
            assert_eq!(bytes.len() as u64, written.bytes);
            assert_eq!(gristmill::digest::sha256_hex(&bytes), written.sha256);
        }
    }
}

#[test]
fn a_run_carries_on_from_the_shards_that_are_whole() {
    let crawl = TempDir::new().unwrap();
    let paths = write_crawl(crawl.path(), 3);
    let (plan, shards) = (plan(PIPELINE), shards(&paths));
    let reference = TempDir::new().unwrap();
    run_all(&plan, &shards, reference.path(), 2);
    let expected = data_files(reference.path());

    let output = TempDir::new().unwrap();
    assert_eq!(run_all(&plan, &shards[..1], output.path(), 2).done, 1);
    // What a killed process leaves: files beside their places, and outputs without a manifest.
    std::fs::write(output.path().join("documents/crawl-1.parquet.tmp"), b"half").unwrap();
    std::fs::write(output.path().join("documents/crawl-2.parquet"), b"no manifest yet").unwrap();
    let summary = run_all(&plan, &shards, output.path(), 2);
    assert_eq!((summary.already_whole, summary.done), (1, 2));
    assert!(data_files(output.path()) == expected);
    assert_eq!(summary.totals, run_all(&plan, &shards, output.path(), 2).totals);

    // An output that was lost, or an input that changed, is done anew.
    std::fs::remove_file(output.path().join("documents/crawl-0.parquet")).unwrap();
    assert_eq!(run_all(&plan, &shards, output.path(), 1).done, 1);
    assert!(data_files(output.path()) == expected);
}

#[test]
fn an_interrupted_run_leaves_nothing_half_done_and_the_next_one_ends_it() {
    let crawl = TempDir::new().unwrap();
    let paths = write_crawl(crawl.path(), 3);
    let (plan, shards) = (plan(PIPELINE), shards(&paths));
    let output = TempDir::new().unwrap();
    let (progress, interrupted) = (Progress::default(), AtomicBool::new(true));
    let summary = run(&plan, &shards, output.path(), &options(2), &progress, &interrupted).unwrap();
    assert_eq!((summary.done, summary.left), (0, 3));
    assert!(data_files(output.path()).is_empty());
    interrupted.store(false, Ordering::Relaxed);
    assert_eq!(run_all(&plan, &shards, output.path(), 2).done, 3);
}

#[test]
fn the_directory_of_another_plan_is_refused_with_what_differs() {
    let crawl = TempDir::new().unwrap();
    let paths = write_crawl(crawl.path(), 1);
    let output = TempDir::new().unwrap();
    run_all(&plan(PIPELINE), &shards(&paths), output.path(), 1);
    let before = data_files(output.path());
    let other = plan(&PIPELINE.replace("min_words = 5", "min_words = 6"));
    let (progress, never) = (Progress::default(), AtomicBool::new(false));
    let refused = run(&other, &shards(&paths), output.path(), &options(1), &progress, &never);
    let Err(RunError::OtherPlan { differences, .. }) = refused else {
        panic!("another plan was not refused");
    };
    let said = differences.join("\n");
    assert!(said.contains("steps.length.params.min_words: the run has 5, asked is 6"), "{said}");
    assert!(data_files(output.path()) == before);
    // Arms may be added as long as they need nothing new.
    let more = plan(&PIPELINE.replace("[arms]", "[arms]\nplain = ['length']"));
    assert_eq!(run_all(&more, &shards(&paths), output.path(), 1).already_whole, 1);
}

#[test]
fn a_shard_keeps_its_name_and_its_documents_when_others_are_added() {
    let crawl = TempDir::new().unwrap();
    let day = |name: &str| {
        let directory = crawl.path().join(name);
        std::fs::create_dir(&directory).unwrap();
        write_crawl(&directory, 1)
    };
    let (first, second) = (day("day1"), day("day2"));
    let (plan, output) = (plan(PIPELINE), TempDir::new().unwrap());
    run_all(&plan, &shards(&first), output.path(), 1);
    let before = data_files(output.path());
    // Both days have a file of that name.
    let summary =
        run_all(&plan, &shards(&[first.clone(), second.clone()].concat()), output.path(), 1);
    assert_eq!((summary.already_whole, summary.done), (1, 1));
    let after = data_files(output.path());
    assert_eq!(after.len(), 4);
    assert!(before.iter().all(|(name, bytes)| after[name] == *bytes), "day 1 is untouched");
    // The second day alone, and the first under another spelling, are known too.
    assert_eq!(run_all(&plan, &shards(&second), output.path(), 1).already_whole, 1);
    let spelt = crawl.path().join("day2/../day1").join(first[0].file_name().unwrap());
    assert_eq!(run_all(&plan, &shards(&[spelt]), output.path(), 1).already_whole, 1);
    let layout = gristmill::store::Layout::new(output.path());
    assert_eq!(RunFile::read(&layout).unwrap().unwrap().totals.documents, 2 * 38);
}

#[test]
fn an_arm_is_summed_only_where_every_shard_counted_the_same_one() {
    let crawl = TempDir::new().unwrap();
    let shards = shards(&write_crawl(crawl.path(), 2));
    let output = TempDir::new().unwrap();
    let arms = |arm: &str| plan(&PIPELINE.replace("[arms]", &format!("[arms]\n{arm}")));
    run_all(&arms("mine = ['length']"), &shards[..1], output.path(), 1);
    let other = "mine = ['length', 'gopher_repetition']\nnew = ['length']";
    let summary = run_all(&arms(other), &shards, output.path(), 1);
    assert_eq!((summary.already_whole, summary.done), (1, 1));
    let arms: Vec<&String> = summary.totals.arms.keys().collect();
    assert!(arms.contains(&&"full".to_owned()));
    assert!(!arms.iter().any(|name| *name == "mine" || *name == "new"), "{arms:?}");
}

#[test]
fn compressed_pages_that_give_far_more_text_are_written_in_parts() {
    let crawl = TempDir::new().unwrap();
    let mut writer = WarcWriter::new(Layout::MemberPerRecord, 1);
    // 24 pages of 4 MB of text each, all of them in one batch as stored.
    let text = format!("<p>{}</p>", "grist to the mill ".repeat(230_000));
    let body = common::encode::gzip(text.as_bytes());
    for i in 0..24 {
        let page = Page::html(&format!("http://h.example/{i}"), body.clone());
        writer.page(&page.header("Content-Encoding", "gzip"));
    }
    let path = crawl.path().join("bombs.warc.gz");
    std::fs::write(&path, writer.finish()).unwrap();
    let plan = plan("name = 'x'\n[extract]\nwith = 'all_text'\n[[step]]\nuse = 'exact'\n");
    let expected = TempDir::new().unwrap();
    let summary = run_all(&plan, &shards(std::slice::from_ref(&path)), expected.path(), 1);
    assert_eq!(summary.totals.documents, 24);
    assert!(summary.totals.text_bytes > 2 * (32 << 20), "more than one part");
    let output = TempDir::new().unwrap();
    run_all(&plan, &shards(&[path]), output.path(), 3);
    assert!(data_files(output.path()) == data_files(expected.path()));
    let urls: Vec<String> = batches(&output.path().join("documents/bombs.parquet"))
        .iter()
        .flat_map(|batch| {
            let urls = batch.column_by_name("url").unwrap().as_string::<i32>();
            urls.iter().map(|url| url.unwrap().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    let in_order: Vec<String> = (0..24).map(|i| format!("http://h.example/{i}")).collect();
    assert_eq!(urls, in_order);
}

#[test]
fn pages_that_are_not_whole_say_so() {
    let crawl = TempDir::new().unwrap();
    let mut writer = WarcWriter::new(Layout::Plain, 1);
    let body = common::encode::gzip(&b"<p>grist to the mill and more of it</p>".repeat(3000));
    let cut = body[..body.len() / 2].to_vec();
    writer.page(&Page::html("http://h.example/whole", "<p>whole</p>"));
    writer.page(&Page::html("http://h.example/cut", cut).header("Content-Encoding", "gzip"));
    let path = crawl.path().join("cut.warc");
    std::fs::write(&path, writer.finish()).unwrap();
    let output = TempDir::new().unwrap();
    let plan = plan("name = 'x'\n[extract]\nwith = 'all_text'\n");
    run_all(&plan, &shards(&[path]), output.path(), 1);
    let batch = &batches(&output.path().join("documents/cut.parquet"))[0];
    let truncated = batch.column_by_name("truncated").unwrap().as_string::<i32>();
    let truncated: Vec<Option<&str>> = truncated.iter().collect();
    assert_eq!(truncated, [None, Some("encoding")]);
}

#[test]
fn what_pages_say_of_themselves_stands_in_columns() {
    let crawl = TempDir::new().unwrap();
    let mut writer = WarcWriter::new(Layout::Plain, 1);
    let told = "<title>Grist | The Mill</title><meta property=og:site_name content='The Mill'>\
                <meta name=author content='Ann Miller'><p>Grist to the mill.</p>";
    writer.page(&Page::html("http://h.example/2013/05/17/grist", told));
    writer.page(&Page::html("http://h.example/untold", "<p>Grist to the mill.</p>"));
    let path = crawl.path().join("told.warc");
    std::fs::write(&path, writer.finish()).unwrap();
    for extractor in ["main_content", "all_text"] {
        let output = TempDir::new().unwrap();
        let plan = plan(&format!("name = 'x'\n[extract]\nwith = '{extractor}'\n"));
        run_all(&plan, &shards(std::slice::from_ref(&path)), output.path(), 1);
        let batch = &batches(&output.path().join("documents/told.parquet"))[0];
        for (column, value) in [("title", "Grist"), ("author", "Ann Miller")] {
            let column = batch.column_by_name(column).unwrap().as_string::<i32>();
            assert_eq!(column.iter().collect::<Vec<_>>(), [Some(value), None]);
        }
        let published = batch.column_by_name("published").unwrap();
        let published = published.as_primitive::<Date32Type>().iter().collect::<Vec<_>>();
        assert_eq!(published, [Some(15_842), None], "in days since 1970-01-01");
    }
}

#[test]
fn pages_are_found_in_every_kind_of_record_that_holds_them() {
    let crawl = TempDir::new().unwrap();
    let mut writer = WarcWriter::new(Layout::Plain, 1);
    let url = ("WARC-Target-URI", "http://h.example/");
    let html = b"<p>a page</p>";
    writer.record("response", &[url, ("Content-Type", "text/html; charset=utf-8")], html);
    writer.record("resource", &[url, ("Content-Type", "text/html")], html);
    writer.record("conversion", &[url, ("Content-Type", "text/plain")], b"its text\r\n");
    writer.record("conversion", &[url, ("Content-Type", "text/plain")], b"\xff");
    writer.record("resource", &[url, ("Content-Type", "image/gif")], b"GIF89a");
    writer.record(
        "response",
        &[("WARC-Target-URI", "dns:h.example"), ("Content-Type", "text/dns")],
        b"h.example. 1 IN A 127.0.0.1",
    );
    writer.record("response", &[url, ("Content-Type", "application/http")], b"nonsense");
    let odd = format!("x/{}", "y".repeat(5000));
    let page = Page::html("http://h.example/odd", "body { }").content_type(Some(&odd));
    writer.page(&page);
    let path = crawl.path().join("kinds.warc");
    std::fs::write(&path, writer.finish()).unwrap();
    let output = TempDir::new().unwrap();
    let summary = run_all(
        &plan("name = 'x'\n[extract]\nwith = 'all_text'"),
        &shards(&[path]),
        output.path(),
        1,
    );
    let counted = |counts: &BTreeMap<String, u64>| format!("{counts:?}");
    assert_eq!(counted(&summary.totals.failures), r#"{"bad_http_header": 1, "invalid_utf8": 1}"#);
    assert_eq!(
        counted(&summary.totals.other),
        r#"{"metadata": 1, "mime_malformed": 1, "request": 1, "resource_image/gif": 1, "response_not_http": 1}"#
    );
    let batch = &batches(&output.path().join("documents/kinds.parquet"))[0];
    let texts = batch.column_by_name("text").unwrap().as_string::<i32>();
    let texts: Vec<&str> = texts.iter().flatten().collect();
    assert_eq!(texts, ["a page", "a page", "its text\r\n"], "WET text is stored as it is");
}

#[test]
fn what_could_never_work_is_refused_before_any_work() {
    let directory = TempDir::new().unwrap();
    let pool = directory.path().join("pool.jsonl");
    std::fs::write(&pool, "{\"text\": \"a\"}\n{\"text\": \"b\"}\n").unwrap();
    let list = directory.path().join("list");
    std::fs::write(&list, "bad.example\n").unwrap();
    let refused = |text: &str, input: &Path| {
        let output = TempDir::new().unwrap();
        let shards = shards(&[input.to_path_buf()]);
        let (progress, never) = (Progress::default(), AtomicBool::new(false));
        let error = run(&plan(text), &shards, output.path(), &options(1), &progress, &never);
        assert!(!output.path().join("run.json").exists());
        error.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let urls =
        format!("name = 'x'\n[[step]]\nuse = 'url_blocklist'\ndomains = ['{}']", list.display());
    assert!(refused(&urls, &pool).contains("no `url_field`"));
    let misspelt = "name = 'x'\n[input]\nurl_field = 'ulr'";
    assert!(refused(misspelt, &pool).contains("none of the first rows has the field `ulr`"));
    let misspelt = "name = 'x'\n[input]\ntext_field = 'txt'";
    assert!(refused(misspelt, &pool).contains("none of the first rows has the field `txt`"));

    let output = TempDir::new().unwrap();
    let crawl = shards(&write_crawl(directory.path(), 1));
    run_all(&plan("name = 'x'"), &crawl, output.path(), 1);
    let own = shards(&[output.path().join("documents/crawl-0.parquet")]);
    let (progress, never) = (Progress::default(), AtomicBool::new(false));
    let error = run(&plan("name = 'x'"), &own, output.path(), &options(1), &progress, &never);
    assert!(matches!(error, Err(RunError::OwnOutput { .. })));
}

#[test]
fn an_unreadable_shard_does_not_hold_up_the_others() {
    let crawl = TempDir::new().unwrap();
    let paths = write_crawl(crawl.path(), 3);
    let shards = shards(&paths);
    std::fs::remove_file(&paths[1]).unwrap();
    let output = TempDir::new().unwrap();
    let summary = run_all(&plan(PIPELINE), &shards, output.path(), 2);
    assert_eq!((summary.done, summary.left), (2, 0));
    assert_eq!(summary.unreadable.len(), 1);
    assert_eq!(summary.unreadable[0].0, paths[1]);
}

#[test]
fn every_arm_equals_a_run_of_its_own() {
    let crawl = TempDir::new().unwrap();
    let paths = write_crawl(crawl.path(), 2);
    let (whole, shards) = (plan(PIPELINE), shards(&paths));
    let output = TempDir::new().unwrap();
    let summary = run_all(&whole, &shards, output.path(), 2);
    assert_eq!(whole.arms.len(), 11);
    let mut sizes = Vec::new();
    for arm in &whole.arms {
        let by_columns = arm_by_columns(&whole, output.path(), &shards, &arm.name);
        assert_eq!(by_columns, arm_by_run(PIPELINE, &shards, &arm.name), "{}", arm.name);
        let counted = summary.totals.arms[&arm.name];
        assert_eq!(counted.documents, by_columns.len() as u64, "{}", arm.name);
        let bytes: usize = by_columns.iter().map(|(_, text)| text.len()).sum();
        assert_eq!(counted.text_bytes, bytes as u64, "{}", arm.name);
        sizes.push(by_columns.len());
    }
    sizes.sort_unstable();
    sizes.dedup();
    assert!(sizes.len() > 3, "the arms differ, or the test tells nothing: {sizes:?}");
}

#[test]
fn documents_of_the_same_text_share_the_key_of_a_dedup_and_no_others_do() {
    let crawl = TempDir::new().unwrap();
    let shards = shards(&write_crawl(crawl.path(), 2));
    let text = "name = 'x'\n[extract]\nwith = 'all_text'\n[[step]]\nuse = 'newline_runs'\n\
                [[step]]\nuse = 'exact'\n[arms]\nplain = ['exact']\n";
    let output = TempDir::new().unwrap();
    run_all(&plan(text), &shards, output.path(), 3);
    let mut texts_by_key: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let mut rows = 0;
    for shard in &shards {
        let file = |part: &str| output.path().join(format!("{part}/{}.parquet", shard.name));
        let mut texts: Vec<String> = Vec::new();
        for batch in batches(&file("documents")) {
            let column = batch.column_by_name("text").unwrap().as_string::<i32>();
            texts.extend(column.iter().map(|text| text.unwrap().to_owned()));
        }
        for batch in batches(&file("signatures")) {
            let number = |name: &str, row: usize| {
                batch.column_by_name(name).unwrap().as_primitive::<Int64Type>().value(row)
            };
            let column = batch.column_by_name("column").unwrap().as_string::<i32>();
            for row in 0..batch.num_rows() {
                assert!(["exact", "exact@newline_runs"].contains(&column.value(row)));
                let text = texts[number("document", row) as usize].replace('\n', " ");
                texts_by_key.entry(number("key", row)).or_default().push(text);
                rows += 1;
            }
        }
        let empty = texts.iter().filter(|text| text.is_empty()).count();
        assert!(empty > 0, "some documents have no text, and no key");
    }
    assert!(rows > 2 * 60);
    let texts: std::collections::BTreeSet<&String> = texts_by_key.values().flatten().collect();
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for same in texts_by_key.values() {
        assert!(same.iter().all(|text| squeezed(text) == squeezed(&same[0])), "{same:?}");
    }
    let different: std::collections::BTreeSet<String> =
        texts.into_iter().map(|text| squeezed(text)).collect();
    assert_eq!(different.len(), texts_by_key.len(), "a text has one key");
}

/// A step with its parameters; two copies of each, so that edits follow edits.
fn any_step() -> impl Strategy<Value = String> {
    prop_oneof![
        (0u64..40).prop_map(|n| format!("use = 'length'\nmin_words = {n}\nmax_chars = 900")),
        (1u64..4).prop_map(|n| format!("use = 'newline_runs'\nmax_newlines = {n}")),
        Just("use = 'gopher_repetition'".to_owned()),
        Just("use = 'fineweb_quality'".to_owned()),
        (0usize..5).prop_map(|back| format!("where {back}")),
    ]
}

/// `where N` as a step that asks the Nth of the earlier ones, or itself where it asks nobody.
fn asking(step: &str, earlier: &[String]) -> String {
    let Some(back) = step.strip_prefix("where ") else { return step.to_owned() };
    let Some(at) = back.parse::<usize>().unwrap().checked_rem(earlier.len()) else {
        return "use = 'length'\nmin_chars = 100".to_owned();
    };
    match earlier[at].contains("newline_runs") {
        true => format!("use = 'where'\nkeep = 's{at}.removed_newlines > 0'"),
        false => format!("use = 'where'\nkeep = 'NOT s{at}.keep'"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn arms_of_any_pipeline_equal_runs_of_their_own(
        steps in proptest::collection::vec(any_step(), 1..5),
        members in proptest::collection::vec(proptest::bool::ANY, 5),
    ) {
        let mut text = "name = 'x'\n[extract]\nwith = 'all_text'\n".to_owned();
        for (index, step) in steps.iter().enumerate() {
            let step = asking(step, &steps[..index]);
            text.push_str(&format!("[[step]]\nas = 's{index}'\n{step}\n"));
        }
        let names = members.iter().take(steps.len()).enumerate();
        let names: Vec<_> = names.filter(|(_, is)| **is).map(|(at, _)| format!("'s{at}'")).collect();
        text.push_str(&format!("[arms]\nsome = [{}]\n", names.join(", ")));
        let crawl = TempDir::new().unwrap();
        let shards = shards(&write_crawl(crawl.path(), 1));
        let output = TempDir::new().unwrap();
        let whole = plan(&text);
        run_all(&whole, &shards, output.path(), 2);
        for arm in ["raw", "full", "some"] {
            let by_columns = arm_by_columns(&whole, output.path(), &shards, arm);
            prop_assert_eq!(by_columns, arm_by_run(&text, &shards, arm), "{} of\n{}", arm, text);
        }
    }
}
