//! Work on many like things, shared among the processors. The answers come in the order of the things, whoever was
//! first, so that nothing shows how many there were.

use std::num::NonZero;
use std::thread::{self, ScopedJoinHandle};

/// Does the same with each thing. `least` is how many are worth a thread of their own: fewer are done where we are.
pub(crate) fn map<T: Sync, R: Send>(things: &[T], least: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let most = things.len() / least.max(1);
    // How many processors there are is a question to the system, which small projects need not wait for.
    let threads =
        if most < 2 { 1 } else { most.min(thread::available_parallelism().map_or(1, NonZero::get)) };
    if threads == 1 {
        return things.iter().map(work).collect();
    }
    let all = |share: &[T]| share.iter().map(&work).collect::<Vec<R>>();
    let mut shares = things.chunks(things.len().div_ceil(threads));
    let own = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = shares
            .map(|share| (share, thread::Builder::new().spawn_scoped(scope, || all(share)).ok()))
            .collect();
        let mut answers = all(own);
        for (share, thread) in others {
            answers.extend(match thread.map(ScopedJoinHandle::join) {
                Some(Ok(theirs)) => theirs,
                // What broke over there breaks here: `crash` has told of it.
                Some(Err(payload)) => std::panic::resume_unwind(payload),
                // A system that gives no further thread has it done here.
                None => all(share),
            });
        }
        answers
    })
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn answers_stand_in_the_order_of_the_things() {
        for count in [0, 1, 2, 3, 7, 8, 100, 1_001] {
            let things: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = things.iter().map(|thing| thing * 2).collect();
            for least in [0, 1, 3, 2_000] {
                assert_eq!(
                    map(&things, least, |thing| thing * 2),
                    doubled,
                    "{count} things, {least} a thread"
                );
            }
        }
    }

    #[test]
    #[should_panic(expected = "the last of them")]
    fn what_breaks_in_a_thread_breaks_here() {
        map(&[1, 2, 3, 4], 1, |thing| assert!(*thing < 4, "the last of them"));
    }
}
