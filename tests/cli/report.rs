//! The page of a run: its numbers, what it is made of, and that nothing of a document acts in it.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::program::{argument, gristmill, gristmill_in};

/// A run of a pipeline over documents of a pool.
fn run(directory: &Path, pipeline: &str, documents: &[Json]) {
    let lines: String = documents.iter().map(|document| format!("{document}\n")).collect();
    std::fs::write(directory.join("pool.jsonl"), lines).unwrap();
    std::fs::write(directory.join("p.toml"), pipeline).unwrap();
    let run = ["run", "p.toml", "--input", "pool.jsonl", "--output", "out", "--quiet"];
    let said = gristmill_in(directory, &run);
    assert_eq!(said.code, Some(0), "{said:?}");
}

/// What a report finds.
fn findings(directory: &Path, further: &[&str]) -> Json {
    gristmill_in(directory, &[&["report", "out", "--json"], further].concat()).json()
}

const PIPELINE: &str = "name = 'small'
[input]
id_field = 'id'
url_field = 'url'
[[step]]
use = 'length'
as = 'words'
min_words = 3
[[step]]
use = 'newline_runs'
max_newlines = 1
[[step]]
use = 'length'
as = 'letters'
min_words = 'off'
min_chars = 10
[[step]]
use = 'exact'
[[step]]
use = 'word_count'
[ablation]
leave_one_out = true
";

fn small() -> Vec<Json> {
    let document = |id: &str, url: &str, text: &str| json!({"id": id, "url": url, "text": text});
    vec![
        document("both", "https://a.example.org/1", "no"),
        document("words", "https://a.example.org/2", "hippopotamus"),
        document("chars", "https://b.example.com/1", "a b c\n\n\n\n\n\n"),
        document("kept", "https://b.example.com/2", "the first of two copies"),
        document("copy", "https://b.example.com/3", "The first of two copies."),
        document("edited", "https://b.example.com/4", "a line\n\n\nand another line"),
    ]
}

#[test]
fn steps_arms_and_groups_are_counted_as_by_hand() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path(), PIPELINE, &small());
    let found = findings(directory.path(), &[]);
    let steps = found["steps"].as_array().unwrap().iter();
    let steps: Vec<_> = steps
        .map(|step| {
            let count = |name: &str| step[name].as_u64().unwrap();
            let alone = step["alone"].as_u64();
            (step["column"].as_str().unwrap(), count("dropped"), alone, count("first"))
        })
        .collect();
    let expected = [
        ("words", 2, Some(1), 2),
        ("newline_runs", 0, Some(0), 0),
        // Six newlines are one in the text that it judges.
        ("letters@newline_runs", 2, Some(1), 1),
        ("exact@newline_runs", 1, None, 1),
    ];
    assert_eq!(steps, expected);
    let full = &found["arms"].as_array().unwrap()[1];
    assert_eq!(full["name"], "full");
    let left = full["places"].as_array().unwrap().iter();
    let left: Vec<_> =
        left.map(|place| (place["documents"].as_u64(), place["bytes"].as_u64())).collect();
    let expected =
        [(6, 97), (4, 83), (4, 76), (3, 70), (2, 46)].map(|(n, bytes)| (Some(n), Some(bytes)));
    assert_eq!(left, expected);
    let patterns: Vec<_> = found["patterns"].as_array().unwrap().iter().collect();
    assert_eq!(*patterns[0], json!({"columns": [], "documents": 3}));
    assert_eq!(*patterns[1], json!({"columns": ["letters@newline_runs"], "documents": 1}));
    let hosts = found["disparities"].as_array().unwrap().iter().find(|by| by["by"] == "host");
    let groups = &hosts.unwrap()["groups"];
    assert_eq!(groups[0]["value"], "b.example.com");
    assert_eq!((&groups[0]["documents"], &groups[0]["lost"]), (&json!(4), &json!(2)));
    assert_eq!(groups[1]["dropped"], json!([2, 0, 1, 0]));
    let samples = found["samples"].as_array().unwrap().iter();
    let samples: Vec<_> = samples.map(|sample| sample["id"].as_str().unwrap()).collect();
    assert_eq!(samples, ["words", "chars"]);
    let clusters = &found["duplicates"][0];
    assert_eq!(
        (&clusters["sizes"], &clusters["largest"][0]["id"]),
        (&json!({"2": 1}), &json!("kept"))
    );
}

