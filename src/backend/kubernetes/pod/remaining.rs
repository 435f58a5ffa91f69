//! Keys of a service that no other part takes: what has no counterpart is told here (K101 to K109). The one place that
//! takes a service apart whole, so that a new field stops the build until somebody decides on it.

use super::{devices, namespaces, runtime};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Outcome, Severity, Spanned};
use crate::model::{Identity, Kernel, Lifecycle, Logging, Networking, Placement, Scale, Service, TargetOnly};

/// Reports what is left out of one service.
pub(crate) fn report(plan: &Plan<'_>, facts: &Facts<'_>, has_host_pid: bool, report: &mut Report<'_>) {
    let Service {
        span: _,
        selected: _,
        image: _,
        process: _,
        lifecycle:
            Lifecycle { kind: _, restart: _, stop_signal: _, grace: _, pre_start: _, post_start: _, pre_stop: _ },
        health: _,
        scale: Scale { replicas: _, endpoint: _ },
        update: _,
        rollback: _,
        placement: Placement { constraints: _, spread: _, max_per_node: _ },
        resources: _,
        security: _,
        kernel,
        depends: _,
        identity,
        ports: _,
        network,
        mounts: _,
        configs: _,
        secrets: _,
        reach: _,
        hints: _,
        target_only,
    } = facts.service;
    let Kernel {
        sysctls: _,
        devices: _,
        cgroup_rules: _,
        runtime: _,
        isolation: _,
        cgroup: _,
        cgroup_parent: _,
        ipc: _,
        pid: _,
        uts: _,
    } = kernel;
    // `profiles` were acted on by loading (K103); `container_name` is a further name (N30).
    let Identity {
        container_name: _,
        hostname: _,
        domain: _,
        labels: _,
        annotations: _,
        service_labels: _,
        profiles: _,
    } = identity;
    namespaces::report(facts, has_host_pid, report);
    runtime::report_dropped(kernel, report);
    devices::report_dropped(facts, plan.options, report);
    report_network(network, report);
    report_target_only(target_only, report);
}

fn report_network(network: &Networking, report: &mut Report<'_>) {
    let Networking { mode: _, aliases: _, links: _, external_links, extra_hosts: _, dns: _, mac_address } =
        network;
    for link in external_links {
        report.dropped(
            BackendCode::ExternalLinksDropped,
            "external_links",
            link.span,
            &format!("names `{}`, a container outside the project: it is left out", link.value),
            "address the other deployment by its own name and namespace",
        );
    }
    if let Some(address) = mac_address {
        report.dropped(
            BackendCode::MacAddressDropped,
            "mac_address",
            address.span,
            "is left out: the cluster's network gives out addresses",
            "",
        );
    }
}

fn report_target_only(target_only: &TargetOnly, report: &mut Report<'_>) {
    let TargetOnly {
        logging,
        credential_spec: _,
        attach,
        develop,
        models: _,
        provider: _,
        foreign_mounts,
        unknown_mounts,
    } = target_only;
    if let Some(Logging { span, driver: _, options: _ }) = logging {
        report.dropped(
            KubernetesCode::LoggingDropped,
            "logging",
            *span,
            "is left out: nodes keep the last 10 MiB of each container, five times",
            "collect logs with an agent on the nodes",
        );
    }
    let attach = attach.as_ref().map(|attach: &Spanned<bool>| attach.span);
    for (key, span) in [("attach", attach), ("develop", *develop)] {
        if let Some(span) = span {
            report.dropped(
                BackendCode::DevelopmentOnly,
                key,
                span,
                "is for developing: nothing is written",
                "",
            );
        }
    }
    for container in foreign_mounts {
        report.dropped(
            BackendCode::VolumesFromDropped,
            "volumes_from",
            container.span,
            "is left out: no service of the project has this container",
            "give what is shared a named volume, and mount it in both",
        );
    }
    for other in unknown_mounts {
        let fact = format!(
            "takes nothing of `{}`, which mounts nothing: what its image declares is not known",
            other.value
        );
        let help = "give what is shared a named volume, and mount it in both";
        let found = report.finding(BackendCode::VolumesFromDropped, "volumes_from", other.span, &fact, help);
        report.push(found.severity(Severity::Note).outcome(Outcome::Dropped));
    }
}
