//! Step 3: puts variables into every string value of one document, and casts typed scalars (L18–L21).
//!
//! Names no key: the rows say which values are numbers or booleans.

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Severity, Sink, Sources, TraceStep};
use crate::yaml::{Node, Value};

use super::codes::LoadCode;
use super::environment::Environment;
use super::grammar::interpolation::{self, InterpolationFault};
use super::grammar::number;
use super::keys::shape::{Cast, Shape};
use super::path::Path;

/// The way out where nothing is left of a value.
pub(crate) const EMPTY_HELP: &str =
    "a variable that is unset leaves an empty text: give it a default with `${NAME:-value}`";

/// What interpolation of one document needs.
pub(crate) struct Interpolation<'a> {
    /// Variables.
    pub(crate) environment: &'a Environment,
    /// Bytes of values that may still be put in, by all texts of the project together (L17).
    pub(crate) allowance: &'a mut usize,
    /// Traces of values that a variable gave.
    pub(crate) sources: &'a mut Sources,
    /// Problems.
    pub(crate) sink: &'a mut Sink,
    /// Unset names that were reported in this run; each is said once (L19).
    pub(crate) unset: &'a mut BTreeSet<String>,
}

impl Interpolation<'_> {
    /// Puts variables into a value and all below it.
    pub(crate) fn apply(&mut self, node: &mut Node, shape: Option<&Shape>, at: &Path<'_>) {
        match &mut node.value {
            Value::Map(map) => {
                for (key, entry) in map {
                    let member = shape.and_then(|shape| shape.member(key));
                    self.apply(&mut entry.node, member, &at.key(key));
                }
            }
            Value::List(items) => {
                let item_shape = shape.and_then(Shape::item);
                for (index, item) in items.iter_mut().enumerate() {
                    self.apply(item, item_shape, &at.item(index));
                }
            }
            Value::Text(text) if text.contains('$') => {
                if let Some(replaced) = self.replace(&text.clone(), node.span, at) {
                    if !replaced.used.is_empty() {
                        let step = TraceStep::Interpolated { variables: replaced.used };
                        node.span.trace = self.sources.trace(node.span.trace, step);
                    }
                    node.value = Value::Text(replaced.text);
                }
                self.cast(node, shape, at);
            }
            Value::Text(_) => self.cast(node, shape, at),
            _ => {}
        }
    }

    fn replace(
        &mut self,
        text: &str,
        span: crate::diag::Span,
        at: &Path<'_>,
    ) -> Option<interpolation::Interpolated> {
        let environment = self.environment;
        let mut lookup = |name: &str| environment.get(name).map(ToOwned::to_owned);
        match interpolation::interpolate_within(text, self.allowance, &mut lookup) {
            Ok(replaced) => {
                for name in &replaced.unset {
                    if self.unset.insert(name.clone()) {
                        self.sink.push(
                            Diagnostic::new(LoadCode::UnsetVariable, format!("variable `{name}` is not set and becomes empty"))
                                .at(span)
                                .path(at.to_string())
                                .help(format!("set it in the environment or in `.env`, or write a default: `${{{name}:-value}}`")),
                        );
                    }
                }
                Some(replaced)
            }
            Err(fault) => {
                self.sink.push(fault_diagnostic(&fault, text, at).at(span).path(at.to_string()));
                None
            }
        }
    }

    fn cast(&mut self, node: &mut Node, shape: Option<&Shape>, at: &Path<'_>) {
        let (Some(shape), Value::Text(text)) = (shape, &node.value) else { return };
        let (value, wanted, help) = match shape.cast {
            Cast::None => return,
            Cast::Bool => (
                self.read_bool(text, node.span, at).map(Value::Bool),
                "a boolean",
                "write `true` or `false`, without quotes",
            ),
            Cast::Int => (
                number::parse_int(text).ok().map(|value| Value::Int(value.into())),
                "a whole number",
                "write digits only, such as `3`",
            ),
            Cast::Float => {
                (number::parse_float(text).ok().map(Value::Float), "a number", "write a number such as `0.5`")
            }
        };
        let help = if text.is_empty() { EMPTY_HELP } else { help };
        match value {
            Some(value) => node.value = value,
            None => self.sink.push(
                Diagnostic::new(LoadCode::BadValue, format!("`{at}` is not {wanted}"))
                    .at(node.span)
                    .path(at.to_string())
                    .help(help),
            ),
        }
    }

    fn read_bool(&mut self, text: &str, span: crate::diag::Span, at: &Path<'_>) -> Option<bool> {
        let read = number::parse_bool(text).ok()?;
        if read.yaml11 {
            let plain = if read.value { "true" } else { "false" };
            self.sink.push(
                Diagnostic::new(LoadCode::Yaml11Boolean, format!("`{text}` is read as `{plain}` in `{at}`"))
                    .severity(Severity::Warning)
                    .at(span)
                    .path(at.to_string())
                    .help(format!("write `{plain}`"))
                    .suggest(plain),
            );
        }
        Some(read.value)
    }
}

/// Says what is wrong with a variable; the caller adds the place.
pub(crate) fn fault_diagnostic(fault: &InterpolationFault, text: &str, at: &Path<'_>) -> Diagnostic {
    match fault {
        InterpolationFault::Required { name, message, .. } => {
            let said = if message.is_empty() { String::new() } else { format!(": {message}") };
            Diagnostic::new(LoadCode::RequiredVariable, format!("variable `{name}` is required{said}")).help(
                format!("set `{name}` in the environment, in `.env` or in a file named with `--env-file`"),
            )
        }
        InterpolationFault::Invalid(fault) => {
            let part = text.get(fault.range.clone()).unwrap_or(text);
            Diagnostic::new(
                LoadCode::InvalidInterpolation,
                format!("`{}` is no variable in `{at}`", shorten(part)),
            )
            .label(fault.reason.clone())
            .help("`${NAME}`, `${NAME:-default}`, `${NAME:?message}`; for a dollar sign write `$$`")
        }
    }
}

fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    let first = text.lines().next().unwrap_or_default();
    if first.chars().count() <= MOST {
        first.to_owned()
    } else {
        first.chars().take(MOST).chain(['…']).collect()
    }
}
