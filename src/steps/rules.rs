//! Rules: a verdict as comparisons of signals with parameters, declared rather than programmed.
//!
//! Because a rule names its signal and its parameter, the same declaration makes the verdict, the
//! step's page, the thresholds that reports draw, and the tests from both sides of each threshold.

use crate::config::Params;

use super::{SignalSpec, Value};

/// One rule of a step, as its file declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The reason written when the rule fails; it names the fault (`too_few_words`).
    pub reason: &'static str,
    /// The signal that is judged.
    pub signal: &'static str,
    /// The comparison.
    pub test: Test,
}

/// How a signal is judged. A null signal passes: the rule does not apply to the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Keep where the signal is at least the parameter.
    AtLeast(&'static str),
    /// Keep where the signal is at most the parameter.
    AtMost(&'static str),
    /// Keep where the signal is false.
    Never,
    /// Keep where the signal is true.
    Always,
}

impl Test {
    /// The parameter that bounds the signal, if one does.
    pub fn param(self) -> Option<&'static str> {
        match self {
            Self::AtLeast(param) | Self::AtMost(param) => Some(param),
            Self::Never | Self::Always => None,
        }
    }

    /// The name for plans.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtLeast(_) => "at_least",
            Self::AtMost(_) => "at_most",
            Self::Never => "never",
            Self::Always => "always",
        }
    }
}

impl Rule {
    /// Drops where `signal < param`.
    pub const fn min(reason: &'static str, signal: &'static str, param: &'static str) -> Self {
        Self { reason, signal, test: Test::AtLeast(param) }
    }

    /// Drops where `signal > param`.
    pub const fn max(reason: &'static str, signal: &'static str, param: &'static str) -> Self {
        Self { reason, signal, test: Test::AtMost(param) }
    }

    /// Drops where the boolean signal is true.
    pub const fn never(reason: &'static str, signal: &'static str) -> Self {
        Self { reason, signal, test: Test::Never }
    }

    /// Drops where the boolean signal is false.
    pub const fn always(reason: &'static str, signal: &'static str) -> Self {
        Self { reason, signal, test: Test::Always }
    }

    /// What is dropped, in words (`words < min_words`).
    pub fn describe(&self) -> String {
        match self.test {
            Test::AtLeast(param) => format!("{} < {param}", self.signal),
            Test::AtMost(param) => format!("{} > {param}", self.signal),
            Test::Never => self.signal.to_owned(),
            Test::Always => format!("not {}", self.signal),
        }
    }
}

/// A rule with its threshold resolved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActiveRule {
    /// The rule as declared.
    pub rule: Rule,
    /// The bound; `None` for boolean rules.
    pub threshold: Option<f64>,
    signal: usize,
}

impl ActiveRule {
    /// Whether the values fail the rule.
    fn fails(&self, values: &[Value]) -> bool {
        let value = &values[self.signal];
        match (self.rule.test, value, self.threshold) {
            (Test::Never, Value::Bool(flag), _) => *flag,
            (Test::Always, Value::Bool(flag), _) => !flag,
            (Test::AtLeast(_), value, Some(bound)) => value.number().is_some_and(|n| n < bound),
            (Test::AtMost(_), value, Some(bound)) => value.number().is_some_and(|n| n > bound),
            _ => false,
        }
    }
}

/// The rules of one configured step that are switched on, in the order they are tested.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The rules.
    pub active: Vec<ActiveRule>,
}

impl Rules {
    /// Resolves declared rules against parameters; a rule whose parameter is `"off"` is left out.
    pub fn resolve(rules: &[Rule], signals: &[SignalSpec], params: &impl Params) -> Self {
        let active = rules.iter().filter_map(|rule| {
            let signal = signals.iter().position(|spec| spec.name == rule.signal)?;
            let threshold = match rule.test {
                Test::AtLeast(param) | Test::AtMost(param) => Some(params.number(param)?),
                Test::Never | Test::Always => None,
            };
            Some(ActiveRule { rule: *rule, threshold, signal })
        });
        Self { active: active.collect() }
    }

    /// The reason of the first rule that fails, or `None` for a document to keep.
    pub fn judge(&self, values: &[Value]) -> Option<&'static str> {
        self.active.iter().find(|rule| rule.fails(values)).map(|rule| rule.rule.reason)
    }
}
