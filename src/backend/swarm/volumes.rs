//! Top-level volumes (S91).

use std::collections::BTreeMap;

use serde_json::Value;

use super::codes::SwarmCode;
use super::draft::{Draft, VolumeMount};
use super::environment::template;
use super::part::{Object, Part};
use super::report::{Place, listed};
use crate::diag::{Diagnostic, Outcome, Spanned};
use crate::model::{Metadata, Volume, VolumeDriver};

/// Writes the volumes that services use.
pub(crate) fn volumes(draft: &mut Draft<'_, '_>) -> Option<Part> {
    let mounts = std::mem::take(&mut draft.volumes);
    let mut entries = Vec::new();
    let mut local: Vec<(Place, Vec<&VolumeMount<'_>>)> = Vec::new();
    let mut by_volume: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for mount in &mounts {
        by_volume.entry(mount.volume).or_default().push(mount);
    }
    for (name, volume) in &draft.plan.project.volumes {
        let Some(users) = by_volume.remove(name) else { continue };
        entries.push((name.as_str().to_owned(), of_volume(volume, draft).also("S91", Some(volume.span))));
        if is_local(volume) && users.iter().any(|user| !user.pinned) {
            local.push((Place { name: name.to_string(), span: volume.span }, users));
        }
    }
    report_local(&local, draft);
    Part::map(entries)
}

fn of_volume(volume: &Volume, draft: &mut Draft<'_, '_>) -> Part {
    let Volume {
        span,
        name,
        written_name,
        external,
        driver,
        // The engine mounts what the options say (S91).
        bind: _,
        labels,
        cluster_spec,
        hints: _,
    } = volume;
    let key = "volumes";
    let mut object = Object::default();
    if let Some(external) = external {
        object.put("external", Part::written(true, "S91", *external));
        let span = written_name.as_ref().map_or(*span, |name| name.span);
        object.put("name", Part::written(template(name, span, key, draft), "S91", span));
        return object.into_part_even_if_empty();
    }
    if let Some(name) = written_name {
        object.put("name", Part::written(template(&name.value, name.span, key, draft), "S91", name.span));
    }
    let VolumeDriver { name: driver, options } = driver;
    object.put_written("driver", "S91", driver.as_ref());
    object.put_opt("driver_opts", expanded(options, draft));
    object.put_opt("labels", expanded(labels, draft));
    if let Some(spec) = cluster_spec {
        // Text of our own making, so it is JSON.
        let tree: Value = serde_json::from_str(&spec.value).unwrap_or(Value::Null);
        object.put("x-cluster-spec", Part::written(tree, "S57", spec.span));
    }
    object.into_part_even_if_empty()
}

fn expanded(map: &Metadata, draft: &mut Draft<'_, '_>) -> Option<Part> {
    Part::map(map.iter().map(|(key, text)| {
        let value = template(&text.value, text.span, "volumes", draft);
        (key.clone(), Part::written(value, "S91", text.span))
    }))
}

/// Tells whether a volume lies on the disk of one node.
fn is_local(volume: &Volume) -> bool {
    let is_local_driver = volume.driver.name.as_ref().is_none_or(|driver| driver.value == "local");
    volume.external.is_none()
        && volume.cluster_spec.is_none()
        && is_local_driver
        && !is_on_network(&volume.driver.options)
}

fn is_on_network(options: &BTreeMap<String, Spanned<String>>) -> bool {
    let value = |key: &str| options.get(key).map_or("", |value| value.value.as_str());
    let kind = value("type");
    ["nfs", "cifs", "smb"].iter().any(|start| kind.starts_with(start)) || value("o").contains("addr=")
}

fn report_local(local: &[(Place, Vec<&VolumeMount<'_>>)], draft: &mut Draft<'_, '_>) {
    let Some((first, _)) = local.first() else { return };
    let names = listed(local.iter().map(|(place, _)| &place.name));
    let message = match local.len() {
        1 => format!("volume {names} exists once per node"),
        _ => format!("volumes exist once per node: {names}"),
    };
    let mut finding = Diagnostic::new(SwarmCode::StackLocalVolume, message)
        .at(first.span)
        .outcome(Outcome::Approximated)
        .help("a task moved to another node finds it empty: keep it there with a constraint on `node.hostname`, or use an NFS volume");
    for (place, users) in local {
        if place.span != first.span {
            finding = finding.also(place.span, format!("`{}`", place.name));
        }
        for user in users {
            finding = finding.also(user.place.span, "mounted here");
        }
    }
    draft.report.add_general(finding);
}
