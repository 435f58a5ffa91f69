//! The tree as written: aliases still point, merge keys still stand, scalars are still text.
//!
//! Refuses what yaml.v3 refuses by form alone: tabs, version, nesting, aliases without or within their anchor. Resolves
//! nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::YamlCode;
use super::events::{Event, Events, Fault, Repair, Style, Tag};
use super::tabs::find_bad_tab;

/// Levels of sequences and mappings in each other (L17).
pub(super) const NESTING: usize = 200;

/// The text of a problem with nesting.
pub(super) const TOO_DEEP: &str = "more than 200 levels of lists and mappings";

/// One document. Nodes name each other by their index.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    /// All nodes; the root is the first.
    pub(super) nodes: Vec<Raw<'a>>,
}

/// A node as written.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    /// Bytes of the value, without anchor and tag.
    pub(super) range: Range<usize>,
    /// The tag.
    pub(super) tag: Option<Tag>,
    /// What it is.
    pub(super) data: Data<'a>,
}

/// What a node as written is.
#[derive(Debug)]
pub(super) enum Data<'a> {
    /// A scalar; `plain` without quotes.
    Scalar { text: Cow<'a, str>, plain: bool },
    /// A sequence.
    List(Vec<usize>),
    /// A mapping: keys and values by turns.
    Map(Vec<usize>),
    /// Another node once more.
    Alias(usize),
    /// An alias that leads nowhere; already reported.
    Nowhere,
}

/// Something wrong with the form of the text.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: YamlCode,
    pub(super) range: Range<usize>,
    pub(super) text: String,
    pub(super) help: Option<&'static str>,
    /// A further place and what it is.
    pub(super) also: Option<(Range<usize>, &'static str)>,
}

impl Problem {
    fn syntax(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { code: YamlCode::YamlSyntax, range, text: text.into(), help: None, also: None }
    }
}

/// Reads all documents. Those with a problem of syntax are left out.
///
/// # Errors
/// The parser stopped at something that yaml.v3 reads, and a repair at this place is known and asked for.
pub(super) fn read<'a>(
    text: &'a str,
    repair: bool,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Document<'a>>, (Repair, usize)> {
    let mut reader = Reader { text, events: Events::new(text), repair, problems };
    let mut documents = Vec::new();
    let mut first = true;
    loop {
        match reader.document(first) {
            Ok(Some(document)) => documents.push(document),
            Ok(None) => return Ok(documents),
            Err(Stop::Repairable(repair, at)) => return Err((repair, at)),
            Err(Stop::Reported) => {
                if !reader.events.skip_document() {
                    return Ok(documents);
                }
            }
        }
        first = false;
    }
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
}

/// A document while it is read.
#[derive(Default)]
struct Building<'a> {
    document: Document<'a>,
    open: Vec<Open>,
    /// Index of the node of each anchor.
    anchors: BTreeMap<usize, usize>,
    /// Where the last thing written ends.
    last_end: usize,
    /// The last thing written was a plain scalar, which takes the blanks behind it.
    after_plain: bool,
}

struct Open {
    node: usize,
    flow: bool,
    column: usize,
}

