//! What cannot be cut is refused before anything is written, with what to do.

use std::sync::atomic::AtomicBool;

use tempfile::TempDir;

use crate::mill::{Mill, cut_with, options, request, run_until, try_cut, write_pool};

const PIPELINE: &str =
    "[[step]]\nuse = 'newline_runs'\n[[step]]\nuse = 'length'\n[[step]]\nuse = 'exact'\n";

fn refused(request: &gristmill::cut::Request) -> String {
    let output = TempDir::new().unwrap();
    let place = output.path().join("cut");
    let error = try_cut(request, &place).err().unwrap();
    assert!(error.is_usage(), "{error}");
    assert!(!place.exists(), "nothing is written");
    error.to_string()
}

#[test]
fn an_arm_that_was_not_evaluated_says_what_is_missing_and_the_line_to_add() {
    let pool = TempDir::new().unwrap();
    let mill = Mill::new(PIPELINE, &write_pool(pool.path(), 1, 10));
    let said = refused(&mill.request("all_but_newline_runs"));
    assert!(said.contains("needs: length, exact"), "{said}");
    assert!(said.contains("[ablation]\nleave_one_out = true"), "{said}");
    assert!(
        refused(&mill.request("*,-newline_runs")).contains("my_arm = [\"*\", \"-newline_runs\"]")
    );
    assert!(refused(&mill.request("fulll")).contains("did you mean `full`?"));
    assert!(refused(&mill.request("-length")).contains("not in the arm to be taken out"));
    let said = refused(&mill.request("random_newline_runs"));
    assert!(said.contains("random controls are for these"), "{said}");
}

#[test]
fn runs_of_different_plans_are_refused_with_the_difference() {
    let pool = TempDir::new().unwrap();
    let paths = write_pool(pool.path(), 2, 10);
    let first = Mill::new(PIPELINE, &paths[..1]);
    let other = PIPELINE.replace("use = 'length'", "use = 'length'\nmin_words = 9");
    let second = Mill::new(&other, &paths[1..]);
    let both = request(&[first.directory.path(), second.directory.path()], "full");
    let said = refused(&both);
    assert!(
        said.contains("steps.length.params.min_words: the first has 1, the second 9"),
        "{said}"
    );
    // The same bytes, but another keeper: which one would it be?
    let third = Mill::new(&PIPELINE.replace("'exact'", "'exact'\nkeep = 'newest'"), &paths[1..]);
    let said = refused(&request(&[first.directory.path(), third.directory.path()], "full"));
    assert!(said.contains("the arm full has other steps or parameters"), "{said}");
    let twice = request(&[first.directory.path(), first.directory.path()], "full");
    assert!(refused(&twice).contains("named twice"));
}

#[test]
fn what_is_no_run_or_no_place_for_a_cut_is_refused() {
    let pool = TempDir::new().unwrap();
    let mill = Mill::new(PIPELINE, &write_pool(pool.path(), 1, 10));
    assert!(refused(&request(&[pool.path()], "full")).contains("no run directory"));
    let begun = TempDir::new().unwrap();
    run_until(&mill.plan, &write_pool(pool.path(), 1, 10), begun.path(), 1, true);
    let both = request(&[mill.directory.path(), begun.path()], "full");
    assert!(refused(&both).contains("is whole yet"), "the second run has nothing to give");
    let mut unknown = mill.request("full");
    unknown.tokenizer = Some("no-such.json".into());
    unknown.budget = crate::mill::tokens(5);
    assert!(refused(&unknown).contains("no-such.json"));

    let refuse = |request: &gristmill::cut::Request, place: &std::path::Path| {
        try_cut(request, place).err().unwrap().to_string()
    };
    let inside = mill.directory.path().join("cut");
    assert!(refuse(&mill.request("full"), &inside).contains("lies in the run directory"));
    assert!(!inside.exists());
    assert!(refuse(&mill.request("full"), pool.path()).contains("is not empty"));
    let output = TempDir::new().unwrap();
    try_cut(&mill.request("full"), output.path()).unwrap();
    assert!(refuse(&mill.request("raw"), output.path()).contains("holds another cut"));
    assert!(!output.path().join("cut.under-way").exists());
    std::fs::write(output.path().join("cut.json"), "somebody else's").unwrap();
    assert!(refuse(&mill.request("full"), output.path()).contains("none of gristmill's"));
    assert!(output.path().join("data").exists(), "what is not ours stays");
}

