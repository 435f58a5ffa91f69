//! Hints that stand in no Compose file: flags of kompose and of ours, and the settings file of the project (C12, C26, D18).

use crate::diag::Spanned;
use crate::yaml::Mapping;

/// Hints from outside the Compose files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outside {
    /// Hints for all services, given by flags: above everything (N120).
    pub(crate) flags: Mapping,
    /// Hints of the project, given by flags.
    pub(crate) project_flags: Mapping,
    /// Hints of the settings file: rows of [`super::TOP`], checked; below the top of the Compose file.
    pub(crate) settings: Mapping,
    /// Hints of services that settings give: below all that `x-rcompose` says, above labels of kompose.
    pub(crate) services: Mapping,
    /// `--replicas`: where the file has none.
    pub(crate) replicas: Option<Spanned<u32>>,
    /// `--service-group-mode volume`: services that share a volume run in one pod of this name.
    pub(crate) group_by_volume: Option<Spanned<Option<String>>>,
    /// `--bind-policy error`: binds without a hint are refused where the rules would have to guess (N86).
    pub(crate) binds_need_hints: bool,
}
