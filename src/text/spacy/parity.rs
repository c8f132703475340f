//! Word lists against those that datatrove made of the same texts.

use super::{sentence_count, words};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

/// The folder of shared data: `GRISTMILL_DATA`, or beside the repository.
fn data_dir() -> PathBuf {
    std::env::var_os("GRISTMILL_DATA").map_or_else(
        || concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").into(),
        PathBuf::from,
    )
}

/// The batches of an oracle file; `None`, with a line on standard error, if it is not there.
fn batches(name: &str) -> Option<Vec<RecordBatch>> {
    let path = data_dir().join("oracle").join(name);
    let Ok(file) = File::open(&path) else {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    };
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    Some(reader.collect::<Result<_, _>>().unwrap())
}

/// The texts by record id.
fn texts() -> Option<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for batch in batches("texts.parquet")? {
        let column = |name| batch.column_by_name(name).unwrap().as_string::<i32>();
        let (ids, bodies) = (column("record_id"), column("text"));
        texts.extend(
            ids.iter()
                .zip(bodies)
                .map(|(id, text)| (id.unwrap().to_owned(), text.unwrap().to_owned())),
        );
    }
    Some(texts)
}

/// Length of the longest common start and end of two lists: the tokens surely equal.
fn equal_at_ends(ours: &[&str], theirs: &[&str]) -> usize {
    let start = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    let (ours, theirs) = (&ours[start..], &theirs[start..]);
    start + ours.iter().rev().zip(theirs.iter().rev()).take_while(|(a, b)| a == b).count()
}

#[test]
fn word_lists_equal_datatroves() {
    let (Some(batches), Some(texts)) = (batches("tokens.parquet"), texts()) else { return };
    let (mut lists, mut identical, mut tokens, mut equal) = (0, 0, 0, 0);
    for batch in batches {
        let ids = batch.column_by_name("record_id").unwrap().as_string::<i32>();
        let words_of = batch.column_by_name("spacy_words").unwrap().as_list::<i32>();
        for row in (0..batch.num_rows()).filter(|&row| words_of.is_valid(row)) {
            let list = words_of.value(row);
            let theirs: Vec<&str> = list.as_string::<i32>().iter().map(Option::unwrap).collect();
            let mut ours = Vec::new();
            words(&texts[ids.value(row)], |word| ours.push(word));
            lists += 1;
            identical += usize::from(ours == theirs);
            tokens += theirs.len();
            equal += equal_at_ends(&ours, &theirs);
            if ours != theirs {
                let first = ours.iter().zip(&theirs).position(|(a, b)| a != b);
                eprintln!("{}: first difference at token {first:?}", ids.value(row));
            }
        }
    }
    eprintln!("{identical} of {lists} lists identical; {equal} of {tokens} tokens equal");
    assert!(lists > 0);
    assert_eq!(identical, lists);
}

/// The lines of `text` as Python's `str.splitlines` has them, stripped as `str.strip` does.
fn stripped_lines(text: &str) -> Vec<&str> {
    let is_separator = |c: char| ('\u{1C}'..='\u{1F}').contains(&c);
    let breaks = |c: char| matches!(c, '\n'..='\r' | '\u{1C}'..='\u{1E}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(breaks).unwrap_or(rest.len());
        lines.push(rest[..end].trim_matches(|c: char| c.is_whitespace() || is_separator(c)));
        let after = &rest[end..];
        let line_break = if after.starts_with("\r\n") {
            2
        } else {
            after.chars().next().map_or(0, char::len_utf8)
        };
        rest = &after[line_break..];
    }
    lines
}

#[test]
fn sentence_counts_equal_datatroves() {
    let (Some(batches), Some(texts)) = (batches("tokens.parquet"), texts()) else { return };
    let (mut lines, mut equal) = (0, 0);
    for batch in batches {
        let ids = batch.column_by_name("record_id").unwrap().as_string::<i32>();
        let counts = batch.column_by_name("spacy_sentences_per_line").unwrap().as_list::<i32>();
        for row in (0..batch.num_rows()).filter(|&row| counts.is_valid(row)) {
            let list = counts.value(row);
            let theirs = list.as_primitive::<Int64Type>().values();
            let ours: Vec<i64> = stripped_lines(&texts[ids.value(row)])
                .into_iter()
                .map(|line| sentence_count(line) as i64)
                .collect();
            assert_eq!(ours.len(), theirs.len(), "{}", ids.value(row));
            lines += ours.len();
            equal += ours.iter().zip(theirs).filter(|(a, b)| a == b).count();
        }
    }
    eprintln!("{equal} of {lines} lines have as many sentences");
    assert!(lines > 0);
    assert_eq!(equal, lines);
}
