//! `rcompose status`: what runs of the project, a line per service.

use clap::Args;

use crate::cli::live::{Live, PLAN, TextOrJson};

/// Flags of `status`.
#[derive(Args, Clone, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) live: Live,
    /// Show pods below their services
    #[arg(long, help_heading = PLAN)]
    pub(crate) tree: bool,
    /// End with 4 unless all services are ready
    #[arg(long, help_heading = PLAN)]
    pub(crate) exit_code: bool,
    #[command(flatten)]
    pub(crate) format: TextOrJson,
}
