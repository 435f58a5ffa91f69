//! What is written for Kubernetes is legal there: it survives a way through typed objects, and passes the published schemas of
//! the oldest, a middle and the newest release.

#![expect(
    clippy::disallowed_methods,
    reason = "reads fixtures itself and runs Python; `host` is for the program"
)]

#[path = "support/program.rs"]
mod program;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use k8s_openapi::api;
use program::Stage;
use rcompose::backend::kubernetes::legal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Oldest target, one between, newest (K, head).
const VERSIONS: &[&str] = &["1.29", "1.32", "1.37"];
const SCHEMAS: &str = "kubernetes-validate==1.37.0";

#[test]
fn goldens_survive_typed_objects() {
    let files = goldens();
    assert!(!files.is_empty(), "no golden was found");
    let mut faults = Vec::new();
    for file in &files {
        faults.extend(
            untyped(&fs::read_to_string(file).expect("a golden is text"))
                .into_iter()
                .map(|fault| format!("{}: {fault}", file.display())),
        );
    }
    assert!(faults.is_empty(), "{} faults in {} files:\n{}", faults.len(), files.len(), faults.join("\n"));
}

#[test]
fn goldens_hold_together() {
    let mut faults = Vec::new();
    for (place, files) in by_directory(goldens()) {
        let problems = place.parent().map(|above| above.join("problems.txt"));
        let problems = problems.and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
        let external = ["volume-external", "secret-external"].iter().any(|code| problems.contains(code));
        let objects = files.iter().flat_map(|file| documents(file)).collect::<Vec<_>>();
        let found = legal::faults(&objects, &|_, _| external);
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", place.display())));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Objects that belong together: all files of a directory, where one file holds one object; else each file alone.
fn by_directory(files: Vec<PathBuf>) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let mut groups: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        let directory = file.parent().map(Path::to_path_buf).unwrap_or_default();
        let together = directory.ends_with("kubernetes");
        groups.entry(if together { directory } else { file.clone() }).or_default().push(file);
    }
    groups
}

fn documents(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("a golden is text");
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text).expect("a golden is YAML");
    documents.into_iter().filter(|document| !document.is_null()).collect()
}

#[test]
fn goldens_pass_the_published_schemas() {
    match schema_faults(&goldens()) {
        Ok(said) => assert!(said.is_empty(), "{}", said.join("\n")),
        Err(reason) => skip::skipped("schemas of goldens", &reason),
    }
}

#[test]
fn examples_are_valid() {
    let Some(examples) = shared::shared("examples are valid", "examples") else { return };
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    let mut files = Vec::new();
    for entry in fs::read_dir(examples).expect("the examples can be listed") {
        let example = entry.expect("an example can be listed").path();
        if example.is_dir() {
            let name = example.file_name().expect("an example has a name").to_string_lossy().into_owned();
            let run = Stage::of(&example, &name, &[]).run(".", &BTreeMap::new(), &["convert"]);
            assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
            let faults = untyped(&run.stdout);
            assert!(faults.is_empty(), "{name}: {}", faults.join("\n"));
            let objects: Vec<Value> = serde_saphyr::from_multiple(&run.stdout).expect("just read");
            let faults = legal::faults(&objects, &|_, _| false);
            assert!(faults.is_empty(), "{name}: {}", faults.join("\n"));
            files.push(scratch.path().join(format!("{name}.yaml")));
            fs::write(files.last().expect("just pushed"), run.stdout).expect("a scratch file can be written");
        }
    }
    assert_eq!(files.len(), 16, "there are sixteen examples");
    match schema_faults(&files) {
        Ok(said) => assert!(said.is_empty(), "{}", said.join("\n")),
        Err(reason) => skip::skipped("schemas of examples", &reason),
    }
}

/// Returns the objects of a text that a way through typed objects changes: fields that Kubernetes does not know, wrong types.
fn untyped(text: &str) -> Vec<String> {
    let documents: Vec<Value> = match serde_saphyr::from_multiple(text) {
        Ok(documents) => documents,
        Err(error) => return vec![error.to_string()],
    };
    documents
        .into_iter()
        .filter(|document| !document.is_null())
        .filter_map(|document| {
            let name = format!("{}/{}", document["kind"], document["metadata"]["name"]);
            match typed(&document) {
                Ok(back) if back == document => None,
                Ok(back) => Some(format!("{name}: {document} comes back as {back}")),
                Err(error) => Some(format!("{name}: {error}")),
            }
        })
        .collect()
}

