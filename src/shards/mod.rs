//! From what a user names (files, directories, patterns, path lists) to the list of input shards.
//!
//! The order is the user's: inputs as given, each directory and pattern sorted by the bytes of its
//! paths, path lists in their own order. Names of output files are settled over the whole list,
//! so that machines which share it out agree on them.

mod error;
mod find;
mod format;
mod list;
mod names;

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

pub use error::{InputError, InputFault, ListLine};
pub use format::{Compression, Format};
pub use names::hashed_name;

/// One input file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// Unique among all shards of the list: the stem of this shard's output files, 150 bytes of
    /// `[A-Za-z0-9._-]` at most.
    pub name: String,
    /// Where to open it.
    pub path: PathBuf,
    /// As the list has it or the pattern found it: what documents name as their file.
    pub given: String,
    /// By its name, or as forced.
    pub format: Format,
    /// By its name.
    pub compression: Compression,
    /// Size as stored.
    pub bytes: u64,
}

/// The shards of a list of inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expansion {
    /// In the order in which they are to be read.
    pub shards: Vec<Shard>,
    /// How often a file was named again, under the same path or another; such are left out.
    pub duplicates: u64,
}

/// Finds the shards that the inputs name.
///
/// An input is what exists under that very path (a file; a directory, standing for all shards
/// below it that are known by name), else a pattern (`*`, `?`, `[…]`, `**`). A file that ends in
/// `.paths`, `.txt` or `.lst` (or those with `.gz`) is always a path list: a key a line, relative
/// to `base`, or to the directory of the list where there is no base. `format` overrules the names
/// of files (a directory then gives its files of that format). `file://` is taken off.
///
/// No inputs give no shards, which is for the caller to judge.
///
/// # Errors
/// All faults of all inputs at once, each with the input, and the line of a list, it comes from.
pub fn expand(
    inputs: &[&str],
    base: Option<&Path>,
    format: Option<Format>,
) -> Result<Expansion, Vec<InputError>> {
    let mut expander = Expander { base, format, found: Vec::new(), faults: Vec::new() };
    for (index, input) in inputs.iter().enumerate() {
        expander.input(index, input);
    }
    if !expander.faults.is_empty() {
        return Err(expander.faults);
    }
    let all = expander.found.len();
    let mut seen = HashSet::new();
    let mut shards: Vec<Shard> = Vec::with_capacity(all);
    for (real, shard) in expander.found {
        if seen.insert(real) {
            shards.push(shard);
        }
    }
    let given: Vec<&str> = shards.iter().map(|shard| shard.given.as_str()).collect();
    let names = names::names(&given);
    for (shard, name) in shards.iter_mut().zip(names) {
        shard.name = name;
    }
    Ok(Expansion { duplicates: (all - shards.len()) as u64, shards })
}

struct Expander<'a> {
    base: Option<&'a Path>,
    format: Option<Format>,
    /// With the path that links and `..` resolve to, by which duplicates are known.
    found: Vec<(PathBuf, Shard)>,
    faults: Vec<InputError>,
}

