//! The kinds that the Kubernetes backend can write: how the API server calls them, and how early they are needed.
//!
//! Kinds of custom resource definitions are known by group and kind alone; version and plural are discovered (A110).

/// How early an object is needed (A50). Objects of one tier do not wait for each other, but for edges of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// Namespaces and custom resource definitions: nothing can be put into what is not there.
    Scope,
    /// What pods read, mount and are reached by.
    Base,
    /// What makes pods.
    Workload,
    /// What points at workloads and Services.
    Attached,
    /// Admission webhooks, last: they judge all that comes after them.
    Webhook,
}

/// One kind of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Group; empty for core.
    pub(crate) group: &'static str,
    /// Version, such as `v1`; empty where it is discovered.
    pub(crate) version: &'static str,
    /// Kind, such as `Deployment`.
    pub(crate) kind: &'static str,
    /// Word of the path, such as `deployments`.
    pub(crate) plural: &'static str,
    /// Lives in a namespace.
    pub(crate) namespaced: bool,
    /// Place in the order of writing.
    pub(crate) tier: Tier,
}

impl Kind {
    /// Tells whether version and plural must be asked of the server: a definition of somebody else brings it.
    pub(crate) const fn is_discovered(&self) -> bool {
        self.version.is_empty()
    }
}

/// Returns `Deployment.apps`; core kinds bare, as the parent lists them (A14).
pub(crate) fn group_kind(group: &str, kind: &str) -> String {
    if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") }
}

const fn core(kind: &'static str, plural: &'static str, tier: Tier) -> Kind {
    Kind { group: "", version: "v1", kind, plural, namespaced: true, tier }
}

const fn of(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    tier: Tier,
) -> Kind {
    Kind { group, version, kind, plural, namespaced: true, tier }
}

const fn cluster(kind: Kind) -> Kind {
    Kind { namespaced: false, ..kind }
}

const GATEWAY: &str = "gateway.networking.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";

