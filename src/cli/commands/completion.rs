//! `rcompose completion SHELL`: a script that completes commands, options and their values.

use clap::Args;
use clap_complete::Shell;

use crate::cli::arguments;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::Session;
use crate::cli::settings::Globals;

/// Flags of `completion`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// bash, zsh, fish, powershell, elvish
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(flags: &Flags, session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut arguments::command(), "rcompose", &mut script);
    session.printer.data(&script)?;
    Ok(Exit::Done)
}
