//! Linux capabilities (K74).

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Capabilities;

use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::{Noted, Notes};
use crate::backend::kubernetes::problem::Report;
use crate::diag::Spanned;
use crate::model::Security;

/// All capabilities of Linux, without their prefix.
const KNOWN: [&str; 41] = [
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

/// Makes the capabilities of a container.
pub(crate) fn of_security(security: &Security, report: &mut Report<'_>) -> Option<Noted<Capabilities>> {
    let mut notes = Notes::default();
    let capabilities = Capabilities {
        add: notes.at_opt("add", list("cap_add", &security.caps_add, report)),
        drop: notes.at_opt("drop", list("cap_drop", &security.caps_drop, report)),
    };
    (capabilities != Capabilities::default()).then(|| notes.on(capabilities))
}

/// Tells whether a service gives up the right to listen below 1024 (K72).
pub(crate) fn drops_low_ports(security: &Security) -> bool {
    let has = |list: &[Spanned<String>], name| list.iter().any(|capability| normal(capability) == name);
    let dropped = has(&security.caps_drop, "NET_BIND_SERVICE") || has(&security.caps_drop, "ALL");
    let added = has(&security.caps_add, "NET_BIND_SERVICE") || has(&security.caps_add, "ALL");
    dropped && !added
}

fn list(key: &str, written: &[Spanned<String>], report: &mut Report<'_>) -> Option<Noted<Vec<String>>> {
    let mut names = BTreeSet::new();
    for capability in written {
        let name = normal(capability);
        if name == "ALL" || KNOWN.contains(&name.as_str()) {
            names.insert(name);
        } else {
            report.dropped(
                KubernetesCode::CapabilityUnknown,
                key,
                capability.span,
                &format!("names `{}`, which is no capability of Linux: it is left out", capability.value),
                "write a name as in `man 7 capabilities`, without `CAP_`",
            );
        }
    }
    // The runtime takes `ALL` beside others in its own way; alone it means what Docker means by it.
    if names.contains("ALL") {
        names = BTreeSet::from(["ALL".to_owned()]);
    }
    let (first, others) = written.split_first().filter(|_| !names.is_empty())?;
    let noted = Noted::written(names.into_iter().collect(), "K74", first.span);
    Some(others.iter().fold(noted, |noted, capability| noted.also("K74", Some(capability.span))))
}

/// Upper case, without prefix.
fn normal(name: &str) -> String {
    let upper = name.trim().to_ascii_uppercase();
    upper.strip_prefix("CAP_").map(ToOwned::to_owned).unwrap_or(upper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    fn run(add: &[&str], drop: &[&str]) -> (Option<Capabilities>, Vec<String>) {
        let texts = |names: &[&str]| names.iter().map(|name| at((*name).to_owned())).collect();
        let security = Security { caps_add: texts(add), caps_drop: texts(drop), ..Security::default() };
        let (made, codes) = report_of(|report| of_security(&security, report));
        (made.map(|made| made.value), codes)
    }

    #[test]
    fn names_have_one_form_and_order() {
        let (made, _) = run(&["sys_time", "CAP_NET_ADMIN", "NET_ADMIN"], &[]);
        assert_eq!(made.and_then(|made| made.add), Some(vec!["NET_ADMIN".to_owned(), "SYS_TIME".to_owned()]));
    }

    #[test]
    fn all_stands_for_its_list() {
        let (made, _) = run(&[], &["all", "MKNOD"]);
        assert_eq!(made.and_then(|made| made.drop), Some(vec!["ALL".to_owned()]));
    }

    #[test]
    fn unknown_names_are_told() {
        assert_eq!(run(&["FLY"], &[]), (None, vec!["capability-unknown".to_owned()]));
    }
}
