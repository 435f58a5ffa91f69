//! What the names of images tell of their directories: where they keep data, and where they hold files (N62, N69, N72,
//! N80).

use super::paths::{clean, is_at_or_below};
use crate::backend::kubernetes::image_name::ImageName;
use crate::model::{EnvironmentValue, Mount, Service};

/// Where Postgres keeps its data unless `PGDATA` says otherwise.
const POSTGRES_DATA: &str = "/var/lib/postgresql/data";

/// Returns the image of a service taken apart; parts that match nothing where it is built without a name.
fn image(service: &Service) -> ImageName<'_> {
    ImageName::parse(service.image.reference.as_ref().map_or("", |reference| reference.value.as_str()))
}

/// Returns `PGDATA` as written in the environment, cleaned.
fn postgres_data(service: &Service) -> Option<String> {
    match service.process.environment.get("PGDATA")? {
        EnvironmentValue::Literal { value, sensitive: _ } => Some(clean(&value.value)),
        EnvironmentValue::Unset(_) => None,
    }
}

fn is_postgres(last: &str) -> bool {
    matches!(last, "postgres" | "postgis" | "pgvector") || last.starts_with("timescaledb")
}

fn is_mysql(last: &str) -> bool {
    last.starts_with("mysql") || last == "mariadb" || last.starts_with("percona")
}

/// Tells whether a program at this place refuses a fresh block volume, whose root is not empty (N72).
pub(super) fn refuses_lost_and_found(service: &Service, target: &str) -> bool {
    let image = image(service);
    let data = postgres_data(service);
    if is_postgres(image.last) || image.last.ends_with("-postgres") {
        return data.as_deref().unwrap_or(POSTGRES_DATA) == target;
    }
    match target {
        POSTGRES_DATA => data.is_none_or(|data| data == POSTGRES_DATA),
        "/var/lib/mysql" => is_mysql(image.last),
        "/var/lib/kafka/data" | "/bitnami/kafka" => matches!(image.last, "kafka" | "cp-kafka" | "cp-server"),
        _ => false,
    }
}

/// What an image declares as VOLUME, where Docker makes a volume of its own (N62).
pub(super) struct Declared {
    /// The place.
    pub(super) target: String,
    /// It is a database's.
    pub(super) database: bool,
}

/// Returns what a well-known image declares as VOLUME; nothing where it runs as a tool or a Job (N27).
pub(super) fn declared_volumes(service: &Service) -> Vec<Declared> {
    if service.image.reference.is_none() || service.reach.known_server.is_none() {
        return Vec::new();
    }
    let last = image(service).last;
    let database = |target: &str| vec![Declared { target: target.to_owned(), database: true }];
    let plain = |target: &str| vec![Declared { target: target.to_owned(), database: false }];
    match last {
        "redis" | "valkey" => plain("/data"),
        "rabbitmq" => plain("/var/lib/rabbitmq"),
        "mongo" => database("/data/db"),
        last if is_postgres(last) => {
            database(postgres_data(service).as_deref().unwrap_or("/var/lib/postgresql"))
        }
        last if last == "mysql" || last == "mariadb" || last.starts_with("percona") => {
            database("/var/lib/mysql")
        }
        _ => Vec::new(),
    }
}

/// What is known of the files that the image of a service has at a place (N69).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ImageFiles {
    /// There are some.
    Some,
    /// There are none, the program makes them itself, or a local Dockerfile puts none there.
    None,
    /// We do not see the image.
    Unknown,
}

/// Finds out whether the image holds files at or below a place.
pub(super) fn files_at(service: &Service, mount: &Mount) -> ImageFiles {
    let target = mount.target.value.as_str();
    let facts = &service.image.facts;
    if facts.known {
        let copied = facts.copied.iter().filter_map(|copied| copied.target.as_deref());
        let mut places = copied.chain(facts.working_dir.as_deref());
        let holds = places.any(|place| is_at_or_below(target, &clean(place)));
        return if holds { ImageFiles::Some } else { ImageFiles::None };
    }
    let last = image(service).last;
    let held: &[&str] = match last {
        "nginx" => &["/usr/share/nginx/html", "/etc/nginx"],
        "httpd" => &["/usr/local/apache2"],
        "wordpress" | "nextcloud" | "joomla" | "matomo" => return ImageFiles::None,
        _ => &[],
    };
    if held.iter().any(|place| is_at_or_below(target, place)) {
        ImageFiles::Some
    } else if mount.keeps_data {
        ImageFiles::None
    } else {
        ImageFiles::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::{self, at, service};
    use crate::model::MountSource;

    fn of_image(image: &str, data: Option<&str>) -> Service {
        let mut made = service();
        made.image.reference = Some(at(image.to_owned()));
        if let Some(data) = data {
            let value = EnvironmentValue::Literal { value: at(data.to_owned()), sensitive: false };
            made.process.environment.insert("PGDATA".to_owned(), value);
        }
        made
    }

    #[test]
    fn databases_refuse_a_volume_with_lost_and_found() {
        let refuses = |image, data, target| refuses_lost_and_found(&of_image(image, data), target);
        let below = Some("/var/lib/postgresql/data/pgdata");
        assert!(refuses("postgres:16", None, "/var/lib/postgresql/data"));
        assert!(!refuses("postgres:16", below, "/var/lib/postgresql/data"));
        assert!(refuses("postgres:16", below, "/var/lib/postgresql/data/pgdata"));
        assert!(refuses("zulip/zulip-postgresql:14", None, "/var/lib/postgresql/data"));
        assert!(refuses("timescale/timescaledb-ha:pg16", Some("/pg"), "/pg"));
        assert!(refuses("mysql/mysql-server", None, "/var/lib/mysql"));
        assert!(refuses("apache/kafka:3", None, "/var/lib/kafka/data"));
        assert!(!refuses("redis", None, "/var/lib/mysql"));
        assert!(!refuses("postgres:16", None, "/backup"));
    }

    #[test]
    fn files_of_images_are_known_or_not() {
        let at_target = |target| sample::mount(target, MountSource::Anonymous);
        let files = |image, target| files_at(&of_image(image, None), &at_target(target));
        assert_eq!(files("nginx:1.27", "/usr/share/nginx/html"), ImageFiles::Some);
        assert_eq!(files("example/app", "/srv/uploads"), ImageFiles::Unknown);
        assert_eq!(files("wordpress", "/var/www/html"), ImageFiles::None);
        let data = Mount { keeps_data: true, ..at_target("/prometheus") };
        assert_eq!(files_at(&of_image("prom/prometheus", None), &data), ImageFiles::None);
        let mut built = of_image("example/app", None);
        built.image.facts.known = true;
        built.image.facts.working_dir = Some("/app".to_owned());
        assert_eq!(files_at(&built, &at_target("/app/static")), ImageFiles::Some);
        assert_eq!(files_at(&built, &at_target("/data")), ImageFiles::None);
    }
}
