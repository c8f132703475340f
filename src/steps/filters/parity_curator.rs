//! NeMo Curator's and Dolma's own values and verdicts on the oracle's texts.
//!
//! The values come from the peers' classes, run over the texts in their order, one column a signal
//! (NeMo Curator's under our names, Dolma's under its own after `v1_` and `v2_`) and one for its
//! verdict with `_keep` behind; null where the class raised an error. Of equally frequent n-grams
//! NeMo Curator takes one that changes from run to run; for these columns it took the first. The
//! files are named by `GRISTMILL_CURATOR_VALUES` and `GRISTMILL_DOLMA_VALUES`, or lie beside the
//! other oracles as `curator` and `dolma`.

use crate::steps::testing::{build, outcome};
use crate::steps::{ActiveRule, Outcome, Test, find};
use crate::text::oracle::{Oracle, assert_equal};

const CURATOR_QUALITY: &[(&str, &str)] = &[
    ("non_alphanumeric_char_ratio", "non_alphanumeric_char_ratio"),
    ("symbol_word_ratio", "symbol_word_ratio"),
    ("digit_char_ratio", "digit_char_ratio"),
    ("url_char_ratio", "url_char_ratio"),
    ("whitespace_char_ratio", "white_space_char_ratio"),
    ("parenthesis_char_ratio", "bracket_char_ratio"),
    ("boilerplate_paragraph_ratio", "boilerplate_paragraph_ratio"),
    ("words", "words"),
    ("unpunctuated_line_ratio", "unpunctuated_line_ratio"),
    ("alphabetic_word_ratio", "alphabetic_word_ratio"),
    ("common_words", "common_words"),
    ("mean_word_chars", "mean_word_chars"),
    ("longest_word_chars", "longest_word_chars"),
    ("ellipsis_line_ratio", "ellipsis_line_ratio"),
    ("bullet_line_ratio", "bullet_line_ratio"),
];

const CURATOR_REPETITION: &[(&str, &str)] = &[
    ("dup_paragraph_ratio", "dup_paragraph_ratio"),
    ("dup_paragraph_char_ratio", "dup_paragraph_char_ratio"),
    ("dup_line_ratio", "dup_line_ratio"),
    ("dup_line_char_ratio", "dup_line_char_ratio"),
    ("top_2gram_char_ratio", "top_2gram_char_ratio"),
    ("top_3gram_char_ratio", "top_3gram_char_ratio"),
    ("top_4gram_char_ratio", "top_4gram_char_ratio"),
    ("dup_5gram_char_ratio", "dup_5gram_char_ratio"),
    ("dup_6gram_char_ratio", "dup_6gram_char_ratio"),
    ("dup_7gram_char_ratio", "dup_7gram_char_ratio"),
    ("dup_8gram_char_ratio", "dup_8gram_char_ratio"),
    ("dup_9gram_char_ratio", "dup_9gram_char_ratio"),
    ("dup_10gram_char_ratio", "dup_10gram_char_ratio"),
];

const DOLMA_QUALITY: &[(&str, &str)] = &[
    ("word_count", "words"),
    ("median_word_length", "median_word_chars"),
    ("symbol_to_word_ratio", "symbol_word_ratio"),
    ("fraction_of_words_with_alpha_character", "alphabetic_word_ratio"),
    ("required_word_count", "stop_words"),
    ("fraction_of_lines_starting_with_bullet_point", "bullet_line_ratio"),
    ("fraction_of_lines_ending_with_ellipsis", "ellipsis_line_ratio"),
];

