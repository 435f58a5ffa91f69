//! Security context of a container (K70, K74 to K78, K84).

use k8s_openapi::api::core::v1::{
    AppArmorProfile, SELinuxOptions, SeccompProfile, SecurityContext, WindowsSecurityContextOptions,
};

use super::{capabilities, credentials, devices, harden, user};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::{Noted, Notes};
use crate::backend::kubernetes::options::{KubeVersion, Options};
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Span, Spanned};
use crate::model::{Security, SecurityOption};

/// Makes the security context of a container, where it says anything.
pub(crate) fn context(
    plan: &Plan<'_>,
    facts: &Facts<'_>,
    report: &mut Report<'_>,
) -> Option<Noted<SecurityContext>> {
    if facts.is_windows() {
        return windows_context(plan, facts, report);
    }
    let Security {
        user,
        groups: _,
        privileged: _,
        caps_add: _,
        caps_drop: _,
        read_only,
        options: written,
        user_namespace,
        api_socket,
    } = &facts.service.security;
    report_kept_apart(user_namespace.as_ref(), *api_socket, report);
    // Never written for Linux, but reported.
    credentials::spec(plan, facts, report);
    // The hint names the file on the nodes that stands for the one of the key.
    let named = facts.service.hints.seccomp_profile.is_some();
    let is_file = |option: &SecurityOption| matches!(option, SecurityOption::Seccomp(file) if file != "unconfined" && file != "builtin");
    let written: Vec<_> =
        written.iter().filter(|option| !(named && is_file(&option.value))).cloned().collect();
    let confinement = confinement(&written, plan.options.kube_version, report);
    let by_hint = facts.service.hints.seccomp_profile.as_ref().map(|profile| {
        let written =
            SeccompProfile { type_: "Localhost".to_owned(), localhost_profile: Some(profile.value.clone()) };
        Noted::written(written, "K76", profile.span)
    });
    let mut notes = Notes::default();
    let ids = user::ids("user", user.as_ref(), facts.service.image.facts.user.as_ref(), report);
    if let Some(user) = user {
        notes.note("runAsUser", "K70", Some(user.span));
    }
    let privileged = privileged(facts, plan.options, report);
    let base = ids.into_context(SecurityContext::default());
    let context = SecurityContext {
        allow_privilege_escalation: notes
            .at_opt("allowPrivilegeEscalation", no_escalation(&confinement, privileged.is_some(), report)),
        app_armor_profile: notes.at_opt("appArmorProfile", confinement.app_armor_field),
        capabilities: notes
            .at_opt("capabilities", capabilities::of_security(&facts.service.security, report)),
        privileged: notes.at_opt("privileged", privileged),
        read_only_root_filesystem: notes.at_opt("readOnlyRootFilesystem", is_true(read_only.as_ref(), "K77")),
        se_linux_options: notes.at_opt("seLinuxOptions", confinement.se_linux),
        seccomp_profile: notes.at_opt("seccompProfile", by_hint.or(confinement.seccomp)),
        ..base
    };
    let context = (context != SecurityContext::default()).then(|| notes.on(context));
    harden::context(plan.options, context)
}

/// Returns the annotation that says the `AppArmor` profile to servers below 1.30 (K76).
pub(crate) fn app_armor_annotation(
    facts: &Facts<'_>,
    container: &str,
    version: KubeVersion,
) -> Option<(String, Noted<String>)> {
    if version.has(30) || facts.is_windows() {
        return None;
    }
    let (profile, span) =
        facts.service.security.options.iter().rev().find_map(|option| match &option.value {
            SecurityOption::AppArmor(profile) => Some((profile, option.span)),
            _ => None,
        })?;
    let value = match profile.as_str() {
        "unconfined" => "unconfined".to_owned(),
        "docker-default" => "runtime/default".to_owned(),
        name => format!("localhost/{name}"),
    };
    let key = format!("container.apparmor.security.beta.kubernetes.io/{container}");
    Some((key, Noted::written(value, "K76", span)))
}

/// `true` where written so; `false` is what happens anyway.
pub(crate) fn is_true(flag: Option<&Spanned<bool>>, rule: &'static str) -> Option<Noted<bool>> {
    flag.filter(|flag| flag.value).map(|flag| Noted::written(true, rule, flag.span))
}

/// What `security_opt` says.
#[derive(Default)]
struct Confinement {
    /// `no-new-privileges`: place.
    no_new_privileges: Option<Span>,
    seccomp: Option<Noted<SeccompProfile>>,
    app_armor_field: Option<Noted<AppArmorProfile>>,
    se_linux: Option<Noted<SELinuxOptions>>,
}

