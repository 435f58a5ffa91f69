//! Labels of kompose on probes.

use super::{Check, PORT, POSITIVE, PREFIX, Reader, entry, map, words};
use crate::compose::hints::forms::DURATION;
use crate::compose::hints::value::Form;
use crate::yaml::{Mapping, Node, Value};

const LIVENESS: &str = "service.healthcheck.liveness";
const READINESS: &str = "service.healthcheck.readiness";

/// Ends of the labels on what a probe asks.
const HANDLERS: [&str; 4] = ["test", "http_get_path", "http_get_port", "tcp_port"];

/// Ends of the labels on when it asks, with their hints and forms.
const TIMES: &[(&str, &str, &Form)] = &[
    ("interval", "interval", &Form::Language(&DURATION)),
    ("timeout", "timeout", &Form::Language(&DURATION)),
    ("start_period", "start-period", &Form::Language(&DURATION)),
    ("retries", "retries", &POSITIVE),
];

impl Reader<'_, '_> {
    pub(super) fn health(&mut self) {
        if let Some(probe) = self.probe(LIVENESS) {
            self.liveness_acts_otherwise();
            self.put("liveness", probe);
        }
        let disabled = self.take("service.healthcheck.readiness.disable", &Form::Flag);
        match disabled {
            Some(node) if node.value == Value::Bool(true) => {
                self.put("readiness", Node::new(node.span, Value::Bool(false)));
            }
            _ => {
                if let Some(probe) = self.probe(READINESS) {
                    self.readiness_acts_otherwise(&probe);
                    self.put("readiness", probe);
                }
            }
        }
    }

    /// kompose reads these labels only where a `healthcheck` stands, and a `test` there counts before them.
    fn liveness_acts_otherwise(&mut self) {
        let fact = match self.beside.check {
            Check::None => "acts without a `healthcheck` too, where kompose does not read it",
            Check::NoTest => return,
            Check::Test => "acts beside the `test` of `healthcheck`, where kompose drops it",
        };
        let labels = HANDLERS.iter().map(|end| format!("{LIVENESS}.{end}"));
        if let Some(label) = labels.into_iter().find(|label| self.labels.contains_key(&**label)) {
            self.different(&label, fact);
        }
    }

    fn readiness_acts_otherwise(&mut self, probe: &Node) {
        let Value::Map(probe) = &probe.value else { return };
        if ["http", "tcp", "exec"].iter().any(|handler| probe.contains_key(*handler)) {
            return;
        }
        let fact = match self.beside.check {
            Check::Test => "holds for the `test` of `healthcheck`, where kompose asks for one of its own",
            Check::None | Check::NoTest => "holds for what is assumed, where kompose asks for a test",
        };
        let labels = TIMES.iter().map(|(end, ..)| format!("{READINESS}.{end}"));
        if let Some(label) = labels.into_iter().find(|label| self.labels.contains_key(&**label)) {
            self.different(&label, fact);
        }
    }

    /// Tells of labels on what a probe asks that another one stands before, as with kompose.
    fn give_way(&mut self, losers: &[String], winner: &str) {
        for label in losers {
            if self.labels.contains_key(&**label) {
                self.different(label, &format!("gives way to `{PREFIX}{winner}`"));
            }
        }
    }

    /// Reads the labels of one probe.
    fn probe(&mut self, prefix: &str) -> Option<Node> {
        let label = |end: &str| format!("{prefix}.{end}");
        let mut probe = Mapping::new();
        let mut insert = |name: &str, node: Node| {
            probe.insert(name.to_owned(), entry(node));
        };
        let path = self.take(&label("http_get_path"), &Form::Text);
        let port = self.take(&label("http_get_port"), &PORT);
        let tcp = self.take(&label("tcp_port"), &PORT);
        let test = self.labels.contains_key(&*label("test")).then(|| self.test(&label("test"))).flatten();
        let http = path.as_ref().or(port.as_ref()).map(|node| node.span);
        let [test_label, path_label, port_label, tcp_label] = HANDLERS.map(label);
        // The order is that of kompose, which takes half an address for none.
        if let Some(test) = test {
            self.give_way(&[path_label, port_label, tcp_label], &test_label);
            if test.value == Value::Bool(false) {
                return Some(test);
            }
            insert("exec", test);
        } else if let Some(span) = http.filter(|_| tcp.is_none() || (path.is_some() && port.is_some())) {
            self.give_way(&[tcp_label], if path.is_some() { &path_label } else { &port_label });
            let parts = [("path", path), ("port", port)];
            let parts = parts.into_iter().filter_map(|(name, node)| Some((name, node?)));
            insert("http", map(parts, span));
        } else if let Some(tcp) = tcp {
            self.give_way(&[path_label, port_label], &tcp_label);
            insert("tcp", tcp);
        }
        for (end, name, form) in TIMES {
            if let Some(node) = self.take(&label(end), form) {
                insert(name, node);
            }
        }
        let span = probe.values().next()?.node.span;
        Some(Node::new(span, Value::Map(probe)))
    }

    /// Reads a test as Compose writes one; `false` for `NONE`.
    fn test(&mut self, label: &str) -> Option<Node> {
        let node = self.text(label)?;
        let text = node.as_text().unwrap_or_default().to_owned();
        let shell = |script: &str| {
            let words = ["/bin/sh", "-c", script].map(|word| Node::text(node.span, word));
            Node::new(node.span, Value::List(words.to_vec()))
        };
        match words::json(&text) {
            Some(words) => match words.split_first() {
                Some((first, [])) if first == "NONE" => Some(Node::new(node.span, Value::Bool(false))),
                Some((first, [script])) if first == "CMD-SHELL" => Some(shell(script)),
                Some((first, rest)) if !rest.is_empty() || first != "CMD" => {
                    let words = if first == "CMD" { rest } else { words.as_slice() };
                    let words = words.iter().map(|word| Node::text(node.span, word)).collect();
                    Some(Node::new(node.span, Value::List(words)))
                }
                _ => {
                    self.invalid(label, "a test as in `healthcheck`");
                    None
                }
            },
            None if text.is_empty() => {
                self.invalid(label, "a test as in `healthcheck`");
                None
            }
            None if text == "NONE" => Some(Node::new(node.span, Value::Bool(false))),
            None => Some(match words::exec(&text) {
                Some(words) => {
                    let words = words.into_iter().map(|word| Node::text(node.span, word)).collect();
                    Node::new(node.span, Value::List(words))
                }
                None => shell(text.strip_prefix("CMD-SHELL ").unwrap_or(&text)),
            }),
        }
    }
}
