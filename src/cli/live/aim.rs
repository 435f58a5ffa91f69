//! From a project to what a run is for: kubeconfig, namespace, objects, permits.

use std::collections::BTreeSet;
use std::path::Path;

use clap::ArgMatches;
use sha2::{Digest, Sha256};

use super::place::{self, Place};
use super::{Live, Permits, Prune, names, tell};
use crate::backend::kubernetes::label_value;
use crate::backend::{Artefacts, Document, Target, swarm::StackPlace};
use crate::cli::defaults;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::{Session, has_errors};
use crate::cli::translation::translate;
use crate::cli::usage::UsageError;
use crate::cluster::aim::Aim;
use crate::cluster::client::Access;
use crate::cluster::object::{Desired, SERVICE_LABEL};
use crate::cluster::plan::flags::{Adopt, Flags, Permit, Removal};
use crate::cluster::redact::Redactor;
use crate::cluster::{identity, source};
use crate::compose::LoadCode;
use crate::diag::{Code, Diagnostic, Finding, Level, Span};
use crate::model::Project;

/// What a command does with the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Shows it.
    Read,
    /// Carries it out.
    Write,
    /// Takes it all out.
    Remove,
    /// Looks at what runs, whatever the files would make of it now.
    Look,
    /// Asks no cluster, but for what only that knows.
    Offline,
}

impl Wish {
    /// Tells whether the objects of the project matter: else its name does, and what is wrong with them stands in nobody's way.
    const fn needs_objects(self) -> bool {
        matches!(self, Self::Read | Self::Write | Self::Offline)
    }

    /// Tells whether the objects are compared with those of a cluster.
    const fn needs_plan(self) -> bool {
        matches!(self, Self::Read | Self::Write)
    }
}

/// All that is known before the first request.
pub(crate) struct Prepared {
    /// `None` for a command that asks no cluster.
    pub(crate) access: Option<Access>,
    pub(crate) aim: Aim,
    pub(crate) redactor: Redactor,
    /// What the translation found, for commands whose plan it is about; no error.
    pub(crate) findings: Vec<Finding>,
    /// The namespace was said by nobody.
    pub(crate) is_default: bool,
    /// The settings protect the place: the namespace is to be typed.
    pub(crate) is_protected: bool,
}

/// Finds the place and translates the project. Asks nothing of the cluster.
///
/// # Errors
/// There are errors, all of them told.
pub(crate) fn prepare(
    live: &Live,
    permits: &Permits,
    prune: Prune,
    wish: Wish,
    matches: &ArgMatches,
    session: &mut Session<'_, '_>,
) -> Result<Prepared, Stop> {
    check(live, matches)?;
    live.mapping.add_hints(&mut session.outside, &mut session.sources);
    // A variable that is not set makes an object that nobody meant: here it is an error, unless a flag says otherwise (A30).
    if wish.needs_objects() {
        session.wishes.deny_first("unset-variable", &crate::codes()).map_err(UsageError::new)?;
    }
    let mut request = session.request(&live.selection.services);
    request.no_dependencies = live.no_deps;
    let opened = session.open(&request);
    if !wish.needs_objects() && session.is_refused() {
        session.stop_at_errors()?;
    }
    let mut given = defaults::for_target(Target::Kubernetes, session).mapping;
    given.without_namespace();
    let mut mapping = live.mapping.clone().over(given);
    session.keeps_services = mapping.templates.is_some();
    let Some(project) = opened.map(|project| session.meant(project, Target::Kubernetes)) else {
        session.stop_at_errors()?;
        return Err(Stop::With(Exit::Failed));
    };
    let known = session.settings.cluster(session.globals.reach.context.as_deref());
    let Place { access, namespace, is_default, is_protected } = match place::find(session, &known, wish)? {
        Ok(place) => place,
        // Nothing of the project is in these words.
        Err(halt) => return Err(tell::halt(&halt, &Redactor::new([0; 32]), session)),
    };
    session.globals.namespace = Some(namespace.clone());
    let create_namespace = mapping.take_create_namespace();
    let artefacts = translate(Target::Kubernetes, &project, &mapping, StackPlace::Alone, None, session);
    let mut findings = session.judge();
    if !wish.needs_objects() {
        findings.clear();
    } else if has_errors(&findings) {
        session.tell(&findings);
        return Err(Stop::With(Exit::Failed));
    }
    // Templates make objects of no service, too: beside them all others would be orphans (A94).
    if wish.needs_plan() && (project.services.is_empty() || artefacts.documents.is_empty()) {
        return Err(refuse_empty(findings, session));
    }
    let redactor = redactor(&artefacts, &project, session);
    let desired = desired(artefacts, &project, &namespace, session);
    let services = project.services.keys().chain(&project.inactive);
    let services = services.map(|name| label_value(name.as_str())).collect();
    let aim = Aim {
        context: access.as_ref().map(|access| access.context.clone()).unwrap_or_default(),
        server: access.as_ref().map(|access| access.server.clone()).unwrap_or_default(),
        namespace,
        project: project.name.as_str().to_owned(),
        instance: label_value(project.instance()),
        desired,
        services,
        is_part: !live.selection.services.is_empty(),
        source: origin(session),
        cluster_id: known.id.clone(),
        flags: flags(permits),
        removal: Removal { prune: prune.prune, volumes: prune.prune_volumes, mass: prune.allow_mass_delete },
        create_namespace,
        same_project: permits.same_project,
        read_only: false,
        writes: matches!(wish, Wish::Write | Wish::Remove),
        show_defaults: false,
        is_down: wish == Wish::Remove,
        holder: session.holder(),
        by: session.user(),
    };
    Ok(Prepared { access, aim, redactor, findings, is_default, is_protected })
}

