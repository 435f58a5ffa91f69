//! Tree to typed project: takes each key out of its mapping and hands it to its type.

use crate::diag::Sink;
use crate::yaml::Mapping;

use super::keys::Key;
use super::path::Path;

/// Takes one key out of a mapping; absent stays absent, and so does null.
pub(crate) fn field<K: Key>(map: &mut Mapping, name: &str, at: &Path<'_>, sink: &mut Sink) -> Option<K> {
    let entry = map.remove(name)?;
    if entry.node.is_null() {
        return None;
    }
    K::decode(entry.node, &at.key(name), sink)
}
