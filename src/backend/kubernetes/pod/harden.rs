//! What containers give up where the namespace asks for the strictest level (K, section 14).

use k8s_openapi::api::core::v1::{Capabilities, SecurityContext};

use crate::backend::kubernetes::object::{Noted, Notes};
use crate::backend::kubernetes::options::Options;

/// Adds what the level demands of a container on Windows, where it knows none of the other fields.
pub(crate) fn windows_context(
    options: &Options,
    context: Option<Noted<SecurityContext>>,
) -> Option<Noted<SecurityContext>> {
    restricted(options, context, &["runAsNonRoot"], |written| SecurityContext {
        run_as_non_root: Some(true),
        ..written
    })
}

/// Adds what the level `restricted` demands of each container of Linux; below it nothing.
pub(crate) fn context(
    options: &Options,
    context: Option<Noted<SecurityContext>>,
) -> Option<Noted<SecurityContext>> {
    let added = ["allowPrivilegeEscalation", "capabilities.drop", "runAsNonRoot"];
    restricted(options, context, &added, |written| {
        let add = written.capabilities.and_then(|capabilities| capabilities.add);
        SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities { add, drop: Some(vec!["ALL".to_owned()]) }),
            run_as_non_root: Some(true),
            ..written
        }
    })
}

/// Changes a context where the level is the strictest, and notes the fields that it demands.
fn restricted(
    options: &Options,
    context: Option<Noted<SecurityContext>>,
    fields: &[&str],
    harden: impl FnOnce(SecurityContext) -> SecurityContext,
) -> Option<Noted<SecurityContext>> {
    if !options.is_restricted() {
        return context;
    }
    let mut notes = Notes::default();
    let written = notes.at_opt("", context).unwrap_or_default();
    for field in fields {
        notes.note(field, "K2", None);
    }
    Some(notes.on(harden(written)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::options::PodSecurity;

    #[test]
    fn only_the_strictest_level_adds() {
        let at = |level| Options { pod_security: Some(level), ..Options::default() };
        assert_eq!(context(&at(PodSecurity::Baseline), None), None);
        let made = context(&at(PodSecurity::Restricted), None).expect("a context").value;
        assert_eq!((made.run_as_non_root, made.allow_privilege_escalation), (Some(true), Some(false)));
    }

    #[test]
    fn what_was_added_by_its_author_stays() {
        let options = Options { pod_security: Some(PodSecurity::Restricted), ..Options::default() };
        let add = Some(vec!["NET_BIND_SERVICE".to_owned()]);
        let capabilities = Some(Capabilities { add: add.clone(), drop: None });
        let written = SecurityContext { capabilities, ..SecurityContext::default() };
        let made = context(&options, Some(Noted::by_rule(written, "K74"))).expect("a context").value;
        assert_eq!(made.capabilities, Some(Capabilities { add, drop: Some(vec!["ALL".to_owned()]) }));
    }
}
