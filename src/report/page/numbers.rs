//! What can be counted: the account, arms, steps, overlaps, variants, disparities.

use crate::figures::{self, bytes, count, share};
use crate::report::findings::{ArmFound, Disparity, Findings, Group, Pattern, StepFound};
use crate::report::interval::wilson;
use crate::report::sql::{AND, Queries};

use super::charts;
use super::html::escape;
use super::table::{Cell, Check, Table};

/// What the page comes to, in a few sentences.
pub(super) fn summary(found: &Findings) -> String {
    let arm = found.main_arm();
    let ends = arm.and_then(|arm| arm.places.first().zip(arm.places.last()));
    let Some((pool, last)) = ends else { return String::new() };
    let tokens = match (pool.tokens, last.tokens) {
        (Some(of), Some(kept)) => format!(", {} of their tokens", share(kept, of)),
        _ => String::new(),
    };
    let mut said = vec![format!(
        "The arm keeps {} of {}, {}{tokens}.",
        count(last.documents),
        figures::counted(pool.documents, "document"),
        share(last.documents, pool.documents),
    )];
    let alone = |step: &&StepFound| step.alone.unwrap_or(0);
    if let Some(most) = found.steps.iter().max_by_key(alone).filter(|step| alone(step) > 0) {
        said.push(format!(
            "By itself, {} drops the most: {} that all others keep.",
            escape(&most.column),
            figures::counted(alone(&most), "document"),
        ));
    }
    let rules = found.signals.iter().flat_map(|s| s.rules.iter().map(move |rule| (s, rule)));
    if let Some((signal, rule)) = rules.max_by_key(|(_, rule)| rule.alone)
        && rule.alone > 0
    {
        said.push(format!(
            "The rule that drops the most by itself is {} of {}: {}.",
            escape(&rule.drops),
            escape(&signal.column),
            figures::counted(rule.alone, "document"),
        ));
    }
    let idle = found.steps.iter().filter(|step| step.kind == "filter" && step.alone == Some(0));
    let idle: Vec<String> = idle.map(|step| escape(&step.column)).collect();
    if !idle.is_empty() {
        said.push(format!("No document is dropped by {} alone.", idle.join(" or by ")));
    }
    format!("<p>{}</p>\n", said.join(" "))
}

pub(super) fn account(found: &Findings, queries: &Queries<'_>) -> String {
    let totals = &found.totals;
    let mut table = Table::new("records", "Every record that was met")
        .words("what")
        .words("kind")
        .numbers("records")
        .query(queries.account(), Check::Rows);
    let mut row = |what: &str, kind: &str, records: u64| {
        table.row([Cell::Name(what.into()), Cell::Name(kind.into()), Cell::Count(records)]);
    };
    row("document", "", totals.documents);
    if totals.dropped > 0 {
        row("dropped", "", totals.dropped);
    }
    for (what, kinds) in [("failure", &totals.failures), ("other", &totals.other)] {
        let mut sorted: Vec<_> = kinds.iter().collect();
        sorted.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        sorted.into_iter().for_each(|(kind, records)| row(what, kind, *records));
    }
    format!(
        "<p>{} in {}, {}: {}, {}{}; {} of other kinds.</p>\n{}",
        figures::counted(totals.records, "record"),
        figures::counted(found.shards, "shard"),
        bytes(found.input_bytes),
        figures::counted(totals.documents, "document"),
        figures::counted(totals.failed(), "failure"),
        match totals.dropped {
            0 => String::new(),
            dropped => format!(", {} dropped by the arm that was run", count(dropped)),
        },
        count(totals.others()),
        table.html(),
    )
}

fn stages(found: &Findings, queries: &Queries<'_>) -> String {
    let cpu: f64 = found.cpu_seconds.values().sum();
    let mut stages = Table::new("stages", "CPU seconds by stage")
        .words("stage")
        .numbers("seconds")
        .numbers("share")
        .words("")
        .query(queries.stages(), Check::Rows);
    let mut sorted: Vec<_> = found.cpu_seconds.iter().collect();
    sorted.sort_by(|a, b| b.1.total_cmp(a.1).then_with(|| a.0.cmp(b.0)));
    for (stage, seconds) in sorted {
        let part = if cpu > 0.0 { seconds / cpu } else { 0.0 };
        stages.row([
            Cell::Name(stage.clone()),
            Cell::Measure(*seconds, format!("{seconds:.2}")),
            Cell::Figure(format!("{:.1} %", part * 100.0)),
            Cell::Html(charts::bar(part, 0.0)),
        ]);
    }
    stages.html()
}

