//! How a pod is stopped: grace period (K28) and signal (K29).

use std::time::Duration;

use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::options::{Feature, Options};
use crate::backend::kubernetes::plan::{Facts, Pod};
use crate::backend::kubernetes::problem::Report;
use crate::backend::kubernetes::seconds::rounded_up;

/// What the server takes where nothing is written.
const DEFAULT_GRACE: Duration = Duration::from_secs(30);

/// Says how long a pod may take to stop: the longest of its members, each of which has the default where silent (K90).
pub(crate) fn grace_period(pod: &Pod<'_, '_>) -> Option<Noted<i64>> {
    let graces = || pod.members.iter().map(|member| &member.service.lifecycle.grace);
    let longest = graces().flatten().max_by_key(|grace| grace.value)?;
    let silent_needs_more = graces().any(Option::is_none) && longest.value < DEFAULT_GRACE;
    let seconds = i64::from(rounded_up(longest.value));
    (!silent_needs_more).then(|| Noted::written(seconds, "K28", longest.span))
}

/// Says which signal stops a container; `None` leaves it to the image.
pub(crate) fn stop_signal(
    facts: &Facts<'_>,
    options: &Options,
    report: &mut Report<'_>,
) -> Option<Noted<String>> {
    let written = facts.service.lifecycle.stop_signal.as_ref()?;
    let name = signal_name(&written.value);
    let image_says = facts.service.image.facts.stop_signal.as_ref().map(|signal| signal_name(&signal.value));
    // Without STOPSIGNAL in an image that we do not see, TERM is what nearly all have.
    if name == image_says.unwrap_or_else(|| "SIGTERM".to_owned()) {
        report.already_default("stop_signal", written.span);
        return None;
    }
    if options.features.contains(&Feature::ContainerStopSignals) {
        if is_taken(&name, facts.is_windows()) {
            return Some(Noted::written(name, "K29", written.span));
        }
        let system = if facts.is_windows() { "Windows" } else { "Linux" };
        report.dropped(
            KubernetesCode::StopSignalDropped,
            "stop_signal",
            written.span,
            &format!("is `{}`, which the cluster does not send on {system}: it is left out", written.value),
            "use a signal that it knows, such as `SIGINT`, `SIGQUIT`; on Windows `SIGTERM`, `SIGKILL`",
        );
        return None;
    }
    report.dropped(
        KubernetesCode::StopSignalDropped,
        "stop_signal",
        written.span,
        "is left out: the cluster stops containers with the signal of their image",
        "put `STOPSIGNAL` into the image; `--feature container-stop-signals` where the cluster has it",
    );
    None
}

/// Signals of Linux by number, from one.
const BY_NUMBER: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
    "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
    "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];
/// Further names of some.
const ALIASES: [&str; 3] = ["CLD", "IOT", "POLL"];
const FIRST_REALTIME: usize = 34;
const LAST_REALTIME: usize = 64;
/// Of the real-time signals the lower half counts from the first, the upper from the last.
const FROM_FIRST: usize = 15;
const FROM_LAST: usize = 14;

/// Tells whether the server takes a signal, which depends on the system of the pod (KEP 4960).
fn is_taken(name: &str, on_windows: bool) -> bool {
    let Some(short) = name.strip_prefix("SIG") else { return false };
    if on_windows {
        return matches!(short, "TERM" | "KILL");
    }
    let within = |number: &str, limit: usize| number.parse::<usize>().is_ok_and(|n| (1..=limit).contains(&n));
    BY_NUMBER.contains(&short)
        || ALIASES.contains(&short)
        || matches!(short, "RTMIN" | "RTMAX")
        || short.strip_prefix("RTMIN+").is_some_and(|number| within(number, FROM_FIRST))
        || short.strip_prefix("RTMAX-").is_some_and(|number| within(number, FROM_LAST))
}

/// Brings the forms `SIGUSR1`, `usr1`, `10` into one.
fn signal_name(text: &str) -> String {
    let upper = text.trim().to_ascii_uppercase();
    match upper.parse::<usize>() {
        Ok(number @ 1..=31) => format!("SIG{}", BY_NUMBER[number - 1]),
        Ok(FIRST_REALTIME) => "SIGRTMIN".to_owned(),
        Ok(LAST_REALTIME) => "SIGRTMAX".to_owned(),
        Ok(number @ FIRST_REALTIME..=LAST_REALTIME) if number <= FIRST_REALTIME + FROM_FIRST => {
            format!("SIGRTMIN+{}", number - FIRST_REALTIME)
        }
        Ok(number @ FIRST_REALTIME..=LAST_REALTIME) => format!("SIGRTMAX-{}", LAST_REALTIME - number),
        _ if upper.starts_with("SIG") => upper,
        _ => format!("SIG{upper}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_one_name() {
        assert_eq!(["SIGUSR1", "usr1", "10"].map(signal_name), ["SIGUSR1"; 3]);
        assert_eq!(signal_name("37"), "SIGRTMIN+3");
        assert_eq!(signal_name("15"), "SIGTERM");
        assert_eq!(
            ["34", "49", "50", "64"].map(signal_name),
            ["SIGRTMIN", "SIGRTMIN+15", "SIGRTMAX-14", "SIGRTMAX"]
        );
    }

    #[test]
    fn signals_are_those_that_the_server_takes() {
        for number in (1..=31).chain(34..=64) {
            assert!(is_taken(&signal_name(&number.to_string()), false), "{number}");
        }
        for name in ["SIGFOO", "SIG0", "SIG65", "SIGRTMIN+16", "SIGRTMAX-0", "SIG"] {
            assert!(!is_taken(name, false), "{name}");
        }
        assert_eq!(["SIGKILL", "SIGINT"].map(|name| is_taken(name, true)), [true, false]);
    }
}
