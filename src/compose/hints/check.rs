//! Checks what stands in `x-rcompose` against its rows: unknown names, wrong types, values that cannot be (N120).
//!
//! What is wrong is reported and left out, so that one run finds all of it. Numbers that stand for text become text, texts
//! that stand for numbers and booleans become those: a value may come from a variable.

use super::rows::{self, KEYED};
use super::value::{Form, Row};
use crate::compose::codes::LoadCode;
use crate::compose::grammar::number;
use crate::compose::keys::scalar::scalar_text;
use crate::compose::path::Path;
use crate::diag::{Code, Diagnostic, Sink, Span, nearest};
use crate::yaml::{Entry, Mapping, Node, Value};

/// Hints of one place that fit their rows, by name.
pub(crate) type Checked = Mapping;

/// How problems are called: hints and settings are checked alike.
#[derive(Clone, Copy)]
pub(crate) struct Vocabulary {
    /// What one entry is called.
    pub(crate) noun: &'static str,
    /// An unknown name.
    pub(crate) unknown: fn() -> Code,
    /// A wrong value.
    pub(crate) invalid: fn() -> Code,
}

/// The vocabulary of hints.
pub(crate) const HINTS: Vocabulary = Vocabulary {
    noun: "hint",
    unknown: || LoadCode::HintUnknown.into(),
    invalid: || LoadCode::HintValueInvalid.into(),
};

/// The vocabulary at the top of the file, where hints and settings stand together (C12).
pub(crate) const TOP_OF_FILE: Vocabulary = Vocabulary {
    noun: "hint or setting",
    unknown: || LoadCode::SettingUnknown.into(),
    invalid: || LoadCode::HintValueInvalid.into(),
};

/// The vocabulary of a user's own file.
pub(crate) const SETTINGS_OF_USER: Vocabulary = Vocabulary { noun: "setting", ..TOP_OF_FILE };

/// Returns the hints that are right; the others go to the sink.
pub(crate) fn check(node: &Node, rows: &[Row], at: &Path<'_>, sink: &mut Sink) -> Checked {
    Checker { vocabulary: HINTS, beside: &[], sink }.place(node, rows, at)
}

/// Checks by one vocabulary.
pub(crate) struct Checker<'s> {
    /// How problems are called.
    pub(crate) vocabulary: Vocabulary,
    /// Rows that are read elsewhere and may have been meant.
    pub(crate) beside: &'static [Row],
    /// Where they go.
    pub(crate) sink: &'s mut Sink,
}

