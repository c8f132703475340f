//! Typed parameters: one declaration gives the type, its reader, its documentation, its default
//! and its part of the JSON schema.
//!
//! ```
//! use gristmill::config::params;
//!
//! params! {
//!     /// Parameters of a step.
//!     pub struct Params {
//!         /// Fewest words.
//!         min_words: Option<u64> [words, 0..=1_000_000] = Some(50),
//!         /// Languages to keep; a parameter without a default is required.
//!         languages: Vec<String>,
//!     }
//! }
//! ```
//!
//! An `Option` parameter takes `"off"` for `None`: a rule is switched off by saying so, never by a
//! sentinel number.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::Fault;
use super::units::grouped;
use super::value::{Data, Table, Value};

/// What a parameter takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`
    Bool,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// A size: an integer of bytes, or a string with a unit (`"32MiB"`).
    Bytes,
    /// A string.
    Text,
    /// A file, relative to the pipeline's own directory.
    Path,
    /// One of a few words, each with what it means.
    Choice(&'static [(&'static str, &'static str)]),
    /// A list of at least one.
    List(Box<Shape>),
    /// A table with keys of the user's, each with a value of the shape.
    Map(Box<Shape>),
    /// The shape, or `"off"`.
    Optional(Box<Shape>),
}

impl Shape {
    /// What is expected, for messages and pages (`a list of strings`).
    pub fn describe(&self) -> String {
        match self {
            Self::Bool => "true or false".into(),
            Self::Integer => "an integer".into(),
            Self::Number => "a number".into(),
            Self::Bytes => "a size in bytes".into(),
            Self::Text => "a string".into(),
            Self::Path => "a path".into(),
            Self::Choice(choices) => {
                let names: Vec<_> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
                names.join(" or ")
            }
            Self::List(item) => match item.as_ref() {
                Self::Text => "a list of strings".into(),
                Self::Path => "a list of paths".into(),
                other => format!("a list of: {}", other.describe()),
            },
            Self::Map(item) => format!("a table whose values are {}", item.describe()),
            Self::Optional(inner) => format!("{} or \"off\"", inner.describe()),
        }
    }

    /// The JSON schema of a value of this shape.
    pub fn json_schema(&self, range: Option<(f64, f64)>) -> Json {
        let bounded = |kind: &str| match range {
            Some((low, high)) => {
                json!({"type": kind, "minimum": tidy(low), "maximum": tidy(high)})
            }
            None => json!({"type": kind}),
        };
        match self {
            Self::Bool => json!({"type": "boolean"}),
            Self::Integer => bounded("integer"),
            Self::Number => bounded("number"),
            Self::Bytes => json!({"anyOf": [
                bounded("integer"),
                {"type": "string", "pattern": "^[0-9.]+ ?([kKMGT]i?)?B?$"},
            ]}),
            Self::Text | Self::Path => json!({"type": "string", "minLength": 1}),
            Self::Choice(choices) => {
                json!({"enum": choices.iter().map(|(name, _)| *name).collect::<Vec<_>>()})
            }
            Self::List(item) => {
                json!({"type": "array", "minItems": 1, "items": item.json_schema(range)})
            }
            Self::Map(item) => json!({
                "type": "object",
                "minProperties": 1,
                "additionalProperties": item.json_schema(range),
            }),
            Self::Optional(inner) => json!({"anyOf": [inner.json_schema(range), {"const": "off"}]}),
        }
    }
}

/// A whole number without its `.0`, as JSON.
fn tidy(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 9e15 { json!(number as i64) } else { json!(number) }
}

/// One parameter: everything that is to be said of it.
#[derive(Debug, Clone)]
pub struct ParamSpec {
    /// The key.
    pub name: &'static str,
    /// What it does, from its doc comment.
    pub doc: String,
    /// Unit of a number (`words`), where it has one.
    pub unit: Option<&'static str>,
    /// Inclusive bounds of a number.
    pub range: Option<(f64, f64)>,
    /// What it takes.
    pub shape: Shape,
    /// The default as JSON; `None` if the parameter is required.
    pub default: Option<Json>,
}

/// A type that a parameter can have.
pub trait ParamValue: Sized {
    /// What the parameter takes.
    fn shape() -> Shape;

    /// Reads a value.
    ///
    /// # Errors
    /// The faults of the value: of another type, out of range, not one of the choices.
    fn read(key: &str, value: &Value, range: Option<(f64, f64)>) -> Result<Self, Vec<Fault>>;

