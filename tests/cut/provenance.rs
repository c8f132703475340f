//! Who was whose copy.

use std::collections::BTreeMap;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use tempfile::TempDir;

use crate::mill::{Mill, batches, cut_of, line, page};

struct Row {
    cluster: String,
    size: i64,
    keep: bool,
    keeper: String,
    matched: Option<String>,
    band: Option<i32>,
}

fn provenance(output: &std::path::Path, step: &str) -> BTreeMap<String, Row> {
    let mut rows = BTreeMap::new();
    for batch in batches(&output.join(format!("dedup/{step}.parquet"))) {
        let text = |name: &str, row: usize| {
            let column = batch.column_by_name(name).unwrap().as_string::<i32>();
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        let column = |name: &str| batch.column_by_name(name).unwrap().clone();
        let (size, keep, band) = (column("cluster_size"), column("keep"), column("band"));
        let bands = band.as_primitive::<Int32Type>();
        for row in 0..batch.num_rows() {
            let entry = Row {
                cluster: text("cluster", row).unwrap(),
                size: size.as_primitive::<Int64Type>().value(row),
                keep: keep.as_boolean().value(row),
                keeper: text("keeper", row).unwrap(),
                matched: text("matched", row),
                band: bands.is_valid(row).then(|| bands.value(row)),
            };
            rows.insert(text("id", row).unwrap(), entry);
        }
    }
    rows
}

#[test]
fn each_copy_has_its_cluster_its_keeper_and_what_it_matched() {
    let pool = TempDir::new().unwrap();
    // 0, 2 and 4 are one text, 1 and 5 another, 3 is alone, 6 has nothing to compare.
    let texts = [[1, 2], [3, 4], [1, 2], [5, 6], [1, 2], [3, 4]].map(|seeds| page(0, &seeds));
    let mut lines: Vec<String> = (0..).zip(&texts).map(|(at, text)| line(at, text)).collect();
    lines.push(line(6, "…"));
    let path = pool.path().join("pool.jsonl");
    std::fs::write(&path, lines.join("\n")).unwrap();
    let id = |number: usize| format!("doc-{:03}", number * 37 % 997);
    let mill = Mill::new("[[step]]\nuse = 'exact'\nkeep = 'newest'\n", &[path]);
    let (output, summary, documents) = cut_of(&mill.request("full"));
    let dedup = &summary.dedups[0];
    assert_eq!((dedup.documents, dedup.unsigned, dedup.clusters), (7, 1, 2));
    assert_eq!((dedup.clustered, dedup.largest, dedup.removed), (5, 3, 3));

    let rows = provenance(output.path(), "exact");
    assert_eq!(rows.len(), 5, "documents that are no copies have no row");
    // The days are 1 + 7 n mod 28: of 0, 2, 4 it is 2 that came last, of 1 and 5 both came on one.
    let first = &rows[&id(0)];
    assert_eq!((first.cluster.as_str(), first.size, first.keep), (id(0).as_str(), 3, false));
    assert_eq!(
        (first.keeper.as_str(), first.matched.as_deref()),
        (id(2).as_str(), Some(id(2).as_str()))
    );
    assert_eq!(first.band, Some(0));
    let newest = &rows[&id(2)];
    assert_eq!((newest.keep, newest.matched.as_ref(), newest.band), (true, None, None));
    assert_eq!(rows[&id(4)].matched, Some(id(0)), "of those it shares a key with, the first");
    let equal = [id(1), id(5)];
    assert!(rows[equal.iter().min().unwrap()].keep, "among equals the smallest id stays");
    assert!(!rows[equal.iter().max().unwrap()].keep);

    let kept: Vec<&str> = documents.iter().map(|document| document.id.as_str()).collect();
    assert_eq!(kept.len(), 4);
    for (id, row) in &rows {
        assert_eq!(row.keep, kept.contains(&id.as_str()));
        assert!(rows[&row.keeper].keep);
    }
    // The size of its cluster goes with each document.
    let sizes: Vec<i64> = batches(&output.path().join("data/part-00000.parquet"))
        .iter()
        .flat_map(|batch| {
            let column = batch.column_by_name("exact_cluster_size").unwrap();
            column.as_primitive::<Int64Type>().values().to_vec()
        })
        .collect();
    let expected: Vec<i64> =
        kept.iter().map(|id| rows.get(*id).map_or(1, |row| row.size)).collect();
    assert_eq!(sizes, expected);
}
