//! Where a pod may run (K16, K95 to K97).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity,
    PodAffinityTerm, PodAntiAffinity, TopologySpreadConstraint,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::label_syntax::{is_label_key, is_label_value};
use crate::backend::kubernetes::labels;
use crate::backend::kubernetes::object::{Noted, Notes};
use crate::backend::kubernetes::plan::{Plan, Pod};
use crate::backend::kubernetes::problem::Report;
use crate::backend::kubernetes::storage::access::{self, Pods};
use crate::diag::{Sink, Span, Spanned};
use crate::model::{Constraint, ConstraintSubject, Platform};

const HOSTNAME: &str = "kubernetes.io/hostname";
const OS: &str = "kubernetes.io/os";
const ARCHITECTURE: &str = "kubernetes.io/arch";
const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// Where a pod may run.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct PodPlacement {
    /// `nodeSelector`.
    pub(crate) node_selector: BTreeMap<String, Noted<String>>,
    /// `affinity`.
    pub(crate) affinity: Option<Noted<Affinity>>,
    /// `topologySpreadConstraints`, in order.
    pub(crate) spread: Vec<Noted<TopologySpreadConstraint>>,
}

/// Decides where a pod may run: all that its members ask for holds together (K90).
pub(crate) fn of_pod(plan: &Plan<'_>, pod: &Pod<'_, '_>, sink: &mut Sink) -> PodPlacement {
    let mut requirements = Vec::new();
    let mut node_selector = BTreeMap::new();
    let mut spread_keys: Vec<Spanned<String>> = Vec::new();
    let mut per_node: Option<&Spanned<u64>> = None;
    for member in &pod.members {
        let mut report = Report::new(member.name, sink);
        node_selector.extend(of_platform(member.service.image.platform.as_ref(), &mut report));
        let placement = &member.service.placement;
        for constraint in &placement.constraints {
            requirements.extend(requirement(constraint, &mut report));
        }
        spread_keys.extend(placement.spread.iter().filter_map(|key| spread_key(key, &mut report)));
        let limit = placement.max_per_node.as_ref().filter(|limit| limit.value > 0);
        per_node = per_node.into_iter().chain(limit).min_by_key(|limit| limit.value);
        if let Some(limit) = limit.filter(|limit| limit.value > 1) {
            report.approximated(
                KubernetesCode::MaxPerNodeApproximated,
                "deploy.placement.max_replicas_per_node",
                limit.span,
                "becomes a limit to how unevenly pods are spread over nodes",
                "",
            );
        }
    }
    let selector = || LabelSelector { match_labels: Some(plan.selector(pod.owner)), match_expressions: None };
    let mut notes = Notes::default();
    let affinity = Affinity {
        node_affinity: notes.at_opt("nodeAffinity", node_affinity(requirements)),
        pod_anti_affinity: notes.at_opt("podAntiAffinity", one_per_node(per_node, selector())),
        pod_affinity: notes.at_opt("podAffinity", colocated(plan, pod)),
    };
    PodPlacement {
        node_selector,
        affinity: (affinity != Affinity::default()).then(|| notes.on(affinity)),
        spread: spread(&spread_keys, per_node, &selector),
    }
}

/// All users of a claim that one node alone can mount: one term over all of them, since a term each would match no first
/// pod, for ever (N63).
fn colocated(plan: &Plan<'_>, pod: &Pod<'_, '_>) -> Option<Noted<PodAffinity>> {
    let claims = access::of_pod(plan, pod).into_values();
    let mut claims = claims.filter(|claim| claim.pods == Pods::OneNode).peekable();
    let span = claims.peek()?.span;
    let owners: std::collections::BTreeSet<String> = claims
        .flat_map(|claim| claim.users.keys())
        .filter_map(|user| plan.get(user))
        .map(|facts| crate::backend::kubernetes::names::label_value(facts.owner.as_str()))
        .collect();
    let instance = crate::backend::kubernetes::names::label_value(plan.instance());
    let expression = LabelSelectorRequirement {
        key: labels::NAME.to_owned(),
        operator: "In".to_owned(),
        values: Some(owners.into_iter().collect()),
    };
    let term = PodAffinityTerm {
        topology_key: HOSTNAME.to_owned(),
        label_selector: Some(LabelSelector {
            match_labels: Some(BTreeMap::from([(labels::INSTANCE.to_owned(), instance)])),
            match_expressions: Some(vec![expression]),
        }),
        ..PodAffinityTerm::default()
    };
    let affinity = PodAffinity {
        required_during_scheduling_ignored_during_execution: Some(vec![term]),
        preferred_during_scheduling_ignored_during_execution: None,
    };
    Some(Noted::written(affinity, "N63", span))
}

