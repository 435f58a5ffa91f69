//! Answers of `why`: from a field to the values and rules that it comes from, from a line of the project to all that it
//! became (section 9). Pure: files that are asked about have been read.

use std::collections::BTreeSet;

use serde_json::Value;

use super::origins::{self, is_inside, place};
use super::steps::{self, steps};
use super::{Account, Line, text};
use crate::backend::{Document, FieldOrigin};
use crate::compose::{Use, Written};
use crate::diag::{Sources, Span, TraceStep, nearest};

/// Where a field comes from.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// The object.
    pub(crate) document: &'a Document,
    /// Path that was asked about, as origins write it.
    pub(crate) path: String,
    /// What stands there; `None` in an object that holds secrets.
    pub(crate) value: Option<&'a Value>,
    /// Path of the nearest part whose origin is noted.
    pub(crate) noted: String,
    /// Its origins; none where only parts below have some.
    pub(crate) causes: Vec<Cause<'a>>,
    /// Origins of parts, where the whole has none.
    pub(crate) parts: Vec<(String, Cause<'a>)>,
}

/// One origin.
#[derive(Debug)]
pub(crate) struct Cause<'a> {
    /// The value that was written; `None` where a rule alone wrote the field.
    pub(crate) span: Option<Span>,
    /// The key that the value belongs to.
    pub(crate) used: Option<&'a Use>,
    /// Path of the key; of a mapping that holds several uses, its own.
    pub(crate) path: Option<String>,
    /// Values of the same key that it won over.
    pub(crate) overridden: Vec<Span>,
    /// The rule.
    pub(crate) rule: &'static str,
}

/// Explains a field.
///
/// # Errors
/// There is no such object, or nothing at the path.
pub(crate) fn of_field<'a>(
    account: &'a Account,
    (kind, name): (&str, &str),
    path: &[String],
    sources: &Sources,
) -> Result<Answer<'a>, String> {
    let document = object(account, kind, name)?;
    let asked = resolved(&document.tree, path).map_err(|fault| format!("{}{fault}", named(document)))?;
    let origins: Vec<(Vec<String>, &FieldOrigin)> =
        document.origins.iter().map(|origin| (steps(&origin.path), origin)).collect();
    let around = origins.iter().filter(|(steps, _)| asked.starts_with(steps));
    let longest = around.clone().map(|(steps, _)| steps.len()).max();
    let noted: Vec<&FieldOrigin> =
        around.filter(|(steps, _)| Some(steps.len()) == longest).map(|(_, origin)| *origin).collect();
    let texts = Written::of(sources);
    let cause = |origin: &FieldOrigin| cause(account, document, origin, &texts, sources);
    let mut parts = Vec::new();
    if noted.is_empty() || longest < Some(asked.len()) {
        let below =
            origins.iter().filter(|(steps, _)| steps.starts_with(&asked) && steps.len() > asked.len());
        parts.extend(below.map(|(_, origin)| (origin.path.clone(), cause(origin))));
    }
    // What lies below says more than what lies far above.
    let noted = if parts.is_empty() { noted } else { Vec::new() };
    let mut causes: Vec<Cause<'_>> = noted.iter().map(|origin| cause(origin)).collect();
    let mut seen = BTreeSet::new();
    causes.retain(|cause| seen.insert((cause.span.map(|span| place(span, sources)), cause.rule)));
    Ok(Answer {
        document,
        path: written(&document.tree, &asked),
        value: steps::at(&document.tree, &asked).filter(|_| !holds_secrets(document)),
        noted: noted.first().map(|origin| origin.path.clone()).unwrap_or_default(),
        causes,
        parts,
    })
}

fn holds_secrets(document: &Document) -> bool {
    document.secret || document.kind == "Secret"
}

/// Explains a line of a file that was written.
///
/// # Errors
/// Nothing of ours stands there.
pub(crate) fn of_output<'a>(
    account: &'a Account,
    file: &str,
    content: &str,
    line: u32,
    sources: &Sources,
) -> Result<Answer<'a>, String> {
    let Some(found) = text::line(content, line) else {
        return Err(format!("nothing of an object stands at `{file}:{line}`"));
    };
    let stack = account.documents.iter().find(|document| document.kind == "Stack");
    let (kind, name) = match (found.kind, found.name, stack) {
        (Some(kind), Some(name), _) => (kind, name),
        (None, _, Some(stack)) => (stack.kind.clone(), stack.name.clone()),
        _ => {
            let example = account.documents.first().map_or_else(String::new, origins::name);
            return Err(format!(
                "`{file}` holds no object: ask for a field of one, such as `{example}:spec`"
            ));
        }
    };
    let answer = of_field(account, (&kind, &name), &found.steps, sources);
    // Where a chart has a place for a value, the object has nothing.
    let is_of_chart = answer.is_err() && object(account, &kind, &name).is_ok() && content.contains("{{");
    if is_of_chart {
        let path = found.steps.join(".");
        return Err(format!(
            "`{path}` is of the chart, for its values (N114): no key of the project is behind it"
        ));
    }
    answer
}

