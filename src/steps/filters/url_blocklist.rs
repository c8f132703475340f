//! Drops documents whose URL is on a list.
//!
//! # What it does
//! Holds the URL against lists that the user gives; none is part of the program. Several lists of one
//! kind count as one. A list is a text file, plain or gzip, with one entry a line; blank lines and
//! lines that start with `#` are skipped. The rules of kinds that are not given are left out, and
//! their signals are null.
//!
//! Variant `"gristmill"`: `domains` (the host and every parent domain of it), `urls` (the whole URL
//! but for scheme, user and fragment), `hard_words` and `soft_words` (the URL's runs of letters and
//! digits), `substrings` (anywhere in the URL without its punctuation). Letter case does not count,
//! except in the paths of `urls`. Entries of `domains` may begin with `.` or `*.`.
//!
//! Variant `"datatrove"`: `domains` (the registered domain; then the full host), `urls` (the whole
//! URL), `hard_words` and `soft_words` (the URL's runs of ASCII letters and digits), all in the very
//! letters of the URL; `substrings` (anywhere in the URL's ASCII letters and digits, in lower case).
//! Of the entries of the last three kinds only ASCII letters and digits count, in lower case.
//!
//! Variant `"dclm"`: `domains` (the host with user and port, without the letters `www`),
//! `substrings` (anywhere in the URL without `-` and `.`; DCLM's "strict" words), `hard_words` and
//! `soft_words` (between word boundaries; they may hold punctuation), all in lower case.
//!
//! One hard word is enough; of soft words, as many different ones as `max_soft_words` allows are
//! kept. A document without a URL is judged by no rule: `keep` is null.
//!
//! # Why
//! Whole hosts of pornography, spam and machine-made text can be left out for a look at the URL.
//!
//! # Source
//! RefinedWeb (arXiv 2306.01116, appendix G.1: UT1 domains; strict, hard and soft words, of which
//! two are needed). `"datatrove"`: `UrlFilter` of datatrove 0.10.1 (`soft_word_threshold` 2), as in
//! FineWeb; its lists are in its package. `"dclm"`: `url_substring_filter`, the four uses of
//! dclm_baseline_refinedweb.yaml.
//!
//! # Differences
//! What follows from the peers' definitions is kept under their names. With `"datatrove"`, `www.`
//! before a listed subdomain passes, as do capital letters in hosts and words; the registered domain
//! of `x.blogspot.com` is `blogspot.com`; a listed URL without scheme matches no crawled one. With
//! `"dclm"`, `www.x.com` becomes `.x.com` and is not found as `x.com`, `awwwa.com` becomes `aa.com`,
//! and `_` is no word boundary; a substring with `-` or `.` is never found.
//!
//! Registered domains follow the public suffix list of the day this program was built, those of
//! tldextract the list of its own. An entry of which nothing is left, which would drop every URL, is
//! refused. Lists are read as said above for the peers too: entries are stripped, and `#` begins a
//! comment. Where datatrove stops on an empty URL, and DCLM on one with unpaired brackets, the first
//! is taken for none and the second is judged. DCLM's expressions also take `ſ` for `s` and `ı` for
//! `i`.
//!
//! Domains and URLs are kept as 64-bit hashes, 8 bytes an entry whatever its length (twice that
//! while a list is read), as are words but for `"dclm"`; among ten million entries a URL is taken
//! for a listed one by mistake once in 10^12 look-ups.

use std::path::PathBuf;

use aho_corasick::AhoCorasick;

use crate::config::{choice, params};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;

mod hashes;
mod host;
mod keys;
#[cfg(test)]
mod parity;
#[cfg(test)]
mod tests;
mod words;

use hashes::Hashes;
use words::{Phrases, Words};

choice! {
    /// Whose definitions.
    pub enum Variant {
        /// parent domains too, whatever the letter case
        Gristmill = "gristmill",
        /// datatrove, as in FineWeb
        Datatrove = "datatrove",
        /// DCLM, as in DCLM-Baseline
        Dclm = "dclm",
    }
}

params! {
    /// Parameters of `url_blocklist`; at least one list is needed.
    pub struct Params {
        /// Whose definitions of domain, word and substring.
        variant: Variant = Variant::Gristmill,
        /// Lists of hosts and domains.
        domains: Vec<PathBuf> = Vec::new(),
        /// Lists of whole URLs; not with `"dclm"`.
        urls: Vec<PathBuf> = Vec::new(),
        /// Lists of words of which one is enough.
        hard_words: Vec<PathBuf> = Vec::new(),
        /// Lists of words of which several are needed.
        soft_words: Vec<PathBuf> = Vec::new(),
        /// Lists of strings that no URL may hold.
        substrings: Vec<PathBuf> = Vec::new(),
        /// Most different hard words.
        max_hard_words: u64 [words, 0 ..= 1000] = 0,
        /// Most different soft words.
        max_soft_words: u64 [words, 0 ..= 1000] = 1,
    }
}

