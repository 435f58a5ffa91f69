//! The rows of A33, each as a conversation with a server that is played by its answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::cluster::failure::{Cause, Class, Failure};
use crate::cluster::fields::served::{Served, one};
use crate::cluster::object::SET_LABEL;
use crate::cluster::plan::change::Change;
use crate::cluster::plan::flags::{Adopt, Permit};

const SET: &str = "applyset-F_LUQ2Zq71ON4as4X51K4gTH8ePvsgqZzXQtcQEblmQ-v1";

/// Holds a conversation: what was asked, and how it ended.
struct Talk {
    asked: Vec<String>,
    change: Change,
}

impl Talk {
    fn problem(&self) -> Option<(&'static str, Obstacle)> {
        self.change.problem.as_ref().map(|problem| (problem.code.name(), problem.obstacle))
    }

    fn notes(&self) -> Vec<&'static str> {
        self.change.notes.iter().map(|note| note.code.name()).collect()
    }

    fn steps(&self) -> Vec<&'static str> {
        self.change.steps.iter().map(Step::word).collect()
    }

    fn paths(&self) -> Vec<&str> {
        self.change.fields.iter().map(|field| field.path.as_str()).collect()
    }
}

fn talk(desired: &Desired, listed: Option<Live>, flags: &Flags, made: &[&str], answers: Vec<Answer>) -> Talk {
    let redactor = Redactor::new([3; 32]);
    let made: BTreeSet<String> = made.iter().map(|name| (*name).to_owned()).collect();
    let around = Circumstances { set: SET, flags, redactor: &redactor, made: &made };
    let (mut inquiry, mut next) = Inquiry::begin(desired, listed, around);
    let mut asked = Vec::new();
    let mut answers = answers.into_iter();
    loop {
        match next {
            Next::Done(change) => {
                assert_eq!(answers.count(), 0, "answers that nobody asked for, after {asked:?}");
                return Talk { asked, change: *change };
            }
            Next::Ask(ask) => {
                asked.push(format!("{ask:?}"));
                next = inquiry.answer(answers.next().unwrap_or_else(|| panic!("no answer to {asked:?}")));
            }
        }
    }
}

fn accepted(object: &Value) -> Answer {
    Answer::Accepted { created: false, object: Live::new(object.clone()), warnings: Vec::new() }
}

fn created(object: &Value) -> Answer {
    Answer::Accepted { created: true, object: Live::new(object.clone()), warnings: vec!["odd".to_owned()] }
}

fn failure(class: Class, status: u16, message: &str, fields: &[(&str, &str)]) -> Answer {
    let cause = |(field, message): &(&str, &str)| Cause {
        reason: if class == Class::Conflict { "FieldManagerConflict" } else { "FieldValueInvalid" }
            .to_owned(),
        message: (*message).to_owned(),
        field: (*field).to_owned(),
    };
    Answer::Refused(Failure {
        class,
        status: Some(status),
        reason: String::new(),
        message: message.to_owned(),
        causes: fields.iter().map(cause).collect(),
        retry_after: None,
    })
}

fn conflict(fields: &[(&str, &str)]) -> Answer {
    failure(Class::Conflict, 409, "Apply failed", fields)
}

const IMAGE: &str = ".spec.template.spec.containers[name=\"web\"].image";

/// A Deployment of ours whose image somebody else changed, and that no longer is what the file says.
fn edited() -> Served {
    let mut served = one("deployment-web");
    let container = &mut served.live.value["spec"]["template"]["spec"]["containers"][0];
    container["image"] = json!("hotfix:1");
    let own =
        &mut served.live.value["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:template"]["f:spec"];
    own["f:containers"]["k:{\"name\":\"web\"}"].as_object_mut().expect("the container").remove("f:image");
    let entry = json!({"manager": "kubectl-edit", "operation": "Update", "apiVersion": "apps/v1", "time": "2026-01-02T03:04:05Z",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {"f:image": {}}}}}}}});
    served.live.value["metadata"]["managedFields"].as_array_mut().expect("a list").push(entry);
    served
}