/// Reads `security_opt`; of several for one thing the last counts, as in the engine.
fn confinement(
    written: &[Spanned<SecurityOption>],
    version: KubeVersion,
    report: &mut Report<'_>,
) -> Confinement {
    let mut confinement = Confinement::default();
    let mut labels: Vec<(&str, Span)> = Vec::new();
    for option in written {
        let span = option.span;
        match &option.value {
            SecurityOption::NoNewPrivileges(on) => confinement.no_new_privileges = on.then_some(span),
            SecurityOption::Seccomp(profile) if profile == "unconfined" => {
                confinement.seccomp = Some(seccomp("Unconfined", span));
            }
            SecurityOption::Seccomp(profile) if profile == "builtin" => {
                confinement.seccomp = Some(seccomp("RuntimeDefault", span));
            }
            SecurityOption::AppArmor(profile) => {
                confinement.app_armor_field = app_armor(profile, span, version, report);
            }
            SecurityOption::Label(label) if is_selinux(label) => labels.push((label, span)),
            SecurityOption::Seccomp(_) => drop_option(
                span,
                "names a seccomp file, which the nodes do not have: the runtime's default profile holds",
                "copy the file to every node, and name it there by `x-rcompose: {seccomp-profile: FILE}`",
                report,
            ),
            SecurityOption::SystemPaths(_) | SecurityOption::Label(_) | SecurityOption::Other(_) => {
                drop_option(span, "has an option that the cluster has no field for", "", report);
            }
        }
    }
    confinement.se_linux = se_linux(&labels, report);
    confinement
}

fn drop_option(span: Span, fact: &str, help: &str, report: &mut Report<'_>) {
    report.dropped(KubernetesCode::SecurityOptDropped, "security_opt", span, fact, help);
}

fn seccomp(kind: &str, span: Span) -> Noted<SeccompProfile> {
    let profile = SeccompProfile { type_: kind.to_owned(), localhost_profile: None };
    Noted::written(profile, "K76", span)
}

/// The field, which servers know from 1.30; below it the annotation says the same.
fn app_armor(
    profile: &str,
    span: Span,
    version: KubeVersion,
    report: &mut Report<'_>,
) -> Option<Noted<AppArmorProfile>> {
    let (kind, localhost) = match profile {
        "unconfined" => ("Unconfined", None),
        "docker-default" => ("RuntimeDefault", None),
        name => ("Localhost", Some(name.to_owned())),
    };
    if localhost.is_some() {
        report.noted(
            KubernetesCode::ProfileMustExist,
            "security_opt",
            span,
            &format!("names the AppArmor profile `{profile}`, which every node must have loaded"),
            "load it on the nodes before",
        );
    }
    let profile = AppArmorProfile { type_: kind.to_owned(), localhost_profile: localhost };
    version.has(30).then(|| Noted::written(profile, "K76", span))
}

fn is_selinux(label: &str) -> bool {
    label == "disable" || ["user:", "role:", "type:", "level:"].iter().any(|part| label.starts_with(part))
}

fn se_linux(labels: &[(&str, Span)], report: &mut Report<'_>) -> Option<Noted<SELinuxOptions>> {
    let (_, first) = labels.first()?;
    let value = |part: &str| {
        let found = labels.iter().rev().find_map(|(label, _)| label.strip_prefix(part)?.strip_prefix(':'));
        found.map(ToOwned::to_owned)
    };
    let disabled = labels.iter().find(|(label, _)| *label == "disable");
    if let Some((_, span)) = disabled {
        report.approximated(
            KubernetesCode::SelinuxApproximated,
            "security_opt",
            *span,
            "switches SELinux off: the container gets the type `spc_t`, which is not confined",
            "",
        );
    }
    let options = SELinuxOptions {
        user: value("user"),
        role: value("role"),
        type_: value("type").or(disabled.map(|_| "spc_t".to_owned())),
        level: value("level"),
    };
    Some(Noted::written(options, "K76", *first))
}

fn privileged(facts: &Facts<'_>, options: &Options, report: &mut Report<'_>) -> Option<Noted<bool>> {
    if let Some(privileged) = is_true(facts.service.security.privileged.as_ref(), "K75") {
        if let Some(span) = privileged.origins.iter().find_map(|origin| origin.span) {
            report.noted(
                BackendCode::HostAccess,
                "privileged",
                span,
                "gives the container all rights on its node",
                "name the rights it needs in `cap_add`",
            );
        }
        return Some(privileged);
    }
    // A device from a path of the node is useless without (K80).
    let device = devices::of_host(facts, options).into_iter().next()?;
    Some(Noted::written(true, "K80", device.span))
}

/// The API refuses `no-new-privileges` beside `privileged` (K75).
fn no_escalation(
    confinement: &Confinement,
    is_privileged: bool,
    report: &mut Report<'_>,
) -> Option<Noted<bool>> {
    let span = confinement.no_new_privileges?;
    if is_privileged {
        report.dropped(
            KubernetesCode::NoNewPrivilegesDropped,
            "security_opt",
            span,
            "has `no-new-privileges` beside `privileged`, which the cluster refuses: it is left out",
            "remove one of the two",
        );
        return None;
    }
    Some(Noted::written(false, "K76", span))
}

