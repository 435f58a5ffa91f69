//! The published JSON schemas of Kubernetes.

use std::path::PathBuf;

use crate::schema_script;

/// Oldest target, one between, newest (K, head).
const VERSIONS: &[&str] = &["1.29", "1.32", "1.37"];

/// Returns the faults that the schemas find; `Err` says why they cannot be asked.
pub(crate) fn schema_faults(files: &[PathBuf]) -> Result<Vec<String>, String> {
    schema_script::faults("tests/kubernetes_schema.py", VERSIONS, files)
}
