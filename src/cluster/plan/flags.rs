//! What the user allowed a run to do. No flag implies another (C3).

use std::collections::BTreeSet;

use super::super::object::Identity;

/// Permits of `apply` and what else decides about single objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    /// `--adopt[=OWNER,…]`: whose objects may be taken over.
    pub(crate) adopt: Adopt,
    /// `--force-conflicts[=MANAGER,…]`.
    pub(crate) force_conflicts: Permit,
    /// `--allow-recreate[=KIND/NAME,…]`.
    pub(crate) allow_recreate: Permit,
    /// `--allow-cluster-scoped`.
    pub(crate) allow_cluster_scoped: bool,
}

/// What may be deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Removal {
    /// `--prune`.
    pub(crate) prune: bool,
    /// `--prune-volumes`, or `-v` of `down`.
    pub(crate) volumes: bool,
    /// `--allow-mass-delete`.
    pub(crate) mass: bool,
}

/// A permit that may be given for everything or for names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Permit {
    /// Not given.
    #[default]
    None,
    /// Given for these.
    Named(BTreeSet<String>),
    /// Given without names.
    All,
}

impl Permit {
    /// Tells whether it covers a name.
    pub(crate) fn covers(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::Named(names) => names.contains(name),
            Self::All => true,
        }
    }

    /// Tells whether it covers an object, named `Kind/name` or by its kind alone, in any case of letters.
    pub(crate) fn covers_object(&self, identity: &Identity) -> bool {
        match self {
            Self::None => false,
            Self::Named(_) => self.names(identity),
            Self::All => true,
        }
    }

    /// Tells whether it names an object: custom resources are recreated only then (A40).
    pub(crate) fn names(&self, identity: &Identity) -> bool {
        let Self::Named(names) = self else { return false };
        let whole = identity.to_string();
        names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&whole) || name.eq_ignore_ascii_case(&identity.kind))
    }
}

/// Whose objects `--adopt` takes over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Adopt {
    /// `--adopt`: objects of nobody.
    pub(crate) nobody: bool,
    /// `--adopt=helm`: objects of these tools, by the words that messages use.
    pub(crate) owners: BTreeSet<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web() -> Identity {
        Identity {
            group: "apps".into(),
            version: "v1".into(),
            kind: "Deployment".into(),
            namespace: Some("shop".into()),
            name: "web".into(),
        }
    }

    #[test]
    fn a_permit_covers_what_it_names() {
        let named = |name: &str| Permit::Named(BTreeSet::from([name.to_owned()]));
        assert!(named("deployment/web").covers_object(&web()) && named("Deployment").covers_object(&web()));
        assert!(!named("Deployment/db").covers_object(&web()) && !Permit::None.covers_object(&web()));
        assert!(Permit::All.covers_object(&web()) && !Permit::All.names(&web()));
        assert!(named("kubectl-edit").covers("kubectl-edit") && !named("kubectl-edit").covers("helm"));
    }
}
