//! The WARC reader over real files, against what other readers make of them.
//!
//! Needs the shared data (see [`data`]); without it every test says on stderr that it was skipped.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, which clippy does not see as such; a skipped test must be seen"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use gristmill::warc::http::{Kind, parse, sniff_html};
use gristmill::warc::{Failure, Item, Limits, Reader, Record, RecordKind};

/// Largest body that is decoded here, in bytes.
const MAX_BODY_BYTES: usize = 64 << 20;

/// Files of `warc/INDEX.tsv` in which fewer items are found than warcio finds, and what they are.
/// Each is no WARC and therefore one failure.
const FEWER_THAN_WARCIO: &[(&str, &str)] = &[
    ("archivesunleashed+aut__src__test__resources__arc__example.arc.gz", "ARC"),
    (
        "s__tika-parsers-standard__tika-parsers-standard-modules__tika-parser-webarchive-module__src__test__resources__test-documents__example.arc.gz",
        "ARC",
    ),
    (
        "sers__tika-parsers-standard__tika-parsers-standard-modules__tika-parser-webarchive-module__src__test__resources__test-documents__testARC.arc",
        "ARC",
    ),
    ("webrecorder+cdxj-indexer__test__data__bad.arc", "ARC"),
    ("webrecorder+warcio__test__data__example-space-in-url.arc", "ARC"),
    ("harvard-lil+warcbench__tests__assets__before.wacz", "a zip file, with WARC files inside"),
    ("harvard-lil+warcbench__tests__assets__test-crawl.wacz", "a zip file, with WARC files inside"),
    (
        "rs__tika-parsers-standard__tika-parsers-standard-modules__tika-parser-webarchive-module__src__test__resources__test-documents__testWACZ.wacz",
        "a zip file, with WARC files inside",
    ),
    (
        "webrecorder+py-wacz__tests__fixtures__valid_signed_example_1.wacz",
        "a zip file, with WARC files inside",
    ),
];

/// The folder of shared data: `$GRISTMILL_DATA`, or beside the repository. `None`, with a word on
/// stderr, where it is absent.
fn data(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("GRISTMILL_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED {test}: no shared data");
    None
}

fn read(path: &Path) -> (Vec<Record>, Vec<Failure>) {
    let mut reader = Reader::new(File::open(path).unwrap(), Limits::default());
    let (mut records, mut failures) = (Vec::new(), Vec::new());
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Record(record) => records.push(record),
            Item::Failure(failure) => failures.push(failure),
        }
    }
    (records, failures)
}

/// Of every odd file: name, and what warcio counts: records, HTML responses of status 200.
fn index(data: &Path) -> Vec<(String, usize, usize)> {
    let index = std::fs::read_to_string(data.join("warc/INDEX.tsv")).unwrap();
    let rows = index.lines().skip(1).map(|line| {
        let columns: Vec<_> = line.split('\t').collect();
        let count = |column: usize| columns[column].parse().unwrap();
        (columns[0].to_owned(), count(4), count(6))
    });
    rows.collect()
}

