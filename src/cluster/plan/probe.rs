//! The proof that an object could be made: a dry-run *create* under a throw-away name (A41).

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Longest beginning of the name that is kept: the strictest kind (`CronJob`) allows 52 letters.
const KEPT: usize = 30;

/// Returns the document to create in a dry-run, without what the live object holds and only one may have.
pub(crate) fn document(document: &Value) -> Value {
    let mut probe = document.clone();
    let name = document["metadata"]["name"].as_str().unwrap_or_default();
    if let Some(metadata) = probe.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("name".to_owned(), json!(throw_away(name)));
        metadata.remove("uid");
    }
    if probe["kind"] == "Service" {
        without_held(&mut probe["spec"]);
    }
    probe
}

/// Node ports, addresses and the like belong to the live Service.
fn without_held(spec: &mut Value) {
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(port) = port.as_object_mut() {
            port.remove("nodePort");
        }
    }
    if let Some(spec) = spec.as_object_mut() {
        spec.remove("healthCheckNodePort");
        if spec.get("clusterIP").is_some_and(|address| address != "None") {
            spec.remove("clusterIP");
            spec.remove("clusterIPs");
        }
    }
}

fn throw_away(name: &str) -> String {
    let begin: String = name.chars().filter(|letter| *letter != '.').take(KEPT).collect();
    let digest = Sha256::digest(name.as_bytes());
    format!("{}-dry-run-{:02x}{:02x}{:02x}", begin.trim_end_matches('-'), digest[0], digest[1], digest[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_service_may_hold_is_left_out() {
        let service = json!({"kind": "Service", "metadata": {"name": "web", "uid": "1"}, "spec": {"clusterIP": "10.0.0.1",
            "ports": [{"port": 80, "nodePort": 30080}]}});
        let probe = document(&service);
        assert_eq!(probe["spec"], json!({"ports": [{"port": 80}]}));
        assert_eq!(probe["metadata"].get("uid"), None);
        let headless = json!({"kind": "Service", "metadata": {"name": "web"}, "spec": {"clusterIP": "None"}});
        assert_eq!(document(&headless)["spec"], json!({"clusterIP": "None"}));
    }

    #[test]
    fn throw_away_names_are_legal_and_differ() {
        let long = "a-very-long-name-of-a-service-that-goes-on-and-on-until-63";
        let (one, other) = (throw_away(long), throw_away(&format!("{long}x")));
        assert!(one.len() <= 52 && one != other, "{one} {other}");
        assert!(throw_away("web").starts_with("web-dry-run-"));
    }
}
