//! Restart, stop, hooks (K28, K29, K37, K91 to K93), and what `deploy.mode` says of the kind of work (K1).

use super::kind::{self, Mode};
use super::process::environment;
use super::values::{Report, count, filled, kept_time, words};
use crate::compose::keys::deploy::RestartPolicy;
use crate::compose::keys::hooks;
use crate::compose::keys::list::List;
use crate::compose::keys::scalar::{KeptTime, Text};
use crate::diag::Spanned;
use crate::model::{Hook, Lifecycle, Restart, RestartWhen};

/// What the author wrote.
pub(super) struct Written {
    pub(super) mode: Option<Text>,
    pub(super) restart: Option<Text>,
    pub(super) policy: Option<RestartPolicy>,
    pub(super) stop_signal: Option<Text>,
    pub(super) stop_grace_period: Option<KeptTime>,
    pub(super) pre_start: Option<List<hooks::PreStart>>,
    pub(super) post_start: Option<List<hooks::Hook>>,
    pub(super) pre_stop: Option<List<hooks::Hook>>,
}

/// Finds the lifecycle; steps 3 and 5 of the kind come when all services are known.
pub(super) fn lifecycle(written: Written, report: &mut Report) -> Lifecycle {
    let Written { mode, restart, policy, stop_signal, stop_grace_period, pre_start, post_start, pre_stop } =
        written;
    let mode = report.word("deploy.mode", mode, Mode::WORDS, Mode::read);
    let hooks = |list: Option<List<hooks::Hook>>| {
        list.map(|list| list.items.into_iter().map(hook).collect()).unwrap_or_default()
    };
    Lifecycle {
        kind: kind::written(mode.as_ref()),
        restart: read_restart(restart, policy, report),
        stop_signal: filled(stop_signal),
        grace: kept_time(stop_grace_period),
        pre_start: pre_start.map(|list| list.items.into_iter().map(before).collect()).unwrap_or_default(),
        post_start: hooks(post_start),
        pre_stop: hooks(pre_stop),
    }
}

const CONDITIONS: &[&str] = &["none", "on-failure", "any"];
const RESTARTS: &[&str] = &["no", "always", "on-failure", "on-failure:N", "unless-stopped"];

/// The policy of `deploy` wins over `restart`, as in Compose; what it does not say `restart` still does.
fn read_restart(restart: Option<Text>, policy: Option<RestartPolicy>, report: &mut Report) -> Restart {
    let attempts = restart.as_ref().and_then(attempts);
    let restart = report.word("restart", restart, RESTARTS, |word| match word.split_once(':') {
        Some(("on-failure", number)) => number.parse::<u64>().ok().map(|_| RestartWhen::OnFailure),
        Some(_) => None,
        None => read_when(word),
    });
    let Some(RestartPolicy { span: _, condition, delay, max_attempts, window, extensions: _ }) = policy
    else {
        let max_attempts = attempts.filter(|_| restart.is_some());
        return Restart { when: restart, max_attempts, ..Restart::default() };
    };
    let condition =
        report.word("deploy.restart_policy.condition", condition, CONDITIONS, |word| match word {
            "none" => Some(RestartWhen::Never),
            "any" => Some(RestartWhen::Always),
            word => read_when(word),
        });
    let from_deploy = condition.is_some();
    let attempts = attempts.filter(|_| restart.is_some() && !from_deploy);
    Restart {
        from_deploy,
        when: condition.or(restart),
        max_attempts: count(max_attempts).or(attempts),
        delay: kept_time(delay),
        window: kept_time(window),
    }
}

fn read_when(word: &str) -> Option<RestartWhen> {
    Some(match word {
        "no" => RestartWhen::Never,
        "always" => RestartWhen::Always,
        "on-failure" => RestartWhen::OnFailure,
        "unless-stopped" => RestartWhen::UnlessStopped,
        _ => return None,
    })
}

/// N of `on-failure:N`.
fn attempts(restart: &Text) -> Option<Spanned<u64>> {
    let (_, number) = restart.value.split_once(':')?;
    Some(Spanned::new(number.parse().ok()?, restart.span))
}

fn hook(written: hooks::Hook) -> Hook {
    let hooks::Hook { span, command, user, privileged, working_dir, environment: variables, extensions: _ } =
        written;
    Hook {
        span,
        command: words(command),
        image: None,
        user: filled(user),
        privileged,
        working_dir: filled(working_dir),
        environment: environment(variables),
        per_replica: None,
    }
}

fn before(written: hooks::PreStart) -> Hook {
    let hooks::PreStart {
        span,
        command,
        user,
        privileged,
        working_dir,
        environment: variables,
        image,
        per_replica,
        extensions: _,
    } = written;
    Hook {
        span,
        command: words(command),
        image: filled(image),
        user: filled(user),
        privileged,
        working_dir: filled(working_dir),
        environment: environment(variables),
        per_replica,
    }
}
