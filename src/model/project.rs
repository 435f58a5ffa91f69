//! The whole project.

use std::collections::BTreeMap;

use super::{
    Config, ConfigName, Content, Network, NetworkName, ProjectHints, ProjectName, Secret, SecretName,
    Service, ServiceName, Volume, VolumeName,
};

/// Where a project's name comes from; one that nobody wrote depends on the checkout (C5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameSource {
    /// `-p`, `COMPOSE_PROJECT_NAME` or `name:`.
    Written,
    /// The directory's base name.
    Directory,
}

/// A project: its active services and what they use.
#[derive(Clone, Debug)]
pub struct Project {
    /// The name.
    pub name: ProjectName,
    /// Where the name comes from.
    pub name_source: NameSource,
    /// Active services. Backends compute over all of them and write those with [`Service::selected`] (L1).
    pub services: BTreeMap<ServiceName, Service>,
    /// Services that no active profile enables: names only (K103).
    pub inactive: Vec<ServiceName>,
    /// Networks that an active service uses.
    pub networks: BTreeMap<NetworkName, Network>,
    /// Volumes that an active service uses.
    pub volumes: BTreeMap<VolumeName, Volume>,
    /// Configs that an active service uses.
    pub configs: BTreeMap<ConfigName, Config>,
    /// Secrets that an active service uses.
    pub secrets: BTreeMap<SecretName, Secret>,
    /// Services joined into one pod (K90), owner first by name.
    pub groups: Vec<PodGroup>,
    /// Top-level `x-rcompose`.
    pub hints: ProjectHints,
}

impl Project {
    /// Returns what the objects of this project are told apart by: the hint `instance`, or the name (N10, A13).
    #[must_use]
    pub fn instance(&self) -> &str {
        self.hints.instance.as_ref().map_or(self.name.as_str(), |instance| instance.value.as_str())
    }

    /// Returns what it holds as secret, as far as it is text: its secrets, and configs with the hint that they are.
    #[must_use]
    pub fn secret_texts(&self) -> Vec<&str> {
        let is_secret = |config: &&Config| config.hints.sensitive.as_ref().is_some_and(|hint| hint.value);
        let configs = self.configs.values().filter(is_secret).map(|config| &config.content);
        let contents = self.secrets.values().map(|secret| &secret.content).chain(configs);
        let bytes = contents.filter_map(|content| match content {
            Content::File { file, .. } => Some(&file.bytes[..]),
            Content::Inline(text) => Some(&text.value[..]),
            Content::Environment { value, .. } => Some(&value[..]),
            Content::External(_)
            | Content::Driver(_)
            | Content::Directory { .. }
            | Content::TooLarge { .. }
            | Content::Missing { .. } => None,
        });
        bytes.filter_map(|bytes| std::str::from_utf8(bytes).ok()).collect()
    }
}

/// Services that share a namespace and so must run side by side (K90).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodGroup {
    /// Gives name, labels, kind and replicas.
    pub owner: ServiceName,
    /// All members, the owner among them, in start order.
    pub members: Vec<ServiceName>,
}
