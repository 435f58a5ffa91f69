//! Which hints are there, by name and place: for what targets say of those that they cannot act on.

use super::{
    BindHints, ContentHints, MountHints, NetworkHints, PortHints, ProjectHints, ResourceAmounts,
    ServiceHints, TextMap, VolumeHints,
};
use crate::diag::{Span, Spanned};
use crate::model::{Environment, EnvironmentValue};

/// A hint that is written: its name in the vocabulary and its place.
pub type Written = (&'static str, Span);

fn place<T>(hint: Option<&Spanned<T>>) -> Option<Span> {
    hint.map(|hint| hint.span)
}

fn first<'a, T: 'a>(mut hints: impl Iterator<Item = &'a Spanned<T>>) -> Option<Span> {
    hints.next().map(|hint| hint.span)
}

fn texts(hints: &TextMap) -> Option<Span> {
    first(hints.values())
}

fn variables(hints: &Environment) -> Option<Span> {
    hints.values().next().map(|value| match value {
        EnvironmentValue::Literal { value, sensitive: _ } => value.span,
        EnvironmentValue::Unset(span) => *span,
    })
}

fn amounts(hints: &ResourceAmounts) -> Option<Span> {
    let ResourceAmounts { cpu, memory, ephemeral_storage } = hints;
    first([cpu, memory, ephemeral_storage].into_iter().flatten())
}

fn binds(hints: &BindHints) -> Option<Span> {
    let BindHints { all, by_target } = hints;
    first(all.iter().chain(by_target.values()))
}

fn found<const N: usize>(all: [(&'static str, Option<Span>); N]) -> Vec<Written> {
    all.into_iter().filter_map(|(name, span)| Some((name, span?))).collect()
}

impl ProjectHints {
    /// Returns the hints that are there, in the order of the vocabulary.
    pub fn written(&self) -> Vec<Written> {
        let Self {
            instance,
            namespace,
            storage_class,
            volume_size,
            access_mode,
            image_pull_secrets,
            service_account,
            expose,
            tolerations,
            secret_store,
            overlays,
            chart,
            patches,
            rewrite_names,
            infer_ports,
            domain,
            gateway_class,
            api_server,
        } = self;
        found([
            ("instance", place(instance.as_ref())),
            ("namespace", place(namespace.as_ref())),
            ("storage-class", place(storage_class.as_ref())),
            ("volume-size", place(volume_size.as_ref())),
            ("access-mode", place(access_mode.as_ref())),
            ("image-pull-secrets", place(image_pull_secrets.as_ref())),
            ("service-account", place(service_account.as_ref())),
            ("expose", place(expose.as_ref())),
            ("tolerations", place(tolerations.as_ref())),
            ("secret-store", place(secret_store.as_ref())),
            ("overlays", first(overlays.values())),
            ("chart", place(chart.as_ref())),
            ("patches", patches.first().map(|entry| entry.span)),
            ("rewrite-names", place(rewrite_names.as_ref())),
            ("infer-ports", place(infer_ports.as_ref())),
            ("domain", place(domain.as_ref())),
            ("gateway-class", place(gateway_class.as_ref())),
            ("api-server", place(api_server.as_ref())),
        ])
    }
}

impl ServiceHints {
    /// Returns the hints that are there, in the order of the vocabulary.
    pub fn written(&self) -> Vec<Written> {
        let Self {
            kind,
            schedule,
            time_zone,
            concurrency,
            completions,
            backoff_limit,
            name,
            group,
            replicas,
            default_replicas: _,
            autoscale,
            disruption,
            patches,
            pull,
            image_pull_secrets,
            stop_signal,
            environment,
            secret_environment,
            sensitive,
            init_containers,
            model_endpoints,
            liveness,
            readiness,
            startup,
            probes,
            service_account,
            automount_token,
            fs_group,
            seccomp_profile,
            runtime_class,
            requests,
            limits,
            device_resources,
            tolerations,
            node,
            constraints,
            node_selector,
            priority_class,
            expose,
            hosts,
            tls,
            ingress_class,
            gateway,
            annotations,
            node_port,
            traffic_policy,
            host_port,
            source_ranges,
            load_balancer_class,
            split_protocols,
            publish_not_ready,
            infer_ports,
            host_gateway,
            own_dns,
            bind,
            seed,
            volume_kind,
            size,
            storage_class,
            subpath,
        } = self;
        found([
            ("kind", place(kind.as_ref())),
            ("schedule", place(schedule.as_ref())),
            ("time-zone", place(time_zone.as_ref())),
            ("concurrency-policy", place(concurrency.as_ref())),
            ("completions", place(completions.as_ref())),
            ("backoff-limit", place(backoff_limit.as_ref())),
            ("name", place(name.as_ref())),
            ("group", place(group.as_ref())),
            ("replicas", place(replicas.as_ref())),
            ("hpa", place(autoscale.as_ref())),
            ("pdb", place(disruption.as_ref())),
            ("patches", patches.first().map(|entry| entry.span)),
            ("image-pull-policy", place(pull.as_ref())),
            ("image-pull-secrets", place(image_pull_secrets.as_ref())),
            ("stop-signal", place(stop_signal.as_ref())),
            ("environment", variables(environment)),
            ("secret-environment", texts(secret_environment)),
            ("sensitive", place(sensitive.as_ref())),
            ("init-containers", init_containers.first().map(|entry| entry.span)),
            ("model-endpoints", texts(model_endpoints)),
            ("liveness", place(liveness.as_ref())),
            ("readiness", place(readiness.as_ref())),
            ("startup", place(startup.as_ref())),
            ("probes", place(probes.as_ref())),
            ("service-account", place(service_account.as_ref())),
            ("automount-token", place(automount_token.as_ref())),
            ("fs-group", place(fs_group.as_ref())),
            ("seccomp-profile", place(seccomp_profile.as_ref())),
            ("runtime-class", place(runtime_class.as_ref())),
            ("requests", amounts(requests)),
            ("limits", amounts(limits)),
            ("device-resources", first(device_resources.values())),
            ("tolerations", place(tolerations.as_ref())),
            ("node", place(node.as_ref())),
            ("constraints", place(constraints.as_ref())),
            ("node-selector", texts(node_selector)),
            ("priority-class", place(priority_class.as_ref())),
            ("expose", place(expose.as_ref())),
            ("hosts", place(hosts.as_ref())),
            ("tls", place(tls.as_ref())),
            ("ingress-class", place(ingress_class.as_ref())),
            ("gateway", place(gateway.as_ref())),
            ("annotations", texts(annotations)),
            ("node-port", place(node_port.as_ref())),
            ("external-traffic-policy", place(traffic_policy.as_ref())),
            ("host-port", place(host_port.as_ref())),
            ("source-ranges", place(source_ranges.as_ref())),
            ("load-balancer-class", place(load_balancer_class.as_ref())),
            ("split-protocols", place(split_protocols.as_ref())),
            ("publish-not-ready", place(publish_not_ready.as_ref())),
            ("infer-ports", place(infer_ports.as_ref())),
            ("host-gateway", place(host_gateway.as_ref())),
            ("dns-policy", *own_dns),
            ("bind", binds(bind)),
            ("seed", first(seed.values())),
            ("volume-kind", place(volume_kind.as_ref())),
            ("size", place(size.as_ref())),
            ("storage-class", place(storage_class.as_ref())),
            ("subpath", place(subpath.as_ref())),
        ])
    }
}

impl PortHints {
    /// Returns the hints that are there, in the order of the vocabulary.
    pub fn written(&self) -> Vec<Written> {
        let Self { expose, node_port, hosts } = self;
        found([
            ("expose", place(expose.as_ref())),
            ("node-port", place(node_port.as_ref())),
            ("hosts", place(hosts.as_ref())),
        ])
    }
}

impl MountHints {
    /// Returns the hints that are there, in the order of the vocabulary.
    pub fn written(&self) -> Vec<Written> {
        let Self { bind, seed, subpath, size } = self;
        found([
            ("bind", place(bind.as_ref())),
            ("seed", place(seed.as_ref())),
            ("subpath", place(subpath.as_ref())),
            ("size", place(size.as_ref())),
        ])
    }
}

impl VolumeHints {
    /// Returns the hints that are there, in the order of the vocabulary.
    pub fn written(&self) -> Vec<Written> {
        let Self {
            size,
            storage_class,
            access_mode,
            colocate,
            seed,
            subpath,
            per_replica,
            selector,
            nfs,
            annotations,
        } = self;
        found([
            ("size", place(size.as_ref())),
            ("storage-class", place(storage_class.as_ref())),
            ("access-mode", place(access_mode.as_ref())),
            ("colocate", place(colocate.as_ref())),
            ("seed", place(seed.as_ref())),
            ("subpath", place(subpath.as_ref())),
            ("per-replica", place(per_replica.as_ref())),
            ("selector", texts(selector)),
            ("nfs", place(nfs.as_ref())),
            ("annotations", texts(annotations)),
        ])
    }
}

impl NetworkHints {
    /// Returns the hints that are there, in the order of the vocabulary.
    pub fn written(&self) -> Vec<Written> {
        let Self { allow_from } = self;
        found([("allow-from", place(allow_from.as_ref()))])
    }
}

impl ContentHints {
    /// Returns the hints that are there, in the order of the vocabulary.
    pub fn written(&self) -> Vec<Written> {
        let Self { key, remote, sensitive } = self;
        found([
            ("key", place(key.as_ref())),
            ("remote", place(remote.as_ref())),
            ("sensitive", place(sensitive.as_ref())),
        ])
    }
}
