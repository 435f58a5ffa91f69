//! Further names of services and who may have them (N30, N31, N33), and collisions between names that users gave (N3).
//!
//! Decides names only; `service.rs` writes their Services.

use std::collections::{BTreeMap, BTreeSet};

use super::codes::KubernetesCode;
use super::membership::Membership;
use super::names;
use super::plan::running;
use super::problem::{self, Report};
use crate::backend::codes::BackendCode;
use crate::diag::{Outcome, Severity, Sink, Span};
use crate::model::{Alias, AliasOrigin, Mention, NetworkName, Project, Service, ServiceName};

/// Names beside the services' own that become Services.
#[derive(Default)]
pub(crate) struct Aliases<'a> {
    /// Name of the alias Service, and the services that it leads to with the places that say so.
    pub(crate) by_name: BTreeMap<String, BTreeMap<&'a ServiceName, Span>>,
    /// Names that a service has together with others, by service.
    pub(crate) shared: BTreeMap<&'a ServiceName, BTreeSet<String>>,
}

/// A name that one service would have.
struct Claim<'a> {
    service: &'a ServiceName,
    span: Span,
    /// Networks on which the name means this service; `None` for a name that one service alone sees, or a text uses.
    networks: Option<BTreeSet<&'a NetworkName>>,
    link: bool,
}

/// Decides which further names become Services.
pub(crate) fn of_project<'a>(
    project: &'a Project,
    object_names: &BTreeMap<&'a ServiceName, String>,
    sink: &mut Sink,
) -> Aliases<'a> {
    report_equal_names(project, object_names, sink);
    let mut claims: BTreeMap<String, Vec<Claim<'a>>> = BTreeMap::new();
    let mut unreported = Sink::default();
    let taken = taken(object_names);
    for (name, service) in running(project) {
        let sink = if service.selected { &mut *sink } else { &mut unreported };
        let mut report = Report::new(name, sink);
        let membership = Membership::of(project, service);
        let around = Around { project, object_names, taken: &taken, name, service, membership };
        for alias in &service.network.aliases {
            if let Some((alias, claim)) = around.claim(alias, &mut report) {
                claims.entry(alias).or_default().push(claim);
            }
        }
        for mention in &service.reach.named_by {
            if let Some((alias, claim)) = around.container_name(mention, report.sink()) {
                claims.entry(alias).or_default().push(claim);
            }
        }
    }
    let by_name: BTreeMap<String, BTreeMap<&ServiceName, Span>> = claims
        .into_iter()
        .map(|(alias, claims)| {
            report_shared(project, &alias, &claims, sink);
            (alias, claims.into_iter().rev().map(|claim| (claim.service, claim.span)).collect())
        })
        .collect();
    let mut shared: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for (alias, of) in by_name.iter().filter(|(_, of)| of.len() > 1) {
        for service in of.keys() {
            shared.entry(*service).or_default().insert(alias.clone());
        }
    }
    Aliases { by_name, shared }
}

/// Services by the names that they have of themselves, in lower case.
type Taken<'a> = BTreeMap<String, BTreeSet<&'a ServiceName>>;

/// Lists the names that no alias may take.
fn taken<'a>(object_names: &BTreeMap<&'a ServiceName, String>) -> Taken<'a> {
    let mut taken = Taken::new();
    for (name, object) in object_names {
        for own in [object.clone(), name.as_str().to_ascii_lowercase()] {
            taken.entry(own).or_default().insert(*name);
        }
    }
    taken
}

/// One service and what decides about its further names.
struct Around<'a, 'n> {
    project: &'a Project,
    object_names: &'n BTreeMap<&'a ServiceName, String>,
    taken: &'n Taken<'a>,
    name: &'a ServiceName,
    service: &'a Service,
    membership: Membership<'a>,
}

