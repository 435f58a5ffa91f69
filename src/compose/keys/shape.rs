//! What a row of the key table holds: everything that the walkers must know of one key, so that they name none.

use crate::compose::grammar::pattern::is_extension;
use crate::compose::paths::Base;
use crate::yaml::{Mapping, Node};

use super::long::Rewrite;

/// One key of a mapping with fixed keys.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    /// The key.
    pub(crate) name: &'static str,
    /// What may stand there and what each stage does with it.
    pub(crate) shape: Shape,
    /// The schema demands it.
    pub(crate) required: bool,
    /// `config` prints it even when it is false, 0 or empty (L45).
    pub(crate) kept: bool,
    /// `config --format json` leaves it out (L45).
    pub(crate) only_yaml: bool,
    /// What `config` prints when it is absent (L45).
    pub(crate) absent: Absent,
    /// Under which name `config` prints it, where that differs (L45).
    pub(crate) printed_as: &'static str,
    /// One line for `explain`.
    pub(crate) doc: &'static str,
}

/// What `config` prints for a key that nobody wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Absent {
    /// Nothing.
    Nothing,
    /// null.
    Null,
    /// An empty mapping.
    Mapping,
    /// A hook without command.
    Hook,
    /// A text.
    Text(&'static str),
    /// 0.
    Zero,
}

/// The value of a key, seen by every stage.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Alternatives of the schema.
    pub(crate) forms: &'static [Form],
    /// How a later value meets an earlier one.
    pub(crate) merge: Merge,
    /// Which items of a list are the same.
    pub(crate) unique: Unique,
    /// What a text becomes after interpolation.
    pub(crate) cast: Cast,
    /// How a relative path in it is resolved.
    pub(crate) path: PathKind,
    /// Short form to long form, where there is one.
    pub(crate) long: Option<Rewrite>,
    /// Value defaults and value checks of step 8.
    pub(crate) settle: Option<Rewrite>,
    /// Docker Compose crashes where null stands; here the key counts as absent (L46).
    pub(crate) crashes_on_null: bool,
}

