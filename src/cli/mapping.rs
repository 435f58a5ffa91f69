//! Flags that choose how a project is mapped, and which target acts on which (section 4).
//!
//! Their meaning stands in the rules of their owners; here they are only read and handed on.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args};

use super::severity::Wishes;
use super::usage::UsageError;
use crate::backend::kubernetes::{
    self, DependsOn, Expose, Feature, InferPorts, KubeVersion, NetworkPolicies, Permit, PodSecurity, Probes,
    Requests,
};
use crate::backend::{Target, swarm};
use crate::compose::hints::Outside;
use crate::diag::{Sources, Span};
use crate::emit::Sealing;
use crate::yaml::{Entry, Node};

/// Flags of `convert` and `check` that change the output.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Mapping {
    /// Oldest Kubernetes that takes the output (1.29)
    #[arg(long, value_name = "VERSION", value_parser = kube_version, help_heading = HEADING)]
    kube_version: Option<KubeVersion>,

    /// Use another image for a service, repeatable
    #[arg(long, value_name = "SERVICE=IMAGE", value_parser = assignment, help_heading = HEADING)]
    image: Vec<(String, String)>,

    /// Registry of images that are built
    #[arg(long, value_name = "REGISTRY", help_heading = HEADING)]
    registry: Option<String>,

    /// Tag of images that are built (latest)
    #[arg(long, value_name = "TAG", help_heading = HEADING)]
    tag: Option<String>,

    /// Write docker.io/library/… in full
    #[arg(long, help_heading = HEADING)]
    qualify_images: bool,

    /// loadbalancer (default), ingress, gateway, none …
    #[arg(long, value_name = "HOW", value_parser = expose(), help_heading = HEADING)]
    expose: Option<Expose>,

    /// auto (default), always, never
    #[arg(long, value_name = "WHEN", value_parser = network_policies(), help_heading = HEADING)]
    network_policies: Option<NetworkPolicies>,

    /// all (default), declared
    #[arg(long, value_name = "WHICH", value_parser = infer_ports(), help_heading = HEADING)]
    infer_ports: Option<InferPorts>,

    /// Replace names in texts that a cluster refuses
    #[arg(long, help_heading = HEADING)]
    rewrite_names: bool,

    /// auto (default), declared, http
    #[arg(long, value_name = "WHICH", value_parser = probes(), help_heading = HEADING)]
    probes: Option<Probes>,

    /// wait (default), none
    #[arg(long, value_name = "HOW", value_parser = depends_on(), help_heading = HEADING)]
    depends_on: Option<DependsOn>,

    /// Image of containers that wait for others
    #[arg(long, value_name = "IMAGE", help_heading = HEADING)]
    wait_image: Option<String>,

    /// Of a limit alone: quarter (default), limit, zero
    #[arg(long, value_name = "HOW", value_parser = requests(), help_heading = HEADING)]
    requests: Option<Requests>,

    /// privileged (default), baseline, restricted
    #[arg(long, value_name = "LEVEL", value_parser = pod_security(), help_heading = HEADING)]
    pod_security: Option<PodSecurity>,

    /// Limit how many copies a drain of nodes may stop
    #[arg(long, help_heading = HEADING)]
    pdb: bool,

    /// inline (default), reference, sealed-secrets, …
    #[arg(long, value_name = "HOW", value_parser = secrets(), help_heading = HEADING)]
    secrets: Option<kubernetes::Secrets>,

    /// Certificate of the controller that opens them
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = HEADING)]
    sealing_cert: Option<String>,

    /// Binds: auto (default), config, host, omit, …
    #[arg(long, value_name = "HOW", value_parser = bind_policy(), help_heading = HEADING)]
    bind_policy: Option<String>,

    /// Size of volumes that say none (1Gi)
    #[arg(long, value_name = "SIZE", help_heading = HEADING)]
    pvc_request_size: Option<String>,

    /// Resource that stands for a GPU
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    gpu_resource: Option<String>,

    /// Label that stays one, repeatable; also `team/*`
    #[arg(long, value_name = "KEY", help_heading = HEADING)]
    label_allow: Vec<String>,

    /// What the cluster has switched on, repeatable
    #[arg(long, value_name = "NAME", value_parser = feature(), help_heading = HEADING)]
    feature: Vec<Feature>,

    /// Templates for further objects and files
    #[arg(long, value_name = "DIR", help_heading = HEADING, value_hint = clap::ValueHint::DirPath)]
    pub(crate) templates: Option<String>,

    /// Write the Namespace too
    #[arg(long, help_heading = HEADING)]
    create_namespace: bool,
}

/// Heading of these flags in the help.
pub(crate) const HEADING: &str = "Mapping";

