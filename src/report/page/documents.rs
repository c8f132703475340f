//! What documents and records look like: samples, clusters, failures.

use serde_json::Value as Json;

use crate::figures;
use crate::inspect::marked::{Fate, Piece};
use crate::report::duplicates::Duplicates;
use crate::report::findings::Findings;
use crate::report::samples::{BEGINNING, Sample};
use crate::report::sql::Queries;

use super::html::{address, escape, foreign};
use super::table::{Cell, Check, Table};

/// Characters of a message.
const MESSAGE: usize = 300;

pub(super) fn samples(found: &Findings, queries: &Queries<'_>) -> String {
    let mut html = String::new();
    for step in &found.steps {
        let of = |samples: &'_ [Sample]| -> Vec<Sample> {
            samples.iter().filter(|sample| sample.column == step.column).cloned().collect()
        };
        html.push_str(&dropped(&step.column, &of(&found.samples), queries));
        html.push_str(&edited(&step.column, &of(&found.edited), queries));
    }
    if html.is_empty() {
        return html;
    }
    let arm = escape(&found.arm);
    format!(
        "<p>Documents that one step alone drops, and documents that an edit changes: all other filters \
         and edits of the arm <b>{arm}</b> keep them. A random sample by the seed of the report. In \
         texts of edits, <del>what is removed</del> and <ins>what is put there</ins> is marked.</p>\n\
         {html}"
    )
}

fn dropped(column: &str, samples: &[Sample], queries: &Queries<'_>) -> String {
    if samples.is_empty() {
        return String::new();
    }
    let mut table = Table::new(format!("samples-{column}"), "Why they were dropped")
        .words("id")
        .words("URL")
        .words("reason")
        .words("value")
        .query(queries.alone(column), Check::Subset);
    for sample in samples {
        let failed = sample.failed.iter().map(|failed| {
            format!(
                "<code>{}</code> = {}, kept if {}",
                escape(&failed.signal),
                value(&failed.value),
                escape(&failed.keeps)
            )
        });
        table.row([
            Cell::Name(sample.id.clone()),
            Cell::HtmlOf(address(sample.url.as_deref()), sample.url.clone().into()),
            Cell::Name(sample.reason.clone()),
            Cell::Html(failed.collect::<Vec<_>>().join("<br>")),
        ]);
    }
    let name = escape(column);
    format!("<h3>Dropped by <code>{name}</code> alone</h3>\n{}{}", table.html(), texts(samples))
}

fn edited(column: &str, samples: &[Sample], queries: &Queries<'_>) -> String {
    if samples.is_empty() {
        return String::new();
    }
    let mut table = Table::new(format!("edited-{column}"), "Documents that it changes")
        .words("id")
        .words("URL")
        .query(queries.edited(column), Check::Subset);
    for sample in samples {
        table.row([
            Cell::Name(sample.id.clone()),
            Cell::HtmlOf(address(sample.url.as_deref()), sample.url.clone().into()),
        ]);
    }
    let name = escape(column);
    format!("<h3>Changed by <code>{name}</code></h3>\n{}{}", table.html(), texts(samples))
}

fn texts(samples: &[Sample]) -> String {
    let text = |sample: &Sample| {
        format!(
            "<div class=\"sample\"><p>{}</p>\n<pre class=\"text\" dir=\"auto\">{}</pre></div>\n",
            address(sample.url.as_deref()),
            marked(&sample.excerpt)
        )
    };
    samples.iter().map(text).collect()
}

fn value(value: &Json) -> String {
    match value {
        Json::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Json::Number(number) if number.is_f64() => {
            escape(&super::charts::number(number.as_f64().unwrap_or(0.0)))
        }
        Json::Number(number) => escape(&number.to_string()),
        Json::String(text) => foreign(text),
        _ => "none".to_owned(),
    }
}

/// A marked text.
fn marked(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| {
        let text = escape(&piece.text);
        match piece.fate {
            Fate::Kept => text,
            Fate::Removed => format!("<del>{text}</del>"),
            Fate::Put => format!("<ins>{text}</ins>"),
            Fate::Left => format!("<span class=\"left\"> … {text} … </span>"),
        }
    };
    pieces.iter().map(piece).collect()
}

