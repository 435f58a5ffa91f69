//! Swarm: the model becomes one stack file for `docker stack deploy`, with the data of its configs and secrets.
//!
//! One file per concept. Pure: no I/O, no printing, no network. What is written is checked by [`legal`] before it is handed
//! on: the CLI says little, and a daemon that refuses a service leaves half a stack behind.

mod aliases;
mod attachments;
mod binds;
pub mod codes;
mod data;
mod depends;
mod deploy;
mod dollar;
mod draft;
mod environment;
mod gpus;
mod grants;
mod health;
mod hints;
mod hooks;
mod identity;
mod image;
mod kernel;
mod legal;
mod mounts;
mod names;
mod networks;
mod options;
mod order;
mod part;
mod paths;
mod placement;
mod plan;
mod ports;
mod process;
mod quantities;
mod report;
mod resources;
mod restart;
mod security;
mod service;
mod template;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod version;
mod volumes;

use std::collections::BTreeSet;

use serde_json::Value;

pub use legal::{Breach, breaches};
pub use options::{BindPolicy, Options, Secrets, StackPlace};
pub use paths::between;

use crate::backend::codes::BackendCode;
use crate::backend::{Artefacts, Backend, Document};
use crate::diag::{Diagnostic, Outcome, Sink, Sources};
use crate::model::Project;
use codes::SwarmCode;
use data::Data;
use draft::{Draft, Gathered};
use part::{Object, Part};
use plan::Plan;
use report::{Report, dropped};

/// The Swarm target.
#[derive(Clone, Debug, Default)]
pub struct Swarm {
    /// What the user chose.
    pub options: Options,
}

impl Backend for Swarm {
    fn target(&self) -> &'static str {
        report::TARGET
    }

    fn render(&self, project: &Project, sources: &Sources, sink: &mut Sink) -> Artefacts {
        let errors = sink.errors();
        let mut report = Report::new(sink);
        report_providers(project, &mut report);
        let plan = Plan::new(project, &self.options, sources, &mut report);
        hints::report(&plan, &mut report);
        let mut draft = Draft {
            plan: &plan,
            report,
            data: Data::new(),
            volumes: Vec::new(),
            predefined: BTreeSet::new(),
            closed: Vec::new(),
            gathered: Gathered::default(),
        };
        let (part, data) = stack(&mut draft);
        drop(draft);
        let mut tree = part.value;
        dollar::escape_values(&mut tree);
        if sink.errors() == errors {
            report_breaches(project, &tree, &data, sink);
        }
        Artefacts {
            headline: format!("docker stack deploy -c stack.yaml {}", project.name),
            documents: vec![Document {
                file_name: "stack.yaml".to_owned(),
                kind: "Stack".to_owned(),
                name: project.name.to_string(),
                tree,
                key_rank: order::key_rank,
                octal: order::octal,
                signed: None,
                origins: part.origins,
                secret: false,
            }],
            files: data.files,
            needs_directory: data.needs_directory,
            words: None,
            closing: restart::closing(&plan),
        }
    }
}

/// Writes the whole stack: services first, since they say what else is used (S86).
fn stack(draft: &mut Draft<'_, '_>) -> (Part, data::Written) {
    let plan = draft.plan;
    let mut ports = ports::ports(plan, &mut draft.report);
    let services = Part::map(
        plan.services
            .values()
            .map(|written| (written.stack_name.clone(), service::service(written, &mut ports, draft))),
    );
    let networks = networks::networks(draft);
    let volumes = volumes::volumes(draft);
    let data = data::write(&draft.data, plan, &mut draft.report);
    report_gathered(&data, draft);
    let mut object = Object::default();
    object.put("services", services.unwrap_or_else(|| Part::by_rule(serde_json::Map::new(), "S3")));
    object.put_opt("networks", networks);
    object.put_opt("volumes", volumes);
    object.put_opt("configs", data.configs.clone());
    object.put_opt("secrets", data.secrets.clone());
    let whole = object.clone().into_part_even_if_empty();
    object.put("version", Part::by_rule(version::version(&whole.value), "S10"));
    (object.into_part_even_if_empty(), data)
}

/// Services of a provider are not of the cluster (S54, K106).
fn report_providers(project: &Project, report: &mut Report<'_>) {
    for (name, service) in &project.services {
        let Some(provider) = service.target_only.provider.as_ref().filter(|_| service.selected) else {
            continue;
        };
        report.enter(name);
        let message =
            format!("`{name}` is left out: its provider `{}` runs beside Compose", provider.kind.value);
        report.add(
            "provider",
            dropped(BackendCode::ProviderSkipped, provider.span, message)
                .help("give what it provides to the other services in `environment`"),
        );
    }
    report.leave();
}

/// Gives the messages that list several services, once each.
fn report_gathered(data: &data::Written, draft: &mut Draft<'_, '_>) {
    image::report_built(draft);
    environment::report_empty(draft);
    let gathered = std::mem::take(&mut draft.gathered);
    draft.report.once(
        SwarmCode::StackOrderDropped,
        Some(Outcome::Dropped),
        &gathered.order,
        "let programs try again until what they need is there",
        |names| format!("Swarm starts all services at once: {names}"),
    );
    draft.report.once(
        SwarmCode::StackUnhealthyReplaced,
        Some(Outcome::Approximated),
        &gathered.unhealthy,
        "give slow programs a `start_period`, and enough `retries`",
        |names| format!("unhealthy tasks are replaced: {names}"),
    );
    let mut outside = data.outside.clone();
    outside.extend(gathered.outside);
    draft.report.once(
        BackendCode::SecretInOutput,
        None,
        &outside,
        "keep the output out of Git (the .gitignore of `secrets/` does), or `--secrets reference`",
        |names| format!("values from outside the Compose files are written: {names}"),
    );
}

/// Reports what no rule has foreseen; a stack file that would be refused is not written (S11).
fn report_breaches(project: &Project, tree: &Value, data: &data::Written, sink: &mut Sink) {
    for breach in legal::breaches_with_data(project.name.as_str(), tree, &data.files) {
        sink.push(
            Diagnostic::new(
                SwarmCode::StackIllegal,
                format!("the stack file would be refused: `{}` {}", breach.path, breach.fault),
            )
            .target(report::TARGET)
            .help("this is a fault of rcompose: please report it"),
        );
    }
}