fn with_image(live: &Live, image: &str) -> Value {
    let mut value = live.value.clone();
    value["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
    value
}

#[test]
fn row_0_an_object_that_is_going_counts_as_absent() {
    let Served { desired, mut live, .. } = one("persistentvolumeclaim-pages");
    live.value["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    let talk = talk(&desired, Some(live), &Flags::default(), &[], vec![created(&json!({}))]);
    assert_eq!(talk.asked, ["create"]);
    assert_eq!((talk.change.action, talk.steps()), (Action::Create, vec!["await-gone", "apply"]));
    assert!(talk.change.reason.is_some_and(|reason| reason.contains("comes back empty")));
}

#[test]
fn row_1_what_we_applied_costs_no_request() {
    let Served { desired, live, .. } = one("deployment-web");
    let talk = talk(&desired, Some(live), &Flags::default(), &[], Vec::new());
    assert_eq!((talk.change.action, talk.asked.len(), talk.change.steps.len()), (Action::Unchanged, 0, 0));
}

#[test]
fn row_2_a_selector_that_differs_needs_leave_to_recreate() {
    let Served { mut desired, live, .. } = one("deployment-web");
    desired.document["spec"]["selector"] = json!({"matchLabels": {"a": "b"}});
    let without = talk(&desired, Some(live.clone()), &Flags::default(), &[], vec![created(&json!({}))]);
    assert_eq!(without.asked, ["create"]);
    assert_eq!(without.problem(), Some(("object-recreate", Obstacle::Refused)));
    let flags = Flags { allow_recreate: Permit::All, ..Flags::default() };
    let with = talk(&desired, Some(live.clone()), &flags, &[], vec![created(&json!({}))]);
    assert_eq!((with.problem(), with.steps()), (None, vec!["delete", "apply"]));
    let Some(Step::Delete { uid, orphan: false, original }) = with.change.steps.first() else {
        panic!("a delete")
    };
    assert_eq!(
        (uid.as_str(), original["metadata"].get("uid"), original.get("status")),
        (live.uid(), None, None)
    );
    // The proof fails: nothing is deleted.
    let refused = failure(Class::Rejected, 422, "no", &[]);
    let failed = talk(&desired, Some(live), &flags, &[], vec![refused]);
    assert_eq!((failed.change.action, failed.change.steps.len()), (Action::Rejected, 0));
}

#[test]
fn a_claim_that_shrinks_is_refused_without_asking() {
    let Served { mut desired, live, .. } = one("persistentvolumeclaim-pages");
    desired.document["spec"]["resources"]["requests"]["storage"] = json!("1Mi");
    let flags = Flags { allow_recreate: Permit::All, ..Flags::default() };
    let talk = talk(&desired, Some(live), &flags, &[], Vec::new());
    assert_eq!((talk.problem(), talk.asked.len()), (Some(("claim-shrink", Obstacle::Refused)), 0));
}

#[test]
fn row_3_what_is_not_there_is_created() {
    let Served { desired, live, .. } = one("deployment-web");
    let talk = talk(&desired, None, &Flags::default(), &[], vec![created(&live.value)]);
    assert_eq!((talk.change.action, talk.steps()), (Action::Create, vec!["apply"]));
    assert_eq!(talk.change.warnings, ["odd"]);
    // Our document is shown, not the defaulted one.
    assert!(
        !talk.paths().iter().any(|path| path.contains("terminationGracePeriodSeconds")),
        "{:?}",
        talk.paths()
    );
    let Some(Step::Apply { document, force: false }) = talk.change.steps.first() else {
        panic!("it is applied")
    };
    assert_eq!(document["metadata"].get("uid"), None, "there is none to meet");
}

#[test]
fn row_3_defaults_of_the_server_are_shown_on_demand() {
    let Served { desired, live, .. } = one("deployment-web");
    let (flags, redactor, made) = (Flags::default(), Redactor::new([3; 32]), BTreeSet::new());
    let around = Circumstances { set: SET, flags: &flags, redactor: &redactor, made: &made };
    let (mut inquiry, _) = Inquiry::begin(&desired, None, around);
    inquiry.show_defaults();
    let Next::Done(change) = inquiry.answer(created(&live.value)) else { panic!("nothing more to ask") };
    assert!(change.fields.iter().any(|field| field.path.ends_with("terminationGracePeriodSeconds")));
}

#[test]
fn row_4_equal_values_are_unchanged_or_claimed() {
    let Served { desired, mut live, .. } = one("deployment-web");
    let answer = live.value.clone();
    // An image pull policy that the server gave and nobody owns.
    let own = &mut live.value["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"];
    own.as_object_mut().expect("fields").remove("f:strategy");
    let claimed = talk(&desired, Some(live.clone()), &Flags::default(), &[], vec![accepted(&answer)]);
    assert_eq!(
        (claimed.change.action, claimed.steps(), claimed.paths().len()),
        (Action::Claim, vec!["apply"], 0)
    );
    let same = live.value.clone();
    let unchanged = talk(&desired, Some(live), &Flags::default(), &[], vec![accepted(&same)]);
    assert_eq!((unchanged.change.action, unchanged.steps().len()), (Action::Unchanged, 0));
}

#[test]
fn row_5_what_differs_is_updated_in_the_very_object_that_was_seen() {
    let Served { mut desired, live, .. } = one("deployment-web");
    desired.document["spec"]["template"]["spec"]["containers"][0]["image"] = json!("new:1");
    let answer = with_image(&live, "new:1");
    let talk = talk(&desired, Some(live.clone()), &Flags::default(), &[], vec![accepted(&answer)]);
    assert_eq!(
        (talk.change.action, talk.paths()),
        (Action::Update, vec!["spec.template.spec.containers[web].image"])
    );
    let Some(Step::Apply { document, force: false }) = talk.change.steps.first() else { panic!("an apply") };
    assert_eq!(document["metadata"]["uid"], json!(live.uid()));
}

#[test]
fn row_6_a_conflict_shows_both_values_and_both_managers() {
    let Served { desired, live, .. } = edited();
    let picture = with_image(&live, "shop/web:1");
    let answers =
        vec![conflict(&[(IMAGE, "conflict with \"kubectl-edit\" using apps/v1")]), accepted(&picture)];
    let talk = talk(&desired, Some(live), &Flags::default(), &[], answers);
    assert_eq!(talk.asked, ["apply", "apply by force"]);
    assert_eq!(
        (talk.change.action, talk.problem()),
        (Action::Conflict, Some(("field-conflict", Obstacle::Decision)))
    );
    let conflict = &talk.change.conflicts[0];
    assert_eq!(
        (conflict.path.as_str(), conflict.manager.as_str()),
        ("spec.template.spec.containers[web].image", "kubectl-edit")
    );
    assert_eq!(conflict.live, Some(json!("hotfix:1")));
    assert_eq!(conflict.ours.as_ref(), desired.document.pointer("/spec/template/spec/containers/0/image"));
    assert_eq!(conflict.since.as_deref(), Some("2026-01-02T03:04:05Z"));
    let help = talk.change.problem.map(|problem| problem.help).unwrap_or_default();
    assert!(help.len() == 3 && help[0].contains("--force-conflicts=kubectl-edit"), "{help:?}");
    assert_eq!(talk.change.steps.len(), 0);
}

#[test]
fn row_6_force_takes_fields_of_the_named_managers_only() {
    let Served { desired, live, .. } = edited();
    let message = "conflict with \"kubectl-edit\" using apps/v1";
    let named = |name: &str| Flags {
        force_conflicts: Permit::Named(BTreeSet::from([name.to_owned()])),
        ..Flags::default()
    };
    let answer = with_image(&live, "nginx");
    let answers = vec![conflict(&[(IMAGE, message)]), accepted(&answer)];
    let taken = talk(&desired, Some(live.clone()), &named("kubectl-edit"), &[], answers);
    assert_eq!(taken.change.action, Action::Update);
    assert!(matches!(taken.change.steps.as_slice(), [Step::Apply { force: true, .. }]));
    assert_eq!(taken.change.fields[0].owner.as_deref(), Some("kubectl-edit"));
    // One field of somebody else keeps the whole object back.
    let answers = vec![
        conflict(&[(IMAGE, message), (".metadata.labels.x", "conflict with \"flux\"")]),
        accepted(&answer),
    ];
    let kept = talk(&desired, Some(live), &named("kubectl-edit"), &[], answers);
    assert_eq!((kept.change.action, kept.change.conflicts.len()), (Action::Conflict, 2));
}

/// Something scales the Deployment to 7, the file says 3.
fn scaled() -> Served {
    let mut served = one("deployment-web");
    served.desired.document["spec"]["replicas"] = json!(3);
    served.live.value["spec"]["replicas"] = json!(7);
    let entry = json!({"manager": "hpa", "operation": "Update", "apiVersion": "apps/v1", "subresource": "scale",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:replicas": {}}}});
    served.live.value["metadata"]["managedFields"].as_array_mut().expect("a list").push(entry);
    served
}

#[test]
fn row_6_replicas_of_an_autoscaler_are_yielded_and_nothing_is_written() {
    let Served { desired, live, .. } = scaled();
    let message = "conflict with \"hpa\" with subresource \"scale\" using apps/v1";
    let talk =
        talk(&desired, Some(live), &Flags::default(), &[], vec![conflict(&[(".spec.replicas", message)])]);
    assert_eq!((talk.change.action, talk.notes()), (Action::Unchanged, vec!["field-yielded"]));
    assert!(talk.change.notes[0].text.contains("stays 7") && talk.change.notes[0].text.contains('3'));
}

#[test]
fn a_number_that_we_let_go_of_is_handed_over() {
    let Served { desired, mut live, .. } = one("deployment-web");
    live.value["spec"]["replicas"] = json!(4);
    live.value["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:replicas"] = json!({});
    let mut answer = live.value.clone();
    answer["spec"]["replicas"] = json!(1);
    let talk = talk(&desired, Some(live), &Flags::default(), &[], vec![accepted(&answer)]);
    assert_eq!((talk.steps(), talk.paths().len()), (vec!["hand-over", "apply"], 0));
    let Step::HandOver { document } = &talk.change.steps[0] else { panic!("a hand-over") };
    assert_eq!(document["spec"], json!({"replicas": 4}));
}

#[test]
fn our_own_hand_over_is_no_conflict() {
    let Served { mut desired, live, .. } = one("deployment-web");
    desired.document["spec"]["replicas"] = json!(5);
    let mut answer = live.value.clone();
    answer["spec"]["replicas"] = json!(5);
    let answers =
        vec![conflict(&[(".spec.replicas", "conflict with \"rcompose-handover\"")]), accepted(&answer)];
    let talk = talk(&desired, Some(live), &Flags::default(), &[], answers);
    assert_eq!(
        (talk.asked, talk.change.action),
        (vec!["apply".to_owned(), "apply by force".to_owned()], Action::Update)
    );
}

#[test]
fn row_7_what_the_server_does_not_take_is_named_with_its_field() {
    let Served { desired, live, .. } = edited();
    let answer =
        failure(Class::Rejected, 422, "spec.replicas: must not be negative", &[("spec.replicas", "no")]);
    let talk = talk(&desired, Some(live), &Flags::default(), &[], vec![answer]);
    assert_eq!(
        (talk.change.action, talk.problem()),
        (Action::Rejected, Some(("object-rejected", Obstacle::Refused)))
    );
}

#[test]
fn row_7_a_webhook_without_dry_run_is_said_and_no_obstacle() {
    let Served { desired, .. } = one("deployment-web");
    let answer = failure(Class::Rejected, 400, "admission webhook \"x\" does not support dry run", &[]);
    let talk = talk(&desired, None, &Flags::default(), &[], vec![answer]);
    assert_eq!(
        (talk.change.action, talk.change.check, talk.problem()),
        (Action::Create, Check::Impossible, None)
    );
    assert_eq!(talk.notes(), ["object-not-previewed"]);
}

#[test]
fn row_8_what_lies_in_a_namespace_made_first_is_checked_later() {
    let Served { desired, .. } = one("deployment-web");
    let missing = || failure(Class::Missing, 404, "namespaces \"served\" not found", &[]);
    let later = talk(&desired, None, &Flags::default(), &["served"], vec![missing()]);
    assert_eq!((later.change.action, later.change.check), (Action::Create, Check::Later));
    let refused = talk(&desired, None, &Flags::default(), &[], vec![missing()]);
    assert_eq!(refused.change.action, Action::Rejected);
}

/// The same Deployment outside of our set, with marks of somebody.
fn foreign(marks: &Value) -> Served {
    let mut served = edited();
    let metadata = served.live.value["metadata"].as_object_mut().expect("metadata");
    metadata["labels"].as_object_mut().expect("labels").remove(SET_LABEL);
    for (key, value) in marks.as_object().expect("a map") {
        match (metadata.get_mut(key).and_then(Value::as_object_mut), value) {
            (Some(have), Value::Object(more)) => have.extend(more.clone()),
            _ => {
                metadata.insert(key.clone(), value.clone());
            }
        }
    }
    served
}

#[test]
fn row_9_objects_of_others_are_named_and_left_alone() {
    for (marks, words) in [
        (json!({}), "nobody"),
        (json!({"labels": {"applyset.kubernetes.io/part-of": "x"}}), "another set"),
        (json!({"annotations": {"meta.helm.sh/release-name": "r"}}), "Helm release `r`"),
        (json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "k"}}), "Flux"),
        (json!({"annotations": {"argocd.argoproj.io/tracking-id": "a:b"}}), "Argo CD"),
        (json!({"labels": {"kapp.k14s.io/app": "1"}}), "kapp"),
        (json!({"ownerReferences": [{"kind": "App", "name": "x", "controller": true}]}), "App/x"),
    ] {
        let Served { desired, live, .. } = foreign(&marks);
        let answers = vec![accepted(&live.value), Answer::Found(Some(live.clone()))];
        let talk = talk(&desired, None, &Flags::default(), &[], answers);
        assert_eq!(talk.asked, ["apply", "get"]);
        assert_eq!(talk.problem(), Some(("object-foreign", Obstacle::Decision)), "{words}");
        assert!(
            talk.change.reason.as_ref().is_some_and(|reason| reason.contains(words)),
            "{:?}",
            talk.change.reason
        );
        assert_eq!(talk.change.steps.len(), 0);
    }
}

#[test]
fn row_9_adopt_takes_what_is_nobodys() {
    let Served { desired, live, .. } = foreign(&json!({}));
    let flags = Flags { adopt: Adopt { nobody: true, owners: BTreeSet::new() }, ..Flags::default() };
    let answer = with_image(&live, "nginx");
    let answers = vec![conflict(&[]), Answer::Found(Some(live.clone())), accepted(&answer)];
    let talk = talk(&desired, None, &flags, &[], answers);
    assert_eq!((talk.change.action, talk.steps()), (Action::Adopt, vec!["apply"]));
}

#[test]
fn row_9_an_object_of_kubectl_is_migrated_and_its_fields_are_announced() {
    let Served { desired, mut live, .. } = foreign(&json!({"labels": {"extra": "1"}}));
    let mut fields = live.value["metadata"]["managedFields"][0]["fieldsV1"].clone();
    fields["f:metadata"]["f:labels"]["f:extra"] = json!({});
    live.value["metadata"]["managedFields"] = json!([{"manager": "kubectl-create", "operation": "Update",
        "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": fields}]);
    let flags = Flags { adopt: Adopt { nobody: true, owners: BTreeSet::new() }, ..Flags::default() };
    let answers = vec![accepted(&live.value), Answer::Found(Some(live.clone())), created(&live.value)];
    let talk = talk(&desired, None, &flags, &[], answers);
    assert_eq!(
        (talk.asked.last().map(String::as_str), talk.steps()),
        (Some("create"), vec!["migrate", "apply"])
    );
    assert!(talk.paths().contains(&"metadata.labels.extra"), "{:?}", talk.paths());
}

#[test]
fn row_9_a_migration_takes_nothing_from_a_third() {
    let Served { desired, mut live, .. } = foreign(&json!({}));
    let mut entries = live.value["metadata"]["managedFields"].clone();
    entries[0]["manager"] = json!("kubectl-create");
    entries[0]["operation"] = json!("Update");
    live.value["metadata"]["managedFields"] = entries;
    let flags = Flags { adopt: Adopt { nobody: true, owners: BTreeSet::new() }, ..Flags::default() };
    let answers = vec![accepted(&live.value), Answer::Found(Some(live.clone())), created(&live.value)];
    let talk = talk(&desired, None, &flags, &[], answers);
    assert_eq!(
        (talk.change.action, talk.problem()),
        (Action::Conflict, Some(("field-conflict", Obstacle::Decision)))
    );
    assert_eq!(talk.change.conflicts[0].manager, "kubectl-edit");
}

#[test]
fn a_default_of_the_server_is_claimed_before_it_changes() {
    let Served { mut desired, mut live, .. } = one("deployment-web");
    desired.document["spec"]["strategy"] = json!({"type": "Recreate"});
    live.value["spec"]["strategy"] =
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}});
    live.value["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]
        .as_object_mut()
        .expect("fields")
        .remove("f:strategy");
    let message = "spec.strategy.rollingUpdate: Forbidden";
    let refused = failure(Class::Rejected, 422, message, &[("spec.strategy.rollingUpdate", message)]);
    let talk = talk(&desired, Some(live), &Flags::default(), &[], vec![refused, created(&json!({}))]);
    assert_eq!(
        (talk.asked.last().map(String::as_str), talk.steps()),
        (Some("create"), vec!["apply", "apply"])
    );
    let Step::Apply { document, .. } = &talk.change.steps[0] else { panic!("an apply") };
    assert_eq!(document["spec"]["strategy"]["type"], "RollingUpdate");
    assert_eq!(
        talk.paths(),
        [
            "spec.strategy.rollingUpdate.maxSurge",
            "spec.strategy.rollingUpdate.maxUnavailable",
            "spec.strategy.type"
        ]
    );
}

