//! Twenty-six faults that converters are known for, each with the fixture that would show it.
//!
//! Reads what `tests/fixtures.rs` compares with the program, so a golden that was accepted unread fails here.

#![expect(clippy::disallowed_methods, reason = "reads fixtures itself; `host` is for the program")]

#[path = "support/program.rs"]
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use program::Stage;
use serde_json::{Value, json};

/// What a fixture below `fixtures/keys` becomes.
struct Objects(Vec<Value>);

impl Objects {
    fn of(fixture: &str) -> Self {
        let text =
            fs::read_to_string(directory(fixture).join("kubernetes.yaml")).expect("a fixture has a golden");
        Self(serde_saphyr::from_multiple(&text).expect("a golden is YAML"))
    }

    fn kind(&self, kind: &str) -> Vec<&Value> {
        self.0.iter().filter(|object| object["kind"] == kind).collect()
    }

    fn names(&self, kind: &str) -> BTreeSet<&str> {
        self.kind(kind).iter().filter_map(|object| object["metadata"]["name"].as_str()).collect()
    }

    fn named(&self, kind: &str, name: &str) -> &Value {
        let found = self.kind(kind).into_iter().find(|object| object["metadata"]["name"] == name);
        found.unwrap_or_else(|| panic!("no {kind} {name}"))
    }

    /// Pod templates of all workloads, by the service.
    fn pods(&self) -> BTreeMap<&str, &Value> {
        let templates = self.0.iter().filter_map(|object| {
            let template = match object["kind"].as_str()? {
                "CronJob" => &object["spec"]["jobTemplate"]["spec"]["template"],
                "DaemonSet" | "Deployment" | "Job" | "StatefulSet" => &object["spec"]["template"],
                _ => return None,
            };
            Some((object["metadata"]["labels"]["app.kubernetes.io/name"].as_str()?, template))
        });
        templates.collect()
    }

    fn pod(&self, service: &str) -> &Value {
        &self.pods()[service]["spec"]
    }

    fn container(&self, service: &str) -> &Value {
        &self.pod(service)["containers"][0]
    }

    fn variables(&self, service: &str) -> BTreeMap<&str, &str> {
        let variables = self.container(service)["env"].as_array().into_iter().flatten();
        variables.filter_map(|one| Some((one["name"].as_str()?, one["value"].as_str()?))).collect()
    }
}

fn directory(fixture: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture)
}

fn problems(fixture: &str) -> String {
    fs::read_to_string(directory(fixture).join("problems.txt")).expect("a fixture has its problems")
}

/// What a container gets of an argument: `$$` is one dollar sign, and nothing here names a variable.
fn as_the_kubelet_expands(text: &str) -> String {
    text.replace("$$", "$")
}

#[test]
fn a_variable_beats_a_file_of_variables() {
    let made = Objects::of("keys/services.env_file/environment-wins");
    assert_eq!(made.variables("web"), BTreeMap::from([("LEVEL", "debug"), ("REGION", "north")]));
}

#[test]
fn an_optional_file_of_variables_may_be_missing() {
    let made = Objects::of("keys/services.env_file/optional-and-missing");
    assert_eq!(made.variables("web"), BTreeMap::new());
}

#[test]
fn dollar_signs_of_a_command_arrive() {
    let made = Objects::of("keys/services.command/dollar-signs");
    let words: Vec<String> = made.container("web")["args"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|word| as_the_kubelet_expands(word.as_str().expect("text")))
        .collect();
    assert_eq!(words, ["echo", "$VAR", "${VAR}", "$$", "$(VAR)"]);
}

#[test]
fn content_with_a_status_and_without_a_final_newline_and_of_bytes_arrives() {
    let made = Objects::of("keys/configs.file/status-binary-and-no-final-newline");
    let maps = made.kind("ConfigMap");
    let text = |key: &str| maps.iter().find_map(|map| map["data"][key].as_str());
    assert_eq!(text("report"), Some("kind: Report\nstatus:\n  ready: true\n"));
    assert_eq!(text("token"), Some("no newline at the end"));
    let bytes = maps.iter().find_map(|map| map["binaryData"]["picture"].as_str());
    assert_eq!(bytes, Some("iVBORw0KGgoA//4="), "\\x89PNG\\r\\n\\x1a\\n\\0\\xff\\xfe");
}

#[test]
fn every_form_of_a_healthcheck_is_its_probe_or_none() {
    let made = Objects::of("keys/services.healthcheck/every-form");
    let command = |service: &str| made.container(service)["readinessProbe"]["exec"]["command"].clone();
    assert_eq!(command("words"), json!(["check", "--fast"]));
    assert_eq!(command("shell"), json!(["/bin/sh", "-c", "check | grep up"]));
    assert_eq!(command("text"), json!(["/bin/sh", "-c", "check && probe"]));
    for service in ["none", "disabled", "absent"] {
        let probes = ["readinessProbe", "livenessProbe", "startupProbe"];
        assert!(probes.iter().all(|probe| made.container(service)[probe].is_null()), "{service}");
    }
}

