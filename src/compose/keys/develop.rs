//! `develop`: what Compose watches while somebody writes code.

use super::hooks::Hook;
use super::keys;
use super::list::{List, TextOrList};
use super::long::{Context, Rewrite};
use super::scalar::{Flag, Text};
use super::shape::{Absent, Cast, Form, PathKind, Shape};
use crate::compose::codes::LoadCode;
use crate::compose::path::Path;
use crate::diag::Diagnostic;
use crate::yaml::Node;

keys! {
    /// Settings for development.
    struct Develop = Shape::of(&[Form::Fields(Develop::FIELDS), Form::Null]); {
        /// What is watched.
        watch: List<Watch>,
    }
}

const REFUSE_EMPTY_PATH: Rewrite = refuse_empty_path;

keys! {
    /// One watched path.
    struct Watch = Shape::of(&[Form::Fields(Watch::FIELDS)]).settle(REFUSE_EMPTY_PATH); {
        /// The path.
        path: Text [required() path(PathKind::Linked)],
        /// What a change does.
        action: Text [
            forms(&[Form::Word(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"])]) required()
        ],
        /// Path in the container.
        target: Text,
        /// Command after a sync.
        exec: Hook [absent(Absent::Hook)],
        /// Patterns that count.
        include: TextOrList,
        /// Patterns that do not count.
        ignore: TextOrList,
        /// Sync once at the start.
        initial_sync: Flag [forms(&[Form::Bool]) cast(Cast::None)],
    }
}

fn refuse_empty_path(node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    if let Some(path) = node.get("path").filter(|path| path.as_text() == Some("")) {
        context.sink.push(
            Diagnostic::new(LoadCode::BadValue, format!("`{}` is empty", at.key("path")))
                .at(path.span)
                .path(at.key("path").to_string())
                .help("name the file or directory that is watched"),
        );
    }
    node
}
