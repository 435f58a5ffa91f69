//! Whole projects: converted by the program, deployed by the docker client, in silence (S1); native stacks arrive unchanged (S2).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::program::{Run, Stage};
use super::stand_in::{Recorded, StandIn, client};
use super::{agreement, directories, parallel, shared};

/// A project to convert.
pub(super) struct Project {
    pub(super) name: String,
    source: PathBuf,
    below: String,
    environment: BTreeMap<String, String>,
    files: Vec<String>,
    /// Written for Swarm, as the corpus has it.
    pub(super) is_stack: bool,
}

#[test]
fn fixtures_deploy_silently() {
    let Some((_scratch, stand_in)) = start("swarm fixtures") else { return };
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut sources = directories(&fixtures.join("projects"));
    sources.extend(directories(&fixtures.join("keys")).iter().flat_map(|key| directories(key)));
    let projects: Vec<Project> = sources.iter().map(|source| Project::of_fixture(source)).collect();
    let faults: Vec<String> = parallel::each(&projects, |project| project.is_silent(&stand_in).err())
        .into_iter()
        .flatten()
        .collect();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), projects.len(), faults.join("\n"));
}

#[test]
fn examples_deploy_silently() {
    let Some((_scratch, stand_in)) = start("swarm applications") else { return };
    let Some(examples) = shared::shared("swarm applications", "examples") else { return };
    for source in directories(&examples) {
        let mut project = Project::of_fixture(&source);
        if project.name == "dev-prod-override" {
            project.files = vec!["docker-compose.yml".to_owned(), "docker-compose.prod.yml".to_owned()];
        }
        assert_eq!(project.is_silent(&stand_in), Ok(true), "{}", project.name);
    }
}

#[test]
fn projects_of_others_deploy_silently() {
    let Some((_scratch, stand_in)) = start("swarm corpus") else { return };
    let Some(corpus) = shared::shared("swarm corpus", "corpus") else { return };
    let projects = Project::all_of_corpus(&corpus);
    let results = parallel::each(&projects, |project| (project.name.clone(), project.is_silent(&stand_in)));
    let faults: Vec<&String> = results.iter().filter_map(|(_, result)| result.as_ref().err()).collect();
    assert!(faults.is_empty(), "{} of {}:\n{faults:#?}", faults.len(), projects.len());
    let refused: BTreeSet<&str> =
        results.iter().filter(|(_, result)| *result == Ok(false)).map(|(name, _)| name.as_str()).collect();
    let ledger = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus/swarm.txt"))
        .expect("the ledger is in the repository");
    let known: BTreeSet<&str> = ledger
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(": ").next())
        .collect();
    assert_eq!(refused, known, "refused for Swarm, against fixtures/corpus/swarm.txt");
}

