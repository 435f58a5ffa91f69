//! Which namespaces of the kernel a pod shares (K25, K86 to K89) and settings around the runtime (K82, K83, K85).

use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::{Facts, Pod};
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Span, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{Namespace, NetworkMode};

impl Facts<'_> {
    /// Tells whether it runs on the host's network.
    pub(crate) fn uses_host_network(&self) -> bool {
        matches!(self.service.network.mode, NetworkMode::Host(_))
    }

    /// Tells whether it uses the host's IPC.
    pub(crate) fn uses_host_ipc(&self) -> bool {
        is_host(self.service.kernel.ipc.as_ref()).is_some()
    }

    /// Tells whether it runs on Windows (K16).
    pub(crate) fn is_windows(&self) -> bool {
        self.service.image.platform.as_ref().is_some_and(|platform| platform.os == "windows")
    }
}

/// Tells whether a pod runs on the host's network.
pub(crate) fn uses_host_network(pod: &Pod<'_, '_>) -> bool {
    host_network(pod).is_some()
}

/// `hostNetwork` of a pod.
pub(crate) fn host_network(pod: &Pod<'_, '_>) -> Option<Noted<bool>> {
    pod.members.iter().find_map(|member| match &member.service.network.mode {
        NetworkMode::Host(span) if !member.is_windows() => Some(Noted::written(true, "K86", *span)),
        _ => None,
    })
}

/// `hostPID` of a pod.
pub(crate) fn host_pid(pod: &Pod<'_, '_>) -> Option<Noted<bool>> {
    of_members(pod, |member| is_host(member.service.kernel.pid.as_ref()), "K87")
}

/// `hostIPC` of a pod.
pub(crate) fn host_ipc(pod: &Pod<'_, '_>) -> Option<Noted<bool>> {
    of_members(pod, |member| is_host(member.service.kernel.ipc.as_ref()), "K87")
}

/// `shareProcessNamespace` of a pod: `init: true`, or a join of process namespaces (K90). The API excludes it beside the
/// host's.
pub(crate) fn shared_processes(pod: &Pod<'_, '_>) -> Option<Noted<bool>> {
    if host_pid(pod).is_some() {
        return None;
    }
    let init = |member: &Facts<'_>| {
        let init = member.service.process.init.as_ref().filter(|init| init.value)?;
        Some(init.span)
    };
    let joined = |member: &Facts<'_>| match member.service.kernel.pid.as_ref() {
        Some(Spanned { value: Namespace::Of(_), span }) => Some(*span),
        _ => None,
    };
    of_members(pod, joined, "K90").or_else(|| of_members(pod, init, "K25"))
}

/// Reports what a service says of namespaces and of the runtime.
pub(crate) fn report(facts: &Facts<'_>, has_host_pid: bool, report: &mut Report<'_>) {
    report_init(facts, has_host_pid, report);
    report_network(facts, report);
    let kernel = &facts.service.kernel;
    report_namespace("pid", kernel.pid.as_ref(), facts, report);
    report_namespace("ipc", kernel.ipc.as_ref(), facts, report);
    report_uts(facts, report);
}

