//! Doors for the fuzz targets in `fuzz/`: any bytes in, nothing out; a panic, a hang or a broken promise is a find.
//!
//! No part of the library's interface. What was found once is kept in `fixtures/fuzz/<target>/` and run as a test.

use crate::compose::grammar::interpolation::interpolate_within;
use crate::compose::grammar::{dotenv, interpolation};
use crate::compose::print::Printer;
use crate::compose::{self, Request};
use crate::diag::render::{self, Context, HumanOptions};
use crate::diag::{Diagnostic, Finding, Mask, Sink, Sources, Span};
use crate::host::MemoryHost;
use crate::yaml::{self, Node, Value};

/// Separates files in one input of [`load`]; no byte of UTF-8.
const NEXT_FILE: u8 = 0xff;

/// Names of the files in one input of [`load`], in order.
const FILES: [&str; 8] = [
    "/p/compose.yaml",
    "/p/compose.override.yaml",
    "/p/.env",
    "/p/a.yaml",
    "/p/sub/b.yaml",
    "/p/sub/.env",
    "/p/e.env",
    "/p/l.env",
];

/// Reads a YAML text; every span lies in it.
pub fn tree(bytes: &[u8]) {
    let Ok(text) = yaml::decode_text(bytes.to_vec()) else { return };
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let id = sources.add("f", text);
    let text = sources.text(id).clone();
    let options = yaml::Options { not_copied_tag: Some("!reset") };
    for tree in yaml::parse(id, &text, options, &mut sink) {
        spans_fit(&tree, &sources);
    }
    places_fit(sink.diagnostics(), &sources);
}

/// Puts variables into a text, and lists them.
pub fn interpolation(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut allowance = 1 << 16;
    let result = interpolate_within(text, &mut allowance, &mut value_of);
    if let Err(fault) = result {
        assert!(text.get(fault.range()).is_some(), "the fault lies outside the text");
    }
    drop(interpolation::variables(text));
}

/// Reads an env file in both formats.
pub fn dotenv(bytes: &[u8]) {
    let Ok(text) = yaml::decode_text(bytes.to_vec()) else { return };
    let parsed = dotenv::parse(&text, &mut value_of);
    if let Ok(parsed) = &parsed {
        for assignment in &parsed.values {
            assert!(text.get(assignment.range.clone()).is_some(), "the value lies outside the text");
        }
    }
    drop(dotenv::parse_raw(&text, &mut value_of));
}

/// Loads a project of several files, prints it, and shows what is wrong with it in every format.
pub fn load(bytes: &[u8]) {
    let mut host = MemoryHost::new().cwd("/p").home("/home").env("SET", "v").env("EMPTY", "");
    for (name, content) in FILES.iter().zip(bytes.split(|byte| *byte == NEXT_FILE)) {
        host = host.file(name, content);
    }
    let request = Request { profiles: vec!["*".to_owned()], ..Request::default() };
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let project = compose::load(&request, &host, &mut sources, &mut sink);
    if let Some(project) = project {
        for yaml in [true, false] {
            let mut printed = project.print(Printer { yaml });
            printed.escape_dollars();
            drop(printed.to_json());
        }
    } else {
        assert!(!sink.diagnostics().is_empty(), "no project, and nobody says why");
    }
    places_fit(sink.diagnostics(), &sources);
    show(sink.into_diagnostics(), &sources);
}

fn show(diagnostics: Vec<Diagnostic>, sources: &Sources) {
    let findings: Vec<Finding> = diagnostics.into_iter().map(Finding::from).collect();
    let mask = Mask::default();
    let context = Context { sources, mask: &mask };
    drop(render::human(&findings, context, HumanOptions::default()));
    drop(render::short(&findings, context));
}

fn value_of(name: &str) -> Option<String> {
    match name {
        "SET" => Some("v".to_owned()),
        "EMPTY" => Some(String::new()),
        "LONG" => Some("long".repeat(100)),
        _ => None,
    }
}

fn spans_fit(node: &Node, sources: &Sources) {
    fits(node.span, sources);
    match &node.value {
        Value::Map(map) => map.values().for_each(|entry| {
            fits(entry.key, sources);
            spans_fit(&entry.node, sources);
        }),
        Value::List(items) => items.iter().for_each(|item| spans_fit(item, sources)),
        _ => {}
    }
}

fn places_fit(diagnostics: &[Diagnostic], sources: &Sources) {
    for found in diagnostics {
        for span in found.span.into_iter().chain(found.labels.iter().map(|label| label.span)) {
            fits(span, sources);
        }
    }
}

fn fits(span: Span, sources: &Sources) {
    let part = sources.text(span.source).get(span.start as usize..span.end as usize);
    assert!(part.is_some(), "{span:?} lies outside its text, or between the bytes of a character");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::host::{Host, RealHost};

    fn run_all(target: &str, run: fn(&[u8])) {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz").join(target);
        for name in RealHost.list(&directory).unwrap_or_default() {
            let bytes = RealHost.read(&directory.join(&name), 1 << 20).unwrap();
            run(&bytes);
        }
    }

    #[test]
    fn what_was_found_once_is_not_found_again() {
        run_all("tree", super::tree);
        run_all("interpolation", super::interpolation);
        run_all("dotenv", super::dotenv);
        run_all("load", super::load);
    }
}