/// Why a chart takes no encrypted files (N93).
const NO_SOPS: &str = "helm does not read what `sops` encrypts, and a template would break its signature: a chart takes \
                       `--secrets sealed-secrets`, `external-secrets` or `reference`";

/// Flags that Swarm can act on (S).
const SWARM: &[&str] = &["bind-policy", "gpu-resource", "image", "registry", "secrets", "tag"];

impl Mapping {
    /// Refuses flags that none of the targets can act on. `namespace` is a flag, or somebody else names it.
    ///
    /// # Errors
    /// The first such flag.
    pub(crate) fn check(
        &self,
        matches: &ArgMatches,
        targets: &[Target],
        namespace: bool,
        names_namespace: bool,
    ) -> Result<(), UsageError> {
        let kubernetes = targets.iter().any(|target| target.has_objects());
        let refused = given(matches).into_iter().find(|flag| !kubernetes && !SWARM.contains(&flag.as_str()));
        if let Some(flag) = refused {
            return Err(UsageError::new(format!("`--{flag}` means nothing for swarm")));
        }
        if namespace && !kubernetes {
            return Err(UsageError::new("`--namespace` means nothing for swarm"));
        }
        if self.create_namespace && !names_namespace {
            return Err(UsageError::new("`--create-namespace` needs `--namespace NAME`"));
        }
        if self.create_namespace && targets.contains(&Target::Helm) {
            return Err(UsageError::new(
                "`--create-namespace` means nothing for helm: `helm install --create-namespace` makes it",
            ));
        }
        let is_swarms = self
            .secrets
            .is_none_or(|how| matches!(how, kubernetes::Secrets::Inline | kubernetes::Secrets::Reference));
        if !kubernetes && !is_swarms {
            return Err(UsageError::new("swarm knows `--secrets inline` and `reference` only"));
        }
        if targets.contains(&Target::Helm) && self.secrets == Some(kubernetes::Secrets::Sops) {
            return Err(UsageError::new(NO_SOPS));
        }
        if self.sealing_cert.is_some() && self.secrets != Some(kubernetes::Secrets::SealedSecrets) {
            return Err(UsageError::new("`--sealing-cert` belongs to `--secrets sealed-secrets`"));
        }
        Ok(())
    }

    /// Lays flags that settings give under these: of a list that is written nothing is added, but images are one a service.
    pub(crate) fn over(self, below: Self) -> Self {
        let Self {
            kube_version,
            mut image,
            registry,
            tag,
            qualify_images,
            expose,
            network_policies,
            infer_ports,
            rewrite_names,
            probes,
            depends_on,
            wait_image,
            requests,
            pod_security,
            pdb,
            secrets,
            sealing_cert,
            bind_policy,
            pvc_request_size,
            gpu_resource,
            label_allow,
            feature,
            templates,
            create_namespace,
        } = below;
        let list = |own: Vec<_>, below| if own.is_empty() { below } else { own };
        let secrets = self.secrets.or(secrets);
        let seals = secrets == Some(kubernetes::Secrets::SealedSecrets);
        // Of two images of a service the later counts.
        image.extend(self.image);
        Self {
            kube_version: self.kube_version.or(kube_version),
            image,
            registry: self.registry.or(registry),
            tag: self.tag.or(tag),
            qualify_images: self.qualify_images || qualify_images,
            expose: self.expose.or(expose),
            network_policies: self.network_policies.or(network_policies),
            infer_ports: self.infer_ports.or(infer_ports),
            rewrite_names: self.rewrite_names || rewrite_names,
            probes: self.probes.or(probes),
            depends_on: self.depends_on.or(depends_on),
            wait_image: self.wait_image.or(wait_image),
            requests: self.requests.or(requests),
            pod_security: self.pod_security.or(pod_security),
            pdb: self.pdb || pdb,
            secrets,
            sealing_cert: self.sealing_cert.or(sealing_cert.filter(|_| seals)),
            bind_policy: self.bind_policy.or(bind_policy),
            pvc_request_size: self.pvc_request_size.or(pvc_request_size),
            gpu_resource: self.gpu_resource.or(gpu_resource),
            label_allow: list(self.label_allow, label_allow),
            feature: if self.feature.is_empty() { feature } else { self.feature },
            templates: self.templates.or(templates),
            create_namespace: self.create_namespace || create_namespace,
        }
    }

    /// Forgets a wish for a Namespace of which nobody says the name.
    pub(crate) fn without_namespace(&mut self) {
        self.create_namespace = false;
    }

    /// Takes `--create-namespace` out: a live command makes the namespace itself, beside the objects (A61).
    #[cfg(feature = "cluster")]
    pub(crate) fn take_create_namespace(&mut self) -> bool {
        std::mem::take(&mut self.create_namespace)
    }

