//! Services: `S`, `S-published`, aliases, `S-ready` (N21 to N31, K61).

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::codes::KubernetesCode;
use super::labels::{self, Labels};
use super::metadata::{self, Annotations};
use super::names;
use super::network_policy;
use super::object::{Noted, Notes, Object};
use super::plan::{Facts, Plan};
use super::ports::{Port, generated_name};
use super::problem::{self, Report};
use super::publish::{self, How, Outside};
use super::publish_hints;
use super::routes;
use crate::backend::codes::BackendCode;
use crate::diag::{Outcome, Severity, Sink, Span};
use crate::model::{Endpoint, ServiceName};
use crate::parallel;

/// Services that are worth a thread: they take some ten times what its start takes.
const MANY: usize = 50;

/// Makes all Services of selected services. `waited_by_name`: those whose readiness others look up by name; they need
/// `S-ready` (K61).
pub(crate) fn services(
    plan: &Plan<'_>,
    waited_by_name: &BTreeSet<&ServiceName>,
    sink: &mut Sink,
) -> Vec<Object> {
    report(plan, sink);
    publish::report(plan, sink);
    routes::report(plan, sink);
    publish_hints::report(plan, sink);
    let selected: Vec<&Facts<'_>> = plan.selected().collect();
    let of_services = parallel::map(&selected, MANY, |facts| {
        let mut objects = vec![own(plan, facts)];
        objects.extend(published(plan, facts));
        objects.extend(waited_by_name.contains(facts.name).then(|| ready(plan, facts)));
        objects
    });
    let mut objects: Vec<Object> = of_services.into_iter().flatten().collect();
    objects.extend(plan.aliases.by_name.iter().filter_map(|(name, of)| alias(plan, name, of)));
    objects
}

/// Makes `S` (N21).
fn own(plan: &Plan<'_>, facts: &Facts<'_>) -> Object {
    let mut notes = Notes::default();
    let metadata = plan.metadata(facts.object_name.clone(), plan.labels(facts), Annotations::new());
    let service = Service {
        metadata: notes.at("metadata", metadata),
        spec: Some(notes.at("spec", resolving(plan.selector(facts), facts, own_ports(facts)))),
        status: None,
    };
    notes.note("", "N21", Some(facts.service.span));
    Object::new(notes.on(service))
}

/// Makes the part that `S` and its aliases have in common: how the name resolves.
fn resolving(
    selector: Labels,
    facts: &Facts<'_>,
    ports: impl IntoIterator<Item = Noted<ServicePort>>,
) -> Noted<ServiceSpec> {
    let mut notes = Notes::default();
    notes.note("type", "N21", None);
    notes.note("selector", "N10", None);
    let shape = &facts.shape;
    if shape.headless {
        notes.note("clusterIP", "N21", facts.service.scale.endpoint.as_ref().map(|endpoint| endpoint.span));
    }
    if shape.unready_too {
        notes.note("publishNotReadyAddresses", if shape.peers { "N29" } else { "N21" }, None);
    }
    let spec = ServiceSpec {
        type_: Some("ClusterIP".to_owned()),
        cluster_ip: shape.headless.then(|| "None".to_owned()),
        publish_not_ready_addresses: shape.unready_too.then_some(true),
        selector: Some(selector),
        ports: notes.list("ports", ports),
        ..ServiceSpec::default()
    };
    notes.on(spec)
}

/// Writes the port set: each port under its own number.
fn own_ports(facts: &Facts<'_>) -> Vec<Noted<ServicePort>> {
    facts.ports.ports.iter().map(|port| own_port(port, port.name.clone())).collect()
}

fn own_port(port: &Port, name: String) -> Noted<ServicePort> {
    let value = ServicePort {
        name: Some(name),
        port: port.number.into(),
        target_port: Some(IntOrString::Int(port.number.into())),
        protocol: Some(port.protocol.word().to_ascii_uppercase()),
        app_protocol: port.app_protocol.clone(),
        node_port: None,
    };
    Noted::new(value, "N20", port.span)
}

