//! The filters that peers also have, against the values and verdicts of those peers on real texts.
//!
//! All agree, but where spaCy's words bear on a value: one edge text holds the word `IS_ALPHA`, which
//! datatrove loses.

use crate::steps::testing::{build, outcome};
use crate::steps::{Outcome, find};
use crate::text::oracle::{Oracle, assert_equal};

/// A column of the peer, the signal that must equal it, and whether spaCy's words bear on it.
type Pair = (&'static str, &'static str, bool);

/// What a step makes of every text.
struct Measured {
    name: &'static str,
    outcomes: Vec<Outcome>,
}

impl Measured {
    fn new(name: &'static str, toml: &str) -> Option<Self> {
        let built = build(name, toml).expect("sound parameters");
        let outcomes = Oracle::texts()?.iter().map(|text| outcome(&built, text)).collect();
        Some(Self { name, outcomes })
    }

    fn signal(&self, signal: &str) -> Vec<Option<f64>> {
        let specs = find(self.name).unwrap().signals;
        let at = specs.iter().position(|spec| spec.name == signal).expect("a signal");
        self.outcomes.iter().map(|outcome| outcome.values[at].number()).collect()
    }

    fn assert_signals(&self, oracle: &Oracle, pairs: &[Pair]) {
        for &(column, signal, spacy) in pairs {
            let theirs = oracle.numbers(column);
            assert_equal(column, &self.signal(signal), &theirs, usize::from(spacy));
        }
    }

    fn assert_verdicts(&self, column: &str, theirs: &[bool]) {
        let keeps = |keep: bool| Some(f64::from(u8::from(keep)));
        let ours: Vec<_> =
            self.outcomes.iter().map(|outcome| keeps(outcome.keep() == Some(true))).collect();
        let theirs: Vec<_> = theirs.iter().map(|&keep| keeps(keep)).collect();
        assert_equal(column, &ours, &theirs, 0);
    }
}

fn columns<'a>(pairs: &[Pair], others: &[&'a str]) -> Vec<&'a str> {
    pairs.iter().map(|&(column, ..)| column).chain(others.iter().copied()).collect()
}

const DATATROVE_QUALITY: &[Pair] = &[
    ("gq_n_words", "all_words", true),
    ("gq_n_non_symbol_words", "words", true),
    ("gq_avg_word_length", "mean_word_chars", true),
    ("gq_hash_ratio", "hash_word_ratio", true),
    ("gq_ellipsis_ratio", "ellipsis_word_ratio", true),
    ("gq_n_lines", "lines", false),
    ("gq_bullet_lines_ratio", "bullet_line_ratio", false),
    ("gq_end_ellipsis_lines_ratio", "ellipsis_line_ratio", false),
    ("gq_alpha_words_ratio", "alphabetic_word_ratio", true),
    ("gq_stop_words_distinct", "stop_words", true),
];

/// datatrove's reasons, and ours for the same rules.
const DATATROVE_REASONS: &[(&str, &str)] = &[
    ("gopher_short_doc", "too_few_words"),
    ("gopher_long_doc", "too_many_words"),
    ("gopher_below_avg_threshold", "words_too_short"),
    ("gopher_above_avg_threshold", "words_too_long"),
    ("gopher_too_many_hashes", "too_many_hashes"),
    ("gopher_too_many_ellipsis", "too_many_ellipses"),
    ("gopher_too_many_bullets", "too_many_bullet_lines"),
    ("gopher_too_many_end_ellipsis", "too_many_ellipsis_lines"),
    ("gopher_below_alpha_threshold", "too_few_alphabetic_words"),
    ("gopher_enough_stop_words", "too_few_stop_words"),
    ("empty", "empty"),
    ("dup_para_frac", "dup_paragraphs"),
    ("dup_para_char_frac", "dup_paragraph_chars"),
    ("dup_line_frac", "dup_lines"),
    ("dup_line_char_frac", "dup_line_chars"),
    ("top_2_gram", "top_2gram"),
    ("top_3_gram", "top_3gram"),
    ("top_4_gram", "top_4gram"),
    ("duplicated_5_n_grams", "dup_5grams"),
    ("duplicated_6_n_grams", "dup_6grams"),
    ("duplicated_7_n_grams", "dup_7grams"),
    ("duplicated_8_n_grams", "dup_8grams"),
    ("duplicated_9_n_grams", "dup_9grams"),
    ("duplicated_10_n_grams", "dup_10grams"),
    ("line_punct_ratio", "too_few_terminal_punct_lines"),
    ("short_line_ratio", "too_many_short_lines"),
    ("char_dup_ratio", "dup_line_chars"),
    ("list_ratio", "too_many_newlines"),
];

