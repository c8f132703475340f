//! Drops documents whose URL is on a list.
//!
//! # What it does
//! Holds the URL against lists that the user gives, in this order:
//! `domains` (the host, any parent domain of it down to the registered domain), `urls` (the whole
//! URL), `hard_words` (any of them is enough), `soft_words` (as many different ones as
//! `max_soft_words` allows are kept), `substrings` (in the URL without its punctuation).
//! Words are the URL's runs of letters and digits. Letter case does not count, except in the paths
//! of `urls`.
//!
//! A list is a text file, plain or gzip, with one entry a line; blank lines and lines that start
//! with `#` are skipped. Entries of `domains` are hosts; a leading `.` or `*.` is taken off.
//!
//! A document without a URL is judged by no rule: `keep` is null.
//!
//! # Why
//! Whole hosts of pornography, spam and machine-made text can be left out for a look at the URL.
//!
//! # Source
//! RefinedWeb (arXiv 2306.01116, appendix G.1: UT1 domains; strict, hard and soft words, of which
//! two are needed) and datatrove `UrlFilter` (url_filter.py: `soft_word_threshold` 2).
//!
//! # Differences
//! datatrove compares domains and words case-sensitively and looks up the registered domain and the
//! full host only, so that `www.` before a listed subdomain passes; here every parent domain is
//! looked up. Domains and URLs are kept as 64-bit hashes (8 bytes an entry, whatever its length);
//! among ten million entries a URL is taken for a listed one by mistake once in 10^12 look-ups.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::path::PathBuf;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHasher;
use xxhash_rust::xxh3::xxh3_64;

use crate::config::params;
use crate::document::registered_domain;
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;

params! {
    /// Parameters of `url_blocklist`; at least one list is needed.
    pub struct Params {
        /// Lists of hosts and domains.
        domains: Vec<PathBuf> = Vec::new(),
        /// Lists of whole URLs.
        urls: Vec<PathBuf> = Vec::new(),
        /// Lists of words of which one is enough.
        hard_words: Vec<PathBuf> = Vec::new(),
        /// Lists of words of which several are needed.
        soft_words: Vec<PathBuf> = Vec::new(),
        /// Lists of strings that no URL may hold.
        substrings: Vec<PathBuf> = Vec::new(),
        /// Most different soft words.
        max_soft_words: u64 [words, 0 ..= 1000] = 1,
    }
}

signals! {
    /// What `url_blocklist` measures.
    pub struct Signals {
        /// Whether the host or a parent domain of it is listed.
        listed_domain: bool,
        /// Whether the URL is listed.
        listed_url: bool,
        /// Whether the URL has a hard word.
        hard_word: bool,
        /// Different soft words in the URL.
        soft_words: u64,
        /// Whether the URL, without its punctuation, holds a listed string.
        substring: bool,
    }
}

/// 64-bit hashes of entries; the hash is the key, so hashing it again is wasted.
type Hashes = HashSet<u64, BuildHasherDefault<FxHasher>>;

/// The step.
pub struct UrlBlocklist {
    domains: Hashes,
    urls: Hashes,
    hard_words: Hashes,
    soft_words: Hashes,
    substrings: Option<AhoCorasick>,
}

impl Step for UrlBlocklist {
    const NAME: &'static str = "url_blocklist";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("url_blocklist.rs");
    const NEEDS_URL: bool = true;
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let lists = [
            &params.domains,
            &params.urls,
            &params.hard_words,
            &params.soft_words,
            &params.substrings,
        ];
        if lists.iter().all(|list| list.is_empty()) {
            build.fault("use", "no list is given: this step could never drop a document").help =
                Some("name files under domains, urls, hard_words, soft_words or substrings".into());
            return None;
        }
        let domains = hashes("domains", &params.domains, build, |entry| {
            let host = entry.trim_start_matches("*.").trim_matches('.').to_lowercase();
            xxh3_64(host.as_bytes())
        });
        let urls = hashes("urls", &params.urls, build, url_hash);
        let word = |entry: &str| xxh3_64(entry.to_lowercase().as_bytes());
        let hard_words = hashes("hard_words", &params.hard_words, build, word);
        let soft_words = hashes("soft_words", &params.soft_words, build, word);
        let mut needles = Vec::new();
        let substrings = build.entries("substrings", &params.substrings, |entry| {
            needles.push(bare(entry));
        });
        let substrings = substrings.and_then(|()| match AhoCorasick::new(&needles) {
            Ok(automaton) => Some((!needles.is_empty()).then_some(automaton)),
            Err(error) => {
                build.fault("substrings", format!("the list cannot be searched for: {error}"));
                None
            }
        });
        Some(Self {
            domains: domains?,
            urls: urls?,
            hard_words: hard_words?,
            soft_words: soft_words?,
            substrings: substrings?,
        })
    }
}

fn hashes(
    key: &'static str,
    lists: &[PathBuf],
    build: &mut Build<'_>,
    hash: impl Fn(&str) -> u64,
) -> Option<Hashes> {
    let mut set = Hashes::default();
    build.entries(key, lists, |entry| {
        set.insert(hash(entry));
    })?;
    Some(set)
}

