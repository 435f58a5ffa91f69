//! `rcompose down`: takes the project out of a cluster (A97).

use clap::Args;

use crate::cli::live::{Live, PLAN, TextOrJson};

/// Flags of `down`.
#[derive(Args, Clone, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) live: Live,
    /// Delete volumes too, with their data
    #[arg(short = 'v', long, help_heading = PLAN)]
    pub(crate) volumes: bool,
    /// Do not ask
    #[arg(short, long, help_heading = PLAN)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) format: TextOrJson,
}
