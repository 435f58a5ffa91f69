//! Relations between keys and between services (step 10 and 11). All problems are reported, not the first one.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Severity, Sink, Span, nearest};

use super::codes::LoadCode;
use super::grammar::path;
use super::keys::access::Grant;

use super::keys::named::{Keyed, Named};
use super::keys::scalar::{Text, Whole};
use super::keys::service::Service;
use super::project::Project;

/// Errors after which no similar names are looked for.
const MANY: usize = 100;

/// Checks the active services, and copies `scale` to where `deploy` says it (L: 13).
pub(crate) fn check(project: &mut Project, sink: &mut Sink) {
    let (damaged, errors) = (damaged(sink), sink.has_errors());
    for (name, service) in project.active_services() {
        // What should have been inherited may be what is missing.
        let broken = damaged.contains(name.as_str()) || errors && service.value.extends.is_some();
        let mut check = Check { project, name, service, sink, broken };
        check.image();
        check.build();
        check.references();
        check.health();
        check.dependencies();
        check.scale();
        check.resources();
        check.mounts();
        check.watch();
    }
    check_secrets(project, sink);
    check_cycles(project, sink);
    copy_scale(project);
}

/// Services that lost a key to an error; what they lack may be what they lost.
fn damaged(sink: &Sink) -> BTreeSet<String> {
    let errors = sink.diagnostics().iter().filter(|found| found.severity == Severity::Error);
    errors.filter_map(|found| found.service.clone().or_else(|| service_of(found.path.as_deref()?))).collect()
}

fn service_of(path: &str) -> Option<String> {
    path.strip_prefix("services.")?.split(['.', '[']).next().map(ToOwned::to_owned)
}

struct Check<'a> {
    project: &'a Project,
    name: &'a str,
    service: &'a Keyed<Service>,
    sink: &'a mut Sink,
    broken: bool,
}