/// Several times one key is what the API refuses; the first counts. A limit per node comes last.
fn spread(
    keys: &[Spanned<String>],
    per_node: Option<&Spanned<u64>>,
    selector: &impl Fn() -> LabelSelector,
) -> Vec<Noted<TopologySpreadConstraint>> {
    let constraint = |key: &str, skew: i32, unsatisfiable: &str| TopologySpreadConstraint {
        max_skew: skew,
        topology_key: key.to_owned(),
        when_unsatisfiable: unsatisfiable.to_owned(),
        label_selector: Some(selector()),
        ..TopologySpreadConstraint::default()
    };
    let is_first = |(index, key): &(usize, &Spanned<String>)| {
        keys[..*index].iter().all(|earlier| earlier.value != key.value)
    };
    let preferred = keys
        .iter()
        .enumerate()
        .filter(is_first)
        .map(|(_, key)| Noted::written(constraint(&key.value, 1, "ScheduleAnyway"), "K96", key.span));
    let limit = per_node.filter(|limit| limit.value > 1).map(|limit| {
        let skew = i32::try_from(limit.value).unwrap_or(i32::MAX);
        Noted::written(constraint(HOSTNAME, skew, "DoNotSchedule"), "K97", limit.span)
    });
    preferred.chain(limit).collect()
}

fn one_per_node(per_node: Option<&Spanned<u64>>, selector: LabelSelector) -> Option<Noted<PodAntiAffinity>> {
    let limit = per_node.filter(|limit| limit.value == 1)?;
    let term = PodAffinityTerm {
        label_selector: Some(selector),
        topology_key: HOSTNAME.to_owned(),
        ..PodAffinityTerm::default()
    };
    let affinity = PodAntiAffinity {
        required_during_scheduling_ignored_during_execution: Some(vec![term]),
        preferred_during_scheduling_ignored_during_execution: None,
    };
    Some(Noted::written(affinity, "K97", limit.span))
}

/// All requirements in one term, so that all hold; sorted by key, then operator and values, each once.
fn node_affinity(mut requirements: Vec<Noted<NodeSelectorRequirement>>) -> Option<Noted<NodeAffinity>> {
    let order = |requirement: &Noted<NodeSelectorRequirement>| {
        let NodeSelectorRequirement { key, operator, values } = &requirement.value;
        (key.clone(), operator.clone(), values.clone())
    };
    requirements.sort_by_key(order);
    requirements.dedup_by(|later, earlier| later.value == earlier.value);
    let mut notes = Notes::default();
    let path = "requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions";
    let match_expressions = Some(notes.list(path, requirements)?);
    let term = NodeSelectorTerm { match_expressions, match_fields: None };
    Some(notes.on(NodeAffinity {
        required_during_scheduling_ignored_during_execution: Some(NodeSelector {
            node_selector_terms: vec![term],
        }),
        preferred_during_scheduling_ignored_during_execution: None,
    }))
}

