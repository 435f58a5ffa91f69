//! One service: takes the Compose struct apart, field by field, and gives each to the concept that it is about.
//!
//! No `..` here: a new key stops the build until somebody decides what it means.

use super::containers::Containers;
use super::files::Files;
use super::hints::{self, Layers};
use super::networking::Surroundings;
use super::storage::User;
use super::target_only::Models;
use super::values::Report;
use super::{
    configs_secrets, depends, health, identity, image, kernel, lifecycle, networking, ports, process,
    resources, scaling, security, storage, target_only,
};
use crate::compose::keys::deploy::Deploy;
use crate::compose::keys::named::Keyed;
use crate::compose::keys::scalar::Text;
use crate::compose::keys::service;
use crate::diag::Sink;
use crate::model::{Reach, Service};

/// What all services share while they are read.
pub(super) struct Project<'a> {
    pub(super) containers: &'a Containers,
    /// Keys of the project's networks.
    pub(super) networks: &'a std::collections::BTreeSet<String>,
    pub(super) models: &'a Models,
    pub(super) layers: &'a Layers<'a>,
}

/// What a service becomes, with what can be finished only when all services are known.
pub(super) struct Read {
    pub(super) service: Service,
    pub(super) volumes_from: Vec<Text>,
    /// It has a `healthcheck` of its own, be it one that switches off.
    pub(super) checked: bool,
}