pub(super) fn arms(found: &Findings, queries: &Queries<'_>) -> String {
    let mut html = String::from(
        "<p>What is left of the pool after each step of an arm: documents, bytes of their text as \
         edited so far, tokens of that text where the run counted them.\
         <span class=\"key kept\"></span>left<span class=\"key lost\"></span>lost at this step</p>\n",
    );
    // The arm that is looked at is shown first, and unfolded.
    let main = found.main_arm().into_iter();
    html.extend(
        main.map(|arm| format!("<h3>{}</h3>\n{}", escape(&arm.name), waterfall(arm, queries))),
    );
    let others = found.arms.iter().filter(|arm| arm.name != found.arm);
    html.push_str("<h3>All arms</h3>\n");
    html.push_str(&overview(found, queries));
    html.extend(others.map(|arm| {
        format!(
            "<details><summary>{}</summary>\n{}</details>\n",
            escape(&arm.name),
            waterfall(arm, queries)
        )
    }));
    html
}

fn overview(found: &Findings, queries: &Queries<'_>) -> String {
    let mut table = Table::new("arms-overview", "What each arm has; below, each by its steps")
        .words("arm")
        .numbers("documents")
        .numbers("share")
        .words("")
        .numbers("text")
        .numbers("tokens")
        .query(queries.arms(), Check::Rows);
    for arm in &found.arms {
        let (Some(pool), Some(last)) = (arm.places.first(), arm.places.last()) else { continue };
        table.row([
            Cell::Name(arm.name.clone()),
            Cell::Count(last.documents),
            Cell::Figure(share(last.documents, pool.documents)),
            Cell::Html(charts::bar(part(last.documents, pool.documents), 0.0)),
            Cell::Bytes(last.bytes),
            Cell::Maybe(last.tokens),
        ]);
    }
    table.html()
}

fn part(of: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { of as f64 / whole as f64 }
}

fn waterfall(arm: &ArmFound, queries: &Queries<'_>) -> String {
    let mut table = Table::new(format!("arm-{}", arm.name), format!("The arm {}", arm.name))
        .words("after")
        .numbers("documents")
        .numbers("share")
        .words("")
        .numbers("text")
        .numbers("tokens")
        .query(queries.waterfall(arm), Check::Rows);
    let pool = arm.places.first().map_or(0, |place| place.documents);
    let mut before = pool;
    for place in &arm.places {
        let step = if place.step.is_empty() { "pool" } else { &place.step };
        table.row([
            Cell::Name(step.to_owned()),
            Cell::Count(place.documents),
            Cell::Figure(share(place.documents, pool)),
            Cell::Html(charts::bar(
                part(place.documents, pool),
                part(before - place.documents, pool),
            )),
            Cell::Bytes(place.bytes),
            Cell::Maybe(place.tokens),
        ]);
        before = place.documents;
    }
    table.html()
}

pub(super) fn steps(found: &Findings, queries: &Queries<'_>) -> String {
    if found.steps.is_empty() {
        return String::new();
    }
    let arm = found.main_arm();
    let pool = found.documents;
    let tokens = arm.and_then(|arm| arm.places.last()).and_then(|place| place.tokens);
    let mut table = Table::new("steps-dropped", format!("The steps of the arm {}", found.arm))
        .words("column")
        .numbers("dropped")
        .numbers("by it alone")
        .numbers("first to drop")
        .numbers("of the pool")
        .words("")
        .numbers("tokens dropped")
        .numbers("by it alone")
        .numbers("first to drop")
        .numbers("CPU s per GB in")
        .numbers("CPU s per million tokens kept")
        .query(queries.steps(), Check::Rows);
    for step in &found.steps {
        let per_gb = match found.input_bytes {
            0 => "–".to_owned(),
            bytes => format!("{:.2}", step.cpu_seconds / (bytes as f64 / 1e9)),
        };
        let per_token = match tokens {
            Some(tokens) if tokens > 0 => {
                format!("{:.3}", step.cpu_seconds / (tokens as f64 / 1e6))
            }
            _ => "–".to_owned(),
        };
        let alone = step.alone.unwrap_or(0);
        let tokens_of = |at: usize| Cell::Maybe(step.tokens.map(|tokens| tokens[at]));
        table.row([
            Cell::Name(step.column.clone()),
            Cell::Count(step.dropped),
            Cell::Maybe(step.alone),
            Cell::Count(step.first),
            Cell::Figure(share(step.dropped, pool)),
            Cell::Html(charts::bar(part(alone, pool), part(step.dropped - alone, pool))),
            tokens_of(0),
            if step.alone.is_some() { tokens_of(1) } else { Cell::Maybe(None) },
            tokens_of(2),
            Cell::Figure(per_gb),
            Cell::Figure(per_token),
        ]);
    }
    format!(
        "<p>Dropped: whatever other steps say. By it alone: all other steps of the arm keep them. \
         First to drop: all earlier steps keep them. A dedup drops among the documents that reach it; \
         without it another might drop the same, which the arm <code>all_but_…</code> tells. Tokens \
         are of the stored text. GB are of the shards as they are stored. A column \
         <code>step@edit</code> is the step on the text that the edit leaves.\
         <span class=\"key kept\"></span>by it alone<span class=\"key lost\"></span>others drop them, \
         too</p>\n{}{}{}{}",
        table.html(),
        rules(found, queries),
        edits(found, queries),
        stages(found, queries),
    )
}

