//! Hints become words of the model: which writing counts (N120), and what it says.
//!
//! Rank: flag, nearest `x-rcompose`, top of the file, settings file, label of kompose. The vocabulary and its check are
//! `compose`'s; what a hint does is decided here only where files must be read (binds) or services be joined (groups).

pub(super) mod apply;
mod layers;
mod project;
mod read;
mod service;
mod storage;
#[cfg(test)]
mod tests;

pub(super) use layers::Layers;
pub(super) use storage::{bind_mode, report_strange_targets};
