//! What a display of a run may read while it goes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::Counts;

/// Counters of a run, shared with whoever shows them.
#[derive(Debug, Default)]
pub struct Progress {
    /// Shards to do in this run, those already whole left out.
    pub shards: AtomicU64,
    /// Stored bytes of those shards.
    pub bytes: AtomicU64,
    /// Shards brought to their end.
    pub shards_done: AtomicU64,
    /// Stored bytes read.
    pub bytes_read: Arc<AtomicU64>,
    /// Records met.
    pub records: AtomicU64,
    counts: Mutex<Counts>,
}

impl Progress {
    pub(super) fn add(&self, counts: &Counts) {
        self.records.fetch_add(counts.records, Ordering::Relaxed);
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).merge(counts);
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