#[test]
fn every_restart_policy_is_a_legal_kind() {
    let made = Objects::of("keys/services.restart/every-policy");
    for (service, pod) in made.pods() {
        let policy = &pod["spec"]["restartPolicy"];
        if service == "no" {
            assert_eq!(policy, "Never", "a Job takes Never or OnFailure");
        } else {
            assert!(policy.is_null() || policy == "Always", "{service}: a Deployment takes Always alone");
        }
    }
    assert_eq!((made.kind("Job").len(), made.kind("Deployment").len()), (1, 5));
    assert!(problems("keys/services.restart/every-policy").contains("restart-attempts-dropped"));
    // With a published port a service that gives up would be missed.
    let made = Objects::of("keys/services.restart/on-failure-with-attempts");
    assert_eq!(made.kind("Deployment").len(), 1);
}

#[test]
fn a_variable_without_value_is_taken_from_outside_or_left_out() {
    let made = Objects::of("keys/services.environment/null-value");
    assert_eq!(made.variables("web"), BTreeMap::from([("EMPTY", ""), ("FROM_OUTSIDE", "north")]));
    assert!(problems("keys/services.environment/null-value").contains("environment-unset"));
}

#[test]
fn an_anonymous_volume_is_no_claim_and_is_told() {
    let made = Objects::of("keys/services.volumes/anonymous");
    assert!(made.kind("PersistentVolumeClaim").is_empty());
    assert!(made.pod("web")["volumes"][0]["emptyDir"].is_object());
    assert!(problems("keys/services.volumes/anonymous").contains("volume-anonymous"));
}

#[test]
fn a_shared_volume_is_one_claim_which_one_users_wish_does_not_close() {
    let made = Objects::of("keys/services.volumes/shared-and-read-only");
    assert_eq!(made.names("PersistentVolumeClaim"), BTreeSet::from(["data"]));
    for service in ["reader", "writer"] {
        let volume = &made.pod(service)["volumes"][0]["persistentVolumeClaim"];
        assert_eq!(volume["claimName"], "data");
        assert!(volume["readOnly"].is_null(), "{service}");
    }
    let read_only = |service: &str| made.container(service)["volumeMounts"][0]["readOnly"].clone();
    assert_eq!((read_only("reader"), read_only("writer")), (json!(true), Value::Null));
}

#[test]
fn what_is_external_is_referred_to_and_not_made() {
    for (fixture, kind, place) in [
        (
            "keys/volumes.external/named",
            "PersistentVolumeClaim",
            ["persistentVolumeClaim", "claimName", "old-data"],
        ),
        ("keys/secrets.external/named", "Secret", ["secret", "secretName", "the-token"]),
        ("keys/configs.external/named", "ConfigMap", ["configMap", "name", "the-page"]),
    ] {
        let made = Objects::of(fixture);
        assert!(made.kind(kind).is_empty(), "{fixture}");
        let [source, key, name] = place;
        assert_eq!(made.pod("web")["volumes"][0][source][key], name, "{fixture}");
    }
}

#[test]
fn a_tmpfs_in_long_form_is_memory_of_its_size() {
    let made = Objects::of("keys/services.volumes/tmpfs");
    let memory = json!({"medium": "Memory", "sizeLimit": "32Mi"});
    assert_eq!(made.pod("web")["volumes"][0]["emptyDir"], memory);
}

#[test]
fn names_that_no_service_can_have_become_legal_and_distinct() {
    let made = Objects::of("keys/services/awkward-names");
    let names = made.names("Deployment");
    assert!(names.is_superset(&BTreeSet::from(["under-score", "dotted-name", "uppercase"])), "{names:?}");
    assert_eq!(names.len(), 4);
    for name in made.names("Service").into_iter().chain(names) {
        assert!(
            name.len() <= 63
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{name}"
        );
    }
    assert!(problems("problems/name-collision").contains("error[name-collision]"));
}

#[test]
fn one_port_for_both_protocols_is_published_for_both() {
    let made = Objects::of("keys/services.ports/both-protocols");
    let published = made.named("Service", "web-published");
    assert_eq!(published["spec"]["type"], "LoadBalancer");
    let protocols: BTreeSet<_> = published["spec"]["ports"]
        .as_array()
        .expect("ports")
        .iter()
        .map(|port| (port["port"].as_u64(), port["protocol"].as_str()))
        .collect();
    assert_eq!(protocols, BTreeSet::from([(Some(53), Some("TCP")), (Some(53), Some("UDP"))]));
}

#[test]
fn a_published_port_answers_outside_and_the_target_inside() {
    let made = Objects::of("keys/services.ports/published");
    let numbers = |name: &str| -> BTreeSet<u64> {
        let ports = made.named("Service", name)["spec"]["ports"].as_array().expect("ports").clone();
        ports.iter().filter_map(|port| port["port"].as_u64()).collect()
    };
    assert!(numbers("web").contains(&80) && numbers("web-published").contains(&8080));
}

