//! The published JSON schemas of Kubernetes.

use std::path::PathBuf;

use crate::schema_script;

/// Oldest target, one between, newest (K, head).
pub(crate) const RELEASES: &[&str] = &["1.29", "1.32", "1.37"];

/// Returns the faults that the schemas of these releases find; `Err` says why they cannot be asked.
pub(crate) fn schema_faults(releases: &[&str], files: &[PathBuf]) -> Result<Vec<String>, String> {
    schema_script::faults("tests/kubernetes_schema.py", releases, files)
}
