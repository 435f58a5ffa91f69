//! Labels of kompose on probes.

use super::{PORT, POSITIVE, Reader, entry, map, words};
use crate::compose::hints::forms::DURATION;
use crate::compose::hints::value::Form;
use crate::yaml::{Mapping, Node, Value};

impl Reader<'_, '_> {
    pub(super) fn health(&mut self) {
        if let Some(probe) = self.probe("service.healthcheck.liveness") {
            self.put("liveness", probe);
        }
        let disabled = self.take("service.healthcheck.readiness.disable", &Form::Flag);
        match disabled {
            Some(node) if node.value == Value::Bool(true) => {
                self.put("readiness", Node::new(node.span, Value::Bool(false)));
            }
            _ => {
                if let Some(probe) = self.probe("service.healthcheck.readiness") {
                    self.put("readiness", probe);
                }
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
        if let Some(span) = path.as_ref().or(port.as_ref()).map(|node| node.span) {
            let parts = [("path", path), ("port", port)];
            let parts = parts.into_iter().filter_map(|(name, node)| Some((name, node?)));
            insert("http", map(parts, span));
        } else if let Some(tcp) = tcp {
            insert("tcp", tcp);
        } else if let Some(test) = test {
            if test.value == Value::Bool(false) {
                return Some(test);
            }
            insert("exec", test);
        }
        for (end, name, form) in [
            ("interval", "interval", Form::Language(&DURATION)),
            ("timeout", "timeout", Form::Language(&DURATION)),
            ("start_period", "start-period", Form::Language(&DURATION)),
            ("retries", "retries", POSITIVE),
        ] {
            if let Some(node) = self.take(&label(end), &form) {
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
        match words::list(&text) {
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
            None => Some(shell(text.strip_prefix("CMD-SHELL ").unwrap_or(&text))),
        }
    }
}
