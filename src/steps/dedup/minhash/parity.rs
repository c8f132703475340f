//! `minhash` against datatrove's own signatures and clusters.

use std::collections::BTreeMap;

use crate::document::Document;
use crate::steps::registry::Built;
use crate::steps::testing::{build, outcome, value};
use crate::text::View;
use crate::text::oracle::{Oracle, assert_equal};
use crate::text::shingles::{ShingleHash, Shingles};
use crate::text::simplify::{Simplification, SimplifyScratch};

fn assert_all_equal<T: PartialEq + std::fmt::Debug>(name: &str, ours: &[T], theirs: &[T]) {
    assert_eq!(ours.len(), theirs.len(), "{name}: rows");
    let differing: Vec<_> = (0..ours.len()).filter(|&row| ours[row] != theirs[row]).collect();
    eprintln!("{name}: {} of {} equal", ours.len() - differing.len(), ours.len());
    if let Some(&row) = differing.first() {
        panic!("{name}: row {row}: {:?} / {:?}", ours[row], theirs[row]);
    }
}

#[test]
fn signatures_are_datatrove_s_bit_by_bit() {
    let columns =
        ["in_signature_sample", "n_shingles", "first_shingles", "simplified_text", "signature"];
    let Some(texts) = Oracle::texts() else { return };
    let Some(oracle) = Oracle::read("datatrove_minhash", &columns) else { return };
    let sample = oracle.bools("in_signature_sample");
    let rows: Vec<usize> = (0..texts.len()).filter(|&row| sample[row]).collect();
    assert_eq!(rows.len(), 500);
    fn of<T: Clone>(rows: &[usize], column: Vec<T>) -> Vec<T> {
        rows.iter().map(|&row| column[row].clone()).collect()
    }

    let simplify = |row: &usize| {
        let mut simplified = String::new();
        let scratch = &mut SimplifyScratch::default();
        Simplification::Datatrove.apply(&texts[*row], &mut simplified, scratch);
        simplified
    };
    let simplified: Vec<_> = rows.iter().map(simplify).collect();
    let theirs = of(&rows, oracle.strings("simplified_text"));
    assert_all_equal(
        "simplified_text",
        &simplified.iter().cloned().map(Some).collect::<Vec<_>>(),
        &theirs,
    );

    let first_shingles = |text: &String| {
        let (mut shingles, mut hashes) = (Shingles::default(), Vec::new());
        shingles.words(text);
        shingles.hash(5, ShingleHash::Xxh64, &mut hashes);
        hashes.truncate(5);
        Some(hashes)
    };
    let first: Vec<_> = simplified.iter().map(first_shingles).collect();
    assert_all_equal("first_shingles", &first, &of(&rows, oracle.hashes("first_shingles")));

    let built = build("minhash", "verify = 'estimated'").expect("sound parameters");
    let outcomes: Vec<_> = rows.iter().map(|&row| outcome(&built, &texts[row])).collect();
    let counts: Vec<_> =
        outcomes.iter().map(|outcome| value("minhash", outcome, "shingles")).collect();
    assert_equal("n_shingles", &counts, &of(&rows, oracle.numbers("n_shingles")), 0);
    let signatures: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| Some(outcome.signature.hashes).filter(|hashes| !hashes.is_empty()))
        .collect();
    assert_all_equal("signature", &signatures, &of(&rows, oracle.hashes("signature")));
}

/// A cluster of each document: the smallest row that it is linked with by shared keys.
fn clusters(built: &Built, texts: &[String]) -> Vec<usize> {
    let mut roots: Vec<usize> = (0..texts.len()).collect();
    let find = |roots: &[usize], mut row: usize| {
        while roots[row] != row {
            row = roots[row];
        }
        row
    };
    let mut first_of: BTreeMap<(u32, u64), usize> = BTreeMap::new();
    for (row, text) in texts.iter().enumerate() {
        for key in outcome(built, text).signature.keys {
            let first = *first_of.entry(key).or_insert(row);
            let (a, b) = (find(&roots, first), find(&roots, row));
            roots[a.max(b)] = a.min(b);
        }
    }
    (0..texts.len()).map(|row| find(&roots, row)).collect()
}

