//! The difference between two sets of objects: new ones, patches, vanished ones, images (N113).

use serde_json::{Value, json};

use super::difference::operations;
use super::images::{self, ImageChange};
use crate::backend::Document;

/// What an overlay says.
pub(super) struct Difference {
    /// Objects that the base has not, in the order of output.
    pub(super) added: Vec<Document>,
    /// Patches, in the order of the objects.
    pub(super) patches: Vec<Patch>,
    /// Images that change everywhere.
    pub(super) images: Vec<ImageChange>,
    /// Secret data stands in a patch.
    pub(super) secret: bool,
}

/// One patch.
pub(super) struct Patch {
    pub(super) kind: String,
    pub(super) name: String,
    /// Operations of RFC 6902, or an object with `$patch: delete`.
    pub(super) content: Value,
}

/// Compares by kind and name: another kind is a deleted object and a new one.
pub(super) fn difference(base: &[Document], result: Vec<Document>) -> Difference {
    let images = images::changes(base, &result);
    let is_same = |one: &Document, other: &Document| one.kind == other.kind && one.name == other.name;
    let mut patches = Vec::new();
    let mut secret = false;
    for old in base {
        let content = match result.iter().find(|new| is_same(old, new)) {
            Some(new) => {
                let mut tree = old.tree.clone();
                images::apply(&mut tree, &images);
                let operations = operations(&tree, &new.tree);
                if operations.is_empty() {
                    continue;
                }
                secret |= old.secret || new.secret;
                Value::Array(operations)
            }
            None => deletion(old),
        };
        patches.push(Patch { kind: old.kind.clone(), name: old.name.clone(), content });
    }
    let added = result.into_iter().filter(|new| !base.iter().any(|old| is_same(old, new))).collect();
    Difference { added, patches, images, secret }
}

/// Kustomize wants the object named in full even where a target names it.
fn deletion(document: &Document) -> Value {
    json!({
        "$patch": "delete",
        "apiVersion": document.tree["apiVersion"],
        "kind": document.kind,
        "metadata": { "name": document.name },
    })
}