/// Reads one service.
pub(super) fn read(
    name: &str,
    selected: bool,
    written: Keyed<service::Service>,
    project: &Project,
    files: &mut Files,
    sink: &mut Sink,
) -> Read {
    let hints = project.layers.service(name, &written.value, sink);
    let Keyed { key: place, value: written } = written;
    let service::Service {
        span: _,
        profiles,
        annotations,
        attach,
        build,
        develop,
        blkio_config,
        cap_add,
        cap_drop,
        cgroup_parent,
        cgroup,
        cpu_count,
        cpu_percent,
        cpu_period,
        cpu_quota,
        cpu_rt_period,
        cpu_rt_runtime,
        cpus,
        cpuset,
        cpu_shares,
        command,
        configs,
        container_name,
        credential_spec,
        depends_on,
        deploy,
        device_cgroup_rules,
        devices,
        dns,
        dns_opt,
        dns_search,
        domainname,
        entrypoint,
        provider,
        environment,
        env_file: _, // loading has read it into `environment`
        expose,
        extends: _, // loading has acted on it
        external_links,
        extra_hosts,
        group_add,
        gpus,
        hostname,
        healthcheck,
        image,
        init,
        ipc,
        isolation,
        labels,
        label_file: _, // loading has read it into `labels`
        links,
        logging,
        mem_limit,
        mem_reservation,
        memswap_limit,
        mem_swappiness,
        mac_address,
        models,
        network_mode,
        networks,
        oom_kill_disable,
        oom_score_adj,
        pid,
        pids_limit,
        platform,
        ports,
        privileged,
        pull_policy,
        pull_refresh_after,
        read_only,
        restart,
        runtime,
        scale,
        secrets,
        security_opt,
        shm_size,
        stdin_open,
        stop_grace_period,
        stop_signal,
        storage_opt,
        sysctls,
        tmpfs,
        tty,
        ulimits,
        use_api_socket,
        user,
        userns_mode,
        uts,
        volumes,
        volumes_from,
        working_dir,
        post_start,
        pre_stop,
        pre_start,
        extensions: _, // `hints` has read them
    } = written;
    let (build, deploy) = (build.map(|boxed| *boxed), deploy.map(|boxed| *boxed));
    let (healthcheck, logging) = (healthcheck.map(|boxed| *boxed), logging.map(|boxed| *boxed));
    let (develop, blkio_config) = (develop.map(|boxed| *boxed), blkio_config.map(|boxed| *boxed));
    let (provider, credential_spec) = (provider.map(|boxed| *boxed), credential_spec.map(|boxed| *boxed));
    let (deploy_labels, mode, replicas, endpoint_mode, updates, deploy_resources, policy, placement) =
        match deploy {
            Some(Deploy {
                span: _,
                mode,
                replicas,
                labels,
                update_config,
                rollback_config,
                resources,
                restart_policy,
                placement,
                endpoint_mode,
                extensions: _,
            }) => (
                labels,
                mode,
                replicas,
                endpoint_mode,
                (update_config, rollback_config),
                resources,
                restart_policy,
                placement,
            ),
            None => (None, None, None, None, (None, None), None, None, None),
        };
    let report = &mut Report { service: name, sink };
    let implied = depends::Implied::of(
        links.as_ref(),
        volumes_from.as_ref(),
        &[network_mode.as_ref(), ipc.as_ref(), pid.as_ref(), uts.as_ref(), cgroup.as_ref()],
    );
    let checked = healthcheck.is_some();
    let image =
        image::image(image::Written { image, build, pull_policy, pull_refresh_after, platform }, files);
    let process = process::process(process::Written {
        entrypoint,
        command,
        working_dir,
        environment,
        tty,
        stdin_open,
        init,
    });
    let identity = identity::identity(identity::Written {
        container_name,
        hostname,
        domainname,
        labels,
        annotations,
        deploy_labels,
        profiles,
    });
    let around = Surroundings { containers: project.containers, networks: project.networks, key: place };
    let network = networking::networking(
        networking::Written {
            network_mode,
            networks,
            links,
            external_links,
            extra_hosts,
            dns,
            dns_search,
            dns_opt,
            mac_address,
        },
        &identity,
        &around,
    );
    let health = health::health(healthcheck, &image.facts);
    let mounts = storage::mounts(
        volumes,
        tmpfs,
        &User {
            name,
            hints: &hints,
            needs_hints: project.layers.binds_need_hints(),
            bind_flag: project.layers.bind_flag(),
            image: &image,
            process: &process,
        },
        files,
        report.sink,
    );
    let target_only = target_only::target_only(
        target_only::Written { logging, credential_spec, attach, develop, models, provider },
        project.models,
        files,
    );
    let mut service = Service {
        span: place,
        selected,
        lifecycle: lifecycle::lifecycle(
            lifecycle::Written {
                mode,
                restart,
                policy,
                stop_signal,
                stop_grace_period,
                pre_start,
                post_start,
                pre_stop,
            },
            report,
        ),
        scale: scaling::scale(scale, replicas, endpoint_mode, report),
        update: updates.0.map(|update| scaling::update(update, "update_config", report)),
        rollback: updates.1.map(|update| scaling::update(update, "rollback_config", report)),
        placement: scaling::placement(placement),
        resources: resources::resources(resources::Written {
            deploy: deploy_resources,
            cpus,
            cpu_quota,
            cpu_period,
            mem_limit,
            mem_reservation,
            pids_limit,
            shm_size,
            storage_opt,
            gpus,
            ulimits,
            tuning: resources::WrittenTuning {
                blkio_config,
                cpu_count,
                cpu_percent,
                cpu_rt_period,
                cpu_rt_runtime,
                cpu_shares,
                cpuset,
                memswap_limit,
                mem_swappiness,
                oom_kill_disable,
                oom_score_adj,
            },
        }),
        security: security::security(security::Written {
            user,
            group_add,
            privileged,
            cap_add,
            cap_drop,
            read_only,
            security_opt,
            userns_mode,
            use_api_socket,
        }),
        kernel: kernel::kernel(
            kernel::Written {
                sysctls,
                devices,
                device_cgroup_rules,
                runtime,
                isolation,
                cgroup,
                cgroup_parent,
                ipc,
                pid,
                uts,
            },
            project.containers,
        ),
        depends: depends::depends(depends_on, &implied),
        ports: ports::published(ports, expose, project.layers, report),
        configs: configs_secrets::config_grants(configs),
        secrets: configs_secrets::secret_grants(secrets),
        image,
        process,
        health,
        identity,
        network,
        mounts,
        reach: Reach::default(),
        hints: Box::new(hints),
        target_only,
    };
    hints::apply::to_service(name, &mut service, report.sink);
    Read { service, volumes_from: super::values::items(volumes_from), checked }
}
