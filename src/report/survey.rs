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
use crate::cut::{Context, CutError, Pool};
use crate::plan::{StoredPair, StoredPlan, StoredStep};
use crate::steps::{SignalKind, find};
use crate::store::{Layout, RunFile, column};

use super::duplicates::Duplicates;
use super::edges::{candidates, edges};
use super::findings::{
    ArmFound, Disparity, EditFound, Findings, Moved, Overlap, Pattern, PlaceFound, RuleFound,
    SignalFound, StepFound,
};
use super::groups::{self, Dimension};
use super::heavy::Heavy;
use super::reading::{MOST_JUDGES, Reading, numbers};
use super::tally::{Rule, RuleBins, Scheme, Signal, Tally};
use super::walk::{Asks, Columns, Views, Walk, Walker};
use super::{Request, failures, samples, sql};

/// Rows read at a time.
const ROWS: usize = 8192;
/// Row groups that give the edges of histograms.
const SAMPLED_GROUPS: usize = 16;
/// Groups that a table shows.
const GROUPS: usize = 20;
/// Patterns that are shown.
const PATTERNS: usize = 24;

/// A signal of the arm's columns, as the plan and the registry have it.
struct Measured<'p> {
    column: &'p str,
    step: &'p StoredStep,
    name: &'static str,
    doc: &'static str,
    kind: SignalKind,
}

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
    let (mut walks, mut duplicates) = (Vec::new(), Vec::new());
    for (at, arm) in plan.arms.iter().enumerate() {
        let (walk, found) = walker.walk(arm, at == main)?;
        walks.push(walk);
        duplicates.extend(found);
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
    for place in &walks[main].places {
        if let Asks::Verdict(judge) = place.asks {
            drawn.extend(samples::read(pool, &place.column, &tally.drawn[judge])?);
        }
    }
    let mut edited = Vec::new();
    for (place, drawn) in walks[main].places.iter().zip(&tally.edited) {
        edited.extend(samples::read(pool, &place.column, drawn)?);
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
        gristmill: Vec::new(),
        arm: name.to_owned(),
        documents: u64::from(pool.documents),
        warnings: pool.warnings.clone(),
        shards: pool.shards.len() as u64,
        input_bytes: 0,
        totals: crate::store::Counts::default(),
        cpu_seconds: BTreeMap::new(),
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
        edits_found: edits_found(&walks[main], &tally),
        tokens_column: scheme.pool_tokens.map(|at| reading.tokens[at].clone()),
        duplicates,
        failures,
        plan_kinds: plan_kinds(plan),
        edits: walks.iter().map(|walk| (walk.name.clone(), edits(walk, &reading))).collect(),
    };
    account(request, &mut found)?;
    steps(plan, &walks[main], &reading, &tally, &mut found);
    patterns(&reading, &tally, &mut found);
    Ok(found)
}

fn step_of<'p>(plan: &'p StoredPlan, pair: &StoredPair) -> Option<&'p StoredStep> {
    plan.steps.iter().find(|step| step.name == pair.step)
}

/// The signals of columns that are numbers or a yes or no.
fn measured<'p>(plan: &'p StoredPlan, columns: &'p [String]) -> Vec<Measured<'p>> {
    let mut all = Vec::new();
    for column in columns {
        let pair = plan.pairs.iter().find(|pair| pair.column == *column);
        let Some(step) = pair.and_then(|pair| step_of(plan, pair)) else { continue };
        let specs = find(&step.uses).map_or(&[][..], |known| known.signals);
        let numbers = specs.iter().filter(|spec| spec.kind != SignalKind::Text);
        all.extend(numbers.map(|spec| Measured {
            column,
            step,
            name: spec.name,
            doc: spec.doc.trim(),
            kind: spec.kind,
        }));
    }
    all
}

