//! Order of objects in the output and names of their files (N110, N111).

use std::collections::{BTreeMap, BTreeSet};

use super::object::Object;
use super::plan::{Facts, Plan};
use crate::backend::Document;
use crate::model::ServiceName;

/// Kinds in the order of output: what others need first. Kinds of one row are sorted together by name.
const KINDS: [&[&str]; 18] = [
    &["Namespace"],
    &["ServiceAccount"],
    &["Role"],
    &["RoleBinding"],
    &["NetworkPolicy"],
    &["ConfigMap"],
    &["Secret", "ExternalSecret", "SealedSecret"],
    &["PersistentVolume"],
    &["PersistentVolumeClaim"],
    &["Service"],
    WORKLOADS,
    &["HorizontalPodAutoscaler"],
    &["PodDisruptionBudget"],
    &["Ingress"],
    &["Gateway"],
    &["HTTPRoute"],
    &["TCPRoute"],
    &["UDPRoute"],
];

const WORKLOADS: &[&str] = &["CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"];

/// Puts objects in order and names their files.
pub(crate) fn documents(plan: &Plan<'_>, mut objects: Vec<Object>) -> Vec<Document> {
    let depths = depths(plan);
    objects.sort_by_cached_key(|object| {
        let kind = KINDS.iter().position(|kinds| kinds.contains(&object.kind)).unwrap_or(KINDS.len());
        let is_workload = WORKLOADS.contains(&object.kind);
        let depth = if is_workload { depths.get(&object.plain_name).copied().unwrap_or(0) } else { 0 };
        (kind, depth, object.name.clone())
    });
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    for object in &objects {
        *files.entry(file_name(object.kind, &object.plain_name)).or_default() += 1;
    }
    objects
        .into_iter()
        .map(|object| {
            let file = file_name(object.kind, &object.plain_name);
            // Two that differ by their hash alone keep it.
            let file = if files[&file] > 1 { file_name(object.kind, &object.name) } else { file };
            object.into_document(file)
        })
        .collect()
}

fn file_name(kind: &str, name: &str) -> String {
    format!("{}-{name}.yaml", kind.to_ascii_lowercase())
}

/// Returns by name of the workload how long the longest chain of dependencies below it is.
fn depths(plan: &Plan<'_>) -> BTreeMap<String, usize> {
    let mut known = BTreeMap::new();
    plan.all()
        .filter(|facts| facts.owner == facts.name)
        .map(|facts| (facts.object_name.clone(), depth(plan, facts, &mut known, &mut BTreeSet::new())))
        .collect()
}

fn depth<'p>(
    plan: &'p Plan<'_>,
    owner: &'p Facts<'_>,
    known: &mut BTreeMap<&'p ServiceName, usize>,
    path: &mut BTreeSet<&'p ServiceName>,
) -> usize {
    if let Some(depth) = known.get(owner.name) {
        return *depth;
    }
    // Loading refuses cycles of services; those that pods make of them end here.
    if !path.insert(owner.name) {
        return 0;
    }
    let below: Vec<&Facts<'_>> = plan
        .pod_of(owner)
        .members
        .into_iter()
        .flat_map(|member| &member.service.depends)
        .filter_map(|dependency| plan.get(&plan.get(&dependency.on)?.owner.clone()))
        .filter(|facts| facts.name != owner.name)
        .collect();
    let deepest = below.into_iter().map(|facts| depth(plan, facts, known, path) + 1).max().unwrap_or(0);
    path.remove(owner.name);
    known.insert(owner.name, deepest);
    deepest
}

#[cfg(test)]
mod tests {
    use crate::backend::kubernetes::sample::{at, project, service, span, with_plan};
    use crate::model::{Condition, Dependency, Service, ServiceName};

    fn after(on: &[&str]) -> Service {
        let mut service = service();
        service.depends = on
            .iter()
            .map(|on| Dependency {
                on: ServiceName::new(*on),
                span: span(),
                condition: at(Condition::Started),
                required: true,
                restart: None,
                implied: false,
            })
            .collect();
        service
    }

    #[test]
    fn workloads_stand_behind_what_they_depend_on_n110() {
        let shop = project(vec![
            ("a", after(&["b", "c"])),
            ("b", after(&["c"])),
            ("c", after(&[])),
            ("d", after(&[])),
        ]);
        let (depths, _) = with_plan(&shop, |plan, _| super::depths(plan));
        assert_eq!(depths.into_values().collect::<Vec<_>>(), [2, 1, 0, 0]);
    }
}
