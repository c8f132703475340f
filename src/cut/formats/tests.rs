//! Every format written, and read back by a small reader of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Int64Type, TimestampMicrosecondType};
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::digest::sha256_hex;
use crate::document::Location;

/// A `tokenizer.json` of bytes as tokens, shifted up by `shift`; what ends a text is the greatest.
fn bytes_as_tokens(shift: u32) -> TextTokenizer {
    let bytes = (0..256u32).map(|byte| (format!("<0x{byte:02X}>"), json!(byte + shift)));
    let mut vocabulary: serde_json::Map<String, Json> = bytes.collect();
    vocabulary.insert("</s>".to_owned(), json!(256 + shift));
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null,
        "added_tokens": [{"id": 256 + shift, "content": "</s>", "single_word": false,
            "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
        "pre_tokenizer": null, "post_processor": null, "decoder": null,
        "model": {"type": "BPE", "dropout": null, "unk_token": null,
            "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false,
            "byte_fallback": true, "vocab": vocabulary, "merges": []},
    });
    TextTokenizer::from_json("bytes", tokenizer.to_string().as_bytes()).unwrap()
}

fn r50k() -> TextTokenizer {
    TextTokenizer::open("r50k_base").unwrap()
}

fn target(directory: &Path, tokenizer: Option<TextTokenizer>) -> Target {
    Target {
        directory: directory.to_path_buf(),
        name: "no_dedup".to_owned(),
        part_bytes: u64::MAX,
        lingua_chunks: LINGUA_CHUNKS,
        dedups: vec!["exact".to_owned(), "minhash".to_owned()],
        tokenizer: tokenizer.map(Arc::new),
    }
}

/// Documents of these texts; tokens where there is a tokenizer.
fn documents(texts: &[&str], tokenizer: Option<&TextTokenizer>) -> Vec<CutDocument> {
    let document = |(number, text): (usize, &&str)| CutDocument {
        document: Document {
            id: format!("urn:uuid:{number}"),
            url: (number != 1).then(|| format!("https://news.example.co.uk/{number}?a=\"b\"")),
            date_us: (number != 1).then_some(1_700_000_000_000_000 + number as i64 * 500_000),
            location: Location {
                file: "crawl/a,b.warc.gz".to_owned(),
                offset: (number != 1).then_some(number as u64 * 1000),
                length: (number != 1).then_some(900),
            },
            title: (number != 1).then(|| format!("Page {number}")),
            author: (number != 1).then(|| "Ann Miller; Bo".to_owned()),
            published: (number != 1).then(|| date(2013, 5, 17)),
            text: (*text).to_owned(),
            ..Document::default()
        },
        host: (number != 1).then(|| "news.example.co.uk".to_owned()),
        domain: (number != 1).then(|| "example.co.uk".to_owned()),
        cluster_sizes: vec![1, number as u64 + 2],
        tokens: tokenizer.map(|tokenizer| tokenizer.encode(text).unwrap()),
    };
    texts.iter().enumerate().map(document).collect()
}

const TEXTS: &[&str] = &[
    "A first page.\nIts second line, with \"quotes\", a tab\t and \u{2028}.",
    "",
    "Äpfel, 東京, 🦀 and <|endoftext|> as plain text.",
    "The last one.",
];

fn write(format: Format, target: &Target, documents: &[CutDocument]) -> Vec<Output> {
    let mut writer = writer(format, target).unwrap();
    for document in documents {
        writer.write(document).unwrap();
    }
    let outputs = writer.finish().unwrap();
    // What is said of the files is true, and there are no others.
    let mut paths = BTreeSet::new();
    for output in &outputs {
        let bytes = fs::read(target.directory.join(&output.path)).unwrap();
        assert_eq!(output.bytes, bytes.len() as u64, "{}", output.path);
        assert_eq!(output.sha256, sha256_hex(&bytes), "{}", output.path);
        paths.insert(output.path.clone());
    }
    let found = files(&target.directory);
    let found: BTreeSet<String> =
        found.iter().map(|path| parts::relative(path, &target.directory)).collect();
    assert_eq!(paths, found);
    outputs
}