fn assert_reasons(measured: &Measured, oracle: &Oracle, column: &str) {
    let ours = measured.outcomes.iter().map(|outcome| outcome.reason);
    let theirs = oracle.strings(column).into_iter().map(|reason| {
        reason.map(|theirs| DATATROVE_REASONS.iter().find(|pair| pair.0 == theirs).unwrap().1)
    });
    let equal = ours.zip(theirs).filter(|(ours, theirs)| ours == theirs).count();
    eprintln!("{column}: {equal} of {} equal", measured.outcomes.len());
    assert_eq!(equal, measured.outcomes.len());
}

#[test]
fn gopher_quality_is_datatrove_s() {
    let columns = columns(DATATROVE_QUALITY, &["gq_keep", "gq_reason"]);
    let Some(oracle) = Oracle::read("datatrove", &columns) else { return };
    let Some(measured) = Measured::new("gopher_quality", "") else { return };
    measured.assert_signals(&oracle, DATATROVE_QUALITY);
    measured.assert_verdicts("gq_keep", &oracle.bools("gq_keep"));
    assert_reasons(&measured, &oracle, "gq_reason");
}

const DCLM_QUALITY: &[Pair] = &[
    ("page_length_words", "words", false),
    ("ws_words", "all_words", false),
    ("word_length_mean", "mean_word_chars", false),
    ("symbol_ratio", "symbol_word_ratio", false),
    ("n_lines", "lines", false),
    ("bullet_ratio", "bullet_line_ratio", false),
    ("end_ellipsis_ratio", "ellipsis_line_ratio", false),
    ("stop_word_count", "stop_words", false),
];

#[test]
fn gopher_quality_is_dclm_s() {
    let keeps = [
        "page_length_keep",
        "word_length_keep",
        "symbol_ratio_keep",
        "bullet_count_keep",
        "ellipsis_count_keep",
        "alphabetic_word_ratio_keep",
        "stop_word_keep",
    ];
    let columns = columns(DCLM_QUALITY, &["non_alpha_word_ratio"]);
    let columns: Vec<_> = columns.into_iter().chain(keeps).collect();
    let Some(oracle) = Oracle::read("dclm", &columns) else { return };
    let Some(measured) = Measured::new("gopher_quality", "variant = 'dclm'") else { return };
    measured.assert_signals(&oracle, DCLM_QUALITY);

    // DCLM measures the other side of the same count.
    let words = measured.signal("all_words");
    let alphabetic = measured.signal("alphabetic_word_ratio");
    let without_letters = words.iter().zip(alphabetic).map(|(words, alphabetic)| {
        let words = (*words)?;
        Some((words - (alphabetic? * words).round()) / words)
    });
    let theirs = oracle.numbers("non_alpha_word_ratio");
    assert_equal("non_alpha_word_ratio", &without_letters.collect::<Vec<_>>(), &theirs, 0);

    let mut all = vec![true; measured.outcomes.len()];
    for keep in keeps {
        all.iter_mut().zip(oracle.bools(keep)).for_each(|(all, keep)| *all &= keep);
    }
    measured.assert_verdicts("all of DCLM's quality rules", &all);
}

