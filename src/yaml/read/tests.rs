//! YAML in, tree and problems out.

use std::fmt::Write as _;

use crate::diag::{Severity, Sink, Sources};
use crate::yaml::{Node, Options, Value, parse};

const OPTIONS: Options<'_> = Options { not_copied_tag: Some("!gone") };

fn show(node: &Node) -> String {
    let value = match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::Timestamp(text) => format!("date {text}"),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, entry)| format!("{key}: {}", show(&entry.node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    };
    node.tag.as_ref().map_or(value.clone(), |tag| format!("{tag} {value}"))
}

/// Reads a text; returns its documents, one a line, and then its problems.
fn read(text: &str) -> String {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let source = sources.add("f", text);
    let documents = parse(source, text, OPTIONS, &mut sink);
    let mut shown: Vec<String> = documents.iter().map(show).collect();
    for found in sink.diagnostics() {
        let place = found.span.map(|span| sources.place(span)).unwrap_or_default();
        let mut line = format!("{place} {}: {}", found.code.name(), found.message);
        for label in &found.labels {
            let _ = write!(line, " ({}: {})", sources.place(label.span), label.text);
        }
        if let Some(path) = &found.path {
            let _ = write!(line, " at {path}");
        }
        shown.push(line);
    }
    shown.join("\n")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(read(text), expected, "{text}");
}

/// Checks that nothing is wrong but a problem with one of these codes.
#[track_caller]
fn check_code(text: &str, code: &str) {
    let mut sink = Sink::default();
    let source = Sources::default().add("f", text);
    parse(source, text, OPTIONS, &mut sink);
    let codes: Vec<&str> = sink.diagnostics().iter().map(|found| found.code.name()).collect();
    assert_eq!(codes, [code], "{text}");
}

/// Returns the written text of every key and value.
fn snippets(text: &str) -> Vec<String> {
    fn walk(node: &Node, sources: &Sources, found: &mut Vec<String>) {
        found.push(sources.snippet(node.span).to_owned());
        match &node.value {
            Value::List(items) => items.iter().for_each(|item| walk(item, sources, found)),
            Value::Map(map) => map.values().for_each(|entry| {
                found.push(sources.snippet(entry.key).to_owned());
                walk(&entry.node, sources, found);
            }),
            _ => {}
        }
    }
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let source = sources.add("f", text);
    let documents = parse(source, text, OPTIONS, &mut sink);
    assert_eq!(sink.diagnostics(), []);
    let mut found = Vec::new();
    for node in &documents {
        walk(node, &sources, &mut found);
    }
    found
}

