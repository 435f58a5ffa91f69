//! The events of a YAML text, with byte ranges. The only file that names the parser crate.
//!
//! Evens out where that crate, a reader of YAML 1.2, differs from yaml.v3 in a single event. Builds no tree.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ErrorKind, Options, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle};

/// A step through a text.
#[derive(Debug)]
pub(super) enum Event<'a> {
    /// A document begins; `explicit` with `---`.
    Document { explicit: bool, version: Option<(u32, u32)> },
    /// The document ends.
    DocumentEnd,
    /// A scalar with its text after escapes and folding.
    Scalar { text: Cow<'a, str>, style: Style, tag: Option<Tag> },
    /// A sequence or mapping begins.
    Open { mapping: bool, flow: bool, tag: Option<Tag> },
    /// The innermost sequence or mapping ends.
    Close,
    /// The node that was told before has this anchor.
    Anchor { name: Cow<'a, str> },
    /// Stands for the last node with this anchor, if there is one.
    Alias { name: Cow<'a, str> },
    /// Nothing follows.
    End,
}

/// How a scalar is written, as far as its meaning depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Quoted,
    Block,
}

/// A tag other than the bare `!`, which means nothing in yaml.v3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// `!!name`, in whatever spelling.
    Core(Box<str>),
    /// `!name`.
    Local(Box<str>),
    /// Any other: makes text of scalars, means nothing else.
    Foreign,
}

/// Where the parser had to give up.
#[derive(Debug)]
pub(super) struct Fault {
    /// Byte offset.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) text: String,
    /// What to do, where that can be said.
    pub(super) help: Option<&'static str>,
    /// What yaml.v3 would have read on with.
    pub(super) repair: Option<Repair>,
}

/// A change of blanks, without influence on any value, that makes the parser accept what yaml.v3 accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// Further blanks before a line of a quoted scalar that lies left of its parent.
    Indent,
    /// A blank between a closing quote or bracket and a comment.
    Separate,
}

