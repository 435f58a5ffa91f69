//! Live apply: the objects of the Kubernetes backend are compared with a cluster, and brought into it.
//!
//! ```text
//! backend::Document --> object::Desired --+
//!                                         +--> plan::decide --> plan::Plan --> screens, JSON
//! API server -------> object::Live -------+                        |
//!                                                                  +--> execution, in the order of plan::graph
//! ```
//!
//! Pure: `object`, `kinds`, `identity`, `fields`, `plan`, `diff`, `redact`. All else does the I/O around them. The room takes
//! objects, not the model (A112).

mod access;
pub(crate) mod client;
pub(crate) mod codes;
pub(crate) mod diff;
pub(crate) mod fields;
pub(crate) mod identity;
pub(crate) mod kinds;
pub(crate) mod list_keys;
pub(crate) mod object;
pub(crate) mod parent;
pub(crate) mod plan;
pub(crate) mod progress;
mod read;
pub(crate) mod redact;
pub(crate) mod role;
mod state;
