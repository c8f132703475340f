//! A TOML document as values that know where they stand in their file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Fault;

/// Bytes of the configuration text, for the underline of a diagnostic.
pub type Span = Range<usize>;

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Value {
    /// Where the value stands.
    pub span: Span,
    /// The value itself.
    pub data: Data,
}

/// What a TOML value can be.
#[derive(Debug, Clone)]
pub enum Data {
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a point or an exponent; never NaN, which no parameter takes.
    Float(f64),
    /// A string.
    Text(String),
    /// A list.
    Array(Vec<Value>),
    /// A table, inline or under a header.
    Table(Table),
    /// A date or time; no parameter takes one.
    Datetime,
}

/// A key and its place.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key without quotes.
    pub name: String,
    /// Where the key stands.
    pub span: Span,
}

/// Keys with their values, in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Where the table stands; empty for the root.
    pub span: Span,
    /// The entries.
    pub entries: Vec<(Key, Value)>,
}

impl Value {
    /// What the value is, for messages (`a string`).
    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Bool(_) => "a boolean",
            Data::Integer(_) => "an integer",
            Data::Float(_) => "a float",
            Data::Text(_) => "a string",
            Data::Array(_) => "a list",
            Data::Table(_) => "a table",
            Data::Datetime => "a date",
        }
    }

    /// A fault under this value.
    pub fn fault(&self, message: impl Into<String>, label: impl Into<String>) -> Fault {
        Fault::new(self.span.clone(), message, label)
    }

    /// The fault of a value of the wrong type.
    pub fn wrong_type(&self, key: &str, wanted: &str) -> Fault {
        self.fault(
            format!("`{key}` takes {wanted}, not {}", self.kind()),
            format!("expected {wanted}"),
        )
    }
}

/// A fault that the TOML parser found.
fn syntax_fault(span: Span, message: &str, text: &str) -> Fault {
    if message == "duplicate key" {
        let key = text.get(span.clone()).unwrap_or("a key");
        return Fault::new(span, format!("`{key}` is given twice"), "the second one");
    }
    Fault { breaks_syntax: true, ..Fault::new(span, message, "not valid TOML") }
}

impl Table {
    /// Reads a whole document; syntax errors are all reported, and what could be read is returned.
    pub fn parse(text: &str, faults: &mut Vec<Fault>) -> Self {
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            faults.push(syntax_fault(span, error.message(), text));
        }
        Self::from_toml(document.get_ref(), document.span())
    }

    fn from_toml(table: &DeTable<'_>, span: Span) -> Self {
        let entries = table.iter().map(|(key, value)| {
            let name = key.get_ref().to_string();
            (Key { name, span: key.span() }, Value::from_toml(value))
        });
        Self { span, entries: entries.collect() }
    }

    /// The value of a key.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, value)| value)
    }

    /// Takes an entry out.
    pub fn remove(&mut self, name: &str) -> Option<(Key, Value)> {
        let at = self.entries.iter().position(|(key, _)| key.name == name)?;
        Some(self.entries.remove(at))
    }
}

impl Value {
    fn from_toml(value: &Spanned<DeValue<'_>>) -> Self {
        let span = value.span();
        let data = match value.get_ref() {
            DeValue::Boolean(flag) => Data::Bool(*flag),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Data::Integer(number),
                    // Past 64 bits it is still a number; a range check then names the bound.
                    Err(_) => Data::Float(number.as_str().parse().unwrap_or(f64::MAX)),
                }
            }
            DeValue::Float(number) => Data::Float(number.as_str().parse().unwrap_or(f64::MAX)),
            DeValue::String(text) => Data::Text(text.to_string()),
            DeValue::Array(items) => Data::Array(items.iter().map(Self::from_toml).collect()),
            DeValue::Table(table) => Data::Table(Table::from_toml(table, span.clone())),
            DeValue::Datetime(_) => Data::Datetime,
        };
        Self { span, data }
    }
}
