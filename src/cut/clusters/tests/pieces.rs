//! Repeats against a set, sketches against themselves.

use std::collections::{BTreeSet, HashSet};

use proptest::prelude::*;

use super::super::{Repeats, Similarity, SketchBuilder};
use super::{options, shuffled};

const DOCUMENTS: u32 = 50;

type Piece = (u64, u32, u32);

fn pieces(keys: u64) -> impl Strategy<Value = Vec<Piece>> {
    prop::collection::vec((0..keys, 0..DOCUMENTS, 0..20_u32), 0..400)
}

fn repeated(pieces: &[Piece]) -> BTreeSet<(u32, u32)> {
    let mut pieces: Vec<Piece> = pieces.to_vec();
    pieces.sort_by_key(|(_, document, piece)| (*document, *piece));
    pieces.dedup();
    let mut seen = HashSet::new();
    let repeated = pieces.into_iter().filter(|(key, ..)| !seen.insert(*key));
    repeated.map(|(_, document, piece)| (document, piece)).collect()
}

fn sets() -> impl Strategy<Value = Vec<Option<BTreeSet<u64>>>> {
    let set = prop::collection::btree_set(prop_oneof![0..40_u64, any::<u64>()], 0..30);
    prop::collection::vec(prop::option::weighted(0.8, set), 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_occurrence_but_the_first_is_found_in_any_memory(
        pieces in prop_oneof![pieces(2), pieces(50), pieces(500)],
        memory_bytes in prop_oneof![Just(0_usize), 0..40_000_usize],
        threads in 1..5_usize,
        seed: u64,
    ) {
        // A piece has one key.
        let mut places = HashSet::new();
        let mut rows = pieces;
        rows.retain(|(_, document, piece)| places.insert((*document, *piece)));
        // Some stand twice.
        let again: Vec<Piece> = rows.iter().copied().step_by(7).collect();
        rows.extend(again);
        let directory = tempfile::tempdir().unwrap();
        let mut repeats = Repeats::new(DOCUMENTS, &options(directory.path(), memory_bytes, threads));
        for (key, document, piece) in shuffled(&rows, seed) {
            repeats.push(key, document, piece).unwrap();
        }
        let found: Vec<_> = repeats.finish().unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(found, repeated(&rows).into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn sketches_are_what_was_pushed_and_compare_as_sets_and_by_position(
        sets in sets(),
        memory_bytes in prop_oneof![Just(0_usize), 0..100_000_usize, 10_000_000..20_000_000_usize],
        pairs in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 50),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let documents = sets.len() as u32;
        let mut builder = SketchBuilder::new(documents, &options(directory.path(), memory_bytes, 1));
        for (document, set) in (0..documents).zip(&sets) {
            if let Some(set) = set {
                builder.push(document, &set.iter().copied().collect::<Vec<_>>()).unwrap();
            }
        }
        let sketches = builder.finish().unwrap();
        let sets: Vec<BTreeSet<u64>> = sets.into_iter().map(Option::unwrap_or_default).collect();
        for (a, b) in pairs {
            let (a, b) = (a.index(sets.len()), b.index(sets.len()));
            let (x, y) = (&sets[a], &sets[b]);
            prop_assert!(sketches.get(a as u32).unwrap().iter().eq(x));
            let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
            let jaccard = share(x.intersection(y).count(), x.union(y).count());
            prop_assert_eq!(sketches.jaccard().similarity(a as u32, b as u32).unwrap(), jaccard);
            let equal = x.iter().zip(y).filter(|(x, y)| x == y).count();
            let equal = share(equal, x.len().max(y.len()));
            prop_assert_eq!(
                sketches.equal_positions().similarity(a as u32, b as u32).unwrap(),
                equal
            );
        }
    }
}

#[test]
fn a_line_that_every_document_has_is_repeated_in_all_but_the_first() {
    const N: u32 = 20_000;
    let directory = tempfile::tempdir().unwrap();
    for (memory_bytes, threads) in [(0, 1), (20_000, 3), (1 << 20, 4), (1 << 26, 2)] {
        let mut repeats = Repeats::new(N, &options(directory.path(), memory_bytes, threads));
        for document in (0..N).rev() {
            // Alike in all; alone; alike in two of ten, twice in one document.
            repeats.push(u64::MAX, document, 0).unwrap();
            repeats.push(u64::from(document) << 32, document, 1).unwrap();
            for piece in [2, u32::MAX] {
                repeats.push(1 + u64::from(document / 10), document, piece).unwrap();
            }
        }
        let pieces = repeats.finish().unwrap();
        assert_eq!(pieces.statistics().rows, 80_000);
        assert_eq!(pieces.statistics().spilled_bytes == 0, memory_bytes == 1 << 26);
        let expected = (0..N).flat_map(|document| {
            let firsts = [(document == 0, 0), (document % 10 == 0, 2), (false, u32::MAX)];
            firsts
                .into_iter()
                .filter_map(move |(first, piece)| (!first).then_some((document, piece)))
        });
        assert!(pieces.map(Result::unwrap).eq(expected));
    }
}

#[test]
fn documents_of_sketches_come_in_order_and_are_there() {
    let directory = tempfile::tempdir().unwrap();
    let mut builder = SketchBuilder::new(3, &options(directory.path(), 0, 1));
    builder.push(1, &[5, 6]).unwrap();
    assert!(builder.push(1, &[5]).unwrap_err().to_string().contains("document 1 comes late"));
    assert!(builder.push(3, &[5]).unwrap_err().to_string().contains("document 3 of 3"));
    let sketches = builder.finish().unwrap();
    assert_eq!(&*sketches.get(1).unwrap(), [5, 6]);
    assert!(sketches.get(2).unwrap().is_empty());
    assert_eq!(sketches.jaccard().similarity(0, 2).unwrap(), 0.0);
}

#[test]
fn sketches_can_be_read_from_several_threads() {
    let directory = tempfile::tempdir().unwrap();
    // 16 KiB: all on the disk, and documents of one slot take turns in it.
    let mut builder = SketchBuilder::new(5_000, &options(directory.path(), 1 << 18, 1));
    for document in 0..5_000 {
        builder.push(document, &vec![u64::from(document); document as usize % 40]).unwrap();
    }
    let sketches = builder.finish().unwrap();
    std::thread::scope(|scope| {
        for start in 0..4 {
            let sketches = &sketches;
            scope.spawn(move || {
                for document in (start..5_000).chain(0..5_000) {
                    let expected = vec![u64::from(document); document as usize % 40];
                    assert_eq!(*sketches.get(document).unwrap(), *expected);
                }
            });
        }
    });
}
