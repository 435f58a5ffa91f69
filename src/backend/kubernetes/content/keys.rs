//! Keys of files in a `ConfigMap` or Secret (N82): the characters of a path that are none of a key are replaced.

use std::collections::BTreeMap;

use crate::backend::kubernetes::names;
use crate::model::Tree;

/// Limit of a key, as of a subdomain.
const LIMIT: usize = names::SUBDOMAIN_LIMIT;

/// A file in an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keyed {
    /// Its key.
    pub(crate) key: String,
    /// Its path below the mount; the file's own name where it is mounted singly.
    pub(crate) path: String,
    /// Its owner may execute it.
    pub(crate) executable: bool,
}

impl Keyed {
    /// Makes the key of a file that is mounted singly. It is mounted under its key, so the path is the key.
    pub(super) fn of_name(name: &str, executable: bool) -> Self {
        let key = key(name);
        Self { path: key.clone(), key, executable }
    }
}

/// Tells whether a name can be a key as it is.
pub(super) fn is_legal(name: &str) -> bool {
    key(name) == name && !name.is_empty()
}

/// Makes the keys of a directory's files. Of two that would have one key the first by path keeps it.
pub(super) fn of_tree(tree: &Tree) -> Vec<Keyed> {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    tree.iter()
        .map(|(path, file)| {
            let mut key = key(path);
            if taken.contains_key(&key) {
                key = with_hash(&key, path);
            }
            taken.insert(key.clone(), path);
            Keyed { key, path: path.clone(), executable: file.executable }
        })
        .collect()
}

fn key(path: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let shape: String = path.chars().map(|c| if legal(c) { c } else { '_' }).collect();
    let shape = match shape.strip_prefix("..") {
        Some(rest) => format!("_.{rest}"),
        None if shape == "." => "_".to_owned(),
        None => shape,
    };
    if shape.len() <= LIMIT { shape } else { with_hash(&shape, path) }
}

fn with_hash(key: &str, path: &str) -> String {
    let hash = names::hash(path.as_bytes());
    let head: String = key.chars().take(LIMIT - hash.len() - 1).collect();
    format!("{head}-{hash}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::File;

    fn keys(paths: &[&str]) -> Vec<String> {
        let file = |path: &str| File {
            path: path.to_owned(),
            bytes: Arc::from([]),
            executable: false,
            source: None,
        };
        of_tree(&paths.iter().map(|path| ((*path).to_owned(), file(path))).collect())
            .into_iter()
            .map(|keyed| keyed.key)
            .collect()
    }

    #[test]
    fn paths_become_keys() {
        assert_eq!(
            keys(&["dashboards/all.yml", "my file", "..x", ".env"]),
            ["_.x", ".env", "dashboards_all.yml", "my_file"]
        );
    }

    #[test]
    fn of_two_with_one_key_the_first_keeps_it() {
        let expected = ["a_b".to_owned(), format!("a_b-{}", names::hash(b"a_b"))];
        assert_eq!(keys(&["a/b", "a_b"]), expected);
    }

    #[test]
    fn long_paths_are_cut() {
        let key = &keys(&[&"x".repeat(300)])[0];
        assert_eq!(key.len(), LIMIT);
        assert!(is_legal(key));
    }
}
