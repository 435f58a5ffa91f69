//! T9: what is written is what the server keeps, so the next run finds nothing to do; and our table of lists is the server's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::bed::bed;
use crate::parallel;
use crate::program::Stage;
use crate::project::Project;

const ODD: &str = "
services:
  web:
    image: shop/web:1.4
    cpus: 0.50
    mem_limit: 1024m
    mem_reservation: 0.5g
    environment: ['LOG=a', 'LOG=b', 'EMPTY=', 'COUNT=007']
    extra_hosts: ['one:10.0.0.9', 'two:10.0.0.9', 'three:10.0.0.8']
    stop_grace_period: 1m30s
    healthcheck: {test: ['CMD', 'true'], interval: 1m5s, timeout: 1500ms, retries: 3, start_period: 0s}
    shm_size: 64m
    tmpfs: ['/run:size=1g']
    sysctls: {net.ipv4.tcp_keepalive_time: '600'}
    deploy:
      replicas: 2
      resources: {limits: {cpus: '1.0', memory: '1073741824'}, reservations: {cpus: '0.10'}}
      update_config: {parallelism: 1, order: start-first}
";

#[test]
fn t9_odd_words_become_what_the_server_keeps() {
    let odd = ODD.replace("    cpus: 0.50\n    mem_limit: 1024m\n    mem_reservation: 0.5g\n", "");
    for (test, compose) in
        [("odd", ODD.split("    deploy:").next().expect("a start")), ("odd deployed", odd.as_str())]
    {
        let Some(project) = Project::behind_proxy(test, compose) else { return };
        project.apply(&[]);
        let web = project.get("deployment/web");
        let pod = &web["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        assert_eq!(container["resources"]["limits"]["memory"], "1Gi", "{test}");
        let cpu = if test == "odd" { "500m" } else { "1" };
        assert_eq!(container["resources"]["limits"]["cpu"], cpu, "{test}");
        let log: Vec<&Value> =
            container["env"].as_array().expect("env").iter().filter(|one| one["name"] == "LOG").collect();
        assert_eq!(log, [&json!({"name": "LOG", "value": "b"})], "{test}: the last one wins");
        assert_eq!(
            pod["hostAliases"].as_array().map(Vec::len),
            Some(2),
            "{test}: names of one address stand together"
        );
        assert_eq!(pod["terminationGracePeriodSeconds"], 90, "{test}");
        let (seen, before) = (project.requests().len(), project.versions());
        let again = project.apply(&[]);
        assert!(again.stderr.contains("nothing to change"), "{test}: {}", again.stderr);
        assert_eq!(project.writes(seen), Vec::<String>::new(), "{test}");
        assert_eq!(project.versions(), before, "{test}");
    }
}

#[test]
fn t9_golden_projects_are_applied_once_and_never_again() {
    if bed("live: golden projects", crate::BED).is_none() {
        return;
    }
    let projects = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects");
    let mut projects: Vec<_> = fs::read_dir(projects)
        .expect("the projects can be listed")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    projects.sort();
    let applied = parallel::each(&projects, |directory| twice(directory));
    assert!(applied.iter().filter(|applied| **applied).count() > 14, "most can be applied as they are");
}

fn twice(directory: &Path) -> bool {
    let name = directory.file_name().expect("a project has a name").to_string_lossy().into_owned();
    let lines = |file: &str| {
        let text = fs::read_to_string(directory.join(file)).unwrap_or_default();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let environment: BTreeMap<String, String> = lines("case.env")
        .iter()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let words: Vec<String> = [lines("case.args"), lines("case.flags")].concat();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let test = format!("golden {name}");
    let stage = Stage::of(directory, &name, &["kubernetes", "swarm"]);
    let Some(project) = Project::copied(&test, stage, &name, environment) else { return false };
    let run = project.live(&[&["apply", "--yes"][..], &words].concat());
    assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
    let (seen, before) = (project.requests().len(), project.versions());
    let again = project.apply(&words);
    assert!(again.stderr.contains("nothing to change"), "{name}: {}", again.stderr);
    assert_eq!(project.writes(seen), Vec::<String>::new(), "{name}");
    assert_eq!(project.versions(), before, "{name}");
    true
}

/// Groups and versions of the kinds that we write.
const GROUPS: &[&str] = &[
    "api/v1",
    "apis/apps/v1",
    "apis/autoscaling/v2",
    "apis/batch/v1",
    "apis/gateway.networking.k8s.io/v1",
    "apis/networking.k8s.io/v1",
    "apis/policy/v1",
    "apis/rbac.authorization.k8s.io/v1",
];

#[test]
fn t9_lists_are_merged_as_the_served_description_says() {
    let Some(bed) = bed("live: lists", crate::BED) else { return };
    let known = include_str!("../../fixtures/cluster/list-keys.txt");
    let known: BTreeSet<&str> = known.lines().filter(|line| !line.starts_with('#')).collect();
    let kinds: BTreeSet<&str> = known.iter().filter_map(|line| Some(line.split_once(' ')?.0)).collect();
    let mut served = BTreeSet::new();
    for group in GROUPS {
        let answer = bed.kubectl(None, &["get", "--raw", &format!("/openapi/v3/{group}")]);
        let description: Value = serde_json::from_slice(&answer.stdout).expect("a description is JSON");
        let schemas = description.pointer("/components/schemas").expect("it has schemas");
        for (name, schema) in schemas.as_object().expect("a map") {
            let kind = name.rsplit('.').next().unwrap_or_default();
            let is_whole = schema["x-kubernetes-group-version-kind"].is_array();
            if is_whole && kinds.contains(kind) {
                lists(schemas, schema, kind, &mut Vec::new(), &mut served);
            }
        }
    }
    let served: BTreeSet<&str> = served.iter().map(String::as_str).collect();
    let changed: Vec<&&str> = served.symmetric_difference(&known).collect();
    assert!(changed.is_empty(), "fixtures/cluster/list-keys.txt is not what is served: {changed:#?}");
}

/// Collects `Kind path: keys` of all lists below that a document may have; what is merged as a whole is not opened.
fn lists<'a>(
    schemas: &'a Value,
    schema: &'a Value,
    kind: &str,
    at: &mut Vec<String>,
    found: &mut BTreeSet<String>,
) {
    let schema = target(schemas, schema);
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let inner = target(schemas, field);
        let is_whole =
            field["x-kubernetes-map-type"] == "atomic" || inner["x-kubernetes-map-type"] == "atomic";
        if is_whole || name == "managedFields" || at.is_empty() && name == "status" {
            continue;
        }
        at.push(name.clone());
        if inner["type"] == "array" {
            let sort = field["x-kubernetes-list-type"].as_str().unwrap_or("atomic");
            let keys = field["x-kubernetes-list-map-keys"].as_array().into_iter().flatten();
            let keys: Vec<&str> = keys.filter_map(Value::as_str).collect();
            let shown = if sort == "map" { keys.join(",") } else { sort.to_owned() };
            found.insert(format!("{kind} {}: {shown}", at.join(".")));
            if sort == "map" {
                lists(schemas, &inner["items"], kind, at, found);
            }
        } else {
            lists(schemas, field, kind, at, found);
        }
        at.pop();
    }
}

/// Follows a reference, which may stand alone or in an `allOf` of one.
fn target<'a>(schemas: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"].as_str().or_else(|| schema.pointer("/allOf/0/$ref")?.as_str());
    let name = reference.and_then(|reference| reference.rsplit('/').next());
    name.map_or(schema, |name| &schemas[name])
}
