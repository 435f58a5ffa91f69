//! Waiting for what an engine does in its own time.

use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine; only a fault waits so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// Asks again until the answer is good; panics with the last bad one when patience is at its end.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(answer) => assert!(Instant::now() < end, "{what}: after {PATIENCE:?} still: {answer}"),
        }
        thread::sleep(Duration::from_millis(200));
    }
}
