//! Clusters against components found by breadth-first search.

use proptest::prelude::*;

use super::super::rows::spread;
use super::super::{Clusterer, Statistics, Verify};
use super::{ByNumbers, Row, cluster, expected, found, options, shuffled};

const DOCUMENTS: u32 = 60;

fn rows(keys: u64) -> impl Strategy<Value = Vec<Row>> {
    // Bands in any order and not from 0 on; rows that stand twice; documents with two keys of a band.
    let band = prop::sample::select(vec![7_u32, 0, 3, 1_000_000]);
    prop::collection::vec((band, 0..keys, 0..DOCUMENTS), 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn components_and_links_are_exact_in_any_memory(
        rows in prop_oneof![rows(3), rows(40), rows(400)],
        memory_bytes in prop_oneof![Just(0_usize), 0..20_000_usize],
        threads in 1..5_usize,
        seed: u64,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let options = options(directory.path(), memory_bytes, threads);
        let clusters = cluster(DOCUMENTS, &shuffled(&rows, seed), &options, None);
        prop_assert_eq!(found(DOCUMENTS, &clusters), expected(DOCUMENTS, &rows, None));
        prop_assert_eq!(clusters.statistics().rows, rows.len() as u64);
        prop_assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn verified_clusters_follow_the_rule_of_leaders(
        rows in prop_oneof![rows(2), rows(3), rows(40)],
        memory_bytes in prop_oneof![Just(0_usize), 0..20_000_usize],
        threads in 1..5_usize,
        seed: u64,
        min_similarity in (0..101_u32).prop_map(|hundredths| f64::from(hundredths) / 100.0),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let options = options(directory.path(), memory_bytes, threads);
        let verify = Verify { min_similarity, similarity: &ByNumbers { seed } };
        let clusters = cluster(DOCUMENTS, &shuffled(&rows, seed), &options, Some(&verify));
        prop_assert_eq!(found(DOCUMENTS, &clusters), expected(DOCUMENTS, &rows, Some(&verify)));
        let Statistics { candidate_pairs, verified_pairs, rejected_pairs, .. } =
            *clusters.statistics();
        prop_assert_eq!(candidate_pairs, verified_pairs + rejected_pairs);
    }
}

/// Budgets from next to nothing to more than enough, and all numbers of threads.
const MACHINES: [(usize, usize); 5] =
    [(0, 2), (5_000, 1), (200_000, 3), (3_000_000, 4), (1 << 28, 2)];

#[test]
fn a_hot_key_a_long_path_and_a_bridged_giant() {
    const N: u32 = 60_000;
    let mut rows: Vec<Row> = Vec::new();
    // Every document has a key of its own in each band but those below.
    for document in 0..N {
        rows.extend([0, 1, 2].map(|band| (band, u64::from(N + document) << 4, document)));
    }
    // 40,000 documents share a key; 10,000 others share one; two of them share a third.
    rows.extend((100..40_100).map(|document| (1, 5, document)));
    rows.extend((40_100..50_100).map(|document| (2, 5, document)));
    rows.extend([(4, 9, 20_000), (4, 9, 45_000)]);
    // A path of 5,000, from the last to the first.
    for step in 0..4_999 {
        rows.extend([(5, u64::from(step), 59_999 - step), (5, u64::from(step), 59_998 - step)]);
    }
    let directory = tempfile::tempdir().unwrap();
    for (seed, (memory_bytes, threads)) in MACHINES.into_iter().enumerate() {
        let options = options(directory.path(), memory_bytes, threads);
        let clusters = cluster(N, &shuffled(&rows, seed as u64), &options, None);
        let link = |document| clusters.link(document).map(|link| (link.band, link.matched));
        for document in 0..N {
            let (root, size) = match document {
                100..50_100 => (100, 50_000),
                55_000.. => (55_000, 5_000),
                _ => (document, 1),
            };
            assert_eq!((clusters.root(document), clusters.size(document)), (root, size));
            let linked = match document {
                100 => Some((1, 101)),
                101..40_100 => Some((1, 100)),
                40_100 => Some((2, 40_101)),
                40_101..50_100 => Some((2, 40_100)),
                55_000 => Some((5, 55_001)),
                55_001.. => Some((5, document - 1)),
                _ => None,
            };
            assert_eq!(link(document), linked, "link of {document}");
        }
        let statistics = clusters.statistics();
        assert_eq!((statistics.clusters, statistics.clustered_documents), (2, 55_000));
        assert_eq!((statistics.largest_cluster, statistics.groups), (50_000, 5_002));
        assert_eq!(statistics.candidate_pairs, 39_999 + 9_999 + 1 + 4_999);
        assert_eq!(statistics.spilled_bytes == 0, memory_bytes == 1 << 28);
    }
}

#[test]
fn enough_rows_for_every_thread_and_every_budget_give_one_answer() {
    const N: u32 = 50_000;
    // One document in sixteen shares the key of another in each of the first bands; the rest is alone.
    let mut rows: Vec<Row> = Vec::new();
    for document in 0..N {
        for band in 0..6 {
            let chance = spread(u64::from(document) << 8 | u64::from(band));
            let of = if chance.is_multiple_of(16) { (chance >> 8) as u32 % N } else { document };
            rows.push((band, u64::from(of), document));
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let verify = Verify { min_similarity: 0.5, similarity: &ByNumbers { seed: 1 } };
    for verify in [None, Some(&verify)] {
        let mut first = None;
        for (memory_bytes, threads) in MACHINES {
            let options = options(directory.path(), memory_bytes, threads);
            let clusters = cluster(N, &rows, &options, verify);
            let statistics = Statistics { spilled_bytes: 0, ..*clusters.statistics() };
            let answer = (found(N, &clusters), statistics);
            assert_eq!(first.get_or_insert_with(|| answer.clone()), &answer);
        }
        let (_, statistics) = first.unwrap();
        assert!(statistics.clusters > 1_000, "{statistics:?}");
        assert_eq!(statistics.rejected_pairs > 0, verify.is_some());
    }
}

#[test]
fn a_group_of_unlike_documents_costs_no_more_than_its_leaders() {
    let directory = tempfile::tempdir().unwrap();
    let rows: Vec<Row> = (0..3_000).map(|document| (0, 1, document)).collect();
    let verify = Verify { min_similarity: 1.0, similarity: &ByNumbers { seed: 3 } };
    let expected = expected(3_000, &rows, Some(&verify));
    for memory_bytes in [0, 1 << 20] {
        let options = options(directory.path(), memory_bytes, 2);
        let clusters = cluster(3_000, &rows, &options, Some(&verify));
        assert_eq!(found(3_000, &clusters), expected);
        assert!(clusters.statistics().candidate_pairs < 64 * 3_000);
        assert!(clusters.statistics().clusters > 10);
    }
}

#[test]
fn weak_chains_do_not_merge_where_candidates_are_verified() {
    // Each is like the next and no other: one group, and no cluster of more than a leader and one.
    struct Neighbours;
    impl super::Similarity for Neighbours {
        fn similarity(&self, a: u32, b: u32) -> Result<f64, super::StoreError> {
            Ok(if a.abs_diff(b) == 1 { 0.75 } else { 0.5 })
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let rows: Vec<Row> = (0..10).map(|document| (0, 1, document)).collect();
    let verify = Verify { min_similarity: 0.75, similarity: &Neighbours };
    let clusters = cluster(10, &rows, &options(directory.path(), 1 << 20, 1), Some(&verify));
    let roots: Vec<u32> = (0..10).map(|document| clusters.root(document)).collect();
    assert_eq!(roots, [0, 0, 2, 2, 4, 4, 6, 6, 8, 8]);
    assert_eq!(clusters.link(3).unwrap().similarity, Some(0.75));
}

#[test]
fn a_row_that_stands_thousands_of_times_is_one_row() {
    let directory = tempfile::tempdir().unwrap();
    let mut rows: Vec<Row> = vec![(0, 1, 7); 10_000];
    rows.extend([(0, 1, 3), (0, 2, 5)]);
    rows.extend([(0, 1, 20); 3_000]);
    for memory_bytes in [0, 1 << 24] {
        let options = options(directory.path(), memory_bytes, 2);
        let clusters = cluster(30, &shuffled(&rows, 5), &options, None);
        assert_eq!(found(30, &clusters), expected(30, &rows, None));
        assert_eq!(clusters.statistics().candidate_pairs, 2);
    }
}

#[test]
fn no_documents_and_no_rows() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path(), 1 << 20, 2);
    let clusters = cluster(0, &[], &options, None);
    assert_eq!(*clusters.statistics(), Statistics::default());
    let clusters = cluster(2, &[], &options, None);
    assert_eq!((clusters.root(1), clusters.size(1), clusters.link(1)), (1, 1, None));
    assert_eq!(clusters.statistics().largest_cluster, 1);
}

#[test]
fn a_document_that_is_not_there_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut clusterer = Clusterer::new(5, &options(directory.path(), 1 << 20, 1));
    clusterer.push(0, 1, 4).unwrap();
    assert!(clusterer.push(0, 1, 5).unwrap_err().to_string().contains("document 5 of 5"));
}

#[test]
fn more_bands_than_can_be_told_apart_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut clusterer = Clusterer::new(2, &options(directory.path(), 1 << 24, 1));
    for band in 0..65_535 {
        clusterer.push(band * 3, 1, band % 2).unwrap();
    }
    assert!(clusterer.push(1, 1, 0).unwrap_err().to_string().contains("65535 bands"));
    clusterer.push(65_534 * 3, 1, 1).unwrap();
    let link = clusterer.finish(None).unwrap().link(1).unwrap();
    assert_eq!((link.matched, link.band), (0, 65_534 * 3));
}