fn rules(found: &Findings, queries: &Queries<'_>) -> String {
    let mut table = Table::new("rules", "The rules of these steps")
        .words("column")
        .words("drops if")
        .numbers("threshold")
        .numbers("documents that fail it")
        .numbers("of the pool")
        .numbers("first of its step to fail")
        .numbers("by it alone")
        .query(queries.rules(), Check::Rows);
    for signal in &found.signals {
        for rule in &signal.rules {
            let bound = if signal.is_bool { "–".to_owned() } else { charts::number(rule.bound) };
            table.row([
                Cell::Name(signal.column.clone()),
                Cell::Name(rule.drops.clone()),
                Cell::Figure(bound),
                Cell::Count(rule.fails),
                Cell::Figure(share(rule.fails, found.documents)),
                Cell::Count(rule.first),
                Cell::Count(rule.alone),
            ]);
        }
    }
    table.html()
}

fn edits(found: &Findings, queries: &Queries<'_>) -> String {
    let mut table = Table::new("edits", "What the edits change of the documents that they keep")
        .words("column")
        .numbers("documents")
        .numbers("longer or shorter")
        .numbers("text before")
        .numbers("text after")
        .numbers("left")
        .query(queries.edits(), Check::Rows);
    for edit in &found.edits {
        table.row([
            Cell::Name(edit.column.clone()),
            Cell::Count(edit.documents),
            Cell::Count(edit.changed),
            Cell::Bytes(edit.bytes_before),
            Cell::Bytes(edit.bytes_after),
            Cell::Figure(share(edit.bytes_after, edit.bytes_before)),
        ]);
    }
    table.html()
}

pub(super) fn overlap(found: &Findings, queries: &Queries<'_>) -> String {
    let judges: Vec<&StepFound> = found.steps.iter().filter(|step| step.kind != "dedup").collect();
    if judges.len() < 2 {
        return String::new();
    }
    let drops: Vec<&Pattern> = found.patterns.iter().filter(|p| !p.columns.is_empty()).collect();
    let columns: Vec<(String, u64)> =
        judges.iter().map(|step| (step.column.clone(), step.dropped)).collect();
    let mut patterns = Table::new("patterns", "Documents by the columns that drop them")
        .words("dropped by")
        .numbers("documents")
        .query(queries.patterns(found.patterns.len()), Check::Rows);
    for pattern in &found.patterns {
        let name = pattern.columns.join(AND);
        let shown = if name.is_empty() { "none".to_owned() } else { escape(&name) };
        patterns.row([Cell::HtmlOf(shown, name.into()), Cell::Count(pattern.documents)]);
    }
    let names: Vec<&str> = judges.iter().map(|step| step.column.as_str()).collect();
    let mut pairs =
        Table::new("pairs", "Documents that both drop; below, as a share of the row's own")
            .words("")
            .query(queries.overlaps(&names), Check::Rows);
    for name in &names {
        pairs = pairs.numbers(name);
    }
    for step in &judges {
        let mut cells = vec![Cell::Name(step.column.clone())];
        for other in &names {
            let both = found
                .overlaps
                .iter()
                .find(|overlap| overlap.first == step.column && overlap.second == *other)
                .map_or(0, |overlap| overlap.documents);
            let heat = part(both, step.dropped) * 0.45;
            let shown = format!(
                "<span class=\"heat\" style=\"background:rgba(var(--hot),{heat:.2})\">{}</span>\
                 <small>{}</small>",
                count(both),
                share(both, step.dropped)
            );
            cells.push(Cell::HtmlOf(shown, both.into()));
        }
        pairs.row(cells);
    }
    let further = match found.further_patterns {
        0 => String::new(),
        more => format!(" {} further patterns are rarer.", count(more)),
    };
    let chart = match drops.is_empty() {
        true => String::new(),
        false => format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"UpSet plot\">{}</div>\n",
            charts::upset(&drops, &columns)
        ),
    };
    format!(
        "<p>Which filters and edits of the arm drop the same documents: each column of the plot is a \
         set of documents that exactly the marked steps drop; beside the names, all that a step \
         drops.{further}</p>\n{chart}<details><summary>Numbers of the plot</summary>\n{}</details>\n{}",
        patterns.html(),
        pairs.html()
    )
}

