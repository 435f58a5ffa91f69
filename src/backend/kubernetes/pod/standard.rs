//! The controls of the Pod Security Standards, checked on the finished pod (K, section 14).
//!
//! Looks at what is written, whatever key of Compose it came from; the notes of the pod say where that is.

use k8s_openapi::api::core::v1::{
    Container, PodSecurityContext, PodSpec, PodTemplateSpec, SecurityContext, Volume,
};

use super::{container, runs_as_root};
use crate::backend::FieldOrigin;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::PodSecurity;
use crate::backend::kubernetes::plan::{Plan, Pod};
use crate::backend::kubernetes::problem::{Report, of_service};
use crate::diag::{Outcome, Sink, Span};
use crate::model::SecurityOption;

/// Capabilities that the level `baseline` lets containers have.
const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
const SELINUX_TYPES: [&str; 4] = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
const SYSCTLS: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

/// Refuses what the level of the namespace refuses.
pub(crate) fn check(plan: &Plan<'_>, pod: &Pod<'_, '_>, template: &Noted<PodTemplateSpec>, sink: &mut Sink) {
    let Some(level) = plan.options.pod_security.filter(|level| *level > PodSecurity::Privileged) else {
        return;
    };
    let Some(spec) = &template.value.spec else { return };
    let mut breaches = Breaches { level, found: Vec::new() };
    breaches.of_pod(spec);
    breaches.of_annotations(template);
    let containers = [
        ("initContainers", spec.init_containers.as_deref()),
        ("containers", Some(spec.containers.as_slice())),
    ];
    for (list, containers) in containers {
        for (index, container) in containers.into_iter().flatten().enumerate() {
            breaches.of_container(&format!("spec.{list}[{index}]"), container);
        }
    }
    for Breach { control, path } in breaches.found {
        let span = place(&template.origins, &path).unwrap_or(pod.owner.service.span);
        let name = owner_of(pod, spec, &path);
        let message = format!("`{name}` breaks the control `{control}` of the level `{}`", level.word());
        sink.push(
            of_service(KubernetesCode::PodSecurityViolation, name, message)
                .at(span)
                .outcome(Outcome::Refused)
                .help("change the key, or run the service in a namespace of a freer level"),
        );
    }
    if level == PodSecurity::Restricted {
        for member in pod.members.iter().filter(|member| !member.is_windows()) {
            let mut report = Report::new(member.name, sink);
            report_escalation(&member.service.security.options, &mut report);
            runs_as_root::report(member, &mut report);
        }
    }
}

/// One control that something breaks, and where it is written in the pod.
struct Breach {
    control: &'static str,
    path: String,
}

struct Breaches {
    level: PodSecurity,
    found: Vec<Breach>,
}

impl Breaches {
    fn refuse(&mut self, broken: bool, control: &'static str, path: impl Into<String>) {
        if broken {
            self.found.push(Breach { control, path: path.into() });
        }
    }

    fn of_pod(&mut self, spec: &PodSpec) {
        let hosts =
            [("hostNetwork", spec.host_network), ("hostPID", spec.host_pid), ("hostIPC", spec.host_ipc)];
        for (field, on) in hosts {
            self.refuse(on == Some(true), "Host Namespaces", format!("spec.{field}"));
        }
        for (index, volume) in spec.volumes.iter().flatten().enumerate() {
            let path = format!("spec.volumes[{index}]");
            let restricted = self.level == PodSecurity::Restricted;
            self.refuse(volume.host_path.is_some(), "HostPath Volumes", path.as_str());
            self.refuse(restricted && volume.host_path.is_none() && !is_plain(volume), "Volume Types", path);
        }
        if let Some(context) = &spec.security_context {
            self.of_pod_context(context);
        }
    }

    fn of_pod_context(&mut self, context: &PodSecurityContext) {
        for (index, sysctl) in context.sysctls.iter().flatten().enumerate() {
            let path = format!("spec.securityContext.sysctls[{index}]");
            self.refuse(!SYSCTLS.contains(&sysctl.name.as_str()), "Sysctls", path);
        }
    }

