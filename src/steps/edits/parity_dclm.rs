//! The edits that DCLM also has, against its output texts, and its whole RefinedWeb configuration.

use sha1::{Digest, Sha1};

use crate::steps::registry::Built;
use crate::steps::testing::{build, outcome, value};
use crate::text::apply;
use crate::text::oracle::Oracle;

/// DCLM's modifiers as the oracle names them, and the step that is each of them alone.
const MODIFIERS: &[(&str, &str, &str)] = &[
    ("url_removal", "url_removal", "variant = 'dclm'"),
    ("newline_removal", "newline_runs", ""),
    (
        "uppercase_ratio",
        "refinedweb_lines",
        "max_digit_ratio = 'off'\ncounter_words = 'off'\nmin_line_words = 'off'",
    ),
    (
        "numeric_ratio",
        "refinedweb_lines",
        "max_uppercase_ratio = 'off'\ncounter_words = 'off'\nmin_line_words = 'off'",
    ),
    (
        "counter_line",
        "refinedweb_lines",
        "max_uppercase_ratio = 'off'\nmax_digit_ratio = 'off'\nmin_line_words = 'off'",
    ),
    (
        "line_length",
        "refinedweb_lines",
        "max_uppercase_ratio = 'off'\nmax_digit_ratio = 'off'\ncounter_words = 'off'",
    ),
    (
        "substr_items_in_cart",
        "boilerplate_substrings",
        "variant = 'dclm'\nline_end = 'off'\nline_start = 'off'",
    ),
    (
        "substr_read_more",
        "boilerplate_substrings",
        "variant = 'dclm'\nanywhere = 'off'\nline_start = 'off'",
    ),
    (
        "substr_sign_in",
        "boilerplate_substrings",
        "variant = 'dclm'\nanywhere = 'off'\nline_end = 'off'",
    ),
];

/// The first 16 digits of SHA-1, by which the oracle names texts.
fn short_sha1(text: &str) -> String {
    Sha1::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The text after a step; `None` where the step drops it.
fn after(built: &Built, text: &str) -> Option<String> {
    let outcome = outcome(built, text);
    outcome.reason.is_none().then(|| apply(text, &outcome.spans))
}

fn assert_all_equal<T: PartialEq + std::fmt::Debug>(name: &str, ours: &[T], theirs: &[T]) {
    assert_eq!(ours.len(), theirs.len());
    let differing: Vec<_> = (0..ours.len()).filter(|&row| ours[row] != theirs[row]).collect();
    eprintln!("{name}: {} of {} equal", ours.len() - differing.len(), ours.len());
    let shown: Vec<_> =
        differing.iter().take(8).map(|&row| (row, &ours[row], &theirs[row])).collect();
    assert!(differing.is_empty(), "{name} (row, ours, theirs): {shown:?}");
}

#[test]
fn each_edit_leaves_dclm_s_text() {
    let columns: Vec<String> =
        MODIFIERS.iter().map(|(name, ..)| format!("mod_{name}_sha1")).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let Some(oracle) = Oracle::read("dclm", &columns) else { return };
    let Some(texts) = Oracle::texts() else { return };
    for ((_, step, toml), column) in MODIFIERS.iter().zip(columns) {
        let built = build(step, toml).unwrap();
        let ours: Vec<_> =
            texts.iter().map(|text| after(&built, text).map(|text| short_sha1(&text))).collect();
        assert_all_equal(column, &ours, &oracle.strings(column));
    }
}

#[test]
fn rules_together_are_the_rules_one_after_the_other() {
    let Some(texts) = Oracle::texts() else { return };
    for together in ["refinedweb_lines", "boilerplate_substrings"] {
        let alone: Vec<_> = MODIFIERS
            .iter()
            .filter(|(_, step, _)| *step == together)
            .map(|(_, step, toml)| build(step, toml).unwrap())
            .collect();
        let toml = if together == "boilerplate_substrings" { "variant = 'dclm'" } else { "" };
        let built = build(together, toml).unwrap();
        for text in &texts {
            let one_by_one = alone.iter().try_fold(text.clone(), |text, built| after(built, &text));
            assert_eq!(after(&built, text), one_by_one);
        }
    }
}

/// DCLM's configuration without URL lists and language, and without the ratio of removed words.
const CHAIN: &[(&str, &str)] = &[
    ("url_removal", "variant = 'dclm'"),
    ("newline_runs", "max_newlines = 2"),
    ("gopher_quality", "variant = 'dclm'"),
    ("gopher_repetition", "variant = 'dclm'"),
    ("word_count", ""),
    ("refinedweb_lines", ""),
    ("boilerplate_substrings", "variant = 'dclm'"),
];

/// DCLM's name of the function by which a step drops a document.
fn function(step: &str, reason: &str) -> &'static str {
    match (step, reason) {
        ("url_removal", _) => "url_removal_modifier",
        ("gopher_repetition", _) => "massive_web_repetition_filters",
        // Where all lines go, it is by capitals on the texts there are.
        ("refinedweb_lines", _) => "uppercase_ratio_line_modifier",
        ("boilerplate_substrings", _) => "substring_line_modifier",
        (_, "too_few_words" | "too_many_words") => "page_length_filter",
        (_, "words_too_short" | "words_too_long") => "word_length_filter",
        (_, "too_many_symbols") => "symbol_ratio_filter",
        (_, "too_many_bullet_lines") => "bullet_count_filter",
        (_, "too_many_ellipsis_lines") => "ellipsis_count_filter",
        (_, "too_few_alphabetic_words") => "alphabetic_word_ratio_filter",
        (_, "too_few_stop_words") => "stop_word_filter",
        other => panic!("{other:?} drops nothing in DCLM"),
    }
}

