//! The table of N27: well-known images with the ports that they listen on. Data only.

use crate::model::Protocol;

/// A port of an image.
pub(super) type Port = (u16, Protocol);

/// One row, or one part of a row: images that listen on the same ports.
pub(super) struct Row {
    /// Last parts of names, or `organisation/last` where `*` stands for anything.
    pub(super) images: &'static [&'static str],
    /// Pattern of the tag, where only some tags are meant.
    pub(super) tag: &'static str,
    /// Ports.
    pub(super) ports: &'static [Port],
    /// Ports that members of a cluster use among each other.
    pub(super) peers: &'static [Port],
    /// It logs a bare connection as a failed client (K45).
    pub(super) sql: bool,
    /// Base names of its usual programs, besides the image's own name.
    pub(super) servers: &'static [&'static str],
}

const fn row(images: &'static [&'static str], ports: &'static [Port]) -> Row {
    Row { images, tag: "*", ports, peers: &[], sql: false, servers: &[] }
}

impl Row {
    const fn tag(self, tag: &'static str) -> Self {
        Self { tag, ..self }
    }

    const fn peers(self, peers: &'static [Port]) -> Self {
        Self { peers, ..self }
    }

    const fn sql(self) -> Self {
        Self { sql: true, ..self }
    }

    const fn servers(self, servers: &'static [&'static str]) -> Self {
        Self { servers, ..self }
    }
}

const fn tcp(port: u16) -> Port {
    (port, Protocol::Tcp)
}

const fn udp(port: u16) -> Port {
    (port, Protocol::Udp)
}

