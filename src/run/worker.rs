//! A worker: batches in, columns and counts out. It does no I/O.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use crate::document::{Document, Location};
use crate::panics::said;
use crate::plan::Plan;
use crate::steps::Outcome;
use crate::store::{
    ArmCount, Counts, DocumentBatch, Failure, FailureBatch, PairCount, Schemas, SignatureBatch,
    add_kind,
};

use super::evaluate::Evaluation;
use super::ledger::{Ledger, Stage, thread_cpu};
use super::page::{Page, PageReader, is_kind, location};
use super::source::{Batch, Unit};

/// What a batch came to.
pub(super) struct Processed {
    pub(super) documents: RecordBatch,
    pub(super) failures: RecordBatch,
    /// Ordinals count from the batch's first document.
    pub(super) signatures: RecordBatch,
    pub(super) counts: Counts,
    pub(super) ledger: Ledger,
    /// The units not worked off, where the batch gave more text than a worker may hold.
    pub(super) rest: Option<Batch>,
}

/// What workers share.
pub(super) struct Task<'p> {
    pub(super) plan: &'p Plan,
    pub(super) schemas: Schemas,
    /// The column of each pair.
    pub(super) columns: Vec<String>,
    /// The columns of each arm, by name.
    pub(super) arms: BTreeMap<String, Vec<String>>,
    pub(super) pages: PageReader,
}

/// One batch under work.
struct Worker<'p> {
    task: &'p Task<'p>,
    evaluation: Evaluation,
    documents: DocumentBatch,
    failures: FailureBatch,
    signatures: SignatureBatch,
    counts: Counts,
    arms: Vec<ArmCount>,
    pairs: Vec<PairTally>,
    ledger: Ledger,
}

/// [`PairCount`] before its reasons get names of their own.
#[derive(Default, Clone)]
struct PairTally {
    kept: u64,
    unjudged: u64,
    dropped: Vec<(&'static str, u64)>,
}

/// Bytes of text after which a worker hands in what it has: compressed pages may give far more
/// text than the bytes that their batch holds of the budget.
const PART_BYTES: usize = 32 << 20;

/// Works a batch off, or as much of it as gives [`PART_BYTES`] of text.
///
/// # Errors
/// What a panic said, or columns that do not fit the schema: faults of gristmill itself.
pub(super) fn process(task: &Task<'_>, batch: Batch, file: &str) -> Result<Processed, String> {
    let work = || process_part(task, batch, file).map_err(|error| error.to_string());
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(said(&*panic).to_owned()))
}

fn process_part(task: &Task<'_>, batch: Batch, file: &str) -> Result<Processed, ArrowError> {
    let mut worker = Worker {
        task,
        evaluation: Evaluation::new(task.plan),
        documents: DocumentBatch::new(task.schemas.documents.clone()),
        failures: FailureBatch::new(task.schemas.failures.clone()),
        signatures: SignatureBatch::new(task.schemas.signatures.clone()),
        counts: Counts::default(),
        arms: vec![ArmCount::default(); task.plan.arms.len()],
        pairs: vec![PairTally::default(); task.plan.pairs.len()],
        ledger: Ledger::new(task.plan),
    };
    let mut units = batch.units.into_iter();
    while worker.documents.text_bytes() < PART_BYTES
        && let Some(unit) = units.next()
    {
        worker.unit(unit, file);
    }
    let rest = Batch::rest(units);
    let mut processed = worker.finish()?;
    processed.rest = rest;
    Ok(processed)
}

