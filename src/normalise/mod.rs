//! Compose to model: what was written becomes what is meant.
//!
//! Reads, once and through `host`, what a mapping must know of bind mounts, configs and Dockerfiles, so that backends
//! are pure. Knows no target: what Kubernetes or Swarm cannot express is theirs to say.

mod binds;
mod configs_secrets;
mod containers;
mod depends;
mod dockerfile;
mod exposed_secrets;
mod files;
mod glob;
mod groups;
mod health;
mod hints;
mod identity;
mod ignore;
mod image;
mod image_name;
mod kernel;
mod kind;
mod known_images;
mod lifecycle;
mod names;
mod networking;
mod networks;
mod origin;
mod paths;
mod ports;
mod process;
mod resources;
mod scaling;
mod scan;
mod secret_value;
mod security;
mod sensitive;
mod service;
mod sources;
mod storage;
mod target_only;
mod values;
mod volumes;
mod volumes_from;
mod words;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::compose;
use crate::compose::hints::Outside;
use crate::compose::keys::named::{Keyed, Named};
use crate::compose::keys::scalar::Text;
use crate::compose::keys::service as keys;
use crate::compose::keys::top::Top;
use crate::diag::{Sink, Sources, Span, Spanned};
use crate::host::Host;
use crate::model::{
    BindDecision, BindPath, ConfigName, MountSource, NetworkMode, NetworkName, Project, ProjectName,
    SecretName, Service, ServiceName, VolumeName,
};

use containers::Containers;
use files::Files;
use hints::Layers;
use origin::Origin;
use sources::Snapshot;

/// Finds out what a loaded project means. Problems of words that Compose does not check go to the sink.
pub(crate) fn normalise(
    project: compose::Project,
    outside: &Outside,
    host: &dyn Host,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Project {
    let compose::Project {
        name,
        name_source,
        directory,
        environment: _, // loading has looked up what names it
        top,
        active,
        selected,
        used: _,     // counts what was asked for; the model holds what is active
        profiles: _, // loading has acted on them
        tree: _,     // for those who account for each key
    } = project;
    let Top {
        span: _,
        name: _,
        version: _,
        services,
        networks,
        volumes,
        secrets,
        configs,
        models,
        include: _, // loading has acted on it
        extensions,
    } = top;
    let layers = Layers::new(&extensions, outside, sink);
    let home = host.home_dir().and_then(|home| home.to_str().map(ToOwned::to_owned));
    let origin = Origin { directory: &directory, home: home.as_deref() };
    let snapshot = Snapshot::new(host, Path::new(&directory));
    let mut files = Files::new(origin, snapshot, sources);
    let services = entries(services);
    let places: BTreeSet<Span> = services.values().map(|service| service.key).collect();
    let networks = entries(networks);
    let inactive = services.keys().filter(|name| !active.contains(*name)).map(ServiceName::new).collect();
    let reading = Reading {
        active: &active,
        selected: &selected,
        layers: &layers,
        networks: networks.keys().cloned().collect(),
    };
    let (mut services, checked) = reading.services(services, &entries(models), &mut files, sink);
    networking::add_link_aliases(&mut services);
    unify_binds(&mut services);
    let used = Used::by(&services);
    let volumes = kept(entries(volumes), &used.volumes)
        .map(|(key, volume)| {
            let hints = layers.volume(&key, &volume.value.extensions, volume.value.labels.as_ref(), sink);
            (VolumeName::new(&*key), volumes::volume(&key, volume, hints, &services, &mut files, sink))
        })
        .collect();
    let configs = kept(entries(configs), &used.configs)
        .map(|(key, config)| {
            let hints = Layers::content("configs", &key, &config.value.extensions, sink);
            (ConfigName::new(&*key), configs_secrets::config(&key, config, hints, &mut files))
        })
        .collect();
    let secrets = entries(secrets);
    let secret_names: Vec<String> = secrets.keys().cloned().collect();
    let secrets = kept(secrets, &used.secrets)
        .map(|(key, secret)| {
            let hints = Layers::content("secrets", &key, &secret.value.extensions, sink);
            (SecretName::new(&*key), configs_secrets::secret(&key, secret, hints, &mut files))
        })
        .collect();
    let networks = kept(networks, &used.networks)
        .map(|(key, network)| {
            let hints = Layers::network(&key, &network.value.extensions, sink);
            (NetworkName::new(&*key), networks::network(&key, network, hints, &places))
        })
        .collect();
    let mut project = Project {
        name: ProjectName::new(name),
        name_source,
        services,
        inactive,
        networks,
        volumes,
        configs,
        secrets,
        groups: Vec::new(),
        hints: layers.project(),
    };
    project.groups = groups::find(&project, outside.group_by_volume.is_some());
    if let Some(Spanned { value: Some(name), span }) = &outside.group_by_volume {
        groups::name_shared(&mut project, name, *span, sink);
    }
    kind::mark_awaited(&mut project);
    scan::fill(&mut project, sources);
    kind::mark_one_shots(&mut project, &checked);
    hints::apply::completions(&mut project, sink);
    hints::apply::check_secret_environment(&project, &secret_names, sink);
    for (name, service) in project.services.iter().filter(|(_, service)| service.selected) {
        exposed_secrets::report(name, service, sink);
    }
    project
}

fn entries<T>(named: Option<Named<T>>) -> BTreeMap<String, Keyed<T>> {
    named.map(|named| named.entries).unwrap_or_default()
}

/// The entries that an active service uses.
fn kept<T>(
    entries: BTreeMap<String, Keyed<T>>,
    used: &BTreeSet<String>,
) -> impl Iterator<Item = (String, Keyed<T>)> {
    entries.into_iter().filter(|(key, _)| used.contains(key))
}

/// What reading the services needs.
struct Reading<'a> {
    active: &'a BTreeSet<String>,
    selected: &'a BTreeSet<String>,
    layers: &'a Layers<'a>,
    networks: BTreeSet<String>,
}

