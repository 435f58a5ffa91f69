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
        return Some(Noted::written(name, "K29", written.span));
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

/// Brings the forms `SIGUSR1`, `usr1`, `10` into one.
fn signal_name(text: &str) -> String {
    const BY_NUMBER: [&str; 31] = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
        "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
        "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];
    const FIRST_REALTIME: usize = 34;
    const LAST_REALTIME: usize = 64;
    let upper = text.trim().to_ascii_uppercase();
    match upper.parse::<usize>() {
        Ok(number @ 1..=31) => format!("SIG{}", BY_NUMBER[number - 1]),
        Ok(FIRST_REALTIME) => "SIGRTMIN".to_owned(),
        Ok(number @ FIRST_REALTIME..=LAST_REALTIME) => format!("SIGRTMIN+{}", number - FIRST_REALTIME),
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
    }
}
