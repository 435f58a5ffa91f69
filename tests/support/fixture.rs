//! One case below `fixtures/`: its input in a scratch place, run as its files about the case say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{Run, Stage};

/// Golden files and files about the case: not part of the project.
const NOT_INPUT: &[&str] = &[
    "case.args",
    "case.command",
    "case.env",
    "case.flags",
    "case.sizes",
    "expect.txt",
    "kubernetes",
    "kubernetes.yaml",
    "problems.txt",
    "resolved.json",
    "swarm",
    "swarm.yaml",
];

/// A case, copied to a scratch place.
pub(crate) struct Case {
    pub(crate) name: String,
    source: PathBuf,
    pub(crate) stage: Stage,
    environment: BTreeMap<String, String>,
}

impl Case {
    pub(crate) fn of(source: &Path, kind: &str) -> Self {
        let name = source.file_name().expect("a case has a name").to_string_lossy().into_owned();
        let stage = Stage::of(source, &name, NOT_INPUT);
        let mut case = Self { name, source: source.to_owned(), stage, environment: BTreeMap::new() };
        if kind != "projects" {
            case.environment.insert("COMPOSE_PROJECT_NAME".to_owned(), "demo".to_owned());
        }
        for line in case.lines("case.env") {
            let (name, value) = line.split_once('=').expect("a line of case.env is NAME=value");
            case.environment.insert(name.to_owned(), value.to_owned());
        }
        for line in case.lines("case.sizes") {
            let words: Vec<&str> = line.split(' ').collect();
            let [name, size, start @ ..] = words.as_slice() else { panic!("{line}: not NAME BYTES [START]") };
            let filling = "x".repeat(size.parse().expect("a size is a number"));
            fs::write(case.stage.directory.join(name), start.concat() + &filling + "\n")
                .expect("a copy can be written");
        }
        case.environment.retain(|name, value| name != "COMPOSE_PROJECT_NAME" || !value.is_empty());
        case
    }

    pub(crate) fn lines(&self, file: &str) -> Vec<String> {
        fs::read_to_string(self.source.join(file)).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Runs the program; the scratch place becomes `[DIR]`, what is above it `[ABOVE]`.
    pub(crate) fn run(&self, words: &[&str]) -> Result<Run, String> {
        let arguments = self.lines("case.args");
        let all: Vec<&str> = arguments.iter().map(String::as_str).chain(words.iter().copied()).collect();
        let mut run = self.stage.run(".", &self.environment, &all);
        if !matches!(run.code, Some(0..=7)) {
            return Err(format!("{all:?} broke with {:?}:\n{}", run.code, run.stderr));
        }
        let above = self.stage.directory.parent().expect("a copy lies in a directory");
        for (place, name) in [(self.stage.directory.as_path(), "[DIR]"), (above, "[ABOVE]")] {
            run.stdout = run.stdout.replace(&place.display().to_string(), name);
            run.stderr = run.stderr.replace(&place.display().to_string(), name);
        }
        Ok(run)
    }

    /// Converts to stdout; nothing where the target has no output for the case.
    pub(crate) fn converted(&self, target: &str) -> Result<Option<String>, String> {
        let flags = self.lines("case.flags");
        let run = self.run(&with_flags(&["convert", "--to", target], &flags))?;
        if run.code == Some(0) {
            return Ok(Some(run.stdout));
        }
        if !run.stderr.contains("[output-needs-directory]") {
            return Ok(None);
        }
        let run = self.run(&with_flags(&["convert", "--to", target, "-o", "../out/"], &flags))?;
        let file = self.stage.directory.parent().expect("a copy lies in a directory").join("out/stack.yaml");
        Ok((run.code == Some(0)).then(|| fs::read_to_string(file).unwrap_or_default()))
    }

    pub(crate) fn checked(&self) -> Result<String, String> {
        let flags = self.lines("case.flags");
        let run = self.run(&with_flags(&["check", "--to", "k8s", "--to", "swarm"], &flags))?;
        Ok(format!("{}{}", run.stdout, run.stderr))
    }
}

fn with_flags<'a>(words: &[&'a str], flags: &'a [String]) -> Vec<&'a str> {
    words.iter().copied().chain(flags.iter().map(String::as_str)).collect()
}

/// Returns the cases of a kind, which lie so many directories deep.
pub(crate) fn sources(kind: &str, depth: usize) -> Vec<PathBuf> {
    let mut cases = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(kind)];
    for _ in 0..depth {
        cases = cases.iter().flat_map(|case| directories(case)).collect();
    }
    cases
}

pub(crate) fn directories(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten();
    let mut found: Vec<_> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}
