//! What each stage costs in CPU time, measured on the thread that does the work.

use std::time::{Duration, Instant};

use crate::plan::Plan;
use crate::store::Seconds;

/// CPU time of the calling thread since some fixed moment.
pub(super) fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), nanos)
}

/// A stage besides the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Inflating and splitting the shard.
    Read,
    /// HTTP payload and charset.
    Decode,
    /// HTML to text.
    Extract,
    /// Words, lines and n-grams that steps share, and edited texts.
    Analyse,
    /// Arrow columns.
    Assemble,
    /// Parquet encoding and the disk.
    Write,
}

const STAGES: [(Stage, &str); 6] = [
    (Stage::Read, "read"),
    (Stage::Decode, "decode"),
    (Stage::Extract, "extract"),
    (Stage::Analyse, "analyse"),
    (Stage::Assemble, "assemble"),
    (Stage::Write, "write"),
];

/// CPU time by stage and by (step, view) pair.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    stages: [Duration; STAGES.len()],
    pairs: Vec<Duration>,
}

impl Ledger {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { stages: Default::default(), pairs: vec![Duration::ZERO; plan.pairs.len()] }
    }

    pub(super) fn add(&mut self, stage: Stage, time: Duration) {
        self.stages[stage as usize] += time;
    }

    pub(super) fn add_pair(&mut self, pair: usize, time: Duration) {
        self.pairs[pair] += time;
    }

    /// Runs work on a stage's account.
    pub(super) fn time<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let before = thread_cpu();
        let result = work();
        self.add(stage, thread_cpu().saturating_sub(before));
        result
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (own, time) in self.stages.iter_mut().zip(&other.stages) {
            *own += *time;
        }
        for (own, time) in self.pairs.iter_mut().zip(&other.pairs) {
            *own += *time;
        }
    }

    pub(super) fn seconds(&self, plan: &Plan) -> Seconds {
        let stages = STAGES
            .iter()
            .map(|(stage, name)| ((*name).to_owned(), self.stages[*stage as usize].as_secs_f64()));
        let pairs = self.pairs.iter().enumerate();
        let pairs = pairs.map(|(i, time)| (format!("step:{}", plan.column(i)), time.as_secs_f64()));
        stages.chain(pairs).collect()
    }
}

/// Wall-clock time of a run, for people; nothing of it reaches the shards' files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wall(Instant);

impl Wall {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
