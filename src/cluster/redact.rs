//! Hides secret values in everything that live commands print or write (A62).
//!
//! Two nets. *By value*: what Secrets, secret sources and variables with telling names hold is hidden wherever it appears,
//! as it is, in base64, and as JSON writes it. *By place*: the values of a Secret are never shown, however short.
//! Equal values get equal marks, made with a key of this run: so a change is seen, and nothing can be guessed.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::ByteString;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::diag::looks_secret;

/// Shorter values are hidden by their place only: they would hide half of every text.
const SHORTEST: usize = 4;

/// Lines of a longer value that are hidden on their own, since logs and messages are cut into lines.
const SHORTEST_LINE: usize = 12;

/// What is secret in this run.
#[derive(Clone)]
pub(crate) struct Redactor {
    /// Key of the marks; of this run alone.
    key: [u8; 32],
    /// Texts to hide, each with the value whose mark it gets.
    hidden: BTreeMap<String, String>,
    /// Names that everybody sees: a password that equals one of them cannot be hidden by hiding the name.
    public: BTreeSet<String>,
    /// `--show-secrets`.
    shows: bool,
}

impl Redactor {
    /// Begins a run with a random key.
    pub(crate) const fn new(key: [u8; 32]) -> Self {
        Self { key, hidden: BTreeMap::new(), public: BTreeSet::new(), shows: false }
    }

    /// Hides nothing from now on (`--show-secrets`).
    #[must_use]
    pub(crate) fn showing(mut self) -> Self {
        self.shows = true;
        self
    }

    /// Takes names of services and objects: they are not hidden in running text even if a password equals them.
    pub(crate) fn publish(&mut self, name: &str) {
        self.public.insert(name.to_owned());
    }

    /// Hides a value wherever it appears.
    pub(crate) fn hide(&mut self, value: &str) {
        self.hide_as(value, value);
        let trimmed = value.trim();
        self.hide_as(trimmed, value);
        for line in trimmed.lines().map(str::trim).filter(|line| line.chars().count() >= SHORTEST_LINE) {
            self.hide_as(line, value);
        }
    }

    fn hide_as(&mut self, text: &str, value: &str) {
        if text.chars().count() < SHORTEST {
            return;
        }
        let quoted = Value::from(text).to_string();
        let encoded = encoded(text.as_bytes());
        for form in [text, quoted.trim_matches('"'), &encoded, encoded.trim_end_matches('=')] {
            self.hidden.entry(form.to_owned()).or_insert_with(|| value.to_owned());
        }
    }

    /// Hides what an object holds: the data of a Secret, values of variables with telling names, the same in what
    /// `kubectl apply` left as an annotation.
    pub(crate) fn learn(&mut self, object: &Value) {
        if object["kind"] == "Secret" {
            let data = object["data"].as_object().into_iter().flatten();
            for (_, value) in data {
                self.hide_encoded(value);
            }
            for (_, value) in object["stringData"].as_object().into_iter().flatten() {
                self.hide(value.as_str().unwrap_or_default());
            }
        }
        self.learn_variables(object);
        let last = object
            .pointer("/metadata/annotations")
            .and_then(|all| all.get(super::fields::migrate::LAST_APPLIED));
        if let Some(last) =
            last.and_then(Value::as_str).and_then(|text| serde_json::from_str::<Value>(text).ok())
        {
            self.learn(&last);
        }
    }

    fn hide_encoded(&mut self, value: &Value) {
        let bytes = serde_json::from_value(value.clone()).map(|ByteString(bytes)| bytes).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some(text) = &text {
            self.hide(text);
        }
        if let Some(encoded) = value.as_str().filter(|encoded| encoded.len() >= SHORTEST) {
            // One value has one mark, however it is written.
            self.hidden
                .entry(encoded.to_owned())
                .or_insert_with(|| text.unwrap_or_else(|| encoded.to_owned()));
        }
    }

