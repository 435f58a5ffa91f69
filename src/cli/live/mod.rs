//! What live commands share: their flags, the way from a project and a kubeconfig to an aim, the screens. Knows no request.

#[cfg(feature = "cluster")]
pub(crate) mod act;
#[cfg(feature = "cluster")]
mod aim;
#[cfg(feature = "cluster")]
mod ending;
#[cfg(feature = "cluster")]
mod place;
#[cfg(feature = "cluster")]
mod question;
#[cfg(feature = "cluster")]
mod table;
#[cfg(feature = "cluster")]
pub(crate) mod tell;

#[cfg(feature = "cluster")]
use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::arguments::Selection;
use super::mapping::Mapping;
use super::reach::{CLUSTER, duration};
use super::settings::Globals;

/// Heading of flags that decide about a plan.
pub(crate) const PLAN: &str = "Plan";

/// Flags of every live command.
#[derive(Args, Clone, Debug)]
pub(crate) struct Live {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Only the named services, not what they depend on
    #[arg(long, help_heading = PLAN)]
    pub(crate) no_deps: bool,
    /// Longest time for all of it (10m)
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = CLUSTER)]
    pub(crate) timeout: Option<Duration>,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}

/// The form of what a command says on standard output.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TextOrJson {
    /// text (default), json
    #[arg(
        short = 'o',
        long,
        value_name = "FORMAT",
        value_parser = PossibleValuesParser::new(["text", "json"]),
        help_heading = PLAN
    )]
    format: Option<String>,
}

impl TextOrJson {
    /// Tells whether it is for programs.
    #[cfg(feature = "cluster")]
    pub(crate) fn is_json(&self) -> bool {
        self.format.as_deref() == Some("json")
    }
}

/// Flags that permit what a plan must not do by itself (C3).
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Permits {
    /// Take over objects of nobody, or of OWNER,…
    #[arg(
        long,
        value_name = "OWNER",
        value_delimiter = ',',
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        help_heading = PLAN
    )]
    pub(crate) adopt: Vec<String>,
    /// Take fields from others, or from MANAGER,…
    #[arg(
        long,
        value_name = "MANAGER",
        value_delimiter = ',',
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        help_heading = PLAN
    )]
    pub(crate) force_conflicts: Vec<String>,
    /// Delete and make anew, or only KIND/NAME,…
    #[arg(
        long,
        value_name = "OBJECT",
        value_delimiter = ',',
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        help_heading = PLAN
    )]
    pub(crate) allow_recreate: Vec<String>,
    /// Write objects of the whole cluster too
    #[arg(long, help_heading = PLAN)]
    pub(crate) allow_cluster_scoped: bool,
    /// The project is the same, although it moved
    #[arg(long, help_heading = PLAN)]
    pub(crate) same_project: bool,
}

/// Flags about what is deleted.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Prune {
    /// Delete what the project no longer has
    #[arg(long, alias = "remove-orphans", help_heading = PLAN)]
    pub(crate) prune: bool,
    /// Also volumes that it no longer has, and data
    #[arg(long, help_heading = PLAN)]
    pub(crate) prune_volumes: bool,
    /// Even if that is more than half of all
    #[arg(long, help_heading = PLAN)]
    pub(crate) allow_mass_delete: bool,
}

/// Returns the names that a flag was given; `None` where it stood without.
#[cfg(feature = "cluster")]
pub(crate) fn names(values: &[String]) -> Option<BTreeSet<String>> {
    let names: BTreeSet<String> = values.iter().filter(|name| !name.is_empty()).cloned().collect();
    (!names.is_empty() && values.iter().all(|name| !name.is_empty())).then_some(names)
}
