//! `gristmill filters`: the registered steps, and one step's page.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::config::units::grouped;
use crate::config::{ParamSpec, Shape};
use crate::steps::{REGISTRY, StepType, find};

use super::{Failure, format, output};

/// List the registered steps (filters, edits, dedups, annotations), or print one step's page
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print this step's page: what it does, its source, parameters, signals and reasons
    name: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    match &args.name {
        None if args.json => {
            let steps: Vec<_> = REGISTRY.iter().map(to_json).collect();
            output::print(&format!("{:#}\n", Json::from(steps)))
        }
        None => output::print(&list()),
        Some(name) => {
            let step = find(name).ok_or_else(|| unknown(name))?;
            if args.json {
                return output::print(&format!("{:#}\n", to_json(step)));
            }
            output::print(&page(step))
        }
    }
}

fn unknown(name: &str) -> Failure {
    let known: Vec<&str> = REGISTRY.iter().map(|step| step.name).collect();
    let help = match crate::config::nearest(name, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", known.join(", ")),
    };
    Failure::Usage(format!("error: there is no step `{name}`\nhelp: {help}"))
}

/// The registered steps, a line each where it fits.
fn list() -> String {
    let width = REGISTRY.iter().map(|step| step.name.len()).max().unwrap_or(0);
    let rows: Vec<_> = REGISTRY
        .iter()
        .map(|step| (format!("{:<width$}  {}", step.name, step.kind.as_str()), step.summary()))
        .collect();
    let list = format::definitions(&rows, 0);
    format!("{list}\n`gristmill filters NAME` prints a step's page.\n")
}

/// The registered steps as a Markdown table, as the README has it.
pub fn table() -> String {
    let mut text = String::from("| step | kind | what it does |\n|---|---|---|\n");
    for step in REGISTRY {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{}` | {} | {} |", step.name, step.kind.as_str(), step.summary());
    }
    text
}

/// A step's page: its documentation, then what is declared.
fn page(step: &StepType) -> String {
    let mut text = String::new();
    let title = format!("{} ({}, version {})", step.name, step.kind.as_str(), step.version);
    let _ = writeln!(text, "{title}\n{}\n\n{}", "=".repeat(title.chars().count()), step.page());
    let params = step.params();
    text.push_str("\n# In a pipeline\n[[step]]\n");
    let _ = writeln!(text, "use = \"{}\"", step.name);
    for param in params.iter().filter(|param| param.default.is_none()) {
        let _ = writeln!(text, "{} = {}", param.name, placeholder(&param.shape));
    }
    text.push_str("\n# Parameters\n");
    if params.is_empty() {
        text.push_str("None.\n");
    }
    for param in &params {
        let lead = match &param.default {
            Some(_) => format!("{} = ", param.name),
            None => format!("{} ", param.name),
        };
        text.push_str(&format::wrap(&lead, &default(param)));
        for line in [&param.doc, &describe(param)] {
            text.push_str(&format::wrap("    ", line));
        }
        if let Shape::Choice(choices) = &param.shape {
            let rows = choices.iter().map(|(name, doc)| (format!("\"{name}\""), doc.to_string()));
            text.push_str(&format::definitions(&rows.collect::<Vec<_>>(), 6));
        }
    }
    text.push_str("\n# Signals\n");
    let width = step.signals.iter().map(|signal| signal.name.len()).max().unwrap_or(0);
    let rows = step.signals.iter().map(|signal| {
        let term = format!("{:<width$}  {}", signal.name, signal.kind.as_str());
        (term, signal.doc.to_owned())
    });
    text.push_str(&format::definitions(&rows.collect::<Vec<_>>(), 0));
    if !step.rules.is_empty() {
        text.push_str("\n# Drops, by the first that holds: reason and test\n");
        let rows = step.rules.iter().map(|rule| (rule.reason.to_owned(), rule.describe()));
        text.push_str(&format::definitions(&rows.collect::<Vec<_>>(), 0));
    }
    text
}

/// Something to put a value in the place of.
fn placeholder(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Path | Shape::Bytes => "\"…\"".to_owned(),
        Shape::List(item) => format!("[{}]", placeholder(item)),
        Shape::Map(item) => format!("{{ key = {} }}", placeholder(item)),
        Shape::Optional(inner) => placeholder(inner),
        Shape::Choice(choices) => {
            choices.first().map_or("…".into(), |(name, _)| format!("\"{name}\""))
        }
        Shape::Bool | Shape::Integer | Shape::Number => "…".to_owned(),
    }
}

fn default(param: &ParamSpec) -> String {
    param.default.as_ref().map_or_else(|| "(required)".to_owned(), format::toml)
}

/// What a parameter takes (`an integer or "off", 0 to 1_000_000 words`).
fn describe(param: &ParamSpec) -> String {
    let mut text = match &param.shape {
        Shape::Choice(_) => "one of:".to_owned(),
        shape => shape.describe(),
    };
    if let Some((low, high)) = param.range {
        let unit = match param.unit {
            // These say what kind of number it is rather than what it counts.
            Some(unit @ ("ratio" | "probability")) => format!(" ({unit})"),
            Some(unit) => format!(" {unit}"),
            None => String::new(),
        };
        let _ = write!(text, ", {} to {}{unit}", grouped(low), grouped(high));
    }
    text
}

fn to_json(step: &StepType) -> Json {
    serde_json::json!({
        "name": step.name,
        "kind": step.kind.as_str(),
        "version": step.version,
        "summary": step.summary(),
        "page": step.page(),
        "params": step.params().iter().map(|param| serde_json::json!({
            "name": param.name,
            "doc": param.doc,
            "takes": param.shape.describe(),
            "unit": param.unit,
            "range": param.range.map(|(low, high)| [low, high]),
            "default": param.default,
        })).collect::<Vec<_>>(),
        "signals": step.signals.iter().map(|signal| serde_json::json!({
            "name": signal.name,
            "type": signal.kind.as_str(),
            "doc": signal.doc.trim(),
        })).collect::<Vec<_>>(),
        "rules": step.rules.iter().map(|rule| serde_json::json!({
            "reason": rule.reason,
            "drops": rule.describe(),
        })).collect::<Vec<_>>(),
    })
}
