//! Inputs: what a step takes from what earlier steps of its pipeline found.

use std::ops::Range;

use super::{Build, Outcome, SignalKind, StepType, Value};

/// A step that stands before the one under construction.
pub struct Earlier<'a> {
    /// The name of this copy.
    pub name: &'a str,
    /// Its registered type.
    pub step_type: &'static StepType,
    /// Its parameters, defaults included; null if it could not be built.
    pub params: serde_json::Value,
}

/// A value of an earlier step.
///
/// It is the value at that step's own place in an arm: on the text after those edits of the arm that
/// stand before it, whether or not the step itself is in the arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The name of the step in its pipeline.
    pub step: String,
    /// Which of its values.
    pub field: Field,
}

/// A field of a step's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// A signal, by its position.
    Signal(usize),
    /// The verdict.
    Keep,
    /// The reason for which it drops.
    Reason,
}

impl Field {
    /// The value of the field.
    pub fn of(self, outcome: &Outcome) -> Value {
        match self {
            Self::Signal(index) => outcome.values.get(index).cloned().unwrap_or(Value::Null),
            Self::Keep => outcome.keep().map_or(Value::Null, Value::Bool),
            Self::Reason => outcome.reason.map_or(Value::Null, |why| Value::Text(why.to_owned())),
        }
    }

    /// The type of the field.
    pub fn kind(self, step: &StepType) -> SignalKind {
        match self {
            Self::Signal(index) => step.signals[index].kind,
            Self::Keep => SignalKind::Bool,
            Self::Reason => SignalKind::Text,
        }
    }

    fn find(step: &StepType, name: &str) -> Option<Self> {
        match name {
            "keep" if !step.rules.is_empty() => Some(Self::Keep),
            "reason" if !step.rules.is_empty() => Some(Self::Reason),
            _ => step.signals.iter().position(|signal| signal.name == name).map(Self::Signal),
        }
    }
}

impl<'a> Build<'a> {
    /// The steps that stand before this one in its pipeline.
    pub fn earlier(&self) -> &'a [Earlier<'a>] {
        self.earlier
    }

    /// Finds a field of an earlier step; `None` after reporting that there is none, under the bytes
    /// `place` of the string at `key`.
    pub fn input(
        &mut self,
        key: &str,
        place: Range<usize>,
        step: &str,
        field: &str,
    ) -> Option<(Input, SignalKind)> {
        let Some(found) = self.earlier.iter().find(|earlier| earlier.name == step) else {
            let known: Vec<&str> = self.earlier.iter().map(|earlier| earlier.name).collect();
            let fault = self.fault_within(key, place, format!("no step before is called `{step}`"));
            *fault = match known.is_empty() {
                true => fault.clone().help("put the step that it speaks of before it"),
                false => fault.clone().suggest(step, known),
            };
            return None;
        };
        let step_type = found.step_type;
        let Some(found) = Field::find(step_type, field) else {
            let judges = if step_type.rules.is_empty() { &[][..] } else { &["keep", "reason"] };
            let names = step_type.signals.iter().map(|signal| signal.name);
            let fault = self.fault_within(key, place, format!("`{step}` has no signal `{field}`"));
            *fault = fault.clone().suggest(field, names.chain(judges.iter().copied()));
            return None;
        };
        Some((Input { step: step.to_owned(), field: found }, found.kind(step_type)))
    }
}
