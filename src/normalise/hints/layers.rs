//! Which of several writings of a hint counts (N120, D18), place by place.

use super::{project, service, storage};
use crate::compose::LoadCode;
use crate::compose::hints::kompose::{Beside, Check};
use crate::compose::hints::settings::SETTINGS;
use crate::compose::hints::{
    self, CONTENT, KEY, MOUNT, NETWORK, Outside, PORT, SERVICE, TOP, VOLUME, kompose,
};
use crate::compose::keys::key_values::{KeyValue, Labels};
use crate::compose::keys::service::Service;
use crate::compose::path::Path;
use crate::diag::{Diagnostic, Sink, Span, Spanned};
use crate::model::{
    BindMode, ContentHints, MountHints, NetworkHints, PortHints, ProjectHints, ServiceHints, VolumeHints,
};
use crate::yaml::{Mapping, Node, Value};

/// Names at the top that speak of each service too.
const OF_SERVICES: &[&str] =
    &["expose", "image-pull-secrets", "infer-ports", "service-account", "tolerations"];

/// Names of labels of volumes that another name at the top outranks.
const OF_VOLUMES: &[(&str, &str)] = &[("size", "volume-size"), ("storage-class", "storage-class")];

/// Hints of the project, under which those of each place lie.
pub(in crate::normalise) struct Layers<'a> {
    outside: &'a Outside,
    /// Top of the file over the settings file.
    top: Mapping,
}

impl<'a> Layers<'a> {
    /// Reads what stands at the top.
    pub(in crate::normalise) fn new(extensions: &Mapping, outside: &'a Outside, sink: &mut Sink) -> Self {
        let mut top = outside.project_flags.clone();
        let key = Path::Root.key(KEY);
        if let Some(entry) = extensions.get(KEY) {
            // Settings stand beside hints and were looked at before (C12).
            let node = without_settings(&entry.node);
            let checker = hints::Checker { vocabulary: hints::TOP_OF_FILE, beside: SETTINGS, sink };
            lay_under(&mut top, { checker }.place(&node, TOP, &key));
        }
        lay_under(&mut top, outside.settings.clone());
        Self { outside, top }
    }

    /// Returns the hints of the project.
    pub(in crate::normalise) fn project(&self) -> ProjectHints {
        project::hints(self.top.clone())
    }

    /// Returns the hints of a service: its own over those of the top over its labels.
    pub(in crate::normalise) fn service(
        &self,
        name: &str,
        written: &Service,
        sink: &mut Sink,
    ) -> ServiceHints {
        let services = Path::Root.key("services");
        let at = services.key(name);
        let at = at.key(KEY);
        let mut merged = self.outside.flags.clone();
        let own = written.extensions.get(KEY).map(|entry| hints::check(&entry.node, SERVICE, &at, sink));
        lay_under(&mut merged, own.unwrap_or_default());
        lay_under(&mut merged, self.for_services());
        lay_under(&mut merged, self.outside.services.clone());
        let labels = kompose_labels(written.labels.as_ref());
        let mut labels = kompose::of_service(labels, beside_labels(written), name, sink);
        self.forget_outranked(&mut labels, Some(name), sink);
        conflicts(&merged, &labels, Some(name), sink);
        lay_under(&mut merged, labels);
        let mut hints = service::hints(merged);
        hints.default_replicas.clone_from(&self.outside.replicas);
        hints
    }

    /// Returns the hints of a port.
    pub(in crate::normalise) fn port(
        &self,
        extensions: &Mapping,
        at: &Path<'_>,
        sink: &mut Sink,
    ) -> PortHints {
        let mut merged: Mapping = Mapping::new();
        for name in ["expose", "node-port", "hosts"] {
            merged.extend(
                self.outside.flags.get_key_value(name).map(|(name, entry)| (name.clone(), entry.clone())),
            );
        }
        lay_under(&mut merged, own(extensions, PORT, at, sink));
        service::port_hints(merged)
    }

    /// Returns the hints of a mount.
    pub(in crate::normalise) fn mount(extensions: &Mapping, at: &Path<'_>, sink: &mut Sink) -> MountHints {
        storage::mount_hints(own(extensions, MOUNT, at, sink))
    }

    /// Returns the hints of a volume: its own over those of the top over its labels.
    pub(in crate::normalise) fn volume(
        &self,
        name: &str,
        extensions: &Mapping,
        labels: Option<&Labels>,
        sink: &mut Sink,
    ) -> VolumeHints {
        let volumes = Path::Root.key("volumes");
        let mut merged = own(extensions, VOLUME, &volumes.key(name), sink);
        let mut labels = kompose::of_volume(kompose_labels(labels), name, sink);
        self.forget_outranked(&mut labels, None, sink);
        conflicts(&merged, &labels, None, sink);
        lay_under(&mut merged, labels);
        storage::volume_hints(merged)
    }

