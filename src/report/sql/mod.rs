//! The DuckDB query beside each table: it gives the very rows of the table.

mod arms;
mod signals;

use super::findings::{ArmFound, Findings, RuleFound, SignalFound};

/// What joins the names of columns that drop a document together.
pub(super) const AND: &str = " + ";

/// A string literal.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A name.
fn name(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

/// A field of a column, from `column.field`.
pub(super) fn leaf(path: &str) -> String {
    match path.split_once('.') {
        Some((column, field)) => format!("{}.{}", name(column), name(field)),
        None => name(path),
    }
}

/// A path as a pattern that matches nothing else.
fn literally(path: &str) -> String {
    path.replace('[', "[[]").replace('*', "[*]").replace('?', "[?]")
}

/// A word of a command line, in one line.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:@%".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''").replace(['\n', '\r'], "?")),
    }
}

/// A number as the double that it is.
fn double(value: f64) -> String {
    format!("'{value:?}'::DOUBLE")
}

/// Queries over the runs of a report.
pub(super) struct Queries<'f> {
    found: &'f Findings,
    /// The arm's columns with verdicts, in order.
    judges: Vec<&'f str>,
}

/// A step of an arm as SQL has it.
enum Met<'f> {
    /// A column with verdicts.
    Verdict(&'f str),
    /// A dedup of documents.
    Copies(&'f str),
    /// A dedup of pieces.
    Pieces(&'f str),
}

impl Met<'_> {
    /// That a document that comes so far stays.
    fn stays(&self) -> String {
        match self {
            Self::Verdict(column) => keeps(column),
            Self::Copies(step) | Self::Pieces(step) => left(step),
        }
    }
}

/// That a step drops a document, whatever others say; a dedup of pieces judges who stays so far.
fn dropped(met: &[Met<'_>], at: usize) -> String {
    match &met[at] {
        Met::Verdict(column) => format!("NOT {}", leaf(&format!("{column}.keep"))),
        Met::Copies(step) => format!("NOT {}", left(step)),
        Met::Pieces(step) => {
            let before = met[..at].iter().map(Met::stays);
            all_of(before.chain([format!("NOT {}", left(step))]))
        }
    }
}

impl<'f> Queries<'f> {
    pub(super) fn new(found: &'f Findings) -> Self {
        let judges = found.steps.iter().filter(|step| step.kind != "dedup");
        Self { found, judges: judges.map(|step| step.column.as_str()).collect() }
    }

    fn files(&self, folder: &str) -> String {
        let runs = self.found.runs.iter();
        let files = runs.map(|run| text(&format!("{}/{folder}/*.parquet", literally(run))));
        match files.collect::<Vec<_>>().as_slice() {
            [one] => one.clone(),
            all => format!("read_parquet([{}])", all.join(", ")),
        }
    }

    fn manifests(&self, columns: &str) -> String {
        let runs = self.found.runs.iter();
        let files = runs.map(|run| text(&format!("{}/shards/*.json", literally(run))));
        format!("read_json([{}], columns = {{{columns}}})", files.collect::<Vec<_>>().join(", "))
    }

    /// The cut that settles an arm's dedups.
    fn cut(&self, arm: &str) -> String {
        let runs: Vec<String> = self.found.runs.iter().map(|run| word(run)).collect();
        format!("-- first: gristmill cut {} --arm {arm} --output arms/{arm}\n", runs.join(" "))
    }

    /// The cut to be made first, and the documents with a column for each dedup that tells who is left.
    fn documents(&self, arm: &str, met: &[Met<'_>]) -> (String, String) {
        let (mut select, mut join, mut dedups) = (String::new(), String::new(), false);
        for one in met {
            match one {
                Met::Verdict(_) => continue,
                Met::Copies(step) => {
                    let file = text(&format!("arms/{arm}/dedup/{step}.parquet"));
                    let (table, left) = (name(&format!("{step} copies")), left(step));
                    select.push_str(&format!(", coalesce({table}.keep, true) AS {left}"));
                    join.push_str(&format!(
                        "\n  LEFT JOIN (SELECT id, bool_and(keep) AS keep FROM {file} GROUP BY id) \
                         AS {table} USING (id)"
                    ));
                }
                Met::Pieces(step) => {
                    let file = text(&format!("arms/{arm}/data/*.parquet"));
                    let (table, left) = (name(&format!("{step} pieces")), left(step));
                    select.push_str(&format!(", {table}.id IS NOT NULL AS {left}"));
                    join.push_str(&format!(
                        "\n  LEFT JOIN (SELECT DISTINCT id FROM {file}) AS {table} \
                         ON {table}.id = _docs.id"
                    ));
                }
            }
            dedups = true;
        }
        let first = if dedups { self.cut(arm) } else { String::new() };
        let files = self.files("documents");
        (first, format!("WITH _d AS (SELECT _docs.*{select} FROM {files} AS _docs{join})\n"))
    }

    fn met(&self, arm: &'f ArmFound) -> Vec<Met<'f>> {
        let places = arm.places.iter().skip(1);
        let met = |place: &'f super::findings::PlaceFound| match self.kind(&place.column) {
            Kind::Verdict => Met::Verdict(&place.column),
            Kind::Copies => Met::Copies(&place.step),
            Kind::Pieces => Met::Pieces(&place.step),
        };
        places.map(met).collect()
    }

    fn kind(&self, column: &str) -> Kind {
        match self.found.dedup_units.get(column).map(String::as_str) {
            Some("document") => Kind::Copies,
            Some("piece") => Kind::Pieces,
            _ => Kind::Verdict,
        }
    }

    /// The account of records.
    pub(super) fn account(&self) -> String {
        let kinds = "MAP(VARCHAR, BIGINT)";
        let totals = format!(
            "counts: 'STRUCT(documents BIGINT, dropped BIGINT, failures {kinds}, other {kinds})'"
        );
        let of = |order: u8, what: &str, field: &str| {
            format!(
                "  UNION ALL SELECT {order}, '{what}', e.key, sum(e.value)\n  \
                 FROM (SELECT unnest(map_entries({field})) AS e FROM run) GROUP BY ALL\n"
            )
        };
        let dropped = match self.found.totals.dropped {
            0 => "",
            _ => "  UNION ALL SELECT 2, 'dropped', '', sum(dropped) FROM run\n",
        };
        format!(
            "WITH run AS (SELECT unnest(counts) FROM {})\n\
             SELECT what, kind, records FROM (\n  \
             SELECT 1 AS part, 'document' AS what, '' AS kind, sum(documents) AS records FROM run\n\
             {dropped}{}{}) ORDER BY part, records DESC, kind",
            self.manifests(&totals),
            of(3, "failure", "failures"),
            of(4, "other", "other"),
        )
    }

    /// CPU seconds by stage.
    pub(super) fn stages(&self) -> String {
        format!(
            "SELECT e.key AS stage, sum(e.value) AS seconds FROM (\n  \
             SELECT unnest(map_entries(cpu_seconds)) AS e FROM {}\n) \
             GROUP BY ALL ORDER BY seconds DESC, stage",
            self.manifests("cpu_seconds: 'MAP(VARCHAR, DOUBLE)'")
        )
    }

    /// Which columns drop the same documents.
    pub(super) fn patterns(&self, limit: usize) -> String {
        let of = |column: &&str| {
            format!("CASE WHEN NOT {} THEN {} END", leaf(&format!("{column}.keep")), text(column))
        };
        let columns: Vec<String> = self.judges.iter().map(of).collect();
        format!(
            "SELECT concat_ws('{AND}', {}) AS dropped_by, count(*) AS documents\n\
             FROM {} GROUP BY ALL ORDER BY documents DESC, dropped_by LIMIT {limit}",
            columns.join(", "),
            self.files("documents"),
        )
    }

    /// Documents that two columns both drop, a row for each of `columns`.
    pub(super) fn overlaps(&self, columns: &[&str]) -> String {
        let drops = |column: &&str| format!("NOT {}", leaf(&format!("{column}.keep")));
        let row = |first: &&str| {
            let cells: Vec<String> = columns
                .iter()
                .map(|second| format!("count(*) FILTER ({} AND {})", drops(first), drops(second)))
                .collect();
            format!("SELECT {}, {} FROM {}", text(first), cells.join(", "), self.files("documents"))
        };
        columns.iter().map(row).collect::<Vec<_>>().join("\nUNION ALL ")
    }

    /// Documents on which two columns agree and differ.
    pub(super) fn variants(&self, pairs: &[(&str, &str)]) -> String {
        let row = |(first, second): &(&str, &str)| {
            let drop =
                |column: &str| format!("coalesce(NOT {}, false)", leaf(&format!("{column}.keep")));
            let (one, other) = (drop(first), drop(second));
            format!(
                "SELECT {} AS first, {} AS second, count(*) FILTER ({one} AND {other}) AS both, \
                 count(*) FILTER ({one} AND NOT {other}) AS first_alone, \
                 count(*) FILTER ({other} AND NOT {one}) AS second_alone, \
                 count(*) FILTER (NOT {one} AND NOT {other}) AS neither FROM {}",
                text(first),
                text(second),
                self.files("documents"),
            )
        };
        pairs.iter().map(row).collect::<Vec<_>>().join("\nUNION ALL ")
    }

    /// The documents that an edit changes and the arm's filters and edits keep.
    pub(super) fn edited(&self, column: &str) -> String {
        format!(
            "SELECT id, url FROM {} WHERE len({}) > 0 AND {}",
            self.files("documents"),
            leaf(&format!("{column}.spans")),
            all_of(self.judges.iter().map(|judge| keeps(judge))),
        )
    }

    /// The documents that a column alone drops.
    pub(super) fn alone(&self, column: &str) -> String {
        let others = self.judges.iter().filter(|judge| **judge != column);
        let drops = format!("NOT {}", leaf(&format!("{column}.keep")));
        format!(
            "SELECT id, url, {} FROM {} WHERE {}",
            leaf(&format!("{column}.reason")),
            self.files("documents"),
            all_of([drops].into_iter().chain(others.map(|judge| keeps(judge)))),
        )
    }

    fn copies(&self, step: &str) -> String {
        text(&format!("arms/{}/dedup/{step}.parquet", self.found.arm))
    }

    /// Clusters by size.
    pub(super) fn cluster_sizes(&self, step: &str) -> String {
        format!(
            "{}SELECT cluster_size AS size, count(DISTINCT cluster) AS clusters, count(*) AS documents\n\
             FROM {} GROUP BY ALL ORDER BY size",
            self.cut(&self.found.arm),
            self.copies(step)
        )
    }

    /// The largest clusters, each with its first document.
    pub(super) fn largest_clusters(&self, step: &str, chars: Option<usize>) -> String {
        let beginning =
            chars.map(|chars| format!(", left(_d.text, {chars}) AS beginning")).unwrap_or_default();
        format!(
            "{}SELECT _d.id, _c.documents, _d.url{beginning}\n\
             FROM (SELECT cluster, count(*) AS documents FROM {} GROUP BY ALL) AS _c\n\
             JOIN {} AS _d ON _d.id = _c.cluster ORDER BY _c.documents DESC",
            self.cut(&self.found.arm),
            self.copies(step),
            self.files("documents"),
        )
    }

    /// Failures by kind.
    pub(super) fn failures(&self) -> String {
        format!(
            "SELECT kind, count(*) AS records FROM {} GROUP BY ALL ORDER BY records DESC, kind",
            self.files("failures")
        )
    }

    /// Failures one by one.
    pub(super) fn failure_examples(&self) -> String {
        format!("SELECT kind, file, \"offset\", message, url FROM {}", self.files("failures"))
    }
}

enum Kind {
    Verdict,
    Copies,
    Pieces,
}

/// The bytes of a text after the spans of a column, or of the stored one.
fn length(spans: Option<&str>) -> String {
    let Some(column) = spans else { return "bytes".to_owned() };
    let spans = leaf(&format!("{column}.spans"));
    format!(
        "(bytes - coalesce(list_sum([_s.\"end\" - _s.\"start\" - strlen(_s.replacement) \
         FOR _s IN {spans}]), 0))"
    )
}

/// The column that tells who is left after a dedup.
fn left(step: &str) -> String {
    name(&format!("{step} left"))
}

/// That a column does not drop a document.
fn keeps(column: &str) -> String {
    format!("coalesce({}, true)", leaf(&format!("{column}.keep")))
}

/// 1 for a document that a column drops, else 0.
fn drops(column: &str) -> String {
    format!("(NOT {})::INTEGER", keeps(column))
}

/// That a rule does not drop it.
fn passes(signal: &SignalFound, rule: &RuleFound) -> String {
    let path = leaf(&format!("{}.{}", signal.column, signal.name));
    let value = if signal.is_bool { format!("{path}::INTEGER") } else { path };
    let sign = if rule.is_least { ">=" } else { "<=" };
    format!("coalesce({value} {sign} {}, true)", double(rule.bound))
}

fn all_of(conditions: impl IntoIterator<Item = String>) -> String {
    let all: Vec<String> = conditions.into_iter().collect();
    if all.is_empty() { "true".to_owned() } else { all.join(" AND ") }
}
