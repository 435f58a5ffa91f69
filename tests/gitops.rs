//! Bases, overlays and charts, rendered by the real engines, are the objects that `convert` writes (N113, N114).
//!
//! Needs Go and its module proxy once; skipped by name without.

#![expect(clippy::disallowed_methods, reason = "reads fixtures itself; `host` is for the program")]

#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;
#[path = "support/renderer.rs"]
mod renderer;
#[path = "support/skip.rs"]
mod skip;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use program::Stage;
use renderer::Renderer;
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Goldens and files about a project: no part of it.
const NOT_INPUT: &[&str] =
    &["case.args", "expect.txt", "helm", "kubernetes", "kustomize", "problems.txt", "swarm"];

#[test]
fn bases_and_overlays_are_the_objects_of_convert_n113() {
    let Some(renderer) = Renderer::of("bases_and_overlays_are_the_objects_of_convert_n113") else { return };
    hold(&with_overlays(), |project| {
        let stage = project.stage();
        project.convert(&stage, &["--to", "kustomize", "-o", "../out/"])?;
        let out = out(&stage);
        let base = project.objects(&stage, 1, &[])?;
        differences(&base, &renderer.kustomize(&out.join("base"))?)?;
        let names = listed(&out.join("overlays"));
        for (index, name) in project.overlays.iter().enumerate() {
            let expected = project.objects(&stage, index + 2, &[])?;
            differences(&expected, &renderer.kustomize(&out.join("overlays").join(name))?)
                .map_err(|fault| format!("overlay {name}: {fault}"))?;
        }
        let mut expected = project.overlays.clone();
        expected.sort();
        if names == expected { Ok(()) } else { Err(format!("overlays {names:?}, not {expected:?}")) }
    });
}

#[test]
fn a_namespace_reaches_every_object_of_an_overlay_n113() {
    let Some(renderer) = Renderer::of("a_namespace_reaches_every_object_of_an_overlay_n113") else { return };
    let project = Project::of("gitops/overlays", &["compose.yaml", "compose.prod.yaml"], &["prod"]);
    let stage = project.stage();
    let flags = ["-n", "shop-1", "--create-namespace"];
    project
        .convert(&stage, &[&["--to", "kustomize", "-o", "../out/"][..], &flags].concat())
        .expect("it converts");
    for (files, directory) in [(1, "base"), (2, "overlays/prod")] {
        let expected = project.objects(&stage, files, &flags).expect("it converts");
        let built = renderer.kustomize(&out(&stage).join(directory)).expect("it builds");
        differences(&expected, &built).expect("equal");
    }
}

#[test]
fn one_image_for_all_is_one_line_to_edit_n113() {
    let project = Project::of("gitops/overlays", &["compose.yaml", "compose.prod.yaml"], &["prod"]);
    let stage = project.stage();
    project.convert(&stage, &["--to", "kustomize", "-o", "../out/"]).expect("it converts");
    let text =
        fs::read_to_string(out(&stage).join("overlays/prod/kustomization.yaml")).expect("it is written");
    let images = "images:\n  - name: registry.example.com/mall/web\n    newTag: '1.5'\n".replace('\'', "\"");
    assert!(text.contains(&images), "{text}");
    assert!(!text.contains("/image"), "no patch needed:\n{text}");
    assert!(!text.contains("second-one"), "the new Secret has a file of its own:\n{text}");
}

/// A project, the Compose files that make it, and the names that its overlays must have.
struct Project {
    directory: PathBuf,
    files: Vec<String>,
    overlays: Vec<String>,
}

impl Project {
    fn of(directory: &str, files: &[&str], overlays: &[&str]) -> Self {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            directory: Path::new(ROOT).join("fixtures").join(directory),
            files: owned(files),
            overlays: owned(overlays),
        }
    }

    fn name(&self) -> String {
        self.directory.file_name().expect("a project has a name").to_string_lossy().into_owned()
    }

    fn stage(&self) -> Stage {
        Stage::of(&self.directory, &self.name(), NOT_INPUT)
    }

    /// Converts with the first of the files.
    fn run(&self, stage: &Stage, files: usize, words: &[&str]) -> Result<String, String> {
        let files = self.files.iter().take(files).flat_map(|file| ["-f", file]);
        let all: Vec<&str> = files.chain(["convert"]).chain(words.iter().copied()).collect();
        let run = stage.run(".", &BTreeMap::new(), &all);
        if run.code == Some(0) { Ok(run.stdout) } else { Err(format!("{all:?}: {}", run.stderr)) }
    }

    fn convert(&self, stage: &Stage, words: &[&str]) -> Result<String, String> {
        self.run(stage, usize::MAX, words)
    }

    /// The raw objects of the first so many files.
    fn objects(&self, stage: &Stage, files: usize, flags: &[&str]) -> Result<Vec<Value>, String> {
        let text = self.run(stage, files, &[&["--format", "json"][..], flags].concat())?;
        let list: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok(list["items"].as_array().cloned().unwrap_or_default())
    }
}

/// All projects of the fixtures, those with several files by all of them.
fn projects() -> Vec<Project> {
    let entries =
        fs::read_dir(Path::new(ROOT).join("fixtures/projects")).expect("projects are in the repository");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert!(names.len() >= 16, "the projects were not found");
    let project = |name: &String| {
        let directory = format!("projects/{name}");
        match name.as_str() {
            "bulletin" => Project::of(&directory, &["compose.yaml", "compose.live.yaml"], &["live"]),
            _ => Project::of(&directory, &[], &[]),
        }
    };
    names.iter().map(project).collect()
}

fn with_overlays() -> Vec<Project> {
    let files = ["compose.yaml", "compose.prod.yaml", "compose.debug.yaml"];
    let overlays = Project::of("gitops/overlays", &files, &["prod", "debug"]);
    projects().into_iter().chain([overlays]).collect()
}

/// Runs something for each project and fails with all faults.
fn hold(projects: &[Project], work: impl Fn(&Project) -> Result<(), String> + Sync) {
    let faults: Vec<String> = parallel::each(projects, |project| {
        work(project).err().map(|fault| format!("{}: {fault}", project.name()))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(faults.is_empty(), "{} of {} projects:\n{}", faults.len(), projects.len(), faults.join("\n"));
}

fn out(stage: &Stage) -> PathBuf {
    stage.directory.parent().expect("a copy lies in a directory").join("out")
}

fn listed(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Compares two sets of objects, whatever their order.
fn differences(expected: &[Value], actual: &[Value]) -> Result<(), String> {
    let keyed = |objects: &[Value]| -> Result<BTreeMap<String, Value>, String> {
        let mut found = BTreeMap::new();
        for object in objects {
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let key = format!("{} {}", word(&object["kind"]), word(&object["metadata"]["name"]));
            if found.insert(key.clone(), object.clone()).is_some() {
                return Err(format!("{key} is there twice"));
            }
        }
        Ok(found)
    };
    let (expected, actual) = (keyed(expected)?, keyed(actual)?);
    let names = |objects: &BTreeMap<String, Value>| objects.keys().cloned().collect::<Vec<_>>();
    if names(&expected) != names(&actual) {
        return Err(format!("{:?}\nnot\n{:?}", names(&actual), names(&expected)));
    }
    for (key, object) in &expected {
        if *object != actual[key] {
            let shown = |value: &Value| format!("{value:#}\n");
            let (old, new) = (shown(object), shown(&actual[key]));
            let diff = similar::TextDiff::from_lines(&old, &new);
            return Err(format!("{key}\n{}", diff.unified_diff().context_radius(4)));
        }
    }
    Ok(())
}
