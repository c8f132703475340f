//! What a report and a comparison say of arms, held against the arms' documents.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use gristmill::document::Document;
use gristmill::inspect::diff::{self, diff};
use gristmill::report::{self, survey};

use crate::mill::{Mill, options};

/// The counts that a report has of an arm are those of its documents.
pub(crate) fn report_has(mill: &Mill, arm: &str, documents: &[Document]) {
    let request = report::Request {
        runs: mill.request(arm).runs,
        arm: Some(arm.to_owned()),
        samples: 2,
        seed: 1,
    };
    let found = survey(&request, &options(2, 1 << 20), &AtomicBool::new(false), &|_| ());
    let found = found.unwrap_or_else(|error| panic!("{error}"));
    let own = found.arms.iter().find(|known| known.name == arm).unwrap();
    let last = own.places.last().unwrap();
    let bytes: usize = documents.iter().map(|document| document.text.len()).sum();
    assert_eq!((last.documents, last.bytes), (documents.len() as u64, bytes as u64), "{arm}");
    // Every document that is not there was first dropped by one step.
    let first: u64 = found.steps.iter().map(|step| step.first).sum();
    assert_eq!(first + last.documents, found.documents, "{arm}");
    let patterns: u64 = found.patterns.iter().map(|pattern| pattern.documents).sum();
    assert!(
        patterns <= found.documents && (patterns == found.documents || found.further_patterns > 0)
    );
    assert!(!report::page(&found).is_empty());
}

/// What two arms are said to differ by is what their documents differ by.
pub(crate) fn diff_has(mill: &Mill, [a, b]: [(&str, &[Document]); 2]) {
    let request = diff::Request {
        runs: mill.request(a.0).runs,
        a: a.0.to_owned(),
        b: b.0.to_owned(),
        samples: 3,
        seed: 1,
    };
    let found = diff(&request, &options(2, 1 << 20), &AtomicBool::new(false), &|_| ());
    let found = found.unwrap_or_else(|error| panic!("{error}"));
    let texts = |documents: &[Document]| -> BTreeMap<String, String> {
        documents.iter().map(|document| (document.id.clone(), document.text.clone())).collect()
    };
    let (of_a, of_b) = (texts(a.1), texts(b.1));
    let both: Vec<_> = of_a.iter().filter_map(|(id, text)| Some((text, of_b.get(id)?))).collect();
    let changed = both.iter().filter(|(one, other)| one != other).count();
    let expected = [both.len(), of_a.len() - both.len(), of_b.len() - both.len(), changed];
    let counted = [found.both, found.only_a, found.only_b, found.changed];
    assert_eq!(counted, expected.map(|count| count as u64));
    let bytes = |texts: &BTreeMap<String, String>| texts.values().map(String::len).sum::<usize>();
    assert_eq!((found.bytes_a, found.bytes_b), (bytes(&of_a) as u64, bytes(&of_b) as u64));
    for sample in &found.samples {
        let has = (of_a.contains_key(&sample.id), of_b.contains_key(&sample.id));
        let expected = match sample.kind {
            diff::Kind::OnlyA => (true, false),
            diff::Kind::OnlyB => (false, true),
            diff::Kind::Changed => (true, true),
        };
        assert_eq!((has, sample.why.is_some()), (expected, has.0 != has.1), "{sample:?}");
    }
}
