//! All keys of a service, one row each, in the order in which `--hash` needs them.

use crate::compose::grammar::pattern;
use crate::compose::path::Path;
use crate::compose::print::{Printed, PrintedValue, Printer};
use crate::diag::{Sink, Span};
use crate::yaml::{Node, Value};

use super::access::{Configs, Secrets};
use super::build::Build;
use super::depends_on::DependsOn;
use super::deploy::Deploy;
use super::develop::Develop;
use super::devices::{Devices, Gpus};
use super::env_file::EnvFiles;
use super::extends::Extends;
use super::extra_hosts::ExtraHosts;
use super::healthcheck::Healthcheck;
use super::hooks::{Hook, PreStart};
use super::key_values::{EnvironmentValues, Labels, NULLABLE_OPTIONS, Options, StorageOptions};
use super::list::{BY_KEY, BY_TEXT, List, TextOrList, TextOrNumber, Texts, filled_list};
use super::networks::{ServiceModels, ServiceNetworks};
use super::ports::Ports;
use super::resources::BlockIo;
use super::scalar::{
    Flag, INTEGER_OR_TEXT, KeptTime, NULLABLE_TEXT, NUMBER_OR_TEXT, Number, Size, Text, Whole, scalar_text,
};
use super::shape::{Absent, Cast, Form, Merge, NameRule, PathKind, Shape, Unique};
use super::ulimits::Ulimits;
use super::volumes::Mounts;
use super::words::Command;
use super::{Key, keys};

const COUNT: &[Form] = &[Form::Text, Form::Int(0, i64::MAX)];
const PERCENT: &[Form] = &[Form::Text, Form::Int(0, 100)];
const OOM_SCORE: &[Form] = &[Form::Text, Form::Int(-1000, 1000)];
const CONTAINER_NAME: &[Form] = &[Form::Pattern(
    pattern::is_container_name,
    "a letter or digit, then letters, digits, `_`, `.` or `-`; two characters at least",
)];
const PULL_POLICY: &[Form] = &[Form::Pattern(
    pattern::is_pull_policy,
    "`always`, `never`, `build`, `if_not_present`, `missing`, `refresh`, `daily`, `weekly` or `every_<duration>`",
)];