signals! {
    /// What `url_blocklist` measures; null where no list of the kind is given.
    pub struct Signals {
        /// Whether the domain is listed: the host or a parent of it; with `"datatrove"` the
        /// registered domain.
        listed_domain: Option<bool>,
        /// Whether the full host is listed; null but with `"datatrove"`.
        listed_host: Option<bool>,
        /// Whether the URL is listed.
        listed_url: Option<bool>,
        /// Different hard words in the URL.
        hard_words: Option<u64>,
        /// Different soft words in the URL.
        soft_words: Option<u64>,
        /// Whether the URL holds a listed string.
        substring: Option<bool>,
        /// The domain or host that is listed; null if none is.
        matched_domain: Option<String>,
        /// The hard words found, then the soft ones, with spaces between; null if none was.
        matched_words: Option<String>,
        /// The listed string that ends first; null if the URL holds none.
        matched_substring: Option<String>,
    }
}

/// The step: the lists that are given.
pub struct UrlBlocklist {
    variant: Variant,
    domains: Option<Hashes>,
    urls: Option<Hashes>,
    hard_words: Option<Words>,
    soft_words: Option<Words>,
    substrings: Option<AhoCorasick>,
}

impl Step for UrlBlocklist {
    const NAME: &'static str = "url_blocklist";
    const VERSION: u32 = 2;
    const SOURCE: &'static str = include_str!("url_blocklist.rs");
    type Params = Params;
    type Signals = Signals;

    fn needs_url(&self) -> bool {
        true
    }

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let Params { variant, domains, urls, hard_words, soft_words, substrings, .. } = params;
        if [domains, urls, hard_words, soft_words, substrings].iter().all(|list| list.is_empty()) {
            build.fault("use", "no list is given: this step could never drop a document").help =
                Some("name files under domains, urls, hard_words, soft_words or substrings".into());
            return None;
        }
        if *variant == Variant::Dclm && !urls.is_empty() {
            build.fault("urls", "variant \"dclm\" has no list of URLs").help =
                Some("another `url_blocklist` of its own name may have one".into());
            return None;
        }
        let variant = *variant;
        // Each list is read whatever becomes of the others, so that all faults are reported.
        let domains = read_hashes("domains", domains, keys::domain(variant), build);
        let urls = read_hashes("urls", urls, keys::url(variant), build);
        let hard_words = read_words("hard_words", hard_words, variant, build);
        let soft_words = read_words("soft_words", soft_words, variant, build);
        let substrings = read_substrings("substrings", substrings, variant, build);
        let (hard_words, soft_words) = (hard_words?, soft_words?);
        check_enough("hard_words", hard_words.as_ref(), params.max_hard_words, build)?;
        check_enough("soft_words", soft_words.as_ref(), params.max_soft_words, build)?;
        let (domains, urls, substrings) = (domains?, urls?, substrings?);
        Some(Self { variant, domains, urls, hard_words, soft_words, substrings })
    }

    fn has_rule(&self, rule: &Rule) -> bool {
        let is_dclm = self.variant == Variant::Dclm;
        match rule.reason {
            "listed_domain" => self.domains.is_some(),
            "listed_host" => self.domains.is_some() && self.variant == Variant::Datatrove,
            "listed_url" => self.urls.is_some(),
            "strict_substring" => self.substrings.is_some() && is_dclm,
            "hard_word" => self.hard_words.is_some(),
            "too_many_soft_words" => self.soft_words.is_some(),
            _ => self.substrings.is_some() && !is_dclm,
        }
    }
}

/// Reads every entry of the lists as its key; `None` after a fault, as of an entry without a key.
fn read(
    name: &'static str,
    lists: &[PathBuf],
    key: fn(&str) -> String,
    build: &mut Build<'_>,
    mut keep: impl FnMut(String),
) -> Option<()> {
    let mut empty = None;
    build.entries(name, lists, |entry| match key(entry) {
        key if key.is_empty() => empty = empty.take().or_else(|| Some(entry.to_owned())),
        key => keep(key),
    })?;
    let Some(entry) = empty else { return Some(()) };
    let message = format!("the entry `{entry}` has no letter or digit that counts");
    build.fault(name, message).label = "in one of these lists".into();
    None
}

fn read_hashes(
    name: &'static str,
    lists: &[PathBuf],
    key: fn(&str) -> String,
    build: &mut Build<'_>,
) -> Option<Option<Hashes>> {
    let mut hashes = Vec::new();
    read(name, lists, key, build, |key| hashes.push(Hashes::hash(&key)))?;
    Some((!lists.is_empty()).then(|| Hashes::new(hashes)))
}