#[test]
fn a_moved_threshold_keeps_what_a_run_with_it_keeps() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path(), PIPELINE, &small());
    let found = findings(directory.path(), &[]);
    let signals = found["signals"].as_array().unwrap().iter();
    let mut words = signals.filter(|s| s["column"] == "words" && s["name"] == "words");
    let words = words.next().unwrap();
    let rule = &words["rules"][0];
    assert_eq!((&rule["bound"], &rule["is_least"]), (&json!(3.0), &json!(true)));
    assert_eq!((&rule["fails"], &rule["first"], &rule["alone"]), (&json!(2), &json!(2), &json!(1)));
    let moved = rule["moved"].as_array().unwrap();
    assert_eq!(moved.len(), 8, "{moved:?}");
    for moved in moved {
        let bound = moved["bound"].as_f64().map_or("'off'".to_owned(), |bound| bound.to_string());
        let other = tempfile::tempdir().unwrap();
        let pipeline = PIPELINE.replace("min_words = 3", &format!("min_words = {bound}"));
        // The step is nothing without a rule.
        let pipeline = pipeline.replace("min_words = 'off'\n[[", "max_words = 1000\n[[");
        run(other.path(), &pipeline.replace("[[step]]\nuse = 'exact'\n", ""), &small());
        let arms = findings(other.path(), &[])["arms"].clone();
        let kept = arms[1]["places"].as_array().unwrap().last().unwrap()["documents"].clone();
        assert_eq!(moved["documents"], kept, "min_words = {bound}");
    }
}

