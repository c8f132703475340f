//! `data/part-NNNNN.jsonl`, plain or compressed: one JSON object a line.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use super::parts::{Part, Parts, subdirectory};
use super::{CutDocument, Target, Writer, wrong};
use crate::store::{SealedFile, StoreError, WholeFile};

/// zstd's own default, and what the published pools have.
const ZSTD_LEVEL: i32 = 3;

/// How lines are compressed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Coding {
    Plain,
    Gzip,
    Zstd,
}

impl Coding {
    fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "jsonl",
            Self::Gzip => "jsonl.gz",
            Self::Zstd => "jsonl.zst",
        }
    }
}

pub(super) fn begin(target: &Target, coding: Coding) -> Result<Box<dyn Writer>, StoreError> {
    let directory = subdirectory(target, "data")?;
    let keys = target.dedups.iter().map(|dedup| format!("{dedup}_cluster_size"));
    let cluster_keys: Arc<[String]> = keys.collect();
    Parts::begin(target, target.part_bytes, move |number| {
        let place = directory.join(format!("part-{number:05}.{}", coding.suffix()));
        let lines = Lines::create(place, coding)?;
        Ok(JsonlPart { lines, cluster_keys: cluster_keys.clone() })
    })
}

struct JsonlPart {
    lines: Lines,
    cluster_keys: Arc<[String]>,
}

impl Part for JsonlPart {
    fn write(&mut self, document: &CutDocument) -> Result<(), StoreError> {
        if document.cluster_sizes.len() != self.cluster_keys.len() {
            return Err(wrong(self.lines.place(), "as many cluster sizes as dedups are asked for"));
        }
        self.lines.write(&Row { document, cluster_keys: &self.cluster_keys })
    }

    fn seal(self) -> Result<Vec<SealedFile>, StoreError> {
        Ok(vec![self.lines.seal()?])
    }
}

/// A document as a line; every key is on every line, so that readers that look at the first lines
/// see them all.
struct Row<'a> {
    document: &'a CutDocument,
    cluster_keys: &'a [String],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let CutDocument { document, domain, cluster_sizes, .. } = self.document;
        let mut map = serializer.serialize_map(Some(8 + self.cluster_keys.len()))?;
        map.serialize_entry("id", &document.id)?;
        map.serialize_entry("text", &document.text)?;
        map.serialize_entry("url", &document.url)?;
        // ISO 8601 in UTC; fractions of a second only where there are any.
        let date = document.date_us.and_then(|date| Timestamp::from_microsecond(date).ok());
        map.serialize_entry("date", &date.map(|date| date.to_string()))?;
        map.serialize_entry("domain", domain)?;
        map.serialize_entry("title", &document.title)?;
        map.serialize_entry("author", &document.author)?;
        map.serialize_entry("published", &document.published.map(|day| day.to_string()))?;
        for (key, size) in self.cluster_keys.iter().zip(cluster_sizes) {
            map.serialize_entry(key, size)?;
        }
        map.end()
    }
}

/// A file of lines.
pub(super) struct Lines {
    place: PathBuf,
    sink: Sink,
    line: Vec<u8>,
    count: u64,
}

enum Sink {
    Plain(WholeFile),
    Gzip(GzEncoder<WholeFile>),
    Zstd(zstd::Encoder<'static, WholeFile>),
}

impl Lines {
    pub(super) fn create(place: PathBuf, coding: Coding) -> Result<Self, StoreError> {
        let file = WholeFile::create(place.clone())?;
        let sink = match coding {
            Coding::Plain => Sink::Plain(file),
            // Its header has no time and no name.
            Coding::Gzip => Sink::Gzip(GzEncoder::new(file, Compression::default())),
            Coding::Zstd => {
                let encoder = zstd::Encoder::new(file, ZSTD_LEVEL).and_then(|mut encoder| {
                    encoder.include_checksum(true)?;
                    Ok(encoder)
                });
                Sink::Zstd(encoder.map_err(|error| StoreError::new(&place, error))?)
            }
        };
        Ok(Self { place, sink, line: Vec::new(), count: 0 })
    }

    pub(super) fn place(&self) -> &Path {
        &self.place
    }

    /// Appends a line.
    pub(super) fn write(&mut self, row: &impl Serialize) -> Result<(), StoreError> {
        self.line.clear();
        let line = serde_json::to_writer(&mut self.line, row).map_err(io::Error::from);
        self.line.push(b'\n');
        let sink: &mut dyn Write = match &mut self.sink {
            Sink::Plain(file) => file,
            Sink::Gzip(encoder) => encoder,
            Sink::Zstd(encoder) => encoder,
        };
        let written = line.and_then(|()| sink.write_all(&self.line));
        written.map_err(|error| StoreError::new(&self.place, error))?;
        self.count += 1;
        Ok(())
    }

    /// Appends lines as they are, which are `rows`.
    pub(super) fn write_text(&mut self, text: &str, rows: u64) -> Result<(), StoreError> {
        let sink: &mut dyn Write = match &mut self.sink {
            Sink::Plain(file) => file,
            Sink::Gzip(encoder) => encoder,
            Sink::Zstd(encoder) => encoder,
        };
        let written = sink.write_all(text.as_bytes());
        self.count += rows;
        written.map_err(|error| StoreError::new(&self.place, error))
    }

    pub(super) fn seal(self) -> Result<SealedFile, StoreError> {
        let file = match self.sink {
            Sink::Plain(file) => Ok(file),
            Sink::Gzip(encoder) => encoder.finish(),
            Sink::Zstd(encoder) => encoder.finish(),
        };
        file.map_err(|error| StoreError::new(&self.place, error))?.seal(self.count)
    }
}
