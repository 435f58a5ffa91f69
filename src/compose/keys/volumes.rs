//! `volumes` of a service (L32): short form to long form, identity, options of each type.

use crate::compose::codes::LoadCode;
use crate::compose::grammar::{path, volume};
use crate::compose::path::Path;
use crate::compose::paths::Base;
use crate::compose::print::{Printed, Printer};
use crate::diag::{Diagnostic, Severity, Sink, Span};
use crate::yaml::{Entry, Mapping, Node, Value};

use super::Key;
use super::key_values::Labels;
use super::keys;
use super::list::List;
use super::long::Context;
use super::scalar::{Flag, Size, Text, Whole};
use super::service::Unprinted;
use super::shape::{Cast, Form, IdentityFault, PathKind, Shape, Unique};

keys! {
    /// One mount.
    struct Mount; {
        /// `bind`, `volume`, `tmpfs`, `cluster`, `npipe` or `image`.
        kind as "type": Text [forms(&[Form::Word(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])]) required()],
        /// Path on the host, name of a volume, or image.
        source: Text,
        /// Path in the container.
        target: Text,
        /// Mount it read-only.
        read_only: Flag,
        /// Kept for Docker Desktop of old.
        consistency: Text,
        /// Options of a bind.
        bind: BindOptions,
        /// Options of a volume.
        volume: VolumeOptions,
        /// Options of a tmpfs.
        tmpfs: TmpfsOptions,
        /// Options of an image mount.
        image: ImageOptions,
        /// Set by path resolution: the source of a bind as it was written (N80). No key of Compose.
        written as "\0written": Unprinted,
    }
}

keys! {
    /// Options of a bind mount.
    struct BindOptions; {
        /// Security label: `z` shared, `Z` private.
        selinux: Text [forms(&[Form::Word(&["z", "Z"])])],
        /// How mounts below it spread.
        propagation: Text,
        /// Make the directory on the host when it is missing.
        create_host_path: Flag [cast(Cast::None)],
        /// What happens to mounts below it.
        recursive: Text [forms(&[Form::Word(&["enabled", "disabled", "writable", "readonly"])])],
    }
}

keys! {
    /// Options of a volume mount.
    struct VolumeOptions; {
        /// Labels of the mount.
        labels: Labels,
        /// Do not copy what the image has there.
        nocopy: Flag,
        /// Directory of the volume to mount instead of its root.
        subpath: Text,
    }
}

keys! {
    /// Options of a tmpfs mount.
    struct TmpfsOptions; {
        /// Size in bytes.
        size: Size [forms(&[Form::Int(0, i64::MAX), Form::Text])],
        /// Unix mode.
        mode: Whole [forms(&[Form::Number, Form::Text]) cast(Cast::None)],
    }
}

keys! {
    /// Options of an image mount.
    struct ImageOptions; {
        /// Directory of the image to mount instead of its root.
        subpath: Text,
    }
}

const ITEM: Shape = Shape::of(&[Form::Text, Form::Fields(Mount::FIELDS)]).settle(settle);

/// All mounts of a service.
#[derive(Clone, Debug)]
pub(crate) struct Mounts(pub(crate) List<Mount>);

impl Key for Mounts {
    const SHAPE: Shape = Shape::of(&[Form::List(&ITEM)])
        .unique(Unique::By(identity))
        .long(to_long)
        .path(PathKind::By(resolve_sources));

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        List::decode(node, at, sink).map(Self)
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}

/// The path in the container names a mount.
fn identity(item: &Node) -> Result<Option<String>, IdentityFault> {
    match &item.value {
        // What cannot be read has no identity; the long form reports it.
        Value::Text(text) => Ok(volume::parse(text).ok().map(|spec| spec.written_target)),
        Value::Map(map) => match map.get("target").map(|entry| &entry.node) {
            Some(target) => Ok(target.as_text().map(ToOwned::to_owned)),
            None => Err(IdentityFault::Missing("target")),
        },
        _ => Err(IdentityFault::WrongType),
    }
}

fn to_long(node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    let (span, tag) = (node.span, node.tag);
    let Value::List(items) = node.value else { return Node { span, tag, value: node.value } };
    let mut long = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let at = at.item(index);
        let Value::Text(text) = &item.value else {
            long.push(item);
            continue;
        };
        match volume::parse(text) {
            Ok(spec) => {
                warn(text, &spec, &item, &at, context.sink);
                long.push(entry(spec, item.span));
            }
            Err(_) if context.lenient => long.push(item),
            Err(fault) => context.sink.push(
                Diagnostic::new(LoadCode::BadVolume, format!("`{text}` is no mount in `{at}`"))
                    .at(item.span)
                    .label(fault.reason)
                    .path(at.to_string())
                    .help(
                        "`[source:]target[:options]`, such as `data:/var/lib/data` or `./conf:/etc/app:ro`",
                    ),
            ),
        }
    }
    Node { span, tag, value: Value::List(long) }
}

