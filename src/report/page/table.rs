//! Tables: what is shown, the values that the query beside it gives, and the query.

use super::html::{attribute, escape};
use crate::figures;

/// How the rows of a query compare to those of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// They are the same in the same order.
    Rows,
    /// Every row of the table is among them.
    Subset,
}

/// A table with the query that gives it.
pub(super) struct Table {
    id: String,
    caption: String,
    heads: Vec<(String, bool)>,
    rows: Vec<String>,
    query: Option<(String, Check)>,
}

/// A cell.
pub(super) enum Cell {
    /// A name that the query gives.
    Name(String),
    /// A count that the query gives.
    Count(u64),
    /// Bytes, by the query as a number.
    Bytes(u64),
    /// A count that may be missing: null by the query.
    Maybe(Option<u64>),
    /// A measured number that the query gives.
    Measure(f64, String),
    /// HTML beside what the query gives.
    Html(String),
    /// The same with a value that the query gives.
    HtmlOf(String, serde_json::Value),
    /// The same, aligned as a number.
    Figure(String),
}

impl Table {
    pub(super) fn new(id: impl Into<String>, caption: impl Into<String>) -> Self {
        let (id, caption) = (id.into(), caption.into());
        Self { id, caption, heads: Vec::new(), rows: Vec::new(), query: None }
    }

    /// Adds a column of words.
    pub(super) fn words(mut self, head: &str) -> Self {
        self.heads.push((escape(head), false));
        self
    }

    /// Adds a column of numbers.
    pub(super) fn numbers(mut self, head: &str) -> Self {
        self.heads.push((escape(head), true));
        self
    }

    /// Gives the query.
    pub(super) fn query(mut self, query: String, check: Check) -> Self {
        self.query = Some((query, check));
        self
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut html = String::from("<tr>");
        for (at, cell) in cells.into_iter().enumerate() {
            let (class, value, shown) = cell.html();
            let value = value.map(|value| format!(" data-v=\"{}\"", attribute(&value.to_string())));
            let (open, close) = match (at, &value) {
                (0, _) if class.is_empty() => ("th scope=\"row\"", "th"),
                _ => ("td", "td"),
            };
            let class =
                if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
            html.push_str(&format!(
                "<{open}{class}{}>{shown}</{close}>",
                value.unwrap_or_default()
            ));
        }
        html.push_str("</tr>\n");
        self.rows.push(html);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as HTML, with its query to unfold.
    pub(super) fn html(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let check = match &self.query {
            Some((_, Check::Rows)) => " data-check=\"rows\"",
            Some((_, Check::Subset)) => " data-check=\"subset\"",
            None => "",
        };
        let head = |(head, number): &(String, bool)| {
            let class = if *number { " class=\"n\"" } else { "" };
            format!("<th scope=\"col\"{class}>{head}</th>")
        };
        let heads: String = self.heads.iter().map(head).collect();
        let caption = escape(&self.caption);
        let id = attribute(&self.id);
        let mut html = format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n\
             <table id=\"{id}\"{check}>\n<caption>{caption}</caption>\n\
             <thead><tr>{heads}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n",
            attribute(&self.caption),
            self.rows.concat(),
        );
        if let Some((query, _)) = &self.query {
            html.push_str(&format!(
                "<details class=\"query\"><summary>DuckDB: <code>{id}</code></summary>\
                 <pre tabindex=\"0\"><code data-for=\"{id}\">{}</code></pre></details>\n",
                escape(query)
            ));
        }
        html
    }
}

impl Cell {
    /// Its class, the value that the query gives, and what is shown.
    fn html(self) -> (&'static str, Option<serde_json::Value>, String) {
        match self {
            Self::Name(name) => {
                ("", Some(name.as_str().into()), format!("<bdi>{}</bdi>", escape(&name)))
            }
            Self::Count(number) => ("n", Some(number.into()), figures::count(number)),
            Self::Bytes(number) => ("n", Some(number.into()), figures::bytes(number)),
            Self::Maybe(number) => {
                ("n", Some(number.into()), number.map_or("–".to_owned(), figures::count))
            }
            Self::Measure(number, shown) => ("n", Some(number.into()), escape(&shown)),
            Self::Html(html) => ("h", None, html),
            Self::HtmlOf(html, value) => ("h", Some(value), html),
            Self::Figure(html) => ("n", None, html),
        }
    }
}
