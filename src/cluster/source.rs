//! Where a project comes from (A14, A16): the repository, however it was cloned, and the path of the first Compose file in it.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::aim::Source;
use crate::host::{FileKind, Host};

/// Most bytes of a file of git.
const MOST_BYTES: u64 = 1 << 20;

/// Finds it; `None` outside of a repository, or in one that came from nowhere.
pub(crate) fn find(file: &Path, host: &dyn Host) -> Option<Source> {
    let file = host.canonicalize(file).ok()?;
    let (root, config) = file.ancestors().skip(1).find_map(|root| Some((root, config_of(root, host)?)))?;
    let repository = repository(&remote(&config)?)?;
    let path = file.strip_prefix(root).ok()?.display().to_string().replace('\\', "/");
    let digest = Sha256::digest(format!("{repository}\n{path}"));
    let mut id = String::new();
    for byte in digest.iter().take(16) {
        let _ = write!(id, "{byte:02x}");
    }
    Some(Source { id, shown: format!("{repository} {path}") })
}

/// Reads the settings of a repository; `None` if the directory is none. In a work tree of another they lie elsewhere.
fn config_of(root: &Path, host: &dyn Host) -> Option<String> {
    let git = root.join(".git");
    let directory = if host.metadata(&git).ok()?.kind == FileKind::Directory {
        git
    } else {
        let text = read(&git, host)?;
        let own = root.join(text.strip_prefix("gitdir:")?.trim());
        match read(&own.join("commondir"), host) {
            Some(common) => own.join(common.trim()),
            None => own,
        }
    };
    read(&directory.join("config"), host)
}

fn read(path: &Path, host: &dyn Host) -> Option<String> {
    String::from_utf8(host.read(path, MOST_BYTES).ok()?).ok()
}

/// Returns the address of `origin`, or of the only other remote.
fn remote(config: &str) -> Option<String> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut section = None;
    for line in config.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix('[') {
            let name = rest.strip_prefix("remote \"").and_then(|rest| rest.split('"').next());
            section = name.map(ToOwned::to_owned);
        } else if let (Some(name), Some((key, value))) = (&section, line.split_once('='))
            && key.trim() == "url"
        {
            found.push((name.clone(), value.trim().trim_matches('"').to_owned()));
        }
    }
    let origin = found.iter().find(|(name, _)| name == "origin");
    let only = if found.len() == 1 { found.first() } else { None };
    origin.or(only).map(|(_, url)| url.clone())
}

/// Returns `host/path`, the same for all ways to clone, without credentials. `None` for a path on this machine.
fn repository(url: &str) -> Option<String> {
    let (host, path) = match url.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split_once('/')?,
        // git@host:path; a colon behind a slash is part of a path.
        None => url.split_once(':').filter(|(host, _)| !host.contains('/') && host.len() > 1)?,
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (!host.is_empty() && !path.is_empty()).then(|| format!("{}/{path}", host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::MemoryHost;

    #[test]
    fn a_repository_is_the_same_however_it_was_cloned() {
        for url in [
            "https://example.org/team/shop.git",
            "https://ann:hunter2@Example.org/team/shop",
            "ssh://git@example.org:2222/team/shop.git",
            "git@example.org:team/shop.git",
            "ssh://git@example.org:22/team/shop/",
        ] {
            assert_eq!(repository(url).as_deref(), Some("example.org/team/shop"), "{url}");
        }
        for url in ["", "host:", "/srv/shop.git", "file:///srv/shop.git", "../shop", "C:/shop", "c:\\shop"] {
            assert_eq!(repository(url), None, "{url}");
        }
    }

    #[test]
    fn the_path_in_the_repository_tells_projects_apart() {
        let config = "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@example.org:shop\n";
        let host = MemoryHost::new()
            .file("/src/shop/.git/config", config)
            .file("/src/shop/a/compose.yaml", "")
            .file("/src/shop/b/compose.yaml", "");
        let one = find(Path::new("/src/shop/a/compose.yaml"), &host).unwrap();
        let other = find(Path::new("/src/shop/b/compose.yaml"), &host).unwrap();
        assert_eq!(one.shown, "example.org/shop a/compose.yaml");
        assert_ne!(one.id, other.id);
    }

    #[test]
    fn a_work_tree_is_of_its_repository() {
        let host = MemoryHost::new()
            .file("/src/shop/.git/config", "[remote \"up\"]\nurl = https://example.org/shop\n")
            .file("/src/shop/.git/worktrees/x/commondir", "../..\n")
            .file("/src/x/.git", "gitdir: /src/shop/.git/worktrees/x\n")
            .file("/src/x/compose.yaml", "");
        let found = find(Path::new("/src/x/compose.yaml"), &host).unwrap();
        assert_eq!(found.shown, "example.org/shop compose.yaml");
        assert_eq!(find(Path::new("/src/compose.yaml"), &host), None);
    }
}
