//! Windows credential specifications (K84).

use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem::Report;
use crate::model::{Content, CredentialSpec};

/// Returns the text of a service's specification; on Windows a config or file of the project holds it.
pub(crate) fn spec(plan: &Plan<'_>, facts: &Facts<'_>, report: &mut Report<'_>) -> Option<Noted<String>> {
    let CredentialSpec { span, config, file, file_content, registry } =
        facts.service.target_only.credential_spec.as_ref()?;
    let content = config.as_ref().and_then(|name| {
        let content = &plan.project.configs.get(name.as_str())?.content;
        Some(Noted::written(text(content)?, "K84", name.span))
    });
    let of_file = || {
        let place = file.as_ref()?.span;
        Some(Noted::written(text(file_content.as_ref()?)?, "K84", place))
    };
    let content = content.or_else(of_file);
    if content.is_some() && facts.is_windows() {
        return content;
    }
    let place = registry.as_ref().or(file.as_ref()).or(config.as_ref()).map_or(*span, |value| value.span);
    report.dropped(
        KubernetesCode::CredentialSpecDropped,
        "credential_spec",
        place,
        "is left out: only the content of a config or of a file of the project, on Windows, can be written",
        "write the specification into a config and name it: `credential_spec: {config: NAME}`",
    );
    None
}

fn text(content: &Content) -> Option<String> {
    let bytes: &[u8] = match content {
        Content::Inline(bytes) => &bytes.value,
        Content::File { span: _, file } => &file.bytes,
        Content::Environment { variable: _, value } => value,
        Content::External(_)
        | Content::Driver(_)
        | Content::Directory { .. }
        | Content::Missing { .. }
        | Content::TooLarge { .. } => {
            return None;
        }
    };
    String::from_utf8(bytes.to_vec()).ok()
}
