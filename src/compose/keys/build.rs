//! `build`: a context alone, or all settings of a build.

use crate::compose::codes::LoadCode;
use crate::compose::path::Path;
use crate::compose::print::{Printed, PrintedValue, Printer};
use crate::diag::{Diagnostic, Sink};
use crate::yaml::{Node, Value};

use super::access::BuildSecrets;
use super::extra_hosts::ExtraHosts;
use super::key_values::{EnvironmentValues, KeyValues, Labels};
use super::list::{BY_KEY, TextOrList, Texts};
use super::long::{Context, put_default, single};
use super::scalar::{Flag, INTEGER_OR_TEXT, Size, Text};
use super::shape::{Cast, Form, Merge, NameRule, PathKind, Shape};
use super::ulimits::Ulimits;
use super::{Key, keys};

keys! {
    /// How an image is built.
    struct Build = Shape::of(&[Form::Text, Form::Fields(Build::FIELDS)]).merge(Merge::Build).long(to_long).settle(settle); {
        /// Directory or URL that is built.
        context: Text [path(PathKind::Context)],
        /// Name of the Dockerfile.
        dockerfile: Text,
        /// Text of the Dockerfile.
        dockerfile_inline: Text,
        /// Extra privileges of the build.
        entitlements: Texts,
        /// Variables of the build.
        args: EnvironmentValues,
        /// Ask for a provenance attestation.
        provenance: Attestation,
        /// Ask for a bill of materials.
        sbom: Attestation,
        /// SSH agents and keys for the build.
        ssh: SshKeys,
        /// Labels of the image.
        labels: Labels,
        /// Images to take layers from.
        cache_from: Texts,
        /// Where to put the layers.
        cache_to: Texts,
        /// Do not use the cache.
        no_cache: Flag [cast(Cast::None)],
        /// Stages that do not use the cache.
        no_cache_filter: TextOrList,
        /// Further contexts by name.
        additional_contexts: Contexts,
        /// Pull the base images again.
        pull: Flag [cast(Cast::None)],
        /// Hosts known to the build.
        extra_hosts: ExtraHosts,
        /// How the build is isolated.
        isolation: Text,
        /// Network of the build.
        network: Text,
        /// Stage to build.
        target: Text,
        /// Secrets for the build.
        secrets: BuildSecrets,
        /// Size of `/dev/shm` in the build.
        shm_size: Size [forms(INTEGER_OR_TEXT)],
        /// Names of the image.
        tags: Texts [unique(BY_KEY)],
        /// Limits of the build's processes.
        ulimits: Ulimits,
        /// Platforms to build for.
        platforms: Texts,
        /// Give the build all rights.
        privileged: Flag [cast(Cast::None)],
    }
}

fn to_long(node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    match node.value {
        Value::Text(_) => single("context", node),
        _ => node,
    }
}

/// The context is the project directory unless said otherwise (L39; in step 8, for each file set its own).
fn settle(mut node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    let place = Node::new(node.span, Value::Null);
    if let Some(map) = node.as_map_mut() {
        put_default(map, "context", &place, Value::Text(".".into()));
    }
    node
}

/// `provenance` and `sbom`: a boolean or a text.
#[derive(Clone, Debug)]
pub(crate) struct Attestation(pub(crate) Text);

impl Key for Attestation {
    const SHAPE: Shape = Shape::of(&[Form::Text, Form::Bool]);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        Text::decode(node, at, sink).map(Self)
    }

    fn print(&self, printer: Printer) -> Printed {
        self.0.print(printer)
    }
}

/// `ssh`: `id` or `id=path`, printed as a list sorted by id.
#[derive(Clone, Debug)]
pub(crate) struct SshKeys(pub(crate) KeyValues);

impl Key for SshKeys {
    const SHAPE: Shape =
        Shape::of(super::key_values::LIST_OR_MAP).path(PathKind::UnixValues).long(pairs_to_map);

    fn decode(node: Node, _: &Path<'_>, _: &mut Sink) -> Option<Self> {
        KeyValues::decode(node).map(Self)
    }

    fn print(&self, _: Printer) -> Printed {
        let item = |(id, entry): (&String, &super::key_values::KeyValue)| match &entry.value {
            Some(path) if !path.value.is_empty() => Printed::text(entry.key, format!("{id}: {}", path.value)),
            _ => Printed::text(entry.key, id.clone()),
        };
        Printed::new(self.0.span, PrintedValue::List(self.0.entries.iter().map(item).collect()))
    }
}

/// `additional_contexts`: contexts by name.
#[derive(Clone, Debug)]
pub(crate) struct Contexts(pub(crate) KeyValues);

const CONTEXT: Shape = Shape::of(&[Form::Text, Form::Number, Form::Bool, Form::Null]).crashes_on_null();
const CONTEXTS: &[Form] = &[Form::Named(NameRule::Any, &CONTEXT), Form::List(&Text::SHAPE)];

impl Key for Contexts {
    const SHAPE: Shape =
        Shape { forms: CONTEXTS, ..Labels::SHAPE }.path(PathKind::ContextValues).long(contexts);

    fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
        Labels::decode(node, at, sink).map(|labels| Self(labels.0))
    }

    fn print(&self, printer: Printer) -> Printed {
        Labels(self.0.clone()).print(printer)
    }
}

/// A list of `name=context` becomes a mapping; a name alone says nothing.
fn contexts(mut node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    if let Value::List(items) = &mut node.value {
        items.retain(|item| {
            let whole = item.as_text().is_none_or(|text| text.contains('='));
            if !whole {
                let text = item.as_text().unwrap_or_default();
                context.sink.push(
                    Diagnostic::new(LoadCode::BadValue, format!("`{text}` in `{at}` names no context"))
                        .at(item.span)
                        .path(at.to_string())
                        .help(format!("write where it is: `{text}=./directory`")),
                );
            }
            whole
        });
    }
    pairs_to_map(node, at, context)
}

/// A list of `key=value` becomes a mapping.
fn pairs_to_map(node: Node, _: &Path<'_>, _: &mut Context<'_>) -> Node {
    let Value::List(items) = node.value else { return node };
    let entry = |item: Node| {
        let text = item.as_text()?;
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key.to_owned(), Value::Text(value.to_owned())),
            None => (text.to_owned(), Value::Null),
        };
        Some((key, crate::yaml::Entry { key: item.span, node: value.at(&item) }))
    };
    Node { span: node.span, tag: node.tag, value: Value::Map(items.into_iter().filter_map(entry).collect()) }
}
