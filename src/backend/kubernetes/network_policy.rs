//! Network policies, and the labels of pods that they and shared aliases select by (N31, N40 to N48).

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
    NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::codes::KubernetesCode;
use super::labels::{INSTANCE, Labels};
use super::membership::{self, Membership};
use super::metadata::{self, Annotations};
use super::names;
use super::object::{Noted, Notes, Object};
use super::options::{NetworkPolicies, Options};
use super::plan::{Facts, Plan, Pod, running};
use super::problem;
use super::publish;
use crate::diag::{Outcome, Sink, Span};
use crate::model::{NetworkMode, NetworkName, Project};

/// Decides whether policies are written (N40).
pub(crate) fn wanted(project: &Project, options: &Options, sink: &mut Sink) -> bool {
    let isolating = isolation(project);
    match options.network_policies {
        NetworkPolicies::Always => running(project)
            .any(|(_, service)| matches!(Membership::of(project, service), Membership::Networks(_))),
        NetworkPolicies::Auto => isolating.is_some(),
        NetworkPolicies::Never => {
            if let Some((why, span)) = isolating {
                let message = format!("{why}, but policies are switched off: every pod reaches every other");
                sink.push(
                    problem::of_project(KubernetesCode::NetworkIsolationDropped, message)
                        .at_opt(span)
                        .outcome(Outcome::Dropped)
                        .help("leave out `--network-policies never`"),
                );
            }
            false
        }
    }
}

/// Finds out whether networks keep services apart, why, and where it is written.
fn isolation(project: &Project) -> Option<(String, Option<Span>)> {
    let members: Vec<_> = running(project)
        .map(|(name, service)| (name, service, Membership::of(project, service)))
        .filter(|(_, _, membership)| *membership != Membership::Host)
        .collect();
    for (name, service, membership) in &members {
        if *membership == Membership::Closed {
            let span = match &service.network.mode {
                NetworkMode::None(span) => *span,
                _ => service.span,
            };
            return Some((format!("`{name}` has no network"), Some(span)));
        }
        for network in membership.networks() {
            if let Some(span) = project.networks.get(network).and_then(|network| network.internal) {
                return Some((format!("network `{network}` is internal"), Some(span)));
            }
        }
    }
    if meet_in_one_network(members.iter().map(|(_, _, membership)| membership)) {
        return None;
    }
    for (index, (name, _, membership)) in members.iter().enumerate() {
        for (other, service, others) in &members[index + 1..] {
            if !membership.meets(others) {
                return Some((format!("`{name}` and `{other}` share no network"), Some(service.span)));
            }
        }
    }
    None
}

/// Tells whether one network has all of them: mostly so, and then no two have to be compared.
fn meet_in_one_network<'m, 'a: 'm>(mut members: impl Iterator<Item = &'m Membership<'a>>) -> bool {
    let Some(first) = members.next() else { return true };
    let mut common: BTreeSet<&NetworkName> = first.networks().collect();
    for membership in members {
        let networks: BTreeSet<&NetworkName> = membership.networks().collect();
        common.retain(|network| networks.contains(network));
    }
    !common.is_empty()
}

/// Tells whether two services have a network in common, so that policies let one reach the other (K61).
pub(crate) fn share_a_network(plan: &Plan<'_>, one: &Facts<'_>, other: &Facts<'_>) -> bool {
    Membership::of(plan.project, one.service).meets(&Membership::of(plan.project, other.service))
}

/// Returns the labels that pods carry beside N10's four: `rcompose/network.*`, `rcompose/alias.*`.
pub(crate) fn pod_labels(plan: &Plan<'_>, pod: &Pod<'_, '_>) -> Labels {
    let membership = Membership::of(plan.project, pod.owner.service);
    let networks = membership
        .networks()
        .filter_map(|key| Some((key, plan.project.networks.get(key)?)))
        .filter(|(_, network)| plan.policies || membership::is_shared(network))
        .map(|(key, _)| network_label(plan.project, key));
    let shared = pod.members.iter().filter_map(|member| plan.aliases.shared.get(member.name));
    let aliases = shared.flatten().map(|name| alias_label(name));
    networks.chain(aliases).map(|key| (key, "true".to_owned())).collect()
}

