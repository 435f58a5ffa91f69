//! What the tree as written is made of: aliases still point, merge keys still stand, scalars are still text.

use std::borrow::Cow;
use std::ops::Range;

use super::YamlCode;
use super::events::Tag;

/// All documents of a text. Nodes name each other by their index, always a lower one behind an alias.
#[derive(Debug, Default)]
pub(super) struct Stream<'a> {
    /// The nodes of all documents.
    pub(super) nodes: Vec<Raw<'a>>,
    /// The roots of those that could be read.
    pub(super) documents: Vec<usize>,
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
    /// Makes a problem of syntax.
    pub(super) fn syntax(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { code: YamlCode::YamlSyntax, range, text: text.into(), help: None, also: None }
    }
}