/// The signals with their rules, and edges from a sample of row groups.
fn signals(
    context: &Context<'_>,
    measured: &[Measured<'_>],
    reading: &Reading,
) -> Result<Vec<Signal>, CutError> {
    let pool = context.pool;
    let every = pool.groups.len().div_ceil(SAMPLED_GROUPS).max(1);
    let sampled: Vec<_> = pool.groups.iter().step_by(every).collect();
    let mut signals = Vec::new();
    context.each(
        measured.len(),
        |index| {
            let signal = &measured[index];
            let leaf = reading.signals[index].as_str();
            let rules = signal.step.rules.iter().filter(|rule| rule.signal == signal.name);
            let is_integer = signal.kind == SignalKind::Integer;
            let is_bool = signal.kind == SignalKind::Bool;
            let rule = |(bound, is_least)| {
                let candidates = if is_bool { vec![bound] } else { candidates(bound, is_integer) };
                Rule { bound, is_least, candidates }
            };
            let rules: Vec<Rule> = rules.map(|known| rule(known.bound())).collect();
            let judge = reading.judges.iter().position(|judge| judge == signal.column);
            let bounds: Vec<f64> = rules.iter().map(|rule| rule.bound).collect();
            if is_bool {
                return Ok(Signal { judge, edges: vec![1.0], rules });
            }
            let mut sample = Vec::new();
            for group in &sampled {
                let shard = pool.file(group);
                for batch in shard.file.read(group.group, None, &[leaf], ROWS)? {
                    sample.extend(numbers(&column(&batch?, leaf, &shard.documents())?));
                }
            }
            let edges = edges(sample, is_integer, &bounds);
            Ok(Signal { judge, edges, rules })
        },
        |signal| {
            signals.push(signal);
            Ok(())
        },
    )?;
    Ok(signals)
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

/// Adds what the runs' manifests say.
fn account(request: &Request, found: &mut Findings) -> Result<(), CutError> {
    for run in &request.runs {
        let file = RunFile::read(&Layout::new(run))?;
        let file = file.ok_or_else(|| CutError::NoRun { directory: run.clone() })?;
        found.input_bytes += file.shards.iter().map(|shard| shard.input_bytes).sum::<u64>();
        found.totals.merge(&file.totals);
        for (stage, seconds) in file.cpu_seconds {
            *found.cpu_seconds.entry(stage).or_default() += seconds;
        }
        if !found.gristmill.contains(&file.gristmill) {
            found.gristmill.push(file.gristmill);
        }
    }
    Ok(())
}

/// By column of a dedup: what it removes.
fn plan_kinds(plan: &StoredPlan) -> BTreeMap<String, String> {
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
    found.further_patterns = (all.len() - near.len()) as u64;
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

/// What other thresholds would keep, from the lowest on, and last the rule switched off.
fn moved(rule: &Rule, bins: &RuleBins, tokens: bool) -> Vec<Moved> {
    let sum = |parts: &[[u64; 2]]| {
        parts.iter().fold(bins.rest_null, |sum, by| [sum[0] + by[0], sum[1] + by[1]])
    };
    let one = |bound: Option<f64>, [documents, count]: [u64; 2]| Moved {
        bound,
        documents,
        tokens: tokens.then_some(count),
    };
    let candidates = rule.candidates.iter().enumerate().map(|(at, bound)| {
        // Of a lower bound what lies above it, of an upper one what does not.
        let kept = if rule.is_least { &bins.rest[at + 1..] } else { &bins.rest[..=at] };
        one(Some(*bound), sum(kept))
    });
    candidates.chain([one(None, sum(&bins.rest))]).collect()
}

fn found_signals(
    measured: &[Measured<'_>],
    signals: &[Signal],
    tally: &Tally,
    tokens: bool,
) -> Vec<SignalFound> {
    let all = measured.iter().zip(signals).zip(&tally.bins);
    let one = all.map(|((measured, signal), bins)| {
        let rules = measured.step.rules.iter().filter(|rule| rule.signal == measured.name);
        let first = |reason: &str| {
            let reasons = signal.judge.map(|judge| &tally.reasons[judge]);
            reasons.and_then(|reasons| reasons.get(reason)).copied().unwrap_or(0)
        };
        let rules =
            rules.zip(&signal.rules).zip(&bins.rules).map(|((rule, own), bins)| RuleFound {
                reason: rule.reason.clone(),
                drops: rule.drops.clone(),
                bound: own.bound,
                is_least: own.is_least,
                fails: bins.fails,
                first: first(&rule.reason),
                alone: bins.alone,
                moved: if measured.kind == SignalKind::Bool {
                    Vec::new()
                } else {
                    moved(own, bins, tokens)
                },
            });
        SignalFound {
            column: measured.column.to_owned(),
            name: measured.name.to_owned(),
            doc: measured.doc.to_owned(),
            is_bool: measured.kind == SignalKind::Bool,
            is_integer: measured.kind == SignalKind::Integer,
            edges: signal.edges.clone(),
            documents: bins.all.clone(),
            kept: bins.kept.clone(),
            null: bins.null,
            kept_null: bins.kept_null,
            rules: rules.collect(),
        }
    });
    one.collect()
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
