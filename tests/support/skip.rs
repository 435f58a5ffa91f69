//! The word for what was not done: never in silence.

use std::io::{self, Write};

/// Says on stderr, past the capture of the test harness, what was skipped and why.
pub(crate) fn skipped(test: &str, reason: &str) {
    let line = format!("skipped: {test}: {reason}\n");
    io::stderr().write_all(line.as_bytes()).expect("stderr can be written");
}
