//! What stands around a pod template.

use serde_json::Value;

use super::{Faults, Place, entries, kind, number, template_path, text};

pub(super) fn check(here: &Place, object: &Value, faults: &mut Faults) {
    let kind = kind(object);
    let Some(template) = template_path(kind).and_then(|path| object.pointer(path)) else { return };
    let restart = text(template, "/spec/restartPolicy");
    if matches!(kind, "Job" | "CronJob") {
        faults.ask(here, matches!(restart, "Never" | "OnFailure"), "restarts though it ends");
        let policy = object.pointer("/spec/podFailurePolicy");
        faults.ask(
            here,
            policy.is_none() || restart == "Never",
            "has a policy on failures and restarts itself",
        );
    } else {
        faults.ask(here, matches!(restart, "" | "Always"), "does not restart");
        let labels = template.pointer("/metadata/labels");
        let mut selector = entries(object, "/spec/selector/matchLabels").peekable();
        let matches = selector.peek().is_some()
            && selector.all(|(key, value)| labels.and_then(|labels| labels.get(key)) == Some(value));
        faults.ask(here, matches, "does not select its own pods");
    }
    for path in ["/spec/strategy", "/spec/updateStrategy"] {
        if let Some(strategy) = object.pointer(path) {
            strategy_faults(here, strategy, faults);
        }
    }
    for field in ["replicas", "minReadySeconds", "backoffLimit", "completions", "parallelism"] {
        let legal = number(object, &format!("/spec/{field}")).is_none_or(|number| number >= 0);
        faults.ask(here, legal, &format!("has a negative {field}"));
    }
    let ready = number(object, "/spec/minReadySeconds").unwrap_or(0);
    let deadline = number(object, "/spec/progressDeadlineSeconds").unwrap_or(600);
    faults.ask(
        here,
        kind != "Deployment" || deadline > ready,
        "gives up before a pod can count as available",
    );
}

fn strategy_faults(here: &Place, strategy: &Value, faults: &mut Faults) {
    let rolling = strategy.get("rollingUpdate");
    match text(strategy, "/type") {
        "Recreate" | "OnDelete" => faults.ask(here, rolling.is_none(), "rolls although it recreates"),
        "RollingUpdate" => {
            let zero = |field: &str| {
                let value = rolling.and_then(|rolling| rolling.get(field));
                value.is_some_and(|value| value.as_i64() == Some(0) || value.as_str() == Some("0%"))
            };
            faults.ask(
                here,
                !(zero("maxSurge") && zero("maxUnavailable")),
                "can neither add nor remove a pod",
            );
        }
        other => faults.add(here, &format!("has the strategy {other}")),
    }
}
