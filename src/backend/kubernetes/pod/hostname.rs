//! Host name of a pod (K26).

use super::group;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::kind::WorkloadKind;
use crate::backend::kubernetes::label_syntax::is_dns_label;
use crate::backend::kubernetes::names::LABEL_LIMIT;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::Pod;
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Sink, Spanned};

/// Returns the host name of a pod: its owner's, else the first that a member writes.
pub(crate) fn of_pod(pod: &Pod<'_, '_>, sink: &mut Sink) -> Option<Noted<String>> {
    let mut found = None;
    // Its controller names the pods of a StatefulSet, which says so.
    let is_named = group::kind(pod) == WorkloadKind::StatefulSet;
    for member in &pod.members {
        let mut report = Report::new(member.name, sink);
        if let Some(domain) = &member.service.identity.domain {
            report.dropped(
                BackendCode::DomainnameDropped,
                "domainname",
                domain.span,
                "is left out: the domain of a pod is the cluster's",
                "",
            );
        }
        let hostname = member.service.identity.hostname.as_ref().filter(|_| !is_named);
        let Some(hostname) = hostname else { continue };
        let name = legal(hostname, &mut report);
        if member.name == pod.owner.name || found.is_none() {
            found = name.or(found);
        }
    }
    found
}

fn legal(hostname: &Spanned<String>, report: &mut Report<'_>) -> Option<Noted<String>> {
    let lower = hostname.to_ascii_lowercase();
    let (first, has_dots) = match lower.split_once('.') {
        Some((first, _)) => (first, true),
        None => (lower.as_str(), false),
    };
    if !is_dns_label(first) || first.len() > LABEL_LIMIT {
        report.dropped(
            KubernetesCode::HostnameInvalid,
            "hostname",
            hostname.span,
            &format!("is `{}`, which no pod can be called: it is left out", hostname.value),
            "use letters, digits and dashes, at most 63 of them",
        );
        return None;
    }
    if has_dots {
        report.approximated(
            KubernetesCode::HostnameShortened,
            "hostname",
            hostname.span,
            &format!("becomes `{first}`: a pod's host name has no dots"),
            "",
        );
    }
    Some(Noted::written(first.to_owned(), "K26", hostname.span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    fn run(name: &str) -> (Option<String>, Vec<String>) {
        let (made, codes) = report_of(|report| legal(&at(name.to_owned()), report));
        (made.map(|made| made.value), codes)
    }

    #[test]
    fn host_names_are_labels() {
        assert_eq!(run("Mail"), (Some("mail".to_owned()), vec![]));
        assert_eq!(run("mail.example.org"), (Some("mail".to_owned()), vec!["hostname-shortened".to_owned()]));
        assert_eq!(run("my_host"), (None, vec!["hostname-invalid".to_owned()]));
    }
}
