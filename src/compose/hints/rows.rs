//! Every hint by the place where it may stand (N120). One row each; the documentation and the schema are made from it.

use super::forms::{
    ADDRESS, CRON, DATA_KEY, DOMAIN, DURATION, HOST, LABEL, OBJECT, PERCENT, QUANTITY, RANGE, RANGE_AND_PORT,
    RESOURCE, SIGNED_PERCENT, SUBPATH, TARGET, TIME_ZONE,
};
use super::value::{Form, Row};

const COUNT: Form = Form::Whole(0, i32::MAX as i64);
const PORT_NUMBER: Form = Form::Whole(1, 65535);
const TEXTS: Form = Form::List(&Form::Text);
const SCALARS: Form = Form::Named(&Form::Scalar);
const OBJECT_NAME: Form = Form::Language(&OBJECT);
const QUANTITIES: Form = Form::Language(&QUANTITY);
const TIMES: Form = Form::Language(&DURATION);
const HOSTS: Form = Form::List(&Form::Language(&HOST));
const EXPOSURE: Form =
    Form::Word(&["loadbalancer", "nodeport", "ingress", "gateway", "clusterip", "headless", "none"]);
const ACCESS_MODE: Form = Form::Word(&["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany", "ReadWriteOncePod"]);
const INFERENCE: Form = Form::Word(&["declared", "all"]);
const BIND: Form = Form::Word(&["auto", "config", "secret", "volume", "host", "omit"]);
const SEED: Form = Form::Word(&["image", "none"]);
const TOLERATIONS: Form = Form::List(&Form::Object);
const NODE_PORT: Form = Form::Whole(1, 65535);

/// A target of a patch: in a service its name may be left out.
const TARGET_OF_SERVICE: Form = Form::Rows(&[
    Row::new("kind", Form::Text, "Kind of the object.").required(),
    Row::new("name", Form::Text, "Its name, without hash; left out: those of the service."),
]);
const TARGET_OF_PROJECT: Form = Form::Rows(&[
    Row::new("kind", Form::Text, "Kind of the object.").required(),
    Row::new("name", Form::Text, "Its name, without hash.").required(),
]);
const OPERATIONS: Form = Form::List(&Form::Object);

const fn patches(target: Form) -> [Row; 3] {
    [
        Row::new("target", target, "Which object.").required(),
        Row::new("json", OPERATIONS, "Operations of RFC 6902."),
        Row::new("merge", Form::Object, "Laid over the object as RFC 7386 says."),
    ]
}

const CHANGE: &[&str] = &["json", "merge"];
const PATCH_OF_SERVICE: Form =
    Form::Choosing { rows: &patches(TARGET_OF_SERVICE), among: CHANGE, needed: true };
const PATCH_OF_PROJECT: Form =
    Form::Choosing { rows: &patches(TARGET_OF_PROJECT), among: CHANGE, needed: true };

/// Hints at the top of the file.
pub(crate) const TOP: &[Row] = &[
    Row::new("instance", Form::Text, "What the objects are told apart by, in place of the project's name."),
    Row::new("namespace", Form::Language(&LABEL), "Namespace of all objects."),
    Row::new("storage-class", OBJECT_NAME, "Storage class of claims."),
    Row::new("volume-size", QUANTITIES, "Size of claims that say none."),
    Row::new("access-mode", ACCESS_MODE, "Access mode of claims."),
    Row::new("image-pull-secrets", Form::List(&OBJECT_NAME), "Secrets that open registries."),
    Row::new("service-account", OBJECT_NAME, "Account of all pods."),
    Row::new("expose", EXPOSURE, "How published ports are reached."),
    Row::new("tolerations", TOLERATIONS, "Tolerations of all pods, as the API takes them."),
    Row::new(
        "secret-store",
        Form::Rows(&[
            Row::new("name", OBJECT_NAME, "Its name.").required(),
            Row::new("kind", Form::Word(&["SecretStore", "ClusterSecretStore"]), "Its kind."),
        ]),
        "Where secrets are kept outside the cluster.",
    ),
    Row::new("overlays", Form::Named(&TEXTS), "Compose files by the name of their overlay."),
    Row::new(
        "chart",
        Form::Rows(&[
            Row::new("version", Form::Scalar, "Version of the chart."),
            Row::new("app-version", Form::Scalar, "Version of what it installs."),
            Row::new("description", Form::Text, "One line."),
        ]),
        "What a chart says of itself.",
    ),
    Row::new("patches", Form::List(&PATCH_OF_PROJECT), "Changes of finished objects."),
    Row::new("rewrite-names", Form::Flag, "Write names that had to change into texts that name them."),
    Row::new(
        "infer-ports",
        INFERENCE,
        "Which ports count: those that are declared, or those that are found too.",
    ),
    Row::new("domain", Form::Language(&DOMAIN), "Hosts are `<service>.<domain>`."),
    Row::new("gateway-class", OBJECT_NAME, "Class of the Gateway that is made."),
    Row::new(
        "api-server",
        Form::List(&Form::Language(&RANGE_AND_PORT)),
        "Where the API server is, for policies.",
    ),
];

