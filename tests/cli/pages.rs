//! Help, pages and plans: what a user reads before a run.

use std::process::Stdio;

use expect_test::expect;

use super::common::repo;
use super::program::{argument, command, gristmill, gristmill_in};

#[test]
fn help() {
    let said = gristmill(&["--help"]);
    expect![[r#"
        A streaming web-corpus filtering pipeline that measures every document and forgets nothing

        Usage: gristmill <COMMAND>

        Commands:
          run      Run a pipeline over shards: annotated Parquet out
          plan     Show what a pipeline would do, or every fault in it; reads no input
          cut      Cut one arm of run directories as a corpus: dedup, sample, output formats
          report   Show what the filters of a run do, as one page that opens offline
          show     Show one document: its text, every signal beside its threshold, every arm's verdict
          diff     Show what one arm has and another has not: what one step alone removes, as text
          filters  List the registered steps (filters, edits, dedups, annotations), or print one step's page
          schema   Print the JSON schema of pipelines, for editors
          help     Print this message or the help of the given subcommand(s)

        Options:
          -h, --help     Print help
          -V, --version  Print version

        Examples:
          gristmill plan pipelines/fineweb.toml
          gristmill run pipelines/fineweb.toml --input 'crawl/*.warc.gz' --output out
          gristmill cut out --arm full --output arms/full
          gristmill report out --output report.html
          gristmill filters gopher_quality

        Exit codes: 0 done, 1 environment, 2 configuration or usage, 3 done but more failures than allowed.
        exit code 0
    "#]].assert_eq(&said.all());
    // Without arguments the same goes to standard error, as the fault that it is.
    let bare = gristmill(&[]);
    assert_eq!((bare.code, bare.err), (Some(2), said.out));
    assert!(gristmill(&["--version"]).out.starts_with("gristmill "));
}

#[test]
fn help_of_each_verb() {
    expect![[r#"
        Run a pipeline over shards: annotated Parquet out

        Usage: gristmill run [OPTIONS] <PIPELINE>

        Arguments:
          <PIPELINE>  The pipeline file (TOML)

        Options:
              --input <GLOB|LIST>     Shards in place of the pipeline's own: a file, directory, glob or path
                                      list; may be repeated
              --base <DIR>            Where the keys of path lists start from; a list's own directory by
                                      default
              --output <DIR>          The run directory; an earlier run of the same plan there is carried on
                                      [default: out]
              --arm <NAME>            Run just this arm's steps and drop documents as it goes
              --threads <N>           Workers; as many as there are cores by default
              --memory <SIZE>         Input held in memory at once (2GiB, 500MB); 32 MiB for each worker and
                                      one more by default
              --shard-index <I>       Which part of the shards to run, from 0; by default the index that
                                      Slurm, Kubernetes or AWS Batch gives an array's task
              --shard-count <N>       Into how many parts the shards are split
              --max-failures <RATIO>  Share of documents and failures together that may be failures before
                                      the exit code is 3 [default: 0.1]
              --json                  Print the summary as JSON
              --quiet                 No progress and no summary (that of --json is printed); errors are
                                      told
          -h, --help                  Print help

        Exit codes: 0 done, 1 environment (disk, unreadable shard, interrupted), 2 configuration or usage,
        3 done but more failures than allowed.
    "#]].assert_eq(&gristmill(&["run", "--help"]).out);
    expect![[r#"
        Show what a pipeline would do, or every fault in it; reads no input

        Usage: gristmill plan [OPTIONS] <PIPELINE>

        Arguments:
          <PIPELINE>  The pipeline file (TOML)

        Options:
              --arm <NAME>  Show the plan of running this arm alone
              --json        Print the plan as JSON
          -h, --help        Print help
    "#]]
    .assert_eq(&gristmill(&["plan", "--help"]).out);
    expect![[r#"
        List the registered steps (filters, edits, dedups, annotations), or print one step's page

        Usage: gristmill filters [OPTIONS] [NAME]

        Arguments:
          [NAME]  Print this step's page: what it does, its source, parameters, signals and reasons

        Options:
              --json  Print as JSON
          -h, --help  Print help
    "#]]
    .assert_eq(&gristmill(&["filters", "--help"]).out);
    expect![[r#"
        Print the JSON schema of pipelines, for editors

        Usage: gristmill schema

        Options:
          -h, --help  Print help
    "#]]
    .assert_eq(&gristmill(&["schema", "--help"]).out);
}

#[test]
fn usage_faults_name_the_argument() {
    expect![[r#"
        error: unrecognized subcommand 'rnu'

        Usage: gristmill <COMMAND>

        For more information, try '--help'.
        exit code 2
    "#]]
    .assert_eq(&gristmill(&["rnu", "x.toml"]).all());
    expect![[r#"
        error: the following required arguments were not provided:
          <PIPELINE>

        Usage: gristmill run <PIPELINE>

        For more information, try '--help'.
        exit code 2
    "#]]
    .assert_eq(&gristmill(&["run"]).all());
    expect![[r#"
        error: unexpected argument '--thread' found

          tip: a similar argument exists: '--threads'

        Usage: gristmill run --threads <N> <PIPELINE>

        For more information, try '--help'.
        exit code 2
    "#]]
    .assert_eq(&gristmill(&["run", "x.toml", "--thread", "2"]).all());
    for (flag, value, needed) in [
        ("--threads", "0", "a whole number from 1 is needed"),
        ("--shard-count", "x", "a whole number from 1 is needed"),
        ("--max-failures", "5%", "a number between 0 and 1 is needed"),
        ("--memory", "2 parsecs", "write 65536, 64kB, 32MiB, 2GiB"),
    ] {
        let said = gristmill(&["run", "x.toml", flag, value]);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(flag) && said.err.contains(needed), "{said:?}");
    }
}

#[test]
fn filters() {
    let said = gristmill(&["filters"]);
    expect![[r#"
        url_blocklist           filter      Drops documents whose URL is on a list.
        language                filter      Keeps documents in the languages asked for.
        length                  filter      Drops documents that are too short or too long, in characters
                                            and in words.
        gopher_repetition       filter      Drops documents that repeat themselves: lines, paragraphs or
                                            word n-grams.
        gopher_quality          filter      Drops documents that do not look like prose: by number and
                                            length of words, symbols, bullets, ellipses, letters and stop
                                            words.
        c4_documents            filter      Drops documents by C4's rules for whole pages, without taking
                                            lines out.
        bad_words               filter      Drops documents that hold words or phrases of the user's lists,
                                            such as obscene ones.
        fineweb_quality         filter      Drops documents of lists, fragments and duplicate lines.
        curator_quality         filter      Drops documents by NeMo Curator's fifteen English heuristics on
                                            characters, words, lines and paragraphs.
        madlad_sentences        filter      Drops documents of few sentences, and those of which many
                                            sentences are questionable.
        fasttext_quality        filter      Keeps documents that a fastText classifier finds good.
        perplexity              filter      Keeps documents that an n-gram language model finds neither too
                                            surprising nor too familiar.
        regex                   filter      Drops documents by regular expressions on the text or the URL.
        decontamination         filter      Drops documents that share word n-grams with given texts, such
                                            as benchmarks.
        word_removal_ratio      filter      Drops documents of which the edits since an earlier step removed
                                            too large a share of the words.
        where                   filter      Keeps documents for which an expression over the signals of
                                            earlier steps holds.
        url_removal             edit        Removes URLs, host names and IPv4 addresses from the text.
        newline_runs            edit        Shortens runs of newlines.
        c4_lines                edit        Keeps the lines that C4 keeps, and drops documents with
                                            placeholder text, code or too little left.
        citation_marks          edit        Removes the marks that Wikipedia leaves in its text: `[12]`,
                                            `[edit]`, `[citation needed]`.
        refinedweb_lines        edit        Deletes lines of capitals, lines of digits, counters (`3 likes`)
                                            and lines of one word.
        boilerplate_substrings  edit        Removes phrases of boilerplate (`items in cart`, `Read more...`,
                                            `Sign-in`) from short lines.
        fasttext_paragraphs     edit        Removes paragraphs that a fastText classifier finds bad.
        pii                     edit        Replaces e-mail addresses, IPv4 addresses and phone numbers by
                                            texts of the user's choice.
        exact                   dedup       Marks documents whose text is the same but for case, white space
                                            and punctuation.
        minhash                 dedup       Marks documents that share most of their text with another one:
                                            MinHash with LSH banding.
        url_dedup               dedup       Marks documents whose URL is the same but for what does not
                                            change the page.
        repeated_paragraphs     dedup       Marks paragraphs or lines that repeat others, so that a cut
                                            removes all but the first.
        word_count              annotation  Counts words, so that a later step can tell how many were
                                            removed since.
        token_count             annotation  Counts the tokens that a trained model would see.
        redpajama_signals       annotation  Measures RedPajama-V2's quality signals that need nothing but
                                            the text, and judges nothing.

        `gristmill filters NAME` prints a step's page.
    "#]].assert_eq(&said.out);
    assert!(said.out.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn filters_length() {
    expect![[r#"
        length (filter, version 1)
        ==========================

        Drops documents that are too short or too long, in characters and in words.

        # What it does
        Counts Unicode scalar values and words (maximal runs of characters that are not Unicode
        whitespace) and holds each against its bounds. The default, at least one word, drops just the
        pages without text.

        # Why
        Very short pages are mostly error messages and stubs; very long ones are logs and listings.

        # Source
        datamap-rs drops under 150 characters in its web configuration, cc_net under 300, Zyda under
        100; RefinedWeb and C4 bound characters likewise (C4 in DCLM: 1 to 190,000). Word bounds of
        50 to 100,000 belong to Gopher (arXiv 2112.11446, table A1) and stand in `gopher_quality`,
        whose words leave symbols out.

        # Differences
        Characters are Unicode scalar values; datamap-rs counts bytes.

        # In a pipeline
        [[step]]
        use = "length"

        # Parameters
        min_chars = "off"
            Fewest characters.
            an integer or "off", 0 to 1_000_000_000 chars
        max_chars = "off"
            Most characters.
            an integer or "off", 0 to 1_000_000_000 chars
        min_words = 1
            Fewest words.
            an integer or "off", 0 to 1_000_000_000 words
        max_words = "off"
            Most words.
            an integer or "off", 0 to 1_000_000_000 words

        # Signals
        chars  integer  Unicode scalar values of the text.
        words  integer  Runs of characters that are not whitespace.

        # Drops, by the first that holds: reason and test
        too_few_chars   chars < min_chars
        too_many_chars  chars > max_chars
        too_few_words   words < min_words
        too_many_words  words > max_words
        exit code 0
    "#]].assert_eq(&gristmill(&["filters", "length"]).all());
}

#[test]
fn every_page_has_its_parts_and_its_json() {
    let list = gristmill(&["filters", "--json"]).json();
    for step in list.as_array().unwrap() {
        let name = step["name"].as_str().unwrap();
        let page = gristmill(&["filters", name]);
        assert_eq!((page.code, page.err.as_str()), (Some(0), ""), "{name}");
        for part in ["# What it does", "# Source", "# In a pipeline", "# Parameters", "# Signals"] {
            assert!(page.out.contains(&format!("\n{part}\n")), "{name} has no {part}");
        }
        assert_eq!(gristmill(&["filters", name, "--json"]).json(), *step);
    }
}

#[test]
fn unknown_filters() {
    expect![[r#"
        error: there is no step `lenght`
        help: did you mean `length`?
        exit code 2
    "#]]
    .assert_eq(&gristmill(&["filters", "lenght"]).all());
    expect![[r#"
        error: there is no step `zebra`
        help: known: EVERY STEP
        exit code 2
    "#]]
    .assert_eq(&gristmill(&["filters", "zebra"]).all());
}

#[test]
fn plan_of_fineweb() {
    expect![[r#"
        fineweb: FineWeb's filters, side by side

        fingerprint  HEX
        input        none named here: give --input
        extract      main_content (version 3)

        steps
          1  language           filter; variant = "datatrove", languages = ["en"]; drops listed_score < 0.65
          2  gopher_repetition  filter; variant = "datatrove"; drops empty, dup_paragraph_ratio > 0.3,
                                dup_paragraph_char_ratio > 0.2, dup_line_ratio > 0.3,
                                dup_line_char_ratio > 0.2, top_2gram_char_ratio > 0.2,
                                top_3gram_char_ratio > 0.18, top_4gram_char_ratio > 0.16,
                                dup_5gram_char_ratio > 0.15, dup_6gram_char_ratio > 0.14,
                                dup_7gram_char_ratio > 0.13, dup_8gram_char_ratio > 0.12,
                                dup_9gram_char_ratio > 0.11, dup_10gram_char_ratio > 0.1
          3  gopher_quality     filter; variant = "datatrove"; drops words < 50, words > 100000,
                                mean_word_chars < 3, mean_word_chars > 10, hash_word_ratio > 0.1,
                                ellipsis_word_ratio > 0.1, bullet_line_ratio > 0.9,
                                ellipsis_line_ratio > 0.3, alphabetic_word_ratio < 0.8, stop_words < 2
          4  c4_lines           edit; variant = "datatrove", require_terminal_mark = false; drops
                                lorem_ipsum_lines > 0, curly_bracket_lines > 0, sentences < 5
          5  fineweb_quality    filter; drops empty, terminal_punct_line_ratio < 0.12,
                                short_line_ratio > 0.67, dup_line_char_ratio > 0.01,
                                newline_word_ratio > 0.3
          6  minhash            dedup; variant = "datatrove", shingle = "word", ngram = 5, bands = 14, rows
                                = 8, seed = 1, hash = "sha1", min_jaccard = 0.75, keep = "first"; writes
                                keys to signatures/, judges nothing in the run
          7  pii                edit; variant = "datatrove"
          8  token_count        annotation; tokenizer = "r50k_base"

        columns, each with `keep`, `reason` and what is measured
          language                  label, score, listed_label, listed_score, reaches_min_scores
          gopher_repetition         empty, dup_paragraph_ratio, dup_paragraph_char_ratio, dup_line_ratio,
                                    dup_line_char_ratio, top_2gram_char_ratio, top_3gram_char_ratio,
                                    top_4gram_char_ratio, dup_5gram_char_ratio, dup_6gram_char_ratio,
                                    dup_7gram_char_ratio, dup_8gram_char_ratio, dup_9gram_char_ratio,
                                    dup_10gram_char_ratio
          gopher_quality            words, all_words, mean_word_chars, median_word_chars, hash_word_ratio,
                                    ellipsis_word_ratio, symbol_word_ratio, lines, bullet_line_ratio,
                                    ellipsis_line_ratio, alphabetic_word_ratio, stop_words
          c4_lines                  lines, kept_lines, long_word_lines, unended_lines, short_lines,
                                    lorem_ipsum_lines, javascript_lines, curly_bracket_lines, policy_lines,
                                    citations, empty, sentences, spans
          fineweb_quality           empty, lines, terminal_punct_line_ratio, short_line_ratio,
                                    dup_line_char_ratio, newline_word_ratio
          fineweb_quality@c4_lines  the same on the text after c4_lines
          minhash                   chars, shingles
          minhash@c4_lines          the same on the text after c4_lines
          pii                       pii, emails, phones, ips, spans
          pii@c4_lines              the same on the text after c4_lines
          token_count               tokens
          token_count@c4_lines      the same on the text after c4_lines
          token_count@c4_lines+pii  the same on the text after c4_lines+pii
          token_count@pii           the same on the text after pii

        arms, each with the columns that decide
          raw                        token_count
          full                       language, gopher_repetition, gopher_quality, c4_lines,
                                     fineweb_quality@c4_lines, minhash@c4_lines, pii@c4_lines,
                                     token_count@c4_lines+pii; text after c4_lines+pii
          all_but_language           gopher_repetition, gopher_quality, c4_lines, fineweb_quality@c4_lines,
                                     minhash@c4_lines, pii@c4_lines, token_count@c4_lines+pii;
                                     text after c4_lines+pii
          only_language              language
          all_but_gopher_repetition  language, gopher_quality, c4_lines, fineweb_quality@c4_lines,
                                     minhash@c4_lines, pii@c4_lines, token_count@c4_lines+pii;
                                     text after c4_lines+pii
          only_gopher_repetition     gopher_repetition
          all_but_gopher_quality     language, gopher_repetition, c4_lines, fineweb_quality@c4_lines,
                                     minhash@c4_lines, pii@c4_lines, token_count@c4_lines+pii;
                                     text after c4_lines+pii
          only_gopher_quality        gopher_quality
          all_but_c4_lines           language, gopher_repetition, gopher_quality, fineweb_quality, minhash,
                                     pii, token_count@pii; text after pii
          only_c4_lines              c4_lines; text after c4_lines
          all_but_fineweb_quality    language, gopher_repetition, gopher_quality, c4_lines,
                                     minhash@c4_lines, pii@c4_lines, token_count@c4_lines+pii;
                                     text after c4_lines+pii
          only_fineweb_quality       fineweb_quality
          all_but_minhash            language, gopher_repetition, gopher_quality, c4_lines,
                                     fineweb_quality@c4_lines, pii@c4_lines, token_count@c4_lines+pii;
                                     text after c4_lines+pii
          only_minhash               minhash
          all_but_pii                language, gopher_repetition, gopher_quality, c4_lines,
                                     fineweb_quality@c4_lines, minhash@c4_lines, token_count@c4_lines;
                                     text after c4_lines
          only_pii                   pii; text after pii
        exit code 0
    "#]].assert_eq(&gristmill(&["plan", "pipelines/fineweb.toml"]).all());
}

#[test]
fn plan_of_edits_copies_and_lists() {
    let directory = tempfile::tempdir().unwrap();
    let pipeline = "name = 'small'\n[input]\nshards = ['a/*.warc.gz', 'b.paths']\n\
                    [[step]]\nuse = 'newline_runs'\n[[step]]\nuse = 'length'\nas = 'short'\n\
                    max_chars = 400\nmin_words = 'off'\n[arms]\nunedited = ['short']\n";
    std::fs::write(directory.path().join("p.toml"), pipeline).unwrap();
    let all = gristmill_in(directory.path(), &["plan", "p.toml"]);
    expect![[r#"
        small

        fingerprint  HEX
        input        a/*.warc.gz, b.paths
        extract      main_content (version 3)

        steps
          1  newline_runs    edit; max_newlines = 2
          2  short (length)  filter; drops chars > 400

        columns, each with `keep`, `reason` and what is measured
          newline_runs        removed_newlines, spans
          short               chars, words
          short@newline_runs  the same on the text after newline_runs

        arms, each with the columns that decide
          raw       no step: every document
          full      newline_runs, short@newline_runs; text after newline_runs
          unedited  short
        exit code 0
    "#]]
    .assert_eq(&all.all());
    let one = gristmill_in(directory.path(), &["plan", "p.toml", "--arm", "unedited"]);
    expect![[r#"
        small

        fingerprint  HEX
        run          the arm `unedited` alone, dropping as it goes
        input        a/*.warc.gz, b.paths
        extract      main_content (version 3)

        steps
          1  short (length)  filter; drops chars > 400

        columns, each with `keep`, `reason` and what is measured
          short  chars, words

        arms, each with the columns that decide
          unedited  short
        exit code 0
    "#]]
    .assert_eq(&one.all());
}

#[test]
fn unknown_arms() {
    let plan = |arm| gristmill(&["plan", "pipelines/gopher.toml", "--arm", arm]).all();
    expect![[r#"
        error: the pipeline has no arm `dclx`
        help: did you mean `dclm`?
        exit code 2
    "#]]
    .assert_eq(&plan("dclx"));
    expect![[r#"
        error: the pipeline has no arm `zebra`
        help: its arms: raw, full, datatrove, dclm, dolma, curator
        exit code 2
    "#]]
    .assert_eq(&plan("zebra"));
}

#[test]
fn plan_as_json_has_what_run_json_has() {
    let plan = gristmill(&["plan", "pipelines/fineweb.toml", "--json"]).json();
    let keys: Vec<&String> = plan.as_object().unwrap().keys().collect();
    expect![[r#"
        [
            "name",
            "description",
            "schema",
            "reader_version",
            "fingerprint",
            "direct_arm",
            "input",
            "extract",
            "extractor_version",
            "steps",
            "views",
            "pairs",
            "arms",
            "arms_of_cut",
            "stored_view",
        ]
    "#]]
    .assert_debug_eq(&keys);
    assert_eq!(plan["fingerprint"].as_str().unwrap().len(), 64);
    let step = plan["steps"][0].as_object().unwrap();
    let keys: Vec<&String> = step.keys().collect();
    expect![[r#"
        [
            "name",
            "use",
            "kind",
            "unit",
            "version",
            "params",
            "rules",
            "files",
        ]
    "#]]
    .assert_debug_eq(&keys);
    let full = plan["arms"].as_array().unwrap().iter().find(|arm| arm["name"] == "full").unwrap();
    expect![[r#"
        {
          "name": "full",
          "steps": [
            "language",
            "gopher_repetition",
            "gopher_quality",
            "c4_lines",
            "fineweb_quality",
            "minhash",
            "pii",
            "token_count"
          ],
          "columns": [
            "language",
            "gopher_repetition",
            "gopher_quality",
            "c4_lines",
            "fineweb_quality@c4_lines",
            "minhash@c4_lines",
            "pii@c4_lines",
            "token_count@c4_lines+pii"
          ],
          "view": "c4_lines+pii"
        }"#]]
    .assert_eq(&format!("{full:#}"));
}

#[test]
fn plan_of_an_arm_tells_what_is_measured_for_others_only() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("p.toml");
    let text = "name = 'p'\n[[step]]\nuse = 'length'\n[[step]]\nuse = 'where'\n\
                keep = 'length.words > 5'\n[ablation]\nonly_one = true\n";
    std::fs::write(&file, text).unwrap();
    let said = gristmill(&["plan", argument(&file), "--arm", "only_where"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let start = said.out.find("\nsteps").unwrap();
    expect![[r#"

        steps
          1  length  measured for others, drops nothing; filter; drops words < 1
          2  where   filter; keep = "length.words > 5"; drops unknown, not holds

        columns, each with `keep`, `reason` and what is measured
          length  chars, words
          where   holds, unknown

        arms, each with the columns that decide
          only_where  where
    "#]]
    .assert_eq(&said.out[start..]);
}

#[test]
fn every_shipped_pipeline_has_a_plan() {
    for entry in std::fs::read_dir(repo("pipelines")).unwrap() {
        let path = entry.unwrap().path();
        let said = gristmill(&["plan", argument(&path)]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", path.display());
        let long: Vec<_> = said.out.lines().filter(|line| line.chars().count() > 100).collect();
        assert!(long.is_empty(), "{long:?}");
    }
}

#[test]
fn a_reader_that_has_enough_is_no_fault() {
    for arguments in [&["schema"][..], &["filters", "gopher_quality"], &["filters", "--json"]] {
        let mut child =
            command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command(&["schema"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("error: cannot write to standard output"), "{said}");
}