/// All files below a directory, in order.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn paths(outputs: &[Output]) -> Vec<&str> {
    outputs.iter().map(|output| output.path.as_str()).collect()
}

fn rows(outputs: &[Output]) -> Vec<u64> {
    outputs.iter().map(|output| output.rows).collect()
}

/// Numbers of a width, little-endian.
fn numbers(bytes: &[u8], width: usize) -> Vec<u64> {
    assert_eq!(bytes.len() % width, 0);
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte));
    bytes.chunks(width).map(number).collect()
}

fn read(directory: &Path, name: &str, width: usize) -> Vec<u64> {
    numbers(&fs::read(directory.join(name)).unwrap(), width)
}

/// The tokens of documents, one after the other, each before or after `end`.
fn flat(documents: &[CutDocument], end: u64, end_first: bool) -> Vec<u64> {
    let mut all = Vec::new();
    for document in documents {
        all.extend(end_first.then_some(end));
        all.extend(document.tokens.iter().flatten().map(|token| u64::from(*token)));
        all.extend((!end_first).then_some(end));
    }
    all
}

/// The lines of a file as JSON, whatever compresses it.
fn lines(path: &Path) -> Vec<Json> {
    let bytes = fs::read(path).unwrap();
    let mut text = Vec::new();
    match path.extension().unwrap().to_str().unwrap() {
        "gz" => {
            io::copy(&mut flate2::read::MultiGzDecoder::new(&*bytes), &mut text).unwrap();
        }
        "zst" => {
            io::copy(&mut zstd::Decoder::new(&*bytes).unwrap(), &mut text).unwrap();
        }
        _ => text = bytes,
    }
    let text = String::from_utf8(text).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn names_of_formats_lead_back_to_them() {
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>().unwrap(), format);
    }
    let message = "arrow".parse::<Format>().unwrap_err().to_string();
    assert!(message.contains("parquet, jsonl, jsonl.gz"), "{message}");
}

