//! Further names of services and who may have them (N30, N31, N33), and collisions between names that users gave (N3).

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Sink;
use crate::model::{Project, ServiceName};

/// Names beside the services' own that become Services.
#[derive(Default)]
pub(crate) struct Aliases<'a> {
    /// Name of the alias Service, and the services that it leads to.
    pub(crate) by_name: BTreeMap<String, BTreeSet<&'a ServiceName>>,
}

/// Decides which further names become Services.
pub(crate) fn of_project<'a>(
    _project: &'a Project,
    _object_names: &BTreeMap<&'a ServiceName, String>,
    _sink: &mut Sink,
) -> Aliases<'a> {
    Aliases::default()
}