const HANDLERS: &[Row] = &[
    Row::new(
        "http",
        Form::Rows(&[
            Row::new("path", Form::Text, "Path, `/` if left out."),
            Row::new("port", PORT_NUMBER, "Port in the container."),
            Row::new("scheme", Form::Word(&["HTTP", "HTTPS"]), "HTTP if left out."),
            Row::new("host", Form::Text, "The `Host` header."),
        ]),
        "Ask with a request.",
    ),
    Row::new("tcp", PORT_NUMBER, "Ask whether a port accepts."),
    Row::new("grpc", PORT_NUMBER, "Ask the health service of gRPC."),
    Row::new("exec", TEXTS, "Ask with a command."),
    Row::new("interval", TIMES, "Time between two questions."),
    Row::new("timeout", TIMES, "Time for an answer."),
    Row::new("retries", Form::Whole(1, i32::MAX as i64), "Failures in a row that count."),
    Row::new("start-period", TIMES, "Time for the start."),
];
const PROBE: Form = Form::Choosing { rows: HANDLERS, among: &["http", "tcp", "grpc", "exec"], needed: false };

const AMOUNTS: Form = Form::Rows(&[
    Row::new("cpu", QUANTITIES, "Processors."),
    Row::new("memory", QUANTITIES, "Memory."),
    Row::new("ephemeral-storage", QUANTITIES, "Files outside volumes."),
]);
const PODS: Form = Form::Either(&[COUNT, Form::Language(&SIGNED_PERCENT)]);

