//! Which images are known servers, and whether a service runs the image as one (N27).

mod program;
mod table;

use super::glob;
use super::image_name::ImageName;
use crate::model::{Protocol, Words};
use table::{ROWS, Row};

/// A well-known image that a service runs as the server that it is.
#[derive(Clone, Copy)]
pub(super) struct KnownServer<'a> {
    /// Last part of the image's name.
    pub(super) name: &'a str,
    row: &'static Row,
}

impl KnownServer<'_> {
    /// Ports that it usually listens on.
    pub(super) const fn ports(&self) -> &'static [(u16, Protocol)] {
        self.row.ports
    }

    /// Ports that members of a cluster use among each other.
    pub(super) const fn peers(&self) -> &'static [(u16, Protocol)] {
        self.row.peers
    }

    /// It speaks SQL, and logs a bare connection as a failed client.
    pub(super) const fn is_sql_database(&self) -> bool {
        self.row.sql
    }
}

/// Finds the row of an image, unless the service makes a tool of it by running another program.
pub(super) fn find<'a>(reference: &'a str, entrypoint: &Words, command: &Words) -> Option<KnownServer<'a>> {
    let image = ImageName::parse(reference);
    let row = ROWS.iter().find(|row| is_of(row, image))?;
    program::runs_server(entrypoint, command, image.last, row.servers)
        .then_some(KnownServer { name: image.last, row })
}

fn is_of(row: &Row, image: ImageName) -> bool {
    let named = |pattern: &&str| match pattern.split_once('/') {
        Some((organisation, last)) => glob::matches(organisation, image.organisation) && last == image.last,
        None => *pattern == image.last,
    };
    row.images.iter().any(named) && glob::matches(row.tag, image.tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(reference: &str) -> Vec<u16> {
        find(reference, &Words::Inherit, &Words::Inherit)
            .map(|server| server.ports().iter().map(|(port, _)| *port).collect())
            .unwrap_or_default()
    }

    #[test]
    fn images_are_found_by_organisation_then_by_last_part() {
        for (reference, expected) in [
            ("redis:7-alpine", &[6379][..]),
            ("registry.example:5000/mirror/postgres@sha256:00", &[5432]),
            ("mcr.microsoft.com/mssql/server:2022-latest", &[1433]),
            ("other/server", &[]),
            ("bitnamilegacy/nginx:1", &[8080, 8443]),
            ("nginx", &[80, 443]),
            ("rabbitmq:3-management-alpine", &[5672, 15672]),
            ("rabbitmq:3", &[5672]),
            ("php:8-fpm", &[9000]),
            ("php:8-apache", &[80]),
            ("php:8-cli", &[]),
            ("docker:27-dind", &[2375, 2376]),
            ("docker:27", &[]),
            ("myredis", &[]),
            ("Redis", &[]),
        ] {
            assert_eq!(ports(reference), expected, "{reference}");
        }
    }

    #[test]
    fn databases_and_peers_are_told() {
        let server = |reference| find(reference, &Words::Inherit, &Words::Inherit).expect("a row");
        assert!(server("pgvector/pgvector:pg16").is_sql_database());
        assert!(!server("mongo").is_sql_database());
        assert_eq!(server("etcd").peers(), [(2380, Protocol::Tcp)]);
    }

    #[test]
    fn each_image_and_tag_stands_in_one_row() {
        let mut seen: Vec<(&str, &str)> =
            ROWS.iter().flat_map(|row| row.images.iter().map(move |image| (*image, row.tag))).collect();
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all);
    }
}