fn warn(text: &str, spec: &volume::VolumeSpec, item: &Node, at: &Path<'_>, sink: &mut Sink) {
    if spec.one_letter {
        sink.push(
            Diagnostic::new(
                LoadCode::OneLetterVolume,
                format!("`{text}` is read as a Windows drive in `{at}`"),
            )
            .at(item.span)
            .path(at.to_string())
            .help("give the volume a longer name, or write the long form with `type: volume`"),
        );
    }
    for (option, _) in &spec.ignored {
        sink.push(
            Diagnostic::new(
                LoadCode::IgnoredMountOption,
                format!("mount option `{option}` has no effect in `{at}`"),
            )
            .severity(Severity::Note)
            .at(item.span)
            .path(at.to_string())
            .help("Compose knows `ro`, `rw`, `nocopy`, `z`, `Z`, and `private`, `shared`, `slave` with or without `r` before"),
        );
    }
}

fn entry(spec: volume::VolumeSpec, span: Span) -> Node {
    let node = |value| Entry { key: span, node: Node::new(span, value) };
    let text = |text: String| node(Value::Text(text));
    let (mut map, mut bind, mut volume) = (Mapping::new(), Mapping::new(), Mapping::new());
    let is_bind = spec.kind == volume::VolumeKind::Bind;
    let (has_bind, has_volume) = (spec.has_bind(), spec.has_volume());
    map.insert("type".into(), text(if is_bind { "bind" } else { "volume" }.into()));
    map.insert("target".into(), text(spec.target));
    if let Some(source) = spec.source {
        map.insert("source".into(), text(source));
    }
    if spec.read_only {
        map.insert("read_only".into(), node(Value::Bool(true)));
    }
    if is_bind {
        bind.insert("create_host_path".into(), node(Value::Bool(true)));
    }
    if let Some(label) = spec.selinux {
        bind.insert("selinux".into(), text(label.into()));
    }
    if let Some(propagation) = spec.propagation {
        bind.insert("propagation".into(), text(propagation.into()));
    }
    if spec.nocopy {
        volume.insert("nocopy".into(), node(Value::Bool(true)));
    }
    if has_bind {
        map.insert("bind".into(), node(Value::Map(bind)));
    }
    if has_volume {
        map.insert("volume".into(), node(Value::Map(volume)));
    }
    Node::new(span, Value::Map(map))
}

/// A bind needs a source (step 8); the target is cleaned.
fn settle(mut node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    let span = node.span;
    let Some(map) = node.as_map_mut() else { return node };
    let is_bind = map.get("type").and_then(|kind| kind.node.as_text()) == Some("bind");
    if is_bind && !map.contains_key("source") {
        context.sink.push(
            Diagnostic::new(LoadCode::MissingSource, format!("bind without `source` in `{at}`"))
                .at(span)
                .path(at.to_string())
                .help("write the path on the host as `source:`"),
        );
    }
    node
}

const WRITTEN: &str = "\0written";

/// Only the source of a bind is a path; how it was written decides later what may be read (N80).
fn resolve_sources(mounts: &mut Node, base: &Base<'_>) {
    let Value::List(items) = &mut mounts.value else { return };
    for item in items {
        let Some(map) = item.as_map_mut() else { continue };
        if map.get("type").and_then(|kind| kind.node.as_text()) != Some("bind") {
            continue;
        }
        let Some(source) = map.get_mut("source") else { continue };
        let Value::Text(text) = &mut source.node.value else { continue };
        let written = std::mem::take(text);
        *text = base.unix(&written);
        let (key, span) = (source.key, source.node.span);
        // An included or extended file may have come here before, with its own directory.
        map.entry(WRITTEN.to_owned()).or_insert_with(|| Entry { key, node: Node::text(span, written) });
    }
}

/// Cleans the target of each mount (step 9, L39).
pub(crate) fn clean_targets(mounts: &mut Node) {
    let Value::List(items) = &mut mounts.value else { return };
    for item in items {
        if let Some(target) = item.as_map_mut().and_then(|map| map.get_mut("target"))
            && let Value::Text(text) = &mut target.node.value
        {
            *text = path::clean(text);
        }
    }
}