/// Label of the pods behind an alias that several services have (N31).
pub(crate) fn alias_label(alias: &str) -> String {
    label_key("alias.", alias)
}

/// Label of the pods on a network: by its real name where projects can share it (N41).
fn network_label(project: &Project, key: &NetworkName) -> String {
    match project.networks.get(key) {
        Some(network) if membership::is_shared(network) => label_key("shared-network.", &network.name),
        _ => label_key("network.", key.as_str()),
    }
}

/// Makes a label key of ours; a name that cannot stand in one gets a hash (N10).
fn label_key(prefix: &str, name: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let shape: String = name.chars().map(|c| if legal(c) { c } else { '-' }).collect();
    let shape = shape.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let limit = names::LABEL_LIMIT - prefix.len();
    if shape == name && shape.len() <= limit {
        return format!("rcompose/{prefix}{name}");
    }
    let hash = names::hash(name.as_bytes());
    let head: String = shape.chars().take(limit - hash.len() - 1).collect();
    format!("rcompose/{prefix}{}-{hash}", head.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()))
}

/// Makes the policies. `waits_for_jobs`: services whose pods ask the API server (K63).
pub(crate) fn policies(plan: &Plan<'_>, waits_for_jobs: &[&Facts<'_>], sink: &mut Sink) -> Vec<Object> {
    if !plan.policies {
        return Vec::new();
    }
    let mut wanted: Vec<Wanted> = used_networks(plan).into_iter().map(|key| of_network(plan, key)).collect();
    for facts in plan.selected() {
        wanted.extend(from_outside(plan, facts));
    }
    for pod in plan.pods() {
        let asks = waits_for_jobs.iter().copied().filter(|waiter| waiter.owner == pod.owner.name);
        let asks = asks.collect::<Vec<_>>();
        wanted.extend(to_outside(plan, &pod, asks.first().copied(), sink));
        wanted.extend(closed(plan, &pod));
    }
    report(plan, sink);
    named(plan, wanted, sink)
}

/// A policy before its name is sure: all of them are derived from names of users (N3).
struct Wanted {
    name: String,
    /// What the name is made from; of two with one name the first by this keeps it.
    original: String,
    labels: Labels,
    annotations: Annotations,
    spec: Noted<NetworkPolicySpec>,
}

/// Gives names that two would have to the first, and a hash to the other (N3).
fn named(plan: &Plan<'_>, mut wanted: Vec<Wanted>, sink: &mut Sink) -> Vec<Object> {
    wanted.sort_by(|one, other| one.original.cmp(&other.original));
    let mut taken = BTreeSet::new();
    let mut objects = Vec::new();
    for Wanted { name, original, labels, annotations, spec } in wanted {
        let unique =
            if taken.insert(name.clone()) { name.clone() } else { names::with_hash_of(&name, &original) };
        if unique != name {
            let message = format!("a second NetworkPolicy `{name}` is called `{unique}`");
            sink.push(problem::of_project(KubernetesCode::NameShortened, message));
        }
        let mut notes = Notes::default();
        let policy = NetworkPolicy {
            metadata: notes.at("metadata", plan.metadata(unique, labels, annotations)),
            spec: Some(notes.at("spec", spec)),
        };
        objects.push(Object::new(notes.on(policy)));
    }
    objects
}

/// Returns the networks that pods to be written use.
fn used_networks<'a>(plan: &Plan<'a>) -> BTreeSet<&'a NetworkName> {
    let pods = plan.pods();
    pods.iter()
        .flat_map(|pod| Membership::of(plan.project, pod.owner.service).networks().collect::<Vec<_>>())
        .collect()
}