impl Reading<'_> {
    /// Reads the active services; besides, returns those with a health check of their own.
    fn services(
        &self,
        written: BTreeMap<String, Keyed<keys::Service>>,
        models: &target_only::Models,
        files: &mut Files,
        sink: &mut Sink,
    ) -> (BTreeMap<ServiceName, Service>, BTreeSet<ServiceName>) {
        let written = || written.into_iter().filter(|(name, _)| self.active.contains(name));
        let written: Vec<_> = written().collect();
        let mut containers = Containers::default();
        for (name, service) in &written {
            if let Some(container) = &service.value.container_name {
                containers.add(&container.value, &ServiceName::new(&**name));
            }
        }
        let project = service::Project {
            containers: &containers,
            networks: &self.networks,
            models,
            layers: self.layers,
        };
        let mut services = BTreeMap::new();
        let mut checked = BTreeSet::new();
        let mut taken: BTreeMap<ServiceName, Vec<Text>> = BTreeMap::new();
        for (name, written) in written {
            let selected = self.selected.contains(&name);
            let read = service::read(&name, selected, written, &project, files, sink);
            let name = ServiceName::new(name);
            if read.checked && !matches!(read.service.health, crate::model::Health::Disabled(_)) {
                checked.insert(name.clone());
            }
            if !read.volumes_from.is_empty() {
                taken.insert(name.clone(), read.volumes_from);
            }
            services.insert(name, read.service);
        }
        volumes_from::expand(taken, &containers, &mut services);
        storage::mark_data(&mut services);
        (services, checked)
    }
}

/// One source of the project, one decision (N80).
fn unify_binds(services: &mut BTreeMap<ServiceName, Service>) {
    let mut decisions: BTreeMap<BindPath, Vec<&mut BindDecision>> = BTreeMap::new();
    for mount in services.values_mut().flat_map(|service| &mut service.mounts) {
        // What a hint says of a mount is said of that mount.
        if mount.hints.bind.is_none()
            && let MountSource::Bind(bind) = &mut mount.source
        {
            decisions.entry(bind.path.clone()).or_default().push(&mut bind.decision);
        }
    }
    for mounts in decisions.values_mut() {
        binds::unify(mounts);
    }
}

/// Keys of top-level resources that active services use.
struct Used {
    networks: BTreeSet<String>,
    volumes: BTreeSet<String>,
    configs: BTreeSet<String>,
    secrets: BTreeSet<String>,
}

impl Used {
    fn by(services: &BTreeMap<ServiceName, Service>) -> Self {
        let mut used = Self {
            networks: BTreeSet::new(),
            volumes: BTreeSet::new(),
            configs: BTreeSet::new(),
            secrets: BTreeSet::new(),
        };
        for service in services.values() {
            if let NetworkMode::Networks(networks) = &service.network.mode {
                used.networks.extend(networks.keys().map(|network| network.as_str().to_owned()));
            }
            for mount in &service.mounts {
                match &mount.source {
                    MountSource::Volume(volume) => {
                        used.volumes.insert(volume.volume.as_str().to_owned());
                    }
                    MountSource::Cluster(volume) => {
                        used.volumes.insert(volume.value.clone());
                    }
                    MountSource::Anonymous
                    | MountSource::Bind(_)
                    | MountSource::Tmpfs(_)
                    | MountSource::Image { .. }
                    | MountSource::NamedPipe(_) => {}
                }
            }
            used.configs.extend(service.configs.iter().map(|grant| grant.source.as_str().to_owned()));
            let credentials = service.target_only.credential_spec.as_ref();
            used.configs
                .extend(credentials.and_then(|spec| spec.config.as_ref()).map(|key| key.value.clone()));
            used.secrets.extend(service.secrets.iter().map(|grant| grant.source.as_str().to_owned()));
            let of_variables = service.hints.secret_environment.values();
            used.secrets.extend(of_variables.map(|secret| secret.value.clone()));
        }
        used
    }
}
