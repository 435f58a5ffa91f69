//! Top-level volumes (N61 to N70).

use std::collections::BTreeMap;

use super::binds::Outcome;
use super::files::Files;
use super::paths;
use super::storage::User;
use super::values::{by_name, filled, on};
use crate::compose::hints::kompose::PREFIX;
use crate::compose::keys::key_values::Labels;
use crate::compose::keys::named::Keyed;
use crate::compose::keys::scalar::Text;
use crate::compose::keys::top;
use crate::compose::print::Printed;
use crate::diag::{Sink, Spanned};
use crate::model::{
    Bind, BindPath, MountSource, Service, ServiceName, Volume, VolumeDriver, VolumeHints, VolumeName,
};

/// Key of the specification of a Swarm cluster volume.
const CLUSTER_SPEC: &str = "x-cluster-spec";

/// Reads a volume; what a path of the host in it turns out to be depends on the services that mount it.
pub(super) fn volume(
    key: &str,
    written: Keyed<top::Volume>,
    hints: VolumeHints,
    services: &BTreeMap<ServiceName, Service>,
    files: &mut Files,
    sink: &mut Sink,
) -> Volume {
    let Keyed {
        key: place,
        value: top::Volume { span, name, driver, driver_opts, external, labels, extensions },
    } = written;
    let external = on(external.as_ref());
    let driver =
        VolumeDriver { name: filled(driver), options: by_name(driver_opts.map(|options| options.0)) };
    let bind = host_path(&driver).map(|device| bind(device, &VolumeName::new(key), services, files, sink));
    let cluster_spec = extensions
        .get(CLUSTER_SPEC)
        .map(|entry| Text::new(Printed::raw(&entry.node).to_json().to_string(), entry.node.span));
    Volume {
        span: place,
        written_name: name.clone().filter(|name| name.span != span),
        name: name.map_or_else(|| key.to_owned(), |name| name.value),
        external,
        driver,
        bind,
        labels: own_labels(labels),
        cluster_spec,
        hints,
    }
}

/// Labels of kompose are hints and written nowhere (N122).
fn own_labels(labels: Option<Labels>) -> crate::model::Metadata {
    let mut labels = by_name(labels.map(|labels| labels.0));
    labels.retain(|name, _| !name.starts_with(PREFIX));
    labels
}

/// The path of the host that the options name: `o: bind` of the local driver, or `local-persist`.
fn host_path(driver: &VolumeDriver) -> Option<Text> {
    let option = |name: &str| driver.options.get(name).map(|value| value.value.as_str());
    let key = match driver.name.as_ref().map_or("local", |name| name.value.as_str()) {
        "local" => {
            let is_bind = option("o").is_some_and(|options| {
                options.split(',').any(|option| matches!(option.trim(), "bind" | "rbind"))
            });
            let is_plain = matches!(option("type"), None | Some("" | "none" | "bind"));
            (is_bind && is_plain).then_some("device")?
        }
        "local-persist" => "mountpoint",
        _ => return None,
    };
    filled(driver.options.get(key).cloned())
}

/// Decides for the first user by name; read-only if it is so for all.
fn bind(
    device: Text,
    volume: &VolumeName,
    services: &BTreeMap<ServiceName, Service>,
    files: &mut Files,
    sink: &mut Sink,
) -> Bind {
    let path = if paths::below(&paths::clean(&device.value), files.origin.directory).is_some() {
        files.origin.of_written(&device.value, ".")
    } else {
        BindPath::Host(paths::clean(&device.value))
    };
    let uses = services.values().flat_map(|service| {
        service.mounts.iter().filter_map(move |mount| match &mount.source {
            MountSource::Volume(used) if used.volume == *volume => Some((service, mount)),
            _ => None,
        })
    });
    let uses: Vec<_> = uses.collect();
    let read_only = !uses.is_empty() && uses.iter().all(|(_, mount)| mount.read_only.is_some());
    let outcome = uses.first().map(|(service, mount)| {
        let mounter = User {
            name: "",
            hints: &service.hints,
            needs_hints: false,
            bind_flag: None,
            image: &service.image,
            process: &service.process,
        };
        mounter.decide((&path, &device.value), &mount.target.value, read_only, None, files, sink)
    });
    let Outcome { decision, sensitive, skipped } = outcome
        .unwrap_or_else(|| crate::model::BindDecision::Data { holds_files: false, absolute: true }.into());
    Bind {
        source: Spanned::new(device.value, device.span),
        path,
        propagation: None,
        recursive: None,
        selinux: None,
        create_host_path: None,
        decision,
        sensitive,
        skipped,
    }
}