#[test]
fn every_arm_has_what_a_cut_of_it_has() {
    let (out, cuts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let crawl = ["--input", "fixtures/crawl-*.warc.gz", "--quiet"];
    let run = ["run", "pipelines/fineweb.toml", "--output", argument(out.path())];
    assert_eq!(gristmill(&[&run[..], &crawl].concat()).code, Some(0));
    let report = |threads: &str| {
        gristmill(&["report", argument(out.path()), "--json", "--threads", threads]).out
    };
    let text = report("1");
    assert_eq!(text, report("3"), "whatever the threads");
    let found: Json = serde_json::from_str(&text).unwrap();
    for arm in found["arms"].as_array().unwrap() {
        let name = arm["name"].as_str().unwrap();
        let place = cuts.path().join(name);
        let cut = ["cut", argument(out.path()), "--arm", name, "--json", "--output"];
        let cut = gristmill(&[&cut[..], &[argument(&place)]].concat()).json();
        let last = arm["places"].as_array().unwrap().last().unwrap();
        let both = (&last["documents"], &last["bytes"]);
        assert_eq!(both, (&cut["documents"], &cut["text_bytes"]), "{name}");
    }
}

#[test]
fn nothing_of_a_document_acts_in_the_page() {
    let hostile = "</pre></td><script>document.title='x'</script><img src=//evil.example/x \
        onerror=alert(1)><a href='javascript:alert(1)'>x</a><style>*{display:none}</style>\
        <!-- \u{202e} --> <svg onload=alert(1)> {{7*7}} \u{0}\u{1b}[2J";
    let directory = tempfile::tempdir().unwrap();
    let document = |id: String, text: String| {
        let url = format!(
            "https://evil.example/\u{202e}'\"><script src=//evil.example/{id}></script>\nx"
        );
        json!({"id": format!("{id}'\"><script>"), "url": url, "text": text})
    };
    // Dropped by one step, kept by a cluster, edited.
    let mut documents: Vec<Json> =
        (0..3).map(|at| document(at.to_string(), format!("{hostile}\n\n\n\n{hostile}"))).collect();
    documents.push(document("short".into(), "<script>".into()));
    documents.push(document("long".into(), format!("{hostile}{}", "<b>".repeat(100))));
    let pipeline = PIPELINE.replace("min_chars = 10", "min_chars = 10\nmax_chars = 500");
    run(directory.path(), &pipeline, &documents);
    std::fs::write(
        directory.path().join("bad.jsonl"),
        "{\"text\": \"<script>alert(2)</script>\"\n",
    )
    .unwrap();
    let said = gristmill_in(directory.path(), &["report", "out", "--quiet"]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{said:?}");
    let page = std::fs::read_to_string(directory.path().join("report.html")).unwrap();
    assert!(page.contains("&lt;script&gt;document.title"), "the text is there, as text");
    let tree = dom_query::Document::from(page.as_str());
    let ours = [
        "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "h4", "p",
        "b", "nav", "ul", "li", "a", "main", "section", "div", "table", "caption", "thead",
        "tbody", "tr", "th", "td", "details", "summary", "code", "pre", "svg", "rect", "line",
        "text", "circle", "g", "bdi", "span", "small", "del", "ins", "br",
    ];
    let elements = tree.select("*");
    assert!(elements.length() > 300, "{}", elements.length());
    for element in elements.iter() {
        let name = element.nodes()[0].node_name().unwrap();
        assert!(ours.contains(&&*name), "an element {name}");
        for attribute in element.attrs() {
            let (name, value) = (&*attribute.name.local, &*attribute.value);
            assert!(!name.starts_with("on") && name != "src" && name != "action", "{name}={value}");
            assert!(name != "href" || value.starts_with('#'), "{name}={value}");
            assert!(name != "style" || value.starts_with("background:rgba(var(--hot),"), "{value}");
        }
    }
    assert_eq!(tree.select("head title, style").length(), 2, "each of ours alone");
    assert_eq!(
        tree.select("meta[http-equiv]").attr("content").as_deref().map(|c| &c[..18]),
        Some("default-src 'none'")
    );
}

#[test]
fn a_direct_run_of_an_arm_is_reported_by_that_arm() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path(), PIPELINE, &small());
    let direct = ["run", "p.toml", "--arm", "all_but_exact", "--input", "pool.jsonl", "--quiet"];
    let said = gristmill_in(directory.path(), &[&direct[..], &["--output", "arm"]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    let found = gristmill_in(directory.path(), &["report", "arm", "--json"]).json();
    assert_eq!((&found["arm"], &found["totals"]["dropped"]), (&json!("all_but_exact"), &json!(3)));
    // The text of the arm is what is stored.
    let places = found["arms"][0]["places"].as_array().unwrap();
    let left = |place: &Json| (place["documents"].as_u64(), place["bytes"].as_u64());
    assert!(places.iter().all(|place| left(place) == (Some(3), Some(70))), "{places:?}");
    let whole = findings(directory.path(), &["--arm", "all_but_exact"]);
    let arm = whole["arms"].as_array().unwrap().iter().find(|arm| arm["name"] == "all_but_exact");
    let last = arm.unwrap()["places"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(left(&last), (Some(3), Some(70)));
    let said = gristmill_in(directory.path(), &["report", "arm"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let shown = gristmill_in(directory.path(), &["show", "arm", "kept"]);
    assert!(shown.out.contains("as the arm all_but_exact has it"), "{shown:?}");
}

#[test]
fn a_run_of_nothing_and_a_pipeline_of_nothing_have_pages() {
    for (pipeline, documents) in [
        (PIPELINE, vec![]),
        ("name = 'raw'\n", vec![]),
        ("name = 'raw'\n", vec![json!({"text": "a text"})]),
        ("name = 'few'\n[[step]]\nuse = 'word_count'\n", vec![json!({"text": "a text"})]),
    ] {
        let directory = tempfile::tempdir().unwrap();
        run(directory.path(), pipeline, &documents);
        let said = gristmill_in(directory.path(), &["report", "out"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let arms = findings(directory.path(), &[])["arms"].clone();
        let kept = arms[1]["places"].as_array().unwrap().last().unwrap()["documents"].as_u64();
        assert_eq!(kept, Some(documents.len() as u64), "{pipeline}");
    }
}

#[test]
fn several_runs_are_one_pool() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("p.toml"), PIPELINE).unwrap();
    let documents = small();
    for (name, part) in [("first", &documents[..4]), ("second", &documents[4..])] {
        let lines: String = part.iter().map(|document| format!("{document}\n")).collect();
        let pool = format!("{name}.jsonl");
        std::fs::write(at(&pool), lines).unwrap();
        let run = ["run", "p.toml", "--input", &pool, "--output", name, "--quiet"];
        assert_eq!(gristmill_in(directory.path(), &run).code, Some(0));
    }
    let both = gristmill_in(directory.path(), &["report", "first", "second", "--json"]).json();
    run(directory.path(), PIPELINE, &documents);
    let whole = findings(directory.path(), &[]);
    for part in ["arms", "patterns", "overlaps", "signals", "disparities", "samples"] {
        assert_eq!(both[part], whole[part], "{part}");
    }
    assert_eq!(both["duplicates"][0]["largest"], whole["duplicates"][0]["largest"]);
}

#[test]
fn what_is_asked_for_wrongly_is_told() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path(), PIPELINE, &small());
    let said = |further: &[&str]| {
        let said = gristmill_in(directory.path(), &[&["report"], further].concat());
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
        said.err
    };
    assert!(said(&["nowhere"]).contains("has no run.json"));
    assert!(said(&["out", "--arm", "ful"]).contains("its arms: raw, full, all_but_words"));
    assert!(said(&["out", "--samples", "1k"]).contains("--samples is 100 at most"));
    let page = |further: &[&str]| {
        let report = ["report", "out", "--quiet", "--output", "page.html"];
        assert_eq!(gristmill_in(directory.path(), &[&report, further].concat()).code, Some(0));
        std::fs::read_to_string(directory.path().join("page.html")).unwrap()
    };
    assert!(page(&[]).contains("hippopotamus"));
    assert!(!page(&["--samples", "0"]).contains("hippopotamus"), "without samples no text");
}