#[test]
fn a_service_without_ports_resolves() {
    let made = Objects::of("keys/services/without-ports");
    assert_eq!(made.named("Service", "worker")["spec"]["clusterIP"], "None");
    assert_eq!(made.names("Service"), BTreeSet::from(["web", "worker"]));
}

#[test]
fn a_service_on_every_node_has_no_number_of_copies() {
    let made = Objects::of("keys/services.deploy.mode/global");
    let [set] = made.kind("DaemonSet")[..] else { panic!("one DaemonSet") };
    assert!(set["spec"]["replicas"].is_null());
}

#[test]
fn configs_are_mounted_in_every_kind() {
    let made = Objects::of("keys/services.configs/on-every-kind");
    let kinds = ["CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"];
    assert!(kinds.iter().all(|kind| made.kind(kind).len() == 1));
    for (service, pod) in made.pods() {
        assert_eq!(pod["spec"]["containers"][0]["volumeMounts"][0]["mountPath"], "/page", "{service}");
    }
}

#[test]
fn arguments_that_look_like_yaml_stay_text() {
    let made = Objects::of("keys/services.command/looks-like-yaml");
    let expected = json!([
        "yes",
        "no",
        "on",
        "null",
        "~",
        "1.10",
        "0755",
        "1e3",
        "22:22",
        "2026-11-21",
        "- item",
        "key: value",
        "#comment",
        "",
        " blank "
    ]);
    assert_eq!(made.container("web")["args"], expected);
    let text = fs::read_to_string(directory("keys/services.command/looks-like-yaml/kubernetes.yaml"));
    // Readers of the older YAML take the bare words for truth values.
    assert!(text.expect("a golden").contains("- \"yes\"\n"));
}

#[test]
fn no_copies_are_no_copies() {
    let made = Objects::of("keys/services.deploy.replicas/none");
    assert_eq!(made.named("Deployment", "web")["spec"]["replicas"], 0);
}

#[test]
fn user_and_groups_and_kernel_parameters_stand_where_the_api_has_them() {
    let made = Objects::of("keys/services.user/with-groups-and-sysctls");
    let (pod, container) = (&made.pod("web")["securityContext"], &made.container("web")["securityContext"]);
    assert_eq!((&container["runAsUser"], &container["runAsGroup"]), (&json!(1000), &json!(2000)));
    assert_eq!(pod["supplementalGroups"], json!([3000]));
    assert_eq!(pod["sysctls"], json!([{"name": "net.ipv4.tcp_syncookies", "value": "1"}]));
}

#[test]
fn text_that_looks_like_a_template_is_escaped_in_a_chart() {
    let stage = Stage::of(&directory("keys/services/templates-in-data"), "shop-1", &["kubernetes.yaml"]);
    let run = stage.run(".", &BTreeMap::new(), &["convert", "--to", "helm", "-o", "chart/"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let templates = fs::read_dir(stage.directory.join("chart/templates")).expect("a chart has templates");
    for file in templates {
        let text = fs::read_to_string(file.expect("a file").path()).expect("a template is text");
        // `tests/gitops.rs` renders the same project with Helm's engine.
        assert!(!text.contains("{{ .Level }}") && !text.contains("{{ print 1 }}"), "{text}");
        assert!(!text.contains(".Values.web-server"), "a dash ends a name in a template: {text}");
    }
}

#[test]
fn ten_runs_give_the_same_bytes() {
    let fixture = directory("keys/services.configs/on-every-kind");
    let outputs: BTreeSet<String> = (0..10)
        .map(|_| {
            let run =
                Stage::of(&fixture, "shop", &["kubernetes.yaml"]).run(".", &BTreeMap::new(), &["convert"]);
            assert_eq!(run.code, Some(0), "{}", run.stderr);
            run.stdout
        })
        .collect();
    assert_eq!(outputs.len(), 1);
}

#[test]
fn the_directory_of_a_project_is_nowhere_in_the_output() {
    let fixture = directory("keys/services.volumes/bind-directory");
    let stage = Stage::of(&fixture, "shop", &["kubernetes.yaml"]);
    for target in ["k8s", "swarm"] {
        let run = stage.run(".", &BTreeMap::new(), &["convert", "--to", target, "-o", "out/"]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let place = stage.directory.to_string_lossy().into_owned();
        for file in files(&stage.directory.join("out")) {
            let bytes = fs::read(&file).expect("a product can be read");
            assert!(!String::from_utf8_lossy(&bytes).contains(&place), "{}", file.display());
        }
        fs::remove_dir_all(stage.directory.join("out")).expect("a product can be removed");
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory can be listed");
    entries
        .map(|entry| entry.expect("an entry").path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}
