//! What is asked of the server about one object, and what it may answer. Asks nothing itself.

use serde_json::Value;

use crate::cluster::failure::Failure;
use crate::cluster::fields::conflict::Contested;
use crate::cluster::fields::migrate::Migration;
use crate::cluster::object::Live;
use crate::cluster::plan::change::Change;

/// What is to be done next.
#[derive(Clone, Debug)]
pub(crate) enum Next {
    /// Ask the server, then [`Inquiry::answer`](super::Inquiry::answer).
    Ask(Ask),
    /// Nothing more is to be asked.
    Done(Box<Change>),
}

/// A question to the server. Documents hold secrets: `Debug` does not show them.
#[derive(Clone)]
pub(crate) enum Ask {
    /// Dry-run of an apply as `rcompose`, strict.
    Apply {
        /// The document.
        document: Value,
        /// With `force`.
        force: bool,
    },
    /// Dry-run of a create (POST), strict: the proof of A41. The document has a name of its own.
    Create {
        /// The document.
        document: Value,
    },
    /// Read the object itself: it was not among the listed ones (row 9).
    Get,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Apply { force: false, .. } => "apply",
            Self::Apply { force: true, .. } => "apply by force",
            Self::Create { .. } => "create",
            Self::Get => "get",
        })
    }
}

/// What the server said.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// 200 or 201 of a dry-run.
    Accepted {
        /// It was 201: there was no such object.
        created: bool,
        /// The object as it would be.
        object: Live,
        /// `Warning` headers.
        warnings: Vec<String>,
    },
    /// Answer of a GET; `None` for 404.
    Found(Option<Live>),
    /// Anything else. Failures that concern the whole run (no login, no network) need not come here.
    Refused(Failure),
}

/// What was asked last.
pub(super) enum Asked {
    Nothing,
    /// An apply; by force or not.
    Apply,
    /// A forced apply that only shows what a conflict is about.
    Picture(Vec<Contested>),
    /// The object that an apply had met.
    Owner,
    /// Whether a new object of that name would be accepted.
    Proof(Proof),
}

/// What a proof is for.
pub(super) enum Proof {
    /// The old object is going (row 0).
    Terminating,
    Recreate {
        path: String,
        reason: String,
        orphan: bool,
        grow: Vec<(String, String)>,
    },
    /// The document to apply first (A28).
    Claim(Value),
    /// Taking over an object of `kubectl` (A24).
    Adopt(Box<Migration>),
}