#[test]
fn odd_files_give_at_least_what_warcio_finds() {
    let Some(data) = data("odd_files_give_at_least_what_warcio_finds") else {
        return;
    };
    let mut wrong = Vec::new();
    let files = index(&data);
    assert_eq!(files.len(), 154);
    for (name, by_warcio, html_by_warcio) in files {
        let (records, failures) = read(&data.join("warc").join(&name));
        let mut kinds = BTreeMap::new();
        for failure in &failures {
            *kinds.entry(failure.kind).or_insert(0) += 1;
        }
        let mut html = 0;
        for record in &records {
            if record.kind == RecordKind::Response
                && let Ok(response) = parse(&record.block, MAX_BODY_BYTES)
            {
                let declared = response.head.content_type().map(|c| c.mime);
                let kind = sniff_html(&response.body.bytes, declared.as_deref());
                let is_html = matches!(kind, Kind::Html | Kind::Xhtml);
                html += usize::from(response.head.status == 200 && is_html);
            }
        }
        let items = records.len() + failures.len();
        // For a look at what the files hold.
        if std::env::var_os("GRISTMILL_SHOW").is_some() {
            eprintln!(
                "{by_warcio}\t{}\t{html_by_warcio}\t{html}\t{kinds:?}\t{name}",
                records.len()
            );
            for failure in &failures {
                eprintln!("\t{failure:?}");
            }
        }
        let known = FEWER_THAN_WARCIO.iter().any(|(file, _)| *file == name);
        let refused = failures.len() == items && kinds.keys().eq(["unsupported_format"].iter());
        if html + failures.len() < html_by_warcio && !known {
            wrong.push(format!("{name}: {html_by_warcio} HTML pages by warcio, {html} here"));
        }
        if (items < by_warcio) != known || (known && !refused) {
            wrong.push(format!("{name}: {by_warcio} by warcio, {items} here: {kinds:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn corpus_responses_are_where_the_manifest_says() {
    let Some(data) = data("corpus_responses_are_where_the_manifest_says") else {
        return;
    };
    let corpus = data.join("corpus");
    let manifest = File::open(corpus.join("manifest.jsonl.gz")).unwrap();
    let manifest = BufReader::new(flate2::read::MultiGzDecoder::new(manifest));
    let mut expected: BTreeMap<String, Vec<(u64, Option<u64>, String)>> = BTreeMap::new();
    for line in manifest.lines() {
        let row: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        let id = text("record_id");
        let id = id.trim_matches(['<', '>']).to_owned();
        let place = (row["offset"].as_u64().unwrap(), row["length"].as_u64(), id);
        expected.entry(text("file")).or_default().push(place);
    }
    assert_eq!(expected.len(), 4);
    let (mut pages, mut html, mut bytes) = (0, 0, 0);
    for (file, mut expected) in expected {
        expected.sort();
        let (records, failures) = read(&corpus.join(&file));
        assert_eq!(failures, [], "{file}");
        bytes += records.iter().map(|record| record.block.len()).sum::<usize>();
        let responses: Vec<_> =
            records.iter().filter(|record| record.kind == RecordKind::Response).collect();
        let found: Vec<_> = responses
            .iter()
            .map(|r| (r.offset, r.length, r.record_id().unwrap().to_owned()))
            .collect();
        assert!(found == expected, "{file}: places or ids differ");
        for record in responses {
            assert!(record.date_us().is_some() && record.target_uri().is_some());
            let response = parse(&record.block, MAX_BODY_BYTES).unwrap();
            assert!(!response.body.truncated);
            let declared = response.head.content_type().map(|c| c.mime);
            let kind = sniff_html(&response.body.bytes, declared.as_deref());
            html += usize::from(matches!(kind, Kind::Html | Kind::Xhtml));
            pages += 1;
        }
    }
    assert_eq!(pages, 5844);
    assert!(html > 5700, "{html} of {pages} pages are HTML");
    assert!(bytes > 400 << 20, "only {bytes} bytes of blocks");
}

/// What the `warc` crate reads; `None` where it meets an error.
fn by_warc_crate(path: &Path) -> Option<Vec<(Option<String>, Vec<u8>)>> {
    let mut start = [0; 2];
    File::open(path).unwrap().read_exact(&mut start).ok()?;
    let file = BufReader::new(File::open(path).unwrap());
    let input: Box<dyn Read> = if start == [0x1f, 0x8b] {
        Box::new(flate2::bufread::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut records = Vec::new();
    for record in warc::WarcReader::new(BufReader::new(input)).iter_raw_records() {
        let (header, body) = record.ok()?;
        let id = header.as_ref().get(&warc::WarcHeader::RecordID);
        let id = id.map(|id| String::from_utf8_lossy(id).trim_matches(['<', '>']).to_owned());
        records.push((id, body));
    }
    Some(records)
}

#[test]
fn valid_files_give_what_the_warc_crate_reads() {
    let Some(data) = data("valid_files_give_what_the_warc_crate_reads") else {
        return;
    };
    let mut paths: Vec<_> =
        index(&data).iter().map(|(name, ..)| data.join("warc").join(name)).collect();
    paths.push(data.join("corpus/web-00002.warc.gz"));
    paths.push(data.join("neardup/recrawl.warc.gz"));
    let mut compared = 0;
    for path in paths {
        let (records, failures) = read(&path);
        // It loses LF-only records without an error, so an empty answer says nothing.
        let Some(expected) = by_warc_crate(&path).filter(|records| !records.is_empty()) else {
            continue;
        };
        if !failures.is_empty() {
            continue;
        }
        let found: Vec<_> = records
            .iter()
            .map(|record| (record.record_id().map(str::to_owned), record.block.clone()))
            .collect();
        assert!(
            found == expected,
            "{}: {} records here, {} there",
            path.display(),
            found.len(),
            expected.len()
        );
        compared += 1;
    }
    assert!(compared >= 50, "only {compared} files could be compared");
}