impl Checker<'_> {
    /// Checks the mapping of a place.
    pub(crate) fn place(&mut self, node: &Node, rows: &[Row], at: &Path<'_>) -> Checked {
        match &node.value {
            Value::Map(map) => self.rows(map, rows, node.span, at).unwrap_or_default(),
            Value::Null => Mapping::new(),
            _ => {
                self.wrong(node, at, &format!("a mapping of {}s is meant", self.vocabulary.noun));
                Mapping::new()
            }
        }
    }

    /// Checks a mapping with fixed keys; `None` when one that must be there is not.
    fn rows(&mut self, map: &Mapping, rows: &[Row], span: Span, at: &Path<'_>) -> Option<Mapping> {
        let mut fitting = Mapping::new();
        for (name, entry) in map {
            let Some(row) = rows.iter().find(|row| row.name == name) else {
                self.unknown(name, entry, rows, at);
                continue;
            };
            if entry.node.is_null() {
                continue;
            }
            let keyed = KEYED.iter().find(|(keyed, _)| keyed == name).map(|(_, language)| *language);
            if let Some(node) = self.value(&entry.node, &row.form, &at.key(name)) {
                if let (Some(language), Some(map)) = (keyed, node.as_map()) {
                    for (key, entry) in map.iter().filter(|(key, _)| !(language.fits)(key)) {
                        let message = format!("`{key}` is no key of `{}`", at.key(name));
                        self.report(self.invalid(message), entry.key, &at.key(name).key(key), language.meant);
                    }
                }
                fitting.insert(name.clone(), Entry { key: entry.key, node });
            }
        }
        let mut complete = true;
        for row in rows.iter().filter(|row| row.required && !map.contains_key(row.name)) {
            complete = false;
            let message = format!("`{}` is missing in `{at}`", row.name);
            self.report(self.invalid(message), span, at, "write it");
        }
        complete.then_some(fitting)
    }

    /// Returns a value that fits its form.
    fn value(&mut self, node: &Node, form: &Form, at: &Path<'_>) -> Option<Node> {
        match (form, &node.value) {
            (Form::Rows(rows), Value::Map(map)) => {
                self.rows(map, rows, node.span, at).map(|map| Node::new(node.span, Value::Map(map)))
            }
            (Form::Choosing { rows, among, needed }, Value::Map(map)) => {
                self.choice(map, among, *needed, node.span, at)?;
                self.rows(map, rows, node.span, at).map(|map| Node::new(node.span, Value::Map(map)))
            }
            (Form::List(item), Value::List(items)) => {
                let items = items.iter().enumerate();
                let fitting = items.filter_map(|(index, node)| self.value(node, item, &at.item(index)));
                Some(Node::new(node.span, Value::List(fitting.collect())))
            }
            (Form::Named(value), Value::Map(map)) => {
                let entries = map.iter().filter_map(|(key, entry)| {
                    let node = self.value(&entry.node, value, &at.key(key))?;
                    Some((key.clone(), Entry { key: entry.key, node }))
                });
                Some(Node::new(node.span, Value::Map(entries.collect())))
            }
            (Form::Object, Value::Map(_)) => Some(node.clone()),
            (Form::Either(forms), _) => self.either(node, forms, at),
            _ => {
                let value = scalar(node, form);
                if value.is_none() {
                    self.wrong(node, at, &format!("{} is meant", meant(form)));
                }
                value.map(|value| Node::new(node.span, value))
            }
        }
    }

    /// Takes the first form whose type fits; a scalar that fits none is told what all of them are.
    fn either(&mut self, node: &Node, forms: &[Form], at: &Path<'_>) -> Option<Node> {
        let structured = matches!(node.value, Value::Map(_) | Value::List(_));
        if structured {
            let fitting = forms.iter().find(|form| match node.value {
                Value::Map(_) => {
                    matches!(form, Form::Rows(_) | Form::Choosing { .. } | Form::Named(_) | Form::Object)
                }
                _ => matches!(form, Form::List(_)),
            });
            if let Some(form) = fitting {
                return self.value(node, form, at);
            }
        } else if let Some(value) = forms.iter().find_map(|form| scalar(node, form)) {
            return Some(Node::new(node.span, value));
        }
        let all: Vec<String> = forms.iter().map(meant).collect();
        self.wrong(node, at, &format!("{} is meant", all.join(", or ")));
        None
    }

    fn choice(
        &mut self,
        map: &Mapping,
        among: &[&str],
        needed: bool,
        span: Span,
        at: &Path<'_>,
    ) -> Option<()> {
        let mut written = among.iter().filter_map(|name| map.get(*name).map(|entry| (*name, entry)));
        let names: Vec<String> = among.iter().map(|name| format!("`{name}`")).collect();
        match (written.next(), written.next()) {
            (Some((first, _)), Some((second, entry))) => {
                let message = format!("`{first}` and `{second}` exclude each other in `{at}`");
                self.report(self.invalid(message), entry.key, at, "keep one of them");
                None
            }
            (None, _) if needed => {
                let message = format!("`{at}` says nothing");
                self.report(self.invalid(message), span, at, &format!("write one of {}", names.join(", ")));
                None
            }
            _ => Some(()),
        }
    }

    fn wrong(&mut self, node: &Node, at: &Path<'_>, meant: &str) {
        let shown = match scalar_text(node).filter(|text| !text.is_empty()) {
            Some(text) => format!("`{text}`"),
            None if matches!(&node.value, Value::Text(_)) => "empty text".to_owned(),
            None => node.kind().to_owned(),
        };
        let message = format!("{shown} is no value of `{at}`");
        self.report(self.invalid(message), node.span, at, meant);
    }

    fn invalid(&self, message: String) -> Diagnostic {
        Diagnostic::new((self.vocabulary.invalid)(), message)
    }

    fn unknown(&mut self, name: &str, entry: &Entry, rows: &[Row], at: &Path<'_>) {
        let message = format!("unknown {} `{name}` in `{at}`", self.vocabulary.noun);
        let found = Diagnostic::new((self.vocabulary.unknown)(), message);
        let known = || rows.iter().chain(self.beside).map(|row| row.name);
        let kebab = kebab(name);
        let near = known().find(|known| **known == kebab).or_else(|| nearest(name, known()));
        let path = at.key(name);
        if let Some(near) = near {
            // The suggestion says it all.
            self.report(found.suggest(near), entry.key, &path, "");
            return;
        }
        let elsewhere = rows::places_of(name).map_or_else(
            || "`rcompose schema hints` has them all".to_owned(),
            |place| format!("`{name}` belongs into {place}"),
        );
        self.report(found, entry.key, &path, &elsewhere);
    }

    fn report(&mut self, found: Diagnostic, span: Span, at: &Path<'_>, help: &str) {
        let found = found.at(span).path(at.to_string());
        let found = if help.is_empty() { found } else { found.help(help) };
        self.sink.push(match at.service() {
            Some(service) => found.service(service),
            None => found,
        });
    }
}

