//! An arm cut from a run of everything is what its steps give, one after the other.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use gristmill::plan::Plan;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::arm_oracle::documents_of;
use crate::common::{fixture, repo};
use crate::mill::{
    Mill, batches, cut_documents, cut_of, cut_with, documents, options, plan, request, run_into,
    texts, write_pool,
};
use crate::seen::{diff_has, report_has};

const PIPELINE: &str = "
[[step]]
use = 'length'
min_words = 8
[[step]]
use = 'newline_runs'
max_newlines = 1
[[step]]
use = 'exact'
keep = 'longest'
[[step]]
use = 'minhash'
shingle = 'character'
ngram = 9
bands = 12
rows = 5
keep = 'best'
by = 'length.words'
[[step]]
use = 'gopher_repetition'
[[step]]
use = 'url_dedup'
[[step]]
use = 'repeated_paragraphs'
min_chars = 1
min_chars_left = 20
[arms]
odd = ['newline_runs', 'minhash', 'repeated_paragraphs']
[ablation]
leave_one_out = true
only_one = true
";

/// Every arm of a run: as its steps give it, as a run of its own gives it, and as it is cut.
fn assert_arms(mill: &Mill, direct: impl Fn(&str) -> Plan, paths: &[PathBuf]) {
    let pool = mill.pool();
    let mut sizes = Vec::new();
    for arm in &mill.plan.arms {
        let name = arm.name.as_str();
        let expected = documents_of(&mill.plan, name, &pool);
        let (_cut, summary, found) = cut_of(&mill.request(name));
        assert_eq!(texts(&found), texts(&expected), "{name}");
        assert_eq!(summary.text_bytes, expected.iter().map(|d| d.text.len() as u64).sum::<u64>());
        let (own, directory) = (direct(name), TempDir::new().unwrap());
        run_into(&own, paths, directory.path(), 2);
        let (_cut, _, of_own) = cut_of(&request(&[directory.path()], name));
        assert_eq!(texts(&of_own), texts(&expected), "{name}, run alone");
        if !own.needs_cut(0) {
            let mut stored: Vec<PathBuf> = std::fs::read_dir(directory.path().join("documents"))
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect();
            stored.sort();
            let stored: Vec<_> = stored.iter().flat_map(|path| documents(path)).collect();
            assert_eq!(texts(&stored), texts(&expected), "{name}, as a run of its own stores it");
        }
        sizes.push(found.len());
    }
    sizes.sort_unstable();
    sizes.dedup();
    assert!(sizes.len() > 1, "the arms differ, or the test tells nothing: {sizes:?}");
}

#[test]
fn every_arm_equals_its_steps_one_after_the_other_and_a_run_of_its_own() {
    let pool = TempDir::new().unwrap();
    let paths = write_pool(pool.path(), 3, 30);
    let mill = Mill::new(PIPELINE, &paths);
    assert_eq!(mill.plan.arms.len(), 17);
    assert_arms(&mill, |arm| plan(PIPELINE).directly(arm).unwrap(), &paths);
}

