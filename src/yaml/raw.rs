//! Events to the tree as written.
//!
//! Refuses what yaml.v3 refuses by form alone: tabs, version, nesting, aliases without or within their anchor. Resolves
//! nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::YamlCode;
use super::events::{Event, Events, Fault, Repair, Style};
use super::tabs::find_bad_tab;
use super::written::{Data, Problem, Raw, Stream};

/// Levels of sequences and mappings in each other (L17).
pub(super) const NESTING: usize = 200;

/// What one text may write out, counted in bytes of its tree: 16 MiB of brackets would fill a gigabyte.
const TREE: usize = 160_000_000;
/// About the bytes of a key or value.
const NODE: usize = 160;
/// About the bytes of a mapping, however small.
const MAPPING: usize = 1400;

/// Problems told of one text; a broken generator can make millions.
pub(super) const PROBLEMS: usize = 1000;

/// The text of a problem with nesting.
pub(super) const TOO_DEEP: &str = "more than 200 levels of lists and mappings";

/// Reads all documents. Those with a problem of syntax are left out.
///
/// # Errors
/// The parser stopped at something that yaml.v3 reads, and a repair at this place is known and asked for.
pub(super) fn read<'a>(
    text: &'a str,
    repair: bool,
    problems: &mut Vec<Problem>,
) -> Result<Stream<'a>, (Repair, usize)> {
    let mut reader = Reader {
        text,
        events: Events::new(text),
        repair,
        problems,
        nodes: Vec::new(),
        weight: 0,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        last_end: 0,
        after_plain: false,
        checked: 0,
    };
    let mut documents = Vec::new();
    let mut first = true;
    loop {
        match reader.document(first) {
            Ok(Some(root)) => documents.push(root),
            Err(Stop::Repairable(repair, at)) => return Err((repair, at)),
            Err(Stop::Reported) if reader.events.skip_document() => reader.open.clear(),
            Ok(None) | Err(Stop::Reported) => break,
        }
        first = false;
    }
    Ok(Stream { nodes: reader.nodes, documents })
}

/// Why a document was left.
enum Stop {
    Reported,
    Repairable(Repair, usize),
}

struct Reader<'a, 'p> {
    text: &'a str,
    events: Events<'a>,
    repair: bool,
    problems: &'p mut Vec<Problem>,
    nodes: Vec<Raw<'a>>,
    /// About the bytes of their tree.
    weight: usize,
    /// Sequences and mappings around the current place.
    open: Vec<Open>,
    /// The last node of each anchor. yaml.v3 keeps those of earlier documents.
    anchors: BTreeMap<Cow<'a, str>, usize>,
    /// Where the last thing written ends.
    last_end: usize,
    /// The last thing written was a plain scalar, which takes the blanks behind it.
    after_plain: bool,
    /// How far the text was looked through for tabs.
    checked: usize,
}

struct Open {
    node: usize,
    flow: bool,
    column: usize,
}

