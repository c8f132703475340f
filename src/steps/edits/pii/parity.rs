//! The texts that datatrove's formatter and Dolma's taggers and mixer make, on real texts and on many
//! strings of addresses.

use crate::steps::testing::{build, outcome, value};
use crate::text::oracle::{Oracle, assert_equal};

/// The texts of the oracle: the real ones, then the made ones of its own.
fn texts() -> Option<Vec<String>> {
    let mut texts = Oracle::texts()?;
    let made = Oracle::read("pii", &["text"])?.strings("text");
    texts.extend(made.into_iter().flatten());
    Some(texts)
}

/// Asserts that the edited texts are those of a column, in which null stands for an unchanged one.
fn assert_texts(toml: &str, column: &str, counts: &[(&str, &str)]) {
    let Some(texts) = texts() else { return };
    let columns: Vec<_> = counts.iter().map(|pair| pair.0).chain([column]).collect();
    let Some(oracle) = Oracle::read("pii", &columns) else { return };
    let theirs = oracle.strings(column);
    let step = build("pii", toml).unwrap();
    let outcomes: Vec<_> = texts.iter().map(|text| outcome(&step, text)).collect();

    let mut done = vec![true; texts.len()];
    for (column, signal) in counts {
        let theirs = oracle.numbers(column);
        // Dolma did not come to an end on some texts.
        done.iter_mut().zip(&theirs).for_each(|(done, count)| *done &= *count != Some(-1.0));
        let only_done = |value: (Option<f64>, &bool)| value.0.filter(|_| *value.1);
        let ours = outcomes.iter().map(|outcome| value("pii", outcome, signal));
        let ours: Vec<_> = ours.zip(&done).map(only_done).collect();
        let theirs: Vec<_> = theirs.into_iter().zip(&done).map(only_done).collect();
        assert_equal(column, &ours, &theirs, 0);
    }
    let mut equal = 0;
    let mut differing = Vec::new();
    for (((text, outcome), theirs), done) in texts.iter().zip(&outcomes).zip(&theirs).zip(&done) {
        let ours = crate::text::apply(text, &outcome.spans);
        if *done && ours == *theirs.as_ref().unwrap_or(text) {
            equal += 1;
        } else if *done {
            differing.push((text, ours, theirs));
        }
    }
    let all = done.iter().filter(|done| **done).count();
    eprintln!("{column}: {equal} of {all} equal");
    for (text, ours, theirs) in differing.iter().filter(|row| row.0.len() < 400).take(8) {
        eprintln!("  {text:?}\n    ours {ours:?}\n  theirs {theirs:?}");
    }
    assert!(differing.is_empty());
}

#[test]
fn texts_are_datatrove_s() {
    assert_texts("", "dt_text", &[]);
    assert_texts("public_ips_only = false", "dt_all_ips_text", &[]);
    assert_texts("ips = false", "dt_emails_text", &[]);
    assert_texts("emails = false\nip_replacements = ['<IP>']", "dt_ips_text", &[]);
}

#[test]
fn texts_and_counts_are_dolma_s() {
    let counts = [
        ("dolma_fast_emails", "emails"),
        ("dolma_fast_phones", "phones"),
        ("dolma_fast_ips", "ips"),
    ];
    assert_texts("variant = 'dolma'", "dolma_fast_text", &counts);
    let counts =
        [("dolma_v2_emails", "emails"), ("dolma_v2_phones", "phones"), ("dolma_v2_ips", "ips")];
    assert_texts("variant = 'dolma_v2'", "dolma_v2_text", &counts);
}
