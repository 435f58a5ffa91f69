//! What a container may do, and what of the kernel it shares.

use std::collections::BTreeMap;

use super::ServiceName;
use crate::diag::{Span, Spanned};

/// User, groups, capabilities, confinement.
#[derive(Clone, Debug, Default)]
pub struct Security {
    /// `user`.
    pub user: Option<Spanned<User>>,
    /// `group_add`, as text.
    pub groups: Vec<Spanned<String>>,
    /// `privileged`.
    pub privileged: Option<Spanned<bool>>,
    /// `cap_add`, as written.
    pub caps_add: Vec<Spanned<String>>,
    /// `cap_drop`, as written.
    pub caps_drop: Vec<Spanned<String>>,
    /// `read_only`.
    pub read_only: Option<Spanned<bool>>,
    /// `security_opt`, each parsed.
    pub options: Vec<Spanned<SecurityOption>>,
    /// `userns_mode`.
    pub user_namespace: Option<Spanned<String>>,
    /// `use_api_socket: true`.
    pub api_socket: Option<Span>,
}

/// `user` (K70).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// As written.
    pub text: String,
    /// The part before `:`, as a number where it is one (`root` is 0).
    pub uid: Option<u64>,
    /// The part behind `:`, likewise; `None` when it is absent, empty or a name.
    pub gid: Option<u64>,
    /// The part behind `:` is a name.
    pub group_is_name: bool,
}

/// One `security_opt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecurityOption {
    /// `no-new-privileges[:BOOL]`.
    NoNewPrivileges(bool),
    /// `seccomp:VALUE`.
    Seccomp(String),
    /// `apparmor:VALUE`.
    AppArmor(String),
    /// `label:VALUE`.
    Label(String),
    /// `systempaths:VALUE`.
    SystemPaths(String),
    /// Anything else, as written.
    Other(String),
}

/// Namespaces, sysctls, devices.
#[derive(Clone, Debug, Default)]
pub struct Kernel {
    /// `sysctls`.
    pub sysctls: BTreeMap<String, Spanned<String>>,
    /// `devices`.
    pub devices: Vec<Spanned<Device>>,
    /// `device_cgroup_rules`.
    pub cgroup_rules: Vec<Spanned<String>>,
    /// `runtime`.
    pub runtime: Option<Spanned<String>>,
    /// `isolation`.
    pub isolation: Option<Spanned<String>>,
    /// `cgroup`.
    pub cgroup: Option<Spanned<String>>,
    /// `cgroup_parent`.
    pub cgroup_parent: Option<Spanned<String>>,
    /// `ipc`.
    pub ipc: Option<Spanned<Namespace>>,
    /// `pid`.
    pub pid: Option<Spanned<Namespace>>,
    /// `uts`.
    pub uts: Option<Spanned<Namespace>>,
}

/// Whose namespace a container uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// Its own.
    Private,
    /// Its own, others may join (`ipc: shareable`).
    Shareable,
    /// The host's.
    Host,
    /// None (`ipc: none`).
    None,
    /// Another service's: `service:x`, or `container:x` where x is a service's `container_name`.
    Of(ServiceName),
    /// A container that no service names.
    Container(String),
    /// A word nobody knows.
    Other(String),
}

/// One `devices` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Path on the host, or a CDI name `vendor/class=name`.
    pub source: String,
    /// Path in the container.
    pub target: String,
    /// `rwm` or a part of it.
    pub permissions: String,
}
