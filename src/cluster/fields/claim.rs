//! Claiming a choice that the server made for us before we make another one (A28).
//!
//! Defaults under server-side apply are owned by nobody, so leaving them out does not remove them: a Deployment that the
//! server gave `rollingUpdate` cannot become `Recreate` in one step. Applying the *live* value first makes it ours.

use serde_json::Value;

use super::entry::own_fields;
use super::path::Path;
use crate::cluster::object::Live;

/// Fields of which only one alternative may be set, by kind.
const CHOICES: &[(&str, &str)] = &[
    ("DaemonSet", "spec.updateStrategy"),
    ("Deployment", "spec.strategy"),
    ("StatefulSet", "spec.updateStrategy"),
];

/// Returns the document to apply first: ours with the live choice in it. `None` where the server's causes do not all lie
/// in a choice that is not ours.
pub(crate) fn first(kind: &str, document: &Value, live: &Live, causes: &[&str]) -> Option<Value> {
    let (_, choice) = CHOICES.iter().find(|(known, _)| *known == kind)?;
    let path = Path::fields(choice);
    let below = |cause: &&&str| {
        let cause = cause.trim_start_matches('.');
        cause.strip_prefix(choice).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if causes.is_empty() || causes.iter().filter(below).count() != causes.len() {
        return None;
    }
    let current = path.value_in(&live.value)?;
    path.value_in(document)?;
    let own = own_fields(live);
    // Every part of it is ours: then it would not have been refused for a default.
    let all_ours = current.as_object().is_some_and(|parts| {
        parts.keys().all(|part| {
            let part = path.join(super::path::Element::Field(part.clone()));
            own.as_ref().is_some_and(|own| own.at(&part).is_some())
        })
    });
    if all_ours {
        return None;
    }
    let mut first = document.clone();
    path.put_in(&mut first, current.clone())?;
    Some(first)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live(own: &Value) -> Live {
        Live::new(
            json!({"metadata": {"managedFields": [{"manager": "rcompose", "operation": "Apply", "apiVersion": "apps/v1",
            "fieldsType": "FieldsV1", "fieldsV1": own}]},
            "spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}}}),
        )
    }

    fn recreate() -> Value {
        json!({"kind": "Deployment", "spec": {"replicas": 1, "strategy": {"type": "Recreate"}}})
    }

    #[test]
    fn a_default_is_claimed_first() {
        let first = first(
            "Deployment",
            &recreate(),
            &live(&json!({"f:spec": {"f:replicas": {}}})),
            &["spec.strategy.rollingUpdate"],
        );
        let expected = json!({"kind": "Deployment", "spec": {"replicas": 1,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}}});
        assert_eq!(first, Some(expected));
    }

    #[test]
    fn what_is_ours_or_lies_elsewhere_is_no_matter_of_claiming() {
        let ours =
            live(&json!({"f:spec": {"f:strategy": {"f:type": {}, "f:rollingUpdate": {"f:maxSurge": {}}}}}));
        let none = live(&json!({}));
        assert_eq!(first("Deployment", &recreate(), &ours, &["spec.strategy.rollingUpdate"]), None);
        assert_eq!(
            first("Deployment", &recreate(), &none, &["spec.strategy.rollingUpdate", "spec.selector"]),
            None
        );
        assert_eq!(first("Deployment", &recreate(), &none, &["spec.strategyX"]), None);
        assert_eq!(first("Service", &recreate(), &none, &["spec.strategy"]), None);
        assert_eq!(first("Deployment", &recreate(), &none, &[]), None);
    }
}