/// Lets pods of one network reach each other, and no others (N42).
fn of_network(plan: &Plan<'_>, key: &NetworkName) -> Wanted {
    let network = plan.project.networks.get(key);
    let allowed = network.and_then(|network| network.hints.allow_from.as_ref());
    let allowed = allowed.into_iter().flat_map(|names| &names.value).map(|name| namespace(&name.value));
    let spec = NetworkPolicySpec {
        pod_selector: Some(selector(network_pods(plan, key))),
        policy_types: Some(vec!["Ingress".to_owned()]),
        ingress: Some(vec![NetworkPolicyIngressRule {
            from: Some(std::iter::once(network_peer(plan, key)).chain(allowed).collect()),
            ports: None,
        }]),
        egress: None,
    };
    Wanted {
        name: names::label_between("network-", key.as_str(), ""),
        original: key.to_string(),
        labels: plan.project_labels(),
        annotations: network.map(|network| metadata::annotations(&network.labels, "N48")).unwrap_or_default(),
        spec: Noted::new(spec, "N42", network.and_then(|network| network.span))
            .also("N41", network.and_then(|network| network.written_name.as_ref()).map(|name| name.span)),
    }
}

/// Labels of the pods on a network that a policy of ours selects: this project's only.
fn network_pods(plan: &Plan<'_>, key: &NetworkName) -> Labels {
    let instance = names::label_value(plan.instance());
    BTreeMap::from([(INSTANCE.to_owned(), instance), (network_label(plan.project, key), "true".to_owned())])
}

/// The pods on a network as the other end of a connection: of any namespace, where projects can share it (N41).
fn network_peer(plan: &Plan<'_>, key: &NetworkName) -> NetworkPolicyPeer {
    let shared = plan.project.networks.get(key).is_some_and(membership::is_shared);
    if shared {
        let labels = BTreeMap::from([(network_label(plan.project, key), "true".to_owned())]);
        return NetworkPolicyPeer {
            pod_selector: Some(selector(labels)),
            namespace_selector: Some(LabelSelector::default()),
            ip_block: None,
        };
    }
    NetworkPolicyPeer {
        pod_selector: Some(selector(network_pods(plan, key))),
        ..NetworkPolicyPeer::default()
    }
}

fn selector(labels: Labels) -> LabelSelector {
    LabelSelector { match_labels: Some(labels), match_expressions: None }
}

/// Lets everybody reach published ports (N43).
fn from_outside(plan: &Plan<'_>, facts: &Facts<'_>) -> Option<Wanted> {
    let reached = publish::reached_from_outside(plan, facts);
    if reached.is_empty() {
        return None;
    }
    let mut notes = Notes::default();
    notes.note("", "N43", None);
    let ports = reached.into_iter().map(|((port, protocol), span)| {
        Noted::written(policy_port(port, &protocol.word().to_ascii_uppercase()), "N43", span)
    });
    let ports = notes.list("ingress[0].ports", ports);
    let spec = NetworkPolicySpec {
        pod_selector: Some(selector(plan.selector(facts))),
        policy_types: Some(vec!["Ingress".to_owned()]),
        ingress: Some(vec![NetworkPolicyIngressRule { from: None, ports }]),
        egress: None,
    };
    Some(of_service(plan, facts, "-published", notes.on(spec)))
}

fn policy_port(port: u16, protocol: &str) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(port.into())),
        protocol: Some(protocol.to_owned()),
        end_port: None,
    }
}

fn of_service(plan: &Plan<'_>, facts: &Facts<'_>, suffix: &str, spec: Noted<NetworkPolicySpec>) -> Wanted {
    Wanted {
        name: names::dns_with(facts.written_name(), suffix),
        original: facts.name.to_string(),
        labels: plan.labels(facts),
        annotations: Annotations::new(),
        spec,
    }
}

/// Keeps pods whose networks are all internal inside: they reach these networks and DNS (N44 to N46).
fn to_outside(
    plan: &Plan<'_>,
    pod: &Pod<'_, '_>,
    waits_for_job: Option<&Facts<'_>>,
    sink: &mut Sink,
) -> Option<Wanted> {
    let membership = Membership::of(plan.project, pod.owner.service);
    if !membership.is_internal(plan.project) {
        return None;
    }
    let peers: Vec<NetworkPolicyPeer> = membership.networks().map(|key| network_peer(plan, key)).collect();
    let mut egress = vec![NetworkPolicyEgressRule { to: Some(peers), ports: None }];
    egress.extend(dns());
    if let Some(waiter) = waits_for_job {
        if let Some(addresses) = &plan.project.hints.api_server {
            egress.extend(addresses.value.iter().filter_map(|address| api_server_at(&address.value)));
        } else {
            egress.push(api_server());
            let message = format!(
                "`{}` waits for a Job and has no way out: private addresses are opened for it",
                waiter.name
            );
            sink.push(
            problem::of_service(KubernetesCode::PolicyApiServerAssumed, waiter.name, message)
                .at(waiter.service.span)
                .outcome(Outcome::Approximated)
                .help("top-level `x-rcompose: {api-server: [CIDR:PORT]}` names its address; `--depends-on none` writes no wait"),
        );
        }
    }
    let internal = membership.networks().find_map(|key| plan.project.networks.get(key)?.internal);
    let spec = NetworkPolicySpec {
        pod_selector: Some(selector(plan.selector(pod.owner))),
        policy_types: Some(vec!["Egress".to_owned()]),
        ingress: None,
        egress: Some(egress),
    };
    Some(of_service(plan, pod.owner, "-egress", Noted::new(spec, "N44", internal)))
}

