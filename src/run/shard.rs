//! One shard: read in batches, worked off by any worker, written in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::shards::Shard;
use crate::store::{Counts, Manifest, ShardFiles, StoreError};

use super::budget::Share;
use super::ledger::{Ledger, Stage};
use super::source::{Batch, Source};
use super::worker::Processed;
use super::{Context, RunError};

/// What a worker answers; the text is what a panic said.
pub(super) type Reply = (u64, Result<Processed, String>);

/// A batch on its way to a worker, and where the result goes.
pub(super) struct Job {
    pub(super) batch: Batch,
    pub(super) sequence: u64,
    pub(super) file: Arc<str>,
    pub(super) reply: Sender<Reply>,
}

/// How a shard ended, if not in an error.
pub(super) enum End {
    /// Whole and in its place.
    Whole(Box<Manifest>),
    /// Given up between batches, because the run is to stop.
    Stopped,
}

/// Runs one shard to its end.
pub(super) fn run(
    context: &Context<'_>,
    shard: &Shard,
    jobs: &Sender<Job>,
) -> Result<End, RunError> {
    let read = Arc::clone(&context.progress.bytes_read);
    let before = read.load(Ordering::Relaxed);
    let source = Source::open(shard, &context.task.plan.input, &read)
        .map_err(|source| RunError::Read { path: shard.path.clone(), source })?;
    let mut driver = Driver::new(context, shard, source)?;
    match driver.drive(jobs) {
        Ok(true) => {
            let manifest = driver.finish()?;
            manifest.write(&context.layout)?;
            // A reader of its own (Parquet) does not count its bytes as it goes.
            if read.load(Ordering::Relaxed) == before {
                read.fetch_add(shard.bytes, Ordering::Relaxed);
            }
            context.progress.shards_done.fetch_add(1, Ordering::Relaxed);
            Ok(End::Whole(Box::new(manifest)))
        }
        Ok(false) => {
            driver.discard();
            Ok(End::Stopped)
        }
        Err(error) => {
            driver.discard();
            Err(error)
        }
    }
}

struct Driver<'c> {
    context: &'c Context<'c>,
    shard: &'c Shard,
    source: Source,
    file: Arc<str>,
    files: ShardFiles,
    counts: Counts,
    ledger: Ledger,
    reply: Sender<Reply>,
    results: Receiver<Reply>,
    /// Results that came before their turn.
    early: BTreeMap<u64, Processed>,
    /// The bytes that each batch in flight holds, by sequence.
    held: BTreeMap<u64, Share<'c>>,
    sent: u64,
    written: u64,
    /// Jobs that a worker has not answered yet.
    unanswered: u64,
}

impl<'c> Driver<'c> {
    fn new(context: &'c Context<'c>, shard: &'c Shard, source: Source) -> Result<Self, RunError> {
        let task = &context.task;
        let files = ShardFiles::create(&context.layout, &shard.name, &task.schemas)?;
        let (reply, results) = unbounded();
        Ok(Self {
            context,
            shard,
            source,
            file: Arc::from(shard.given.as_str()),
            files,
            counts: Counts::default(),
            ledger: Ledger::new(task.plan),
            reply,
            results,
            early: BTreeMap::new(),
            held: BTreeMap::new(),
            sent: 0,
            written: 0,
            unanswered: 0,
        })
    }

    /// Reads, hands out and writes until the shard ends (true) or the run is to stop (false).
    fn drive(&mut self, jobs: &Sender<Job>) -> Result<bool, RunError> {
        let mut next = self.read()?;
        while next.is_some() || self.in_flight() > 0 {
            if self.context.stops() {
                return Ok(false);
            }
            if let Some(share) = next.as_ref().and_then(|batch| self.share_for(batch))
                && let Some(batch) = next.take()
            {
                self.held.insert(self.sent, share);
                self.send(self.sent, batch, jobs);
                self.sent += 1;
                next = self.read()?;
            } else {
                self.receive(jobs)?;
            }
        }
        Ok(true)
    }

    fn in_flight(&self) -> u64 {
        self.sent - self.written
    }

    fn read(&mut self) -> Result<Option<Batch>, RunError> {
        let source = &mut self.source;
        self.ledger.time(Stage::Read, || source.next()).map_err(|source| {
            let path = self.shard.path.clone();
            RunError::Read { path, source }
        })
    }

    /// The bytes of another batch, if it may be in flight.
    fn share_for(&self, batch: &Batch) -> Option<Share<'c>> {
        match self.in_flight() {
            0 => Some(self.context.budget.take(batch.bytes)),
            some if some < self.context.window => self.context.budget.try_take(batch.bytes),
            _ => None,
        }
    }

    fn send(&mut self, sequence: u64, batch: Batch, jobs: &Sender<Job>) {
        let (file, reply) = (Arc::clone(&self.file), self.reply.clone());
        self.unanswered += 1;
        // Workers outlive the drivers, so the channel is open.
        drop(jobs.send(Job { batch, sequence, file, reply }));
    }

    /// Takes the next result and writes what is in turn.
    fn receive(&mut self, jobs: &Sender<Job>) -> Result<(), RunError> {
        let fault = |message: String| {
            let shard = self.shard.name.clone();
            RunError::Panicked { shard, message }
        };
        let (sequence, result) =
            self.results.recv().map_err(|_| fault("the workers are gone".into()))?;
        self.unanswered -= 1;
        self.early.insert(sequence, result.map_err(fault)?);
        while let Some(mut processed) = self.early.remove(&self.written) {
            self.write(&processed)?;
            self.counts.merge(&processed.counts);
            self.ledger.merge(&processed.ledger);
            self.context.progress.add(&processed.counts);
            if let Some(rest) = processed.rest.take() {
                // The batch gave more text than a worker may hold: its rest is still in turn.
                self.send(self.written, rest, jobs);
                break;
            }
            self.held.remove(&self.written);
            self.written += 1;
        }
        Ok(())
    }

    fn write(&mut self, processed: &Processed) -> Result<(), StoreError> {
        let Processed { documents, failures, signatures, .. } = processed;
        let files = &mut self.files;
        self.ledger.time(Stage::Write, || files.write(documents, failures, signatures))
    }

    fn finish(self) -> Result<Manifest, RunError> {
        let Self { context, shard, counts, mut ledger, files, .. } = self;
        if !counts.balance() {
            files.discard();
            return Err(RunError::Unbalanced {
                shard: shard.name.clone(),
                counts: Box::new(counts),
            });
        }
        // An earlier manifest must not vouch for files that are about to be replaced.
        Manifest::remove(&context.layout, &shard.name)?;
        let outputs = ledger.time(Stage::Write, || files.finish())?;
        Ok(Manifest {
            shard: shard.name.clone(),
            input: shard.given.clone(),
            input_bytes: shard.bytes,
            fingerprint: context.task.plan.fingerprint.clone(),
            counts,
            arms: context.task.arms.clone(),
            outputs,
            cpu_seconds: ledger.seconds(context.task.plan),
        })
    }

    /// Gives the shard up: waits for what is in flight and removes what was written.
    fn discard(self) {
        let Self { files, results, reply, unanswered, .. } = self;
        drop(reply);
        for _ in 0..unanswered {
            if results.recv().is_err() {
                break;
            }
        }
        files.discard();
    }
}
