//! What users see: help, first screens, reports in every format, and how the program ends. Goldens in `fixtures/cli/`.

#![expect(clippy::disallowed_methods, reason = "runs the program and reads fixtures itself")]

#[path = "support/golden.rs"]
mod golden;
#[path = "support/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use golden::Texts;
use program::{Run, Stage};

const COMMANDS: [&str; 13] = [
    "convert",
    "config",
    "check",
    "diff",
    "apply",
    "down",
    "status",
    "role",
    "explain",
    "why",
    "support",
    "schema",
    "completion",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cli")
}

/// Compares texts with the golden files below a directory of `fixtures/cli`, all of which end in `.txt` or `.json`.
fn hold(directory: &str, texts: &Texts) {
    let owned =
        |name: &str| Path::new(name).extension().is_some_and(|ending| ending == "txt" || ending == "json");
    let faults = golden::compare(&fixtures().join(directory), texts, owned);
    assert!(faults.is_empty(), "fixtures/cli/{directory}\n{}", faults.join("\n"));
}

/// Runs words in a copy of a project.
fn run(project: &str, words: &[&str]) -> Run {
    Stage::of(&fixtures().join(project), project, &[]).run(".", &BTreeMap::new(), words)
}

/// A run as one text: the command, what it said on both streams, how it ended.
fn told(project: &str, words: &[&str]) -> String {
    let run = run(project, words);
    let mut text = format!("$ {}\n", ["rcompose"].iter().chain(words).copied().collect::<Vec<_>>().join(" "));
    for (name, said) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        if !said.is_empty() {
            write!(text, "--- {name}\n{said}").expect("a text can be written");
        }
    }
    writeln!(text, "--- exit {}", run.code.map_or("by signal".to_owned(), |code| code.to_string()))
        .expect("a text can be written");
    text
}

#[test]
fn help_is_what_was_accepted() {
    let mut texts = Texts::new();
    for flag in ["-h", "--help"] {
        texts.insert(format!("rcompose{flag}.txt"), run("shop", &[flag]).stdout);
        for command in COMMANDS {
            texts.insert(format!("{command}{flag}.txt"), run("shop", &[command, flag]).stdout);
        }
    }
    hold("help", &texts);
}

#[test]
fn screens_are_what_was_accepted() {
    let mut texts = Texts::new();
    for (name, project, words) in [
        ("first-run", "shop", &[][..]),
        ("first-run-broken", "broken", &[]),
        ("check", "shop", &["check"]),
        ("check-verbose", "shop", &["check", "-v"]),
        ("check-quiet", "shop", &["check", "-q"]),
        ("check-both", "shop", &["check", "--to", "k8s", "--to", "swarm", "--format", "short"]),
        ("check-strict", "shop", &["check", "--strict", "--format", "short"]),
        ("check-allow", "shop", &["check", "--allow", "ulimits-dropped", "--allow", "notes"]),
        ("check-broken", "broken", &["check"]),
        ("check-broken-short", "broken", &["check", "--format", "short"]),
        ("check-broken-github", "broken", &["check", "--format", "github"]),
        ("convert-broken", "broken", &["convert"]),
        ("explain", "shop", &["explain", "output-file-edited"]),
        ("explain-key", "shop", &["explain", "services.deploy.update_config"]),
        ("support", "shop", &["support", "--to", "k8s", "--to", "swarm", "ulimits", "restart"]),
        ("support-parts", "shop", &["support", "services.deploy.resources"]),
        ("support-unknown", "shop", &["support", "ulimit"]),
        ("usage", "shop", &["convert", "--expoze", "none"]),
        ("why-field", "shop", &["why", "Deployment/web:spec.template.spec.containers[web].image"]),
        ("why-line", "shop", &["why", "compose.yaml:4"]),
        ("why-output", "shop", &["why", "--to", "helm", "templates/deployment-web.yaml:26"]),
        ("why-swarm", "shop", &["why", "--to", "swarm", "Stack/shop:services.web"]),
        ("why-unknown", "shop", &["why", "Deployment/wep:spec"]),
    ] {
        texts.insert(format!("{name}.txt"), told(project, words));
    }
    texts.insert("check-broken.json".to_owned(), run("broken", &["check", "--format", "json"]).stdout);
    texts.insert("check-broken-sarif.json".to_owned(), run("broken", &["check", "--format", "sarif"]).stdout);
    hold("screens", &texts);
}