impl Check<'_> {
    fn report(&mut self, code: LoadCode, span: Span, key: &str, message: String, help: &str) {
        self.push(Diagnostic::new(code, message).at(span).help(help), key);
    }

    fn push(&mut self, diagnostic: Diagnostic, key: &str) {
        let path = if key.is_empty() {
            format!("services.{}", self.name)
        } else {
            format!("services.{}.{key}", self.name)
        };
        self.sink.push(diagnostic.path(path).service(self.name));
    }

    fn image(&mut self) {
        let service = &self.service.value;
        let has_image = service.image.as_ref().is_some_and(|image| !image.value.is_empty());
        if !has_image && service.build.is_none() && service.provider.is_none() && !self.broken {
            let message = format!("service `{}` has neither an image nor a build", self.name);
            self.report(LoadCode::MissingImage, self.service.key, "", message, "write `image:` or `build:`");
        }
    }

    fn build(&mut self) {
        let Some(build) = &self.service.value.build else { return };
        if let (Some(file), Some(inline)) = (&build.dockerfile, &build.dockerfile_inline) {
            let diagnostic = Diagnostic::new(
                LoadCode::ExclusiveKeys,
                "`dockerfile` and `dockerfile_inline` exclude each other",
            )
            .at(inline.span)
            .also(file.span, "the other one")
            .help("keep one of them");
            self.push(diagnostic, "build");
        }
        for (context, entry) in build.additional_contexts.iter().flat_map(|contexts| &contexts.0.entries) {
            let Some(value) = &entry.value else { continue };
            let Some(wanted) = value.value.strip_prefix("service:") else { continue };
            let problem = match self.project.service(wanted) {
                None => "does not exist",
                Some(other) if other.value.build.is_none() => "is not built",
                Some(_) => continue,
            };
            let message = format!("build context `{context}` is service `{wanted}`, which {problem}");
            self.report(
                LoadCode::UnknownBuildContext,
                value.span,
                "build.additional_contexts",
                message,
                "name a service with `build:`",
            );
        }
        if let (Some(platform), Some(platforms)) = (&self.service.value.platform, &build.platforms)
            && !platforms.items.is_empty()
            && !platforms.items.iter().any(|item| item.value == platform.value)
        {
            let diagnostic = Diagnostic::new(
                LoadCode::PlatformMismatch,
                format!("`{}` is not among `build.platforms`", platform.value),
            )
            .at(platform.span)
            .also(platforms.span, "what is built")
            .help("add it there, or leave `build.platforms` out");
            self.push(diagnostic, "platform");
        }
    }

    fn references(&mut self) {
        let service = &self.service.value;
        if let (Some(mode), Some(networks)) = (&service.network_mode, &service.networks)
            && !networks.0.entries.is_empty()
        {
            let diagnostic =
                Diagnostic::new(LoadCode::ExclusiveKeys, "`network_mode` and `networks` exclude each other")
                    .at(mode.span)
                    .also(networks.0.span, "the other one")
                    .help("keep one of them");
            self.push(diagnostic, "network_mode");
        }
        for (name, entry) in service.networks.iter().flat_map(|networks| &networks.0.entries) {
            self.defined(
                LoadCode::UndefinedNetwork,
                "network",
                name,
                entry.key,
                "networks",
                self.project.top.networks.as_ref(),
            );
        }
        for (name, entry) in service.models.iter().flat_map(|models| &models.0.entries) {
            self.defined(
                LoadCode::UndefinedModel,
                "model",
                name,
                entry.key,
                "models",
                self.project.top.models.as_ref(),
            );
        }
        for mount in service.volumes.iter().flat_map(|mounts| &mounts.0.items) {
            let is_volume = mount.kind.as_ref().is_some_and(|kind| kind.value == "volume");
            if let (true, Some(source)) = (is_volume, &mount.source)
                && !source.value.is_empty()
            {
                self.defined(
                    LoadCode::UndefinedVolume,
                    "volume",
                    &source.value,
                    source.span,
                    "volumes",
                    self.project.top.volumes.as_ref(),
                );
            }
        }
        let build_secrets = service.build.iter().filter_map(|build| build.secrets.as_ref());
        for grant in service
            .secrets
            .iter()
            .flat_map(|secrets| &secrets.0.items)
            .chain(build_secrets.flat_map(|secrets| &secrets.0.items))
        {
            self.granted(
                LoadCode::UndefinedSecret,
                "secret",
                grant,
                "secrets",
                self.project.top.secrets.as_ref(),
            );
        }
        for grant in service.configs.iter().flat_map(|configs| &configs.0.items) {
            self.granted(
                LoadCode::UndefinedConfig,
                "config",
                grant,
                "configs",
                self.project.top.configs.as_ref(),
            );
        }
    }

    fn granted<T>(&mut self, code: LoadCode, kind: &str, grant: &Grant, key: &str, known: Option<&Named<T>>) {
        let (name, span) =
            grant.source.as_ref().map_or(("", grant.span), |source| (source.value.as_str(), source.span));
        self.defined(code, kind, name, span, key, known);
    }

    fn defined<T>(
        &mut self,
        code: LoadCode,
        kind: &str,
        name: &str,
        span: Span,
        key: &str,
        known: Option<&Named<T>>,
    ) {
        if known.is_some_and(|known| known.entries.contains_key(name)) {
            return;
        }
        // With this many errors nobody reads suggestions, and each costs a look at all names.
        let names = known.into_iter().flat_map(|known| known.entries.keys()).map(String::as_str);
        let names = names.take(if self.sink.errors() < MANY { usize::MAX } else { 0 });
        let diagnostic =
            Diagnostic::new(code, format!("{kind} `{name}` is used by `{}` and defined nowhere", self.name))
                .at(span);
        let diagnostic = match nearest(name, names) {
            Some(near) => diagnostic.label(format!("did you mean `{near}`?")).suggest(near),
            None => diagnostic.help(format!("define it at the top level: `{key}: {{{name}: …}}`")),
        };
        self.push(diagnostic, key);
    }

    fn health(&mut self) {
        let Some(test) = self.service.value.healthcheck.as_ref().and_then(|health| health.test.as_ref())
        else {
            return;
        };
        let Some(first) = test.0.words.first() else { return };
        if !matches!(first.value.as_str(), "CMD" | "CMD-SHELL" | "NONE") {
            let message = format!("the test begins with `{}`", first.value);
            self.report(
                LoadCode::BadHealthcheck,
                first.span,
                "healthcheck.test",
                message,
                "a list begins with `CMD`, `CMD-SHELL` or `NONE`; a plain text is a shell command",
            );
        }
    }

    fn dependencies(&mut self) {
        for (on, entry) in self.service.value.depends_on.iter().flat_map(|depends| &depends.0.entries) {
            let required = entry.value.required.as_ref().is_none_or(|required| required.value);
            let problem = match self.project.service(on) {
                None => "does not exist",
                Some(_) if required && !self.project.active.contains(on) => "is off by its profile",
                Some(_) => continue,
            };
            // Never itself: a service that waits for itself is the next error.
            let names = self.project.services().map(|(name, _)| name.as_str());
            let names = names.filter(|name| *name != self.name).take(if self.sink.errors() < MANY {
                usize::MAX
            } else {
                0
            });
            let diagnostic = Diagnostic::new(
                LoadCode::UndefinedDependency,
                format!("`{}` depends on `{on}`, which {problem}", self.name),
            )
            .at(entry.key);
            let diagnostic = match nearest(on, names) {
                Some(near) if near != on => diagnostic.label(format!("did you mean `{near}`?")).suggest(near),
                _ if problem.starts_with("is off") => {
                    diagnostic.help("turn its profile on with `--profile`, or write `required: false`")
                }
                _ => diagnostic.help("name a service of this project"),
            };
            self.push(diagnostic, "depends_on");
        }
    }

    fn scale(&mut self) {
        let service = &self.service.value;
        let replicas = service.deploy.as_ref().and_then(|deploy| deploy.replicas.as_ref());
        let scale = service.scale.as_ref();
        if let (Some(scale), Some(replicas)) = (scale, replicas)
            && scale.value != replicas.value
        {
            let diagnostic = Diagnostic::new(LoadCode::ScaleConflict, "`scale` and `deploy.replicas` differ")
                .at(scale.span)
                .also(replicas.span, "the other number")
                .help("keep one of them");
            self.push(diagnostic, "scale");
        }
        for number in [scale, replicas].into_iter().flatten().filter(|number| number.value < 0) {
            self.report(
                LoadCode::NegativeScale,
                number.span,
                "scale",
                format!("{} containers cannot be run", number.value),
                "write 0 or more",
            );
        }
        if let (Some(container), Some(many)) =
            (&service.container_name, scale.or(replicas).filter(|number| number.value > 1))
        {
            let diagnostic = Diagnostic::new(
                LoadCode::ContainerNameScaled,
                format!("{} containers cannot share one name", many.value),
            )
            .at(container.span)
            .also(many.span, "how many there are")
            .help("remove `container_name`");
            self.push(diagnostic, "container_name");
        }
    }

    /// Old and new spelling of one limit; where `limits` is there and says nothing, that counts as 0 and differs.
    fn resources(&mut self) {
        let service = &self.service.value;
        let resources = service.deploy.as_ref().and_then(|deploy| deploy.resources.as_ref());
        if let Some(limits) = resources.and_then(|resources| resources.limits.as_ref()) {
            let cpus = limits.cpus.as_ref().map(|cpus| (cpus.value, cpus.span));
            self.same("cpus", service.cpus.as_ref().map(|cpus| (cpus.value, cpus.span)), cpus, limits.span);
            let size = |size: &super::keys::scalar::Size| (as_number(size.0.value), size.0.span);
            self.same(
                "mem_limit",
                service.mem_limit.as_ref().map(size),
                limits.memory.as_ref().map(size),
                limits.span,
            );
            let whole = |whole: &Whole| (as_number(whole.value), whole.span);
            self.same(
                "pids_limit",
                service.pids_limit.as_ref().map(whole),
                limits.pids.as_ref().map(whole),
                limits.span,
            );
        }
        if let Some(reserved) = resources.and_then(|resources| resources.reservations.as_ref()) {
            let size = |size: &super::keys::scalar::Size| (as_number(size.0.value), size.0.span);
            self.same(
                "mem_reservation",
                service.mem_reservation.as_ref().map(size),
                reserved.memory.as_ref().map(size),
                reserved.span,
            );
        }
    }

    fn same(&mut self, key: &str, old: Option<(f64, Span)>, new: Option<(f64, Span)>, place: Span) {
        let Some((old, span)) = old.filter(|(value, _)| *value != 0.0) else { return };
        let (new, new_span) = new.unwrap_or((0.0, place));
        if (old - new).abs() > f64::EPSILON * old.abs() {
            let diagnostic =
                Diagnostic::new(LoadCode::ResourceConflict, format!("`{key}` and `deploy.resources` differ"))
                    .at(span)
                    .also(new_span, "the other one")
                    .help("write the value in one of the two places only");
            self.push(diagnostic, key);
        }
    }

    fn mounts(&mut self) {
        let service = &self.service.value;
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        let tmpfs = service
            .tmpfs
            .iter()
            .flat_map(|tmpfs| &tmpfs.0.items)
            .map(|item| (item.value.split(':').next().unwrap_or_default().to_owned(), item.span));
        let volumes = service.volumes.iter().flat_map(|mounts| &mounts.0.items).map(|mount| {
            let target = mount.target.as_ref().map_or("", |target| target.value.as_str());
            (path::clean(target), mount.span)
        });
        let mut twice = Vec::new();
        for (target, span) in tmpfs.chain(volumes) {
            match seen.get(&target) {
                Some(first) => twice.push((target, span, *first)),
                None => {
                    seen.insert(target, span);
                }
            }
        }
        for (target, span, first) in twice {
            let diagnostic = Diagnostic::new(LoadCode::DuplicateTarget, format!("two mounts at `{target}`"))
                .at(span)
                .also(first, "the other one")
                .help("keep one of them");
            self.push(diagnostic, "volumes");
        }
    }

    fn watch(&mut self) {
        let watched = self.service.value.develop.iter().filter_map(|develop| develop.watch.as_ref());
        for watch in watched.flat_map(|watch| &watch.items) {
            let action = watch.action.as_ref().map_or("", |action| action.value.as_str());
            let target = watch.target.as_ref().map_or("", |target| target.value.as_str());
            if target.is_empty() && !matches!(action, "rebuild" | "restart") && !self.broken {
                let message = format!("`{action}` needs a `target`");
                self.report(
                    LoadCode::WatchTarget,
                    watch.span,
                    "develop.watch",
                    message,
                    "name the path in the container",
                );
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "compared with another number of the same making")]
const fn as_number(value: i64) -> f64 {
    value as f64
}

/// A secret needs a file or a variable; a driver alone is not enough for Compose.
fn check_secrets(project: &Project, sink: &mut Sink) {
    for (name, entry) in project.top.secrets.iter().flat_map(|secrets| &secrets.entries) {
        let secret = &entry.value;
        let external = secret.external.as_ref().is_some_and(|external| external.value);
        if !external && secret.file.is_none() && secret.environment.is_none() && secret.driver.is_some() {
            sink.push(
                Diagnostic::new(
                    LoadCode::MissingSource,
                    format!("secret `{name}` has neither a file nor a variable"),
                )
                .at(entry.key)
                .path(format!("secrets.{name}"))
                .help("write `file:` or `environment:`, or `external: true`"),
            );
        }
    }
}

/// Circles that are reported; in a project where all wait for all there are more than anybody reads.
const MOST_CIRCLES: usize = 100;
/// Services of a circle that are named.
const MOST_NAMED: usize = 20;
/// Stands for the others.
const LEFT_OUT: &str = "…";

/// Dependencies that run in a circle, implied and optional ones too; each circle once.
fn check_cycles(project: &Project, sink: &mut Sink) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut found = 0;
    for (start, _) in project.active_services() {
        if done.contains(start.as_str()) {
            continue;
        }
        // Depth first with the way so far; an explicit stack, since chains may be as long as the project.
        let mut way: Vec<&str> = vec![start];
        let mut positions: BTreeMap<&str, usize> = BTreeMap::from([(start.as_str(), 0)]);
        let mut stack: Vec<Vec<&str>> = vec![dependencies(project, start)];
        while let Some(left) = stack.last_mut() {
            let Some(next) = left.pop() else {
                stack.pop();
                if let Some(finished) = way.pop() {
                    positions.remove(finished);
                    done.insert(finished);
                }
                continue;
            };
            if let Some(position) = positions.get(next) {
                if found < MOST_CIRCLES {
                    sink.push(cycle(project, &way[*position..]));
                }
                found += 1;
            } else if !done.contains(next) {
                positions.insert(next, way.len());
                way.push(next);
                stack.push(dependencies(project, next));
            }
        }
    }
}

