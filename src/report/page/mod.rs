//! Findings → one HTML page that opens offline.
//!
//! There is no script in it, and its content security policy lets none run and nothing be loaded,
//! whatever a document holds; besides, every text of a document is escaped. Every table has its
//! query, and the values that the query gives are attributes of its cells, so that the page can be
//! held against the run by a program.

mod charts;
mod documents;
mod html;
mod numbers;
mod signals;
mod table;

use super::findings::Findings;
use super::sql::Queries;
use html::escape;

const STYLE: &str = include_str!("style.css");

/// What the page may load and run: nothing but its own style.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page.
pub fn page(found: &Findings) -> String {
    let queries = Queries::new(found);
    let sections = [
        ("account", "Account", numbers::account(found, &queries)),
        ("arms", "Arms", numbers::arms(found, &queries)),
        ("steps", "Steps", numbers::steps(found, &queries)),
        ("overlap", "Overlap", numbers::overlap(found, &queries)),
        ("variants", "Variants", numbers::variants(found, &queries)),
        ("signals", "Signals", signals::signals(found, &queries)),
        ("disparity", "Disparity", numbers::disparity(found, &queries)),
        ("samples", "Samples", documents::samples(found, &queries)),
        ("duplicates", "Duplicates", documents::duplicates(found, &queries)),
        ("failures", "Failures", documents::failures(found, &queries)),
    ];
    let there = sections.iter().filter(|(_, _, body)| !body.is_empty());
    let links: String = there
        .clone()
        .map(|(id, title, _)| format!("<li><a href=\"#{id}\">{title}</a></li>"))
        .collect();
    let bodies: String = there
        .map(|(id, title, body)| {
            format!("<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>\n{body}</section>\n")
        })
        .collect();
    let warnings: String = found
        .warnings
        .iter()
        .map(|warning| format!("<p class=\"warning\">{}</p>\n", escape(warning)))
        .collect();
    let title = escape(&format!("{}: what its filters do", found.pipeline));
    let description = found.description.as_deref().unwrap_or_default();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <h1>{title}</h1>\n<p>{}</p>\n<p class=\"facts\">arm <b>{}</b>; runs {}; plan {}; \
         gristmill {}</p>\n{}{warnings}</header>\n<nav aria-label=\"Sections\"><ul>{links}</ul></nav>\n\
         <main>\n{bodies}</main>\n</body>\n</html>\n",
        escape(description),
        escape(&found.arm),
        escape(&found.runs.join(", ")),
        escape(found.fingerprint.get(..12).unwrap_or(&found.fingerprint)),
        escape(&found.gristmill.join(", ")),
        numbers::summary(found),
    )
}
