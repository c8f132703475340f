//! Keeps documents for which an expression over the signals of earlier steps holds.
//!
//! # What it does
//! Evaluates `keep`, a condition in SQL's syntax over the fields of steps that stand before this one
//! (`gopher_quality.words >= 100 AND language.score > 0.8`), and keeps the document where it is
//! true. Besides signals, a step that judges has the fields `keep` and `reason`
//! (`NOT gopher_quality.keep`, `length.reason = 'too_few_words'`).
//!
//! Numbers compare by `=`, `<>`, `<`, `<=`, `>`, `>=`, `BETWEEN` and `IN` and calculate by `+`, `-`,
//! `*` and `/`; strings compare by `=`, `<>` and `IN`; conditions join by `AND`, `OR` and `NOT`.
//! `IS NULL` asks whether a signal is defined, `IS TRUE` and `IS FALSE` whether a condition is. A
//! document that a step keeps has no `reason`: `reason IS DISTINCT FROM 'empty'` is true of it, where
//! `reason <> 'empty'` is unknown. A name that is a word of SQL stands in double quotes.
//!
//! A value is the one at the earlier step's own place: in an arm, on the text after those edits of
//! the arm that stand before that step, whether or not the step itself is in the arm. So a step need
//! not filter in an arm to be asked there.
//!
//! # Why
//! A rule that combines what is measured already needs no step of its own, and its threshold can be
//! tried without another run: the same expression works in a query over the run's columns.
//!
//! # Source
//! SQL's WHERE, as DuckDB has it: in three-valued logic, a condition over an undefined value is
//! unknown, and an unknown document is dropped.
//!
//! # Differences
//! Numbers are 64-bit floats. A division by zero and whatever overflows is null. There are no
//! functions, casts or patterns: the step `regex` looks into texts.

mod condition;
mod value;

use crate::config::params;
use crate::steps::{Build, Derived, Input, Rule, Step, Value, signals};
use crate::text::View;

use condition::Condition;

params! {
    /// Parameters of `where`.
    pub struct Params {
        /// The condition under which a document is kept.
        keep: String,
    }
}

signals! {
    /// What `where` measures.
    pub struct Signals {
        /// Whether the condition holds; null where it is unknown.
        holds: Option<bool>,
        /// Whether the condition is unknown, since a value is not defined.
        unknown: bool,
    }
}

/// The step.
pub struct Where {
    condition: Condition,
    inputs: Vec<Input>,
}

impl Step for Where {
    const NAME: &'static str = "where";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("where.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let mut inputs = Vec::new();
        let condition = condition::compile("keep", &params.keep, build, &mut inputs)?;
        if inputs.is_empty() {
            build.fault("keep", "the condition names no signal: it is the same for every document");
            return None;
        }
        Some(Self { condition, inputs })
    }
}

impl Derived for Where {
    const RULES: &'static [Rule] =
        &[Rule::never("condition_unknown", "unknown"), Rule::always("condition_false", "holds")];

    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn derive(&self, _view: &View<'_>, inputs: &[Value]) -> Option<Signals> {
        let holds = self.condition.holds(inputs);
        Some(Signals { holds, unknown: holds.is_none() })
    }
}

#[cfg(test)]
mod tests;
