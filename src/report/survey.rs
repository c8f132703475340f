//! The passes over a pool that give the findings.
//!
//! 1. The dedups of every arm are settled, as a cut settles them.
//! 2. A sample of row groups gives the edges of histograms, and one pass over a few short columns the
//!    most frequent groups.
//! 3. One pass over the columns of verdicts and signals counts everything.
//! 4. The documents drawn are read with their texts, and the failures.
//!
//! Memory: a bit for each document and dedup of an arm, what a cut takes to cluster, and counts.

use std::collections::BTreeMap;

use crate::cut::priority::{Priority, Purpose};
use crate::cut::{self, Context, CutError, Pool};
use crate::plan::{StoredPair, StoredPlan, StoredStep};
use crate::store::{Layout, RunFile};

use super::duplicates::Duplicates;
use super::findings::{
    ArmFound, Disparity, EditFound, Findings, Overlap, Pattern, PlaceFound, StepFound,
};
use super::groups::{self, Dimension};
use super::heavy::Heavy;
use super::reading::{MOST_JUDGES, Reading};
use super::signals::{found_signals, measured, signals};
use super::tally::{Scheme, Tally};
use super::walk::{Asks, Columns, Views, Walk, Walker};
use super::{Request, failures, samples, sql};

/// Rows read at a time.
const ROWS: usize = 8192;
/// Groups that a table shows.
const GROUPS: usize = 20;
/// Patterns that are shown.
const PATTERNS: usize = 24;

/// Finds everything that a report shows.
pub(super) fn survey(
    request: &Request,
    context: &Context<'_>,
    scratch: &std::path::Path,
) -> Result<Findings, CutError> {
    let (pool, plan) = (context.pool, &context.pool.plan);
    let name = request.arm.as_deref().unwrap_or_else(|| plan.usual_arm());
    let Some(main) = plan.arms.iter().position(|arm| arm.name == name) else {
        let known: Vec<&str> = plan.arms.iter().map(|arm| arm.name.as_str()).collect();
        return Err(CutError::Usage {
            message: format!("the pipeline has no arm `{name}`"),
            help: Some(format!("its arms: {}", known.join(", "))),
        });
    };
    let (views, columns) = (Views::new(), Columns::default());
    let mut walker = Walker { context, plan, scratch, views, columns };
    let (mut walks, mut duplicates, mut pieces) = (Vec::new(), Vec::new(), None);
    for (at, arm) in plan.arms.iter().enumerate() {
        cut::resolve(pool, &request.runs, &arm.name)?;
        let (walk, found) = walker.walk(arm, at == main)?;
        walks.push(walk);
        duplicates.extend(found.copies);
        pieces = pieces.or(found.pieces.filter(|_| at == main));
    }
    let Walker { views, mut columns, .. } = walker;
    // Columns that no arm of the plan goes by have verdicts, too.
    for pair in &plan.pairs {
        let judges =
            step_of(plan, pair).is_some_and(|step| step.kind == "filter" || step.kind == "edit");
        if judges && !columns.judges.contains(&pair.column) {
            columns.judges.push(pair.column.clone());
        }
    }
    if columns.judges.len() > MOST_JUDGES {
        return Err(CutError::usage(format!(
            "a report holds {MOST_JUDGES} columns with verdicts, the run has {}",
            columns.judges.len()
        )));
    }
    let measured = measured(plan, &plan.arms[main].columns);
    let language = plan
        .pairs
        .iter()
        .find(|pair| step_of(plan, pair).is_some_and(|step| step.uses == "language"));
    let reading = Reading {
        judges: columns.judges,
        tokens: columns.tokens,
        views: views.spans,
        signals: measured.iter().map(|m| format!("{}.{}", m.column, m.name)).collect(),
        language: language.map(|pair| format!("{}.label", pair.column)),
    };
    context.note("choosing bins");
    let signals = signals(context, &measured, &reading)?;
    context.note("finding the largest groups");
    let dimensions = dimensions(context, &reading)?;
    let mask = walks[main].places.iter().fold(0, |mask, place| match place.asks {
        Asks::Verdict(judge) => mask | 1 << judge,
        _ => mask,
    });
    let scheme = Scheme {
        walks: &walks,
        main,
        mask,
        judges: reading.judges.len(),
        pool_tokens: walks[main].places[0].tokens,
        signals: &signals,
        dimensions: &dimensions,
        priority: Priority::new(Purpose::Sample, request.seed),
        samples: request.samples,
    };
    context.note("counting");
    let tally = count(context, &reading, &scheme)?;
    context.note("reading documents");
    let mut drawn = Vec::new();
    let (mut edited, mut before) = (Vec::new(), None);
    for (place, changed) in walks[main].places.iter().zip(&tally.edited) {
        let edits = reading.views[place.view].as_deref();
        let seen = samples::Seen { column: &place.column, edits, before };
        if let Asks::Verdict(judge) = place.asks {
            drawn.extend(samples::read(pool, &seen, &tally.drawn[judge])?);
        }
        edited.extend(samples::read(pool, &seen, changed)?);
        before = edits;
    }
    for found in &mut duplicates {
        describe(pool, found, request.samples > 0)?;
    }
    let failures = failures::read(context, pool, scheme.priority, request.samples)?;
    let mut found = Findings {
        runs: request.runs.iter().map(|run| run.display().to_string()).collect(),
        pipeline: plan.name.clone(),
        description: plan.description.clone(),
        fingerprint: plan.fingerprint.clone(),
        gristmill: versions(request)?,
        arm: name.to_owned(),
        documents: u64::from(pool.documents),
        warnings: warnings(pool),
        shards: pool.shards.len() as u64,
        input_bytes: pool.input_bytes,
        totals: pool.totals.clone(),
        cpu_seconds: pool.cpu_seconds.clone(),
        arms: walks.iter().zip(&tally.places).map(|(w, counts)| arm(w, counts, &reading)).collect(),
        steps: Vec::new(),
        other_columns: Vec::new(),
        patterns: Vec::new(),
        further_patterns: 0,
        overlaps: overlaps(&reading, &tally),
        signals: found_signals(&measured, &signals, &tally, scheme.pool_tokens.is_some()),
        disparities: disparities(&dimensions, &tally, &reading),
        samples: drawn,
        edited,
        edits: edits_found(&walks[main], &tally),
        tokens_column: scheme.pool_tokens.map(|at| reading.tokens[at].clone()),
        duplicates,
        pieces,
        failures,
        dedup_units: dedup_units(plan),
        edits_at: walks.iter().map(|walk| (walk.name.clone(), edits(walk, &reading))).collect(),
    };
    steps(plan, &walks[main], &reading, &tally, &mut found);
    patterns(&reading, &tally, &mut found);
    Ok(found)
}

