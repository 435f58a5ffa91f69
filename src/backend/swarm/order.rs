//! Order of keys in the printed stack file, and which integers are octal (S111).

const TOP: &[&str] = &["version", "services", "networks", "volumes", "configs", "secrets"];

const SERVICE: &[&str] = &[
    "image",
    "entrypoint",
    "command",
    "working_dir",
    "user",
    "hostname",
    "environment",
    "configs",
    "secrets",
    "volumes",
    "networks",
    "ports",
    "extra_hosts",
    "dns",
    "dns_search",
    "healthcheck",
    "depends_on",
    "init",
    "stdin_open",
    "tty",
    "read_only",
    "stop_signal",
    "stop_grace_period",
    "cap_add",
    "cap_drop",
    "sysctls",
    "ulimits",
    "isolation",
    "credential_spec",
    "logging",
    "labels",
    "deploy",
];

/// Keys of the objects below a service and of top-level objects. No name stands in two of them in another order.
const PARTS: &[&str] = &[
    // ports, mounts, grants
    "type",
    "source",
    "target",
    "published",
    "protocol",
    "uid",
    "gid",
    "mode",
    "read_only",
    "bind",
    "volume",
    "tmpfs",
    "propagation",
    "nocopy",
    "subpath",
    "size",
    // networks, volumes, configs, secrets
    "external",
    "name",
    "file",
    "driver",
    "driver_opts",
    "options",
    "template_driver",
    "aliases",
    "attachable",
    "internal",
    "ipam",
    "config",
    "subnet",
    // healthcheck
    "disable",
    "test",
    "interval",
    "timeout",
    "retries",
    "start_period",
    "start_interval",
    // deploy
    "endpoint_mode",
    "replicas",
    "labels",
    "update_config",
    "rollback_config",
    "resources",
    "restart_policy",
    "placement",
    "parallelism",
    "delay",
    "order",
    "failure_action",
    "monitor",
    "max_failure_ratio",
    "limits",
    "reservations",
    "cpus",
    "memory",
    "pids",
    "generic_resources",
    "kind",
    "value",
    "condition",
    "max_attempts",
    "window",
    "constraints",
    "preferences",
    "max_replicas_per_node",
    "soft",
    "hard",
];

/// Maps whose keys are their author's: by name.
const BY_NAME: &[&str] = &[
    "services",
    "networks",
    "configs",
    "secrets",
    "environment",
    "labels",
    "driver_opts",
    "options",
    "sysctls",
    "ulimits",
    "x-cluster-spec",
];

/// Objects whose keys stand in the order of [`PARTS`]; every other parent is a name that a user chose.
const STRUCTURES: &[&str] = &[
    "ports",
    "volumes",
    "bind",
    "volume",
    "tmpfs",
    "healthcheck",
    "deploy",
    "update_config",
    "rollback_config",
    "resources",
    "limits",
    "reservations",
    "generic_resources",
    "discrete_resource_spec",
    "restart_policy",
    "placement",
    "preferences",
    "ipam",
    "config",
    "logging",
    "credential_spec",
    "nofile",
];

/// Rank of a key under its parent key; equal ranks are sorted by name.
///
/// A parent is one key, not a path, so a service called `ports` is printed in the order of a port: still legal, still
/// the same in every run.
pub(crate) fn key_rank(parent: &str, key: &str) -> u32 {
    let place = |keys: &[&str]| keys.iter().zip(0..).find(|(name, _)| **name == key).map(|(_, rank)| rank);
    if parent.is_empty() {
        place(TOP).unwrap_or(u32::MAX)
    } else if BY_NAME.contains(&parent) && !(matches!(parent, "configs" | "secrets") && is_grant(key)) {
        0
    } else if STRUCTURES.contains(&parent) || is_grant_parent(parent) {
        place(PARTS).unwrap_or(u32::MAX)
    } else {
        // A service, or a top-level object: what both have (`labels`, `configs`) is in the same order in both lists.
        place(SERVICE).or_else(|| place(PARTS).map(|rank| rank + 100)).unwrap_or(u32::MAX)
    }
}

fn is_grant_parent(parent: &str) -> bool {
    matches!(parent, "configs" | "secrets")
}

fn is_grant(key: &str) -> bool {
    matches!(key, "source" | "target" | "uid" | "gid" | "mode")
}

/// Modes of configs and secrets are octal, as their authors write them (S102); `deploy.mode` is text.
pub(crate) fn octal(_parent: &str, key: &str) -> bool {
    key == "mode"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(parent: &str, keys: &[&'static str]) -> Vec<&'static str> {
        let mut keys = keys.to_vec();
        keys.sort_by_key(|key| (key_rank(parent, key), *key));
        keys
    }

    #[test]
    fn a_stack_file_reads_from_the_general_to_the_special() {
        assert_eq!(
            sorted("", &["secrets", "networks", "services", "version"]),
            ["version", "services", "networks", "secrets"]
        );
        assert_eq!(
            sorted("web", &["deploy", "image", "volumes", "configs", "labels"]),
            ["image", "configs", "volumes", "labels", "deploy"]
        );
        assert_eq!(
            sorted("ports", &["mode", "protocol", "published", "target"]),
            ["target", "published", "protocol", "mode"]
        );
        assert_eq!(sorted("app_ini", &["file", "name", "external"]), ["external", "name", "file"]);
    }

    #[test]
    fn what_users_name_is_sorted_by_name() {
        assert_eq!(sorted("environment", &["version", "image", "a"]), ["a", "image", "version"]);
        assert_eq!(sorted("configs", &["z", "a"]), ["a", "z"]);
        assert_eq!(sorted("secrets", &["mode", "target", "source"]), ["source", "target", "mode"]);
    }
}
