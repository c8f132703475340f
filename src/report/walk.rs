//! Arms as walks: what a document meets, step after step, and who is left after each.

use std::path::Path;

use crate::cut::{
    Bits, Context, CutArm, CutError, PiecesSummary, Recipe, Settled, Stage, Steps, Survivors,
    TextAt, after_edit,
};
use crate::plan::{StoredArm, StoredPlan};

use super::duplicates::{self, Duplicates};
use super::survey::step_of;

/// The views that arms have, by the column whose spans make them; the first is the stored text.
pub(super) struct Views {
    names: Vec<String>,
    /// The column whose spans make the view; none for the stored text.
    pub(super) spans: Vec<Option<String>>,
}

impl Views {
    pub(super) fn new() -> Self {
        Self { names: vec![String::new()], spans: vec![None] }
    }

    fn of(&mut self, name: &str, column: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.spans.push(Some(column.to_owned()));
            self.names.len() - 1
        })
    }
}

/// An arm as a walk.
pub(super) struct Walk {
    /// The arm's name.
    pub(super) name: String,
    /// Its places, in order; the first is the pool.
    pub(super) places: Vec<Place>,
    /// Who is left after each dedup, in order.
    pub(super) sets: Vec<Bits>,
    /// Whom each dedup of documents removes, in order; of the arm that is looked at alone.
    pub(super) removed: Vec<Bits>,
}

impl Walk {
    /// The dedup that removes a document, as an index of [`Walk::sets`]; `dropped` tells whether a
    /// filter or an edit of the arm drops it.
    pub(super) fn removed_by(&self, ordinal: u32, dropped: bool) -> Option<usize> {
        let by_copies = self.removed.iter().position(|removed| removed.has(ordinal));
        // A dedup of pieces comes last.
        let pieces = self.sets.get(self.removed.len()).filter(|_| !dropped);
        by_copies.or_else(|| pieces.filter(|left| !left.has(ordinal)).map(|_| self.removed.len()))
    }
}

/// A place in an arm.
pub(super) struct Place {
    /// The step; empty for the pool.
    pub(super) step: String,
    /// Its column.
    pub(super) column: String,
    /// What it asks of a document.
    pub(super) asks: Asks,
    /// The text after it, as an index of [`Views`].
    pub(super) view: usize,
    /// The column of tokens of that text, as an index of [`Columns::tokens`].
    pub(super) tokens: Option<usize>,
    /// Bytes that a dedup of pieces removes of those who are left.
    pub(super) removed_bytes: u64,
}

/// What a place asks of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// Nothing.
    Nothing,
    /// That a column does not drop it, as an index of [`Columns::judges`].
    Verdict(usize),
    /// That it is left after a dedup, as an index of [`Walk::sets`].
    Left(usize),
}

/// The columns that walks go by.
#[derive(Default)]
pub(super) struct Columns {
    /// Those with verdicts.
    pub(super) judges: Vec<String>,
    /// Those with numbers of tokens, `column.tokens`.
    pub(super) tokens: Vec<String>,
}

impl Columns {
    fn of(list: &mut Vec<String>, column: &str) -> usize {
        list.iter().position(|known| known == column).unwrap_or_else(|| {
            list.push(column.to_owned());
            list.len() - 1
        })
    }
}

/// What the dedups of an arm found.
#[derive(Default)]
pub(super) struct Found {
    /// Those of documents, in order; of the arm that is looked at alone.
    pub(super) copies: Vec<Duplicates>,
    /// That of pieces.
    pub(super) pieces: Option<PiecesSummary>,
}

/// Makes walks of arms.
pub(super) struct Walker<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) plan: &'a StoredPlan,
    /// Where dedups leave their provenance.
    pub(super) scratch: &'a Path,
    pub(super) views: Views,
    pub(super) columns: Columns,
}

impl Walker<'_> {
    /// The walk of an arm, its dedups settled; what they found if it is the arm of the report.
    pub(super) fn walk(
        &mut self,
        arm: &StoredArm,
        is_main: bool,
    ) -> Result<(Walk, Found), CutError> {
        let Recipe::Steps(steps) = CutArm::resolve(self.plan, &arm.name)?.recipe else {
            return Err(CutError::usage(format!("the arm `{}` is none of steps", arm.name)));
        };
        let mut walk = Walk {
            name: arm.name.clone(),
            places: Vec::new(),
            sets: Vec::new(),
            removed: Vec::new(),
        };
        let mut text = TextAt::default();
        self.place(&mut walk, "", "", Asks::Nothing, &text);
        let plan = self.plan;
        let found = self.settle(&steps, is_main, &mut walk)?;
        let removed_bytes = found.pieces.as_ref().map_or(0, |pieces| pieces.removed_bytes);
        let mut set = 0;
        for stage in &steps.stages {
            match stage {
                Stage::Judge(columns) => {
                    for column in columns {
                        let pair = plan.pairs.iter().find(|pair| pair.column == *column);
                        let Some(step) = pair.and_then(|pair| step_of(plan, pair)) else {
                            continue;
                        };
                        after_edit(&mut text, step, column);
                        let asks = Asks::Verdict(Columns::of(&mut self.columns.judges, column));
                        self.place(&mut walk, &step.name, column, asks, &text);
                    }
                }
                Stage::Dedup(dedup) => {
                    self.place(&mut walk, &dedup.step, &dedup.column, Asks::Left(set), &text);
                    set += 1;
                }
            }
        }
        if let Some(pieces) = &steps.pieces {
            self.place(&mut walk, &pieces.step, &pieces.column, Asks::Left(set), &text);
            if let Some(last) = walk.places.last_mut() {
                (last.tokens, last.removed_bytes) = (None, removed_bytes);
            }
        }
        Ok((walk, found))
    }

    fn place(&mut self, walk: &mut Walk, step: &str, column: &str, asks: Asks, text: &TextAt) {
        let plan = self.plan;
        let counts =
            |name: &str| plan.steps.iter().any(|s| s.name == name && s.uses == "token_count");
        let pair = plan.pairs.iter().find(|p| p.view == text.view && counts(&p.step));
        let tokens = pair
            .map(|pair| Columns::of(&mut self.columns.tokens, &format!("{}.tokens", pair.column)));
        // A direct run stored the text that its arm has.
        let stored = !plan.stored_view.is_empty();
        let spans = text.spans.as_deref().filter(|_| !stored);
        let view = spans.map_or(0, |column| self.views.of(&text.view, column));
        walk.places.push(Place {
            step: step.to_owned(),
            column: column.to_owned(),
            asks,
            view,
            tokens,
            removed_bytes: 0,
        });
    }

    /// Settles the dedups of an arm.
    fn settle(&self, steps: &Steps, is_main: bool, walk: &mut Walk) -> Result<Found, CutError> {
        let dedups = steps.stages.iter().any(|stage| matches!(stage, Stage::Dedup(_)));
        if !dedups && steps.pieces.is_none() {
            return Ok(Found::default());
        }
        let mut found = Vec::new();
        let everyone = Bits::new(self.context.pool.documents, true);
        let mut watch = |settled: Settled<'_>| {
            walk.sets.push(settled.alive.clone());
            if is_main {
                found.push(duplicates::of(&settled));
                walk.removed.push(duplicates::removed(&settled));
            }
        };
        let left = Survivors::settle(self.context, steps, everyone, self.scratch, &mut watch)?;
        for (found, summary) in found.iter_mut().zip(&left.dedups) {
            found.summary = summary.clone();
        }
        if left.pieces.is_some() {
            walk.sets.push(left.alive.clone());
        }
        Ok(Found { copies: found, pieces: left.pieces })
    }
}