/// What the chain makes of a document: DCLM's three columns.
#[derive(Debug, Default, PartialEq)]
struct End {
    step: Option<String>,
    removed_ratio: Option<f64>,
    sha1: Option<String>,
}

/// Runs the chain as the plan does: each step on the text as the edits before it left it.
fn run_chain(chain: &[(&str, Built)], count: &Built, text: &str) -> End {
    let words = |text: &str| value("word_count", &outcome(count, text), "words").unwrap() as u64;
    let (mut text, mut previous_words) = (text.to_owned(), 0);
    for (name, built) in chain {
        let outcome = outcome(built, &text);
        if let Some(reason) = outcome.reason {
            return End { step: Some(function(name, reason).into()), ..End::default() };
        }
        text = apply(&text, &outcome.spans);
        if *name == "word_count" {
            previous_words = words(&text);
        }
    }
    let removed_ratio =
        crate::steps::filters::word_removal_ratio::removed_ratio(previous_words, words(&text));
    if removed_ratio.is_some_and(|ratio| ratio > 0.05) {
        return End { step: Some("word_removal_ratio_filter".into()), removed_ratio, sha1: None };
    }
    End { step: None, removed_ratio, sha1: Some(short_sha1(&text)) }
}

#[test]
fn the_whole_configuration_ends_as_dclm_s() {
    let columns = ["chain_nolang_step", "chain_nolang_removed_ratio", "chain_nolang_sha1"];
    let Some(oracle) = Oracle::read("dclm", &columns) else { return };
    let Some(texts) = Oracle::texts() else { return };
    let chain: Vec<_> =
        CHAIN.iter().map(|&(name, toml)| (name, build(name, toml).unwrap())).collect();
    let count = build("word_count", "").unwrap();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let steps = oracle.strings(columns[0]).into_iter();
    let ratios = oracle.numbers(columns[1]).into_iter();
    let rows = steps.zip(ratios).zip(oracle.strings(columns[2]));
    for (text, ((step, removed_ratio), sha1)) in texts.iter().zip(rows) {
        // Documents that URL lists drop, which DCLM looks at first.
        if step.as_deref() != Some("url_substring_filter") {
            ours.push(run_chain(&chain, &count, text));
            theirs.push(End { step, removed_ratio, sha1 });
        }
    }
    assert!(texts.len() - ours.len() <= 1, "one URL is listed");
    assert_all_equal("the chain", &ours, &theirs);
}