/// Finds an object by kind and name; a hash at the end of the name may be left out.
fn object<'a>(account: &'a Account, kind: &str, name: &str) -> Result<&'a Document, String> {
    // Of several overlays the last one counts: it has all files.
    let documents = || account.documents.iter().rev();
    let is_kind = |document: &&Document| document.kind.eq_ignore_ascii_case(kind);
    let is_hashed = |document: &&Document| {
        let rest = document.name.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
        rest.is_some_and(|hash| hash.len() == 10 && hash.chars().all(|letter| letter.is_ascii_hexdigit()))
    };
    let exact = documents().filter(is_kind).find(|document| document.name == name);
    if let Some(document) = exact.or_else(|| documents().filter(is_kind).find(is_hashed)) {
        return Ok(document);
    }
    let known: Vec<String> = account.documents.iter().map(origins::name).collect();
    let wanted = format!("{kind}/{name}");
    let of_kind: Vec<&str> = known
        .iter()
        .filter_map(|known| known.split_once('/'))
        .filter(|(other, _)| other.eq_ignore_ascii_case(kind))
        .map(|(_, name)| name)
        .collect();
    Err(match nearest(&wanted, known.iter().map(String::as_str)) {
        Some(near) => format!("no object `{wanted}`; did you mean `{near}`?"),
        None if of_kind.is_empty() => format!("no object `{wanted}`, and none of that kind"),
        None => format!("no object `{wanted}`; {kind}: {}", of_kind.join(", ")),
    })
}

/// Follows steps into a tree; an item of a list goes by its index or its `name`.
fn resolved(tree: &Value, path: &[String]) -> Result<Vec<String>, String> {
    let mut found: Vec<String> = Vec::new();
    let mut value = tree;
    for step in path {
        let by_name = || {
            let items = value.as_array()?;
            let index = items.iter().position(|item| item["name"] == step.as_str())?;
            Some((index.to_string(), &items[index]))
        };
        let direct = steps::step(value, step).map(|inner| (step.clone(), inner));
        let Some((step, inner)) = direct.or_else(by_name) else {
            return Err(nothing_there(value, &found, step));
        };
        found.push(step);
        value = inner;
    }
    Ok(found)
}

fn nothing_there(value: &Value, above: &[String], step: &str) -> String {
    let place = if above.is_empty() { String::new() } else { format!(" at `{}`", above.join(".")) };
    let known: Vec<String> = match value {
        Value::Object(map) => map.keys().cloned().collect(),
        Value::Array(items) => {
            let name = |item: &Value| item["name"].as_str().map(str::to_owned);
            items
                .iter()
                .enumerate()
                .map(|(index, item)| name(item).unwrap_or_else(|| index.to_string()))
                .collect()
        }
        _ => Vec::new(),
    };
    match nearest(step, known.iter().map(String::as_str)) {
        Some(near) => format!(" has no `{step}`{place}; did you mean `{near}`?"),
        None if known.is_empty() => format!(" has no `{step}`{place}: nothing stands below"),
        None => format!(" has no `{step}`{place}, but {}", known.join(", ")),
    }
}

/// Writes steps as origins do.
fn written(tree: &Value, path: &[String]) -> String {
    let mut text = String::new();
    let mut value = Some(tree);
    for step in path {
        if value.is_some_and(Value::is_array) || step.contains(['.', '[', ']']) {
            text.extend(["[", step, "]"]);
        } else {
            text.push_str(if text.is_empty() { "" } else { "." });
            text.push_str(step);
        }
        value = value.and_then(|value| steps::step(value, step));
    }
    text
}

fn named(document: &Document) -> String {
    format!("`{}`", origins::name(document))
}

fn cause<'a>(
    account: &'a Account,
    document: &Document,
    origin: &FieldOrigin,
    texts: &Written<'_>,
    sources: &Sources,
) -> Cause<'a> {
    let service = origins::service(document, &steps(&origin.path));
    let find = |span: Span| used_at(account, span, service.as_deref(), sources);
    // What an env file gave belongs to the line that names the file.
    let named = |span: Span| {
        sources.steps(span.trace).find_map(|step| match step {
            TraceStep::EnvFile { by } => find(*by),
            TraceStep::Extends { .. } | TraceStep::Include { .. } | TraceStep::Interpolated { .. } => None,
        })
    };
    let used = origin.span.and_then(|span| find(span).or_else(|| named(span)));
    let whole = || origin.span.and_then(|span| mapping_at(account, span, service.as_deref(), sources));
    let path = used.map(|used| used.path.clone()).or_else(whole);
    let overridden = used.map(|used| texts.overridden(used, sources)).unwrap_or_default();
    Cause { span: origin.span, used, path, overridden, rule: origin.rule }
}