fn dependencies<'p>(project: &'p Project, name: &str) -> Vec<&'p str> {
    let Some(service) = project.service(name) else { return Vec::new() };
    let on = service.value.depends_on.iter().flat_map(|depends| depends.0.entries.keys());
    on.filter(|on| project.active.contains(*on)).map(String::as_str).rev().collect()
}

fn cycle(project: &Project, way: &[&str]) -> Diagnostic {
    let mut circle: Vec<&str> = way.iter().chain(way.first()).copied().collect();
    if circle.len() > MOST_NAMED {
        circle.splice(MOST_NAMED - 2..circle.len() - 2, [LEFT_OUT]);
    }
    let mut diagnostic = Diagnostic::new(
        LoadCode::DependencyCycle,
        format!("services wait for each other: {}", circle.join(" -> ")),
    )
    .help("take one of these dependencies out");
    for pair in circle.windows(2) {
        let [from, on] = pair else { continue };
        let Some(service) = project.service(from).filter(|_| *on != LEFT_OUT) else { continue };
        let entry = service.value.depends_on.as_ref().and_then(|depends| depends.0.entries.get(*on));
        let span = entry.map_or(service.key, |entry| entry.key);
        diagnostic = match diagnostic.span {
            None => diagnostic.at(span).path(format!("services.{from}.depends_on")).service(*from),
            Some(_) => diagnostic.also(span, format!("`{from}` waits for `{on}`")),
        };
    }
    diagnostic
}

