//! Volumes of pods and claims of the project: one file per subject.

pub(crate) mod access;
mod backing;
mod binds;
mod claims;
mod copy_up;
mod fate;
mod grants;
mod image_volumes;
mod mounted;
pub(crate) mod paths;
pub(crate) mod pod;
mod well_known;

pub(crate) use claims::objects;
