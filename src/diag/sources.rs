//! The texts that spans point into, and the traces of values that were moved between them.

use std::sync::{Arc, OnceLock};

use super::{SourceId, Span, TraceId};

/// All texts read in one run. Spans are meaningful only together with it.
#[derive(Debug, Default)]
pub struct Sources {
    texts: Vec<Source>,
    traces: Vec<(TraceId, TraceStep)>,
}

#[derive(Debug)]
struct Source {
    name: String,
    text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
    /// Characters before each block of [`BLOCK`] bytes: files of one long line exist, and so do many problems in one.
    characters: OnceLock<Vec<u32>>,
}

const BLOCK: usize = 4096;

impl Source {
    /// Counts the characters that begin before a byte.
    fn characters_before(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let begins = |part: &[u8]| part.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        let blocks = self.characters.get_or_init(|| {
            let mut before = 0;
            let counts = bytes.chunks(BLOCK).map(|block| {
                before += begins(block);
                u32::try_from(before).unwrap_or(u32::MAX)
            });
            std::iter::once(0).chain(counts).collect()
        });
        let block = offset / BLOCK;
        blocks[block] as usize + begins(&bytes[block * BLOCK..offset])
    }
}

/// One step on the way of a value from where it was written to where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceStep {
    /// Inherited by `extends`, written at `by`.
    Extends {
        /// The service whose value it was.
        service: String,
        /// The `extends` that took it.
        by: Span,
    },
    /// Brought in by `include`, written at `by`.
    Include {
        /// The `include` item.
        by: Span,
    },
    /// A variable of the environment or of an env file stands in it.
    Interpolated {
        /// Names of the variables that gave a value.
        variables: Vec<String>,
    },
    /// Read from an env file or label file, named at `by`.
    EnvFile {
        /// The `env_file` item.
        by: Span,
    },
}

/// A line and a column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Sources {
    /// Adds a text. `name` is what users see: the path relative to the project directory, with `/`.
    ///
    /// # Panics
    /// With more than 2^32 texts.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(u32::try_from(self.texts.len()).expect("fewer than 2^32 files"));
        self.texts.push(Source {
            name: name.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
            characters: OnceLock::new(),
        });
        id
    }

    /// Finds a text by its name.
    pub fn find(&self, name: &str) -> Option<SourceId> {
        let index = self.texts.iter().position(|source| source.name == name)?;
        u32::try_from(index).ok().map(SourceId)
    }

    /// Returns the name under which users know a text.
    pub fn name(&self, id: SourceId) -> &str {
        &self.texts[id.0 as usize].name
    }

    /// Returns the names of all texts, in the order in which they were read.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|source| source.name.as_str())
    }

    /// Returns a whole text.
    pub fn text(&self, id: SourceId) -> &Arc<str> {
        &self.texts[id.0 as usize].text
    }

    /// Returns the written characters of a span.
    pub fn snippet(&self, span: Span) -> &str {
        self.text(span.source).get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Returns line and column of a byte offset.
    pub fn position(&self, id: SourceId, offset: u32) -> Position {
        let source = &self.texts[id.0 as usize];
        let starts = source.line_starts.get_or_init(|| {
            let breaks = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            let after = breaks.map(|(index, _)| u32::try_from(index + 1).unwrap_or(u32::MAX));
            std::iter::once(0).chain(after).collect()
        });
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let begin = starts[line - 1] as usize;
        let end = (offset as usize).min(source.text.len());
        let column =
            if begin < end { source.characters_before(end) - source.characters_before(begin) } else { 0 };
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// Returns `file:line:column` of the first character of a span.
    pub fn place(&self, span: Span) -> String {
        let position = self.position(span.source, span.start);
        format!("{}:{}:{}", self.name(span.source), position.line, position.column)
    }

    /// Adds a step behind the trace that a value already has.
    ///
    /// # Panics
    /// With more than 2^32 steps.
    pub fn trace(&mut self, before: TraceId, step: TraceStep) -> TraceId {
        self.traces.push((before, step));
        TraceId(u32::try_from(self.traces.len()).expect("fewer than 2^32 traces"))
    }

    /// Returns the steps of a trace, the last one first.
    pub fn steps(&self, trace: TraceId) -> impl Iterator<Item = &TraceStep> {
        let mut next = trace;
        std::iter::from_fn(move || {
            let (before, step) = self.traces.get((next.0 as usize).checked_sub(1)?)?;
            next = *before;
            Some(step)
        })
    }

    /// Tells whether a value came, wholly or in part, from outside the Compose files: a variable or an env file.
    pub fn is_from_outside(&self, span: Span) -> bool {
        self.steps(span.trace)
            .any(|step| matches!(step, TraceStep::Interpolated { .. } | TraceStep::EnvFile { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", "a: ü\nbc: d\n");
        assert_eq!(sources.position(id, 0), Position { line: 1, column: 1 });
        assert_eq!(sources.position(id, 5), Position { line: 1, column: 5 });
        assert_eq!(sources.position(id, 6), Position { line: 2, column: 1 });
        assert_eq!(sources.position(id, 10), Position { line: 2, column: 5 });
    }

    #[test]
    fn traces_are_told_last_step_first() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", "");
        let by = Span::new(id, 0, 0);
        let first = sources.trace(TraceId::NONE, TraceStep::Include { by });
        let second = sources.trace(first, TraceStep::EnvFile { by });
        let steps: Vec<_> = sources.steps(second).cloned().collect();
        assert_eq!(steps, [TraceStep::EnvFile { by }, TraceStep::Include { by }]);
        assert_eq!(sources.steps(TraceId::NONE).count(), 0);
    }
}
