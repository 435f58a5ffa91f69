//! Restart policies and jobs (S35, S60).

use super::codes::SwarmCode;
use super::depends::{has_dependencies, lost_wait};
use super::draft::Draft;
use super::part::{Object, Part};
use super::plan::{Plan, Written};
use super::quantities::duration;
use super::report::{approximated, dropped, listed};
use crate::backend::codes::BackendCode;
use crate::diag::{Span, Spanned};
use crate::model::{Kind, Restart, RestartWhen};

/// What a service is to Swarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A number of tasks: what is meant without a word.
    Replicated,
    /// A task on each node.
    Global,
    /// Tasks that end; the author wrote the mode.
    WrittenJob {
        /// One on each node.
        per_node: bool,
    },
    /// Tasks that end; that follows from the rest of the project.
    InferredJob {
        /// One on each node.
        per_node: bool,
    },
}

impl Mode {
    /// Returns what a service is, and the place that says so (S60).
    pub(crate) fn of(written: &Written<'_>) -> (Self, Option<Span>) {
        match &written.service.lifecycle.kind {
            Kind::Service => (Self::Replicated, None),
            Kind::Global(span) => (Self::Global, Some(*span)),
            Kind::WrittenJob { per_node, span } => (Self::WrittenJob { per_node: *per_node }, Some(*span)),
            Kind::AwaitedJob { span, per_node } => (Self::InferredJob { per_node: *per_node }, Some(*span)),
            // A policy below `deploy` is Swarm's own: it means a service that runs once (S2).
            Kind::OneShot(_) if written.service.lifecycle.restart.from_deploy => (Self::Replicated, None),
            Kind::HintedJob(span) | Kind::OneShot(span) => {
                (Self::InferredJob { per_node: false }, Some(*span))
            }
        }
    }

    /// Returns the word of the stack file.
    pub(crate) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Replicated => None,
            Self::Global => Some("global"),
            Self::WrittenJob { per_node: false } | Self::InferredJob { per_node: false } => {
                Some("replicated-job")
            }
            Self::WrittenJob { per_node: true } | Self::InferredJob { per_node: true } => Some("global-job"),
        }
    }

    /// Tells whether its tasks end.
    pub(crate) const fn is_job(self) -> bool {
        matches!(self, Self::WrittenJob { .. } | Self::InferredJob { .. })
    }

    /// Tells whether the number of nodes is the number of tasks.
    pub(crate) const fn is_per_node(self) -> bool {
        matches!(
            self,
            Self::Global | Self::WrittenJob { per_node: true } | Self::InferredJob { per_node: true }
        )
    }
}

/// Writes `deploy.restart_policy`.
pub(crate) fn restart_policy(written: &Written<'_>, mode: Mode, draft: &mut Draft<'_, '_>) -> Option<Part> {
    let Restart { when, from_deploy, max_attempts, delay, window } = &written.service.lifecycle.restart;
    let mut object = Object::default();
    let rule = if mode.is_job() { "S60" } else { "S35" };
    match condition(written, mode, when.as_ref(), *from_deploy, draft) {
        Some((word, span)) => object.put("condition", Part::new(word, rule, span)),
        None if !from_deploy => return None,
        None => {}
    }
    object.put_opt("max_attempts", attempts(written, *from_deploy, max_attempts.as_ref(), draft));
    for (key, time) in [("delay", delay), ("window", window)] {
        object.put_opt(key, time.as_ref().map(|time| Part::written(duration(time.value), "S35", time.span)));
    }
    // An empty policy is Swarm's default, as its author asked for (S2).
    Some(object.into_part_even_if_empty())
}

