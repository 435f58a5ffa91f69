//! How many, where, and how versions replace each other (K30 to K36, K95 to K97).

use super::values::{Report, count, filled, items, plain_time};
use crate::compose::keys::deploy::{self, UpdateConfig};
use crate::compose::keys::scalar::{Text, Whole};
use crate::diag::Spanned;
use crate::model::{Constraint, ConstraintSubject, Endpoint, FailureAction, Order, Placement, Scale, Update};

/// How many, and how they are found.
pub(super) fn scale(
    scale: Option<Whole>,
    replicas: Option<Whole>,
    endpoint_mode: Option<Text>,
    report: &mut Report,
) -> Scale {
    let endpoint = report.word("deploy.endpoint_mode", endpoint_mode, &["vip", "dnsrr"], |word| match word {
        "vip" => Some(Endpoint::Vip),
        "dnsrr" => Some(Endpoint::DnsRoundRobin),
        _ => None,
    });
    // Loading has refused two different numbers.
    Scale { replicas: count(replicas.or(scale)), endpoint }
}

/// `update_config` or `rollback_config`, called `key`.
pub(super) fn update(written: UpdateConfig, key: &str, report: &mut Report) -> Spanned<Update> {
    let UpdateConfig {
        span,
        parallelism,
        delay,
        failure_action,
        monitor,
        max_failure_ratio,
        order,
        extensions: _,
    } = written;
    let known = ["pause", "continue", "rollback"];
    let on_failure =
        report.word(&format!("deploy.{key}.failure_action"), failure_action, &known, |word| match word {
            "pause" => Some(FailureAction::Pause),
            "continue" => Some(FailureAction::Continue),
            "rollback" => Some(FailureAction::Rollback),
            _ => None,
        });
    let order = filled(order).map(|order| {
        order.map(|word| if word == "start-first" { Order::StartFirst } else { Order::StopFirst })
    });
    let update = Update {
        parallelism: count(parallelism),
        delay: plain_time(delay),
        order,
        on_failure,
        monitor: plain_time(monitor),
        max_failure_ratio,
    };
    Spanned::new(update, span)
}

/// `deploy.placement`.
pub(super) fn placement(written: Option<deploy::Placement>) -> Placement {
    let Some(deploy::Placement { span: _, constraints, preferences, max_replicas_per_node, extensions: _ }) =
        written
    else {
        return Placement::default();
    };
    let preferences = preferences.map(|list| list.items).unwrap_or_default();
    Placement {
        constraints: items(constraints).into_iter().map(|text| text.map(constraint)).collect(),
        spread: preferences.into_iter().filter_map(|preference| filled(preference.spread)).collect(),
        // 0 is no limit, as in SwarmKit.
        max_per_node: count(max_replicas_per_node).filter(|number| number.value > 0),
    }
}

/// Reads a constraint.
pub(super) fn constraint(text: String) -> Constraint {
    let parsed = parse(&text);
    Constraint { text, parsed }
}

/// `subject == value`, `subject != value`.
fn parse(text: &str) -> Option<(ConstraintSubject, bool, String)> {
    let equal = text.find("==");
    let different = text.find("!=");
    let (at, is_equal) = match (equal, different) {
        (Some(equal), Some(different)) => (equal.min(different), equal < different),
        (Some(equal), None) => (equal, true),
        (None, Some(different)) => (different, false),
        (None, None) => return None,
    };
    let (key, value) = (text[..at].trim(), text[at + 2..].trim());
    let subject = subject(key)?;
    (!value.is_empty()).then(|| (subject, is_equal, value.to_owned()))
}

/// `SwarmKit` compares the fixed parts without case, the keys of labels as they are.
fn subject(key: &str) -> Option<ConstraintSubject> {
    let label = |prefix: &str| {
        let head = key.get(..prefix.len())?;
        let rest = &key[prefix.len()..];
        (head.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then(|| rest.to_owned())
    };
    if let Some(label) = label("node.labels.") {
        return Some(ConstraintSubject::NodeLabel(label));
    }
    if let Some(label) = label("engine.labels.") {
        return Some(ConstraintSubject::EngineLabel(label));
    }
    Some(match key.to_ascii_lowercase().as_str() {
        "node.hostname" => ConstraintSubject::Hostname,
        "node.id" => ConstraintSubject::Id,
        "node.role" => ConstraintSubject::Role,
        "node.platform.os" => ConstraintSubject::Os,
        "node.platform.arch" => ConstraintSubject::Architecture,
        "node.ip" => ConstraintSubject::Ip,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_are_taken_apart() {
        assert_eq!(parse("node.role==manager"), Some((ConstraintSubject::Role, true, "manager".to_owned())));
        assert_eq!(
            parse("Node.Labels.Zone != a b"),
            Some((ConstraintSubject::NodeLabel("Zone".to_owned()), false, "a b".to_owned()))
        );
        assert_eq!(
            parse("engine.labels.x == y!=z"),
            Some((ConstraintSubject::EngineLabel("x".to_owned()), true, "y!=z".to_owned()))
        );
        for text in ["node.role=manager", "node.labels.==x", "node.role==", "zone == a", ""] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
