//! Devices of the host (K80, K81). CDI names are resources (`extended.rs`); paths are mounted only when a user lets it.

use k8s_openapi::api::core::v1::{HostPathVolumeSource, Volume, VolumeMount};

use super::extended::is_cdi;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::{Options, Permit};
use crate::backend::kubernetes::plan::Facts;
use crate::backend::kubernetes::problem::Report;
use crate::diag::Spanned;
use crate::model::Device;

/// Returns the devices that are mounted from paths of the node.
pub(crate) fn of_host<'a>(facts: &Facts<'a>, options: &Options) -> Vec<&'a Spanned<Device>> {
    if !options.permits(Permit::DeviceHostPath) || facts.is_windows() {
        return Vec::new();
    }
    facts.service.kernel.devices.iter().filter(|device| !is_cdi(device)).collect()
}

/// Makes the volume of a device; two devices of a pod never have one name, since the path is in it.
pub(crate) fn volume(device: &Spanned<Device>) -> Noted<Volume> {
    let volume = Volume {
        name: volume_name(device),
        host_path: Some(HostPathVolumeSource { path: device.source.clone(), type_: None }),
        ..Volume::default()
    };
    Noted::written(volume, "K80", device.span)
}

/// Makes the mount of a device.
pub(crate) fn mount(device: &Spanned<Device>) -> Noted<VolumeMount> {
    let mount = VolumeMount {
        name: volume_name(device),
        mount_path: device.target.clone(),
        ..VolumeMount::default()
    };
    Noted::written(mount, "K80", device.span)
}

/// Reports devices that are left out.
pub(crate) fn report_dropped(facts: &Facts<'_>, options: &Options, report: &mut Report<'_>) {
    let kernel = &facts.service.kernel;
    if !options.permits(Permit::DeviceHostPath) || facts.is_windows() {
        for device in kernel.devices.iter().filter(|device| !is_cdi(device)) {
            report.dropped(
                BackendCode::DeviceDropped,
                "devices",
                device.span,
                &format!("names `{}` of the host: it is not given", device.source),
                "install a device plugin; `--allow device-hostpath` mounts it and makes the container privileged",
            );
        }
    }
    report.all_dropped(
        BackendCode::DeviceRulesDropped,
        "device_cgroup_rules",
        kernel.cgroup_rules.iter().map(|rule| rule.span),
        "is left out: containers get devices from plugins, or are privileged",
        "",
    );
}

fn volume_name(device: &Device) -> String {
    let path = device.source.trim_start_matches("/dev/").trim_start_matches('/');
    names::label_between("device-", path, "")
}