/// Rows with an organisation stand before those of the last part alone, narrower tags before wider ones.
pub(super) const ROWS: &[Row] = &[
    row(&["bitnami*/nginx", "bitnami*/apache", "bitnami*/wordpress"], &[tcp(8080), tcp(8443)]).servers(&[
        "run.sh",
        "entrypoint.sh",
        "httpd",
    ]),
    row(&["mssql/server"], &[tcp(1433)]).sql().servers(&["sqlservr", "launch_sqlservr.sh"]),
    row(&["temporalio/auto-setup"], &[tcp(7233)]).servers(&["entrypoint.sh", "start-temporal.sh"]),
    row(&["redis", "valkey", "keydb", "dragonfly", "redis-stack-server"], &[tcp(6379)])
        .peers(&[tcp(16379)])
        .servers(&["redis-server", "valkey-server", "keydb-server", "redis-stack-server"]),
    row(&["redis-stack"], &[tcp(6379), tcp(8001)]).servers(&["redis-stack-server", "entrypoint.sh"]),
    row(&["postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha"], &[tcp(5432)])
        .sql()
        .servers(&["postgres", "postmaster"]),
    row(&["pgbouncer"], &[tcp(5432), tcp(6432)]).sql(),
    row(&["mysql", "mysql-server", "mariadb", "percona", "percona-server", "mariadb-galera"], &[tcp(3306)])
        .peers(&[tcp(4444), tcp(4567), tcp(4568)])
        .sql()
        .servers(&["mysqld", "mysqld_safe", "mariadbd", "mariadbd-safe"]),
    row(&["mongo", "mongodb", "mongodb-community-server"], &[tcp(27017)]).servers(&["mongod", "mongos"]),
    row(&["mongo-express"], &[tcp(8081)]),
    row(&["rabbitmq"], &[tcp(5672), tcp(15672)])
        .tag("*management*")
        .peers(&[tcp(4369), tcp(25672)])
        .servers(&["rabbitmq-server"]),
    row(&["rabbitmq"], &[tcp(5672)]).peers(&[tcp(4369), tcp(25672)]).servers(&["rabbitmq-server"]),
    row(&["memcached"], &[tcp(11211)]),
    row(&["nats"], &[tcp(4222)]).peers(&[tcp(6222), tcp(8222)]).servers(&["nats-server"]),
    row(&["eclipse-mosquitto"], &[tcp(1883)]).servers(&["mosquitto"]),
    row(&["emqx"], &[tcp(1883), tcp(8083), tcp(8883), tcp(18083)]),
    row(&["kafka", "cp-kafka", "cp-server"], &[tcp(9092)]).peers(&[tcp(9093)]).servers(&[
        "run",
        "run.sh",
        "start-kafka.sh",
        "kafka-server-start.sh",
        "kafka-server-start",
    ]),
    row(&["zookeeper", "cp-zookeeper"], &[tcp(2181)]).peers(&[tcp(2888), tcp(3888)]).servers(&[
        "run",
        "zkServer.sh",
        "zookeeper-server-start",
    ]),
    row(&["cp-schema-registry"], &[tcp(8081)]).servers(&["run", "schema-registry-start"]),
    row(&["cp-kafka-connect"], &[tcp(8083)]).servers(&["run", "connect-distributed"]),
    row(&["kafka-ui"], &[tcp(8080)]),
    row(&["elasticsearch", "opensearch"], &[tcp(9200)])
        .peers(&[tcp(9300)])
        .servers(&["eswrapper", "opensearch-docker-entrypoint.sh"]),
    row(&["kibana", "opensearch-dashboards"], &[tcp(5601)])
        .servers(&["kibana-docker", "opensearch-dashboards-docker-entrypoint.sh"]),
    row(&["logstash"], &[tcp(5044), tcp(9600)]).servers(&["docker-entrypoint"]),
    row(&["cassandra", "scylla"], &[tcp(9042)])
        .peers(&[tcp(7000), tcp(7001)])
        .servers(&["docker-entrypoint.py"]),
    row(&["cockroach"], &[tcp(26257), tcp(8080)]).sql().servers(&["cockroach.sh"]),
    row(&["clickhouse-server", "clickhouse"], &[tcp(8123), tcp(9000)])
        .peers(&[tcp(9009)])
        .servers(&["clickhouse-server", "entrypoint.sh"]),
    row(&["etcd"], &[tcp(2379)]).peers(&[tcp(2380)]),
    row(&["consul"], &[tcp(8500), tcp(8600), udp(8600)]).peers(&[tcp(8300), tcp(8301), udp(8301)]),
    row(&["vault"], &[tcp(8200)]).peers(&[tcp(8201)]),
    row(&["neo4j"], &[tcp(7474), tcp(7687)]),
    row(&["couchdb"], &[tcp(5984)]),
    row(&["influxdb"], &[tcp(8086)]).servers(&["influxd", "influxdb3"]),
    row(&["solr"], &[tcp(8983)]).servers(&["solr-precreate", "solr-foreground", "solr-demo", "solr-create"]),
    row(&["meilisearch"], &[tcp(7700)]),
    row(&["typesense"], &[tcp(8108)]).servers(&["typesense-server"]),
    row(&["qdrant"], &[tcp(6333), tcp(6334)]).servers(&["entrypoint.sh"]),
    row(&["weaviate"], &[tcp(8080), tcp(50051)]),
    row(&["minio"], &[tcp(9000), tcp(9001)]),
    row(&["registry"], &[tcp(5000)]).servers(&["entrypoint.sh"]),
    row(&["localstack"], &[tcp(4566)]).servers(&["docker-entrypoint.sh"]),
    row(&["nginx", "httpd", "caddy"], &[tcp(80), tcp(443)]).servers(&[
        "nginx-debug",
        "httpd-foreground",
        "apachectl",
    ]),
    row(&["traefik"], &[tcp(80), tcp(443), tcp(8080)]).servers(&["entrypoint.sh"]),
    row(&["nginx-unprivileged"], &[tcp(8080), tcp(8443)]).servers(&["nginx"]),
    row(&["php", "wordpress", "nextcloud"], &[tcp(9000)]).tag("*fpm*").servers(&["php-fpm", "entrypoint.sh"]),
    row(&["php"], &[tcp(80)]).tag("*apache*").servers(&["apache2-foreground", "docker-php-entrypoint"]),
    row(&["wordpress", "nextcloud", "drupal", "phpmyadmin", "pgadmin4"], &[tcp(80)])
        .servers(&["apache2-foreground", "entrypoint.sh"]),
    row(&["tomcat", "keycloak", "adminer", "cadvisor"], &[tcp(8080)]).servers(&[
        "catalina.sh",
        "kc.sh",
        "entrypoint.sh",
    ]),
    row(&["sonarqube"], &[tcp(9000)]).servers(&["entrypoint.sh"]),
    row(&["jenkins"], &[tcp(8080), tcp(50000)]).servers(&["jenkins.sh"]),
    row(&["grafana", "grafana-oss"], &[tcp(3000)]).servers(&["grafana-server", "grafana", "run.sh"]),
    row(&["gitea"], &[tcp(3000), tcp(22)]).servers(&["entrypoint", "s6-svscan"]),
    row(&["ghost"], &[tcp(2368)]),
    row(&["n8n"], &[tcp(5678)]),
    row(&["ollama"], &[tcp(11434)]),
    row(&["prometheus"], &[tcp(9090)]),
    row(&["alertmanager"], &[tcp(9093)]),
    row(&["pushgateway"], &[tcp(9091)]),
    row(&["node-exporter"], &[tcp(9100)]).servers(&["node_exporter"]),
    row(&["blackbox-exporter"], &[tcp(9115)]).servers(&["blackbox_exporter"]),
    row(&["loki"], &[tcp(3100)]),
    row(&["tempo"], &[tcp(3200), tcp(4317), tcp(4318)]),
    row(&["zipkin"], &[tcp(9411)]).servers(&["start-zipkin"]),
    row(&["jaeger", "all-in-one"], &[tcp(16686), tcp(4317), tcp(4318), tcp(14268), udp(6831)])
        .servers(&["all-in-one-linux"]),
    row(&["opentelemetry-collector", "opentelemetry-collector-contrib"], &[tcp(4317), tcp(4318)])
        .servers(&["otelcol", "otelcol-contrib"]),
    row(&["mailhog", "mailpit"], &[tcp(1025), tcp(8025)]).servers(&["MailHog"]),
    row(&["fluentd", "fluent-bit"], &[tcp(24224), udp(24224)]).servers(&["entrypoint.sh"]),
    row(&["docker"], &[tcp(2375), tcp(2376)]).tag("*dind*").servers(&["dockerd", "dockerd-entrypoint.sh"]),
];