impl<'a> Around<'a, '_> {
    /// Decides about a further name that was written; `None` where no Service is made of it.
    fn claim(&self, alias: &'a Alias, report: &mut Report<'_>) -> Option<(String, Claim<'a>)> {
        let Alias { name: written, origin } = alias;
        let lower = written.value.to_ascii_lowercase();
        // Under the name of a hint, the Compose name is one more (N122).
        let renamed = self.service.hints.name.is_some();
        let is_compose_name = lower == self.name.as_str().to_ascii_lowercase();
        let is_own = lower == self.object_names[self.name] || (is_compose_name && !renamed);
        // A host name with dots is the pod's alone (K26).
        let is_full_host = matches!(origin, AliasOrigin::Hostname) && lower.contains('.');
        if is_own || is_full_host || !self.is_seen(origin, &lower) {
            return None;
        }
        let key = match origin {
            AliasOrigin::Network(network) => format!("networks.{network}.aliases"),
            AliasOrigin::ContainerName => "container_name".to_owned(),
            AliasOrigin::Hostname => "hostname".to_owned(),
            AliasOrigin::Link { .. } => "links".to_owned(),
        };
        if let Some(other) = self.service_of(&lower).filter(|other| *other != self.name) {
            let fact = format!("gives it the name `{}`, which is that of service `{other}`", written.value);
            let help = format!("`{other}` keeps the name; choose another one");
            report.dropped(BackendCode::AliasShared, &key, written.span, &fact, &help);
            return None;
        }
        if names::dns(&lower) != lower {
            let fact = format!("gives it the name `{}`, which no Service can have", written.value);
            let help = format!("`{}` would do", names::dns(&lower));
            let listed = matches!(origin, AliasOrigin::Network(_) | AliasOrigin::Link { .. });
            let loud = listed || self.is_named(&lower);
            let found = if let AliasOrigin::Link { by } = origin {
                // It is the other service's key that gives the name.
                let (name, alias) = (self.name, &written.value);
                let message = format!(
                    "`links` of `{by}` call `{name}` by the name `{alias}`, which no Service can have"
                );
                let found = problem::of_service(KubernetesCode::AliasInvalid, by, message);
                found.at(written.span).path(format!("services.{by}.links")).help(help)
            } else {
                report.finding(KubernetesCode::AliasInvalid, &key, written.span, &fact, &help)
            };
            let found = found.severity(if loud { Severity::Warning } else { Severity::Note });
            report.push(found.outcome(Outcome::Dropped));
            return None;
        }
        let link = matches!(origin, AliasOrigin::Link { .. });
        if let AliasOrigin::Link { by } = origin {
            let (name, alias) = (self.name, &written.value);
            let message = format!(
                "`links` of `{by}` call `{name}` by the name `{alias}`, which every service sees here"
            );
            let found = problem::of_service(KubernetesCode::AliasLimitedToNetwork, by, message);
            report.push(
                found.at(written.span).path(format!("services.{by}.links")).outcome(Outcome::Approximated),
            );
        }
        let networks = match origin {
            AliasOrigin::Network(network) => Some(BTreeSet::from([network])),
            AliasOrigin::ContainerName | AliasOrigin::Hostname => Some(self.membership.networks().collect()),
            AliasOrigin::Link { .. } => None,
        };
        Some((lower, Claim { service: self.name, span: written.span, networks, link }))
    }

    /// Decides about the name of a container that a text uses: the first one's can be a Service, no other's (N33).
    fn container_name(&self, mention: &'a Mention, sink: &mut Sink) -> Option<(String, Claim<'a>)> {
        let Mention { by, place, span, name } = mention;
        let lower = name.to_ascii_lowercase();
        let first = format!("{}-{}-1", self.project.name, self.name).to_ascii_lowercase();
        let known = lower == self.name.as_str().to_ascii_lowercase()
            || lower == self.object_names[self.name]
            || self.service.network.aliases.iter().any(|alias| alias.name.value.eq_ignore_ascii_case(&lower));
        if known {
            return None;
        }
        if lower == first && names::dns(&lower) == lower && self.service_of(&lower).is_none() {
            return Some((lower, Claim { service: self.name, span: *span, networks: None, link: false }));
        }
        let message =
            format!("`{place}` calls `{}` by the name `{name}`, which does not resolve here", self.name);
        sink.push(
            problem::of_service(KubernetesCode::AliasInvalid, by, message)
                .at(*span)
                .outcome(Outcome::Dropped)
                .help(format!("write `{}`", self.object_names[self.name])),
        );
        None
    }

    /// Tells whether somebody could use the name: another service on the network, or a text.
    fn is_seen(&self, origin: &AliasOrigin, lower: &str) -> bool {
        let neighbours = || {
            running(self.project)
                .filter(|(name, _)| *name != self.name)
                .map(|(_, service)| Membership::of(self.project, service))
        };
        let on_network = match origin {
            AliasOrigin::Link { .. } => true,
            AliasOrigin::Network(network) => {
                neighbours().any(|other| other.networks().any(|name| name == network))
            }
            AliasOrigin::ContainerName | AliasOrigin::Hostname => {
                let own: BTreeSet<_> = self.membership.networks().collect();
                neighbours().any(|other| other.networks().any(|name| own.contains(name)))
            }
        };
        on_network || self.is_named(lower)
    }

    fn is_named(&self, lower: &str) -> bool {
        self.service.reach.named_by.iter().any(|mention| mention.name.eq_ignore_ascii_case(lower))
    }

    /// Returns another service that has this very name.
    fn service_of(&self, lower: &str) -> Option<&'a ServiceName> {
        self.taken.get(lower)?.iter().copied().find(|name| *name != self.name)
    }
}

