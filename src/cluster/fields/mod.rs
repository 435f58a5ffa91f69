//! Who owns which field: reading `managedFields`, and what follows from it without asking the server.
//!
//! Knows no schema: lists are followed by the keys that the entries themselves name, but for prediction.

pub(crate) mod claim;
pub(crate) mod conflict;
pub(crate) mod entry;
pub(crate) mod migrate;
pub(crate) mod path;
pub(crate) mod predict;
pub(crate) mod replicas;
pub(crate) mod set;
pub(crate) mod unchanged;

/// Field manager of everything that we apply; the same in every version (A20).
pub(crate) const MANAGER: &str = "rcompose";
/// Field manager of the parent.
pub(crate) const SET_MANAGER: &str = "rcompose-applyset";
/// Field manager that keeps a value while we let go of it (A23).
pub(crate) const HAND_OVER_MANAGER: &str = "rcompose-handover";

#[cfg(test)]
pub(crate) mod served;
