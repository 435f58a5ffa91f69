//! `image`, `build`, `pull_policy`, `platform`, and what the local Dockerfile says (K10 to K16).

use std::collections::BTreeMap;

use super::dockerfile::{self, Place};
use super::files::Files;
use super::paths;
use super::values::{filled, items, on};
use crate::compose::grammar::path::is_local_context;
use crate::compose::keys::build::Build;
use crate::compose::keys::scalar::{Flag, Text};
use crate::compose::keys::service::Unprinted;
use crate::diag::{Span, Spanned};
use crate::model::{self, BindPath, Image, ImageFacts, Platform, PullPolicy};

/// What the author wrote.
pub(super) struct Written {
    pub(super) image: Option<Text>,
    pub(super) build: Option<Build>,
    pub(super) pull_policy: Option<Text>,
    pub(super) pull_refresh_after: Option<Unprinted>,
    pub(super) platform: Option<Text>,
}

/// Finds the image.
pub(super) fn image(written: Written, files: &mut Files) -> Image {
    let Written { image, build, pull_policy, pull_refresh_after, platform } = written;
    let (build, facts) = match build {
        Some(build) => {
            let (build, facts) = built(build, files);
            (Some(build), facts)
        }
        None => (None, ImageFacts::default()),
    };
    Image {
        reference: filled(image),
        build,
        pull: filled(pull_policy).map(|policy| policy.map(read_policy)),
        refresh_after: pull_refresh_after.and_then(|after| filled(Some(after.0))),
        platform: filled(platform).map(|platform| platform.map(|text| read_platform(&text))),
        facts,
    }
}

fn read_policy(text: String) -> PullPolicy {
    match text.as_str() {
        "always" => PullPolicy::Always,
        "missing" | "if_not_present" => PullPolicy::Missing,
        "never" => PullPolicy::Never,
        "build" => PullPolicy::Build,
        "daily" | "weekly" | "refresh" => PullPolicy::Interval(text),
        _ if text.starts_with("every_") => PullPolicy::Interval(text),
        _ => PullPolicy::Unknown(text),
    }
}

/// `os[/arch[/variant]]`; an architecture alone means Linux, as the engine takes it.
fn read_platform(text: &str) -> Platform {
    let lower = text.to_lowercase();
    let mut parts = lower.split('/').map(str::to_owned);
    let os = parts.next().unwrap_or_default();
    let (architecture, variant) = (parts.next(), parts.next());
    if architecture.is_none()
        && let Some(known) = known_architecture(&os)
    {
        return Platform { os: "linux".to_owned(), architecture: Some(known.to_owned()), variant: None };
    }
    let architecture = architecture.map(|name| known_architecture(&name).map_or(name, str::to_owned));
    Platform { os, architecture, variant }
}

/// The word of Go and Kubernetes for an architecture (K16).
fn known_architecture(name: &str) -> Option<&'static str> {
    Some(match name {
        "amd64" | "x86_64" | "x86-64" => "amd64",
        "arm64" | "aarch64" => "arm64",
        "arm" | "armhf" | "armel" => "arm",
        "386" | "i386" => "386",
        "ppc64le" => "ppc64le",
        "riscv64" => "riscv64",
        "s390x" => "s390x",
        _ => return None,
    })
}

