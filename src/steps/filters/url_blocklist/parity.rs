//! The peers' verdicts on real and made-up URLs.
//!
//! The lists are the peers' own and no part of this repository. One test takes a folder of them from
//! `GRISTMILL_PEER_LISTS` and is skipped without it; the other infers from the oracle what it can of
//! them, which is enough to notice a rule that changes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::host;
use super::tests::{Lists, signal};
use crate::steps::testing::{build, outcome_of_url};
use crate::steps::{Outcome, Value};
use crate::text::oracle::Oracle;

/// datatrove's reasons, and ours for the same rules.
const REASONS: &[(&str, &str)] = &[
    ("domain", "listed_domain"),
    ("subdomain", "listed_host"),
    ("url", "listed_url"),
    ("hard_blacklisted", "hard_word"),
    ("soft_blacklisted", "too_many_soft_words"),
    ("blacklisted_subword", "substring"),
];

fn our_reason(theirs: &str) -> &'static str {
    REASONS.iter().find(|pair| pair.0 == theirs).expect("a known reason").1
}

/// Asserts that a column agrees on all rows, naming some that do not.
fn assert_all<T: PartialEq + std::fmt::Debug>(
    name: &str,
    urls: &[String],
    ours: impl Iterator<Item = T>,
    theirs: impl Iterator<Item = T>,
) {
    let differing: Vec<_> =
        urls.iter().zip(ours.zip(theirs)).filter(|(_, (ours, theirs))| ours != theirs).collect();
    eprintln!("{name}: {} of {} equal", urls.len() - differing.len(), urls.len());
    assert!(differing.is_empty(), "{name}: {:?}", &differing[..differing.len().min(8)]);
}

fn strings(oracle: &Oracle, column: &str) -> Vec<String> {
    oracle.strings(column).into_iter().map(Option::unwrap).collect()
}

fn count(outcome: &Outcome, name: &str) -> u64 {
    signal(outcome, name).number().expect("a count") as u64
}

const COLUMNS: &[&str] = &[
    "kind",
    "url",
    "dt_reason",
    "dt_registered_domain",
    "dt_fqdn",
    "dt_n_hard",
    "dt_n_soft",
    "dt_in_url_list",
    "dclm_strict_keep",
    "dclm_hard_keep",
    "dclm_soft_keep",
];

/// The step with the lists of a folder; `None` where they are not there.
fn with_peer_lists(variant: &str, lists: &[(&str, &str)]) -> Option<impl Fn(&str) -> Outcome> {
    let Some(folder) = std::env::var_os("GRISTMILL_PEER_LISTS").map(PathBuf::from) else {
        eprintln!("SKIPPED: GRISTMILL_PEER_LISTS names no folder of the peers' lists");
        return None;
    };
    let lists = lists.iter().map(|(kind, file)| (kind, folder.join(file)));
    let lists = lists.map(|(kind, path)| format!("{kind} = ['{}']\n", path.display()));
    let toml = format!("variant = '{variant}'\n{}", lists.collect::<String>());
    let started = std::time::Instant::now();
    let built = build("url_blocklist", &toml).unwrap_or_else(|faults| panic!("{faults:?}"));
    eprintln!("{variant}: lists read in {:.1?}", started.elapsed());
    Some(move |url: &str| outcome_of_url(&built, url))
}

#[test]
fn datatrove_s_lists_give_datatrove_s_verdicts() {
    let lists = [
        ("domains", "domains"),
        ("urls", "urls"),
        ("hard_words", "banned_words.txt"),
        ("soft_words", "soft_banned_words.txt"),
        ("substrings", "banned_subwords.txt"),
    ];
    let Some(judge) = with_peer_lists("datatrove", &lists) else { return };
    let Some(oracle) = Oracle::read("urls", COLUMNS) else { return };
    let urls = strings(&oracle, "url");
    let outcomes: Vec<_> = urls.iter().map(|url| judge(url)).collect();
    let reasons = |oracle: &Oracle, column: &str| {
        oracle.strings(column).into_iter().map(|theirs| theirs.map(|theirs| our_reason(&theirs)))
    };
    let counts = |column| oracle.numbers(column).into_iter().map(|n| n.unwrap() as u64);
    let ours = outcomes.iter();
    assert_all("dt_reason", &urls, ours.clone().map(|o| o.reason), reasons(&oracle, "dt_reason"));
    let hard = ours.clone().map(|outcome| count(outcome, "hard_words"));
    assert_all("dt_n_hard", &urls, hard, counts("dt_n_hard"));
    let soft = ours.clone().map(|outcome| count(outcome, "soft_words"));
    assert_all("dt_n_soft", &urls, soft, counts("dt_n_soft"));
    let listed = ours.map(|outcome| *signal(outcome, "listed_url") == Value::Bool(true));
    assert_all("dt_in_url_list", &urls, listed, oracle.bools("dt_in_url_list").into_iter());

    // The URLs of the texts.
    let columns = ["url_reason", "url_hard_words", "url_soft_words"];
    let Some(oracle) = Oracle::read("datatrove", &columns) else { return };
    let Some(texts) = Oracle::read("texts", &["url"]) else { return };
    let urls = strings(&texts, "url");
    let outcomes: Vec<_> = urls.iter().map(|url| judge(url)).collect();
    let ours = outcomes.iter();
    assert_all("url_reason", &urls, ours.clone().map(|o| o.reason), reasons(&oracle, "url_reason"));
    let words = ours.map(|outcome| match signal(outcome, "matched_words") {
        Value::Text(words) => words.split(' ').map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    });
    let both = oracle.lists("url_hard_words").into_iter().zip(oracle.lists("url_soft_words"));
    let both = both.map(|(hard, soft)| hard.into_iter().chain(soft).collect());
    assert_all("url_hard_words and url_soft_words", &urls, words, both);
}

