//! Runs every case below `fixtures/` and compares with its golden files; the layout stands in `fixtures/README.md`.

#![expect(clippy::disallowed_methods, reason = "reads fixtures itself; `host` is for the program")]

#[path = "support/golden.rs"]
mod golden;
#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use golden::Texts;
use program::{Run, Stage};

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

#[test]
fn keys_become_what_was_accepted() {
    let owned = |name: &str| matches!(name, "kubernetes.yaml" | "problems.txt" | "swarm.yaml");
    run_all("keys", 2, owned, |case| {
        let mut texts = Texts::new();
        for (target, file) in [("k8s", "kubernetes.yaml"), ("swarm", "swarm.yaml")] {
            texts.extend(case.converted(target)?.map(|text| (file.to_owned(), text)));
        }
        texts.insert("problems.txt".to_owned(), case.checked()?);
        Ok(texts)
    });
}

#[test]
fn files_load_as_was_accepted() {
    let owned = |name: &str| matches!(name, "problems.txt" | "resolved.json");
    run_all("load", 2, owned, |case| {
        let run = case.run(&["config", "--format", "json"])?;
        let texts = [("resolved.json", run.stdout), ("problems.txt", run.stderr)];
        Ok(texts
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name.to_owned(), text))
            .collect())
    });
}

#[test]
fn problems_say_what_was_accepted() {
    let owned = |name: &str| name == "problems.txt";
    run_all("problems", 1, owned, |case| {
        let said = match case.lines("case.command").as_slice() {
            [] => case.checked()?,
            words => {
                let run = case.run(&words.iter().map(String::as_str).collect::<Vec<_>>())?;
                format!("{}{}", run.stdout, run.stderr)
            }
        };
        let code = format!("[{}]", case.name);
        if said.contains(&code) {
            Ok(Texts::from([("problems.txt".to_owned(), said)]))
        } else {
            Err(format!("does not give {code}:\n{said}"))
        }
    });
}

#[test]
fn projects_become_what_was_accepted() {
    let owned =
        |name: &str| name == "problems.txt" || name.starts_with("kubernetes/") || name.starts_with("swarm/");
    run_all("projects", 1, owned, |case| {
        let mut texts = Texts::from([("problems.txt".to_owned(), case.checked()?)]);
        for (target, directory) in [("k8s", "kubernetes"), ("swarm", "swarm")] {
            let output = format!("../{directory}/");
            let run = case.run(&["convert", "--to", target, "-o", &output])?;
            if run.code != Some(0) {
                return Err(format!("convert --to {target} ended with {:?}:\n{}", run.code, run.stderr));
            }
            let above = case.stage.directory.parent().expect("a copy lies in a directory").to_owned();
            let written = golden::texts_below(&above.join(directory), "", &|name| name != ".rcompose-files");
            texts.extend(written.into_iter().map(|(name, text)| (format!("{directory}/{name}"), text)));
        }
        Ok(texts)
    });
}

/// A case, copied to a scratch place.
struct Case {
    name: String,
    source: PathBuf,
    stage: Stage,
    environment: BTreeMap<String, String>,
}

impl Case {
    fn of(source: &Path, kind: &str) -> Self {
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

    fn lines(&self, file: &str) -> Vec<String> {
        fs::read_to_string(self.source.join(file)).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Runs the program; the scratch place becomes `[DIR]`, what is above it `[ABOVE]`.
    fn run(&self, words: &[&str]) -> Result<Run, String> {
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
    fn converted(&self, target: &str) -> Result<Option<String>, String> {
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

    fn checked(&self) -> Result<String, String> {
        let flags = self.lines("case.flags");
        let run = self.run(&with_flags(&["check", "--to", "k8s", "--to", "swarm"], &flags))?;
        Ok(format!("{}{}", run.stdout, run.stderr))
    }
}

fn with_flags<'a>(words: &[&'a str], flags: &'a [String]) -> Vec<&'a str> {
    words.iter().copied().chain(flags.iter().map(String::as_str)).collect()
}

/// Runs all cases of a kind, which lie so many directories deep.
fn run_all(
    kind: &str,
    depth: usize,
    owned: impl Fn(&str) -> bool + Sync,
    work: impl Fn(&Case) -> Result<Texts, String> + Sync,
) {
    let mut cases = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(kind)];
    for _ in 0..depth {
        cases = cases.iter().flat_map(|case| directories(case)).collect();
    }
    let faults: Vec<String> = parallel::each(&cases, |source| {
        let case = Case::of(source, kind);
        let faults =
            work(&case).map_or_else(|fault| vec![fault], |texts| golden::compare(source, &texts, &owned));
        let shown = source.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(source).display();
        faults.into_iter().map(|fault| format!("{shown}\n{fault}")).collect::<Vec<_>>()
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(faults.is_empty(), "{} faults in {} cases:\n{}", faults.len(), cases.len(), faults.join("\n"));
}

fn directories(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten();
    let mut found: Vec<_> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}