/// Makes `S-published`, if anything is published (N22, N24); ports that are reached in several ways are several Services.
fn published(plan: &Plan<'_>, facts: &Facts<'_>) -> Vec<Object> {
    let groups = publish::groups(plan, facts);
    groups.into_iter().map(|(suffix, entries)| publishing(plan, facts, suffix, &entries)).collect()
}

fn publishing(plan: &Plan<'_>, facts: &Facts<'_>, suffix: &str, entries: &[Outside]) -> Object {
    let how = entries.first().map_or(How::Balancer, |entry| entry.how);
    let kind = match how {
        How::Nodes => "NodePort",
        How::Inside => "ClusterIP",
        How::Balancer => "LoadBalancer",
    };
    let hints = &facts.service.hints;
    let balanced = how == How::Balancer;
    let ranges = hints.source_ranges.as_ref().filter(|_| balanced);
    let ranges = ranges.map(|ranges| {
        Noted::written(ranges.value.iter().map(|range| range.value.clone()).collect(), "N24", ranges.span)
    });
    let class = hints.load_balancer_class.as_ref().filter(|_| balanced);
    let traffic = hints.traffic_policy.as_ref().filter(|_| how != How::Inside);
    let mut notes = Notes::default();
    let name = plan.derived_service_name(facts, suffix);
    notes.note("spec.type", "N24", None);
    notes.note("spec.selector", "N10", None);
    let service = Service {
        metadata: notes.at(
            "metadata",
            plan.metadata(name, plan.labels(facts), metadata::annotations(&hints.annotations, "N24")),
        ),
        spec: Some(ServiceSpec {
            type_: Some(kind.to_owned()),
            external_traffic_policy: notes.at_opt(
                "spec.externalTrafficPolicy",
                traffic.map(|policy| Noted::written(policy.value.word().to_owned(), "N24", policy.span)),
            ),
            load_balancer_class: notes.at_opt(
                "spec.loadBalancerClass",
                class.map(|class| Noted::written(class.value.clone(), "N24", class.span)),
            ),
            load_balancer_source_ranges: notes.at_opt("spec.loadBalancerSourceRanges", ranges),
            selector: Some(plan.selector(facts)),
            ports: notes.list("spec.ports", entries.iter().map(|entry| published_port(facts, entry))),
            ..ServiceSpec::default()
        }),
        status: None,
    };
    notes.note("", "N22", None);
    Object::new(notes.on(service))
}

fn published_port(facts: &Facts<'_>, entry: &Outside) -> Noted<ServicePort> {
    let Outside { number, protocol, target, how: _, wished_node_port: _, span } = *entry;
    let port = facts.ports.ports.iter().find(|port| (port.number, port.protocol) == (target, protocol));
    let value = ServicePort {
        name: Some(generated_name(number, protocol)),
        port: number.into(),
        target_port: Some(IntOrString::Int(target.into())),
        protocol: Some(protocol.word().to_ascii_uppercase()),
        app_protocol: port.and_then(|port| port.app_protocol.clone()),
        node_port: publish::node_port(entry).map(Into::into),
    };
    Noted::written(value, "N22", span)
}

/// Makes `S-ready`: a name that resolves only when a pod is ready (K61).
fn ready(plan: &Plan<'_>, facts: &Facts<'_>) -> Object {
    let mut notes = Notes::default();
    let name = plan.derived_service_name(facts, "-ready");
    let service = Service {
        metadata: notes.at("metadata", plan.metadata(name, plan.labels(facts), Annotations::new())),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            cluster_ip: Some("None".to_owned()),
            publish_not_ready_addresses: Some(false),
            selector: Some(plan.selector(facts)),
            ..ServiceSpec::default()
        }),
        status: None,
    };
    notes.note("", "K61", None);
    Object::new(notes.on(service))
}