impl<'a> Reader<'a, '_> {
    /// Reads one document and returns its root.
    fn document(&mut self, first: bool) -> Result<Option<usize>, Stop> {
        let root = self.nodes.len();
        loop {
            let (event, range) = self.events.next().map_err(|fault| self.report(fault))?;
            self.check_gap(&event, range.start)?;
            match event {
                Event::End => return Ok(None),
                Event::Document { explicit, version } => {
                    self.check_start(first, explicit, version, &range)?;
                    self.mark(if explicit { range } else { 0..0 }, false);
                }
                Event::DocumentEnd => {
                    self.mark(range, false);
                    // Each document has a root, an empty one a null.
                    return Ok((root < self.nodes.len()).then_some(root));
                }
                Event::Close => self.close(range),
                Event::Anchor { name } => self.anchor(name, range)?,
                event => self.node(event, range)?,
            }
        }
    }

    fn report(&mut self, fault: Fault) -> Stop {
        if let Some(repair) = fault.repair.filter(|_| self.repair) {
            return Stop::Repairable(repair, fault.at);
        }
        let rest = self.text.get(fault.at..).unwrap_or_default();
        let width = rest.chars().next().map_or(0, char::len_utf8);
        let problem = Problem::syntax(fault.at..fault.at + width, fault.text);
        self.tell(Problem { help: fault.help, ..problem });
        Stop::Reported
    }

    fn refuse(&mut self, range: Range<usize>, text: impl Into<String>) -> Stop {
        self.tell(Problem::syntax(range, text));
        Stop::Reported
    }

    fn tell(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn check_start(
        &mut self,
        first: bool,
        explicit: bool,
        version: Option<(u32, u32)>,
        range: &Range<usize>,
    ) -> Result<(), Stop> {
        if version.is_some_and(|version| version != (1, 1)) {
            return Err(self.refuse(range.clone(), "`%YAML` names another version than 1.1"));
        }
        if !first && !explicit {
            return Err(self.refuse(range.clone(), "text follows the end of a document without `---`"));
        }
        Ok(())
    }

    fn anchor(&mut self, name: Cow<'a, str>, range: Range<usize>) -> Result<(), Stop> {
        // yaml.v3 knows no other characters in names.
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            return Err(self.refuse(range, "an anchor may hold letters, digits, `_` and `-` only"));
        }
        self.anchors.insert(name, self.nodes.len() - 1);
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, range: Range<usize>) -> Result<(), Stop> {
        let index = self.nodes.len();
        self.weight += if matches!(event, Event::Open { mapping: true, .. }) { MAPPING } else { NODE };
        if self.weight > TREE {
            return Err(self.refuse(range, "the file holds more than a million values, or 100,000 mappings"));
        }
        let (data, tag, range) = match event {
            Event::Scalar { text, style, tag } => {
                let range = if style == Style::Block { self.without_final_breaks(range) } else { range };
                // Between brackets a question mark always begins a key for yaml.v3, also within a word.
                let flow = self.open.last().is_some_and(|open| open.flow);
                if flow && style == Style::Plain && text.contains('?') {
                    let fault = "text with a question mark needs quotes between brackets";
                    return Err(self.refuse(range, fault));
                }
                self.mark(range.clone(), style == Style::Plain);
                (Data::Scalar { text, plain: style == Style::Plain }, tag, range)
            }
            Event::Alias { name } => {
                self.mark(range.clone(), false);
                (self.alias(&name, &range), None, range)
            }
            Event::Open { mapping, flow, tag } => {
                if self.open.len() == NESTING {
                    return Err(self.refuse(range, TOO_DEEP));
                }
                let range = if mapping || flow { range } else { self.beginning_with_dash(range) };
                self.mark(range.clone(), false);
                let data = if mapping { Data::Map(Vec::new()) } else { Data::List(Vec::new()) };
                self.attach(index);
                let flow = flow || self.open.last().is_some_and(|open| open.flow);
                let column = if flow { 0 } else { self.column(range.start) };
                self.open.push(Open { node: index, flow, column });
                self.nodes.push(Raw { range, tag, data });
                return Ok(());
            }
            _ => return Ok(()),
        };
        self.attach(index);
        self.nodes.push(Raw { range, tag, data });
        Ok(())
    }

    /// A sequence whose dashes stand below its key begins, for the parser crate, at its first item.
    fn beginning_with_dash(&self, range: Range<usize>) -> Range<usize> {
        let Some(Open { node, flow: false, column }) = self.open.last() else { return range };
        let Some(gap) = self.text.get(self.last_end..range.start) else { return range };
        if matches!(self.nodes[*node].data, Data::List(_)) {
            return range;
        }
        let mut start = self.last_end;
        for line in gap.split_inclusive(['\n', '\r']) {
            let dash = line.len() - line.trim_start_matches(' ').len();
            if start > self.last_end && dash == *column && line[dash..].starts_with('-') {
                return start + dash..range.end;
            }
            start += line.len();
        }
        range
    }

    /// Returns how many bytes stand before a place on its line. Only block style asks, so they are few.
    fn column(&self, offset: usize) -> usize {
        offset - self.text[..offset].rfind(['\n', '\r']).map_or(0, |end| end + 1)
    }

    fn close(&mut self, range: Range<usize>) {
        self.mark(range, false);
        let Some(open) = self.open.pop() else { return };
        let node = &mut self.nodes[open.node];
        node.range.end = self.last_end.max(node.range.start);
    }

    fn alias(&mut self, name: &str, range: &Range<usize>) -> Data<'a> {
        let Some(target) = self.anchors.get(name).copied() else {
            self.tell(Problem::syntax(range.clone(), format!("there is no anchor `{name}`")));
            return Data::Nowhere;
        };
        if self.open.iter().any(|open| open.node == target) {
            let problem = Problem {
                code: YamlCode::AliasCycle,
                range: range.clone(),
                text: format!("`*{name}` stands inside its own anchor"),
                help: Some("repeat the part that is meant, or give it an anchor of its own"),
                also: Some((self.nodes[target].range.clone(), "the anchored value begins here")),
            };
            self.tell(problem);
            return Data::Nowhere;
        }
        Data::Alias(target)
    }

    /// Looks for tabs between two things written.
    fn check_gap(&mut self, event: &Event<'_>, next: usize) -> Result<(), Stop> {
        let seen = next <= self.checked || matches!(event, Event::Anchor { .. });
        if seen || self.open.last().is_some_and(|open| open.flow) {
            return Ok(());
        }
        self.checked = next;
        let Some(gap) = self.text.get(self.last_end..next) else { return Ok(()) };
        let column = self.open.last().map_or(0, |open| open.column + 1);
        let Some(offset) = find_bad_tab(gap, self.last_end == 0, self.after_plain.then_some(column)) else {
            return Ok(());
        };
        let at = self.last_end + offset;
        self.last_end = next;
        let problem = Problem::syntax(at..at + 1, "a tab stands where only spaces indent");
        self.tell(Problem { help: Some("indent with spaces"), ..problem });
        Err(Stop::Reported)
    }

    fn without_final_breaks(&self, range: Range<usize>) -> Range<usize> {
        let start = range.start;
        start..start + self.text.get(range).unwrap_or_default().trim_end_matches(['\n', '\r', ' ']).len()
    }

    fn attach(&mut self, child: usize) {
        let parent = self.open.last().map(|open| open.node);
        if let Some(Data::List(children) | Data::Map(children)) =
            parent.map(|parent| &mut self.nodes[parent].data)
        {
            children.push(child);
        }
    }

    fn mark(&mut self, written: Range<usize>, plain: bool) {
        if !written.is_empty() && written.end >= self.last_end {
            self.last_end = written.end;
            self.after_plain = plain;
        }
    }
}
