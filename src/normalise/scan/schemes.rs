//! Ports that URLs mean when they name none (F2 of N26).

use crate::model::Protocol::{self, Tcp, Udp};

const PORTS: &[(&str, u16, Protocol)] = &[
    ("amqp", 5672, Tcp),
    ("amqps", 5671, Tcp),
    ("bolt", 7687, Tcp),
    ("cassandra", 9042, Tcp),
    ("clickhouse", 9000, Tcp),
    ("cockroachdb", 26257, Tcp),
    ("couchdb", 5984, Tcp),
    ("etcd", 2379, Tcp),
    ("ftp", 21, Tcp),
    ("http", 80, Tcp),
    ("https", 443, Tcp),
    ("ldap", 389, Tcp),
    ("ldaps", 636, Tcp),
    ("mariadb", 3306, Tcp),
    ("memcache", 11211, Tcp),
    ("memcached", 11211, Tcp),
    ("mongodb", 27017, Tcp),
    ("mqtt", 1883, Tcp),
    ("mqtts", 8883, Tcp),
    ("mssql", 1433, Tcp),
    ("mysql", 3306, Tcp),
    ("nats", 4222, Tcp),
    ("neo4j", 7687, Tcp),
    ("oracle", 1521, Tcp),
    ("postgres", 5432, Tcp),
    ("postgresql", 5432, Tcp),
    ("redis", 6379, Tcp),
    ("rediss", 6379, Tcp),
    ("rtmp", 1935, Tcp),
    ("rtsp", 554, Tcp),
    ("sftp", 22, Tcp),
    ("smtp", 25, Tcp),
    ("smtps", 465, Tcp),
    ("sqlserver", 1433, Tcp),
    ("ssh", 22, Tcp),
    ("statsd", 8125, Udp),
    ("syslog", 514, Udp),
    ("valkey", 6379, Tcp),
    ("ws", 80, Tcp),
    ("wss", 443, Tcp),
    ("zk", 2181, Tcp),
    ("zookeeper", 2181, Tcp),
];

/// Returns the port of a scheme. Of `jdbc:x` and of `x+driver`, `driver+x` the part that is known counts.
pub(super) fn default_port(scheme: &str) -> Option<(u16, Protocol)> {
    let mut parts = scheme.rsplit(':').next().unwrap_or(scheme).split('+');
    parts.find_map(|part| {
        let row = PORTS.iter().find(|(name, ..)| part.eq_ignore_ascii_case(name))?;
        Some((row.1, row.2))
    })
}
