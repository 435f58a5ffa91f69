//! Small hand-made values for the unit tests of this room.

use super::problem::Report;
use super::sample::at;
use crate::diag::Sink;
use crate::model::{Environment, Hook, ServiceName, Words};

/// Runs a function that reports, and returns the codes it gave.
pub(crate) fn report_of<T>(run: impl FnOnce(&mut Report<'_>) -> T) -> (T, Vec<String>) {
    let mut sink = Sink::default();
    let service = ServiceName::new("web");
    let value = run(&mut Report::new(&service, &mut sink));
    (value, codes_of(&sink))
}

/// Returns the codes in a sink, in order.
pub(crate) fn codes_of(sink: &Sink) -> Vec<String> {
    sink.diagnostics().iter().map(|found| found.code.name().to_owned()).collect()
}

/// Makes a hook of words.
pub(crate) fn hook(words: &[&str]) -> Hook {
    Hook {
        span: at(()).span,
        command: Words::Words(at(words.iter().map(|word| (*word).to_owned()).collect())),
        image: None,
        user: None,
        privileged: None,
        working_dir: None,
        environment: Environment::new(),
        per_replica: None,
    }
}
