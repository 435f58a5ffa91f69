//! Runtime class, isolation and control groups (K82, K83, K85).

use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::metadata::is_subdomain;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::Pod;
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Outcome, Sink, Span, Spanned};
use crate::model::Kernel;

/// `runtimeClassName` of a pod: two members that want different ones cannot share it.
pub(crate) fn class(pod: &Pod<'_, '_>, sink: &mut Sink) -> Option<Noted<String>> {
    let mut class: Option<(&str, Span)> = None;
    for member in &pod.members {
        let Some(runtime) = &member.service.kernel.runtime else { continue };
        let mut report = Report::new(member.name, sink);
        if !is_written(runtime, &mut report) {
            continue;
        }
        match class {
            Some((name, first)) if name != runtime.value => {
                let finding = report
                    .finding(
                        KubernetesCode::PodGroupConflict,
                        "runtime",
                        runtime.span,
                        "differs from that of another service in the same pod",
                        "give both the same runtime",
                    )
                    .outcome(Outcome::Refused)
                    .also(first, "the other runtime");
                report.push(finding);
            }
            Some(_) => {}
            None => class = Some((&runtime.value, runtime.span)),
        }
    }
    class.map(|(name, span)| Noted::written(name.to_owned(), "K82", span))
}

/// Reports settings that clusters make for whole nodes.
pub(crate) fn report_dropped(kernel: &Kernel, report: &mut Report<'_>) {
    match kernel.isolation.as_ref() {
        Some(isolation) if matches!(isolation.as_str(), "default" | "process") => {
            report.already_default("isolation", isolation.span);
        }
        Some(isolation) => report.dropped(
            KubernetesCode::IsolationDropped,
            "isolation",
            isolation.span,
            &format!("is `{}`: nothing is written", isolation.value),
            "use a RuntimeClass of the cluster: `runtime: NAME`",
        ),
        None => {}
    }
    match kernel.cgroup.as_ref() {
        Some(cgroup) if cgroup.value == "private" => report.already_default("cgroup", cgroup.span),
        Some(cgroup) => report_cgroup("cgroup", cgroup.span, report),
        None => {}
    }
    if let Some(parent) = &kernel.cgroup_parent {
        report_cgroup("cgroup_parent", parent.span, report);
    }
}

fn report_cgroup(key: &str, span: Span, report: &mut Report<'_>) {
    let fact = "is left out: the node places containers in control groups of its own";
    report.dropped(BackendCode::CgroupDropped, key, span, fact, "");
}

fn is_written(runtime: &Spanned<String>, report: &mut Report<'_>) -> bool {
    if matches!(runtime.as_str(), "runc" | "io.containerd.runc.v2") {
        report.already_default("runtime", runtime.span);
        return false;
    }
    if !is_subdomain(runtime) {
        report.dropped(
            KubernetesCode::RuntimeClassInvalid,
            "runtime",
            runtime.span,
            &format!("is `{}`, which no RuntimeClass can be called", runtime.value),
            "make a RuntimeClass for it and write its name",
        );
        return false;
    }
    report.noted(
        KubernetesCode::RuntimeClassMustExist,
        "runtime",
        runtime.span,
        &format!("needs the RuntimeClass `{}` in the cluster", runtime.value),
        "",
    );
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    #[test]
    fn only_names_of_runtime_classes_are_written() {
        let run = |name: &str| report_of(|report| is_written(&at(name.to_owned()), report));
        assert_eq!(run("runc"), (false, vec!["already-default".to_owned()]));
        assert_eq!(run("gvisor"), (true, vec!["runtime-class-must-exist".to_owned()]));
        assert_eq!(run("My_Runtime"), (false, vec!["runtime-class-invalid".to_owned()]));
    }
}