/// Hints of a service.
pub(crate) const SERVICE: &[Row] = &[
    Row::new(
        "kind",
        Form::Word(&["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]),
        "What runs it.",
    ),
    Row::new("schedule", Form::Language(&CRON), "When a CronJob runs."),
    Row::new("time-zone", Form::Language(&TIME_ZONE), "Time zone of the schedule."),
    Row::new(
        "concurrency-policy",
        Form::Word(&["Allow", "Forbid", "Replace"]),
        "What happens when a run meets the one before it.",
    ),
    Row::new("completions", Form::Whole(1, i32::MAX as i64), "How often a Job must end well."),
    Row::new("backoff-limit", COUNT, "How often a Job is tried again."),
    Row::new("name", Form::Language(&LABEL), "Name of its objects."),
    Row::new("group", Form::Text, "Services of one group run in one pod."),
    Row::new("replicas", COUNT, "How many pods."),
    Row::new(
        "hpa",
        Form::Rows(&[
            Row::new(
                "min",
                Form::Whole(1, i32::MAX as i64),
                "Fewest pods (those of `deploy.replicas`, else 1).",
            ),
            Row::new("max", Form::Whole(1, i32::MAX as i64), "Most pods.").required(),
            Row::new("cpu", Form::Language(&PERCENT), "Target, in percent of the request."),
            Row::new(
                "memory",
                Form::Either(&[Form::Language(&PERCENT), QUANTITIES]),
                "Target, in percent of the request or as an amount.",
            ),
        ]),
        "Let the load decide how many pods there are.",
    ),
    Row::new(
        "pdb",
        Form::Either(&[
            Form::Flag,
            Form::Choosing {
                rows: &[
                    Row::new("min-available", PODS, "Pods that stay."),
                    Row::new("max-unavailable", PODS, "Pods that may be away."),
                ],
                among: &["min-available", "max-unavailable"],
                needed: true,
            },
        ]),
        "How many pods a drained node may take away.",
    ),
    Row::new("patches", Form::List(&PATCH_OF_SERVICE), "Changes of its finished objects."),
    Row::new(
        "image-pull-policy",
        Form::Word(&["Always", "IfNotPresent", "Never"]),
        "When its image is pulled.",
    ),
    Row::new("image-pull-secrets", Form::List(&OBJECT_NAME), "Secrets that open its registries."),
    Row::new("stop-signal", Form::Scalar, "Signal that asks it to stop."),
    Row::new("environment", SCALARS, "Variables for the cluster only."),
    Row::new("secret-environment", Form::Named(&Form::Text), "Variables that a Compose secret gives."),
    Row::new(
        "sensitive",
        Form::Either(&[Form::Off, Form::Named(&Form::Flag)]),
        "Which variables are secret.",
    ),
    Row::new(
        "init-containers",
        Form::List(&Form::Rows(&[
            Row::new("name", Form::Language(&LABEL), "Its name."),
            Row::new("image", Form::Text, "Its image.").required(),
            Row::new("command", TEXTS, "In place of the image's entrypoint."),
            Row::new("args", TEXTS, "In place of the image's command."),
            Row::new("environment", SCALARS, "Its variables."),
        ])),
        "Containers that run to their end before it starts.",
    ),
    Row::new("model-endpoints", Form::Named(&Form::Text), "Where each model is served."),
    Row::new("liveness", Form::Either(&[Form::Flag, PROBE]), "When it is restarted."),
    Row::new("readiness", Form::Either(&[Form::Off, PROBE]), "When it gets requests."),
    Row::new("startup", Form::Either(&[Form::Off, PROBE]), "When its start is over."),
    Row::new("probes", Form::Word(&["exec", "http"]), "How a test by `curl` or `wget` is written."),
    Row::new("service-account", OBJECT_NAME, "Account of its pods."),
    Row::new("automount-token", Form::Flag, "Give its containers the account's token."),
    Row::new("fs-group", Form::Whole(0, i32::MAX as i64), "Group that owns its volumes; 0 is none."),
    Row::new("seccomp-profile", Form::Text, "A profile that lies on every node."),
    Row::new("runtime-class", OBJECT_NAME, "Class of the runtime."),
    Row::new("requests", AMOUNTS, "What is kept for it."),
    Row::new("limits", AMOUNTS, "What it may use."),
    Row::new(
        "device-resources",
        Form::Named(&Form::Whole(1, i32::MAX as i64)),
        "Devices that plugins offer.",
    ),
    Row::new("tolerations", TOLERATIONS, "Tolerations of its pods, as the API takes them."),
    Row::new("node", Form::Text, "Name of the node that it runs on."),
    Row::new("constraints", TEXTS, "Constraints as in `deploy.placement`."),
    Row::new("node-selector", SCALARS, "Labels of nodes that it runs on."),
    Row::new("priority-class", OBJECT_NAME, "Class of its priority."),
    Row::new("expose", EXPOSURE, "How its published ports are reached."),
    Row::new("hosts", HOSTS, "Hosts that lead to it, perhaps with a path."),
    Row::new(
        "tls",
        Form::Either(&[Form::Flag, OBJECT_NAME]),
        "Serve its hosts with a certificate; its Secret.",
    ),
    Row::new("ingress-class", OBJECT_NAME, "Class of its Ingress."),
    Row::new("gateway", OBJECT_NAME, "A Gateway that is there."),
    Row::new("annotations", SCALARS, "Annotations of what publishes it."),
    Row::new("node-port", NODE_PORT, "Number on the nodes."),
    Row::new("external-traffic-policy", Form::Word(&["Cluster", "Local"]), "Which nodes take traffic."),
    Row::new("host-port", Form::Flag, "Open ports of host mode on nodes."),
    Row::new("source-ranges", Form::List(&Form::Language(&RANGE)), "Who may reach what is published."),
    Row::new("load-balancer-class", Form::Text, "Class of the load balancer."),
    Row::new("split-protocols", Form::Flag, "TCP and UDP get a Service each."),
    Row::new("publish-not-ready", Form::Flag, "Its name finds pods that are not ready."),
    Row::new("infer-ports", INFERENCE, "Which of its ports count."),
    Row::new("host-gateway", Form::Language(&ADDRESS), "Address that `host-gateway` stands for."),
    Row::new("dns-policy", Form::Word(&["none"]), "Its own resolver alone."),
    Row::new(
        "bind",
        Form::Either(&[BIND, Form::Named(&BIND)]),
        "What becomes of paths of the host, by target.",
    ),
    Row::new("seed", Form::Named(&SEED), "Fill empty volumes from the image, by target."),
    Row::new("volume-kind", Form::Word(&["claim", "empty"]), "What its named volumes become."),
    Row::new("size", QUANTITIES, "Size of its claims."),
    Row::new("storage-class", OBJECT_NAME, "Storage class of its claims."),
    Row::new("subpath", Form::Language(&SUBPATH), "Directory of its claims that is mounted."),
];

/// Hints of an entry of `ports`.
pub(crate) const PORT: &[Row] = &[
    Row::new("expose", EXPOSURE, "How the port is reached."),
    Row::new("node-port", NODE_PORT, "Number on the nodes."),
    Row::new("hosts", HOSTS, "Hosts that lead to it, perhaps with a path."),
];

/// Hints of an entry of `volumes` in a service.
pub(crate) const MOUNT: &[Row] = &[
    Row::new("bind", BIND, "What becomes of the path of the host."),
    Row::new("seed", SEED, "Fill the empty volume from the image."),
    Row::new("subpath", Form::Language(&SUBPATH), "Directory of the claim that is mounted."),
    Row::new("size", QUANTITIES, "Size of the claim."),
];

/// Hints of a top-level volume.
pub(crate) const VOLUME: &[Row] = &[
    Row::new("size", QUANTITIES, "Size of the claim."),
    Row::new("storage-class", OBJECT_NAME, "Storage class of the claim."),
    Row::new("access-mode", ACCESS_MODE, "Who may mount it at once."),
    Row::new("colocate", Form::Flag, "Keep all that mount it on one node."),
    Row::new("seed", SEED, "Fill it from the image when it is empty."),
    Row::new("subpath", Form::Language(&SUBPATH), "Directory of it that is mounted."),
    Row::new("per-replica", Form::Flag, "Each replica of a StatefulSet has its own."),
    Row::new("selector", SCALARS, "Labels of the disk that it wants."),
    Row::new("nfs", Form::Word(&["pv", "inline", "csi"]), "How a volume of NFS is mounted."),
    Row::new("annotations", SCALARS, "Annotations of the claim."),
];

/// Hints of a top-level network.
pub(crate) const NETWORK: &[Row] =
    &[Row::new("allow-from", Form::List(&Form::Language(&LABEL)), "Namespaces whose pods may reach it.")];

/// Hints of a top-level config or secret.
pub(crate) const CONTENT: &[Row] = &[
    Row::new("key", Form::Language(&DATA_KEY), "Its key inside an object that is there."),
    Row::new(
        "remote",
        Form::Rows(&[
            Row::new("key", Form::Text, "Its key in the store.").required(),
            Row::new("property", Form::Text, "Its part of that."),
        ]),
        "Where it lies in the secret store.",
    ),
    Row::new("sensitive", Form::Flag, "Keep a config as a Secret."),
];

/// Rows whose free keys are of a small language, with what they must be.
pub(crate) const KEYED: &[(&str, &super::value::Language)] =
    &[("bind", &TARGET), ("seed", &TARGET), ("device-resources", &RESOURCE)];

/// Every place with its rows, in the words of messages.
pub(crate) const PLACES: &[(&str, &[Row])] = &[
    ("`x-rcompose` at the top", TOP),
    ("`x-rcompose` of a service", SERVICE),
    ("`x-rcompose` of a port in its long form", PORT),
    ("`x-rcompose` of a mount in its long form", MOUNT),
    ("`x-rcompose` of a volume", VOLUME),
    ("`x-rcompose` of a network", NETWORK),
    ("`x-rcompose` of a config or secret", CONTENT),
];

/// Returns the first place that has a hint of this name.
pub(super) fn places_of(name: &str) -> Option<&'static str> {
    PLACES.iter().find(|(_, rows)| rows.iter().any(|row| row.name == name)).map(|(place, _)| *place)
}
