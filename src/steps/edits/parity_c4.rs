//! The edits that peers also have, against the texts and verdicts of those peers on real texts.

use crate::steps::registry::Built;
use crate::steps::testing::{build, outcome};
use crate::steps::{Outcome, Value, find};
use crate::text::apply;
use crate::text::oracle::{Oracle, assert_equal, data_folder};

/// FineWeb's C4 rules.
const FINEWEB: &str = "require_terminal_mark = false";

fn outcomes(step: &Built) -> Option<Vec<Outcome>> {
    Some(Oracle::texts()?.iter().map(|text| outcome(step, text)).collect())
}

fn values(name: &str, outcomes: &[Outcome], signal: &str) -> Vec<Option<f64>> {
    let specs = find(name).unwrap().signals;
    let at = specs.iter().position(|spec| spec.name == signal).expect("a signal");
    outcomes.iter().map(|outcome| outcome.values[at].number()).collect()
}

/// Asserts that all rows of two columns are equal, naming rows that differ.
fn assert_same<T: PartialEq + std::fmt::Debug>(name: &str, ours: &[T], theirs: &[T]) {
    assert_eq!(ours.len(), theirs.len(), "{name}: rows");
    let differing: Vec<_> = (0..ours.len()).filter(|&row| ours[row] != theirs[row]).collect();
    eprintln!("{name}: {} of {} equal", ours.len() - differing.len(), ours.len());
    let shown = differing.iter().take(3).map(|&row| (row, &ours[row], &theirs[row]));
    assert!(differing.is_empty(), "{name}: {:?}", shown.collect::<Vec<_>>());
}

/// The counts of datatrove, and ours.
const COUNTS: [(&str, &str); 8] = [
    ("lines_total", "lines"),
    ("lines_kept", "kept_lines"),
    ("drop_long_word", "long_word_lines"),
    ("drop_no_punct", "unended_lines"),
    ("drop_few_words", "short_lines"),
    ("drop_javascript", "javascript_lines"),
    ("drop_policy", "policy_lines"),
    ("sentences", "sentences"),
];

fn c4_lines_are_datatrove_s(prefix: &str, toml: &str) {
    let column = |name: &str| format!("{prefix}_{name}");
    let columns: Vec<String> = COUNTS
        .iter()
        .map(|(theirs, _)| column(theirs))
        .chain(["keep", "reason", "text"].map(column))
        .collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let Some(oracle) = Oracle::read("datatrove", &columns) else { return };
    let step = build("c4_lines", toml).expect("sound parameters");
    let (Some(outcomes), Some(texts)) = (outcomes(&step), Oracle::texts()) else { return };

    let keeps: Vec<_> = outcomes.iter().map(|outcome| outcome.keep() == Some(true)).collect();
    assert_same(&column("keep"), &keeps, &oracle.bools(&column("keep")));
    let reasons: Vec<_> = outcomes.iter().map(|o| o.reason.map(str::to_owned)).collect();
    let theirs = oracle.strings(&column("reason"));
    assert_same(&column("reason"), &reasons, &theirs);

    let edited = texts
        .iter()
        .zip(&outcomes)
        .map(|(text, outcome)| outcome.reason.is_none().then(|| apply(text, &outcome.spans)));
    let edited: Vec<_> = edited.collect();
    assert_same(&column("text"), &edited, &oracle.strings(&column("text")));

    // datatrove stops counting at the line that drops a document.
    let stopped: Vec<bool> = theirs
        .iter()
        .map(|reason| matches!(reason.as_deref(), Some("lorem_ipsum" | "curly_bracket")))
        .collect();
    for (theirs, ours) in COUNTS {
        let whole = |values: Vec<Option<f64>>| -> Vec<_> {
            values.into_iter().zip(&stopped).filter(|(_, stopped)| !*stopped).collect()
        };
        let ours = whole(values("c4_lines", &outcomes, ours));
        assert_same(&column(theirs), &ours, &whole(oracle.numbers(&column(theirs))));
    }
}

