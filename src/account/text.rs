//! From a line of a written file to the object and the path that stand there.

use crate::diag::{Sink, Sources, Span};
use crate::yaml::{self, Node, Value};

/// What stands on a line: its document's number, kind and name, and the steps to what begins or goes on there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// `kind` of the document; a stack file has none.
    pub(crate) kind: Option<String>,
    /// Name of the object.
    pub(crate) name: Option<String>,
    /// Steps from the top of the document.
    pub(crate) steps: Vec<String>,
}

/// Finds what stands on a line, counted from 1. Actions of a chart count as plain text.
pub(crate) fn line(text: &str, number: u32) -> Option<Line> {
    let mut sources = Sources::default();
    let plain = without_actions(text);
    let source = sources.add("", plain.as_str());
    let trees = yaml::parse(source, &plain, yaml::Options::default(), &mut Sink::default());
    let on_line = |span: Span| {
        let at = |offset: u32| sources.position(source, offset).line;
        let end = span.end.saturating_sub(u32::from(span.end > span.start));
        (at(span.start)..=at(end)).contains(&number)
    };
    let tree = trees.iter().find(|tree| on_line(tree.span))?;
    let text_of = |node: Option<&Node>| node.and_then(Node::as_text).map(str::to_owned);
    let mut steps = Vec::new();
    walk(tree, &on_line, &mut steps);
    Some(Line {
        kind: text_of(tree.get("kind")),
        name: text_of(tree.get("metadata").and_then(|metadata| metadata.get("name"))),
        steps,
    })
}

/// Goes down to the deepest value whose key or text is on the line; of several, to the first.
fn walk(node: &Node, on_line: &dyn Fn(Span) -> bool, steps: &mut Vec<String>) {
    match &node.value {
        Value::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(_, entry)| entry.key.start);
            let keyed = entries.iter().find(|(_, entry)| on_line(entry.key));
            let within = || entries.iter().find(|(_, entry)| on_line(entry.node.span));
            if let Some((key, entry)) = keyed.or_else(within) {
                steps.push((*key).clone());
                // A key alone on its line stands for all below it.
                if !on_line(entry.key) || on_line(entry.node.span) {
                    walk(&entry.node, on_line, steps);
                }
            }
        }
        Value::List(items) => {
            if let Some((index, item)) = items.iter().enumerate().find(|(_, item)| on_line(item.span)) {
                steps.push(index.to_string());
                walk(item, on_line, steps);
            }
        }
        _ => {}
    }
}

/// Replaces `{{ … }}` by as many letters; a line that holds nothing else becomes blank.
fn without_actions(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("{{") && line.trim_end().ends_with("}}") {
            plain.push('\n');
            continue;
        }
        let mut rest = line;
        while let Some((before, behind)) = rest.split_once("{{") {
            let Some((inside, after)) = behind.split_once("}}") else { break };
            plain.push_str(before);
            plain.extend(std::iter::repeat_n('x', inside.chars().count() + 4));
            rest = after;
        }
        plain.push_str(rest);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# rcompose: x\nkind: A\nmetadata:\n  name: a\nspec:\n  list:\n    - name: one\n      text: |\n        x\n        y\n    - name: two\n---\nkind: B\nmetadata:\n  name: b\n";

    fn steps(number: u32) -> (String, String) {
        let found = line(TEXT, number).expect("something is there");
        (
            format!("{}/{}", found.kind.unwrap_or_default(), found.name.unwrap_or_default()),
            found.steps.join("."),
        )
    }

    #[test]
    fn a_line_leads_to_its_object_and_path() {
        let expected = [
            (4, "A/a", "metadata.name"),
            (5, "A/a", "spec"),
            (7, "A/a", "spec.list.0.name"),
            (9, "A/a", "spec.list.0.text"),
            (10, "A/a", "spec.list.0.text"),
            (11, "A/a", "spec.list.1.name"),
            (13, "B/b", "kind"),
        ];
        for (number, object, path) in expected {
            assert_eq!(steps(number), (object.to_owned(), path.to_owned()), "{number}");
        }
        assert_eq!(line(TEXT, 99), None);
    }

    #[test]
    fn actions_of_charts_are_plain_text() {
        let text = "kind: A\nmetadata:\n  name: a\nspec:\n  {{- if .Values.x }}\n  replicas: {{ .Values.y }}\n  {{- end }}\n  image: \"{{ .a }}:{{ .b }}\"\n";
        assert_eq!(line(text, 6).expect("something").steps, ["spec", "replicas"].map(str::to_owned));
        assert_eq!(line(text, 8).expect("something").steps, ["spec", "image"].map(str::to_owned));
    }
}