/// Makes the Service of a further name (N30), of several services by a label of their pods (N31); none when no
/// service of it is selected.
fn alias(plan: &Plan<'_>, name: &str, of: &BTreeMap<&ServiceName, Span>) -> Option<Object> {
    let services: Vec<&Facts<'_>> = of.keys().filter_map(|name| plan.get(name)).collect();
    let first = *services.first()?;
    if !services.iter().any(|facts| facts.service.selected) {
        return None;
    }
    let mut notes = Notes::default();
    for place in of.values() {
        notes.note("", if services.len() > 1 { "N31" } else { "N30" }, Some(*place));
    }
    let (labels, spec) = if services.len() > 1 {
        (plan.project_labels(), shared(plan, name, &services))
    } else {
        (plan.labels(first), resolving(plan.selector(first), first, own_ports(first)))
    };
    let service = Service {
        metadata: notes.at("metadata", plan.metadata(name.to_owned(), labels, Annotations::new())),
        spec: Some(notes.at("spec", spec)),
        status: None,
    };
    Some(Object::new(notes.on(service)))
}

/// Makes one Service over the pods of several services: the ports that all of them have (N31).
fn shared(plan: &Plan<'_>, name: &str, services: &[&Facts<'_>]) -> Noted<ServiceSpec> {
    let all_have = |port: &&Port| {
        services.iter().all(|facts| {
            facts
                .ports
                .ports
                .iter()
                .any(|other| (other.number, other.protocol) == (port.number, port.protocol))
        })
    };
    // Each service may call a port otherwise, so none of their names is taken.
    let ports: Vec<Noted<ServicePort>> = services[0]
        .ports
        .ports
        .iter()
        .filter(all_have)
        .map(|port| own_port(port, generated_name(port.number, port.protocol)))
        .collect();
    let headless = ports.is_empty() || services.iter().any(|facts| facts.shape.headless);
    let unready_too = headless || services.iter().any(|facts| facts.shape.unready_too);
    let mut notes = Notes::default();
    notes.note("selector", "N31", None);
    let spec = ServiceSpec {
        type_: Some("ClusterIP".to_owned()),
        cluster_ip: headless.then(|| "None".to_owned()),
        publish_not_ready_addresses: unready_too.then_some(true),
        selector: Some(BTreeMap::from([
            (labels::INSTANCE.to_owned(), names::label_value(plan.instance())),
            (network_policy::alias_label(name), "true".to_owned()),
        ])),
        ports: notes.list("ports", ports),
        ..ServiceSpec::default()
    };
    notes.on(spec)
}

/// Tells what became of names, and of how they resolve.
fn report(plan: &Plan<'_>, sink: &mut Sink) {
    for facts in plan.selected() {
        report_name(facts, sink);
        report_cluster_name(plan, &facts.object_name, facts.service.span, sink);
        report_shape(facts, &mut Report::new(facts.name, sink));
        report_node_ports(plan, facts, &mut Report::new(facts.name, sink));
        report_derived(plan, facts, sink);
    }
    for (alias, of) in &plan.aliases.by_name {
        let place = of.iter().find(|(name, _)| plan.get(name).is_some_and(|facts| facts.service.selected));
        if let Some((_, span)) = place {
            report_cluster_name(plan, alias, *span, sink);
        }
    }
    report_once(plan, sink);
}

/// Tells of a name that the cluster refuses, with the texts that use it (N4).
fn report_name(facts: &Facts<'_>, sink: &mut Sink) {
    let (name, written) = (facts.name.as_str(), &facts.object_name);
    if name == written {
        return;
    }
    let only_case = name.eq_ignore_ascii_case(written);
    // Whoever gives another name wants it, and the old one resolves as an alias.
    if facts.service.hints.name.is_some() {
        return;
    }
    let uses: Vec<_> = facts
        .service
        .reach
        .named_by
        .iter()
        .filter(|mention| mention.name.eq_ignore_ascii_case(name))
        .collect();
    let loud = !only_case && !uses.is_empty();
    let message = match (only_case, loud) {
        (true, _) => format!("`{name}` is written as `{written}`; names do not differ by case"),
        (false, false) => format!("`{name}` is written as `{written}`, as no Service can have that name"),
        (false, true) => {
            let places = problem::listed(uses.iter().map(|mention| mention.place.as_str()));
            format!("`{name}` is written as `{written}`, and no longer resolves where it is used: {places}")
        }
    };
    let severity = if loud { Severity::Warning } else { Severity::Note };
    let found = problem::of_service(BackendCode::NameChanged, facts.name, message)
        .at(facts.service.span)
        .severity(severity)
        .outcome(Outcome::Approximated)
        .help(format!("call the service `{written}`, and keep `{name}` as an alias for Compose"));
    sink.push(uses.iter().fold(found, |found, mention| found.also(mention.span, "used here")));
    if names::is_cut(name, "") {
        let message = format!("`{name}` is longer than 63 characters and is written as `{written}`");
        sink.push(
            problem::of_service(KubernetesCode::NameShortened, facts.name, message).at(facts.service.span),
        );
    }
}

