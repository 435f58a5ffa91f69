//! What must be there before what (A50), and what goes before what (A55).
//!
//! Edges between objects, for when an object waits for what it needs and not for a whole tier. Edges of `depends_on` come with
//! waiting, which is what they are about. Until then only the order of removal is asked here, and execution goes tier by tier,
//! which costs next to nothing: writing waits for one answer at the end of each of the few tiers. Nothing of ours but a deletion
//! takes longer than an answer.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::kinds::{self, Tier};
use crate::cluster::object::{Desired, Identity};
use crate::cluster::references;

/// Edges between the objects of a project, by their place in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    /// For each object those that must have been applied before it.
    pub(crate) needs: Vec<Vec<usize>>,
}

#[cfg_attr(not(test), expect(dead_code, reason = "waiting comes next, and goes by edges"))]
impl Graph {
    /// Draws the edges of a project.
    pub(crate) fn new(objects: &[Desired]) -> Self {
        let tiers: Vec<Tier> = objects
            .iter()
            .map(|desired| kinds::tier(&desired.identity.group, &desired.identity.kind))
            .collect();
        let places: BTreeMap<String, usize> = objects
            .iter()
            .enumerate()
            .map(|(place, desired)| (desired.identity.to_string(), place))
            .collect();
        let needs = objects.iter().zip(&tiers).map(|(desired, tier)| {
            let named: BTreeSet<usize> = references::in_words(&desired.document)
                .iter()
                .filter_map(|name| places.get(name).copied())
                .collect();
            let needed = objects.iter().zip(&tiers).enumerate().filter(|(place, (other, other_tier))| {
                *other_tier < tier && (named.contains(place) || belongs(desired, other, **other_tier))
            });
            needed.map(|(place, _)| place).collect()
        });
        Self { needs: needs.collect() }
    }

    /// Returns the objects that may start, given what was applied and what was begun.
    pub(crate) fn ready(&self, applied: &BTreeSet<usize>, begun: &BTreeSet<usize>) -> Vec<usize> {
        let free = |place: &usize| {
            !begun.contains(place)
                && !applied.contains(place)
                && self.needs[*place].iter().all(|need| applied.contains(need))
        };
        (0..self.needs.len()).filter(free).collect()
    }
}

/// Whether an object of an earlier tier concerns this one: what the whole project has, and what its own service has.
fn belongs(desired: &Desired, earlier: &Desired, tier: Tier) -> bool {
    tier == Tier::Scope
        || desired.service.is_none()
        || earlier.service.is_none()
        || desired.service == earlier.service
}

/// Orders objects for their removal: what points at workloads first, what they read and mount last.
pub(crate) fn removal_order(one: &Identity, other: &Identity) -> Ordering {
    let key = |identity: &Identity| (kinds::tier(&identity.group, &identity.kind), identity.to_string());
    let ((one_tier, one_name), (other_tier, other_name)) = (key(one), key(other));
    other_tier.cmp(&one_tier).then(one_name.cmp(&other_name))
}

/// Returns where the tiers of a list in [`removal_order`] begin: each is gone before the next begins.
pub(crate) fn removal_steps(ordered: &[&Identity]) -> Vec<Vec<usize>> {
    let mut steps: Vec<(Tier, Vec<usize>)> = Vec::new();
    for (place, identity) in ordered.iter().enumerate() {
        let tier = kinds::tier(&identity.group, &identity.kind);
        match steps.last_mut() {
            Some((last, places)) if *last == tier => places.push(place),
            _ => steps.push((tier, vec![place])),
        }
    }
    steps.into_iter().map(|(_, places)| places).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cluster::fields::served;

    fn object(kind: &str, version: &str, name: &str, service: Option<&str>, spec: &Value) -> Desired {
        let document = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec});
        Desired { service: service.map(str::to_owned), ..served::desired(document) }
    }

    fn project() -> Vec<Desired> {
        let mounts =
            json!({"template": {"spec": {"volumes": [{"name": "c", "configMap": {"name": "web-conf"}}]}}});
        vec![
            object("Deployment", "apps/v1", "web", Some("web"), &mounts),
            object("ConfigMap", "v1", "web-conf", Some("other"), &json!({})),
            object("Service", "v1", "db", Some("db"), &json!({})),
            object("Ingress", "networking.k8s.io/v1", "web", Some("web"), &json!({})),
            object("CustomResourceDefinition", "apiextensions.k8s.io/v1", "x", None, &json!({})),
            object("NetworkPolicy", "networking.k8s.io/v1", "all", None, &json!({})),
        ]
    }

    #[test]
    fn an_object_waits_for_what_it_needs_and_nothing_else() {
        let graph = Graph::new(&project());
        assert_eq!(
            graph.needs[0],
            [1, 4, 5],
            "the map that it mounts, definitions, policies; not the Service of db"
        );
        assert_eq!(graph.needs[3], [0, 4, 5]);
        assert_eq!(graph.needs[4], [] as [usize; 0]);
    }

    #[test]
    fn all_can_be_applied_in_the_order_of_the_edges() {
        let graph = Graph::new(&project());
        let (mut applied, begun) = (BTreeSet::new(), BTreeSet::new());
        let mut rounds = Vec::new();
        while applied.len() < 6 {
            let ready = graph.ready(&applied, &begun);
            assert!(!ready.is_empty(), "a knot after {applied:?}");
            applied.extend(&ready);
            rounds.push(ready);
        }
        assert_eq!(rounds, [vec![4], vec![1, 2, 5], vec![0], vec![3]]);
        assert_eq!(graph.ready(&BTreeSet::from([4]), &BTreeSet::from([1])), [2, 5]);
    }

    #[test]
    fn removal_goes_backwards() {
        let project = project();
        let mut identities: Vec<&Identity> = project.iter().map(|desired| &desired.identity).collect();
        identities.sort_by(|one, other| removal_order(one, other));
        let shown: Vec<String> = identities.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "Ingress/web",
                "Deployment/web",
                "ConfigMap/web-conf",
                "NetworkPolicy/all",
                "Service/db",
                "CustomResourceDefinition/x"
            ]
        );
        assert_eq!(removal_steps(&identities), [vec![0], vec![1], vec![2, 3, 4], vec![5]]);
    }
}
