//! What the tests of this room share: a project in memory, and what loading makes of it.

use crate::diag::{Sink, Sources};
use crate::host::MemoryHost;

use super::print::Printer;
use super::{Request, load};

/// Where test projects lie.
pub(crate) const HOME: &str = "/work/app";

/// Makes a project of files below [`HOME`]; the first one need not be named.
pub(crate) fn files(files: &[(&str, &str)]) -> MemoryHost {
    let start = MemoryHost::new().cwd(HOME).home("/home/me");
    files.iter().fold(start, |host, (path, text)| host.file(format!("{HOME}/{path}"), text))
}

/// Loads and returns one place of the printed project, as compact JSON; problems instead, where there are errors.
pub(crate) fn at(host: &MemoryHost, request: &Request, pointer: &str) -> String {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let project = load(request, host, &mut sources, &mut sink);
    if sink.has_errors() {
        return problems_of(&sources, &sink);
    }
    let Some(project) = project else { return "nothing".to_owned() };
    let json = project.print(Printer { yaml: false }).to_json();
    json.pointer(pointer).map_or_else(|| "absent".to_owned(), ToString::to_string)
}

/// Loads one file and returns one place of it.
pub(crate) fn one(text: &str, pointer: &str) -> String {
    at(&files(&[("compose.yaml", text)]), &Request::default(), pointer)
}

/// Loads one file and returns what is wrong with it, a line each: `line:column code`.
pub(crate) fn problems(text: &str) -> String {
    problems_in(&files(&[("compose.yaml", text)]))
}

/// Loads a project and returns what is wrong with it, a line each: `file:line:column code`, the first file unnamed.
pub(crate) fn problems_in(host: &MemoryHost) -> String {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    load(&Request::default(), host, &mut sources, &mut sink);
    problems_of(&sources, &sink)
}

fn problems_of(sources: &Sources, sink: &Sink) -> String {
    let line = |found: &crate::diag::Diagnostic| {
        let place = found.span.map_or_else(|| "-".to_owned(), |span| sources.place(span));
        format!("{} {}", place.strip_prefix("compose.yaml:").unwrap_or(&place), found.code.name())
    };
    let mut lines: Vec<String> = sink.diagnostics().iter().map(line).collect();
    lines.sort();
    lines.join("\n")
}
