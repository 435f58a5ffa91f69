//! Places in the user's files, and values that remember theirs.

/// Identifies one text of a [`Sources`](super::Sources).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub(crate) u32);

/// Identifies how a value got to where it is: the chain of `extends`, `include` and interpolation that it went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(pub(crate) u32);

impl TraceId {
    /// The trace of a value that stands where it was written.
    pub const NONE: Self = Self(0);
}

/// A range of bytes in one source, with the trace of how the value got here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// Byte behind the last.
    pub end: u32,
    /// How the value got here.
    pub trace: TraceId,
}

impl Span {
    /// Makes a span without trace.
    pub const fn new(source: SourceId, start: u32, end: u32) -> Self {
        Self { source, start, end, trace: TraceId::NONE }
    }

    /// Returns the same place with another trace.
    #[must_use]
    pub const fn with_trace(self, trace: TraceId) -> Self {
        Self { trace, ..self }
    }

    /// Returns the part of this span from `start` to `end`, both counted from its first byte.
    #[must_use]
    pub const fn part(self, start: u32, end: u32) -> Self {
        Self { start: self.start + start, end: self.start + end, ..self }
    }
}

/// A value with the place that gave it.
///
/// Deliberately not `Copy`: a stage that gives one written value to two concepts should not compile by accident.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Puts a value and its place together.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Changes the value and keeps the place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }

    /// Borrows the value and keeps the place.
    pub const fn as_ref(&self) -> Spanned<&T> {
        Spanned { value: &self.value, span: self.span }
    }
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
