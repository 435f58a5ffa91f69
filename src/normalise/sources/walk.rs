//! The files below a directory: names and sizes, never bytes.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{MAX_BYTES, MAX_FILES, Snapshot};
use crate::host::FileKind;
use crate::normalise::glob;

/// So many entries are looked at; a directory with more is too large for every mapping.
const MAX_ENTRIES: usize = 10_000;

/// Names that say something to Git or an editor only (N81).
const UNIMPORTANT: &[&str] = &[".git", ".gitkeep", ".keep", ".gitignore", ".DS_Store", "*.swp", "*~"];

/// What a directory holds.
#[derive(Debug, Default)]
pub(in crate::normalise) struct Walk {
    /// Size of each file by its path below the directory.
    pub(in crate::normalise) files: BTreeMap<String, u64>,
    /// What was left out, with the reason.
    pub(in crate::normalise) skipped: Vec<(String, &'static str)>,
    /// A directory in it may not be listed; the system's text.
    pub(in crate::normalise) unreadable: Option<String>,
    /// There was more than could be looked at.
    cut: bool,
}

impl Walk {
    /// Tells whether the files may travel as configuration (N81).
    pub(in crate::normalise) fn is_within_limits(&self) -> bool {
        !self.cut && self.files.len() <= MAX_FILES && self.files.values().sum::<u64>() <= MAX_BYTES
    }

    /// Returns the largest files, five at most.
    pub(in crate::normalise) fn largest(&self) -> Vec<(String, u64)> {
        let mut files: Vec<_> = self.files.iter().map(|(path, size)| (path.clone(), *size)).collect();
        files.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        files.truncate(5);
        files
    }
}

/// A directory that is still to be listed.
struct Pending {
    place: PathBuf,
    path: String,
    /// Where it is with all links resolved.
    real: PathBuf,
    /// Where the links stand that led here.
    links: Option<Rc<Link>>,
}

struct Link {
    real: PathBuf,
    before: Option<Rc<Link>>,
}

/// Lists everything below a directory, links to places in the project or in the directory followed.
pub(super) fn walk(snapshot: &Snapshot, path: &str) -> Walk {
    let place = snapshot.place(path);
    let real = snapshot.real(&place).unwrap_or_else(|| place.clone());
    let mut walk = Walk::default();
    let mut seen = 0;
    let mut pending = vec![Pending { place, path: String::new(), real: real.clone(), links: None }];
    while let Some(directory) = pending.pop() {
        let names = match snapshot.host.list(&directory.place) {
            Ok(names) => names,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => {
                walk.unreadable.get_or_insert_with(|| error.to_string());
                continue;
            }
        };
        for name in names {
            seen += 1;
            if seen > MAX_ENTRIES {
                walk.cut = true;
                return walk;
            }
            let path =
                if directory.path.is_empty() { name.clone() } else { format!("{}/{name}", directory.path) };
            match entry(snapshot, &real, &directory, &name) {
                Entry::File(length) => drop(walk.files.insert(path, length)),
                Entry::Directory(real, links) => {
                    pending.push(Pending { place: directory.place.join(&name), path, real, links });
                }
                Entry::Skipped(reason) => walk.skipped.push((path, reason)),
            }
        }
    }
    walk.skipped.sort();
    walk
}

enum Entry {
    File(u64),
    Directory(PathBuf, Option<Rc<Link>>),
    Skipped(&'static str),
}

fn entry(snapshot: &Snapshot, root: &Path, directory: &Pending, name: &str) -> Entry {
    if UNIMPORTANT.iter().any(|pattern| glob::matches(pattern, name)) {
        return Entry::Skipped("it is for Git or an editor");
    }
    if name.starts_with("..") {
        return Entry::Skipped("its name begins with `..`");
    }
    let place = directory.place.join(name);
    let Ok(metadata) = snapshot.host.metadata(&place) else {
        return Entry::Skipped("it is a link to nothing, or may not be looked at");
    };
    let is_link = snapshot.host.link_metadata(&place).is_ok_and(|metadata| metadata.kind == FileKind::Link);
    let real = is_link.then(|| snapshot.real(&place)).flatten();
    if real.as_ref().is_some_and(|real| !snapshot.is_inside(real) && !real.starts_with(root)) {
        return Entry::Skipped("it is a link out of the project");
    }
    match metadata.kind {
        FileKind::File => Entry::File(metadata.length),
        FileKind::Directory => {
            let Some(real) = real else {
                return Entry::Directory(directory.real.join(name), directory.links.clone());
            };
            if is_around(&real, directory) {
                return Entry::Skipped("it is a link to a directory around it");
            }
            let link = Link { real: directory.real.clone(), before: directory.links.clone() };
            Entry::Directory(real, Some(Rc::new(link)))
        }
        FileKind::Link | FileKind::Special => Entry::Skipped("it is a socket, device or FIFO"),
    }
}

/// Tells whether a directory lies on the way to another one: following a link to it would never end.
fn is_around(real: &Path, directory: &Pending) -> bool {
    let links = std::iter::successors(directory.links.as_deref(), |link| link.before.as_deref());
    std::iter::once(&directory.real).chain(links.map(|link| &link.real)).any(|place| place.starts_with(real))
}
