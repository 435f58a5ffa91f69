//! What a service mounts: `volumes`, `tmpfs` (N60 to N68, N80).

use super::binds::{self, BuildContext, Outcome, Policy, Request};
use super::files::Files;
use super::hints::{self, Layers};
use super::image_name::ImageName;
use super::paths;
use super::values::{by_name, filled, on, size, texts};
use crate::compose::LoadCode;
use crate::compose::grammar::bytes::parse_bytes;
use crate::compose::keys::list::TextOrList;
use crate::compose::keys::scalar::{Text, Whole};
use crate::compose::keys::volumes::{
    self as keys, BindOptions, ImageOptions, Mounts, TmpfsOptions, VolumeOptions,
};
use crate::compose::path::Path;
use crate::diag::{Diagnostic, Sink, Span, Spanned};
use crate::model::{
    Bind, BindMode, EnvironmentValue, Image, Mount, MountHints, MountSource, Process, ServiceHints, Tmpfs,
    VolumeName, VolumeUse,
};

/// Finds the mounts: `volumes`, then `tmpfs`. Those of `volumes_from` come when all services are known.
pub(super) fn mounts(
    volumes: Option<Mounts>,
    tmpfs: Option<TextOrList>,
    user: &User,
    files: &mut Files,
    sink: &mut Sink,
) -> Vec<Mount> {
    let volumes = volumes.map(|mounts| mounts.0.items).unwrap_or_default();
    let services = Path::Root.key("services");
    let service = services.key(user.name);
    let list = service.key("volumes");
    let volumes = volumes.into_iter().enumerate();
    let mut mounts: Vec<Mount> =
        volumes.map(|(index, written)| mount(written, &list.item(index), user, files, sink)).collect();
    mounts.extend(texts(tmpfs).iter().map(memory));
    hints::report_strange_targets(user.name, user.hints, &mounts, sink);
    mounts
}

/// The service that mounts, as far as a decision on binds asks.
pub(super) struct User<'a> {
    pub(super) name: &'a str,
    pub(super) hints: &'a ServiceHints,
    /// `--bind-policy error`.
    pub(super) needs_hints: bool,
    /// What a flag makes of all binds.
    pub(super) bind_flag: Option<Spanned<BindMode>>,
    pub(super) image: &'a Image,
    pub(super) process: &'a Process,
}

impl User<'_> {
    /// Decides on the bind of a path.
    pub(super) fn decide(
        &self,
        (path, source): (&crate::model::BindPath, &str),
        target: &str,
        read_only: bool,
        hint: Option<&Spanned<BindMode>>,
        files: &mut Files,
        sink: &mut Sink,
    ) -> Outcome {
        let reference = self.image.reference.as_ref().map_or("", |reference| reference.value.as_str());
        let build = self
            .image
            .build
            .as_ref()
            .map(|build| BuildContext { path: build.local_context.as_deref(), facts: &self.image.facts });
        let postgres_data = postgres_data(self.process);
        let image = ImageName::parse(reference);
        let request = Request { path, target, read_only, build, image, postgres_data };
        let policy = match hint {
            Some(mode) => Policy::Hint(mode.value),
            None if self.needs_hints => Policy::Strict,
            None => Policy::Auto,
        };
        let (outcome, wrong) = binds::decide(policy, &request, source, &mut files.snapshot);
        if let (Some(reason), Some(hint)) = (wrong, hint) {
            let message =
                format!("hint `bind: {}` of `{}` cannot be kept at `{target}`", hint.value.word(), self.name);
            sink.push(
                Diagnostic::new(LoadCode::HintValueInvalid, message)
                    .at(hint.span)
                    .service(self.name)
                    .path(format!("services.{}.x-rcompose.bind", self.name))
                    .help(reason),
            );
        }
        outcome
    }
}

/// `PGDATA` of a service.
fn postgres_data(process: &Process) -> Option<&str> {
    match process.environment.get("PGDATA") {
        Some(EnvironmentValue::Literal { value, sensitive: _ }) => Some(value.value.as_str()),
        Some(EnvironmentValue::Unset(_)) | None => None,
    }
}

/// Marks mounts where the image of their service keeps its data; those of `volumes_from` must be there by then.
pub(super) fn mark_data(
    services: &mut std::collections::BTreeMap<crate::model::ServiceName, crate::model::Service>,
) {
    for service in services.values_mut() {
        let reference = service.image.reference.as_ref().map_or("", |reference| reference.value.as_str());
        let (image, data) = (ImageName::parse(reference), postgres_data(&service.process));
        for mount in &mut service.mounts {
            mount.keeps_data = binds::is_data_target(&mount.target.value, image, data);
        }
    }
}