#[test]
fn documents_that_share_a_key_are_datatrove_s_clusters() {
    let columns = ["doc_index", "near_text", "cluster_id", "cluster_size"];
    let Some(mut texts) = Oracle::texts() else { return };
    let Some(oracle) = Oracle::read("datatrove_minhash", &columns) else { return };
    let near = oracle.strings("near_text");
    texts.extend(near.into_iter().flatten());
    let (ids, sizes) = (oracle.numbers("cluster_id"), oracle.numbers("cluster_size"));
    assert_eq!((texts.len(), ids.len()), (2962, 2962), "texts, then their near-copies");

    let built = build("minhash", "").expect("sound parameters");
    let ours = clusters(&built, &texts);
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, &cluster) in ours.iter().enumerate() {
        members.entry(cluster).or_default().push(row);
    }
    // datatrove names a cluster by a number of its own; ours by the first row of the same number.
    let mut named: BTreeMap<u64, usize> = BTreeMap::new();
    let theirs: Vec<usize> = ids
        .iter()
        .enumerate()
        .map(|(row, id)| id.map_or(row, |id| *named.entry(id as u64).or_insert(row)))
        .collect();
    assert_all_equal("cluster_id", &ours, &theirs);
    let ours: Vec<_> = ours.iter().map(|cluster| Some(members[cluster].len() as f64)).collect();
    assert_equal("cluster_size", &ours, &sizes, 0);
    eprintln!("{} clusters of two or more", members.values().filter(|m| m.len() > 1).count());
}

#[test]
fn shingle_sets_give_the_jaccard_similarity_of_near_copies() {
    let columns = ["near_text", "near_of", "record_id", "near_rate"];
    let Some(texts) = Oracle::texts() else { return };
    let Some(oracle) = Oracle::read("datatrove_minhash", &columns) else { return };
    let (ids, of) = (oracle.strings("record_id"), oracle.strings("near_of"));
    let built = build("minhash", "verify = 'jaccard'").expect("sound parameters");
    let shingles = |text: &str| {
        let document = Document { text: text.to_owned(), ..Document::default() };
        let mut hashes = Vec::new();
        built.step.shingles(&View::raw(&document), &mut hashes);
        assert!(hashes.windows(2).all(|pair| pair[0] < pair[1]), "each once and ascending");
        hashes
    };
    let mut by_rate: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let rows = oracle.strings("near_text").into_iter().zip(oracle.numbers("near_rate")).zip(of);
    for ((near, rate), of) in rows {
        let (Some(near), Some(rate), Some(of)) = (near, rate, of) else { continue };
        let row = ids.iter().position(|id| id.as_deref() == Some(&of)).expect("its source");
        let (a, b) = (shingles(&texts[row]), shingles(&near));
        let both = a.iter().filter(|hash| b.binary_search(hash).is_ok()).count() as f64;
        let jaccard = both / (a.len() + b.len()) as f64 / (1.0 - both / (a.len() + b.len()) as f64);
        by_rate.entry(rate.to_string()).or_default().push(jaccard);
    }
    // A replaced word spoils five shingles of each side: at a rate q about (1-q)⁵ of them remain.
    for (rate, found) in by_rate {
        let kept = (1.0 - rate.parse::<f64>().unwrap()).powi(5);
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        let expected = kept / (2.0 - kept);
        eprintln!("{rate} of words replaced: Jaccard {mean:.3}, expected {expected:.3}");
        assert_eq!(found.len(), 100);
        assert!((mean - expected).abs() < 0.05, "{rate}: {mean} against {expected}");
    }
}
