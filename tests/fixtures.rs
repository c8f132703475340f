//! The committed fixtures are what their generator makes of `fixtures/pages/`.
//!
//! `UPDATE_FIXTURES=1 cargo test --test fixtures up_to_date` writes those that are not. Compressed
//! bytes may differ from one version of a library to the next, so what is compared is what they
//! hold.
#![expect(clippy::unwrap_used, reason = "clippy sees no test in the functions that tests share")]

mod common;
#[path = "common/crawl.rs"]
mod crawl;
#[path = "common/pool.rs"]
mod pool;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use arrow_array::RecordBatch;
use expect_test::expect;
use flate2::{Decompress, FlushDecompress, Status};
use gristmill::document::{Document, Location};
use gristmill::pool::{JsonlReader, ParquetReader};
use gristmill::shards::Compression;
use gristmill::warc::{Item, Limits, Reader, http};
use gristmill::{extract, pool as pools};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use common::fixture;
use common::warc::{Layout, Page, WarcWriter};

const HOW: &str = "UPDATE_FIXTURES=1 cargo test --test fixtures up_to_date";

/// Asserts that a fixture holds what `new` holds, or writes `new` where it does not.
fn check<T: PartialEq>(name: &str, new: &[u8], contents: fn(&[u8]) -> T) {
    let path = fixture(name);
    let old = std::fs::read(&path).ok();
    if old.is_some_and(|old| contents(&old) == contents(new)) {
        return;
    }
    assert!(std::env::var_os("UPDATE_FIXTURES").is_some(), "{name} is out of date; run: {HOW}");
    std::fs::write(&path, new).unwrap();
}

/// A stretch of a gzip file.
#[derive(PartialEq)]
enum Member {
    /// What a sound member holds.
    Contents(Vec<u8>),
    /// The stored bytes of one that is damaged; the generator does not compress these.
    Damaged(Vec<u8>),
}

/// The gzip members of a file, whose headers have neither name nor time.
fn members(mut file: &[u8]) -> Vec<Member> {
    const MAGIC: [u8; 8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0];
    let mut members = Vec::new();
    while !file.is_empty() {
        assert!(file.starts_with(&MAGIC), "a member begins");
        let data = &file[10..];
        let mut inflate = Decompress::new(false);
        let mut contents = vec![0; 1 << 18];
        let end = inflate.decompress(data, &mut contents, FlushDecompress::Finish);
        if matches!(end, Ok(Status::StreamEnd)) {
            contents.truncate(inflate.total_out() as usize);
            members.push(Member::Contents(contents));
            file = &data[inflate.total_in() as usize + 8..];
        } else {
            let next = data.windows(MAGIC.len()).position(|bytes| bytes == MAGIC);
            let (damaged, rest) = file.split_at(next.map_or(file.len(), |at| at + 10));
            members.push(Member::Damaged(damaged.to_vec()));
            file = rest;
        }
    }
    members
}

fn batches(file: &[u8]) -> Vec<RecordBatch> {
    let file = bytes::Bytes::copy_from_slice(file);
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

#[test]
fn fixtures_are_up_to_date() {
    check("crawl-00000.warc.gz", &crawl::first(), members);
    check("crawl-00001.warc.gz", &crawl::second(), members);
    check("crawl-00000.warc.wet.gz", &crawl::wet(), members);
    check("pool.jsonl", &pool::jsonl(), <[u8]>::to_vec);
    check("pool.parquet", &pool::parquet(), batches);
}

#[test]
fn fixtures_are_small() {
    let mut sum = 0;
    for folder in ["", "pages"] {
        for entry in std::fs::read_dir(fixture(folder)).unwrap() {
            let metadata = entry.unwrap().metadata().unwrap();
            sum += if metadata.is_file() { metadata.len() } else { 0 };
        }
    }
    assert!(sum < 300_000, "{sum} bytes");
}

/// Records by kind and failures of a file.
fn account(name: &str) -> String {
    let file = std::fs::read(fixture(name)).unwrap();
    let mut reader = Reader::new(&file[..], Limits::default());
    let (mut kinds, mut failures) = (BTreeMap::new(), String::new());
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Record(record) => {
                let key = format!("{} WARC/{}", record.kind.as_str(), record.version);
                *kinds.entry(key).or_insert(0) += 1;
            }
            Item::Failure(failure) => {
                let url = failure.url.as_deref().unwrap_or("-");
                let _ = writeln!(failures, "failure: {} of {url}", failure.kind);
            }
        }
    }
    let mut account = format!("{name}\n");
    for (kind, count) in kinds {
        let _ = writeln!(account, "{count} {kind}");
    }
    account + &failures
}

