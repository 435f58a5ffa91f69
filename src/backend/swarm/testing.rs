//! Hand-made projects for the unit tests of this target.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::options::{Options, StackPlace};
use super::{Swarm, legal};
use crate::backend::{Artefacts, Backend};
use crate::diag::{Diagnostic, Sink, SourceId, Sources, Span, Spanned};
use crate::model::{
    Attachment, Dns, File, Health, Identity, Image, Kernel, Kind, Lifecycle, NameSource, Network,
    NetworkHints, NetworkMode, NetworkName, Networking, Placement, Process, Project, ProjectHints,
    ProjectName, Published, Reach, Resources, Restart, Scale, Security, Service, ServiceName, TargetOnly,
};

/// A place that no two values share.
pub(crate) fn span() -> Span {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = NEXT.fetch_add(1, Ordering::Relaxed);
    Span::new(SourceId(0), start, start + 1)
}

/// A value with a place.
pub(crate) fn at<T>(value: T) -> Spanned<T> {
    Spanned::new(value, span())
}

/// A text with a place.
pub(crate) fn text(value: &str) -> Spanned<String> {
    at(value.to_owned())
}

/// A file of the project.
pub(crate) fn file(path: &str, content: &str) -> File {
    File { path: path.to_owned(), bytes: Arc::from(content.as_bytes()), executable: false, source: None }
}

/// The place of a service on one network, without settings.
pub(crate) fn attachment() -> Attachment {
    Attachment {
        span: span(),
        written: true,
        addresses: Vec::new(),
        mac_address: None,
        driver_options: BTreeMap::new(),
        other: Vec::new(),
    }
}

/// A service on the default network that runs `image: demo`.
pub(crate) fn service() -> Service {
    Service {
        span: span(),
        selected: true,
        image: Image { reference: Some(text("demo")), ..Image::default() },
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
        health: Health::default(),
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
            mode: NetworkMode::Networks(
                [(NetworkName::new("default"), Attachment { written: false, ..attachment() })].into(),
            ),
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

/// A network without settings.
pub(crate) fn network(project: &str, name: &str) -> Network {
    Network {
        span: Some(span()),
        name: format!("{project}_{name}"),
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

/// A project named `demo` of these services.
pub(crate) fn project(services: Vec<(&str, Service)>) -> Project {
    Project {
        name: ProjectName::new("demo"),
        name_source: NameSource::Written,
        services: services.into_iter().map(|(name, service)| (ServiceName::new(name), service)).collect(),
        inactive: Vec::new(),
        networks: [(NetworkName::new("default"), network("demo", "default"))].into(),
        volumes: BTreeMap::new(),
        configs: BTreeMap::new(),
        secrets: BTreeMap::new(),
        groups: Vec::new(),
        hints: ProjectHints::default(),
    }
}

/// What becomes of a project.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// The result.
    pub(crate) artefacts: Artefacts,
    /// All findings.
    pub(crate) findings: Vec<Diagnostic>,
}

impl Rendered {
    /// The stack file as the docker CLI reads it.
    pub(crate) fn stack(&self) -> &Value {
        &self.artefacts.documents[0].tree
    }

    /// A service of the stack file.
    pub(crate) fn service(&self, name: &str) -> &Value {
        &self.stack()["services"][name]
    }

    /// The codes of all findings but the small notes.
    pub(crate) fn codes(&self) -> Vec<&str> {
        self.findings
            .iter()
            .map(|finding| finding.code.name())
            .filter(|code| *code != "already-default")
            .collect()
    }
}

/// Renders with options, and checks that the result is legal.
pub(crate) fn render_with(project: &Project, options: Options) -> Rendered {
    let mut sources = Sources::default();
    sources.add("compose.yaml", "x".repeat(100_000));
    let mut sink = Sink::default();
    let artefacts = Swarm { options }.render(project, &sources, &mut sink);
    if !sink.has_errors() {
        let tree = &artefacts.documents[0].tree;
        assert_eq!(legal::breaches_with_data(project.name.as_str(), tree, &artefacts.files), []);
    }
    Rendered { artefacts, findings: sink.into_diagnostics() }
}

/// Renders as for `-o DIR/`.
pub(crate) fn render(project: &Project) -> Rendered {
    let place = StackPlace::Directory { to_project: "..".to_owned() };
    render_with(project, Options { place, ..Options::default() })
}

/// Renders one service called `web`; returns its part of the stack file, and the codes.
pub(crate) fn render_one(service: Service) -> (Value, Vec<String>) {
    let rendered = render(&project(vec![("web", service)]));
    (rendered.service("web").clone(), rendered.codes().into_iter().map(str::to_owned).collect())
}