/// `camelCase` and `snake_case` as kebab-case: what fingers of other tools type.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter == '_' {
            kebab.push('-');
        } else if letter.is_ascii_uppercase() {
            if !kebab.is_empty() && !kebab.ends_with('-') {
                kebab.push('-');
            }
            kebab.push(letter.to_ascii_lowercase());
        } else {
            kebab.push(letter);
        }
    }
    kebab
}

/// Returns the value of a scalar form, cast as the form asks.
pub(super) fn scalar(node: &Node, form: &Form) -> Option<Value> {
    match (form, &node.value) {
        (Form::Text, Value::Text(text)) => (!text.is_empty()).then(|| node.value.clone()),
        (Form::Scalar, Value::Bool(_) | Value::Int(_) | Value::Float(_)) => {
            scalar_text(node).map(Value::Text)
        }
        (Form::Scalar, Value::Text(_)) | (Form::Flag, Value::Bool(_)) | (Form::Off, Value::Bool(false)) => {
            Some(node.value.clone())
        }
        (Form::Flag, Value::Text(text)) => flag(text).map(Value::Bool),
        (Form::Off, Value::Text(text)) => flag(text).filter(|flag| !flag).map(Value::Bool),
        (Form::Whole(least, most), Value::Int(number)) => {
            (i128::from(*least)..=i128::from(*most)).contains(number).then(|| node.value.clone())
        }
        (Form::Whole(least, most), Value::Text(text)) => {
            let number = number::parse_int(text).ok()?;
            (*least..=*most).contains(&number).then(|| Value::Int(number.into()))
        }
        (Form::Word(words), Value::Text(text)) => words.contains(&text.as_str()).then(|| node.value.clone()),
        (Form::Language(language), Value::Text(text)) => (language.fits)(text).then(|| node.value.clone()),
        (Form::Either(forms), _) => forms.iter().find_map(|form| scalar(node, form)),
        (Form::Language(language), Value::Int(_) | Value::Float(_)) if language.bare => {
            scalar_text(node).filter(|text| (language.fits)(text)).map(Value::Text)
        }
        _ => None,
    }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Says in words what may stand there.
pub(crate) fn meant(form: &Form) -> String {
    match form {
        Form::Text => "text".to_owned(),
        Form::Scalar => "text or a number".to_owned(),
        Form::Flag => "`true` or `false`".to_owned(),
        Form::Off => "`false`".to_owned(),
        Form::Whole(0, most) if *most == i64::from(i32::MAX) => "a whole number from 0".to_owned(),
        Form::Whole(1, most) if *most == i64::from(i32::MAX) => "a whole number from 1".to_owned(),
        Form::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Form::Word(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            match words.as_slice() {
                [one] => one.clone(),
                words => format!("one of {}", words.join(", ")),
            }
        }
        Form::Language(language) => language.meant.to_owned(),
        Form::List(item) => format!("a list, each item {}", meant(item)),
        Form::Named(value) => format!("a mapping, each value {}", meant(value)),
        Form::Rows(rows) | Form::Choosing { rows, .. } => {
            let names: Vec<String> = rows.iter().map(|row| format!("`{}`", row.name)).collect();
            format!("a mapping with {}", names.join(", "))
        }
        Form::Object => "a mapping".to_owned(),
        Form::Either(forms) => forms.iter().map(meant).collect::<Vec<_>>().join(", or "),
    }
}
