//! The tree as written to the tree as meant: scalars resolved, keys checked, aliases and merge keys expanded.

mod merge;

use std::ops::Range;

use super::events::Tag;
use super::raw::{NESTING, PROBLEMS, TOO_DEEP};
use super::read::Places;
use super::scalar::resolve;
use super::written::{Data, Raw, Stream};
use super::{Entry, Mapping, Node, Options, Value, YamlCode};
use crate::diag::{Diagnostic, Sink, Span};

/// Nodes that aliases may add to one document (L17).
const ADDED_BY_ALIASES: usize = 100_000;

/// Nodes that aliases may add to all documents of a text.
const ADDED_IN_ALL: usize = 500_000;

/// Bytes that aliases may add to a text: few long scalars fill the memory as many short ones do.
const BYTES_BY_ALIASES: usize = 16 << 20;

/// Builds the tree of one document.
pub(super) struct Builder<'r, 'a, 's> {
    nodes: &'r [Raw<'a>],
    places: Places<'r>,
    options: Options<'r>,
    sink: &'s mut Sink,
    /// Keys and indices on the way to the current node.
    path: Vec<Step<'r>>,
    /// Sequences and mappings around the current node, aliases expanded.
    depth: usize,
    /// Aliases around the current node. What stands below one is reported where it is written.
    copies: usize,
    /// Nodes made below aliases of this document so far.
    added: usize,
    /// The same of all documents.
    added_in_all: usize,
    /// Bytes of scalars and keys made below aliases so far.
    added_bytes: usize,
    /// The alias around all that is made now.
    alias: Range<usize>,
    /// Problems told so far.
    reported: usize,
}

#[derive(Clone, Copy)]
enum Step<'r> {
    Key(&'r str),
    Index(usize),
}

/// The document grew beyond a limit; already reported.
struct TooLarge;

impl<'r, 'a, 's> Builder<'r, 'a, 's> {
    /// Starts with a text.
    pub(super) fn new(
        stream: &'r Stream<'a>,
        places: Places<'r>,
        options: Options<'r>,
        sink: &'s mut Sink,
    ) -> Self {
        Self {
            nodes: &stream.nodes,
            places,
            options,
            sink,
            path: Vec::new(),
            depth: 0,
            copies: 0,
            added: 0,
            added_in_all: 0,
            added_bytes: 0,
            alias: 0..0,
            reported: 0,
        }
    }

    /// Returns the tree below a root; nothing if a limit was passed.
    pub(super) fn build(&mut self, root: usize) -> Option<Node> {
        (self.depth, self.copies, self.added) = (0, 0, 0);
        self.path.clear();
        self.node(root).ok()
    }

    fn node(&mut self, index: usize) -> Result<Node, TooLarge> {
        let raw = &self.nodes[index];
        let mut tag = local_tag(raw);
        let value = match &raw.data {
            Data::Alias(target) => {
                self.stand_at(raw);
                return self.copy(*target);
            }
            Data::Nowhere => Value::Null,
            Data::Scalar { text, plain } => {
                self.count(raw)?;
                self.scalar(raw, text, *plain)
            }
            Data::List(items) => {
                self.enter(raw)?;
                let items = self.list(items)?;
                self.depth -= 1;
                Value::List(items)
            }
            Data::Map(pairs) => {
                self.enter(raw)?;
                let (map, merged) = self.map(pairs)?;
                self.depth -= 1;
                // A tag on what is merged acts on the mapping that it is merged into (L16).
                tag = tag.or_else(|| merged.and_then(|merged| self.tag_behind(merged)));
                Value::Map(map)
            }
        };
        Ok(Node { span: self.places.span(&raw.range), tag: tag.map(Into::into), value })
    }

    /// Remembers the alias that is written here, not those within what it stands for.
    fn stand_at(&mut self, raw: &Raw<'_>) {
        if self.copies == 0 {
            self.alias = raw.range.clone();
        }
    }

    fn copy(&mut self, target: usize) -> Result<Node, TooLarge> {
        self.copies += 1;
        let node = self.node(target)?;
        self.copies -= 1;
        Ok(node)
    }

