//! The top level: networks, volumes, configs, secrets, models, and the keys that loading consumes.

use crate::compose::codes::LoadCode;
use crate::compose::grammar::pattern::is_extension;
use crate::compose::path::Path;
use crate::compose::paths::Base;
use crate::diag::{Diagnostic, Severity};
use crate::yaml::{Node, Value};

use super::key_values::{KeyValues, Labels, Options};
use super::list::{List, TextOrList, Texts};
use super::long::Context;
use super::named::Named;
use super::scalar::{Flag, INTEGER, Text, Whole};
use super::service::{Service, Unprinted};
use super::shape::{Absent, Cast, Field, Form, Merge, NameRule, PathKind, Shape};
use super::{Key, keys};

const SERVICE: Shape = <Service as Key>::SHAPE;
const NETWORK: Shape = <Network as Key>::SHAPE;
const MODEL: Shape = <Model as Key>::SHAPE;
const INCLUDE: Shape = Shape::of(&[Form::Text, Form::Lenient(Include::FIELDS)]);

keys! {
    /// A whole Compose file.
    struct Top = Shape::of(&[Form::Fields(Top::FIELDS)]); {
        /// Name of the project.
        name: Text,
        /// Means nothing any more.
        version: Text,
        /// Services by name.
        services: Named<Service> [forms(&[Form::Named(NameRule::Resource, &SERVICE)]) kept()],
        /// Networks by name.
        networks: Named<Network> [forms(&[Form::Named(NameRule::Any, &NETWORK)])],
        /// Volumes by name.
        volumes: Named<Volume>,
        /// Secrets by name.
        secrets: Named<Secret>,
        /// Configs by name.
        configs: Named<Config>,
        /// Language models by name.
        models: Named<Model> [forms(&[Form::Named(NameRule::Any, &MODEL)]) only_yaml()],
        /// Other Compose files, whose resources are added.
        include: List<Include> [forms(&[Form::List(&INCLUDE)])],
    }
}

keys! {
    /// One included project.
    struct Include = INCLUDE; {
        /// Its files.
        path: TextOrList,
        /// Its env files.
        env_file: TextOrList,
        /// Directory that its paths start from.
        project_directory: Text,
    }
}

/// Rows of an external reference in the old form.
const EXTERNAL: &[Field] = &[Field::new("name", Text::SHAPE, "Real name of the external resource.")];
const STRICT: &[Form] = &[Form::Bool, Form::Text, Form::Fields(EXTERNAL)];
const LENIENT: &[Form] = &[Form::Bool, Form::Text, Form::Lenient(EXTERNAL)];

keys! {
    /// A network.
    struct Network = Shape::of(&[Form::Fields(Network::FIELDS), Form::Null]).long(external_name); {
        /// Its real name.
        name: Text,
        /// Who makes it.
        driver: Text,
        /// For the driver.
        driver_opts: Options,
        /// How addresses are given out.
        ipam: Ipam [absent(Absent::Mapping)],
        /// Somebody else makes it.
        external: Flag [forms(STRICT)],
        /// No way to the outside.
        internal: Flag,
        /// Containers may join by hand.
        attachable: Flag,
        /// Labels of the network.
        labels: Labels,
        /// Give out IPv4 addresses.
        enable_ipv4: Flag [kept()],
        /// Give out IPv6 addresses.
        enable_ipv6: Flag [kept()],
    }
}

keys! {
    /// How addresses are given out.
    struct Ipam; {
        /// Who gives them.
        driver: Text,
        /// Pools to give from.
        config: List<AddressPool> [merge(Merge::Pools)],
        /// For the driver; read and lost, as in Compose 2.40.
        options: LostOptions,
    }
}

keys! {
    /// One pool of addresses.
    struct AddressPool; {
        /// The whole pool.
        subnet: Text,
        /// Address of the gateway.
        gateway: Text,
        /// Part that containers get addresses from.
        ip_range: Text,
        /// Addresses that are taken.
        aux_addresses: TextValues,
    }
}

