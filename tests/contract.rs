//! What every registered step owes its users, checked over the whole registry.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::collections::HashSet;

use gristmill::config::Shape;
use gristmill::document::Document;
use gristmill::plan::Plan;
use gristmill::steps::{REGISTRY, SignalKind, StepKind, StepType, Test, Value};
use gristmill::text::View;

#[path = "common/least_pipeline.rs"]
mod least_pipeline;

use least_pipeline::{evaluate, least_pipeline, variants};

/// Every variant of every step, as a pipeline whose last step it is, with its name.
fn plans() -> Vec<(&'static StepType, String, Plan)> {
    let directory = tempfile::tempdir().unwrap();
    let plan = |step: &'static StepType, (name, parameters): (String, String)| {
        let plan = least_pipeline(step, &parameters, directory.path()).unwrap_or_else(|faults| {
            panic!("{name}: give its required parameters in `least_pipeline.rs`:\n{faults}")
        });
        (step, name, plan)
    };
    let steps = REGISTRY.iter();
    steps
        .flat_map(|step| variants(step).into_iter().map(move |v| (step, v)))
        .map(|(s, v)| plan(s, v))
        .collect()
}

fn documents() -> Vec<Document> {
    let sentence = "The miller said that the grist is all of it, and that nothing is thrown away. ";
    let texts = [
        String::new(),
        " ".into(),
        "\n\n\n".into(),
        "a".into(),
        "\u{0}\u{1}\u{7f}\u{feff}\u{200b}".into(),
        "\r\n\r\n\u{2028}\u{85}\u{b}\u{c}".into(),
        sentence.into(),
        format!("{sentence}\n").repeat(40),
        sentence.repeat(500),
        "x".repeat(1 << 20),
        " ".repeat(1 << 18),
        "\n".repeat(1 << 18),
        "- … ... #\n".repeat(300),
        "مرحبا بالعالم، هذا نص عربي قصير. ".repeat(30),
        "שלום עולם זה טקסט\n".repeat(30),
        "日本語の文章には空白がありません。".repeat(100),
        "👩‍👩‍👧‍👦🇩🇪👍🏽 e\u{301}\u{301}\u{301} ".repeat(200),
        "1 2 3 4 5\t6\t7\n".repeat(100),
        "{}()[]<>&;\"'`~!@#$%^*|\\/".repeat(50),
    ];
    let urls =
        [None, Some("http://bad.example/x"), Some("not a url"), Some(""), Some("http://[::1]/")];
    let texts = texts.into_iter().cycle().zip(urls.into_iter().cycle()).take(19 * 5);
    texts
        .map(|(text, url)| Document { text, url: url.map(str::to_owned), ..Document::default() })
        .collect()
}

fn fits(kind: SignalKind, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) => kind == SignalKind::Bool,
        Value::Integer(number) => kind == SignalKind::Integer && *number >= 0,
        Value::Float(number) => kind == SignalKind::Float && number.is_finite(),
        Value::Text(_) => kind == SignalKind::Text,
    }
}

#[test]
fn names_are_unique_and_pages_have_their_headings() {
    let mut seen = HashSet::new();
    for step in REGISTRY {
        assert!(seen.insert(step.name), "two steps are called {}", step.name);
        assert!(step.version >= 1);
        let page = step.page();
        for heading in ["# What it does", "# Why", "# Source"] {
            assert!(page.contains(heading), "{}: its page lacks `{heading}`", step.name);
        }
        let summary = step.summary();
        assert!(summary.ends_with('.') && summary.len() < 160, "{}: {summary}", step.name);
        for param in step.params() {
            assert!(!param.doc.is_empty(), "{}.{} has no documentation", step.name, param.name);
        }
        let mut signals = HashSet::new();
        for signal in step.signals {
            assert!(signals.insert(signal.name), "{}.{} twice", step.name, signal.name);
            assert!(
                !["keep", "reason", "spans"].contains(&signal.name),
                "{} is taken",
                signal.name
            );
            assert!(!signal.doc.trim().is_empty());
        }
    }
}

