//! Names and resolver settings inside a pod: `extra_hosts`, `dns*`, names for itself (N28, N35, N36).

use k8s_openapi::api::core::v1::{HostAlias, PodDNSConfig};

use super::object::Noted;
use super::plan::{Plan, Pod};
use crate::diag::Sink;

/// What a pod says of names.
#[derive(Default)]
pub(crate) struct PodDns {
    /// `hostAliases` (N35), sorted by address.
    pub(crate) host_aliases: Vec<Noted<HostAlias>>,
    /// `dnsConfig` (N36).
    pub(crate) config: Option<Noted<PodDNSConfig>>,
    /// `hostname` for a pod whose author wrote none, so that it reaches itself (N28).
    pub(crate) own_hostname: Option<Noted<String>>,
}

/// Makes the parts of a pod.
pub(crate) fn of_pod(_plan: &Plan<'_>, _pod: &Pod<'_, '_>, _sink: &mut Sink) -> PodDns {
    PodDns::default()
}