#[test]
fn dclm_s_lists_give_dclm_s_verdicts() {
    let lists = [
        ("substrings", "refinedweb_banned_words_strict_reverse_engineered.txt"),
        ("hard_words", "refinedweb_banned_words_hard_reverse_engineered.txt"),
        ("soft_words", "refinedweb_banned_words_soft_reverse_engineered.txt"),
    ];
    let Some(judge) = with_peer_lists("dclm", &lists) else { return };
    let Some(oracle) = Oracle::read("urls", COLUMNS) else { return };
    let urls = strings(&oracle, "url");
    let outcomes: Vec<_> = urls.iter().map(|url| judge(url)).collect();
    let ours = outcomes.iter();
    let strict = ours.clone().map(|outcome| *signal(outcome, "substring") == Value::Bool(false));
    assert_all("dclm_strict_keep", &urls, strict, oracle.bools("dclm_strict_keep").into_iter());
    let hard = ours.clone().map(|outcome| count(outcome, "hard_words") == 0);
    assert_all("dclm_hard_keep", &urls, hard, oracle.bools("dclm_hard_keep").into_iter());
    let soft = ours.map(|outcome| count(outcome, "soft_words") < 2);
    assert_all("dclm_soft_keep", &urls, soft, oracle.bools("dclm_soft_keep").into_iter());
}

#[test]
fn registered_domains_and_hosts_are_tldextract_s() {
    for (file, url, domain, full) in [
        ("urls", "url", "dt_registered_domain", "dt_fqdn"),
        ("datatrove", "", "url_registered_domain", "url_fqdn"),
    ] {
        let columns: Vec<_> = [url, domain, full].into_iter().filter(|c| !c.is_empty()).collect();
        let Some(oracle) = Oracle::read(file, &columns) else { return };
        let texts = || Some(strings(&Oracle::read("texts", &["url"])?, "url"));
        let urls = if url.is_empty() { texts() } else { Some(strings(&oracle, url)) };
        let Some(urls) = urls else { return };
        let ours = urls.iter().map(|url| {
            let host = host::lenient(url);
            let (domain, full) = host::registered(&host).unwrap_or_default();
            (domain.to_owned(), full.to_owned())
        });
        let theirs = strings(&oracle, domain).into_iter().zip(strings(&oracle, full));
        assert_all(&format!("{domain} and {full}"), &urls, ours, theirs);
    }
}

/// The words that a list must hold, judging by how many of it each URL holds: where it is one, the
/// piece of the URL that occurs in none that holds none.
fn inferred(urls: &[String], counts: &[u64]) -> BTreeSet<String> {
    let pieces = |url: &str| -> BTreeSet<String> {
        url.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_owned).collect()
    };
    let rows = || urls.iter().zip(counts);
    let innocent: BTreeSet<_> =
        rows().filter(|row| *row.1 == 0).flat_map(|(url, _)| pieces(url)).collect();
    let suspects = rows().filter(|row| *row.1 == 1).map(|(url, _)| &pieces(url) - &innocent);
    suspects.filter(|suspects| suspects.len() == 1).flatten().collect()
}

fn lines(entries: impl IntoIterator<Item = String>) -> String {
    entries.into_iter().map(|entry| entry + "\n").collect()
}

