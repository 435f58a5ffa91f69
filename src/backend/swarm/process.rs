//! Command line, user, directory, terminal and what else goes into the stack file as it is (S21, S32).

use super::draft::Draft;
use super::part::{Object, Part};
use super::plan::Written;
use super::quantities::duration;
use super::report::refused;
use crate::backend::codes::BackendCode;
use crate::model::{Process, Words};

/// Writes how the process of a service is started; the environment has its own file.
pub(crate) fn put(written: &Written<'_>, object: &mut Object, draft: &mut Draft<'_, '_>) {
    let Process { entrypoint, command, working_dir, environment: _, tty, stdin, init } =
        &written.service.process;
    if let (Words::Cleared(span), Words::Inherit | Words::Cleared(_)) = (entrypoint, command) {
        draft.report.add(
            "entrypoint",
            refused(
                BackendCode::EntrypointResetNeedsCommand,
                *span,
                format!("`{}` resets its entrypoint and has no command: nothing would run", written.name),
            )
            .help("write a `command`, or drop the empty `entrypoint`"),
        );
    }
    object.put_opt("entrypoint", entrypoint_words(entrypoint));
    object.put_opt("command", words(command));
    object.put_written("working_dir", "S32", working_dir.as_ref());
    object.put_written("tty", "S32", tty.as_ref());
    object.put_written("stdin_open", "S32", stdin.as_ref());
    object.put_written("init", "S32", init.as_ref());
    let user = written.service.security.user.as_ref();
    object.put_opt("user", user.map(|user| Part::written(user.text.as_str(), "S32", user.span)));
    object.put_written("isolation", "S32", written.service.kernel.isolation.as_ref());
    let lifecycle = &written.service.lifecycle;
    object.put_written("stop_signal", "S32", lifecycle.stop_signal.as_ref());
    let grace = lifecycle.grace.as_ref();
    object.put_opt(
        "stop_grace_period",
        grace.map(|grace| Part::written(duration(grace.value), "S32", grace.span)),
    );
}

/// The engine resets the entrypoint on one empty word; an empty list is lost on the way to it (S21).
fn entrypoint_words(entrypoint: &Words) -> Option<Part> {
    match entrypoint {
        Words::Cleared(span) => Part::list([Part::written("", "S21", *span)]),
        Words::Inherit | Words::Words(_) => words(entrypoint),
    }
}

fn words(words: &Words) -> Option<Part> {
    match words {
        Words::Inherit | Words::Cleared(_) => None,
        Words::Words(list) => {
            Part::list(list.value.iter().map(|word| Part::written(word.as_str(), "S21", list.span)))
        }
    }
}
