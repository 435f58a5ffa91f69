//! Sysctls, and namespaces, devices and runtimes that Swarm has no place for (S33, S44 to S48).

use super::codes::SwarmCode;
use super::draft::Draft;
use super::part::{Object, text_map};
use super::plan::Written;
use super::report::{dropped, listed, refused};
use super::security;
use crate::backend::codes::BackendCode;
use crate::diag::{Span, Spanned};
use crate::model::{Kernel, Namespace};

/// Writes sysctls and reports the rest; `isolation` stands with the process.
pub(crate) fn put(written: &Written<'_>, object: &mut Object, draft: &mut Draft<'_, '_>) {
    let Kernel {
        sysctls,
        devices,
        cgroup_rules,
        runtime,
        isolation: _,
        cgroup,
        cgroup_parent,
        ipc,
        pid,
        uts,
    } = &written.service.kernel;
    let name = written.name;
    object.put_opt("sysctls", text_map(sysctls, "S33"));
    if let Some(first) = devices.first() {
        let paths = listed(devices.iter().map(|device| &device.source));
        let message = format!("`{name}` does not get {paths}: Swarm hands out no devices");
        draft.report.add(
            "devices",
            dropped(BackendCode::DeviceDropped, first.span, message)
                .help("run it with Compose where the device is, or mount `/dev` and accept its limits")
                .also_at(devices[1..].iter().map(|device| device.span)),
        );
    }
    if let Some(first) = cgroup_rules.first() {
        let message = format!("`{name}` runs without its device rules");
        draft.report.add(
            "device_cgroup_rules",
            dropped(BackendCode::DeviceRulesDropped, first.span, message)
                .help("run it with Compose where the device is")
                .also_at(cgroup_rules[1..].iter().map(|rule| rule.span)),
        );
    }
    match runtime {
        Some(runtime) if runtime.value == "runc" => draft.report.already_default("runtime", runtime.span),
        Some(runtime) => {
            let message =
                format!("`{name}` runs with the default runtime of its node, not `{}`", runtime.value);
            draft.report.add(
                "runtime",
                dropped(SwarmCode::StackKeyDropped, runtime.span, message)
                    .help("set `default-runtime` in daemon.json of the nodes, and a constraint on them"),
            );
        }
        None => {}
    }
    match cgroup {
        Some(cgroup) if cgroup.value == "private" => draft.report.already_default("cgroup", cgroup.span),
        Some(cgroup) => report_cgroup(written, "cgroup", cgroup.span, draft),
        None => {}
    }
    if let Some(parent) = cgroup_parent {
        report_cgroup(written, "cgroup_parent", parent.span, draft);
    }
    for (key, namespace) in [("ipc", ipc), ("pid", pid), ("uts", uts)] {
        if let Some(namespace) = namespace {
            report_namespace(written, key, namespace, draft);
        }
    }
}

fn report_namespace(
    written: &Written<'_>,
    key: &str,
    namespace: &Spanned<Namespace>,
    draft: &mut Draft<'_, '_>,
) {
    let span = namespace.span;
    match &namespace.value {
        Namespace::Private | Namespace::Shareable => draft.report.already_default(key, span),
        Namespace::Host => {
            let fact = format!("does not share `{key}` with its node");
            security::report(written, key, span, &fact, draft);
        }
        Namespace::Of(other) => report_shared(written, key, span, other.as_str(), draft),
        Namespace::Container(other) => report_shared(written, key, span, other, draft),
        Namespace::None | Namespace::Other(_) => report_cgroup(written, key, span, draft),
    }
}

/// Refuses what two tasks would have to share (S46, S85).
pub(crate) fn report_shared(
    written: &Written<'_>,
    key: &str,
    span: Span,
    other: &str,
    draft: &mut Draft<'_, '_>,
) {
    let message =
        format!("`{}` cannot share `{key}` with `{other}`: Swarm runs each task on its own", written.name);
    draft.report.add(
        key,
        refused(SwarmCode::StackKeyRefused, span, message).help(
            "put both into one image, or convert for Kubernetes; `--allow stack-key-refused` leaves it out",
        ),
    );
}

fn report_cgroup(written: &Written<'_>, key: &str, span: Span, draft: &mut Draft<'_, '_>) {
    let message = format!("`{}`: Swarm decides on `{key}`", written.name);
    draft.report.add(
        key,
        dropped(BackendCode::CgroupDropped, span, message)
            .help("limits and reservations below `deploy.resources` are what Swarm has"),
    );
}
