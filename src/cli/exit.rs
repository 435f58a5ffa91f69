//! How a run ends: every ending has one exit code, and every kind of failure one text (cli.md, last table).

use super::usage::UsageError;

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// An error in the project, in the world or in the usage: nothing was written.
    Failed,
    /// `--check`: files would change.
    Differs,
    /// The reader of our output is gone.
    ReaderGone,
}

impl Exit {
    /// Returns the code that the process ends with. Ours are not clap's: 2 means "differs".
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Differs => 2,
            Self::ReaderGone => 141,
        }
    }
}

/// Why a command stops before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Wrong usage.
    Usage(UsageError),
    /// The world failed: standard output cannot be written, say.
    World(String),
    /// Everything is said; only the code is left.
    With(Exit),
}

impl From<UsageError> for Stop {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn codes_are_those_of_the_table() {
        let codes = [Exit::Done, Exit::Failed, Exit::Differs, Exit::ReaderGone].map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 141]);
    }
}