    /// Returns the hints of a network.
    pub(in crate::normalise) fn network(name: &str, extensions: &Mapping, sink: &mut Sink) -> NetworkHints {
        let networks = Path::Root.key("networks");
        storage::network_hints(own(extensions, NETWORK, &networks.key(name), sink))
    }

    /// Returns the hints of a config or secret; `kind` is the section.
    pub(in crate::normalise) fn content(
        kind: &str,
        name: &str,
        extensions: &Mapping,
        sink: &mut Sink,
    ) -> ContentHints {
        let section = Path::Root.key(kind);
        storage::content_hints(own(extensions, CONTENT, &section.key(name), sink))
    }

    /// Tells whether binds without a hint are refused.
    pub(in crate::normalise) const fn binds_need_hints(&self) -> bool {
        self.outside.binds_need_hints
    }

    /// Returns what a flag makes of all binds.
    pub(in crate::normalise) fn bind_flag(&self) -> Option<Spanned<BindMode>> {
        let node = self.outside.flags.get("bind")?.node.clone();
        storage::binds(Some(node)).all
    }

    fn for_services(&self) -> Mapping {
        let entries = OF_SERVICES.iter().filter_map(|name| self.top.get_key_value(*name));
        entries.map(|(name, entry)| (name.clone(), entry.clone())).collect()
    }

    /// A label says what the top says for all: the top counts.
    fn forget_outranked(&self, labels: &mut Mapping, service: Option<&str>, sink: &mut Sink) {
        for (label, top) in OF_VOLUMES {
            if let Some(above) = self.top.get(*top)
                && let Some(below) = labels.remove(*label)
                && !says_the_same(&above.node, &below.node)
            {
                sink.push(conflict(top, above.node.span, below.node.span, service));
            }
        }
    }
}

/// Returns the checked hints among extensions.
fn own(extensions: &Mapping, rows: &[hints::value::Row], at: &Path<'_>, sink: &mut Sink) -> Mapping {
    let entry = extensions.get(KEY);
    entry.map(|entry| hints::check(&entry.node, rows, &at.key(KEY), sink)).unwrap_or_default()
}

fn without_settings(node: &Node) -> Node {
    let mut node = node.clone();
    if let Value::Map(map) = &mut node.value {
        for row in SETTINGS {
            map.remove(row.name);
        }
    }
    node
}

/// Puts in what is not there yet.
fn lay_under(above: &mut Mapping, below: Mapping) {
    for (name, entry) in below {
        above.entry(name).or_insert(entry);
    }
}

/// Labels of kompose, which tell us something and are written nowhere.
fn kompose_labels(labels: Option<&Labels>) -> impl Iterator<Item = (&String, &KeyValue)> {
    let entries = labels.into_iter().flat_map(|labels| &labels.0.entries);
    entries.filter(|(name, _)| name.starts_with(kompose::PREFIX))
}

/// What a service says beside its labels, as far as kompose asks for it.
fn beside_labels(written: &Service) -> Beside<'_> {
    let deploy = written.deploy.as_ref();
    let policy = deploy.and_then(|deploy| deploy.restart_policy.as_ref());
    let restart = match policy {
        Some(policy) => policy.condition.as_ref(),
        None => written.restart.as_ref(),
    };
    let check = match &written.healthcheck {
        Some(check) if check.disable.as_ref().is_some_and(|flag| flag.value) => Check::None,
        Some(check) if check.test.is_some() => Check::Test,
        Some(_) => Check::NoTest,
        None => Check::None,
    };
    let labels = kompose_labels(deploy.and_then(|deploy| deploy.labels.as_ref()));
    Beside {
        deploy: labels
            .filter_map(|(name, value)| Some((name.strip_prefix(kompose::PREFIX)?, value)))
            .collect(),
        published: written.ports.as_ref().map_or(0, |ports| ports.0.items.len()),
        exposed: written.expose.as_ref().map_or(0, |ports| ports.items.len()),
        check,
        restart: restart.map(|text| text.value.as_str()),
        configs: written.configs.as_ref().is_some_and(|configs| !configs.0.items.is_empty()),
    }
}

fn conflicts(above: &Mapping, labels: &Mapping, service: Option<&str>, sink: &mut Sink) {
    for (name, below) in labels {
        if let Some(above) = above.get(name)
            && !says_the_same(&above.node, &below.node)
        {
            sink.push(conflict(name, above.node.span, below.node.span, service));
        }
    }
}

fn conflict(name: &str, above: Span, below: Span, service: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(
        LoadCode::HintConflict,
        format!("a label of kompose says otherwise than the hint `{name}`, which counts"),
    )
    .at(below)
    .also(above, "this counts")
    .help("remove one of them");
    match service {
        Some(service) => found.service(service),
        None => found,
    }
}

/// Compares values without their places.
fn says_the_same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| says_the_same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((name, one), (as_name, other))| {
                    name == as_name && says_the_same(&one.node, &other.node)
                })
        }
        (one, other) => one == other,
    }
}
