use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::document::Document;

const LIMITS: Limits = Limits { max_record_bytes: 1 << 20 };

fn dclm() -> Fields {
    Fields {
        text: "text".into(),
        id: Some("metadata.WARC-Record-ID".into()),
        url: Some("metadata.WARC-Target-URI".into()),
        date: Some("metadata.WARC-Date".into()),
    }
}

fn read_all(bytes: &[u8], compression: Compression, fields: Fields, limits: Limits) -> Vec<Item> {
    let mut reader =
        JsonlReader::new(bytes, compression, "f.jsonl".into(), fields, limits).unwrap();
    let mut items = Vec::new();
    while let Some(item) = reader.next().unwrap() {
        items.push(item);
    }
    assert!(reader.next().unwrap().is_none(), "the end stays the end");
    items
}

fn plain(input: &[u8]) -> Vec<Item> {
    read_all(input, Compression::None, dclm(), LIMITS)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn documents(items: &[Item]) -> Vec<&Document> {
    items.iter().filter_map(|i| if let Item::Document(d) = i { Some(d) } else { None }).collect()
}

/// Kind, row, offset and length of every failure.
fn failures(items: &[Item]) -> Vec<(&'static str, u64, Option<u64>, Option<u64>)> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Failure { kind, row, offset, length, .. } => {
                Some((*kind, *row, *offset, *length))
            }
            Item::Document(_) => None,
        })
        .collect()
}

#[test]
fn a_dclm_line_becomes_a_document() {
    let line = r#"{"text": "Zeile\r\n\u00e9 \u0000", "metadata": {"WARC-Type": "conversion", "WARC-Record-ID": "<urn:uuid:1>", "WARC-Target-URI": "http://a.example/", "WARC-Date": "2024-05-18T01:58:10Z", "x": [1]}, "language": {"en": 0.9}}"#;
    let input = format!("\u{feff}{line}\r\n \n{line}");
    let items = plain(input.as_bytes());
    let length = Some(line.len() as u64);
    let expected = |offset| Document {
        id: "urn:uuid:1".into(),
        url: Some("http://a.example/".into()),
        date_us: Some(1_715_997_490_000_000),
        location: Location { file: "f.jsonl".into(), offset: Some(offset), length },
        text: "Zeile\r\né \0".into(),
        ..Document::default()
    };
    let second = 3 + line.len() as u64 + 2 + 2;
    assert_eq!(items, [Item::Document(expected(3)), Item::Document(expected(second))]);
    assert_eq!(&input.as_bytes()[second as usize..], line.as_bytes());
}

#[test]
fn a_compressed_file_gives_no_location_but_its_failures_an_offset() {
    let input = b"{\"text\": \"a\"}\n{\"text\": 1}\n";
    for (bytes, compression) in [(gzip(input), Compression::Gzip), (zstd(input), Compression::Zstd)]
    {
        let items = read_all(&bytes, compression, dclm(), LIMITS);
        assert_eq!(documents(&items)[0].location.offset, None);
        assert_eq!(documents(&items)[0].location.length, None);
        assert_eq!(failures(&items), [("wrong_type", 1, Some(14), Some(11))]);
    }
}