    /// Takes kompose's `--generate-network-policies`, unless our own flag says otherwise.
    pub(crate) fn write_all_policies(&mut self) {
        self.network_policies.get_or_insert(NetworkPolicies::Always);
    }

    /// Returns the options of the Kubernetes target.
    pub(crate) fn kubernetes(&self, namespace: Option<&str>, wishes: &Wishes) -> kubernetes::Options {
        let given = self.clone();
        let default = kubernetes::Options::default();
        let permits = [
            ("device-hostpath", Permit::DeviceHostPath),
            ("host-port", Permit::HostPort),
            ("unsafe-sysctls", Permit::UnsafeSysctls),
        ];
        kubernetes::Options {
            namespace: namespace.map(ToOwned::to_owned),
            create_namespace: given.create_namespace,
            kube_version: given.kube_version.unwrap_or(default.kube_version),
            images: given.image.into_iter().collect(),
            registry: given.registry,
            tag: given.tag.unwrap_or(default.tag),
            qualify_images: given.qualify_images,
            features: given.feature.into_iter().collect(),
            permits: permits.into_iter().filter(|(name, _)| wishes.permits(name)).map(|(_, it)| it).collect(),
            expose: given.expose,
            network_policies: given.network_policies.unwrap_or(default.network_policies),
            infer_ports: given.infer_ports,
            rewrite_names: given.rewrite_names,
            depends_on: given.depends_on.unwrap_or(default.depends_on),
            wait_image: given.wait_image,
            probes: given.probes.unwrap_or(default.probes),
            requests: given.requests.unwrap_or(default.requests),
            pdb: given.pdb,
            gpu_resource: given.gpu_resource,
            label_allow: given.label_allow,
            pod_security: given.pod_security,
            secrets: given.secrets.unwrap_or(default.secrets),
            pvc_request_size: given.pvc_request_size,
        }
    }

    /// Adds the flags that stand for hints (N86). Their texts become sources, so that messages can point at them.
    pub(crate) fn add_hints(&self, outside: &mut Outside, sources: &mut Sources) {
        match self.bind_policy.as_deref() {
            Some("error") => outside.binds_need_hints = true,
            Some(mode) => {
                let id = sources.add("--bind-policy", mode);
                let span = Span::new(id, 0, u32::try_from(mode.len()).unwrap_or(0));
                let entry = Entry { key: span, node: Node::text(span, mode) };
                outside.flags.insert("bind".to_owned(), entry);
            }
            None => {}
        }
    }

    /// Returns how Secrets are sealed before they are written, where they are.
    pub(crate) fn sealing(&self) -> Option<Sealing> {
        match self.secrets? {
            kubernetes::Secrets::SealedSecrets => {
                Some(Sealing::SealedSecrets { certificate: self.sealing_cert.clone() })
            }
            kubernetes::Secrets::Sops => Some(Sealing::Sops),
            kubernetes::Secrets::Inline
            | kubernetes::Secrets::Reference
            | kubernetes::Secrets::ExternalSecrets => None,
        }
    }

    /// Returns the options of the Swarm target.
    pub(crate) fn swarm(&self, place: swarm::StackPlace) -> swarm::Options {
        let given = self.clone();
        swarm::Options {
            images: given.image.into_iter().collect(),
            registry: given.registry,
            tag: given.tag,
            // The other ways are ways of Kubernetes; of both targets at once, Swarm writes what it can.
            secrets: match given.secrets {
                Some(kubernetes::Secrets::Reference) => swarm::Secrets::Reference,
                _ => swarm::Secrets::Inline,
            },
            gpu_resource: given.gpu_resource,
            bind_policy: match given.bind_policy.as_deref() {
                Some("host") => swarm::BindPolicy::Host,
                _ => swarm::BindPolicy::Auto,
            },
            place,
        }
    }
}

/// Says why a target cannot act on a flag with this value; `None` where it can.
pub(crate) fn cannot(target: Target, flag: &str, value: &str) -> Option<String> {
    let name = target.name();
    let is_swarms = SWARM.contains(&flag) || !is_mapping(flag);
    let reason = match (target, flag, value) {
        (Target::Swarm, "secrets", "inline" | "reference") => return None,
        (_, "secrets", how) => return sealing_word(target, how),
        (Target::Swarm, _, _) if !is_swarms => format!("means nothing for {name}"),
        (Target::Helm, "create-namespace", _) => {
            "means nothing for helm: `helm install --create-namespace` makes it".to_owned()
        }
        (Target::Helm | Target::Kustomize, "format", "json") => format!("`json` means nothing for {name}"),
        _ => return None,
    };
    Some(reason)
}