keys! {
    /// A service as Compose spells it.
    struct Service; {
        /// Start it only when one of these is active.
        profiles: Texts [unique(BY_KEY)],
        /// Annotations of its containers.
        annotations: Labels,
        /// Show its output with `compose up`.
        attach: Flag [cast(Cast::None) kept()],
        /// How its image is built.
        build: Box<Build>,
        /// Settings for development.
        develop: Box<Develop>,
        /// Limits of block devices.
        blkio_config: Box<BlockIo>,
        /// Capabilities to add.
        cap_add: Texts [unique(BY_KEY)],
        /// Capabilities to take away.
        cap_drop: Texts [unique(BY_KEY)],
        /// Parent of its control group.
        cgroup_parent: Text,
        /// Control group namespace: `host` or `private`.
        cgroup: Text [forms(&[Form::Word(&["host", "private"])])],
        /// Number of processors that it may use (Windows).
        cpu_count: Whole [forms(COUNT)],
        /// Share of the processors in percent (Windows).
        cpu_percent: Number [forms(PERCENT)],
        /// Period of the processor quota in microseconds.
        cpu_period: Whole [forms(NUMBER_OR_TEXT)],
        /// Processor time in each period, in microseconds.
        cpu_quota: Whole [forms(NUMBER_OR_TEXT)],
        /// Period of the realtime scheduler.
        cpu_rt_period: Whole [forms(NUMBER_OR_TEXT)],
        /// Runtime of the realtime scheduler.
        cpu_rt_runtime: Whole [forms(NUMBER_OR_TEXT)],
        /// Number of processors, in parts too.
        cpus: Number,
        /// Which processors.
        cpuset: Text,
        /// Weight against other containers.
        cpu_shares: Whole [forms(NUMBER_OR_TEXT)],
        /// What is run instead of the image's command.
        command: Command [absent(Absent::Null)],
        /// Configs that it may read.
        configs: Configs,
        /// Name of its container.
        container_name: Text [forms(CONTAINER_NAME)],
        /// Account of Windows services.
        credential_spec: Box<CredentialSpec>,
        /// What must be started before it.
        depends_on: DependsOn,
        /// How it is run on a cluster.
        deploy: Box<Deploy>,
        /// Rules for device access.
        device_cgroup_rules: Texts [unique(Unique::Distinct)],
        /// Devices of the host.
        devices: Devices,
        /// Name servers.
        dns: TextOrList [merge(Merge::Sequence) unique(BY_KEY) long(filled_list)],
        /// Options of the resolver.
        dns_opt: Texts [merge(Merge::Sequence) unique(BY_KEY)],
        /// Search domains.
        dns_search: TextOrList [merge(Merge::Sequence) unique(BY_KEY) stays_short()],
        /// Domain name of its container.
        domainname: Text,
        /// What the command is an argument of.
        entrypoint: Command [absent(Absent::Null)],
        /// Somebody else runs it.
        provider: Box<Provider>,
        /// Variables of its processes.
        environment: EnvironmentValues,
        /// Files with variables.
        env_file: EnvFiles,
        /// Ports that it listens on.
        expose: List<TextOrNumber> [unique(BY_TEXT)],
        /// Service to inherit from.
        extends: Extends,
        /// Containers of other projects that it talks to.
        external_links: Texts [unique(Unique::Distinct)],
        /// Lines for its hosts file.
        extra_hosts: ExtraHosts,
        /// Further groups of its user.
        group_add: List<TextOrNumber> [unique(Unique::Distinct)],
        /// Graphics processors.
        gpus: Gpus,
        /// Name of its container on the network.
        hostname: Text,
        /// How the engine finds out whether it works.
        healthcheck: Box<Healthcheck>,
        /// Image that it runs.
        image: Text,
        /// Run a small init as first process.
        init: Flag [kept()],
        /// IPC namespace.
        ipc: Text,
        /// How its containers are isolated (Windows).
        isolation: Text,
        /// Labels of its containers.
        labels: Labels,
        /// Files with labels.
        label_file: TextOrList [merge(Merge::Sequence) path(PathKind::Absolute)],
        /// Services that it talks to under other names.
        links: Texts [unique(BY_KEY)],
        /// Where its output goes.
        logging: Box<Logging> [merge(Merge::Logging)],
        /// Memory that it may use.
        mem_limit: Size,
        /// Memory that is kept for it.
        mem_reservation: Size [forms(INTEGER_OR_TEXT)],
        /// Memory and swap that it may use.
        memswap_limit: Size,
        /// How readily it is swapped out, in percent.
        mem_swappiness: Size [forms(INTEGER_OR_TEXT)],
        /// Hardware address.
        mac_address: Text,
        /// Language models that it uses.
        models: ServiceModels,
        /// Own networks, the host's, none, or another container's.
        network_mode: Text,
        /// Networks that it stands on.
        networks: ServiceNetworks,
        /// Do not let the kernel kill it when memory runs out.
        oom_kill_disable: Flag,
        /// How readily the kernel kills it.
        oom_score_adj: Whole [forms(OOM_SCORE)],
        /// Process namespace.
        pid: Text [forms(NULLABLE_TEXT) crashes_on_null()],
        /// Number of processes.
        pids_limit: Whole [forms(NUMBER_OR_TEXT)],
        /// Platform that it runs on.
        platform: Text,
        /// Ports that it publishes.
        ports: Ports,
        /// Give it all rights.
        privileged: Flag,
        /// When its image is pulled.
        pull_policy: Text [forms(PULL_POLICY)],
        /// How old a pulled image may be.
        pull_refresh_after: Unprinted,
        /// Mount its own files read-only.
        read_only: Flag,
        /// When it is started again.
        restart: Text,
        /// Program that runs its containers.
        runtime: Text,
        /// How many containers.
        scale: Whole [kept()],
        /// Secrets that it may read.
        secrets: Secrets,
        /// Settings of kernel confinement.
        security_opt: Texts [unique(Unique::Distinct)],
        /// Size of `/dev/shm`.
        shm_size: Size,
        /// Keep its standard input open.
        stdin_open: Flag,
        /// Time between the stop signal and the kill.
        stop_grace_period: KeptTime,
        /// Signal that asks it to stop.
        stop_signal: Text,
        /// Options of the storage driver.
        storage_opt: StorageOptions,
        /// Kernel parameters.
        sysctls: Labels,
        /// Memory mounted as files.
        tmpfs: TextOrList [merge(Merge::Sequence) unique(BY_KEY) stays_short()],
        /// Give it a terminal.
        tty: Flag,
        /// Limits of its processes.
        ulimits: Ulimits,
        /// Give it the engine's socket and the user's credentials.
        use_api_socket: Flag [forms(&[Form::Bool]) cast(Cast::None)],
        /// User that it runs as.
        user: Text,
        /// User namespace.
        userns_mode: Text,
        /// Host name namespace.
        uts: Text,
        /// What is mounted.
        volumes: Mounts,
        /// Services whose mounts it gets too.
        volumes_from: Texts [unique(Unique::Distinct)],
        /// Directory that its process starts in.
        working_dir: Text,
        /// What is run after its start.
        post_start: List<Hook>,
        /// What is run before its stop.
        pre_stop: List<Hook>,
        /// What is run before its start.
        pre_start: List<PreStart>,
    }
}

