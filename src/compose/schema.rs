//! Checks the merged tree against the rows: keys, types, words, patterns, limits (step 7). Names no key.
//!
//! What is wrong is reported and taken out of the tree, so that later steps go on with the rest and report nothing twice.

use crate::diag::{Diagnostic, Sink, Span, nearest};
use crate::yaml::{Entry, Mapping, Node, Value};

use super::codes::LoadCode;
use super::grammar::pattern;
use super::grammar::pattern::is_extension;
use super::keys::Key;
use super::keys::shape::{Field, Form, NameRule, Shape, Unique};
use super::keys::top::Top;
use super::path::Path;
use super::unique::with_service;

/// Checks a value and all below it; false when the value itself cannot stay.
pub(crate) fn check(node: &mut Node, shape: &Shape, at: &Path<'_>, sink: &mut Sink) -> bool {
    if shape.crashes_on_null && node.is_null() {
        sink.push(null_value(node.span, at));
        return false;
    }
    let mut wrong = None;
    for form in shape.forms {
        match accepts(form, node, at) {
            Verdict::Yes => return descend(node, form, shape, at, sink),
            Verdict::No(reason) => wrong = wrong.or(reason),
        }
    }
    if !sink.is_full() {
        sink.push(mismatch(node, shape, wrong, at));
    }
    false
}

/// Null where Docker Compose crashes (L46).
pub(crate) fn null_value(span: Span, at: &Path<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        LoadCode::NullValue,
        format!("`{at}` is null, which crashes Docker Compose; it is read as absent"),
    );
    with_service(diagnostic.at(span).path(at.to_string()).help("remove the key"), at)
}

enum Verdict {
    Yes,
    /// With the reason where the type fits and the value does not.
    No(Option<String>),
}

