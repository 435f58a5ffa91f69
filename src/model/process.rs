//! How the container's process is started.

use std::collections::BTreeMap;

use crate::diag::{Span, Spanned};

/// Command line, directory, environment, terminal.
#[derive(Clone, Debug, Default)]
pub struct Process {
    /// `entrypoint`.
    pub entrypoint: Words,
    /// `command`.
    pub command: Words,
    /// `working_dir`.
    pub working_dir: Option<Spanned<String>>,
    /// `environment` over `env_file`, by name.
    pub environment: Environment,
    /// `tty`.
    pub tty: Option<Spanned<bool>>,
    /// `stdin_open`.
    pub stdin: Option<Spanned<bool>>,
    /// `init`.
    pub init: Option<Spanned<bool>>,
}

/// `command` or `entrypoint` (K20).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Words {
    /// The image's.
    #[default]
    Inherit,
    /// Written as `[]` or `''`: the image's is reset.
    Cleared(Span),
    /// Words.
    Words(Spanned<Vec<String>>),
}

/// Variables by name.
pub type Environment = BTreeMap<String, EnvironmentValue>;

/// What a variable is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentValue {
    /// A text.
    Literal {
        /// The value; never printed in a message when sensitive.
        value: Spanned<String>,
        /// It looks secret by name or content (N103).
        sensitive: bool,
    },
    /// Written without value and set nowhere: Compose unsets it (K23).
    Unset(Span),
}