fn of_members(
    pod: &Pod<'_, '_>,
    place: impl Fn(&Facts<'_>) -> Option<Span>,
    rule: &'static str,
) -> Option<Noted<bool>> {
    let span = pod.members.iter().filter(|member| !member.is_windows()).find_map(|member| place(member))?;
    Some(Noted::written(true, rule, span))
}

fn is_host(namespace: Option<&Spanned<Namespace>>) -> Option<Span> {
    namespace.filter(|namespace| namespace.value == Namespace::Host).map(|namespace| namespace.span)
}

fn report_init(facts: &Facts<'_>, has_host_pid: bool, report: &mut Report<'_>) {
    let Some(init) = facts.service.process.init.as_ref().filter(|init| init.value) else { return };
    if facts.is_windows() {
        report.linux_only("init", Some(init.span));
    } else if has_host_pid {
        report.already_default("init", init.span);
    } else {
        report.approximated(
            KubernetesCode::InitBySharedNamespace,
            "init",
            init.span,
            "becomes a shared process namespace: its first process reaps what ends",
            "",
        );
    }
}

fn report_network(facts: &Facts<'_>, report: &mut Report<'_>) {
    match &facts.service.network.mode {
        NetworkMode::Networks(_) | NetworkMode::Of(_) => {}
        NetworkMode::Engine(mode) => report.already_default("network_mode", mode.span),
        NetworkMode::Host(span) if facts.is_windows() => report.linux_only("network_mode", Some(*span)),
        NetworkMode::Host(span) => report_host_access("network_mode", *span, "network", report),
        NetworkMode::None(span) => report.approximated(
            BackendCode::NetworkNoneApproximated,
            "network_mode",
            *span,
            "becomes a network policy that forbids all traffic",
            "check that the cluster enforces network policies",
        ),
        NetworkMode::Container(name) => report_unknown_container("network_mode", name, report),
    }
}

fn report_namespace(
    key: &str,
    namespace: Option<&Spanned<Namespace>>,
    facts: &Facts<'_>,
    report: &mut Report<'_>,
) {
    let Some(Spanned { value, span }) = namespace else { return };
    match value {
        Namespace::Of(_) => {}
        Namespace::Private | Namespace::Shareable => report.already_default(key, *span),
        Namespace::Host if facts.is_windows() => report.linux_only(key, Some(*span)),
        Namespace::Host => {
            let what = if key == "pid" { "processes" } else { "shared memory and semaphores" };
            report_host_access(key, *span, what, report);
        }
        Namespace::Container(name) => {
            report_unknown_container(key, &Spanned::new(name.clone(), *span), report);
        }
        Namespace::None => report.dropped(
            KubernetesCode::IpcDropped,
            key,
            *span,
            "is `none`: a pod always has a namespace of its own, here with `/dev/shm`",
            "",
        ),
        Namespace::Other(word) => report_unknown_word(key, word, *span, report),
    }
}

fn report_uts(facts: &Facts<'_>, report: &mut Report<'_>) {
    let Some(Spanned { value, span }) = &facts.service.kernel.uts else { return };
    match value {
        Namespace::Host if facts.uses_host_network() => report.already_default("uts", *span),
        Namespace::Private => report.already_default("uts", *span),
        Namespace::Host => report.dropped(
            KubernetesCode::UtsHostDropped,
            "uts",
            *span,
            "is left out: a pod has a host name of its own",
            "`network_mode: host` shares it too",
        ),
        Namespace::Other(word) | Namespace::Container(word) => {
            report_unknown_word("uts", word, *span, report);
        }
        Namespace::Of(name) => report_unknown_word("uts", name.as_str(), *span, report),
        Namespace::Shareable | Namespace::None => report_unknown_word("uts", "shareable", *span, report),
    }
}

fn report_host_access(key: &str, span: Span, what: &str, report: &mut Report<'_>) {
    report.noted(
        BackendCode::HostAccess,
        key,
        span,
        &format!("gives the container the {what} of its node"),
        "leave the key out if the service works without it",
    );
}

fn report_unknown_container(key: &str, name: &Spanned<String>, report: &mut Report<'_>) {
    report.refused(
        KubernetesCode::JoinsUnknownContainer,
        key,
        name.span,
        &format!("joins the container `{}`, which no service of the project names", name.value),
        "write `service:NAME`, or give the other service that `container_name`",
    );
}

fn report_unknown_word(key: &str, word: &str, span: Span, report: &mut Report<'_>) {
    report.dropped(
        SharedCode::ValueUnknown,
        key,
        span,
        &format!("has the unknown word `{word}`: it counts as unset"),
        "write `host`, `private` or `service:NAME`",
    );
}