const DATATROVE_REPETITION: &[Pair] = &[
    ("gr_dup_para_frac", "dup_paragraph_ratio", false),
    ("gr_dup_para_char_frac", "dup_paragraph_char_ratio", false),
    ("gr_dup_line_frac", "dup_line_ratio", false),
    ("gr_dup_line_char_frac", "dup_line_char_ratio", false),
    ("gr_top_2_gram", "top_2gram_char_ratio", true),
    ("gr_top_3_gram", "top_3gram_char_ratio", true),
    ("gr_top_4_gram", "top_4gram_char_ratio", true),
    ("gr_duplicated_5_n_grams", "dup_5gram_char_ratio", true),
    ("gr_duplicated_6_n_grams", "dup_6gram_char_ratio", true),
    ("gr_duplicated_7_n_grams", "dup_7gram_char_ratio", true),
    ("gr_duplicated_8_n_grams", "dup_8gram_char_ratio", true),
    ("gr_duplicated_9_n_grams", "dup_9gram_char_ratio", true),
    ("gr_duplicated_10_n_grams", "dup_10gram_char_ratio", true),
];

#[test]
fn gopher_repetition_is_datatrove_s() {
    let columns = columns(DATATROVE_REPETITION, &["gr_keep", "gr_reason"]);
    let Some(oracle) = Oracle::read("datatrove", &columns) else { return };
    let Some(measured) = Measured::new("gopher_repetition", "") else { return };
    measured.assert_signals(&oracle, DATATROVE_REPETITION);
    measured.assert_verdicts("gr_keep", &oracle.bools("gr_keep"));
    assert_reasons(&measured, &oracle, "gr_reason");
}

const DCLM_REPETITION: &[Pair] = &[
    ("rep_line_frac", "dup_line_ratio", false),
    ("rep_paragraph_frac", "dup_paragraph_ratio", false),
    ("rep_line_char_frac", "dup_line_char_ratio", false),
    ("rep_paragraph_char_frac", "dup_paragraph_char_ratio", false),
    ("rep_2_gram", "top_2gram_char_ratio", false),
    ("rep_3_gram", "top_3gram_char_ratio", false),
    ("rep_4_gram", "top_4gram_char_ratio", false),
    ("rep_5_gram", "dup_5gram_char_ratio", false),
    ("rep_6_gram", "dup_6gram_char_ratio", false),
    ("rep_7_gram", "dup_7gram_char_ratio", false),
    ("rep_8_gram", "dup_8gram_char_ratio", false),
    ("rep_9_gram", "dup_9gram_char_ratio", false),
    ("rep_10_gram", "dup_10gram_char_ratio", false),
];

#[test]
fn gopher_repetition_is_dclm_s() {
    let columns = columns(DCLM_REPETITION, &["massive_web_repetition_keep"]);
    let Some(oracle) = Oracle::read("dclm", &columns) else { return };
    let Some(measured) = Measured::new("gopher_repetition", "variant = 'dclm'") else { return };
    measured.assert_signals(&oracle, DCLM_REPETITION);
    let keep = "massive_web_repetition_keep";
    measured.assert_verdicts(keep, &oracle.bools(keep));
}

const FINEWEB: &[Pair] = &[
    ("fw_n_lines", "lines", false),
    ("fw_line_punct_ratio", "terminal_punct_line_ratio", false),
    ("fw_short_line_ratio", "short_line_ratio", false),
    ("fw_char_dup_ratio", "dup_line_char_ratio", false),
    ("fw_list_ratio", "newline_word_ratio", true),
];

#[test]
fn fineweb_quality_is_datatrove_s() {
    let columns = columns(FINEWEB, &["fw_keep", "fw_reason"]);
    let Some(oracle) = Oracle::read("datatrove", &columns) else { return };
    let Some(measured) = Measured::new("fineweb_quality", "") else { return };
    measured.assert_signals(&oracle, FINEWEB);
    measured.assert_verdicts("fw_keep", &oracle.bools("fw_keep"));
    assert_reasons(&measured, &oracle, "fw_reason");
}
