//! Why a run ends before the asked-for state is reached: one cause, its code, its exit code. Prints nothing.

use super::codes::ClusterCode;
use super::failure::{Class, Failure};
use crate::diag::Code;

/// How a run ends, as the exit codes of live commands say it (cli.md, last table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    /// The asked-for state is reached.
    Reached,
    /// Nothing is written: it cannot be done.
    Refused,
    /// Nothing is written: somebody must decide.
    Decision,
    /// Stopped part-way by errors of the API.
    PartWay,
    /// Written, but something did not end as it should.
    NotReady,
    /// Ctrl-C.
    Interrupted,
}

/// One reason to end.
#[derive(Clone, Debug)]
pub(crate) struct Halt {
    /// Its code; `None` where the world failed and no rule names it.
    pub(crate) code: Option<Code>,
    /// How the run ends.
    pub(crate) ending: Ending,
    /// The fact.
    pub(crate) text: String,
    /// The ways out, one a line.
    pub(crate) help: Vec<String>,
}

impl Halt {
    /// Nothing is written: it cannot be done.
    pub(crate) fn refused(code: impl Into<Code>, text: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ending: Ending::Refused, text: text.into(), help: Vec::new() }
    }

    /// Nothing is written: somebody must decide.
    pub(crate) fn decision(code: impl Into<Code>, text: impl Into<String>) -> Self {
        Self { ending: Ending::Decision, ..Self::refused(code, text) }
    }

    /// The namespace is not there, and nobody asked for it to be made.
    pub(crate) fn namespace_missing(namespace: &str) -> Self {
        let text = format!("the namespace {namespace} is not there");
        Self::refused(ClusterCode::NamespaceMissing, text).help("`--create-namespace` makes it")
    }

    /// The namespace is going away.
    pub(crate) fn namespace_terminating(namespace: &str) -> Self {
        Self::terminating(format!("the namespace {namespace} is being deleted"))
    }

    fn terminating(text: String) -> Self {
        Self::refused(ClusterCode::NamespaceTerminating, text)
            .help("wait until it is gone, then apply with `--create-namespace`")
    }

    /// Adds a way out.
    #[must_use]
    pub(crate) fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// The server or the network failed while nothing was written yet. `doing` says what was asked for.
    pub(crate) fn before(doing: &str, failure: &Failure) -> Self {
        Self::of(doing, failure, Ending::Refused)
    }

    /// The same after the first write.
    pub(crate) fn midway(doing: &str, failure: &Failure) -> Self {
        Self::of(doing, failure, Ending::PartWay)
    }

    fn of(doing: &str, failure: &Failure, ending: Ending) -> Self {
        let halt = |code, text| Self { code, ending, text, help: Vec::new() };
        match failure.class {
            Class::Forbidden if failure.is_namespace_terminating() => {
                let text = format!("{doing}: the namespace is being deleted: {failure}");
                Self { ending, ..Self::terminating(text) }
            }
            Class::Forbidden => {
                halt(Some(ClusterCode::PermissionMissing.into()), format!("{doing}: {failure}"))
                    .help("`rcompose role` prints the rights that this project needs")
            }
            Class::Auth => halt(None, format!("{doing}: the server does not know who you are: {failure}"))
                .help("log in again, or look at the user of the context"),
            Class::Transient | Class::Busy => halt(None, format!("{doing}: {failure}")),
            Class::Webhook => halt(None, format!("{doing}: a webhook does not answer: {failure}")),
            _ if failure.is_our_document() => halt(
                Some(ClusterCode::ObjectRejected.into()),
                format!("{doing}: {failure}; the document is wrong, which is a bug of rcompose"),
            ),
            _ => halt(None, format!("{doing}: {failure}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_asked_for_before_anything_is_written() {
        let halt = Halt::decision(ClusterCode::ContextProtected, "protected").help("on a terminal");
        assert_eq!(halt.code.map(crate::diag::Code::name), Some("context-protected"));
        assert_eq!((halt.ending, halt.help.len()), (Ending::Decision, 1));
    }
}
