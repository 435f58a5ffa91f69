//! The vocabulary of hints: `x-rcompose` and the labels of kompose, as rows (N120, N122).
//!
//! What may stand where is a table, from which the check, the JSON schema and the documentation come. Takes wrong hints
//! out and says so; what is left is handed on as a tree that fits the rows. What a hint means is not known here.

mod check;
pub(crate) mod forms;
pub(crate) mod kompose;
mod outside;
mod rows;
mod schema;
pub(crate) mod settings;
#[cfg(test)]
mod tests;
pub(crate) mod value;

pub(crate) use check::{Checker, SETTINGS_OF_USER, TOP_OF_FILE, check};
pub(crate) use outside::Outside;
pub(crate) use rows::{CONTENT, MOUNT, NETWORK, PORT, SERVICE, TOP, VOLUME};
pub(crate) use schema::{DIALECT, hints as hints_schema, of_rows};

/// The key of our hints.
pub(crate) const KEY: &str = "x-rcompose";