const DOLMA_REPETITION: &[(&str, &str)] = &[
    ("fraction_of_duplicate_lines", "dup_line_ratio"),
    ("fraction_of_characters_in_duplicate_lines", "dup_line_char_ratio"),
    ("fraction_of_characters_in_most_common_2grams", "top_2gram_char_ratio"),
    ("fraction_of_characters_in_most_common_3grams", "top_3gram_char_ratio"),
    ("fraction_of_characters_in_most_common_4grams", "top_4gram_char_ratio"),
    ("fraction_of_characters_in_duplicate_5grams", "dup_5gram_char_ratio"),
    ("fraction_of_characters_in_duplicate_6grams", "dup_6gram_char_ratio"),
    ("fraction_of_characters_in_duplicate_7grams", "dup_7gram_char_ratio"),
    ("fraction_of_characters_in_duplicate_8grams", "dup_8gram_char_ratio"),
    ("fraction_of_characters_in_duplicate_9grams", "dup_9gram_char_ratio"),
    ("fraction_of_characters_in_duplicate_10grams", "dup_10gram_char_ratio"),
];

/// Asserts values bit by bit, and the verdict by each value's bounds, on every text.
fn assert_same(name: &str, toml: &str, peer: (&str, &str, &str), pairs: &[(&str, &str)]) {
    let (variable, file, prefix) = peer;
    let file = std::env::var(variable).unwrap_or_else(|_| file.to_owned());
    let column = |column: &str| format!("{prefix}{column}");
    let columns: Vec<String> =
        pairs.iter().flat_map(|(peer, _)| [column(peer), column(peer) + "_keep"]).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let Some(oracle) = Oracle::read(&file, &columns) else { return };
    let Some(texts) = Oracle::texts() else { return };
    let built = build(name, toml).expect("sound parameters");
    let outcomes: Vec<Outcome> = texts.iter().map(|text| outcome(&built, text)).collect();
    for &(peer, signal) in pairs {
        let at = find(name).unwrap().signals.iter().position(|spec| spec.name == signal).unwrap();
        let values: Vec<_> = outcomes.iter().map(|outcome| outcome.values[at].number()).collect();
        assert_equal(&column(peer), &values, &oracle.numbers(&column(peer)), 0);

        let rules = built.step.rules().active.iter().filter(|rule| rule.rule.signal == signal);
        let rules: Vec<&ActiveRule> = rules.collect();
        assert!(!rules.is_empty(), "{signal}");
        let keeps = |value: f64| !rules.iter().any(|rule| fails(rule, value));
        // Where the peer raises an error it has no verdict.
        let verdicts = oracle.optional_bools(&(column(peer) + "_keep"));
        let number = |keep: bool| f64::from(u8::from(keep));
        let ours: Vec<_> = values
            .iter()
            .zip(&verdicts)
            .map(|(&value, theirs)| theirs.map(|_| number(value.is_none_or(keeps))))
            .collect();
        let theirs: Vec<_> = verdicts.iter().map(|keep| keep.map(number)).collect();
        assert_equal(&(column(peer) + "_keep"), &ours, &theirs, 0);
    }
}

fn fails(active: &ActiveRule, value: f64) -> bool {
    match (active.rule.test, active.threshold) {
        (Test::AtLeast(_), Some(bound)) => value < bound,
        (Test::AtMost(_), Some(bound)) => value > bound,
        _ => false,
    }
}

const CURATOR: (&str, &str, &str) = ("GRISTMILL_CURATOR_VALUES", "curator", "");

#[test]
fn curator_quality_is_nemo_curator_s() {
    assert_same("curator_quality", "", CURATOR, CURATOR_QUALITY);
}

#[test]
fn gopher_repetition_is_nemo_curator_s() {
    assert_same("gopher_repetition", "variant = 'curator'", CURATOR, CURATOR_REPETITION);
}

#[test]
fn gopher_quality_and_repetition_are_dolma_s() {
    for (variant, prefix) in [("dolma", "v1_"), ("dolma_v2", "v2_")] {
        let peer = ("GRISTMILL_DOLMA_VALUES", "dolma", prefix);
        let toml = format!("variant = '{variant}'");
        assert_same("gopher_quality", &toml, peer, DOLMA_QUALITY);
        // As v1.6 bounds it.
        let toml = format!("{toml}\nmax_dup_line_char_ratio = 0.3");
        assert_same("gopher_repetition", &toml, peer, DOLMA_REPETITION);
    }
}
