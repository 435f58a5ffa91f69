//! The pod template: one file per part.

mod capabilities;
mod command;
mod container;
mod credentials;
mod devices;
mod environment;
mod extended;
mod fs_group;
pub(crate) mod group;
mod groups;
pub(crate) mod harden;
mod hooks;
mod hostname;
mod http_test;
pub(crate) mod image;
pub(crate) mod namespaces;
mod placement;
mod pre_start;
pub(crate) mod probes;
pub(crate) mod readiness;
mod remaining;
pub(crate) mod resources;
pub(crate) mod runs_as_root;
mod runtime;
mod security;
mod shm;
mod standard;
mod stop;
mod sysctls;
pub(crate) mod template;
pub(crate) mod user;
mod wait_container;
pub(crate) mod wait_report;
pub(crate) mod waits;

use crate::backend::reference;