/// `scale` is an older spelling of `deploy.replicas`.
fn copy_scale(project: &mut Project) {
    let Some(services) = &mut project.top.services else { return };
    for service in services.entries.values_mut() {
        if let (Some(scale), Some(deploy)) = (&service.value.scale, &mut service.value.deploy) {
            deploy.replicas = Some(scale.clone());
        }
    }
}

/// Two selected services with one container name (step 11).
pub(crate) fn check_selected(project: &Project, sink: &mut Sink) {
    let mut taken: BTreeMap<&str, (&str, &Text)> = BTreeMap::new();
    for (name, service) in project.services().filter(|(name, _)| project.selected.contains(*name)) {
        let Some(container) = &service.value.container_name else { continue };
        if let Some((other, first)) = taken.get(container.value.as_str()) {
            sink.push(
                Diagnostic::new(
                    LoadCode::ContainerNameTaken,
                    format!("`{name}` and `{other}` both want the container name `{}`", container.value),
                )
                .at(container.span)
                .also(first.span, "the other one")
                .path(format!("services.{name}.container_name"))
                .service(name)
                .help("give one of them another name, or remove both"),
            );
        } else {
            taken.insert(&container.value, (name, container));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::testing::{one, problems};

    #[test]
    fn references_to_nothing_are_all_reported() {
        let text = "services:\n  a:\n    networks: [n]\n    volumes: ['vol:/v']\n    secrets: [s]\n    configs: [c]\n    depends_on: [d]\n";
        assert_eq!(
            problems(text),
            "2:3 missing-image\n3:16 undefined-network\n4:15 undefined-volume\n5:15 undefined-secret\n6:15 undefined-config\n7:18 undefined-dependency"
        );
    }

    #[test]
    fn circles_are_found_once() {
        let text = "services: {a: {image: i, depends_on: [b]}, b: {image: i, depends_on: [c]}, c: {image: i, depends_on: [a]}}";
        assert_eq!(problems(text), "1:39 dependency-cycle");
    }

    #[test]
    fn old_and_new_spelling_of_a_limit_must_agree() {
        let text = |limits: &str| {
            format!(
                "services: {{a: {{image: i, mem_limit: 1g, deploy: {{resources: {{limits: {limits}}}}}}}}}"
            )
        };
        assert_eq!(problems(&text("{memory: 1g}")), "");
        assert_eq!(problems(&text("{cpus: 1}")), "1:37 resource-conflict");
    }

    #[test]
    fn a_service_that_lost_its_image_to_a_mistake_is_not_said_to_have_none() {
        assert_eq!(problems("services: {a: {image: [x]}}"), "1:23 schema");
    }

    #[test]
    fn scale_is_an_older_spelling_of_replicas() {
        assert_eq!(
            one("services: {a: {image: i, scale: 2, deploy: {}}}", "/services/a/deploy/replicas"),
            "2"
        );
        assert_eq!(
            problems("services: {a: {image: i, scale: 2, deploy: {replicas: 3}}}"),
            "1:33 scale-conflict"
        );
    }
}
