//! The other outputs of `config`, against Docker Compose itself where that is installed: YAML, lists, hashes, variables,
//! and what the switches leave out.
//!
//! Docker Compose 2.40 is looked for in `RCOMPOSE_DOCKER_COMPOSE` and where its packages put it; elsewhere the test is
//! skipped by name. What stands in the ledgers of the corpus is not looked at here.

#![expect(clippy::disallowed_methods, reason = "runs another program; `host` is for ours")]

#[path = "support/case.rs"]
mod case;
#[path = "support/difference.rs"]
mod difference;
#[path = "support/directories.rs"]
mod directories;
#[path = "support/docker_compose.rs"]
mod docker_compose;
#[path = "support/parallel.rs"]
mod parallel;
#[path = "support/program.rs"]
mod program;
#[path = "support/shared.rs"]
mod shared;
#[path = "support/skip.rs"]
mod skip;

use case::{Case, cases};
use difference::first_difference;
use program::{Run, Stage};
use serde_json::Value;

/// How often Compose is asked again before an answer counts as another one.
const MORE_ANSWERS: usize = 9;

/// How two outputs are compared.
#[derive(Clone, Copy)]
enum Compared {
    /// As JSON values.
    Json,
    /// As YAML values.
    Yaml,
    /// As sorted lines.
    Lines,
    /// As sorted lines whose columns may be of any width.
    Columns,
}

/// What is asked, and how the answers are compared. Compose's lists come in the order of a map, so lines are sorted.
const QUESTIONS: [(&[&str], Compared); 13] = [
    (&[], Compared::Yaml),
    (&["--no-interpolate", "--format", "json"], Compared::Json),
    (&["--no-normalize", "--format", "json"], Compared::Json),
    (&["--no-path-resolution", "--format", "json"], Compared::Json),
    (&["--hash", "*"], Compared::Lines),
    (&["--environment"], Compared::Lines),
    (&["--variables"], Compared::Columns),
    (&["--services"], Compared::Lines),
    (&["--volumes"], Compared::Lines),
    (&["--networks"], Compared::Lines),
    (&["--images"], Compared::Lines),
    (&["--profiles"], Compared::Lines),
    (&["--models"], Compared::Lines),
];

#[test]
fn the_other_outputs_of_config_are_those_of_docker_compose() {
    let Some(corpus) = shared::shared("oracle", "corpus") else { return };
    let Some(oracle) = docker_compose::find() else {
        return skip::skipped("oracle", docker_compose::ABSENT);
    };
    // A refused case was refused by the oracle's age or by a rule; `corpus` looks at those.
    let accepted: Vec<Case> =
        cases(&corpus).into_iter().filter(|case| case.expected("compose-config.json").is_some()).collect();
    let faults: Vec<String> =
        parallel::each(&accepted, |case| differences(&oracle, case)).into_iter().flatten().collect();
    assert!(faults.is_empty(), "{} answers differ:\n{}", faults.len(), faults.join("\n"));
}

fn differences(oracle: &str, case: &Case) -> Vec<String> {
    let stage = Stage::of(&case.directory.join("project"), &case.name, &[]);
    let found = QUESTIONS.into_iter().filter_map(|(flags, compared)| {
        let words = case.command(&[&["config"][..], flags].concat());
        let ours = stage.run(&case.below, &case.environment, &words);
        let ask = || stage.run_other(oracle, &case.below, &case.environment, &words);
        let first = difference(&ask(), &ours, compared)?;
        // Of two texts with one variable, and of some chains of `extends`, Compose takes what the order of a map gives it.
        (0..MORE_ANSWERS).all(|_| difference(&ask(), &ours, compared).is_some()).then_some((flags, first))
    });
    found.map(|(flags, first)| format!("{} {}: {first}", case.name, flags.join(" "))).collect()
}

fn difference(theirs: &Run, ours: &Run, compared: Compared) -> Option<String> {
    if theirs.code != ours.code {
        return Some(format!("exit {:?} and {:?}: {}", theirs.code, ours.code, ours.stderr));
    }
    if theirs.code != Some(0) {
        return None;
    }
    let (theirs, ours) = (theirs.stdout.as_str(), ours.stdout.as_str());
    match compared {
        Compared::Json => values(serde_json::from_str(theirs).ok(), serde_json::from_str(ours).ok()),
        Compared::Yaml => values(serde_saphyr::from_str(theirs).ok(), serde_saphyr::from_str(ours).ok()),
        Compared::Lines => lines(&sorted(theirs, str::to_owned), &sorted(ours, str::to_owned)),
        Compared::Columns => {
            let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            lines(&sorted(theirs, squeezed), &sorted(ours, squeezed))
        }
    }
}

fn values(theirs: Option<Value>, ours: Option<Value>) -> Option<String> {
    match (theirs, ours) {
        (Some(theirs), Some(ours)) => first_difference("", &theirs, &ours),
        (theirs, ours) => {
            Some(format!("cannot be read: theirs {}, ours {}", theirs.is_none(), ours.is_none()))
        }
    }
}

fn lines(theirs: &[String], ours: &[String]) -> Option<String> {
    (theirs != ours).then(|| format!("expected {theirs:?}, got {ours:?}"))
}

fn sorted(text: &str, line: impl Fn(&str) -> String) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(line).collect();
    lines.sort();
    lines
}
