//! Names, labels and annotations of any object.

use serde_json::Value;

use super::{Faults, Place, entries, kind, name, template_path};
use crate::backend::kubernetes::label_syntax::{is_dns_label, is_label_key, is_label_value};
use crate::backend::kubernetes::metadata::{is_legal_key, is_subdomain};

const LABEL_LIMIT: usize = 63;
const ANNOTATIONS_LIMIT: usize = 256 << 10;

pub(super) fn check(here: &Place, object: &Value, faults: &mut Faults) {
    faults.ask(here, is_legal(kind(object), name(object)), "has no legal name");
    metadata(here, object, faults);
    let template = template_path(kind(object)).and_then(|path| object.pointer(path));
    if let Some(template) = template {
        metadata(&here.part("template"), template, faults);
    }
}

fn is_legal(kind: &str, name: &str) -> bool {
    match kind {
        "Service" => is_label(name) && name.starts_with(|c: char| c.is_ascii_lowercase()),
        // Pods are named after workloads, and other objects of ours after a service.
        "Namespace" | "Deployment" | "DaemonSet" | "Job" => is_label(name),
        "StatefulSet" | "CronJob" => is_label(name) && name.len() <= 52,
        "Role" | "RoleBinding" => {
            !name.is_empty() && !name.contains(['/', '%']) && name != "." && name != ".."
        }
        _ => is_subdomain(name),
    }
}

/// Tells whether a text is a DNS label.
pub(super) fn is_label(text: &str) -> bool {
    is_dns_label(text) && text.len() <= LABEL_LIMIT
}

fn metadata(here: &Place, object: &Value, faults: &mut Faults) {
    for (key, value) in entries(object, "/metadata/labels") {
        let value = value.as_str().unwrap_or("no text");
        faults.ask(
            here,
            is_label_key(key) && is_label_value(value),
            &format!("has the label {key}: {value}"),
        );
    }
    let mut size = 0;
    for (key, value) in entries(object, "/metadata/annotations") {
        faults.ask(here, is_legal_key(key), &format!("has the annotation {key}"));
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    faults.ask(here, size <= ANNOTATIONS_LIMIT, "has more than 256 KiB of annotations");
}