keys! {
    /// Where output goes.
    struct Logging; {
        /// Name of the driver.
        driver: Text,
        /// For the driver.
        options: Options [forms(NULLABLE_OPTIONS)],
    }
}

keys! {
    /// Account of Windows services.
    struct CredentialSpec; {
        /// A config that holds it.
        config: Text,
        /// A file that holds it.
        file: Text,
        /// A registry entry that holds it.
        registry: Text,
    }
}

keys! {
    /// Who runs the service instead of Compose.
    struct Provider; {
        /// Name of the provider.
        kind as "type": Text [required()],
        /// For the provider.
        options: ProviderOptions,
    }
}

const SCALAR: Shape = Shape::of(&[Form::Text, Form::Number, Form::Bool]);
const OPTION: Shape = Shape::of(&[Form::Text, Form::Number, Form::Bool, Form::List(&SCALAR)]);

/// Options of a provider: a list of texts each.
#[derive(Clone, Debug)]
pub(crate) struct ProviderOptions {
    /// Place of the mapping.
    pub(crate) span: Span,
    /// Values by name.
    pub(crate) options: Vec<(String, Vec<Text>)>,
}

impl Key for ProviderOptions {
    const SHAPE: Shape = Shape::of(&[Form::Named(NameRule::Any, &OPTION)]);

    fn decode(node: Node, _: &Path<'_>, _: &mut Sink) -> Option<Self> {
        let span = node.span;
        let Value::Map(map) = node.value else { return None };
        let texts = |node: &Node| scalar_text(node).map(|text| Text::new(text, node.span));
        let option = |(name, entry): (String, crate::yaml::Entry)| match &entry.node.value {
            Value::List(items) => (name, items.iter().filter_map(texts).collect()),
            _ => (name, texts(&entry.node).into_iter().collect()),
        };
        Some(Self { span, options: map.into_iter().map(option).collect() })
    }

    fn print(&self, _: Printer) -> Printed {
        let option = |(name, values): &(String, Vec<Text>)| {
            (name.clone(), super::scalar::print_texts(self.span, values))
        };
        Printed::new(self.span, PrintedValue::Named(self.options.iter().map(option).collect()))
    }
}

/// Text that is kept for the model and that `config` does not print (L40).
#[derive(Clone, Debug)]
pub(crate) struct Unprinted(pub(crate) Text);

impl Key for Unprinted {
    const SHAPE: Shape = Text::SHAPE;

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        Text::decode(node, at, sink).map(Self)
    }

    fn print(&self, _: Printer) -> Printed {
        Printed::new(self.0.span, PrintedValue::Null)
    }
}
