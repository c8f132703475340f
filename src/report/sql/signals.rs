//! Queries of signals and rules.

use crate::report::findings::{RuleFound, SignalFound};

use super::{Queries, all_of, drops, keeps, leaf, passes, text};

impl Queries<'_> {
    /// What each rule of the arm's columns drops.
    pub(in crate::report) fn rules(&self) -> String {
        let all = self.found.signals.iter();
        let all = all.flat_map(|signal| signal.rules.iter().map(move |rule| (signal, rule)));
        let row = |(signal, rule): (&SignalFound, &RuleFound)| {
            let fails = format!("NOT {}", passes(signal, rule));
            format!(
                "SELECT {} AS \"column\", {} AS rule, count(*) FILTER ({fails}) AS fails,\n  \
                 count(*) FILTER ({} = {}) AS first, count(*) FILTER ({fails} AND {}) AS alone FROM _d",
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
        format!("WITH _d AS (SELECT *, {drops} AS _drops FROM {})\n", self.files("documents"))
    }

    /// That all of an arm's filters and edits but a rule keep a document.
    fn rest(&self, signal: &SignalFound, rule: &RuleFound) -> String {
        let same = self.found.signals.iter().filter(|other| other.column == signal.column);
        let rules = same.flat_map(|other| other.rules.iter().map(move |rule| (other, rule)));
        let rules = rules.filter(|(other, one)| {
            let name = (&other.name, &one.reason, one.is_least);
            name != (&signal.name, &rule.reason, rule.is_least)
        });
        let others = format!("_drops = {}", drops(&signal.column));
        all_of([others].into_iter().chain(rules.map(|(other, one)| passes(other, one))))
    }

    /// What other thresholds of a column's rules would keep.
    pub(in crate::report) fn moved(&self, rules: &[(&SignalFound, &RuleFound)]) -> String {
        let of = |(part, (signal, rule)): (usize, &(&SignalFound, &RuleFound))| {
            let bounds: Vec<String> = rule
                .moved
                .iter()
                .map(|moved| moved.bound.map_or("NULL".to_owned(), |bound| format!("'{bound:?}'")))
                .collect();
            let sign = if rule.is_least { ">=" } else { "<=" };
            let kept = format!("FILTER (_b IS NULL OR _v IS NULL OR _v {sign} _b)");
            let tokens = self.found.tokens_column.as_deref().map(leaf);
            format!(
                "SELECT {part} AS part, {} AS rule, _b AS bound, count(_one) {kept} AS documents, {} AS tokens\n  \
                 FROM (SELECT unnest([{}]::DOUBLE[]) AS _b) LEFT JOIN (SELECT 1 AS _one, {} AS _v, {} AS _t\n    \
                 FROM _d WHERE {}) ON true GROUP BY _b",
                text(&rule.drops),
                match tokens {
                    Some(_) => format!("coalesce(sum(_t) {kept}, 0)"),
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

    /// Documents by bin of a signal: all, and those that the arm's filters and edits keep.
    pub(in crate::report) fn signal(&self, signal: &SignalFound) -> String {
        let edges: Vec<String> = signal.edges.iter().map(|edge| format!("'{edge:?}'")).collect();
        let kept = all_of(self.judges.iter().map(|judge| keeps(judge)));
        format!(
            "WITH _d AS (SELECT {}::DOUBLE AS _v, {kept} AS _kept FROM {})\n\
             SELECT count(*) AS documents, count(*) FILTER (_kept) AS kept\n\
             FROM _d GROUP BY _v IS NULL, len([e FOR e IN [{}]::DOUBLE[] IF e <= _v])\n\
             ORDER BY min(_v) NULLS FIRST",
            leaf(&format!("{}.{}", signal.column, signal.name)),
            self.files("documents"),
            edges.join(", "),
        )
    }
}
