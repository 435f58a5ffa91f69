//! What carries bytes: `ConfigMaps` and Secrets of configs, secrets, binds and environment values, with hashed names
//! (N146, step 6; N82, N90, N92, N102).

use std::collections::{BTreeMap, BTreeSet};

use super::object::Object;
use super::plan::Plan;
use crate::diag::Sink;
use crate::model::ServiceName;

/// Content with its names, ready to be referred to by pods.
#[derive(Default)]
pub(crate) struct Contents<'a> {
    /// Secret of environment values by service (N102).
    pub(crate) environment: BTreeMap<&'a ServiceName, EnvironmentSecret<'a>>,
    /// The objects of selected services.
    pub(crate) objects: Vec<Object>,
}

/// The Secret that holds sensitive variables of one service.
pub(crate) struct EnvironmentSecret<'a> {
    /// Its name.
    pub(crate) name: String,
    /// Variables that it holds; the key is the variable.
    pub(crate) variables: BTreeSet<&'a str>,
}

/// Hashes and names all content of the project.
pub(crate) fn of_project<'a>(_plan: &Plan<'a>, _sink: &mut Sink) -> Contents<'a> {
    Contents::default()
}
