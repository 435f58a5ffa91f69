//! Trees to text, the same bytes for the same tree, read alike by kubectl, Compose and everything else (N82).
//!
//! Block style throughout; strings of several lines stand as literals, so that people can read and compare them.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::Value;

use super::quote::{is_printable, plain_or_quoted};

/// The order of keys: a low number comes first, equal ones by bytes. `parent` is the nearest mapping key above, empty
/// at the top.
pub(crate) type KeyRank = fn(parent: &str, key: &str) -> u32;

/// One step on the way from the top of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment<'t> {
    /// The value under a key.
    Key(&'t str),
    /// The item of a list.
    Index(usize),
}

/// Keys that are longer than this stand behind a question mark: readers look only 1024 characters ahead for the colon.
const LONGEST_SIMPLE_KEY: usize = 1000;

/// Tells whether the integer under a key is written in octal, with a leading zero: file modes. Asked as a [`KeyRank`].
pub(crate) type Octal = fn(parent: &str, key: &str) -> bool;

/// Writes one document, without `---`. `indent` is at least 2 and at most 9.
pub(crate) fn write(tree: &Value, key_rank: KeyRank, indent: usize) -> String {
    write_with_octal(tree, key_rank, |_, _| false, indent)
}

/// Writes one document, some of whose integers are in octal.
pub(crate) fn write_with_octal(tree: &Value, key_rank: KeyRank, octal: Octal, indent: usize) -> String {
    written(tree, key_rank, octal, indent, &|_| None)
}

/// Writes one document with a comment at the end of the line where the value of a path begins.
///
/// A list item that is a mapping or list has no such line: its first key or item stands there.
pub(crate) fn write_with_comments(
    tree: &Value,
    key_rank: KeyRank,
    indent: usize,
    comment: &dyn Fn(&[Segment<'_>]) -> Option<String>,
) -> String {
    written(tree, key_rank, |_, _| false, indent, comment)
}

fn written(
    tree: &Value,
    key_rank: KeyRank,
    octal: Octal,
    indent: usize,
    comment: &dyn Fn(&[Segment<'_>]) -> Option<String>,
) -> String {
    let mut writer =
        Writer { out: String::new(), key_rank, octal, indent: indent.clamp(2, 9), comment, path: Vec::new() };
    match tree {
        Value::Object(map) if !map.is_empty() => writer.map(map, "", 0),
        Value::Array(items) if !items.is_empty() => writer.list(items, "", 0),
        // A literal at the top has no parent that its lines are indented against.
        tree => {
            writer.out.push_str(&scalar(tree));
            writer.end_line();
        }
    }
    writer.out
}

struct Writer<'w, 't> {
    out: String,
    key_rank: KeyRank,
    octal: Octal,
    indent: usize,
    comment: &'w dyn Fn(&[Segment<'_>]) -> Option<String>,
    path: Vec<Segment<'t>>,
}

impl<'t> Writer<'_, 't> {
    /// Writes a mapping whose keys stand at a column; the first one where the line is now.
    fn map(&mut self, map: &'t serde_json::Map<String, Value>, parent: &str, column: usize) {
        let mut entries: Vec<(&'t String, &'t Value)> = map.iter().collect();
        entries.sort_by_cached_key(|(key, _)| ((self.key_rank)(parent, key), *key));
        for (position, (key, value)) in entries.into_iter().enumerate() {
            self.begin_line(position, column);
            self.path.push(Segment::Key(key));
            self.key(key, column);
            match value.as_u64().filter(|_| (self.octal)(parent, key)) {
                Some(mode) => {
                    let _ = write!(self.out, " 0{mode:o}");
                    self.end_line();
                }
                None => self.value(value, key, column),
            }
            self.path.pop();
        }
    }

    fn key(&mut self, key: &str, column: usize) {
        let written = plain_or_quoted(key);
        if written.len() > LONGEST_SIMPLE_KEY {
            self.out.extend(["? ", &written, "\n"]);
            self.blanks(column);
        } else {
            self.out.push_str(&written);
        }
        self.out.push(':');
    }

    /// Writes what follows the colon of a key.
    fn value(&mut self, value: &'t Value, key: &str, column: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.end_line();
                self.blanks(column + self.indent);
                self.map(map, key, column + self.indent);
            }
            Value::Array(items) if !items.is_empty() => {
                self.end_line();
                self.blanks(column + self.indent);
                self.list(items, key, column + self.indent);
            }
            value => self.leaf(value, column),
        }
    }

    /// Writes a list whose dashes stand at a column. The key above it stays the parent of keys in its items.
    fn list(&mut self, items: &'t [Value], parent: &str, column: usize) {
        for (position, item) in items.iter().enumerate() {
            self.begin_line(position, column);
            self.path.push(Segment::Index(position));
            self.out.push('-');
            match item {
                Value::Object(map) if !map.is_empty() => {
                    self.out.push(' ');
                    self.map(map, parent, column + 2);
                }
                Value::Array(items) if !items.is_empty() => {
                    self.out.push(' ');
                    self.list(items, parent, column + 2);
                }
                item => self.leaf(item, column),
            }
            self.path.pop();
        }
    }

    /// Writes a blank and what fits on one line, or a literal whose lines are indented against a column.
    fn leaf(&mut self, value: &Value, column: usize) {
        self.out.push(' ');
        match value {
            Value::String(text) if is_literal(text) => self.literal(text, column + self.indent),
            value => {
                self.out.push_str(&scalar(value));
                self.end_line();
            }
        }
    }

    fn literal(&mut self, text: &str, column: usize) {
        self.out.push('|');
        // Where the first line does not show the indentation, a digit has to.
        if text.starts_with([' ', '\n']) {
            self.out.push_str(&self.indent.to_string());
        }
        let body = text.trim_end_matches('\n');
        match text.len() - body.len() {
            0 => self.out.push('-'),
            1 => {}
            _ => self.out.push('+'),
        }
        self.end_line();
        let lines = text.strip_suffix('\n').unwrap_or(text);
        for line in lines.split('\n') {
            if !line.is_empty() {
                self.blanks(column);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    /// Begins a further line; the first key or item stands where the line is.
    fn begin_line(&mut self, position: usize, column: usize) {
        if position > 0 {
            self.blanks(column);
        }
    }

    fn end_line(&mut self) {
        if let Some(comment) = (self.comment)(&self.path) {
            let one_line = comment.trim().chars();
            self.out.push_str(" # ");
            self.out.extend(one_line.map(|character| if is_printable(character) { character } else { ' ' }));
        }
        self.out.push('\n');
    }

    fn blanks(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }
}

/// Tells whether a text can be a literal that all readers agree on.
fn is_literal(text: &str) -> bool {
    let body = text.trim_matches('\n');
    text.contains('\n')
        && !body.is_empty()
        && !body.starts_with('\t')
        && text.chars().all(|character| is_printable(character) || matches!(character, '\n' | '\t'))
        && text
            .split('\n')
            .all(|line| line.is_empty() || line.contains(|character| !matches!(character, ' ' | '\t')))
}

fn scalar(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "null".into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => float_text(float).into(),
            None => number.to_string().into(),
        },
        Value::String(text) => plain_or_quoted(text),
        Value::Array(_) => "[]".into(),
        Value::Object(_) => "{}".into(),
    }
}

/// Writes a float with a point and a signed exponent: YAML 1.1 takes `1e21` for text.
fn float_text(float: f64) -> String {
    let text = format!("{float:?}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

#[cfg(test)]
mod tests;