/// A URL's hash: scheme and host in lower case, the rest as it is.
fn url_hash(url: &str) -> u64 {
    match url::Url::parse(url.trim()) {
        Ok(parsed) => xxh3_64(parsed.as_str().as_bytes()),
        Err(_) => xxh3_64(url.trim().as_bytes()),
    }
}

/// A URL without its punctuation, in lower case.
fn bare(url: &str) -> String {
    url.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Filter for UrlBlocklist {
    const RULES: &'static [Rule] = &[
        Rule::never("listed_domain", "listed_domain"),
        Rule::never("listed_url", "listed_url"),
        Rule::never("hard_word", "hard_word"),
        Rule::max("too_many_soft_words", "soft_words", "max_soft_words"),
        Rule::never("substring", "substring"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let url = view.document().url.as_deref()?;
        let host = view.document().host();
        let lower = url.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut soft = Hashes::default();
        let mut hard_word = false;
        for word in words {
            let hash = xxh3_64(word.as_bytes());
            hard_word |= self.hard_words.contains(&hash);
            if self.soft_words.contains(&hash) {
                soft.insert(hash);
            }
        }
        Some(Signals {
            listed_domain: host.is_some_and(|host| self.lists_domain(&host)),
            listed_url: !self.urls.is_empty() && self.urls.contains(&url_hash(url)),
            hard_word,
            soft_words: soft.len() as u64,
            substring: self.substrings.as_ref().is_some_and(|list| list.is_match(&bare(url))),
        })
    }
}

impl UrlBlocklist {
    /// Whether the host or a parent of it, down to its registered domain, is listed.
    fn lists_domain(&self, host: &str) -> bool {
        let shortest = registered_domain(host).map_or(host.len(), str::len);
        let mut rest = host;
        loop {
            if self.domains.contains(&xxh3_64(rest.as_bytes())) {
                return true;
            }
            match rest.split_once('.') {
                Some((_, parent)) if parent.len() >= shortest => rest = parent,
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{build, faults, outcome, outcome_of_url};

    fn list(directory: &tempfile::TempDir, name: &str, text: &str) -> String {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    #[test]
    fn each_list_drops_what_is_on_it_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let domains =
            list(&dir, "domains", "# comment\n\nBad.example\n*.worse.co.uk\nsub.host.org\n");
        let urls = list(&dir, "urls", "http://Good.example/Page?x=1\n");
        let hard = list(&dir, "hard", "casino\n");
        let soft = list(&dir, "soft", "free\ngirls\n");
        let substrings = list(&dir, "substrings", "xxx-tube\n");
        let step = format!(
            "domains = ['{domains}']\nurls = ['{urls}']\n\
             hard_words = ['{hard}']\nsoft_words = ['{soft}']\nsubstrings = ['{substrings}']"
        );
        let step = build("url_blocklist", &step).unwrap();
        let reason = |url: &str| outcome_of_url(&step, url).reason;
        assert_eq!(reason("http://bad.example/"), Some("listed_domain"));
        assert_eq!(reason("http://WWW.bad.example:80/"), Some("listed_domain"));
        assert_eq!(reason("http://notbad.example/"), None);
        assert_eq!(reason("https://a.b.worse.co.uk/x"), Some("listed_domain"));
        assert_eq!(reason("https://www.sub.host.org/"), Some("listed_domain"));
        assert_eq!(reason("https://host.org/"), None);
        assert_eq!(reason("http://good.example/Page?x=1"), Some("listed_url"));
        assert_eq!(reason("http://good.example/page?x=1"), None, "paths keep their case");
        assert_eq!(reason("http://a.com/best-Casino.html"), Some("hard_word"));
        assert_eq!(reason("http://a.com/casinos"), None, "whole words only");
        assert_eq!(reason("http://a.com/free"), None);
        assert_eq!(reason("http://a.com/free/free"), None, "different words are counted");
        assert_eq!(reason("http://a.com/free/girls"), Some("too_many_soft_words"));
        assert_eq!(reason("http://a.com/x.xx/tubes"), Some("substring"));
    }

    #[test]
    fn a_document_without_a_url_is_judged_by_no_rule() {
        let dir = tempfile::tempdir().unwrap();
        let domains = list(&dir, "domains", "a.com\n");
        let step = build("url_blocklist", &format!("domains = ['{domains}']")).unwrap();
        assert_eq!(outcome(&step, "text").keep(), None);
    }

    #[test]
    fn lists_may_be_gzip_and_an_empty_or_missing_one_is_a_fault() {
        let dir = tempfile::tempdir().unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut gzip, b"a.com\n").unwrap();
        let path = dir.path().join("list.gz");
        std::fs::write(&path, gzip.finish().unwrap()).unwrap();
        let step = build("url_blocklist", &format!("domains = ['{}']", path.display())).unwrap();
        assert_eq!(outcome_of_url(&step, "http://a.com/").reason, Some("listed_domain"));
        let empty = list(&dir, "empty", "# nothing\n");
        let found = faults("url_blocklist", &format!("domains = ['{empty}', 'nowhere']"));
        assert!(found.contains("has no entry") && found.contains("nowhere"), "{found}");
        assert!(faults("url_blocklist", "").contains("no list is given"));
    }
}
