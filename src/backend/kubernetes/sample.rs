//! Hand-made projects for the unit tests of this room: services with nothing written but what the test is about.

use std::collections::BTreeMap;

use super::options::Options;
use super::plan::Plan;
use super::{Kubernetes, legal};
use crate::backend::{Artefacts, Backend};
use crate::diag::{Diagnostic, Sink, Sources, Span, Spanned};
use crate::model::{
    Attachment, Bind, BindDecision, BindPath, Dns, File, HostIp, Identity, Image, Kernel, Kind, Lifecycle,
    Mount, MountHints, MountSource, NameSource, Network, NetworkHints, NetworkMode, NetworkName, Networking,
    Placement, PortHints, PortMode, Process, Project, ProjectHints, ProjectName, Protocol, Published,
    PublishedPort, Reach, Resources, Restart, Scale, Security, Service, ServiceName, TargetOnly,
};

/// The place of everything.
pub(crate) fn span() -> Span {
    Span::new(crate::diag::SourceId(0), 0, 1)
}

/// Gives a value that place.
pub(crate) fn at<T>(value: T) -> Spanned<T> {
    Spanned::new(value, span())
}

/// A service on the default network that says nothing but its image.
pub(crate) fn service() -> Service {
    Service {
        span: span(),
        selected: true,
        image: Image { reference: Some(at("example/app:1".to_owned())), ..Image::default() },
        process: Process::default(),
        lifecycle: Lifecycle {
            kind: Kind::Service,
            restart: Restart::default(),
            stop_signal: None,
            grace: None,
            pre_start: Vec::new(),
            post_start: Vec::new(),
            pre_stop: Vec::new(),
        },
        health: crate::model::Health::Unknown,
        scale: Scale::default(),
        update: None,
        rollback: None,
        placement: Placement::default(),
        resources: Resources::default(),
        security: Security::default(),
        kernel: Kernel::default(),
        depends: Vec::new(),
        identity: Identity::default(),
        ports: Published::default(),
        network: Networking {
            mode: on_networks(["default"]),
            aliases: Vec::new(),
            links: Vec::new(),
            external_links: Vec::new(),
            extra_hosts: Vec::new(),
            dns: Dns::default(),
            mac_address: None,
        },
        mounts: Vec::new(),
        configs: Vec::new(),
        secrets: Vec::new(),
        reach: Reach::default(),
        hints: Box::default(),
        target_only: TargetOnly::default(),
    }
}

/// Attached to these networks.
pub(crate) fn on_networks<'n>(names: impl IntoIterator<Item = &'n str>) -> NetworkMode {
    let attachment = || Attachment {
        span: span(),
        written: false,
        addresses: Vec::new(),
        mac_address: None,
        driver_options: BTreeMap::new(),
        other: Vec::new(),
    };
    NetworkMode::Networks(names.into_iter().map(|name| (NetworkName::new(name), attachment())).collect())
}

/// An entry `published:target` of `ports`.
pub(crate) fn port(published: Option<u16>, target: u16, protocol: Protocol) -> PublishedPort {
    PublishedPort {
        span: span(),
        target: at(target),
        published: published.map(|number| at((number, number))),
        host_ip: HostIp::Any,
        protocol,
        mode: PortMode::Ingress,
        name: None,
        app_protocol: None,
        hints: PortHints::default(),
    }
}

/// A mount at a place.
pub(crate) fn mount(target: &str, source: MountSource) -> Mount {
    Mount {
        span: span(),
        target: at(target.to_owned()),
        read_only: None,
        source,
        consistency: None,
        keeps_data: false,
        from_service: None,
        hints: MountHints::default(),
    }
}

/// A bind mount of a path in the project.
pub(crate) fn bind(path: &str, decision: BindDecision) -> Bind {
    Bind {
        source: at(format!("/project/{path}")),
        path: BindPath::Project(path.to_owned()),
        propagation: None,
        recursive: None,
        selinux: None,
        create_host_path: Some(true),
        decision,
        sensitive: false,
        skipped: Vec::new(),
    }
}

/// A file of the project.
pub(crate) fn file(path: &str, content: &str) -> File {
    File { path: path.to_owned(), bytes: content.as_bytes().into(), executable: false, source: None }
}