/// The cluster's DNS: the usual place, the cache on each node, and `OpenShift`'s (N45).
fn dns() -> [NetworkPolicyEgressRule; 2] {
    let both = |port| Some(vec![policy_port(port, "TCP"), policy_port(port, "UDP")]);
    let cache =
        NetworkPolicyPeer { ip_block: Some(block("169.254.20.10/32")), ..NetworkPolicyPeer::default() };
    [
        NetworkPolicyEgressRule { to: Some(vec![namespace("kube-system"), cache]), ports: both(53) },
        NetworkPolicyEgressRule { to: Some(vec![namespace("openshift-dns")]), ports: both(5353) },
    ]
}

/// Where API servers usually listen: nothing in a cluster says it to a policy (N46).
fn api_server() -> NetworkPolicyEgressRule {
    const PRIVATE: [&str; 4] = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"];
    let blocks =
        PRIVATE.map(|cidr| NetworkPolicyPeer { ip_block: Some(block(cidr)), ..NetworkPolicyPeer::default() });
    let ports = [443, 6443, 8443].map(|port| policy_port(port, "TCP"));
    NetworkPolicyEgressRule { to: Some(blocks.to_vec()), ports: Some(ports.to_vec()) }
}

/// The address that its author names: `CIDR:PORT`.
fn api_server_at(address: &str) -> Option<NetworkPolicyEgressRule> {
    let (cidr, port) = address.rsplit_once(':')?;
    let cidr = cidr.trim_start_matches('[').trim_end_matches(']');
    let peer = NetworkPolicyPeer { ip_block: Some(block(cidr)), ..NetworkPolicyPeer::default() };
    Some(NetworkPolicyEgressRule {
        to: Some(vec![peer]),
        ports: Some(vec![policy_port(port.parse().ok()?, "TCP")]),
    })
}

fn block(cidr: &str) -> IPBlock {
    IPBlock { cidr: cidr.to_owned(), except: None }
}

fn namespace(name: &str) -> NetworkPolicyPeer {
    let labels = BTreeMap::from([("kubernetes.io/metadata.name".to_owned(), name.to_owned())]);
    NetworkPolicyPeer { namespace_selector: Some(selector(labels)), ..NetworkPolicyPeer::default() }
}

/// Lets nothing in and nothing out of a pod without network (N47).
fn closed(plan: &Plan<'_>, pod: &Pod<'_, '_>) -> Option<Wanted> {
    let NetworkMode::None(span) = &pod.owner.service.network.mode else { return None };
    let spec = NetworkPolicySpec {
        pod_selector: Some(selector(plan.selector(pod.owner))),
        policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
        ingress: None,
        egress: None,
    };
    Some(of_service(plan, pod.owner, "-none", Noted::written(spec, "N47", *span)))
}