fn requirement(
    constraint: &Spanned<Constraint>,
    report: &mut Report<'_>,
) -> Option<Noted<NodeSelectorRequirement>> {
    let Constraint { text, parsed } = &constraint.value;
    let span = constraint.span;
    let Some((subject, equal, value)) = parsed else {
        drop_constraint(text, span, report);
        return None;
    };
    let in_values =
        |key: &str, value: &str| requirement_of(key, if *equal { "In" } else { "NotIn" }, Some(value), span);
    match subject {
        // The server refuses values that no label can have.
        ConstraintSubject::Hostname | ConstraintSubject::Os | ConstraintSubject::Architecture
            if !is_label_value(value) =>
        {
            report_invalid_label("deploy.placement.constraints", text, span, report);
            None
        }
        // Kubelets write their names in lower case, and SwarmKit compares without case.
        ConstraintSubject::Hostname => Some(in_values(HOSTNAME, &value.to_ascii_lowercase())),
        ConstraintSubject::Os => Some(in_values(OS, &value.to_ascii_lowercase())),
        ConstraintSubject::Architecture => {
            Some(in_values(ARCHITECTURE, architecture(&value.to_ascii_lowercase())))
        }
        ConstraintSubject::NodeLabel(key) if is_label_key(key) && is_label_value(value) => {
            Some(in_values(key, value))
        }
        ConstraintSubject::NodeLabel(_) => {
            report_invalid_label("deploy.placement.constraints", text, span, report);
            None
        }
        // SwarmKit compares without case, and a node of a swarm is one or the other.
        ConstraintSubject::Role if !is_role(value) => {
            drop_constraint(text, span, report);
            None
        }
        ConstraintSubject::Role if value.eq_ignore_ascii_case("worker") == *equal => {
            Some(requirement_of(CONTROL_PLANE, "DoesNotExist", None, span))
        }
        ConstraintSubject::Role => {
            report.dropped(
                KubernetesCode::PlacementManagerDropped,
                "deploy.placement.constraints",
                span,
                "asks for managers: control planes take no workloads, and managed clusters show none",
                "label the nodes that are meant and write `node.labels.KEY == VALUE`",
            );
            None
        }
        ConstraintSubject::Id | ConstraintSubject::Ip | ConstraintSubject::EngineLabel(_) => {
            drop_constraint(text, span, report);
            None
        }
    }
}

fn is_role(word: &str) -> bool {
    ["worker", "manager"].iter().any(|role| word.eq_ignore_ascii_case(role))
}

fn requirement_of(
    key: &str,
    operator: &str,
    value: Option<&str>,
    span: Span,
) -> Noted<NodeSelectorRequirement> {
    let requirement = NodeSelectorRequirement {
        key: key.to_owned(),
        operator: operator.to_owned(),
        values: value.map(|value| vec![value.to_owned()]),
    };
    Noted::written(requirement, "K95", span)
}

fn drop_constraint(text: &str, span: Span, report: &mut Report<'_>) {
    report.dropped(
        BackendCode::PlacementConstraintDropped,
        "deploy.placement.constraints",
        span,
        &format!("has `{text}`, which nodes of a cluster do not have: it is left out"),
        "label the nodes and write `node.labels.KEY == VALUE`, or use `node.hostname`",
    );
}

fn report_invalid_label(key: &str, text: &str, span: Span, report: &mut Report<'_>) {
    report.dropped(
        KubernetesCode::PlacementInvalidLabel,
        key,
        span,
        &format!("has `{text}`, which is no legal label of a node: it is left out"),
        "use letters, digits, `-`, `_` and `.`, at most 63 of them",
    );
}

fn spread_key(key: &Spanned<String>, report: &mut Report<'_>) -> Option<Spanned<String>> {
    let place = "deploy.placement.preferences";
    match key.strip_prefix("node.labels.") {
        Some(label) if is_label_key(label) => Some(Spanned::new(label.to_owned(), key.span)),
        Some(_) => {
            report_invalid_label(place, &key.value, key.span, report);
            None
        }
        None => {
            report.dropped(
                BackendCode::PlacementConstraintDropped,
                place,
                key.span,
                &format!(
                    "spreads over `{}`, which nodes of a cluster do not have: it is left out",
                    key.value
                ),
                "label the nodes and write `node.labels.KEY`",
            );
            None
        }
    }
}

/// The words of a platform as labels of nodes; a variant has none.
fn of_platform(
    platform: Option<&Spanned<Platform>>,
    report: &mut Report<'_>,
) -> Vec<(String, Noted<String>)> {
    let Some(platform) = platform else { return Vec::new() };
    let Platform { os, architecture: written, variant: _ } = &platform.value;
    let words = [
        (OS, Some(os.as_str()), is_known_os(os)),
        (
            ARCHITECTURE,
            written.as_deref().map(architecture),
            written.as_deref().is_none_or(|written| is_known_architecture(architecture(written))),
        ),
    ];
    let mut labels = Vec::new();
    for (key, word, is_known) in words {
        match word {
            Some(word) if is_known => {
                labels.push((key.to_owned(), Noted::written(word.to_owned(), "K16", platform.span)));
            }
            Some(word) => report.dropped(
                KubernetesCode::PlatformUnknown,
                "platform",
                platform.span,
                &format!("has the unknown word `{word}`: it is left out"),
                "write `linux/amd64`, `linux/arm64`, `windows/amd64` …",
            ),
            None => {}
        }
    }
    labels
}