#[test]
fn rules_name_signals_and_parameters_that_there_are() {
    for step in REGISTRY {
        let params = step.params();
        let mut reasons = HashSet::new();
        match step.kind {
            StepKind::Filter => assert!(!step.rules.is_empty(), "{} drops nothing", step.name),
            StepKind::Edit => {}
            StepKind::Dedup | StepKind::Annotation => {
                assert!(step.rules.is_empty(), "{} judges no document alone", step.name);
            }
        }
        for rule in step.rules {
            let place = format!("{}: {}", step.name, rule.reason);
            assert!(reasons.insert(rule.reason), "{place} twice");
            let signal = step.signals.iter().find(|signal| signal.name == rule.signal);
            let kind = signal.unwrap_or_else(|| panic!("{place}: no signal {}", rule.signal)).kind;
            let param = match rule.test {
                Test::AtLeast(param) => Some((param, "min_")),
                Test::AtMost(param) => Some((param, "max_")),
                Test::Never | Test::Always => None,
            };
            match param {
                Some((name, prefix)) => {
                    let param = params.iter().find(|param| param.name == name);
                    let shape = &param.unwrap_or_else(|| panic!("{place}: no {name}")).shape;
                    let inner = if let Shape::Optional(inner) = shape { inner } else { shape };
                    assert!(matches!(inner, Shape::Integer | Shape::Number), "{place}: {name}");
                    assert!(name.starts_with(prefix), "{place}: {name} is not a {prefix}");
                    assert!(matches!(kind, SignalKind::Integer | SignalKind::Float), "{place}");
                }
                None => assert_eq!(kind, SignalKind::Bool, "{place}"),
            }
        }
    }
}

#[test]
fn degenerate_documents_get_declared_values_and_the_same_ones_twice() {
    for (step, name, plan) in plans() {
        let evaluate = |document: &Document| evaluate(&plan, &View::raw(document)).pop().unwrap();
        for document in documents() {
            let outcome = evaluate(&document);
            let start: String = document.text.chars().take(20).collect();
            let place = format!("{name} on {start:?} ({} bytes)", document.text.len());
            assert_eq!(outcome, evaluate(&document), "{place}");
            assert_eq!(outcome.values.len(), step.signals.len(), "{place}");
            for (signal, value) in step.signals.iter().zip(&outcome.values) {
                assert!(fits(signal.kind, value), "{place}: {} is {value:?}", signal.name);
            }
            let judges = matches!(step.kind, StepKind::Filter | StepKind::Edit);
            assert_eq!(outcome.keep().is_some(), outcome.applies && judges, "{place}");
            assert!(outcome.signature.keys.is_empty() || step.kind == StepKind::Dedup, "{place}");
            if let Some(reason) = outcome.reason {
                assert!(outcome.applies, "{place}");
                assert!(step.rules.iter().any(|rule| rule.reason == reason), "{place}: {reason}");
            }
            let mut at = 0;
            for span in &outcome.spans {
                assert!(span.start >= at && span.end >= span.start, "{place}: {span:?}");
                assert!(document.text.is_char_boundary(span.start), "{place}: {span:?}");
                assert!(document.text.is_char_boundary(span.end), "{place}: {span:?}");
                at = span.end;
            }
        }
    }
}

#[test]
fn each_threshold_divides_its_signal_and_the_reason_names_the_first_rule_that_fails() {
    for (step, name, plan) in plans() {
        let rules = plan.steps.last().unwrap().step.rules();
        let signal =
            |name: &str| step.signals.iter().position(|signal| signal.name == name).unwrap();
        for active in &rules.active {
            let mut values = vec![Value::Null; step.signals.len()];
            let mut judge = |value: Value| {
                values[signal(active.rule.signal)] = value;
                rules.judge(&values)
            };
            let fails = match (active.rule.test, active.threshold) {
                (Test::AtLeast(_), Some(bound)) => {
                    assert_eq!(judge(Value::Float(bound)), None, "min_ is inclusive");
                    judge(Value::Float(bound - 1e-9))
                }
                (Test::AtMost(_), Some(bound)) => {
                    assert_eq!(judge(Value::Float(bound)), None, "max_ is inclusive");
                    judge(Value::Float(bound + 1e-9))
                }
                (Test::Never, _) => {
                    assert_eq!(judge(Value::Bool(false)), None);
                    judge(Value::Bool(true))
                }
                (_, _) => {
                    assert_eq!(judge(Value::Bool(true)), None);
                    judge(Value::Bool(false))
                }
            };
            // Another rule of the same signal may stand before it (too few, too many).
            let of_signal = |reason: &str| {
                step.rules.iter().any(|r| r.reason == reason && r.signal == active.rule.signal)
            };
            assert!(fails.is_some_and(of_signal), "{name}: {}", active.rule.reason);
        }
    }
}