/// The step of a pair.
pub(super) fn step_of<'p>(plan: &'p StoredPlan, pair: &StoredPair) -> Option<&'p StoredStep> {
    plan.steps.iter().find(|step| step.name == pair.step)
}

/// What documents are grouped by, each with its most frequent values.
fn dimensions(
    context: &Context<'_>,
    reading: &Reading,
) -> Result<Vec<(Dimension, Heavy)>, CutError> {
    let mut all = vec![Dimension::TopLevelDomain, Dimension::Host, Dimension::Length];
    if reading.language.is_some() {
        all.insert(0, Dimension::Language);
    }
    let short = Reading { language: reading.language.clone(), views: vec![], ..Reading::default() };
    let mut leaves: Vec<String> = ["id", "host", "chars", "bytes"].map(String::from).to_vec();
    leaves.extend(reading.language.clone());
    let leaves: Vec<&str> = leaves.iter().map(String::as_str).collect();
    let mut heavy: Vec<_> = all.into_iter().map(|by| (by, Heavy::default())).collect();
    let by: Vec<Dimension> = heavy.iter().map(|(by, _)| *by).collect();
    context.each_group(
        &context.pool.groups,
        |group, shard| {
            let mut of_group: Vec<Heavy> = by.iter().map(|_| Heavy::default()).collect();
            for batch in shard.file.read(group.group, None, &leaves, ROWS)? {
                let batch = short.batch(&batch?, &shard.documents())?;
                for row in 0..batch.drops.len() {
                    for (by, heavy) in by.iter().zip(&mut of_group) {
                        heavy.add(&groups::value(*by, &batch, row), 1);
                    }
                }
            }
            Ok(of_group)
        },
        |of_group| {
            heavy.iter_mut().zip(of_group).for_each(|((_, own), other)| own.merge(other));
            Ok(())
        },
    )?;
    Ok(heavy)
}

