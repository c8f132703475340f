//! What `minhash` finds among captures of the same pages, against exact similarities and theory.
//!
//! Needs the shared data; without it the test says on stderr that it was skipped.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::Path;

use gristmill::document::Document;
use gristmill::extract::{ExtractorKind, Options, decode, extract};
use gristmill::steps::{Built, Outcome, rebuild};
use gristmill::text::View;
use gristmill::warc::{self, Item, Reader, RecordKind, http};
use serde_json::json;

#[path = "common/mod.rs"]
mod common;

/// Hash functions of as many seeds: found shares are means over them, and their spread tells how
/// far such a mean may lie from what theory expects.
const SEEDS: u64 = 24;

/// Lower bounds of the buckets of similarity; the last is of copies alone.
const BUCKETS: [f64; 11] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// The captures by record id: all text, as the exact similarities are of.
fn captures(data: &Path) -> BTreeMap<String, Document> {
    let file = File::open(data.join("neardup/recrawl.warc.gz")).unwrap();
    let mut reader = Reader::new(BufReader::new(file), warc::Limits::default());
    let mut captures = BTreeMap::new();
    while let Some(item) = reader.next().unwrap() {
        let Item::Record(record) = item else { continue };
        if record.kind != RecordKind::Response {
            continue;
        }
        let response = http::parse(&record.block, 32 << 20).unwrap();
        let charset = response.head.content_type().and_then(|content| content.charset);
        let html = decode(&response.body.bytes, charset.as_deref()).text;
        let text = extract(&Options::of(ExtractorKind::AllText), &html, None).unwrap().text;
        let id = record.record_id().unwrap().to_owned();
        captures.insert(id, Document { text, ..Document::default() });
    }
    captures
}

/// The pairs whose similarity was measured: places in the map of captures, and the Jaccard
/// similarity of their runs of five words (letters, digits and `_`, in lower case).
fn measured_pairs(data: &Path, captures: &BTreeMap<String, Document>) -> Vec<(usize, usize, f64)> {
    let at: BTreeMap<&str, usize> =
        captures.keys().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let table = std::fs::read_to_string(data.join("neardup/pairs.tsv")).unwrap();
    let pair = |line: &str| {
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap().trim_matches(['<', '>']).to_owned();
        let (a, b) = (at[field().as_str()], at[field().as_str()]);
        (a, b, field().parse().unwrap())
    };
    table.lines().skip(1).map(pair).collect()
}

/// Part of the union of two ascending sets that both have.
fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let both = a.iter().filter(|hash| b.binary_search(hash).is_ok()).count();
    if both == 0 { 0.0 } else { both as f64 / (a.len() + b.len() - both) as f64 }
}

/// Part of the minima that are equal.
fn estimate(a: &Outcome, b: &Outcome) -> f64 {
    let (a, b) = (&a.signature.hashes, &b.signature.hashes);
    a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / a.len().max(1) as f64
}

fn share_a_key(a: &Outcome, b: &Outcome) -> bool {
    a.signature.keys.iter().zip(&b.signature.keys).any(|(a, b)| a == b)
}

fn built(seed: u64, bands: u32, rows: u32) -> Built {
    let parameters = json!({"seed": seed, "bands": bands, "rows": rows, "verify": "estimated"});
    rebuild("minhash", &parameters).unwrap()
}

fn outcomes<'a>(built: &Built, documents: impl Iterator<Item = &'a Document>) -> Vec<Outcome> {
    let evaluate = |document: &Document| {
        let mut outcome = Outcome::default();
        built.step.evaluate(&View::raw(document), &[], &mut outcome);
        outcome
    };
    documents.map(evaluate).collect()
}

