//! `version` of a stack file (S10): the lowest that has what is used, so that older docker CLIs read it.

use serde_json::Value;

/// Returns the version that a finished tree needs.
pub(crate) fn version(tree: &Value) -> &'static str {
    let services = || tree["services"].as_object().into_iter().flat_map(|services| services.values());
    let has_network_options = |service: &Value| {
        let networks = service["networks"].as_object();
        networks.is_some_and(|networks| networks.values().any(|network| network.get("driver_opts").is_some()))
    };
    if services().any(has_network_options) {
        "3.13"
    } else if services().any(|service| service["healthcheck"].get("start_interval").is_some()) {
        "3.12"
    } else if services().any(|service| service["deploy"]["resources"]["limits"].get("pids").is_some()) {
        "3.9"
    } else {
        "3.8"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_lowest_version_that_has_it_is_taken() {
        let of = |service: Value| version(&json!({"services": {"a": {"image": "b"}, "web": service}}));
        assert_eq!(of(json!({})), "3.8");
        assert_eq!(of(json!({"deploy": {"resources": {"limits": {"pids": 5}}}})), "3.9");
        assert_eq!(of(json!({"healthcheck": {"start_interval": "1s"}})), "3.12");
        assert_eq!(of(json!({"networks": {"a": {"driver_opts": {"b": "c"}}}})), "3.13");
        assert_eq!(of(json!({"networks": ["a"]})), "3.8");
    }
}
