//! `rcompose down`: takes the project out of a cluster (A97).

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::live::{Live, PLAN};

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
    /// text (default), json
    #[arg(
        short = 'o',
        long,
        value_name = "FORMAT",
        value_parser = PossibleValuesParser::new(["text", "json"]),
        help_heading = PLAN
    )]
    pub(crate) format: Option<String>,
}
