//! The whole command line: what clap reads. One line per command (C10).

use clap::{Args, CommandFactory, Parser, Subcommand};

use super::commands::{
    apply, check, completion, config, convert, diff, down, explain, role, schema, status, support, why,
};
use super::settings::Globals;

/// The command line.
#[derive(Parser, Debug)]
#[command(
    name = "rcompose",
    about = "Translate Docker Compose projects to Kubernetes manifests and Swarm stack files.",
    version,
    propagate_version = true,
    args_override_self = true,
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The commands, in the order of the help.
#[derive(Subcommand, Debug)]
#[command(args_override_self = true)]
pub(crate) enum Command {
    /// Translate the project for a cluster and print the result.
    Convert(convert::Flags),
    /// Print the resolved project, as `docker compose config` does.
    Config(config::Flags),
    /// Say what survives the move, and what does not.
    Check(check::Flags),
    /// Compare the project with a cluster; writes nothing.
    Diff(diff::Flags),
    /// Bring a cluster to the state of the project.
    #[command(visible_alias = "up")]
    Apply(Box<apply::Flags>),
    /// Remove the project from a cluster.
    #[command(visible_alias = "delete")]
    Down(down::Flags),
    /// Show what runs of the project.
    #[command(visible_alias = "ps")]
    Status(status::Flags),
    /// Print the rights that live commands need.
    Role(role::Flags),
    /// Explain a code or a Compose key.
    Explain(explain::Flags),
    /// Say which key, line and rule a piece of output comes from.
    Why(Box<why::Flags>),
    /// Say what becomes of each Compose key on each target.
    Support(support::Flags),
    /// Print the JSON schema of hints, settings or reports.
    Schema(schema::Flags),
    /// Print a completion script for a shell.
    Completion(completion::Flags),
}

impl Command {
    /// Takes the flags that stand behind the command.
    pub(crate) fn take_globals(&mut self) -> Globals {
        std::mem::take(match self {
            Self::Convert(flags) => &mut flags.globals,
            Self::Check(flags) => &mut flags.globals,
            Self::Config(flags) => &mut flags.globals,
            Self::Diff(flags) => &mut flags.live.globals,
            Self::Apply(flags) => &mut flags.live.globals,
            Self::Down(flags) => &mut flags.live.globals,
            Self::Status(flags) => &mut flags.live.globals,
            Self::Role(flags) => &mut flags.live.globals,
            Self::Explain(flags) => &mut flags.globals,
            Self::Why(flags) => &mut flags.globals,
            Self::Support(flags) => &mut flags.globals,
            Self::Schema(flags) => &mut flags.globals,
            Self::Completion(flags) => &mut flags.globals,
        })
    }
}

/// Returns what clap reads. A flag of every command gives its short form to the command that means something else by it (C10).
pub(crate) fn command() -> clap::Command {
    Arguments::command().mut_subcommands(|command| match command.get_name() {
        "down" => command.mut_arg("verbose", |verbose| verbose.short(None)),
        _ => command,
    })
}

impl Command {
    /// Tells whether it is about a cluster.
    pub(crate) const fn is_live(&self) -> bool {
        matches!(self, Self::Diff(_) | Self::Apply(_) | Self::Down(_) | Self::Status(_) | Self::Role(_))
    }
}

/// Services that a command is about.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Services to take, with what they depend on; none is all
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
}