    /// The value as JSON, for the fingerprint and for pages.
    fn to_json(&self) -> Json;

    /// The value as a threshold; `None` if it is switched off or no number.
    fn number(&self) -> Option<f64> {
        None
    }
}

/// A set of parameters, made by `params!`.
pub trait Params: Sized {
    /// The declarations, in order.
    fn specs() -> Vec<ParamSpec>;

    /// Reads a table: unknown keys, wrong types, values out of range and missing keys are faults,
    /// all of them reported.
    fn read(table: &Table, owner: &str, faults: &mut Vec<Fault>) -> Option<Self>;

    /// All values as JSON, defaults included.
    fn to_json(&self) -> Json;

    /// A parameter as a threshold.
    fn number(&self, name: &str) -> Option<f64>;
}

/// Reads one key of a table; `None` after a fault.
pub fn read_key<T: ParamValue>(
    table: &Table,
    owner: &str,
    name: &'static str,
    range: Option<(f64, f64)>,
    default: Option<T>,
    faults: &mut Vec<Fault>,
) -> Option<T> {
    match table.get(name) {
        Some(value) => match T::read(name, value, range) {
            Ok(value) => Some(value),
            Err(mut found) => {
                faults.append(&mut found);
                None
            }
        },
        None if default.is_some() => default,
        None => {
            faults.push(
                Fault::new(
                    table.span.clone(),
                    format!("{owner} needs `{name}`"),
                    format!("`{name}` is missing"),
                )
                .help(format!("it takes {}", T::shape().describe())),
            );
            None
        }
    }
}

/// Reports the keys that no parameter has.
pub fn refuse_unknown(table: &Table, owner: &str, known: &[&str], faults: &mut Vec<Fault>) {
    for (key, _) in &table.entries {
        if !known.contains(&key.name.as_str()) {
            faults.push(
                Fault::new(
                    key.span.clone(),
                    format!("{owner} has no key `{}`", key.name),
                    "unknown key",
                )
                .suggest(&key.name, known.iter().copied()),
            );
        }
    }
}

/// A size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl ParamValue for bool {
    fn shape() -> Shape {
        Shape::Bool
    }
    fn read(key: &str, value: &Value, _: Option<(f64, f64)>) -> Result<Self, Vec<Fault>> {
        match value.data {
            Data::Bool(flag) => Ok(flag),
            _ => Err(vec![value.wrong_type(key, "true or false")]),
        }
    }
    fn to_json(&self) -> Json {
        json!(self)
    }
}

fn in_range(
    key: &str,
    value: &Value,
    number: f64,
    range: Option<(f64, f64)>,
) -> Result<f64, Vec<Fault>> {
    match range {
        Some((low, high)) if !(low..=high).contains(&number) => Err(vec![value.fault(
            format!("`{key}` must lie between {} and {}", grouped(low), grouped(high)),
            "out of range",
        )]),
        _ if number.is_finite() => Ok(number),
        _ => Err(vec![value.fault(format!("`{key}` must be a finite number"), "not finite")]),
    }
}

impl ParamValue for u64 {
    fn shape() -> Shape {
        Shape::Integer
    }
    fn read(key: &str, value: &Value, range: Option<(f64, f64)>) -> Result<Self, Vec<Fault>> {
        match value.data {
            Data::Integer(number) => {
                let bounds = range.unwrap_or((0.0, i64::MAX as f64));
                in_range(key, value, number as f64, Some(bounds))?;
                u64::try_from(number).map_err(|_| vec![value.wrong_type(key, "a count")])
            }
            // A whole number past 64 bits.
            Data::Float(number) if number.fract() == 0.0 && number.abs() >= i64::MAX as f64 => {
                let bounds = range.unwrap_or((0.0, i64::MAX as f64));
                in_range(key, value, number, Some(bounds))?;
                Err(vec![value.wrong_type(key, "an integer")])
            }
            _ => Err(vec![value.wrong_type(key, "an integer")]),
        }
    }
    fn to_json(&self) -> Json {
        json!(self)
    }
    fn number(&self) -> Option<f64> {
        Some(*self as f64)
    }
}

impl ParamValue for f64 {
    fn shape() -> Shape {
        Shape::Number
    }
    fn read(key: &str, value: &Value, range: Option<(f64, f64)>) -> Result<Self, Vec<Fault>> {
        match value.data {
            Data::Float(number) => in_range(key, value, number, range),
            Data::Integer(number) => in_range(key, value, number as f64, range),
            _ => Err(vec![value.wrong_type(key, "a number")]),
        }
    }
    fn to_json(&self) -> Json {
        json!(self)
    }
    fn number(&self) -> Option<f64> {
        Some(*self)
    }
}

