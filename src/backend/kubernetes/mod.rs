//! Kubernetes: the model becomes objects that `kubectl`, Helm, kustomize and live apply start from.
//!
//! One file per kind, and one per part of a pod. Pure: no I/O, no printing, no network.

mod account;
mod alias;
mod autoscaler;
pub mod codes;
mod content;
mod cron_job;
mod daemon_set;
mod deployment;
mod disruption;
mod dns;
mod exposure;
mod hinted;
mod image_name;
mod job;
mod kind;
mod label_syntax;
mod labels;
pub mod legal;
mod membership;
mod metadata;
mod names;
mod network_policy;
mod networks;
mod object;
mod options;
mod order;
mod patches;
mod plan;
mod pod;
mod ports;
mod problem;
mod publish;
mod publish_hints;
mod quantity;
mod restart;
mod rewrite;
mod routes;
#[cfg(test)]
mod sample;
mod seconds;
mod service;
mod shape;
mod stateful_set;
mod storage;
mod strategy;
#[cfg(test)]
mod testing;
mod texts;
mod user_labels;
mod workload;
#[cfg(test)]
mod workload_tests;

pub use options::{
    DependsOn, Expose, Feature, InferPorts, KubeVersion, NetworkPolicies, Options, Permit, PodSecurity,
    Probes, Requests, Secrets,
};

#[cfg(feature = "cluster")]
pub(crate) use {names::label as label_name, names::label_value, quantity::in_bytes};

use crate::backend::{Artefacts, Backend};
use crate::diag::{Sink, Sources};
use crate::model::Project;
use plan::Plan;
use pod::waits;

/// The Kubernetes target.
#[derive(Clone, Debug, Default)]
pub struct Kubernetes {
    /// What the user chose.
    pub options: Options,
}

impl Backend for Kubernetes {
    fn target(&self) -> &'static str {
        problem::TARGET
    }

    fn render(&self, project: &Project, sources: &Sources, sink: &mut Sink) -> Artefacts {
        let hinted = hinted::apply(project, sink);
        let project = hinted.as_ref();
        let options = options::hinted(&self.options, project);
        let rewritten = rewrite::project(project, &options, sink);
        let project = rewritten.as_ref().unwrap_or(project);
        let plan = Plan::new(project, &options, sources, sink);
        hinted::report_idle(&plan, sink);
        networks::report(&plan, sink);
        let mut objects = service::services(&plan, &waits::waited_by_name(&plan), sink);
        objects.extend(routes::objects(&plan, sink));
        objects.extend(network_policy::policies(&plan, &waits::pods_that_wait_for_jobs(&plan), sink));
        let mut contents = content::of_project(&plan, sink);
        objects.append(&mut contents.objects);
        objects.extend(storage::objects(&plan, sink));
        objects.extend(workload::workloads(&plan, &contents, sink));
        objects.extend(metadata::namespace(&plan));
        patches::apply(&plan, &mut objects, sink);
        metadata::check_annotations(&objects, sink);
        Artefacts {
            headline: format!("project {} for Kubernetes", project.name),
            documents: order::documents(&plan, objects),
            files: Vec::new(),
            needs_directory: self.options.secrets.needs_directory().map(ToOwned::to_owned),
            words: None,
            closing: Vec::new(),
        }
    }
}
