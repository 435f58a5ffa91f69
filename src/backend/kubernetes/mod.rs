//! Kubernetes: the model becomes objects that `kubectl`, Helm, kustomize and live apply start from.
//!
//! One file per kind, and one per part of a pod. Pure: no I/O, no printing, no network.

mod alias;
pub mod codes;
mod content;
mod dns;
mod image_name;
mod kind;
mod labels;
mod membership;
mod metadata;
mod names;
mod network_policy;
mod networks;
mod object;
mod options;
mod order;
mod plan;
mod pod;
mod ports;
mod problem;
mod publish;
mod quantity;
#[cfg(test)]
mod sample;
mod service;
mod shape;
mod storage;
mod texts;
mod workload;

use std::collections::BTreeSet;

pub use options::{
    DependsOn, Expose, Feature, InferPorts, KubeVersion, NetworkPolicies, Options, Permit, Probes, Requests,
    Secrets,
};

use crate::backend::{Artefacts, Backend};
use crate::diag::{Sink, Sources};
use crate::model::Project;
use plan::Plan;

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
        let plan = Plan::new(project, &self.options, sources, sink);
        networks::report(&plan, sink);
        let mut objects = service::services(&plan, &BTreeSet::new(), sink);
        objects.extend(network_policy::policies(&plan, &[], sink));
        let mut contents = content::of_project(&plan, sink);
        objects.append(&mut contents.objects);
        objects.extend(storage::objects(&plan, sink));
        objects.extend(workload::workloads(&plan, &contents, sink));
        objects.extend(metadata::namespace(&plan));
        metadata::check_annotations(&objects, sink);
        Artefacts {
            headline: format!("project {} for Kubernetes", project.name),
            documents: order::documents(&plan, objects),
            files: Vec::new(),
            needs_directory: None,
        }
    }
}