fn mount(written: keys::Mount, at: &Path<'_>, user: &User, files: &mut Files, sink: &mut Sink) -> Mount {
    let keys::Mount {
        span,
        kind,
        source,
        target,
        read_only,
        consistency,
        bind,
        volume,
        tmpfs,
        image,
        written,
        extensions,
    } = written;
    let mut hints = Layers::mount(&extensions, at, sink);
    let read_only = on(read_only.as_ref());
    let target = target.unwrap_or_else(|| Text::new(String::new(), span)).map(|path| paths::clean(&path));
    let kind = kind.map_or_else(String::new, |kind| kind.value);
    let source = match (kind.as_str(), filled(source)) {
        ("bind", Some(source)) => {
            let written = written.map_or_else(|| source.value.clone(), |written| written.0.value);
            let options = Options { source, written, bind };
            hints.bind =
                hints::bind_mode(user.bind_flag.clone(), hints.bind, &target.value, &user.hints.bind);
            let hint = hints.bind.as_ref();
            MountSource::Bind(bound(options, &target.value, read_only.is_some(), user, hint, files, sink))
        }
        ("tmpfs", _) => MountSource::Tmpfs(tmpfs.map(memory_options).unwrap_or_default()),
        ("image", Some(reference)) => {
            MountSource::Image { reference, subpath: image.and_then(image_subpath) }
        }
        ("npipe", Some(source)) => MountSource::NamedPipe(source),
        ("cluster", Some(source)) => MountSource::Cluster(source),
        ("volume", Some(source)) => MountSource::Volume(volume_use(&source, volume)),
        _ => MountSource::Anonymous,
    };
    Mount {
        span,
        target,
        read_only,
        source,
        consistency: filled(consistency),
        keeps_data: false,
        from_service: None,
        hints,
    }
}

struct Options {
    source: Text,
    /// The source as its author wrote it.
    written: String,
    bind: Option<BindOptions>,
}

fn bound(
    options: Options,
    target: &str,
    read_only: bool,
    user: &User,
    hint: Option<&Spanned<BindMode>>,
    files: &mut Files,
    sink: &mut Sink,
) -> Bind {
    let Options { source, written, bind } = options;
    let path = files.place(&source, &written);
    let (propagation, recursive, selinux, create) = match bind {
        Some(BindOptions { span: _, selinux, propagation, create_host_path, recursive, extensions: _ }) => {
            (propagation, recursive, selinux, create_host_path)
        }
        None => (None, None, None, None),
    };
    let Outcome { decision, sensitive, skipped } =
        user.decide((&path, &source.value), target, read_only, hint, files, sink);
    Bind {
        source,
        path,
        propagation: filled(propagation),
        recursive: filled(recursive),
        selinux: filled(selinux),
        create_host_path: create.map(|create| create.value),
        decision,
        sensitive,
        skipped,
    }
}

fn volume_use(source: &Text, options: Option<VolumeOptions>) -> VolumeUse {
    let volume = VolumeName::new(source.value.as_str());
    let Some(VolumeOptions { span: _, labels, nocopy, subpath, extensions: _ }) = options else {
        return VolumeUse { volume, no_copy: None, subpath: None, labels: crate::model::Metadata::new() };
    };
    VolumeUse {
        volume,
        no_copy: on(nocopy.as_ref()),
        subpath: filled(subpath),
        labels: by_name(labels.map(|labels| labels.0)),
    }
}

fn memory_options(options: TmpfsOptions) -> Tmpfs {
    let TmpfsOptions { span: _, size: bytes, mode, extensions: _ } = options;
    Tmpfs { short: false, size: size(bytes), mode: mode.as_ref().and_then(unix_mode), options: Vec::new() }
}

fn image_subpath(options: ImageOptions) -> Option<Text> {
    let ImageOptions { span: _, subpath, extensions: _ } = options;
    filled(subpath)
}

/// A Unix mode; no file has one that does not fit.
pub(super) fn unix_mode(mode: &Whole) -> Option<Spanned<u32>> {
    Some(Spanned::new(u32::try_from(mode.value).ok()?, mode.span))
}

/// `target[:options]` of `tmpfs`.
fn memory(text: &Text) -> Mount {
    let (target, options) = text.value.split_once(':').unwrap_or((&text.value, ""));
    let mut tmpfs = Tmpfs { short: true, ..Tmpfs::default() };
    let mut read_only = None;
    for option in options.split(',').map(str::trim).filter(|option| !option.is_empty()) {
        memory_option(option, text.span, &mut tmpfs, &mut read_only);
    }
    Mount {
        span: text.span,
        target: Spanned::new(paths::clean(target), text.span),
        read_only,
        source: MountSource::Tmpfs(tmpfs),
        consistency: None,
        keeps_data: false,
        from_service: None,
        hints: MountHints::default(),
    }
}

/// What cannot be read (`size=50%`) stays text.
fn memory_option(option: &str, span: Span, tmpfs: &mut Tmpfs, read_only: &mut Option<Span>) {
    match option.split_once('=') {
        Some(("size", value)) => match parse_bytes(value) {
            Ok(bytes) => tmpfs.size = Some(Spanned::new(bytes, span)),
            Err(_) => tmpfs.options.push(Text::new(option.to_owned(), span)),
        },
        Some(("mode", value)) => match u32::from_str_radix(value, 8) {
            Ok(mode) => tmpfs.mode = Some(Spanned::new(mode, span)),
            Err(_) => tmpfs.options.push(Text::new(option.to_owned(), span)),
        },
        None if option == "ro" => *read_only = Some(span),
        _ => tmpfs.options.push(Text::new(option.to_owned(), span)),
    }
}
