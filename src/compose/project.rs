//! A loaded project: everything typed, with marks for what is active and what was asked for.

use std::collections::BTreeSet;

use crate::diag::Span;
use crate::model::NameSource;
use crate::yaml::Node;

use super::environment::Environment;
use super::keys::named::{Keyed, Named};
use super::keys::service::Service;
use super::keys::top::Top;
use super::print::{Printed, PrintedValue, Printer};

/// A project as Compose spells it, after loading. Nothing is thrown away: what is off or not asked for is only marked.
#[derive(Clone, Debug)]
pub struct Project {
    /// The name.
    pub(crate) name: String,
    /// Where the name comes from.
    pub(crate) name_source: NameSource,
    /// Absolute project directory.
    pub(crate) directory: String,
    /// Variables of the project.
    pub(crate) environment: Environment,
    /// All that was written.
    pub(crate) top: Top,
    /// Services that a profile, or their name, enables (step 10).
    pub(crate) active: BTreeSet<String>,
    /// Active services that were asked for, or are needed by one (step 11).
    pub(crate) selected: BTreeSet<String>,
    /// Networks, volumes, configs, secrets and models that `config` prints.
    pub(crate) used: Used,
    /// Profiles that are on.
    pub(crate) profiles: Vec<String>,
    /// What was decoded, where the request keeps it: values in it were all written by somebody.
    pub(crate) tree: Option<Node>,
}

/// Names of top-level resources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    /// Networks.
    pub(crate) networks: BTreeSet<String>,
    /// Volumes.
    pub(crate) volumes: BTreeSet<String>,
    /// Configs.
    pub(crate) configs: BTreeSet<String>,
    /// Secrets.
    pub(crate) secrets: BTreeSet<String>,
    /// Models.
    pub(crate) models: BTreeSet<String>,
}

impl Project {
    /// Makes a project without marks.
    pub(crate) fn new(
        name: String,
        name_source: NameSource,
        directory: String,
        environment: Environment,
        top: Top,
    ) -> Self {
        Self {
            name,
            name_source,
            directory,
            environment,
            top,
            active: BTreeSet::new(),
            selected: BTreeSet::new(),
            used: Used::default(),
            profiles: Vec::new(),
            tree: None,
        }
    }

    /// Returns all services.
    pub(crate) fn services(&self) -> impl Iterator<Item = (&String, &Keyed<Service>)> {
        self.top.services.iter().flat_map(|services| &services.entries)
    }

    /// Returns one service.
    pub(crate) fn service(&self, name: &str) -> Option<&Keyed<Service>> {
        self.top.services.as_ref()?.entries.get(name)
    }

    /// Returns the active services.
    pub(crate) fn active_services(&self) -> impl Iterator<Item = (&String, &Keyed<Service>)> {
        self.services().filter(|(name, _)| self.active.contains(*name))
    }

    /// Prints what was asked for, as `docker compose config` does; `$` is not doubled yet.
    pub(crate) fn print(&self, printer: Printer) -> Printed {
        let mut top = self.top.clone();
        keep(&mut top.services, &self.selected);
        keep(&mut top.networks, &self.used.networks);
        keep(&mut top.volumes, &self.used.volumes);
        keep(&mut top.configs, &self.used.configs);
        keep(&mut top.secrets, &self.used.secrets);
        keep(&mut top.models, &self.used.models);
        let extensions = top.extensions.clone();
        let mut whole = top.print_fields(printer);
        if let PrintedValue::Fixed(entries) = &mut whole.value {
            entries.retain(|(key, _)| key != "name");
            entries.insert(
                0,
                (
                    "name".to_owned(),
                    Printed { span: self.name_span(), value: PrintedValue::Text(self.name.clone()) },
                ),
            );
            if !entries.iter().any(|(key, _)| key == "services") {
                entries.push((
                    "services".to_owned(),
                    Printed { span: None, value: PrintedValue::Named(Vec::new()) },
                ));
            }
            // Extensions of the top level are printed in every format, nested ones in YAML only.
            if !printer.yaml {
                entries
                    .extend(extensions.iter().map(|(key, entry)| (key.clone(), Printed::raw(&entry.node))));
            }
        }
        whole
    }

    fn name_span(&self) -> Option<Span> {
        self.top.name.as_ref().map(|name| name.span)
    }
}

fn keep<T>(named: &mut Option<Named<T>>, wanted: &BTreeSet<String>) {
    if let Some(named) = named {
        named.entries.retain(|name, _| wanted.contains(name));
    }
}