/// One alternative of the schema.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// null.
    Null,
    /// A boolean.
    Bool,
    /// A whole number between two limits.
    Int(i64, i64),
    /// Any number.
    Number,
    /// Text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Text that a function accepts; what it wants, in words.
    Pattern(fn(&str) -> bool, &'static str),
    /// A list.
    List(&'static Shape),
    /// A mapping with these keys, and `x-` keys.
    Fields(&'static [Field]),
    /// A mapping with these keys only.
    Closed(&'static [Field]),
    /// A mapping with these keys and any others, which are ignored with a warning.
    Lenient(&'static [Field]),
    /// A mapping with free keys.
    Named(NameRule, &'static Shape),
    /// Anything.
    Any,
}

/// Which keys a mapping with free keys takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// All.
    Any,
    /// `[a-zA-Z0-9._-]+`; the others are refused.
    Resource,
    /// `[a-z]+` are checked against the shape, the others are not looked at.
    Lower,
}

/// How a later value meets an earlier one (L28).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Merge {
    /// Scalars replace, mappings meet key by key, lists append.
    General,
    /// The later value as a whole, also null and empty (code O).
    Replace,
    /// Both become lists, the later items behind (code S).
    Sequence,
    /// As a sequence, without what is literally there (code H).
    Hosts,
    /// A text is its `context` (code B).
    Build,
    /// A list is a mapping of started dependencies (code D).
    Dependencies,
    /// A list is a mapping of nulls (code N).
    Names,
    /// By key if the drivers are equal or one has none (code L).
    Logging,
    /// Each limit as a whole (code U).
    Limits,
    /// Address pools (code I).
    Pools,
}

/// Which items of a list are the same (L30).
#[derive(Clone, Copy)]
pub(crate) enum Unique {
    /// Repeats stay.
    No,
    /// A repeat is an error (L2).
    Distinct,
    /// Items with one identity collapse, the last value at the first position.
    By(fn(&Node) -> Result<Option<String>, IdentityFault>),
}

/// Why an item has no identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdentityFault {
    /// A mapping without the key that names it.
    Missing(&'static str),
    /// Neither text nor mapping.
    WrongType,
}

/// What a text becomes after interpolation (L21).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cast {
    /// It stays text.
    None,
    /// A boolean.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
}

/// How a relative path is resolved (L37).
#[derive(Clone, Copy)]
pub(crate) enum PathKind {
    /// Not a path.
    None,
    /// Joined with the project directory.
    Absolute,
    /// Likewise; remote references stay.
    Remote,
    /// Likewise; Unix and Windows absolutes stay as they are.
    Unix,
    /// Likewise; URLs and the like stay.
    Context,
    /// Likewise, and links resolved.
    Linked,
    /// The values of a key-value list are contexts.
    ContextValues,
    /// The values of a key-value list are Unix paths.
    UnixValues,
    /// As the key's home says.
    By(fn(&mut Node, &Base<'_>)),
}

impl Shape {
    /// Makes the shape of these alternatives, with nothing special about it.
    pub(crate) const fn of(forms: &'static [Form]) -> Self {
        Self {
            forms,
            merge: Merge::General,
            unique: Unique::No,
            cast: Cast::None,
            path: PathKind::None,
            long: None,
            settle: None,
            crashes_on_null: false,
        }
    }

    /// Returns it with a merge rule.
    pub(crate) const fn merge(self, merge: Merge) -> Self {
        Self { merge, ..self }
    }

    /// Returns it with a rule for equal items.
    pub(crate) const fn unique(self, unique: Unique) -> Self {
        Self { unique, ..self }
    }

    /// Returns it with a cast.
    pub(crate) const fn cast(self, cast: Cast) -> Self {
        Self { cast, ..self }
    }

    /// Returns it with a kind of path.
    pub(crate) const fn path(self, path: PathKind) -> Self {
        Self { path, ..self }
    }

    /// Returns it with a way from short to long.
    pub(crate) const fn long(self, long: Rewrite) -> Self {
        Self { long: Some(long), ..self }
    }

    /// Returns it with defaults and checks.
    pub(crate) const fn settle(self, settle: Rewrite) -> Self {
        Self { settle: Some(settle), ..self }
    }

    /// Returns it as one whose null crashes Docker Compose.
    pub(crate) const fn crashes_on_null(self) -> Self {
        Self { crashes_on_null: true, ..self }
    }

    /// Returns the shape of the items of a list.
    pub(crate) fn item(&self) -> Option<&'static Self> {
        self.forms.iter().find_map(|form| match form {
            Form::List(item) => Some(*item),
            _ => None,
        })
    }

    /// Returns the shape of the value under a key of a mapping.
    pub(crate) fn member(&self, key: &str) -> Option<&'static Self> {
        self.forms.iter().find_map(|form| match form {
            Form::Fields(fields) | Form::Closed(fields) | Form::Lenient(fields) => {
                fields.iter().find(|field| field.name == key).map(|field| &field.shape)
            }
            Form::Named(_, value) => Some(*value),
            _ => None,
        })
    }

    /// Returns the fixed keys of a mapping.
    pub(crate) fn fields(&self) -> Option<&'static [Field]> {
        self.forms.iter().find_map(|form| match form {
            Form::Fields(fields) | Form::Closed(fields) | Form::Lenient(fields) => Some(*fields),
            _ => None,
        })
    }
}

impl Field {
    /// Makes a row.
    pub(crate) const fn new(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self {
            name,
            shape,
            required: false,
            kept: false,
            only_yaml: false,
            absent: Absent::Nothing,
            printed_as: name,
            doc,
        }
    }

    /// The schema demands it.
    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// `config` prints it even when it is false, 0 or empty.
    pub(crate) const fn kept(self) -> Self {
        Self { kept: true, ..self }
    }

    /// `config --format json` leaves it out.
    pub(crate) const fn only_yaml(self) -> Self {
        Self { only_yaml: true, ..self }
    }

    /// Says what `config` prints when it is absent.
    pub(crate) const fn absent(self, absent: Absent) -> Self {
        Self { absent, kept: true, ..self }
    }

    /// `config` prints it under another name.
    pub(crate) const fn printed_as(self, name: &'static str) -> Self {
        Self { printed_as: name, ..self }
    }

    /// Gives it a merge rule.
    pub(crate) const fn merge(self, merge: Merge) -> Self {
        Self { shape: self.shape.merge(merge), ..self }
    }

    /// Gives it a rule for equal items.
    pub(crate) const fn unique(self, unique: Unique) -> Self {
        Self { shape: self.shape.unique(unique), ..self }
    }

    /// Gives it a cast.
    pub(crate) const fn cast(self, cast: Cast) -> Self {
        Self { shape: self.shape.cast(cast), ..self }
    }

    /// Gives it a kind of path.
    pub(crate) const fn path(self, path: PathKind) -> Self {
        Self { shape: self.shape.path(path), ..self }
    }

    /// Replaces its alternatives.
    pub(crate) const fn forms(self, forms: &'static [Form]) -> Self {
        Self { shape: Shape { forms, ..self.shape }, ..self }
    }

    /// Docker Compose crashes where null stands.
    pub(crate) const fn crashes_on_null(self) -> Self {
        Self { shape: self.shape.crashes_on_null(), ..self }
    }

    /// Its short form stays until decoding, as in Compose.
    pub(crate) const fn stays_short(self) -> Self {
        Self { shape: Shape { long: None, ..self.shape }, ..self }
    }

    /// Gives it another way from short to long.
    pub(crate) const fn long(self, long: Rewrite) -> Self {
        Self { shape: self.shape.long(long), ..self }
    }
}

/// Returns the entries of a mapping whose keys are extensions.
pub(crate) fn extensions(map: &Mapping) -> Mapping {
    map.iter().filter(|(key, _)| is_extension(key)).map(|(key, entry)| (key.clone(), entry.clone())).collect()
}