    fn scalar(&mut self, raw: &Raw<'_>, text: &str, plain: bool) -> Value {
        resolve(text, plain, raw.tag.as_ref()).unwrap_or_else(|misfit| {
            let message = format!("the tag promises {}, which this is not", misfit.wanted);
            self.report_at(
                Diagnostic::new(YamlCode::YamlSyntax, message).at(self.places.span(&raw.range)),
                None,
            );
            Value::Text(text.to_owned())
        })
    }

    fn list(&mut self, items: &'r [usize]) -> Result<Vec<Node>, TooLarge> {
        let mut nodes = Vec::with_capacity(items.len());
        for (position, item) in items.iter().enumerate() {
            if self.is_left_out(*item) {
                continue;
            }
            self.path.push(Step::Index(position));
            nodes.push(self.node(*item)?);
            self.path.pop();
        }
        Ok(nodes)
    }

    /// Returns the mapping and what is merged into it.
    fn map(&mut self, pairs: &'r [usize]) -> Result<(Mapping, Option<usize>), TooLarge> {
        let mut map = Mapping::new();
        let mut merge: Option<(usize, usize)> = None;
        for (key, value) in pairs_of(pairs) {
            if self.is_left_out(value) {
                continue;
            }
            if self.is_merge_key(key) {
                match merge {
                    Some((first, _)) => self.report_duplicate("<<", self.span(key), self.span(first)),
                    None => merge = Some((key, value)),
                }
                continue;
            }
            let Some((written, text)) = self.key(key) else { continue };
            self.weigh_key(key, &text)?;
            let span = self.span(key);
            if let Some(first) = map.get(&text).map(|entry: &Entry| entry.key) {
                self.report_duplicate(&text, span, first);
                continue;
            }
            self.path.push(Step::Key(written));
            let node = self.node(value)?;
            self.path.pop();
            map.insert(text, Entry { key: span, node });
        }
        let merged = merge.map(|(_, value)| value);
        if let Some(value) = merged {
            self.merge(&mut map, value)?;
        }
        Ok((map, merged))
    }

    /// Returns a key as written and as text. What is no text is reported; a scalar then goes on as it is written.
    fn key(&mut self, index: usize) -> Option<(&'r str, String)> {
        let raw = self.behind_aliases(index);
        let (written, text) = match &raw.data {
            Data::Nowhere => return None,
            Data::Scalar { text, plain } => match resolve(text, *plain, raw.tag.as_ref()) {
                Ok(Value::Text(resolved)) => return Some((text, resolved)),
                Ok(value) => (Some(text.as_ref()), Node::new(self.span(index), value).kind()),
                Err(misfit) => (Some(text.as_ref()), misfit.wanted),
            },
            Data::List(_) => (None, "a list"),
            Data::Map(_) | Data::Alias(_) => (None, "a mapping"),
        };
        let name = written.map_or(String::new(), |written| format!(" `{written}`"));
        let diagnostic =
            Diagnostic::new(YamlCode::NonStringKey, format!("the key{name} is {text}, not text"));
        let help = if written.is_some() { "quote it" } else { "use text as the key" };
        self.report_at(diagnostic.at(self.span(index)).help(help), written.map(Step::Key));
        written.map(|written| (written, written.to_owned()))
    }

    fn enter(&mut self, raw: &Raw<'_>) -> Result<(), TooLarge> {
        self.count(raw)?;
        self.depth += 1;
        if self.depth <= NESTING {
            return Ok(());
        }
        let diagnostic = Diagnostic::new(YamlCode::YamlSyntax, format!("{TOO_DEEP}, aliases written out"));
        self.sink.push(diagnostic.at(self.places.span(&raw.range)));
        Err(TooLarge)
    }

    fn count(&mut self, raw: &Raw<'_>) -> Result<(), TooLarge> {
        if self.copies == 0 {
            return Ok(());
        }
        self.added += 1;
        self.added_in_all += 1;
        if let Data::Scalar { text, .. } = &raw.data {
            self.added_bytes += text.len();
        }
        self.check_limits()
    }

