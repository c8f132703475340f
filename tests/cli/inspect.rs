//! One document, and what two arms differ by, as a terminal shows them.

use std::path::Path;

use expect_test::expect;
use serde_json::json;

use super::program::{argument, gristmill, gristmill_in};

/// A run of FineWeb's pipeline over the fixtures.
fn run(output: &Path) {
    let crawl = ["--input", "fixtures/crawl-*.warc.gz", "--quiet"];
    let run = ["run", "pipelines/fineweb.toml", "--output", argument(output)];
    assert_eq!(gristmill(&[&run[..], &crawl].concat()).code, Some(0));
}

#[test]
fn a_document_is_shown_with_all_that_is_known_of_it() {
    let out = tempfile::tempdir().unwrap();
    run(out.path());
    let show = |wanted: &str, further: &[&str]| {
        gristmill(&[&["show", argument(out.path()), wanted], further].concat())
    };
    let said = show("valley.example/events", &[]);
    expect![[r#"
        urn:uuid:00000000-0000-4000-8000-000000000021
        https://valley.example/events
        fixtures/crawl-00000.warc.gz at 18923+888, fetched 2025-03-04T00:03:51Z, text/html, utf-8
        title: What's on in the valley

        arms
          raw                        kept
          full                       dropped by gopher_quality: too_many_bullet_lines
          all_but_language           dropped by gopher_quality: too_many_bullet_lines
          only_language              kept
          all_but_gopher_repetition  dropped by gopher_quality: too_many_bullet_lines
          only_gopher_repetition     kept
          all_but_gopher_quality     dropped by fineweb_quality@c4_lines: too_few_terminal_punct_lines
          only_gopher_quality        dropped by gopher_quality: too_many_bullet_lines
          all_but_c4_lines           dropped by gopher_quality: too_many_bullet_lines
          only_c4_lines              kept
          all_but_fineweb_quality    dropped by gopher_quality: too_many_bullet_lines
          only_fineweb_quality       dropped by fineweb_quality: too_few_terminal_punct_lines
          all_but_minhash            dropped by gopher_quality: too_many_bullet_lines
          only_minhash               kept up to minhash; --settle tells more
          all_but_pii                dropped by gopher_quality: too_many_bullet_lines
          only_pii                   kept

        language  kept
          label               en
          score               1
          listed_label        en
          listed_score        1             kept if >= 0.65
          reaches_min_scores  –
        gopher_repetition  kept
          empty                     no            kept if no
          dup_paragraph_ratio       0             kept if <= 0.3
          dup_paragraph_char_ratio  0             kept if <= 0.2
          dup_line_ratio            0             kept if <= 0.3
          dup_line_char_ratio       0             kept if <= 0.2
          top_2gram_char_ratio      0.043478      kept if <= 0.2
          top_3gram_char_ratio      0.050725      kept if <= 0.18
          top_4gram_char_ratio      0.015942      kept if <= 0.16
          dup_5gram_char_ratio      0             kept if <= 0.15
          dup_6gram_char_ratio      0             kept if <= 0.14
          dup_7gram_char_ratio      0             kept if <= 0.13
          dup_8gram_char_ratio      0             kept if <= 0.12
          dup_9gram_char_ratio      0             kept if <= 0.11
          dup_10gram_char_ratio     0             kept if <= 0.1
        gopher_quality  dropped: too_many_bullet_lines
          words                  149           kept if >= 50, kept if <= 100000
          all_words              167
          mean_word_chars        3.516779      kept if >= 3, kept if <= 10
          median_word_chars      –
          hash_word_ratio        0             kept if <= 0.1
          ellipsis_word_ratio    0.065868      kept if <= 0.1
          symbol_word_ratio      –
          lines                  11
          bullet_line_ratio      1             kept if <= 0.9: too_many_bullet_lines
          ellipsis_line_ratio    1             kept if <= 0.3: too_many_ellipsis_lines
          alphabetic_word_ratio  0.826347      kept if >= 0.8
          stop_words             8             kept if >= 2
        c4_lines  kept
          lines                11
          kept_lines           11
          long_word_lines      0
          unended_lines        0
          short_lines          0
          lorem_ipsum_lines    0             kept if <= 0
          javascript_lines     0
          curly_bracket_lines  0             kept if <= 0
          policy_lines         0
          citations            0
          empty                no
          sentences            11            kept if >= 5
        fineweb_quality  dropped: too_few_terminal_punct_lines
          empty                      no            kept if no
          lines                      11
          terminal_punct_line_ratio  0             kept if >= 0.12: too_few_terminal_punct_lines
          short_line_ratio           0             kept if <= 0.67
          dup_line_char_ratio        0             kept if <= 0.01
          newline_word_ratio         0.05988       kept if <= 0.3
        fineweb_quality@c4_lines  dropped: too_few_terminal_punct_lines
          empty                      no            kept if no
          lines                      11
          terminal_punct_line_ratio  0             kept if >= 0.12: too_few_terminal_punct_lines
          short_line_ratio           0             kept if <= 0.67
          dup_line_char_ratio        0             kept if <= 0.01
          newline_word_ratio         0.05988       kept if <= 0.3
        minhash  dedup
          chars     690
          shingles  145
        minhash@c4_lines  dedup
          chars     690
          shingles  145
        pii  kept
          pii     0
          emails  0
          phones  –
          ips     0
        pii@c4_lines  kept
          pii     0
          emails  0
          phones  –
          ips     0
        token_count  annotation
          tokens  179
        token_count@c4_lines  annotation
          tokens  179
        token_count@c4_lines+pii  annotation
          tokens  179
        token_count@pii  annotation
          tokens  179

        text, 734 B, as the arm full has it
        • A walk to the old mill and back, with tea for all who have come along…
        • The choir of the upper school sings in the hall, and there will be cake…
        • A talk on the birds of the marsh, to be followed by questions…
        • The market of the growers, with the first lettuce of the year…
        • A film about the sea that nobody in the valley has seen…
        • A dance at the inn, with a band that came from the coast…
        • The annual meeting of the bee keepers, open to guests…
        • A workshop on the sharpening of knives and of other tools…
        • The mayor answers letters that have been waiting for a while…
        • A sale of books to pay for the new roof of the library…
        • The last day of the month, and the end of the list…
    "#]].assert_eq(&said.out);
    let json = show("https://valley.example/events", &["--json"]).json();
    let id = json["document"]["id"].as_str().unwrap();
    let bare = id.strip_prefix("urn:uuid:").unwrap();
    for form in [id, bare, &format!("<{id}>"), &bare.to_uppercase()] {
        assert_eq!(show(form, &[]).out, said.out, "{form}");
    }
    let marked: Vec<(&str, &str)> = json["marked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|piece| (piece["fate"].as_str().unwrap(), piece["text"].as_str().unwrap()))
        .collect();
    let stored: String =
        marked.iter().filter(|(fate, _)| *fate != "put").map(|(_, text)| *text).collect();
    assert_eq!(stored, json["text"].as_str().unwrap());
    let arm = json["arms"].as_array().unwrap().iter().find(|arm| arm["arm"] == "full").unwrap();
    assert_eq!(arm["verdict"], "dropped");
}

#[test]
fn a_record_that_gave_no_document_is_shown_as_such_and_what_is_not_there_is_told() {
    let (out, small) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(out.path());
    let pipeline = small.path().join("p.toml");
    std::fs::write(&pipeline, "name = 'small'\n[extract]\nmax_nodes = 10\n").unwrap();
    let place = small.path().join("out");
    let run = ["run", argument(&pipeline), "--output", argument(&place), "--max-failures", "1"];
    gristmill(&[&run[..], &["--input", "fixtures/crawl-*.warc.gz", "--quiet"]].concat());
    let said = gristmill(&["show", argument(&place), "https://valley.example/events"]);
    expect![[r#"
        urn:uuid:00000000-0000-4000-8000-000000000021
        https://valley.example/events
        the record gave no document
        too_many_nodes: the page has more than 10 nodes
        fixtures/crawl-00000.warc.gz at 18923
        exit code 0
    "#]]
    .assert_eq(&said.all());
    let said = gristmill(&["show", argument(out.path()), "https://nowhere.example/"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    assert!(said.err.contains("neither a document nor a failure"), "{said:?}");
    let said = gristmill(&["show", argument(out.path()), "x.example/", "--arm", "ful"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("did you mean `full`?"), "{said:?}");
}

const PIPELINE: &str = "name = 'small'
[input]
id_field = 'id'
[[step]]
use = 'length'
min_words = 3
[[step]]
use = 'newline_runs'
max_newlines = 1
[[step]]
use = 'exact'
[ablation]
leave_one_out = true
";

#[test]
fn two_arms_differ_by_what_one_step_removes() {
    let directory = tempfile::tempdir().unwrap();
    let documents = [
        ("short", "no\u{1b}[2J"),
        ("kept", "the first of two copies"),
        ("copy", "The first of two copies."),
        ("edited", "a line\n\n\nand another line"),
    ];
    let lines = documents.map(|(id, text)| format!("{}\n", json!({"id": id, "text": text})));
    std::fs::write(directory.path().join("pool.jsonl"), lines.concat()).unwrap();
    std::fs::write(directory.path().join("p.toml"), PIPELINE).unwrap();
    let run = ["run", "p.toml", "--input", "pool.jsonl", "--output", "out", "--quiet"];
    assert_eq!(gristmill_in(directory.path(), &run).code, Some(0));
    let diff = |a: &str, b: &str| {
        gristmill_in(directory.path(), &["diff", "out", "--arm", a, "--arm", b]).all()
    };
    expect![[r#"
                        documents  text  steps of its own
        full                    2  46 B  length
        all_but_length          3  52 B  no step that the other lacks
        2 documents in both, 0 of them with other texts; 0 in full alone; 1 in all_but_length alone

        short  in all_but_length alone
        full drops it by length: too_few_words; words 1, kept if >= 3
        no␛[2J
        exit code 0
    "#]]
    .assert_eq(&diff("full", "all_but_length"));
    expect![[r#"
                       documents  text  steps of its own
        full                   2  46 B  exact
        all_but_exact          3  70 B  no step that the other lacks
        2 documents in both, 0 of them with other texts; 0 in full alone; 1 in all_but_exact alone

        copy  in all_but_exact alone
        full drops it by exact@newline_runs: duplicate of kept
        The first of two copies.
        exit code 0
    "#]]
    .assert_eq(&diff("full", "all_but_exact"));
    expect![[r#"
                              documents  text  steps of its own
        full                          2  46 B  newline_runs
        all_but_newline_runs          2  48 B  no step that the other lacks
        2 documents in both, 1 of them with other texts; 0 in full alone; 0 in all_but_newline_runs alone
        of 1 drawn from those, 1 differ in white space alone, and are shown last

        edited  in both; what full makes of the text of all_but_newline_runs
        a line
        [-¶
        ¶
        -]and another line
        exit code 0
    "#]].assert_eq(&diff("full", "all_but_newline_runs"));
    let arms = |further: &[&str]| {
        let show = gristmill_in(directory.path(), &[&["show", "out", "copy"], further].concat());
        let arms = show.out.split_once("\narms\n").unwrap().1.split_once("\n\n").unwrap().0;
        format!("arms\n{arms}\n")
    };
    expect![[r#"
        arms
          raw                   kept
          full                  kept up to exact; --settle tells more
          all_but_length        kept up to exact; --settle tells more
          all_but_newline_runs  kept up to exact; --settle tells more
          all_but_exact         kept
    "#]]
    .assert_eq(&arms(&[]));
    expect![[r#"
        arms
          raw                   kept
          full                  dropped by exact@newline_runs: duplicate of kept
          all_but_length        dropped by exact@newline_runs: duplicate of kept
          all_but_newline_runs  dropped by exact: duplicate of kept
          all_but_exact         kept
    "#]]
    .assert_eq(&arms(&["--settle"]));
    let one = gristmill_in(directory.path(), &["diff", "out", "--arm", "full"]);
    assert_eq!(one.code, Some(2));
    assert!(one.err.contains("two arms are compared"), "{one:?}");
    let same = gristmill_in(directory.path(), &["diff", "out", "--arm", "raw", "--arm", "raw"]);
    assert!(same.err.contains("`raw` is compared to itself"), "{same:?}");
}