impl<'a> Reader<'a, '_> {
    fn document(&mut self, first: bool) -> Result<Option<Document<'a>>, Stop> {
        let mut building = Building::default();
        loop {
            let (event, range) = self.events.next().map_err(|fault| self.report(fault))?;
            match event {
                Event::End => return Ok(None),
                Event::Document { explicit, version } => {
                    self.check_start(first, explicit, version, &range)?;
                    building.last_end = range.end;
                }
                Event::DocumentEnd => return Ok(Some(building.document)),
                Event::Close => self.close(&mut building, &range)?,
                event => self.node(&mut building, event, range)?,
            }
        }
    }

    fn report(&mut self, fault: Fault) -> Stop {
        if let Some(repair) = fault.repair.filter(|_| self.repair) {
            return Stop::Repairable(repair, fault.at);
        }
        let width = self.text[fault.at..].chars().next().map_or(0, char::len_utf8);
        let problem = Problem::syntax(fault.at..fault.at + width, fault.text);
        self.problems.push(Problem { help: fault.help, ..problem });
        Stop::Reported
    }

    fn refuse(&mut self, range: Range<usize>, text: impl Into<String>) -> Stop {
        self.problems.push(Problem::syntax(range, text));
        Stop::Reported
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

    fn node(
        &mut self,
        building: &mut Building<'a>,
        event: Event<'a>,
        range: Range<usize>,
    ) -> Result<(), Stop> {
        if let Event::Anchor { name } = &event {
            // yaml.v3 knows no other characters in names.
            let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            if name.bytes().all(known) {
                return Ok(());
            }
            return Err(self.refuse(range, "an anchor may hold letters, digits, `_` and `-` only"));
        }
        self.check_gap(building, range.start)?;
        let index = building.document.nodes.len();
        let plain = matches!(event, Event::Scalar { style: Style::Plain, .. });
        let range = match event {
            Event::Scalar { style: Style::Block, .. } => self.without_final_breaks(range),
            _ => range,
        };
        let (data, tag, anchor) = match event {
            Event::Scalar { text, style, anchor, tag } => {
                (Data::Scalar { text, plain: style == Style::Plain }, tag, anchor)
            }
            Event::Open { mapping, flow, anchor, tag } => {
                self.open(building, index, flow, &range)?;
                let data = if mapping { Data::Map(Vec::new()) } else { Data::List(Vec::new()) };
                (data, tag, anchor)
            }
            Event::Alias { anchor } => (self.alias(building, anchor, &range), None, 0),
            Event::UnknownAlias { name } => {
                self.problems.push(Problem::syntax(range.clone(), format!("there is no anchor `{name}`")));
                (Data::Nowhere, None, 0)
            }
            _ => return Ok(()),
        };
        building.add(Raw { range, tag, data }, anchor, plain);
        Ok(())
    }

    fn open(
        &mut self,
        building: &mut Building<'a>,
        node: usize,
        flow: bool,
        range: &Range<usize>,
    ) -> Result<(), Stop> {
        if building.open.len() == NESTING {
            return Err(self.refuse(range.clone(), TOO_DEEP));
        }
        let line = self.text[..range.start].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        building.attach(node);
        building.open.push(Open { node, flow, column: range.start - line });
        Ok(())
    }

    fn close(&mut self, building: &mut Building<'a>, range: &Range<usize>) -> Result<(), Stop> {
        self.check_gap(building, range.start)?;
        let Some(open) = building.open.pop() else { return Ok(()) };
        building.mark(range, false);
        let end = building.last_end;
        let node = &mut building.document.nodes[open.node];
        node.range.end = end.max(node.range.start);
        Ok(())
    }

    fn alias(&mut self, building: &Building<'a>, anchor: usize, range: &Range<usize>) -> Data<'a> {
        let Some(target) = building.anchors.get(&anchor) else { return Data::Nowhere };
        if building.open.iter().any(|open| open.node == *target) {
            let name = &self.text[range.clone()];
            self.problems.push(Problem {
                code: YamlCode::AliasCycle,
                range: range.clone(),
                text: format!("`{name}` stands inside its own anchor"),
                help: Some("repeat the part that is meant, or give it an anchor of its own"),
                also: Some((
                    building.document.nodes[*target].range.clone(),
                    "the anchored value begins here",
                )),
            });
            return Data::Nowhere;
        }
        Data::Alias(*target)
    }

    /// Looks for tabs between two things written.
    fn check_gap(&mut self, building: &Building<'a>, next: usize) -> Result<(), Stop> {
        let Some(gap) = self.text.get(building.last_end..next) else { return Ok(()) };
        let Some(innermost) = building.open.last() else { return Ok(()) };
        if innermost.flow {
            return Ok(());
        }
        let allowed_from = building.after_plain.then_some(innermost.column + 1);
        match find_bad_tab(gap, allowed_from) {
            None => Ok(()),
            Some(offset) => {
                let at = building.last_end + offset;
                let stop = self.refuse(at..at + 1, "a tab stands where only spaces indent");
                if let Some(problem) = self.problems.last_mut() {
                    problem.help = Some("indent with spaces");
                }
                Err(stop)
            }
        }
    }

    fn without_final_breaks(&self, range: Range<usize>) -> Range<usize> {
        range.start..range.start + self.text[range].trim_end_matches(['\n', '\r', ' ']).len()
    }
}

impl<'a> Building<'a> {
    fn add(&mut self, node: Raw<'a>, anchor: usize, plain: bool) {
        let index = self.document.nodes.len();
        if !matches!(node.data, Data::List(_) | Data::Map(_)) {
            self.attach(index);
        }
        self.mark(&node.range, plain);
        if anchor != 0 {
            self.anchors.insert(anchor, index);
        }
        self.document.nodes.push(node);
    }

    fn attach(&mut self, child: usize) {
        let parent = self.open.last().map(|open| open.node);
        if let Some(Data::List(children) | Data::Map(children)) =
            parent.map(|parent| &mut self.document.nodes[parent].data)
        {
            children.push(child);
        }
    }

    fn mark(&mut self, written: &Range<usize>, plain: bool) {
        if !written.is_empty() && written.end >= self.last_end {
            self.last_end = written.end;
            self.after_plain = plain;
        }
    }
}
