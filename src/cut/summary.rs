//! What a cut came to.

use serde::{Deserialize, Serialize};

use crate::store::Output;

use super::{DedupSummary, Dropped, PiecesSummary};

/// What a cut came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The arm.
    pub arm: String,
    /// Its steps, in order.
    pub steps: Vec<String>,
    /// The pipeline.
    pub pipeline: String,
    /// Fingerprint of the plan.
    pub fingerprint: String,
    /// Documents of the pool.
    pub pool: u64,
    /// Of these, documents on the side of the hold-out that was asked for.
    pub considered: u64,
    /// What is odd about the run directories.
    pub warnings: Vec<String>,
    /// Shards read.
    pub shards: u64,
    /// What filters and edits dropped, in order.
    pub dropped: Vec<Dropped>,
    /// Dedups, in order.
    pub dedups: Vec<DedupSummary>,
    /// The dedup of pieces.
    pub pieces: Option<PiecesSummary>,
    /// What a random control was matched to.
    pub control: Option<Control>,
    /// Documents that the arm has, before a budget.
    pub survivors: u64,
    /// The sample drawn, if there was a budget.
    pub sample: Option<Sample>,
    /// Documents written.
    pub documents: u64,
    /// Of these, documents of junk mixed in.
    pub junk: u64,
    /// Bytes of their text.
    pub text_bytes: u64,
    /// Their tokens, where these were counted.
    pub tokens: Option<u64>,
    /// By what tokens were counted.
    pub tokenizer: Option<String>,
    /// Documents that the tokenizer refused; they have no tokens.
    pub unencodable: u64,
    /// The files written, relative to the output directory.
    pub outputs: Vec<Output>,
    /// Whether the directory held this very cut before.
    #[serde(skip)]
    pub was_there: bool,
}

/// What a random control was matched to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// What is counted: `tokens` or `bytes`.
    pub unit: String,
    /// What the steps it controls drop.
    pub dropped_by_steps: u64,
    /// What was dropped at random.
    pub dropped_at_random: u64,
}

/// A sample drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// What is counted.
    pub unit: String,
    /// What was asked for.
    pub asked: u64,
    /// What the whole arm has.
    pub whole: u64,
    /// What was drawn.
    pub drawn: u64,
}
