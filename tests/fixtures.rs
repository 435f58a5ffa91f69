//! Runs every case below `fixtures/` and compares with its golden files; the layout stands in `fixtures/README.md`.

#![expect(clippy::disallowed_methods, reason = "reads fixtures itself; `host` is for the program")]

#[path = "support/fixture.rs"]
mod fixture;
#[path = "support/golden.rs"]
mod golden;
#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;

use fixture::Case;
use golden::Texts;

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

/// Runs all cases of a kind, which lie so many directories deep.
fn run_all(
    kind: &str,
    depth: usize,
    owned: impl Fn(&str) -> bool + Sync,
    work: impl Fn(&Case) -> Result<Texts, String> + Sync,
) {
    let cases = fixture::sources(kind, depth);
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
