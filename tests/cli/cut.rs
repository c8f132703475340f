//! Cuts of a run over the fixtures: what is printed, what lies there, and the exit codes.

use std::path::Path;

use expect_test::expect;

use super::program::{Said, argument, gristmill};

/// A run of FineWeb's pipeline over the fixtures.
fn run(output: &Path) {
    let crawl = ["--input", "fixtures/crawl-*.warc.gz", "--quiet"];
    let run = ["run", "pipelines/fineweb.toml", "--output", argument(output)];
    assert_eq!(gristmill(&[&run[..], &crawl].concat()).code, Some(0));
}

fn cut(run: &Path, output: &Path, further: &[&str]) -> Said {
    gristmill(&[&["cut", argument(run), "--output", argument(output)], further].concat())
}

#[test]
fn a_cut_says_what_became_of_the_pool_and_is_not_done_twice() {
    let (out, cuts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(out.path());
    let place = cuts.path().join("full");
    let arguments = ["--arm", "full", "--tokens", "2k"];
    let said = cut(out.path(), &place, &arguments);
    let normal = |said: &Said| said.all().replace(argument(&place), "CUT");
    expect![[r#"
        26 documents in 2 shards; the arm full has 9 (34.6 %)
        minhash: 4 in 2 clusters, 2 removed; 0 without a key
        a sample of 1,712 of 2,949 tokens
        5 documents, 7.2 kB of text, 1,712 tokens by r50k_base: CUT
        exit code 0
    "#]]
    .assert_eq(&normal(&said));
    let again = cut(out.path(), &place, &arguments);
    assert!(again.out.starts_with("this very cut was there already"), "{again:?}");
    let card = std::fs::read_to_string(place.join("README.md")).unwrap();
    assert!(
        card.starts_with("---\npretty_name: \"fineweb full\"\nconfigs:\n- config_name: \"full-"),
        "{card}"
    );
    assert!(card.contains("| `language` | filter `language`, version 2 | 8 |"), "{card}");
    let json = cut(out.path(), &place, &[&arguments[..], &["--json"]].concat()).json();
    assert_eq!((&json["documents"], &json["sample"]["whole"]), (&5.into(), &2949.into()));
    let other = cut(out.path(), &place, &["--arm", "raw"]);
    assert_eq!(other.code, Some(2));
    assert!(other.err.contains("holds another cut; choose another --output"), "{other:?}");
}

#[test]
fn what_is_asked_for_wrongly_ends_with_2_and_what_to_do() {
    let (out, cuts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(out.path());
    let place = cuts.path().join("cut");
    let said = |further: &[&str]| {
        let said = cut(out.path(), &place, further);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
        assert!(!place.exists());
        said.err
    };
    assert!(said(&["--arm", "ful"]).contains("help: did you mean `full`?"));
    assert!(said(&["--arm", "full", "--format", "csv"]).contains("jsonl.zst"));
    assert!(said(&["--arm", "full", "--tokenizer", "r50k"]).contains("r50k"));
    let tokenizer = ["--arm", "full", "--format", "nanogpt", "--tokenizer", "o200k_base"];
    assert!(said(&tokenizer).contains("65,536"));
    assert!(said(&["--arm", "full", "--holdout", "1.5"]).contains("between 0 and 1"));
    assert!(
        said(&["--arm", "full", "--tokens", "1k", "--docs", "5"]).contains("cannot be used with")
    );
}

#[test]
fn every_format_is_written_from_the_command_line() {
    let (out, cuts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(out.path());
    let formats = [
        ("parquet", "data/part-00000.parquet"),
        ("jsonl", "data/part-00000.jsonl"),
        ("jsonl.gz", "data/part-00000.jsonl.gz"),
        ("jsonl.zst", "data/part-00000.jsonl.zst"),
        ("lingua", "raw/raw.chunk.00.jsonl"),
        ("megatron", "raw_text_document.bin"),
        ("olmo", "data/part-00000.npy"),
        ("datatrove", "data/part-00000.ds"),
        ("nanogpt", "raw_train_000001.bin"),
    ];
    for (format, file) in formats {
        let place = cuts.path().join(format);
        let arguments = ["--arm", "raw", "--shuffle", "--format", format, "--json"];
        let json = cut(out.path(), &place, &arguments).json();
        assert_eq!(json["documents"], 26, "{format}");
        assert_eq!(json["tokens"], 9639, "{format}");
        assert!(std::fs::metadata(place.join(file)).unwrap().len() > 1000, "{format}");
    }
}
