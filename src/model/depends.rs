//! What must be there before a service.

use super::ServiceName;
use crate::diag::{Span, Spanned};

/// One edge of `depends_on`, written or implied (L39).
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The service that is waited for.
    pub on: ServiceName,
    /// Place of the edge.
    pub span: Span,
    /// What is waited for.
    pub condition: Spanned<Condition>,
    /// It must exist and succeed.
    pub required: bool,
    /// Restart this service when that one is recreated; place where written.
    pub restart: Option<Span>,
    /// Follows from `links`, `volumes_from` or a shared namespace, not from `depends_on`.
    pub implied: bool,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// It was started.
    Started,
    /// It is healthy.
    Healthy,
    /// It ended with 0.
    Completed,
}
