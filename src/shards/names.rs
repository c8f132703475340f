//! Names of output files: one a shard, unique over the whole list, safe on every file system.

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::xxh3_64;

use super::format::stem;

/// Most bytes of a name; with the longest suffix of an output it stays below the 255 bytes that
/// file systems allow.
const MAX_NAME_BYTES: usize = 150;
/// `-` and eight hexadecimal digits.
const HASH_BYTES: usize = 9;

/// One name a shard, in order, from the paths as they were given.
///
/// A name is the file name without its known suffixes. Where shards would share one (letter case
/// aside, since some file systems ignore it), each of them gets `-` and the low 32 bits of the
/// XXH3 of its given path; where even those agree, `-2`, `-3`, … in the order of the list.
pub(super) fn names(given: &[&str]) -> Vec<String> {
    let stems: Vec<String> = given.iter().map(|path| safe_stem(path)).collect();
    let mut names: Vec<String> = stems.iter().map(|stem| cut(stem, MAX_NAME_BYTES)).collect();
    // A hashed name can meet the plain name of another shard, which is then hashed as well; each
    // round hashes at least one more, so the rounds end.
    let mut hashed = vec![false; names.len()];
    loop {
        let shared = shared(&names);
        let mut changed = false;
        for i in 0..names.len() {
            if !hashed[i] && shared[i] {
                names[i] = hashed_name(given[i]);
                hashed[i] = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    number_the_rest(&mut names);
    names
}

/// The name of a shard with the hash of its given path, for one whose plain name is taken.
pub fn hashed_name(given: &str) -> String {
    let hash = xxh3_64(given.as_bytes()) as u32;
    format!("{}-{hash:08x}", cut(&safe_stem(given), MAX_NAME_BYTES - HASH_BYTES))
}

/// Whether each name is the name of several.
fn shared(names: &[String]) -> Vec<bool> {
    let mut count: HashMap<String, u32> = HashMap::new();
    for name in names {
        *count.entry(name.to_ascii_lowercase()).or_default() += 1;
    }
    names.iter().map(|name| count[&name.to_ascii_lowercase()] > 1).collect()
}

/// Gives an ordinal to every name but the first of those that are still equal.
fn number_the_rest(names: &mut [String]) {
    let mut taken: HashSet<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let mut seen = HashSet::new();
    for name in names {
        if seen.insert(name.to_ascii_lowercase()) {
            continue;
        }
        let shared = std::mem::take(name);
        let mut ordinal = 2;
        loop {
            let tail = format!("-{ordinal}");
            let numbered = cut(&shared, MAX_NAME_BYTES - tail.len()) + &tail;
            if taken.insert(numbered.to_ascii_lowercase()) {
                *name = numbered;
                break;
            }
            ordinal += 1;
        }
    }
}

/// The stem of the last path component in `[A-Za-z0-9._-]`, never empty and never hidden.
fn safe_stem(given: &str) -> String {
    let file = given.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or(given);
    let mut name: String = stem(file)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' })
        .collect();
    if name.is_empty() || name.starts_with('.') {
        // Directories are read without hidden files; an output must not become one.
        name.insert(0, '_');
    }
    name
}

/// Names are ASCII, so that every index is a character boundary.
fn cut(name: &str, max_bytes: usize) -> String {
    name[..name.len().min(max_bytes)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    #[test]
    fn golden_names() {
        let long = format!("d/{}.warc.gz", "n".repeat(200));
        let long_too = format!("d/{}m.warc.gz", "n".repeat(200));
        let given = [
            "crawl-data/CC-MAIN-2024-22/segments/1/warc/CC-MAIN-20240517233122-00000.warc.gz",
            "crawl-data/CC-MAIN-2024-22/segments/1/wet/CC-MAIN-20240517233122-00001.warc.wet.gz",
            "a/part-0.jsonl.zst",
            "b/part-0.jsonl.zst",
            "c/PART-0.parquet",
            "data/sample/10BT/000_00000.parquet",
            "straße und ort.jsonl",
            ".warc.gz",
            ".hidden.jsonl",
            "blob",
            &long,
            &long_too,
        ];
        let table = names(&given).join("\n") + "\n";
        expect![[r#"
            CC-MAIN-20240517233122-00000
            CC-MAIN-20240517233122-00001
            part-0-d9f58fed
            part-0-31fa1dd3
            PART-0-ec2ce646
            000_00000
            stra_e_und_ort
            _
            _.hidden
            blob
            nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn-187f7cf2
            nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn-5c0b17f4
        "#]].assert_eq(&table);
    }

    #[test]
    fn a_name_that_looks_hashed_stays_unique() {
        let first = names(&["a/x.jsonl", "b/x.jsonl"]);
        let thief = format!("c/{}.jsonl", first[0]);
        let all = names(&["a/x.jsonl", "b/x.jsonl", &thief]);
        let distinct: HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), 3, "{all:?}");
        // The same key in two lists with different directories: equal to the last byte.
        assert_eq!(names(&["x.jsonl", "x.jsonl"])[1], format!("{}-2", names(&["x.jsonl"; 2])[0]));
    }

    proptest! {
        #[test]
        fn names_are_unique_safe_and_short(given in prop::collection::vec("\\PC{0,12}|[ab]/[x.]{0,3}(-2)?|x{145,155}", 0..12)) {
            let given: Vec<&str> = given.iter().map(String::as_str).collect();
            let names = names(&given);
            let distinct: HashSet<_> =
                names.iter().map(|name| name.to_ascii_lowercase()).collect();
            prop_assert_eq!(distinct.len(), given.len());
            for name in &names {
                prop_assert!(!name.is_empty() && name.len() <= MAX_NAME_BYTES);
                prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
                prop_assert!(!name.starts_with('.'));
            }
        }
    }
}
