//! Bytes that were read from the user's files.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::SourceId;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path relative to the project directory, with `/`; may begin with `../`.
    pub path: String,
    /// Content.
    pub bytes: Arc<[u8]>,
    /// Its owner may execute it.
    pub executable: bool,
    /// Where its text stands among the sources, if it is text that was scanned.
    pub source: Option<SourceId>,
}

/// A directory's files by their path below it, with `/`.
pub type Tree = BTreeMap<String, File>;