const TEXT: Shape = Text::SHAPE;

/// A mapping of texts.
#[derive(Clone, Debug)]
pub(crate) struct TextValues(pub(crate) KeyValues);

/// A mapping of texts that is not printed.
#[derive(Clone, Debug)]
pub(crate) struct LostOptions(pub(crate) KeyValues);

impl Key for TextValues {
    const SHAPE: Shape = Shape::of(&[Form::Named(NameRule::Any, &TEXT)]);

    fn decode(node: Node, at: &Path<'_>, sink: &mut crate::diag::Sink) -> Option<Self> {
        Labels::decode(node, at, sink).map(|labels| Self(labels.0))
    }

    fn print(&self, printer: crate::compose::print::Printer) -> crate::compose::print::Printed {
        Labels(self.0.clone()).print(printer)
    }
}

impl Key for LostOptions {
    const SHAPE: Shape = TextValues::SHAPE;

    fn decode(node: Node, at: &Path<'_>, sink: &mut crate::diag::Sink) -> Option<Self> {
        Labels::decode(node, at, sink).map(|labels| Self(labels.0))
    }

    fn print(&self, _: crate::compose::print::Printer) -> crate::compose::print::Printed {
        crate::compose::print::Printed::new(self.0.span, crate::compose::print::PrintedValue::Null)
    }
}

keys! {
    /// A volume.
    struct Volume = Shape::of(&[Form::Fields(Volume::FIELDS), Form::Null]).long(external_name).path(PathKind::By(resolve_device)).settle(lone_external); {
        /// Its real name.
        name: Text,
        /// Who makes it.
        driver: Text,
        /// For the driver.
        driver_opts: Options,
        /// Somebody else makes it.
        external: Flag [forms(STRICT)],
        /// Labels of the volume.
        labels: Labels,
    }
}

/// Name of the rows below that hold the value of a variable; no key of Compose, never printed.
pub(crate) const VALUE: &str = "\0value";

keys! {
    /// A secret.
    struct Secret = Shape::of(&[Form::Fields(Secret::FIELDS)]).long(external_name).settle(one_secret_source); {
        /// Its real name.
        name: Text,
        /// File that holds it.
        file: Text [path(PathKind::Unix)],
        /// Variable that holds it.
        environment: Text,
        /// Somebody else makes it.
        external: Flag [forms(LENIENT)],
        /// Labels of the secret.
        labels: Labels [merge(Merge::General)],
        /// Who makes it.
        driver: Text,
        /// For the driver.
        driver_opts: Options,
        /// Who expands its text.
        template_driver: Text,
        /// Set by loading: the value of `environment`. No key of Compose.
        value as "\0value": Unprinted,
    }
}

keys! {
    /// A config.
    struct Config = Shape::of(&[Form::Fields(Config::FIELDS)]).long(external_name).settle(one_config_source); {
        /// Its real name.
        name: Text,
        /// File that holds it.
        file: Text [path(PathKind::Unix)],
        /// Variable that holds it.
        environment: Text,
        /// The text itself.
        content: Text,
        /// Somebody else makes it.
        external: Flag [forms(LENIENT)],
        /// Labels of the config.
        labels: Labels [merge(Merge::General)],
        /// Who expands its text.
        template_driver: Text,
        /// Set by loading: the value of `environment`. No key of Compose.
        value as "\0value": Unprinted,
    }
}

keys! {
    /// A language model.
    struct Model = Shape::of(&[Form::Fields(Model::FIELDS)]); {
        /// Its real name.
        name: Text,
        /// Where it comes from.
        model: Text [required()],
        /// Size of its context in tokens.
        context_size: Whole [forms(INTEGER) cast(Cast::None)],
        /// For the program that runs it.
        runtime_flags: Texts,
    }
}

