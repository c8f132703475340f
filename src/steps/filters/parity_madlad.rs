//! `madlad_sentences` against datamap-rs' own functions on real texts.

use crate::steps::testing::{build, outcome, value};
use crate::text::oracle::{Oracle, assert_equal, data_folder};

/// Columns of `madlad.parquet`, and the signals that equal them.
const SHARES: &[(&str, &str)] = &[
    ("sentences", "sentences"),
    ("rule_2", "list_sentence_ratio"),
    ("rule_3", "abnormal_length_sentence_ratio"),
    ("rule_4", "technical_sentence_ratio"),
    ("rule_5", "cursed_sentence_ratio"),
];

fn assert_parity(toml: &str, pairs: &[(&str, &str)], keeps: &str) {
    let mut columns: Vec<&str> = pairs.iter().map(|pair| pair.0).collect();
    columns.push(keeps);
    let Some(oracle) = Oracle::read("madlad", &columns) else { return };
    let Some(texts) = Oracle::texts() else { return };
    let step = build("madlad_sentences", toml).expect("sound parameters");
    let outcomes: Vec<_> = texts.iter().map(|text| outcome(&step, text)).collect();
    for (column, signal) in pairs {
        let ours: Vec<_> =
            outcomes.iter().map(|outcome| value("madlad_sentences", outcome, signal)).collect();
        assert_equal(column, &ours, &oracle.numbers(column), 0);
    }
    let ours: Vec<_> = outcomes
        .iter()
        .map(|outcome| Some(f64::from(u8::from(outcome.reason.is_none()))))
        .collect();
    assert_equal(keeps, &ours, &oracle.numbers(keeps), 0);
}

#[test]
fn madlad_sentences_are_datamap_s() {
    let pairs = [SHARES, &[("rules_2_to_5", "questionable_sentence_ratio")]].concat();
    assert_parity("variant = 'datamap'", &pairs, "keep_2_to_5");
}

#[test]
fn olmo_3_s_use_is_a_matter_of_parameters() {
    let toml = "variant = 'datamap'\nsentence_rules = ['list_case', 'cursed']\n\
                max_questionable_ratio = 0.199999";
    assert_parity(toml, &[("rules_2_and_5", "questionable_sentence_ratio")], "keep_2_and_5");
}

#[test]
fn sentences_in_other_languages_are_datamap_s() {
    let model = data_folder().join("models/lid.176.ftz");
    let toml = format!("variant = 'datamap'\nmodel = '{}'", model.display());
    if model.exists() {
        let pairs =
            [("rule_1", "foreign_sentence_ratio"), ("rules_1_to_5", "questionable_sentence_ratio")];
        assert_parity(&toml, &pairs, "keep_1_to_5");
    }
}