/// Two services whose names become one cannot both be had (N3).
fn report_equal_names(project: &Project, object_names: &BTreeMap<&ServiceName, String>, sink: &mut Sink) {
    let mut first: BTreeMap<&str, &ServiceName> = BTreeMap::new();
    for (name, object) in object_names {
        let other = *first.entry(object).or_insert(name);
        if other == *name {
            continue;
        }
        let (Some(one), Some(two)) = (project.services.get(other), project.services.get(*name)) else {
            continue;
        };
        let message = format!("services `{other}` and `{name}` would both be `{object}`");
        sink.push(
            problem::of_service(BackendCode::NameCollision, name, message)
                .at(two.span)
                .also(one.span, "the other one")
                .outcome(Outcome::Refused)
                .help("rename one of them"),
        );
    }
}

/// Tells of a name that several services have: one Service over all of them, where the name means all of them to
/// everybody (N31).
fn report_shared(project: &Project, alias: &str, claims: &[Claim<'_>], sink: &mut Sink) {
    let services: BTreeSet<&ServiceName> = claims.iter().map(|claim| claim.service).collect();
    let (Some(first), true) = (claims.first(), services.len() > 1) else { return };
    if !services.iter().any(|name| project.services.get(*name).is_some_and(|service| service.selected)) {
        return;
    }
    let mut common: Option<BTreeSet<&NetworkName>> = None;
    for service in &services {
        let own: BTreeSet<&NetworkName> = claims
            .iter()
            .filter(|claim| claim.service == *service)
            .filter_map(|claim| claim.networks.as_ref())
            .flatten()
            .copied()
            .collect();
        common = Some(match common {
            Some(common) => common.intersection(&own).copied().collect(),
            None => own,
        });
    }
    let one_meaning =
        common.is_some_and(|common| !common.is_empty()) && !claims.iter().any(|claim| claim.link);
    let listed = problem::listed(services.iter().map(|name| name.as_str()));
    let found = if one_meaning {
        let message = format!("`{alias}` is a name of {listed}: one Service leads to all of them");
        problem::of_project(BackendCode::AliasShared, message)
    } else {
        let message = format!("`{alias}` is a name of {listed}, and means another one to each that asks");
        problem::of_project(BackendCode::NameCollision, message)
            .outcome(Outcome::Refused)
            .help("a name means one thing in a cluster: rename one")
    };
    let others = claims.iter().skip(1);
    sink.push(others.fold(found.at(first.span), |found, claim| found.also(claim.span, "here too")));
}

#[cfg(test)]
mod tests {
    use crate::backend::kubernetes::sample::{at, project, render, service, span};
    use crate::model::{Alias, AliasOrigin, Mention, NetworkName, Service, ServiceName};

    fn with_alias(name: &str, origin: AliasOrigin) -> Service {
        let mut service = service();
        service.network.aliases.push(Alias { name: at(name.to_owned()), origin });
        service
    }

    fn on_default(name: &str) -> Service {
        with_alias(name, AliasOrigin::Network(NetworkName::new("default")))
    }

    #[test]
    fn an_alias_that_others_see_becomes_a_service() {
        let made = render(&project(vec![("dns", on_default("Resolver")), ("app", service())]));
        let alias = made.object("Service", "resolver");
        assert_eq!(alias["spec"], made.object("Service", "dns")["spec"]);
        assert_eq!(alias["metadata"]["labels"]["app.kubernetes.io/name"], "dns");
    }

    #[test]
    fn an_alias_that_nobody_sees_is_nothing() {
        let made = render(&project(vec![("dns", on_default("resolver"))]));
        assert!(!made.objects().contains(&"Service resolver".to_owned()));
        assert_eq!(made.codes(), Vec::<&str>::new());
    }

    #[test]
    fn a_name_with_dots_is_told_and_louder_where_it_was_asked_for() {
        let container = with_alias("my_db", AliasOrigin::ContainerName);
        let made =
            render(&project(vec![("db", container), ("mail", on_default("mail.local")), ("app", service())]));
        let severities: Vec<_> = made.found.iter().map(|found| found.severity.word()).collect();
        assert_eq!((made.codes(), severities), (vec!["alias-invalid"; 2], vec!["note", "warning"]));
    }

    #[test]
    fn a_service_keeps_its_name_against_an_alias() {
        let made = render(&project(vec![("a", on_default("b")), ("b", service())]));
        assert_eq!(made.codes(), ["alias-shared"]);
        assert_eq!(made.object("Service", "b")["spec"]["selector"]["app.kubernetes.io/name"], "b");
    }

    #[test]
    fn services_with_one_alias_share_it_by_a_label_of_their_pods() {
        let made = render(&project(vec![("a", on_default("pool")), ("b", on_default("pool"))]));
        assert_eq!(made.codes(), ["alias-shared"]);
        let selector = &made.object("Service", "pool")["spec"]["selector"];
        let expected =
            serde_json::json!({"app.kubernetes.io/instance": "shop", "rcompose/alias.pool": "true"});
        assert_eq!(*selector, expected);
    }

    #[test]
    fn one_link_alias_for_two_services_has_no_single_meaning() {
        let link = |by| with_alias("database", AliasOrigin::Link { by: ServiceName::new(by) });
        let made =
            render(&project(vec![("a", link("x")), ("b", link("y")), ("x", service()), ("y", service())]));
        assert!(made.codes().contains(&"name-collision"));
    }

    #[test]
    fn the_first_containers_name_resolves_where_a_text_uses_it() {
        let mention = |name: &str| Mention {
            by: ServiceName::new("app"),
            place: "services.app.environment.DB".to_owned(),
            span: span(),
            name: name.to_owned(),
        };
        let mut db = service();
        db.reach.named_by = vec![mention("shop-db-1"), mention("shop_db_1"), mention("db")];
        let made = render(&project(vec![("db", db), ("app", service())]));
        assert!(made.objects().contains(&"Service shop-db-1".to_owned()));
        assert_eq!(made.codes(), ["alias-invalid", "port-unknown"]);
    }

    #[test]
    fn two_services_with_one_name_are_refused() {
        let made = render(&project(vec![("a_b", service()), ("a.b", service())]));
        assert_eq!(made.codes()[0], "name-collision");
    }
}