/// All kinds that the backend can write, by kind. What is not here (templates of the user) is discovered, too.
pub(crate) const KINDS: &[Kind] = &[
    core("ConfigMap", "configmaps", Tier::Base),
    of("batch", "v1", "CronJob", "cronjobs", Tier::Workload),
    of("apps", "v1", "DaemonSet", "daemonsets", Tier::Workload),
    of("apps", "v1", "Deployment", "deployments", Tier::Workload),
    of("external-secrets.io", "", "ExternalSecret", "externalsecrets", Tier::Base),
    of(GATEWAY, "", "Gateway", "gateways", Tier::Attached),
    of(GATEWAY, "", "HTTPRoute", "httproutes", Tier::Attached),
    of("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Tier::Attached),
    of("networking.k8s.io", "v1", "Ingress", "ingresses", Tier::Attached),
    of("batch", "v1", "Job", "jobs", Tier::Workload),
    cluster(core("Namespace", "namespaces", Tier::Scope)),
    of("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", Tier::Base),
    cluster(core("PersistentVolume", "persistentvolumes", Tier::Base)),
    core("PersistentVolumeClaim", "persistentvolumeclaims", Tier::Base),
    of("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Tier::Attached),
    of(RBAC, "v1", "Role", "roles", Tier::Base),
    of(RBAC, "v1", "RoleBinding", "rolebindings", Tier::Base),
    of("bitnami.com", "", "SealedSecret", "sealedsecrets", Tier::Base),
    core("Secret", "secrets", Tier::Base),
    core("Service", "services", Tier::Base),
    core("ServiceAccount", "serviceaccounts", Tier::Base),
    of("apps", "v1", "StatefulSet", "statefulsets", Tier::Workload),
    of(GATEWAY, "", "TCPRoute", "tcproutes", Tier::Attached),
    of(GATEWAY, "", "UDPRoute", "udproutes", Tier::Attached),
];

/// Kinds beyond [`KINDS`] that a template of the user may bring and whose place in the order or outside of namespaces matters.
const FURTHER: &[Further] = &[
    further("apiextensions.k8s.io", "CustomResourceDefinition", Tier::Scope, false),
    further("", "LimitRange", Tier::Base, true),
    further("", "ResourceQuota", Tier::Base, true),
    further("", "Pod", Tier::Workload, true),
    further(RBAC, "ClusterRole", Tier::Base, false),
    further(RBAC, "ClusterRoleBinding", Tier::Base, false),
    further("scheduling.k8s.io", "PriorityClass", Tier::Base, false),
    further("storage.k8s.io", "StorageClass", Tier::Base, false),
    further("networking.k8s.io", "IngressClass", Tier::Base, false),
    further(GATEWAY, "GatewayClass", Tier::Base, false),
    further("node.k8s.io", "RuntimeClass", Tier::Base, false),
    further(ADMISSION, "MutatingAdmissionPolicy", Tier::Webhook, false),
    further(ADMISSION, "MutatingAdmissionPolicyBinding", Tier::Webhook, false),
    further(ADMISSION, "ValidatingAdmissionPolicy", Tier::Webhook, false),
    further(ADMISSION, "ValidatingAdmissionPolicyBinding", Tier::Webhook, false),
    further(ADMISSION, "MutatingWebhookConfiguration", Tier::Webhook, false),
    further(ADMISSION, "ValidatingWebhookConfiguration", Tier::Webhook, false),
];

const ADMISSION: &str = "admissionregistration.k8s.io";

/// A kind that only templates of the user write: its version and plural are discovered.
struct Further {
    group: &'static str,
    kind: &'static str,
    tier: Tier,
    namespaced: bool,
}

const fn further(group: &'static str, kind: &'static str, tier: Tier, namespaced: bool) -> Further {
    Further { group, kind, tier, namespaced }
}

fn find_further(group: &str, kind: &str) -> Option<&'static Further> {
    FURTHER.iter().find(|known| known.group == group && known.kind == kind)
}

/// Tells whether objects of a kind live in a namespace; one that nobody here knows is taken to, until the server is asked.
pub(crate) fn is_namespaced(group: &str, kind: &str) -> bool {
    let further = || find_further(group, kind).map(|known| known.namespaced);
    find(group, kind).map(|known| known.namespaced).or_else(further).unwrap_or(true)
}

/// Returns what is known of a kind.
pub(crate) fn find(group: &str, kind: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|known| known.group == group && known.kind == kind)
}

/// Returns the tier of a kind; custom resources stand with what pods need, their controllers make it of them.
pub(crate) fn tier(group: &str, kind: &str) -> Tier {
    let further = || find_further(group, kind).map(|known| known.tier);
    find(group, kind).map(|known| known.tier).or_else(further).unwrap_or(Tier::Base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_once_and_by_name() {
        let names: Vec<&str> = KINDS.iter().map(|kind| kind.kind).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names.len(), sorted.len());
    }

    #[test]
    fn groups_stand_behind_kinds_and_core_kinds_are_bare() {
        assert_eq!(
            (group_kind("apps", "Deployment"), group_kind("", "Service")),
            ("Deployment.apps".into(), "Service".into())
        );
        assert!(find("bitnami.com", "SealedSecret").is_some_and(Kind::is_discovered));
    }

    #[test]
    fn what_defines_kinds_is_of_the_whole_cluster() {
        let is_namespaced = |group, kind| super::is_namespaced(group, kind);
        assert!(!is_namespaced("apiextensions.k8s.io", "CustomResourceDefinition"));
        assert!(!is_namespaced("", "Namespace") && is_namespaced("", "ResourceQuota"));
        assert!(is_namespaced("example.org", "Database"), "the server knows better");
    }

    #[test]
    fn what_pods_need_comes_before_pods_and_what_points_at_them_behind() {
        let order = [
            tier("apiextensions.k8s.io", "CustomResourceDefinition"),
            tier("example.org", "Database"),
            tier("batch", "Job"),
            tier("networking.k8s.io", "Ingress"),
            tier("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ];
        assert!(order.is_sorted() && order.windows(2).all(|pair| pair[0] != pair[1]), "{order:?}");
    }
}
