//! Work on several threads, taken in order.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_channel::{bounded, unbounded};

use super::CutError;

/// Makes `count` things on `threads` threads and takes them in order on this one.
///
/// No more than `threads + 2` things are made and not yet taken at any time. A panic of `make` goes on
/// in this thread.
pub(super) fn in_order<T: Send>(
    threads: NonZeroUsize,
    count: usize,
    interrupted: &AtomicBool,
    make: impl Fn(usize) -> Result<T, CutError> + Sync,
    mut take: impl FnMut(usize, T) -> Result<(), CutError>,
) -> Result<(), CutError> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let window = threads.get() + 2;
    let (give_ticket, tickets) = bounded(window);
    for _ in 0..window {
        give_ticket.send(()).ok();
    }
    let (done, made) = unbounded();
    std::thread::scope(|scope| {
        for _ in 0..threads.get().min(count) {
            let (tickets, done) = (tickets.clone(), done.clone());
            let (next, stop, make) = (&next, &stop, &make);
            scope.spawn(move || {
                // The tickets end when the taker does.
                while tickets.recv().is_ok() && !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        return;
                    }
                    // Caught, or the taker would wait for it for ever.
                    let thing = catch_unwind(AssertUnwindSafe(|| make(index)));
                    if done.send((index, thing)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        // Moved in, so that waiting threads end with this block whatever way it is left.
        let give_ticket = give_ticket;
        let mut waiting = BTreeMap::new();
        for index in 0..count {
            let thing = loop {
                if let Some(thing) = waiting.remove(&index) {
                    break thing;
                }
                let Ok((at, thing)) = made.recv() else {
                    unreachable!("every index is sent, whatever comes of it");
                };
                waiting.insert(at, thing.unwrap_or_else(|panic| resume_unwind(panic)));
            };
            let taken = thing.and_then(|thing| match interrupted.load(Ordering::Relaxed) {
                true => Err(CutError::Interrupted),
                false => take(index, thing),
            });
            if taken.is_err() {
                stop.store(true, Ordering::Relaxed);
                return taken;
            }
            give_ticket.send(()).ok();
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).unwrap()
    }

    #[test]
    fn things_come_in_order_whatever_the_threads() {
        let never = AtomicBool::new(false);
        for n in [1, 2, 7] {
            let mut taken = Vec::new();
            let take = |index, thing| {
                taken.push((index, thing));
                Ok(())
            };
            in_order(threads(n), 100, &never, |index| Ok(index * index), take).unwrap();
            assert_eq!(taken, (0..100).map(|i| (i, i * i)).collect::<Vec<_>>());
        }
        in_order(threads(3), 0, &never, |_| Ok(()), |_, ()| Ok(())).unwrap();
    }

    #[test]
    fn a_panic_goes_on_however_many_things_are_left() {
        let never = AtomicBool::new(false);
        for count in [2, 100] {
            let make = |index| if index == 1 { panic!("one") } else { Ok(index) };
            let work = || in_order(threads(2), count, &never, make, |_, _: usize| Ok(()));
            let panic = catch_unwind(AssertUnwindSafe(work)).unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&"one"));
        }
    }

    #[test]
    fn the_first_error_ends_it() {
        let never = AtomicBool::new(false);
        let make = |index| match index {
            5 => Err(CutError::usage("five")),
            _ => Ok(index),
        };
        let mut taken = 0;
        let ended = in_order(threads(2), 100, &never, make, |_, _| {
            taken += 1;
            Ok(())
        });
        assert_eq!((ended.map_err(|error| error.to_string()), taken), (Err("five".to_owned()), 5));
        let now = AtomicBool::new(true);
        let ended = in_order(threads(2), 3, &now, Ok, |_, _| Ok(()));
        assert!(matches!(ended, Err(CutError::Interrupted)));
    }
}
