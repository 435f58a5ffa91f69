//! What happens during a run, for whoever shows it. Decides nothing, prints nothing.

use super::codes::ClusterCode;
use super::object::Identity;
use crate::diag::Code;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A request is repeated for longer than five seconds (C7).
    Repeating {
        /// The request, without its body.
        what: String,
        /// What the last answer was.
        why: String,
    },
    /// Something lasts: what is waited for.
    Waiting(String),
    /// One object is done.
    Done {
        /// `Deployment/web`.
        object: String,
        /// `created`, `updated`.
        what: &'static str,
    },
    /// One object was not done.
    Failed {
        /// `Deployment/web`.
        object: String,
        /// Why, in the words of the server.
        why: String,
    },
    /// Something that a right is lacking for, or a server warned of.
    Warning(Code, String),
}

impl Event {
    /// The server took an object, but not gladly.
    pub(crate) fn of_server(object: &Identity, text: &str) -> Self {
        Self::Warning(ClusterCode::ApiWarning.into(), format!("`{object}`: {text}"))
    }
}