/// `external: {name: n}` is the old form of `external: true` and `name: n` (L34).
fn external_name(mut node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    let Some(map) = node.as_map_mut() else { return node };
    let Some(external) = map.get_mut("external") else { return node };
    let place = Node::new(external.node.span, Value::Null);
    let key = external.key;
    let Value::Map(old) = &mut external.node.value else { return node };
    let old_name = old.remove("name");
    external.node = Value::Bool(true).at(&place);
    let Some(old_name) = old_name else { return node };
    context.sink.push(
        Diagnostic::new(
            LoadCode::ExternalName,
            format!("`{}` is the old form", at.key("external").key("name")),
        )
        .severity(Severity::Warning)
        .at(old_name.key)
        .path(at.key("external").key("name").to_string())
        .help("write `external: true` and `name: …` beside it"),
    );
    match map.get("name") {
        Some(name) if name.node.as_text() != old_name.node.as_text() => context.sink.push(
            Diagnostic::new(LoadCode::ExclusiveKeys, format!("`name` and `external.name` differ in `{at}`"))
                .at(name.key)
                .also(key, "the other name")
                .path(at.to_string())
                .help("keep `name`, and write `external: true`"),
        ),
        Some(_) => {}
        None => {
            map.insert("name".to_owned(), old_name);
        }
    }
    node
}

/// The device of a local bind volume is a path; nothing else in driver options is (L37).
fn resolve_device(volume: &mut Node, base: &Base<'_>) {
    if volume.get("driver").and_then(Node::as_text) != Some("local") {
        return;
    }
    let options = volume.as_map_mut().and_then(|map| map.get_mut("driver_opts"));
    let Some(options) = options.and_then(|entry| entry.node.as_map_mut()) else { return };
    if options.get("o").and_then(|entry| entry.node.as_text()) != Some("bind") {
        return;
    }
    if let Some(device) = options.get_mut("device")
        && let Value::Text(text) = &mut device.node.value
    {
        *text = base.unix(text);
    }
}

fn is_external(node: &Node) -> bool {
    node.get("external").is_some_and(|external| !matches!(external.value, Value::Bool(false) | Value::Null))
}

/// An external volume has nothing but its name (L38).
fn lone_external(node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    if !is_external(&node) {
        return node;
    }
    let map = node.as_map().into_iter().flatten();
    let others = map.filter(|(key, _)| !matches!(key.as_str(), "external" | "name") && !is_extension(key));
    for (key, entry) in others {
        context.sink.push(
            Diagnostic::new(LoadCode::ExternalConflict, format!("`{key}` beside `external: true` in `{at}`"))
                .at(entry.key)
                .path(at.key(key).to_string())
                .help("an external volume is made by somebody else: leave only `name`"),
        );
    }
    node
}

fn one_secret_source(node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    one_source(node, &["file", "environment"], at, context)
}

fn one_config_source(node: Node, at: &Path<'_>, context: &mut Context<'_>) -> Node {
    one_source(node, &["file", "environment", "content"], at, context)
}

/// A config or secret has exactly one source, unless somebody else makes it (L38).
fn one_source(node: Node, sources: &[&str], at: &Path<'_>, context: &mut Context<'_>) -> Node {
    let Some(map) = node.as_map() else { return node };
    let mut written = sources.iter().filter_map(|source| map.get(*source));
    match (written.next(), written.next()) {
        (Some(first), Some(second)) => context.sink.push(
            Diagnostic::new(LoadCode::ExclusiveKeys, format!("two sources in `{at}`"))
                .at(second.key)
                .also(first.key, "the other one")
                .path(at.to_string())
                .help(format!("keep one of {}", keys(sources))),
        ),
        (None, _) if !is_external(&node) && !map.contains_key("driver") => context.sink.push(
            Diagnostic::new(LoadCode::MissingSource, format!("no source in `{at}`"))
                .at(node.span)
                .path(at.to_string())
                .help(format!("write one of {}, or `external: true`", keys(sources))),
        ),
        _ => {}
    }
    node
}

fn keys(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}:`")).collect::<Vec<_>>().join(", ")
}
