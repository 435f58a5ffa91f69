//! What a user can choose for this target; `cli` fills it from flags and settings. Defaults are those of the rules.

use std::collections::BTreeMap;

/// Options of the Swarm target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `--image SERVICE=REFERENCE` (K10).
    pub images: BTreeMap<String, String>,
    /// `--registry`: stands before names of built images (K11).
    pub registry: Option<String>,
    /// `--tag` of built images; `latest` without (K11).
    pub tag: Option<String>,
    /// `--secrets` (S7).
    pub secrets: Secrets,
    /// `--gpu-resource`: kind of the generic resource; `NVIDIA-GPU` without (S43).
    pub gpu_resource: Option<String>,
    /// `--bind-policy` (S93).
    pub bind_policy: BindPolicy,
    /// Where the stack file will lie.
    pub place: StackPlace,
}

/// How secrets are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secrets {
    /// With their data.
    #[default]
    Inline,
    /// By name only: they must exist.
    Reference,
}

/// What becomes of configuration files that are mounted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BindPolicy {
    /// They travel as configs; source code is left out.
    #[default]
    Auto,
    /// All binds stay: the nodes have the files.
    Host,
}

/// Where the stack file will lie; its paths are relative to that place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StackPlace {
    /// On stdout: read in the project directory, without data files (S4).
    #[default]
    Alone,
    /// In a file of its own, without data files.
    File {
        /// The way from its directory to the project directory, as [`between`](super::between) gives it.
        to_project: String,
    },
    /// In a directory with the data of configs and secrets (S5).
    Directory {
        /// The way from that directory to the project directory, as [`between`](super::between) gives it.
        to_project: String,
    },
}

impl StackPlace {
    /// Returns the way from the stack file to the project directory.
    pub(crate) fn to_project(&self) -> &str {
        match self {
            Self::Alone => ".",
            Self::File { to_project } | Self::Directory { to_project } => to_project,
        }
    }

    /// Tells whether data files can be written beside the stack file.
    pub(crate) const fn holds_data(&self) -> bool {
        matches!(self, Self::Directory { .. })
    }
}
