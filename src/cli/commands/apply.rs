//! `rcompose apply`: plan, question, lock, write, prune (A34–A39). Waiting comes later.

use clap::Args;

use crate::cli::live::{Live, PLAN, Permits, Prune, TextOrJson};

/// Flags of `apply`.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one per switch")]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) live: Live,
    /// Show the plan and end, as diff does
    #[arg(long, help_heading = PLAN)]
    pub(crate) dry_run: bool,
    /// Do not ask; permits nothing
    #[arg(short, long, help_heading = PLAN)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) format: TextOrJson,
    #[command(flatten)]
    pub(crate) prune: Prune,
    #[command(flatten)]
    pub(crate) permits: Permits,
    /// End when all is written
    #[arg(long, help_heading = PLAN)]
    pub(crate) detach: bool,
    /// Most requests at once (up to 32)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = PLAN)]
    pub(crate) parallel: Option<u16>,
    /// End with 2 where something had to change
    #[arg(long, help_heading = PLAN)]
    pub(crate) exit_code: bool,
}
