//! What a container may do (S32, S33, S45), and keys of its security that Swarm has no place for (S24, S48).

use super::codes::SwarmCode;
use super::draft::Draft;
use super::part::{Object, texts};
use super::plan::Written;
use super::report::{dropped, listed};
use crate::diag::{Diagnostic, Span, Spanned};
use crate::model::{Security, SecurityOption};

/// Writes capabilities and what else of a service's security Swarm can set; `user` stands with the process, the engine's
/// socket with the mounts.
pub(crate) fn put(written: &Written<'_>, object: &mut Object, draft: &mut Draft<'_, '_>) {
    let Security {
        user: _,
        groups,
        privileged,
        caps_add,
        caps_drop,
        read_only,
        options,
        user_namespace,
        api_socket: _,
    } = &written.service.security;
    object.put_opt("cap_add", texts(caps_add, "S33"));
    object.put_opt("cap_drop", texts(caps_drop, "S33"));
    object.put_written("read_only", "S32", read_only.as_ref());
    if let Some(first) = groups.first() {
        let names = listed(groups.iter().map(|group| &group.value));
        let message = format!("`{}` does not get the groups {names}: Swarm has no such key", written.name);
        let found = dropped(SwarmCode::StackKeyDropped, first.span, message)
            .help("name the group in `user: UID:GID`, or make the user its member in the image");
        let others = groups[1..].iter();
        draft.report.add("group_add", found.also_at(others.map(|group| group.span)));
    }
    if let Some(Spanned { value: true, span }) = privileged {
        report(written, "privileged", *span, "is not privileged: Swarm runs no such tasks", draft);
    }
    let effective: Vec<_> =
        options.iter().filter(|option| option.value != SecurityOption::NoNewPrivileges(false)).collect();
    if let Some(first) = effective.first() {
        let names = listed(effective.iter().map(|option| text(option)));
        let fact = format!("runs without {names}: Swarm uses the engine's own confinement");
        let found = finding(written, first.span, &fact);
        let others = effective[1..].iter();
        draft.report.add("security_opt", found.also_at(others.map(|option| option.span)));
    }
    if let Some(mode) = user_namespace {
        report(written, "userns_mode", mode.span, "has the engine's own user namespace", draft);
    }
}

/// Reports that confinement differs (S45).
pub(crate) fn report(written: &Written<'_>, key: &str, span: Span, fact: &str, draft: &mut Draft<'_, '_>) {
    draft.report.add(key, finding(written, span, fact));
}

fn finding(written: &Written<'_>, span: Span, fact: &str) -> Diagnostic {
    dropped(SwarmCode::StackSecurityDropped, span, format!("`{}` {fact}", written.name))
        .help("`cap_add` and `cap_drop` are what Swarm has; the rest is set in daemon.json of the nodes")
}

fn text(option: &SecurityOption) -> String {
    match option {
        SecurityOption::NoNewPrivileges(_) => "no-new-privileges".to_owned(),
        SecurityOption::Seccomp(value) => format!("seccomp:{value}"),
        SecurityOption::AppArmor(value) => format!("apparmor:{value}"),
        SecurityOption::Label(value) => format!("label:{value}"),
        SecurityOption::SystemPaths(value) => format!("systempaths:{value}"),
        SecurityOption::Other(value) => value.clone(),
    }
}
