//! Whose an object is that we did not expect: read from the marks that tools leave (A33 row 9).

use super::flags::Adopt;
use crate::cluster::fields::entry;
use crate::cluster::object::{Live, SET_LABEL};

/// Who an object belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A member of our own set.
    Us,
    /// A member of another set.
    Set(String),
    /// A release of Helm.
    Helm(String),
    /// A Kustomization or release of Flux.
    Flux(String),
    /// An application of Argo CD.
    Argo(String),
    /// An app of kapp.
    Kapp(String),
    /// A controller, such as `ReplicaSet/web-7c9d4`.
    Controller(String),
    /// No mark of anybody.
    Nobody,
}

impl Owner {
    /// Reads the marks of an object. A controller outranks all: what it made is never taken.
    pub(crate) fn of(live: &Live, set: &str) -> Self {
        let label = |key: &str| live.label(key).map(str::to_owned);
        let annotation = |key: &str| live.annotation(key).map(str::to_owned);
        if let Some(owner) = live.owner() {
            return Self::Controller(owner);
        }
        match label(SET_LABEL) {
            Some(id) if id == set => return Self::Us,
            Some(id) => return Self::Set(id),
            None => {}
        }
        let flux = || {
            live.labels()
                .find(|(key, _)| key.ends_with(".toolkit.fluxcd.io/name"))
                .map(|(_, name)| name.to_owned())
        };
        let argo = || {
            let tracked = annotation("argocd.argoproj.io/tracking-id");
            tracked.map(|id| id.split(':').next().unwrap_or_default().to_owned()).or_else(|| {
                // Its instance label is the one that we select by, so only its manager tells.
                let managed =
                    entry::entries(live).into_iter().any(|entry| entry.manager.starts_with("argocd"));
                managed.then(|| label("app.kubernetes.io/instance").unwrap_or_default())
            })
        };
        annotation("meta.helm.sh/release-name")
            .map(Self::Helm)
            .or_else(|| flux().map(Self::Flux))
            .or_else(|| argo().map(Self::Argo))
            .or_else(|| label("kapp.k14s.io/app").map(Self::Kapp))
            .unwrap_or(Self::Nobody)
    }

    /// Returns the word that `--adopt=` takes; `None` for what cannot be adopted by naming a tool.
    pub(crate) const fn word(&self) -> Option<&'static str> {
        match self {
            Self::Helm(_) => Some("helm"),
            Self::Flux(_) => Some("flux"),
            Self::Argo(_) => Some("argocd"),
            Self::Kapp(_) => Some("kapp"),
            Self::Us | Self::Set(_) | Self::Controller(_) | Self::Nobody => None,
        }
    }

    /// Returns the field manager under which the tool writes, where its fields must become ours for it to let go.
    pub(crate) const fn manager(&self) -> Option<&'static str> {
        match self {
            Self::Helm(_) => Some("helm"),
            _ => None,
        }
    }

    /// Tells whether the user allowed to take objects of it.
    pub(crate) fn is_adopted(&self, adopt: &Adopt) -> bool {
        match self {
            Self::Us => true,
            Self::Nobody => adopt.nobody,
            Self::Set(_) | Self::Controller(_) => false,
            Self::Helm(_) | Self::Flux(_) | Self::Argo(_) | Self::Kapp(_) => {
                self.word().is_some_and(|word| adopt.owners.contains(word))
            }
        }
    }

    /// Says who it is, for messages.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Us => "this project".to_owned(),
            Self::Set(id) => format!("another set (`{id}`)"),
            Self::Helm(name) => format!("the Helm release `{name}`"),
            Self::Flux(name) => format!("Flux (`{name}`)"),
            Self::Argo(name) => format!("the Argo CD application `{name}`"),
            Self::Kapp(name) => format!("the kapp app `{name}`"),
            Self::Controller(name) => format!("its controller `{name}`"),
            Self::Nobody => "nobody".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;

    fn owner(metadata: &Value) -> Owner {
        Owner::of(&Live::new(json!({"metadata": metadata})), "ours")
    }

    #[test]
    fn every_tool_is_known_by_its_marks() {
        let cases = [
            (json!({}), Owner::Nobody),
            (json!({"labels": {"applyset.kubernetes.io/part-of": "ours"}}), Owner::Us),
            (json!({"labels": {"applyset.kubernetes.io/part-of": "x"}}), Owner::Set("x".into())),
            (json!({"annotations": {"meta.helm.sh/release-name": "r"}}), Owner::Helm("r".into())),
            (json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "k"}}), Owner::Flux("k".into())),
            (
                json!({"annotations": {"argocd.argoproj.io/tracking-id": "app:apps/Deployment:x/y"}}),
                Owner::Argo("app".into()),
            ),
            (
                json!({"labels": {"app.kubernetes.io/instance": "i"}, "managedFields": [{"manager": "argocd-controller"}]}),
                Owner::Argo("i".into()),
            ),
            (json!({"labels": {"kapp.k14s.io/app": "1"}}), Owner::Kapp("1".into())),
            (
                json!({"labels": {"applyset.kubernetes.io/part-of": "ours"}, "ownerReferences": [{"kind": "A", "name": "b", "controller": true}]}),
                Owner::Controller("A/b".into()),
            ),
        ];
        for (metadata, expected) in cases {
            assert_eq!(owner(&metadata), expected, "{metadata}");
        }
    }

    #[test]
    fn each_owner_needs_its_own_permit() {
        let nobody = Adopt { nobody: true, owners: BTreeSet::new() };
        let helm = Adopt { nobody: false, owners: BTreeSet::from(["helm".to_owned(), "set".to_owned()]) };
        assert!(Owner::Nobody.is_adopted(&nobody) && !Owner::Helm("r".into()).is_adopted(&nobody));
        assert!(Owner::Helm("r".into()).is_adopted(&helm) && !Owner::Nobody.is_adopted(&helm));
        for never in [Owner::Set("x".into()), Owner::Controller("A/b".into())] {
            assert!(!never.is_adopted(&nobody) && !never.is_adopted(&helm), "{never:?}");
        }
    }
}
