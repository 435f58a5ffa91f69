//! What the repository holds that is written for Kubernetes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns all Kubernetes objects of the repository: golden files, and the examples of the rule book.
pub(crate) fn goldens() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut found);
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design"), &mut found);
    found.retain(|file| is_golden(&file.display().to_string().replace('\\', "/")));
    found.sort();
    found
}

fn is_golden(path: &str) -> bool {
    let yaml = Path::new(path).extension().is_some_and(|extension| extension == "yaml");
    let fixture = path.contains("/fixtures/keys/") && path.ends_with("/kubernetes.yaml");
    let project = path.contains("/fixtures/projects/") && path.contains("/kubernetes/");
    let example = path.contains("/docs/design/kubernetes-") && !path.ends_with(".compose.yaml");
    yaml && (fixture || project || example)
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("the repository can be listed").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

/// Objects that belong together: all files of a directory, where one file holds one object; else each file alone.
pub(crate) fn by_directory(files: Vec<PathBuf>) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let mut groups: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        let directory = file.parent().map(Path::to_path_buf).unwrap_or_default();
        let together = directory.ends_with("kubernetes");
        groups.entry(if together { directory } else { file.clone() }).or_default().push(file);
    }
    groups
}
