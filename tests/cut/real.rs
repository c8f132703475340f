//! Real pages: datatrove's own clusters, and captures of the same pages at different dates.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use serde_json::json;
use tempfile::TempDir;

use crate::common::data;
use crate::mill::{Mill, batches, cut_of};

/// The columns of a file, each in one piece.
fn columns(path: &Path, names: &[&str]) -> Vec<Vec<ArrayRef>> {
    let batches = batches(path);
    let column = |name: &&str| {
        batches.iter().map(|batch| batch.column_by_name(name).unwrap().clone()).collect()
    };
    names.iter().map(column).collect()
}

fn strings(column: &[ArrayRef]) -> Vec<Option<String>> {
    let of = |array: &ArrayRef| -> Vec<Option<String>> {
        match array.as_string_opt::<i32>() {
            Some(array) => array.iter().map(|text| text.map(str::to_owned)).collect(),
            None => {
                let array = array.as_string::<i64>();
                array.iter().map(|text| text.map(str::to_owned)).collect()
            }
        }
    };
    column.iter().flat_map(of).collect()
}

fn numbers(column: &[ArrayRef]) -> Vec<Option<i64>> {
    let cast = |array: &ArrayRef| arrow_cast::cast(array, &arrow_schema::DataType::Int64).unwrap();
    let all = column.iter().map(cast);
    all.flat_map(|array| array.as_primitive::<Int64Type>().iter().collect::<Vec<_>>()).collect()
}

/// datatrove's MinHash over 2,662 texts and 300 near-copies of them: from texts to who stays, all the
/// way through a run and a cut.
#[test]
fn the_clusters_are_those_of_datatrove_and_so_is_who_stays() {
    let Some(data) = data() else { return };
    let oracle = data.join("oracle");
    let texts = strings(&columns(&oracle.join("texts.parquet"), &["text"])[0]);
    let file = oracle.join("datatrove_minhash.parquet");
    let found = columns(&file, &["rank", "doc_index", "near_text", "cluster_id", "kept"]);
    let (ranks, indices) = (numbers(&found[0]), numbers(&found[1]));
    let (near, clusters) = (strings(&found[2]), numbers(&found[3]));
    let kept: Vec<bool> = found[4]
        .iter()
        .flat_map(|array| array.as_boolean().values().iter().collect::<Vec<_>>())
        .collect();
    let pool = TempDir::new().unwrap();
    let lines = (0..ranks.len()).map(|row| {
        let text = match ranks[row] {
            Some(0) => texts[indices[row].unwrap() as usize].clone(),
            _ => near[row].clone(),
        };
        json!({"id": format!("{row:05}"), "url": "http://h.example/", "text": text.unwrap(),
               "date": "2025-01-01T00:00:00Z"})
        .to_string()
    });
    let path = pool.path().join("pool.jsonl");
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let mill = Mill::new("[[step]]\nuse = 'minhash'\n", &[path]);
    let (output, summary, documents) = cut_of(&mill.request("full"));
    assert_eq!(summary.pool, ranks.len() as u64);

    let provenance = batches(&output.path().join("dedup/minhash.parquet"));
    let mut ours: BTreeMap<usize, String> = BTreeMap::new();
    for batch in &provenance {
        let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().clone();
        let (ids, of) = (text("id"), text("cluster"));
        for row in 0..batch.num_rows() {
            ours.insert(ids.value(row).parse().unwrap(), of.value(row).to_owned());
        }
    }
    // The same documents are in clusters, and two are together here if they are there.
    let theirs: BTreeMap<usize, i64> =
        clusters.iter().enumerate().filter_map(|(row, id)| Some((row, (*id)?))).collect();
    assert_eq!(ours.len(), theirs.len());
    let mut names: BTreeMap<i64, &String> = BTreeMap::new();
    for (row, cluster) in &theirs {
        let name = names.entry(*cluster).or_insert(&ours[row]);
        assert_eq!(*name, &ours[row], "row {row}");
    }
    let distinct: std::collections::BTreeSet<&&String> = names.values().collect();
    assert_eq!(distinct.len(), names.len());
    assert_eq!((names.len() as u64, summary.dedups[0].clusters), (214, 214));

    // datatrove keeps the root of its union-find, the first document but in one cluster.
    let mut stays = vec![false; kept.len()];
    documents.iter().for_each(|document| stays[document.id.parse::<usize>().unwrap()] = true);
    let others = (0..kept.len()).filter(|&row| stays[row] != kept[row]).count();
    assert_eq!((others, documents.len()), (2, kept.iter().filter(|kept| **kept).count()));
}

/// 260 captures: of each page one is left, and verification leaves only what is really alike.
#[test]
fn captures_of_a_page_are_found_and_verified() {
    let Some(data) = data() else { return };
    let recrawl = data.join("neardup/recrawl.warc.gz");
    let pipeline = "[[step]]\nuse = 'minhash'\n[[step]]\nuse = 'minhash'\nas = 'estimated'\n\
        verify = 'estimated'\n[[step]]\nuse = 'minhash'\nas = 'jaccard'\nverify = 'jaccard'\n\
        [ablation]\nonly_one = true\n";
    let mill = Mill::new(pipeline, &[recrawl]);
    let cut = |arm: &str| cut_of(&mill.request(arm)).1.dedups[0].clone();
    let (plain, estimated, true_jaccard) =
        (cut("only_minhash"), cut("only_estimated"), cut("only_jaccard"));
    assert_eq!(plain.documents, 260);
    assert!(plain.clustered > 200, "{plain:?}");
    assert_eq!((plain.compared, plain.rejected), (0, 0));
    for verified in [&estimated, &true_jaccard] {
        assert!(verified.rejected > 0 && verified.compared > verified.rejected, "{verified:?}");
        assert!(verified.clustered <= plain.clustered && verified.clustered > 200, "{verified:?}");
    }
}
