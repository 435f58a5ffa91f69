//! Order of objects in the output and names of their files (N110, N111).

use super::object::Object;
use super::plan::Plan;
use crate::backend::Document;

/// Puts objects in order and names their files.
pub(crate) fn documents(_plan: &Plan<'_>, objects: Vec<Object>) -> Vec<Document> {
    objects
        .into_iter()
        .map(|object| {
            let file_name = format!("{}-{}.yaml", object.kind.to_ascii_lowercase(), object.plain_name);
            object.into_document(file_name)
        })
        .collect()
}