#[test]
fn every_arm_of_every_shipped_pipeline_equals_its_steps_one_after_the_other() {
    let inputs = [fixture("crawl-00000.warc.gz"), fixture("crawl-00001.warc.gz")];
    let mut pipelines: Vec<PathBuf> =
        std::fs::read_dir(repo("pipelines")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pipelines.sort();
    for path in pipelines.iter().filter(|path| !path.ends_with("raw.toml")) {
        let load = || Plan::load(path, None).unwrap_or_else(|error| panic!("{error}"));
        let directory = TempDir::new().unwrap();
        run_into(&load(), &inputs, directory.path(), 2);
        let mill = Mill { plan: load(), directory };
        assert_arms(&mill, |arm| load().directly(arm).unwrap(), &inputs);
    }
}

/// Every file of a cut but its account, with its bytes.
fn files(output: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for part in ["data", "dedup"] {
        let Ok(entries) = std::fs::read_dir(output.join(part)) else { continue };
        files.extend(entries.map(|entry| {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            (path.strip_prefix(output).unwrap().to_path_buf(), bytes)
        }));
    }
    files.sort();
    files
}

#[test]
fn bytes_are_the_same_for_any_threads_memory_order_of_shards_and_after_a_kill() {
    let pool = TempDir::new().unwrap();
    let paths = write_pool(pool.path(), 4, 70);
    let mill = Mill::new(PIPELINE, &paths);
    let (expected, ..) = cut_of(&mill.request("full"));
    let expected = files(expected.path());
    assert!(expected.len() > 4, "{}", expected.len());

    let never = AtomicBool::new(false);
    for (threads, memory) in [(1, 1 << 30), (3, 4096), (8, 1)] {
        let output = TempDir::new().unwrap();
        let spill = TempDir::new().unwrap();
        let mut options = options(threads, memory);
        options.spill = Some(spill.path().to_path_buf());
        cut_with(&mill.request("full"), output.path(), &options, &never).unwrap();
        assert!(files(output.path()) == expected, "{threads} threads, {memory} bytes");
        assert_eq!(std::fs::read_dir(spill.path()).unwrap().count(), 0, "nothing is left behind");
    }

    // A run that stopped after a shard and was carried on, over shards in another order.
    let mut reversed = paths.clone();
    reversed.reverse();
    let directory = TempDir::new().unwrap();
    run_into(&mill.plan, &reversed[..1], directory.path(), 1);
    run_into(&mill.plan, &reversed, directory.path(), 8);
    let (output, ..) = cut_of(&request(&[directory.path()], "full"));
    assert!(files(output.path()) == expected);
}

#[test]
fn a_cut_that_was_killed_begins_anew_and_one_that_is_whole_is_not_done_twice() {
    let pool = TempDir::new().unwrap();
    let mill = Mill::new(PIPELINE, &write_pool(pool.path(), 2, 25));
    let request = mill.request("full");
    let (expected, ..) = cut_of(&request);
    let (output, never) = (TempDir::new().unwrap(), AtomicBool::new(false));
    let stopped = cut_with(&request, output.path(), &options(2, 1 << 20), &AtomicBool::new(true));
    assert!(stopped.is_err());
    assert_eq!(std::fs::read_dir(output.path()).unwrap().count(), 0, "nothing is left behind");
    // What a kill leaves: parts of a larger cut of another arm, and no account.
    std::fs::write(output.path().join("cut.under-way"), "raw").unwrap();
    std::fs::create_dir_all(output.path().join("data")).unwrap();
    std::fs::write(output.path().join("data/part-00099.parquet"), "half").unwrap();
    std::fs::write(output.path().join("raw_train_000002.bin"), "half").unwrap();
    let summary = cut_with(&request, output.path(), &options(2, 1 << 20), &never).unwrap();
    assert!(!summary.was_there);
    assert!(files(output.path()) == files(expected.path()));
    let names = |path: &Path| {
        let mut names: Vec<_> =
            std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(output.path()), names(expected.path()));
    assert_eq!(names(output.path()), ["README.md", "cut.json", "data", "dedup"]);
    let again = cut_with(&request, output.path(), &options(1, 1 << 20), &never).unwrap();
    assert!(again.was_there);
    assert_eq!(again.outputs, summary.outputs);
    // A file that was lost is made again.
    std::fs::remove_file(output.path().join(&summary.outputs[0].path)).unwrap();
    assert!(!cut_with(&request, output.path(), &options(1, 1 << 20), &never).unwrap().was_there);
    assert!(files(output.path()) == files(expected.path()));
}

#[test]
fn several_runs_are_deduplicated_as_one() {
    let pool = TempDir::new().unwrap();
    let paths = write_pool(pool.path(), 4, 25);
    let whole = Mill::new(PIPELINE, &paths);
    let (first, second) = (Mill::new(PIPELINE, &paths[..2]), Mill::new(PIPELINE, &paths[2..]));
    for arm in ["full", "only_minhash", "odd", "raw"] {
        let (_output, summary, expected) = cut_of(&whole.request(arm));
        let merged = request(&[first.directory.path(), second.directory.path()], arm);
        let (_output, of_both, found) = cut_of(&merged);
        assert_eq!(texts(&found), texts(&expected), "{arm}");
        assert_eq!(of_both.dedups, summary.dedups, "{arm}");
    }
    // The order of directories is that of the crawl.
    let turned = request(&[second.directory.path(), first.directory.path()], "raw");
    let ids = |documents: &[gristmill::document::Document]| {
        documents.iter().map(|document| document.id.clone()).collect::<Vec<_>>()
    };
    let (_output, _, found) = cut_of(&turned);
    assert_eq!(ids(&found), [ids(&second.pool()), ids(&first.pool())].concat());
}

#[test]
fn a_keeper_rule_is_changed_without_running_anything_anew() {
    let pool = TempDir::new().unwrap();
    let paths = write_pool(pool.path(), 2, 30);
    let text = |keep: &str| format!("[[step]]\nuse = 'exact'\nkeep = '{keep}'\n");
    let mill = Mill::new(&text("first"), &paths);
    let stored = |mill: &Mill| batches(&mill.directory.path().join("documents/pool-0.parquet"));
    let before = stored(&mill);
    let mut kept = Vec::new();
    for keep in ["first", "newest", "longest"] {
        let changed = plan(&text(keep));
        run_into(&changed, &paths, mill.directory.path(), 1);
        let (_output, _, found) = cut_of(&mill.request("full"));
        assert_eq!(texts(&found), texts(&documents_of(&changed, "full", &mill.pool())), "{keep}");
        kept.push(found);
    }
    assert_ne!(texts(&kept[0]), texts(&kept[1]), "the rules differ, or the test tells nothing");
    assert_eq!(stored(&mill), before);
}

/// A step with its parameters.
fn any_step() -> impl Strategy<Value = String> {
    let keep = prop_oneof![Just("first"), Just("longest"), Just("newest")];
    prop_oneof![
        (0u64..30).prop_map(|n| format!("use = 'length'\nmin_words = {n}\nmax_chars = 500")),
        (0usize..5).prop_map(|back| format!("where {back}")),
        (1u64..4).prop_map(|n| format!("use = 'newline_runs'\nmax_newlines = {n}")),
        Just("use = 'c4_lines'\nmin_sentences = 'off'".to_owned()),
        Just("use = 'gopher_repetition'".to_owned()),
        keep.clone().prop_map(|keep| format!("use = 'exact'\nkeep = '{keep}'")),
        keep.clone().prop_map(|keep| format!("use = 'url_dedup'\nkeep = '{keep}'")),
        (keep, 2u64..5, 1u64..3).prop_map(|(keep, n, rows)| {
            format!("use = 'minhash'\nshingle = 'character'\nngram = {n}\nbands = 12\nrows = {rows}\nkeep = '{keep}'")
        }),
    ]
}

/// `where N` as a step that asks the Nth of the earlier ones, or a length where there is none.
fn asking(step: &str, earlier: &[String]) -> String {
    let Some(back) = step.strip_prefix("where ") else { return step.to_owned() };
    let Some(at) = back.parse::<usize>().unwrap().checked_rem(earlier.len()) else {
        return "use = 'length'\nmin_chars = 100".to_owned();
    };
    let dedups = ["exact", "url_dedup", "minhash"];
    match &earlier[at] {
        step if step.contains("newline_runs") => {
            format!("use = 'where'\nkeep = 's{at}.removed_newlines > 0'")
        }
        step if dedups.iter().any(|name| step.contains(name)) => {
            format!("use = 'where'\nkeep = 's{at}.chars > 150'")
        }
        step if step.starts_with("where") => format!("use = 'where'\nkeep = 's{at}.keep'"),
        _ => format!("use = 'where'\nkeep = 'NOT s{at}.keep OR s{at}.reason IS NULL'"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn arms_of_any_pipeline_equal_their_steps_one_after_the_other(
        steps in proptest::collection::vec(any_step(), 1..6),
        members in proptest::collection::vec(proptest::bool::ANY, 6),
        pieces in proptest::bool::ANY,
    ) {
        let mut text = String::new();
        for (index, step) in steps.iter().enumerate() {
            let step = asking(step, &steps[..index]);
            text.push_str(&format!("[[step]]\nas = 's{index}'\n{step}\n"));
        }
        let mut names: Vec<String> = members
            .iter()
            .take(steps.len())
            .enumerate()
            .filter(|(_, is)| **is)
            .map(|(at, _)| format!("'s{at}'"))
            .collect();
        if pieces {
            text.push_str("[[step]]\nas = 'last'\nuse = 'repeated_paragraphs'\nmin_chars = 1\n");
            names.push("'last'".to_owned());
        }
        text.push_str(&format!("[arms]\nsome = [{}]\n", names.join(", ")));
        let pool = TempDir::new().unwrap();
        let paths = write_pool(pool.path(), 2, 20);
        let mill = Mill::new(&text, &paths);
        for arm in ["full", "some"] {
            let expected = documents_of(&mill.plan, arm, &mill.pool());
            let (output, ..) = cut_of(&mill.request(arm));
            let found = cut_documents(output.path());
            prop_assert_eq!(texts(&found), texts(&expected), "{} of\n{}", arm, text);
            let (own, directory) = (plan(&text).directly(arm).unwrap(), TempDir::new().unwrap());
            run_into(&own, &paths, directory.path(), 2);
            let (output, ..) = cut_of(&request(&[directory.path()], arm));
            let found = cut_documents(output.path());
            prop_assert_eq!(texts(&found), texts(&expected), "{} alone of\n{}", arm, text);
            report_has(&mill, arm, &expected);
        }
        let [full, some] = ["full", "some"].map(|arm| documents_of(&mill.plan, arm, &mill.pool()));
        diff_has(&mill, [("full", &full), ("some", &some)]);
    }
}