impl Expander<'_> {
    fn input(&mut self, index: usize, given: &str) {
        let result = match local(given) {
            None => Err(InputFault::ObjectStore),
            Some(path) => self.path(index, path),
        };
        if let Err(fault) = result {
            self.fault(index, given, None, fault);
        }
    }

    fn path(&mut self, index: usize, given: &str) -> Result<(), InputFault> {
        let path = Path::new(given);
        if path.is_dir() {
            for path in find::below(path, self.format)? {
                self.match_of(index, &path);
            }
        } else if !path.exists() && find::is_pattern(given) {
            for path in find::matching(given)? {
                self.match_of(index, &path);
            }
        } else {
            self.file(index, given)?;
        }
        Ok(())
    }

    /// A file that a directory or a pattern led to: its faults are its own.
    fn match_of(&mut self, index: usize, path: &Path) {
        let given = path.to_string_lossy();
        let result = if format::is_path_list(&given) {
            self.list(index, &given, path)
        } else {
            self.shard(path, &given)
        };
        if let Err(fault) = result {
            self.fault(index, &given, None, fault);
        }
    }

    fn file(&mut self, index: usize, given: &str) -> Result<(), InputFault> {
        if format::is_path_list(given) {
            self.list(index, given, Path::new(given))
        } else {
            self.shard(Path::new(given), given)
        }
    }

    fn list(&mut self, index: usize, given: &str, path: &Path) -> Result<(), InputFault> {
        regular(path)?;
        let keys = list::read(path).map_err(InputFault::from_io)?;
        if keys.is_empty() {
            return Err(InputFault::EmptyList);
        }
        let base = self.base.unwrap_or_else(|| path.parent().unwrap_or(Path::new("")));
        let base = base.to_path_buf();
        for list::Key { key, line } in keys {
            let result = match local(&key) {
                None => Err(InputFault::ObjectStore),
                Some(key_path) => {
                    let path = base.join(key_path);
                    match local(&path.to_string_lossy()) {
                        None => Err(InputFault::ObjectStore),
                        Some(_) => self.shard(&path, &key),
                    }
                }
            };
            if let Err(fault) = result {
                let line = ListLine { list: given.to_owned(), line };
                self.fault(index, &key, Some(line), fault);
            }
        }
        Ok(())
    }

    fn shard(&mut self, path: &Path, given: &str) -> Result<(), InputFault> {
        let bytes = regular(path)?;
        let format =
            self.format.or_else(|| Format::from_name(given)).ok_or(InputFault::UnknownFormat)?;
        File::open(path).map_err(InputFault::from_io)?;
        let real = fs::canonicalize(path).map_err(InputFault::from_io)?;
        let shard = Shard {
            name: String::new(),
            path: path.to_path_buf(),
            given: local(given).unwrap_or(given).to_owned(),
            format,
            compression: Compression::from_name(given),
            bytes,
        };
        self.found.push((real, shard));
        Ok(())
    }

    fn fault(&mut self, input: usize, given: &str, line: Option<ListLine>, fault: InputFault) {
        self.faults.push(InputError { input, given: given.to_owned(), line, fault });
    }
}

/// The size of a regular file; looked at before opening, since opening a pipe would wait.
fn regular(path: &Path) -> Result<u64, InputFault> {
    let metadata = fs::metadata(path).map_err(InputFault::from_io)?;
    if metadata.is_file() { Ok(metadata.len()) } else { Err(InputFault::NotAFile) }
}

