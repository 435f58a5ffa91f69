//! Text to spanned trees, one for each document, as yaml.v3 reads it for Compose (L12–L17).
//!
//! Collects all problems that it can; the trees it returns then still hold what could be read. Interpolates nothing.

use super::build::Builder;
use super::characters::{self, Found};
use super::patch::Patch;
use super::raw;
use super::written::Problem;
use super::{Node, Options, YamlCode};
use crate::diag::{Diagnostic, Sink, SourceId, Span};

/// Reads all documents of a text without byte order mark. An empty document is a null.
///
/// A document that cannot be read at all is reported and left out.
pub(crate) fn parse(source: SourceId, text: &str, options: Options<'_>, sink: &mut Sink) -> Vec<Node> {
    if !check_characters(source, text, sink) {
        return Vec::new();
    }
    let mut patch = Patch::default();
    loop {
        let patched = patch.apply(text);
        let mut problems = Vec::new();
        match raw::read(&patched, patch.is_affordable(text.len()), &mut problems) {
            Err((repair, at)) => patch.add(repair, at),
            Ok(stream) => {
                let places = Places { source, patch: &patch };
                for problem in problems {
                    places.report(problem, sink);
                }
                let mut builder = Builder::new(&stream, places, options, sink);
                return stream.documents.iter().filter_map(|root| builder.build(*root)).collect();
            }
        }
    }
}

/// From ranges of the patched text to spans of the written one.
#[derive(Clone, Copy)]
pub(super) struct Places<'p> {
    source: SourceId,
    patch: &'p Patch,
}

impl Places<'_> {
    /// Returns the span of a range.
    pub(super) fn span(self, range: &std::ops::Range<usize>) -> Span {
        let offset = |patched| u32::try_from(self.patch.written(patched)).unwrap_or(u32::MAX);
        Span::new(self.source, offset(range.start), offset(range.end))
    }

    fn report(self, problem: Problem, sink: &mut Sink) {
        let mut diagnostic = Diagnostic::new(problem.code, problem.text).at(self.span(&problem.range));
        if let Some(help) = problem.help {
            diagnostic = diagnostic.help(help);
        }
        if let Some((range, label)) = problem.also {
            diagnostic = diagnostic.also(self.span(&range), label);
        }
        sink.push(diagnostic);
    }
}

/// Reports characters that end or disturb lines; tells whether the text can be read.
fn check_characters(source: SourceId, text: &str, sink: &mut Sink) -> bool {
    let mut warned = false;
    for (offset, character, found) in characters::find(text) {
        let patch = Patch::default();
        let span = Places { source, patch: &patch }.span(&(offset..offset + character.len_utf8()));
        let name = format!("U+{:04X}", u32::from(character));
        match found {
            Found::Control => {
                let message = format!("the control character {name} may not stand in a text");
                sink.push(
                    Diagnostic::new(YamlCode::YamlSyntax, message)
                        .at(span)
                        .help("remove it, or escape it in double quotes"),
                );
                return false;
            }
            Found::LineBreak if !warned => {
                warned = true;
                let message = format!("the character {name} ends the line for Docker Compose, but not here");
                sink.push(
                    Diagnostic::new(YamlCode::LineBreakCharacter, message)
                        .at(span)
                        .help("remove it, or escape it in double quotes"),
                );
            }
            Found::LineBreak => {}
        }
    }
    true
}

#[cfg(test)]
mod tests;
