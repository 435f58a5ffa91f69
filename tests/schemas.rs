//! What the check of hints and settings says, and what the printed JSON schemas say of the same texts, agree (N120, C12).
//!
//! The texts stand in `fixtures/schemas/hints.txt`. The schemas are asked by a Python package, as in `tests/sarif.rs`.

#![expect(
    clippy::disallowed_methods,
    reason = "reads fixtures itself and runs Python; `host` is for the program"
)]

#[path = "support/program.rs"]
mod program;
#[path = "support/schema_script.rs"]
mod schema_script;
#[path = "support/skip.rs"]
mod skip;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use program::{Run, Stage};
use serde_json::{Value, json};

/// One line of the fixture.
struct Case {
    line: String,
    /// The check takes it.
    legal: bool,
    /// The schema takes it.
    fits: bool,
    /// It is rcompose.yaml.
    is_settings: bool,
    document: Value,
}

#[test]
fn schemas_and_checks_agree_n120_c12() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("fixtures/schemas/hints.txt")).expect("there are cases");
    let cases: Vec<Case> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(case).collect();
    let scratch = tempfile::tempdir().expect("a scratch directory can be made");
    fs::create_dir(scratch.path().join("empty")).expect("a scratch directory can be written");
    let stage = Stage::of(&scratch.path().join("empty"), "case", &[]);
    let wrong: Vec<&str> = cases
        .iter()
        .filter(|case| is_taken(&stage, case) != case.legal)
        .map(|case| case.line.as_str())
        .collect();
    assert!(wrong.is_empty(), "the check says otherwise of\n{}", wrong.join("\n"));
    for (name, is_settings) in [("hints", false), ("settings", true)] {
        let schema = scratch.path().join(format!("{name}.json"));
        let printed = run(&stage, &["schema", name]);
        fs::write(&schema, printed.stdout).expect("a scratch file can be written");
        let of_schema: Vec<&Case> = cases.iter().filter(|case| case.is_settings == is_settings).collect();
        let files: Vec<PathBuf> = of_schema
            .iter()
            .enumerate()
            .map(|(number, case)| {
                let file = scratch.path().join(format!("{name}-{number}.json"));
                fs::write(&file, case.document.to_string()).expect("a scratch file can be written");
                file
            })
            .collect();
        let schema = schema.display().to_string();
        let faults = match schema_script::faults("tests/json_schema.py", &[&schema], &files) {
            Ok(faults) => faults,
            Err(reason) => return skip::skipped("schemas", &reason),
        };
        let refused: BTreeSet<usize> = (0..files.len())
            .filter(|number| {
                let file = format!("{}: ", files[*number].display());
                faults.iter().any(|fault| fault.starts_with(&file))
            })
            .collect();
        let wrong: Vec<&str> = of_schema
            .iter()
            .enumerate()
            .filter(|(number, case)| refused.contains(number) == case.fits)
            .map(|(_, case)| case.line.as_str())
            .collect();
        assert!(
            wrong.is_empty(),
            "the schema says otherwise of\n{}\n{}",
            wrong.join("\n"),
            faults.join("\n")
        );
    }
}

fn case(line: &str) -> Case {
    let mut parts = line.splitn(3, ' ');
    let mut part = || parts.next().unwrap_or_else(|| panic!("three parts: {line}"));
    let (sign, place, text) = (part(), part(), part());
    let hints: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{line}: {error}"));
    let web = |key: &str, value: Value| json!({"services": {"web": {"image": "x", key: value}}});
    let named = |kind: &str, entry: Value| {
        let mut project = web("networks", json!([]));
        project[kind] = json!({ "shared": entry });
        project
    };
    let document = match place {
        "settings" => hints,
        "top" => json!({"services": {"web": {"image": "x"}}, "x-rcompose": hints}),
        "service" => web("x-rcompose", hints),
        "port" => web("ports", json!([{"target": 80, "published": "80", "x-rcompose": hints}])),
        "mount" => {
            web("volumes", json!([{"type": "bind", "source": "./x", "target": "/x", "x-rcompose": hints}]))
        }
        "volume" => named("volumes", json!({"x-rcompose": hints})),
        "network" => named("networks", json!({"x-rcompose": hints})),
        "config" => named("configs", json!({"content": "x", "x-rcompose": hints})),
        other => panic!("no place `{other}`"),
    };
    let used = match place {
        "volume" => Some(("volumes", json!(["shared:/x"]))),
        "network" => Some(("networks", json!(["shared"]))),
        "config" => Some(("configs", json!(["shared"]))),
        _ => None,
    };
    let mut document = document;
    if let Some((key, value)) = used {
        document["services"]["web"][key] = value;
    }
    Case {
        line: line.to_owned(),
        legal: sign == "+",
        fits: matches!(sign, "+" | "~"),
        is_settings: place == "settings",
        document,
    }
}

fn run(stage: &Stage, words: &[&str]) -> Run {
    stage.run(".", &BTreeMap::new(), words)
}

/// Tells whether nothing is said against the hints.
fn is_taken(stage: &Stage, case: &Case) -> bool {
    let (compose, settings) = (stage.directory.join("compose.yaml"), stage.directory.join("rcompose.yaml"));
    if case.is_settings {
        fs::write(&compose, "services: {web: {image: x}}").expect("the copy can be written");
        fs::write(&settings, case.document.to_string()).expect("the copy can be written");
    } else {
        fs::write(&compose, case.document.to_string()).expect("the copy can be written");
        fs::write(&settings, "").expect("the copy can be written");
    }
    let said = run(stage, &["check", "--format", "json"]);
    assert!(matches!(said.code, Some(0 | 1)), "{}: {}", case.line, said.stderr);
    let report: Value = serde_json::from_str(&said.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}\n{}", case.line, said.stderr));
    let found = report["diagnostics"].as_array().into_iter().flatten();
    let about_hints = ["hint-unknown", "hint-value-invalid", "setting-unknown"].map(Value::from);
    !found.into_iter().any(|found| about_hints.contains(&found["code"]))
}
