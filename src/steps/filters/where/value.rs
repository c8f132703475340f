//! Values of a condition, and SQL's operations on them.

use std::cmp::Ordering;

use crate::steps::Value;

/// A value of a signal or of a part of a condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scalar<'v> {
    /// Not defined.
    Null,
    /// A yes or no.
    Bool(bool),
    /// A number, never NaN.
    Number(f64),
    /// A string.
    Text(&'v str),
}

impl<'v> From<&'v Value> for Scalar<'v> {
    fn from(value: &'v Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Integer(number) => Self::Number(*number as f64),
            Value::Float(number) => Self::number(*number),
            Value::Text(text) => Self::Text(text),
        }
    }
}

impl From<Option<bool>> for Scalar<'_> {
    fn from(flag: Option<bool>) -> Self {
        flag.map_or(Self::Null, Self::Bool)
    }
}

impl Scalar<'_> {
    /// A number; null for what is none.
    pub(super) fn number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Null }
    }

    /// The value as a condition.
    pub(super) fn truth(self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// The order of two values of one type; `None` where either is null.
    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(&b),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(&b)),
            _ => None,
        }
    }

    /// A calculation; null where either side is.
    pub(super) fn calculate(self, other: Self, with: fn(f64, f64) -> f64) -> Self {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Self::number(with(a, b)),
            _ => Self::Null,
        }
    }
}

/// SQL's AND: false if either side is, whatever the other.
pub(super) fn and(a: Option<bool>, b: impl FnOnce() -> Option<bool>) -> Option<bool> {
    if a == Some(false) {
        return a;
    }
    match b() {
        Some(false) => Some(false),
        b => a.and(b),
    }
}

/// SQL's OR.
pub(super) fn or(a: Option<bool>, b: impl FnOnce() -> Option<bool>) -> Option<bool> {
    if a == Some(true) {
        return a;
    }
    match b() {
        Some(true) => Some(true),
        b => a.and(b),
    }
}
