//! A member of the set that the project no longer wants, and what becomes of it (A90).

use super::super::object::Identity;

/// One such member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Orphan {
    /// Which object.
    pub(crate) identity: Identity,
    /// Its UID: the precondition of its deletion (A95).
    pub(crate) uid: String,
    /// Service that it was made for.
    pub(crate) service: Option<String>,
    /// What becomes of it.
    pub(crate) fate: Fate,
    /// Size of a claim, as it asks for it: said before it is deleted (A91).
    pub(crate) size: Option<String>,
}

/// What becomes of an orphan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Stays: `--prune` was not given (A96).
    Kept,
    /// Is deleted.
    Prune,
    /// Is deleted without `--prune`: an object with a newer content stands in its place (A18).
    Superseded,
    /// Stays for a reason of its own: a volume, a keep mark, an owner (A91, A92).
    Retained(String),
}

impl Fate {
    /// Tells whether it is deleted.
    pub(crate) const fn is_deletion(&self) -> bool {
        matches!(self, Self::Prune | Self::Superseded)
    }

    /// Returns the word of reports.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Kept => "orphan",
            Self::Prune => "delete",
            Self::Superseded => "superseded",
            Self::Retained(_) => "retained",
        }
    }
}
