//! Steps under test: built from a line of TOML and put to a text.

use std::path::Path;

use super::{Build, Outcome, Test, find};
use crate::config::{Fault, Shape, Table};
use crate::document::Document;
use crate::steps::registry::Built;
use crate::text::View;

/// Builds a registered step from the parameters in `toml`.
///
/// # Errors
/// The faults of the parameters.
pub(crate) fn build(name: &str, toml: &str) -> Result<Built, Vec<Fault>> {
    let mut faults = Vec::new();
    let table = Table::parse(toml, &mut faults);
    let mut build = Build::new(&table, Path::new(""), &[], &mut faults);
    let built = find(name).expect("a registered step").build(&table, &mut build);
    built.filter(|_| faults.is_empty()).ok_or(faults)
}

/// The faults of a step's parameters, a line each; empty for sound ones.
pub(crate) fn faults(name: &str, toml: &str) -> String {
    let faults = build(name, toml).err().unwrap_or_default();
    let line = |fault: Fault| match fault.help {
        Some(help) => format!("{} ({help})", fault.message),
        None => fault.message,
    };
    faults.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What a step makes of a document that has this text.
pub(crate) fn outcome(built: &Built, text: &str) -> Outcome {
    evaluate(built, &Document { text: text.to_owned(), ..Document::default() })
}

/// What a step makes of a document that has this URL.
pub(crate) fn outcome_of_url(built: &Built, url: &str) -> Outcome {
    evaluate(built, &Document { url: Some(url.to_owned()), ..Document::default() })
}

fn evaluate(built: &Built, document: &Document) -> Outcome {
    let mut outcome = Outcome::default();
    built.step.evaluate(&View::raw(document), &[], &mut outcome);
    outcome
}

/// The reason for which a step drops a text; `None` where it keeps it.
pub(crate) fn reason(name: &str, toml: &str, text: &str) -> Option<&'static str> {
    let built = build(name, toml).expect("sound parameters");
    outcome(&built, text).reason
}

/// The value of a signal as a number; `None` where it is null.
pub(crate) fn value(name: &str, outcome: &Outcome, signal: &str) -> Option<f64> {
    let signals = find(name).expect("a registered step").signals;
    let at = signals.iter().position(|spec| spec.name == signal).expect("a declared signal");
    outcome.values[at].number()
}

/// Asserts for each rule with a bound that a text passes with the bound at the measured value, and
/// fails for this reason with the bound just past it, all other rules off.
///
/// Rules whose signal is null on the text must pass whatever the bound, or be refused, as a variant
/// does with the rules of another.
pub(crate) fn assert_rules_from_both_sides(name: &str, toml: &str, text: &str) {
    let step = find(name).expect("a registered step");
    let specs = step.params();
    let measured = outcome(&build(name, toml).expect("sound parameters"), text);
    for rule in step.rules {
        let (Test::AtLeast(param) | Test::AtMost(param)) = rule.test else { continue };
        let spec = specs.iter().find(|spec| spec.name == param).expect("a declared parameter");
        let whole = spec.shape == Shape::Optional(Box::new(Shape::Integer));
        let parameters = |bound: f64| {
            let number = if whole { format!("{bound}") } else { format!("{bound:?}") };
            let mut parameters = format!("{toml}\n{param} = {number}\n");
            for other in &specs {
                if matches!(other.shape, Shape::Optional(_)) && other.name != param {
                    parameters += &format!("{} = 'off'\n", other.name);
                }
            }
            parameters
        };
        let with_bound = |bound: f64| reason(name, &parameters(bound), text);
        let Some(value) = value(name, &measured, rule.signal) else {
            let dropped = build(name, &parameters(1.0)).map(|built| outcome(&built, text).reason);
            assert_ne!(dropped.ok(), Some(Some(rule.reason)), "{}: null passes", rule.reason);
            continue;
        };
        let step = if whole { 1.0 } else { 1e-9 };
        let past = if matches!(rule.test, Test::AtLeast(_)) { value + step } else { value - step };
        assert_ne!(with_bound(value), Some(rule.reason), "{param} = {value}");
        assert_eq!(with_bound(past), Some(rule.reason), "{param} = {past}");
    }
}
