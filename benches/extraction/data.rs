//! Pages of the crawl, and those of them that have gold text.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use gristmill::extract::decode;
use gristmill::warc::{self, Item, Reader, RecordKind, http};

/// A page of the crawl.
pub(crate) struct Page {
    /// Its record's id, without angle brackets.
    pub(crate) id: String,
    /// Its characters.
    pub(crate) html: String,
}

/// A page that has gold text.
pub(crate) struct GoldPage {
    pub(crate) id: String,
    pub(crate) html: String,
    /// The text that people, or in some sets other programs, found to be its main content.
    pub(crate) gold: String,
    /// The data set.
    pub(crate) set: String,
    /// Pages that go to one part together.
    pub(crate) group: String,
    /// Whether the content model has seen it: `train`, `held_out`; `no_gold` where
    /// the gold text is none.
    pub(crate) part: String,
}

/// Where crawl and gold text are, if they are anywhere.
pub(crate) fn directory() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = std::env::var_os("GRISTMILL_DATA")
        .map_or_else(|| root.join("../shared/data"), PathBuf::from);
    data.join("gold/gold.jsonl.gz").is_file().then_some(data)
}

/// All pages of the crawl, in order.
pub(crate) fn crawl_pages(data: &Path) -> Vec<Page> {
    let directory = std::fs::read_dir(data.join("corpus")).unwrap();
    let mut shards: Vec<PathBuf> = directory
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".warc.gz"))
        .collect();
    shards.sort();
    let mut pages = Vec::new();
    for shard in shards {
        let file = BufReader::new(File::open(shard).unwrap());
        let mut reader = Reader::new(file, warc::Limits::default());
        while let Some(item) = reader.next().unwrap() {
            let Item::Record(record) = item else { continue };
            if record.kind != RecordKind::Response {
                continue;
            }
            let Ok(response) = http::parse(&record.block, 32 << 20) else { continue };
            let charset = response.head.content_type().and_then(|content| content.charset);
            let html = decode(&response.body.bytes, charset.as_deref()).text.into_owned();
            pages.push(Page { id: record.record_id().unwrap_or_default().to_owned(), html });
        }
    }
    pages
}

/// The pages that have gold text, in the order of `split.tsv`.
pub(crate) fn gold_pages(data: &Path) -> Vec<GoldPage> {
    let file = BufReader::new(File::open(data.join("gold/gold.jsonl.gz")).unwrap());
    let mut gold: HashMap<String, String> = BufReader::new(MultiGzDecoder::new(file))
        .lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            let id = row["record_id"].as_str().unwrap().trim_matches(['<', '>']);
            (id.to_owned(), row["text"].as_str().unwrap().to_owned())
        })
        .collect();
    let mut pages: HashMap<String, String> =
        crawl_pages(data).into_iter().map(|page| (page.id, page.html)).collect();
    let rows = include_str!("split.tsv").lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let fields: Vec<&str> = row.split('\t').collect();
        let [id, set, group, part] = fields[..] else { panic!("a row of four: {row}") };
        GoldPage {
            id: id.to_owned(),
            html: pages.remove(id).unwrap_or_else(|| panic!("{id} is in the crawl")),
            gold: gold.remove(id).unwrap_or_else(|| panic!("{id} has gold text")),
            set: set.to_owned(),
            group: group.to_owned(),
            part: part.to_owned(),
        }
    })
    .collect()
}
