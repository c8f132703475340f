//! The DuckDB query beside each table: it gives the very rows of the table.

use super::findings::{ArmFound, Disparity, Findings, RuleFound, SignalFound, StepFound};

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

impl<'f> Queries<'f> {
    pub(super) fn new(found: &'f Findings) -> Self {
        let judges = found.steps.iter().filter(|step| step.kind != "dedup");
        Self { found, judges: judges.map(|step| step.column.as_str()).collect() }
    }

    fn files(&self, folder: &str) -> String {
        let files: Vec<String> =
            self.found.runs.iter().map(|run| text(&format!("{run}/{folder}/*.parquet"))).collect();
        match files.as_slice() {
            [one] => one.clone(),
            all => format!("read_parquet([{}])", all.join(", ")),
        }
    }

    fn manifests(&self, columns: &str) -> String {
        let files: Vec<String> =
            self.found.runs.iter().map(|run| text(&format!("{run}/run.json"))).collect();
        format!(
            "read_json([{}], maximum_object_size = 1000000000, columns = {{{columns}}})",
            files.join(", ")
        )
    }

    /// The cut that settles an arm's dedups.
    fn cut(&self, arm: &str) -> String {
        let runs: Vec<String> = self.found.runs.iter().map(|run| word(run)).collect();
        format!("-- gristmill cut {} --arm {arm} --output arms/{arm}\n", runs.join(" "))
    }

