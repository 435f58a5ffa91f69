//! The pod template: one file per part.

pub(crate) mod readiness;
