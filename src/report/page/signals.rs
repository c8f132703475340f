//! The distribution of every signal, with its thresholds and what moving them would keep.

use crate::figures;
use crate::report::findings::{Findings, RuleFound, SignalFound};
use crate::report::sql::Queries;

use super::charts;
use super::html::escape;
use super::table::{Cell, Check, Table};

pub(super) fn signals(found: &Findings, queries: &Queries<'_>) -> String {
    let mut html = format!(
        "<p>Documents by the value of each signal on the text that the arm <b>{}</b> sees. Heights \
         go by the square root of documents; the first and the last bin are open.\
         <span class=\"key lost\"></span>all<span class=\"key kept\"></span>kept by all filters and \
         edits of the arm. The table under each has what the arm would keep, before dedups, if \
         that threshold alone were moved there.</p>\n",
        escape(&found.arm)
    );
    let mut columns: Vec<&str> = found.signals.iter().map(|s| s.column.as_str()).collect();
    columns.dedup();
    for column in &columns {
        let signals: Vec<&SignalFound> =
            found.signals.iter().filter(|signal| signal.column == *column).collect();
        let ruled = signals.iter().filter(|signal| !signal.rules.is_empty());
        let free = signals.iter().filter(|signal| signal.rules.is_empty());
        let all: String = ruled.chain(free).map(|signal| one(signal, queries)).collect();
        html.push_str(&format!(
            "<h3><code>{}</code></h3>\n<div class=\"signals\">\n{all}</div>\n",
            escape(column)
        ));
    }
    if columns.is_empty() { String::new() } else { html }
}

fn one(signal: &SignalFound, queries: &Queries<'_>) -> String {
    let total: u64 = signal.documents.iter().sum();
    let chart = if total > 0 { charts::histogram(signal) } else { "<p>no value</p>\n".to_owned() };
    let table = table(signal, queries);
    format!(
        "<div class=\"signal\"><h4><code>{}</code></h4>\n<p>{}{}</p>\n{chart}\
         <details><summary>{}</summary>\n{}</details></div>\n",
        escape(&signal.name),
        code_spans(&signal.doc),
        match signal.null {
            0 => String::new(),
            null => format!(" Without a value: {}.", figures::count(null)),
        },
        match signal.rules.len() {
            0 => "Numbers",
            1 => "Numbers, and other thresholds",
            _ => "Numbers, and other thresholds of each rule",
        },
        table.html(),
    )
}

fn table(signal: &SignalFound, queries: &Queries<'_>) -> Table {
    let id = format!("signal-{}-{}", signal.column, signal.name);
    let mut table = Table::new(id, format!("{}.{}", signal.column, signal.name))
        .words("value")
        .numbers("documents")
        .numbers("kept by all");
    for rule in &signal.rules {
        table = table.numbers(&format!("kept by all but “{}”", rule.drops));
    }
    for rule in &signal.rules {
        let side = if rule.is_least { "from here on" } else { "up to here" };
        table = table.numbers(&format!("kept if “{}” kept what is {side}", rule.drops));
    }
    table = table.query(queries.signal(signal), Check::Rows);
    if signal.null > 0 {
        // What has no value passes every rule, so all that the others keep of it is kept.
        let rest = signal.rules.iter().map(|rule| Cell::Count(rule.rest_null));
        let none = Cell::Html("none".to_owned());
        let cells = [none, Cell::Count(signal.null), Cell::Count(signal.kept_null)];
        table.row(cells.into_iter().chain(rest));
    }
    for bin in 0..signal.documents.len() {
        if signal.documents[bin] == 0 {
            continue;
        }
        let rest = signal.rules.iter().map(|rule| Cell::Count(rule.rest[bin]));
        let moved = signal.rules.iter().map(|rule| Cell::Figure(figures::count(moved(rule, bin))));
        let cells = [
            Cell::Html(escape(&range(signal, bin))),
            Cell::Count(signal.documents[bin]),
            Cell::Count(signal.kept[bin]),
        ];
        table.row(cells.into_iter().chain(rest).chain(moved));
    }
    table
}

/// Documents that the arm keeps if a bound lies at the near end of a bin.
fn moved(rule: &RuleFound, bin: usize) -> u64 {
    let bins = if rule.is_least { &rule.rest[bin..] } else { &rule.rest[..=bin] };
    rule.rest_null + bins.iter().sum::<u64>()
}

/// A sentence of documentation, in which names stand between backticks.
fn code_spans(doc: &str) -> String {
    let parts = doc.split('`').enumerate();
    let part = |(at, part): (usize, &str)| match at % 2 {
        0 => escape(part),
        _ => format!("<code>{}</code>", escape(part)),
    };
    parts.map(part).collect()
}

/// The values of a bin in words.
fn range(signal: &SignalFound, bin: usize) -> String {
    if signal.is_bool {
        return if bin == 0 { "no" } else { "yes" }.to_owned();
    }
    let below = bin.checked_sub(1).map(|at| &signal.edges[at]);
    let above = signal.edges.get(bin);
    let lower = below.map(|edge| {
        let sign = if edge.up_to { "> " } else { "≥ " };
        format!("{sign}{}", charts::number(edge.shown))
    });
    let upper = above.map(|edge| {
        let sign = if edge.up_to { "≤ " } else { "< " };
        format!("{sign}{}", charts::number(edge.shown))
    });
    [lower, upper].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