#[test]
fn ids_fall_back_to_file_and_row() {
    let fields = Fields { id: Some("id".into()), ..Fields::default() };
    let input = br#"
        {"text": "a"}
        {"text": "b", "id": null}
        {"text": "c", "id": "<>"}

        {"text": "d", "id": 12345678901234567890}
        {"text": "e", "id": " <urn:uuid:5> "}
        {"text": "f", "id": "plain<"}
    "#;
    let items = read_all(input, Compression::None, fields, LIMITS);
    let ids: Vec<&str> = documents(&items).iter().map(|d| d.id.as_str()).collect();
    let expected =
        ["f.jsonl:0", "f.jsonl:1", "f.jsonl:2", "12345678901234567890", "urn:uuid:5", "plain<"];
    assert_eq!(ids, expected);
    let unnamed =
        read_all(br#"{"text": "a", "id": "x"}"#, Compression::None, Fields::default(), LIMITS);
    assert_eq!(documents(&unnamed)[0].id, "f.jsonl:0");
}

#[test]
fn every_fault_of_a_line_is_a_failure_and_reading_goes_on() {
    let lines: &[(&[u8], &str)] = &[
        (b"{\"text\": \"cut", "bad_json"),
        (b"[\"text\"]", "not_an_object"),
        (b"{\"Text\": \"case\"}", "missing_text"),
        (b"{\"text\": null}", "missing_text"),
        (b"{\"text\": [\"a\"]}", "wrong_type"),
        (b"{\"text\": \"a\", \"metadata\": {\"WARC-Target-URI\": 1}}", "wrong_type"),
        (b"{\"text\": \"a\", \"metadata\": {\"WARC-Record-ID\": {}}}", "wrong_type"),
        (b"{\"text\": \"\xff\"}", "invalid_utf8"),
        (b"{\"text\": \"a\", \"other\": \"\xc3\"}", "invalid_utf8"),
        (b"{\"text\": \"\\udc00\"}", "lone_surrogate"),
        (b"\0\0\0\0", "bad_json"),
    ];
    let mut input = Vec::new();
    let mut expected = Vec::new();
    for (row, (line, kind)) in lines.iter().enumerate() {
        let offset = Some(input.len() as u64);
        expected.push((*kind, 2 * row as u64, offset, Some(line.len() as u64)));
        input.extend_from_slice(line);
        input.extend_from_slice(b"\n{\"text\": \"good\"}\n");
    }
    let items = plain(&input);
    assert_eq!(failures(&items), expected);
    assert_eq!(documents(&items).len(), lines.len());
}

#[test]
fn a_failure_carries_the_id_where_there_is_one() {
    let items = plain(br#"{"metadata": {"WARC-Record-ID": "<urn:uuid:7>"}}"#);
    let Item::Failure { id, message, rows, .. } = &items[0] else { panic!("{items:?}") };
    assert_eq!((id.as_deref(), *rows), (Some("urn:uuid:7"), 1));
    assert_eq!(message, "`text` is absent or null");
}

#[test]
fn a_date_that_is_none_does_not_cost_the_document() {
    let fields = Fields { date: Some("d".into()), ..Fields::default() };
    let input = b"{\"text\": \"a\", \"d\": \"soon\"}\n{\"text\": \"a\", \"d\": 1715997490}\n";
    let items = read_all(input, Compression::None, fields, LIMITS);
    assert!(documents(&items).iter().all(|d| d.date_us.is_none()));
    assert_eq!(items.len(), 2);
}

#[test]
fn a_line_over_the_cap_is_a_failure_on_both_sides_of_the_threshold() {
    let line = br#"{"text": "1234567890"}"#;
    let input = [line, &b"\n"[..], line].concat();
    let limits = |max_record_bytes| Limits { max_record_bytes };
    let fits = read_all(&input, Compression::None, dclm(), limits(line.len()));
    assert_eq!(documents(&fits).len(), 2);
    let over = read_all(&input, Compression::None, dclm(), limits(line.len() - 1));
    let length = Some(line.len() as u64);
    let kind = "record_too_long";
    assert_eq!(failures(&over), [(kind, 0, Some(0), length), (kind, 1, Some(23), length)]);
}

/// Lines of a size that spreads over many blocks, none like another.
fn many_lines() -> Vec<u8> {
    let mut seed = 1_u64;
    let mut input = Vec::new();
    for i in 0..3000 {
        let mut text = String::new();
        for _ in 0..20 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(i);
            text += &format!("{:x} ", seed >> 16);
        }
        writeln!(input, "{{\"text\": \"{text}\"}}").unwrap();
    }
    input
}

#[test]
fn members_and_frames_are_read_to_the_last() {
    let input = many_lines();
    let pieces = input.chunks(10_007);
    let whole = plain(&input);
    let texts = |items: &[Item]| -> Vec<String> {
        documents(items).iter().map(|d| d.text.clone()).collect()
    };
    assert_eq!(documents(&whole).len(), 3000);
    let mut members = pieces.clone().flat_map(gzip).collect::<Vec<_>>();
    members.extend(gzip(b""));
    members.extend([0; 512]);
    let items = read_all(&members, Compression::Gzip, dclm(), LIMITS);
    assert_eq!(failures(&items), []);
    assert_eq!(texts(&items), texts(&whole));
    let mut frames = pieces.flat_map(zstd).collect::<Vec<_>>();
    // A skippable frame, as `pzstd` writes them.
    frames.extend([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]);
    let items = read_all(&frames, Compression::Zstd, dclm(), LIMITS);
    assert_eq!(failures(&items), []);
    assert_eq!(texts(&items), texts(&whole));
}

#[test]
fn truncation_keeps_what_was_whole_and_ends_with_one_failure() {
    let input = many_lines();
    for (bytes, compression) in
        [(gzip(&input), Compression::Gzip), (zstd(&input), Compression::Zstd)]
    {
        for keep in [1, 3, 9, 17, bytes.len() / 2, bytes.len() - 1] {
            let items = read_all(&bytes[..keep], compression, dclm(), LIMITS);
            let (last, whole) = items.split_last().unwrap();
            assert_eq!(documents(whole).len(), whole.len(), "{compression:?} {keep}");
            let Item::Failure { kind, row, offset, .. } = last else { panic!("{last:?}") };
            assert_eq!((*kind, *row), ("truncated_input", whole.len() as u64));
            let end = input.split_inclusive(|&b| b == b'\n').take(whole.len()).map(<[u8]>::len);
            assert_eq!(*offset, Some(end.sum::<usize>() as u64));
            if keep == bytes.len() / 2 {
                assert!((1000..2000).contains(&whole.len()), "{compression:?} {}", whole.len());
            }
        }
        let empty = read_all(b"", compression, dclm(), LIMITS);
        assert_eq!(failures(&empty), [("truncated_input", 0, Some(0), Some(0))]);
    }
    assert_eq!(plain(b""), []);
}

#[test]
fn corruption_keeps_what_was_decoded_before_it() {
    let input = many_lines();
    for (bytes, compression) in
        [(gzip(&input), Compression::Gzip), (zstd(&input), Compression::Zstd)]
    {
        let trailing = [&bytes[..], b"trailing bytes"].concat();
        let items = read_all(&trailing, compression, dclm(), LIMITS);
        assert_eq!(documents(&items).len(), 3000, "{compression:?}");
        assert_eq!(failures(&items).len(), 1);
        assert_eq!(failures(&items)[0].0, "corrupt_input");

        // The last bytes are a checksum: all lines are read before it is found wrong.
        let mut checksum = bytes.clone();
        *checksum
            .iter_mut()
            .nth_back(if compression == Compression::Gzip { 5 } else { 1 })
            .unwrap() ^= 1;
        let items = read_all(&checksum, compression, dclm(), LIMITS);
        assert_eq!(documents(&items).len(), 3000, "{compression:?}");
        assert_eq!(failures(&items)[0].0, "corrupt_input");

        let mut middle = bytes.clone();
        let half = middle.len() / 2;
        middle[half..half + 64].fill(0xff);
        let items = read_all(&middle, compression, dclm(), LIMITS);
        assert_eq!(failures(&items).last().unwrap().0, "corrupt_input", "{compression:?}");
        let texts = |items: &[Item]| -> Vec<String> {
            documents(items).iter().take(1000).map(|d| d.text.clone()).collect()
        };
        assert_eq!(texts(&items), texts(&plain(&input)), "{compression:?}");
    }
}

#[test]
fn a_plain_file_read_as_compressed_is_corrupt() {
    for compression in [Compression::Gzip, Compression::Zstd] {
        let items = read_all(b"{\"text\": \"a\"}\n", compression, dclm(), LIMITS);
        assert_eq!(failures(&items), [("corrupt_input", 0, Some(0), Some(0))]);
    }
}

#[test]
fn a_zstd_window_over_the_limit_is_refused() {
    // Header: no content size, window of 2^(10 + 21) bytes.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 1, 0, 0];
    let items = read_all(&frame, Compression::Zstd, dclm(), LIMITS);
    let Item::Failure { kind, message, .. } = &items[0] else { panic!("{items:?}") };
    assert_eq!(*kind, "corrupt_input");
    assert!(message.contains("too much memory"), "{message}");
}

#[test]
fn an_error_of_the_reader_is_an_error() {
    struct Bad;
    impl Read for Bad {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("unplugged"))
        }
    }
    let line = b"{\"text\": \"a\"}\n";
    for (bytes, compression) in [
        (line.to_vec(), Compression::None),
        (gzip(line), Compression::Gzip),
        (zstd(line), Compression::Zstd),
    ] {
        let input = (&bytes[..]).chain(Bad);
        let mut reader = JsonlReader::new(input, compression, "f".into(), dclm(), LIMITS).unwrap();
        assert!(matches!(reader.next(), Ok(Some(Item::Document(_)))), "{compression:?}");
        assert_eq!(reader.next().unwrap_err().to_string(), "unplugged");
    }
}

