//! Everything spelled as Compose: from files to the typed project.
//!
//! [`load::load`] holds the order of the steps. The walkers (`interpolate`, `merge`, `unique`, `schema`, `canonical`,
//! `paths`) read the key table of [`keys`] and name no key; what relates keys to each other stands in `complete` and
//! `check`.

mod budget;
mod canonical;
mod check;
mod codes;
mod complete;
pub(crate) mod config;
mod decode;
mod discovery;
mod document;
mod env_files;
mod environment;
mod extends;
pub(crate) mod grammar;
pub(crate) mod hints;
mod include;
mod interpolate;
pub(crate) mod keys;
mod load;
mod loader;
mod merge;
pub(crate) mod path;
mod paths;
pub(crate) mod print;
pub(crate) mod project;
mod request;
mod schema;
mod selection;
mod source;
mod tags;
#[cfg(test)]
mod testing;
mod unique;
mod uses;
mod written;

pub(crate) use codes::LoadCode;
pub(crate) use discovery::{FILE_NAMES, STDIN, files_of as files};
pub use load::load;
pub(crate) use load::load_tree;
pub use project::Project;
pub use request::{Request, Skip};
pub(crate) use uses::{Use, uses};
pub(crate) use written::Written;