#[test]
fn a_directory_is_written_compared_and_cleaned_up() {
    let stage = Stage::of(&fixtures().join("shop"), "shop", &[]);
    let say = |words: &[&str]| stage.run(".", &BTreeMap::new(), words);
    let written = say(&["convert", "-o", "k8s/"]);
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""), "{}", written.stderr);
    let checked = say(&["convert", "-o", "k8s/", "--check"]);
    assert_eq!((checked.code, checked.stdout.as_str()), (Some(0), ""), "{}", checked.stderr);

    let fewer = say(&["convert", "-o", "k8s/", "--check", "cache"]);
    assert_eq!(fewer.code, Some(2), "{}", fewer.stderr);
    assert!(fewer.stdout.contains("--- k8s/deployment-web.yaml\n+++ /dev/null\n"), "{}", fewer.stdout);
    assert!(!fewer.stdout.contains("change-me-please"), "a secret is in the diff:\n{}", fewer.stdout);
    assert!(fewer.stderr.contains(" files differ: run rcompose convert -o k8s/\n"), "{}", fewer.stderr);

    let service = stage.directory.join("k8s/service-cache.yaml");
    let text = fs::read_to_string(&service).expect("the Service is written");
    fs::write(&service, text.replace("6379", "6380")).expect("the copy can be written");
    let edited = say(&["convert", "-o", "k8s/"]);
    assert_eq!(edited.code, Some(1));
    assert!(edited.stderr.contains("error[output-file-edited]"), "{}", edited.stderr);
    let forced = say(&["convert", "-o", "k8s/", "--force", "cache"]);
    assert_eq!(forced.code, Some(0), "{}", forced.stderr);
    assert!(forced.stderr.contains("overwritten: k8s/service-cache.yaml\n"), "{}", forced.stderr);
    let mut left: Vec<String> = fs::read_dir(stage.directory.join("k8s"))
        .expect("the directory is there")
        .map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned())
        .collect();
    left.sort();
    assert_eq!(left, [".rcompose-files", "deployment-cache.yaml", "service-cache.yaml"]);
}

#[test]
fn an_error_that_is_let_through_keeps_no_output_back() {
    let stage = Stage::of(&fixtures().join("shop"), "shop", &[]);
    let file = "services: {web: {image: nginx, configs: [page]}}\nconfigs: {page: {file: ./missing}}\n";
    fs::write(stage.directory.join("other.yaml"), file).expect("the copy can be written");
    let say = |words: &[&str]| stage.run(".", &BTreeMap::new(), words);
    let refused = say(&["convert", "-f", "other.yaml"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{}", refused.stderr);
    let let_through = ["convert", "-f", "other.yaml", "--allow", "config-source-missing"];
    let shown = say(&let_through);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("kind: Deployment\n"), "{}{}", shown.stdout, shown.stderr);
    let written = say(&[&let_through[..], &["-o", "other/"]].concat());
    assert_eq!(written.code, Some(0), "{}", written.stderr);
    assert!(stage.directory.join("other/deployment-web.yaml").exists(), "{}", written.stderr);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let convert = || run("shop", &["convert"]).stdout;
    assert_eq!(convert(), convert());
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let stage = Stage::of(&fixtures().join("shop"), "shop", &[]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_rcompose"))
        .args(["explain", "--list"])
        .current_dir(&stage.directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().expect("stderr is piped").read_to_string(&mut said).expect("stderr is text");
    assert_eq!(said, "");
    assert_eq!(child.wait().expect("it ends").code(), Some(141));
}

/// Nothing is caught before there is a cluster to leave in order: the system ends the run, which shells call 130.
#[cfg(unix)]
#[test]
fn an_interrupted_run_ends_as_shells_expect_and_writes_nothing() {
    use std::os::unix::process::ExitStatusExt as _;

    let stage = Stage::of(&fixtures().join("shop"), "shop", &[]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_rcompose"))
        .args(["-f", "-", "convert", "-o", "out/"])
        .current_dir(&stage.directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    // It waits for a file that does not end.
    let signal =
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is `kill`");
    assert!(signal.success());
    let status = child.wait().expect("it ends");
    assert_eq!((status.signal(), status.code()), (Some(2), None));
    assert!(!stage.directory.join("out").exists());
}
