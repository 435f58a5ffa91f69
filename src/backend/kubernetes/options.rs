//! What a user can choose for this target; `cli` fills it from flags and settings. Defaults are those of the rules.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Project;

/// Options of the Kubernetes target.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own that users set or leave")]
pub struct Options {
    /// `-n`: written as `metadata.namespace` (N112).
    pub namespace: Option<String>,
    /// `--create-namespace`: the Namespace object is written too.
    pub create_namespace: bool,
    /// `--kube-version`: oldest server that must take the output.
    pub kube_version: KubeVersion,
    /// `--image SERVICE=REFERENCE` (K10).
    pub images: BTreeMap<String, String>,
    /// `--registry`: stands before names of built images (K11).
    pub registry: Option<String>,
    /// `--tag` of built images (K11).
    pub tag: String,
    /// `--qualify-images` (K10).
    pub qualify_images: bool,
    /// `--feature`: what the cluster has beyond its version.
    pub features: BTreeSet<Feature>,
    /// `--allow` of what the rules leave out by default.
    pub permits: BTreeSet<Permit>,
    /// `--expose` (N24); `None` leaves it to hints.
    pub expose: Option<Expose>,
    /// `--network-policies` (N40).
    pub network_policies: NetworkPolicies,
    /// `--infer-ports` (N20); `None` leaves it to hints.
    pub infer_ports: Option<InferPorts>,
    /// `--rewrite-names` (N4).
    pub rewrite_names: bool,
    /// `--depends-on` (K60).
    pub depends_on: DependsOn,
    /// `--wait-image`: stands for both images of waits (K62).
    pub wait_image: Option<String>,
    /// `--probes` (K44, K45).
    pub probes: Probes,
    /// `--requests` (K53).
    pub requests: Requests,
    /// `--pdb` (K98).
    pub pdb: bool,
    /// `--gpu-resource` (K59).
    pub gpu_resource: Option<String>,
    /// `--label-allow` (N11); a `*` at the end stands for any rest.
    pub label_allow: Vec<String>,
    /// `--pod-security` (K, section 14); `None` is `privileged`, and says nothing to the namespace.
    pub pod_security: Option<PodSecurity>,
    /// `--secrets` (N93).
    pub secrets: Secrets,
    /// `--pvc-request-size`: size of claims that say none (N64), a Kubernetes quantity.
    pub pvc_request_size: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            namespace: None,
            create_namespace: false,
            kube_version: KubeVersion::OLDEST,
            images: BTreeMap::new(),
            registry: None,
            tag: "latest".to_owned(),
            qualify_images: false,
            features: BTreeSet::new(),
            permits: BTreeSet::new(),
            expose: None,
            network_policies: NetworkPolicies::Auto,
            infer_ports: None,
            rewrite_names: false,
            depends_on: DependsOn::Wait,
            wait_image: None,
            probes: Probes::Auto,
            requests: Requests::Quarter,
            pdb: false,
            gpu_resource: None,
            label_allow: Vec::new(),
            pod_security: None,
            secrets: Secrets::Inline,
            pvc_request_size: None,
        }
    }
}

/// Returns the options as hints of the project want them; a flag counts before a hint.
pub(crate) fn hinted(options: &Options, project: &Project) -> Options {
    let namespace = project.hints.namespace.as_ref().map(|namespace| namespace.value.clone());
    Options { namespace: options.namespace.clone().or(namespace), ..options.clone() }
}

impl Options {
    /// Tells whether pods must pass the strictest level.
    pub(crate) fn is_restricted(&self) -> bool {
        self.pod_security == Some(PodSecurity::Restricted)
    }

    /// Tells whether `--allow` lets this through.
    pub(crate) fn permits(&self, permit: Permit) -> bool {
        self.permits.contains(&permit)
    }
}

/// A version of Kubernetes, `1.<minor>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubeVersion {
    /// Minor version.
    pub minor: u16,
}

impl KubeVersion {
    /// The oldest that is written for, and the default: what fits it fits every later one.
    pub const OLDEST: Self = Self { minor: 29 };

