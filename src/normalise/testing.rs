//! Small models for tests of this room.

use crate::diag::{SourceId, Span, Spanned};
use crate::model::{
    Dns, Environment, EnvironmentValue, Health, Identity, Image, Kernel, Kind, Lifecycle, NameSource,
    NetworkMode, Networking, Placement, Process, Project, ProjectHints, ProjectName, Published, Reach,
    Resources, Restart, Scale, Security, Service, ServiceName, TargetOnly, Words,
};

/// A place that says nothing.
pub(super) const NOWHERE: Span = Span::new(SourceId(0), 0, 0);

/// Puts a value at that place.
pub(super) fn at<T>(value: T) -> Spanned<T> {
    Spanned::new(value, NOWHERE)
}

/// Words that the author wrote.
pub(super) fn words(words: &[&str]) -> Words {
    Words::Words(at(words.iter().map(|word| (*word).to_owned()).collect()))
}

/// Variables with these values.
pub(super) fn environment(values: &[(&str, &str)]) -> Environment {
    let literal = |value: &str| EnvironmentValue::Literal { value: at(value.to_owned()), sensitive: false };
    values.iter().map(|(name, value)| ((*name).to_owned(), literal(value))).collect()
}

/// A service of which only the image is written.
pub(super) fn service(image: &str) -> Service {
    Service {
        span: NOWHERE,
        selected: true,
        image: Image { reference: Some(at(image.to_owned())), ..Image::default() },
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
            mode: NetworkMode::Networks(std::collections::BTreeMap::new()),
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

/// A project `shop` of these services.
pub(super) fn project(services: Vec<(&str, Service)>) -> Project {
    Project {
        name: ProjectName::new("shop"),
        name_source: NameSource::Written,
        services: services.into_iter().map(|(name, service)| (ServiceName::new(name), service)).collect(),
        inactive: Vec::new(),
        networks: std::collections::BTreeMap::new(),
        volumes: std::collections::BTreeMap::new(),
        configs: std::collections::BTreeMap::new(),
        secrets: std::collections::BTreeMap::new(),
        groups: Vec::new(),
        hints: ProjectHints::default(),
    }
}
