//! `{{ }}` in a stack file (S14): swarmkit expands Go templates in some values, where Compose has plain text.
//!
//! Knows only which texts are templates that their author meant; it expands nothing.

/// A text that Swarm would expand, made safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expanded {
    /// No braces: the text itself.
    Plain,
    /// Templates that Swarm fills in: kept.
    Kept,
    /// Written so that it arrives as it was.
    Escaped(String),
}

/// Decides what becomes of a text in a place that swarmkit expands.
pub(crate) fn treat(text: &str) -> Expanded {
    if !text.contains("{{") {
        Expanded::Plain
    } else if is_template(text) {
        Expanded::Kept
    } else {
        Expanded::Escaped(text.replace("{{", r#"{{"{{"}}"#))
    }
}

/// Tells whether every action of a text is one that swarmkit takes.
pub(crate) fn is_template(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, action)) = rest.split_once("{{") {
        let Some(tail) = action_end(action) else { return false };
        rest = tail;
    }
    true
}

/// Reads one action behind its `{{`; returns what stands behind its `}}`.
fn action_end(action: &str) -> Option<&str> {
    let body = action.strip_prefix("- ").unwrap_or(action);
    let (words, tail) = words_until_close(body)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_legal = match words.as_slice() {
        [one] => is_operand(one),
        ["index", ".Service.Labels", key] => is_quoted(key),
        ["join" | "printf", first, rest @ ..] => is_quoted(first) && rest.iter().all(|word| is_operand(word)),
        _ => false,
    };
    is_legal.then_some(tail)
}

/// Splits an action into words at blanks, up to its `}}`; quoted text is one word.
fn words_until_close(body: &str) -> Option<(Vec<String>, &str)> {
    let mut words = Vec::new();
    let mut rest = body;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let had_blank = trimmed.len() < rest.len();
        rest = trimmed;
        if let Some(tail) = rest.strip_prefix("}}") {
            return Some((words, tail));
        }
        if had_blank && let Some(tail) = rest.strip_prefix("-}}") {
            return Some((words, tail));
        }
        if !words.is_empty() && !had_blank {
            return None;
        }
        let length = if rest.starts_with('"') { quoted_length(rest)? } else { plain_length(rest)? };
        words.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
}

/// Length of a quoted text with its quotes; only escapes that Go and JSON read alike.
fn quoted_length(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some(at + 1),
            '\\' if !matches!(letters.next()?.1, '"' | '\\' | 'n' | 't' | 'r') => return None,
            '\n' => return None,
            _ => {}
        }
    }
    None
}

fn plain_length(text: &str) -> Option<usize> {
    let length =
        text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '.')).unwrap_or(text.len());
    (length > 0).then_some(length)
}

fn is_quoted(word: &str) -> bool {
    word.starts_with('"')
}

fn is_operand(word: &str) -> bool {
    const FIELDS: [&str; 9] = [
        ".Service.ID",
        ".Service.Name",
        ".Node.ID",
        ".Node.Hostname",
        ".Node.Platform.OS",
        ".Node.Platform.Architecture",
        ".Task.ID",
        ".Task.Name",
        ".Task.Slot",
    ];
    is_quoted(word) || FIELDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Expands the one action that we write, as Go's `text/template` does.
    fn expand(text: &str) -> String {
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, action)) = rest.split_once("{{") {
            result.push_str(before);
            let tail = action.strip_prefix("\"{{\"}}").expect("no other action is written");
            result.push_str("{{");
            rest = tail;
        }
        result + rest
    }

    #[test]
    fn what_swarm_fills_in_is_kept() {
        for text in [
            "{{.Task.Slot}}",
            "web-{{ .Node.Hostname }}-{{.Task.Slot}}",
            "{{- .Service.Name -}}",
            r#"{{index .Service.Labels "com.example.a"}}"#,
            r#"{{join "-" .Service.Name .Task.Slot}}"#,
            r#"{{printf "%s}}%s" .Task.ID "x"}}"#,
            r#"{{"{{"}}.Level}}"#,
        ] {
            assert_eq!(treat(text), Expanded::Kept, "{text}");
        }
    }

    #[test]
    fn what_swarm_would_refuse_is_text() {
        for text in [
            "{{.Level}} {{.Msg}}",
            "{{.Service.Labels.a}}",
            "{{join .Service.Labels}}",
            "{{.Task.Slot | printf}}",
            "{{if .Task.Slot}}a{{end}}",
            "{{/* comment */}}",
            "{{.Task.Slot",
            "{{}}",
            "{{{.Task.Slot}}}",
            r#"{{"a" "b"}}"#,
            r#"{{printf "\x41"}}"#,
            r#"{{join "-".Task.Slot}}"#,
            "{{.Task.Slot}} and {{.Level}}",
        ] {
            let Expanded::Escaped(escaped) = treat(text) else { panic!("kept: {text}") };
            assert_eq!(expand(&escaped), text);
        }
    }

    #[test]
    fn braces_are_written_as_text() {
        assert_eq!(treat("{{.Level}}"), Expanded::Escaped(r#"{{"{{"}}.Level}}"#.to_owned()));
        assert_eq!(treat("{{{x"), Expanded::Escaped(r#"{{"{{"}}{x"#.to_owned()));
        assert_eq!(treat("a { b } }}"), Expanded::Plain);
    }

    proptest! {
        #[test]
        fn swarm_gives_back_what_was_meant(text in "[{}.a\" -]{0,16}|\\PC{0,30}") {
            match treat(&text) {
                Expanded::Plain => prop_assert!(!text.contains("{{")),
                Expanded::Kept => prop_assert!(is_template(&text)),
                Expanded::Escaped(escaped) => {
                    prop_assert!(is_template(&escaped));
                    prop_assert_eq!(expand(&escaped), text);
                }
            }
        }
    }
}
