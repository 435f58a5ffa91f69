//! What kind of work a service does, when it restarts, how it stops, what runs around it.

use super::{Environment, Words};
use crate::diag::{Span, Spanned};
use std::time::Duration;

/// Kind, restart, stop, hooks.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    /// Long-running or ending; decided by K1; of its first step, hints, only `Job`: the other kinds are the backends'.
    pub kind: Kind,
    /// Restart policy as written.
    pub restart: Restart,
    /// `stop_signal`.
    pub stop_signal: Option<Spanned<String>>,
    /// `stop_grace_period`.
    pub grace: Option<Spanned<Duration>>,
    /// `pre_start`.
    pub pre_start: Vec<Hook>,
    /// `post_start`.
    pub post_start: Vec<Hook>,
    /// `pre_stop`.
    pub pre_stop: Vec<Hook>,
}

impl Lifecycle {
    /// Returns all hooks, each with the key under which it stands, in the order in which they run.
    pub fn hooks(&self) -> impl Iterator<Item = (&'static str, &Hook)> {
        let Self { kind: _, restart: _, stop_signal: _, grace: _, pre_start, post_start, pre_stop } = self;
        let before = pre_start.iter().map(|hook| ("pre_start", hook));
        let behind = post_start.iter().map(|hook| ("post_start", hook));
        before.chain(behind).chain(pre_stop.iter().map(|hook| ("pre_stop", hook)))
    }

    /// As [`Self::hooks`], to change them.
    pub fn hooks_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut Hook)> {
        let Self { kind: _, restart: _, stop_signal: _, grace: _, pre_start, post_start, pre_stop } = self;
        let before = pre_start.iter_mut().map(|hook| ("pre_start", hook));
        let behind = post_start.iter_mut().map(|hook| ("post_start", hook));
        before.chain(behind).chain(pre_stop.iter_mut().map(|hook| ("pre_stop", hook)))
    }
}

/// Kind of work (K1, S60).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Runs until stopped, a number of times.
    Service,
    /// Runs until stopped, once a node: `deploy.mode: global`.
    Global(Span),
    /// Ends: `deploy.mode: replicated-job` or `global-job`.
    WrittenJob {
        /// `global-job`.
        per_node: bool,
        /// Place of `mode`.
        span: Span,
    },
    /// Ends: another service waits for it with `service_completed_successfully`; place of that condition.
    AwaitedJob {
        /// Place of the condition.
        span: Span,
        /// `deploy.mode: global` was written besides.
        per_node: bool,
    },
    /// Ends: the hint `kind: Job` says so; its place.
    HintedJob(Span),
    /// Ends: its restart policy is explicitly never and nothing about it looks like a server; place of the policy.
    OneShot(Span),
}

/// Restart policy (K37, S35).
#[derive(Clone, Debug, Default)]
pub struct Restart {
    /// `deploy.restart_policy.condition`, else `restart`; `None` when neither is written, or a word nobody knows.
    pub when: Option<Spanned<RestartWhen>>,
    /// It stands in `deploy.restart_policy`, not in `restart`.
    pub from_deploy: bool,
    /// `max_attempts`, or N of `on-failure:N`.
    pub max_attempts: Option<Spanned<u64>>,
    /// `delay`.
    pub delay: Option<Spanned<Duration>>,
    /// `window`.
    pub window: Option<Spanned<Duration>>,
}

/// When a container is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartWhen {
    /// `no`, `none`.
    Never,
    /// `on-failure`.
    OnFailure,
    /// `always`, `any`.
    Always,
    /// `unless-stopped`.
    UnlessStopped,
}

/// A command around the life of a container.
#[derive(Clone, Debug)]
pub struct Hook {
    /// Place of the hook.
    pub span: Span,
    /// `command`.
    pub command: Words,
    /// `image`, only of `pre_start`.
    pub image: Option<Spanned<String>>,
    /// `user`.
    pub user: Option<Spanned<String>>,
    /// `privileged`.
    pub privileged: Option<Spanned<bool>>,
    /// `working_dir`.
    pub working_dir: Option<Spanned<String>>,
    /// `environment`.
    pub environment: Environment,
    /// `per_replica`, only of `pre_start`.
    pub per_replica: Option<Spanned<bool>>,
}
