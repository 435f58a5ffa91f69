//! `--hash`: what tells `docker compose up` that a service has changed.
//!
//! SHA-256 of the service's JSON as Go writes it: compact, keys in the order of Compose's own type, which is the order of
//! our rows, without what does not make a container new.

use sha2::{Digest, Sha256};

use crate::compose::Project;
use crate::compose::grammar::json::go_json_string;
use crate::compose::grammar::number::json_float;
use crate::compose::keys::Key;
use crate::compose::print::{Printed, PrintedValue, Printer};

/// Keys that do not make a container new.
const LEFT_OUT: [&str; 5] = ["build", "pull_policy", "scale", "depends_on", "profiles"];

/// Returns `service hash` for each named service, or for all with `*`, sorted. The project must be loaded without
/// reading env files ([`Skip::env_files`](crate::compose::Skip)).
pub(crate) fn hashes(project: &Project, wanted: &[&str]) -> Vec<(String, String)> {
    let all = wanted == ["*"];
    let services = project.services().filter(|(name, _)| project.selected.contains(*name));
    let named = services.filter(|(name, _)| all || wanted.contains(&name.as_str()));
    named.map(|(name, service)| (name.clone(), hash(service.value.print(Printer { yaml: false })))).collect()
}

fn hash(mut service: Printed) -> String {
    if let PrintedValue::Fixed(entries) = &mut service.value {
        entries.retain(|(key, _)| !LEFT_OUT.contains(&key.as_str()));
        for (key, entry) in entries {
            match (key.as_str(), &mut entry.value) {
                ("deploy", PrintedValue::Fixed(deploy)) => deploy.retain(|(key, _)| key != "replicas"),
                ("env_file", PrintedValue::List(files)) => files.iter_mut().for_each(shorten_env_file),
                _ => {}
            }
        }
    }
    let mut text = String::new();
    write(&service, &mut text);
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
        }
        text
    })
}

/// A required env file is its path alone.
fn shorten_env_file(file: &mut Printed) {
    let PrintedValue::Fixed(entries) = &file.value else { return };
    let value = |wanted: &str| entries.iter().find(|(key, _)| key == wanted).map(|(_, entry)| &entry.value);
    if let (Some(PrintedValue::Bool(true)), Some(path)) = (value("required"), value("path")) {
        file.value = path.clone();
    }
}

fn write(printed: &Printed, text: &mut String) {
    match &printed.value {
        PrintedValue::Null => text.push_str("null"),
        PrintedValue::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        PrintedValue::Int(value) => text.push_str(&value.to_string()),
        PrintedValue::Float(value) => text.push_str(&json_float(*value)),
        PrintedValue::Text(value) => text.push_str(&go_json_string(value)),
        PrintedValue::List(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        PrintedValue::Named(entries) | PrintedValue::Fixed(entries) => {
            text.push('{');
            for (index, (key, entry)) in entries.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&go_json_string(key));
                text.push(':');
                write(entry, text);
            }
            text.push('}');
        }
    }
}