#[test]
fn fields_that_others_own_too_stay_with_a_note() {
    let Served { mut desired, mut live, .. } = one("deployment-web");
    desired.document["metadata"]["labels"]
        .as_object_mut()
        .expect("labels")
        .remove("app.kubernetes.io/part-of");
    let entry = json!({"manager": "flux", "operation": "Apply", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:metadata": {"f:labels": {"f:app.kubernetes.io/part-of": {}}}}});
    live.value["metadata"]["managedFields"].as_array_mut().expect("a list").push(entry);
    let answer = live.value.clone();
    let talk = talk(&desired, Some(live), &Flags::default(), &[], vec![accepted(&answer)]);
    assert_eq!(talk.notes(), ["field-kept"]);
    assert!(talk.change.notes[0].text.contains("flux"));
}

#[test]
fn objects_of_the_whole_cluster_need_leave() {
    let Served { desired, live, .. } = one("persistentvolume-demo-data");
    let without = talk(&desired, None, &Flags::default(), &[], Vec::new());
    assert_eq!(without.problem(), Some(("cluster-scoped", Obstacle::Refused)));
    let flags = Flags { allow_cluster_scoped: true, ..Flags::default() };
    let with = talk(&desired, None, &flags, &[], vec![created(&live.value)]);
    assert_eq!(with.change.action, Action::Create);
}

#[test]
fn a_server_that_answers_in_circles_is_not_asked_for_ever() {
    let Served { desired, live, .. } = one("deployment-web");
    let circle = || [accepted(&live.value), Answer::Found(None)];
    let talk = talk(&desired, None, &Flags::default(), &[], (0..4).flat_map(|_| circle()).collect());
    assert_eq!((talk.change.action, talk.asked.len()), (Action::Rejected, 8));
}

#[test]
fn no_secret_is_in_a_plan_as_it_is_printed_for_us() {
    let Served { mut desired, live, .. } = one("secret-conf-3916a550ba");
    desired.identity.name = "other".into();
    let mut redactor = Redactor::new([3; 32]);
    redactor.learn(&desired.document);
    let (flags, made) = (Flags::default(), BTreeSet::new());
    let around = Circumstances { set: SET, flags: &flags, redactor: &redactor, made: &made };
    let (mut inquiry, asked) = Inquiry::begin(&desired, None, around);
    let done = inquiry.answer(created(&live.value));
    let shown = format!("{asked:?} {done:?}");
    for value in desired.document["data"].as_object().expect("data").values().filter_map(Value::as_str) {
        assert!(!shown.contains(value), "{shown}");
    }
}