impl ParamValue for Bytes {
    fn shape() -> Shape {
        Shape::Bytes
    }
    fn read(key: &str, value: &Value, range: Option<(f64, f64)>) -> Result<Self, Vec<Fault>> {
        let bytes = match &value.data {
            Data::Integer(number) => *number as f64,
            Data::Text(text) => match super::units::parse_bytes(text) {
                Ok(bytes) => bytes as f64,
                Err(reason) => return Err(vec![value.fault(reason, "not a size")]),
            },
            _ => return Err(vec![value.wrong_type(key, "a size in bytes")]),
        };
        let bounds = range.unwrap_or((0.0, i64::MAX as f64));
        in_range(key, value, bytes, Some(bounds)).map(|bytes| Self(bytes as u64))
    }
    fn to_json(&self) -> Json {
        json!(self.0)
    }
    fn number(&self) -> Option<f64> {
        Some(self.0 as f64)
    }
}

impl ParamValue for String {
    fn shape() -> Shape {
        Shape::Text
    }
    fn read(key: &str, value: &Value, _: Option<(f64, f64)>) -> Result<Self, Vec<Fault>> {
        match &value.data {
            Data::Text(text) if text.is_empty() => {
                Err(vec![value.fault(format!("`{key}` is empty"), "empty string")])
            }
            Data::Text(text) => Ok(text.clone()),
            _ => Err(vec![value.wrong_type(key, "a string")]),
        }
    }
    fn to_json(&self) -> Json {
        json!(self)
    }
}

impl ParamValue for PathBuf {
    fn shape() -> Shape {
        Shape::Path
    }
    fn read(key: &str, value: &Value, range: Option<(f64, f64)>) -> Result<Self, Vec<Fault>> {
        String::read(key, value, range).map(Self::from)
    }
    fn to_json(&self) -> Json {
        json!(self.to_string_lossy())
    }
}

impl<T: ParamValue> ParamValue for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
    fn read(key: &str, value: &Value, range: Option<(f64, f64)>) -> Result<Self, Vec<Fault>> {
        let Data::Array(items) = &value.data else {
            return Err(vec![value.wrong_type(key, &Self::shape().describe())]);
        };
        if items.is_empty() {
            return Err(vec![value.fault(format!("`{key}` is an empty list"), "nothing in it")]);
        }
        let (mut read, mut faults) = (Self::new(), Vec::new());
        for item in items {
            match T::read(key, item, range) {
                Ok(item) => read.push(item),
                Err(mut found) => faults.append(&mut found),
            }
        }
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }
    fn to_json(&self) -> Json {
        self.iter().map(ParamValue::to_json).collect()
    }
}

impl<T: ParamValue> ParamValue for BTreeMap<String, T> {
    fn shape() -> Shape {
        Shape::Map(Box::new(T::shape()))
    }
    fn read(key: &str, value: &Value, range: Option<(f64, f64)>) -> Result<Self, Vec<Fault>> {
        let Data::Table(table) = &value.data else {
            return Err(vec![value.wrong_type(key, &Self::shape().describe())]);
        };
        if table.entries.is_empty() {
            return Err(vec![value.fault(format!("`{key}` is an empty table"), "nothing in it")]);
        }
        let (mut read, mut faults) = (Self::new(), Vec::new());
        for (name, item) in &table.entries {
            match T::read(&format!("{key}.{}", name.name), item, range) {
                Ok(item) => {
                    read.insert(name.name.clone(), item);
                }
                Err(mut found) => faults.append(&mut found),
            }
        }
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }
    fn to_json(&self) -> Json {
        let entries = self.iter().map(|(name, value)| (name.clone(), value.to_json()));
        Json::Object(entries.collect())
    }
}

impl<T: ParamValue> ParamValue for Option<T> {
    fn shape() -> Shape {
        Shape::Optional(Box::new(T::shape()))
    }
    fn read(key: &str, value: &Value, range: Option<(f64, f64)>) -> Result<Self, Vec<Fault>> {
        match &value.data {
            Data::Text(text) if text == "off" => Ok(None),
            _ => T::read(key, value, range).map(Some),
        }
    }
    fn to_json(&self) -> Json {
        self.as_ref().map_or_else(|| json!("off"), ParamValue::to_json)
    }
    fn number(&self) -> Option<f64> {
        self.as_ref().and_then(ParamValue::number)
    }
}