fn read_words(
    name: &'static str,
    lists: &[PathBuf],
    variant: Variant,
    build: &mut Build<'_>,
) -> Option<Option<Words>> {
    let is_part = match variant {
        Variant::Gristmill => |c: &char| c.is_alphanumeric(),
        Variant::Datatrove => char::is_ascii_alphanumeric,
        Variant::Dclm => {
            let mut entries = Vec::new();
            read(name, lists, keys::word(variant), build, |key| entries.push(key))?;
            return match Phrases::new(entries) {
                Ok(phrases) => Some((!lists.is_empty()).then_some(Words::Phrases(phrases))),
                Err(error) => too_large(name, &error, build),
            };
        }
    };
    let entries = read_hashes(name, lists, keys::word(variant), build)?;
    Some(entries.map(|entries| Words::Pieces { entries, is_part }))
}

fn read_substrings(
    name: &'static str,
    lists: &[PathBuf],
    variant: Variant,
    build: &mut Build<'_>,
) -> Option<Option<AhoCorasick>> {
    let mut entries = Vec::new();
    read(name, lists, keys::substring(variant), build, |key| entries.push(key))?;
    match AhoCorasick::new(&entries) {
        Ok(automaton) => Some((!lists.is_empty()).then_some(automaton)),
        Err(error) => too_large(name, &error, build),
    }
}

fn too_large<T>(name: &str, error: &impl std::error::Error, build: &mut Build<'_>) -> Option<T> {
    build.fault(name, format!("the list cannot be searched for: {error}"));
    None
}

/// Reports a list of words so short that no URL can hold too many of it.
fn check_enough(name: &str, words: Option<&Words>, most: u64, build: &mut Build<'_>) -> Option<()> {
    let Some(entries) = words.map(|words| words.len() as u64) else { return Some(()) };
    if entries > most {
        return Some(());
    }
    let message = format!("no URL can hold more than {most} of {entries} words");
    build.fault(name, message).help = Some(format!("`max_{name}` is {most}"));
    None
}

impl Filter for UrlBlocklist {
    const RULES: &'static [Rule] = &[
        Rule::never("listed_domain", "listed_domain"),
        Rule::never("listed_host", "listed_host"),
        Rule::never("listed_url", "listed_url"),
        // DCLM searches for substrings before words, datatrove after them.
        Rule::never("strict_substring", "substring"),
        Rule::max("hard_word", "hard_words", "max_hard_words"),
        Rule::max("too_many_soft_words", "soft_words", "max_soft_words"),
        Rule::never("substring", "substring"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let url = view.document().url.as_deref().filter(|url| !url.is_empty())?;
        let (listed_domain, listed_host, matched_domain) = self.domain(view, url);
        let text = keys::words(self.variant, url);
        let find = |words: &Option<Words>| words.as_ref().map(|words| words.find(&text));
        let (hard, soft) = (find(&self.hard_words), find(&self.soft_words));
        let words = [hard.as_deref(), soft.as_deref()].map(Option::unwrap_or_default).concat();
        let holds = |list: &AhoCorasick| {
            let text = keys::bare(self.variant, url);
            list.find(&text).map(|found| text[found.range()].to_owned())
        };
        let substring = self.substrings.as_ref().map(holds);
        let url = |list: &Hashes| list.contains(&keys::url(self.variant)(url));
        Some(Signals {
            listed_domain,
            listed_host,
            listed_url: self.urls.as_ref().map(url),
            hard_words: hard.map(|words| words.len() as u64),
            soft_words: soft.map(|words| words.len() as u64),
            substring: substring.as_ref().map(Option::is_some),
            matched_domain,
            matched_words: (!words.is_empty()).then(|| words.join(" ")),
            matched_substring: substring.flatten(),
        })
    }
}

impl UrlBlocklist {
    /// Whether the domain is listed, whether the host is, and what was found.
    fn domain(&self, view: &View<'_>, url: &str) -> (Option<bool>, Option<bool>, Option<String>) {
        let Some(domains) = &self.domains else { return (None, None, None) };
        let found = match self.variant {
            Variant::Gristmill => view.document().host().and_then(|host| {
                keys::parents(&host).find(|parent| domains.contains(parent)).map(str::to_owned)
            }),
            Variant::Dclm => Some(keys::netloc(url)).filter(|host| domains.contains(host)),
            Variant::Datatrove => {
                let host = host::lenient(url);
                let (domain, full) = host::registered(&host).unwrap_or_default();
                let (in_domain, in_host) = (domains.contains(domain), domains.contains(full));
                let found = if in_domain { Some(domain) } else { in_host.then_some(full) };
                return (Some(in_domain), Some(in_host), found.map(str::to_owned));
            }
        };
        (Some(found.is_some()), None, found)
    }
}
