//! A budget in bytes that batches hold from being read until they are written.

use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes that may be in flight at once, over all shards.
pub(super) struct Budget {
    free: Mutex<usize>,
    freed: Condvar,
    whole: usize,
}

/// Bytes held; they go back when this is dropped.
pub(super) struct Share<'b> {
    budget: &'b Budget,
    bytes: usize,
}

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self { free: Mutex::new(bytes), freed: Condvar::new(), whole: bytes }
    }

    /// Takes the bytes of a batch if they are free; a batch larger than the whole budget takes
    /// everything.
    pub(super) fn try_take(&self, bytes: usize) -> Option<Share<'_>> {
        let bytes = bytes.min(self.whole);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free = free.checked_sub(bytes)?;
        Some(Share { budget: self, bytes })
    }

    /// Takes the bytes of a batch, waiting until they are free.
    ///
    /// Only for a caller that holds none: one that waits while holding could wait for itself.
    pub(super) fn take(&self, bytes: usize) -> Share<'_> {
        let bytes = bytes.min(self.whole);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < bytes {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= bytes;
        Share { budget: self, bytes }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *self.budget.free.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        self.budget.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_back_when_their_share_is_dropped() {
        let budget = Budget::new(10);
        let all = budget.try_take(1000);
        assert!(all.is_some(), "a batch larger than the budget takes all of it");
        assert!(budget.try_take(1).is_none());
        drop(all);
        let some = budget.take(4);
        assert!(budget.try_take(7).is_none());
        assert!(budget.try_take(6).is_some());
        drop(some);
        assert!(budget.try_take(10).is_some());
    }
}
