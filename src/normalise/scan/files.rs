//! The texts that stand in files: binds and configs that travel, and `content` of configs.

use std::collections::BTreeMap;

use super::finds::{Find, finds};
use super::{Naming, Scan};
use crate::diag::{SourceId, Sources, Span};
use crate::model::{Bind, BindDecision, ConfigName, Content, File, MountSource, Project, Service};

/// Most bytes of one file that are read for names.
const MAX_FILE: usize = 256 * 1024;

/// Most bytes of all files of a project that are read for names.
const MAX_PROJECT: usize = 4 * 1024 * 1024;

/// The finds of all files and of the configs that are written in place.
#[derive(Default)]
pub(super) struct Files {
    found: BTreeMap<String, (SourceId, Vec<Find>)>,
    /// Finds in what a config holds itself, with what messages call it.
    contents: BTreeMap<ConfigName, (String, Span, Vec<Find>)>,
    /// Paths of the files that a config consists of.
    paths: BTreeMap<ConfigName, Vec<String>>,
    used: usize,
}

/// Reads all files of a project; each gets the place of its text.
pub(super) fn read(scan: &Scan, project: &mut Project, sources: &mut Sources) -> Files {
    let mut files = Files::default();
    for mount in project.services.values_mut().flat_map(|service| &mut service.mounts) {
        for file in bound_files(&mut mount.source) {
            files.file(scan, file, sources);
        }
    }
    for (name, config) in &mut project.configs {
        let key = name.clone();
        match &mut config.content {
            Content::File { file, .. } => {
                files.file(scan, file, sources);
                files.paths.insert(key, vec![file.path.clone()]);
            }
            Content::Directory { tree, .. } => {
                for file in tree.values_mut() {
                    files.file(scan, file, sources);
                }
                files.paths.insert(key, tree.values().map(|file| file.path.clone()).collect());
            }
            Content::Inline(content) => {
                files.config(scan, key, format!("configs.{name}.content"), content, content.span);
            }
            Content::Environment { variable, value } => {
                files.config(scan, key, format!("configs.{name}.environment"), value, variable.span);
            }
            Content::External(_)
            | Content::Driver(_)
            | Content::Missing { .. }
            | Content::TooLarge { .. } => {}
        }
    }
    files
}

/// The files of a bind that travels.
fn bound_files(source: &mut MountSource) -> Vec<&mut File> {
    match source {
        MountSource::Bind(Bind { decision: BindDecision::File(file), .. }) => vec![file],
        MountSource::Bind(Bind { decision: BindDecision::Directory(tree), .. }) => {
            tree.values_mut().collect()
        }
        _ => Vec::new(),
    }
}

/// Their paths.
fn bound_paths(source: &MountSource) -> Vec<&str> {
    match source {
        MountSource::Bind(Bind { decision: BindDecision::File(file), .. }) => vec![&file.path],
        MountSource::Bind(Bind { decision: BindDecision::Directory(tree), .. }) => {
            tree.values().map(|file| file.path.as_str()).collect()
        }
        _ => Vec::new(),
    }
}

impl Files {
    fn file(&mut self, scan: &Scan, file: &mut File, sources: &mut Sources) {
        if let Some((source, _)) = self.found.get(&file.path) {
            file.source = Some(*source);
            return;
        }
        let Some(text) = text(&file.bytes).filter(|text| self.used + text.len() <= MAX_PROJECT) else {
            return;
        };
        self.used += text.len();
        let source = sources.add(file.path.clone(), text);
        let found = finds(text, |name| scan.names.knows(name), &scan.images);
        file.source = Some(source);
        self.found.insert(file.path.clone(), (source, found));
    }

    fn config(&mut self, scan: &Scan, name: ConfigName, place: String, content: &[u8], at: Span) {
        let Some(text) = text(content) else { return };
        let found = finds(text, |name| scan.names.knows(name), &scan.images);
        self.contents.insert(name, (place, at, found));
    }

    /// Returns what the files of a service name: its binds in order, then its configs.
    pub(super) fn of_service(&self, service: &Service) -> Vec<Naming> {
        let mut namings = Vec::new();
        for path in service.mounts.iter().flat_map(|mount| bound_paths(&mount.source)) {
            self.of_file(path, &mut namings);
        }
        for grant in &service.configs {
            for path in self.paths.get(&grant.source).into_iter().flatten() {
                self.of_file(path, &mut namings);
            }
            if let Some((place, span, found)) = self.contents.get(&grant.source) {
                namings.extend(found.iter().map(|find| naming(find, place, *span)));
            }
        }
        namings
    }

    fn of_file(&self, path: &str, namings: &mut Vec<Naming>) {
        let Some((source, found)) = self.found.get(path) else { return };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        namings.extend(
            found
                .iter()
                .map(|find| naming(find, path, Span::new(*source, offset(find.start), offset(find.end)))),
        );
    }
}

fn naming(find: &Find, place: &str, span: Span) -> Naming {
    Naming {
        name: find.name.clone(),
        place: place.to_owned(),
        span,
        port: Some((find.port, find.protocol)),
        counts_for_own: true,
    }
}

/// The beginning of a text file: UTF-8 without NUL.
fn text(bytes: &[u8]) -> Option<&str> {
    let cut = &bytes[..bytes.len().min(MAX_FILE)];
    let text = match std::str::from_utf8(cut) {
        Ok(text) => text,
        // The cut may go through a character.
        Err(error) if cut.len() < bytes.len() && error.valid_up_to() + 4 > cut.len() => {
            std::str::from_utf8(&cut[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    (!text.contains('\0')).then_some(text)
}
