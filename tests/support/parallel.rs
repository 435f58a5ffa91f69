//! Many small runs on all processors.

use std::sync::Mutex;
use std::thread;

/// Applies a function to all items, several at a time; results come in the order of the items.
pub(crate) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    beside(items, thread::available_parallelism().map_or(2, usize::from), work)
}

/// The same with so many at a time, for work that mostly waits.
pub(crate) fn beside<T: Sync, R: Send>(items: &[T], workers: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(items.iter().enumerate());
    let done = Mutex::new(Vec::with_capacity(items.len()));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let item = next.lock().expect("no worker panics here").next();
                    let Some((index, item)) = item else { break };
                    let result = work(item);
                    done.lock().expect("no worker panics here").push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("all workers are done");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
