//! The text pools of `fixtures/`: the same six documents as JSONL and as Parquet.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::json;

use crate::common::text;
use crate::common::warc::WarcWriter;
use crate::crawl::source;

/// The number that stands for the pool in the ids of its rows.
const POOL: u32 = 3;

struct Row {
    text: String,
    id: String,
    url: &'static str,
    date: String,
}

fn rows() -> Vec<Row> {
    let pages = [
        ("news-harbour.html", "https://www.marrow-bay-courier.example/news/harbour-bridge"),
        ("blog-bicycle.html", "https://slow-workshop.example/2025/02/old-bicycle"),
        ("essay-night-train.html", "https://window-seat.example/night"),
        ("spam-gnomes.html", "http://cheap-garden-gnomes.example/best/gnomes"),
        ("german-moor.html", "https://www.hallener-bruch.example/moor"),
        ("interview-beekeeper.html", "https://hedgerow.example/bees"),
    ];
    (1..)
        .zip(pages)
        .map(|(number, (file, url))| Row {
            text: text::of_article(&source(file)),
            id: WarcWriter::id(POOL, number),
            url,
            date: format!("2025-03-05T12:00:{number:02}Z"),
        })
        .collect()
}

/// Six rows as DCLM has them, one that is no JSON and one without text.
pub(crate) fn jsonl() -> Vec<u8> {
    let mut lines = String::new();
    for (at, row) in rows().iter().enumerate() {
        let metadata = json!({
            "Content-Type": "text/plain",
            "WARC-Date": row.date,
            "WARC-Record-ID": format!("<{}>", row.id),
            "WARC-Target-URI": row.url,
            "WARC-Type": "conversion",
        });
        let _ = writeln!(lines, "{}", json!({ "metadata": metadata, "text": row.text }));
        if at == 2 {
            lines +=
                "{\"metadata\": {\"WARC-Type\": \"conversion\"}, \"text\": \"cut off in the mid\n";
        }
        if at == 4 {
            let metadata = json!({
                "WARC-Record-ID": format!("<{}>", WarcWriter::id(POOL, 99)),
                "WARC-Target-URI": "https://valley.example/minutes/1987",
            });
            let _ = writeln!(lines, "{}", json!({ "metadata": metadata }));
        }
    }
    lines.into_bytes()
}

/// The six rows with the columns of FineWeb that matter here.
pub(crate) fn batch() -> RecordBatch {
    let rows = rows();
    let column = |value: fn(&Row) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(value)))
    };
    RecordBatch::try_from_iter([
        ("text", column(|row| row.text.clone())),
        ("id", column(|row| format!("<{}>", row.id))),
        ("dump", column(|_| "GRISTMILL-FIXTURES".into())),
        ("url", column(|row| row.url.into())),
        ("date", column(|row| row.date.clone())),
    ])
    .expect("columns are of one length")
}

/// [`batch`] as a file. Its bytes may change with the versions of the libraries.
pub(crate) fn parquet() -> Vec<u8> {
    let batch = batch();
    let level = ZstdLevel::try_new(9).expect("zstd has this level");
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties))
        .expect("strings can be written");
    writer.write(&batch).expect("a vector takes all bytes");
    writer.close().expect("a vector takes all bytes");
    file
}
