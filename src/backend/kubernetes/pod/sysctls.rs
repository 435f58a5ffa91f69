//! Kernel parameters of a pod (K72, K79).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Sysctl;

use super::capabilities::drops_low_ports;
use super::{namespaces, user};
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::{KubeVersion, Options, Permit};
use crate::backend::kubernetes::plan::{Facts, Pod};
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Outcome, Sink, Spanned};

const LOW_PORTS: &str = "net.ipv4.ip_unprivileged_port_start";

/// What a pod has of its node: parameters of it are the node's then.
struct Shared {
    hosts_network: bool,
    hosts_ipc: bool,
}

/// Makes the parameters of a pod, by name; two members that want different values cannot share one (K90).
pub(crate) fn of_pod(pod: &Pod<'_, '_>, options: &Options, sink: &mut Sink) -> Vec<Noted<Sysctl>> {
    let shared = Shared {
        hosts_network: namespaces::uses_host_network(pod),
        hosts_ipc: namespaces::host_ipc(pod).is_some(),
    };
    let mut written: BTreeMap<&str, &Spanned<String>> = BTreeMap::new();
    for member in &pod.members {
        let mut report = Report::new(member.name, sink);
        for (name, value) in &member.service.kernel.sysctls {
            if !is_written(name, value, member, &shared, options, &mut report) {
                continue;
            }
            let first = *written.entry(name).or_insert(value);
            if first.value != value.value {
                let finding = report
                    .finding(
                        KubernetesCode::PodGroupConflict,
                        &format!("sysctls.{name}"),
                        value.span,
                        "differs from that of another service in the same pod",
                        "give both the same value",
                    )
                    .outcome(Outcome::Refused)
                    .also(first.span, "the other value");
                report.push(finding);
            }
        }
    }
    let sysctl = |name: &str, value: &str| Sysctl { name: name.to_owned(), value: value.to_owned() };
    let mut sysctls: BTreeMap<&str, Noted<Sysctl>> = written
        .into_iter()
        .map(|(name, value)| (name, Noted::written(sysctl(name, value), "K79", value.span)))
        .collect();
    let needs_low_ports = !shared.hosts_network && pod.members.iter().any(|member| needs_low_ports(member));
    if needs_low_ports {
        sysctls.entry(LOW_PORTS).or_insert_with(|| Noted::by_rule(sysctl(LOW_PORTS, "0"), "K72"));
    }
    sysctls.into_values().collect()
}

/// Docker lets everyone listen below 1024; a cluster's runtime may not (K72).
fn needs_low_ports(facts: &Facts<'_>) -> bool {
    let has_low_port = facts.ports.ports.iter().any(|port| port.number < 1024);
    let is_not_root = user::known(facts).is_some_and(|user| user.uid != 0);
    has_low_port && !facts.is_windows() && (is_not_root || drops_low_ports(&facts.service.security))
}

fn is_written(
    name: &str,
    value: &Spanned<String>,
    facts: &Facts<'_>,
    shared: &Shared,
    options: &Options,
    report: &mut Report<'_>,
) -> bool {
    let key = format!("sysctls.{name}");
    if facts.is_windows() {
        report.linux_only(&key, Some(value.span));
        return false;
    }
    let is_network = name.starts_with("net.");
    let is_ipc = ["kernel.shm", "kernel.msg", "fs.mqueue."].iter().any(|prefix| name.starts_with(prefix))
        || name == "kernel.sem";
    let shares_hosts = (is_network && shared.hosts_network) || (is_ipc && shared.hosts_ipc);
    if !(is_network || is_ipc) || shares_hosts {
        report.dropped(
            KubernetesCode::SysctlNotNamespaced,
            &key,
            value.span,
            "belongs to the whole node, not to a container",
            "set it on the nodes",
        );
        return false;
    }
    if is_safe(name, options.kube_version) || options.permits(Permit::UnsafeSysctls) {
        return true;
    }
    report.dropped(
        KubernetesCode::SysctlUnsafe,
        &key,
        value.span,
        "is left out: nodes refuse pods with it unless they are told to allow it",
        "start the kubelets with `--allowed-unsafe-sysctls` and convert with `--allow unsafe-sysctls`",
    );
    false
}

/// Parameters that every kubelet of a version allows.
fn is_safe(name: &str, version: KubeVersion) -> bool {
    match name {
        "kernel.shm_rmid_forced"
        | "net.ipv4.ip_local_port_range"
        | "net.ipv4.ip_local_reserved_ports"
        | "net.ipv4.ip_unprivileged_port_start"
        | "net.ipv4.ping_group_range"
        | "net.ipv4.tcp_fin_timeout"
        | "net.ipv4.tcp_keepalive_intvl"
        | "net.ipv4.tcp_keepalive_probes"
        | "net.ipv4.tcp_keepalive_time"
        | "net.ipv4.tcp_syncookies" => true,
        "net.ipv4.tcp_rmem" | "net.ipv4.tcp_wmem" => version.has(32),
        _ => false,
    }
}
