//! Kustomize needs several loads: the first Compose file alone for the base, and each overlay's files (N113).

use super::exit::Stop;
use super::mapping::Mapping;
use super::sealing::{Form, Sealer};
use super::session::Session;
use super::translation;
use super::usage::UsageError;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::swarm::StackPlace;
use crate::backend::{Artefacts, Target, kustomize};
use crate::compose::{self, Request};
use crate::diag::Diagnostic;
use crate::emit::Base;
use crate::model::Project;

/// One overlay: its name, and all files that it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Overlay {
    name: String,
    files: Vec<String>,
}

/// Loads and renders the base and each overlay. `None`: something does not load; the reason is in the sink.
///
/// # Errors
/// A file can be read only once.
pub(crate) fn render(
    request: &Request,
    mapping: &Mapping,
    sealer: Option<&Sealer<'_>>,
    session: &mut Session<'_, '_>,
) -> Result<Option<Artefacts>, Stop> {
    let Some(files) = compose::files(request, session.host, &mut session.sink) else { return Ok(None) };
    if files.iter().any(|file| file == compose::STDIN) {
        let message = "`--to kustomize` reads each Compose file several times: `-f -` cannot be one";
        return Err(UsageError::new(message).into());
    }
    let mut hinted = Vec::new();
    let mut hinted_namespace = None;
    let base = render_one(files[..1].to_vec(), request, mapping, session, &mut |project, directory| {
        hinted = of_hints(project, &files[0], directory);
        hinted_namespace = project.hints.namespace.as_ref().map(|hint| hint.value.clone());
    });
    let overlays = if hinted.is_empty() { of_files(&files) } else { hinted };
    let mut rendered = Vec::new();
    for overlay in overlays {
        // All of them, so that all that is wrong is told in one run.
        let made = render_one(overlay.files, request, mapping, session, &mut |_, _| {});
        rendered.push(made.map(|artefacts| (overlay.name, artefacts)));
    }
    tell_secrets_once(session);
    let (Some(mut base), Some(mut overlays)) = (base, rendered.into_iter().collect::<Option<Vec<_>>>())
    else {
        return Ok(None);
    };
    if let Some(sealer) = sealer {
        seal(sealer, &mut base, &mut overlays, session);
    }
    for artefacts in std::iter::once(&base).chain(overlays.iter().map(|(_, artefacts)| artefacts)) {
        session.account_for(artefacts);
    }
    let namespace = session.globals.namespace.clone().or(hinted_namespace);
    Ok(Some(kustomize::assemble(base, overlays, namespace.as_deref(), &mut session.sink)))
}

/// Values that look secret are told of once (N102): of the set of files that has most of them.
fn tell_secrets_once(session: &mut Session<'_, '_>) {
    let is_it =
        |found: &Diagnostic| found.code == KubernetesCode::SecretDetected.into() && found.service.is_none();
    let found = std::mem::take(&mut session.sink).into_diagnostics();
    let most = found.iter().filter(|found| is_it(found)).map(|found| found.labels.len()).max();
    let mut told = false;
    for found in found {
        if is_it(&found) && (told || Some(found.labels.len()) != most) {
            continue;
        }
        told |= is_it(&found);
        session.sink.push(found);
    }
}

/// Seals the Secrets of the base, and those of each overlay that the base has not.
fn seal(
    sealer: &Sealer<'_>,
    base: &mut Artefacts,
    overlays: &mut [(String, Artefacts)],
    session: &mut Session<'_, '_>,
) {
    let clear = base.documents.clone();
    sealer.seal(base, &Form::Below(kustomize::BASE, None), session);
    for (name, artefacts) in overlays {
        let below = kustomize::overlay_directory(name);
        let base = Base { clear: &clear, sealed: &base.documents };
        sealer.seal(artefacts, &Form::Below(&below, Some(base)), session);
    }
}

/// Loads and renders one set of files; `look` sees the project and its directory.
fn render_one(
    files: Vec<String>,
    request: &Request,
    mapping: &Mapping,
    session: &mut Session<'_, '_>,
    look: &mut dyn FnMut(&Project, &str),
) -> Option<Artefacts> {
    let request = Request { files, ..request.clone() };
    session.without_repeats(|session| {
        let project = session.open(&request)?;
        let project = session.meant(project, Target::Kustomize);
        look(&project, session.directory.as_deref().unwrap_or("."));
        Some(translation::render(Target::Kubernetes, &project, mapping, StackPlace::Alone, session))
    })
}

/// The overlays of the hint `overlays`, each of the first file and its own, which are named from the project directory.
fn of_hints(project: &Project, first: &str, directory: &str) -> Vec<Overlay> {
    let overlays = project.hints.overlays.iter().map(|(name, files)| {
        let own = files.value.iter().map(|file| format!("{directory}/{}", file.value));
        // It becomes a directory below ours, and nowhere else.
        let name = name.replace(['/', '\\', ':'], "-");
        let name = name.trim_start_matches('.');
        let name = if name.is_empty() { "overlay" } else { name };
        Overlay { name: name.to_owned(), files: std::iter::once(first.to_owned()).chain(own).collect() }
    });
    overlays.collect()
}

/// One overlay per further file, each with all files before it, as Compose merges.
fn of_files(files: &[String]) -> Vec<Overlay> {
    let mut overlays: Vec<Overlay> = Vec::new();
    for (index, file) in files.iter().enumerate().skip(1) {
        let name = name(file);
        let taken = |name: &str| overlays.iter().any(|overlay| overlay.name == name);
        let mut free = name.clone();
        let mut number = 2;
        while taken(&free) {
            free = format!("{name}-{number}");
            number += 1;
        }
        overlays.push(Overlay { name: free, files: files[..=index].to_vec() });
    }
    overlays
}

/// Names an overlay after its file, without what every Compose file is called.
fn name(file: &str) -> String {
    let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = file.strip_suffix(".yaml").or_else(|| file.strip_suffix(".yml")).unwrap_or(file);
    let short =
        stem.strip_prefix("docker-compose.").or_else(|| stem.strip_prefix("compose.")).unwrap_or(stem);
    match short.trim_matches('.') {
        "" => "overlay".to_owned(),
        short => short.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlays_are_called_after_their_files_n113() {
        for (file, expected) in [
            ("/p/compose.prod.yaml", "prod"),
            ("/p/docker-compose.override.yml", "override"),
            ("/p/prod.yml", "prod"),
            ("/p/docker-compose.yml", "docker-compose"),
            ("/p/..", "overlay"),
        ] {
            assert_eq!(name(file), expected);
        }
    }

    #[test]
    fn each_overlay_has_all_files_before_it_n113() {
        let files = ["compose.yaml", "a/prod.yaml", "b/prod.yaml"].map(str::to_owned);
        let overlays = of_files(&files);
        let shown: Vec<(&str, usize)> =
            overlays.iter().map(|overlay| (overlay.name.as_str(), overlay.files.len())).collect();
        assert_eq!(shown, [("prod", 2), ("prod-2", 3)]);
    }
}