#[test]
fn parquet_has_every_column_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let documents = documents(TEXTS, None);
    let outputs = write(Format::Parquet, &target(directory.path(), None), &documents);
    assert_eq!((paths(&outputs), rows(&outputs)), (vec!["data/part-00000.parquet"], vec![4]));
    let file = fs::File::open(directory.path().join("data/part-00000.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    let batch = arrow_select_concat(&batches);
    let names: Vec<&str> =
        batch.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(
        names.join(" "),
        "id text url host domain date title author published warc_file warc_offset warc_length \
         exact_cluster_size minhash_cluster_size"
    );
    for (row, document) in documents.iter().enumerate() {
        let text = |column: usize| {
            let column = batch.column(column).as_string::<i32>();
            column.iter().nth(row).unwrap().map(str::to_owned)
        };
        let number = |column: usize| {
            batch.column(column).as_primitive::<Int64Type>().iter().nth(row).unwrap()
        };
        let CutDocument { document, host, domain, cluster_sizes, .. } = document;
        assert_eq!(text(0).as_deref(), Some(document.id.as_str()));
        assert_eq!(text(1).as_deref(), Some(document.text.as_str()));
        assert_eq!((text(2), &text(3), &text(4)), (document.url.clone(), host, domain));
        let date = batch.column(5).as_primitive::<TimestampMicrosecondType>();
        assert_eq!(date.iter().nth(row).unwrap(), document.date_us);
        assert_eq!((text(6), text(7)), (document.title.clone(), document.author.clone()));
        let published = batch.column(8).as_primitive::<Date32Type>();
        assert_eq!(published.iter().nth(row).unwrap(), document.published.map(|_| 15_842));
        assert_eq!(text(9).as_deref(), Some("crawl/a,b.warc.gz"));
        assert_eq!(number(10), document.location.offset.map(u64::cast_signed));
        assert_eq!(number(11), document.location.length.map(u64::cast_signed));
        assert_eq!((number(12), number(13)), (Some(1), Some(cluster_sizes[1].cast_signed())));
    }
}

/// One batch of all, of which there is one here.
fn arrow_select_concat(batches: &[arrow_array::RecordBatch]) -> arrow_array::RecordBatch {
    assert_eq!(batches.len(), 1);
    batches[0].clone()
}

#[test]
fn lines_of_json_are_the_same_however_compressed() {
    let documents = documents(TEXTS, None);
    for format in [Format::Jsonl, Format::JsonlGz, Format::JsonlZst] {
        let directory = tempfile::tempdir().unwrap();
        let outputs = write(format, &target(directory.path(), None), &documents);
        let name = format!("data/part-00000.{format}");
        assert_eq!((paths(&outputs), rows(&outputs)), (vec![name.as_str()], vec![4]));
        let lines = lines(&directory.path().join(&name));
        let texts: Vec<&str> = lines.iter().map(|line| line["text"].as_str().unwrap()).collect();
        assert_eq!(texts, TEXTS);
        assert_eq!(
            lines[1].to_string(),
            r#"{"id":"urn:uuid:1","text":"","url":null,"date":null,"domain":null,"title":null,"author":null,"published":null,"exact_cluster_size":1,"minhash_cluster_size":3}"#
        );
        assert_eq!(lines[2]["date"], "2023-11-14T22:13:21Z");
        assert_eq!(lines[3]["date"], "2023-11-14T22:13:21.5Z");
        let named = json!(["Page 2", "Ann Miller; Bo", "2013-05-17"]);
        assert_eq!(json!([lines[2]["title"], lines[2]["author"], lines[2]["published"]]), named);
    }
}

#[test]
fn a_gzip_file_has_no_time_in_it() {
    let directory = tempfile::tempdir().unwrap();
    write(Format::JsonlGz, &target(directory.path(), None), &documents(TEXTS, None));
    let bytes = fs::read(directory.path().join("data/part-00000.jsonl.gz")).unwrap();
    assert_eq!(bytes[..8], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
}

#[test]
fn lingua_is_dealt_documents_in_turn() {
    let directory = tempfile::tempdir().unwrap();
    let documents = documents(TEXTS, None);
    let lingua_chunks = NonZeroU16::new(3).unwrap();
    let target = Target { lingua_chunks, ..target(directory.path(), None) };
    let outputs = write(Format::Lingua, &target, &documents);
    let names = [0, 1, 2].map(|number| format!("no_dedup/no_dedup.chunk.0{number}.jsonl"));
    assert_eq!(
        (paths(&outputs), rows(&outputs)),
        (names.each_ref().to_vec().into_iter().map(String::as_str).collect(), vec![2, 1, 1])
    );
    let dealt = [vec![0, 3], vec![1], vec![2]];
    for (name, numbers) in names.iter().zip(dealt) {
        let expected: Vec<Json> = numbers
            .into_iter()
            .map(|n: usize| json!({"id": format!("urn:uuid:{n}"), "text": TEXTS[n]}))
            .collect();
        assert_eq!(lines(&directory.path().join(name)), expected);
    }
}

/// The sequences of a Megatron data set, and bytes of a token.
fn megatron(directory: &Path) -> (Vec<Vec<u64>>, usize) {
    let index = fs::read(directory.join("no_dedup_text_document.idx")).unwrap();
    let data = fs::read(directory.join("no_dedup_text_document.bin")).unwrap();
    assert_eq!(&index[..9], b"MMIDIDX\0\0");
    assert_eq!(numbers(&index[9..17], 8), [1]);
    let width = match index[17] {
        8 => 2,
        4 => 4,
        code => panic!("type {code}"),
    };
    let [count, documents] = numbers(&index[18..34], 8)[..] else { unreachable!() };
    assert_eq!(documents, count + 1);
    let (lengths, rest) = index[34..].split_at(4 * count as usize);
    let (starts, rest) = rest.split_at(8 * count as usize);
    assert_eq!(numbers(rest, 8), (0..=count).collect::<Vec<u64>>());
    let spans = numbers(lengths, 4).into_iter().zip(numbers(starts, 8));
    let sequence = |(length, start): (u64, u64)| {
        numbers(&data[start as usize..][..length as usize * width], width)
    };
    (spans.map(sequence).collect(), width)
}

#[test]
fn megatron_has_a_sequence_for_each_document() {
    for (tokenizer, width) in
        [(r50k(), 2), (bytes_as_tokens(65_243 - 1), 2), (bytes_as_tokens(65_243), 4)]
    {
        let directory = tempfile::tempdir().unwrap();
        let end = u64::from(tokenizer.end_of_text().unwrap());
        let documents = documents(TEXTS, Some(&tokenizer));
        write(Format::Megatron, &target(directory.path(), Some(tokenizer)), &documents);
        let (sequences, found) = megatron(directory.path());
        assert_eq!(found, width);
        let expected: Vec<_> =
            documents.chunks(1).map(|document| flat(document, end, false)).collect();
        assert_eq!(sequences, expected);
        assert_eq!(sequences[1], [end], "a document of no text is one all the same");
    }
}

#[test]
fn olmo_has_tokens_alone_and_places_beside_them() {
    for (shift, width) in [(0, 2), (65_536 - 257, 2), (65_536 - 256, 4)] {
        let directory = tempfile::tempdir().unwrap();
        let tokenizer = bytes_as_tokens(shift);
        let end = u64::from(tokenizer.end_of_text().unwrap());
        let documents = documents(TEXTS, Some(&tokenizer));
        let outputs = write(Format::Olmo, &target(directory.path(), Some(tokenizer)), &documents);
        assert_eq!(paths(&outputs), ["data/part-00000.npy", "data/part-00000.csv.gz"]);
        let tokens = read(directory.path(), "data/part-00000.npy", width);
        assert_eq!(tokens, flat(&documents, end, false));
        let bytes = fs::read(directory.path().join("data/part-00000.csv.gz")).unwrap();
        let mut table = Vec::new();
        io::copy(&mut flate2::read::MultiGzDecoder::new(&*bytes), &mut table).unwrap();
        let table = String::from_utf8(table).unwrap();
        let end = TEXTS[0].len() + 1;
        let start = format!(
            "0,{end},urn:uuid:0,\"crawl/a,b.warc.gz\",0\n{end},{},urn:uuid:1,\"crawl/a,b.warc.gz\",\n",
            end + 1
        );
        assert!(table.starts_with(&start), "{table}");
        assert_eq!(table.lines().count(), TEXTS.len());
    }
}

#[test]
fn datatrove_says_where_documents_end() {
    for (shift, width) in [(0, 2), (65_536 - 257, 2), (65_536 - 256, 4)] {
        let directory = tempfile::tempdir().unwrap();
        let tokenizer = bytes_as_tokens(shift);
        let end = u64::from(tokenizer.end_of_text().unwrap());
        let documents = documents(TEXTS, Some(&tokenizer));
        let target = target(directory.path(), Some(tokenizer));
        let outputs = write(Format::Datatrove, &target, &documents);
        assert_eq!(rows(&outputs), [4, 4, 4]);
        let tokens = read(directory.path(), "data/part-00000.ds", width);
        assert_eq!(tokens, flat(&documents, end, false));
        let mut sum = 0;
        let ends: Vec<u64> = TEXTS
            .iter()
            .map(|text| {
                sum += text.len() as u64 + 1;
                sum
            })
            .collect();
        assert_eq!(read(directory.path(), "data/part-00000.ds.index", 8), ends);
        let metadata = fs::read_to_string(directory.path().join("data/part-00000.ds.metadata"));
        assert_eq!(metadata.unwrap(), format!("bytes|{width}\n{sum}\n"));
    }
}

/// The tokens of a shard of modded-nanogpt's.
fn nanogpt(path: &Path) -> Vec<u64> {
    let bytes = fs::read(path).unwrap();
    let header = numbers(&bytes[..1024], 4);
    let tokens = numbers(&bytes[1024..], 2);
    assert_eq!(header[..3], [20_240_520, 1, tokens.len() as u64]);
    assert!(header[3..].iter().all(|number| *number == 0));
    tokens
}

#[test]
fn nanogpt_begins_documents_with_the_end_of_text() {
    let directory = tempfile::tempdir().unwrap();
    let documents = documents(TEXTS, Some(&r50k()));
    let outputs = write(Format::Nanogpt, &target(directory.path(), Some(r50k())), &documents);
    assert_eq!(paths(&outputs), ["no_dedup_train_000001.bin"]);
    let tokens = nanogpt(&directory.path().join("no_dedup_train_000001.bin"));
    assert_eq!(tokens, flat(&documents, 50_256, true));
}

#[test]
fn shards_of_nanogpt_begin_with_a_document() {
    let directory = tempfile::tempdir().unwrap();
    let tokenizer = bytes_as_tokens(0);
    let texts = ["123456789", "", "12345678", "1", "123456789012345678901234567890", "1"];
    let documents = documents(&texts, Some(&tokenizer));
    let mut writer = nanogpt::begin_with(&target(directory.path(), None), &tokenizer, 20).unwrap();
    for document in &documents {
        writer.write(document).unwrap();
    }
    let outputs = writer.finish().unwrap();
    assert_eq!(rows(&outputs), [3, 2, 1]);
    let shards = outputs.iter().map(|output| nanogpt(&directory.path().join(&output.path)));
    let shards: Vec<Vec<u64>> = shards.collect();
    assert!(shards.iter().all(|shard| shard[0] == 256));
    assert_eq!(shards[0].len(), 20, "a full shard is full");
    assert_eq!(shards.concat(), flat(&documents, 256, true));
}

#[test]
fn a_tokenizer_that_a_format_has_no_room_for_is_refused() {
    let format = Format::Nanogpt;
    assert!(format.check(Some(&bytes_as_tokens(65_536 - 257))).is_ok());
    let message = format.check(Some(&bytes_as_tokens(65_536 - 256))).unwrap_err().to_string();
    assert!(message.contains("65,536") && message.contains("65537"), "{message}");
    for format in Format::ALL {
        let refused = format.check(None).err().map(|error| error.to_string());
        assert_eq!(refused.is_some(), format.needs_tokenizer());
        let directory = tempfile::tempdir().unwrap();
        let begun = writer(format, &target(directory.path(), None));
        assert_eq!(begun.is_err(), format.needs_tokenizer(), "{format}");
    }
}

#[test]
fn parts_begin_when_one_is_full() {
    let texts = ["12345", "67890", "1", "2345678901", "1"];
    let expected = [vec!["12345", "67890"], vec!["1", "2345678901"], vec!["1"]];
    for format in [Format::Parquet, Format::Jsonl, Format::Olmo, Format::Datatrove] {
        let directory = tempfile::tempdir().unwrap();
        let tokenizer = bytes_as_tokens(0);
        let documents = documents(&texts, Some(&tokenizer));
        let target = Target { part_bytes: 10, ..target(directory.path(), Some(tokenizer)) };
        let outputs = write(format, &target, &documents);
        let first = outputs
            .iter()
            .filter(|output| !output.path.ends_with(".csv.gz") && !output.path.contains(".ds."));
        let counts: Vec<u64> = first.map(|output| output.rows).collect();
        assert_eq!(counts, [2, 2, 1], "{format}");
        for (number, texts) in expected.iter().enumerate() {
            let name = |suffix: &str| format!("data/part-0000{number}.{suffix}");
            match format {
                Format::Jsonl => {
                    let lines = lines(&directory.path().join(name("jsonl")));
                    let found: Vec<_> = lines.iter().map(|line| line["text"].as_str()).collect();
                    assert_eq!(found, texts.iter().map(|t| Some(*t)).collect::<Vec<_>>());
                }
                Format::Datatrove => {
                    let ends = read(directory.path(), &name("ds.index"), 8);
                    assert_eq!(ends.len(), texts.len());
                    assert_eq!(ends[0], texts[0].len() as u64 + 1, "ends start anew");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn an_arm_of_no_documents_is_an_output_all_the_same() {
    for format in Format::ALL {
        let directory = tempfile::tempdir().unwrap();
        let outputs = write(format, &target(directory.path(), Some(r50k())), &[]);
        assert!(!outputs.is_empty() && outputs.iter().all(|output| output.rows == 0), "{format}");
        let path = |name: &str| directory.path().join(name);
        match format {
            Format::Parquet => {
                let file = fs::File::open(path("data/part-00000.parquet")).unwrap();
                let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
                assert_eq!(reader.schema().fields().len(), 14);
                assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
            }
            Format::Jsonl | Format::JsonlGz | Format::JsonlZst => {
                assert!(lines(&path(&format!("data/part-00000.{format}"))).is_empty());
            }
            Format::Lingua => assert!(lines(&path("no_dedup/no_dedup.chunk.00.jsonl")).is_empty()),
            Format::Megatron => assert!(megatron(directory.path()).0.is_empty()),
            Format::Olmo => assert!(read(directory.path(), "data/part-00000.npy", 2).is_empty()),
            Format::Datatrove => {
                assert!(read(directory.path(), "data/part-00000.ds", 2).is_empty());
                assert!(read(directory.path(), "data/part-00000.ds.index", 8).is_empty());
            }
            Format::Nanogpt => assert!(nanogpt(&path("no_dedup_train_000001.bin")).is_empty()),
        }
    }
}

#[test]
fn nothing_is_in_its_place_before_the_end() {
    for format in Format::ALL {
        let directory = tempfile::tempdir().unwrap();
        let documents = documents(TEXTS, Some(&r50k()));
        let target = Target { part_bytes: 1, ..target(directory.path(), Some(r50k())) };
        let mut begun = writer(format, &target).unwrap();
        documents.iter().for_each(|document| begun.write(document).unwrap());
        let all = files(directory.path());
        assert!(!all.is_empty());
        let unfinished = |path: &PathBuf| path.extension().is_some_and(|suffix| suffix == "tmp");
        assert!(all.iter().all(unfinished), "{format}: what a killed writer leaves: {all:?}");
        let second = writer(format, &target).err().map(|error| error.to_string());
        assert!(second.is_some_and(|message| message.contains("another process")), "{format}");
        begun.discard();
        assert!(files(directory.path()).is_empty(), "{format}");
        // What a killed writer left is written over.
        for path in &all {
            fs::write(path, "half a file").unwrap();
        }
        write(format, &target, &documents);
    }
}

#[test]
fn a_directory_in_the_way_is_an_error_and_no_file_stays() {
    for format in Format::ALL {
        let directory = tempfile::tempdir().unwrap();
        let target = Target { part_bytes: 1, ..target(directory.path(), Some(r50k())) };
        let documents = documents(TEXTS, Some(&r50k()));
        let outputs = write(format, &target, &documents);
        // The first file comes to its place last.
        let first = directory.path().join(&outputs[0].path);
        for output in &outputs {
            fs::remove_file(directory.path().join(&output.path)).unwrap();
        }
        fs::create_dir(&first).unwrap();
        let mut begun = writer(format, &target).unwrap();
        documents.iter().for_each(|document| begun.write(document).unwrap());
        let error = begun.finish().unwrap_err();
        assert_eq!(error.path, first);
        assert!(files(directory.path()).is_empty(), "{format}");
    }
}

#[test]
fn what_the_caller_forgot_is_an_error() {
    let tokenizer = bytes_as_tokens(0);
    let whole = documents(TEXTS, Some(&tokenizer)).remove(0);
    let without_tokens = CutDocument { tokens: None, ..whole.clone() };
    let foreign = CutDocument { tokens: Some(vec![257]), ..whole.clone() };
    let without_sizes = CutDocument { cluster_sizes: Vec::new(), ..whole };
    for format in Format::ALL {
        let directory = tempfile::tempdir().unwrap();
        let refused = |document: &CutDocument| {
            let target = target(directory.path(), Some(bytes_as_tokens(0)));
            let mut begun = writer(format, &target).unwrap();
            begun.write(document).err().map(|error| error.to_string())
        };
        let needs = format.needs_tokenizer();
        assert_eq!(refused(&without_tokens).is_some(), needs, "{format}");
        assert_eq!(refused(&foreign).is_some(), needs, "{format}");
        let has_sizes = !needs && format != Format::Lingua;
        assert_eq!(refused(&without_sizes).is_some(), has_sizes, "{format}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the texts and parts, every format gives the same documents in the same order, and
    /// the same bytes twice.
    #[test]
    fn all_formats_agree(
        texts in prop::collection::vec(".{0,40}", 0..12),
        part_bytes in 1u64..100,
        shift in prop_oneof![Just(0u32), Just(70_000)],
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let tokenizer = bytes_as_tokens(shift);
        let end = u64::from(tokenizer.end_of_text().unwrap());
        let width = if shift == 0 { 2 } else { 4 };
        let documents = documents(&texts, Some(&tokenizer));
        for format in Format::ALL {
            if format.check(Some(&tokenizer)).is_err() {
                continue;
            }
            let once = tempfile::tempdir().unwrap();
            let again = tempfile::tempdir().unwrap();
            let [outputs, same] = [&once, &again].map(|directory| {
                let tokenizer = Some(bytes_as_tokens(shift));
                let target = Target { part_bytes, ..target(directory.path(), tokenizer) };
                write(format, &target, &documents)
            });
            prop_assert_eq!(&outputs, &same);
            let read_all = |suffix: &str, width: usize| -> Vec<u64> {
                let chosen = outputs.iter().filter(|output| output.path.ends_with(suffix));
                chosen.flat_map(|output| read(once.path(), &output.path, width)).collect()
            };
            match format {
                Format::Parquet => {
                    let count: u64 = rows(&outputs).iter().sum();
                    prop_assert_eq!(count, texts.len() as u64);
                }
                Format::Jsonl | Format::JsonlGz | Format::JsonlZst | Format::Lingua => {
                    let found = outputs.iter().flat_map(|output| lines(&once.path().join(&output.path)));
                    let found: Vec<Json> = found.map(|line| line["text"].clone()).collect();
                    prop_assert_eq!(found, texts.iter().map(|text| json!(text)).collect::<Vec<_>>());
                }
                Format::Megatron => {
                    let (sequences, found) = megatron(once.path());
                    prop_assert_eq!(found, width);
                    prop_assert_eq!(sequences.len(), texts.len());
                    prop_assert_eq!(sequences.concat(), flat(&documents, end, false));
                }
                Format::Olmo => prop_assert_eq!(read_all(".npy", width), flat(&documents, end, false)),
                Format::Datatrove => {
                    prop_assert_eq!(read_all(".ds", width), flat(&documents, end, false));
                    prop_assert_eq!(read_all(".ds.index", 8).len(), texts.len());
                }
                Format::Nanogpt => prop_assert_eq!(read_all("000001.bin", 2)[512..].to_vec(), flat(&documents, end, true)),
            }
        }
    }
}
