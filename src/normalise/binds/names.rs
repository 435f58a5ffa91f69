//! What names and paths alone say of a bind mount (N80).

use super::super::image_name::ImageName;
use super::super::{glob, paths};

/// Paths of the node that exist for programs which look at or after it (row 4).
const SYSTEM: &[&str] = &[
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/var/run",
    "/var/log",
    "/boot",
    "/lib",
    "/usr/src",
    "/usr/lib",
    "/usr/bin",
    "/etc",
    "/cgroup",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/kubelet",
    "/tmp/.X11-unix",
];

const FILE_NAMES: &[&str] = &["Caddyfile", "hosts", "passwd"];

const DATA_NAMES: &[&str] = &[
    "data", "db", "database", "pgdata", "mysql", "postgres", "redis", "mongo", "uploads", "media", "storage",
    "logs", "log", "cache", "backup", "backups", "export", "consume", "tmp", "var", "*-data", "*_data",
    "*-logs",
];

/// Where images look for configuration, whatever the source is called.
const CONFIGURATION: &[&str] = &["/etc", "/usr/local/etc", "/docker-entrypoint-initdb.d"];

/// Where images keep their data.
const DATA_TARGETS: &[&str] = &[
    "/var/lib/postgresql/data",
    "/var/lib/mysql",
    "/var/lib/kafka/data",
    "/data/db",
    "/var/lib/grafana",
    "/var/lib/redis",
    "/var/lib/mongodb",
    "/var/lib/rabbitmq",
    "/var/lib/clickhouse",
    "/var/lib/zookeeper",
    "/var/lib/ghost/content",
    "/prometheus",
    "/acme",
    "/letsencrypt",
];

/// What a program writes (row 9).
const WRITTEN: &[&str] = &["*.db", "*.sqlite*", "*.rdb", "*.log", "*.pid", "*.lock", "acme.json"];

/// What stands in the first directory of a program's source code (row 10).
const CODE: &[&str] = &[
    ".git",
    "node_modules",
    "Dockerfile",
    "package.json",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "pyproject.toml",
    "composer.json",
    "Gemfile",
    "compose*.yaml",
    "compose*.yml",
    "docker-compose*.yaml",
    "docker-compose*.yml",
];

/// Tells whether an absolute path of the host is one of the system's own (row 4). A home directory is not.
pub(super) fn is_system_path(path: &str) -> bool {
    path.starts_with("\\\\.\\pipe")
        || path == "/"
        || (path.starts_with('/') && glob::matches("*.sock", paths::base_name(path)))
        || SYSTEM.iter().any(|system| paths::is_at_or_below(path, system))
}

/// Tells whether a path lies where nothing lasts (row 5).
pub(super) fn is_scratch(path: &str) -> bool {
    paths::is_at_or_below(path, "/tmp")
}

/// Tells whether a mount is of a file, by its text.
pub(super) fn is_file_like(source: &str, target: &str) -> bool {
    let name = source_name(source);
    let extension = extension(name);
    FILE_NAMES.contains(&name)
        || (extension.is_some() && extension == self::extension(paths::base_name(target)))
}

/// Windows paths have another separator.
fn source_name(source: &str) -> &str {
    source.rsplit(['/', '\\']).next().unwrap_or(source)
}

/// From the last dot, a leading one too; `conf.d` is a directory.
fn extension(name: &str) -> Option<&str> {
    let dot = name.rfind('.')?;
    Some(&name[dot..]).filter(|extension| extension.len() > 1 && *extension != ".d")
}

/// Tells whether a directory is called like one that a program fills, and is not mounted where configuration stands.
pub(super) fn is_data_name(source: &str, target: &str) -> bool {
    let name = paths::base_name(source);
    let configuration = CONFIGURATION.iter().any(|place| paths::is_at_or_below(target, place))
        || target.split('/').any(|part| glob::matches("?*.d", part));
    !configuration && DATA_NAMES.iter().any(|pattern| glob::matches(pattern, name))
}

/// Tells whether an image keeps its data at a path.
pub(in crate::normalise) fn is_data_target(
    target: &str,
    image: ImageName,
    postgres_data: Option<&str>,
) -> bool {
    let below = |place: &str| paths::is_at_or_below(target, place);
    DATA_TARGETS.contains(&target)
        || below("/var/log")
        || below("/bitnami")
        || (target == "/data" && matches!(image.last, "redis" | "caddy"))
        || (target == "/config" && image.organisation == "linuxserver")
        || postgres_data.is_some_and(|place| paths::clean(place) == target)
}

/// Tells whether a file is one that a program writes.
pub(super) fn is_written_file(path: &str) -> bool {
    WRITTEN.iter().any(|pattern| glob::matches(pattern, paths::base_name(path)))
}

/// Tells whether a name marks a directory as source code.
pub(super) fn marks_code(name: &str) -> bool {
    CODE.iter().any(|pattern| glob::matches(pattern, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_paths_are_known_by_their_text() {
        for path in ["/", "/var/run/docker.sock", "/srv/x.sock", "/etc/ssl", "/proc", "\\\\.\\pipe\\docker"] {
            assert!(is_system_path(path), "{path}");
        }
        for path in ["/etcetera", "/srv/data", "~/x.sock", "/home/me", "/var/lib/app", "C:\\etc"] {
            assert!(!is_system_path(path), "{path}");
        }
    }

    #[test]
    fn files_are_known_by_the_extension_of_both_sides() {
        for (source, target) in [
            ("a/nginx.conf", "/etc/nginx/nginx.conf"),
            (".env", "/app/.env"),
            ("prod.env", "/app/.env"),
            ("Caddyfile", "/etc/caddy/Caddyfile"),
            ("C:\\x\\a.yml", "/b.yml"),
        ] {
            assert!(is_file_like(source, target), "{source} {target}");
        }
        for (source, target) in [
            ("conf.d", "/etc/nginx/conf.d"),
            ("config", "/etc/config"),
            ("a.conf", "/etc/nginx"),
            ("./v1.2/x", "/v1.2"),
            ("a.", "/b."),
        ] {
            assert!(!is_file_like(source, target), "{source} {target}");
        }
    }

    #[test]
    fn data_is_known_by_name_unless_mounted_as_configuration() {
        for name in ["data", "a/mysql", "pg_data", "app-logs", "x-data"] {
            assert!(is_data_name(name, "/srv"), "{name}");
        }
        assert!(!is_data_name("database.d", "/srv"));
        assert!(!is_data_name("mysql", "/etc/mysql/conf.d"));
        assert!(!is_data_name("mysql", "/opt/conf.d"));
        assert!(!is_data_name("db", "/docker-entrypoint-initdb.d"));
    }

    #[test]
    fn data_targets_depend_on_the_image_where_the_path_says_nothing() {
        let image = ImageName::parse;
        assert!(is_data_target("/var/lib/mysql", image("x"), None));
        assert!(!is_data_target("/var/lib/grafana/dashboards", image("grafana/grafana"), None));
        assert!(is_data_target("/var/log/nginx", image("nginx"), None));
        assert!(is_data_target("/data", image("redis:7"), None));
        assert!(!is_data_target("/data", image("app"), None));
        assert!(is_data_target("/config", image("lscr.io/linuxserver/sonarr"), None));
        assert!(is_data_target("/pg", image("postgres"), Some("/pg/")));
    }
}