/// Refuses to read an empty project as the wish to delete all that there is (A94). To convert one is harmless, so its code is of warning
/// level; here what was found is an error, whatever flags say of the warning.
fn refuse_empty(mut findings: Vec<Finding>, session: &mut Session<'_, '_>) -> Stop {
    let is_it = |finding: &Finding| finding.diagnostic.code == Code::from(LoadCode::EmptyProject);
    if !findings.iter().any(is_it) {
        findings.push(Diagnostic::new(LoadCode::EmptyProject, "no object comes of the services").into());
    }
    for finding in findings.iter_mut().filter(|finding| is_it(finding)) {
        finding.level = Level::Error;
        let help = &mut finding.diagnostic.help;
        let ways =
            help.take().into_iter().chain(["`rcompose down` takes a project out of a cluster".to_owned()]);
        *help = Some(ways.collect::<Vec<_>>().join("; "));
    }
    session.tell(&findings);
    Stop::With(Exit::Failed)
}

fn check(live: &Live, matches: &ArgMatches) -> Result<(), UsageError> {
    live.mapping.check(matches, &[Target::Kubernetes], true, true)?;
    if live.mapping.sealing().is_some() {
        return Err(UsageError::new("sealed Secrets are files: `rcompose convert -o DIR/` writes them"));
    }
    if live.no_deps && live.selection.services.is_empty() {
        return Err(UsageError::new("`--no-deps` needs the names of services"));
    }
    Ok(())
}

/// Makes members of the rendered objects (A11).
fn desired(
    artefacts: Artefacts,
    project: &Project,
    namespace: &str,
    session: &Session<'_, '_>,
) -> Vec<Desired> {
    let set = identity::of_project(project.name.as_str(), namespace);
    let documents = artefacts.documents.into_iter();
    documents
        .filter_map(|document| {
            let service = document
                .tree
                .pointer("/metadata/labels")
                .and_then(|labels| labels.get(SERVICE_LABEL)?.as_str())
                .map(ToOwned::to_owned);
            let runs = ["/spec/template", "/spec/jobTemplate"]
                .iter()
                .any(|path| document.tree.pointer(path).is_some());
            // What runs a service stands where the service does; all else where the part stands that it is made of.
            let of_service = service.as_deref().filter(|_| runs).and_then(|name| service_span(project, name));
            let place = match of_service {
                Some(span) => Some(line_of(span, session)),
                None => place_of(&document, session),
            };
            Desired::member(document, namespace, &set, service, place)
        })
        .collect()
}

/// Says where the object stands in the user's files: the place that the shortest path in it comes from.
fn place_of(document: &Document, session: &Session<'_, '_>) -> Option<String> {
    let with_span = document.origins.iter().filter_map(|origin| Some((origin.path.len(), origin.span?)));
    let (_, span) = with_span.min_by_key(|(length, _)| *length)?;
    Some(line_of(span, session))
}

fn service_span(project: &Project, name: &str) -> Option<Span> {
    project.services.iter().find(|(known, _)| known.as_str() == name).map(|(_, service)| service.span)
}

/// Returns `compose.yaml:3`, without the column.
fn line_of(span: Span, session: &Session<'_, '_>) -> String {
    let place = session.sources.place(span);
    place.rsplit_once(':').map_or_else(|| place.clone(), |(place, _)| place.to_owned())
}

fn redactor(artefacts: &Artefacts, project: &Project, session: &Session<'_, '_>) -> Redactor {
    let random = (0..4).map(|_| session.host.token()).collect::<String>();
    let mut redactor = Redactor::new(Sha256::digest(random).into());
    for document in &artefacts.documents {
        redactor.learn(&document.tree);
    }
    for text in project.secret_texts() {
        redactor.hide(text);
    }
    for name in project.services.keys() {
        redactor.publish(name.as_str());
    }
    redactor
}

/// Finds out where the project comes from; its first file says it.
fn origin(session: &Session<'_, '_>) -> Option<crate::cluster::aim::Source> {
    let first = session.sources.names().next()?;
    let directory = session.directory.clone()?;
    source::find(&Path::new(&directory).join(first), session.host)
}

fn flags(permits: &Permits) -> Flags {
    let permit = |values: &[String]| match names(values) {
        _ if values.is_empty() => Permit::None,
        Some(names) => Permit::Named(names),
        None => Permit::All,
    };
    Flags {
        adopt: Adopt {
            nobody: permits.adopt.iter().any(String::is_empty),
            owners: permits.adopt.iter().filter(|name| !name.is_empty()).cloned().collect::<BTreeSet<_>>(),
        },
        force_conflicts: permit(&permits.force_conflicts),
        allow_recreate: permit(&permits.allow_recreate),
        allow_cluster_scoped: permits.allow_cluster_scoped,
    }
}