fn accepts(form: &Form, node: &Node, at: &Path<'_>) -> Verdict {
    let yes = |fits: bool| if fits { Verdict::Yes } else { Verdict::No(None) };
    match (form, &node.value) {
        (Form::Any, _)
        | (Form::Null, Value::Null)
        | (Form::Bool, Value::Bool(_))
        | (Form::Number, Value::Int(_) | Value::Float(_))
        | (Form::Text, Value::Text(_))
        | (Form::List(_), Value::List(_))
        | (Form::Fields(_) | Form::Closed(_) | Form::Lenient(_) | Form::Named(..), Value::Map(_)) => {
            Verdict::Yes
        }
        (Form::Int(least, most), Value::Int(number)) => {
            if (i128::from(*least)..=i128::from(*most)).contains(number) {
                Verdict::Yes
            } else {
                Verdict::No(Some(format!("`{at}` must lie between {least} and {most}")))
            }
        }
        // A whole float passes as an integer, as in JSON schema.
        (Form::Int(..), Value::Float(number)) => yes(number.fract() == 0.0 && number.is_finite()),
        (Form::Word(words), Value::Text(text)) if words.contains(&text.as_str()) => Verdict::Yes,
        (Form::Word(words), Value::Text(text)) => {
            Verdict::No(Some(format!("`{text}` is none of {} in `{at}`", quoted(words))))
        }
        (Form::Pattern(fits, wanted), Value::Text(text)) => {
            if fits(text) {
                Verdict::Yes
            } else {
                Verdict::No(Some(format!("`{text}` in `{at}` must be {wanted}")))
            }
        }
        _ => Verdict::No(None),
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn descend(node: &mut Node, form: &Form, shape: &Shape, at: &Path<'_>, sink: &mut Sink) -> bool {
    let span = node.span;
    match (form, &mut node.value) {
        (Form::List(item_shape), Value::List(items)) => list(items, item_shape, shape, at, sink),
        (Form::Fields(fields), Value::Map(map)) => fixed(map, fields, Others::Extensions, span, at, sink),
        (Form::Closed(fields), Value::Map(map)) => fixed(map, fields, Others::None, span, at, sink),
        (Form::Lenient(fields), Value::Map(map)) => fixed(map, fields, Others::Warned, span, at, sink),
        (Form::Named(rule, value), Value::Map(map)) => {
            named(map, *rule, value, at, sink);
            true
        }
        _ => true,
    }
}

fn list(items: &mut Vec<Node>, item_shape: &Shape, shape: &Shape, at: &Path<'_>, sink: &mut Sink) -> bool {
    let mut index = 0;
    items.retain_mut(|item| {
        let stays = check(item, item_shape, &at.item(index), sink);
        index += 1;
        stays
    });
    if matches!(shape.unique, Unique::Distinct) {
        refuse_repeats(items, at, sink);
    }
    true
}

/// A repeated item of a set (L2); a number equals an earlier text of it.
fn refuse_repeats(items: &mut Vec<Node>, at: &Path<'_>, sink: &mut Sink) {
    let mut seen = std::collections::BTreeMap::new();
    items.retain(|item| {
        let (name, is_text) = match &item.value {
            Value::Text(text) => (text.clone(), true),
            Value::Int(number) => (number.to_string(), false),
            _ => return true,
        };
        match seen.get(&name) {
            Some((span, earlier_is_text)) if is_text == *earlier_is_text || *earlier_is_text => {
                let diagnostic =
                    Diagnostic::new(LoadCode::DuplicateItem, format!("`{name}` stands twice in `{at}`"))
                        .at(item.span)
                        .also(*span, "the first one")
                        .path(at.to_string())
                        .help("remove one of them");
                sink.push(with_service(diagnostic, at));
                false
            }
            _ => {
                seen.insert(name, (item.span, is_text));
                true
            }
        }
    });
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    Extensions,
    None,
    Warned,
}

fn fixed(
    map: &mut Mapping,
    fields: &'static [Field],
    others: Others,
    span: crate::diag::Span,
    at: &Path<'_>,
    sink: &mut Sink,
) -> bool {
    map.retain(|key, entry| match fields.iter().find(|field| field.name == key) {
        Some(field) => check(&mut entry.node, &field.shape, &at.key(key), sink),
        None if is_extension(key) && others != Others::None => true,
        None => {
            if !sink.is_full() {
                sink.push(unknown_key(key, entry, fields, others, at));
            }
            false
        }
    });
    for field in fields.iter().filter(|field| field.required && !map.contains_key(field.name)) {
        let diagnostic = Diagnostic::new(LoadCode::Schema, format!("`{}` is missing in `{at}`", field.name))
            .at(span)
            .path(at.to_string())
            .help(format!("write `{}:`", field.name));
        sink.push(with_service(diagnostic, at));
    }
    true
}

fn named(map: &mut Mapping, rule: NameRule, value: &'static Shape, at: &Path<'_>, sink: &mut Sink) {
    map.retain(|key, entry| {
        let looked_at = match rule {
            NameRule::Any => true,
            NameRule::Resource => {
                if !pattern::is_resource_name(key) {
                    let diagnostic =
                        Diagnostic::new(LoadCode::Schema, format!("`{key}` is no legal name in `{at}`"))
                            .at(entry.key)
                            .path(at.to_string())
                            .help("letters, digits, `.`, `_` and `-`");
                    sink.push(with_service(diagnostic, at));
                    return false;
                }
                true
            }
            NameRule::Lower => pattern::is_ulimit_name(key),
        };
        !looked_at || check(&mut entry.node, value, &at.key(key), sink)
    });
}

fn unknown_key(key: &str, entry: &Entry, fields: &[Field], others: Others, at: &Path<'_>) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(LoadCode::UnknownKey, unknown_message(key, at))
        .at(entry.key)
        .path(at.key(key).to_string());
    if others == Others::Warned {
        diagnostic = diagnostic.severity(crate::diag::Severity::Warning);
    }
    let names = fields.iter().map(|field| field.name).filter(|name| !name.starts_with('\0'));
    diagnostic = match (nearest(key, names), replacement(key)) {
        (_, Some(help)) => diagnostic.help(help),
        (Some(name), None) => diagnostic.label(format!("did you mean `{name}`?")).suggest(name),
        (None, None) => match home_of(key, at) {
            Some(place) => diagnostic.help(format!("`{key}` belongs under `{place}`")),
            None if others == Others::None => diagnostic,
            None => diagnostic.help(format!("for a note of your own, write `x-{key}`")),
        },
    };
    with_service(diagnostic, at)
}

fn unknown_message(key: &str, at: &Path<'_>) -> String {
    match at {
        Path::Root => format!("unknown key `{key}`"),
        _ => format!("unknown key `{key}` in `{at}`"),
    }
}

/// Keys of the first file format, and what replaced them (L40).
fn replacement(key: &str) -> Option<&'static str> {
    Some(match key {
        "net" => "write `network_mode:`",
        "log_driver" | "log_opt" => "write `logging: {driver: …, options: {…}}`",
        "volume_driver" => "write `driver:` at the top-level volume",
        "dockerfile" => "write `build: {context: ., dockerfile: …}`",
        _ => return None,
    })
}

/// Finds the one mapping of a service, or the top level, that has the key.
fn home_of(key: &str, at: &Path<'_>) -> Option<String> {
    at.service()?;
    let service = Top::SHAPE.member("services")?.member("")?;
    let inside = service.fields()?.iter().filter(|field| field.name != at.last());
    let mut homes = inside
        .filter(|field| field.shape.fields().is_some_and(|rows| rows.iter().any(|row| row.name == key)));
    match (homes.next(), homes.next()) {
        (Some(home), None) => Some(home.name.to_owned()),
        (None, _) if service.member(key).is_some() => Some(format!("services.{}", at.service()?)),
        (None, _) if Top::SHAPE.member(key).is_some() => Some("the top level".to_owned()),
        _ => None,
    }
}

fn mismatch(node: &Node, shape: &Shape, wrong: Option<String>, at: &Path<'_>) -> Diagnostic {
    let diagnostic = match (&node.value, wrong) {
        (Value::Timestamp(text), _) => {
            Diagnostic::new(LoadCode::TimestampValue, format!("`{text}` is read as a date in `{at}`"))
                .help(format!("put it in quotes: `\"{text}\"`"))
        }
        (_, Some(message)) => Diagnostic::new(LoadCode::Schema, message),
        (_, None) => {
            let place = if matches!(at, Path::Root) { "the file".to_owned() } else { format!("`{at}`") };
            let diagnostic = Diagnostic::new(
                code_of_mismatch(node, at),
                format!("{place} is {}, expected {}", node.kind(), expected(shape)),
            );
            match &node.value {
                Value::Bool(_) | Value::Int(_) | Value::Float(_)
                    if shape.forms.iter().any(|form| matches!(form, Form::Text)) =>
                {
                    diagnostic.help("put it in quotes")
                }
                Value::Text(_) if shape.item().is_some() => {
                    diagnostic.help("write a list: each item on a line of its own behind `- `")
                }
                _ => diagnostic,
            }
        }
    };
    with_service(diagnostic.at(node.span).path(at.to_string()), at)
}

/// `services` and the services in it are refused by a name of their own (L15), but for a service that is null.
fn code_of_mismatch(node: &Node, at: &Path<'_>) -> LoadCode {
    match at {
        Path::Key(Path::Root, "services") => LoadCode::NotAMapping,
        Path::Key(Path::Key(Path::Root, "services"), _) if !matches!(node.value, Value::Null) => {
            LoadCode::NotAMapping
        }
        _ => LoadCode::Schema,
    }
}

fn expected(shape: &Shape) -> String {
    let mut words: Vec<String> = Vec::new();
    for form in shape.forms {
        let word = match form {
            Form::Null => continue,
            Form::Bool => "`true` or `false`".to_owned(),
            Form::Int(..) => "a whole number".to_owned(),
            Form::Number => "a number".to_owned(),
            Form::Text | Form::Pattern(..) => "text".to_owned(),
            Form::Word(choices) => quoted(choices),
            Form::List(_) => "a list".to_owned(),
            Form::Fields(fields) | Form::Closed(fields) | Form::Lenient(fields) => {
                let first = fields.first().map_or("key", |field| field.name);
                format!("a mapping such as `{{{first}: …}}`")
            }
            Form::Named(..) => "a mapping of names".to_owned(),
            Form::Any => "anything".to_owned(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(" or ")
}

#[cfg(test)]
mod tests {
    use crate::compose::testing::problems;

    #[test]
    fn every_mistake_is_reported_in_one_run() {
        let text = "services:\n  a:\n    imgae: i\n    image: [x]\n    cgroup: other\n    ports: 80\n    deploy:\n      replica: 3\nfoo: 1\n";
        assert_eq!(
            problems(text),
            "3:5 unknown-key\n4:12 schema\n5:13 schema\n6:12 schema\n8:7 unknown-key\n9:1 unknown-key"
        );
    }

    #[test]
    fn dates_and_nulls_are_refused_where_text_is_meant() {
        let text = "services:\n  a:\n    image: i\n    user: 2020-01-01\n    hostname:\n";
        assert_eq!(problems(text), "4:11 timestamp-value\n5:13 schema");
    }

    #[test]
    fn a_repeated_item_of_a_set_is_refused() {
        assert_eq!(
            problems("services:\n  a:\n    image: i\n    security_opt: [a, a]\n"),
            "4:23 duplicate-item"
        );
    }

    #[test]
    fn extensions_pass_where_the_schema_lets_them() {
        assert_eq!(problems("x-a: 1\nservices: {a: {image: i, x-b: 2, deploy: {x-c: 3}}}\n"), "");
    }
}
