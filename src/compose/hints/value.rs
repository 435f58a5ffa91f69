//! What a row of the vocabulary holds: the name of a hint and what may stand there.

/// One hint of a place.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// The name, kebab-case.
    pub(crate) name: &'static str,
    /// What may stand there.
    pub(crate) form: Form,
    /// It must be there.
    pub(crate) required: bool,
    /// One line for the schema and the documentation.
    pub(crate) doc: &'static str,
}

/// What may stand behind a hint.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// Text that is not empty.
    Text,
    /// Text, number or boolean, taken as text.
    Scalar,
    /// True or false.
    Flag,
    /// `false` alone.
    Off,
    /// A whole number between two limits.
    Whole(i64, i64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Text of a small language.
    Language(&'static Language),
    /// A list.
    List(&'static Form),
    /// A mapping with free keys.
    Named(&'static Form),
    /// A mapping with these keys.
    Rows(&'static [Row]),
    /// A mapping with these keys, of which some exclude each other.
    Choosing {
        /// The keys.
        rows: &'static [Row],
        /// Those of which at most one may stand there.
        among: &'static [&'static str],
        /// One of them must.
        needed: bool,
    },
    /// A mapping of any content.
    Object,
    /// One of these.
    Either(&'static [Form]),
}

/// A small language inside a text.
pub(crate) struct Language {
    /// What it is, for messages: "a Kubernetes quantity such as `500m` or `1Gi`".
    pub(crate) meant: &'static str,
    /// What the JSON schema says of it; never stricter than [`Self::fits`].
    pub(crate) pattern: &'static str,
    /// Bare numbers are taken as text.
    pub(crate) bare: bool,
    /// Accepts a text, or says what is wrong with it.
    pub(crate) fits: fn(&str) -> bool,
}

impl Row {
    /// Makes a row.
    pub(crate) const fn new(name: &'static str, form: Form, doc: &'static str) -> Self {
        Self { name, form, required: false, doc }
    }

    /// It must be there.
    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}
