use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::*;
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use proptest::prelude::*;

use super::*;
use crate::document::Document;

const LIMITS: Limits = Limits { max_record_bytes: 1 << 20 };

fn fields(text: &str, id: &str, url: &str, date: &str) -> Fields {
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    Fields { text: text.into(), id: named(id), url: named(url), date: named(date) }
}

struct Pool {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl Pool {
    fn of(bytes: &[u8]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.parquet");
        fs::write(&path, bytes).unwrap();
        Self { _directory: directory, path }
    }

    fn open(&self, fields: &Fields) -> Result<ParquetReader, OpenError> {
        assert_eq!(
            check(&self.path, fields).map_err(|e| e.to_string()).err(),
            ParquetReader::open(&self.path, "f".into(), fields.clone(), LIMITS)
                .map_err(|e| e.to_string())
                .err(),
            "the check of a plan says what opening says"
        );
        ParquetReader::open(&self.path, "f".into(), fields.clone(), LIMITS)
    }

    fn read(&self, fields: &Fields) -> Vec<Item> {
        all(self.open(fields).unwrap())
    }
}

fn all(mut reader: ParquetReader) -> Vec<Item> {
    let mut items = Vec::new();
    while let Some(item) = reader.next().unwrap() {
        items.push(item);
    }
    assert!(reader.next().unwrap().is_none(), "the end stays the end");
    items
}

fn documents(items: &[Item]) -> Vec<&Document> {
    items.iter().filter_map(|i| if let Item::Document(d) = i { Some(d) } else { None }).collect()
}

/// Kind, row and number of rows of every failure.
fn failures(items: &[Item]) -> Vec<(&'static str, u64, u64)> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Failure { kind, row, rows, offset: None, length: None, .. } => {
                Some((*kind, *row, *rows))
            }
            Item::Failure { .. } => panic!("a position in Parquet says nothing"),
            Item::Document(_) => None,
        })
        .collect()
}