/// Tells once who reaches whom, and what it takes (N40).
fn report(plan: &Plan<'_>, sink: &mut Sink) {
    let networks = used_networks(plan).into_iter().map(|key| {
        let members = plan.all().filter(|facts| {
            Membership::of(plan.project, facts.service).networks().any(|network| network == key)
        });
        let internal = plan.project.networks.get(key).is_some_and(|network| network.internal.is_some());
        let word = if internal { " (internal)" } else { "" };
        format!("`{key}`{word}: {}", problem::listed(members.map(|facts| facts.name.as_str())))
    });
    let outside: Vec<String> = plan
        .selected()
        .flat_map(|facts| {
            let reached = publish::reached_from_outside(plan, facts);
            reached.into_keys().map(|(port, protocol)| format!("`{}` {port}/{}", facts.name, protocol.word()))
        })
        .collect();
    let outside = if outside.is_empty() { "nothing".to_owned() } else { outside.join(", ") };
    let networks = networks.collect::<Vec<_>>();
    let inside = if networks.is_empty() { "none here".to_owned() } else { networks.join("; ") };
    let message = format!("only pods of one network reach each other: {inside}; from outside: {outside}");
    let help = "`--network-policies never` writes no policies";
    sink.push(problem::of_project(KubernetesCode::NetworkPolicyWritten, message).help(help));
    let message = "network policies act only where the cluster's network plugin enforces them";
    sink.push(problem::of_project(KubernetesCode::PolicyNeedsEnforcement, message));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::{
        network, on_networks, project, render, render_with, service, span,
    };
    use crate::model::Service;

    fn on(networks: &[&str]) -> Service {
        let mut service = service();
        service.network.mode = on_networks(networks.iter().copied());
        service
    }

    #[test]
    fn one_network_for_all_needs_no_policies() {
        let made = render(&project([("a", on(&["x"])), ("b", on(&["x", "y"])), ("c", on(&["x"]))]));
        assert!(!made.objects().iter().any(|object| object.starts_with("NetworkPolicy")));
    }

    #[test]
    fn services_apart_get_a_policy_for_each_network() {
        let made = render(&project([("a", on(&["x"])), ("b", on(&["x", "y_"])), ("c", on(&["y_"]))]));
        let policies: Vec<_> =
            made.objects().into_iter().filter(|object| object.starts_with("NetworkPolicy")).collect();
        assert_eq!(policies, ["NetworkPolicy network-x", "NetworkPolicy network-y"]);
        let labels = &made.object("NetworkPolicy", "network-y")["spec"]["podSelector"]["matchLabels"];
        let key = format!("rcompose/network.y-{}", names::hash(b"y_"));
        assert_eq!(labels[key], "true");
        assert_eq!(made.codes(), ["network-policy-written", "policy-needs-enforcement"]);
    }

    #[test]
    fn an_internal_network_keeps_its_pods_inside() {
        let mut shop = project([("db", on(&["back"])), ("api", on(&["back", "front"]))]);
        for (name, network) in &mut shop.networks {
            network.internal = (name.as_str() == "back").then(span);
        }
        let made = render(&shop);
        let egress = &made.object("NetworkPolicy", "db-egress")["spec"]["egress"];
        assert_eq!(egress.as_array().map(Vec::len), Some(3));
        assert!(!made.objects().contains(&"NetworkPolicy api-egress".to_owned()));
    }

    #[test]
    fn a_service_without_network_is_shut() {
        let mut alone = service();
        alone.network.mode = NetworkMode::None(span());
        let made = render(&project([("alone", alone)]));
        let spec = &made.object("NetworkPolicy", "alone-none")["spec"];
        assert_eq!(spec["policyTypes"], serde_json::json!(["Ingress", "Egress"]));
    }

    #[test]
    fn isolation_that_is_switched_off_is_a_warning() {
        let options = Options { network_policies: NetworkPolicies::Never, ..Options::default() };
        let made = render_with(&project([("a", on(&["x"])), ("b", on(&["y"]))]), options);
        assert_eq!(made.codes(), ["network-isolation-dropped"]);
    }

    #[test]
    fn a_network_that_projects_share_admits_any_namespace() {
        let mut shop = project([("a", on(&["proxy"])), ("b", on(&["back"]))]);
        let mut external = network("proxy");
        external.name = "proxy".to_owned();
        external.external = Some(span());
        shop.networks.insert(NetworkName::new("proxy"), external);
        let made = render(&shop);
        let peer = &made.object("NetworkPolicy", "network-proxy")["spec"]["ingress"][0]["from"][0];
        assert_eq!(peer["namespaceSelector"], serde_json::json!({}));
        assert_eq!(peer["podSelector"]["matchLabels"]["rcompose/shared-network.proxy"], "true");
    }
}