impl Worker<'_> {
    fn unit(&mut self, unit: Unit, file: &str) {
        self.counts.records += 1;
        match unit {
            Unit::Other(kind) => {
                let kind = kind.as_str();
                let kind = if is_kind(kind) { kind } else { "malformed" };
                add_kind(&mut self.counts.other, kind);
            }
            Unit::Failure(failure) => self.fail(&failure),
            Unit::Document(document) => self.document(&document),
            Unit::Record(record) => {
                let place = location(&record, file);
                let id = record.record_id().map(str::to_owned);
                let url = record.target_uri().map(str::to_owned);
                let pages = &self.task.pages;
                let ledger = &mut self.ledger;
                // Only the ledger is touched inside, and a time too few is no broken state.
                let page = catch_unwind(AssertUnwindSafe(|| pages.read(&record, file, ledger)));
                drop(record);
                match page {
                    Ok(Page::Document(document)) => self.document(&document),
                    Ok(Page::Failure(failure)) => self.fail(&failure),
                    Ok(Page::Other(kind)) => add_kind(&mut self.counts.other, &kind),
                    Err(panic) => self.panicked("reading the page", &*panic, place, id, url),
                }
            }
        }
    }

    fn document(&mut self, document: &Document) {
        let plan = self.task.plan;
        let (evaluation, ledger) = (&mut self.evaluation, &mut self.ledger);
        // An evaluation is overwritten from the start by the next document.
        let dropped =
            catch_unwind(AssertUnwindSafe(|| evaluation.evaluate(plan, document, ledger)));
        match dropped {
            Ok(dropped) => self.keep(document, dropped),
            Err(panic) => {
                let (id, url) = (Some(document.id.clone()), document.url.clone());
                self.panicked("judging", &*panic, document.location.clone(), id, url);
            }
        }
    }

    /// Counts a document that was evaluated, and stores it unless a direct run dropped it.
    fn keep(&mut self, document: &Document, dropped_by: Option<usize>) {
        let plan = self.task.plan;
        let evaluated = dropped_by.map_or(plan.pairs.len(), |pair| pair + 1);
        for (tally, outcome) in self.pairs.iter_mut().zip(&self.evaluation.outcomes).take(evaluated)
        {
            tally.add(outcome);
        }
        if dropped_by.is_some() {
            self.counts.dropped += 1;
            return;
        }
        let before = thread_cpu();
        let text = self.evaluation.text(plan.stored_view(), document);
        self.counts.documents += 1;
        self.counts.text_bytes += text.len() as u64;
        self.documents.push(document, &text);
        for (pair, outcome) in self.evaluation.outcomes.iter().enumerate() {
            self.documents.push_pair(pair, outcome, self.evaluation.spans_after(pair));
            if !outcome.signature.keys.is_empty() {
                let column = &self.task.columns[pair];
                self.signatures.push(self.counts.documents - 1, column, &outcome.signature);
            }
        }
        for (count, arm) in self.arms.iter_mut().zip(&plan.arms) {
            if self.evaluation.kept_by(&arm.pairs) {
                count.documents += 1;
                count.text_bytes += self.evaluation.bytes(arm.view, document);
            }
        }
        self.ledger.add(Stage::Assemble, thread_cpu().saturating_sub(before));
    }

    fn fail(&mut self, failure: &Failure) {
        add_kind(&mut self.counts.failures, failure.kind);
        self.failures.push(failure);
    }

    fn panicked(
        &mut self,
        doing: &str,
        panic: &(dyn std::any::Any + Send),
        location: Location,
        id: Option<String>,
        url: Option<String>,
    ) {
        let message = format!("panic while {doing}: {}", said(panic));
        self.fail(&Failure { location, kind: "panicked", message, id, url });
    }

    fn finish(mut self) -> Result<Processed, ArrowError> {
        let plan = self.task.plan;
        for (arm, count) in plan.arms.iter().zip(self.arms) {
            self.counts.arms.insert(arm.name.clone(), count);
        }
        for (pair, tally) in self.pairs.into_iter().enumerate() {
            self.counts.pairs.insert(self.task.columns[pair].clone(), tally.into());
        }
        let before = thread_cpu();
        let documents = self.documents.finish()?;
        let failures = self.failures.finish()?;
        let signatures = self.signatures.finish()?;
        self.ledger.add(Stage::Assemble, thread_cpu().saturating_sub(before));
        Ok(Processed {
            documents,
            failures,
            signatures,
            counts: self.counts,
            ledger: self.ledger,
            rest: None,
        })
    }
}

impl PairTally {
    fn add(&mut self, outcome: &Outcome) {
        match outcome.reason {
            _ if outcome.keep().is_none() => self.unjudged += 1,
            None => self.kept += 1,
            Some(reason) => match self.dropped.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += 1,
                None => self.dropped.push((reason, 1)),
            },
        }
    }
}

impl From<PairTally> for PairCount {
    fn from(tally: PairTally) -> Self {
        let dropped = tally.dropped.into_iter().map(|(reason, count)| (reason.to_owned(), count));
        Self { kept: tally.kept, unjudged: tally.unjudged, dropped: dropped.collect() }
    }
}
