//! What a run came to, for people and as JSON.

use std::collections::BTreeMap;
use std::path::Path;

use crate::plan::Plan;
use crate::run::Summary;

use super::format;

/// Kinds of failures or other records that are told of by name.
const KINDS: usize = 12;
/// Stages that are told of by name.
const STAGES: usize = 6;

/// The summary as JSON.
pub(super) fn to_json(summary: &Summary, plan: &Plan) -> serde_json::Value {
    serde_json::json!({
        "pipeline": plan.name,
        "fingerprint": plan.fingerprint,
        "shards": {
            "already_whole": summary.already_whole,
            "done": summary.done,
            "left": summary.left,
            "unreadable": summary.unreadable.len(),
            "without_documents": summary.without_documents,
        },
        "totals": summary.totals,
        "input_bytes": summary.input_bytes,
        "output_bytes": summary.output_bytes,
        "cpu_seconds": summary.cpu_seconds,
        "elapsed_seconds": summary.elapsed.as_secs_f64(),
    })
}

/// The summary for people: the account, what each arm keeps, where the time went.
pub(super) fn describe(summary: &Summary, plan: &Plan, directory: &Path) -> String {
    let whole = summary.already_whole + summary.done;
    match (whole, summary.left + summary.unreadable.len()) {
        (0, 0) => return "no shard falls to this part; nothing was to do\n".to_owned(),
        // Why there is nothing to tell is told on standard error.
        (0, _) => return String::new(),
        _ => {}
    }
    let mut text = account(summary);
    text.push('\n');
    text.push_str(&arms(summary, plan));
    text.push('\n');
    let carried = match (summary.already_whole, summary.done) {
        (0, _) => String::new(),
        (_, 0) => ", whole before: nothing was left to do".to_owned(),
        (before, _) => format!(", {} of them whole before", format::count(before as u64)),
    };
    text.push_str(&format!(
        "{}{carried}; {} in, {} out: {}\n",
        format::counted(whole as u64, "shard"),
        format::bytes(summary.input_bytes),
        format::bytes(summary.output_bytes),
        directory.join("documents").display(),
    ));
    if summary.without_documents > 0 {
        let shards = format::counted(summary.without_documents as u64, "shard");
        text.push_str(&format!("{shards} gave no document at all; failures/ may tell why\n"));
    }
    if summary.done > 0 {
        text.push_str(&times(summary));
    }
    text
}

/// Records = documents + failures + other kinds, and the kinds of both.
fn account(summary: &Summary) -> String {
    let totals = &summary.totals;
    let dropped = match totals.dropped {
        0 => String::new(),
        dropped => format!(" + {} dropped", format::count(dropped)),
    };
    let mut text = format!(
        "{} = {}{dropped} + {} + {} of other kinds\n",
        format::counted(totals.records, "record"),
        format::counted(totals.documents, "document"),
        format::counted(totals.failed(), "failure"),
        format::count(totals.others()),
    );
    for (title, kinds) in [("failures:    ", &totals.failures), ("other kinds: ", &totals.other)] {
        if !kinds.is_empty() {
            text.push_str(&format::wrap(title, &by_number(kinds)));
        }
    }
    text
}

/// Kinds with their numbers, the most frequent first.
fn by_number(kinds: &BTreeMap<String, u64>) -> String {
    let mut sorted: Vec<_> = kinds.iter().collect();
    // Stable: kinds of one number stay in the order of their names.
    sorted.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
    let told = sorted.iter().take(KINDS);
    let told =
        told.map(|(kind, number)| format::together(&format!("{kind} {}", format::count(**number))));
    let mut told: Vec<String> = told.collect();
    if let Some(rest @ [_, ..]) = sorted.get(KINDS..) {
        let number = rest.iter().map(|(_, number)| **number).sum();
        let kinds = format::counted(rest.len() as u64, "further kind");
        told.push(format::together(&format!("{kinds} {}", format::count(number))));
    }
    told.join(", ")
}

/// What each arm keeps, in the order of the plan.
fn arms(summary: &Summary, plan: &Plan) -> String {
    let totals = &summary.totals;
    let pool = totals.documents + totals.dropped;
    let mut rows = vec![vec!["arm".into(), "documents".into(), "kept".into(), "text".into()]];
    let mut uncounted = false;
    for arm in &plan.arms {
        let count = totals.arms.get(&arm.name).map(|count| (count.documents, count.text_bytes));
        // Shards without a record count no arm.
        let count = count.or(totals.arms.is_empty().then_some((0, 0)));
        uncounted |= count.is_none();
        let none = || "–".to_owned();
        rows.push(vec![
            arm.name.clone(),
            count.map_or_else(none, |(documents, _)| format::count(documents)),
            count.map_or_else(none, |(documents, _)| format::share(documents, pool)),
            count.map_or_else(none, |(_, text_bytes)| format::bytes(text_bytes)),
        ]);
    }
    let mut text = format::table(&rows, &[1, 2, 3]);
    let dedups = plan.steps.iter().filter(|step| step.is_dedup());
    let dedups: Vec<&str> = dedups.map(|step| step.name.as_str()).collect();
    if !dedups.is_empty() {
        let names = dedups.join(", ");
        text.push_str(&format!(
            "counted before {names}: who stays is settled among an arm's own\n"
        ));
    }
    if uncounted {
        text.push_str("–: not counted, because the shards were whole before the arm was there\n");
    }
    text
}

/// Where the time of the shards went.
fn times(summary: &Summary) -> String {
    let cpu: f64 = summary.cpu_seconds.values().sum();
    let mut stages: Vec<_> = summary.cpu_seconds.iter().collect();
    stages.sort_by(|a, b| b.1.total_cmp(a.1));
    let stages = stages.iter().take(STAGES).filter(|(_, seconds)| **seconds * 200.0 > cpu);
    let stages = stages.map(|(name, seconds)| {
        format::together(&format!("{name} {:.0} %", **seconds * 100.0 / cpu))
    });
    let elapsed = format::seconds(summary.elapsed.as_secs_f64());
    let lead = format!("{elapsed}, {} of CPU: ", format::seconds(cpu));
    format::wrap("", &format!("{lead}{}", stages.collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_of_many_kinds_are_told_together() {
        let kinds = |n: u64| (0..n).map(|i| (format!("k{i:02}"), 2000 - i / 2)).collect();
        let said = |n| by_number(&kinds(n)).replace('\u{a0}', " ");
        assert_eq!(said(3), "k00 2,000, k01 2,000, k02 1,999");
        let said = said(15);
        assert!(said.ends_with("k11 1,995, 3 further kinds 5,981"), "{said}");
    }
}