/// The path of an input without `file://`; `None` for any other scheme (`s3://`, `https://`).
fn local(input: &str) -> Option<&str> {
    let Some((scheme, rest)) = input.split_once("://") else { return Some(input) };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !is_scheme {
        return Some(input);
    }
    scheme.eq_ignore_ascii_case("file").then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new(files: &[&str]) -> Self {
            let tree = Self(tempfile::tempdir().unwrap());
            for file in files {
                tree.write(file, b"x");
            }
            tree
        }

        fn write(&self, file: &str, bytes: &[u8]) -> String {
            let path = self.0.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
            self.at(file)
        }

        fn at(&self, file: &str) -> String {
            self.0.path().join(file).to_str().unwrap().to_owned()
        }

        /// Given paths of the shards found, without the path of the tree.
        fn expand(&self, inputs: &[&str]) -> Vec<String> {
            self.relative(&expand(inputs, None, None).unwrap())
        }

        fn relative(&self, expansion: &Expansion) -> Vec<String> {
            let root = self.at("");
            let strip = |s: &Shard| s.given.strip_prefix(&root).unwrap_or(&s.given).to_owned();
            expansion.shards.iter().map(strip).collect()
        }
    }

    fn fault(result: Result<Expansion, Vec<InputError>>) -> InputError {
        let mut faults = result.unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults.remove(0)
    }

    #[test]
    fn a_directory_gives_its_known_files_sorted() {
        let tree = Tree::new(&[
            "d/b.warc.gz",
            "d/a/z.parquet",
            "d/a-b.jsonl",
            "d/README.md",
            "d/_SUCCESS",
            "d/.tmp.jsonl",
            "d/.cache/x.jsonl",
            "d/paths.txt",
        ]);
        let all = ["d/a-b.jsonl", "d/a/z.parquet", "d/b.warc.gz"];
        assert_eq!(tree.expand(&[&tree.at("d")]), all);
        let parquet = expand(&[&tree.at("d")], None, Some(Format::Parquet)).unwrap();
        assert_eq!(tree.relative(&parquet), ["d/a/z.parquet"]);
        let empty = Tree::new(&["d/README.md"]);
        let error = fault(expand(&[&empty.at("d")], None, None));
        assert!(matches!(error.fault, InputFault::EmptyDirectory), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_circles_are_not() {
        let tree = Tree::new(&["d/a.jsonl", "e/b.jsonl"]);
        std::os::unix::fs::symlink(tree.at("d"), tree.at("d/self")).unwrap();
        std::os::unix::fs::symlink(tree.at("e"), tree.at("d/e")).unwrap();
        std::os::unix::fs::symlink(tree.at("e/b.jsonl"), tree.at("d/again.jsonl")).unwrap();
        let found = expand(&[&tree.at("d")], None, None).unwrap();
        assert_eq!(tree.relative(&found), ["d/a.jsonl", "d/again.jsonl"]);
        assert_eq!(found.duplicates, 1);
    }

    #[test]
    fn patterns_are_sorted_each_and_inputs_keep_their_order() {
        let tree = Tree::new(&["a/2.warc.gz", "a/10.warc.gz", "b/c/1.warc.gz", "b/.h/2.warc.gz"]);
        let (a, deep) = (tree.at("a/*.gz"), tree.at("b/**/[0-9].warc.gz"));
        assert_eq!(tree.expand(&[&deep, &a]), ["b/c/1.warc.gz", "a/10.warc.gz", "a/2.warc.gz"]);
        assert_eq!(tree.expand(&[&tree.at("a/?.warc.gz")]), ["a/2.warc.gz"]);
        let error = fault(expand(&[&tree.at("a/*.jsonl")], None, None));
        assert!(matches!(error.fault, InputFault::NothingMatched), "{error}");
        let error = fault(expand(&[&tree.at("a/[x")], None, None));
        assert!(matches!(error.fault, InputFault::BadPattern(_)), "{error}");
    }

    #[test]
    fn a_file_whose_name_looks_like_a_pattern_is_that_file() {
        let tree = Tree::new(&["a[1].jsonl", "a1.jsonl"]);
        assert_eq!(tree.expand(&[&tree.at("a[1].jsonl")]), ["a[1].jsonl"]);
    }

    #[test]
    fn a_file_named_twice_is_taken_once() {
        let tree = Tree::new(&["d/a.jsonl", "d/b.jsonl"]);
        let found =
            expand(&[&tree.at("d/b.jsonl"), &tree.at("d/../d/b.jsonl"), &tree.at("d")], None, None);
        let found = found.unwrap();
        assert_eq!(tree.relative(&found), ["d/b.jsonl", "d/a.jsonl"]);
        assert_eq!(found.duplicates, 2);
        assert_eq!(found.shards[0].bytes, 1);
    }

    #[test]
    fn lists_are_relative_to_themselves_or_to_the_base() {
        let tree = Tree::new(&["l/crawl/b.warc.gz", "m/crawl/b.warc.gz", "l/a.wet", "m/a.wet"]);
        let list = b"# a crawl\ncrawl/b.warc.gz\n\na.wet\n";
        let plain = tree.write("l/warc.paths", list);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(list).unwrap();
        let gzip = tree.write("l/warc.paths.gz", &gzip.finish().unwrap());
        for list in [&plain, &gzip] {
            let own = expand(&[list], None, None).unwrap();
            assert_eq!(tree.relative(&own), ["crawl/b.warc.gz", "a.wet"]);
            assert_eq!(own.shards[0].path, Path::new(&tree.at("l/crawl/b.warc.gz")));
            let base = tree.at("m");
            let based = expand(&[list], Some(Path::new(&base)), None).unwrap();
            assert_eq!(based.shards[0].path, Path::new(&tree.at("m/crawl/b.warc.gz")));
            assert_eq!(based.shards[0].given, "crawl/b.warc.gz");
        }
        let absolute = format!("{}\nfile://{}\n", tree.at("m/a.wet"), tree.at("l/a.wet"));
        let list = tree.write("x/list.txt", absolute.as_bytes());
        assert_eq!(tree.expand(&[&list]), ["m/a.wet", "l/a.wet"]);
        // Equal keys of lists in different places still get different outputs.
        let two = [tree.write("l/two.txt", b"a.wet"), tree.write("m/two.txt", b"a.wet")];
        let both = expand(&[&two[0], &two[1]], None, None).unwrap();
        assert_ne!(both.shards[0].name, both.shards[1].name);
    }

    #[test]
    fn format_can_be_forced_and_compression_follows_the_name() {
        let tree = Tree::new(&["blob", "x.zst"]);
        let error = fault(expand(&[&tree.at("blob")], None, None));
        assert!(matches!(error.fault, InputFault::UnknownFormat));
        let message = error.to_string();
        assert!(message.contains(".parquet") && message.contains("`format`"), "{message}");
        let (blob, zst) = (tree.at("blob"), tree.at("x.zst"));
        let shards = expand(&[&blob, &zst], None, Some(Format::Jsonl)).unwrap().shards;
        assert_eq!(shards[0].format, Format::Jsonl);
        assert_eq!(shards[0].compression, Compression::None);
        assert_eq!(shards[1].compression, Compression::Zstd);
        assert_eq!(shards[1].name, "x");
    }

    #[test]
    fn all_faults_are_reported_with_their_origin() {
        let tree = Tree::new(&["a.jsonl", "b.md"]);
        tree.write("empty.lst", b"# nothing\n");
        tree.write("bad.paths.gz", &[0x1f, 0x8b, 8, 0, 0]);
        let list = tree.write("warc.paths", b"a.jsonl\ngone.jsonl\ns3://bucket/x.jsonl\nb.md\n.\n");
        let inputs = [
            tree.at("a.jsonl"),
            tree.at("gone.jsonl"),
            "s3://bucket/*.warc.gz".into(),
            "HTTPS://data.example.org/warc.paths.gz".into(),
            tree.at("empty.lst"),
            tree.at("bad.paths.gz"),
            list,
            tree.at("a.jsonl/x.jsonl"),
        ];
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let faults = expand(&inputs, None, None).unwrap_err();
        let kinds: Vec<(usize, Option<u64>, String)> = faults
            .iter()
            .map(|e| (e.input, e.line.as_ref().map(|l| l.line), format!("{:?}", e.fault)))
            .collect();
        let is = |i: usize, input, line, fault: &str| {
            assert_eq!((kinds[i].0, kinds[i].1), (input, line), "{kinds:?}");
            assert!(kinds[i].2.starts_with(fault), "{} is not {fault}", kinds[i].2);
        };
        is(0, 1, None, "NoSuchFile");
        is(1, 2, None, "ObjectStore");
        is(2, 3, None, "ObjectStore");
        is(3, 4, None, "EmptyList");
        is(4, 5, None, "NotReadable");
        is(5, 6, Some(2), "NoSuchFile");
        is(6, 6, Some(3), "ObjectStore");
        is(7, 6, Some(4), "UnknownFormat");
        is(8, 6, Some(5), "NotAFile");
        is(9, 7, None, "NoSuchFile");
        assert_eq!(faults.len(), 10);
        let message = faults[5].to_string();
        assert!(message.starts_with("`gone.jsonl` (line 2 of `"), "{message}");
        assert!(message.ends_with("no such file"), "{message}");
        let base = expand(&[inputs[6]], Some(Path::new("https://data.example.org/")), None);
        assert!(matches!(base.unwrap_err()[0].fault, InputFault::ObjectStore));
    }

    #[test]
    fn no_inputs_give_no_shards() {
        assert_eq!(expand(&[], None, None).unwrap(), Expansion::default());
    }
}
