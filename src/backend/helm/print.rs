//! A tree with holes to the text of a template. What has no hole is written as it is everywhere, then quoted for the
//! engine; so a chart and the raw objects cannot differ but in their holes.

use serde_json::{Map, Value};

use super::go;
use super::holes::{Hole, Holes, Piece, below};
use crate::yaml;

const INDENT: usize = 2;

/// Order of keys, as `Document` has it.
type KeyRank = fn(&str, &str) -> u32;

/// Writes a mapping whose keys stand at a column.
pub(super) fn mapping(
    map: &Map<String, Value>,
    place: &str,
    column: usize,
    holes: &Holes,
    rank: KeyRank,
) -> String {
    let mut printer = Printer { out: String::new(), holes, rank };
    printer.map(map, "", place, column, false);
    printer.close();
    printer.out
}

struct Printer<'h> {
    out: String,
    holes: &'h Holes,
    rank: KeyRank,
}

impl Printer<'_> {
    /// Writes entries at a column; the first one where the line is, if one has begun.
    fn map(&mut self, map: &Map<String, Value>, parent: &str, place: &str, column: usize, begun: bool) {
        let added = self.holes.added(place, map);
        let absent = &Value::Null;
        let mut entries: Vec<(&String, &Value)> =
            map.iter().chain(added.iter().map(|key| (key, absent))).collect();
        entries.sort_by_cached_key(|(key, _)| ((self.rank)(parent, key), *key));
        let mut begun = begun;
        for (key, value) in entries {
            let place = below(place, key);
            self.entry(&Entry { key: Some(key), value, parent, place: &place, column }, begun, 0);
            begun = false;
        }
        self.lines(self.holes.tail_of(place), column);
    }

    fn list(&mut self, items: &[Value], key: &str, place: &str, column: usize) {
        for (index, value) in items.iter().enumerate() {
            let place = format!("{place}/{index}");
            self.entry(&Entry { key: None, value, parent: key, place: &place, column }, false, 0);
        }
        self.lines(self.holes.tail_of(place), column);
    }

    /// Writes one entry: its hole of a depth, or what is inside the last one.
    fn entry(&mut self, entry: &Entry<'_>, begun: bool, depth: usize) {
        let Entry { key, value, parent: _, place, column } = *entry;
        match self.holes.of(place).get(depth) {
            Some(Hole::Lines(lines)) => {
                self.end_begun(begun);
                self.lines(lines, column);
            }
            Some(Hole::Around(before, after)) => {
                self.end_begun(begun);
                self.lines(std::slice::from_ref(before), column);
                self.entry(entry, false, depth + 1);
                self.lines(std::slice::from_ref(after), column);
            }
            Some(Hole::Value(text)) => {
                self.head(key, column, begun);
                self.out.extend([" ", text, "\n"]);
            }
            Some(Hole::Text(pieces)) => {
                let text = named(pieces, |stand_in| match key {
                    Some(key) => written_entry(key, &Value::String(stand_in), self.rank),
                    None => written_item(&Value::String(stand_in), self.rank),
                });
                self.text(&text, column, begun);
            }
            None if self.holes.are_inside(place) => self.opened(entry, begun),
            None => {
                let text = match key {
                    Some(key) => written_entry(key, value, self.rank),
                    None => written_item(value, self.rank),
                };
                self.text(&go::literal(&text), column, begun);
            }
        }
    }

    /// Writes an entry that has holes further down.
    fn opened(&mut self, entry: &Entry<'_>, begun: bool) {
        let Entry { key, value, parent, place, column } = *entry;
        self.head(key, column, begun);
        match (value, key) {
            (Value::Array(items), _) => {
                self.out.push('\n');
                self.list(items, key.map_or(parent, String::as_str), place, column + INDENT);
            }
            (Value::Object(map), None) => {
                // Lines cannot stand behind a dash.
                let begins = map.is_empty() || self.first_is_lines(map, parent, place);
                self.out.push_str(if begins { "\n" } else { " " });
                self.map(map, parent, place, column + INDENT, !begins);
            }
            (Value::Object(map), Some(key)) => {
                self.out.push('\n');
                self.map(map, key, place, column + INDENT, false);
            }
            // A scalar has nothing below.
            _ => self.out.push('\n'),
        }
    }

    fn first_is_lines(&self, map: &Map<String, Value>, parent: &str, place: &str) -> bool {
        let added = self.holes.added(place, map);
        let keys = map.keys().chain(&added);
        let first = keys.min_by_key(|key| ((self.rank)(parent, key), *key));
        let holes = first.map(|key| self.holes.of(&below(place, key)));
        holes.is_some_and(|holes| matches!(holes.first(), Some(Hole::Lines(_) | Hole::Around(..))))
    }

    fn head(&mut self, key: Option<&String>, column: usize, begun: bool) {
        if !begun {
            self.blanks(column);
        }
        match key {
            Some(key) => {
                let written = written_entry(key, &Value::Null, self.rank);
                let head = written.strip_suffix(" null\n").unwrap_or(&written);
                self.out.push_str(&go::literal(head));
            }
            None => self.out.push('-'),
        }
    }

    /// Writes lines of templates. They cut the white space in front of them, so that must not be the end of a text of
    /// the user's: a comment stands between.
    fn lines(&mut self, lines: &[String], column: usize) {
        for line in lines {
            if line.starts_with("{{-") {
                self.fence(column);
            }
            self.blanks(column);
            self.out.extend([line, "\n"]);
        }
    }

    fn fence(&mut self, column: usize) {
        let Some(above) = self.out.strip_suffix('\n') else { return };
        if above.is_empty() || above.ends_with(char::is_whitespace) {
            self.blanks(column);
            self.out.push_str("#\n");
        }
    }

    /// Helm cuts the white space at the end of a file, too.
    fn close(&mut self) {
        self.fence(0);
    }

    fn end_begun(&mut self, begun: bool) {
        if begun {
            self.out.push('\n');
        }
    }

    /// Writes text that begins at column 0 at another one.
    fn text(&mut self, text: &str, column: usize, begun: bool) {
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if line != "\n" && !(begun && number == 0) {
                self.blanks(column);
            }
            self.out.push_str(line);
        }
    }

    fn blanks(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }
}