#[test]
fn native_stacks_arrive_unchanged() {
    let Some((_scratch, stand_in)) = start("swarm native") else { return };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/swarm/native");
    let stage = Stage::of(&source, "native", &[]);
    let original = client::deploy(&stand_in, &stage.directory, "compose.yaml", "native", &BTreeMap::new());
    assert!(original.is_silent, "{}", original.stderr);
    let run = stage.run(".", &BTreeMap::new(), &["convert", "--to", "swarm", "-o", "../out/"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let ours = client::check_and_deploy(&stand_in, &out(&stage), "stack.yaml", "native", &BTreeMap::new());
    assert!(ours.is_silent, "{}", ours.stderr);
    assert_eq!(shown(&ours.recorded), shown(&original.recorded));
}

impl Project {
    fn of_fixture(source: &Path) -> Self {
        let lines = |file: &str| -> Vec<String> {
            fs::read_to_string(source.join(file)).unwrap_or_default().lines().map(str::to_owned).collect()
        };
        let environment =
            lines("case.env").iter().filter_map(|line| line.split_once('=').map(owned)).collect();
        let files = lines("case.args").into_iter().filter(|word| word != "-f").collect();
        let (name, below) = (name_of(source), ".".to_owned());
        Self { name, source: source.to_owned(), below, environment, files, is_stack: false }
    }

    /// The projects of others that Docker Compose accepts.
    pub(super) fn all_of_corpus(corpus: &Path) -> Vec<Self> {
        let cases = directories(corpus).into_iter().flat_map(|source| directories(&source));
        let accepted = cases.filter(|case| case.join("expected/compose-config.json").exists());
        accepted.map(|case| Self::of_corpus(&case)).collect()
    }

    fn of_corpus(case: &Path) -> Self {
        let text = fs::read_to_string(case.join("case.json")).expect("a case can be read");
        let json: Value = serde_json::from_str(&text).expect("a case is JSON");
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let variables = json["env"].as_object().into_iter().flatten();
        Self {
            name: name_of(case),
            source: case.join("project"),
            below: text(&json["workdir"]).unwrap_or_else(|| ".".to_owned()),
            environment: variables.filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect(),
            files: json["files"].as_array().into_iter().flatten().filter_map(text).collect(),
            is_stack: json["kind"] == "stack",
        }
    }

    /// Converts and deploys: `Ok(false)` where the program refuses, an error where the client says a word, or judges not as our check.
    fn is_silent(&self, stand_in: &StandIn) -> Result<bool, String> {
        let stage = Stage::of(&self.source, &self.name, &[]);
        let run = self.convert(&stage);
        match run.code {
            Some(0) => {}
            Some(1) => return Ok(false),
            _ => return Err(format!("{}: the program ended with {:?}\n{}", self.name, run.code, run.stderr)),
        }
        let verdict = client::deploy(stand_in, &out(&stage), "stack.yaml", &self.name, &BTreeMap::new());
        if !verdict.is_silent {
            return Err(format!("{}: {}", self.name, verdict.stderr));
        }
        agreement::agree(stand_in, &out(&stage), &self.name)
            .map_err(|fault| format!("{}: {fault}", self.name))?;
        Ok(true)
    }

    fn convert(&self, stage: &Stage) -> Run {
        let output = format!("{}/", out(stage).display());
        let files = self.files.iter().flat_map(|file| ["-f", file.as_str()]);
        let words = files.chain(["-p", &self.name, "convert", "--to", "swarm", "-o", &output]);
        stage.run(&self.below, &self.environment, &words.collect::<Vec<_>>())
    }

    /// Deploys the files themselves, and what we make of them; returns what arrived of each, unless one of them is refused.
    pub(super) fn deploy_both(&self, stand_in: &StandIn) -> Option<(Recorded, Recorded)> {
        let stage = Stage::of(&self.source, &self.name, &[]);
        let directory = stage.directory.join(&self.below);
        let usual = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
        let usual = || usual.into_iter().find(|file| directory.join(file).exists());
        let files: Vec<&str> = if self.files.is_empty() {
            vec![usual()?]
        } else {
            self.files.iter().map(String::as_str).collect()
        };
        let original = client::deploy_files(stand_in, &directory, &files, &self.name, &self.environment);
        if !original.is_accepted || self.convert(&stage).code != Some(0) {
            return None;
        }
        let ours = client::deploy(stand_in, &out(&stage), "stack.yaml", &self.name, &BTreeMap::new());
        Some((original.recorded, ours.recorded))
    }
}

/// Returns a stand-in, or says that the test is skipped.
fn start(test: &str) -> Option<(tempfile::TempDir, StandIn)> {
    super::start(test)
}

/// The output directory, beside the copy.
fn out(stage: &Stage) -> PathBuf {
    stage.directory.parent().expect("a copy lies in a directory").join("out")
}

fn name_of(path: &Path) -> String {
    path.file_name().expect("a directory has a name").to_string_lossy().to_lowercase()
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Specs as text, so that a difference is a line.
fn shown(recorded: &Recorded) -> String {
    serde_json::to_string_pretty(recorded).expect("what was recorded is JSON")
}
