//! What a report finds in run directories; `gristmill report --json` prints it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cut::PiecesSummary;
use crate::store::Counts;

use super::duplicates::Duplicates;
use super::failures::Failures;
use super::samples::Sample;

/// Everything that the page shows.
#[derive(Debug, Serialize)]
pub struct Findings {
    /// The run directories, as they were named.
    pub runs: Vec<String>,
    /// The pipeline's name.
    pub pipeline: String,
    /// What it is for.
    pub description: Option<String>,
    /// Fingerprint of the plan.
    pub fingerprint: String,
    /// Versions of gristmill that wrote the runs.
    pub gristmill: Vec<String>,
    /// The arm whose steps are looked at.
    pub arm: String,
    /// Documents of the pool.
    pub documents: u64,
    /// What is odd about the runs.
    pub warnings: Vec<String>,
    /// Input shards.
    pub shards: u64,
    /// Bytes of the shards as they are stored.
    pub input_bytes: u64,
    /// The account, all runs together.
    pub totals: Counts,
    /// CPU seconds by stage, all runs together.
    pub cpu_seconds: BTreeMap<String, f64>,
    /// Every arm made of steps, place by place.
    pub arms: Vec<ArmFound>,
    /// The steps of the arm, in order.
    pub steps: Vec<StepFound>,
    /// What the edits of the arm change, in order.
    pub edits: Vec<EditFound>,
    /// The column that counts the tokens of the stored text.
    pub tokens_column: Option<String>,
    /// The other columns that have verdicts.
    pub other_columns: Vec<StepFound>,
    /// Documents by which of the arm's filters and edits drop them, the most frequent first.
    pub patterns: Vec<Pattern>,
    /// How many further patterns there are.
    pub further_patterns: u64,
    /// Documents that two columns both drop, by the columns.
    pub overlaps: Vec<Overlap>,
    /// The signals of the arm's columns.
    pub signals: Vec<SignalFound>,
    /// Drop rates by group.
    pub disparities: Vec<Disparity>,
    /// Documents that one step alone drops.
    pub samples: Vec<Sample>,
    /// Documents that an edit changes and the arm's other filters and edits keep.
    pub edited: Vec<Sample>,
    /// What the arm's dedups found.
    pub duplicates: Vec<Duplicates>,
    /// What the arm's dedup of pieces came to.
    pub pieces: Option<PiecesSummary>,
    /// Records that gave no document.
    pub failures: Failures,
    /// By column of a dedup: what it removes, `document` or `piece`.
    #[serde(skip)]
    pub(super) dedup_units: BTreeMap<String, String>,
    /// By arm and place: the column whose spans make the text there; none for the stored text.
    #[serde(skip)]
    pub(super) edits_at: BTreeMap<String, Vec<Option<String>>>,
}

impl Findings {
    /// The arm whose steps are looked at.
    pub(super) fn main_arm(&self) -> Option<&ArmFound> {
        self.arms.iter().find(|arm| arm.name == self.arm)
    }
}

/// An arm, place by place.
#[derive(Debug, Clone, Serialize)]
pub struct ArmFound {
    /// The arm.
    pub name: String,
    /// The pool, then what each step leaves.
    pub places: Vec<PlaceFound>,
}

/// What is left of the pool at a place in an arm.
#[derive(Debug, Clone, Serialize)]
pub struct PlaceFound {
    /// The step; empty for the pool.
    pub step: String,
    /// Its column.
    pub column: String,
    /// Documents left.
    pub documents: u64,
    /// Bytes of their text as edited so far.
    pub bytes: u64,
    /// Tokens of that text, where the run counted them.
    pub tokens: Option<u64>,
    /// The column that counted them, `column.tokens`.
    pub tokens_column: Option<String>,
}

