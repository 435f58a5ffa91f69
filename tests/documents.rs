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

/// What `support` prints, compiled into the program: a line per key.
const MEASURED: &str = "src/account/support.txt";
/// Outcomes, in the order of reports.
const OUTCOMES: [&str; 4] = ["mapped", "approximated", "dropped", "refused"];

/// What becomes of a key on one target: outcomes by their number, each with codes.
type Cell = BTreeMap<usize, BTreeSet<String>>;

#[test]
fn the_table_of_support_is_what_the_cases_give() {
    let cases = directories(&Path::new(ROOT).join("fixtures/keys"))
        .iter()
        .flat_map(|key| directories(key))
        .collect::<Vec<_>>();
    let mut rows: BTreeMap<String, [Cell; 2]> = BTreeMap::new();
    for (number, key, outcome, codes) in parallel::each(&cases, |case| outcomes(case)).into_iter().flatten() {
        let row = rows.entry(key).or_default();
        row[number].entry(outcome).or_default().extend(codes);
    }
    let cell = |cell: &Cell| {
        let words = cell.iter().map(|(outcome, codes)| {
            let codes = codes.iter().map(String::as_str);
            std::iter::once(OUTCOMES[*outcome]).chain(codes).collect::<Vec<_>>().join(" ")
        });
        words.collect::<Vec<_>>().join("; ")
    };
    let mut text =
        "# Measured by tests/documents.rs from the cases of fixtures/keys: KEY | KUBERNETES | SWARM\n"
            .to_owned();
    for (key, [kubernetes, swarm]) in &rows {
        writeln!(text, "{key} | {} | {}", cell(kubernetes), cell(swarm)).expect("a text can be written");
    }
    let path = Path::new(ROOT).join(MEASURED);
    if fs::read_to_string(&path).expect("the table is there") == text {
        return;
    }
    assert!(overwrites(), "{MEASURED} is not what the cases give:\n{text}");
    fs::write(path, text).expect("the table can be written");
}

/// After a new table the program must be built again: rewriting takes two runs.
#[test]
fn the_pages_show_the_table_that_the_program_prints() {
    let say = |format: &str| shown().run(".", &BTreeMap::new(), &["support", "--format", format]).stdout;
    keep("docs/support.md", "table", &say("markdown"));
    let table: Value = serde_json::from_str(&say("json")).expect("it is JSON");
    keep("README.md", "support", &summary(table["keys"].as_array().expect("keys are listed")));
}

/// Runs a case and returns what becomes of its key and of those below, for Kubernetes (0) and for Swarm (1).
fn outcomes(case: &Path) -> Vec<(usize, String, usize, Vec<String>)> {
    let subject =
        case.parent().and_then(Path::file_name).expect("a case lies below its key").to_string_lossy();
    let name = case.file_name().expect("a case has a name").to_string_lossy().into_owned();
    // The cases of `services` are about their names, which are no keys.
    if subject == "services" {
        return Vec::new();
    }
    let stage = Stage::of(case, &name, &[]);
    let mut found = Vec::new();
    for (number, target) in ["k8s", "swarm"].into_iter().enumerate() {
        let words = ["convert", "--to", target, "--report", "json=report.json"];
        let run = stage.run(".", &environment(case), &words);
        let report = fs::read(stage.directory.join("report.json"))
            .unwrap_or_else(|error| panic!("{subject}/{name}: {error}\n{}", run.stderr));
        let report: Value = serde_json::from_slice(&report).expect("the report is JSON");
        for entry in report["keys"].as_array().into_iter().flatten() {
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (key, outcome) = (word(&entry["key"]), word(&entry["outcome"]));
            // What a case needs besides its key is told by the cases of those keys.
            let is_ours =
                key.strip_prefix(&*subject).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            if !is_ours {
                continue;
            }
            let tells = |finding: &&Value| {
                finding["outcome"] == outcome.as_str() || outcome == "refused" && finding["level"] == "error"
            };
            let findings = entry["findings"].as_array().into_iter().flatten().filter(tells);
            let codes = findings.map(|finding| word(&finding["code"])).collect();
            let outcome = OUTCOMES.iter().position(|known| *known == outcome).expect("the outcome is known");
            found.push((number, without_names(&key), outcome, codes));
        }
        fs::remove_file(stage.directory.join("report.json")).expect("the report can be removed");
    }
    found
}

/// Hints are told by their names; what lies below is free, or too fine for a table.
fn without_names(key: &str) -> String {
    let Some((before, hint)) = key.split_once("x-rcompose.") else { return key.to_owned() };
    format!("{before}x-rcompose.{}", hint.split('.').next().unwrap_or_default())
}

fn environment(case: &Path) -> BTreeMap<String, String> {
    let own = fs::read_to_string(case.join("case.env")).unwrap_or_default();
    let own = own
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    std::iter::once(("COMPOSE_PROJECT_NAME".to_owned(), "demo".to_owned())).chain(own).collect()
}

fn summary(rows: &[Value]) -> String {
    let mut text = "| Of the keys | Kubernetes | Swarm |\n|---|---|---|\n".to_owned();
    let count = |test: &dyn Fn(&BTreeSet<&str>) -> bool| {
        ["k8s", "swarm"].map(|target| {
            let outcomes = |row: &&Value| {
                let cell = row["targets"][target].as_array().expect("each target has its outcomes");
                test(&cell.iter().filter_map(|outcome| outcome["outcome"].as_str()).collect())
            };
            rows.iter().filter(outcomes).count()
        })
    };
    let whole = count(&|found| found.iter().all(|word| *word == "mapped"));
    let dropped = count(&|found| found.iter().all(|word| ["dropped", "refused"].contains(word)));
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

fn overwrites() -> bool {
    env::var_os("SNAPSHOTS").is_some_and(|word| word == "overwrite")
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
    assert!(overwrites(), "{page}, part `{name}`, is not what the program gives:\n{text}");
    fs::write(path, format!("{head}{begin}{text}{end}{tail}")).expect("a page can be written");
}
