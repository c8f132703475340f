//! Against fastText's labels, and the verdicts of datatrove and DCLM by them, on real texts.
//!
//! The model is lid.176.ftz, which the oracle was computed with in place of lid.176.bin.

use crate::steps::testing::{build, outcome};
use crate::steps::{Outcome, Value};
use crate::text::oracle::{Oracle, data_folder};

/// What the step makes of every text; `None` without texts or model.
fn outcomes(toml: &str) -> Option<Vec<Outcome>> {
    let texts = Oracle::texts()?;
    let model = data_folder().join("models/lid.176.ftz");
    let toml = format!("model = '{}'\n{toml}", model.display());
    let built = build("language", &toml).unwrap_or_else(|faults| panic!("{faults:?}"));
    Some(texts.iter().map(|text| outcome(&built, text)).collect())
}

/// Asserts that labels are equal and scores as near as the reference's own builds are.
fn assert_labels(oracle: &Oracle, label: &str, score: &str, ours: &[Outcome]) {
    let theirs = oracle.strings(label).into_iter().zip(oracle.numbers(score));
    let mut furthest = 0.0f64;
    for (row, (ours, (label, score))) in ours.iter().zip(theirs).enumerate() {
        assert_eq!(ours.values[0], label.map_or(Value::Null, Value::Text), "row {row}");
        let distance = ours.values[1].number().unwrap() - score.unwrap_or(0.0);
        furthest = furthest.max(distance.abs());
        assert!(distance.abs() <= 1e-4, "row {row}: {distance}");
    }
    eprintln!("{label}: {0} of {0} equal; {score}: within {furthest:.1e}", ours.len());
}

fn assert_keeps(oracle: &Oracle, column: &str, ours: &[Outcome]) {
    let ours: Vec<_> = ours.iter().map(|outcome| outcome.keep() == Some(true)).collect();
    let equal = ours.iter().zip(oracle.bools(column)).filter(|(ours, keep)| **ours == *keep);
    let equal = equal.count();
    eprintln!("{column}: {equal} of {} equal", ours.len());
    assert_eq!(equal, ours.len(), "{column}");
}

#[test]
fn labels_and_verdicts_are_datatrove_s() {
    let columns = ["lang_label", "lang_score", "lang_keep", "lang_en_keep"];
    let Some(oracle) = Oracle::read("datatrove", &columns) else { return };
    let Some(any) = outcomes("") else { return };
    assert_labels(&oracle, "lang_label", "lang_score", &any);
    assert_keeps(&oracle, "lang_keep", &any);
    let english = outcomes("languages = ['en']").unwrap();
    assert_labels(&oracle, "lang_label", "lang_score", &english);
    assert_keeps(&oracle, "lang_en_keep", &english);
    // One threshold, said of one language.
    let own = outcomes("min_scores = { en = 0.65 }").unwrap();
    assert_keeps(&oracle, "lang_en_keep", &own);

    let Some(oracle) = Oracle::read("language", &["label1", "prob1"]) else { return };
    assert_labels(&oracle, "label1", "prob1", &any);
}

#[test]
fn labels_and_verdicts_are_dclm_s() {
    let columns = ["language_keep", "lang_label", "lang_prob"];
    let Some(oracle) = Oracle::read("dclm", &columns) else { return };
    let Some(english) = outcomes("variant = 'dclm'\nlanguages = ['en']") else { return };
    assert_labels(&oracle, "lang_label", "lang_prob", &english);
    assert_keeps(&oracle, "language_keep", &english);

    // DCLM looks at no text of punctuation, which fastText has a label for.
    let columns = ["label_nl_deleted", "prob_nl_deleted"];
    let Some(oracle) = Oracle::read("language", &columns) else { return };
    let (labels, scores) = (oracle.strings(columns[0]), oracle.numbers(columns[1]));
    let recognised = english.iter().zip(labels.into_iter().zip(scores));
    let mut equal = 0;
    for (ours, (label, score)) in recognised.filter(|(ours, _)| ours.values[0] != Value::Null) {
        assert_eq!(ours.values[0], Value::Text(label.unwrap()));
        assert!((ours.values[1].number().unwrap() - score.unwrap()).abs() <= 1e-4);
        equal += 1;
    }
    eprintln!("label_nl_deleted: {equal} of {} equal, the rest not looked at", english.len());
}

/// The three best labels decide what a list of two is worth, whichever of them is on top.
#[test]
fn several_languages_are_judged_by_the_one_that_suits_best() {
    let columns = ["label1", "prob1", "label2", "prob2", "label3", "prob3"];
    let Some(oracle) = Oracle::read("language", &columns) else { return };
    let labels = ["label1", "label2", "label3"].map(|column| oracle.strings(column));
    let scores = ["prob1", "prob2", "prob3"].map(|column| oracle.numbers(column));
    let thresholds = [("de", 0.2), ("en", 0.9)];
    let Some(any) = outcomes("min_scores = { de = 0.2, en = 0.9 }") else { return };
    let top = outcomes("min_scores = { de = 0.2, en = 0.9 }\ntop_only = true").unwrap();
    let (mut kept, mut kept_by_top) = (0, 0);
    for row in 0..any.len() {
        let reaches = |place: usize| {
            thresholds.iter().any(|&(language, least)| {
                labels[place][row].as_deref() == Some(language)
                    && scores[place][row].unwrap() >= least
            })
        };
        // With what these texts score, whatever reaches 0.2 is among the best three.
        let expected = (0..3).any(reaches);
        assert_eq!(any[row].keep(), Some(expected), "row {row}");
        assert_eq!(top[row].keep(), Some(reaches(0)), "row {row}");
        kept += usize::from(expected);
        kept_by_top += usize::from(reaches(0));
    }
    eprintln!("min_scores: {} of {0} equal; {kept} kept, {kept_by_top} with top_only", any.len());
    assert!(kept > kept_by_top);
}
