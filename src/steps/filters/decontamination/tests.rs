use std::collections::HashSet;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use proptest::prelude::*;

use super::words;
use crate::steps::Value;
use crate::steps::registry::Built;
use crate::steps::testing::{build, faults, outcome, value};
use crate::text::oracle::data_folder;

const NAME: &str = "decontamination";

/// A file of these lines, and parameters that name it.
struct Given {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl Given {
    fn new(name: &str, lines: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        std::fs::write(&path, lines.join("\n")).unwrap();
        Self { _directory: directory, path }
    }

    fn toml(&self, more: &str) -> String {
        format!("texts = ['{}']\n{more}", self.path.display())
    }

    fn build(&self, more: &str) -> Built {
        build(NAME, &self.toml(more)).unwrap()
    }

    fn reason(&self, more: &str, text: &str) -> Option<&'static str> {
        outcome(&self.build(more), text).reason
    }

    fn line(&self, line: usize) -> Value {
        Value::Text(format!("{}:{line}", self.path.display()))
    }
}

/// `matched_ngrams`, `matched_word_ratio` and `text_ngram_ratio`.
fn measured(built: &Built, text: &str) -> [Option<f64>; 3] {
    let found = outcome(built, text);
    ["matched_ngrams", "matched_word_ratio", "text_ngram_ratio"]
        .map(|signal| value(NAME, &found, signal))
}

