//! Which names mean a service to a reader (N25). Names are compared in lower case.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Alias, AliasOrigin, NetworkName, ProjectName, ServiceName};

/// All names of a project's services.
pub(super) struct Names {
    services: BTreeMap<String, ServiceName>,
    /// Names that are no service's own: aliases, host and container names, `<project>-T-1`.
    others: BTreeMap<String, BTreeSet<ServiceName>>,
    /// Names that `links` give to one reader only.
    links: BTreeMap<ServiceName, BTreeMap<String, ServiceName>>,
    linked: BTreeSet<String>,
    /// What may stand behind a name and a dot.
    networks: BTreeSet<String>,
    longest: usize,
}

impl Names {
    /// Collects the names; `networks` gives each network's key and real name.
    pub(super) fn new<'a>(
        project: &ProjectName,
        services: impl Iterator<Item = (&'a ServiceName, &'a [Alias])>,
        networks: impl Iterator<Item = (&'a NetworkName, &'a str)>,
    ) -> Self {
        let mut names = Self {
            services: BTreeMap::new(),
            others: BTreeMap::new(),
            links: BTreeMap::new(),
            linked: BTreeSet::new(),
            networks: networks
                .flat_map(|(key, real)| {
                    [key.as_str().to_lowercase(), format!("{project}_{key}"), real.to_owned()]
                })
                .map(|name| name.to_lowercase())
                .collect(),
            longest: 0,
        };
        for (service, aliases) in services {
            names.services.entry(service.as_str().to_lowercase()).or_insert_with(|| service.clone());
            let containers = [format!("{project}-{service}-1"), format!("{project}_{service}_1")];
            // Swarm's name for all tasks resolves there alone, which its user is to know (N33).
            for name in containers.into_iter().chain([format!("tasks.{service}")]) {
                names.add(&name, service);
            }
            for alias in aliases {
                match &alias.origin {
                    AliasOrigin::Link { by } => names.link(by, &alias.name, service),
                    AliasOrigin::Network(_) | AliasOrigin::ContainerName | AliasOrigin::Hostname => {
                        names.add(&alias.name, service);
                    }
                }
            }
        }
        let longest = |names: &mut dyn Iterator<Item = &String>| names.map(String::len).max().unwrap_or(0);
        let own = longest(&mut names.services.keys().chain(names.others.keys()).chain(&names.linked));
        names.longest = own + 1 + longest(&mut names.networks.iter());
        names
    }

    fn add(&mut self, name: &str, service: &ServiceName) {
        self.others.entry(name.to_lowercase()).or_default().insert(service.clone());
    }

    fn link(&mut self, by: &ServiceName, name: &str, service: &ServiceName) {
        self.linked.insert(name.to_lowercase());
        self.links.entry(by.clone()).or_default().insert(name.to_lowercase(), service.clone());
    }

    /// Tells whether a name (lower case) means a service to any reader.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.forms(name).any(|name| {
            self.services.contains_key(name) || self.others.contains_key(name) || self.linked.contains(name)
        })
    }

    /// Returns the services that a name (lower case) means to a reader. A service's own name beats an alias of another.
    pub(super) fn meant<'a>(&'a self, reader: &ServiceName, name: &str) -> Vec<&'a ServiceName> {
        for name in self.forms(name) {
            let linked = self.links.get(reader).and_then(|links| links.get(name));
            if let Some(service) = linked.or_else(|| self.services.get(name)) {
                return vec![service];
            }
            if let Some(services) = self.others.get(name) {
                return services.iter().collect();
            }
        }
        Vec::new()
    }

    /// The name itself, and what stands before each dot that a network's name follows.
    fn forms<'n>(&self, name: &'n str) -> impl Iterator<Item = &'n str> {
        let dots: Vec<usize> = if name.len() > self.longest {
            Vec::new()
        } else {
            name.match_indices('.').map(|(dot, _)| dot).collect()
        };
        let behind = dots.into_iter().filter(|dot| self.networks.contains(&name[dot + 1..]));
        std::iter::once(name).chain(behind.map(|dot| &name[..dot])).collect::<Vec<_>>().into_iter()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::diag::{Sources, Span, Spanned};

    fn alias(name: &str, origin: AliasOrigin) -> Alias {
        let span = Span::new(Sources::default().add("", ""), 0, 0);
        Alias { name: Spanned::new(name.to_owned(), span), origin }
    }

    /// Names of services without aliases, for tests of scanning.
    pub(in crate::normalise) fn plain(services: &[&str]) -> Names {
        let services: Vec<_> = services.iter().map(|name| ServiceName::new(*name)).collect();
        let nothing: &[Alias] = &[];
        Names::new(
            &ProjectName::new("shop"),
            services.iter().map(|service| (service, nothing)),
            std::iter::empty(),
        )
    }

    fn check(names: &Names, reader: &str, name: &str, expected: &[&str]) {
        let meant = names.meant(&ServiceName::new(reader), name);
        assert_eq!(meant.iter().map(|service| service.as_str()).collect::<Vec<_>>(), expected, "{name}");
    }

    #[test]
    fn a_service_has_many_names() {
        let (db, web) = (ServiceName::new("My_DB"), ServiceName::new("web"));
        let network = NetworkName::new("back");
        let aliases = [
            alias("database", AliasOrigin::Network(network.clone())),
            alias("pg-1", AliasOrigin::ContainerName),
            alias("web", AliasOrigin::Hostname),
            alias("store", AliasOrigin::Link { by: web.clone() }),
        ];
        let other = [alias("Database", AliasOrigin::Network(network.clone()))];
        let names = Names::new(
            &ProjectName::new("shop"),
            [(&db, &aliases[..]), (&web, &other[..])].into_iter(),
            [(&network, "real")].into_iter(),
        );
        check(&names, "web", "my_db", &["My_DB"]);
        check(&names, "web", "pg-1", &["My_DB"]);
        check(&names, "web", "shop-my_db-1", &["My_DB"]);
        check(&names, "web", "shop_web_1", &["web"]);
        check(&names, "web", "web", &["web"]);
        check(&names, "web", "database", &["My_DB", "web"]);
        check(&names, "web", "store", &["My_DB"]);
        check(&names, "My_DB", "store", &[]);
        check(&names, "web", "my_db.back", &["My_DB"]);
        check(&names, "web", "my_db.shop_back", &["My_DB"]);
        check(&names, "web", "my_db.real", &["My_DB"]);
        check(&names, "web", "my_db.example.com", &[]);
        assert!(names.knows("store") && names.knows("store.back") && !names.knows("shop"));
    }

    #[test]
    fn long_names_cost_nothing() {
        assert!(!plain(&["web"]).knows(&"a.".repeat(100_000)));
    }
}