fn write(columns: Vec<(&str, ArrayRef)>, properties: WriterProperties) -> Vec<u8> {
    // By hand, since `try_from_iter` takes a column without nulls for one that can have none.
    let nullable = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect::<Vec<_>>();
    let schema = Arc::new(arrow_schema::Schema::new(nullable));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn pool(columns: Vec<(&str, ArrayRef)>) -> Pool {
    Pool::of(&write(columns, WriterProperties::default()))
}

fn strings(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

#[test]
fn a_fineweb_row_becomes_a_document() {
    let pool = pool(vec![
        ("text", strings(&[Some("One\r\n\u{a0}two\0"), Some("")])),
        ("id", strings(&[Some("<urn:uuid:1>"), None])),
        ("url", strings(&[Some("http://a.example/"), None])),
        ("date", strings(&[Some("2013-05-18T05:48:54Z"), Some("soon")])),
        ("language_score", Arc::new(Float64Array::from(vec![0.9, 0.8]))),
    ]);
    let items = pool.read(&fields("text", "id", "url", "date"));
    let location = Location { file: "f".into(), offset: None, length: None };
    let first = Document {
        id: "urn:uuid:1".into(),
        url: Some("http://a.example/".into()),
        date_us: Some(1_368_856_134_000_000),
        location: location.clone(),
        text: "One\r\n\u{a0}two\0".into(),
        ..Document::default()
    };
    let second = Document { id: "f:1".into(), location, ..Document::default() };
    assert_eq!(items, [Item::Document(first), Item::Document(second)]);
}

#[test]
fn every_way_to_store_strings_is_read() {
    let values = ["a", "日本", "a", ""];
    let arrays: [ArrayRef; 7] = [
        Arc::new(StringArray::from(values.to_vec())),
        Arc::new(LargeStringArray::from(values.to_vec())),
        Arc::new(StringViewArray::from(values.to_vec())),
        Arc::new(values.into_iter().collect::<DictionaryArray<Int32Type>>()),
        Arc::new(BinaryArray::from_vec(values.map(str::as_bytes).to_vec())),
        Arc::new(LargeBinaryArray::from_vec(values.map(str::as_bytes).to_vec())),
        Arc::new(BinaryViewArray::from_iter_values(values)),
    ];
    for array in arrays {
        let name = array.data_type().clone();
        let items = pool(vec![("text", array)]).read(&Fields::default());
        let texts: Vec<&str> = documents(&items).iter().map(|d| d.text.as_str()).collect();
        assert_eq!(texts, values, "{name}");
    }
}

#[test]
fn every_codec_is_read() {
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::GZIP(Default::default()),
        Compression::BROTLI(Default::default()),
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        let properties = WriterProperties::builder().set_compression(codec).build();
        let long = "text ".repeat(1000);
        let bytes = write(vec![("text", strings(&[Some(&long)]))], properties);
        assert_eq!(documents(&Pool::of(&bytes).read(&Fields::default()))[0].text, long, "{codec}");
    }
}

#[test]
fn dots_reach_into_structs_and_literal_names_win() {
    let leaf = Arc::new(Field::new("WARC-Record-ID", DataType::Utf8, false));
    let required = StructArray::new(
        vec![leaf].into(),
        vec![strings(&[Some("<nested>"), Some("hidden by a null struct")])],
        Some(NullBuffer::from(vec![true, false])),
    );
    let text = strings(&[Some("a"), Some("b")]);
    let nested = pool(vec![("text", text.clone()), ("metadata", Arc::new(required.clone()))]);
    let wanted = fields("text", "metadata.WARC-Record-ID", "", "");
    let items = nested.read(&wanted);
    let ids: Vec<&str> = documents(&items).iter().map(|d| d.id.as_str()).collect();
    assert_eq!(ids, ["nested", "f:1"]);
    let literal = pool(vec![
        ("text", text),
        ("metadata", Arc::new(required)),
        ("metadata.WARC-Record-ID", strings(&[Some("literal"), Some("x")])),
    ]);
    assert_eq!(documents(&literal.read(&wanted))[0].id, "literal");
}

#[test]
fn times_of_every_unit_are_microseconds() {
    let us = 1_368_856_134_000_000;
    let times: [ArrayRef; 5] = [
        Arc::new(TimestampMillisecondArray::from(vec![us / 1000])),
        Arc::new(TimestampMicrosecondArray::from(vec![us]).with_timezone("UTC")),
        Arc::new(TimestampNanosecondArray::from(vec![us * 1000]).with_timezone("+02:00")),
        Arc::new(StringArray::from(vec!["2013-05-18T07:48:54+02:00"])),
        Arc::new(Date32Array::from(vec![15_843])),
    ];
    for times in times {
        let day = *times.data_type() == DataType::Date32;
        let expected = if day { 15_843 * 86_400 * 1_000_000 } else { us };
        let name = times.data_type().clone();
        let pool = pool(vec![("text", strings(&[Some("a")])), ("date", times)]);
        let items = pool.read(&fields("text", "", "", "date"));
        assert_eq!(documents(&items)[0].date_us, Some(expected), "{name}");
    }
}

#[test]
fn integers_can_be_ids() {
    let ids: [(ArrayRef, &str); 3] = [
        (Arc::new(Int64Array::from(vec![Some(-3), None])), "-3"),
        (Arc::new(UInt64Array::from(vec![Some(u64::MAX), None])), "18446744073709551615"),
        (Arc::new(Int8Array::from(vec![Some(7), None])), "7"),
    ];
    for (ids, expected) in ids {
        let pool = pool(vec![("text", strings(&[Some("a"), Some("b")])), ("id", ids)]);
        let items = pool.read(&fields("text", "id", "", ""));
        let ids: Vec<&str> = documents(&items).iter().map(|d| d.id.as_str()).collect();
        assert_eq!(ids, [expected, "f:1"]);
    }
}

#[test]
fn columns_that_cannot_serve_are_all_named_at_open() {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])]);
    let pool = pool(vec![
        ("content", strings(&[Some("a")])),
        (
            "meta",
            Arc::new(StructArray::from(vec![(
                Arc::new(Field::new("url", DataType::Utf8, true)),
                strings(&[Some("u")]),
            )])),
        ),
        ("tokens", Arc::new(list)),
        ("score", Arc::new(Float64Array::from(vec![1.0]))),
    ]);
    let Err(OpenError::Columns(faults)) = pool.open(&fields("text", "tokens", "meta", "score"))
    else {
        panic!("opened")
    };
    let messages: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "text: no column `text`; the columns are: content, meta.url, tokens.list.item, score",
            "id: column `tokens` is a list, not a string or an integer",
            "url: column `meta` is a struct, not a string",
            "date: column `score` is Float64, not a string, a timestamp or a date",
        ]
    );
    assert!(pool.open(&fields("content", "tokens.list.item", "", "")).is_err());
    assert_eq!(documents(&pool.read(&fields("content", "", "meta.url", ""))).len(), 1);
}

#[test]
fn a_column_that_is_null_throughout_gives_nothing_and_cannot_be_the_text() {
    let pool = pool(vec![("text", strings(&[Some("a")])), ("none", Arc::new(NullArray::new(1)))]);
    let items = pool.read(&fields("text", "none", "none", "none"));
    assert_eq!(documents(&items)[0].id, "f:0");
    assert!(pool.open(&fields("none", "", "", "")).is_err());
}