    /// Below 1.30 a profile is named by an annotation (K76).
    fn of_annotations(&mut self, template: &Noted<PodTemplateSpec>) {
        let metadata = template.value.metadata.as_ref();
        for (key, value) in metadata.and_then(|metadata| metadata.annotations.as_ref()).into_iter().flatten()
        {
            let names_profile = key.starts_with("container.apparmor.security.beta.kubernetes.io/");
            let path = format!("metadata.annotations[{key}]");
            self.refuse(names_profile && value == "unconfined", "AppArmor", path);
        }
    }

    fn of_container(&mut self, path: &str, container: &Container) {
        for (index, port) in container.ports.iter().flatten().enumerate() {
            self.refuse(port.host_port.is_some(), "Host Ports", format!("{path}.ports[{index}]"));
        }
        if let Some(context) = &container.security_context {
            self.of_context(&format!("{path}.securityContext"), context);
        }
    }

    fn of_context(&mut self, path: &str, context: &SecurityContext) {
        let restricted = self.level == PodSecurity::Restricted;
        self.refuse(context.privileged == Some(true), "Privileged Containers", format!("{path}.privileged"));
        let added =
            context.capabilities.iter().filter_map(|capabilities| capabilities.add.as_ref()).flatten();
        let refused = |name: &String| {
            if restricted { name != "NET_BIND_SERVICE" } else { !CAPABILITIES.contains(&name.as_str()) }
        };
        self.refuse(added.into_iter().any(refused), "Capabilities", format!("{path}.capabilities.add"));
        let seccomp = context.seccomp_profile.as_ref().is_some_and(|profile| profile.type_ == "Unconfined");
        self.refuse(seccomp, "Seccomp", format!("{path}.seccompProfile"));
        let app_armor =
            context.app_armor_profile.as_ref().is_some_and(|profile| profile.type_ == "Unconfined");
        self.refuse(app_armor, "AppArmor", format!("{path}.appArmorProfile"));
        let se_linux = context.se_linux_options.as_ref().is_some_and(|options| {
            let allowed = |kind: &String| SELINUX_TYPES.contains(&kind.as_str());
            options.user.is_some() || options.role.is_some() || !options.type_.iter().all(allowed)
        });
        self.refuse(se_linux, "SELinux", format!("{path}.seLinuxOptions"));
        let root = restricted && context.run_as_user == Some(0);
        self.refuse(root, "Running as Non-root user", format!("{path}.runAsUser"));
    }
}

/// Kinds of volumes that the level `restricted` lets pods have.
fn is_plain(volume: &Volume) -> bool {
    volume.config_map.is_some()
        || volume.csi.is_some()
        || volume.downward_api.is_some()
        || volume.empty_dir.is_some()
        || volume.ephemeral.is_some()
        || volume.persistent_volume_claim.is_some()
        || volume.projected.is_some()
        || volume.secret.is_some()
}

/// `no-new-privileges:false` asks for what the level forbids.
fn report_escalation(options: &[crate::diag::Spanned<SecurityOption>], report: &mut Report<'_>) {
    if let Some(option) = options.iter().find(|option| option.value == SecurityOption::NoNewPrivileges(false))
    {
        let fact = "breaks the control `Privilege Escalation` of the level `restricted`";
        let help = "leave `no-new-privileges:false` out";
        report.refused(KubernetesCode::PodSecurityViolation, "security_opt", option.span, fact, help);
    }
}

/// Finds the place in the user's files that wrote a field: the nearest note at or above it.
fn place(origins: &[FieldOrigin], path: &str) -> Option<Span> {
    let covers = |origin: &str| {
        path.strip_prefix(origin)
            .is_some_and(|rest| rest.is_empty() || origin.is_empty() || rest.starts_with(['.', '[']))
    };
    origins
        .iter()
        .filter(|origin| covers(&origin.path) || origin.path.starts_with(path))
        .filter_map(|origin| Some((origin.path.len(), origin.span?)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, span)| span)
}

