//! The part of the schema of stack files that we write; keys that the CLI takes and ignores are not in it (S2).

use serde_json::Value;

use super::Breaches;
use super::shape::{Shape, check as check_shape};

/// Checks a whole tree.
pub(crate) fn check(tree: &Value, found: &mut Breaches) {
    check_shape(&STACK, tree, "", found);
}

const TEXTS: Shape = Shape::Map(&Shape::Text);
const WORDS: Shape = Shape::List(&Shape::Text);
const TEXT_SET: Shape = Shape::Set(&Shape::Text);

const STACK: Shape = Shape::Object(
    2,
    &[
        ("version", Shape::Word(&["3.8", "3.9", "3.12", "3.13"])),
        ("services", Shape::Names(&SERVICE)),
        ("networks", Shape::Names(&Shape::OrNull(&NETWORK))),
        ("volumes", Shape::Names(&Shape::OrNull(&VOLUME))),
        ("configs", Shape::Names(&CONFIG)),
        ("secrets", Shape::Names(&SECRET)),
    ],
);

const SERVICE: Shape = Shape::Object(
    1,
    &[
        ("image", Shape::Text),
        ("entrypoint", WORDS),
        ("command", WORDS),
        ("working_dir", Shape::Text),
        ("user", Shape::Text),
        ("hostname", Shape::Text),
        ("environment", Shape::Map(&Shape::TextOrNull)),
        ("configs", Shape::List(&Shape::Either(&Shape::Text, &GRANT))),
        ("secrets", Shape::List(&Shape::Either(&Shape::Text, &GRANT))),
        ("volumes", Shape::Set(&MOUNT)),
        ("networks", Shape::Either(&TEXT_SET, &Shape::Names(&Shape::OrNull(&ATTACHMENT)))),
        ("ports", Shape::Set(&PORT)),
        ("extra_hosts", TEXT_SET),
        ("dns", TEXT_SET),
        ("dns_search", TEXT_SET),
        ("healthcheck", HEALTHCHECK),
        ("depends_on", TEXT_SET),
        ("init", Shape::Bool),
        ("stdin_open", Shape::Bool),
        ("tty", Shape::Bool),
        ("read_only", Shape::Bool),
        ("stop_signal", Shape::Text),
        ("stop_grace_period", Shape::Duration),
        ("cap_add", TEXT_SET),
        ("cap_drop", TEXT_SET),
        ("sysctls", TEXTS),
        ("ulimits", Shape::Map(&Shape::Either(&Shape::Integer, &ULIMIT))),
        ("isolation", Shape::Text),
        ("credential_spec", CREDENTIAL_SPEC),
        ("logging", LOGGING),
        ("labels", TEXTS),
        ("deploy", DEPLOY),
    ],
);

const GRANT: Shape = Shape::Object(
    1,
    &[
        ("source", Shape::Text),
        ("target", Shape::Text),
        ("uid", Shape::Text),
        ("gid", Shape::Text),
        ("mode", Shape::Count),
    ],
);

const MOUNT: Shape = Shape::Object(
    2,
    &[
        ("type", Shape::Word(&["bind", "cluster", "npipe", "tmpfs", "volume"])),
        ("target", Shape::Text),
        ("source", Shape::Text),
        ("read_only", Shape::Bool),
        ("bind", Shape::Object(0, &[("propagation", Shape::Text)])),
        ("volume", Shape::Object(0, &[("nocopy", Shape::Bool), ("subpath", Shape::Text)])),
        ("tmpfs", Shape::Object(0, &[("size", Shape::Count)])),
    ],
);

const ATTACHMENT: Shape = Shape::Object(0, &[("aliases", TEXT_SET), ("driver_opts", TEXTS)]);

const PORT: Shape = Shape::Object(
    1,
    &[
        ("target", Shape::Count),
        ("published", Shape::Count),
        ("protocol", Shape::Word(&["sctp", "tcp", "udp"])),
        ("mode", Shape::Word(&["host", "ingress"])),
    ],
);

