//! Labels of kompose on volumes.

use super::Reader;
use crate::compose::hints::forms::{OBJECT, QUANTITY, SUBPATH};
use crate::compose::hints::value::Form;

const VOLUMES: &[(&str, &str)] = &[
    ("persistentvolumeclaim", "claim"),
    ("emptydir", "empty"),
    ("hostpath", "host"),
    ("configmap", "config"),
];

impl Reader<'_, '_> {
    pub(super) fn storage(&mut self, service: bool) {
        self.copy("volume.size", "size", &Form::Language(&QUANTITY));
        if let Some(node) = self.take("volume.storage-class-name", &Form::Language(&OBJECT)) {
            if !service {
                self.different("volume.storage-class-name", "acts, where kompose reads it of services only");
            }
            self.put("storage-class", node);
        }
        if let Some(node) = self.take("volume.subpath", &Form::Language(&SUBPATH)) {
            if !service {
                self.different("volume.subpath", "acts, where kompose reads it of services only");
            } else if self.beside.configs {
                self.different("volume.subpath", "acts on claims, and not on `configs` as with kompose");
            }
            self.put("subpath", node);
        }
        if !service {
            return;
        }
        if let Some((node, word)) = self.word("volume.type", VOLUMES) {
            self.put(if matches!(word, "claim" | "empty") { "volume-kind" } else { "bind" }, node);
        }
    }
}
