//! One file per command.

pub(super) mod check;
pub(super) mod completion;
pub(super) mod config;
pub(super) mod convert;
pub(super) mod explain;
pub(super) mod first_run;
pub(super) mod schema;
pub(super) mod why;