#[test]
fn what_the_oracle_shows_of_datatrove_s_lists_gives_its_verdicts() {
    let Some(oracle) = Oracle::read("urls", COLUMNS) else { return };
    let urls = strings(&oracle, "url");
    let kinds = strings(&oracle, "kind");
    let reasons = oracle.strings("dt_reason");
    let counts = |column| -> Vec<u64> {
        oracle.numbers(column).into_iter().map(|n| n.unwrap() as u64).collect()
    };
    let (hard, soft) = (counts("dt_n_hard"), counts("dt_n_soft"));
    let dropped_for = |column: &str, reason: &'static str| {
        let rows = strings(&oracle, column).into_iter().zip(&reasons);
        rows.filter(|(_, theirs)| theirs.as_deref() == Some(reason)).map(|(value, _)| value)
    };
    let domains: BTreeSet<_> = dropped_for("dt_registered_domain", "domain")
        .chain(dropped_for("dt_fqdn", "subdomain"))
        .collect();
    // `…/xxWORDyy`, `…/xxWO-RDyy`, `…/WORD` and `WO.RD.example.com`.
    let subwords = urls.iter().zip(&kinds).filter(|(_, kind)| kind.starts_with("subword"));
    let subwords = subwords.map(|(url, kind)| {
        let (host, path) = url.strip_prefix("https://").unwrap().split_once('/').unwrap();
        let glued = path.strip_prefix("xx").and_then(|path| path.strip_suffix("yy"));
        let split = host.strip_suffix(".example.com").filter(|_| kind == "subword_split_host");
        glued.or(split).unwrap_or(path).to_owned()
    });
    let lists = Lists::new("variant = 'datatrove'")
        .with("domains", &lines(domains))
        .with("urls", &lines(dropped_for("url", "url")))
        .with("hard_words", &lines(inferred(&urls, &hard)))
        .with("soft_words", &lines(inferred(&urls, &soft)))
        .with("substrings", &lines(subwords));
    let judge = lists.judge();

    let mut equal = BTreeMap::from([("verdict", 0), ("hard", 0), ("soft", 0)]);
    for (row, url) in urls.iter().enumerate() {
        let ours = judge(url);
        let theirs = reasons[row].as_deref().map(our_reason);
        let known = ["listed_domain", "listed_host", "listed_url"];
        let is_known = |reason: Option<&str>| reason.is_some_and(|reason| known.contains(&reason));
        if is_known(ours.reason)
            || is_known(theirs)
            || theirs == Some("substring") && kinds[row].starts_with("subword")
        {
            assert_eq!(ours.reason, theirs, "{url}");
        }
        // What is inferred is on the peer's list, which may hold more.
        assert!(ours.reason.is_none() || theirs.is_some(), "{url}: {:?}", ours.reason);
        let (our_hard, our_soft) = (count(&ours, "hard_words"), count(&ours, "soft_words"));
        assert!(our_hard <= hard[row] && our_soft <= soft[row], "{url}");
        for (what, is_equal) in [
            ("verdict", ours.reason == theirs),
            ("hard", our_hard == hard[row]),
            ("soft", our_soft == soft[row]),
        ] {
            *equal.get_mut(what).unwrap() += usize::from(is_equal);
        }
    }
    eprintln!("with inferred lists, of {}: {equal:?}", urls.len());
    // A word whose only URL holds other unknown words cannot be inferred.
    assert!(equal["hard"] * 100 >= urls.len() * 98, "{equal:?}");
    assert!(equal["soft"] * 100 >= urls.len() * 96, "{equal:?}");
}

#[test]
fn what_the_oracle_shows_of_dclm_s_lists_gives_its_verdicts() {
    let Some(oracle) = Oracle::read("urls", COLUMNS) else { return };
    let (urls, kinds) = (strings(&oracle, "url"), strings(&oracle, "kind"));
    let words = |of: &'static str| {
        let rows = urls.iter().zip(&kinds).filter(move |(_, kind)| *kind == of);
        rows.map(|(url, _)| {
            let word = url.strip_prefix("https://www.example.com/a/").unwrap();
            word.strip_suffix("/b").unwrap().to_owned()
        })
    };
    let pairs = urls.iter().zip(&kinds).filter(|(_, kind)| *kind == "dclm_soft_two");
    let pairs = pairs.flat_map(|(url, _)| {
        url.strip_prefix("https://www.example.com/").unwrap().split('-').map(str::to_owned)
    });
    let lists = Lists::new("variant = 'dclm'")
        .with("substrings", &lines(words("dclm_strict")))
        .with("hard_words", &lines(words("dclm_hard")))
        .with("soft_words", &lines(words("dclm_soft").chain(pairs)));
    let judge = lists.judge();
    for (kind, drops) in [
        ("dclm_strict", (|o| *signal(o, "substring") == Value::Bool(true)) as fn(&Outcome) -> bool),
        ("dclm_hard", |outcome| count(outcome, "hard_words") > 0),
        ("dclm_soft", |outcome| count(outcome, "soft_words") > 1),
    ] {
        let keeps = oracle.bools(&format!("{kind}_keep"));
        let mut dropped = 0;
        for ((url, of), keep) in urls.iter().zip(&kinds).zip(keeps) {
            let drops = drops(&judge(url));
            if of.starts_with(kind) {
                assert_eq!(drops, !keep, "{kind}: {url}");
            }
            // The peer's list holds more words than these.
            assert!(!drops || !keep, "{kind}: {url}");
            dropped += usize::from(drops);
        }
        eprintln!("{kind}, with inferred lists: {dropped} of {} dropped", urls.len());
    }
}
