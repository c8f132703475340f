//! The direction of the house: which module may name which.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::path::{Path, PathBuf};

/// What each top-level module may name of the others; arrows point down only.
const MAY_NAME: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "config", "cut", "figures", "inspect", "plan", "report", "run", "shards", "steps",
            "store", "text",
        ],
    ),
    ("report", &["cut", "figures", "inspect", "plan", "steps", "store"]),
    ("inspect", &["cut", "document", "figures", "plan", "steps", "store", "text"]),
    (
        "run",
        &[
            "config", "document", "extract", "panics", "plan", "pool", "shards", "steps", "store",
            "text", "warc",
        ],
    ),
    ("cut", &["config", "digest", "document", "panics", "plan", "steps", "store", "text"]),
    ("store", &["digest", "document", "plan", "steps", "text"]),
    ("plan", &["config", "digest", "document", "extract", "steps"]),
    ("steps", &["config", "digest", "document", "fasttext", "ngram_lm", "text"]),
    ("config", &["extract"]),
    ("pool", &["document", "shards"]),
    ("text", &["document"]),
    ("document", &[]),
    ("digest", &[]),
    ("figures", &[]),
    ("panics", &[]),
    ("extract", &["panics"]),
    ("fasttext", &[]),
    ("ngram_lm", &["digest"]),
    ("shards", &[]),
    ("warc", &[]),
];

fn rust_files(directory: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            files.push(path);
        }
    }
}

/// The code of a file without comments and without its tests.
fn code(text: &str) -> String {
    let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let tests = tests.min(text.find("#[cfg(test)]\npub(crate) mod tests {").unwrap_or(text.len()));
    let lines = text[..tests].lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_point_down_only() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    assert!(files.len() > 50, "the scan finds the source");
    let mut faults = Vec::new();
    for file in files {
        let inner = file.strip_prefix(&source).unwrap();
        let first = inner.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let module = first.trim_end_matches(".rs").to_owned();
        let is_test_helper = ["testing.rs", "tests.rs", "parity.rs", "oracle.rs"]
            .iter()
            .any(|name| inner.ends_with(name));
        if module == "main" || module == "lib" || is_test_helper {
            continue;
        }
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == module) else {
            faults.push(format!("{module} has no line in the table of this test"));
            continue;
        };
        for part in code(&std::fs::read_to_string(&file).unwrap()).split("crate::").skip(1) {
            let named: String =
                part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            // Macros are exported at the root under names of their own.
            let is_module = MAY_NAME.iter().any(|(name, _)| *name == named);
            if is_module && named != module && !allowed.contains(&named.as_str()) {
                faults.push(format!("{}: names crate::{named}", inner.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
