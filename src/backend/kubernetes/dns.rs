//! Names and resolver settings inside a pod: `extra_hosts`, `dns*`, the name for itself (N28, N35, N36), and what
//! only Docker resolves (N141 to N143).

use std::collections::BTreeMap;
use std::net::IpAddr;

use k8s_openapi::api::core::v1::{HostAlias, PodDNSConfig, PodDNSConfigOption};

use super::membership::Membership;
use super::metadata::is_subdomain;
use super::networks;
use super::object::{Noted, Notes};
use super::plan::{Facts, Plan, Pod};
use super::problem::{self, Report};
use super::publish::{self, Way};
use super::texts::{self, Text};
use crate::backend::codes::BackendCode;
use crate::diag::{Outcome, Sink, Span, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{Dns, ExtraHost, HostAddress};

/// What the API takes of search domains: how many, and characters of all with blanks between.
const MOST_SEARCHES: usize = 32;
const MOST_SEARCH_CHARACTERS: usize = 2048;

/// Names that Docker Desktop and Podman resolve without being told (N141).
const DESKTOP_NAMES: [&str; 5] = [
    "host.docker.internal",
    "gateway.docker.internal",
    "docker.for.mac.localhost",
    "docker.for.mac.host.internal",
    "host.containers.internal",
];

/// What a pod says of names.
#[derive(Default)]
pub(crate) struct PodDns {
    /// `hostAliases` (N35), sorted by address.
    pub(crate) host_aliases: Vec<Noted<HostAlias>>,
    /// `dnsPolicy`, where a hint leaves the cluster's resolver out (N36).
    pub(crate) policy: Option<Noted<String>>,
    /// `dnsConfig` (N36).
    pub(crate) config: Option<Noted<PodDNSConfig>>,
    /// `hostname` for a pod whose author wrote none, so that it reaches itself (N28).
    pub(crate) own_hostname: Option<Noted<String>>,
}

/// Makes the parts of a pod.
pub(crate) fn of_pod(plan: &Plan<'_>, pod: &Pod<'_, '_>, sink: &mut Sink) -> PodDns {
    let mut hosts = Hosts::default();
    let mut searches: Vec<Noted<String>> = Vec::new();
    let mut options: BTreeMap<String, Noted<PodDNSConfigOption>> = BTreeMap::new();
    for member in &pod.members {
        let mut report = Report::new(member.name, sink);
        hosts.take(plan, &member.service.network.extra_hosts, &mut report);
        desktop_names(plan, member, &mut hosts, &mut report);
        resolver(
            &member.service.network.dns,
            member.service.hints.own_dns.is_some(),
            &mut searches,
            &mut options,
            &mut report,
        );
        report_docker_addresses(plan, member, &mut report);
        report_localhost(plan, member, &mut report);
    }
    let own = own_servers(pod, sink);
    let mut notes = Notes::default();
    let written = own.is_some() || !searches.is_empty() || !options.is_empty();
    let config = PodDNSConfig {
        nameservers: own.as_ref().and_then(|own| notes.list("nameservers", own.value.clone())),
        searches: notes.list("searches", searches),
        options: notes.list("options", options.into_values()),
    };
    PodDns {
        policy: own.map(|own| Noted::written("None".to_owned(), "N36", own.span)),
        host_aliases: hosts.finish(),
        config: written.then(|| notes.on(config)),
        own_hostname: pod
            .owner
            .shape
            .own_hostname
            .clone()
            .map(|name| Noted::new(name, "N28", Some(pod.owner.service.span))),
    }
}

/// The name servers that stand for the cluster's by the hint `dns-policy: none`: three at most, as the API takes them.
fn own_servers(pod: &Pod<'_, '_>, sink: &mut Sink) -> Option<Spanned<Vec<Noted<String>>>> {
    const MOST_SERVERS: usize = 3;
    let (member, span) =
        pod.members.iter().find_map(|member| Some((member, member.service.hints.own_dns?)))?;
    let servers = &member.service.network.dns.servers;
    if servers.is_empty() {
        let report = Report::new(member.name, sink);
        let fact = "has no effect: `dns` names no server";
        let found = report
            .finding(SharedCode::HintNotApplicable, "x-rcompose.dns-policy", span, fact, "write `dns:`")
            .outcome(Outcome::Dropped);
        sink.push(found);
        return None;
    }
    let servers = servers.iter().take(MOST_SERVERS);
    let servers = servers.map(|server| Noted::written(server.value.clone(), "N36", server.span));
    Some(Spanned::new(servers.collect(), span))
}

/// A name with the rule and the place that give it.
type HostName = (String, &'static str, Span);

/// Lines of the hosts file by address.
#[derive(Default)]
struct Hosts {
    by_address: BTreeMap<IpAddr, Vec<HostName>>,
}

impl Hosts {
    fn take(&mut self, plan: &Plan<'_>, hosts: &[ExtraHost], report: &mut Report<'_>) {
        for ExtraHost { host, address } in hosts {
            let name = host.value.to_ascii_lowercase();
            match address {
                HostAddress::Gateway => invalid(
                    report,
                    host.span,
                    &format!("gives `{name}` the address of the host, and a node has no fixed one"),
                    "use the name of the Service that is meant",
                ),
                HostAddress::Other(text) => {
                    let fact = format!("gives `{name}` the address `{text}`, which is none");
                    invalid(report, host.span, &fact, "write an IP address");
                }
                HostAddress::Ip(_) if !is_subdomain(&name) => {
                    let fact = format!("names `{name}`, which is no legal host name");
                    invalid(report, host.span, &fact, "use letters, digits, dashes and dots only");
                }
                HostAddress::Ip(address) if networks::is_in_own_subnet(plan, *address) => {
                    let fact =
                        format!("gives `{name}` an address of the project's own networks: pods get others");
                    let help = "leave it out: services are found by their names";
                    report.dropped(BackendCode::NetworkAddressDropped, "extra_hosts", host.span, &fact, help);
                }
                HostAddress::Ip(address) => self.add(*address, name, "N35", host.span),
            }
        }
    }

    fn add(&mut self, address: IpAddr, name: String, rule: &'static str, span: Span) {
        let names = self.by_address.entry(address.to_canonical()).or_default();
        if !names.iter().any(|(known, ..)| *known == name) {
            names.push((name, rule, span));
        }
    }

    fn finish(self) -> Vec<Noted<HostAlias>> {
        let mut lines: Vec<(String, Vec<HostName>)> =
            self.by_address.into_iter().map(|(address, names)| (address.to_string(), names)).collect();
        lines.sort();
        lines
            .into_iter()
            .map(|(ip, names)| {
                let mut notes = Notes::default();
                for (_, rule, span) in &names {
                    notes.note("", rule, Some(*span));
                }
                let hostnames = names.into_iter().map(|(name, ..)| name).collect();
                notes.on(HostAlias { ip, hostnames: Some(hostnames) })
            })
            .collect()
    }
}

fn invalid(report: &mut Report<'_>, span: Span, fact: &str, help: &str) {
    report.dropped(BackendCode::ExtraHostInvalid, "extra_hosts", span, fact, help);
}

/// Resolver settings (N36); of members that share a pod all search domains, and of options the last.
fn resolver(
    dns: &Dns,
    is_own: bool,
    searches: &mut Vec<Noted<String>>,
    options: &mut BTreeMap<String, Noted<PodDNSConfigOption>>,
    report: &mut Report<'_>,
) {
    let Dns { servers, search, options: written } = dns;
    if !is_own {
        let fact = "is left out: the cluster's own DNS must be asked first, or no service resolves";
        let help = "add a forwarder to the cluster's DNS for the names that these servers know";
        let places = servers.iter().map(|server| server.span);
        report.all_dropped(BackendCode::DnsOptionDropped, "dns", places, fact, help);
    }
    for domain in search {
        let name = domain.value.to_ascii_lowercase();
        if searches.iter().any(|known| known.value == name) {
            continue;
        }
        let characters = searches.iter().map(|known| known.value.len() + 1).sum::<usize>() + name.len();
        if !is_subdomain(&name) || searches.len() >= MOST_SEARCHES || characters > MOST_SEARCH_CHARACTERS {
            let fact = format!("names `{}`, which a pod cannot have", domain.value);
            let help = "search domains are DNS names, at most 32 with 2048 characters";
            report.dropped(BackendCode::DnsOptionDropped, "dns_search", domain.span, &fact, help);
        } else {
            searches.push(Noted::written(name, "N36", domain.span));
        }
    }
    for option in written {
        let (name, value) = match option.value.split_once(':') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (option.value.as_str(), None),
        };
        let made = PodDNSConfigOption { name: Some(name.to_owned()), value };
        options.insert(name.to_owned(), Noted::written(made, "N36", option.span));
    }
}

/// Names that only an engine on a desktop answers, in texts of a service that does not give them (N141): the hint
/// `host-gateway` gives them its address, as if they stood in `extra_hosts`.
fn desktop_names(plan: &Plan<'_>, member: &Facts<'_>, hosts: &mut Hosts, report: &mut Report<'_>) {
    let given = |name: &str| {
        member.service.network.extra_hosts.iter().any(|extra| extra.host.value.eq_ignore_ascii_case(name))
    };
    let names: Vec<&str> = DESKTOP_NAMES.into_iter().filter(|name| !given(name)).collect();
    let texts = texts::of_service(plan.project, member.service);
    if let Some(gateway) = &member.service.hints.host_gateway {
        let extra_hosts = &member.service.network.extra_hosts;
        let mut is_used = extra_hosts.iter().any(|extra| extra.address == HostAddress::Ip(gateway.value));
        for name in names {
            if texts.iter().any(|text| texts::names_host(&text.content, name)) {
                hosts.add(gateway.value, name.to_owned(), "N141", gateway.span);
                is_used = true;
            }
        }
        if !is_used {
            let fact = "has no effect: nothing names the host";
            let found = report
                .finding(SharedCode::HintNotApplicable, "x-rcompose.host-gateway", gateway.span, fact, "")
                .outcome(Outcome::Dropped);
            report.push(found);
        }
        return;
    }
    let found: Vec<&Text<'_>> =
        texts.iter().filter(|text| names.iter().any(|name| texts::names_host(&text.content, name))).collect();
    let fact = "a name that only Docker on a desktop resolves";
    let help = "use the name of the Service that is meant, or the hint `host-gateway: IP`";
    report_texts(member, BackendCode::ExtraHostInvalid, &found, fact, help, report);
}

/// Addresses that only Docker has: its DNS server, its bridge (N142).
fn report_docker_addresses(plan: &Plan<'_>, member: &Facts<'_>, report: &mut Report<'_>) {
    let cases = [
        (
            "127.0.0.11",
            "the address of Docker's DNS server",
            "leave `resolver` out: the address of a Service is stable; else `kube-dns.kube-system.svc.cluster.local` \
             and full names",
        ),
        ("172.17.0.1", "the address of Docker's bridge", "use the name of the Service that is meant"),
    ];
    let texts = texts::of_service(plan.project, member.service);
    for (address, fact, help) in cases {
        let found: Vec<&Text<'_>> =
            texts.iter().filter(|text| texts::names_host(&text.content, address)).collect();
        report_texts(member, BackendCode::NetworkAddressDropped, &found, fact, help, report);
    }
}

/// A service on the host's network that reaches a sibling's published port at localhost (N143).
fn report_localhost(plan: &Plan<'_>, member: &Facts<'_>, report: &mut Report<'_>) {
    if Membership::of(plan.project, member.service) != Membership::Host {
        return;
    }
    let published = published_by_siblings(plan, member);
    let texts = texts::of_service(plan.project, member.service);
    for (number, (other, target)) in &published {
        let holds = |text: &&Text<'_>| {
            let hosts = ["localhost", "127.0.0.1", "[::1]"];
            !text.is_health
                && hosts
                    .iter()
                    .any(|host| texts::ports_behind(&text.content, host).any(|port| port == Some(*number)))
        };
        let found: Vec<&Text<'_>> = texts.iter().filter(holds).collect();
        let fact = format!("localhost:{number}, where a node has nothing");
        let help = format!("write `{other}:{target}`");
        report_texts(member, BackendCode::NetworkAddressDropped, &found, &fact, &help, report);
    }
}