#[test]
fn crawls_hold_what_their_readme_says() {
    let files = ["crawl-00000.warc.gz", "crawl-00001.warc.gz", "crawl-00000.warc.wet.gz"];
    expect![[r#"
        crawl-00000.warc.gz
        18 metadata WARC/1.0
        1 metadata WARC/1.1
        18 request WARC/1.0
        1 request WARC/1.1
        18 response WARC/1.0
        1 response WARC/1.1
        1 warcinfo WARC/1.0

        crawl-00001.warc.gz
        12 metadata WARC/1.0
        1 metadata WARC/1.1
        13 request WARC/1.0
        1 request WARC/1.1
        11 response WARC/1.0
        1 response WARC/1.1
        1 revisit WARC/1.0
        1 warcinfo WARC/1.0
        failure: corrupt_gzip of https://blue-pot.example/amp/red-lentil
        failure: truncated_gzip of https://forum.fixers.example/print/8812

        crawl-00000.warc.wet.gz
        3 conversion WARC/1.0
        1 warcinfo WARC/1.0
    "#]]
    .assert_eq(&files.map(account).join("\n"));
}

#[test]
fn pages_of_every_charset_and_encoding_decode_to_their_source() {
    for (file, page) in crawl::second_pages() {
        let response = page.response();
        let response = http::parse(&response, 1 << 20).unwrap();
        let content_type = response.head.content_type();
        let charset = content_type.as_ref().and_then(|kind| kind.charset.as_deref());
        let decoded = extract::decode(&response.body.bytes, charset);
        assert!(decoded.text == crawl::source(file), "{file}");
    }
}

/// The documents of a pool, without their place, and its failures by row.
#[derive(Default)]
struct Rows {
    documents: Vec<Document>,
    failures: Vec<(u64, &'static str)>,
}

impl Rows {
    fn add(&mut self, item: pools::Item) {
        match item {
            pools::Item::Document(document) => {
                self.documents.push(Document { location: Location::default(), ..document });
            }
            pools::Item::Failure { row, kind, .. } => self.failures.push((row, kind)),
        }
    }
}

#[test]
fn both_pools_hold_the_same_documents() {
    let limits = pools::Limits { max_record_bytes: 1 << 20 };
    let nested = |name: &str| Some(format!("metadata.{name}"));
    let fields = pools::Fields {
        text: "text".into(),
        id: nested("WARC-Record-ID"),
        url: nested("WARC-Target-URI"),
        date: nested("WARC-Date"),
    };
    let file = std::fs::File::open(fixture("pool.jsonl")).unwrap();
    let mut reader =
        JsonlReader::new(file, Compression::None, "pool".into(), fields, limits).unwrap();
    let mut lines = Rows::default();
    while let Some(item) = reader.next().unwrap() {
        lines.add(item);
    }
    assert_eq!(lines.documents.len(), 6);
    assert_eq!(lines.failures, [(3, "bad_json"), (6, "missing_text")]);

    let fields = pools::Fields {
        text: "text".into(),
        id: Some("id".into()),
        url: Some("url".into()),
        date: Some("date".into()),
    };
    let path = fixture("pool.parquet");
    let mut reader = ParquetReader::open(&path, "pool".into(), fields, limits).unwrap();
    let mut columns = Rows::default();
    while let Some(item) = reader.next().unwrap() {
        columns.add(item);
    }
    assert!(columns.documents == lines.documents);
    assert_eq!(columns.failures, []);
}

#[test]
fn the_writer_of_test_files_has_three_layouts_of_the_same_records() {
    let records = |layout| {
        let mut file = WarcWriter::new(layout, 7);
        file.warcinfo("small.warc");
        file.page(&Page::html("https://a.example/", "<p>One</p>"));
        file.conversion("https://a.example/", "eng", "One");
        let file = file.finish();
        let mut reader = Reader::new(&file[..], Limits::default());
        let mut records = Vec::new();
        while let Some(item) = reader.next().unwrap() {
            let Item::Record(record) = item else { panic!("{item:?}") };
            records.push((record.record_id().map(str::to_owned), record.block));
        }
        (records, file.starts_with(b"WARC/"))
    };
    let (plain, is_plain) = records(Layout::Plain);
    assert_eq!((plain.len(), is_plain), (5, true));
    assert_eq!(records(Layout::MemberPerRecord), (plain.clone(), false));
    assert_eq!(records(Layout::OneMember), (plain, false));
}
