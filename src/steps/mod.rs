//! The steps: what a pipeline is made of, one file each, and the registry of them.
//!
//! A step's file holds everything about it: the module documentation is the page that
//! `gristmill filters NAME` prints (what it drops, its source, deviations), [`params!`] declares its
//! parameters, [`signals!`] what it measures, [`Rule`]s its verdict, and tests hold each threshold
//! from both sides. The line in [`REGISTRY`] is all that stands elsewhere.
//!
//! Steps are pure and total: no I/O once built, no clock, no randomness, no panic on any text.
//!
//! [`params!`]: crate::config::params

pub mod annotations;
mod build;
mod classifier;
pub mod dedup;
pub mod edits;
pub mod filters;
mod inputs;
mod lists;
mod registry;
mod rules;
mod signals;
#[cfg(test)]
pub(crate) mod testing;
mod texts;
mod tokenizer;

pub use crate::__signals as signals;
pub use build::{Build, FileDigest};
pub use inputs::{Earlier, Field, Input};
pub use registry::{Built, REGISTRY, StepType, find, rebuild};
pub use rules::{ActiveRule, Rule, Rules, Test};
pub use signals::{SignalKind, SignalSpec, SignalValue, Signals, Value};
pub use tokenizer::{TextTokenizer, TokenizerError, Vocabulary};

use std::ops::Range;

use crate::config::Params;
use crate::text::{Span, View};

/// What every step declares.
pub trait Step: Send + Sync + Sized + 'static {
    /// The registered name: snake_case, the same as its file, its configuration and its column.
    const NAME: &'static str;
    /// Raised whenever a value or verdict changes on any document; part of the fingerprint.
    const VERSION: u32;
    /// The step's own source file, whose module documentation is its page.
    const SOURCE: &'static str;
    /// What it takes.
    type Params: Params;
    /// What it measures.
    type Signals: Signals;

    /// Sets what a variant has by default otherwise, where the pipeline does not give it itself.
    fn variant_defaults(_params: &mut Self::Params, _gives: &dyn Fn(&str) -> bool) {}

    /// Makes the step, loading what its parameters name.
    ///
    /// `None` after reporting at least one fault through `build`: a missing model, values that
    /// contradict each other, parameters with which the step could never drop anything.
    fn build(params: &Self::Params, build: &mut Build<'_>) -> Option<Self>;

    /// Parameters that only `cut` goes by: they change no byte of a run, and so no fingerprint.
    const SETTLED_BY_CUT: &'static [&'static str] = &[];

    /// Whether the step judges by the URL, and so applies to no document without one.
    fn needs_url(&self) -> bool {
        false
    }

    /// Whether a rule belongs to this configuration: a variant may leave a signal out, which is
    /// then null on every document.
    fn has_rule(&self, _rule: &Rule) -> bool {
        true
    }
}

/// A step that judges a document.
pub trait Filter: Step {
    /// The rules, in the order they are tested; the first that fails gives the reason.
    const RULES: &'static [Rule];

    /// Measures; `None` where the step does not apply (a URL filter on a document without a URL).
    fn measure(&self, view: &View<'_>) -> Option<Self::Signals>;
}

/// A filter that judges by what earlier steps of its pipeline found.
pub trait Derived: Step {
    /// The rules, as for a filter.
    const RULES: &'static [Rule];

    /// What it takes, known once it is built; in the order in which [`Derived::derive`] gets it.
    fn inputs(&self) -> &[Input];

    /// Measures; `inputs` are the values asked for, in order.
    fn derive(&self, view: &View<'_>, inputs: &[Value]) -> Option<Self::Signals>;
}

/// A step that marks spans of the text to remove or replace, and may drop a document.
pub trait Edit: Step {
    /// The rules, as for a filter; empty for an edit that never drops a document.
    const RULES: &'static [Rule];

