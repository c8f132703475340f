//! Lines and words against those of DCLM on real texts.
//!
//! What is made of them (copies, n-grams, the quantities of the filters) is held against datatrove
//! and DCLM in `steps/filters/parity.rs`.

use super::lines::stripped_segments;
use super::oracle::{Oracle, assert_equal};
use super::word_table::{Splitter, Words};

#[test]
fn numbers_of_lines_and_words_are_dclm_s() {
    const COLUMNS: [&str; 7] = [
        "rep_n_lines",
        "rep_n_paragraphs",
        "page_length_words",
        "ws_words",
        "word_length_mean",
        "rep_n_words",
        "rep_word_chars",
    ];
    let Some(texts) = Oracle::texts() else { return };
    let Some(oracle) = Oracle::read("dclm", &COLUMNS) else { return };
    let mut words = Words::default();
    let rows = texts.iter().map(|text| {
        let segments = |separator| Some(stripped_segments(text, separator).count() as f64);
        let mut counts = |splitter| {
            words.fill(text, splitter);
            (words.len() as f64, words.chars() as f64)
        };
        let (fasttext, _) = counts(Splitter::FastText);
        let (whitespace, chars) = counts(Splitter::Whitespace);
        let mean = (whitespace > 0.0).then(|| chars / whitespace);
        let (uniseg, uniseg_chars) = counts(Splitter::WordBreak);
        let numbers = [fasttext, whitespace, uniseg, uniseg_chars].map(Some);
        [segments("\n"), segments("\n\n"), numbers[0], numbers[1], mean, numbers[2], numbers[3]]
    });
    let rows: Vec<_> = rows.collect();
    for (at, column) in COLUMNS.iter().enumerate() {
        let ours: Vec<_> = rows.iter().map(|row| row[at]).collect();
        assert_equal(column, &ours, &oracle.numbers(column), 0);
    }
}

#[test]
fn words_are_dclm_s_one_by_one() {
    let Some(texts) = Oracle::token_texts() else { return };
    let columns = [(Splitter::WordBreak, "uniseg_words"), (Splitter::FastText, "fasttext_words")];
    for (splitter, column) in columns {
        let Some(tokens) = Oracle::read("tokens", &[column]) else { return };
        for ((row, text), expected) in texts.iter().zip(tokens.lists(column)) {
            let mut words = Words::default();
            words.fill(text, splitter);
            let ours: Vec<&str> = words.iter(text).map(|(word, _)| word).collect();
            assert_eq!(ours, expected, "{column}, row {row}");
        }
    }
}