    /// The documents with a column for each dedup that tells who is left.
    fn documents(&self, arm: &str, met: &[Met<'_>]) -> String {
        let (mut select, mut join, mut dedups) = (String::new(), String::new(), false);
        for one in met {
            match one {
                Met::Verdict(_) => continue,
                Met::Copies(step) => {
                    let file = text(&format!("arms/{arm}/dedup/{step}.parquet"));
                    let (table, left) = (name(&format!("{step} copies")), left(step));
                    select.push_str(&format!(", coalesce({table}.keep, true) AS {left}"));
                    join.push_str(&format!("\n  LEFT JOIN {file} AS {table} USING (id)"));
                }
                Met::Pieces(step) => {
                    let file = text(&format!("arms/{arm}/data/*.parquet"));
                    let (table, left) = (name(&format!("{step} pieces")), left(step));
                    select.push_str(&format!(", {table}.id IS NOT NULL AS {left}"));
                    join.push_str(&format!(
                        "\n  LEFT JOIN {file} AS {table} ON {table}.id = docs.id"
                    ));
                }
            }
            dedups = true;
        }
        let first = if dedups { self.cut(arm) } else { String::new() };
        let files = self.files("documents");
        format!("{first}WITH d AS (SELECT docs.*{select} FROM {files} AS docs{join})\n")
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
        match self.found.plan_kinds.get(column).map(String::as_str) {
            Some("document") => Kind::Copies,
            Some("piece") => Kind::Pieces,
            _ => Kind::Verdict,
        }
    }

    /// The account of records.
    pub(super) fn account(&self) -> String {
        let kinds = "MAP(VARCHAR, BIGINT)";
        let totals = format!(
            "totals: 'STRUCT(documents BIGINT, dropped BIGINT, failures {kinds}, other {kinds})'"
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
            "WITH run AS (SELECT unnest(totals) FROM {})\n\
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

    /// What each arm has.
    pub(super) fn arms(&self) -> String {
        let (mut cuts, mut rows) = (String::new(), Vec::new());
        for arm in &self.found.arms {
            let met = self.met(arm);
            let documents = self.documents(&arm.name, &met);
            // The cuts are told of first, since a comment cannot stand in the middle.
            let (cut, documents) = match documents.find("WITH ") {
                Some(at) => documents.split_at(at),
                None => ("", documents.as_str()),
            };
            cuts.push_str(cut);
            let last = self.place(arm, &met, arm.places.len().saturating_sub(1));
            rows.push(format!(
                "SELECT {}, * EXCLUDE (step) FROM (\n{documents}{last})",
                text(&arm.name)
            ));
        }
        format!("{cuts}{}", rows.join("\nUNION ALL "))
    }

    /// What is left at each place of an arm.
    pub(super) fn waterfall(&self, arm: &'f ArmFound) -> String {
        let met = self.met(arm);
        let mut rows = Vec::new();
        for at in 0..arm.places.len() {
            rows.push(self.place(arm, &met, at));
        }
        format!("{}{}", self.documents(&arm.name, &met), rows.join("\nUNION ALL "))
    }

    fn place(&self, arm: &ArmFound, met: &[Met<'_>], at: usize) -> String {
        let place = &arm.places[at];
        let step = text(if place.step.is_empty() { "pool" } else { &place.step });
        if let Some(Met::Pieces(_)) = at.checked_sub(1).map(|at| &met[at]) {
            let file = text(&format!("arms/{}/data/*.parquet", arm.name));
            return format!(
                "SELECT {step} AS step, count(*) AS documents, \
                 coalesce(sum(strlen(text)), 0) AS bytes, NULL AS tokens FROM {file}"
            );
        }
        let stays = |one: &Met<'_>| match one {
            Met::Verdict(column) => keeps(column),
            Met::Copies(step) | Met::Pieces(step) => left(step),
        };
        let conditions: Vec<String> = met[..at].iter().map(stays).collect();
        let condition = match conditions.is_empty() {
            true => String::new(),
            false => format!(" WHERE {}", conditions.join(" AND ")),
        };
        let bytes = match self.found.edits.get(&arm.name).and_then(|edits| edits[at].as_ref()) {
            None => "bytes".to_owned(),
            Some(edit) => {
                let spans = leaf(&format!("{edit}.spans"));
                format!(
                    "bytes - coalesce(list_sum([s.\"end\" - s.\"start\" - strlen(s.replacement) \
                     FOR s IN {spans}]), 0)"
                )
            }
        };
        let tokens = match &place.tokens_column {
            None => "NULL".to_owned(),
            Some(column) => format!("coalesce(sum({}), 0)", leaf(column)),
        };
        format!(
            "SELECT {step} AS step, count(*) AS documents, coalesce(sum({bytes}), 0) AS bytes, \
             {tokens} AS tokens FROM d{condition}"
        )
    }

    /// What each step of the arm drops.
    pub(super) fn steps(&self) -> String {
        let Some(arm) = self.found.arms.iter().find(|arm| arm.name == self.found.arm) else {
            return String::new();
        };
        let met = self.met(arm);
        let mut rows = Vec::new();
        for (at, one) in met.iter().enumerate() {
            let before: Vec<String> = met[..at]
                .iter()
                .map(|one| match one {
                    Met::Verdict(column) => keeps(column),
                    Met::Copies(step) | Met::Pieces(step) => left(step),
                })
                .collect();
            let others =
                self.judges.iter().filter(|judge| !matches!(one, Met::Verdict(c) if c == *judge));
            let mut others: Vec<String> = others.map(|judge| keeps(judge)).collect();
            let drops = match one {
                Met::Verdict(column) => {
                    let copies = met.iter().filter_map(|one| match one {
                        Met::Copies(step) => Some(left(step)),
                        _ => None,
                    });
                    others.extend(copies);
                    format!("NOT {}", leaf(&format!("{column}.keep")))
                }
                Met::Copies(step) => format!("NOT {}", left(step)),
                Met::Pieces(step) => {
                    all_of(before.iter().cloned().chain([format!("NOT {}", left(step))]))
                }
            };
            let column = &arm.places[at + 1].column;
            rows.push(format!(
                "SELECT {} AS \"column\", count(*) FILTER ({drops}) AS dropped, \
                 count(*) FILTER ({}) AS alone, count(*) FILTER ({}) AS first FROM d",
                text(column),
                all_of([drops.clone()].into_iter().chain(others)),
                all_of([drops.clone()].into_iter().chain(before)),
            ));
        }
        format!("{}{}", self.documents(&arm.name, &met), rows.join("\nUNION ALL "))
    }

    /// Documents by the reasons that columns give.
    pub(super) fn reasons(&self, steps: &[&StepFound]) -> String {
        let of = |(at, step): (usize, &&StepFound)| {
            format!(
                "SELECT {at} AS part, {} AS \"column\", {} AS reason, count(*) AS documents\n  \
                 FROM {} WHERE {} IS NOT NULL GROUP BY ALL",
                text(&step.column),
                leaf(&format!("{}.reason", step.column)),
                self.files("documents"),
                leaf(&format!("{}.reason", step.column)),
            )
        };
        let all: Vec<String> = steps.iter().enumerate().map(of).collect();
        format!(
            "SELECT \"column\", reason, documents FROM (\n  {}\n) ORDER BY part, documents DESC, reason",
            all.join("\n  UNION ALL ")
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

    /// Documents by bin of a signal: all, those that the arm's filters keep, and for each rule those
    /// that all others keep.
    pub(super) fn signal(&self, signal: &SignalFound) -> String {
        let edges: Vec<String> =
            signal.edges.iter().map(|edge| format!("'{:?}'", edge.at)).collect();
        let kept = all_of(self.judges.iter().map(|judge| keeps(judge)));
        let (mut rest, mut counts) = (String::new(), String::new());
        for (at, rule) in signal.rules.iter().enumerate() {
            let judges = self.judges.iter().filter(|judge| **judge != signal.column);
            let others = judges.map(|judge| keeps(judge));
            let same = self.found.signals.iter().filter(|other| other.column == signal.column);
            let rules = same.flat_map(|other| other.rules.iter().map(move |rule| (other, rule)));
            let rules = rules.filter(|(other, one)| {
                other.name != signal.name
                    || (one.reason.as_str(), one.is_least) != (rule.reason.as_str(), rule.is_least)
            });
            let rules = rules.map(|(other, one)| passes(other, one));
            rest.push_str(&format!(", {} AS rest_{at}", all_of(others.chain(rules))));
            counts.push_str(&format!(", count(*) FILTER (rest_{at})"));
        }
        format!(
            "WITH d AS (SELECT {}::DOUBLE AS v, {kept} AS kept{rest}\n  FROM {})\n\
             SELECT count(*), count(*) FILTER (kept){counts}\n\
             FROM d GROUP BY v IS NULL, len([e FOR e IN [{}]::DOUBLE[] IF e <= v])\n\
             ORDER BY min(v) NULLS FIRST",
            leaf(&format!("{}.{}", signal.column, signal.name)),
            self.files("documents"),
            edges.join(", "),
        )
    }

    /// Documents by group, and how many of them are lost and dropped.
    pub(super) fn disparity(&self, by: &Disparity, limit: usize) -> String {
        let Some(arm) = self.found.arms.iter().find(|arm| arm.name == self.found.arm) else {
            return String::new();
        };
        let met = self.met(arm);
        let conditions = met.iter().map(|one| match one {
            Met::Verdict(column) => keeps(column),
            Met::Copies(step) | Met::Pieces(step) => left(step),
        });
        let before = |at: usize| {
            met[..at].iter().map(|one| match one {
                Met::Verdict(column) => keeps(column),
                Met::Copies(step) | Met::Pieces(step) => left(step),
            })
        };
        let drops = met.iter().enumerate().map(|(at, one)| match one {
            Met::Verdict(column) => format!("NOT {}", leaf(&format!("{column}.keep"))),
            Met::Copies(step) => format!("NOT {}", left(step)),
            Met::Pieces(step) => all_of(before(at).chain([format!("NOT {}", left(step))])),
        });
        let counts: String = drops.map(|drops| format!(",\n  count(*) FILTER ({drops})")).collect();
        format!(
            "{}SELECT {} AS value, count(*) AS documents,\n  count(*) FILTER (NOT ({})) AS lost{counts}\n\
             FROM d GROUP BY ALL ORDER BY documents DESC, value LIMIT {limit}",
            self.documents(&arm.name, &met),
            by.sql,
            all_of(conditions),
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

    /// The largest clusters.
    pub(super) fn largest_clusters(&self, step: &str) -> String {
        format!(
            "{}SELECT cluster, count(*) AS documents FROM {}\nGROUP BY ALL ORDER BY documents DESC",
            self.cut(&self.found.arm),
            self.copies(step)
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

/// The column that tells who is left after a dedup.
fn left(step: &str) -> String {
    name(&format!("{step} left"))
}

/// That a column does not drop a document.
fn keeps(column: &str) -> String {
    format!("coalesce({}, true)", leaf(&format!("{column}.keep")))
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
