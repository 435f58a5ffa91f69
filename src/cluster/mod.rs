//! Live apply: the objects of the Kubernetes backend are compared with a cluster, and brought into it.
//!
//! ```text
//! backend::Document --> object::Desired --+
//!                                         +--> plan::decide --> plan::Plan --> screens, JSON
//! API server -------> object::Live -------+                        |
//!                                                                  +--> execution, tier by tier (kinds::tier)
//! ```
//!
//! Pure: `object`, `kinds`, `list_keys`, `identity`, `references`, `external`, `failure`, `when`, `fields`, `plan`, `diff`, `redact`. All else does
//! the I/O around them. The room takes objects, not the model (A112).

mod access;
pub(crate) mod aim;
pub(crate) mod client;
pub(crate) mod codes;
pub(crate) mod diff;
mod execute;
mod external;
pub(crate) mod failure;
pub(crate) mod fields;
pub(crate) mod halt;
pub(crate) mod identity;
pub(crate) mod kinds;
pub(crate) mod link;
pub(crate) mod list_keys;
mod look;
pub(crate) mod object;
pub(crate) mod plan;
pub(crate) mod progress;
mod read;
pub(crate) mod redact;
mod references;
mod remove;
pub(crate) mod role;
mod round;
pub(crate) mod run;
pub(crate) mod source;
mod state;
pub(crate) mod status;
mod when;
