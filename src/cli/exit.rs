//! How a run ends: every ending has one exit code, and every kind of failure one text (cli.md, last table).

use super::usage::UsageError;
#[cfg(feature = "cluster")]
use crate::cluster::halt::Ending;

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "cluster"), expect(dead_code, reason = "some endings are those of live commands"))]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// An error in the project, in the world or in the usage: nothing was written.
    Failed,
    /// `--check`: files would change; `diff`: the cluster would.
    Differs,
    /// Stopped part-way by errors of the API.
    PartWay,
    /// Written, but something did not end as it should.
    NotReady,
    /// Needs a decision: nothing was written.
    Decision,
    /// Ctrl-C.
    Interrupted,
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
            Self::PartWay => 3,
            Self::NotReady => 4,
            Self::Decision => 7,
            Self::Interrupted => 130,
            Self::ReaderGone => 141,
        }
    }
}

#[cfg(feature = "cluster")]
impl From<Ending> for Exit {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Reached => Self::Done,
            Ending::Refused => Self::Failed,
            Ending::Decision => Self::Decision,
            Ending::PartWay => Self::PartWay,
            Ending::NotReady => Self::NotReady,
            Ending::Interrupted => Self::Interrupted,
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
        let codes = [
            Exit::Done,
            Exit::Failed,
            Exit::Differs,
            Exit::PartWay,
            Exit::NotReady,
            Exit::Decision,
            Exit::Interrupted,
            Exit::ReaderGone,
        ];
        assert_eq!(codes.map(Exit::code), [0, 1, 2, 3, 4, 7, 130, 141]);
    }
}
