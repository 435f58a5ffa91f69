//! How many, where, and how versions replace each other.

use crate::diag::Spanned;
use std::time::Duration;

/// How many, and how they are found.
#[derive(Clone, Debug, Default)]
pub struct Scale {
    /// `deploy.replicas` or `scale`; `None` when the author is silent.
    pub replicas: Option<Spanned<u64>>,
    /// `deploy.endpoint_mode`.
    pub endpoint: Option<Spanned<Endpoint>>,
}

/// `deploy.endpoint_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// One address for all.
    Vip,
    /// An address each.
    DnsRoundRobin,
}

/// `update_config` or `rollback_config`, as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    /// How many at a time; 0 is all.
    pub parallelism: Option<Spanned<u64>>,
    /// Pause between them.
    pub delay: Option<Spanned<Duration>>,
    /// Which first.
    pub order: Option<Spanned<Order>>,
    /// What a failure does.
    pub on_failure: Option<Spanned<FailureAction>>,
    /// How long a new task is watched.
    pub monitor: Option<Spanned<Duration>>,
    /// Share of failures that is tolerated, 0 to 1.
    pub max_failure_ratio: Option<Spanned<f64>>,
}

/// `order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The old one goes first.
    StopFirst,
    /// The new one comes first.
    StartFirst,
}

/// `failure_action`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureAction {
    /// Stop here.
    Pause,
    /// Go on.
    Continue,
    /// Back to the old version.
    Rollback,
}

/// `deploy.placement`.
#[derive(Clone, Debug, Default)]
pub struct Placement {
    /// `constraints`; what cannot be parsed stays text.
    pub constraints: Vec<Spanned<Constraint>>,
    /// Keys of `preferences[].spread`, as written.
    pub spread: Vec<Spanned<String>>,
    /// `max_replicas_per_node`.
    pub max_per_node: Option<Spanned<u64>>,
}

/// One constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// As written.
    pub text: String,
    /// Subject, equal or not, value; `None` when it has no such form.
    pub parsed: Option<(ConstraintSubject, bool, String)>,
}

/// What a constraint looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintSubject {
    /// `node.hostname`.
    Hostname,
    /// `node.id`.
    Id,
    /// `node.role`.
    Role,
    /// `node.platform.os`.
    Os,
    /// `node.platform.arch`.
    Architecture,
    /// `node.ip`.
    Ip,
    /// `node.labels.KEY`.
    NodeLabel(String),
    /// `engine.labels.KEY`.
    EngineLabel(String),
}
