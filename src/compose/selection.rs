//! Steps 10 and 11: which services are on, which were asked for, which resources they use (L42–L44).

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Sink, nearest};

use super::codes::LoadCode;
use super::grammar::pattern::Glob;
use super::keys::named::Keyed;
use super::keys::service::Service;
use super::project::Project;
use super::request::Request;

/// Marks the services that profiles enable, and those named, whose profiles come on with them.
pub(crate) fn activate(project: &mut Project, request: &Request) {
    let mut profiles = if request.profiles.is_empty() {
        let variable = project.environment.get("COMPOSE_PROFILES").unwrap_or_default();
        variable.split(',').map(|name| name.trim().to_owned()).collect()
    } else {
        request.profiles.clone()
    };
    for name in &request.services {
        if let Some(service) = project.service(name)
            && !is_enabled(&service.value, &profiles)
        {
            profiles.extend(profiles_of(&service.value).map(ToOwned::to_owned));
        }
    }
    project.active = enabled(project, &profiles);
    project.profiles = profiles;
}

fn enabled(project: &Project, profiles: &[String]) -> BTreeSet<String> {
    let on = project.services().filter(|(_, service)| is_enabled(&service.value, profiles));
    on.map(|(name, _)| name.clone()).collect()
}

fn profiles_of(service: &Service) -> impl Iterator<Item = &str> {
    service.profiles.iter().flat_map(|profiles| &profiles.items).map(|profile| profile.value.as_str())
}

fn is_enabled(service: &Service, active: &[String]) -> bool {
    let mut own = profiles_of(service).peekable();
    own.peek().is_none()
        || active.iter().any(|name| name == "*")
        || own.any(|profile| active.iter().any(|name| name == profile))
}

/// Marks what was asked for, takes dependencies out of it that were not, and finds the resources in use.
pub(crate) fn select(project: &mut Project, request: &Request, sink: &mut Sink) {
    project.selected =
        if request.services.is_empty() { project.active.clone() } else { named(project, request, sink) };
    if !request.services.is_empty() {
        forget_unselected(project);
    }
    if project.selected.is_empty() && !sink.has_errors() {
        sink.push(empty(project));
    }
    mark_used(project, request.all_resources);
}

fn named(project: &Project, request: &Request, sink: &mut Sink) -> BTreeSet<String> {
    let mut wanted: Vec<String> = Vec::new();
    for pattern in &request.services {
        let matches: Vec<String> = match Glob::parse(pattern) {
            Ok(glob) => project.active.iter().filter(|name| glob.matches(name)).cloned().collect(),
            Err(_) => Vec::new(),
        };
        if matches.is_empty() {
            let names = project.services().map(|(name, _)| name.as_str());
            let diagnostic = Diagnostic::new(LoadCode::UnknownService, format!("no service `{pattern}`"));
            sink.push(match nearest(pattern, names) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")).suggest(near),
                None => diagnostic.help("`rcompose config --services` lists them"),
            });
        }
        wanted.extend(matches);
    }
    let mut selected = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        if !project.active.contains(&name) || !selected.insert(name.clone()) || request.no_dependencies {
            continue;
        }
        let Some(service) = project.service(&name) else { continue };
        wanted.extend(service.value.depends_on.iter().flat_map(|depends| depends.0.entries.keys().cloned()));
    }
    selected
}

/// Dependencies outside the selection are removed (L43).
fn forget_unselected(project: &mut Project) {
    let selected = project.selected.clone();
    let Some(services) = &mut project.top.services else { return };
    for (name, service) in &mut services.entries {
        if let Some(depends) = &mut service.value.depends_on
            && selected.contains(name)
        {
            depends.0.entries.retain(|on, _| selected.contains(on));
        }
    }
}

fn empty(project: &Project) -> Diagnostic {
    let profiles: BTreeSet<&str> =
        project.services().flat_map(|(_, service)| profiles_of(&service.value)).collect();
    let diagnostic = Diagnostic::new(LoadCode::EmptyProject, "no service is active");
    if profiles.is_empty() {
        diagnostic.help("write at least one service below `services:`")
    } else {
        let list: Vec<&str> = profiles.into_iter().collect();
        diagnostic.help(format!("turn a profile on with `--profile`: {}", list.join(", ")))
    }
}

fn mark_used(project: &mut Project, all: bool) {
    let mut used = super::project::Used::default();
    if all {
        used.networks = names(project.top.networks.as_ref());
        used.volumes = names(project.top.volumes.as_ref());
        used.configs = names(project.top.configs.as_ref());
        used.secrets = names(project.top.secrets.as_ref());
        used.models = names(project.top.models.as_ref());
    } else {
        for (_, service) in project.services().filter(|(name, _)| project.selected.contains(*name)) {
            add_used(&mut used, service);
        }
    }
    project.used = used;
}

fn names<T>(named: Option<&super::keys::named::Named<T>>) -> BTreeSet<String> {
    named.into_iter().flat_map(|named| named.entries.keys().cloned()).collect()
}

fn add_used(used: &mut super::project::Used, service: &Keyed<Service>) {
    let service = &service.value;
    used.networks.extend(service.networks.iter().flat_map(|networks| networks.0.entries.keys().cloned()));
    used.models.extend(service.models.iter().flat_map(|models| models.0.entries.keys().cloned()));
    let sources = |grants: &super::keys::list::List<super::keys::access::Grant>| {
        grants
            .items
            .iter()
            .filter_map(|grant| grant.source.as_ref().map(|source| source.value.clone()))
            .collect::<Vec<_>>()
    };
    used.configs.extend(service.configs.iter().flat_map(|configs| sources(&configs.0)));
    used.secrets.extend(service.secrets.iter().flat_map(|secrets| sources(&secrets.0)));
    let build_secrets = service.build.iter().filter_map(|build| build.secrets.as_ref());
    used.secrets.extend(build_secrets.flat_map(|secrets| sources(&secrets.0)));
    for mount in service.volumes.iter().flat_map(|mounts| &mounts.0.items) {
        let is_volume = mount.kind.as_ref().is_some_and(|kind| kind.value == "volume");
        if let (true, Some(source)) = (is_volume, &mount.source) {
            used.volumes.insert(source.value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::Request;
    use crate::compose::testing::{at, files};

    const TEXT: &str =
        "services: {a: {image: i, depends_on: [b]}, b: {image: i}, c: {image: i, profiles: [p]}}";

    fn names(request: &Request) -> String {
        let json = at(&files(&[("compose.yaml", TEXT)]), request, "/services");
        json.parse::<serde_json::Value>().map_or(json, |services| {
            services
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        })
    }

    #[test]
    fn profiles_enable_and_names_select_with_their_dependencies() {
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&Request::default()), "a b");
        assert_eq!(names(&Request { profiles: named(&["p"]), ..Request::default() }), "a b c");
        assert_eq!(names(&Request { profiles: named(&["*"]), ..Request::default() }), "a b c");
        assert_eq!(names(&Request { services: named(&["b"]), ..Request::default() }), "b");
        assert_eq!(names(&Request { services: named(&["a"]), ..Request::default() }), "a b");
        assert_eq!(names(&Request { services: named(&["c"]), ..Request::default() }), "c");
        let alone = Request { services: named(&["a"]), no_dependencies: true, ..Request::default() };
        assert_eq!(names(&alone), "a");
        assert_eq!(names(&Request { services: named(&["x"]), ..Request::default() }), "- unknown-service");
    }
}
