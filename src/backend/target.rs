//! The list of targets, one line each.

/// Something that a project can be translated to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Kubernetes objects.
    Kubernetes,
    /// Kubernetes objects as a base, and an overlay per further Compose file (N113).
    Kustomize,
    /// Kubernetes objects as a chart (N114).
    Helm,
    /// A stack file for Docker Swarm.
    Swarm,
}

impl Target {
    /// All targets, the default first.
    pub const ALL: &[Self] = &[Self::Kubernetes, Self::Kustomize, Self::Helm, Self::Swarm];

    /// Returns the name that summaries carry; diagnostics of a backend carry what it calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kubernetes => "kubernetes",
            Self::Kustomize => "kustomize",
            Self::Helm => "helm",
            Self::Swarm => "swarm",
        }
    }

    /// Returns the words of `--to`, the shown one first.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Kubernetes => &["k8s", "kubernetes"],
            Self::Kustomize => &["kustomize"],
            Self::Helm => &["helm"],
            Self::Swarm => &["swarm", "stack"],
        }
    }

    /// Tells whether it is made of Kubernetes objects.
    pub const fn has_objects(self) -> bool {
        match self {
            Self::Kubernetes | Self::Kustomize | Self::Helm => true,
            Self::Swarm => false,
        }
    }

    /// Tells whether a diagnostic that carries the name of a target is about this one.
    pub fn concerns(self, name: &str) -> bool {
        name == self.name() || (self.has_objects() && name == Self::Kubernetes.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Target;
    use crate::backend::Backend as _;
    use crate::backend::{kubernetes::Kubernetes, swarm::Swarm};

    #[test]
    fn targets_are_called_as_their_backends_call_themselves() {
        assert_eq!(Target::Kubernetes.name(), Kubernetes::default().target());
        assert_eq!(Target::Swarm.name(), Swarm::default().target());
    }

    #[test]
    fn what_is_said_of_objects_concerns_all_that_is_made_of_them() {
        assert!(Target::Helm.concerns("kubernetes") && Target::Kustomize.concerns("kustomize"));
        assert!(!Target::Kubernetes.concerns("kustomize") && !Target::Swarm.concerns("kubernetes"));
    }
}