#[test]
fn a_row_without_text_is_a_failure_with_its_id() {
    let pool = pool(vec![
        ("text", strings(&[Some("a"), None, Some("c")])),
        ("id", strings(&[Some("1"), Some("2"), Some("3")])),
    ]);
    let items = pool.read(&fields("text", "id", "", ""));
    assert_eq!(failures(&items), [("missing_text", 1, 1)]);
    let Item::Failure { id, .. } = &items[1] else { panic!("{items:?}") };
    assert_eq!(id.as_deref(), Some("2"));
    assert_eq!(documents(&items).len(), 2);
}

#[test]
fn a_text_over_the_cap_is_a_failure_on_both_sides_of_the_threshold() {
    let pool = pool(vec![("text", strings(&[Some("1234"), Some("12345")]))]);
    let limits = Limits { max_record_bytes: 4 };
    let reader = ParquetReader::open(&pool.path, "f".into(), Fields::default(), limits).unwrap();
    assert_eq!(failures(&all(reader)), [("record_too_long", 1, 1)]);
}

#[test]
fn a_string_that_is_no_utf8_costs_its_row_alone() {
    let schema = "message m { required binary text (STRING); optional binary url (STRING); }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts: [&[u8]; 4] = [b"a", b"\xff", b"c", b"d"];
    let urls: [&[u8]; 4] = [b"u", b"u", b"\xc3", b"u"];
    for values in [texts, urls] {
        let values = values.map(|v| ByteArray::from(v.to_vec()));
        let mut column = group.next_column().unwrap().unwrap();
        let levels = Some(&[1_i16; 4][..]);
        column.typed::<ByteArrayType>().write_batch(&values, levels, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    let pool = Pool::of(&writer.into_inner().unwrap());
    let items = pool.read(&fields("text", "", "url", ""));
    assert_eq!(failures(&items), [("invalid_utf8", 1, 1), ("invalid_utf8", 2, 1)]);
    assert_eq!(documents(&items).len(), 2);
}

/// 3 row groups of 400 rows, 20 rows a page.
fn paged() -> (Vec<u8>, Vec<String>) {
    let texts: Vec<String> = (0..1200).map(|i: u32| format!("{i} ").repeat(50)).collect();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(400))
        .set_data_page_row_count_limit(20)
        .set_write_batch_size(10)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let array = Arc::new(StringArray::from_iter_values(&texts)) as ArrayRef;
    (write(vec![("text", array.clone()), ("other", array)], properties), texts)
}

#[test]
fn a_damaged_page_costs_the_rest_of_its_row_group() {
    let (mut bytes, texts) = paged();
    let metadata = SerializedFileReader::new(bytes::Bytes::from(bytes.clone())).unwrap();
    let group = metadata.metadata().row_group(1);
    assert_eq!(metadata.metadata().num_row_groups(), 3);
    let (start, length) = group.column(0).byte_range();
    let middle = (start + length / 2) as usize;
    bytes[middle..middle + 200].fill(0xff);
    // The column that nobody asked for is damaged as well, which nobody notices.
    let (start, _) = metadata.metadata().row_group(0).column(1).byte_range();
    bytes[start as usize..start as usize + 50].fill(0xff);
    let items = Pool::of(&bytes).read(&Fields::default());
    let failures = failures(&items);
    let [(kind, row, rows)] = failures[..] else { panic!("{failures:?}") };
    assert_eq!((kind, row + rows), ("corrupt_input", 800));
    // Whole pages of 20 rows before the damage are kept, although batches are longer.
    assert!((500..700).contains(&row) && row % 20 == 0, "{row}");
    let kept: Vec<&str> = documents(&items).iter().map(|d| d.text.as_str()).collect();
    let expected: Vec<&str> =
        texts[..row as usize].iter().chain(&texts[800..]).map(String::as_str).collect();
    assert_eq!(kept, expected);
    assert_eq!(documents(&items).last().unwrap().id, "f:1199");
}

#[test]
fn what_is_no_parquet_file_is_refused_at_open() {
    let (bytes, _) = paged();
    for bytes in
        [&b""[..], b"PAR1", b"{\"text\": \"a\"}\n{\"text\": \"b\"}\n", &bytes[..bytes.len() - 9]]
    {
        let error = Pool::of(bytes).open(&Fields::default()).err().unwrap();
        assert!(matches!(error, OpenError::Corrupt(_)), "{error}");
    }
    let error = check(Path::new("/no/such/file"), &Fields::default()).unwrap_err();
    assert!(matches!(error, OpenError::Io(_)), "{error}");
}

#[test]
fn no_rows_are_no_items() {
    assert_eq!(pool(vec![("text", strings(&[]))]).read(&Fields::default()), []);
}

#[test]
fn a_dictionary_is_not_multiplied_by_its_rows() {
    let text = "x".repeat(1 << 16);
    let keys = Int32Array::from(vec![0; 2000]);
    let array = DictionaryArray::new(keys, Arc::new(StringArray::from(vec![text.as_str()])));
    let mut reader = pool(vec![("text", Arc::new(array))]).open(&Fields::default()).unwrap();
    let Some(Item::Document(document)) = reader.next().unwrap() else { panic!("no document") };
    assert_eq!(document.text, text);
    let batch = reader.batch.as_ref().unwrap();
    let held_bytes = batch.text_memory_bytes();
    assert!(batch.rows > 500 && held_bytes < 1 << 20, "{} rows in {held_bytes}", batch.rows);
}

#[test]
fn the_oracle_texts_are_read_whole() {
    let data = std::env::var("GRISTMILL_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
    let path = Path::new(&data).join("oracle/texts.parquet");
    if !path.exists() {
        eprintln!("SKIPPED: no {}", path.display());
        return;
    }
    let reader = ParquetReader::open(&path, "f".into(), Fields::default(), LIMITS).unwrap();
    let items = all(reader);
    let plain = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
    let expected: Vec<String> = plain
        .build()
        .unwrap()
        .flat_map(|batch| {
            let column = batch.unwrap().column_by_name("text").unwrap().clone();
            let column = arrow_cast::cast(&column, &DataType::Utf8).unwrap();
            let strings = column.as_any().downcast_ref::<StringArray>().unwrap();
            strings.iter().map(|s| s.unwrap().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    assert!(expected.len() > 1000);
    assert!(documents(&items).iter().map(|d| &d.text).eq(&expected));
}

proptest! {
    #[test]
    fn documents_come_back_equal(
        rows in prop::collection::vec(
            (any::<String>(), "\\PC{1,8}", prop::option::of(any::<String>()),
             prop::option::of(any::<i32>())), 0..40),
        group_rows in 1_usize..20,
        page_rows in 1_usize..20,
        dictionary in any::<bool>(),
    ) {
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(group_rows))
            .set_data_page_row_count_limit(page_rows)
            .set_write_batch_size(1)
            .set_dictionary_enabled(dictionary)
            .build();
        let times = rows.iter().map(|r| r.3.map(i64::from)).collect::<TimestampMicrosecondArray>();
        prop_assert_eq!(times.data_type(), &DataType::Timestamp(TimeUnit::Microsecond, None));
        let bytes = write(vec![
            ("text", Arc::new(rows.iter().map(|r| Some(&r.0)).collect::<StringArray>())),
            ("id", Arc::new(rows.iter().map(|r| Some(format!("<id{}>", r.1))).collect::<StringArray>())),
            ("url", Arc::new(rows.iter().map(|r| r.2.as_ref()).collect::<StringArray>())),
            ("date", Arc::new(times)),
        ], properties);
        let items = Pool::of(&bytes).read(&fields("text", "id", "url", "date"));
        prop_assert_eq!(items.len(), rows.len());
        for (document, (text, id, url, date)) in documents(&items).into_iter().zip(&rows) {
            prop_assert_eq!(&document.text, text);
            prop_assert_eq!(&document.id, &format!("id{id}"));
            prop_assert_eq!(&document.url, url);
            prop_assert_eq!(document.date_us, date.map(i64::from));
        }
    }

    #[test]
    fn damage_anywhere_accounts_for_every_row(
        at in prop::collection::vec((0.0..1.0_f64, 1_u8..=255), 1..4),
        // The metadata at the end is a small part of the file: half of the cases aim at it.
        end in any::<bool>(),
    ) {
        let (mut bytes, _) = paged();
        let length = bytes.len();
        for (at, flip) in at {
            let part = if end { length.min(6000) } else { length };
            bytes[length - part + (part as f64 * at) as usize] ^= flip;
        }
        let pool = Pool::of(&bytes);
        let opened = ParquetReader::open(&pool.path, "f".into(), Fields::default(), LIMITS);
        if let Ok(reader) = opened {
            let rows = reader.metadata.metadata().row_groups().iter().map(|g| g.num_rows().max(0) as u64);
            let rows: u64 = rows.fold(0, u64::saturating_add);
            // A damaged count can claim more rows than the test has time for; none is read.
            let items = all(reader);
            let found: u64 = items.iter().map(|item| match item {
                Item::Document(_) => 1,
                Item::Failure { rows, .. } => *rows,
            }).fold(0, u64::saturating_add);
            prop_assert_eq!(found, rows);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), framed in any::<bool>()) {
        let bytes = if framed {
            let length = (bytes.len() as u32).to_le_bytes();
            [b"PAR1", &bytes[..], &length, b"PAR1"].concat()
        } else {
            bytes
        };
        drop(Pool::of(&bytes).open(&Fields::default()));
    }
}