fn bucket(similarity: f64) -> usize {
    BUCKETS.iter().rposition(|&bound| similarity >= bound).unwrap()
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// Standard deviation of the mean of independent numbers.
fn error_of_mean(numbers: &[f64]) -> f64 {
    let center = mean(numbers);
    let squares: f64 = numbers.iter().map(|number| (number - center).powi(2)).sum();
    (squares / (numbers.len() - 1) as f64 / numbers.len() as f64).sqrt()
}

fn say(line: &str) {
    // Straight to stderr, because a test that passes shows nothing of what it prints.
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[test]
fn pairs_are_found_with_the_probability_of_their_similarity() {
    let Some(data) = common::data() else { return };
    let captures = captures(&data);
    let measured = measured_pairs(&data, &captures);
    assert_eq!((captures.len(), measured.len()), (260, 689));
    let sets: Vec<Vec<u64>> = {
        let step = built(1, 14, 8);
        let set = |document: &Document| {
            let mut hashes = Vec::new();
            step.step.shingles(&View::raw(document), &mut hashes);
            hashes
        };
        captures.values().map(set).collect()
    };
    let own: Vec<f64> = measured.iter().map(|&(a, b, _)| jaccard(&sets[a], &sets[b])).collect();
    let apart = |at: usize| (own[at] - measured[at].2).abs();
    let close = (0..own.len()).filter(|&at| apart(at) < 0.05).count();
    say(&format!("{close} of 689 pairs have our Jaccard within 0.05 of the measured one"));
    assert!(close > 650, "{close}: other words, but the same pairs are alike");

    for (bands, rows) in [(14, 8), (26, 11)] {
        let theory = |s: f64| 1.0 - (1.0 - s.powi(rows)).powi(bands);
        // By bucket and seed: pairs found.
        let mut found = [const { Vec::new() }; BUCKETS.len()];
        for seed in 1..=SEEDS {
            let outcomes = outcomes(&built(seed, bands as u32, rows as u32), captures.values());
            let mut counts = [0.0; BUCKETS.len()];
            for (&(a, b, _), &similarity) in measured.iter().zip(&own) {
                counts[bucket(similarity)] +=
                    f64::from(u8::from(share_a_key(&outcomes[a], &outcomes[b])));
            }
            found.iter_mut().zip(counts).for_each(|(found, count)| found.push(count));
        }
        say(&format!(
            "{bands} x {rows}: Jaccard from, pairs, found with seed 1, mean of seeds, by theory"
        ));
        for (at, found) in found.iter().enumerate() {
            let members: Vec<f64> = own.iter().copied().filter(|&s| bucket(s) == at).collect();
            let pairs = members.len() as f64;
            let expected: f64 = members.iter().map(|&s| theory(s)).sum();
            let (center, error) = (mean(found), error_of_mean(found));
            let share = |count: f64| count / pairs.max(1.0);
            say(&format!(
                "{:>12.1} {pairs:>6} {:>10.3} {:>10.3} {:>10.3}",
                BUCKETS[at],
                share(found[0]),
                share(center),
                share(expected)
            ));
            // Pairs of one page hang together, and the seeds' spread shows by how much; where no
            // seed differs, half a pair is what they cannot tell.
            let slack = 4.0 * error + 0.5;
            assert!((center - expected).abs() < slack, "bucket {at}: {center} against {expected}");
        }
    }
}

#[test]
fn verification_leaves_no_pair_that_is_less_alike() {
    let Some(data) = common::data() else { return };
    let captures = captures(&data);
    let step = built(1, 14, 8);
    let outcomes = outcomes(&step, captures.values());
    let sets: Vec<Vec<u64>> = captures
        .values()
        .map(|document| {
            let mut hashes = Vec::new();
            step.step.shingles(&View::raw(document), &mut hashes);
            hashes
        })
        .collect();
    let alike = 0.75;
    let (mut truly, mut candidates, mut estimated) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut errors = Vec::new();
    for b in 0..sets.len() {
        for a in 0..b {
            let similarity = jaccard(&sets[a], &sets[b]);
            if similarity >= alike {
                truly.insert((a, b));
            }
            if share_a_key(&outcomes[a], &outcomes[b]) {
                let estimate = estimate(&outcomes[a], &outcomes[b]);
                errors.push((estimate - similarity).powi(2));
                candidates.insert((a, b));
                if estimate >= alike {
                    estimated.insert((a, b));
                }
            }
        }
    }
    let verified: BTreeSet<_> = candidates.intersection(&truly).copied().collect();
    let mut shares = Vec::new();
    for (name, joined) in [("off", &candidates), ("estimated", &estimated), ("jaccard", &verified)]
    {
        let right = joined.intersection(&truly).count() as f64;
        let (precision, recall) = (right / joined.len() as f64, right / truly.len() as f64);
        say(&format!(
            "verify = {name:?}: {} pairs, precision {precision:.3}, recall {recall:.3} at 0.75",
            joined.len()
        ));
        shares.push((precision, recall));
    }
    let [off, estimated, jaccard] = shares[..] else { panic!("three") };
    assert!(off.1 > 0.9, "nearly all that are alike share a key: {off:?}");
    assert!(estimated.0 > off.0 && estimated.0 > 0.95, "{estimated:?} after {off:?}");
    assert!(estimated.1 > off.1 - 0.05, "{estimated:?} after {off:?}");
    assert_eq!(jaccard, (1.0, off.1), "exact verification loses and adds nothing");
    let error = mean(&errors).sqrt();
    say(&format!("{} estimates have a root mean square error of {error:.4}", errors.len()));
    assert!(error < 0.05, "at most 0.047 at a similarity of one half: {error}");
}