#[test]
fn scalars_are_resolved_by_form_and_quotes() {
    check(
        "{a: 0755, b: '0755', c: 1.50, d: yes, e: , f: ~}",
        r#"{a: 493, b: "0755", c: 1.5, d: "yes", e: null, f: null}"#,
    );
    check("[2020-01-01, !!str 2020-01-01, 22:22]", r#"[date 2020-01-01, "2020-01-01", "22:22"]"#);
    check("a: >-\n  x\n  y\nb: |\n  z\n", r#"{a: "x y", b: "z\n"}"#);
    check("a: |\n  no break at the end", r#"{a: "no break at the end"}"#);
}

#[test]
fn tags_of_our_own_are_kept_and_make_text() {
    check("a: !x 12\nb: !x\nc: !x {d: 1}\ne: ! 12", r#"{a: !x "12", b: !x "", c: !x {d: 1}, e: 12}"#);
    check("a: !<tag:example.com,2000:t> 12\nb: !!set {x: }", r#"{a: "12", b: {x: null}}"#);
    check(
        "a: !!int x\nb: !!int '5'",
        "{a: \"x\", b: 5}\nf:1:10 yaml-syntax: the tag promises an integer, which this is not at a",
    );
}

#[test]
fn documents_are_read_one_by_one() {
    check("", "");
    check("# nothing\n", "");
    check("a: 1\n---\nb: 2\n---\n", "{a: 1}\n{b: 2}\nnull");
    check("--- a\n...\n---\n# c\n--- b\n", "\"a\"\nnull\n\"b\"");
    check("a: 1\n...\nb: 2\n", "{a: 1}\nf:3:1 yaml-syntax: text follows the end of a document without `---`");
    check("%YAML 1.1\n---\na: 1\n", "{a: 1}");
    check("%YAML 1.2\n---\na: 1\n", "f:2:1 yaml-syntax: `%YAML` names another version than 1.1");
}

#[test]
fn reading_goes_on_behind_a_broken_document() {
    check(
        "a: [1\n---\nb: 2\n---\nc: *d\n",
        "{b: 2}\n{c: null}\nf:1:4 yaml-syntax: unclosed bracket '['\nf:5:4 yaml-syntax: there is no anchor `d`",
    );
}

#[test]
fn spans_leave_out_anchors_and_tags() {
    assert_eq!(
        snippets("a: &x !t \"q\"\nb:\n  - 1 # c\n  - {c: d}\ne: |\n  text\n\nf:\n"),
        [
            "a: &x !t \"q\"\nb:\n  - 1 # c\n  - {c: d}\ne: |\n  text\n\nf",
            "a",
            "\"q\"",
            "b",
            "- 1 # c\n  - {c: d}",
            "1",
            "{c: d}",
            "c",
            "d",
            "e",
            "text",
            "f",
            "",
        ]
    );
}

#[test]
fn a_list_below_its_key_begins_with_its_dash() {
    assert_eq!(
        snippets("a: # -\n- b\n- c\nd:\n- - e\n  - f\n")[2..],
        ["- b\n- c", "b", "c", "d", "- - e\n  - f", "- e\n  - f", "e", "f"]
    );
}

#[test]
fn anchors_of_earlier_documents_are_known() {
    check("a: &a 1\n---\nb: *a\n", "{a: 1}\n{b: 1}");
}

#[test]
fn all_duplicate_keys_are_told_with_both_places() {
    check(
        "a: 1\nb: {c: 1, c: 2}\n\"a\": 3\n<<: {d: 1}\n<<: {e: 1}\n",
        "{a: 1, b: {c: 1}, d: 1}\n\
         f:2:11 duplicate-key: the key `c` stands twice in one mapping (f:2:5: first here) at b.c\n\
         f:3:1 duplicate-key: the key `a` stands twice in one mapping (f:1:1: first here) at a\n\
         f:5:1 duplicate-key: the key `<<` stands twice in one mapping (f:4:1: first here) at <<",
    );
}

#[test]
fn keys_that_are_no_text_are_told_with_their_path() {
    check(
        "a:\n  - {1: x, true: y, ~: z}\n? [k]\n: 1\n'2': ok\n!!str 3: ok\n",
        "{2: \"ok\", 3: \"ok\", a: [{1: \"x\", true: \"y\", ~: \"z\"}]}\n\
         f:2:6 non-string-key: the key `1` is an integer, not text at a[0].1\n\
         f:2:12 non-string-key: the key `true` is a boolean, not text at a[0].true\n\
         f:2:21 non-string-key: the key `~` is nothing, not text at a[0].~\n\
         f:3:3 non-string-key: the key is a list, not text",
    );
    check_code(": x\n", "non-string-key");
}

#[test]
fn own_keys_win_over_merged_ones_and_earlier_items_over_later() {
    check(
        "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y, {d: 4, c: 4}]\n  a: 0\n",
        "{x: {a: 1, b: 1}, y: {b: 2, c: 2}, z: {a: 0, b: 1, c: 2, d: 4}}",
    );
    check(
        "x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz: {<<: *y, c: {<<: *x, a: 3}}\n",
        "{x: {a: 1}, y: {a: 1, b: 2}, z: {a: 1, b: 2, c: {a: 3}}}",
    );
    check("l: &l [{a: 1}]\nz: {<<: *l}\nq: {'<<': 1}", "{l: [{a: 1}], q: {<<: 1}, z: {a: 1}}");
}

#[test]
fn merge_keys_of_no_mapping_are_told() {
    check(
        "a: {b: &b text, <<: *b}\nc: {<<: [[]]}\nd: {<<: }\n",
        "{a: {b: \"text\"}, c: {}, d: {}}\n\
         f:1:21 bad-merge-key: `<<` takes a mapping or a list of mappings at a.<<\n\
         f:2:10 bad-merge-key: `<<` takes a mapping or a list of mappings at c.<<\n\
         f:3:7 bad-merge-key: `<<` takes a mapping or a list of mappings at d.<<",
    );
}

#[test]
fn tags_go_with_aliases_unless_they_are_not_copied() {
    check(
        "x: &x !t {a: !t {b: 1}, c: !gone 1, l: [!gone 2, 3]}\ny: *x\nz: {<<: *x}\nw: &w !gone q\nv: *w\n",
        "{v: !gone \"q\", w: !gone \"q\", \
         x: !t {a: !t {b: 1}, c: !gone \"1\", l: [!gone \"2\", 3]}, \
         y: !t {a: !t {b: 1}, l: [3]}, \
         z: !t {a: !t {b: 1}, l: [3]}}",
    );
}

#[test]
fn an_alias_inside_its_anchor_is_a_cycle() {
    check(
        "a: &a\n  b: [*a]\nc: &c {<<: *c}\n",
        "{a: {b: [null]}, c: {}}\n\
         f:2:7 alias-cycle: `*a` stands inside its own anchor (f:2:3: the anchored value begins here)\n\
         f:3:12 alias-cycle: `*c` stands inside its own anchor (f:3:7: the anchored value begins here)",
    );
    check("a: &a {b: &a 1, c: *a}\n", "{a: {b: 1, c: 1}}");
}

#[test]
fn aliases_may_add_so_much_and_no_more() {
    let tens = |count: usize| {
        let mut text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
        for level in 1..count {
            let alias = format!("*a{}", level - 1);
            let _ = writeln!(text, "a{level}: &a{level} [{}]", vec![alias; 10].join(", "));
        }
        text
    };
    assert!(!read(&tens(4)).contains("excessive-aliasing"));
    check_code(&tens(30), "excessive-aliasing");
    let keys: Vec<String> = (0..1000).map(|key| format!("k{key}: 1")).collect();
    let merges = format!("a: &a {{{}}}\nb: {{<<: [{}]}}\n", keys.join(", "), vec!["*a"; 1000].join(", "));
    check_code(&merges, "excessive-aliasing");
}

#[test]
fn a_long_file_without_aliases_is_not_limited() {
    let text = "- 1\n".repeat(150_000);
    assert_eq!(read(&text).len(), "[]".len() + 3 * 150_000 - 2);
}

#[test]
fn nesting_is_limited_before_and_behind_aliases() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(read(&nested(200)), nested(200));
    for text in [nested(201), nested(10_000), "[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(300)] {
        check_code(&text, "yaml-syntax");
    }
    let block: Vec<String> = (0..1000).map(|level| " ".repeat(level) + "a:\n").collect();
    check_code(&block.concat(), "yaml-syntax");
    let doubled = format!("a: &a {}\nb: {}*a{}\n", nested(150), "[".repeat(150), "]".repeat(150));
    check_code(&doubled, "yaml-syntax");
}

#[test]
fn tabs_do_not_indent() {
    for text in [
        "a:\n\tb: 1\n",
        "a: 'b'\n\t\nc: d\n",
        "a: b\n\t\nc: d\n",
        "a:\n  b: 1\n  \t# c\n",
        "\t",
        "\ta: b\n",
        "a:\n  -\tb\n",
        "a:\n    \tb: 1\n",
    ] {
        check_code(text, "yaml-syntax");
    }
    check("a: b\t# c\nc:\td\ne: [1,\n\t2]\nf: g\n  \t\n", r#"{a: "b", c: "d", e: [1, 2], f: "g"}"#);
    check("a: |\n  x\n  \ty\n", r#"{a: "x\n\ty\n"}"#);
}

#[test]
fn quoted_text_may_go_on_left_of_its_parent() {
    check("a:\n  b: \"x\ny\n z\"\n  c: 'p\n\nq'\nd: 1\n", r#"{a: {b: "x y z", c: "p\nq"}, d: 1}"#);
    check("a: 'x\n\ty'\n", r#"{a: "x y"}"#);
    check_code("a: 'x\n---\ny'\n", "yaml-syntax");
    assert_eq!(snippets("a:\n  b: \"x\ny\"\n  c: d\n")[4..], ["\"x\ny\"", "c", "d"]);
}

#[test]
fn a_comment_may_touch_a_closing_quote() {
    check("a: \"x\"#comment\nb: [c]#d\ne: 'f'#g", r#"{a: "x", b: ["c"], e: "f"}"#);
    assert_eq!(snippets("a: \"x\"#comment\nb: c\n")[3..], ["b", "c"]);
}

#[test]
fn a_question_mark_between_brackets_needs_quotes() {
    check("a: b?\nc: ['d?', {? e : f}]\n", r#"{a: "b?", c: ["d?", {e: "f"}]}"#);
    check_code("a: [http://b/?c=d]\n", "yaml-syntax");
}

#[test]
fn of_very_many_problems_some_are_told() {
    assert_eq!(read(&"a: 1\n".repeat(3000)).lines().count(), 1 + 1000);
    assert_eq!(read(&"- *a\n".repeat(3000)).lines().count(), 1 + 1000);
}

#[test]
fn anchors_have_plain_names() {
    check("a: &a-b_1 1\nb: *a-b_1\n", "{a: 1, b: 1}");
    check_code("a: &a.b 1\n", "yaml-syntax");
}

#[test]
fn strange_characters_are_told() {
    check_code("a: \"\u{1}\"\n", "yaml-syntax");
    check(
        "a: x\u{2028}y\n# \u{85}\n",
        "{a: \"x\\u{2028}y\"}\n\
         f:1:5 line-break-character: the character U+2028 ends the line for Docker Compose, but not here",
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[ a\\-:?&*!|>'\"%@`#{}\\[\\],\n\t<0-9~.é]{0,60}") {
        let mut sink = Sink::default();
        let source = Sources::default().add("f", text.as_str());
        let documents = parse(source, &text, OPTIONS, &mut sink);
        let errors = sink.diagnostics().iter().any(|found| found.severity == Severity::Error);
        proptest::prop_assert!(errors || documents.iter().all(|node| node.span.start <= node.span.end));
        for found in sink.diagnostics() {
            let span = found.span.expect("problems of a text have a place");
            proptest::prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
        }
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
        if let Ok(text) = crate::yaml::decode_text(bytes) {
            parse(Sources::default().add("f", text.as_str()), &text, OPTIONS, &mut Sink::default());
        }
    }
}
