//! Every row of the table of kompose's flags (C26, N147): what it does here, or what stands for it.

use super::exit::Exit;
use super::tests::{Said, say};
use crate::host::MemoryHost;

const COMPOSE: &str = "\
name: shop
services:
  web:
    image: example/web:1
    environment: {A: b}
    volumes: [\"data:/srv\", \"./web.conf:/etc/web.conf\"]
    networks: [front]
  log:
    image: example/log:1
    volumes: [\"data:/log\"]
    deploy: {replicas: 3}
    networks: [front]
volumes: {data: {}}
networks: {front: {}}
";

fn convert(flags: &str) -> Said {
    let host = MemoryHost::new().cwd("/shop").file("/shop/compose.yaml", COMPOSE);
    say(&format!("convert {flags}"), &host.file("/shop/web.conf", "a: b\n"))
}

/// Returns what a flag makes, which must be something.
fn made(flags: &str) -> String {
    let said = convert(flags);
    assert_eq!(said.exit, Exit::Done, "{flags}\n{}", said.err);
    said.out
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[test]
fn standard_output_is_the_default_and_has_a_flag_c26() {
    assert_eq!(made("--stdout"), made(""));
    assert_eq!(made("-o -"), made("--out -"));
    assert_eq!(convert("--stdout -o k8s/").exit, Exit::Failed);
}

#[test]
fn json_and_charts_have_short_flags_c26() {
    for flag in ["-j", "--json"] {
        assert_eq!(made(flag), made("--format json"), "{flag}");
    }
    for flag in ["-c", "--chart"] {
        let said = convert(&format!("{flag} -o chart/ --check"));
        assert!(said.out.contains("Chart.yaml"), "{flag}\n{}", said.err);
    }
}

#[test]
fn controllers_are_kinds_of_all_services_c26() {
    for (flag, kind) in [
        ("--controller deployment", "Deployment"),
        ("--controller daemonSet", "DaemonSet"),
        ("--controller statefulset", "StatefulSet"),
        ("-d", "Deployment"),
        ("--deployment", "Deployment"),
        ("--daemon-set", "DaemonSet"),
    ] {
        assert_eq!(count(&made(flag), &format!("kind: {kind}\n")), 2, "{flag}");
    }
}

#[test]
fn replicas_count_where_the_file_has_none_c26() {
    let out = made("--replicas 2");
    assert_eq!((count(&out, "replicas: 2\n"), count(&out, "replicas: 3\n")), (1, 1), "{out}");
}

#[test]
fn volumes_have_one_kind_for_all_c26() {
    assert_eq!(count(&made("--volumes persistentVolumeClaim"), "kind: PersistentVolumeClaim"), 1);
    for flag in ["--volumes emptyDir", "--emptyvols"] {
        let out = made(flag);
        assert_eq!(
            (count(&out, "kind: PersistentVolumeClaim"), count(&out, "emptyDir: {}")),
            (0, 2),
            "{flag}"
        );
    }
    assert_eq!(count(&made("--volumes configMap"), "kind: ConfigMap"), 1);
    let relative = convert("--volumes hostPath");
    assert!(relative.err.contains("bind-unclear"), "{}", relative.err);
    assert!(convert("--volumes floppy").err.contains("`floppy` is no value of `--volumes`"));
}

#[test]
fn claims_have_a_default_size_c26() {
    assert!(made("--pvc-request-size 7Gi").contains("storage: 7Gi"));
}

#[test]
fn services_that_share_a_volume_are_one_pod_c26() {
    let one_each = "--replicas 3 --service-group-mode";
    for flag in [one_each, "--replicas 3 --multiple-container-mode"] {
        assert_eq!(count(&made(&format!("{flag} label")), "kind: Deployment"), 2, "{flag}");
        let out = made(&format!("{flag} volume"));
        assert_eq!(count(&out, "kind: Deployment"), 1, "{flag}\n{out}");
    }
    let named = made(&format!("{one_each} volume --service-group-name site"));
    assert!(named.contains("kind: Deployment\nmetadata:\n  name: site\n"), "{named}");
    // The names of the services stay dialled ones.
    assert_eq!(count(&named, "kind: Service\n"), 3, "{named}");
    let alone = convert("--service-group-name site");
    assert!(alone.err.contains("`--service-group-name` of kompose has no effect"), "{}", alone.err);
    assert!(convert("--service-group-mode pod").err.contains("no value of `--service-group-mode`"));
    let illegal = convert("--service-group-mode volume --service-group-name Big_Site");
    assert_eq!(illegal.exit, Exit::Failed);
}

#[test]
fn warnings_weigh_or_are_not_seen_c26() {
    let usual = convert("");
    assert_eq!(usual.exit, Exit::Done);
    assert!(usual.err.contains("warning["), "{}", usual.err);
    assert_eq!(convert("--error-on-warning").exit, Exit::Failed);
    assert!(!convert("--suppress-warnings").err.contains("warning["));
}

#[test]
fn policies_are_written_for_all_networks_c26() {
    assert!(!made("").contains("kind: NetworkPolicy"));
    assert_eq!(made("--generate-network-policies"), made("--network-policies always"));
}

#[test]
fn flags_without_effect_are_told_c26() {
    for flag in ["--secrets-as-files", "-y", "--yaml", "--with-kompose-annotation"] {
        let said = convert(flag);
        assert_eq!(said.out, made(""), "{flag}");
        assert!(said.err.contains("note[kompose-option-ignored]"), "{flag}: {}", said.err);
    }
}

#[test]
fn yaml_is_two_or_four_blanks_wide_c26() {
    assert_eq!(made("--indent 2"), made(""));
    let wide = made("--indent 4");
    assert!(wide.contains("\nmetadata:\n    name: data\n    labels:\n        app"), "{wide}");
    assert_eq!(count(&wide, "\n  name:"), 0);
    assert!(convert("--indent 3").err.contains("2 or 4 is meant"));
    assert!(convert("--indent 4 -j").err.contains("kompose-option-ignored"));
}

#[test]
fn what_means_the_same_is_taken_c26() {
    for flag in ["--provider kubernetes", "--build none"] {
        assert_eq!(made(flag), made(""), "{flag}");
    }
}

#[test]
fn what_means_something_else_is_refused_with_its_replacement_c26_n147() {
    for (flag, instead) in [
        ("--replication-controller", "a Deployment is meant"),
        ("--replicationController", "a Deployment is meant"),
        ("--controller replicationController", "a Deployment is meant"),
        ("--provider openshift", "OpenShift takes them"),
        ("--build local", "docker compose build"),
        ("--build build-config", "docker compose build"),
        ("--build-command x", "docker compose build"),
        ("--build-repo x", "docker compose build"),
        ("--build-branch x", "docker compose build"),
        ("--push-image", "docker compose push"),
        ("--push-image=true", "docker compose push"),
        ("--push-image-registry x", "docker compose push"),
        ("--push-command x", "docker compose push"),
        ("--insecure-repository", "docker compose push"),
        ("--deployment-config", "a Deployment is meant"),
        ("--no-interpolate", "rcompose config --no-interpolate"),
    ] {
        let said = convert(flag);
        assert_eq!(said.exit, Exit::Failed, "{flag}");
        assert!(said.err.contains(instead), "{flag}: {}", said.err);
        assert!(said.out.is_empty(), "{flag}");
    }
}

#[test]
fn several_files_in_one_flag_are_told_apart_n147() {
    let said = convert("-f compose.yaml,other.yaml");
    assert!(said.err.contains("error[file-not-found]"), "{}", said.err);
    assert!(said.err.contains("-f compose.yaml -f other.yaml"), "{}", said.err);
}
