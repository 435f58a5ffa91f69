//! The small languages inside Compose texts: pure functions from a text to its value.
//!
//! They know no tree, no file and no sink. What does not fit is a [`Fault`] with a range of bytes in the text, which
//! the caller turns into a diagnostic with code and span.

#![cfg_attr(not(test), expect(dead_code, reason = "the stages that call these functions arrive one by one"))]

pub(crate) mod bytes;
pub(crate) mod dotenv;
pub(crate) mod duration;
pub(crate) mod image;
pub(crate) mod interpolation;
pub(crate) mod json;
pub(crate) mod key_value;
pub(crate) mod number;
pub(crate) mod path;
pub(crate) mod pattern;
pub(crate) mod port;
pub(crate) mod project_name;
pub(crate) mod volume;
pub(crate) mod words;

use std::ops::Range;

/// What is wrong with a text, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The offending bytes, counted from the start of the text.
    pub(crate) range: Range<usize>,
    /// Why they do not fit: a lower-case fragment without a full stop.
    pub(crate) reason: String,
}

impl Fault {
    /// Makes a fault about some bytes of a text.
    pub(crate) fn new(range: Range<usize>, reason: impl Into<String>) -> Self {
        Self { range, reason: reason.into() }
    }

    /// Makes a fault about a whole text.
    pub(crate) fn whole(text: &str, reason: impl Into<String>) -> Self {
        Self::new(0..text.len(), reason)
    }

    /// Moves the fault of a part to its place in the text that holds the part.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.range = self.range.start + by..self.range.end + by;
        self
    }
}