pub(super) fn variants(found: &Findings, queries: &Queries<'_>) -> String {
    let all: Vec<&StepFound> = found.steps.iter().chain(&found.other_columns).collect();
    let view = |step: &StepFound| step.column.split_once('@').map(|(_, view)| view.to_owned());
    let mut pairs: Vec<(&StepFound, &StepFound)> = Vec::new();
    for (at, first) in all.iter().enumerate() {
        for second in &all[at + 1..] {
            let same = first.uses == second.uses && first.step != second.step;
            if same && first.kind != "dedup" && view(first) == view(second) {
                pairs.push((first, second));
            }
        }
    }
    if pairs.is_empty() {
        return String::new();
    }
    let names: Vec<(&str, &str)> =
        pairs.iter().map(|(a, b)| (a.column.as_str(), b.column.as_str())).collect();
    let mut table =
        Table::new("variants-pairs", "Steps of one kind that are configured differently")
            .words("first")
            .words("second")
            .numbers("both drop")
            .numbers("first alone")
            .numbers("second alone")
            .numbers("both keep")
            .numbers("agree")
            .query(queries.variants(&names), Check::Rows);
    let pool = found.documents;
    for (first, second) in pairs {
        let both = found
            .overlaps
            .iter()
            .find(|o| o.first == first.column && o.second == second.column)
            .map_or(0, |overlap| overlap.documents);
        let (one, other) = (first.dropped - both, second.dropped - both);
        let neither = pool - both - one - other;
        table.row([
            Cell::Name(first.column.clone()),
            Cell::Name(second.column.clone()),
            Cell::Count(both),
            Cell::Count(one),
            Cell::Count(other),
            Cell::Count(neither),
            Cell::Figure(share(both + neither, pool)),
        ]);
    }
    table.html()
}

pub(super) fn disparity(found: &Findings, queries: &Queries<'_>) -> String {
    let pool = found.documents;
    let Some(arm) = found.main_arm() else {
        return String::new();
    };
    let lost = pool - arm.places.last().map_or(pool, |place| place.documents);
    let whole = Group {
        value: "the whole".to_owned(),
        documents: pool,
        lost,
        dropped: found.steps.iter().map(|step| step.dropped).collect(),
    };
    if found.steps.is_empty() || pool == 0 {
        return String::new();
    }
    let tables: String =
        found.disparities.iter().map(|by| of_dimension(by, &whole, found, queries)).collect();
    format!(
        "<p>Which groups the steps of the arm <b>{}</b> drop more often, or less, than the pool: shares of \
         a group's documents, below them the documents and the interval of 95 % (Wilson). ▲ and ▼ mark \
         shares whose interval does not hold that of the whole, which is no proof: many are looked \
         at at once, and documents of one host are alike.</p>\n{tables}",
        escape(&found.arm)
    )
}

fn of_dimension(by: &Disparity, whole: &Group, found: &Findings, queries: &Queries<'_>) -> String {
    let id = format!("by-{}", by.by.replace(' ', "-"));
    let mut table = Table::new(id, format!("By {}", by.by))
        .words(&by.by)
        .numbers("documents")
        .numbers("lost to the arm")
        .query(queries.disparity(by, by.groups.len()), Check::Rows);
    for step in &found.steps {
        table = table.numbers(&step.column);
    }
    for group in &by.groups {
        let mut cells = vec![Cell::Name(group.value.clone()), Cell::Count(group.documents)];
        let pairs = group.dropped.iter().zip(&whole.dropped);
        let all = [(&group.lost, &whole.lost)].into_iter().chain(pairs);
        for (dropped, in_whole) in all {
            let (low, high) = wilson(*dropped, group.documents);
            let rate = part(*in_whole, whole.documents);
            let (class, sign) = match rate {
                rate if rate < low => (" class=\"up\"", " ▲"),
                rate if rate > high => (" class=\"down\"", " ▼"),
                _ => ("", ""),
            };
            let shown = format!(
                "<span{class}>{}{sign}</span><small>{}; {:.1}–{:.1} %</small>",
                share(*dropped, group.documents),
                count(*dropped),
                low * 100.0,
                high * 100.0,
            );
            cells.push(Cell::HtmlOf(shown, (*dropped).into()));
        }
        table.row(cells);
    }
    let shares: Vec<String> = found
        .steps
        .iter()
        .map(|step| format!("{} {}", escape(&step.column), share(step.dropped, whole.documents)))
        .collect();
    let further = match by.further {
        Some(0) => String::new(),
        Some(more) => format!(" {} further groups are smaller.", count(more)),
        None => " Further groups are smaller.".to_owned(),
    };
    format!(
        "<h3>By {}</h3>\n<p>The whole: {} lost; {}.{further}</p>\n{}",
        escape(&by.by),
        share(whole.lost, whole.documents),
        shares.join(", "),
        table.html()
    )
}