fn built(build: Build, files: &mut Files) -> (model::Build, ImageFacts) {
    let Build {
        span,
        context,
        dockerfile,
        dockerfile_inline,
        entitlements,
        args,
        provenance,
        sbom,
        ssh,
        labels,
        cache_from,
        cache_to,
        no_cache,
        no_cache_filter,
        additional_contexts,
        pull,
        extra_hosts,
        isolation,
        network,
        target,
        secrets,
        shm_size,
        tags,
        ulimits,
        platforms,
        privileged,
        extensions: _,
    } = build;
    let context = context.unwrap_or_else(|| Text::new(files.origin.directory.to_owned(), span));
    let local_context = local_context(&context, span, files);
    let recipe = Recipe {
        context: local_context.as_deref(),
        name: dockerfile,
        inline: dockerfile_inline,
        args: args.map(|args| args.0.entries).unwrap_or_default(),
        target,
    };
    let facts = facts(recipe, files);
    let written = [
        ("additional_contexts", additional_contexts.map(|contexts| contexts.0.span)),
        ("cache_from", cache_from.map(|list| list.span)),
        ("cache_to", cache_to.map(|list| list.span)),
        ("entitlements", entitlements.map(|list| list.span)),
        ("extra_hosts", extra_hosts.map(|hosts| hosts.span)),
        ("isolation", text_span(isolation)),
        ("labels", labels.map(|labels| labels.0.span)),
        ("network", text_span(network)),
        ("no_cache", flag_span(no_cache.as_ref())),
        ("no_cache_filter", no_cache_filter.map(|list| list.0.span)),
        ("platforms", platforms.map(|list| list.span)),
        ("privileged", flag_span(privileged.as_ref())),
        ("provenance", provenance.map(|attestation| attestation.0.span)),
        ("pull", flag_span(pull.as_ref())),
        ("sbom", sbom.map(|attestation| attestation.0.span)),
        ("secrets", secrets.map(|secrets| secrets.0.span)),
        ("shm_size", shm_size.map(|size| size.0.span)),
        ("ssh", ssh.map(|keys| keys.0.span)),
        ("tags", tags.as_ref().map(|list| list.span)),
        ("ulimits", ulimits.map(|limits| limits.0.span)),
    ];
    let settings = written.into_iter().filter_map(|(key, span)| Some(Spanned::new(key, span?))).collect();
    let tag = items(tags).into_iter().find(|tag| !tag.value.is_empty());
    (model::Build { span, context, local_context, tag, settings }, facts)
}

fn text_span(text: Option<Text>) -> Option<Span> {
    filled(text).map(|text| text.span)
}

fn flag_span(flag: Option<&Flag>) -> Option<Span> {
    on(flag)
}

/// The context relative to the project directory, if it lies with the project on every machine.
fn local_context(context: &Text, build: Span, files: &Files) -> Option<String> {
    if !is_local_context(&context.value) {
        return None;
    }
    // A context that nobody wrote is the directory of the file that the build stands in.
    let path = if context.span == build {
        files.origin.of_written(&context.value, ".")
    } else {
        files.origin.of_span(&context.value, context.span, files.sources)
    };
    match path {
        BindPath::Project(path) => Some(path),
        BindPath::Host(_) => None,
    }
}

/// What makes the image.
struct Recipe<'a> {
    context: Option<&'a str>,
    name: Option<Text>,
    inline: Option<Text>,
    args: BTreeMap<String, crate::compose::keys::key_values::KeyValue>,
    target: Option<Text>,
}

/// Reads the Dockerfile, if it stands in the project.
fn facts(recipe: Recipe, files: &mut Files) -> ImageFacts {
    let Recipe { context, name, inline, args, target } = recipe;
    let args = args.into_iter().filter_map(|(name, entry)| Some((name, entry.value?.value))).collect();
    let target = target.as_ref().map(|target| target.value.as_str());
    if let Some(inline) = inline {
        return dockerfile::facts(&inline.value, Place::Value(inline.span), &args, target);
    }
    let name = filled(name);
    let name = name.as_ref().map_or("Dockerfile", |name| name.value.as_str());
    // An absolute one is somewhere on this machine only.
    let path = context.filter(|_| !name.starts_with('/')).map(|context| paths::join(context, name));
    let Some((source, text)) = path.and_then(|path| files.text(&path)) else { return ImageFacts::default() };
    dockerfile::facts(&text, Place::File(source), &args, target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_the_words_of_kubernetes() {
        let check = |text: &str, os: &str, architecture: Option<&str>, variant: Option<&str>| {
            let platform = read_platform(text);
            assert_eq!(
                (platform.os.as_str(), platform.architecture.as_deref(), platform.variant.as_deref()),
                (os, architecture, variant),
                "{text}"
            );
        };
        check("linux/amd64", "linux", Some("amd64"), None);
        check("linux/arm/v7", "linux", Some("arm"), Some("v7"));
        check("Linux/x86_64", "linux", Some("amd64"), None);
        check("aarch64", "linux", Some("arm64"), None);
        check("windows", "windows", None, None);
        check("linux/mips", "linux", Some("mips"), None);
    }

    #[test]
    fn pull_policies_are_read() {
        assert_eq!(read_policy("if_not_present".to_owned()), PullPolicy::Missing);
        assert_eq!(read_policy("every_3h".to_owned()), PullPolicy::Interval("every_3h".to_owned()));
        assert_eq!(read_policy("xalways".to_owned()), PullPolicy::Unknown("xalways".to_owned()));
    }
}
