//! Commands around the life of a container: `post_start`, `pre_stop` (K91, K92); `pre_start` lies in `pre_start.rs`.

mod windows;

use k8s_openapi::api::core::v1::{ExecAction, Lifecycle, LifecycleHandler};

use super::user;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::{Noted, Notes};
use crate::backend::kubernetes::options::Options;
use crate::backend::kubernetes::plan::Facts;
use crate::backend::kubernetes::problem::Report;
use crate::diag::Spanned;
use crate::model::{Environment, EnvironmentValue, Hook, Words};

/// Makes the `lifecycle` of a container.
pub(crate) fn lifecycle(
    facts: &Facts<'_>,
    options: &Options,
    report: &mut Report<'_>,
) -> Option<Noted<Lifecycle>> {
    let mut notes = Notes::default();
    let lifecycle = Lifecycle {
        post_start: notes.at_opt("postStart", post_start(facts, report)),
        pre_stop: notes.at_opt("preStop", pre_stop(facts, report)),
        stop_signal: notes.at_opt("stopSignal", super::stop::stop_signal(facts, options, report)),
    };
    (lifecycle != Lifecycle::default()).then(|| notes.on(lifecycle))
}

fn post_start(facts: &Facts<'_>, report: &mut Report<'_>) -> Option<Noted<LifecycleHandler>> {
    handler(&facts.service.lifecycle.post_start, "post_start", "K91", facts, report)
}

fn pre_stop(facts: &Facts<'_>, report: &mut Report<'_>) -> Option<Noted<LifecycleHandler>> {
    let hooks = &facts.service.lifecycle.pre_stop;
    let handler = handler(hooks, "pre_stop", "K92", facts, report);
    if let (Some(first), Some(_)) = (hooks.first(), &handler) {
        report.approximated(
            KubernetesCode::PreStopInGracePeriod,
            "pre_stop",
            first.span,
            "counts into the time that the container has to stop",
            "raise `stop_grace_period` by what it takes",
        );
    }
    handler
}

/// Makes one handler of all hooks of a kind, since a container has one each.
fn handler(
    hooks: &[Hook],
    key: &str,
    rule: &'static str,
    facts: &Facts<'_>,
    report: &mut Report<'_>,
) -> Option<Noted<LifecycleHandler>> {
    for hook in hooks {
        report_other_user(hook, key, facts, report);
    }
    let words = match hooks {
        [] => return None,
        [hook] if hook.working_dir.is_none() && hook.environment.is_empty() => words(hook).to_vec(),
        _ if facts.is_windows() => {
            if let Some(word) = hooks.iter().find_map(windows::unspeakable) {
                let others = hooks.iter().map(|hook| hook.span).filter(|span| *span != word);
                report.all_dropped(
                    KubernetesCode::LinuxOnlyDropped,
                    key,
                    std::iter::once(word).chain(others),
                    "is left out on Windows: no word with blanks or quotes reaches a program through `cmd`",
                    "put the commands into a script of the image, and call that",
                );
                return None;
            }
            let script = hooks.iter().map(windows::line).collect::<Vec<_>>().join(" && ");
            ["cmd", "/S", "/C", &script].map(str::to_owned).to_vec()
        }
        _ => {
            let script = hooks.iter().map(shell_line).collect::<Vec<_>>().join(" && ");
            vec!["/bin/sh".to_owned(), "-c".to_owned(), script]
        }
    };
    let handler =
        LifecycleHandler { exec: Some(ExecAction { command: Some(words) }), ..LifecycleHandler::default() };
    let (first, others) = hooks.split_first()?;
    let noted = Noted::written(handler, rule, first.span);
    Some(others.iter().fold(noted, |noted, hook| noted.also(rule, Some(hook.span))))
}

/// Returns the words of a hook; loading refuses one without.
fn words(hook: &Hook) -> &[String] {
    match &hook.command {
        Words::Words(words) => &words.value,
        Words::Inherit | Words::Cleared(_) => &[],
    }
}

/// Writes a hook as one line for the shell: `(cd DIR && env K=V words)`. Lifecycle handlers are not expanded by the
/// kubelet, so nothing is escaped (K21).
fn shell_line(hook: &Hook) -> String {
    let Hook {
        span: _,
        command: _,
        image: _,
        user: _,
        privileged: _,
        working_dir,
        environment,
        per_replica: _,
    } = hook;
    let words = words(hook).iter().map(|word| single_quoted(word)).collect::<Vec<_>>().join(" ");
    let variables: Vec<String> = literals(environment)
        .map(|(name, value)| single_quoted(&format!("{name}={}", value.value)))
        .collect();
    let command = if variables.is_empty() { words } else { format!("env {} {words}", variables.join(" ")) };
    match working_dir {
        Some(directory) => format!("(cd {} && {command})", single_quoted(directory)),
        None => format!("({command})"),
    }
}

/// The variables of a hook that have a value.
fn literals(environment: &Environment) -> impl Iterator<Item = (&str, &Spanned<String>)> {
    environment.iter().filter_map(|(name, value)| match value {
        EnvironmentValue::Literal { value, sensitive: _ } => Some((name.as_str(), value)),
        EnvironmentValue::Unset(_) => None,
    })
}

/// Quotes a word for the shell; words of harmless characters stay as they are.
pub(crate) fn single_quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Handlers run as the container's own user, with its own rights.
fn report_other_user(hook: &Hook, key: &str, facts: &Facts<'_>, report: &mut Report<'_>) {
    let Hook {
        span: _,
        command: _,
        image: _,
        user,
        privileged,
        working_dir: _,
        environment: _,
        per_replica: _,
    } = hook;
    let own_user = facts.service.security.user.as_ref().map(|user| &user.value);
    let other_user = user.as_ref().filter(|user| own_user != Some(&user::parse(user)));
    let own_privileged = facts.service.security.privileged.as_ref().is_some_and(|own| own.value);
    let other_rights = privileged.as_ref().filter(|privileged| privileged.value != own_privileged);
    let places = other_user
        .map(|user| ("user", user.span))
        .into_iter()
        .chain(other_rights.map(|rights| ("privileged", rights.span)));
    for (name, span) in places {
        report.dropped(
            KubernetesCode::HookUserDropped,
            &format!("{key}.{name}"),
            span,
            "is left out: the hook runs as the container does",
            "run as the service's own user",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::hook;

    #[test]
    fn several_hooks_become_one_script() {
        let mut second = hook(&["echo", "it's"]);
        second.working_dir = Some(at("/srv".to_owned()));
        second.environment.insert(
            "A".to_owned(),
            EnvironmentValue::Literal { value: at("$x".to_owned()), sensitive: false },
        );
        let script = [hook(&["touch", "/a"]), second].iter().map(shell_line).collect::<Vec<_>>().join(" && ");
        assert_eq!(script, r"('touch' '/a') && (cd '/srv' && env 'A=$x' 'echo' 'it'\''s')");
    }
}
