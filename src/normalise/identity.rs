//! Names and labels of a service (K26, K27, K100, N11).

use super::values::{by_name, filled};
use crate::compose::hints::kompose::PREFIX;
use crate::compose::keys::key_values::Labels;
use crate::compose::keys::list::Texts;
use crate::compose::keys::scalar::Text;
use crate::model::Identity;

/// What the author wrote.
pub(super) struct Written {
    pub(super) container_name: Option<Text>,
    pub(super) hostname: Option<Text>,
    pub(super) domainname: Option<Text>,
    pub(super) labels: Option<Labels>,
    pub(super) annotations: Option<Labels>,
    pub(super) deploy_labels: Option<Labels>,
    pub(super) profiles: Option<Texts>,
}

/// Finds the identity.
pub(super) fn identity(written: Written) -> Identity {
    let Written { container_name, hostname, domainname, labels, annotations, deploy_labels, profiles } =
        written;
    // Labels of kompose are hints and written nowhere (N122).
    let metadata = |labels: Option<Labels>| {
        let mut labels = by_name(labels.map(|labels| labels.0));
        labels.retain(|name, _| !name.starts_with(PREFIX));
        labels
    };
    Identity {
        container_name: filled(container_name),
        hostname: filled(hostname),
        domain: filled(domainname),
        labels: metadata(labels),
        annotations: metadata(annotations),
        service_labels: metadata(deploy_labels),
        profiles: profiles.filter(|profiles| !profiles.items.is_empty()).map(|profiles| profiles.span),
    }
}