/// A network of the project's own with nothing written.
pub(crate) fn network(name: &str) -> Network {
    Network {
        span: Some(span()),
        name: format!("shop_{name}"),
        written_name: None,
        external: None,
        internal: None,
        attachable: None,
        driver: None,
        driver_options: BTreeMap::new(),
        enable_ipv4: None,
        enable_ipv6: None,
        ipam_driver: None,
        pools: Vec::new(),
        ipam_options: BTreeMap::new(),
        labels: BTreeMap::new(),
        hints: NetworkHints::default(),
    }
}

/// The project `shop` with these services, and the networks they name.
pub(crate) fn project<'n>(services: impl IntoIterator<Item = (&'n str, Service)>) -> Project {
    let services: BTreeMap<ServiceName, Service> =
        services.into_iter().map(|(name, service)| (ServiceName::new(name), service)).collect();
    let mut networks = BTreeMap::new();
    for service in services.values() {
        if let NetworkMode::Networks(attached) = &service.network.mode {
            networks.extend(attached.keys().map(|name| (name.clone(), network(name.as_str()))));
        }
    }
    Project {
        name: ProjectName::new("shop"),
        name_source: NameSource::Written,
        services,
        inactive: Vec::new(),
        networks,
        volumes: BTreeMap::new(),
        configs: BTreeMap::new(),
        secrets: BTreeMap::new(),
        groups: Vec::new(),
        hints: ProjectHints::default(),
    }
}

/// Runs a function on the plan of a project, and returns the codes that the function gave besides.
pub(crate) fn with_plan<T>(
    project: &Project,
    run: impl FnOnce(&Plan<'_>, &mut Sink) -> T,
) -> (T, Vec<&'static str>) {
    let (options, sources) = (Options::default(), Sources::default());
    let plan = Plan::new(project, &options, &sources, &mut Sink::default());
    let mut sink = Sink::default();
    let value = run(&plan, &mut sink);
    (value, sink.diagnostics().iter().map(|found| found.code.name()).collect())
}

/// What became of a project.
pub(crate) struct Rendered {
    artefacts: Artefacts,
    /// What was reported, in order.
    pub(crate) found: Vec<Diagnostic>,
}

impl Rendered {
    /// Returns `Kind name` of all objects in order.
    pub(crate) fn objects(&self) -> Vec<String> {
        self.artefacts
            .documents
            .iter()
            .map(|document| format!("{} {}", document.kind, document.name))
            .collect()
    }

    /// Returns one object.
    pub(crate) fn object(&self, kind: &str, name: &str) -> &serde_json::Value {
        let found = self.artefacts.documents.iter().find(|found| found.kind == kind && found.name == name);
        &found.unwrap_or_else(|| panic!("{kind} {name} among {:?}", self.objects())).tree
    }

    /// Returns the codes that were reported, in order.
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        self.found.iter().map(|found| found.code.name()).collect()
    }

    /// Returns the first finding of a code.
    pub(crate) fn finding(&self, code: &str) -> &Diagnostic {
        let found = self.found.iter().find(|found| found.code.name() == code);
        found.unwrap_or_else(|| panic!("{code} among {:?}", self.codes()))
    }
}

/// Renders with the default options.
pub(crate) fn render(project: &Project) -> Rendered {
    render_with(project, Options::default())
}

/// Renders with these options.
pub(crate) fn render_with(project: &Project, options: Options) -> Rendered {
    let mut sources = Sources::default();
    sources.add("compose.yaml", "services: {}\n");
    let mut sink = Sink::default();
    let artefacts = Kubernetes { options }.render(project, &sources, &mut sink);
    let is_refused = sink.has_errors();
    let rendered = Rendered { artefacts, found: sink.into_diagnostics() };
    if !is_refused {
        let objects: Vec<_> =
            rendered.artefacts.documents.iter().map(|document| document.tree.clone()).collect();
        let external =
            ["volume-external", "secret-external"].iter().any(|code| rendered.codes().contains(code));
        // Another run may have made a Job that a service asked for alone waits for.
        assert_eq!(legal::faults(&objects, &|kind, _| external || kind == "Job"), Vec::<String>::new());
    }
    rendered
}
