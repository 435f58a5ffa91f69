//! Restart policies (K7, K37).

use super::codes::KubernetesCode;
use super::object::Noted;
use super::problem::Report;
use crate::backend::codes::BackendCode;
use crate::diag::Span;
use crate::model::{Kind, Restart, RestartWhen};

/// The largest number of tries that the API takes: no limit.
const UNLIMITED: i32 = i32::MAX;

/// How a Job restarts.
#[derive(Debug, PartialEq)]
pub(crate) struct JobRestart {
    /// `restartPolicy` of its pods.
    pub(crate) policy: Noted<String>,
    /// `backoffLimit`.
    pub(crate) tries: Noted<i32>,
    /// Failed pods stay for their logs; then an evicted node must not count as a failed try.
    pub(crate) keeps_pods: bool,
}

/// Decides for work that ends.
pub(crate) fn of_job(
    restart: &Restart,
    kind: &Kind,
    completions: i32,
    report: &mut Report<'_>,
) -> JobRestart {
    report_delays(restart, report);
    let Restart { when, from_deploy: _, max_attempts, delay: _, window: _ } = restart;
    let span = when.as_ref().map(|when| when.span).or(max_attempts.as_ref().map(|attempts| attempts.span));
    let attempts = max_attempts.as_ref().map(|attempts| attempts.value).filter(|attempts| *attempts > 0);
    let limited = |attempts: u64| {
        let tries = attempts.saturating_mul(u64::from(completions.unsigned_abs()));
        i32::try_from(tries).unwrap_or(UNLIMITED)
    };
    let is_written_job = matches!(kind, Kind::WrittenJob { .. });
    let always = matches!(
        when.as_ref().map(|when| when.value),
        Some(RestartWhen::Always | RestartWhen::UnlessStopped)
    );
    let once = when.as_ref().is_some_and(|when| when.value == RestartWhen::Never)
        || (when.is_none() && !is_written_job);
    if let Some(written) = max_attempts.as_ref().filter(|_| attempts.is_some()) {
        let key = attempts_key(restart);
        if always {
            let fact = "has a number of tries, which is left out: only `on-failure` gives up";
            let help = "write `condition: on-failure`";
            report.dropped(BackendCode::RestartAttemptsDropped, key, written.span, fact, help);
        } else if once {
            let fact = "counts for `condition: on-failure` only, also under Compose: nothing to write";
            report.noted(BackendCode::AlreadyDefault, key, written.span, fact, "");
        }
    }
    let (policy, tries) = match (when.as_ref().map(|when| when.value), attempts) {
        (Some(RestartWhen::Never), _) => ("Never", 0),
        (None, _) if !is_written_job => ("Never", 0),
        (Some(RestartWhen::OnFailure) | None, Some(attempts)) => ("Never", limited(attempts)),
        (Some(RestartWhen::OnFailure) | None, None) => ("OnFailure", UNLIMITED),
        (Some(RestartWhen::Always | RestartWhen::UnlessStopped), _) => {
            if let Some(span) = span {
                report.approximated(
                    BackendCode::RestartConflictsWithCompletion,
                    key(restart),
                    span,
                    "would restart work that is to end: it restarts after failures only",
                    "write `on-failure`",
                );
            }
            ("OnFailure", UNLIMITED)
        }
    };
    JobRestart {
        policy: Noted::new(policy.to_owned(), "K7", span),
        tries: Noted::new(tries, "K7", span),
        keeps_pods: policy == "Never",
    }
}

/// Reports what a server, which always restarts, cannot have.
pub(crate) fn report_on_server(restart: &Restart, report: &mut Report<'_>) {
    let Restart { when, from_deploy: _, max_attempts, delay: _, window: _ } = restart;
    if let Some(when) =
        when.as_ref().filter(|when| matches!(when.value, RestartWhen::Never | RestartWhen::OnFailure))
    {
        report.approximated(
            BackendCode::RestartPolicyApproximated,
            key(restart),
            when.span,
            "becomes a restart whenever the service ends, also after success",
            "what is meant to end: `deploy: {mode: replicated-job}`",
        );
    }
    if let Some(attempts) = max_attempts.as_ref().filter(|attempts| attempts.value > 0) {
        report.dropped(
            BackendCode::RestartAttemptsDropped,
            attempts_key(restart),
            attempts.span,
            "has a number of tries, which is left out: the cluster never gives up",
            "",
        );
    }
    report_delays(restart, report);
}

fn report_delays(restart: &Restart, report: &mut Report<'_>) {
    let places: [(&str, Option<Span>); 2] = [
        ("deploy.restart_policy.delay", restart.delay.as_ref().map(|delay| delay.span)),
        ("deploy.restart_policy.window", restart.window.as_ref().map(|window| window.span)),
    ];
    for (key, span) in places {
        if let Some(span) = span {
            report.dropped(
                KubernetesCode::RestartDelayDropped,
                key,
                span,
                "is left out: the cluster waits 10 s, then twice as long each time, up to 5 min",
                "",
            );
        }
    }
}

/// Where the number of tries is written: `restart` holds one in its own word.
fn attempts_key(restart: &Restart) -> &'static str {
    let in_word =
        restart.when.as_ref().map(|when| when.span) == restart.max_attempts.as_ref().map(|n| n.span);
    if in_word { "restart" } else { "deploy.restart_policy.max_attempts" }
}

const fn key(restart: &Restart) -> &'static str {
    if restart.from_deploy { "deploy.restart_policy" } else { "restart" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    fn run(
        when: Option<RestartWhen>,
        attempts: Option<u64>,
        written_job: bool,
    ) -> (String, i32, Vec<String>) {
        let restart = Restart { when: when.map(at), max_attempts: attempts.map(at), ..Restart::default() };
        let span = at(()).span;
        let kind = if written_job { Kind::WrittenJob { per_node: false, span } } else { Kind::OneShot(span) };
        let (made, codes) = report_of(|report| of_job(&restart, &kind, 3, report));
        assert_eq!(made.keeps_pods, made.policy.value == "Never");
        (made.policy.value, made.tries.value, codes)
    }

    #[test]
    fn jobs_try_as_often_as_their_author_says() {
        let never = |tries| ("Never".to_owned(), tries, vec![]);
        let on_failure = || ("OnFailure".to_owned(), i32::MAX, vec![]);
        assert_eq!(run(Some(RestartWhen::Never), None, false), never(0));
        assert_eq!(run(None, None, false), never(0));
        assert_eq!(run(Some(RestartWhen::OnFailure), Some(5), false), never(15));
        assert_eq!(run(Some(RestartWhen::OnFailure), Some(0), false), on_failure());
        assert_eq!(run(Some(RestartWhen::OnFailure), Some(u64::MAX), false), never(i32::MAX));
    }

    #[test]
    fn written_jobs_restart_after_failures_unless_said_otherwise() {
        assert_eq!(run(None, None, true).0, "OnFailure");
        assert_eq!(run(None, Some(2), true), ("Never".to_owned(), 6, vec![]));
    }

    #[test]
    fn always_cannot_hold_for_what_ends() {
        let (policy, _, codes) = run(Some(RestartWhen::Always), None, false);
        assert_eq!(
            (policy.as_str(), codes),
            ("OnFailure", vec!["restart-conflicts-with-completion".to_owned()])
        );
    }
}
