//! The commands of the pages on output run as they are written, and do what the page says (C53).

#![expect(clippy::disallowed_methods, reason = "reads the repository itself; `host` is for the program")]

#[path = "support/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use program::{Run, Stage};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Commands of a page: indented lines, each up to two blanks, behind which stands what it is for.
fn commands(page: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(ROOT).join("docs").join(page)).expect("the page is there");
    let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
    let commands = lines.filter(|line| line.starts_with("rcompose ")).flat_map(|line| line.split(" && "));
    commands.map(|command| command.split("  ").next().unwrap_or_default().to_owned()).collect()
}

fn run(stage: &Stage, command: &str) -> Run {
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    stage.run(".", &BTreeMap::new(), &words)
}

fn stage(name: &str) -> Stage {
    Stage::of(&Path::new(ROOT).join("fixtures/gitops").join(name), name, &[])
}

#[test]
fn the_recipe_for_git_passes_and_fails_when_it_should_c53() {
    let stage = stage("overlays");
    let commands = commands("gitops.md");
    assert_eq!(commands.len(), 5, "{commands:?}");
    for command in &commands {
        let run = run(&stage, command);
        assert_eq!(run.code, Some(0), "{command}: {}{}", run.stdout, run.stderr);
    }
    let compose = stage.directory.join("compose.yaml");
    let text = fs::read_to_string(&compose).expect("it is there");
    fs::write(&compose, text.replace("8080:80", "8081:80")).expect("the copy can be written");
    let checked = run(&stage, &commands[1]);
    assert_eq!(checked.code, Some(2), "{}", checked.stderr);
    assert!(checked.stdout.contains("+++ k8s/service-web-published.yaml\n"), "{}", checked.stdout);
    assert!(checked.stderr.contains("1 file differs: run rcompose convert -o k8s/\n"), "{}", checked.stderr);

    // The hook says the same.
    let page = fs::read_to_string(Path::new(ROOT).join("docs/gitops.md")).expect("the page is there");
    let hook = page.lines().find_map(|line| line.trim().strip_prefix("entry: ")).expect("there is a hook");
    assert_eq!(run(&stage, hook).code, Some(2));
    assert_eq!(run(&stage, &commands[0]).code, Some(0));
    assert_eq!(run(&stage, hook).code, Some(0));
    assert!(
        page.contains("      - run: rcompose convert -o k8s/ --check && rcompose check --format github\n")
    );
}

#[test]
fn the_pages_of_kustomize_helm_and_templates_run_c53() {
    let stage = stage("overlays");
    let templates = stage.directory.join("templates");
    fs::create_dir(&templates).expect("the copy can be written");
    let page = fs::read_to_string(Path::new(ROOT).join("docs/templates.md")).expect("the page is there");
    let shown = page.split("```\n").nth(1).expect("there is a template");
    fs::write(templates.join("monitors.yaml.jinja"), shown).expect("the copy can be written");
    for page in ["kustomize.md", "helm.md", "templates.md"] {
        let commands = commands(page);
        assert!(!commands.is_empty(), "{page} has no command");
        for command in commands {
            let run = run(&stage, &command);
            assert_eq!(run.code, Some(0), "{command}: {}{}", run.stdout, run.stderr);
        }
    }
    for file in ["deploy/overlays/prod/kustomization.yaml", "chart/Chart.yaml", "k8s/servicemonitor-web.yaml"]
    {
        assert!(stage.directory.join(file).exists(), "{file}");
    }
    let monitor =
        fs::read_to_string(stage.directory.join("k8s/servicemonitor-web.yaml")).expect("it is there");
    assert!(monitor.contains("    app.kubernetes.io/instance: mall\n"), "{monitor}");
}

#[test]
fn the_page_on_reports_runs_c25() {
    let stage = stage("overlays");
    let commands = commands("reports.md");
    assert!(commands.len() >= 14, "{commands:?}");
    for command in &commands {
        let run = run(&stage, command);
        assert_eq!(run.code, Some(0), "{command}: {}{}", run.stdout, run.stderr);
        let says_nothing = run.stdout.is_empty() && !command.contains("=report.");
        assert!(!says_nothing, "{command}");
    }
    let text = fs::read_to_string(stage.directory.join("report.json")).expect("it is written");
    let report: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    // The fields that the page names are those of an entry.
    let page = fs::read_to_string(Path::new(ROOT).join("docs/reports.md")).expect("the page is there");
    let entry =
        report["keys"].as_array().and_then(|keys| keys.iter().find(|key| key.get("service").is_some()));
    for field in entry.and_then(serde_json::Value::as_object).expect("keys of services").keys() {
        assert!(page.contains(&format!("`{field}`")), "{field}");
    }
    for part in ["summary", "others"] {
        assert!(report.get(part).is_some() && page.contains(&format!("`{part}`")), "{part}");
    }
}

#[test]
fn hints_name_overlays_and_the_chart_n113_n114() {
    let stage = stage("overlays");
    let compose = stage.directory.join("compose.yaml");
    let text = fs::read_to_string(&compose).expect("it is there");
    let hints = "x-rcompose:\n  overlays: {live: [compose.prod.yaml], ../up: [compose.prod.yaml, compose.debug.yaml]}\n  \
                 chart: {version: 1.2.3, app-version: '7', description: Shops}\n";
    fs::write(&compose, format!("{text}{hints}")).expect("the copy can be written");
    let made = run(&stage, "rcompose convert --to kustomize -o deploy/");
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    for name in ["live", "-up"] {
        assert!(
            stage.directory.join("deploy/overlays").join(name).join("kustomization.yaml").exists(),
            "{name}"
        );
    }
    let made = run(&stage, "rcompose convert --to helm -o chart/");
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let chart = fs::read_to_string(stage.directory.join("chart/Chart.yaml")).expect("it is there");
    let expected = "apiVersion: v2\nname: mall\ndescription: Shops\ntype: application\nappVersion: \"7\"\nversion: \"1.2.3\"\n";
    assert!(chart.ends_with(expected), "{chart}");
}

#[test]
fn json_goes_to_stdout_and_to_files_c25() {
    let stage = stage("overlays");
    let made = run(&stage, "rcompose convert --format json");
    let list: serde_json::Value = serde_json::from_str(&made.stdout).expect("one document");
    assert_eq!(
        (&list["kind"], list["items"].as_array().map(Vec::len).unwrap_or_default() > 5),
        (&"List".into(), true)
    );
    assert_eq!(run(&stage, "rcompose convert --format json -o k8s/").code, Some(0));
    let text = fs::read_to_string(stage.directory.join("k8s/service-web.json")).expect("it is there");
    let object: serde_json::Value = serde_json::from_str(&text).expect("one object");
    assert!(list["items"].as_array().expect("a list").contains(&object));
    assert_eq!(run(&stage, "rcompose convert --format json -o k8s/ --check").code, Some(0));
    for refused in ["-o all.json", "--to helm -o c/", "--to kustomize -o d/"] {
        assert_eq!(
            run(&stage, &format!("rcompose convert --format json {refused}")).code,
            Some(1),
            "{refused}"
        );
    }
}