pub(super) fn duplicates(found: &Findings, queries: &Queries<'_>) -> String {
    let copies: String = found.duplicates.iter().map(|one| dedup(one, queries)).collect();
    let pieces = found.pieces.as_ref().map(|pieces| {
        format!(
            "<h3><code>{}</code></h3>\n<p>Of {} {} removed, {} of text, and {} with too little left.</p>\n",
            escape(&pieces.step),
            figures::counted(pieces.documents, "document"),
            figures::counted(pieces.removed_pieces, "piece"),
            figures::bytes(pieces.removed_bytes),
            figures::counted(pieces.removed_documents, "document"),
        )
    });
    copies + &pieces.unwrap_or_default()
}

fn dedup(found: &Duplicates, queries: &Queries<'_>) -> String {
    let summary = &found.summary;
    let step = &summary.step;
    let mut sizes = Table::new(format!("sizes-{step}"), "Clusters by their number of documents")
        .numbers("documents in a cluster")
        .numbers("clusters")
        .numbers("documents")
        .query(queries.cluster_sizes(step), Check::Rows);
    for (size, clusters) in &found.sizes {
        let documents = u64::from(*size) * clusters;
        sizes.row([Cell::Count((*size).into()), Cell::Count(*clusters), Cell::Count(documents)]);
    }
    let mut largest = Table::new(format!("largest-{step}"), "The largest clusters")
        .words("first document")
        .numbers("documents")
        .words("URL");
    // Without samples, no text of a document was asked for.
    let with_text = found.largest.iter().any(|cluster| !cluster.excerpt.is_empty());
    let chars = with_text.then_some(BEGINNING);
    if with_text {
        largest = largest.words("beginning");
    }
    largest = largest.query(queries.largest_clusters(step, chars), Check::Subset);
    for cluster in &found.largest {
        let beginning = || Cell::HtmlOf(foreign(&cluster.excerpt), cluster.excerpt.clone().into());
        let cells = [
            Cell::Name(cluster.id.clone()),
            Cell::Count(cluster.size.into()),
            Cell::HtmlOf(address(cluster.url.as_deref()), cluster.url.clone().into()),
        ];
        largest.row(cells.into_iter().chain(with_text.then(beginning)));
    }
    format!(
        "<h3><code>{}</code></h3>\n<p>Of {} documents that reach it, {} are in {} of two or more; \
         {} removed, kept the {}. {} had no key.</p>\n{}{}",
        escape(&found.column),
        figures::count(summary.documents),
        figures::count(summary.clustered),
        figures::counted(summary.clusters, "cluster"),
        figures::count(summary.removed),
        escape(&summary.keep),
        figures::count(summary.unsigned),
        sizes.html(),
        largest.html(),
    )
}

pub(super) fn failures(found: &Findings, queries: &Queries<'_>) -> String {
    let failures = &found.failures;
    if failures.kinds.is_empty() {
        return "<p>Every record that was asked for became a document.</p>\n".to_owned();
    }
    let mut kinds = Table::new("failure-kinds", "Records that gave no document")
        .words("kind")
        .numbers("records")
        .query(queries.failures(), Check::Rows);
    let mut sorted: Vec<_> = failures.kinds.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    for (kind, records) in sorted {
        kinds.row([Cell::Name(kind.clone()), Cell::Count(*records)]);
    }
    let mut examples = Table::new("failure-examples", "Examples, a random sample")
        .words("kind")
        .words("file")
        .numbers("offset")
        .words("message")
        .words("URL")
        .query(queries.failure_examples(), Check::Subset);
    for (kind, of_kind) in &failures.examples {
        for example in of_kind {
            let message: String = example.message.chars().take(MESSAGE).collect();
            let offset = example.offset.map_or(Json::Null, Json::from);
            let shown = example.offset.map_or("–".to_owned(), |offset| offset.to_string());
            examples.row([
                Cell::Name(kind.clone()),
                Cell::Name(example.file.clone()),
                Cell::HtmlOf(shown, offset),
                Cell::HtmlOf(foreign(&message), example.message.clone().into()),
                Cell::HtmlOf(address(example.url.as_deref()), example.url.clone().into()),
            ]);
        }
    }
    format!("{}{}", kinds.html(), examples.html())
}
