//! The plan on one document: every (step, view) pair, each once.

use std::borrow::Cow;

use crate::document::Document;
use crate::plan::Plan;
use crate::steps::{Outcome, Value};
use crate::text::{Span, View, apply, compose};

use super::ledger::{Ledger, Stage, thread_cpu};

/// What the pairs of a plan found on a document; reused from document to document.
pub(super) struct Evaluation {
    /// By pair.
    pub(super) outcomes: Vec<Outcome>,
    /// By view: the spans over the stored text that give the view's text.
    spans: Vec<Vec<Span>>,
    /// By view: the first view of the same text, so that an edit that found nothing costs nothing.
    same_as: Vec<usize>,
    /// By pair: the view that an edit makes.
    makes: Vec<Option<usize>>,
    /// The values that a step takes from earlier pairs.
    inputs: Vec<Value>,
}

impl Evaluation {
    pub(super) fn new(plan: &Plan) -> Self {
        let makes = |pair| plan.views.iter().position(|view| view.made_by == Some(pair));
        Self {
            outcomes: vec![Outcome::default(); plan.pairs.len()],
            spans: vec![Vec::new(); plan.views.len()],
            same_as: vec![0; plan.views.len()],
            makes: (0..plan.pairs.len()).map(makes).collect(),
            inputs: Vec::new(),
        }
    }

    /// Evaluates every pair, in a direct run up to the first that drops.
    ///
    /// The index of the pair that dropped the document in a direct run.
    pub(super) fn evaluate(
        &mut self,
        plan: &Plan,
        document: &Document,
        ledger: &mut Ledger,
    ) -> Option<usize> {
        let mut views: Vec<Option<View<'_>>> = Vec::new();
        views.resize_with(plan.views.len(), || None);
        for (index, pair) in plan.pairs.iter().enumerate() {
            let view = self.same_as[pair.view];
            match self.known(plan, index, view) {
                Some(known) => self.outcomes[index] = self.outcomes[known].clone(),
                None => {
                    let view = views[view].get_or_insert_with(|| {
                        let text = ledger.time(Stage::Analyse, || self.text(view, document));
                        View::new(document, text, thread_cpu)
                    });
                    self.inputs.clear();
                    let taken = plan.inputs[index].iter();
                    self.inputs.extend(taken.map(|&(at, field)| field.of(&self.outcomes[at])));
                    let (before, shared) = (thread_cpu(), view.shared_time());
                    let step = &plan.steps[pair.step].step;
                    step.evaluate(view, &self.inputs, &mut self.outcomes[index]);
                    let shared = view.shared_time().saturating_sub(shared);
                    let whole = thread_cpu().saturating_sub(before);
                    ledger.add(Stage::Analyse, shared);
                    ledger.add_pair(index, whole.saturating_sub(shared));
                }
            }
            if let Some(made) = self.makes[index] {
                self.make_view(made, pair.view, index);
            }
            if self.outcomes[index].keep() == Some(false) && plan.drops_directly(index) {
                return Some(index);
            }
        }
        None
    }

    /// An earlier pair of the same step on the same text.
    fn known(&self, plan: &Plan, index: usize, view: usize) -> Option<usize> {
        let step = plan.pairs[index].step;
        let same = |&known: &usize| {
            plan.pairs[known].step == step && self.same_as[plan.pairs[known].view] == view
        };
        (0..index).rev().take_while(|&known| plan.pairs[known].step == step).find(same)
    }

    fn make_view(&mut self, made: usize, parent: usize, pair: usize) {
        let found = &self.outcomes[pair].spans;
        if found.is_empty() {
            self.same_as[made] = self.same_as[parent];
            self.spans[made] = self.spans[parent].clone();
        } else {
            self.same_as[made] = made;
            self.spans[made] = compose(&self.spans[parent], found);
        }
    }

    /// The text of a view whose spans are known.
    pub(super) fn text<'d>(&self, view: usize, document: &'d Document) -> Cow<'d, str> {
        match self.spans[view].as_slice() {
            [] => Cow::Borrowed(&document.text),
            spans => Cow::Owned(apply(&document.text, spans)),
        }
    }

    /// The spans over the stored text that give the text after an edit's pair; none for others.
    pub(super) fn spans_after(&self, pair: usize) -> &[Span] {
        self.makes[pair].map_or(&[], |view| &self.spans[view])
    }

    /// Whether an arm keeps the document: no pair of it drops it.
    pub(super) fn kept_by(&self, pairs: &[usize]) -> bool {
        pairs.iter().all(|&pair| self.outcomes[pair].keep() != Some(false))
    }

    /// Bytes of a view's text.
    pub(super) fn bytes(&self, view: usize, document: &Document) -> u64 {
        let change = self.spans[view].iter().fold(0i64, |sum, span| {
            sum + span.replacement.len() as i64 - (span.end - span.start) as i64
        });
        (document.text.len() as u64).saturating_add_signed(change)
    }
}
