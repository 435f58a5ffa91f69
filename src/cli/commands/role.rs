//! `rcompose role`: the least rights that the project needs (A64). Asks no cluster.

use clap::Args;

use crate::cli::live::Live;

/// Flags of `role`.
#[derive(Args, Clone, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) live: Live,
}