#[test]
fn c4_lines_is_datatrove_s() {
    c4_lines_are_datatrove_s("c4", "");
}

#[test]
fn c4_lines_is_fineweb_s() {
    c4_lines_are_datatrove_s("c4np", FINEWEB);
}

/// Signals of `fineweb_quality` and their columns.
const QUALITY: [(&str, &str); 5] = [
    ("fw_after_c4np_n_lines", "lines"),
    ("fw_after_c4np_line_punct_ratio", "terminal_punct_line_ratio"),
    ("fw_after_c4np_short_line_ratio", "short_line_ratio"),
    ("fw_after_c4np_char_dup_ratio", "dup_line_char_ratio"),
    ("fw_after_c4np_list_ratio", "newline_word_ratio"),
];

#[test]
fn fineweb_quality_on_the_edited_text_is_datatrove_s() {
    let columns = QUALITY.map(|(theirs, _)| theirs);
    let keep = "fw_after_c4np_keep";
    let columns: Vec<_> = columns.into_iter().chain([keep]).collect();
    let Some(oracle) = Oracle::read("datatrove", &columns) else { return };
    let Some(texts) = Oracle::texts() else { return };
    let lines = build("c4_lines", FINEWEB).unwrap();
    let quality = build("fineweb_quality", "").unwrap();
    let null = Outcome {
        values: vec![Value::Null; find("fineweb_quality").unwrap().signals.len()],
        ..Outcome::default()
    };
    let after = |text: &String| {
        let edit = outcome(&lines, text);
        match edit.reason {
            None => outcome(&quality, &apply(text, &edit.spans)),
            Some(_) => null.clone(),
        }
    };
    let outcomes: Vec<_> = texts.iter().map(after).collect();
    let keeps: Vec<_> = outcomes.iter().map(Outcome::keep).collect();
    assert_same(keep, &keeps, &oracle.optional_bools(keep));
    for (theirs, ours) in QUALITY {
        // spaCy's words bear on the last.
        let allowed = usize::from(ours == "newline_word_ratio");
        let ours = values("fineweb_quality", &outcomes, ours);
        assert_equal(theirs, &ours, &oracle.numbers(theirs), allowed);
    }
}

#[test]
fn the_chain_of_steps_is_fineweb_s() {
    let columns = ["chain_step", "chain_keep"];
    let Some(oracle) = Oracle::read("datatrove", &columns) else { return };
    let Some(texts) = Oracle::texts() else { return };
    let model = data_folder().join("models/lid.176.ftz");
    if !model.exists() {
        eprintln!("SKIPPED: no model at {}", model.display());
        return;
    }
    let language = format!("model = '{}'", model.display());
    let chain = [
        ("language", language.as_str()),
        ("gopher_repetition", ""),
        ("gopher_quality", ""),
        ("c4_lines", FINEWEB),
        ("fineweb_quality", ""),
    ];
    let chain = chain.map(|(name, toml)| (name, build(name, toml).unwrap()));
    let first_drop = |text: &String| {
        let mut text = text.clone();
        for (name, step) in &chain {
            let outcome = outcome(step, &text);
            if outcome.reason.is_some() {
                return Some(*name);
            }
            text = apply(&text, &outcome.spans);
        }
        None
    };
    let theirs = oracle.strings("chain_step").into_iter().map(|step| match step.as_deref() {
        Some("c4") => Some("c4_lines".to_owned()),
        other => other.map(str::to_owned),
    });
    // What datatrove drops by its URL is not measured further.
    let rows = texts.iter().zip(theirs).zip(oracle.bools("chain_keep"));
    let (ours, theirs): (Vec<_>, Vec<_>) = rows
        .filter(|((_, theirs), _)| theirs.as_deref() != Some("url"))
        .map(|((text, theirs), keep)| {
            assert_eq!(theirs.is_none(), keep);
            (first_drop(text).map(str::to_owned), theirs)
        })
        .unzip();
    assert_same("chain_step", &ours, &theirs);
}