    /// Reads `1.30`, `v1.30` or `1.30.2`; versions below [`Self::OLDEST`] are none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts = text.split('.');
        let major = parts.next()?;
        let minor = parts.next()?.parse().ok()?;
        let patch_is_number = parts.next().is_none_or(|patch| patch.parse::<u16>().is_ok());
        let version = Self { minor };
        (major == "1" && patch_is_number && parts.next().is_none() && version >= Self::OLDEST)
            .then_some(version)
    }

    /// Tells whether it is `1.<minor>` or newer.
    pub(crate) const fn has(self, minor: u16) -> bool {
        self.minor >= minor
    }
}

/// What a cluster can have switched on beyond its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// `container-stop-signals` (K29).
    ContainerStopSignals,
    /// `image-volume` (N67).
    ImageVolume,
}

/// What the rules leave out unless a user says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permit {
    /// `unsafe-sysctls` (K79).
    UnsafeSysctls,
    /// `device-hostpath` (K80).
    DeviceHostPath,
    /// `host-port` (N22).
    HostPort,
}

/// How published ports are reached (N24).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expose {
    /// A Service of type `LoadBalancer`.
    LoadBalancer,
    /// A Service of type `NodePort`.
    NodePort,
    /// The published numbers inside the cluster.
    ClusterIp,
    /// By host names, through an Ingress.
    Ingress,
    /// By host names, through the Gateway API.
    Gateway,
    /// Services without an address of their own.
    Headless,
    /// Not at all.
    None,
}

/// Whether networks become policies (N40).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkPolicies {
    /// When networks isolate.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Which ports a service has besides declared ones (N20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InferPorts {
    /// All that are found.
    All,
    /// None.
    Declared,
}

/// Whether conditions of `depends_on` become waits (K60).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependsOn {
    /// Init containers wait.
    Wait,
    /// Nothing waits.
    None,
}

/// Which probes are written (K44, K45).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probes {
    /// Declared and assumed ones.
    Auto,
    /// Declared ones.
    Declared,
    /// As `auto`, and tests by `curl` or `wget` become HTTP probes.
    Http,
}

/// What a limit without reservation requests (K53).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requests {
    /// A quarter of the limit.
    Quarter,
    /// The limit.
    Limit,
    /// Nothing.
    Zero,
}

/// How much a namespace lets its pods do: levels of the Pod Security Standards, the freest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PodSecurity {
    /// Everything.
    Privileged,
    /// What is known to lead out of a container is refused.
    Baseline,
    /// What could is refused too.
    Restricted,
}

impl PodSecurity {
    /// Returns the word of flag and label.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

/// How Secrets are written (N93).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// With their data.
    Inline,
    /// Not at all: they must exist.
    Reference,
    /// As wishes to a store outside the cluster.
    ExternalSecrets,
    /// Encrypted for the controller of the cluster; the data is sealed behind this room.
    SealedSecrets,
    /// Encrypted for keys that the project names; likewise.
    Sops,
}

impl Secrets {
    /// Tells whether objects with data are made, whatever becomes of them then: their names carry its hash.
    pub(crate) const fn carries_data(self) -> bool {
        matches!(self, Self::Inline | Self::SealedSecrets | Self::Sops)
    }

    /// Tells whether objects with data are sealed before they are written (N93).
    pub(crate) const fn seals(self) -> bool {
        matches!(self, Self::SealedSecrets | Self::Sops)
    }

    /// Returns why one text is not enough, where it is not (N93).
    pub(crate) const fn needs_directory(self) -> Option<&'static str> {
        match self {
            Self::Inline | Self::Reference | Self::ExternalSecrets => None,
            Self::SealedSecrets => Some(
                "`--secrets sealed-secrets` keeps what is sealed already, so it needs the files of the last run",
            ),
            Self::Sops => Some(
                "`--secrets sops` keeps what is encrypted already, so it needs the files of the last run",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_people_write_them() {
        let parsed = |text| KubeVersion::parse(text).map(|version| version.minor);
        assert_eq!(parsed("1.30"), Some(30));
        assert_eq!(parsed("v1.31.2"), Some(31));
        assert_eq!(["1.28", "2.0", "1", "1.30.x", "1.30.1.1", ""].map(parsed), [None; 6]);
    }
}
