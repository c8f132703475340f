//! The distribution of every signal with its thresholds, and what other thresholds would keep.

use crate::figures;
use crate::report::findings::{Findings, Moved, RuleFound, SignalFound};
use crate::report::sql::Queries;

use super::charts;
use super::html::escape;
use super::table::{Cell, Check, Table};

pub(super) fn signals(found: &Findings, queries: &Queries<'_>) -> String {
    let mut html = format!(
        "<p>How many documents have which value of each signal, on the text that the arm <b>{}</b> \
         sees. Heights go by the square root of documents, so that tails are seen; the first and the \
         last bin are open.<span class=\"key lost\"></span>all<span class=\"key kept\"></span>kept by \
         all filters and edits of the arm. Below the signals of each step: how many documents the \
         arm would keep, before dedups, if one threshold alone were another.</p>\n",
        escape(&found.arm)
    );
    let mut columns: Vec<&str> = found.signals.iter().map(|s| s.column.as_str()).collect();
    columns.dedup();
    for column in &columns {
        let signals = found.signals.iter().filter(|signal| signal.column == *column);
        let (seen, empty): (Vec<&SignalFound>, Vec<_>) =
            signals.partition(|signal| signal.documents.iter().any(|documents| *documents > 0));
        let ruled = seen.iter().filter(|signal| !signal.rules.is_empty());
        let free = seen.iter().filter(|signal| signal.rules.is_empty());
        let all: String = ruled.chain(free).map(|signal| one(signal, queries)).collect();
        let names = empty.iter().map(|signal| format!("<code>{}</code>", escape(&signal.name)));
        let names = names.collect::<Vec<_>>().join(", ");
        let empty = match names.is_empty() {
            true => String::new(),
            false => format!("<p class=\"none\">No document has a value of {names}.</p>\n"),
        };
        html.push_str(&format!(
            "<h3><code>{}</code></h3>\n<div class=\"signals\">\n{all}</div>\n{empty}{}",
            escape(column),
            moved(column, &seen, queries),
        ));
    }
    if columns.is_empty() { String::new() } else { html }
}

fn one(signal: &SignalFound, queries: &Queries<'_>) -> String {
    format!(
        "<div class=\"signal\"><h4><code>{}</code></h4>\n<p>{}{}</p>\n{}\
         <details><summary>Numbers</summary>\n{}</details></div>\n",
        escape(&signal.name),
        code_spans(&signal.doc),
        match signal.null {
            0 => String::new(),
            null => format!(" Without a value: {}.", figures::count(null)),
        },
        charts::histogram(signal),
        table(signal, queries).html(),
    )
}

fn table(signal: &SignalFound, queries: &Queries<'_>) -> Table {
    let id = format!("signal-{}-{}", signal.column, signal.name);
    let mut table = Table::new(id, format!("{}.{}", signal.column, signal.name))
        .words("value")
        .numbers("documents")
        .numbers("kept by all")
        .query(queries.signal(signal), Check::Rows);
    if signal.null > 0 {
        let none = Cell::Html("none".to_owned());
        table.row([none, Cell::Count(signal.null), Cell::Count(signal.kept_null)]);
    }
    for bin in 0..signal.documents.len() {
        if signal.documents[bin] > 0 {
            table.row([
                Cell::Html(escape(&range(signal, bin))),
                Cell::Count(signal.documents[bin]),
                Cell::Count(signal.kept[bin]),
            ]);
        }
    }
    table
}

/// What other thresholds of a step's rules would keep.
fn moved(column: &str, signals: &[&SignalFound], queries: &Queries<'_>) -> String {
    let rules =
        signals.iter().flat_map(|signal| signal.rules.iter().map(move |rule| (*signal, rule)));
    let rules: Vec<(&SignalFound, &RuleFound)> =
        rules.filter(|(_, rule)| !rule.moved.is_empty()).collect();
    if rules.is_empty() {
        return String::new();
    }
    let caption = format!("What other thresholds of {column} would keep");
    let mut table = Table::new(format!("thresholds-{column}"), caption)
        .words("rule")
        .numbers("threshold")
        .numbers("documents kept")
        .numbers("change")
        .numbers("tokens kept")
        .query(queries.moved(&rules), Check::Rows);
    for (_, rule) in rules {
        let own = rule.moved.iter().find(|moved| moved.bound == Some(rule.bound));
        let now = own.map_or(0, |moved| moved.documents);
        for Moved { bound, documents, tokens } in &rule.moved {
            let shown = bound.map_or("off".to_owned(), |bound| {
                let number = escape(&charts::number(bound));
                if bound == rule.bound { format!("<b>{number}</b>") } else { number }
            });
            let change = i128::from(*documents) - i128::from(now);
            let sign = if change > 0 { "+" } else { "−" };
            let change = match u64::try_from(change.unsigned_abs()) {
                Ok(0) | Err(_) => "–".to_owned(),
                Ok(change) => format!("{sign}{}", figures::count(change)),
            };
            table.row([
                Cell::Name(rule.drops.clone()),
                Cell::HtmlOf(shown, (*bound).into()),
                Cell::Count(*documents),
                Cell::Figure(change),
                Cell::Maybe(*tokens),
            ]);
        }
    }
    format!("<details><summary>Other thresholds</summary>\n{}</details>\n", table.html())
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
    let below = bin.checked_sub(1).map(|at| format!("≥ {}", charts::number(signal.edges[at])));
    let above = signal.edges.get(bin).map(|edge| format!("< {}", charts::number(*edge)));
    [below, above].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
