//! `deploy`: how a service is run on a cluster.

use super::key_values::Labels;
use super::keys;
use super::list::{List, Texts};
use super::resources::Resources;
use super::scalar::{KeptTime, Number, Text, Time, Whole};
use super::shape::{Absent, Form, Shape};

keys! {
    /// How a service is deployed.
    struct Deploy = Shape::of(&[Form::Fields(Deploy::FIELDS), Form::Null]); {
        /// `replicated`, `global`, `replicated-job` or `global-job`.
        mode: Text,
        /// How many containers.
        replicas: Whole [kept()],
        /// Labels of the service, not of its containers.
        labels: Labels,
        /// How a new version replaces the old one.
        update_config: UpdateConfig,
        /// How an old version comes back.
        rollback_config: UpdateConfig,
        /// What it may use and what is kept for it.
        resources: Resources [absent(Absent::Mapping)],
        /// When a container is started again.
        restart_policy: RestartPolicy,
        /// On which nodes.
        placement: Placement [absent(Absent::Mapping)],
        /// `vip`: one address; `dnsrr`: one for each container.
        endpoint_mode: Text,
    }
}

keys! {
    /// How versions replace each other.
    struct UpdateConfig; {
        /// How many at a time; 0 is all.
        parallelism: Whole [kept()],
        /// Pause between them.
        delay: Time,
        /// `continue`, `rollback` or `pause`.
        failure_action: Text,
        /// How long a new container is watched.
        monitor: Time,
        /// Share of failures that is tolerated.
        max_failure_ratio: Number,
        /// Which goes first.
        order: Text [forms(&[Form::Word(&["start-first", "stop-first"])])],
    }
}

keys! {
    /// When a container is started again.
    struct RestartPolicy; {
        /// `none`, `on-failure` or `any`.
        condition: Text,
        /// Pause before it.
        delay: KeptTime,
        /// How often it is tried.
        max_attempts: Whole [kept()],
        /// How long it must run to count as started.
        window: KeptTime,
    }
}

keys! {
    /// On which nodes.
    struct Placement; {
        /// What a node must be.
        constraints: Texts,
        /// Over what they are spread.
        preferences: List<Preference>,
        /// How many on one node.
        max_replicas_per_node: Whole,
    }
}

keys! {
    /// Over what containers are spread.
    struct Preference; {
        /// A node's label.
        spread: Text,
    }
}