const HEALTHCHECK: Shape = Shape::Object(
    0,
    &[
        ("disable", Shape::Bool),
        ("test", WORDS),
        ("interval", Shape::Duration),
        ("timeout", Shape::Duration),
        ("retries", Shape::Count),
        ("start_period", Shape::Duration),
        ("start_interval", Shape::Duration),
    ],
);

const ULIMIT: Shape = Shape::Object(2, &[("soft", Shape::Integer), ("hard", Shape::Integer)]);

const CREDENTIAL_SPEC: Shape =
    Shape::Object(0, &[("config", Shape::Text), ("file", Shape::Text), ("registry", Shape::Text)]);

const LOGGING: Shape = Shape::Object(0, &[("driver", Shape::Text), ("options", TEXTS)]);

const DEPLOY: Shape = Shape::Object(
    0,
    &[
        ("mode", Shape::Word(&["global", "global-job", "replicated", "replicated-job"])),
        ("endpoint_mode", Shape::Word(&["dnsrr", "vip"])),
        ("replicas", Shape::Count),
        ("labels", TEXTS),
        ("update_config", UPDATE),
        ("rollback_config", UPDATE),
        ("resources", Shape::Object(0, &[("limits", LIMITS), ("reservations", RESERVATIONS)])),
        ("restart_policy", RESTART),
        ("placement", PLACEMENT),
    ],
);

const UPDATE: Shape = Shape::Object(
    0,
    &[
        ("parallelism", Shape::Count),
        ("delay", Shape::Duration),
        ("failure_action", Shape::Word(&["continue", "pause", "rollback"])),
        ("monitor", Shape::Duration),
        ("max_failure_ratio", Shape::Ratio),
        ("order", Shape::Word(&["start-first", "stop-first"])),
    ],
);

const LIMITS: Shape =
    Shape::Object(0, &[("cpus", Shape::Text), ("memory", Shape::Text), ("pids", Shape::Count)]);

const RESERVATIONS: Shape = Shape::Object(
    0,
    &[("cpus", Shape::Text), ("memory", Shape::Text), ("generic_resources", Shape::List(&GENERIC))],
);

const GENERIC: Shape = Shape::Object(
    1,
    &[("discrete_resource_spec", Shape::Object(2, &[("kind", Shape::Text), ("value", Shape::Integer)]))],
);

const RESTART: Shape = Shape::Object(
    0,
    &[
        ("condition", Shape::Word(&["any", "none", "on-failure"])),
        ("delay", Shape::Duration),
        ("max_attempts", Shape::Count),
        ("window", Shape::Duration),
    ],
);

const PLACEMENT: Shape = Shape::Object(
    0,
    &[
        ("constraints", WORDS),
        ("preferences", Shape::List(&Shape::Object(1, &[("spread", Shape::Text)]))),
        ("max_replicas_per_node", Shape::Count),
    ],
);

const NETWORK: Shape = Shape::Object(
    0,
    &[
        ("external", Shape::Bool),
        ("name", Shape::Text),
        ("driver", Shape::Text),
        ("driver_opts", TEXTS),
        ("attachable", Shape::Bool),
        ("internal", Shape::Bool),
        ("ipam", IPAM),
        ("labels", TEXTS),
    ],
);

const IPAM: Shape = Shape::Object(
    0,
    &[("driver", Shape::Text), ("config", Shape::List(&Shape::Object(1, &[("subnet", Shape::Text)])))],
);

const VOLUME: Shape = Shape::Object(
    0,
    &[
        ("external", Shape::Bool),
        ("name", Shape::Text),
        ("driver", Shape::Text),
        ("driver_opts", TEXTS),
        ("labels", TEXTS),
        ("x-cluster-spec", Shape::Any),
    ],
);

const CONFIG: Shape = Shape::Object(
    0,
    &[
        ("external", Shape::Bool),
        ("name", Shape::Text),
        ("file", Shape::Text),
        ("template_driver", Shape::Text),
        ("labels", TEXTS),
    ],
);

const SECRET: Shape = Shape::Object(
    0,
    &[
        ("external", Shape::Bool),
        ("name", Shape::Text),
        ("file", Shape::Text),
        ("driver", Shape::Text),
        ("driver_opts", TEXTS),
        ("template_driver", Shape::Text),
        ("labels", TEXTS),
    ],
);