/// Finds the service that a path in the pod belongs to, for messages.
fn owner_of<'a>(pod: &Pod<'a, '_>, spec: &PodSpec, path: &str) -> &'a crate::model::ServiceName {
    let index = |list: &str| -> Option<usize> {
        path.strip_prefix(&format!("spec.{list}["))?.split(']').next()?.parse().ok()
    };
    let of_list = index("containers").and_then(|index| spec.containers.get(index));
    let of_init = index("initContainers").and_then(|index| spec.init_containers.as_ref()?.get(index));
    let written = of_list.or(of_init).map(|container| container.name.as_str());
    let member = pod.members.iter().find(|member| Some(container::name(member).as_str()) == written);
    member.map_or(pod.owner.name, |member| member.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::options::Options;
    use crate::backend::kubernetes::pod::user::parse;
    use crate::backend::kubernetes::sample::{at, project, render_with, service, span};
    use crate::model::{NetworkMode, Service};

    fn broken(change: impl Fn(&mut Service), level: PodSecurity) -> Vec<String> {
        let mut web = service();
        web.security.user = Some(at(parse("1000")));
        change(&mut web);
        let options = Options { pod_security: Some(level), ..Options::default() };
        let made = render_with(&project([("web", web)]), options);
        let found = made.found.iter().filter(|found| found.code.name() == "pod-security-violation");
        found.map(|found| found.message.split('`').nth(3).unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn baseline_refuses_ways_out_of_a_container() {
        let level = PodSecurity::Baseline;
        assert_eq!(broken(|web| web.security.privileged = Some(at(true)), level), ["Privileged Containers"]);
        assert_eq!(broken(|web| web.network.mode = NetworkMode::Host(span()), level), ["Host Namespaces"]);
        assert_eq!(
            broken(|web| web.security.caps_add = vec![at("NET_ADMIN".to_owned())], level),
            ["Capabilities"]
        );
        assert_eq!(
            broken(|web| web.security.caps_add = vec![at("KILL".to_owned())], level),
            Vec::<String>::new()
        );
        let option =
            |option: SecurityOption| move |web: &mut Service| web.security.options = vec![at(option.clone())];
        assert_eq!(broken(option(SecurityOption::Seccomp("unconfined".to_owned())), level), ["Seccomp"]);
        assert_eq!(broken(option(SecurityOption::AppArmor("unconfined".to_owned())), level), ["AppArmor"]);
        assert_eq!(broken(option(SecurityOption::Label("disable".to_owned())), level), ["SELinux"]);
    }

    #[test]
    fn restricted_refuses_more() {
        let level = PodSecurity::Restricted;
        assert_eq!(broken(|_| {}, level), Vec::<String>::new());
        assert_eq!(
            broken(|web| web.security.caps_add = vec![at("KILL".to_owned())], level),
            ["Capabilities"]
        );
        assert_eq!(
            broken(|web| web.security.user = Some(at(parse("0"))), level),
            ["Running as Non-root user"]
        );
    }

    #[test]
    fn containers_give_up_their_rights() {
        let mut web = service();
        web.security.user = Some(at(parse("1000")));
        let options = Options { pod_security: Some(PodSecurity::Restricted), ..Options::default() };
        let made = render_with(&project([("web", web)]), options);
        let context =
            &made.object("Deployment", "web")["spec"]["template"]["spec"]["containers"][0]["securityContext"];
        assert_eq!(
            *context,
            serde_json::json!({
                "allowPrivilegeEscalation": false,
                "capabilities": {"drop": ["ALL"]},
                "runAsNonRoot": true,
                "runAsUser": 1000,
            })
        );
    }

    #[test]
    fn the_privileged_level_refuses_nothing() {
        assert_eq!(
            broken(|web| web.security.privileged = Some(at(true)), PodSecurity::Privileged),
            Vec::<String>::new()
        );
    }
}