/// A key or a dash with what follows it.
struct Entry<'e> {
    key: Option<&'e String>,
    value: &'e Value,
    parent: &'e str,
    place: &'e str,
    column: usize,
}

fn written_entry(key: &str, value: &Value, rank: KeyRank) -> String {
    yaml::write(&Value::Object(Map::from_iter([(key.to_owned(), value.clone())])), rank, INDENT)
}

fn written_item(value: &Value, rank: KeyRank) -> String {
    yaml::write(&Value::Array(vec![value.clone()]), rank, INDENT)
}

/// Writes a text with stand-ins for its names, then puts the names in. A stand-in is a word that every style of YAML
/// writes as it is, and that the text does not hold.
fn named(pieces: &[Piece], write: impl FnOnce(String) -> String) -> String {
    let literals = || {
        pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::Name(_) => None,
        })
    };
    // Each one that is taken needs room of its own, so one is free.
    let room: usize = literals().map(str::len).sum();
    let mut words = (0..=room).map(|number| format!("name{number}here"));
    let word = words.find(|word| !literals().any(|text| text.contains(word))).unwrap_or_default();
    let text: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => text.as_str(),
            Piece::Name(_) => word.as_str(),
        })
        .collect();
    let written = write(text);
    let mut names = pieces.iter().filter_map(|piece| match piece {
        Piece::Name(name) => Some(name.as_str()),
        Piece::Literal(_) => None,
    });
    let mut parts = written.split(&word);
    let mut out = go::literal(parts.next().unwrap_or_default());
    for part in parts {
        // A brace in front would become part of the action.
        if out.ends_with('{') {
            out.pop();
            out.push_str("{{ \"{\" }}");
        }
        out.push_str(names.next().unwrap_or_default());
        out.push_str(&go::literal(part));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn printed(tree: &Value, holes: &Holes) -> String {
        mapping(tree.as_object().expect("a mapping"), "", 0, holes, |_, _| 0)
    }

    #[test]
    fn without_holes_it_is_what_the_writer_writes_n114() {
        let tree = json!({"a": [{"b": "x\n y\n", "c": []}], "d": {"e": "{{ x }}"}, "f": "  \n\nz\n"});
        let expected = yaml::write(&tree, |_, _| 0, 2).replace("{{", "{{ \"{{\" }}");
        assert_eq!(printed(&tree, &Holes::default()), expected);
    }

    #[test]
    fn holes_stand_at_their_places_and_in_order_n114() {
        let tree = json!({"list": [{"name": "a", "value": "1"}, {"name": "b"}], "x": {"k": "v"}});
        let mut holes = Holes::default();
        holes.put("/list/0", Hole::Around("{{- if A }}".into(), "{{- end }}".into()));
        holes.put("/list/0/value", Hole::Value("{{ V }}".into()));
        holes.put(
            "/list/1/also",
            Hole::Lines(vec!["{{- if B }}".into(), "also: 1".into(), "{{- end }}".into()]),
        );
        holes.put("/m", Hole::Lines(vec!["m: {{ M }}".into()]));
        holes.tail("/x", vec!["{{- range R }}".into()]);
        let expected = "\
list:
  {{- if A }}
  - name: a
    value: {{ V }}
  {{- end }}
  -
    {{- if B }}
    also: 1
    {{- end }}
    name: b
m: {{ M }}
x:
  k: v
  {{- range R }}
";
        assert_eq!(printed(&tree, &holes), expected);
    }

    #[test]
    fn white_space_of_users_is_not_cut_by_what_follows_n114() {
        let tree = json!({"a": "text  \n\n", "b": "c\n\n"});
        let mut holes = Holes::default();
        holes.put("/a1", Hole::Lines(vec!["{{- X }}".into()]));
        assert_eq!(printed(&tree, &holes), "a: |+\n  text  \n\n#\n{{- X }}\nb: |+\n  c\n\n#\n");
    }

    #[test]
    fn names_stand_inside_texts_n114() {
        let tree = json!({"args": ["go {{ name0here {\nx"]});
        let mut holes = Holes::default();
        let pieces = vec![
            Piece::Literal("go {{ name0here {".into()),
            Piece::Name("{{ N }}".into()),
            Piece::Literal("\nend".into()),
        ];
        holes.put("/args/0", Hole::Text(pieces));
        let expected = "args:\n  - |-\n    go {{ \"{{\" }} name0here {{ \"{\" }}{{ N }}\n    end\n";
        assert_eq!(printed(&tree, &holes), expected);
    }
}
