//! What each arm makes of a document.

use serde::Serialize;

use crate::cut::{Context, CutArm, CutError, Recipe, Stage, Steps};
use crate::plan::StoredPlan;

use super::record::Record;
use super::settled::{settle, why};

/// What an arm makes of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArmVerdict {
    /// The arm.
    pub arm: String,
    /// What becomes of the document.
    pub verdict: Verdict,
    /// The column that drops it, or the dedups that are yet to settle it.
    pub by: Vec<String>,
    /// The reason that the column gives.
    pub reason: Option<String>,
    /// The document that stays for this one, where a dedup removes it.
    pub keeper: Option<String>,
}

/// What becomes of a document in an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The arm has it.
    Kept,
    /// A filter or an edit drops it.
    Dropped,
    /// All filters and edits keep it; dedups settle it among the arm's other documents.
    UpToDedup,
}

/// The steps of an arm of the pipeline.
///
/// # Errors
/// If there is no such arm, or it is not made by steps.
pub(crate) fn steps(plan: &StoredPlan, arm: &str) -> Result<Steps, CutError> {
    match CutArm::resolve(plan, arm)?.recipe {
        Recipe::Steps(steps) => Ok(steps),
        _ => Err(CutError::usage(format!(
            "the arm `{arm}` is drawn by a cut: no document by itself is in it or not"
        ))),
    }
}

/// Settles the verdicts that are up to dedups, as cuts of the arms would.
///
/// # Errors
/// If the run cannot be read.
pub(crate) fn settle_all(
    context: &Context<'_>,
    record: &Record,
    ordinal: u32,
    verdicts: &mut [ArmVerdict],
) -> Result<(), CutError> {
    let id = record.metadata("id").unwrap_or_default();
    for own in verdicts.iter_mut().filter(|own| own.verdict == Verdict::UpToDedup) {
        let steps = steps(&context.pool.plan, &own.arm)?;
        let side = settle(context, steps, &context.spill)?;
        (own.verdict, own.by) = (Verdict::Kept, Vec::new());
        if !side.left.alive.has(ordinal) {
            own.verdict = Verdict::Dropped;
            if let Some(why) = why(&side, record, id)? {
                (own.by, own.reason, own.keeper) = (vec![why.column], Some(why.reason), why.keeper);
            }
        }
    }
    Ok(())
}

/// What every arm of the pipeline made of steps makes of a document.
///
/// # Errors
/// If the plan does not hold together.
pub fn verdicts(plan: &StoredPlan, record: &Record) -> Result<Vec<ArmVerdict>, CutError> {
    let of =
        |arm: &crate::plan::StoredArm| Ok(verdict(&arm.name, &steps(plan, &arm.name)?, record));
    plan.arms.iter().map(of).collect()
}

fn verdict(arm: &str, steps: &Steps, record: &Record) -> ArmVerdict {
    let mut dedups = Vec::new();
    for stage in &steps.stages {
        match stage {
            Stage::Judge(columns) => {
                let found = columns.iter().filter_map(|name| record.column(name));
                if let Some(column) = found.into_iter().find(|column| column.keep == Some(false)) {
                    return ArmVerdict {
                        arm: arm.to_owned(),
                        verdict: Verdict::Dropped,
                        by: vec![column.column.clone()],
                        reason: column.reason.clone(),
                        keeper: None,
                    };
                }
            }
            Stage::Dedup(dedup) => dedups.push(dedup.step.clone()),
        }
    }
    dedups.extend(steps.pieces.iter().map(|pieces| pieces.step.clone()));
    let verdict = if dedups.is_empty() { Verdict::Kept } else { Verdict::UpToDedup };
    ArmVerdict { arm: arm.to_owned(), verdict, by: dedups, reason: None, keeper: None }
}
