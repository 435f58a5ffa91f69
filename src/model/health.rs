//! When a service counts as healthy.

use crate::diag::{Span, Spanned};
use std::time::Duration;

/// Health of a service (K40): the Compose `healthcheck` over the Dockerfile's `HEALTHCHECK`.
#[derive(Clone, Debug, Default)]
pub enum Health {
    /// Neither wrote anything.
    #[default]
    Unknown,
    /// Switched off: `disable: true` or `test: ["NONE"]`.
    Disabled(Span),
    /// Timings without a test, and no Dockerfile that has one.
    TimingOnly(Spanned<Timing>),
    /// A test.
    Check(Spanned<Check>),
}

/// A test with its timings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is run.
    pub test: Spanned<Test>,
    /// How often.
    pub timing: Timing,
}

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `CMD`: words.
    Exec(Vec<String>),
    /// `CMD-SHELL`: a text for the shell, and the words behind it.
    Shell(Vec<String>),
}

/// Timings as written; zero means Docker's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// `interval`.
    pub interval: Option<Spanned<Duration>>,
    /// `timeout`.
    pub timeout: Option<Spanned<Duration>>,
    /// `retries`.
    pub retries: Option<Spanned<u64>>,
    /// `start_period`.
    pub start_period: Option<Spanned<Duration>>,
    /// `start_interval`.
    pub start_interval: Option<Spanned<Duration>>,
}
