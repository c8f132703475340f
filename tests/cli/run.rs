//! Runs over the fixtures: what is printed, and the exit codes.

use std::path::Path;

use expect_test::expect;
use tempfile::TempDir;

use super::common::fixture;
use super::program::{Said, argument, command, data_files, gristmill, run_file};

const CRAWL: [&str; 4] =
    ["--input", "fixtures/crawl-00000.warc.gz", "--input", "fixtures/crawl-00001.warc.gz"];

/// `run` with a pipeline, an output directory and further arguments.
fn run(pipeline: &str, output: &Path, further: &[&str]) -> Said {
    gristmill(&[&["run", pipeline, "--output", argument(output)], further].concat())
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Without what differs from run to run and machine to machine: paths, times, and the sizes of
/// compressed files.
fn normalised(said: &Said, output: &Path) -> String {
    let text = said.all().replace(argument(output), "OUT");
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.contains(" s of CPU: ") {
            lines.push("(times)".to_owned());
        } else if let Some((before, (_, after))) =
            line.split_once(" in, ").and_then(|(a, b)| Some((a, b.split_once(" out: ")?)))
        {
            lines.push(format!("{before} in, (bytes) out: {after}"));
        } else if !line.ends_with(" %") {
            // The list of stages may take two lines.
            lines.push(line.to_owned());
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn the_summary_accounts_for_every_record() {
    let out = directory();
    let said = run("pipelines/fineweb.toml", out.path(), &CRAWL);
    expect![[r#"
        101 records = 26 documents + 2 failures + 73 of other kinds
        failures:    corrupt_gzip 1, truncated_gzip 1
        other kinds: request 33, metadata 32, warcinfo 2, mime_application/pdf 1, mime_image/png 1,
                     mime_text/plain 1, revisit 1, status_301 1, status_404 1

        arm                        documents     kept     text
        raw                               26  100.0 %  30.2 kB
        full                              11   42.3 %  16.1 kB
        all_but_language                  11   42.3 %  16.1 kB
        only_language                     18   69.2 %  22.1 kB
        all_but_gopher_repetition         11   42.3 %  16.1 kB
        only_gopher_repetition            22   84.6 %  26.7 kB
        all_but_gopher_quality            12   46.2 %  17.2 kB
        only_gopher_quality               14   53.8 %  19.8 kB
        all_but_c4_lines                  13   50.0 %  18.1 kB
        only_c4_lines                     21   80.8 %  25.8 kB
        all_but_fineweb_quality           11   42.3 %  16.1 kB
        only_fineweb_quality              19   73.1 %  25.2 kB
        all_but_minhash                   11   42.3 %  16.1 kB
        only_minhash                      26  100.0 %  30.2 kB
        all_but_pii                       11   42.3 %  16.1 kB
        only_pii                          26  100.0 %  30.1 kB
        counted before minhash: who stays is settled among an arm's own

        2 shards; 56.6 kB in, (bytes) out: OUT/documents
        (times)
        exit code 0
    "#]]
    .assert_eq(&normalised(&said, out.path()));
    // Again: everything is there, nothing is done and that is said.
    let before = (data_files(out.path()), run_file(out.path()));
    let again = run("pipelines/fineweb.toml", out.path(), &CRAWL);
    expect![[r#"
        101 records = 26 documents + 2 failures + 73 of other kinds
        failures:    corrupt_gzip 1, truncated_gzip 1
        other kinds: request 33, metadata 32, warcinfo 2, mime_application/pdf 1, mime_image/png 1,
                     mime_text/plain 1, revisit 1, status_301 1, status_404 1

        arm                        documents     kept     text
        raw                               26  100.0 %  30.2 kB
        full                              11   42.3 %  16.1 kB
        all_but_language                  11   42.3 %  16.1 kB
        only_language                     18   69.2 %  22.1 kB
        all_but_gopher_repetition         11   42.3 %  16.1 kB
        only_gopher_repetition            22   84.6 %  26.7 kB
        all_but_gopher_quality            12   46.2 %  17.2 kB
        only_gopher_quality               14   53.8 %  19.8 kB
        all_but_c4_lines                  13   50.0 %  18.1 kB
        only_c4_lines                     21   80.8 %  25.8 kB
        all_but_fineweb_quality           11   42.3 %  16.1 kB
        only_fineweb_quality              19   73.1 %  25.2 kB
        all_but_minhash                   11   42.3 %  16.1 kB
        only_minhash                      26  100.0 %  30.2 kB
        all_but_pii                       11   42.3 %  16.1 kB
        only_pii                          26  100.0 %  30.1 kB
        counted before minhash: who stays is settled among an arm's own

        2 shards, whole before: nothing was left to do; 56.6 kB in, (bytes) out: OUT/documents
        exit code 0
    "#]]
    .assert_eq(&normalised(&again, out.path()));
    assert!((data_files(out.path()), run_file(out.path())) == before);
}

#[test]
fn the_summary_as_json_balances() {
    let out = directory();
    let said = run("pipelines/fineweb.toml", out.path(), &[&CRAWL[..], &["--json"]].concat());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let json = said.json();
    assert_eq!(json["shards"]["done"], 2);
    let totals = &json["totals"];
    let number = |name: &str| totals[name].as_u64().unwrap();
    let sum = |name: &str| -> u64 {
        totals[name].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
    };
    let parts = number("documents") + number("dropped") + sum("failures") + sum("other");
    assert_eq!(number("records"), parts);
    assert_eq!(totals["arms"]["raw"]["documents"], number("documents"));
    for (column, pair) in totals["pairs"].as_object().unwrap() {
        let dropped: u64 =
            pair["dropped"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
        let all = pair["kept"].as_u64().unwrap() + pair["unjudged"].as_u64().unwrap() + dropped;
        assert_eq!(all, number("documents"), "{column}");
    }
    assert_eq!(*totals, run_file(out.path())["totals"]);
}

#[test]
fn quiet_says_nothing_but_errors() {
    let out = directory();
    let quiet = [&CRAWL[..], &["--quiet"]].concat();
    let said = run("pipelines/raw.toml", out.path(), &quiet);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (Some(0), "", ""));
    let said = run("pipelines/raw.toml", out.path(), &[&quiet[..], &["--json"]].concat());
    assert_eq!(said.json()["shards"]["already_whole"], 2);
    let said = run("pipelines/gopher.toml", out.path(), &quiet);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.contains("another plan"), "{said:?}");
}

#[test]
fn an_arm_alone_gives_its_survivors() {
    let (all, one) = (directory(), directory());
    let whole = run("pipelines/fineweb.toml", all.path(), &[&CRAWL[..], &["--json"]].concat());
    let arguments = [&CRAWL[..], &["--arm", "all_but_minhash", "--json"]].concat();
    let alone = run("pipelines/fineweb.toml", one.path(), &arguments);
    let (whole, alone) = (whole.json(), alone.json());
    let full = &whole["totals"]["arms"]["all_but_minhash"];
    assert_eq!(alone["totals"]["documents"], full["documents"]);
    assert_eq!(alone["totals"]["text_bytes"], full["text_bytes"]);
    assert!(alone["totals"]["dropped"].as_u64().unwrap() > 0);
    assert_eq!(alone["totals"]["arms"].as_object().unwrap().len(), 1);
    let said = run(
        "pipelines/fineweb.toml",
        one.path(),
        &[&CRAWL[..], &["--arm", "all_but_minhash"]].concat(),
    );
    expect![[r#"
        101 records = 11 documents + 15 dropped + 2 failures + 73 of other kinds
        failures:    corrupt_gzip 1, truncated_gzip 1
        other kinds: request 33, metadata 32, warcinfo 2, mime_application/pdf 1, mime_image/png 1,
                     mime_text/plain 1, revisit 1, status_301 1, status_404 1

        arm              documents    kept     text
        all_but_minhash         11  42.3 %  16.1 kB

        2 shards, whole before: nothing was left to do; 56.6 kB in, (bytes) out: OUT/documents
        exit code 0
    "#]]
    .assert_eq(&normalised(&said, one.path()));
}

#[test]
fn an_arm_that_came_later_is_not_counted_as_empty() {
    let (out, place) = (directory(), directory());
    let write = |name: &str, text: &str| {
        let path = place.path().join(name);
        std::fs::write(&path, text).unwrap();
        argument(&path).to_owned()
    };
    let text = "name = 'x'\n[[step]]\nuse = 'length'\n";
    let before = write("before.toml", text);
    let after = write("after.toml", &format!("{text}[arms]\nlater = ['length']\n"));
    assert_eq!(run(&before, out.path(), &CRAWL).code, Some(0));
    let said = run(&after, out.path(), &CRAWL);
    assert!(said.out.contains("\nlater          –"), "{}", said.out);
    assert!(said.out.contains("\n–: not counted"), "{}", said.out);
}

#[test]
fn another_plan_is_refused_with_what_differs() {
    let out = directory();
    assert_eq!(run("pipelines/raw.toml", out.path(), &CRAWL).code, Some(0));
    let other = run("pipelines/gopher.toml", out.path(), &CRAWL);
    expect![[r#"
        error: OUT holds a run of another plan; choose another --output
          steps: the run has [token_count], asked is [quality_datatrove, quality_dclm, quality_dolma, quality_curator, repetition_datatrove, repetition_dclm, repetition_dolma, repetition_curator, token_count]
        exit code 2
    "#]].assert_eq(&normalised(&other, out.path()));
    let arm = [&CRAWL[..], &["--arm", "full"]].concat();
    let direct = run("pipelines/raw.toml", out.path(), &arm);
    expect![[r#"
        error: OUT holds a run of another plan; choose another --output
          documents: the run has all, asked is those of the arm `full`
        exit code 2
    "#]]
    .assert_eq(&normalised(&direct, out.path()));
}

#[test]
fn inputs_that_lead_nowhere_are_usage_faults() {
    let out = directory();
    let said = run("pipelines/raw.toml", out.path(), &[]);
    expect![[r#"
        error: no input: give --input, or `shards` under [input] in pipelines/raw.toml
        exit code 2
    "#]]
    .assert_eq(&said.all());
    let inputs = ["none/*.gz", "none.warc.gz", "README.md", "fixtures/pages", "s3://b/x.warc.gz"];
    let inputs: Vec<&str> = inputs.iter().flat_map(|input| ["--input", input]).collect();
    let said = run("pipelines/raw.toml", out.path(), &inputs);
    expect![[r#"
        error: `none/*.gz`: no file matches this pattern
        error: `none.warc.gz`: no such file
        error: `README.md`: unknown format: the name has none of the known suffixes (.warc .wet .wat (plain or .gz), .jsonl .ndjson .json (plain, .gz or .zst), .parquet); `format` under [input] reads it anyway
        error: `fixtures/pages`: no shard lies below this directory (known suffixes: .warc .wet .wat (plain or .gz), .jsonl .ndjson .json (plain, .gz or .zst), .parquet)
        error: `s3://b/x.warc.gz`: object stores are not supported by this build
        exit code 2
    "#]].assert_eq(&said.all());
    let unknown = run("pipelines/raw.toml", out.path(), &[&CRAWL[..], &["--arm", "x"]].concat());
    expect![[r#"
        error: the pipeline has no arm `x`
        help: its arms: raw, full
        exit code 2
    "#]]
    .assert_eq(&unknown.all());
    assert!(std::fs::read_dir(out.path()).unwrap().next().is_none(), "nothing was written");
}

#[test]
fn more_failures_than_allowed_end_with_3() {
    let out = directory();
    let damaged = ["--input", "fixtures/crawl-00001.warc.gz", "--max-failures"];
    let run = |allowed| run("pipelines/raw.toml", out.path(), &[&damaged[..], &[allowed]].concat());
    let said = run("0.01");
    assert_eq!(said.code, Some(3));
    expect![[r#"
        too many failures: 14.29 % of the records asked for, where --max-failures allows 1.00 %; failures/ has each with its reason
    "#]].assert_eq(&said.err);
    assert!(said.out.starts_with("43 records = 12 documents + 2 failures"), "{said:?}");
    assert_eq!(run("1").code, Some(0));
}

#[test]
fn an_output_that_cannot_be_written_ends_with_1() {
    let place = directory();
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let said = run("pipelines/raw.toml", &file, &CRAWL);
    expect![[r#"
        error: OUT/documents: Not a directory (os error 20)
        exit code 1
    "#]]
    .assert_eq(&normalised(&said, &file));
}

/// A file that opens and cannot be read: the memory of whoever reads it, from address 0.
#[cfg(target_os = "linux")]
#[test]
fn a_shard_that_cannot_be_read_ends_with_1_and_the_others_are_done() {
    let (out, place) = (directory(), directory());
    let shard = place.path().join("x.warc.gz");
    std::os::unix::fs::symlink("/proc/self/mem", &shard).unwrap();
    let arguments = [&CRAWL[..], &["--input", argument(&shard), "--json"]].concat();
    let said = run("pipelines/raw.toml", out.path(), &arguments);
    assert_eq!(said.code, Some(1));
    expect![[r#"
        error: cannot read DIR/x.warc.gz: Input/output error (os error 5)
        what is whole stays; the same command tries the rest again
    "#]]
    .assert_eq(&said.err.replace(argument(place.path()), "DIR"));
    assert_eq!(said.json()["shards"]["done"], 2);
    assert_eq!(said.json()["shards"]["unreadable"], 1);
}

#[cfg(unix)]
#[test]
fn a_shard_without_permission_ends_with_1() {
    use std::os::unix::fs::PermissionsExt as _;
    let (out, place) = (directory(), directory());
    let shard = place.path().join("x.warc.gz");
    std::fs::copy(fixture("crawl-00000.warc.gz"), &shard).unwrap();
    std::fs::set_permissions(&shard, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&shard).is_ok() {
        // A superuser reads it all the same.
        return;
    }
    let said = run("pipelines/raw.toml", out.path(), &["--input", argument(&shard)]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("cannot be read: Permission denied"), "{said:?}");
}

#[test]
fn a_reader_of_the_summary_that_has_gone_is_no_fault() {
    let out = directory();
    let head = ["run", "pipelines/raw.toml", "--output", argument(out.path())];
    let mut child = command(&[&head[..], &CRAWL[..]].concat())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