/// The events of one text.
pub(super) struct Events<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Events<'a> {
    /// Starts at the beginning of a text.
    pub(super) fn new(text: &'a str) -> Self {
        let mut options = Options::default();
        options.set_emit_comments(false);
        options.emit_anchor_events = true;
        options.emit_unresolved_aliases = true;
        Self { text, parser: Parser::new_from_str_with_options(text, options) }
    }

    /// Returns the next event and the bytes that it covers; none for what is not written.
    pub(super) fn next(&mut self) -> Result<(Event<'a>, Range<usize>), Fault> {
        loop {
            match self.parser.next_event() {
                None => return Ok((Event::End, self.text.len()..self.text.len())),
                Some(Err(error)) => return Err(self.fault(&error)),
                Some(Ok((event, span))) => {
                    let range = range_of(span);
                    if let Some(event) = self.translate(event, &range) {
                        return Ok((event, range));
                    }
                }
            }
        }
    }

    /// Leaves the current document, also after a fault; tells whether another one follows.
    pub(super) fn skip_document(&mut self) -> bool {
        self.parser.proceed_next_document().unwrap_or(false)
    }

    fn translate(&self, event: granit_parser::Event<'a>, range: &Range<usize>) -> Option<Event<'a>> {
        use granit_parser::Event as Parsed;
        Some(match event {
            Parsed::DocumentStart(explicit, version) => {
                Event::Document { explicit, version: version.map(|version| (version.major, version.minor)) }
            }
            Parsed::DocumentEnd => Event::DocumentEnd,
            Parsed::StreamEnd => Event::End,
            Parsed::Alias(_) => Event::Alias {
                name: self.text.get(range.clone()).unwrap_or_default().trim_start_matches('*').into(),
            },
            Parsed::UnresolvedAlias(name) => Event::Alias { name },
            Parsed::Anchor(_, name) => Event::Anchor { name },
            Parsed::Scalar(text, style, _, tag) => {
                let (text, style) = self.scalar(text, style, range);
                Event::Scalar { text, style, tag: tag.and_then(|tag| tag_of(&tag)) }
            }
            Parsed::SequenceStart(style, _, tag) => open(false, style, tag.as_deref()),
            Parsed::MappingStart(style, _, tag) => open(true, style, tag.as_deref()),
            Parsed::SequenceEnd | Parsed::MappingEnd => Event::Close,
            _ => return None,
        })
    }

    fn scalar(&self, text: Cow<'a, str>, style: ScalarStyle, range: &Range<usize>) -> (Cow<'a, str>, Style) {
        match style {
            // The crate writes `~` for a value that is not there.
            ScalarStyle::Plain if range.is_empty() => (Cow::Borrowed(""), Style::Plain),
            ScalarStyle::Plain => (text, Style::Plain),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => (text, Style::Quoted),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                (self.without_invented_break(text, range), Style::Block)
            }
        }
    }

    /// Drops the line break that the crate adds to a block scalar when the text ends without one. yaml.v3 does not.
    fn without_invented_break(&self, mut text: Cow<'a, str>, range: &Range<usize>) -> Cow<'a, str> {
        let at_end = range.end == self.text.len() && !self.text.ends_with(['\n', '\r']);
        let Some(body) = text.strip_suffix('\n').filter(|_| at_end) else { return text };
        let last_line = self.text.rsplit(['\n', '\r']).next().unwrap_or_default();
        // A last line of blanks is indentation only, unless some of it is in the text: then the break is a real one.
        if !last_line.trim_start_matches(' ').is_empty() || body.ends_with(' ') {
            text.to_mut().pop();
        }
        text
    }

    fn fault(&self, error: &ScanError) -> Fault {
        let at = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        let kind = error.kind();
        let help = match kind {
            ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
                Some("indent with spaces")
            }
            ErrorKind::MappingValueNotAllowed => Some("quote the text if it holds `: `"),
            ErrorKind::UnexpectedCharacter { .. } => Some("quote the text"),
            _ => None,
        };
        let text = match kind {
            ErrorKind::RecursionLimitExceeded => super::raw::TOO_DEEP.to_owned(),
            kind => kind.to_string(),
        };
        Fault { at, text, help, repair: self.repair(kind, at) }
    }

    fn repair(&self, kind: &ErrorKind, at: usize) -> Option<Repair> {
        match kind {
            // There the document would end.
            ErrorKind::InvalidQuotedScalarIndent
                if is_document_marker(self.text.get(at..).unwrap_or_default()) =>
            {
                None
            }
            ErrorKind::InvalidQuotedScalarIndent | ErrorKind::TabInIndentation => Some(Repair::Indent),
            ErrorKind::CommentNotSeparated
                if self.text.get(..at).is_some_and(|before| before.ends_with(['"', '\'', ']', '}'])) =>
            {
                Some(Repair::Separate)
            }
            _ => None,
        }
    }
}

fn open(mapping: bool, style: StructureStyle, tag: Option<&granit_parser::Tag>) -> Event<'static> {
    Event::Open { mapping, flow: style == StructureStyle::Flow, tag: tag.and_then(tag_of) }
}

fn tag_of(tag: &granit_parser::Tag) -> Option<Tag> {
    if let Some(name) = tag.suffix_in_namespace("tag:yaml.org,2002:") {
        return Some(Tag::Core(name.into()));
    }
    let (handle, suffix) = tag.parts();
    let whole = format!("{handle}{suffix}");
    match whole.as_str() {
        "!" => None,
        local if local.starts_with('!') => Some(Tag::Local(whole.into())),
        _ => Some(Tag::Foreign),
    }
}

fn is_document_marker(line: &str) -> bool {
    let behind = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
    behind.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

fn range_of(span: Span) -> Range<usize> {
    let range = span.byte_range().unwrap_or_default();
    range.start..range.end.max(range.start)
}
