//! `command`, `entrypoint` and hook commands: words, or a text that is split like a shell does (L35).

use crate::compose::codes::LoadCode;
use crate::compose::grammar::words;
use crate::compose::path::Path;
use crate::compose::print::{Printed, Printer};
use crate::diag::{Diagnostic, Sink, Span};
use crate::yaml::{Node, Value};

use super::Key;
use super::scalar::Text;
use super::shape::{Form, Merge, Shape};

/// A command line. Null is absent; an empty list or text is an empty command.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    /// Place of the whole.
    pub(crate) span: Span,
    /// The words; those of a split text all have the place of the text.
    pub(crate) words: Vec<Text>,
}

const ITEM: Shape = Text::SHAPE;

impl Key for Command {
    const SHAPE: Shape = Shape::of(&[Form::Null, Form::Text, Form::List(&ITEM)]).merge(Merge::Replace);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        let span = node.span;
        let words = match node.value {
            Value::Text(text) => split(&text, span, at, sink)?,
            Value::List(items) => items
                .into_iter()
                .enumerate()
                .filter_map(|(index, item)| Text::decode(item, &at.item(index), sink))
                .collect(),
            _ => return None,
        };
        Some(Self { span, words })
    }

    fn print(&self, _: Printer) -> Printed {
        super::scalar::print_texts(self.span, &self.words)
    }
}

fn split(text: &str, span: Span, at: &Path<'_>, sink: &mut Sink) -> Option<Vec<Text>> {
    match words::split(text) {
        Ok(split) => {
            if split.truncated_at.is_some() {
                sink.push(
                    Diagnostic::new(
                        LoadCode::CommandTruncated,
                        format!("`{at}` ends at an unquoted `;`, `&`, `|`, `<` or `>`"),
                    )
                    .at(span)
                    .label("the rest is lost, as in Docker Compose")
                    .path(at.to_string())
                    .help("for a shell, write `[\"sh\", \"-c\", \"…\"]`; for a plain character, quote it"),
                );
            }
            Some(split.words.into_iter().map(|word| Text::new(word, span)).collect())
        }
        Err(fault) => {
            sink.push(
                Diagnostic::new(LoadCode::BadCommand, format!("`{at}` cannot be split into words"))
                    .at(span)
                    .label(fault.reason)
                    .path(at.to_string())
                    .help("close the quote or bracket, or write the command as a list"),
            );
            None
        }
    }
}

/// `healthcheck.test`: a text is a shell command.
#[derive(Clone, Debug)]
pub(crate) struct HealthTest(pub(crate) Command);

impl Key for HealthTest {
    const SHAPE: Shape = Shape::of(&[Form::Text, Form::List(&ITEM)]).merge(Merge::Replace);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        let span = node.span;
        if let Value::Text(text) = node.value {
            let words = vec![Text::new("CMD-SHELL".to_owned(), span), Text::new(text, span)];
            return Some(Self(Command { span, words }));
        }
        Command::decode(node, at, sink).map(Self)
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}