fn compression() -> impl Strategy<Value = Compression> {
    prop::sample::select(vec![Compression::None, Compression::Gzip, Compression::Zstd])
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        start in prop::sample::select(vec![&b""[..], b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"{\"text\""]),
        compression in compression(),
        max_record_bytes in 0_usize..100,
    ) {
        let bytes = [start, &bytes].concat();
        read_all(&bytes, compression, dclm(), Limits { max_record_bytes });
    }

    #[test]
    fn damage_anywhere_ends_in_rows_that_count_up(
        at in 0.0..1.0_f64, flip in 1_u8..=255, compression in compression(),
    ) {
        let input: Vec<u8> = many_lines().into_iter().take(20_000).collect();
        let mut bytes = match compression {
            Compression::None => input.clone(),
            Compression::Gzip => gzip(&input),
            Compression::Zstd => zstd(&input),
        };
        let at = (bytes.len() as f64 * at) as usize;
        bytes[at] ^= flip;
        let items = read_all(&bytes, compression, dclm(), LIMITS);
        prop_assert!(!items.is_empty());
        let rows: u64 = items.len() as u64;
        if let Some(Item::Failure { row, .. }) = items.last() {
            prop_assert_eq!(*row, rows - 1);
        }
    }

    #[test]
    fn documents_come_back_equal(
        rows in prop::collection::vec((any::<String>(), "\\PC{1,8}", prop::option::of("\\PC{0,8}")), 0..20),
        compression in compression(),
        ends in prop::sample::select(vec!["\n", "\r\n", "\n\n"]),
    ) {
        let mut input = Vec::new();
        for (text, id, url) in &rows {
            let line = serde_json::json!({
                "metadata": {"WARC-Record-ID": format!("<id{id}>"), "WARC-Target-URI": url},
                "text": text,
            });
            write!(input, "{line}{ends}").unwrap();
        }
        let bytes = match compression {
            Compression::None => input,
            Compression::Gzip => gzip(&input),
            Compression::Zstd => zstd(&input),
        };
        let items = read_all(&bytes, compression, dclm(), LIMITS);
        prop_assert_eq!(items.len(), rows.len());
        for (document, (text, id, url)) in documents(&items).into_iter().zip(&rows) {
            prop_assert_eq!(&document.text, text);
            prop_assert_eq!(&document.id, &format!("id{id}"));
            prop_assert_eq!(&document.url, url);
        }
    }
}

#[test]
fn the_gold_texts_are_read_whole() {
    let data = std::env::var("GRISTMILL_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
    let path = std::path::Path::new(&data).join("gold/gold.jsonl.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: no {}", path.display());
        return;
    };
    let fields = Fields { id: Some("record_id".into()), ..Fields::default() };
    let mut reader =
        JsonlReader::new(file, Compression::Gzip, "gold".into(), fields, LIMITS).unwrap();
    let lines =
        io::BufReader::new(flate2::read::MultiGzDecoder::new(std::fs::File::open(&path).unwrap()));
    let mut rows = 0;
    for line in io::BufRead::lines(lines) {
        let expected: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let Some(Item::Document(document)) = reader.next().unwrap() else { panic!("row {rows}") };
        assert_eq!(expected["text"], document.text);
        assert_eq!(expected["record_id"], format!("<{}>", document.id));
        rows += 1;
    }
    assert_eq!(reader.next().unwrap(), None);
    assert!(rows > 1000, "{rows}");
}