fn is_known_os(os: &str) -> bool {
    matches!(os, "linux" | "windows")
}

fn is_known_architecture(architecture: &str) -> bool {
    const KNOWN: [&str; 9] =
        ["386", "amd64", "arm", "arm64", "loong64", "mips64le", "ppc64le", "riscv64", "s390x"];
    KNOWN.contains(&architecture)
}

/// Brings further words for an architecture into those of Go and Kubernetes.
fn architecture(word: &str) -> &str {
    match word {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "armhf" | "armel" => "arm",
        "i386" | "i686" => "386",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    fn run(
        subject: ConstraintSubject,
        equal: bool,
        value: &str,
    ) -> (Option<NodeSelectorRequirement>, Vec<String>) {
        let constraint =
            Constraint { text: "x".to_owned(), parsed: Some((subject, equal, value.to_owned())) };
        let (made, codes) = report_of(|report| requirement(&at(constraint), report));
        (made.map(|made| made.value), codes)
    }

    #[test]
    fn labels_become_requirements() {
        let (made, _) = run(ConstraintSubject::NodeLabel("disk".to_owned()), false, "hdd");
        let made = made.expect("a legal label");
        assert_eq!((made.key.as_str(), made.operator.as_str()), ("disk", "NotIn"));
        let (made, codes) = run(ConstraintSubject::NodeLabel("a b".to_owned()), true, "x");
        assert_eq!((made, codes), (None, vec!["placement-invalid-label".to_owned()]));
    }

    #[test]
    fn workers_are_what_is_no_control_plane() {
        for (equal, value) in [(true, "worker"), (false, "manager")] {
            let (made, _) = run(ConstraintSubject::Role, equal, value);
            assert_eq!(made.map(|made| made.operator).as_deref(), Some("DoesNotExist"));
        }
        for (equal, value) in [(true, "manager"), (false, "worker")] {
            assert_eq!(run(ConstraintSubject::Role, equal, value).1, ["placement-manager-dropped"]);
        }
    }

    #[test]
    fn what_only_a_swarm_has_is_dropped() {
        assert_eq!(run(ConstraintSubject::Id, true, "x").1, ["placement-constraint-dropped"]);
        assert_eq!(run(ConstraintSubject::Role, false, "boss").1, ["placement-constraint-dropped"]);
    }

    #[test]
    fn words_are_compared_without_case_as_in_swarmkit() {
        let (made, codes) = run(ConstraintSubject::Role, true, "Worker");
        assert_eq!((made.map(|made| made.key).as_deref(), codes.len()), (Some(CONTROL_PLANE), 0));
        assert_eq!(run(ConstraintSubject::Role, false, "WORKER").1, ["placement-manager-dropped"]);
        let values = |subject, word| run(subject, true, word).0.and_then(|made| made.values);
        assert_eq!(values(ConstraintSubject::Architecture, "X86_64"), Some(vec!["amd64".to_owned()]));
        assert_eq!(values(ConstraintSubject::Hostname, "Node-1"), Some(vec!["node-1".to_owned()]));
    }

    #[test]
    fn platforms_become_labels_of_nodes() {
        let platform = Platform {
            os: "linux".to_owned(),
            architecture: Some("aarch64".to_owned()),
            variant: Some("v8".to_owned()),
        };
        let (labels, codes) = report_of(|report| of_platform(Some(&at(platform)), report));
        let words: Vec<&str> = labels.iter().map(|(_, word)| word.value.as_str()).collect();
        assert_eq!((words, codes.len()), (vec!["linux", "arm64"], 0));
    }

    #[test]
    fn a_key_spreads_once() {
        let keys = ["zone", "rack", "zone"].map(|key| at(key.to_owned()));
        let made = spread(&keys, Some(&at(3)), &LabelSelector::default);
        let keys: Vec<&str> = made.iter().map(|constraint| constraint.value.topology_key.as_str()).collect();
        assert_eq!(keys, ["zone", "rack", HOSTNAME]);
        assert_eq!(made[2].value.max_skew, 3);
    }
}