/// Returns the numbers that services on networks of their own publish, loopback included, with name and target.
fn published_by_siblings<'p>(plan: &'p Plan<'_>, member: &Facts<'_>) -> BTreeMap<u16, (&'p str, u16)> {
    let mut published = BTreeMap::new();
    for facts in plan.all().filter(|facts| facts.name != member.name) {
        for (port, way) in publish::ways(plan.project, plan.options, facts.service) {
            if let (Way::Outside(_) | Way::Node(_) | Way::Loopback, Some(number)) = (way, &port.published) {
                published.entry(number.value.0).or_insert((facts.object_name.as_str(), port.target.value));
            }
        }
    }
    published
}

fn report_texts(
    member: &Facts<'_>,
    code: BackendCode,
    found: &[&Text<'_>],
    fact: &str,
    help: &str,
    report: &mut Report<'_>,
) {
    let Some((first, others)) = found.split_first() else { return };
    let places = problem::listed(found.iter().map(|text| text.place.as_str()));
    let message = format!("`{}` names {fact}: {places}", member.name);
    let finding =
        problem::of_service(code, member.name, message).at(first.span).outcome(Outcome::Dropped).help(help);
    report.push(others.iter().fold(finding, |finding, text| finding.also(text.span, "here too")));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::{at, port, project, service, span, with_plan};
    use crate::model::{EnvironmentValue, HostIp, NetworkMode, Protocol, PublishedPort, Service};

    fn with_variable(value: &str) -> Service {
        let mut web = service();
        let value = EnvironmentValue::Literal { value: at(value.to_owned()), sensitive: false };
        web.process.environment.insert("TARGET".to_owned(), value);
        web
    }

    fn dns_of(service: Service) -> (PodDns, Vec<&'static str>) {
        with_plan(&project([("web", service)]), |plan, sink| of_pod(plan, &plan.pods()[0], sink))
    }

    #[test]
    fn hosts_stand_once_under_their_address() {
        let mut web = service();
        let ip = |text: &str| HostAddress::Ip(text.parse().expect("an address"));
        web.network.extra_hosts =
            [("B", "10.0.0.2"), ("a", "10.0.0.10"), ("c", "::ffff:10.0.0.2"), ("my_host", "10.0.0.3")]
                .map(|(host, address)| ExtraHost { host: at(host.to_owned()), address: ip(address) })
                .to_vec();
        web.network.extra_hosts.push(ExtraHost { host: at("h".to_owned()), address: HostAddress::Gateway });
        let (made, codes) = dns_of(web);
        let lines: Vec<_> = made
            .host_aliases
            .into_iter()
            .map(|line| (line.value.ip, line.value.hostnames.unwrap_or_default()))
            .collect();
        let expected = [("10.0.0.10", vec!["a"]), ("10.0.0.2", vec!["b", "c"])];
        assert_eq!(
            lines,
            expected.map(|(ip, names)| (ip.to_owned(), names.into_iter().map(str::to_owned).collect()))
        );
        assert_eq!(codes, ["extra-host-invalid", "extra-host-invalid"]);
    }

    #[test]
    fn resolver_settings_are_split_and_sorted() {
        let mut web = service();
        let texts = |texts: &[&str]| texts.iter().map(|text| at((*text).to_owned())).collect::<Vec<_>>();
        web.network.dns = Dns {
            servers: texts(&["1.1.1.1"]),
            search: texts(&["Corp.example", "."]),
            options: texts(&["use-vc", "ndots:2", "ndots:3"]),
        };
        let (made, codes) = dns_of(web);
        let config = made.config.expect("written").value;
        assert_eq!(config.searches, Some(vec!["corp.example".to_owned()]));
        let options: Vec<_> =
            config.options.into_iter().flatten().map(|option| (option.name, option.value)).collect();
        let expected = [("ndots", Some("3")), ("use-vc", None)];
        assert_eq!(options, expected.map(|(name, value)| (Some(name.to_owned()), value.map(str::to_owned))));
        assert_eq!(codes, ["dns-option-dropped", "dns-option-dropped"]);
    }

    #[test]
    fn names_of_docker_on_a_desktop_are_told_unless_given() {
        assert_eq!(dns_of(with_variable("http://host.docker.internal:8080")).1, ["extra-host-invalid"]);
        let mut given = with_variable("http://host.docker.internal:8080");
        let address = HostAddress::Ip("10.0.0.1".parse().expect("an address"));
        given.network.extra_hosts.push(ExtraHost { host: at("host.docker.internal".to_owned()), address });
        assert_eq!(dns_of(given).1, Vec::<&str>::new());
    }

    #[test]
    fn a_hint_gives_names_of_docker_on_a_desktop_an_address_n141() {
        let mut web = with_variable("http://host.docker.internal:8080,http://gateway.docker.internal");
        web.hints.host_gateway = Some(at("10.0.0.1".parse().expect("an address")));
        let (made, codes) = dns_of(web);
        let lines: Vec<_> = made.host_aliases.into_iter().map(|line| line.value).collect();
        let names = ["host.docker.internal", "gateway.docker.internal"].map(str::to_owned).to_vec();
        assert_eq!(lines, [HostAlias { ip: "10.0.0.1".to_owned(), hostnames: Some(names) }]);
        assert_eq!(codes, Vec::<&str>::new());
    }

    #[test]
    fn addresses_of_docker_are_told() {
        assert_eq!(dns_of(with_variable("172.17.0.1:9323")).1, ["network-address-dropped"]);
        assert_eq!(dns_of(with_variable("172.17.0.10:9323")).1, Vec::<&str>::new());
    }

    #[test]
    fn a_siblings_published_port_is_not_at_a_nodes_localhost() {
        let mut agent = with_variable("postgres://localhost:15432/x");
        agent.network.mode = NetworkMode::Host(span());
        let mut db = service();
        let loopback =
            PublishedPort { host_ip: HostIp::Loopback(span()), ..port(Some(15432), 5432, Protocol::Tcp) };
        db.ports.ports.push(loopback);
        let shop = project([("agent", agent), ("db", db)]);
        let (_, codes) = with_plan(&shop, |plan, sink| of_pod(plan, &plan.pods()[0], sink));
        assert_eq!(codes, ["network-address-dropped"]);
    }
}