fn typed(document: &Value) -> Result<Value, String> {
    let kind = document["kind"].as_str().unwrap_or_default();
    match (document["apiVersion"].as_str().unwrap_or_default(), kind) {
        ("v1", "ConfigMap") => through::<api::core::v1::ConfigMap>(document),
        ("v1", "Namespace") => through::<api::core::v1::Namespace>(document),
        ("v1", "PersistentVolume") => through::<api::core::v1::PersistentVolume>(document),
        ("v1", "PersistentVolumeClaim") => through::<api::core::v1::PersistentVolumeClaim>(document),
        ("v1", "Secret") => through::<api::core::v1::Secret>(document),
        ("v1", "Service") => through::<api::core::v1::Service>(document),
        ("v1", "ServiceAccount") => through::<api::core::v1::ServiceAccount>(document),
        ("apps/v1", "DaemonSet") => through::<api::apps::v1::DaemonSet>(document),
        ("apps/v1", "Deployment") => through::<api::apps::v1::Deployment>(document),
        ("apps/v1", "StatefulSet") => through::<api::apps::v1::StatefulSet>(document),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => {
            through::<api::autoscaling::v2::HorizontalPodAutoscaler>(document)
        }
        ("batch/v1", "CronJob") => through::<api::batch::v1::CronJob>(document),
        ("batch/v1", "Job") => through::<api::batch::v1::Job>(document),
        ("networking.k8s.io/v1", "Ingress") => through::<api::networking::v1::Ingress>(document),
        ("networking.k8s.io/v1", "NetworkPolicy") => through::<api::networking::v1::NetworkPolicy>(document),
        ("policy/v1", "PodDisruptionBudget") => through::<api::policy::v1::PodDisruptionBudget>(document),
        ("rbac.authorization.k8s.io/v1", "Role") => through::<api::rbac::v1::Role>(document),
        ("rbac.authorization.k8s.io/v1", "RoleBinding") => through::<api::rbac::v1::RoleBinding>(document),
        // Served by a custom resource definition: there are no types.
        ("gateway.networking.k8s.io/v1", "Gateway" | "HTTPRoute") => Ok(document.clone()),
        (version, kind) => Err(format!("a kind that nobody writes: {version} {kind}")),
    }
}

fn through<T: DeserializeOwned + Serialize>(document: &Value) -> Result<Value, String> {
    let object: T = serde_json::from_value(document.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(object).map_err(|error| error.to_string())
}

/// Returns the faults that the schemas find; `Err` says why they cannot be asked.
fn schema_faults(files: &[PathBuf]) -> Result<Vec<String>, String> {
    let script = Path::new(ROOT).join("tests/kubernetes_schema.py");
    let mut child = Command::new(python()?)
        .arg(script)
        .args(VERSIONS)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let list: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin.write_all(list.join("\n").as_bytes()).expect("the script reads its list");
    drop(stdin);
    let output = child.wait_with_output().expect("the script ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
    let total = lines.pop().unwrap_or_default();
    let checked: usize =
        total.split(' ').next().and_then(|number| number.parse().ok()).expect("the script counts");
    assert!(checked >= files.len(), "{total} in {} files", files.len());
    Ok(lines)
}

static INSTALLING: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Returns a Python that has the schemas, in an environment of its own below `target`.
fn python() -> Result<PathBuf, String> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kubernetes-schemas");
    let python = place.join("bin/python");
    let _lock = INSTALLING.lock().expect("no holder panics");
    let ready = place.join(SCHEMAS);
    if !ready.exists() {
        quiet(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place))?;
        quiet(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            SCHEMAS,
        ]))?;
        fs::write(ready, "").expect("target can be written");
    }
    Ok(python)
}

fn quiet(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = || String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {}", said())) }
}

/// Returns all Kubernetes objects of the repository: golden files, and the examples of the rule book.
fn goldens() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&Path::new(ROOT).join("fixtures"), &mut found);
    collect(&Path::new(ROOT).join("docs/design"), &mut found);
    found.retain(|file| is_golden(&file.display().to_string().replace('\\', "/")));
    found.sort();
    found
}

fn is_golden(path: &str) -> bool {
    let yaml = Path::new(path).extension().is_some_and(|extension| extension == "yaml");
    let fixture = path.contains("/fixtures/keys/") && path.ends_with("/kubernetes.yaml");
    let project = path.contains("/fixtures/projects/") && path.contains("/kubernetes/");
    let example = path.contains("/docs/design/kubernetes-") && !path.ends_with(".compose.yaml");
    yaml && (fixture || project || example)
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("the repository can be listed").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
