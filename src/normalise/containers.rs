//! Which service a container name belongs to, for `container:x` (K89).

use std::collections::BTreeMap;

use crate::model::ServiceName;

/// Container names that services chose.
#[derive(Debug, Default)]
pub(super) struct Containers {
    services: BTreeMap<String, ServiceName>,
}

impl Containers {
    /// Adds the name of a service's container.
    pub(super) fn add(&mut self, container: &str, service: &ServiceName) {
        self.services.entry(container.to_owned()).or_insert_with(|| service.clone());
    }

    /// Returns the service that names its container so.
    pub(super) fn service(&self, container: &str) -> Option<&ServiceName> {
        self.services.get(container)
    }
}