fn is_mapping(flag: &str) -> bool {
    let command = <Mapping as Args>::augment_args(clap::Command::new("mapping"));
    flag == "namespace" || command.get_arguments().any(|argument| argument.get_long() == Some(flag))
}

/// Says why a target does not know a way to keep Secrets.
fn sealing_word(target: Target, how: &str) -> Option<String> {
    let name = target.name();
    let knows = match target {
        Target::Kubernetes | Target::Kustomize => true,
        Target::Helm => how != "sops",
        Target::Swarm => matches!(how, "inline" | "reference"),
    };
    (!knows).then(|| format!("`{how}` means nothing for {name}"))
}

/// Lists the mapping flags that were written, without the dashes.
fn given(matches: &ArgMatches) -> Vec<String> {
    let command = <Mapping as Args>::augment_args(clap::Command::new("mapping"));
    let written = command.get_arguments().filter(|argument| {
        matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine)
    });
    written.filter_map(|argument| argument.get_long().map(ToOwned::to_owned)).collect()
}

/// Reads `--to`.
pub(crate) fn targets() -> impl TypedValueParser<Value = Target> {
    let built = Target::ALL.iter().flat_map(|target| {
        let names = target.words().iter().enumerate();
        names.map(|(number, word)| PossibleValue::new(*word).hide(number > 0))
    });
    PossibleValuesParser::new(built).map(|word| {
        let found = Target::ALL.iter().find(|target| target.words().contains(&word.as_str()));
        found.copied().unwrap_or(Target::Kubernetes)
    })
}

/// Reads one of some words.
fn words<T: Copy + Send + Sync + 'static>(
    known: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(known.iter().map(|(word, _)| *word)).map(move |word| {
        known.iter().find(|(known, _)| *known == word).map_or(known[0].1, |(_, value)| *value)
    })
}

fn expose() -> impl TypedValueParser<Value = Expose> {
    words(&[
        ("loadbalancer", Expose::LoadBalancer),
        ("nodeport", Expose::NodePort),
        ("clusterip", Expose::ClusterIp),
        ("headless", Expose::Headless),
        ("ingress", Expose::Ingress),
        ("gateway", Expose::Gateway),
        ("none", Expose::None),
    ])
}

fn network_policies() -> impl TypedValueParser<Value = NetworkPolicies> {
    words(&[
        ("auto", NetworkPolicies::Auto),
        ("always", NetworkPolicies::Always),
        ("never", NetworkPolicies::Never),
    ])
}

fn infer_ports() -> impl TypedValueParser<Value = InferPorts> {
    words(&[("all", InferPorts::All), ("declared", InferPorts::Declared)])
}

fn probes() -> impl TypedValueParser<Value = Probes> {
    words(&[("auto", Probes::Auto), ("declared", Probes::Declared), ("http", Probes::Http)])
}

fn depends_on() -> impl TypedValueParser<Value = DependsOn> {
    words(&[("wait", DependsOn::Wait), ("none", DependsOn::None)])
}

fn requests() -> impl TypedValueParser<Value = Requests> {
    words(&[("quarter", Requests::Quarter), ("limit", Requests::Limit), ("zero", Requests::Zero)])
}

fn bind_policy() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(["auto", "config", "secret", "volume", "host", "omit", "error"])
}

fn pod_security() -> impl TypedValueParser<Value = PodSecurity> {
    words(&[
        ("privileged", PodSecurity::Privileged),
        ("baseline", PodSecurity::Baseline),
        ("restricted", PodSecurity::Restricted),
    ])
}

fn secrets() -> impl TypedValueParser<Value = kubernetes::Secrets> {
    words(&[
        ("inline", kubernetes::Secrets::Inline),
        ("reference", kubernetes::Secrets::Reference),
        ("external-secrets", kubernetes::Secrets::ExternalSecrets),
        ("sealed-secrets", kubernetes::Secrets::SealedSecrets),
        ("sops", kubernetes::Secrets::Sops),
    ])
}

fn feature() -> impl TypedValueParser<Value = Feature> {
    words(&[
        ("container-stop-signals", Feature::ContainerStopSignals),
        ("image-volume", Feature::ImageVolume),
    ])
}

fn kube_version(text: &str) -> Result<KubeVersion, String> {
    KubeVersion::parse(text).ok_or_else(|| "1.29 or newer is meant, such as 1.31".to_owned())
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((service, image)) if !service.is_empty() && !image.is_empty() => {
            Ok((service.into(), image.into()))
        }
        _ => Err("SERVICE=IMAGE is meant".to_owned()),
    }
}
