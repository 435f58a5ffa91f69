//! Hooks around the life of a container: Swarm has none (S24).

use super::codes::SwarmCode;
use super::draft::Draft;
use super::plan::Written;
use super::report::dropped;
use crate::diag::Span;
use crate::model::{Hook, Lifecycle};

/// Reports hooks; what else is in a service's life is written elsewhere.
pub(crate) fn report(written: &Written<'_>, lifecycle: &Lifecycle, draft: &mut Draft<'_, '_>) {
    let Lifecycle {
        // In `deploy` (S35, S60).
        kind: _,
        restart: _,
        // With the process (S32).
        stop_signal: _,
        grace: _,
        pre_start,
        post_start,
        pre_stop,
    } = lifecycle;
    for (key, hooks) in [("pre_start", pre_start), ("post_start", post_start), ("pre_stop", pre_stop)] {
        let Some((first, others)) = hooks.split_first() else { continue };
        let message = format!("`{}`: nothing runs `{key}` in Swarm", written.name);
        let found = dropped(SwarmCode::StackKeyDropped, place(first), message)
            .help("start the commands from the entrypoint, or as a service of their own");
        draft.report.add(key, found.also_at(others.iter().map(place)));
    }
}

fn place(hook: &Hook) -> Span {
    let Hook {
        span,
        command: _,
        image: _,
        user: _,
        privileged: _,
        working_dir: _,
        environment: _,
        per_replica: _,
    } = hook;
    *span
}