/// The Service `kubernetes` of the namespace `default` is the API server's own (N140).
fn report_cluster_name(plan: &Plan<'_>, name: &str, span: Span, sink: &mut Sink) {
    if name != "kubernetes" {
        return;
    }
    let found = match plan.options.namespace.as_deref() {
        Some("default") => problem::of_project(
            BackendCode::NameCollision,
            "`kubernetes` is the API server's name in `default`",
        )
        .outcome(Outcome::Refused)
        .help("rename it, or choose another namespace with `-n`"),
        Some(_) => return,
        None => {
            let message = "`kubernetes` is the API server's name in the namespace `default`";
            problem::of_project(BackendCode::NameCollision, message)
                .severity(Severity::Warning)
                .outcome(Outcome::Approximated)
                .help("apply it to another namespace, and say which with `-n`")
        }
    };
    sink.push(found.at(span));
}

fn report_shape(facts: &Facts<'_>, report: &mut Report<'_>) {
    if let Some(endpoint) = &facts.service.scale.endpoint {
        match endpoint.value {
            Endpoint::Vip => report.already_default("deploy.endpoint_mode", endpoint.span),
            Endpoint::DnsRoundRobin => {
                let fact = "becomes a name with one address per pod";
                let help = "leave it out to get one stable address";
                let key = "deploy.endpoint_mode";
                report.approximated(KubernetesCode::EndpointModeApproximated, key, endpoint.span, fact, help);
            }
        }
    }
    let others: Vec<_> =
        facts.service.reach.named_by.iter().filter(|mention| mention.by != *facts.name).collect();
    if let (true, Some(first)) = (facts.ports.ports.is_empty(), others.first()) {
        let message = format!(
            "no port of `{}` is known, though `{}` names it: it resolves to its pods",
            facts.name, first.place
        );
        let found = problem::of_service(KubernetesCode::PortUnknown, facts.name, message)
            .at(first.span)
            .help("`expose:` declares its ports");
        report.push(found);
    }
}

fn report_node_ports(plan: &Plan<'_>, facts: &Facts<'_>, report: &mut Report<'_>) {
    for entry in publish::outside(plan, facts).iter().filter(|entry| entry.how == How::Nodes) {
        if publish::node_port(entry).is_none() {
            let number = entry.wished_node_port.unwrap_or(entry.number);
            let fact = format!("publish {number}, which nodes do not open: the cluster chooses a number");
            let help = "publish a number from 30000 to 32767, or say one: `x-rcompose: {node-port: 30080}`";
            report.approximated(KubernetesCode::NodePortAssigned, "ports", entry.span, &fact, help);
        }
    }
}

/// A derived name that gives way to a user's, or is too long (N3).
fn report_derived(plan: &Plan<'_>, facts: &Facts<'_>, sink: &mut Sink) {
    for (suffix, _) in publish::groups(plan, facts) {
        let written = plan.derived_service_name(facts, suffix);
        if written == format!("{}{suffix}", facts.object_name) {
            continue;
        }
        let message = format!("the Service that publishes `{}` is called `{written}`", facts.name);
        sink.push(
            problem::of_service(KubernetesCode::NameShortened, facts.name, message).at(facts.service.span),
        );
    }
}

