//! Trees in, text out; and back through our own reader.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Segment, write, write_with_comments, write_with_octal};
use crate::diag::{Sink, Sources};
use crate::yaml::{self, Node};

fn rank(parent: &str, key: &str) -> u32 {
    match (parent, key) {
        (_, "kind") | ("metadata", "name") => 0,
        (_, "metadata") => 1,
        _ => 2,
    }
}

fn text(tree: &Value) -> String {
    write(tree, rank, 2)
}

fn json_of(node: &Node) -> Value {
    match &node.value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(value) => json!(value),
        yaml::Value::Int(value) => match u64::try_from(*value) {
            Ok(value) => json!(value),
            Err(_) => json!(i64::try_from(*value).expect("written from 64 bits")),
        },
        yaml::Value::Float(value) => json!(value),
        yaml::Value::Timestamp(text) => panic!("{text} was written as a date"),
        yaml::Value::Text(text) => json!(text),
        yaml::Value::List(items) => items.iter().map(json_of).collect(),
        yaml::Value::Map(map) => map.iter().map(|(key, entry)| (key.clone(), json_of(&entry.node))).collect(),
    }
}

#[track_caller]
fn read_back(text: &str) -> Value {
    let mut sink = Sink::default();
    let source = Sources::default().add("f", text);
    let documents = yaml::parse(source, text, yaml::Options::default(), &mut sink);
    assert_eq!(sink.diagnostics(), [], "{text}");
    assert_eq!(documents.len(), 1, "{text}");
    json_of(&documents[0])
}

#[test]
fn keys_are_ranked_lists_are_indented_and_nothing_is_empty_brackets() {
    let tree = json!({
        "b": [1, {"x": null, "kind": "K"}, ["p", []]],
        "metadata": {"labels": {}, "name": "web"},
        "kind": "X",
    });
    let expected = "\
kind: X
metadata:
  name: web
  labels: {}
b:
  - 1
  - kind: K
    x: null
  - - p
    - []
";
    assert_eq!(text(&tree), expected);
    assert_eq!(write(&tree, rank, 4).lines().nth(2), Some("    name: web"));
}

#[test]
fn items_of_a_list_are_ranked_under_the_key_of_the_list() {
    let by_parent = |parent: &str, key: &str| u32::from(parent == "list" && key == "a");
    assert_eq!(
        write(&json!({"list": [[{"a": 1, "b": 2}]]}), by_parent, 2),
        "list:\n  - - b: 2\n      a: 1\n"
    );
}

#[test]
fn text_of_several_lines_is_a_literal() {
    let tree =
        json!({"a": "x\n\ty\n", "b": "x\n\ny", "c": " x\ny\n\n\n", "d": ["# p\nq"], "e": {"f": "\nx\n"}});
    let expected = "\
a: |
  x
  \ty
b: |-
  x

  y
c: |2+
   x
  y


d:
  - |-
    # p
    q
e:
  f: |2

    x
";
    assert_eq!(text(&tree), expected);
    assert_eq!(read_back(&text(&tree)), tree);
}

#[test]
fn text_that_a_literal_would_change_is_quoted() {
    for (value, expected) in [
        ("x\r\ny", r#""x\r\ny""#),
        ("x\n  \ny", r#""x\n  \ny""#),
        ("\tx\ny", r#""\tx\ny""#),
        ("\n\tx", r#""\n\tx""#),
        ("\n\n", r#""\n\n""#),
        ("x\n\u{2028}", r#""x\n\u2028""#),
    ] {
        assert_eq!(text(&json!({"a": value})), format!("a: {expected}\n"));
    }
    assert_eq!(text(&json!("x\ny")), "\"x\\ny\"\n");
}

#[test]
fn numbers_stay_numbers_everywhere() {
    let tree = json!([1, -1, u64::MAX, 1.0, 0.1, 1e21, 1.5e-9, -0.0]);
    assert_eq!(text(&tree), "- 1\n- -1\n- 18446744073709551615\n- 1.0\n- 0.1\n- 1.0e+21\n- 1.5e-9\n- -0.0\n");
    assert_eq!(read_back(&text(&tree)), tree);
}

#[test]
fn long_keys_stand_behind_a_question_mark() {
    let key = "k".repeat(2000);
    for value in [json!(1), json!({"a": {"b": "x\ny\n"}}), json!([{"c": 1, "d": 2}])] {
        let tree = json!({key.as_str(): value, "z": 1});
        assert_eq!(read_back(&text(&tree)), tree);
    }
}

#[test]
fn comments_stand_where_a_value_begins() {
    let tree = json!({"a": 1, "b": {"c": "x\ny\n"}, "d": [1, {"e": 2}], "f": {}});
    let comment = |path: &[Segment<'_>]| match path {
        [Segment::Key("f")] => None,
        path => Some(format!("{}\n", path.len())),
    };
    let written = write_with_comments(&tree, rank, 2, &comment);
    let expected = "\
a: 1 # 1
b: # 1
  c: | # 2
    x
    y
d: # 1
  - 1 # 2
  - e: 2 # 3
f: {}
";
    assert_eq!(written, expected);
    assert_eq!(read_back(&written), tree);
}

/// Strings made of what readers disagree on.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,6}",
        "[0-9_.:+,eExob-]{1,8}",
        "[ \t\n\r#:'\"\\-]{1,5}",
        r"\PC{0,4}",
        prop::char::any().prop_map(String::from),
        prop::sample::select(vec![
            "yes", "Off", "null", "~", "<<", "=", "---", "...", "? ", "- ", ": ", " #", "\n\n", "x", "|",
            "!a", "&a", "*a", "{{ .V }}"
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<u64>().prop_map(|value| json!(value)),
        any::<f64>()
            .prop_filter("JSON has no other", |value| value.is_finite())
            .prop_map(|value| json!(value)),
        nasty().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::btree_map(nasty(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_equal(tree in tree(), indent in 2..=4_usize) {
        let written = write(&tree, rank, indent);
        prop_assert_eq!(read_back(&written), tree.clone());
        prop_assert_eq!(write(&tree, rank, indent), written);
    }
}

#[test]
fn some_integers_are_written_in_octal() {
    let octal = |parent: &str, key: &str| parent == "file" && key == "mode";
    let tree = json!({"file": {"mode": 288, "size": 288}, "mode": 288});
    assert_eq!(write_with_octal(&tree, rank, octal, 2), "file:\n  mode: 0440\n  size: 288\nmode: 288\n");
}