    fn learn_variables(&mut self, value: &Value) {
        match value {
            Value::Object(map) => {
                if let (Some(name), Some(value)) =
                    (map.get("name").and_then(Value::as_str), map.get("value").and_then(Value::as_str))
                    && looks_secret(name)
                {
                    self.hide(value);
                }
                map.values().for_each(|value| self.learn_variables(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_variables(item)),
            _ => {}
        }
    }

    /// Returns a text with all that is secret hidden.
    pub(crate) fn redact(&self, text: &str) -> String {
        if self.shows {
            return text.to_owned();
        }
        let mut found: Vec<(usize, usize, &str)> = Vec::new();
        for (form, value) in &self.hidden {
            if !self.public.contains(form) {
                found.extend(
                    text.match_indices(form.as_str()).map(|(at, _)| (at, at + form.len(), value.as_str())),
                );
            }
        }
        if found.is_empty() {
            return text.to_owned();
        }
        // The longest that begins first, and no part of what is hidden already.
        found.sort_by_key(|(start, end, _)| (*start, usize::MAX - *end));
        let mut shown = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end, value) in found {
            if start >= done {
                shown.push_str(&text[done..start]);
                shown.push_str(&self.mark(value));
            }
            done = done.max(end);
        }
        shown.push_str(&text[done..]);
        shown
    }

    /// Returns the mark that stands in the place of a value: the same for the same value, in this run.
    pub(crate) fn mask(&self, value: &Value) -> Value {
        if self.shows {
            return value.clone();
        }
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Value::from(self.mark(self.hidden.get(&text).unwrap_or(&text)))
    }

    /// Returns a value with all that is secret in it hidden.
    pub(crate) fn value(&self, value: &Value) -> Value {
        if self.shows {
            return value.clone();
        }
        match value {
            Value::String(text) => Value::String(self.redact(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(map) if is_secret_variable(map) => {
                let masked = |(key, value): (&String, &Value)| {
                    (key.clone(), if key == "value" { self.mask(value) } else { self.value(value) })
                };
                map.iter().map(masked).collect()
            }
            Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), self.value(value))).collect(),
            _ => value.clone(),
        }
    }

    fn mark(&self, value: &str) -> String {
        let digest = Sha256::new().chain_update(self.key).chain_update(value.as_bytes()).finalize();
        format!("‹hidden #{:02x}{:02x}›", digest[0], digest[1])
    }
}

/// Shows how much it knows, not what.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Redactor({} values)", self.hidden.len())
    }
}

fn is_secret_variable(map: &serde_json::Map<String, Value>) -> bool {
    map.get("value").is_some_and(Value::is_string)
        && map.get("name").and_then(Value::as_str).is_some_and(looks_secret)
}