/// Tells once a run which pods got a host name (N28), and which services are found before they are ready (N29).
fn report_once(plan: &Plan<'_>, sink: &mut Sink) {
    let written: Vec<&Facts<'_>> = plan
        .pods()
        .into_iter()
        .map(|pod| pod.owner)
        .filter(|owner| owner.shape.own_hostname.is_some())
        .collect();
    if let Some(first) = written.first() {
        let listed = problem::listed(written.iter().map(|facts| facts.name.as_str()));
        let message = format!("pods are called as their service calls itself: {listed}");
        let found = problem::of_project(KubernetesCode::SelfNameWritten, message).at(first.service.span);
        sink.push(found.also_at(written.iter().skip(1).map(|facts| facts.service.span)));
    }
    let peers: Vec<&Facts<'_>> =
        plan.selected().filter(|facts| facts.shape.peers && facts.shape.unready_too).collect();
    if let Some(first) = peers.first() {
        let listed = problem::listed(peers.iter().map(|facts| facts.name.as_str()));
        let message = format!("members of a cluster find each other before they are ready: {listed}");
        let found = problem::of_project(KubernetesCode::PeersBeforeReady, message).at(first.service.span);
        sink.push(found.also_at(peers.iter().skip(1).map(|facts| facts.service.span)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::options::Options;
    use crate::backend::kubernetes::sample::{port, project, render, render_with, service, span, with_plan};
    use crate::model::{Mention, Protocol};

    #[test]
    fn a_published_name_gives_way_to_a_users() {
        let mut web = service();
        web.ports.ports = vec![port(Some(80), 80, Protocol::Tcp)];
        let made = render(&project([("web", web), ("web-published", service())]));
        let services =
            made.objects().into_iter().filter(|object| object.starts_with("Service web-published-"));
        assert_eq!(services.count(), 1);
        assert!(made.codes().contains(&"name-shortened"));
    }

    #[test]
    fn a_changed_name_is_louder_where_a_text_uses_it() {
        let severity = |used: bool| {
            let mut db = service();
            let place = "services.web.environment.DB".to_owned();
            let by = ServiceName::new("web");
            db.reach.named_by.extend(used.then(|| Mention {
                by,
                place,
                span: span(),
                name: "my_db".to_owned(),
            }));
            render(&project([("my_db", db)])).finding("name-changed").severity
        };
        assert_eq!((severity(false), severity(true)), (Severity::Note, Severity::Warning));
    }

    #[test]
    fn the_name_of_the_api_server_is_taken_in_one_namespace() {
        let severity = |namespace: Option<&str>| {
            let options = Options { namespace: namespace.map(ToOwned::to_owned), ..Options::default() };
            let made = render_with(&project([("kubernetes", service())]), options);
            made.found.iter().find(|found| found.code.name() == "name-collision").map(|found| found.severity)
        };
        assert_eq!(severity(Some("default")), Some(Severity::Error));
        assert_eq!(severity(None), Some(Severity::Warning));
        assert_eq!(severity(Some("shop")), None);
    }

    #[test]
    fn a_name_that_shows_readiness_has_no_ports() {
        let db = ServiceName::new("db");
        let (objects, _) = with_plan(&project([("db", service())]), |plan, sink| {
            services(plan, &BTreeSet::from([&db]), sink)
        });
        let ready = objects.iter().find(|object| object.name == "db-ready").expect("written");
        let spec = &ready.tree["spec"];
        assert_eq!((&spec["publishNotReadyAddresses"], spec.get("ports")), (&false.into(), None));
    }

    #[test]
    fn objects_carry_the_namespace_that_is_said() {
        let options =
            Options { namespace: Some("prod".to_owned()), create_namespace: true, ..Options::default() };
        let made = render_with(&project([("web", service())]), options);
        assert_eq!(made.object("Service", "web")["metadata"]["namespace"], "prod");
        assert_eq!(made.object("Namespace", "prod")["metadata"].get("namespace"), None);
    }
}
