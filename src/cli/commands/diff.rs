//! `rcompose diff`: what `apply` would do, and nothing is written.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::live::{Live, PLAN};

/// Flags of `diff`.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one per switch")]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) live: Live,
    /// text (default), unified, json, name, summary
    #[arg(
        short = 'o',
        long,
        value_name = "FORMAT",
        value_parser = PossibleValuesParser::new(["text", "unified", "json", "name", "summary"]),
        help_heading = PLAN
    )]
    pub(crate) format: Option<String>,
    /// Show what `apply --prune` would delete
    #[arg(long, alias = "remove-orphans", help_heading = PLAN)]
    pub(crate) prune: bool,
    /// Look at objects of the whole cluster too
    #[arg(long, help_heading = PLAN)]
    pub(crate) allow_cluster_scoped: bool,
    /// Show defaults that the server sets, too
    #[arg(long, help_heading = PLAN)]
    pub(crate) show_defaults: bool,
    /// Show values of secrets; only on a terminal
    #[arg(long, help_heading = PLAN)]
    pub(crate) show_secrets: bool,
    /// Compare here, without the server's dry-run
    #[arg(long, help_heading = PLAN)]
    pub(crate) read_only: bool,
}
