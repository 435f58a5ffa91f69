//! Data that is not ours and lies outside the repository.

use std::env;
use std::path::{Path, PathBuf};

use crate::skip::skipped;

/// Finds a directory or file of the shared data, or says that the test is skipped.
pub(crate) fn shared(test: &str, name: &str) -> Option<PathBuf> {
    let directory = env::var_os("RCOMPOSE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = directory.join(name);
    if path.exists() {
        return Some(path);
    }
    skipped(test, &format!("no `{name}` in `../shared` or $RCOMPOSE_SHARED"));
    None
}