    /// Marks spans of `view.text()`, ascending and disjoint, on character boundaries.
    fn edit(&self, view: &View<'_>, spans: &mut Vec<Span>) -> Option<Self::Signals>;
}

/// A step that judges a document among others, by keys that documents share.
///
/// Which document of a cluster stays depends on which others are in an arm, so a run only signs;
/// clusters are an arm's own.
pub trait Dedup: Step {
    /// What of a document is kept or removed.
    const UNIT: Unit = Unit::Document;

    /// What it takes from earlier steps: the signal by which the keeper of a cluster is chosen.
    fn inputs(&self) -> &[Input] {
        &[]
    }

    /// Signs the view; no key where the text cannot be compared.
    ///
    /// [`Unit::Document`]: documents that share the key of a band are candidates for one cluster.
    /// [`Unit::Piece`]: the band is the position of the piece; pieces of one key, in whatever
    /// document and at whatever position, are copies.
    fn sign(&self, view: &View<'_>, signature: &mut Signature) -> Option<Self::Signals>;

    /// Appends hashes of what two documents are compared by, each once and ascending, where
    /// candidates can be verified by the Jaccard similarity of these sets.
    fn shingles(&self, _view: &View<'_>, _hashes: &mut Vec<u64>) {}

    /// Appends the bytes of each piece of a text, by position, where pieces are what is removed;
    /// ascending and disjoint, and whatever goes with a piece (the end of its line) is part of it.
    fn pieces(&self, _text: &str, _pieces: &mut Vec<Range<usize>>) {}
}

/// What a dedup keeps or removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Whole documents.
    Document,
    /// Pieces of their text: paragraphs, lines.
    Piece,
}

impl Unit {
    /// The name for pages and plans.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Piece => "piece",
        }
    }
}

/// What a dedup writes of a document to `signatures/`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// Bands, ascending, each once, with their keys.
    pub keys: Vec<(u32, u64)>,
    /// The hashes that each key is made of, as many for each and in the same order, where a cut is
    /// to estimate similarities by them; else empty.
    pub hashes: Vec<u64>,
}

impl Signature {
    /// Empties it.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.hashes.clear();
    }
}

/// A step that measures and judges nothing.
pub trait Annotation: Step {
    /// Measures; `None` where the step does not apply.
    fn measure(&self, view: &View<'_>) -> Option<Self::Signals>;
}

/// What kind of step it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Judges a document.
    Filter,
    /// Marks spans of the text.
    Edit,
    /// Judges among others, by keys.
    Dedup,
    /// Measures only.
    Annotation,
}

impl StepKind {
    /// The name for pages and plans.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Edit => "edit",
            Self::Dedup => "dedup",
            Self::Annotation => "annotation",
        }
    }
}

/// What a step found on one view of one document; reused from document to document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Whether the step applied to the document.
    pub applies: bool,
    /// Whether the step judges documents one by one: filters and edits do.
    pub judges: bool,
    /// The reason of the first rule that failed.
    pub reason: Option<&'static str>,
    /// The signals, as many as declared; all null where the step did not apply.
    pub values: Vec<Value>,
    /// The spans of an edit, in bytes of the view's text.
    pub spans: Vec<Span>,
    /// What a dedup writes.
    pub signature: Signature,
}

impl Outcome {
    /// `keep` as the column has it: null where the step does not apply or judges nothing.
    pub fn keep(&self) -> Option<bool> {
        (self.applies && self.judges).then_some(self.reason.is_none())
    }
}

/// A configured step of any kind.
pub trait Evaluate: Send + Sync {
    /// Evaluates the step on a view; `inputs` has a value for each of [`Evaluate::inputs`].
    fn evaluate(&self, view: &View<'_>, inputs: &[Value], outcome: &mut Outcome);
    /// The rules that are switched on, for reports.
    fn rules(&self) -> &Rules;
    /// What it takes from earlier steps.
    fn inputs(&self) -> &[Input] {
        &[]
    }
    /// See [`Dedup::shingles`].
    fn shingles(&self, _view: &View<'_>, _hashes: &mut Vec<u64>) {}
    /// See [`Dedup::pieces`].
    fn pieces(&self, _text: &str, _pieces: &mut Vec<Range<usize>>) {}
}