/// Different words w0, w1, …
fn numbered(from: usize, to: usize) -> String {
    (from..to).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn thirteen_words_in_a_row_are_enough_and_twelve_are_not() {
    let given = Given::new("a.txt", &[&numbered(0, 20)]);
    let page = |from, to| format!("before {} after", numbered(from, to));
    assert_eq!(given.reason("", &page(3, 15)), None);
    assert_eq!(given.reason("", &page(3, 16)), Some("too_many_matched_ngrams"));
    let spread = "Before W3, w4.\n\nw5 — “w6” w7/w8 w9 w'10 (w11) w12 w13 w14: w\u{ad}15!";
    assert_eq!(given.reason("", spread), Some("too_many_matched_ngrams"));
    assert_eq!(given.reason("", &numbered(3, 16).replace("w9", "w9 x")), None);
    assert_eq!(given.reason("", ""), None);
}

#[test]
fn each_bound_has_two_sides() {
    // 8 n-grams of 13 words, of which the page has 3 over 15 of its 20 words.
    let given = Given::new("a.txt", &[&numbered(0, 20)]);
    let page = format!("{} b c d e f", numbered(0, 15));
    assert_eq!(measured(&given.build(""), &page), [Some(3.0), Some(0.75), Some(0.375)]);
    let reason = |bound: &str| given.reason(&format!("max_matched_ngrams = {bound}"), &page);
    assert_eq!(reason("3"), None);
    assert_eq!(reason("2"), Some("too_many_matched_ngrams"));
    assert_eq!(reason("'off'\nmax_matched_word_ratio = 0.75"), None);
    assert_eq!(reason("'off'\nmax_matched_word_ratio = 0.74"), Some("too_many_matched_words"));
    assert_eq!(reason("'off'\nmax_text_ngram_ratio = 0.375"), None);
    assert_eq!(reason("'off'\nmax_text_ngram_ratio = 0.37"), Some("too_much_of_a_text"));
    assert!(faults(NAME, &given.toml("max_matched_ngrams = 'off'")).contains("every bound is off"));
}

#[test]
fn short_texts_are_looked_for_as_a_whole() {
    let (eight, twelve) = (numbered(0, 8), numbered(20, 32));
    let given = Given::new("a.txt", &["one two three four five six seven", &eight, &twelve]);
    let built = given.build("");
    let places = |text: &str| measured(&built, text)[0];
    assert_eq!(places("one two three four five six seven"), Some(0.0));
    assert_eq!(places(&format!("a {eight} b")), Some(1.0));
    assert_eq!(places(&numbered(0, 7)), Some(0.0));
    assert_eq!(places(&format!("{twelve} {eight}")), Some(2.0));
    assert_eq!(places(&numbered(20, 31)), Some(0.0));
    assert_eq!(given.reason("min_text_words = 9", &eight), None);
    assert!(given.reason("min_text_words = 7", "one two three four five six seven").is_some());
    // Then texts of fewer words than an n-gram match nothing, as with GPT-3.
    let long = numbered(40, 53);
    let given = Given::new("a.txt", &[&twelve, &long]);
    assert_eq!(given.reason("min_text_words = 13", &twelve), None);
    assert!(given.reason("min_text_words = 13", &long).is_some());
}

#[test]
fn the_text_is_the_one_of_which_the_most_is_there() {
    let (one, other) = (numbered(0, 26), numbered(10, 23));
    let given = Given::new("a.txt", &["", &one, &other, &other]);
    let text = |page: &str| outcome(&given.build(""), page).values[3].clone();
    assert_eq!(text(&numbered(0, 22)), given.line(2));
    assert_eq!(text(&numbered(0, 23)), given.line(3), "it is all there");
    assert_eq!(text(&numbered(0, 9)), Value::Null);
    assert_eq!(measured(&given.build(""), &numbered(0, 22))[2], Some(10.0 / 14.0));
    assert_eq!(measured(&given.build(""), &numbered(0, 23))[2], Some(1.0));
}

#[test]
fn what_many_texts_share_may_be_left_out() {
    let prompt = numbered(0, 13);
    let texts =
        ["a", "b", "c"].map(|word| format!("{prompt} {}", numbered(20, 32).replace('w', word)));
    let given = Given::new("a.txt", &texts.each_ref().map(String::as_str));
    assert!(given.reason("max_ngram_texts = 3", &prompt).is_some());
    assert_eq!(given.reason("max_ngram_texts = 2", &prompt), None);
    let built = given.build("max_ngram_texts = 2");
    assert_eq!(measured(&built, &texts[1]), [Some(12.0), Some(24.0 / 25.0), Some(1.0)]);
    let given = Given::new("a.txt", &[&prompt, &prompt]);
    assert!(faults(NAME, &given.toml("max_ngram_texts = 1")).contains("nothing could match"));
}

#[test]
fn fields_of_json_lines_are_texts_of_their_own() {
    let line =
        format!(r#"{{"q": {{"stem": "{}"}}, "a": ["{}"]}}"#, numbered(0, 9), numbered(9, 18));
    let given = Given::new("a.jsonl", &[&line]);
    let fields = "text_fields = ['q.stem', 'a']";
    assert_eq!(measured(&given.build(fields), &numbered(0, 18)), [Some(2.0), Some(1.0), Some(1.0)]);
    assert_eq!(given.reason(fields, &numbered(4, 13)), None, "they are not joined");
    assert!(faults(NAME, &given.toml("")).contains("line 1 has no field `text`"));
}

#[test]
fn files_of_which_nothing_could_match_are_refused() {
    let given = Given::new("a.txt", &["one two three", "日本語"]);
    let found = faults(NAME, &given.toml(""));
    assert!(found.contains("a.txt` has 8 words"), "{found}");
    assert!(faults(NAME, &given.toml("min_text_words = 3")).is_empty());
    assert!(faults(NAME, "texts = ['/nowhere/a.txt']").contains("cannot read"));
    assert!(faults(NAME, "").contains("needs `texts`"));
}

#[test]
fn accents_are_the_same_however_the_texts_have_them() {
    let given = Given::new("a.txt", &["l'e\u{301}te\u{301} a b c d e f g h"]);
    assert!(given.reason("", "L’été; a b c d e f g h").is_some());
}

/// The texts' n-grams as strings; by the definition.
fn ngrams(text: &str, n: usize) -> Vec<String> {
    let mut all = Vec::new();
    words::each(text, |word| all.push(word.to_owned()));
    all.windows(n).map(|words| words.join(" ")).collect()
}

proptest! {
    #[test]
    fn what_is_found_is_what_the_definition_says(
        texts in prop::collection::vec("[abc]( [abc]){0,9}", 1..5),
        page in "[abcd]( [abcd]){0,30}",
    ) {
        let lines: Vec<&str> = texts.iter().map(String::as_str).collect();
        let given = Given::new("a.txt", &lines);
        let built = build(NAME, &given.toml("ngram = 4\nmin_text_words = 3"));
        let long = |text: &&String| text.len() >= 5;
        prop_assert_eq!(built.is_ok(), texts.iter().any(|text| long(&text)));
        let Ok(built) = built else { return Ok(()) };
        let set = |text: &String| -> HashSet<String> {
            ngrams(text, if text.len() == 5 { 3 } else { 4 }).into_iter().collect()
        };
        let sets: Vec<(usize, HashSet<String>)> =
            texts.iter().enumerate().filter(|(_, text)| long(text)).map(|(i, t)| (i, set(t))).collect();
        let is_listed = |ngram: &String| sets.iter().any(|(_, set)| set.contains(ngram));
        let count = page.len().div_ceil(2);
        let (mut matched, mut covered) = (0, HashSet::new());
        let mut there = HashSet::new();
        for n in [3, 4] {
            for (at, ngram) in ngrams(&page, n).into_iter().enumerate() {
                if is_listed(&ngram) {
                    matched += 1;
                    covered.extend(at..at + n);
                    there.insert(ngram);
                }
            }
        }
        let shares = sets.iter().map(|(line, set)| {
            (set.intersection(&there).count() as f64 / set.len() as f64, *line)
        });
        let best = shares.reduce(|best, next| if next.0 > best.0 { next } else { best }).unwrap();
        let found = outcome(&built, &page);
        prop_assert_eq!(
            measured(&built, &page),
            [Some(matched as f64), Some(covered.len() as f64 / count as f64), Some(best.0)]
        );
        let text = if best.0 > 0.0 { given.line(best.1 + 1) } else { Value::Null };
        prop_assert_eq!(&found.values[3], &text);
    }
}

/// The gold texts of real pages.
fn gold(path: &Path) -> Vec<String> {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let lines = std::io::BufReader::new(MultiGzDecoder::new(file)).lines();
    let text = |line: std::io::Result<String>| {
        let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        line["text"].as_str().unwrap().to_owned()
    };
    lines.map(text).collect()
}

#[test]
fn sentences_planted_into_real_pages_are_found_and_other_pages_are_left() {
    let path = data_folder().join("gold/gold.jsonl.gz");
    if !path.is_file() {
        eprintln!("SKIPPED: no {}", path.display());
        return;
    }
    let gold = gold(&path);
    let (sources, pages): (Vec<_>, Vec<_>) =
        gold.iter().enumerate().partition(|(index, _)| index % 2 == 0);
    // A sentence of each second page: a line of words enough.
    let is_long = |line: &&str| (13..60).contains(&ngrams(line, 1).len());
    let sentences: Vec<&str> =
        sources.iter().filter_map(|(_, text)| text.lines().find(is_long)).collect();
    let given = Given::new("benchmark.txt", &sentences);
    let built = given.build("");
    let listed: HashSet<String> = sentences.iter().flat_map(|line| ngrams(line, 13)).collect();
    let mut overlap = 0;
    for (index, (_, page)) in pages.iter().enumerate() {
        let overlaps = ngrams(page, 13).iter().any(|ngram| listed.contains(ngram));
        let found = outcome(&built, page);
        assert_eq!(found.reason.is_some(), overlaps, "page {index} as it is");
        overlap += usize::from(overlaps);
        if overlaps {
            continue;
        }
        // In the middle of a line, and with other typography.
        let sentence = sentences[index % sentences.len()];
        let planted = sentence.to_uppercase().replace([',', '\''], "’ ").replace(' ', " \n");
        if ngrams(&planted, 13).iter().any(|ngram| listed.contains(ngram)) {
            let middle = page.len() / 2;
            let middle = (middle..).find(|&at| page.is_char_boundary(at)).unwrap();
            let (before, after) = page.split_at(middle);
            let found = outcome(&built, &format!("{before} {planted} {after}"));
            assert_eq!(found.reason, Some("too_many_matched_ngrams"), "page {index}");
        }
        let found = outcome(&built, &format!("{page}\n{sentence}"));
        assert_eq!(found.reason, Some("too_many_matched_ngrams"), "page {index}");
        assert_eq!(value(NAME, &found, "text_ngram_ratio"), Some(1.0), "page {index}");
    }
    eprintln!(
        "{} sentences; {} pages, of which {overlap} hold one already and are found by all, {} planted",
        sentences.len(),
        pages.len(),
        pages.len() - overlap
    );
    assert!(sentences.len() > 800 && pages.len() > 1_000);
    assert!(overlap < pages.len() / 50, "{overlap} pages drop that nothing was planted in");
}
