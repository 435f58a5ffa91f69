//! What a diagnostic code is. The codes themselves are declared by the rooms that emit them, with [`codes!`].

/// How much a problem weighs (C30).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// The result differs in a way that can hurt.
    Warning,
    /// No output.
    Error,
}

impl Severity {
    /// Returns the word that users read and machines match.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a code is about; the groups of `--deny` and `--allow` are made from it (C31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Reading and checking the Compose files.
    Load,
    /// Something does not mean quite the same on the target.
    Fidelity,
    /// Isolation, rights or secrets: an error under `--strict`.
    Security,
    /// Data may be lost: an error under `--strict`.
    Data,
    /// Settings and output files.
    Output,
    /// Live commands.
    Live,
}

impl Class {
    /// Returns the word of the class, as `--deny` takes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Fidelity => "fidelity",
            Self::Security => "security",
            Self::Data => "data",
            Self::Output => "output",
            Self::Live => "live",
        }
    }
}

/// All that is known of a code without a place where it was found.
#[derive(Debug)]
pub struct CodeInfo {
    /// Kebab-case, the thing first, then what happens to it (G1).
    pub name: &'static str,
    /// Severity unless a rule gives a diagnostic another one.
    pub severity: Severity,
    /// What it is about.
    pub class: Class,
    /// An error that `--allow` can lower: its rule says what is then written.
    pub lowerable: bool,
    /// One line for `explain --list`.
    pub meaning: &'static str,
    /// What, why, example, way out: the page `docs/codes/<name>.md`.
    pub page: &'static str,
}

/// A stable name for one thing that a user can act on.
#[derive(Clone, Copy)]
pub struct Code(pub(crate) &'static CodeInfo);

impl Code {
    /// Returns what is known of the code.
    pub const fn info(self) -> &'static CodeInfo {
        self.0
    }

    /// Returns the kebab-case name.
    pub const fn name(self) -> &'static str {
        self.0.name
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.name.cmp(other.0.name)
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0.name)
    }
}

/// Declares the codes of one room as an enum with `ALL`, and a conversion into [`Code`].
///
/// The page of each code is compiled in from `docs/codes/<name>.md`, so a code without a page does not build.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $Enum:ident {
            $( $Variant:ident = $name:literal $severity:ident $class:ident $($lowerable:ident)? : $meaning:literal ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $Enum { $( #[doc = $meaning] $Variant ),+ }

        impl $Enum {
            /// All codes of this room, in the order of their declaration.
            $visibility const ALL: &[crate::diag::Code] = &[ $( crate::diag::Code(&crate::diag::CodeInfo {
                name: $name,
                severity: crate::diag::Severity::$severity,
                class: crate::diag::Class::$class,
                lowerable: crate::diag::codes!(@lowerable $($lowerable)?),
                meaning: $meaning,
                page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/codes/", $name, ".md")),
            }) ),+ ];
        }

        impl From<$Enum> for crate::diag::Code {
            fn from(code: $Enum) -> Self {
                $Enum::ALL[code as usize]
            }
        }
    };
    (@lowerable lowerable) => { true };
    (@lowerable) => { false };
}
pub(crate) use codes;
