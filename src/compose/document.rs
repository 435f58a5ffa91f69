//! Step 2: the documents of one file, with their tags taken out.

use crate::diag::{Code, Diagnostic, Sink, SourceId, Sources, Span};
use crate::host::Host;
use crate::yaml::{self, Node, YamlCode};

use super::budget::Budget;
use super::codes::LoadCode;
use super::discovery::STDIN;
use super::source::{self, ReadFault};
use super::tags::{RESET, Resets};

/// One document of a file.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Its tree: a mapping.
    pub(crate) tree: Node,
    /// What it deletes from what was merged before.
    pub(crate) resets: Resets,
}

/// Reads a Compose file. `named` is the place that names it; without one the file itself is the place.
pub(crate) fn read(
    host: &dyn Host,
    file: &str,
    shown_from: &str,
    named: Option<Span>,
    budget: &mut Budget,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<Vec<Document>> {
    let shown = if file == STDIN { "<stdin>".to_owned() } else { source::shown(shown_from, file) };
    let read = if file == STDIN {
        source::read_stdin(host, sources)
    } else {
        source::read(host, sources, file, &shown)
    };
    let id = match read {
        Ok(id) => id,
        Err(fault) => {
            sink.push(unreadable(&fault, &shown, named, sources));
            return None;
        }
    };
    let text = sources.text(id).clone();
    if !budget.read(text.len(), named, sink) {
        return None;
    }
    let options = yaml::Options { not_copied_tag: Some(RESET) };
    let documents = yaml::parse(id, &text, options, sink);
    if documents.is_empty() && sink.has_errors() {
        return None;
    }
    let beginning = beginning(id, sources);
    Some(documents.into_iter().filter_map(|tree| document(tree, beginning, sink)).collect())
}

/// Returns the first character of a text.
pub(crate) fn beginning(id: SourceId, sources: &Sources) -> Span {
    let first = sources.text(id).chars().next().filter(|first| *first != '\n');
    Span::new(id, 0, first.map_or(0, |first| u32::try_from(first.len_utf8()).unwrap_or(0)))
}

fn document(mut tree: Node, beginning: Span, sink: &mut Sink) -> Option<Document> {
    if tree.as_map().is_none() {
        let empty = tree.is_null() && tree.span.start == tree.span.end && tree.span.start == 0;
        let place = if empty { beginning } else { tree.span };
        sink.push(
            Diagnostic::new(
                LoadCode::NotAMapping,
                format!(
                    "the document is {}, a mapping is expected",
                    if tree.is_null() { "empty" } else { tree.kind() }
                ),
            )
            .at(place)
            .help("a Compose file begins with keys such as `services:`; remove a final `---`"),
        );
        return None;
    }
    let resets = Resets::take(&mut tree);
    Some(Document { tree, resets })
}

fn unreadable(fault: &ReadFault, shown: &str, named: Option<Span>, sources: &mut Sources) -> Diagnostic {
    let code: Code = match fault {
        ReadFault::Missing => LoadCode::FileNotFound.into(),
        ReadFault::NotText(_) | ReadFault::TooLarge => YamlCode::YamlSyntax.into(),
        ReadFault::Directory | ReadFault::Special | ReadFault::System(_) => LoadCode::FileUnreadable.into(),
    };
    let help = match fault {
        // kompose cuts at commas, Compose does not (N147).
        ReadFault::Missing if shown.contains(',') => {
            let each: Vec<String> = shown.split(',').map(|file| format!("-f {}", file.trim())).collect();
            format!("name each file with its own flag: `{}`", each.join(" "))
        }
        ReadFault::Missing => "check the path".to_owned(),
        ReadFault::NotText(_) => "save the file as UTF-8".to_owned(),
        ReadFault::TooLarge => "a Compose file this long is none".to_owned(),
        _ => "name a regular file that may be read".to_owned(),
    };
    // A file that gives no text still has a place: its beginning.
    let place = named.unwrap_or_else(|| Span::new(sources.add(shown, ""), 0, 0));
    Diagnostic::new(code, format!("`{shown}` {}", fault.reason())).at(place).help(help)
}
