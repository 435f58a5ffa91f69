//! Labels and annotations that users wrote on services: annotations, and labels where they let them through (K100, N11).

use std::collections::BTreeMap;

use super::codes::KubernetesCode;
use super::label_syntax::{is_label_key, is_label_value};
use super::labels::{self, Labels};
use super::metadata::{self, Annotations};
use super::options::Options;
use super::problem::Report;
use crate::model::Metadata;

/// Makes annotations of several sources; of one key the later source counts.
pub(crate) fn annotations(sources: &[&Metadata]) -> Annotations {
    metadata::annotations(&merged(sources), "K100")
}

/// Returns the labels that a user lets through with `--label-allow` (N11), beside those of ours.
pub(crate) fn allowed(
    sources: &[&Metadata],
    options: &Options,
    key: &str,
    report: &mut Report<'_>,
) -> Labels {
    let mut allowed = Labels::new();
    for (label, value) in merged(sources) {
        if !options.label_allow.iter().any(|pattern| matches(pattern, &label)) {
            continue;
        }
        if is_label_key(&label) && is_label_value(&value) && !is_reserved(&label) {
            allowed.insert(label, value.value);
        } else {
            report.noted(
                KubernetesCode::LabelValueInvalid,
                &format!("{key}.{label}"),
                value.span,
                "cannot be a label: it stays an annotation",
                "labels have at most 63 letters, digits, `-`, `_`, `.`; some keys belong to the cluster",
            );
        }
    }
    allowed
}

fn merged(sources: &[&Metadata]) -> Metadata {
    let entries = sources.iter().copied().flatten();
    entries.map(|(key, value)| (key.clone(), value.clone())).collect::<BTreeMap<_, _>>()
}

fn matches(pattern: &str, key: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => pattern == key,
    }
}

/// Keys that selectors, controllers and this program act on.
fn is_reserved(key: &str) -> bool {
    const PREFIXES: [&str; 3] = ["rcompose/", "batch.kubernetes.io/", "statefulset.kubernetes.io/"];
    const KEYS: [&str; 2] = ["pod-template-hash", "controller-revision-hash"];
    labels::ALL.contains(&key) || KEYS.contains(&key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    fn metadata(entries: &[(&str, &str)]) -> Metadata {
        entries.iter().map(|(key, value)| ((*key).to_owned(), at((*value).to_owned()))).collect()
    }

    #[test]
    fn the_later_source_counts() {
        let made = annotations(&[&metadata(&[("a", "1"), ("b", "1")]), &metadata(&[("a", "2")])]);
        assert_eq!(made["a"].value, "2");
        assert_eq!(made["b"].value, "1");
    }

    #[test]
    fn labels_are_let_through_by_pattern() {
        let options = Options {
            label_allow: vec!["team/*".to_owned(), "app.kubernetes.io/name".to_owned()],
            ..Options::default()
        };
        let written =
            metadata(&[("team/a", "x"), ("team/b", "x y"), ("other", "x"), ("app.kubernetes.io/name", "x")]);
        let (allowed, codes) = report_of(|report| allowed(&[&written], &options, "labels", report));
        assert_eq!(allowed.keys().collect::<Vec<_>>(), ["team/a"]);
        assert_eq!(codes, ["label-value-invalid"; 2]);
    }
}
