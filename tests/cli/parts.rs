//! Path lists, and one list of shards over several processes.

use std::collections::BTreeMap;
use std::path::Path;

use expect_test::expect;

use super::common::encode::gzip;
use super::program::{Said, argument, command, data_files, gristmill, run_file};

fn run(output: &Path, further: &[&str], variables: &[(&str, &str)]) -> Said {
    let head = ["run", "pipelines/raw.toml", "--max-failures", "1", "--output", argument(output)];
    let mut command = command(&[&head[..], further].concat());
    command.envs(variables.iter().copied());
    command.output().unwrap().into()
}

#[test]
fn a_path_list_starts_from_its_base() {
    let place = tempfile::tempdir().unwrap();
    let keys = "# two of the fixtures\ncrawl-00001.warc.gz\n\ncrawl-00000.warc.gz\n";
    let (plain, packed) = (place.path().join("warc.paths"), place.path().join("warc.paths.gz"));
    std::fs::write(&plain, keys).unwrap();
    std::fs::write(&packed, gzip(keys.as_bytes())).unwrap();
    let direct = place.path().join("direct");
    let named = ["--input", "fixtures/crawl-0000?.warc.gz"];
    assert_eq!(run(&direct, &named, &[]).code, Some(0));
    let mut files = Vec::new();
    for (index, list) in [&plain, &packed].into_iter().enumerate() {
        let out = place.path().join(format!("out-{index}"));
        let said = run(&out, &["--input", argument(list), "--base", "fixtures"], &[]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        assert_eq!(run_file(&out)["totals"], run_file(&direct)["totals"]);
        files.push(data_files(&out));
    }
    assert!(files[0] == files[1]);
    let said = run(&place.path().join("none"), &["--input", argument(&plain)], &[]);
    let text = said.all().replace(argument(place.path()), "DIR");
    expect![[r#"
        error: `crawl-00001.warc.gz` (line 2 of `DIR/warc.paths`): no such file
        error: `crawl-00000.warc.gz` (line 4 of `DIR/warc.paths`): no such file
        exit code 2
    "#]]
    .assert_eq(&text);
}

#[test]
fn repeated_shards_are_read_once_and_told() {
    let out = tempfile::tempdir().unwrap();
    let twice = ["--input", "fixtures/pool.jsonl", "--input", "fixtures/*.jsonl", "--json"];
    let said = run(out.path(), &twice, &[]);
    assert_eq!(said.err, "note: 1 repeated shard left out\n");
    assert_eq!(said.json()["shards"]["done"], 1);
}

#[test]
fn the_parts_of_a_list_run_at_once_are_together_the_whole() {
    let place = tempfile::tempdir().unwrap();
    let (whole, parts) = (place.path().join("whole"), place.path().join("parts"));
    let input = ["--input", "fixtures", "--json"];
    let all = run(&whole, &input, &[]).json()["shards"]["done"].as_u64().unwrap();
    assert!(all > 3, "the fixtures are {all} shards");
    let said: Vec<Said> = std::thread::scope(|scope| {
        let run_part = |index: &'static str| {
            let part = ["--shard-index", index, "--shard-count", "3"];
            let arguments = [&input[..], &part].concat();
            let parts = &parts;
            scope.spawn(move || run(parts, &arguments, &[]))
        };
        let running = ["0", "1", "2"].map(run_part);
        running.into_iter().map(|part| part.join().unwrap()).collect()
    });
    let mut done = 0;
    for said in said {
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
        assert_eq!(said.json()["shards"]["already_whole"], 0, "each shard is in one part");
        done += said.json()["shards"]["done"].as_u64().unwrap();
    }
    assert_eq!(done, all);
    assert!(data_files(&whole) == data_files(&parts));
    assert_eq!(run_file(&whole), run_file(&parts));
}

#[test]
fn schedulers_name_the_part() {
    let place = tempfile::tempdir().unwrap();
    let input = ["--input", "fixtures", "--shard-count", "2", "--json"];
    let done = |name: &str, further: &[&str], variables: &[(&str, &str)]| {
        let out = place.path().join(name);
        let said = run(&out, &[&input[..], further].concat(), variables);
        assert_eq!(said.code, Some(0), "{said:?}");
        data_files(&out).into_keys().collect::<Vec<_>>()
    };
    let first = done("first", &["--shard-index", "0"], &[]);
    let second = done("second", &["--shard-index", "1"], &[]);
    assert!(first.iter().all(|file| !second.contains(file)));
    let cases: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::from([
        ("slurm", vec![("SLURM_ARRAY_TASK_ID", "1"), ("SLURM_ARRAY_TASK_MIN", "0")]),
        ("slurm-from-1", vec![("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_ARRAY_TASK_MIN", "1")]),
        (
            "slurm-by-10",
            vec![
                ("SLURM_ARRAY_TASK_ID", "15"),
                ("SLURM_ARRAY_TASK_MIN", "5"),
                ("SLURM_ARRAY_TASK_STEP", "10"),
            ],
        ),
        ("kubernetes", vec![("JOB_COMPLETION_INDEX", "1")]),
        ("aws", vec![("AWS_BATCH_JOB_ARRAY_INDEX", "1")]),
    ]);
    for (name, variables) in cases {
        assert_eq!(done(name, &[], &variables), second, "{name}");
    }
    // What the user says comes first.
    let said = [("JOB_COMPLETION_INDEX", "1")];
    assert_eq!(done("said", &["--shard-index", "0"], &said), first);
}

#[test]
fn parts_that_there_are_not() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let part = |further: &[&str], variables: &[(&str, &str)]| {
        run(&out, &[&["--input", "fixtures"], further].concat(), variables).all()
    };
    expect![[r#"
        error: --shard-index is 2, but --shard-count 2 has parts 0 to 1
        exit code 2
    "#]]
    .assert_eq(&part(&["--shard-index", "2", "--shard-count", "2"], &[]));
    expect![[r#"
        error: --shard-count needs --shard-index (no array task of Slurm, Kubernetes or AWS Batch is running here)
        exit code 2
    "#]].assert_eq(&part(&["--shard-count", "2"], &[]));
    expect![[r#"
        error: --shard-index is 2, but --shard-count 2 has parts 0 to 1
        exit code 2
    "#]]
    .assert_eq(&part(&["--shard-count", "2"], &[("JOB_COMPLETION_INDEX", "2")]));
    let alone = gristmill(&["run", "pipelines/raw.toml", "--shard-index", "0"]);
    assert_eq!(alone.code, Some(2));
    assert!(alone.err.contains("--shard-count <N>"), "{alone:?}");
    assert!(!out.exists());
    // More parts than shards: an array's last tasks have nothing to do, which is no fault.
    expect![[r#"
        no shard falls to this part; nothing was to do
        exit code 0
    "#]]
    .assert_eq(&part(&["--shard-index", "8", "--shard-count", "9"], &[]));
}
