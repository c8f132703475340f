//! One snapshot for each kind of fault that a pipeline can have.

use expect_test::{Expect, expect};

use super::program::{Said, gristmill_in, without_registry};

/// What `plan` says of a pipeline that cannot be planned.
fn said_of(pipeline: impl AsRef<[u8]>) -> Said {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("p.toml"), pipeline).unwrap();
    let said = gristmill_in(directory.path(), &["plan", "p.toml"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert_eq!(said.out, "");
    assert!(!said.err.contains('\u{1b}'), "escape codes in a pipe: {said:?}");
    said
}

fn check(pipeline: impl AsRef<[u8]>, expected: Expect) {
    expected.assert_eq(&without_registry(&said_of(pipeline).err));
}

#[test]
fn syntax() {
    check(
        "name = 'x'\n[[step]\nuse = 'length'\n",
        expect![[r#"
        error: unclosed array table, expected `]`
         --> p.toml:2:8
          |
        2 | [[step]
          |        ^ not valid TOML

        p.toml: 1 fault of syntax; nothing was read or written
    "#]],
    );
    // Faults of syntax stand alone, because the others may be their consequence.
    check(
        "name = \n[input\nshards = ]\n",
        expect![[r#"
        error: string values must be quoted, expected literal string
         --> p.toml:1:8
          |
        1 | name = 
          |        ^ not valid TOML

        error: unclosed table, expected `]`
         --> p.toml:2:7
          |
        2 | [input
          |       ^ not valid TOML

        error: missing array opening, expected `[`
         --> p.toml:3:10
          |
        3 | shards = ]
          |          ^ not valid TOML

        p.toml: 3 faults of syntax; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\nname = 'y'\n[inptu]\n",
        expect![[r#"
        error: `name` is given twice
         --> p.toml:2:1
          |
        2 | name = 'y'
          | ^^^^ the second one

        error: a pipeline has no section `inptu`
         --> p.toml:3:2
          |
        3 | [inptu]
          |  ^^^^^ unknown section
          |
          = help: did you mean `input`?

        p.toml: 2 faults; nothing was read or written
    "#]],
    );
}

#[test]
fn unknown_sections_and_keys() {
    check(
        "name = 'x'\n[inputs]\nshards = ['a']\n",
        expect![[r#"
        error: a pipeline has no section `inputs`
         --> p.toml:2:2
          |
        2 | [inputs]
          |  ^^^^^^ unknown section
          |
          = help: did you mean `input`?

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\n[input]\nshard = ['a']\n",
        expect![[r#"
        error: [input] has no key `shard`
         --> p.toml:3:1
          |
        3 | shard = ['a']
          | ^^^^^ unknown key
          |
          = help: did you mean `shards`?

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\n[[step]]\nuse = 'length'\nmin_word = 3\n",
        expect![[r#"
        error: step `length` has no key `min_word`
         --> p.toml:4:1
          |
        4 | min_word = 3
          | ^^^^^^^^ unknown key
          |
          = help: did you mean `min_words`?

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        "shards = ['a']\nname = 'x'\nzebra = 1\n",
        expect![[r#"
        error: `shards` stands outside its section
         --> p.toml:1:1
          |
        1 | shards = ['a']
          | ^^^^^^ unknown key
          |
          = help: it belongs under [input]

        error: a pipeline has no key `zebra`
         --> p.toml:3:1
          |
        3 | zebra = 1
          | ^^^^^ unknown key
          |
          = help: known: name, description, input, extract, step, arms, ablation

        p.toml: 2 faults; nothing was read or written
    "#]],
    );
    check(
        "[input]\n",
        expect![[r#"
        error: the pipeline has no `name`
         --> p.toml:1:1
          |
        1 | [input]
          | ^ `name` is missing
          |
          = help: add a first line such as: name = "my_pipeline"

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
}

#[test]
fn wrong_types_and_values() {
    check(
        "name = 'x'\n[[step]]\nuse = 'length'\nmin_words = '50'\n",
        expect![[r#"
        error: `min_words` takes an integer, not a string
         --> p.toml:4:13
          |
        4 | min_words = '50'
          |             ^^^^ expected an integer

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\n[[step]]\nuse = 'length'\nmin_words = 50.0\n",
        expect![[r#"
        error: `min_words` takes an integer, not a float
         --> p.toml:4:13
          |
        4 | min_words = 50.0
          |             ^^^^ expected an integer

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\n[[step]]\nuse = 'length'\nmin_words = -50\n",
        expect![[r#"
        error: `min_words` must lie between 0 and 1_000_000_000
         --> p.toml:4:13
          |
        4 | min_words = -50
          |             ^^^ out of range

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\n[extract]\nmax_html_bytes = '5 parsecs'\nwith = 'all'\n",
        expect![[r#"
            error: `5 parsecs` is not a size; write 65536, 64kB, 32MiB, 2GiB
             --> p.toml:3:18
              |
            3 | max_html_bytes = '5 parsecs'
              |                  ^^^^^^^^^^^ not a size

            error: `with` cannot be "all"
             --> p.toml:4:8
              |
            4 | with = 'all'
              |        ^^^^^ not one of the choices
              |
              = help: known: main_content, readability, all_text

            p.toml: 2 faults; nothing was read or written
        "#]],
    );
    check(
        "name = 'x'\n[[step]]\nuse = 'length'\nmax_words = 99999999999999999999\n",
        expect![[r#"
            error: `max_words` must lie between 0 and 1_000_000_000
             --> p.toml:4:13
              |
            4 | max_words = 99999999999999999999
              |             ^^^^^^^^^^^^^^^^^^^^ out of range

            p.toml: 1 fault; nothing was read or written
        "#]],
    );
}

#[test]
fn steps() {
    check(
        "name = 'x'\n[[step]]\nuse = 'gopher_qualty'\n",
        expect![[r#"
        error: there is no step `gopher_qualty`
         --> p.toml:3:7
          |
        3 | use = 'gopher_qualty'
          |       ^^^^^^^^^^^^^^^ not registered
          |
          = help: did you mean `gopher_quality`?

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\n[[step]]\nuse = 'zebra'\n",
        expect![[r#"
            error: there is no step `zebra`
             --> p.toml:3:7
              |
            3 | use = 'zebra'
              |       ^^^^^^^ not registered
              |
              = help: known: EVERY STEP

            p.toml: 1 fault; nothing was read or written
        "#]],
    );
    check(
        "name = 'x'\n[[step]]\nuse = 'length'\n[[step]]\nuse = 'length'\n",
        expect![[r#"
        error: two steps are called `length`
         --> p.toml:5:7
          |
        5 | use = 'length'
          |       ^^^^^^^^ the second one
          |
          = help: give this copy a name of its own: as = "…"

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\n[[step]]\nmin_words = 3\n[[step]]\nuse = ''\n",
        expect![[r#"
        error: a step needs `use`
         --> p.toml:2:1
          |
        2 | [[step]]
          | ^^^^^^^^ `use` is missing
          |
          = help: `gristmill filters` lists the registered steps

        error: `use` is empty
         --> p.toml:5:7
          |
        5 | use = ''
          |       ^^ empty string

        p.toml: 2 faults; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\n[step]\nuse = 'length'\n",
        expect![[r#"
        error: steps are written `[[step]]`
         --> p.toml:2:2
          |
        2 | [step]
          |  ^^^^ one pair of brackets too few
          |
          = help: write [[step]] for each step

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\n[[step]]\nuse = 'length'\nas = 'url'\n",
        expect![[r#"
        error: `url` is a column of every document
         --> p.toml:4:6
          |
        4 | as = 'url'
          |      ^^^^^ taken
          |
          = help: give the step another name: as = "…"

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
}

#[test]
fn steps_that_could_not_work() {
    let classifier = "name = 'x'\n[[step]]\nuse = 'fasttext_quality'\n";
    check(
        classifier,
        expect![[r#"
        error: step `fasttext_quality` needs `model`
         --> p.toml:2:1
          |
        2 | [[step]]
          | ^^^^^^^^ `model` is missing
          |
          = help: it takes a path

        error: step `fasttext_quality` needs `labels`
         --> p.toml:2:1
          |
        2 | [[step]]
          | ^^^^^^^^ `labels` is missing
          |
          = help: it takes a list of strings

        p.toml: 2 faults; nothing was read or written
    "#]],
    );
    let model = "model = 'models/none.bin'\nlabels = ['hq']\nmin_score = 0.5\n";
    check(
        format!("{classifier}{model}"),
        expect![[r#"
            error: cannot read `models/none.bin`: No such file or directory (os error 2)
             --> p.toml:4:9
              |
            4 | model = 'models/none.bin'
              |         ^^^^^^^^^^^^^^^^^ this model

            p.toml: 1 fault; nothing was read or written
        "#]],
    );
    check(
        "name = 'x'\n[[step]]\nuse = 'length'\nmin_words = 50\nmax_words = 10\n",
        expect![[r#"
            error: no document can pass: at least 50 and at most 10
             --> p.toml:5:13
              |
            5 | max_words = 10
              |             ^^ less than `min_words`

            p.toml: 1 fault; nothing was read or written
        "#]],
    );
    check(
        "name = 'x'\n[[step]]\nuse = 'length'\nmin_words = 'off'\n",
        expect![[r#"
        error: every bound is off: this step could never drop a document
         --> p.toml:4:13
          |
        4 | min_words = 'off'
          |             ^^^^^

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
}

#[test]
fn arms() {
    let steps = "name = 'x'\n[[step]]\nuse = 'length'\n[[step]]\nuse = 'language'\n[arms]\n";
    check(
        format!("{steps}a = ['*', '-lang']\n"),
        expect![[r#"
        error: no step is called `lang`
         --> p.toml:7:11
          |
        7 | a = ['*', '-lang']
          |           ^^^^^^^ not a step of this pipeline
          |
          = help: did you mean `language`?

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        format!("{steps}a = ['language', 'length']\n"),
        expect![[r#"
        error: `length` comes earlier in the pipeline
         --> p.toml:7:18
          |
        7 | a = ['language', 'length']
          |                  ^^^^^^^^ out of order
          |
          = help: an arm keeps the order of the pipeline

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        format!("{steps}raw = ['length']\n"),
        expect![[r#"
        error: `raw` is the arm without steps
         --> p.toml:7:1
          |
        7 | raw = ['length']
          | ^^^ cannot have any

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    check(
        format!("{steps}a = ['-length']\n\"B c\" = ['*']\n"),
        expect![[r#"
        error: `length` is not in the arm to be taken out
         --> p.toml:7:6
          |
        7 | a = ['-length']
          |      ^^^^^^^^^ not there
          |
          = help: start the list with "*" to begin from all steps

        error: `B c` is no name for an arm
         --> p.toml:8:1
          |
        8 | "B c" = ['*']
          | ^^^^^ not snake_case
          |
          = help: names are lower-case letters, digits and `_`, and start with a letter

        p.toml: 2 faults; nothing was read or written
    "#]],
    );
    check(
        format!("{steps}only_length = ['*']\n[ablation]\nonly_one = true\n"),
        expect![[r#"
        error: [ablation] makes an arm `only_length` too
         --> p.toml:7:1
          |
        7 | only_length = ['*']
          | ^^^^^^^^^^^ choose another name

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
}

#[test]
fn several_faults_come_in_the_order_of_the_file() {
    let pipeline = "nmae = 'x'\n[arms]\na = ['lenght']\n[[step]]\nuse = 'length'\nmin_words = 'x'\n\
                    max_word = 3\n[input]\nformat = 'wrac'\n[[step]]\nuse = 'languages'\n";
    check(
        pipeline,
        expect![[r#"
        error: a pipeline has no key `nmae`
         --> p.toml:1:1
          |
        1 | nmae = 'x'
          | ^^^^ unknown key
          |
          = help: did you mean `name`?

        error: no step is called `lenght`
         --> p.toml:3:6
          |
        3 | a = ['lenght']
          |      ^^^^^^^^ not a step of this pipeline
          |
          = help: did you mean `length`?

        error: `min_words` takes an integer, not a string
         --> p.toml:6:13
          |
        6 | min_words = 'x'
          |             ^^^ expected an integer

        error: step `length` has no key `max_word`
         --> p.toml:7:1
          |
        7 | max_word = 3
          | ^^^^^^^^ unknown key
          |
          = help: did you mean `max_words`?

        error: `format` cannot be "wrac"
         --> p.toml:9:10
          |
        9 | format = 'wrac'
          |          ^^^^^^ not one of the choices
          |
          = help: did you mean `warc`?

        error: there is no step `languages`
          --> p.toml:11:7
           |
        11 | use = 'languages'
           |       ^^^^^^^^^^^ not registered
           |
           = help: did you mean `language`?

        p.toml: 6 faults; nothing was read or written
    "#]],
    );
}

#[test]
fn underlines_are_exact_after_wide_characters_tabs_and_crlf() {
    check(
        "name = 'größe 水車'\n[[step]]\nuse = 'length' # 水車\n\"größe\" = 2 # ü\n\tmin_word = 3\n",
        expect![[r#"
            error: step `length` has no key `größe`
             --> p.toml:4:1
              |
            4 | "größe" = 2 # ü
              | ^^^^^^^ unknown key
              |
              = help: known: min_chars, max_chars, min_words, max_words

            error: step `length` has no key `min_word`
             --> p.toml:5:2
              |
            5 |     min_word = 3
              |     ^^^^^^^^ unknown key
              |
              = help: did you mean `min_words`?

            p.toml: 2 faults; nothing was read or written
        "#]],
    );
    check(
        "name = 'x'\n[extract]\nwith = '水車'\n",
        expect![[r#"
            error: `with` cannot be "水車"
             --> p.toml:3:8
              |
            3 | with = '水車'
              |        ^^^^^^ not one of the choices
              |
              = help: known: main_content, readability, all_text

            p.toml: 1 fault; nothing was read or written
        "#]],
    );
    check(
        "step = [{use = 'length', as = '水', min_word = 3}]\nname = 'é'\n",
        expect![[r#"
        error: `水` is no name for a step
         --> p.toml:1:31
          |
        1 | step = [{use = 'length', as = '水', min_word = 3}]
          |                               ^^^^ not snake_case
          |
          = help: names are lower-case letters, digits and `_`, and start with a letter

        error: step `length` has no key `min_word`
         --> p.toml:1:36
          |
        1 | step = [{use = 'length', as = '水', min_word = 3}]
          |                                     ^^^^^^^^ unknown key
          |
          = help: did you mean `min_words`?

        p.toml: 2 faults; nothing was read or written
    "#]],
    );
    let unix = "name = 'x'\n[[step]]\nuse = 'lenght'\n[arms]\na = ['foo']\n";
    let (unix, windows) = (said_of(unix), said_of(unix.replace('\n', "\r\n")));
    assert_eq!(unix.err, windows.err);
    let marked = said_of("\u{feff}nmae = 'x'\n");
    assert_eq!(marked.err, said_of("nmae = 'x'\n").err);
}

#[test]
fn faults_at_the_end_of_the_file() {
    check(
        "name = 'x'\n[[step]]\nuse = \"len",
        expect![[r#"
        error: invalid basic string, expected `"`
         --> p.toml:3:11
          |
        3 | use = "len
          |           ^ not valid TOML

        p.toml: 1 fault of syntax; nothing was read or written
    "#]],
    );
    check(
        "name = 'x'\n[input]\nshards = [",
        expect![[r#"
        error: unclosed array, expected `]`
         --> p.toml:3:11
          |
        3 | shards = [
          |           ^ not valid TOML

        p.toml: 1 fault of syntax; nothing was read or written
    "#]],
    );
    check(
        "",
        expect![[r#"
        error: the pipeline has no `name`
         --> p.toml:1:1
          |
        1 |
          | ^ `name` is missing
          |
          = help: add a first line such as: name = "my_pipeline"

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
}

#[test]
fn files_that_are_no_text_or_not_there() {
    check(
        b"name = 'x'\n[[step]]\nuse = '\xff'\n",
        expect![[r#"
        error: the file is not UTF-8
         --> p.toml:3:8
          |
        3 | use = '�'
          |        ^ byte 0xff
          |
          = help: save it as UTF-8

        p.toml: 1 fault; nothing was read or written
    "#]],
    );
    let directory = tempfile::tempdir().unwrap();
    let said = gristmill_in(directory.path(), &["run", "none.toml"]);
    expect![[r#"
        error: cannot read the pipeline `none.toml`: No such file or directory (os error 2)
        exit code 2
    "#]]
    .assert_eq(&said.all());
    let said = gristmill_in(directory.path(), &["plan", "."]);
    expect![[r#"
        error: cannot read the pipeline `.`: Is a directory (os error 21)
        exit code 2
    "#]]
    .assert_eq(&said.all());
}
