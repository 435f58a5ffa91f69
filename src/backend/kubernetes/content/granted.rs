//! Configs and secrets of the project: where their bytes come from, and what is told of it (N90).

use super::carrier::{Carrier, Entry, Kind};
use super::keys::{self, Keyed};
use super::{External, Held, Place, Source, Wanted};
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::metadata;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::plan::Plan;
use crate::backend::kubernetes::problem;
use crate::diag::{Outcome, Severity, Sink, Span, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{
    Config, ConfigName, Content, ContentHints, Metadata, RemoteSecret, Secret, SecretName, VolumeDriver,
};

/// A top-level config or secret: what both have.
struct Entity<'a> {
    kind: Kind,
    /// `configs.app`, for messages.
    path: String,
    key: &'a str,
    span: Span,
    written_name: Option<&'a Spanned<String>>,
    content: &'a Content,
    labels: &'a Metadata,
    template_driver: Option<&'a Spanned<String>>,
    /// Places of the driver and of its options.
    driver: Vec<Span>,
    remote: Option<&'a RemoteSecret>,
    /// Its key inside an object that must exist, where its author says so.
    wished_key: Option<&'a Spanned<String>>,
}

/// Takes a config in, once.
pub(super) fn config<'a>(plan: &Plan<'a>, name: &'a ConfigName, wanted: &mut Wanted<'a>, sink: &mut Sink) {
    if wanted.configs.contains_key(name) {
        return;
    }
    let Some(config) = plan.project.configs.get(name) else { return };
    let Config { span, name: _, written_name, content, labels, template_driver, hints } = config;
    let sensitive = hints.sensitive.as_ref().is_some_and(|hint| hint.value);
    let entity = Entity {
        kind: if sensitive { Kind::Secret } else { Kind::ConfigMap },
        path: format!("configs.{name}"),
        key: name.as_str(),
        span: *span,
        written_name: written_name.as_ref(),
        content,
        labels,
        template_driver: template_driver.as_ref(),
        driver: Vec::new(),
        remote: hints.remote.as_ref().map(|remote| &remote.value),
        wished_key: hints.key.as_ref(),
    };
    report_idle(&entity, hints, sink);
    let place = place(plan, &entity, wanted, sink);
    wanted.configs.insert(name, place);
}

/// Takes a secret in, once.
pub(super) fn secret<'a>(plan: &Plan<'a>, name: &'a SecretName, wanted: &mut Wanted<'a>, sink: &mut Sink) {
    if wanted.secrets.contains_key(name) {
        return;
    }
    let Some(secret) = plan.project.secrets.get(name) else { return };
    let Secret { span, name: _, written_name, content, labels, driver, template_driver, hints } = secret;
    let VolumeDriver { name: driver_name, options } = driver;
    let options = options.values().map(|option| option.span);
    let driver = driver_name.iter().map(|name| name.span).chain(options).collect();
    let entity = Entity {
        kind: Kind::Secret,
        path: format!("secrets.{name}"),
        key: name.as_str(),
        span: *span,
        written_name: written_name.as_ref(),
        content,
        labels,
        template_driver: template_driver.as_ref(),
        driver,
        remote: hints.remote.as_ref().map(|remote| &remote.value),
        wished_key: hints.key.as_ref(),
    };
    report_idle(&entity, hints, sink);
    if let Some(sensitive) = &hints.sensitive {
        idle(&entity, "sensitive", sensitive.span, "a secret is one anyway", sink);
    }
    let place = place(plan, &entity, wanted, sink);
    wanted.secrets.insert(name, place);
}

fn place<'a>(plan: &Plan<'a>, entity: &Entity<'a>, wanted: &mut Wanted<'a>, sink: &mut Sink) -> Place {
    if let Some(driver) = entity.template_driver {
        let message = format!("`{}.template_driver` says what Compose does not act on either", entity.path);
        sink.push(problem::of_project(BackendCode::AlreadyDefault, message).at(driver.span));
    }
    let by_driver = matches!(entity.content, Content::Driver(_) | Content::External(_));
    if let (Some(span), false) = (entity.driver.first(), by_driver) {
        report_driver(entity, *span, sink);
        return elsewhere(entity, sink);
    }
    let (entries, held) = match entity.content {
        Content::External(_) => {
            let place = elsewhere(entity, sink);
            wanted.external.extend(external(entity, &place));
            return place;
        }
        Content::Driver(span) => {
            report_driver(entity, *span, sink);
            return elsewhere(entity, sink);
        }
        // What is referred to only is not read, so it may be missing (N93).
        Content::Missing { .. } | Content::TooLarge { .. }
            if entity.kind == Kind::Secret && !plan.options.secrets.carries_data() =>
        {
            one(entity, &[], entity.span, true)
        }
        Content::TooLarge { span, reason } => {
            let found =
                problem::of_project(BackendCode::ConfigTooLarge, format!("`{}` {reason}", entity.path))
                    .at(*span)
                    .outcome(Outcome::Refused)
                    .help("put it into an image or a volume");
            sink.push(found);
            return elsewhere(entity, sink);
        }
        Content::Missing { span, reason } => {
            let message = format!("nothing to make `{}` from: {reason}", entity.path);
            let found = problem::of_project(BackendCode::ConfigSourceMissing, message)
                .at(*span)
                .outcome(Outcome::Refused)
                .help("create it; `--allow config-source-missing` takes it as external");
            sink.push(found);
            return elsewhere(entity, sink);
        }
        Content::File { span, file } => one(entity, &file.bytes, *span, true),
        Content::Inline(bytes) => {
            one(entity, &bytes.value, bytes.span, plan.sources.is_from_outside(bytes.span))
        }
        Content::Environment { variable, value } => one(entity, value, variable.span, true),
        Content::Directory { span, tree } => {
            let keyed = keys::of_tree(tree);
            let entries = keyed.iter().filter_map(|keyed| Some((keyed, tree.get(&keyed.path)?))).map(
                |(keyed, file)| Entry {
                    key: keyed.key.clone(),
                    bytes: &file.bytes,
                    span: *span,
                    outside: true,
                },
            );
            (entries.collect(), Held::Directory(keyed))
        }
    };
    let carrier = wanted.carry(Carrier {
        kind: entity.kind,
        plain_name: plain_name(entity),
        name: String::new(),
        original: entity.key.to_owned(),
        labels: plan.project_labels(),
        annotations: metadata::annotations(entity.labels, "N90"),
        entries,
        rule: "N90",
        span: entity.span,
        named: entity.written_name.map(|name| name.span),
        told: format!("`{}`", entity.path),
        remote: entity.remote,
    });
    Place::Ours(carrier, held)
}

