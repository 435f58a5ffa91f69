//! What of the kernel a container shares (K79 to K89).

use super::containers::Containers;
use super::values::{by_name, filled, items};
use crate::compose::keys::devices::{self, Devices};
use crate::compose::keys::key_values::Labels;
use crate::compose::keys::list::Texts;
use crate::compose::keys::scalar::Text;
use crate::diag::Spanned;
use crate::model::{Device, Kernel, Namespace, ServiceName};

/// What the author wrote.
pub(super) struct Written {
    pub(super) sysctls: Option<Labels>,
    pub(super) devices: Option<Devices>,
    pub(super) device_cgroup_rules: Option<Texts>,
    pub(super) runtime: Option<Text>,
    pub(super) isolation: Option<Text>,
    pub(super) cgroup: Option<Text>,
    pub(super) cgroup_parent: Option<Text>,
    pub(super) ipc: Option<Text>,
    pub(super) pid: Option<Text>,
    pub(super) uts: Option<Text>,
}

/// Finds the namespaces, parameters and devices.
pub(super) fn kernel(written: Written, containers: &Containers) -> Kernel {
    let Written {
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
    } = written;
    let namespace =
        |text: Option<Text>| filled(text).map(|text| text.map(|text| namespace(text, containers)));
    Kernel {
        sysctls: by_name(sysctls.map(|sysctls| sysctls.0)),
        devices: devices
            .map(|devices| devices.0.items.into_iter().filter_map(device).collect())
            .unwrap_or_default(),
        cgroup_rules: items(device_cgroup_rules),
        runtime: filled(runtime),
        isolation: filled(isolation),
        cgroup: filled(cgroup),
        cgroup_parent: filled(cgroup_parent),
        ipc: namespace(ipc),
        pid: namespace(pid),
        uts: namespace(uts),
    }
}

fn namespace(text: String, containers: &Containers) -> Namespace {
    match text.as_str() {
        "private" => return Namespace::Private,
        "shareable" => return Namespace::Shareable,
        "host" => return Namespace::Host,
        "none" => return Namespace::None,
        _ => {}
    }
    if let Some(service) = text.strip_prefix("service:") {
        return Namespace::Of(ServiceName::new(service));
    }
    match text.strip_prefix("container:") {
        Some(container) => match containers.service(container) {
            Some(service) => Namespace::Of(service.clone()),
            None => Namespace::Container(container.to_owned()),
        },
        None => Namespace::Other(text),
    }
}

fn device(written: devices::Device) -> Option<Spanned<Device>> {
    let devices::Device { span, source, target, permissions, extensions: _ } = written;
    let source = source?.value;
    let target = filled(target).map_or_else(|| source.clone(), |target| target.value);
    let permissions = filled(permissions).map_or_else(|| "rwm".to_owned(), |permissions| permissions.value);
    Some(Spanned::new(Device { source, target, permissions }, span))
}