fn report_kept_apart(
    user_namespace: Option<&Spanned<String>>,
    api_socket: Option<Span>,
    report: &mut Report<'_>,
) {
    match user_namespace {
        Some(mode) if mode.value == "host" => report.already_default("userns_mode", mode.span),
        Some(mode) => report.dropped(
            KubernetesCode::UsernsDropped,
            "userns_mode",
            mode.span,
            "is left out: pods run without a user namespace of their own",
            "",
        ),
        None => {}
    }
    if let Some(span) = api_socket {
        report.dropped(
            KubernetesCode::ApiSocketDropped,
            "use_api_socket",
            span,
            "is left out: nodes have no Docker socket",
            "use the cluster's own API",
        );
    }
}

/// On Windows the API takes a user by name, and nothing that is Linux's (K16, K84).
fn windows_context(
    plan: &Plan<'_>,
    facts: &Facts<'_>,
    report: &mut Report<'_>,
) -> Option<Noted<SecurityContext>> {
    let Security {
        user,
        groups,
        privileged,
        caps_add,
        caps_drop,
        read_only,
        options,
        user_namespace,
        api_socket,
    } = &facts.service.security;
    let linux_only = [
        ("group_add", groups.first().map(|group| group.span)),
        ("privileged", privileged.as_ref().filter(|flag| flag.value).map(|flag| flag.span)),
        ("cap_add", caps_add.first().map(|capability| capability.span)),
        ("cap_drop", caps_drop.first().map(|capability| capability.span)),
        ("read_only", read_only.as_ref().filter(|flag| flag.value).map(|flag| flag.span)),
        ("security_opt", options.first().map(|option| option.span)),
    ];
    for (key, span) in linux_only {
        report.linux_only(key, span);
    }
    report_kept_apart(user_namespace.as_ref(), *api_socket, report);
    let credentials = credentials::spec(plan, facts, report);
    let mut notes = Notes::default();
    if let Some(user) = user {
        notes.note("windowsOptions.runAsUserName", "K70", Some(user.span));
    }
    let windows = WindowsSecurityContextOptions {
        run_as_user_name: user.as_ref().map(|user| user.text.clone()),
        gmsa_credential_spec: notes.at_opt("windowsOptions.gmsaCredentialSpec", credentials),
        ..WindowsSecurityContextOptions::default()
    };
    let context = SecurityContext { windows_options: Some(windows), ..SecurityContext::default() };
    let says_something = context.windows_options != Some(WindowsSecurityContextOptions::default());
    harden::windows_context(plan.options, says_something.then(|| notes.on(context)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    fn run(options: Vec<SecurityOption>, minor: u16) -> (Confinement, Vec<String>) {
        let written: Vec<_> = options.into_iter().map(at).collect();
        report_of(|report| confinement(&written, KubeVersion { minor }, report))
    }

    #[test]
    fn profiles_are_mapped() {
        let options = vec![
            SecurityOption::Seccomp("unconfined".to_owned()),
            SecurityOption::AppArmor("docker-default".to_owned()),
        ];
        let (confinement, codes) = run(options, 30);
        assert_eq!(confinement.seccomp.map(|profile| profile.value.type_).as_deref(), Some("Unconfined"));
        assert_eq!(
            confinement.app_armor_field.map(|profile| profile.value.type_).as_deref(),
            Some("RuntimeDefault")
        );
        assert!(codes.is_empty());
    }

    #[test]
    fn older_servers_get_no_app_armor_field() {
        let (confinement, codes) = run(vec![SecurityOption::AppArmor("mine".to_owned())], 29);
        assert_eq!(confinement.app_armor_field, None);
        assert_eq!(codes, ["profile-must-exist"]);
    }

    #[test]
    fn selinux_labels_become_options() {
        let label = |text: &str| SecurityOption::Label(text.to_owned());
        let (confinement, _) = run(vec![label("level:s0:c1,c2"), label("type:a_t")], 29);
        let options = confinement.se_linux.expect("labels").value;
        assert_eq!((options.level.as_deref(), options.type_.as_deref()), (Some("s0:c1,c2"), Some("a_t")));
        let (confinement, codes) = run(vec![label("disable")], 29);
        assert_eq!(confinement.se_linux.expect("a label").value.type_.as_deref(), Some("spc_t"));
        assert_eq!(codes, ["selinux-approximated"]);
    }

    #[test]
    fn files_and_unknown_options_are_dropped() {
        let options = vec![
            SecurityOption::Seccomp("./p.json".to_owned()),
            SecurityOption::SystemPaths("unconfined".to_owned()),
            SecurityOption::Label("nested".to_owned()),
        ];
        assert_eq!(run(options, 29).1, ["security-opt-dropped"; 3]);
    }

    #[test]
    fn escalation_cannot_be_forbidden_to_the_privileged() {
        let confinement = Confinement { no_new_privileges: Some(at(()).span), ..Confinement::default() };
        let (written, codes) = report_of(|report| no_escalation(&confinement, true, report));
        assert_eq!((written, codes), (None, vec!["no-new-privileges-dropped".to_owned()]));
        let (written, _) = report_of(|report| no_escalation(&confinement, false, report));
        assert_eq!(written.map(|written| written.value), Some(false));
    }
}
