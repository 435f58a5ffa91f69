//! Which lists of the API are maps by some of their fields, which are sets; all others are atomic (A27).
//!
//! Data for comparison, prediction and the check before any request; a test holds it against what an API server publishes.

/// How the server merges a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListType {
    /// Items are told apart by these fields.
    Map(&'static [&'static str]),
    /// Items are told apart by their value.
    Set,
    /// One value as a whole; its order counts.
    Atomic,
}

/// Kinds with a pod template.
pub(crate) const POD_KINDS: &[&str] = &["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"];

const CONTAINER_LISTS: &[&str] = &["containers", "ephemeralContainers", "initContainers"];

/// Lists of a pod's `spec`, by name.
const OF_PODS: &[(&str, &[&str])] = &[
    ("containers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("initContainers", &["name"]),
    ("resourceClaims", &["name"]),
    ("schedulingGates", &["name"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("volumes", &["name"]),
];

/// Lists of a container, by name.
const OF_CONTAINERS: &[(&str, &[&str])] = &[
    ("env", &["name"]),
    ("ports", &["containerPort", "protocol"]),
    ("volumeDevices", &["devicePath"]),
    ("volumeMounts", &["mountPath"]),
];

/// Returns the type of a list of a kind; `at` is the names of the fields from the root, items left out.
pub(crate) fn of(kind: &str, at: &[&str]) -> ListType {
    let find = |rows: &'static [(&str, &'static [&'static str])], name: &str| {
        rows.iter().find(|(known, _)| *known == name).map(|(_, keys)| ListType::Map(keys))
    };
    let known = match at {
        [.., "metadata", "finalizers"] => Some(ListType::Set),
        [.., "metadata", "ownerReferences"] => Some(ListType::Map(&["uid"])),
        ["status", .., "conditions"] => Some(ListType::Map(&["type"])),
        ["spec", "ports"] if kind == "Service" => Some(ListType::Map(&["port", "protocol"])),
        ["secrets"] if kind == "ServiceAccount" => Some(ListType::Map(&["name"])),
        ["spec", "listeners"] if kind == "Gateway" => Some(ListType::Map(&["name"])),
        ["spec", "tls", "frontend", "perPort"] if kind == "Gateway" => Some(ListType::Map(&["port"])),
        [.., "resources", "claims"] if POD_KINDS.contains(&kind) => Some(ListType::Map(&["name"])),
        [.., list, name] if POD_KINDS.contains(&kind) && CONTAINER_LISTS.contains(list) => {
            find(OF_CONTAINERS, name)
        }
        [.., "spec", name] if POD_KINDS.contains(&kind) => find(OF_PODS, name),
        _ => None,
    };
    known.unwrap_or(ListType::Atomic)
}

/// Tells whether a map is one value as a whole: selectors and the like.
pub(crate) fn is_atomic_map(at: &[&str]) -> bool {
    const WHOLE: &[&str] = &[
        "configMapKeyRef",
        "configMapRef",
        "fieldRef",
        "labelSelector",
        "namespaceSelector",
        "nodeSelector",
        "podSelector",
        "resourceFieldRef",
        "roleRef",
        "scaleTargetRef",
        "secretKeyRef",
        "secretRef",
        "selector",
    ];
    at.last().is_some_and(|name| WHOLE.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_have_other_keys_in_containers_than_in_services() {
        let pod = ["spec", "template", "spec", "containers", "ports"];
        assert_eq!(of("Deployment", &pod), ListType::Map(&["containerPort", "protocol"]));
        assert_eq!(of("Service", &["spec", "ports"]), ListType::Map(&["port", "protocol"]));
        assert_eq!(of("NetworkPolicy", &["spec", "ingress", "ports"]), ListType::Atomic);
    }

    /// Made from the `OpenAPI` of a real API server: a line for each list that is no atomic one.
    #[test]
    fn the_table_is_what_the_server_publishes() {
        let published = include_str!("../../fixtures/cluster/list-keys.txt");
        let mut lists = 0;
        for line in published.lines().filter(|line| !line.starts_with('#')) {
            let (place, keys) = line.split_once(": ").expect("a line is `Kind path: keys`");
            let (kind, path) = place.split_once(' ').expect("a place is `Kind path`");
            let at: Vec<&str> = path.split('.').collect();
            let shown = match of(kind, &at) {
                ListType::Map(keys) => keys.join(","),
                ListType::Set => "set".to_owned(),
                ListType::Atomic => "atomic".to_owned(),
            };
            assert_eq!(shown, keys, "{kind} {path}");
            lists += 1;
        }
        assert!(lists > 100, "{lists}");
    }
}
