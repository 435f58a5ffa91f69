//! Step 9, and the look-up at the end of step 8: puts in what Compose takes for granted (L38, L39).

use crate::diag::{Diagnostic, Severity, Sink, Span};
use crate::yaml::{Entry, Mapping, Node, Value};

use super::codes::LoadCode;
use super::environment::Environment;
use super::keys::depends_on::dependency;
use super::keys::long::put_default;
use super::keys::top::VALUE;
use super::keys::volumes;

/// Looks up what names a variable: configs and secrets, and `environment` items without `=` (L38).
pub(crate) fn look_up(tree: &mut Node, environment: &Environment, sink: &mut Sink) {
    for kind in ["configs", "secrets"] {
        for (name, entry) in members(tree, kind) {
            look_up_source(&format!("{kind}.{name}"), &mut entry.node, environment, sink);
        }
    }
    for (_, service) in members(tree, "services") {
        if let Some(Value::List(items)) = value_mut(&mut service.node, "environment") {
            fill_items(items, environment);
        }
    }
}

fn look_up_source(at: &str, node: &mut Node, environment: &Environment, sink: &mut Sink) {
    let Some(variable) = node.get("environment") else { return };
    let (name, span) = (variable.as_text().unwrap_or_default().to_owned(), variable.span);
    match environment.get(&name) {
        Some(value) => {
            if let Some(map) = node.as_map_mut() {
                map.insert(VALUE.to_owned(), Entry { key: span, node: Node::text(span, value) });
            }
        }
        None => sink.push(
            Diagnostic::new(LoadCode::UnsetConfigSource, format!("variable `{name}` of `{at}` is not set"))
                .severity(Severity::Note)
                .at(span)
                .path(format!("{at}.environment"))
                .help("set it in the environment or in `.env`"),
        ),
    }
}

/// Puts the value behind each item without `=` whose variable is set.
fn fill_items(items: &mut [Node], environment: &Environment) {
    for item in items {
        if let Value::Text(text) = &mut item.value
            && !text.contains('=')
            && let Some(value) = environment.get(text)
        {
            *text = format!("{text}={value}");
        }
    }
}

fn fill_nulls(map: &mut Mapping, environment: &Environment) {
    for (key, entry) in map {
        if entry.node.is_null()
            && let Some(value) = environment.get(key)
        {
            entry.node.value = Value::Text(value.to_owned());
        }
    }
}

fn members<'t>(
    tree: &'t mut Node,
    kind: &str,
) -> impl Iterator<Item = (&'t String, &'t mut Entry)> + use<'t> {
    let map = tree.as_map_mut().and_then(|map| map.get_mut(kind)).and_then(|entry| entry.node.as_map_mut());
    map.into_iter().flatten()
}

fn value_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Value> {
    node.as_map_mut()?.get_mut(key).map(|entry| &mut entry.node.value)
}

/// Puts in what Compose takes for granted of a whole project.
pub(crate) fn complete(tree: &mut Node, project: &str, environment: &Environment) {
    let mut default_network = None;
    for (_, service) in members(tree, "services") {
        let place = Node::new(service.key, Value::Null);
        if let Some(span) = service_defaults(&mut service.node, &place, environment) {
            default_network.get_or_insert(span);
        }
    }
    if let Some(span) = default_network {
        let place = Node::new(span, Value::Null);
        if let Some(map) = tree.as_map_mut() {
            put_default(map, "networks", &place, Value::Map(Mapping::new()));
            if let Some(Value::Map(networks)) = map.get_mut("networks").map(|entry| &mut entry.node.value) {
                put_default(networks, "default", &place, Value::Map(Mapping::new()));
            }
        }
    }
    for kind in ["networks", "volumes", "configs", "secrets"] {
        for (name, entry) in members(tree, kind) {
            real_name(name, &mut entry.node, project);
        }
    }
}

/// Completes one service; returns its place when it stands on the default network.
fn service_defaults(service: &mut Node, place: &Node, environment: &Environment) -> Option<Span> {
    let map = service.as_map_mut()?;
    let mut on_default = false;
    if !map.contains_key("provider") && !map.contains_key("network_mode") {
        let networks = map.entry("networks".to_owned()).or_insert_with(|| Entry {
            key: place.span,
            node: Node::new(place.span, Value::Map(Mapping::new())),
        });
        let empty = networks.node.as_map().is_none_or(Mapping::is_empty);
        if empty {
            let entry = Entry { key: place.span, node: Value::Null.at(place) };
            networks.node.value = Value::Map(Mapping::from([("default".to_owned(), entry)]));
        }
        on_default = networks.node.get("default").is_some();
    }
    if let Some(Value::Text(policy)) = map.get_mut("pull_policy").map(|entry| &mut entry.node.value)
        && policy == "if_not_present"
    {
        "missing".clone_into(policy);
    }
    if let Some(build) = map.get_mut("build").and_then(|entry| entry.node.as_map_mut()) {
        if !build.contains_key("dockerfile_inline") {
            put_default(build, "dockerfile", place, Value::Text("Dockerfile".into()));
        }
        fill_key_values(build, "args", environment);
        drop_unset(build, "args");
    }
    fill_key_values(map, "environment", environment);
    if let Some(mounts) = map.get_mut("volumes") {
        volumes::clean_targets(&mut mounts.node);
    }
    imply_dependencies(map, place);
    on_default.then_some(place.span)
}

