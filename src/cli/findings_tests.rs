//! What is told of a project, and how often, as whole runs: findings that more than one part of the program has a hand in.

use super::exit::Exit;
use super::tests::{Said, say};
use crate::host::MemoryHost;

fn said(line: &str, compose: &str) -> Said {
    say(line, &MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", compose).file("/shop/conf/a", "x"))
}

fn count(said: &Said, text: &str) -> usize {
    said.err.matches(text).count()
}

/// A service `web` with some keys, and what stands beside the services.
fn web(keys: &str, beside: &str) -> String {
    format!("name: shop\nservices:\n  web:\n    image: web:1\n{keys}{beside}")
}

#[test]
fn one_group_of_a_pod_reads_all_its_files_n91() {
    let secrets = "secrets: {a: {environment: PWD}, b: {environment: PWD}}\n";
    let alone = web("    secrets: [{source: a, mode: 0400}]\n", secrets);
    let grants = "    secrets: [{source: a, gid: '1000', mode: 0400}, {source: b, mode: 0400}]\n";
    let hinted = web("    secrets: [{source: a, mode: 0400}]\n    x-rcompose: {fs-group: 1000}\n", secrets);
    let refused = web(
        "    user: '1000:1000'\n    secrets: [{source: a, mode: 0400}]\n    x-rcompose: {fs-group: 0}\n",
        secrets,
    );
    for (compose, warnings, notes) in
        [(alone, 1, 0), (web(grants, secrets), 0, 2), (hinted, 0, 1), (refused, 1, 0)]
    {
        let said = said("convert -v", &compose);
        let found =
            (count(&said, "warning[file-mode-approximated]"), count(&said, "note[file-mode-approximated]"));
        assert_eq!(found, (warnings, notes), "{compose}{}", said.err);
    }
}

#[test]
fn sensitive_tells_of_variables_that_are_not_there_n120() {
    let hint =
        "    environment: {LICENSE: abcdef}\n    x-rcompose: {sensitive: {LICENCE: true, LICENSE: true}}\n";
    for target in ["k8s", "swarm"] {
        let said = said(&format!("convert --to {target}"), &web(hint, ""));
        assert_eq!(count(&said, "has no effect on `LICENCE`"), 1, "{target}: {}", said.err);
        assert!(said.err.contains("did you mean `LICENSE`?"), "{}", said.err);
        assert_eq!(count(&said, "on `LICENSE`"), 0, "{}", said.err);
    }
}

#[test]
fn a_reservation_above_its_limit_names_the_key_that_says_it_k52() {
    for (keys, key) in [
        ("    mem_limit: 10m\n    mem_reservation: 20m\n", "mem_reservation"),
        (
            "    mem_limit: 10m\n    deploy: {resources: {reservations: {memory: 20m}}}\n",
            "deploy.resources.reservations.memory",
        ),
        ("    mem_limit: 10m\n    x-rcompose: {requests: {memory: 20Mi}}\n", "x-rcompose.requests.memory"),
        (
            "    x-rcompose: {limits: {ephemeral-storage: 1Mi}, requests: {ephemeral-storage: 2Mi}}\n",
            "x-rcompose.requests.ephemeral-storage",
        ),
    ] {
        let said = said("convert", &web(keys, ""));
        assert!(said.err.contains(&format!("error[reservation-above-limit]: `{key}`")), "{}", said.err);
    }
}

#[test]
fn a_quota_that_limits_nothing_is_told_of_k54() {
    for target in ["k8s", "swarm"] {
        let said = said(&format!("convert -v --to {target}"), &web("    cpu_quota: -1\n", ""));
        assert_eq!(count(&said, "note[already-default]"), 1, "{target}: {}", said.err);
    }
}

#[test]
fn sensitive_holds_for_variables_of_hooks_n120() {
    for hook in ["pre_start: [{image: m, ", "post_start: [{", "pre_stop: [{"] {
        let keys = format!(
            "    {hook}command: [x], environment: {{LICENSE: abcdef}}}}]\n    x-rcompose: {{sensitive: {{LICENSE: true}}}}\n"
        );
        let said = said("convert", &web(&keys, ""));
        assert_eq!(count(&said, "`LICENSE`: no value"), 0, "{hook}{}", said.err);
    }
    let keys = "    post_start: [{command: [x], environment: {LICENSE: a}}]\n    x-rcompose: {sensitive: {LICENCE: true}}\n";
    let said = said("convert", &web(keys, ""));
    assert!(said.err.contains("did you mean `LICENSE`?"), "{}", said.err);
}

#[test]
fn a_secret_for_a_variable_that_is_written_says_which_counts_n120() {
    let keys = "    environment: {A: plain, B: other}\n    x-rcompose: {secret-environment: {A: token}}\n";
    let said = said("convert -v", &web(keys, "secrets: {token: {environment: PWD}}\n"));
    assert_eq!(count(&said, "note[hint-overrides]"), 1, "{}", said.err);
    assert!(said.err.contains("`environment.A`"), "{}", said.err);
}

#[test]
fn values_that_look_secret_are_told_of_once_n102() {
    let compose = web("    environment: {TOKEN: aaaabbbb}\n", "");
    let prod = "services: {web: {environment: {OTHER_TOKEN: ccccdddd}}}\n";
    let host = MemoryHost::new()
        .cwd("/shop")
        .file("/shop/compose.yaml", compose)
        .file("/shop/compose.prod.yaml", prod);
    let said = say("-f compose.yaml -f compose.prod.yaml convert --to kustomize -o out/", &host);
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    assert_eq!(count(&said, "look secret"), 1, "{}", said.err);
    assert!(said.err.contains("`OTHER_TOKEN`, `TOKEN` of `web`"), "{}", said.err);
}

#[test]
fn a_name_that_the_cluster_does_not_take_is_told_of_once_n102() {
    let compose = web("    environment: {\"TOKEN_!\": aaaabbbb}\n", "");
    let old = said("convert --kube-version 1.29", &compose);
    assert_eq!((count(&old, "environment-name-unsupported"), count(&old, "secret-detected")), (1, 0));
    let new = said("convert --kube-version 1.32", &compose);
    assert_eq!((count(&new, "environment-name-unsupported"), count(&new, "secret-detected")), (0, 1));
    assert!(!new.err.contains("aaaabbbb"), "{}", new.err);
}

#[test]
fn too_many_ports_name_the_key_that_has_them_n20() {
    for key in ["expose: ['1-300']", "ports: ['1-300:1-300']"] {
        let said = said("convert", &web(&format!("    {key}\n"), ""));
        let name = key.split(':').next().expect("a key");
        assert!(said.err.contains("error[port-range-too-large]"), "{}", said.err);
        assert!(said.err.contains(&format!("`{name}` of `web`")), "{}", said.err);
    }
}

#[test]
fn a_flag_on_binds_counts_before_every_hint_n120() {
    let mount = "volumes: [{type: bind, source: ./conf, target: /conf, x-rcompose: {bind: config}}]\n";
    let hinted = web(&format!("    {mount}"), "");
    let made = said("convert", &hinted);
    assert!(made.out.contains("kind: ConfigMap"), "{}{}", made.out, made.err);
    let omitted = said("convert --bind-policy omit", &hinted);
    assert!(!omitted.out.contains("kind: ConfigMap"), "{}", omitted.out);
    // Of the project's settings it is a default, and the hint counts.
    let host = MemoryHost::new()
        .cwd("/shop")
        .file("/shop/compose.yaml", &hinted)
        .file("/shop/conf/a", "x")
        .file("/shop/rcompose.yaml", "defaults: {bind-policy: omit}");
    assert!(say("convert", &host).out.contains("kind: ConfigMap"));
}
