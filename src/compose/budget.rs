//! What one load may use at most, so that a small input cannot ask for a huge project (L17).
//!
//! Only what multiplies is counted: a project that is written out in full is bounded by its files.

use crate::diag::{Diagnostic, Sink, Span};
use crate::yaml::{Node, Value};

use super::codes::LoadCode;
use super::grammar::interpolation::MOST_VALUE_BYTES;

/// What is left of each allowance.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Bytes that variables may still put into texts.
    pub(crate) interpolated: usize,
    /// Files that may still be included.
    included: usize,
    /// Bytes of files that may still be read.
    read: usize,
    /// Bytes that services may still inherit.
    inherited: usize,
    /// Ports that ranges may still become.
    ports: usize,
    /// It was said that one of them is used up.
    said: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            interpolated: MOST_VALUE_BYTES,
            included: 10_000,
            read: 64 << 20,
            inherited: 32 << 20,
            ports: 70_000,
            said: false,
        }
    }
}

impl Budget {
    /// Takes one included file.
    pub(crate) fn include(&mut self, place: Span, sink: &mut Sink) -> bool {
        let fits = take(&mut self.included, 1);
        self.say(fits, "more than 10,000 files are included", place, sink)
    }

    /// Counts the documents that are merged on top of each other.
    pub(crate) fn merge(&mut self, place: Span, count: &mut usize, sink: &mut Sink) -> bool {
        *count += 1;
        self.say(*count <= 1000, "more than 1,000 documents are merged on top of each other", place, sink)
    }

    /// Takes the bytes of a file; one that is read again counts again.
    pub(crate) fn read(&mut self, bytes: usize, place: Option<Span>, sink: &mut Sink) -> bool {
        let fits = take(&mut self.read, bytes);
        if !fits && !self.said {
            self.said = true;
            sink.push(refusal("the files of the project are longer than 64 MiB together").at_opt(place));
        }
        fits
    }

    /// Takes what a service inherits.
    pub(crate) fn inherit(&mut self, base: &Node, place: Span, sink: &mut Sink) -> bool {
        let fits = take(&mut self.inherited, weight(base));
        self.say(fits, "services inherit more than 32 MiB from each other", place, sink)
    }

    /// Takes the ports that one text stands for.
    pub(crate) fn ports(&mut self, ports: usize, place: Span, sink: &mut Sink) -> bool {
        // Single ports are bounded by their text.
        let fits = ports == 1 || take(&mut self.ports, ports);
        self.say(fits, "ranges stand for more than 70,000 ports", place, sink)
    }

    /// Tells whether something was refused: what is left is no project to go on with.
    pub(crate) fn is_used_up(&self) -> bool {
        self.said
    }

    fn say(&mut self, fits: bool, message: &str, place: Span, sink: &mut Sink) -> bool {
        if !fits && !self.said {
            self.said = true;
            sink.push(refusal(message).at(place));
        }
        fits
    }
}

fn refusal(message: &str) -> Diagnostic {
    Diagnostic::new(LoadCode::ProjectTooLarge, message).help("split the project into several")
}

fn take(allowance: &mut usize, wanted: usize) -> bool {
    let left = allowance.checked_sub(wanted);
    // Used up stays used up: whoever asks for little afterwards would only prolong it.
    *allowance = left.unwrap_or(0);
    left.is_some()
}

/// About the bytes that a copy of a value takes.
fn weight(node: &Node) -> usize {
    let below: usize = match &node.value {
        Value::Map(map) => map.iter().map(|(key, entry)| key.len() + weight(&entry.node)).sum(),
        Value::List(items) => items.iter().map(weight).sum(),
        Value::Text(text) => text.len(),
        _ => 0,
    };
    size_of::<Node>() + below
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::SourceId;

    #[test]
    fn what_is_used_up_is_refused_and_said_once() {
        let (mut budget, mut sink) = (Budget::default(), Sink::default());
        let place = Span::new(SourceId(0), 0, 0);
        assert!(budget.ports(65_536, place, &mut sink));
        assert!(!budget.ports(65_536, place, &mut sink) && !budget.ports(2, place, &mut sink));
        assert!(budget.ports(1, place, &mut sink));
        let codes: Vec<_> = sink.diagnostics().iter().map(|found| found.code.name()).collect();
        assert_eq!(codes, ["project-too-large"]);
    }
}