fn one<'a>(entity: &Entity<'_>, bytes: &'a [u8], span: Span, outside: bool) -> (Vec<Entry<'a>>, Held) {
    // A Compose name is always a legal key.
    let keyed = Keyed { key: entity.key.to_owned(), path: entity.key.to_owned(), executable: false };
    (vec![Entry { key: keyed.key.clone(), bytes, span, outside }], Held::One(keyed))
}

fn plain_name(entity: &Entity<'_>) -> String {
    let name = entity.written_name.map_or(entity.key, |name| name.value.as_str());
    names::label_before_digest(name)
}

/// Refers to an object that must exist, under its own name.
fn elsewhere(entity: &Entity<'_>, sink: &mut Sink) -> Place {
    let name = entity.written_name.map_or(entity.key, |name| name.value.as_str());
    let object = names::subdomain(name, names::SUBDOMAIN_LIMIT);
    if object != name {
        let message = format!(
            "`{}` is looked up as `{object}`: nothing in a cluster can be called `{name}`",
            entity.path
        );
        let found = problem::of_project(BackendCode::NameChanged, message).at(entity.span);
        sink.push(found.severity(Severity::Note).outcome(Outcome::Approximated));
    }
    let key = key_elsewhere(entity);
    let keyed = Keyed { key: key.clone(), path: key, executable: false };
    Place::Elsewhere(Source { secret: entity.kind == Kind::Secret, object, held: Held::One(keyed) })
}

/// The key inside an object that must exist: what a hint says, else the Compose name (N90).
fn key_elsewhere(entity: &Entity<'_>) -> String {
    entity.wished_key.map_or_else(|| entity.key.to_owned(), |key| key.value.clone())
}

/// Tells of hints that say nothing here (N120).
fn report_idle(entity: &Entity<'_>, hints: &ContentHints, sink: &mut Sink) {
    let is_elsewhere = !entity.driver.is_empty()
        || matches!(
            entity.content,
            Content::External(_) | Content::Driver(_) | Content::Missing { .. } | Content::TooLarge { .. }
        );
    if let Some(key) = hints.key.as_ref().filter(|_| !is_elsewhere) {
        idle(entity, "key", key.span, "its object is written here, under a key of its own", sink);
    }
    if let Some(remote) = hints.remote.as_ref().filter(|_| entity.kind == Kind::ConfigMap) {
        let reason = "a config is written as it is; `sensitive: true` makes it a Secret";
        idle(entity, "remote", remote.span, reason, sink);
    }
}

fn idle(entity: &Entity<'_>, hint: &str, span: Span, reason: &str, sink: &mut Sink) {
    let message = format!("hint `{hint}` of `{}` has no effect: {reason}", entity.path);
    let found = problem::of_project(SharedCode::HintNotApplicable, message).at(span);
    let path = format!("{}.x-rcompose.{hint}", entity.path);
    sink.push(found.outcome(Outcome::Dropped).path(path).help("remove it"));
}

fn external(entity: &Entity<'_>, place: &Place) -> Option<External> {
    let Place::Elsewhere(source) = place else { return None };
    let (kind, key) = (entity.kind, key_elsewhere(entity));
    Some(External { kind, object: source.object.clone(), keys: vec![key], span: entity.span })
}

fn report_driver(entity: &Entity<'_>, span: Span, sink: &mut Sink) {
    let message = format!("the driver of `{}` has no counterpart: it must exist in the cluster", entity.path);
    let found = problem::of_project(KubernetesCode::ConfigDriverDropped, message).at(span);
    let found = found.outcome(Outcome::Approximated).help("create it under its name before the pods start");
    let others = entity.driver.iter().filter(|place| **place != span);
    sink.push(found.also_at(others.copied()));
}
