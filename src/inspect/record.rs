//! A row of `documents/`: every verdict, every signal beside its threshold.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::document::Document;
use crate::plan::{StoredPair, StoredPlan, StoredStep, StoredTest};
use crate::store::{StoreError, StoredFile, json_row};
use crate::text::Span;

/// A document with everything a run knows of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// The columns that every document has, but the text.
    pub document: Map<String, Json>,
    /// The stored text.
    pub text: String,
    /// What each step found on each view, in the order of the columns.
    pub columns: Vec<Column>,
}

/// What a step found on a view.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// The column.
    pub column: String,
    /// The step.
    pub step: String,
    /// Its kind.
    pub kind: String,
    /// The verdict; null where the step does not apply or judges nothing.
    pub keep: Option<bool>,
    /// The first rule that failed.
    pub reason: Option<String>,
    /// The signals, in order.
    pub signals: Vec<Signal>,
    /// The spans of an edit: those of all edits up to this one.
    #[serde(skip)]
    pub spans: Vec<Span>,
}

/// A signal of a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Signal {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Json,
    /// The rules that go by it.
    pub rules: Vec<Verdict>,
}

/// What a rule says of a signal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The reason it gives.
    pub reason: String,
    /// What it drops, in words (`words < min_words`).
    pub drops: String,
    /// What it keeps (`>= 50`, `<= 0.1`, `no`).
    pub keeps: String,
    /// Whether the signal fails it.
    pub fails: bool,
}

impl Record {
    /// Reads a row of a file of `documents/`.
    ///
    /// # Errors
    /// If the file cannot be read, or has no such row.
    pub fn read(
        file: &StoredFile,
        plan: &StoredPlan,
        group: usize,
        row: usize,
    ) -> Result<Self, StoreError> {
        let mut names: Vec<&str> = Document::COLUMNS.to_vec();
        names.extend(plan.pairs.iter().map(|pair| pair.column.as_str()));
        let batch = file.row(group, row, &names)?;
        let mut values = json_row(&batch, 0);
        let column = |pair: &StoredPair| {
            let step = plan.steps.iter().find(|step| step.name == pair.step)?;
            Some(column_of(pair, step, values.get(&pair.column)?))
        };
        let columns = plan.pairs.iter().filter_map(column).collect();
        let text = values.remove("text").and_then(|text| text.as_str().map(str::to_owned));
        values.retain(|name, _| Document::COLUMNS.contains(&name.as_str()));
        Ok(Self { document: values, text: text.unwrap_or_default(), columns })
    }

    /// The value of a column of metadata, where it is text.
    pub fn metadata(&self, name: &str) -> Option<&str> {
        self.document.get(name)?.as_str()
    }

    /// What a column found.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.column == name)
    }
}

fn column_of(pair: &StoredPair, step: &StoredStep, values: &Json) -> Column {
    let signals = values.as_object().into_iter().flatten().skip(2);
    let signals = signals.filter(|(name, _)| *name != "spans" || step.kind != "edit");
    let signal = |(name, value): (&String, &Json)| {
        let rules = step.rules.iter().filter(|rule| rule.signal == *name);
        let verdict = |rule: &crate::plan::StoredRule| Verdict {
            reason: rule.reason.clone(),
            drops: rule.drops.clone(),
            keeps: match rule.test {
                StoredTest::AtLeast => format!(">= {}", rule.bound().value),
                StoredTest::AtMost => format!("<= {}", rule.bound().value),
                StoredTest::Never => "no".to_owned(),
                StoredTest::Always => "yes".to_owned(),
            },
            fails: number(value).is_some_and(|value| rule.bound().fails(value)),
        };
        Signal { name: name.clone(), value: value.clone(), rules: rules.map(verdict).collect() }
    };
    Column {
        column: pair.column.clone(),
        step: step.name.clone(),
        kind: step.kind.clone(),
        keep: values["keep"].as_bool(),
        reason: values["reason"].as_str().map(str::to_owned),
        signals: signals.map(signal).collect(),
        spans: spans_of(&values["spans"]),
    }
}

/// A value as a number, where a yes is 1.
fn number(value: &Json) -> Option<f64> {
    value.as_f64().or_else(|| value.as_bool().map(|yes| f64::from(u8::from(yes))))
}

fn spans_of(spans: &Json) -> Vec<Span> {
    let place = |span: &Json, end: &str| {
        span[end].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(0)
    };
    let span = |span: &Json| {
        let replacement = span["replacement"].as_str().unwrap_or_default();
        Span::replace(place(span, "start"), place(span, "end"), replacement)
    };
    spans.as_array().into_iter().flatten().map(span).collect()
}
