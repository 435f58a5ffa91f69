//! What README.md and docs/support.md say of the program is what the program does: shown output is real, commands run, and the
//! table of support is made from the cases in `fixtures/keys`. `SNAPSHOTS=overwrite` rewrites those parts.

#![expect(clippy::disallowed_methods, reason = "reads the repository itself; `host` is for the program")]

#[path = "support/directories.rs"]
mod directories;
#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use directories::directories;
use program::Stage;
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The project of the first screen.
const SHOWN: &str = "fixtures/projects/shop";

#[test]
fn the_first_screen_is_real() {
    let compose =
        fs::read_to_string(Path::new(ROOT).join(SHOWN).join("compose.yaml")).expect("the project is here");
    let run = shown().run(".", &BTreeMap::new(), &["convert"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let mut screen = format!("```console\n$ rcompose convert > shop.yaml\n{}```\n\n", run.stderr);
    writeln!(screen, "`shop.yaml` holds {}.", objects(&run.stdout)).expect("a text can be written");
    keep("README.md", "compose", &format!("```yaml\n{compose}```\n"));
    keep("README.md", "convert", &screen);
}

#[test]
fn commands_of_the_readme_run() {
    let stage = shown();
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).expect("there is a README");
    let lines = readme
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with("rcompose"));
    let mut count = 0;
    for command in lines.flat_map(|line| line.split(" && ")) {
        // Behind two blanks stands what it is for; what goes to a file goes to the test here.
        let words = command.split("  ").next().unwrap_or_default().split(" > ").next().unwrap_or_default();
        let words: Vec<&str> = words.split_whitespace().skip(1).collect();
        let run = stage.run(".", &BTreeMap::new(), &words);
        assert_eq!(run.code, Some(0), "{command}: {}{}", run.stdout, run.stderr);
        count += 1;
    }
    assert!(count >= 6, "the commands of the README were not found");
}

#[test]
fn the_table_of_support_is_what_the_cases_give() {
    let cases = directories(&Path::new(ROOT).join("fixtures/keys"))
        .iter()
        .flat_map(|key| directories(key))
        .collect::<Vec<_>>();
    let found = parallel::each(&cases, |case| {
        let key = case.parent().and_then(Path::file_name).expect("a case lies below its key");
        (key.to_string_lossy().into_owned(), outcomes(case))
    });
    let mut rows: BTreeMap<String, [Outcomes; 2]> = BTreeMap::new();
    for (key, outcomes) in found {
        let row = rows.entry(key).or_default();
        for (all, one) in row.iter_mut().zip(outcomes) {
            all.append(one);
        }
    }
    keep("docs/support.md", "table", &table(&rows));
    keep("README.md", "support", &summary(&rows));
}

