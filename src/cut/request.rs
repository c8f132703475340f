//! What is to be cut, and with how much of the machine.

use std::num::{NonZeroU16, NonZeroUsize};
use std::path::PathBuf;

use serde::Serialize;

use super::formats::Format;

/// What is to be cut; together with the run directories it decides every byte of the output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Request {
    /// The run directories, in crawl order.
    pub runs: Vec<PathBuf>,
    /// The arm.
    pub arm: String,
    /// How much of it.
    pub budget: Option<Budget>,
    /// Seed of every draw but the hold-out: samples, order, controls, junk.
    pub seed: u64,
    /// Whether documents come in an order drawn by the seed, rather than in crawl order.
    pub shuffle: bool,
    /// What is written.
    pub format: Format,
    /// By what tokens are counted and written: the name of an embedded vocabulary, or the path of a
    /// `tokenizer.json`; that of the pipeline if none.
    pub tokenizer: Option<String>,
    /// The hold-out by registered domain, and which side of it.
    pub holdout: Option<Split>,
    /// Bytes of text after which a new part begins.
    pub part_bytes: u64,
    /// Files that Lingua's format deals the documents to.
    pub lingua_chunks: NonZeroU16,
}

/// How much of an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Tokens at most.
    Tokens(u64),
    /// Bytes of text at most.
    Bytes(u64),
    /// Documents at most.
    Documents(u64),
}

impl Budget {
    /// The number.
    pub fn amount(self) -> u64 {
        match self {
            Self::Tokens(amount) | Self::Bytes(amount) | Self::Documents(amount) => amount,
        }
    }

    /// What is counted.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Tokens(_) => "tokens",
            Self::Bytes(_) => "bytes",
            Self::Documents(_) => "documents",
        }
    }
}

/// A side of the hold-out split by registered domain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Split {
    /// Share of domains held out, between 0 and 1.
    pub share: f64,
    /// Seed of which; apart from the other one, so that one hold-out serves draws of many seeds.
    pub seed: u64,
    /// Whether what is held out is cut, rather than the rest.
    pub held_out: bool,
}

/// How a cut goes about its work; nothing here changes a byte of the output.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads.
    pub threads: NonZeroUsize,
    /// Bytes that sorting may take; beyond them it spills.
    pub memory_bytes: usize,
    /// Where it spills to; the output directory if none.
    pub spill: Option<PathBuf>,
    /// Whether the files of the run are held against their checksums first.
    pub verify: bool,
}
