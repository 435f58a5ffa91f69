//! Configs and secrets: top-level entries with their bytes, and what services are granted (N90, N91).

use super::files::Files;
use super::sources::{Found, Unread};
use super::storage::unix_mode;
use super::values::{by_name, filled, on};
use crate::compose::keys::access::{self, Configs, Secrets};
use crate::compose::keys::named::Keyed;
use crate::compose::keys::scalar::Text;
use crate::compose::keys::service::Unprinted;
use crate::compose::keys::top;
use crate::diag::Span;
use crate::model::{
    BindPath, Config, ConfigName, Content, ContentHints, Grant, Secret, SecretName, VolumeDriver,
};

/// Configs granted to a service.
pub(super) fn config_grants(written: Option<Configs>) -> Vec<Grant<ConfigName>> {
    let items = written.map(|grants| grants.0.items).unwrap_or_default();
    items.into_iter().filter_map(|item| grant(item, "/", ConfigName::new)).collect()
}

/// Secrets granted to a service.
pub(super) fn secret_grants(written: Option<Secrets>) -> Vec<Grant<SecretName>> {
    let items = written.map(|grants| grants.0.items).unwrap_or_default();
    items.into_iter().filter_map(|item| grant(item, "/run/secrets/", SecretName::new)).collect()
}

/// Loading writes the default target of a secret; it is none.
fn grant<N>(written: access::Grant, default: &str, name: impl Fn(String) -> N) -> Option<Grant<N>> {
    let access::Grant { span, source, target, uid, gid, mode, extensions: _ } = written;
    let source = source?.value;
    let target = filled(target).filter(|target| target.value != format!("{default}{source}"));
    Some(Grant {
        source: name(source),
        span,
        target,
        uid: filled(uid),
        gid: filled(gid),
        mode: mode.as_ref().and_then(|mode| unix_mode(&mode.0)),
    })
}

/// Reads a config.
pub(super) fn config(
    key: &str,
    written: Keyed<top::Config>,
    hints: ContentHints,
    files: &mut Files,
) -> Config {
    let Keyed {
        key: place,
        value:
            top::Config {
                span,
                name,
                file,
                environment,
                content,
                external,
                labels,
                template_driver,
                value,
                extensions: _,
            },
    } = written;
    let origin = Source { file, environment, value, content, external: on(external.as_ref()), driver: None };
    Config {
        span: place,
        written_name: name.clone().filter(|name| name.span != span),
        name: name.map_or_else(|| key.to_owned(), |name| name.value),
        content: read(origin, place, files),
        labels: by_name(labels.map(|labels| labels.0)),
        template_driver: filled(template_driver),
        hints,
    }
}

/// Reads a secret.
pub(super) fn secret(
    key: &str,
    written: Keyed<top::Secret>,
    hints: ContentHints,
    files: &mut Files,
) -> Secret {
    let Keyed {
        key: place,
        value:
            top::Secret {
                span,
                name,
                file,
                environment,
                external,
                labels,
                driver,
                driver_opts,
                template_driver,
                value,
                extensions: _,
            },
    } = written;
    let driver = filled(driver);
    let origin = Source {
        file,
        environment,
        value,
        content: None,
        external: on(external.as_ref()),
        driver: driver.as_ref().map(|driver| driver.span),
    };
    Secret {
        span: place,
        written_name: name.clone().filter(|name| name.span != span),
        name: name.map_or_else(|| key.to_owned(), |name| name.value),
        content: read(origin, place, files),
        labels: by_name(labels.map(|labels| labels.0)),
        driver: VolumeDriver { name: driver, options: by_name(driver_opts.map(|options| options.0)) },
        template_driver: filled(template_driver),
        hints,
    }
}

/// Where the bytes are said to be.
struct Source {
    file: Option<Text>,
    environment: Option<Text>,
    /// The variable's value.
    value: Option<Unprinted>,
    content: Option<Text>,
    external: Option<Span>,
    driver: Option<Span>,
}

fn read(source: Source, place: Span, files: &mut Files) -> Content {
    let Source { file, environment, value, content, external, driver } = source;
    if let Some(span) = external {
        return Content::External(span);
    }
    if let Some(content) = content {
        return Content::Inline(content.map(String::into_bytes));
    }
    if let Some(file) = file {
        return read_file(&file, files);
    }
    if let Some(variable) = environment {
        return match value {
            Some(value) => Content::Environment { variable, value: value.0.value.into_bytes() },
            None => missing(variable.span, format!("variable `{}` is not set", variable.value)),
        };
    }
    match driver {
        Some(span) => Content::Driver(span),
        None => missing(place, "it has no source".to_owned()),
    }
}

const fn missing(span: Span, reason: String) -> Content {
    Content::Missing { span, reason }
}

const fn too_large(span: Span, reason: String) -> Content {
    Content::TooLarge { span, reason }
}

/// Reads a file or directory that stands for content.
pub(super) fn read_file(file: &Text, files: &mut Files) -> Content {
    let span = file.span;
    let path = match files.origin.of_span(&file.value, span, files.sources) {
        BindPath::Project(path) => path,
        BindPath::Host(name) => {
            let read = files.snapshot.foreign_file(std::path::Path::new(&file.value), &name);
            return content(span, read.map(|file| Content::File { span, file }));
        }
    };
    match files.snapshot.look(&path) {
        Found::Missing => missing(span, "it does not exist".to_owned()),
        Found::Special => missing(span, "it is no regular file".to_owned()),
        Found::Directory => {
            let walk = files.snapshot.walk(&path);
            if let Some(reason) = walk.unreadable {
                return missing(span, format!("it cannot be read: {reason}"));
            }
            if !walk.is_within_limits() {
                return too_large(span, "holds more than 200 files or 1 MiB".to_owned());
            }
            content(span, files.snapshot.tree(&path, &walk).map(|tree| Content::Directory { span, tree }))
        }
        Found::File { .. } | Found::Outside => {
            content(span, files.snapshot.file(&path).map(|file| Content::File { span, file }))
        }
    }
}

fn content(span: Span, read: Result<Content, Unread>) -> Content {
    read.unwrap_or_else(|fault| match fault {
        Unread::TooLarge => too_large(span, "is larger than 1 MiB".to_owned()),
        Unread::Failed(reason) => missing(span, format!("it cannot be read: {reason}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::testing::{NOWHERE, at};

    #[test]
    fn the_default_target_is_none() {
        let written = |target: &str| access::Grant {
            span: NOWHERE,
            source: Some(at("s".to_owned())),
            target: Some(at(target.to_owned())),
            uid: None,
            gid: None,
            mode: Some(access::Mode(at(0o440))),
            extensions: crate::yaml::Mapping::new(),
        };
        let target = |text: &str| grant(written(text), "/run/secrets/", SecretName::new).unwrap().target;
        assert_eq!(target("/run/secrets/s"), None);
        assert_eq!(target("/x").map(|target| target.value).as_deref(), Some("/x"));
    }
}