fn encoded(bytes: &[u8]) -> String {
    let text = serde_json::to_value(ByteString(bytes.to_vec()));
    text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Tells whether the values below a place of an object are secret by the place alone.
pub(crate) fn is_secret_place(kind: &str, path: &str) -> bool {
    kind == "Secret" && (path.starts_with("data") || path.starts_with("stringData"))
        || path.contains(super::fields::migrate::LAST_APPLIED)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn redactor(values: &[&str]) -> Redactor {
        let mut redactor = Redactor::new([7; 32]);
        for value in values {
            redactor.hide(value);
        }
        redactor
    }

    #[test]
    fn values_are_hidden_as_they_are_in_base64_and_quoted() {
        let redactor = redactor(&["hunter2", "a\"b\nc d"]);
        for text in ["x=hunter2;", "aHVudGVyMg==", "aHVudGVyMg", r#"env: "a\"b\nc d""#] {
            let shown = redactor.redact(text);
            assert!(shown.contains("‹hidden #"), "{shown}");
            assert!(
                !shown.contains("hunter2") && !shown.contains("aHVu") && !shown.contains("nc d"),
                "{shown}"
            );
        }
    }

    #[test]
    fn equal_values_have_equal_marks_and_others_do_not() {
        let redactor = redactor(&["hunter2", "correct horse"]);
        let marks: Vec<String> =
            redactor.redact("hunter2|aHVudGVyMg==|correct horse").split('|').map(str::to_owned).collect();
        assert_eq!(marks[0], marks[1]);
        assert_ne!(marks[0], marks[2]);
        assert_eq!(json!(marks[0]), redactor.mask(&json!("hunter2")));
    }

    #[test]
    fn marks_of_another_run_are_other_marks() {
        let marks: BTreeSet<String> = (0..8).map(|key| Redactor::new([key; 32]).mark("hunter2")).collect();
        assert!(marks.len() > 1, "{marks:?}");
    }

    #[test]
    fn the_longer_value_is_hidden_whole() {
        let redactor = redactor(&["hunter2", "hunter2-and-more"]);
        let shown = redactor.redact("[hunter2-and-more]");
        assert!(shown.starts_with("[‹hidden #") && shown.ends_with("›]"), "{shown}");
    }

    #[test]
    fn values_that_overlap_leave_nothing_between_them() {
        let redactor = redactor(&["abcdef", "defghi"]);
        assert!(!redactor.redact("abcdefghi").contains("ghi"));
    }

    #[test]
    fn lines_of_a_long_value_are_hidden_one_by_one() {
        let redactor = redactor(&["-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n"]);
        assert!(!redactor.redact("log: MIIEvQIBADANBg").contains("MIIE"));
    }

    #[test]
    fn objects_teach_their_secrets() {
        let mut redactor = redactor(&[]);
        redactor.learn(&json!({"kind": "Secret", "data": {"p": "aHVudGVyMg=="}}));
        redactor.learn(&json!({"kind": "Deployment", "spec": {"containers": [{"env": [
            {"name": "API_TOKEN", "value": "tok-123"}, {"name": "LOG", "value": "debug"}]}]}}));
        let last = json!({"kind": "Secret", "data": {"p": "c2VzYW1lIQ=="}}).to_string();
        redactor.learn(
            &json!({"metadata": {"annotations": {(super::super::fields::migrate::LAST_APPLIED): last}}}),
        );
        assert_eq!(redactor.redact("debug"), "debug");
        let marks = ["hunter2", "aHVudGVyMg=="].map(|form| redactor.redact(form));
        assert_eq!(marks[0], marks[1], "one value, however it is written");
        assert_eq!(redactor.mask(&json!("aHVudGVyMg==")), json!(marks[0]), "by its place, too");
        for secret in ["hunter2", "tok-123", "sesame!"] {
            assert!(redactor.redact(secret).starts_with("‹hidden"), "{secret}");
        }
    }

    #[test]
    fn short_values_are_hidden_by_place_only() {
        let redactor = redactor(&["abc"]);
        assert_eq!(redactor.redact("abc"), "abc");
        assert_ne!(redactor.mask(&json!("abc")), json!("abc"));
        let shown = redactor.value(&json!({"env": [{"name": "PASSWORD", "value": "abc"}]}));
        assert_ne!(shown["env"][0]["value"], "abc");
    }

    #[test]
    fn names_that_everybody_sees_stay_readable() {
        let mut redactor = redactor(&["postgres"]);
        redactor.publish("postgres");
        assert_eq!(redactor.redact("Deployment/postgres"), "Deployment/postgres");
        assert_ne!(redactor.mask(&json!("postgres")), json!("postgres"));
    }

    #[test]
    fn all_is_shown_where_the_user_asked_for_it() {
        let redactor = redactor(&["hunter2"]).showing();
        assert_eq!(
            (redactor.redact("hunter2"), redactor.mask(&json!("hunter2"))),
            ("hunter2".into(), json!("hunter2"))
        );
    }

    #[test]
    fn what_is_printed_for_us_holds_no_values() {
        assert!(!format!("{:?}", redactor(&["hunter2"])).contains("hunter2"));
    }
}