type Word = (&'static str, Option<Span>);

fn condition(
    written: &Written<'_>,
    mode: Mode,
    when: Option<&Spanned<RestartWhen>>,
    from_deploy: bool,
    draft: &mut Draft<'_, '_>,
) -> Option<Word> {
    let inferred = matches!(mode, Mode::InferredJob { .. });
    let Some(when) = when else {
        // Swarm's own default would try a failed job for ever, and start a service that ends again (S60).
        return inferred.then(|| once_or_until_ready(written, None, draft));
    };
    let span = Some(when.span);
    Some(match when.value {
        RestartWhen::Never if from_deploy => ("none", span),
        RestartWhen::Never => once_or_until_ready(written, span, draft),
        RestartWhen::OnFailure => ("on-failure", span),
        RestartWhen::Always | RestartWhen::UnlessStopped if inferred => {
            let message = format!("job `{}` is tried again only when it fails", written.name);
            draft.report.add(
                if from_deploy { "deploy.restart_policy.condition" } else { "restart" },
                approximated(BackendCode::RestartConflictsWithCompletion, when.span, message)
                    .help("write `restart: on-failure`: others wait for it to end"),
            );
            ("on-failure", span)
        }
        RestartWhen::Always | RestartWhen::UnlessStopped => ("any", span),
    })
}

/// Never again, unless its one start could come before what it depends on.
fn once_or_until_ready(written: &Written<'_>, span: Option<Span>, draft: &mut Draft<'_, '_>) -> Word {
    if !has_dependencies(written, draft.plan) {
        return ("none", span);
    }
    let kind = if Mode::of(written).0.is_job() { "job" } else { "service" };
    let message = format!("{kind} `{}` is tried again until it succeeds", written.name);
    draft.report.add(
        "restart",
        approximated(BackendCode::RestartPolicyApproximated, span.unwrap_or(written.service.span), message)
            .help(
                "its one start could come before what it depends on; `deploy.restart_policy` says otherwise",
            ),
    );
    ("on-failure", span)
}

fn attempts(
    written: &Written<'_>,
    from_deploy: bool,
    max_attempts: Option<&Spanned<u64>>,
    draft: &mut Draft<'_, '_>,
) -> Option<Part> {
    let attempts = max_attempts?;
    let part = Part::written(attempts.value, "S35", attempts.span);
    if from_deploy {
        return Some(part);
    }
    // `on-failure:0` has no limit, as `on-failure` has none.
    if attempts.value == 0 {
        return None;
    }
    let Some(wait) = lost_wait(written, draft.plan) else { return Some(part) };
    let times = if attempts.value == 1 { "once".to_owned() } else { format!("{} times", attempts.value) };
    let state = match wait.condition.value {
        crate::model::Condition::Completed => "completed",
        _ => "healthy",
    };
    let message = format!("`{}` is restarted without a limit, not {times}", written.name);
    draft.report.add(
        "restart",
        approximated(BackendCode::RestartAttemptsDropped, attempts.span, message).help(format!(
            "it starts before `{}` is {state}; write `deploy.restart_policy` to set both",
            wait.on
        )),
    );
    None
}

/// Returns what one who deploys jobs must know (S11, S60): the engine keeps these two to itself.
pub(crate) fn closing(plan: &Plan<'_>) -> Vec<String> {
    let jobs: Vec<&str> = plan
        .services
        .values()
        .filter(|written| Mode::of(written).0.is_job())
        .map(|written| written.stack_name.as_str())
        .collect();
    if jobs.is_empty() {
        return Vec::new();
    }
    let stack = &plan.project.name;
    let full: Vec<String> = jobs.iter().map(|job| format!("{stack}_{job}")).collect();
    vec![
        format!(
            "each deployment runs {} again; with `--detach=false` it may wait for ever",
            listed(jobs.iter().copied())
        ),
        format!(
            "a service that was no job before must be removed first: docker service rm {}",
            full.join(" ")
        ),
    ]
}

/// Jobs are not updated step by step (S60).
pub(crate) fn report_job_update(written: &Written<'_>, span: Span, draft: &mut Draft<'_, '_>) {
    let message = format!("job `{}` has no `update_config` in Swarm", written.name);
    draft
        .report
        .add("deploy.update_config", dropped(SwarmCode::StackJobUpdate, span, message).help("drop the key"));
}
