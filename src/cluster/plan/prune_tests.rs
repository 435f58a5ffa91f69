//! Members in, fates out.

use serde_json::json;

use super::*;
use crate::cluster::fields::served;

fn live(kind: &str, name: &str, extra: &Value) -> Live {
    let version = match kind {
        "Deployment" | "StatefulSet" => "apps/v1",
        "Job" => "batch/v1",
        _ => "v1",
    };
    let mut value = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "served", "uid": name}});
    for (pointer, part) in extra.as_object().expect("a map") {
        match pointer.as_str() {
            "labels" | "annotations" | "ownerReferences" => value["metadata"][pointer] = part.clone(),
            _ => value[pointer] = part.clone(),
        }
    }
    Live::new(value)
}

/// What a run sees, with everything else as in a plain `apply --prune`.
struct Case {
    live: Vec<Live>,
    desired: Vec<Desired>,
    kept: BTreeSet<String>,
    in_use: BTreeSet<String>,
    removal: Removal,
    waited: bool,
}

impl Case {
    fn new(live: Vec<Live>) -> Self {
        let web = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}});
        Self {
            live,
            desired: vec![served::desired(web)],
            kept: BTreeSet::new(),
            in_use: BTreeSet::new(),
            removal: Removal { prune: true, ..Removal::default() },
            waited: false,
        }
    }

    fn orphans(&self) -> Vec<Orphan> {
        let namespaces = BTreeSet::from(["served".to_owned()]);
        orphans(&Members {
            live: &self.live,
            desired: &self.desired,
            namespaces: &namespaces,
            kept_services: &self.kept,
            in_use: &self.in_use,
            removal: self.removal,
            waited: self.waited,
        })
    }

    fn fates(&self) -> Vec<String> {
        let shown = |orphan: &Orphan| match &orphan.fate {
            Fate::Retained(reason) => format!("{}: {reason}", orphan.identity),
            fate => format!("{}: {}", orphan.identity, fate.word()),
        };
        self.orphans().iter().map(shown).collect()
    }
}

#[test]
fn what_is_wanted_owned_or_elsewhere_is_no_orphan() {
    let case = Case::new(vec![
        live("Deployment", "web", &json!({})),
        live(
            "Deployment",
            "owned",
            &json!({"ownerReferences": [{"kind": "A", "name": "b", "controller": true}]}),
        ),
        Live::new(
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x", "namespace": "elsewhere"}}),
        ),
        Live::new(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "served"}})),
        live("Service", "old", &json!({})),
    ]);
    assert_eq!(case.fates(), ["Service/old: delete"]);
}

#[test]
fn a_definition_stays_and_that_is_said() {
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.org"}});
    let case = Case::new(vec![Live::new(definition)]);
    let expected = "CustomResourceDefinition/widgets.example.org: others may need it, so it is never deleted";
    assert_eq!(case.fates(), [expected]);
}

#[test]
fn nothing_is_deleted_without_the_flag() {
    let mut case = Case::new(vec![live("Service", "old", &json!({}))]);
    case.removal = Removal::default();
    assert_eq!(case.fates(), ["Service/old: orphan"]);
}

#[test]
fn volumes_need_a_flag_of_their_own() {
    let claim = live(
        "PersistentVolumeClaim",
        "data",
        &json!({"spec": {"resources": {"requests": {"storage": "1Gi"}}}}),
    );
    let mut case = Case::new(vec![claim]);
    assert_eq!(case.fates(), ["PersistentVolumeClaim/data: holds data (`--prune-volumes` removes it)"]);
    // `down` wants nothing, and calls the flag as Compose does.
    let wanted = std::mem::take(&mut case.desired);
    assert_eq!(case.fates(), ["PersistentVolumeClaim/data: holds data (`--volumes` removes it)"]);
    case.desired = wanted;
    case.removal.volumes = true;
    let orphans = case.orphans();
    assert_eq!((&orphans[0].fate, orphans[0].size.as_deref()), (&Fate::Prune, Some("1Gi")));
}

#[test]
fn marks_of_every_tool_keep_an_object() {
    for (key, value) in [
        ("rcompose/prune", "keep"),
        ("helm.sh/resource-policy", "keep"),
        ("argocd.argoproj.io/sync-options", "Replace=true,Prune=false"),
        ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
        ("cli-utils.sigs.k8s.io/on-remove", "keep"),
        ("client.lifecycle.config.k8s.io/deletion", "detach"),
    ] {
        let case = Case::new(vec![live("Service", "old", &json!({"annotations": {key: value}}))]);
        assert!(case.fates()[0].contains("kept by its annotation"), "{key}");
        let other = Case::new(vec![live("Service", "old", &json!({"annotations": {key: "x"}}))]);
        assert_eq!(other.fates(), ["Service/old: delete"], "{key}");
    }
}

