//! T8: ports that share a number, or change places, all arrive; what is taken away takes no other with it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::project::{Project, actions, fields, first_plan};
use crate::running::{ending, objects};

fn dns(ports: &str) -> String {
    format!("services:\n  dns: {{image: 'shop/dns:1', ports: [{ports}]}}\n")
}

/// Returns `port/protocol>target` of what is published.
fn published(project: &Project) -> BTreeSet<String> {
    let service = project.get("service/dns-published");
    let ports = service["spec"]["ports"].as_array().expect("it has ports").iter();
    let text =
        |port: &Value, key: &str| port[key].as_str().map_or_else(|| port[key].to_string(), str::to_owned);
    ports
        .map(|port| format!("{}/{}>{}", text(port, "port"), text(port, "protocol"), text(port, "targetPort")))
        .collect()
}

/// Returns `port/protocol` of what the container listens on.
fn listened(project: &Project) -> BTreeSet<String> {
    let dns = project.get("deployment/dns");
    let ports = dns.pointer("/spec/template/spec/containers/0/ports").and_then(Value::as_array);
    let shown =
        |port: &Value| format!("{}/{}", port["containerPort"], port["protocol"].as_str().unwrap_or_default());
    ports.expect("it has ports").iter().map(shown).collect()
}

fn set(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(ToString::to_string).collect()
}

#[test]
fn t8_ports_that_share_a_number_all_arrive_and_go_one_by_one() {
    let first = "'53:53/tcp', '53:53/udp', '8080:80', '8081:80', '9000:90', '9001:91'";
    let Some(project) = Project::behind_proxy("ports", &dns(first)) else { return };
    let run = project.apply(&["-o", "json"]);
    let plan = first_plan(&run);
    assert_eq!(plan["summary"], json!({"create": 3}), "{plan:#}");
    for path in ["53/TCP", "53/UDP", "8080/TCP", "8081/TCP", "9000/TCP", "9001/TCP"] {
        let path = format!("add spec.ports[{path}].targetPort: ");
        let found = fields(&plan, "Service/dns-published");
        assert!(found.iter().any(|field| field.starts_with(&path)), "{path}: {found:#?}");
    }
    assert_eq!(ending(&run), "reached");
    let all = set(&["53/TCP>53", "53/UDP>53", "8080/TCP>80", "8081/TCP>80", "9000/TCP>90", "9001/TCP>91"]);
    assert_eq!(published(&project), all);
    assert_eq!(listened(&project), set(&["53/TCP", "53/UDP", "80/TCP", "90/TCP", "91/TCP"]));

    project.write(&dns("'53:53/tcp', '53:53/udp', '8080:80', '8081:80', '9000:91', '9001:90'"));
    let run = project.apply(&["-o", "json"]);
    let plan = first_plan(&run);
    assert_eq!(
        fields(&plan, "Service/dns-published"),
        [
            "replace spec.ports[9000/TCP].targetPort: 90 → 91",
            "replace spec.ports[9001/TCP].targetPort: 91 → 90"
        ]
    );
    assert_eq!(
        (&plan["summary"], objects(&run, "written")),
        (&json!({"unchanged": 2, "update": 1}), vec!["Service/dns-published".to_owned()])
    );
    let swapped =
        set(&["53/TCP>53", "53/UDP>53", "8080/TCP>80", "8081/TCP>80", "9000/TCP>91", "9001/TCP>90"]);
    assert_eq!(published(&project), swapped);

    project.write(&dns("'53:53/tcp', '8080:80', '8081:80', '9000:91', '9001:90'"));
    let run = project.apply(&["-o", "json"]);
    let plan = first_plan(&run);
    for object in ["Service/dns", "Service/dns-published", "Deployment/dns"] {
        assert_eq!(actions(&plan)[object], "update");
        let fields = fields(&plan, object);
        assert!(
            !fields.is_empty()
                && fields
                    .iter()
                    .all(|field| { field.starts_with("remove ") && field.contains("ports[53/UDP].") }),
            "{object}: {fields:#?}"
        );
    }
    assert_eq!(objects(&run, "written"), ["Deployment/dns", "Service/dns", "Service/dns-published"]);
    assert_eq!(&published(&project), &(&swapped - &set(&["53/UDP>53"])), "only what was taken away is gone");
    assert_eq!(listened(&project), set(&["53/TCP", "80/TCP", "90/TCP", "91/TCP"]));
    project.nothing_to_change(&[]);
}

#[test]
fn t8_a_port_becomes_udp_and_another_number_in_one_run() {
    let Some(project) = Project::new("port changes", &dns("'53:53', '8080:80'")) else { return };
    project.apply(&[]);
    project.write(&dns("'53:53/udp', '9090:80'"));
    project.apply(&[]);
    assert_eq!(published(&project), set(&["53/UDP>53", "9090/TCP>80"]));
    assert_eq!(listened(&project), set(&["53/UDP", "80/TCP"]));
}