#[test]
fn a_directory_that_another_process_cuts_into_is_left_alone() {
    let pool = TempDir::new().unwrap();
    let mill = Mill::new(PIPELINE, &write_pool(pool.path(), 1, 10));
    let output = TempDir::new().unwrap();
    let living = std::fs::File::create(output.path().join("cut.under-way")).unwrap();
    living.lock().unwrap();
    std::fs::create_dir(output.path().join("data")).unwrap();
    std::fs::write(output.path().join("data/part-00000.parquet.tmp"), "theirs").unwrap();
    let said = try_cut(&mill.request("full"), output.path()).err().unwrap().to_string();
    assert!(said.contains("another process"), "{said}");
    assert!(output.path().join("data/part-00000.parquet.tmp").exists());
    drop(living);
    try_cut(&mill.request("full"), output.path()).unwrap();
}

#[test]
fn shards_that_were_lost_are_told_and_not_left_out_of_the_corpus() {
    let pool = TempDir::new().unwrap();
    let mill = Mill::new(PIPELINE, &write_pool(pool.path(), 2, 10));
    let lost = mill.directory.path().join("documents/pool-1.parquet");
    std::fs::remove_file(lost).unwrap();
    let output = TempDir::new().unwrap();
    let error = try_cut(&mill.request("full"), output.path()).err().unwrap();
    assert!(!error.is_usage());
    let said = error.to_string();
    assert!(said.contains("the files of pool-1 are not as the run wrote them"), "{said}");
}

#[test]
fn what_is_odd_about_the_runs_is_told_with_the_cut() {
    let pool = TempDir::new().unwrap();
    let paths = write_pool(pool.path(), 2, 10);
    let (whole, part) = (Mill::new(PIPELINE, &paths), Mill::new(PIPELINE, &paths[..1]));
    let warnings = |runs: &[&std::path::Path]| {
        let output = TempDir::new().unwrap();
        try_cut(&request(runs, "full"), output.path()).unwrap().warnings.join("\n")
    };
    assert_eq!(warnings(&[whole.directory.path()]), "");
    let said = warnings(&[whole.directory.path(), part.directory.path()]);
    assert!(said.contains("1 of the shards") && said.contains("there twice"), "{said}");
    // What a kill leaves of a shard under work.
    std::fs::write(part.directory.path().join("documents/pool-1.parquet.tmp"), "half").unwrap();
    let said = warnings(&[part.directory.path()]);
    assert!(said.contains("has not ended: 1 of its shards are whole"), "{said}");
}

#[test]
fn a_file_with_other_bytes_is_found_when_asked_for() {
    let pool = TempDir::new().unwrap();
    let mill = Mill::new(PIPELINE, &write_pool(pool.path(), 2, 10));
    let output = TempDir::new().unwrap();
    let mut options = options(2, 1 << 20);
    options.verify = true;
    let never = AtomicBool::new(false);
    cut_with(&mill.request("full"), &output.path().join("sound"), &options, &never).unwrap();
    let path = mill.directory.path().join("signatures/pool-1.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let damaged = output.path().join("damaged");
    let error = cut_with(&mill.request("raw"), &damaged, &options, &never).err().unwrap();
    assert!(!error.is_usage());
    let said = error.to_string();
    assert!(said.contains("pool-1.parquet has other bytes than the run wrote"), "{said}");
}