/// The one pass over all verdicts and signals.
fn count(context: &Context<'_>, reading: &Reading, scheme: &Scheme<'_>) -> Result<Tally, CutError> {
    let leaves = reading.leaves();
    let leaves: Vec<&str> = leaves.iter().map(String::as_str).collect();
    let mut tally = Tally::new(scheme);
    context.each_group(
        &context.pool.groups,
        |group, shard| {
            let (mut of_group, mut first) = (Tally::new(scheme), group.first);
            for batch in shard.file.read(group.group, None, &leaves, ROWS)? {
                let batch = reading.batch(&batch?, &shard.documents())?;
                of_group.add(scheme, &batch, first);
                first += u32::try_from(batch.drops.len()).unwrap_or(0);
            }
            Ok(of_group)
        },
        |of_group| {
            tally.merge(of_group, scheme.samples);
            Ok(())
        },
    )?;
    Ok(tally)
}

/// Reads the beginnings of the largest clusters.
fn describe(pool: &Pool, found: &mut Duplicates, with_text: bool) -> Result<(), CutError> {
    for cluster in &mut found.largest {
        let record = samples::record(pool, cluster.first)?;
        cluster.id = record.metadata("id").unwrap_or_default().to_owned();
        cluster.url = record.metadata("url").map(str::to_owned);
        if with_text {
            cluster.excerpt = record.text.chars().take(samples::BEGINNING).collect();
        }
    }
    Ok(())
}

/// The versions of gristmill that wrote the runs.
fn versions(request: &Request) -> Result<Vec<String>, CutError> {
    let mut versions = Vec::new();
    for run in &request.runs {
        let file = RunFile::read(&Layout::new(run))?;
        let file = file.ok_or_else(|| CutError::NoRun { directory: run.clone() })?;
        if !versions.contains(&file.gristmill) {
            versions.push(file.gristmill);
        }
    }
    Ok(versions)
}

/// What is odd about the runs.
fn warnings(pool: &Pool) -> Vec<String> {
    let known = pool.plan.steps.iter().map(|step| step.rules.len()).sum::<usize>();
    let steps = pool.json["steps"].as_array().into_iter().flatten();
    let told = steps.map(|step| step["rules"].as_array().map_or(0, Vec::len)).sum::<usize>();
    let mut warnings = pool.warnings.clone();
    if known < told {
        let missing = "an earlier gristmill made the run, whose plan does not tell what rules go by: \
                       thresholds are missing here";
        warnings.push(missing.to_owned());
    }
    warnings
}

/// By column of a dedup: what it removes.
fn dedup_units(plan: &StoredPlan) -> BTreeMap<String, String> {
    let kind = |pair: &StoredPair| Some((pair.column.clone(), step_of(plan, pair)?.unit.clone()?));
    plan.pairs.iter().filter_map(kind).collect()
}

/// What the edits of an arm change.
fn edits_found(walk: &Walk, tally: &Tally) -> Vec<EditFound> {
    let places = walk.places.iter().zip(&tally.edits).enumerate().skip(1);
    let edits = places.filter(|(at, (place, _))| place.view != walk.places[at - 1].view);
    let edit = |(_, (place, counts)): (usize, (&super::walk::Place, &[u64; 4]))| EditFound {
        column: place.column.clone(),
        documents: counts[0],
        changed: counts[1],
        bytes_before: counts[2],
        bytes_after: counts[3],
    };
    edits.map(edit).collect()
}

/// By place: the column whose spans make the text.
fn edits(walk: &Walk, reading: &Reading) -> Vec<Option<String>> {
    walk.places.iter().map(|place| reading.views[place.view].clone()).collect()
}

fn arm(walk: &Walk, counts: &[[u64; 3]], reading: &Reading) -> ArmFound {
    let place =
        |(place, [documents, bytes, tokens]): (&super::walk::Place, &[u64; 3])| PlaceFound {
            step: place.step.clone(),
            column: place.column.clone(),
            documents: *documents,
            bytes: bytes.saturating_sub(place.removed_bytes),
            tokens: place.tokens.map(|_| *tokens),
            tokens_column: place.tokens.map(|at| reading.tokens[at].clone()),
        };
    ArmFound {
        name: walk.name.clone(),
        places: walk.places.iter().zip(counts).map(place).collect(),
    }
}

