//! What a file name says about a file: the format of a shard, its compression, or a path list.

/// Format of a shard's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// WARC records: WARC, WET or WAT, plain or gzip.
    Warc,
    /// One JSON object a line: plain, gzip or zstd.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// Compression of a whole shard (Parquet compresses inside and counts as `None`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Stored as it is.
    None,
    /// Gzip, of one member or of many.
    Gzip,
    /// Zstandard, of one frame or of many.
    Zstd,
}

/// Every suffix a shard is known by, longest first where one ends another.
const SUFFIXES: &[(&str, Format)] = &[
    (".warc.wet.gz", Format::Warc),
    (".warc.wat.gz", Format::Warc),
    (".warc.wet", Format::Warc),
    (".warc.wat", Format::Warc),
    (".warc.gz", Format::Warc),
    (".wet.gz", Format::Warc),
    (".wat.gz", Format::Warc),
    (".warc", Format::Warc),
    (".wet", Format::Warc),
    (".wat", Format::Warc),
    (".jsonl.gz", Format::Jsonl),
    (".jsonl.zst", Format::Jsonl),
    (".ndjson.gz", Format::Jsonl),
    (".ndjson.zst", Format::Jsonl),
    (".json.gz", Format::Jsonl),
    (".json.zst", Format::Jsonl),
    (".jsonl", Format::Jsonl),
    (".ndjson", Format::Jsonl),
    (".json", Format::Jsonl),
    (".parquet", Format::Parquet),
];

/// The known suffixes as messages name them.
pub(super) const KNOWN: &str = ".warc .wet .wat (plain or .gz), .jsonl .ndjson .json (plain, .gz \
                                or .zst), .parquet";

/// Suffixes of path lists.
const LISTS: &[&str] = &[".paths", ".paths.gz", ".txt", ".txt.gz", ".lst", ".lst.gz"];

impl Format {
    /// The format that a file name ends in, in any letter case; `None` where it says none.
    pub fn from_name(name: &str) -> Option<Self> {
        known_suffix(name).map(|(_, format)| format)
    }
}

impl Compression {
    /// The compression that a file name ends in: `.gz`, `.zst`, or none.
    pub fn from_name(name: &str) -> Self {
        if ends_with(name, ".gz") {
            Self::Gzip
        } else if ends_with(name, ".zst") {
            Self::Zstd
        } else {
            Self::None
        }
    }
}

/// The file name without its known suffix; without `.gz` or `.zst` where it has no other.
pub(super) fn stem(name: &str) -> &str {
    let suffix = match known_suffix(name) {
        Some((suffix, _)) => suffix,
        None => [".gz", ".zst"].into_iter().find(|s| ends_with(name, s)).unwrap_or(""),
    };
    &name[..name.len() - suffix.len()]
}

/// Whether a file of this name lists shards, one a line.
pub(super) fn is_path_list(name: &str) -> bool {
    LISTS.iter().any(|suffix| ends_with(name, suffix))
}

fn known_suffix(name: &str) -> Option<(&'static str, Format)> {
    SUFFIXES.iter().copied().find(|(suffix, _)| ends_with(name, suffix))
}

/// Suffixes are ASCII, so the cut before one that matches is a character boundary.
fn ends_with(name: &str, suffix: &str) -> bool {
    name.len() >= suffix.len()
        && name.as_bytes()[name.len() - suffix.len()..].eq_ignore_ascii_case(suffix.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_format_compression_and_stem() {
        let known = |name| (Format::from_name(name), Compression::from_name(name), stem(name));
        use Compression::{Gzip, None as Plain, Zstd};
        use Format::{Jsonl, Parquet, Warc};
        assert_eq!(known("a.warc"), (Some(Warc), Plain, "a"));
        assert_eq!(known("a.WARC.GZ"), (Some(Warc), Gzip, "a"));
        assert_eq!(known("CC-MAIN-1.warc.wet.gz"), (Some(Warc), Gzip, "CC-MAIN-1"));
        assert_eq!(known("a.wet"), (Some(Warc), Plain, "a"));
        assert_eq!(known("a.wat"), (Some(Warc), Plain, "a"));
        assert_eq!(known("a.jsonl.zst"), (Some(Jsonl), Zstd, "a"));
        assert_eq!(known("c4-train.00000-of-01024.json.gz").2, "c4-train.00000-of-01024");
        assert_eq!(known("a.ndjson"), (Some(Jsonl), Plain, "a"));
        assert_eq!(known("000_00000.parquet"), (Some(Parquet), Plain, "000_00000"));
        assert_eq!(known("a.snappy.parquet"), (Some(Parquet), Plain, "a.snappy"));
        assert_eq!(known("notes.md"), (None, Plain, "notes.md"));
        assert_eq!(known("blob.zst"), (None, Zstd, "blob"));
        // WARC is read plain or gzip; another compression is another format.
        assert_eq!(Format::from_name("a.warc.zst"), None);
        assert_eq!(known("日本語é"), (None, Plain, "日本語é"));
    }

    #[test]
    fn path_lists_are_known_by_name() {
        for name in ["paths.txt", "warc.paths", "wet.paths.gz", "mine.lst", "a.txt.gz"] {
            assert!(is_path_list(name), "{name}");
        }
        assert!(!is_path_list("a.warc.gz") && !is_path_list("paths"));
    }
}