/// What becomes of a key on one target: words of outcomes, each with codes.
#[derive(Default)]
struct Outcomes {
    mapped: bool,
    others: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Outcomes {
    fn append(&mut self, other: Self) {
        self.mapped |= other.mapped;
        for (outcome, codes) in other.others {
            self.others.entry(outcome).or_default().extend(codes);
        }
    }

    fn shown(&self) -> String {
        let codes = |codes: &BTreeSet<String>| {
            codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ")
        };
        let others = self.others.iter().map(|(outcome, found)| format!("{outcome} ({})", codes(found)));
        self.mapped.then(|| "mapped".to_owned()).into_iter().chain(others).collect::<Vec<_>>().join("; ")
    }
}

/// Runs a case and returns what becomes of its key, for Kubernetes and for Swarm.
fn outcomes(case: &Path) -> [Outcomes; 2] {
    let name = case.file_name().expect("a case has a name").to_string_lossy().into_owned();
    let stage = Stage::of(case, &name, &[]);
    ["k8s", "swarm"].map(|target| {
        let run = stage.run(".", &environment(case), &["check", "--to", target, "--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{name}: {error}\n{}", run.stderr));
        let mut outcomes = Outcomes::default();
        for finding in report["diagnostics"].as_array().into_iter().flatten() {
            let word =
                ["approximated", "dropped", "refused"].into_iter().find(|word| finding["outcome"] == *word);
            if let (Some(word), Some(code)) = (word, finding["code"].as_str()) {
                outcomes.others.entry(word).or_default().insert(code.to_owned());
            }
        }
        outcomes.mapped = outcomes.others.is_empty() && run.code == Some(0);
        outcomes
    })
}

fn environment(case: &Path) -> BTreeMap<String, String> {
    let own = fs::read_to_string(case.join("case.env")).unwrap_or_default();
    let own = own
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    std::iter::once(("COMPOSE_PROJECT_NAME".to_owned(), "demo".to_owned())).chain(own).collect()
}

fn table(rows: &BTreeMap<String, [Outcomes; 2]>) -> String {
    let mut text = "| Key | Kubernetes | Swarm |\n|---|---|---|\n".to_owned();
    for (key, [kubernetes, swarm]) in rows {
        writeln!(text, "| `{key}` | {} | {} |", kubernetes.shown(), swarm.shown())
            .expect("a text can be written");
    }
    text
}

fn summary(rows: &BTreeMap<String, [Outcomes; 2]>) -> String {
    let mut text = "| Of the keys tried | Kubernetes | Swarm |\n|---|---|---|\n".to_owned();
    let count = |test: &dyn Fn(&Outcomes) -> bool| {
        [0, 1].map(|target| rows.values().filter(|row| test(&row[target])).count())
    };
    let whole = count(&|found| found.others.is_empty());
    let dropped = count(&|found| !found.mapped && found.others.keys().all(|word| *word != "approximated"));
    let partly = [0, 1].map(|target| rows.len() - whole[target] - dropped[target]);
    for (name, [kubernetes, swarm]) in [
        ("mapped in every case", whole),
        ("in part, or to something near", partly),
        ("not carried over, and reported", dropped),
    ] {
        writeln!(text, "| {name} | {kubernetes} | {swarm} |").expect("a text can be written");
    }
    text
}

#[test]
fn examples_of_the_guides_convert() {
    let guides = [("docs/hints.md", 2), ("docs/settings.md", 4), ("docs/from-kompose.md", 1)];
    for (guide, expected) in guides {
        let text = fs::read_to_string(Path::new(ROOT).join(guide)).expect("a guide is there");
        let examples: Vec<&str> = text
            .split("```yaml\n")
            .skip(1)
            .map(|behind| behind.split("```").next().expect("a text has a beginning"))
            .collect();
        assert_eq!(examples.len(), expected, "{guide}");
        for example in examples {
            let scratch = tempfile::tempdir().expect("a scratch directory can be made");
            // What has no services is the settings file of a project.
            let is_project = example.contains("services:");
            let compose = if is_project { example } else { "services: {web: {image: example/web:1}}" };
            fs::write(scratch.path().join("compose.yaml"), compose).expect("it can be written");
            if !is_project {
                fs::write(scratch.path().join("rcompose.yaml"), example).expect("it can be written");
            }
            let run = Stage::of(scratch.path(), "guide", &[]).run(".", &BTreeMap::new(), &["convert"]);
            assert_eq!(run.code, Some(0), "{guide}: {example}\n{}", run.stderr);
            assert!(!run.stderr.contains("hint-not-applicable"), "{guide}: {}", run.stderr);
        }
    }
}

/// Names the objects of a multi-document text, kind by kind.
fn objects(text: &str) -> String {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).expect("the product is YAML");
    let names = documents.iter().filter(|document| !document.is_null()).map(|document| {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        format!("{} `{}`", word(&document["kind"]), word(&document["metadata"]["name"]))
    });
    names.collect::<Vec<_>>().join(", ")
}

fn shown() -> Stage {
    let leave_out = ["kubernetes", "swarm", "problems.txt", "expect.txt"];
    Stage::of(&Path::new(ROOT).join(SHOWN), "shop", &leave_out)
}

/// One rewriter at a time: the tests of a file run side by side.
static PAGES: Mutex<()> = Mutex::new(());

/// Compares the text between `<!-- NAME:begin -->` and `<!-- NAME:end -->` of a page, or rewrites it.
fn keep(page: &str, name: &str, text: &str) {
    let _held = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(ROOT).join(page);
    let old = fs::read_to_string(&path).expect("the page exists");
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let (head, rest) = old.split_once(&begin).unwrap_or_else(|| panic!("{page} has no {begin}"));
    let (shown, tail) = rest.split_once(&end).unwrap_or_else(|| panic!("{page} has no {end}"));
    if shown == text {
        return;
    }
    let overwrite = env::var_os("SNAPSHOTS").is_some_and(|word| word == "overwrite");
    assert!(overwrite, "{page}, part `{name}`, is not what the program gives:\n{text}");
    fs::write(path, format!("{head}{begin}{text}{end}{tail}")).expect("a page can be written");
}
