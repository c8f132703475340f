//! Queries of arms, of their steps, and of groups of documents.

use crate::report::findings::{ArmFound, Disparity};

use super::{Met, Queries, all_of, dropped, leaf, length, text};

impl<'f> Queries<'f> {
    /// What each arm has.
    pub(in crate::report) fn arms(&self) -> String {
        let (mut cuts, mut rows) = (String::new(), Vec::new());
        for arm in &self.found.arms {
            let met = self.met(arm);
            // The cuts are told of first, since a comment cannot stand in the middle.
            let (cut, documents) = self.documents(&arm.name, &met);
            cuts.push_str(&cut);
            let last = self.place(arm, &met, arm.places.len().saturating_sub(1));
            rows.push(format!(
                "SELECT {}, * EXCLUDE (step) FROM (\n{documents}{last})",
                text(&arm.name)
            ));
        }
        format!("{cuts}{}", rows.join("\nUNION ALL "))
    }

    /// What is left at each place of an arm.
    pub(in crate::report) fn waterfall(&self, arm: &'f ArmFound) -> String {
        let met = self.met(arm);
        let mut rows = Vec::new();
        for at in 0..arm.places.len() {
            rows.push(self.place(arm, &met, at));
        }
        let (cut, documents) = self.documents(&arm.name, &met);
        format!("{cut}{documents}{}", rows.join("\nUNION ALL "))
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
        let condition = match at {
            0 => String::new(),
            at => format!(" WHERE {}", all_of(met[..at].iter().map(Met::stays))),
        };
        let edits = self.found.edits_at.get(&arm.name);
        let bytes = length(edits.and_then(|edits| edits.get(at)).and_then(Option::as_deref));
        let tokens = match &place.tokens_column {
            None => "NULL".to_owned(),
            Some(column) => format!("coalesce(sum({}), 0)", leaf(column)),
        };
        format!(
            "SELECT {step} AS step, count(*) AS documents, coalesce(sum({bytes}), 0) AS bytes, \
             {tokens} AS tokens FROM _d{condition}"
        )
    }

    /// What each step of the arm drops.
    pub(in crate::report) fn steps(&self) -> String {
        let Some(arm) = self.found.main_arm() else {
            return String::new();
        };
        let met = self.met(arm);
        let mut rows = Vec::new();
        for (at, one) in met.iter().enumerate() {
            let drops = dropped(&met, at);
            let first = all_of([drops.clone()].into_iter().chain(met[..at].iter().map(Met::stays)));
            // A dedup alone has no share: without it, others would find more.
            let alone = matches!(one, Met::Verdict(_)).then(|| {
                let others = met.iter().enumerate().filter(|(other, _)| *other != at);
                // Pieces are looked for in what all others keep.
                let others = others.filter(|(_, one)| !matches!(one, Met::Pieces(_)));
                all_of([drops.clone()].into_iter().chain(others.map(|(_, one)| one.stays())))
            });
            let count = |condition: &str| format!("count(*) FILTER ({condition})");
            let tokens = |condition: &str| match &self.found.tokens_column {
                Some(column) => format!("coalesce(sum({}) FILTER ({condition}), 0)", leaf(column)),
                None => "NULL".to_owned(),
            };
            let none = || "NULL".to_owned();
            rows.push(format!(
                "SELECT {} AS \"column\", {} AS dropped, {} AS alone, {} AS first,\n  \
                 {} AS tokens_dropped, {} AS tokens_alone, {} AS tokens_first FROM _d",
                text(&arm.places[at + 1].column),
                count(&drops),
                alone.as_deref().map_or_else(none, count),
                count(&first),
                tokens(&drops),
                alone.as_deref().map_or_else(none, tokens),
                tokens(&first),
            ));
        }
        let (cut, documents) = self.documents(&arm.name, &met);
        format!("{cut}{documents}{}", rows.join("\nUNION ALL "))
    }

    /// What the edits of the arm change of those it has so far.
    pub(in crate::report) fn edits(&self) -> String {
        let Some(arm) = self.found.main_arm() else {
            return String::new();
        };
        let (met, edits) = (self.met(arm), self.found.edits_at.get(&arm.name));
        let mut rows = Vec::new();
        for (at, place) in arm.places.iter().enumerate().skip(1) {
            let view = |at: usize| edits.and_then(|edits| edits.get(at)).and_then(Option::as_deref);
            if view(at) == view(at - 1) {
                continue;
            }
            let (before, after) = (length(view(at - 1)), length(view(at)));
            let conditions = met[..at].iter().map(Met::stays);
            rows.push(format!(
                "SELECT {} AS \"column\", count(*) AS documents, count(*) FILTER ({before} != {after}) AS changed,\n  \
                 coalesce(sum({before}), 0) AS bytes_before, coalesce(sum({after}), 0) AS bytes_after\n  \
                 FROM _d WHERE {}",
                text(&place.column),
                all_of(conditions)
            ));
        }
        let (cut, documents) = self.documents(&arm.name, &met);
        format!("{cut}{documents}{}", rows.join("\nUNION ALL "))
    }

    /// Documents by group, and how many of them are lost and dropped.
    pub(in crate::report) fn disparity(&self, by: &Disparity, limit: usize) -> String {
        let Some(arm) = self.found.main_arm() else {
            return String::new();
        };
        let met = self.met(arm);
        let conditions = met.iter().map(Met::stays);
        let drops = (0..met.len()).map(|at| dropped(&met, at));
        let counts: String = drops.map(|drops| format!(",\n  count(*) FILTER ({drops})")).collect();
        let (cut, documents) = self.documents(&arm.name, &met);
        format!(
            "{cut}{documents}SELECT {} AS value, count(*) AS documents,\n  count(*) FILTER (NOT ({})) AS lost{counts}\n\
             FROM _d GROUP BY ALL ORDER BY {} LIMIT {limit}",
            by.sql,
            all_of(conditions),
            by.order,
        )
    }
}
