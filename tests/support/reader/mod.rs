//! Reads the output as a person would check it by hand: which names answer, on which ports, from where; what stays, what travels.
//!
//! Knows Kubernetes' and Swarm's own rules for that (selectors, policies, networks), and nothing of how rcompose decides.

mod kubernetes;
mod sentence;
mod stack;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

pub(crate) use kubernetes::Objects;
pub(crate) use sentence::{Sentence, parse};
pub(crate) use stack::Stack;

use crate::program::Stage;

/// What rcompose made of a project, for both targets, and what it said.
pub(crate) struct Rendering {
    pub(crate) objects: Objects,
    pub(crate) stack: Stack,
    /// Diagnostics as `check --format json` has them.
    pub(crate) findings: Vec<Value>,
}

impl Rendering {
    /// Converts a project to both targets.
    pub(crate) fn of(stage: &Stage, arguments: &[String]) -> Result<Self, String> {
        let run = |words: &[&str]| {
            let all: Vec<&str> = arguments.iter().map(String::as_str).chain(words.iter().copied()).collect();
            let run = stage.run(".", &BTreeMap::new(), &all);
            if run.code == Some(0) {
                Ok(run)
            } else {
                Err(format!("{all:?} ended with {:?}:\n{}", run.code, run.stderr))
            }
        };
        let kubernetes = run(&["convert", "--to", "k8s"])?.stdout;
        run(&["convert", "--to", "swarm", "-o", "../stack/"])?;
        let checked = run(&["check", "--to", "k8s", "--to", "swarm", "--format", "json"])?.stdout;
        let report: Value =
            serde_json::from_str(&checked).map_err(|error| format!("check is not JSON: {error}"))?;
        let beside = stage.directory.parent().expect("a copy lies in a directory").join("stack");
        Ok(Self {
            objects: Objects::read(&kubernetes)?,
            stack: Stack::read(&beside)?,
            findings: report["diagnostics"].as_array().cloned().unwrap_or_default(),
        })
    }

    /// Returns what does not hold, with its line.
    pub(crate) fn broken(&self, expectations: &str) -> Vec<String> {
        let mut broken = Vec::new();
        for (number, line) in expectations.lines().enumerate() {
            let place = number + 1;
            match parse(line) {
                Ok(None) => {}
                Ok(Some(line)) => {
                    for target in line.targets() {
                        if let Err(reason) = self.answer(target, &line.sentence) {
                            broken.push(format!("  line {place}, {target}: {}: {reason}", line.text));
                        }
                    }
                }
                Err(reason) => broken.push(format!("  line {place}: {reason}: {line}")),
            }
        }
        broken
    }

    fn answer(&self, target: &str, sentence: &Sentence) -> Result<(), String> {
        let reported = |codes: &[&str], service: Option<&str>, other: Option<&str>| {
            self.findings.iter().any(|finding| {
                let target = finding["target"].as_str().is_none_or(|named| same_target(named, target));
                let code = codes.iter().any(|code| finding["code"] == *code);
                target && code && [service, other].into_iter().flatten().all(|name| mentions(finding, name))
            })
        };
        match sentence {
            Sentence::Reported { code, service } => reported(&[code], service.as_deref(), None)
                .then_some(())
                .ok_or_else(|| format!("reported are {:?}", self.codes(target))),
            Sentence::StartsAfter { service, first } => {
                let lost = ["start-order-live-only", "wait-not-rendered", "stack-order-dropped"];
                let kept = target == "k8s" && self.objects.waits(service, first);
                (kept || reported(&lost, Some(service), Some(first)) || reported(&lost, Some(service), None))
                    .then_some(())
                    .ok_or_else(|| "the order is neither kept nor reported".to_owned())
            }
            other if target == "k8s" => self.objects.answer(other),
            other => self.stack.answer(other),
        }
    }

    fn codes(&self, target: &str) -> Vec<&str> {
        let mut codes: Vec<&str> = self
            .findings
            .iter()
            .filter(|finding| finding["target"].as_str().is_none_or(|named| same_target(named, target)))
            .filter_map(|finding| finding["code"].as_str())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// Checks a project's output against its expectations.
pub(crate) fn check(stage: &Stage, arguments: &[String], expectations: &Path) -> Result<(), String> {
    let text =
        fs::read_to_string(expectations).map_err(|error| format!("{}: {error}", expectations.display()))?;
    let broken = Rendering::of(stage, arguments)?.broken(&text);
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

fn same_target(named: &str, target: &str) -> bool {
    named == target || matches!((named, target), ("kubernetes", "k8s"))
}

/// Tells whether a diagnostic is about a service: its own, or named anywhere in it.
fn mentions(finding: &Value, service: &str) -> bool {
    let word = |text: &str| {
        text.split(|letter: char| !(letter.is_alphanumeric() || "_-".contains(letter)))
            .any(|word| word == service)
    };
    finding["service"] == service
        || [&finding["message"], &finding["help"], &finding["path"]]
            .into_iter()
            .filter_map(Value::as_str)
            .any(word)
        || finding["labels"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|label| label.to_string().split('"').any(word))
}
