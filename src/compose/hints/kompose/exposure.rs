//! Labels of kompose on how a service is reached, and what it is called.

use super::{PORT, Reader};
use crate::compose::hints::forms::{HOST, LABEL, OBJECT, is_route};
use crate::compose::hints::value::{Form, Language};
use crate::yaml::{Node, Value};

/// A path alone, where kompose knows hosts from another label. Users cannot write it.
const ROUTE: Language =
    Language { meant: "a path that begins with `/`", pattern: "^/", bare: false, fits: is_route };

/// Words of kompose, in lower case, with those of the hints.
const TYPES: &[(&str, &str)] = &[
    ("nodeport", "nodeport"),
    ("clusterip", "clusterip"),
    ("loadbalancer", "loadbalancer"),
    ("headless", "headless"),
];
const TRAFFIC: &[(&str, &str)] = &[("cluster", "Cluster"), ("local", "Local")];

impl Reader<'_, '_> {
    pub(super) fn exposure(&mut self) {
        if let Some((node, word)) = self.word("service.type", TYPES) {
            let service = self.service.unwrap_or_default().to_owned();
            let fact = match word {
                "headless" if self.beside.published > 0 => {
                    Some(format!("acts on `{service}` alone: `{service}-published` stays as it is"))
                }
                "headless" if self.beside.exposed > 0 => None,
                "headless" => Some("adds no port of its own, where kompose makes one up".to_owned()),
                _ => Some(format!("acts on what publishes it, `{service}-published`, beside `{service}`")),
            };
            if let Some(fact) = fact {
                self.different("service.type", &fact);
            }
            self.put("expose", node);
        }
        if let Some((node, _)) = self.word("service.external-traffic-policy", TRAFFIC) {
            if self.hints.get("expose").is_some_and(|entry| entry.node.as_text() == Some("nodeport")) {
                let fact = "acts on a NodePort too, where kompose reads it for load balancers";
                self.different("service.external-traffic-policy", fact);
            }
            self.put("external-traffic-policy", node);
        }
        if let Some(node) = self.take("service.nodeport.port", &PORT) {
            if self.beside.published + self.beside.exposed > 1 {
                let fact = "is that of the first published port, where kompose refuses it beside several";
                self.different("service.nodeport.port", fact);
            }
            self.put("node-port", node);
        }
        self.hosts();
        if let Some(node) = self.take("service.expose.tls-secret", &Form::Text) {
            let named = node.as_text().is_some_and(|text| text != "true");
            if named && !(OBJECT.fits)(node.as_text().unwrap_or_default()) {
                self.invalid("service.expose.tls-secret", OBJECT.meant);
            } else {
                let exposed = self.text("service.expose");
                if exposed.is_some_and(|hosts| hosts.as_text().unwrap_or_default().contains('/')) {
                    let fact = "is for the hosts alone, where kompose lists them with their paths";
                    self.different("service.expose.tls-secret", fact);
                }
                // `true` as text, which no hint has: hosts without a Secret of their own (N53).
                self.put("tls", node);
            }
        }
        self.copy("service.expose.ingress-class-name", "ingress-class", &Form::Language(&OBJECT));
        if let Some(node) = self.take("controller.port.expose", &Form::Flag) {
            self.put("host-port", node);
        }
    }

    fn hosts(&mut self) {
        let path = self.take("service.expose.path", &Form::Language(&ROUTE));
        let path_text = path.as_ref().and_then(Node::as_text).unwrap_or_default().to_owned();
        let Some(exposed) = self.text("service.expose") else {
            if path.is_some() {
                self.different("service.expose.path", "acts only beside `kompose.service.expose`");
            }
            return;
        };
        let text = exposed.as_text().unwrap_or_default().to_owned();
        if text.is_empty() || text == "false" {
            return;
        }
        if self.labels.contains_key("service.type") {
            self.different("service.type", "gives way to the Ingress of `kompose.service.expose`");
        }
        let hosts = text.split(',').map(str::trim).filter(|host| !host.is_empty() && *host != "true");
        let mut rules = Vec::new();
        for host in hosts {
            if !(HOST.fits)(host) {
                self.invalid("service.expose", HOST.meant);
                return;
            }
            let rule = if host.contains('/') { host.to_owned() } else { format!("{host}{path_text}") };
            rules.push(Node::text(exposed.span, rule));
        }
        if path.is_some() {
            self.different(
                "service.expose.path",
                "is the path of hosts that have none, where kompose drops it",
            );
        }
        if rules.is_empty() && !path_text.is_empty() {
            rules.extend(path);
        }
        self.put("expose", Node::text(exposed.span, "ingress"));
        if !rules.is_empty() {
            self.put("hosts", Node::new(exposed.span, Value::List(rules)));
        }
    }

    pub(super) fn names(&mut self) {
        if let Some(node) = self.take("service.group", &Form::Text) {
            self.different("service.group", "makes one pod of its services, for which kompose needs a flag");
            self.put("group", node);
        }
        if let Some(node) = self.take("service.name_override", &Form::Text) {
            if (LABEL.fits)(node.as_text().unwrap_or_default()) {
                let service = self.service.unwrap_or_default().to_owned();
                self.different("service.name_override", &format!("adds a name: `{service}` resolves too"));
                self.put("name", node);
            } else {
                self.invalid("service.name_override", LABEL.meant);
            }
        }
    }
}