    /// Keys are no values, but long ones fill the memory all the same.
    fn weigh_key(&mut self, key: usize, text: &str) -> Result<(), TooLarge> {
        let raw = &self.nodes[key];
        if self.copies > 0 || matches!(raw.data, Data::Alias(_)) {
            self.stand_at(raw);
            self.added_bytes += text.len();
        }
        self.check_limits()
    }

    fn check_limits(&mut self) -> Result<(), TooLarge> {
        let message = if self.added > ADDED_BY_ALIASES {
            format!("aliases add more than {ADDED_BY_ALIASES} values to the document")
        } else if self.added_in_all > ADDED_IN_ALL {
            format!("aliases add more than {ADDED_IN_ALL} values to the file")
        } else if self.added_bytes > BYTES_BY_ALIASES {
            "aliases add more than 16 MiB to the file".to_owned()
        } else {
            return Ok(());
        };
        let diagnostic = Diagnostic::new(YamlCode::ExcessiveAliasing, message);
        self.sink.push(diagnostic.at(self.places.span(&self.alias)).help("write fewer aliases of aliases"));
        Err(TooLarge)
    }

    /// Returns the node that aliases lead to. They form no cycle: the target was closed before the alias was read.
    fn behind_aliases(&self, mut index: usize) -> &'r Raw<'a> {
        while let Data::Alias(target) = self.nodes[index].data {
            index = target;
        }
        &self.nodes[index]
    }

    fn tag_behind(&self, index: usize) -> Option<&'r str> {
        let raw = self.behind_aliases(index);
        local_tag(raw).filter(|_| !self.tag_is_not_copied(raw))
    }

    fn tag_is_not_copied(&self, raw: &Raw<'_>) -> bool {
        self.options.not_copied_tag.is_some() && local_tag(raw) == self.options.not_copied_tag
    }

    /// Below an alias, values with the tag that is not copied are gone (L16).
    fn is_left_out(&self, index: usize) -> bool {
        self.copies > 0 && self.tag_is_not_copied(self.behind_aliases(index))
    }

    fn report_duplicate(&mut self, key: &str, second: Span, first: Span) {
        let diagnostic =
            Diagnostic::new(YamlCode::DuplicateKey, format!("the key `{key}` stands twice in one mapping"));
        let diagnostic = diagnostic.at(second).also(first, "first here").help("remove one of them");
        self.report_at(diagnostic, Some(Step::Key(key)));
    }

    /// Reports what is written here; a copy of it is reported only where it stands.
    fn report_at(&mut self, diagnostic: Diagnostic, last: Option<Step<'_>>) {
        if self.copies > 0 || self.reported >= PROBLEMS {
            return;
        }
        self.reported += 1;
        let path = self.path_text(last);
        self.sink.push(if path.is_empty() { diagnostic } else { diagnostic.path(path) });
    }

    fn span(&self, index: usize) -> Span {
        self.places.span(&self.nodes[index].range)
    }

    fn path_text(&self, last: Option<Step<'_>>) -> String {
        let mut text = String::new();
        for step in self.path.iter().copied().chain(last) {
            match step {
                Step::Key(key) if text.is_empty() => text.push_str(shortened(key)),
                Step::Key(key) => text.extend([".", shortened(key)]),
                Step::Index(index) => text.extend(["[", &index.to_string(), "]"]),
            }
        }
        text
    }
}

/// Keys of megabytes are no part of a message.
fn shortened(key: &str) -> &str {
    const MOST: usize = 1000;
    key.char_indices().nth(MOST).map_or(key, |(end, _)| &key[..end])
}

fn local_tag<'r>(raw: &'r Raw<'_>) -> Option<&'r str> {
    match &raw.tag {
        Some(Tag::Local(tag)) => Some(tag),
        _ => None,
    }
}

fn pairs_of(pairs: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    pairs.as_chunks::<2>().0.iter().map(|[key, value]| (*key, *value))
}
