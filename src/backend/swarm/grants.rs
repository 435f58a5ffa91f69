//! Configs and secrets of a service (S102), with those that mounted files became (S93, S94).

use super::codes::SwarmCode;
use super::data::{Granted, Kind};
use super::draft::Draft;
use super::part::{Object, Part};
use super::plan::Written;
use super::report::{Report, dropped};
use crate::diag::{Span, Spanned};
use crate::model::Grant;

/// One config or secret of a service.
#[derive(Clone, Debug)]
pub(crate) struct GrantPart {
    /// Its key.
    pub(crate) key: String,
    /// Place of the entry.
    pub(crate) span: Span,
    /// Path in the container as written; `None` is the default place.
    pub(crate) target: Option<String>,
    /// Owner.
    pub(crate) uid: Option<String>,
    /// Group.
    pub(crate) gid: Option<String>,
    /// Unix mode.
    pub(crate) mode: Option<u32>,
    /// What wrote it.
    pub(crate) rule: &'static str,
}

/// Takes in the configs that the author granted.
pub(crate) fn configs(written: &Written<'_>, draft: &mut Draft<'_, '_>) -> Vec<GrantPart> {
    let plan = draft.plan;
    let mut result = Vec::new();
    for grant in &written.service.configs {
        // An undefined one is an error of loading.
        let Some(config) = plan.project.configs.get(&grant.source) else { continue };
        let key = grant.source.as_str();
        let granted = draft.data.take_config(key, config, plan, &mut draft.report);
        result.extend(parts(Kind::Config, key, grant, granted));
    }
    result
}

/// Takes in the secrets that the author granted.
pub(crate) fn secrets(written: &Written<'_>, draft: &mut Draft<'_, '_>) -> Vec<GrantPart> {
    let plan = draft.plan;
    let mut result = Vec::new();
    for grant in &written.service.secrets {
        let Some(secret) = plan.project.secrets.get(&grant.source) else { continue };
        let key = grant.source.as_str();
        let granted = draft.data.take_secret(key, secret, plan, &mut draft.report);
        result.extend(parts(Kind::Secret, key, grant, granted));
    }
    result
}

/// Takes in the config that holds a credential spec (S53); Compose checks no such name.
pub(crate) fn credentials(config: &Spanned<String>, draft: &mut Draft<'_, '_>) -> Part {
    let plan = draft.plan;
    let key = config.value.as_str();
    match plan.project.configs.get(key) {
        Some(found) => drop(draft.data.take_config(key, found, plan, &mut draft.report)),
        None => draft.data.take_unknown(Kind::Config, key, config.span, &mut draft.report),
    }
    Part::written(key, "S53", config.span)
}

fn parts<N>(kind: Kind, key: &str, grant: &Grant<N>, granted: Granted<'_>) -> Vec<GrantPart> {
    let Grant { source: _, span, target, uid, gid, mode } = grant;
    let text = |value: &Option<Spanned<String>>| value.as_ref().map(|value| value.value.clone());
    let part = GrantPart {
        key: String::new(),
        span: *span,
        target: None,
        uid: text(uid),
        gid: text(gid),
        mode: mode.as_ref().map(|mode| mode.value),
        rule: "S102",
    };
    match granted {
        Granted::One(key) => vec![GrantPart { key, target: text(target), ..part }],
        // A directory: each file at its place below the target.
        Granted::Files(files) => {
            let directory = text(target).unwrap_or_else(|| default_target(kind, key));
            let target = |path: &str| Some(format!("{}/{path}", directory.trim_end_matches('/')));
            files
                .into_iter()
                .map(|(key, path)| GrantPart { key, target: target(path), ..part.clone() })
                .collect()
        }
    }
}

/// Returns the path in the container where an entry without target stands.
pub(crate) fn default_target(kind: Kind, key: &str) -> String {
    match kind {
        Kind::Config => format!("/{key}"),
        Kind::Secret => format!("/run/secrets/{key}"),
    }
}

/// Writes a service's list; two entries at one place cannot both be there.
pub(crate) fn list(
    written: &Written<'_>,
    kind: Kind,
    grants: &[GrantPart],
    report: &mut Report<'_>,
) -> Option<Part> {
    let mut places: Vec<(String, &str)> = Vec::new();
    let mut items = Vec::new();
    for grant in grants {
        let place = absolute(kind, grant);
        match places.iter().find(|(other, _)| *other == place) {
            Some((_, other)) if *other == grant.key => continue,
            Some((_, other)) => {
                let message =
                    format!("`{}`: `{}` and `{other}` are both at `{place}`", written.name, grant.key);
                report.add(
                    kind.plural(),
                    dropped(SwarmCode::StackKeyDropped, grant.span, message)
                        .help("give one of them another `target`"),
                );
                continue;
            }
            None => {}
        }
        places.push((place, &grant.key));
        items.push(item(kind, grant));
    }
    Part::list(items)
}

fn absolute(kind: Kind, grant: &GrantPart) -> String {
    let target = grant.target.clone().unwrap_or_else(|| default_target(kind, &grant.key));
    let path = match (target.starts_with('/'), kind) {
        (true, _) => target,
        (false, Kind::Config) => format!("/{target}"),
        (false, Kind::Secret) => format!("/run/secrets/{target}"),
    };
    super::mounts::cleaned(&path)
}

fn item(kind: Kind, grant: &GrantPart) -> Part {
    let GrantPart { key, span, target, uid, gid, mode, rule } = grant;
    let is_default = absolute(kind, grant) == default_target(kind, key);
    if is_default && uid.is_none() && gid.is_none() && mode.is_none() {
        return Part::written(key.as_str(), rule, *span);
    }
    let mut object = Object::default();
    object.put("source", Part::written(key.as_str(), rule, *span));
    let target = target.as_ref().filter(|_| !is_default);
    object.put_opt("target", target.map(|target| Part::written(target.as_str(), rule, *span)));
    object.put_opt("uid", uid.as_ref().map(|uid| Part::written(uid.as_str(), rule, *span)));
    object.put_opt("gid", gid.as_ref().map(|gid| Part::written(gid.as_str(), rule, *span)));
    object.put_opt("mode", mode.map(|mode| Part::written(mode, rule, *span)));
    object.into_part_even_if_empty()
}