#[test]
fn services_that_are_off_keep_their_objects_and_what_these_name() {
    let worker = live(
        "Deployment",
        "worker",
        &json!({"labels": {(SERVICE_LABEL): "worker"}, "spec": {"template": {"spec": {
        "serviceAccountName": "sa", "volumes": [{"name": "a", "configMap": {"name": "conf"}},
            {"name": "b", "persistentVolumeClaim": {"claimName": "data"}},
            {"name": "c", "projected": {"sources": [{"secret": {"name": "projected"}}]}}],
        "containers": [{"envFrom": [{"secretRef": {"name": "env"}}]}]}}}}),
    );
    let others = ["conf", "unused"].map(|name| live("ConfigMap", name, &json!({})));
    let secrets = ["env", "projected"].map(|name| live("Secret", name, &json!({})));
    let rest = [live("ServiceAccount", "sa", &json!({})), live("PersistentVolumeClaim", "data", &json!({}))];
    let mut case = Case::new([vec![worker], others.into(), secrets.into(), rest.into()].concat());
    case.kept.insert("worker".into());
    assert_eq!(case.fates(), ["ConfigMap/unused: delete"]);
}

#[test]
fn superseded_content_goes_when_no_pod_names_it() {
    let twin = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf-bbbbbbbbbb"}});
    let old = live("ConfigMap", "conf-aaaaaaaaaa", &json!({"immutable": true}));
    let loose = live("ConfigMap", "conf-cccccccccc", &json!({}));
    let mut case = Case::new(vec![old, loose]);
    case.desired.push(served::desired(twin));
    assert_eq!(case.fates(), ["ConfigMap/conf-aaaaaaaaaa: superseded", "ConfigMap/conf-cccccccccc: delete"]);
    case.removal.prune = false;
    assert_eq!(case.fates()[0], "ConfigMap/conf-aaaaaaaaaa: superseded (`--prune` removes it)");
    case.waited = true;
    assert_eq!(case.fates()[0], "ConfigMap/conf-aaaaaaaaaa: superseded");
    case.in_use.insert("ConfigMap/conf-aaaaaaaaaa".into());
    assert_eq!(case.fates()[0], "ConfigMap/conf-aaaaaaaaaa: superseded, but a pod names it");
}

#[test]
fn a_superseded_job_ends_before_it_goes() {
    let job =
        |conditions: Value| live("Job", "migrate-aaaaaaaaaa", &json!({"status": {"conditions": conditions}}));
    let twin = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate-bbbbbbbbbb"}});
    let mut case = Case::new(vec![job(json!([]))]);
    case.desired.push(served::desired(twin));
    assert_eq!(case.fates(), ["Job/migrate-aaaaaaaaaa: superseded, but it still runs"]);
    case.live = vec![job(json!([{"type": "Complete", "status": "True"}]))];
    assert_eq!(case.fates(), ["Job/migrate-aaaaaaaaaa: superseded"]);
}

#[test]
fn an_empty_project_deletes_nothing() {
    let mut case = Case::new(vec![live("Service", "old", &json!({}))]);
    case.desired.clear();
    assert_eq!(case.fates(), ["Service/old: orphan"]);
    case.removal.mass = true;
    assert_eq!(case.fates(), ["Service/old: delete"]);
}

#[test]
fn most_of_a_set_is_not_deleted_without_being_asked() {
    let services =
        |count: usize| (0..count).map(|n| live("Service", &format!("s{n}"), &json!({}))).collect::<Vec<_>>();
    let guard_of = |gone: usize, members: usize, removal: Removal| {
        guard(&Case::new(services(gone)).orphans(), members, removal).map(|guard| guard.code.name())
    };
    let prune = Removal { prune: true, ..Removal::default() };
    assert_eq!(guard_of(11, 20, prune), Some("mass-delete"));
    assert_eq!(guard_of(10, 20, prune), None);
    assert_eq!(guard_of(5, 5, prune), None);
    assert_eq!(guard_of(11, 20, Removal { mass: true, ..prune }), None);
}

#[test]
fn claims_of_sets_are_known_by_name_and_labels() {
    let set = live(
        "StatefulSet",
        "db",
        &json!({"spec": {"selector": {"matchLabels": {"a": "1", "b": "2"}},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}}),
    );
    let claim = |name: &str, label: &str| {
        is_claim_of_set(
            &live("PersistentVolumeClaim", name, &json!({"labels": {"a": "1", "b": label}})),
            std::slice::from_ref(&set),
        )
    };
    assert!(claim("data-db-0", "2") && claim("data-db-12", "2"));
    assert!(
        !claim("data-db-0", "3")
            && !claim("data-db-x", "2")
            && !claim("data-dbx-0", "2")
            && !claim("data-db-", "2")
    );
}

#[test]
fn what_points_at_workloads_goes_first() {
    let case = Case::new(vec![
        live("ConfigMap", "a", &json!({})),
        live("Deployment", "b", &json!({})),
        Live::new(
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "c", "namespace": "served"}}),
        ),
    ]);
    assert_eq!(case.fates(), ["Ingress/c: delete", "Deployment/b: delete", "ConfigMap/a: delete"]);
}