fn steps(plan: &StoredPlan, walk: &Walk, reading: &Reading, tally: &Tally, found: &mut Findings) {
    let cpu =
        |column: &str| found.cpu_seconds.get(&format!("step:{column}")).copied().unwrap_or(0.0);
    let of = |column: &str| {
        let pair = plan.pairs.iter().find(|pair| pair.column == column)?;
        let step = step_of(plan, pair)?;
        let judge = reading.judges.iter().position(|judge| judge == column);
        Some(StepFound {
            step: step.name.clone(),
            uses: step.uses.clone(),
            kind: step.kind.clone(),
            column: column.to_owned(),
            dropped: judge.map_or(0, |judge| tally.both[judge * reading.judges.len() + judge]),
            alone: judge.map(|judge| tally.alone[judge]),
            first: 0,
            tokens: None,
            reasons: judge.map_or_else(BTreeMap::new, |judge| tally.reasons[judge].clone()),
            cpu_seconds: cpu(column),
        })
    };
    let places = found.arms.iter().find(|arm| arm.name == walk.name).map(|arm| arm.places.clone());
    let places = places.unwrap_or_default();
    let mut steps = Vec::new();
    for (at, place) in walk.places.iter().enumerate().skip(1) {
        let Some(mut step) = of(&place.column) else { continue };
        step.first = places[at - 1].documents - places[at].documents;
        if let Asks::Left(_) = place.asks {
            step.dropped = step.first;
        }
        step.tokens = walk.places[0].tokens.map(|_| tally.tokens[at]);
        steps.push(step);
    }
    let is_other = |column: &&String| steps.iter().all(|step| step.column != **column);
    let others = reading.judges.iter().filter(is_other).filter_map(|column| of(column)).collect();
    (found.steps, found.other_columns) = (steps, others);
}

fn patterns(reading: &Reading, tally: &Tally, found: &mut Findings) {
    let columns = |mask: u128| -> Vec<String> {
        let order = found.steps.iter().filter(|step| {
            let judge = reading.judges.iter().position(|judge| *judge == step.column);
            judge.is_some_and(|judge| mask >> judge & 1 == 1)
        });
        order.map(|step| step.column.clone()).collect()
    };
    let mut all: Vec<(u64, u128)> = tally.patterns.iter().map(|(mask, n)| (*n, *mask)).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    // Those of one number are in the order of their columns' names, which SQL has, too.
    let last = all.get(PATTERNS - 1).map_or(0, |(documents, _)| *documents);
    let near = all.iter().take_while(|(documents, _)| *documents >= last);
    let mut near: Vec<Pattern> =
        near.map(|&(documents, mask)| Pattern { columns: columns(mask), documents }).collect();
    near.sort_by_key(|p| (std::cmp::Reverse(p.documents), p.columns.join(sql::AND)));
    near.truncate(PATTERNS);
    // Those beyond what is told apart count as one.
    found.further_patterns = (all.len() - near.len()) as u64 + u64::from(tally.further > 0);
    found.patterns = near;
}

fn overlaps(reading: &Reading, tally: &Tally) -> Vec<Overlap> {
    let judges = reading.judges.iter().enumerate();
    let both = judges.flat_map(|(one, first)| {
        reading.judges.iter().enumerate().map(move |(other, second)| Overlap {
            first: first.clone(),
            second: second.clone(),
            documents: tally.both[one * reading.judges.len() + other],
        })
    });
    both.collect()
}

fn disparities(
    dimensions: &[(Dimension, Heavy)],
    tally: &Tally,
    reading: &Reading,
) -> Vec<Disparity> {
    let all = dimensions.iter().zip(&tally.groups);
    let one = all.map(|((by, heavy), groups)| {
        let mut groups: Vec<_> = groups.values().cloned().collect();
        groups.sort_by(|a, b| b.documents.cmp(&a.documents).then_with(|| a.value.cmp(&b.value)));
        if *by == Dimension::Length {
            groups.sort_by_key(|group| groups::length_rank(&group.value));
        }
        let further = groups.len().saturating_sub(GROUPS) as u64;
        groups.truncate(GROUPS);
        Disparity {
            by: by.name().to_owned(),
            order: by.order(),
            sql: by.sql(reading.language.as_deref().map(sql::leaf).as_deref()),
            groups,
            further: heavy.is_whole().then_some(further),
        }
    });
    one.collect()
}
