//! Claims and volumes.

use serde_json::Value;

use super::{Faults, Place, entries, items, kind, name, text};

const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

pub(super) fn check(here: &Place, object: &Value, objects: &[Value], faults: &mut Faults) {
    let modes: Vec<&str> = items(object, "/spec/accessModes").filter_map(Value::as_str).collect();
    faults.ask(
        here,
        !modes.is_empty() && modes.iter().all(|mode| MODES.contains(mode)),
        "has no legal access mode",
    );
    if kind(object) == "PersistentVolume" {
        let sources =
            entries(object, "/spec").filter(|(key, _)| matches!(*key, "nfs" | "csi" | "hostPath" | "local"));
        faults.ask(here, sources.count() == 1, "has not exactly one source");
        faults.ask(here, object.pointer("/spec/capacity/storage").is_some(), "has no size");
        return;
    }
    faults.ask(here, object.pointer("/spec/resources/requests/storage").is_some(), "asks for no size");
    let volume = text(object, "/spec/volumeName");
    if volume.is_empty() {
        return;
    }
    let found = objects.iter().find(|other| kind(other) == "PersistentVolume" && name(other) == volume);
    let class = |object: &Value| text(object, "/spec/storageClassName").to_owned();
    match found {
        None => faults.add(here, &format!("names the volume {volume}, which is not there")),
        Some(found) => faults.ask(here, class(found) == class(object), "has another class than its volume"),
    }
}