/// Finds the path of a mapping or list by its place or its key's.
fn mapping_at(account: &Account, span: Span, service: Option<&str>, sources: &Sources) -> Option<String> {
    let wanted = place(span, sources);
    let at = |used: &Use| {
        let level = used.above.iter().position(|above| place(*above, sources) == wanted)? / 2;
        let steps = &used.steps[..used.steps.len().checked_sub(level + 1)?];
        Some(steps.join("."))
    };
    let ours = account.uses.iter().filter(|used| used.service.as_deref() == service).find_map(at);
    ours.or_else(|| account.uses.iter().find_map(at))
}

/// Finds the key that a place belongs to: the narrowest value that holds it, else the first that it holds; of several
/// services that share it, the object's.
fn used_at<'a>(
    account: &'a Account,
    span: Span,
    service: Option<&str>,
    sources: &Sources,
) -> Option<&'a Use> {
    let place = place(span, sources);
    let at = |used: &Use| [used.span, used.key_span].map(|span| origins::place(span, sources));
    let is_ours = |used: &&Use| used.service.as_deref() == service;
    let width = |used: &&Use| used.span.end - used.span.start;
    let holding =
        || account.uses.iter().filter(|used| at(used).into_iter().any(|around| is_inside(place, around)));
    let held =
        || account.uses.iter().filter(|used| at(used).into_iter().any(|inner| is_inside(inner, place)));
    holding()
        .filter(is_ours)
        .min_by_key(width)
        .or_else(|| holding().min_by_key(width))
        .or_else(|| held().find(is_ours))
        .or_else(|| held().next())
}

/// Returns the lines of the account that are about a line of the project's files; a key stands for all below it.
pub(crate) fn of_line<'l, 'a>(
    lines: &'l [Line<'a>],
    file: &str,
    number: u32,
    sources: &Sources,
) -> Vec<&'l Line<'a>> {
    let on_line = |span: Span| {
        let at = |offset: u32| sources.position(span.source, offset).line;
        let end = span.end.saturating_sub(u32::from(span.end > span.start));
        sources.name(span.source) == file && (at(span.start)..=at(end)).contains(&number)
    };
    let own = lines.iter().filter(|line| on_line(line.used.span) || on_line(line.used.key_span));
    let own: Vec<_> = own.collect();
    if !own.is_empty() {
        return own;
    }
    let texts = Written::of(sources);
    let below = texts.key_on(file, number, sources).unwrap_or_default();
    let of_key = |line: &&Line<'_>| !below.is_empty() && line.used.steps.starts_with(&below);
    let found: Vec<_> = lines.iter().filter(of_key).collect();
    if !found.is_empty() {
        return found;
    }
    // What another file won over.
    let from_here = |line: &&Line<'_>| texts.overridden(line.used, sources).into_iter().any(on_line);
    lines.iter().filter(from_here).collect()
}

/// Returns the fields that come from a line of a file that is no Compose file, such as an env file.
pub(crate) fn of_value(
    account: &Account,
    file: &str,
    number: u32,
    sources: &Sources,
) -> Vec<(String, &'static str)> {
    let on_line = |span: Span| {
        sources.name(span.source) == file && sources.position(span.source, span.start).line == number
    };
    let mut found: Vec<(String, &'static str)> = Vec::new();
    for document in &account.documents {
        for origin in document.origins.iter().filter(|origin| origin.span.is_some_and(on_line)) {
            let colon = if origin.path.is_empty() { "" } else { ":" };
            found.push((format!("{}{colon}{}", origins::name(document), origin.path), origin.rule));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Returns the lines of the account that are about a key, or about what stands below it.
///
/// # Errors
/// Nothing is written there.
pub(crate) fn of_key<'l, 'a>(lines: &'l [Line<'a>], key: &str) -> Result<Vec<&'l Line<'a>>, String> {
    let wanted = steps(key);
    let is_at = |used: &Use| steps(&used.path).starts_with(&wanted) || used.steps.starts_with(&wanted);
    let found: Vec<_> = lines.iter().filter(|line| is_at(line.used)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    // The part of a short form is the whole of it.
    let around = lines.iter().filter(|line| wanted.starts_with(&steps(&line.used.path)));
    let around: Vec<_> = around.collect();
    if !around.is_empty() {
        return Ok(around);
    }
    let known = lines.iter().map(|line| line.used.path.as_str());
    Err(match nearest(key, known) {
        Some(near) => format!("nothing is written at `{key}`; did you mean `{near}`?"),
        None => format!("nothing is written at `{key}`"),
    })
}
