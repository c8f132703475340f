//! The signals of an arm's columns: their bins, and what other thresholds would keep.

use crate::cut::{Context, CutError};
use crate::plan::{Bound, StoredPlan, StoredStep};
use crate::steps::{SignalKind, find};
use crate::store::column;

use super::edges::{candidates, edges};
use super::findings::{Moved, RuleFound, SignalFound};
use super::reading::{Reading, numbers};
use super::survey::step_of;
use super::tally::{Rule, RuleBins, Signal, Tally};

/// Rows read at a time.
const ROWS: usize = 8192;
/// Row groups that give the edges of histograms.
const SAMPLED_GROUPS: usize = 16;

/// A signal of the arm's columns, as the plan and the registry have it.
pub(super) struct Measured<'p> {
    pub(super) column: &'p str,
    step: &'p StoredStep,
    pub(super) name: &'static str,
    doc: &'static str,
    kind: SignalKind,
}

/// The signals of columns that are numbers or a yes or no.
pub(super) fn measured<'p>(plan: &'p StoredPlan, columns: &'p [String]) -> Vec<Measured<'p>> {
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
pub(super) fn signals(
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
            let rule = |bound: Bound| {
                let own = bound.value;
                let candidates = if is_bool { vec![own] } else { candidates(own, is_integer) };
                Rule { bound, candidates }
            };
            let rules: Vec<Rule> = rules.map(|known| rule(known.bound())).collect();
            let judge = reading.judges.iter().position(|judge| judge == signal.column);
            let bounds: Vec<Bound> = rules.iter().map(|rule| rule.bound).collect();
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
        let kept = if rule.bound.is_least { &bins.rest[at + 1..] } else { &bins.rest[..=at] };
        one(Some(*bound), sum(kept))
    });
    candidates.chain([one(None, sum(&bins.rest))]).collect()
}

/// What was counted of each signal.
pub(super) fn found_signals(
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
                bound: own.bound.value,
                is_least: own.bound.is_least,
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
