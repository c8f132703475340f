//! The DuckDB query beside each table: it gives the very rows of the table.

use super::findings::{ArmFound, Disparity, Findings, RuleFound, SignalFound};

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
        format!("-- first: gristmill cut {} --arm {arm} --output arms/{arm}\n", runs.join(" "))
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
        let edits = self.found.edits.get(&arm.name);
        let bytes = length(edits.and_then(|edits| edits.get(at)).and_then(Option::as_deref));
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
            let first = all_of([drops.clone()].into_iter().chain(before));
            let alone = match one {
                Met::Verdict(_) => Some(all_of([drops.clone()].into_iter().chain(others))),
                Met::Copies(_) | Met::Pieces(_) => None,
            };
            let count = |condition: &str| format!("count(*) FILTER ({condition})");
            let tokens = |condition: &str| match &self.found.tokens_column {
                Some(column) => format!("coalesce(sum({}) FILTER ({condition}), 0)", leaf(column)),
                None => "NULL".to_owned(),
            };
            let drops = match one {
                Met::Pieces(_) => &first,
                _ => &drops,
            };
            // A dedup alone has no share: without it, others would find more.
            let none = || "NULL".to_owned();
            rows.push(format!(
                "SELECT {} AS \"column\", {} AS dropped, {} AS alone, {} AS first,\n  \
                 {} AS tokens_dropped, {} AS tokens_alone, {} AS tokens_first FROM d",
                text(column),
                count(drops),
                alone.as_deref().map_or_else(none, count),
                count(&first),
                tokens(drops),
                alone.as_deref().map_or_else(none, tokens),
                tokens(&first),
            ));
        }
        format!("{}{}", self.documents(&arm.name, &met), rows.join("\nUNION ALL "))
    }

    /// What each rule of the arm's columns drops.
    pub(super) fn rules(&self) -> String {
        let all = self.found.signals.iter();
        let all = all.flat_map(|signal| signal.rules.iter().map(move |rule| (signal, rule)));
        let row = |(signal, rule): (&SignalFound, &RuleFound)| {
            let fails = format!("NOT {}", passes(signal, rule));
            format!(
                "SELECT {} AS \"column\", {} AS rule, count(*) FILTER ({fails}) AS fails,\n  \
                 count(*) FILTER ({} = {}) AS first, count(*) FILTER ({fails} AND {}) AS alone FROM d",
                text(&signal.column),
                text(&rule.drops),
                leaf(&format!("{}.reason", signal.column)),
                text(&rule.reason),
                self.rest(signal, rule),
            )
        };
        format!("{}{}", self.counted(), all.map(row).collect::<Vec<_>>().join("\nUNION ALL "))
    }

    /// The documents with the number of the arm's filters and edits that drop each.
    fn counted(&self) -> String {
        let drops = self.judges.iter().map(|judge| drops(judge));
        let drops = drops.collect::<Vec<_>>().join(" + ");
        let drops = if drops.is_empty() { "0" } else { &drops };
        format!("WITH d AS (SELECT *, {drops} AS drops FROM {})\n", self.files("documents"))
    }

    /// That all of an arm's filters and edits but a rule keep a document.
    fn rest(&self, signal: &SignalFound, rule: &RuleFound) -> String {
        let same = self.found.signals.iter().filter(|other| other.column == signal.column);
        let rules = same.flat_map(|other| other.rules.iter().map(move |rule| (other, rule)));
        let rules = rules.filter(|(other, one)| {
            let name = (&other.name, &one.reason, one.is_least);
            name != (&signal.name, &rule.reason, rule.is_least)
        });
        let others = format!("drops = {}", drops(&signal.column));
        all_of([others].into_iter().chain(rules.map(|(other, one)| passes(other, one))))
    }

    /// What other thresholds of a column's rules would keep.
    pub(super) fn moved(&self, rules: &[(&SignalFound, &RuleFound)]) -> String {
        let of = |(part, (signal, rule)): (usize, &(&SignalFound, &RuleFound))| {
            let bounds: Vec<String> = rule
                .moved
                .iter()
                .map(|moved| moved.bound.map_or("NULL".to_owned(), |bound| format!("'{bound:?}'")))
                .collect();
            let sign = if rule.is_least { ">=" } else { "<=" };
            let kept = format!("FILTER (b IS NULL OR v IS NULL OR v {sign} b)");
            let tokens = self.found.tokens_column.as_deref().map(leaf);
            format!(
                "SELECT {part} AS part, {} AS rule, b AS bound, count(one) {kept} AS documents, {} AS tokens\n  \
                 FROM (SELECT unnest([{}]::DOUBLE[]) AS b) LEFT JOIN (SELECT 1 AS one, {} AS v, {} AS t\n    \
                 FROM d WHERE {}) ON true GROUP BY b",
                text(&rule.drops),
                match tokens {
                    Some(_) => format!("coalesce(sum(t) {kept}, 0)"),
                    None => "NULL".to_owned(),
                },
                bounds.join(", "),
                leaf(&format!("{}.{}", signal.column, signal.name)),
                tokens.as_deref().unwrap_or("NULL"),
                self.rest(signal, rule),
            )
        };
        let all: Vec<String> = rules.iter().enumerate().map(of).collect();
        format!(
            "{}SELECT rule, bound, documents, tokens FROM (\n  {}\n) ORDER BY part, bound NULLS LAST",
            self.counted(),
            all.join("\n  UNION ALL ")
        )
    }

    /// What the edits of the arm change of those it has so far.
    pub(super) fn edits(&self) -> String {
        let Some(arm) = self.found.arms.iter().find(|arm| arm.name == self.found.arm) else {
            return String::new();
        };
        let (met, edits) = (self.met(arm), self.found.edits.get(&arm.name));
        let mut rows = Vec::new();
        for (at, place) in arm.places.iter().enumerate().skip(1) {
            let view = |at: usize| edits.and_then(|edits| edits.get(at)).and_then(Option::as_deref);
            if view(at) == view(at - 1) {
                continue;
            }
            let (before, after) = (length(view(at - 1)), length(view(at)));
            let conditions = met[..at].iter().map(|one| match one {
                Met::Verdict(column) => keeps(column),
                Met::Copies(step) | Met::Pieces(step) => left(step),
            });
            rows.push(format!(
                "SELECT {} AS \"column\", count(*) AS documents, count(*) FILTER ({before} != {after}) AS changed,\n  \
                 coalesce(sum({before}), 0) AS bytes_before, coalesce(sum({after}), 0) AS bytes_after\n  \
                 FROM d WHERE {}",
                text(&place.column),
                all_of(conditions)
            ));
        }
        format!("{}{}", self.documents(&arm.name, &met), rows.join("\nUNION ALL "))
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

    /// Documents by bin of a signal: all, and those that the arm's filters and edits keep.
    pub(super) fn signal(&self, signal: &SignalFound) -> String {
        let edges: Vec<String> = signal.edges.iter().map(|edge| format!("'{edge:?}'")).collect();
        let kept = all_of(self.judges.iter().map(|judge| keeps(judge)));
        format!(
            "WITH d AS (SELECT {}::DOUBLE AS v, {kept} AS kept FROM {})\n\
             SELECT count(*) AS documents, count(*) FILTER (kept) AS kept\n\
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
             FROM d GROUP BY ALL ORDER BY {} LIMIT {limit}",
            self.documents(&arm.name, &met),
            by.sql,
            all_of(conditions),
            by.order,
        )
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
    pub(super) fn largest_clusters(&self, step: &str, chars: usize) -> String {
        format!(
            "{}SELECT d.id, c.documents, d.url, left(d.text, {chars}) AS beginning\n\
             FROM (SELECT cluster, count(*) AS documents FROM {} GROUP BY ALL) AS c\n\
             JOIN {} AS d ON d.id = c.cluster ORDER BY c.documents DESC",
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
        "(bytes - coalesce(list_sum([s.\"end\" - s.\"start\" - strlen(s.replacement) \
         FOR s IN {spans}]), 0))"
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
