//! The shuffle against sorting in memory.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::cut::priority::{Priority, Purpose};
use crate::document::{Document, Location, day};

/// Documents with every field, absent and present.
pub(super) fn document() -> impl Strategy<Value = CutDocument> {
    let name = || proptest::option::of("\\PC{0,6}");
    let number = || proptest::option::of(any::<u64>());
    let names = (name(), name(), name(), name(), name(), name(), name(), name(), name());
    let numbers = (
        proptest::option::of(any::<i64>()),
        proptest::option::of(-10_000_i32..60_000),
        number(),
        number(),
        proptest::option::of(any::<u16>()),
        proptest::collection::vec(any::<u64>(), 0..3),
        proptest::option::of(proptest::collection::vec(any::<u32>(), 0..5)),
    );
    ("[ab]{0,2}|\\PC{0,9}", "\\PC{0,6}", "(?s).{0,200}", names, numbers).prop_map(
        |(id, file, text, names, numbers)| {
            let (date_us, published, offset, length, status, cluster_sizes, tokens) = numbers;
            let (url, mime, charset, digest, truncated, title, author, host, domain) = names;
            let location = Location { file, offset, length };
            let document = Document {
                id,
                url,
                date_us,
                location,
                status,
                mime,
                charset,
                digest,
                truncated,
                title,
                author,
                published: published.and_then(day),
                text,
            };
            CutDocument { document, host, domain, cluster_sizes, tokens }
        },
    )
}

type Row = (u64, u32, CutDocument);

fn shuffled(rows: &[Row], memory_bytes: usize) -> Vec<CutDocument> {
    let directory = tempfile::tempdir().expect("a directory");
    let mut shuffle = Shuffle::new(directory.path(), memory_bytes);
    for (priority, ordinal, document) in rows {
        shuffle.push(*priority, *ordinal, document).expect("room");
    }
    let mut documents = Vec::new();
    let each = |document| {
        documents.push(document);
        Ok::<(), StoreError>(())
    };
    shuffle.finish(each).expect("room");
    documents
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_order_is_that_of_the_sorted_documents_whatever_the_memory_and_the_order_before(
        rows in proptest::collection::vec((0..4_u64, 0..3_u32, document()), 0..40),
        memory_bytes in 0..10_000_usize,
    ) {
        let mut sorted = rows.clone();
        sorted.sort_by(|a, b| {
            let place = |row: &Row| (row.0, row.2.document.id.clone(), row.1);
            place(a).cmp(&place(b))
        });
        let result = shuffled(&rows, usize::MAX);
        let ids = |documents: &[CutDocument]| -> Vec<String> {
            documents.iter().map(|document| document.document.id.clone()).collect()
        };
        let sorted: Vec<CutDocument> = sorted.into_iter().map(|row| row.2).collect();
        prop_assert_eq!(ids(&result), ids(&sorted));
        prop_assert_eq!(&shuffled(&rows, memory_bytes), &result);
        let mut turned = rows;
        turned.reverse();
        prop_assert_eq!(&shuffled(&turned, memory_bytes), &result);
    }
}

/// Documents of some 300 bytes in the order of a pool.
fn pool(documents: u32) -> Vec<Row> {
    let priority = Priority::new(Purpose::Sample, 5);
    let row = |n: u32| {
        let id = format!("pool.jsonl:{n}");
        let text = format!("{n} ").repeat(20 + n as usize % 60);
        let document = Document { id, text, ..Document::default() };
        let document = CutDocument { document, ..CutDocument::default() };
        (priority.of(&document.document.id), n, document)
    };
    (0..documents).map(row).collect()
}

#[test]
fn runs_beyond_what_can_be_merged_at_once_are_merged_in_rounds() {
    let rows = pool(3000);
    let mut expected = rows.clone();
    expected.sort_by_key(|row| row.0);
    let expected: Vec<CutDocument> = expected.into_iter().map(|row| row.2).collect();
    // A run for every document or two, two of which are merged at once; some 70; none.
    for memory_bytes in [1, 500, 20_000, usize::MAX] {
        assert!(shuffled(&rows, memory_bytes) == expected, "with {memory_bytes} bytes");
    }
}

#[test]
fn neighbours_in_the_pool_are_none_in_the_result() {
    let documents = shuffled(&pool(2000), usize::MAX);
    let number = |document: &CutDocument| -> i64 {
        document.document.id.rsplit(':').next().and_then(|n| n.parse().ok()).expect("a number")
    };
    let near = documents.windows(2).filter(|two| (number(&two[0]) - number(&two[1])).abs() <= 10);
    // Some 20 of 2000 by chance.
    assert!(near.count() < 45);
}

#[test]
fn spill_files_have_no_name_and_leave_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = || std::fs::read_dir(directory.path()).expect("readable").count();
    let mut shuffle = Shuffle::new(directory.path(), 1000);
    for (priority, ordinal, document) in pool(50) {
        shuffle.push(priority, ordinal, &document).expect("room");
    }
    assert!(shuffle.spill.is_some());
    if cfg!(unix) {
        assert_eq!(files(), 0);
    }
    let mut seen = 0;
    let stop = |_| {
        seen += 1;
        Err::<(), StoreError>(StoreError::new(Path::new("the output"), io::ErrorKind::StorageFull))
    };
    let error = shuffle.finish(stop).expect_err("the writer's error");
    assert!(error.to_string().starts_with("the output: "), "{error}");
    assert_eq!((seen, files()), (1, 0));
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let nowhere = Path::new("/nowhere/at/all");
    let mut shuffle = Shuffle::new(nowhere, 1000);
    let rows = pool(50);
    let mut push = || {
        rows.iter().try_for_each(|(priority, ordinal, document)| {
            shuffle.push(*priority, *ordinal, document)
        })
    };
    let error = push().expect_err("no such directory");
    assert_eq!(error.path, nowhere);
}

#[test]
fn what_fits_touches_no_disk() {
    let mut shuffle = Shuffle::new(Path::new("/nowhere/at/all"), 1 << 20);
    for (priority, ordinal, document) in pool(50) {
        shuffle.push(priority, ordinal, &document).expect("no disk");
    }
    let mut seen = 0;
    let each = |_| {
        seen += 1;
        Ok::<(), StoreError>(())
    };
    shuffle.finish(each).expect("no disk");
    assert_eq!(seen, 50);
}
