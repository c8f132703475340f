//! Annotations that peers also have, against the values of those peers on real texts.

use crate::steps::testing::{build, outcome, value};
use crate::text::oracle::{Oracle, assert_equal};

/// RedPajama's entries of `ldnoobw_words` in `redpajama.parquet`, which are no bad words.
const ENTRIES: &str = "the\nof the\nclick here\nterms and conditions\né\ncafe\u{301}\n\
                       one two three four\nThe\ndon't\nin\nel\n";

/// Columns of `redpajama.parquet` with names of their own, and the signals that equal them; all
/// other columns are named after signals.
const FROM_LINES: &[(&str, &str)] = &[
    ("lines", "lines"),
    ("mean_ending", "terminal_mark_line_ratio"),
    ("mean_bullet", "bullet_line_ratio"),
    ("sum_js", "javascript_words"),
    ("sum_words", "word_count"),
    ("upper", "uppercase_char_ratio"),
    ("numeric", "numeric_char_ratio"),
];

const OF_DOCUMENTS: &[&str] = &[
    "num_sentences",
    "word_count",
    "mean_word_length",
    "symbol_to_word_ratio",
    "frac_lines_end_with_ellipsis",
    "frac_no_alph_words",
    "frac_unique_words",
    "unigram_entropy",
    "frac_all_caps_words",
    "frac_chars_top_2gram",
    "frac_chars_top_3gram",
    "frac_chars_top_4gram",
    "frac_chars_dupe_5grams",
    "frac_chars_dupe_6grams",
    "frac_chars_dupe_7grams",
    "frac_chars_dupe_8grams",
    "frac_chars_dupe_9grams",
    "frac_chars_dupe_10grams",
    "curly_bracket",
    "lorem_ipsum",
    "ldnoobw_words",
    "stop_word_fraction",
];

#[test]
fn redpajama_signals_are_redpajama_s() {
    let of_documents: Vec<_> =
        OF_DOCUMENTS.iter().map(|&signal| (format!("rps_doc_{signal}"), signal)).collect();
    let from_lines = FROM_LINES.iter().map(|&(column, signal)| (column.to_owned(), signal));
    let pairs: Vec<(String, &str)> = of_documents.into_iter().chain(from_lines).collect();
    let columns: Vec<&str> = pairs.iter().map(|(column, _)| column.as_str()).collect();
    let Some(oracle) = Oracle::read("redpajama", &columns) else { return };
    let Some(texts) = Oracle::texts() else { return };

    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(list.path(), ENTRIES).unwrap();
    let toml = format!("bad_words = ['{}']", list.path().display());
    let step = build("redpajama_signals", &toml).expect("sound parameters");
    let outcomes: Vec<_> = texts.iter().map(|text| outcome(&step, text)).collect();
    for (column, signal) in &pairs {
        let ours: Vec<_> =
            outcomes.iter().map(|outcome| value("redpajama_signals", outcome, signal)).collect();
        assert_equal(column, &ours, &oracle.numbers(column), 0);
    }
}
