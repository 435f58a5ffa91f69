//! One file per command.

pub(super) mod apply;
pub(super) mod check;
pub(super) mod completion;
pub(super) mod config;
pub(super) mod convert;
pub(super) mod diff;
pub(super) mod down;
pub(super) mod explain;
pub(super) mod first_run;
pub(super) mod role;
pub(super) mod schema;
pub(super) mod status;
pub(super) mod support;
pub(super) mod why;