fn fill_key_values(map: &mut Mapping, key: &str, environment: &Environment) {
    match map.get_mut(key).map(|entry| &mut entry.node.value) {
        Some(Value::List(items)) => fill_items(items, environment),
        Some(Value::Map(values)) => fill_nulls(values, environment),
        _ => {}
    }
}

/// Build arguments that are set nowhere are dropped.
fn drop_unset(map: &mut Mapping, key: &str) {
    let Some(value) = map.get_mut(key).map(|entry| &mut entry.node.value) else { return };
    match value {
        Value::List(items) => {
            items.retain(|item| item.as_text().is_none_or(|text| text.contains('=')));
            if items.is_empty() {
                *value = Value::Null;
            }
        }
        Value::Map(values) => values.retain(|_, entry| !entry.node.is_null()),
        _ => {}
    }
}

/// Dependencies that follow from links and shared namespaces, where none is written for the name.
fn imply_dependencies(map: &mut Mapping, place: &Node) {
    let mut implied: Vec<(String, Node)> = Vec::new();
    for link in map.get("links").and_then(|entry| entry.node.as_list()).unwrap_or_default() {
        let Some(text) = link.as_text() else { continue };
        let mut parts = text.split(':');
        let name = match (parts.next(), parts.next(), parts.next()) {
            (Some(name), _, None) => name,
            _ => text,
        };
        implied.push((name.to_owned(), dependency(link, Some(true))));
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let Some(mode) = map.get(key).map(|entry| &entry.node) else { continue };
        if let Some(name) = mode.as_text().and_then(|text| text.strip_prefix("service:")) {
            implied.push((name.to_owned(), dependency(mode, Some(true))));
        }
    }
    for from in map.get("volumes_from").and_then(|entry| entry.node.as_list()).unwrap_or_default() {
        let Some(text) = from.as_text().filter(|text| !text.starts_with("container:")) else { continue };
        let name = text.split(':').next().unwrap_or(text);
        implied.push((name.to_owned(), dependency(from, Some(false))));
    }
    if implied.is_empty() {
        return;
    }
    put_default(map, "depends_on", place, Value::Map(Mapping::new()));
    let Some(Value::Map(dependencies)) = map.get_mut("depends_on").map(|entry| &mut entry.node.value) else {
        return;
    };
    for (name, node) in implied {
        dependencies.entry(name).or_insert_with(|| Entry { key: node.span, node });
    }
}

/// The real name of a resource: its key if somebody else makes it, else with the project's name before it.
fn real_name(key: &str, node: &mut Node, project: &str) {
    let place = Node::new(node.span, Value::Null);
    if node.is_null() {
        node.value = Value::Map(Mapping::new());
    }
    let Some(map) = node.as_map_mut() else { return };
    let external = matches!(
        map.get("external").map(|entry| &entry.node.value),
        Some(Value::Bool(true) | Value::Text(_))
    );
    let name = if external { key.to_owned() } else { format!("{project}_{key}") };
    put_default(map, "name", &place, Value::Text(name));
}

#[cfg(test)]
mod tests {
    use crate::compose::testing::one;

    #[test]
    fn who_says_nothing_of_networks_stands_on_the_default_one() {
        let text = "name: p\nservices: {a: {image: i}, b: {image: i, network_mode: none}}";
        assert_eq!(one(text, "/services/a/networks"), r#"{"default":null}"#);
        assert_eq!(one(text, "/services/b/networks"), "absent");
        assert_eq!(one(text, "/networks/default/name"), r#""p_default""#);
    }

    #[test]
    fn links_and_shared_namespaces_imply_dependencies() {
        let text =
            "services: {a: {image: i, links: ['b:x'], ipc: 'service:c'}, b: {image: i}, c: {image: i}}";
        let expected = r#"{"condition":"service_started","required":true,"restart":true}"#;
        assert_eq!(one(text, "/services/a/depends_on/b"), expected);
        assert_eq!(one(text, "/services/a/depends_on/c"), expected);
    }
}
