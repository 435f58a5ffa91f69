//! The list of targets, one line each.

/// Something that a project can be translated to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Kubernetes objects.
    Kubernetes,
    /// A stack file for Docker Swarm.
    Swarm,
}

impl Target {
    /// All targets, the default first.
    pub const ALL: &[Self] = &[Self::Kubernetes, Self::Swarm];

    /// Returns the name that diagnostics carry, as [`Backend::target`](super::Backend::target) gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kubernetes => "kubernetes",
            Self::Swarm => "swarm",
        }
    }

    /// Returns the words of `--to`, the shown one first.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Kubernetes => &["k8s", "kubernetes"],
            Self::Swarm => &["swarm", "stack"],
        }
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
}