/// What a step drops.
#[derive(Debug, Clone, Serialize)]
pub struct StepFound {
    /// The step.
    pub step: String,
    /// Its registered name.
    pub uses: String,
    /// Its kind.
    pub kind: String,
    /// Its column.
    pub column: String,
    /// Documents it drops.
    pub dropped: u64,
    /// Of these, documents that no other filter, edit or dedup of the arm drops; `None` of a dedup,
    /// without which others would find more.
    pub alone: Option<u64>,
    /// Of these, documents that no earlier step of the arm drops.
    pub first: u64,
    /// Tokens of the stored text of those dropped, of those by it alone and of those first, where
    /// the run counted them.
    pub tokens: Option<[u64; 3]>,
    /// By reason.
    pub reasons: BTreeMap<String, u64>,
    /// CPU seconds it took.
    pub cpu_seconds: f64,
}

/// What an edit changes.
#[derive(Debug, Clone, Serialize)]
pub struct EditFound {
    /// Its column.
    pub column: String,
    /// Documents of the arm that come as far and that it keeps.
    pub documents: u64,
    /// Of these, documents whose text it makes longer or shorter.
    pub changed: u64,
    /// Bytes of their text before.
    pub bytes_before: u64,
    /// Bytes of it afterwards.
    pub bytes_after: u64,
}

/// Documents that the same filters and edits drop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pattern {
    /// The columns that drop them, in order; none for documents that all keep.
    pub columns: Vec<String>,
    /// Documents.
    pub documents: u64,
}

/// Documents that two columns both drop.
#[derive(Debug, Clone, Serialize)]
pub struct Overlap {
    /// The one.
    pub first: String,
    /// The other; the same for all that it drops.
    pub second: String,
    /// Documents.
    pub documents: u64,
}

/// The distribution of a signal.
#[derive(Debug, Clone, Serialize)]
pub struct SignalFound {
    /// Its column.
    pub column: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub doc: String,
    /// Whether it is a yes or no.
    pub is_bool: bool,
    /// Whether it is a whole number.
    pub is_integer: bool,
    /// Where bins part; the first and the last bin are open.
    pub edges: Vec<f64>,
    /// Documents by bin.
    pub documents: Vec<u64>,
    /// Documents by bin that all filters and edits of the arm keep.
    pub kept: Vec<u64>,
    /// Documents without a value.
    pub null: u64,
    /// Of these, documents that all filters and edits of the arm keep.
    pub kept_null: u64,
    /// The rules that go by it.
    pub rules: Vec<RuleFound>,
}

/// A rule, what it drops, and what moving its threshold would keep.
#[derive(Debug, Clone, Serialize)]
pub struct RuleFound {
    /// The reason it gives.
    pub reason: String,
    /// What it drops, in words.
    pub drops: String,
    /// The bound, where a yes is 1.
    pub bound: f64,
    /// Whether the bound is the least that is kept, or the greatest.
    pub is_least: bool,
    /// Documents that fail it, whatever else drops them.
    pub fails: u64,
    /// Documents for which it is the first rule of its step that fails.
    pub first: u64,
    /// Documents that all other rules and steps of the arm keep, before dedups.
    pub alone: u64,
    /// What the arm would keep with other thresholds, before dedups.
    pub moved: Vec<Moved>,
}

/// What the arm would keep if a rule had another threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// The threshold; none for the rule switched off.
    pub bound: Option<f64>,
    /// Documents kept.
    pub documents: u64,
    /// Tokens of the stored text of these, where the run counted them.
    pub tokens: Option<u64>,
}

/// Drop rates by what documents are.
#[derive(Debug, Clone, Serialize)]
pub struct Disparity {
    /// By what: `language`, `top-level domain`, `host`, `length`.
    pub by: String,
    /// The SQL that gives it.
    #[serde(skip)]
    pub sql: String,
    /// The SQL of their order.
    #[serde(skip)]
    pub order: &'static str,
    /// The largest groups.
    pub groups: Vec<Group>,
    /// How many further groups there are; `None` where more than can be held.
    pub further: Option<u64>,
}

/// A group of documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What they have in common.
    pub value: String,
    /// Documents.
    pub documents: u64,
    /// Of these, documents that the arm does not have.
    pub lost: u64,
    /// Of these, documents dropped by each step of the arm, in order, whatever others do.
    pub dropped: Vec<u64>,
}
