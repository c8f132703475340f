//! Work on several threads.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use crate::store::StoreError;

/// Lets each worker do its work, on a thread each; the first error in the order of workers.
pub(super) fn each<W: Send, T: Send>(
    workers: &mut [W],
    work: impl Fn(&mut W) -> Result<T, StoreError> + Sync,
) -> Result<Vec<T>, StoreError> {
    let Some((first, others)) = workers.split_first_mut() else { return Ok(Vec::new()) };
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> =
            others.iter_mut().map(|worker| scope.spawn(move || work(worker))).collect();
        let mut results = vec![work(first)];
        for thread in threads {
            results.push(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results.into_iter().collect()
    })
}

/// Lets workers take items in turn until none is left, or one could not be done.
pub(super) fn share_out<W: Send, I: Sync>(
    workers: &mut [W],
    items: &[I],
    work: impl Fn(&mut W, &I) -> Result<(), StoreError> + Sync,
) -> Result<(), StoreError> {
    let next = AtomicUsize::new(0);
    let busy = workers.len().min(items.len());
    each(&mut workers[..busy], |worker| {
        while let Some(item) = items.get(next.fetch_add(1, Relaxed)) {
            work(worker, item).inspect_err(|_| next.store(items.len(), Relaxed))?;
        }
        Ok(())
    })?;
    Ok(())
}
