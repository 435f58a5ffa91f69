//! One `ConfigMap` or Secret: its bytes, the hash of them, the object (N90, N92).

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use sha2::{Digest, Sha256};

use super::external_secret;
use crate::backend::kubernetes::labels::Labels;
use crate::backend::kubernetes::metadata::Annotations;
use crate::backend::kubernetes::names;
use crate::backend::kubernetes::object::{Noted, Notes, Object};
use crate::backend::kubernetes::options::Secrets;
use crate::backend::kubernetes::plan::Plan;
use crate::diag::Span;
use crate::model::RemoteSecret;

/// Which kind of object carries the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// For everybody who may read the namespace.
    ConfigMap,
    /// For fewer.
    Secret,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }
}

/// An object to be written, or a Secret that must exist where `--secrets reference` says so.
pub(super) struct Carrier<'a> {
    pub(super) kind: Kind,
    /// Name without hash, with room for one.
    pub(super) plain_name: String,
    /// Name with hash, once it is known.
    pub(super) name: String,
    /// What the name is made from; tells apart what would have one plain name.
    pub(super) original: String,
    pub(super) labels: Labels,
    pub(super) annotations: Annotations,
    pub(super) entries: Vec<Entry<'a>>,
    pub(super) rule: &'static str,
    pub(super) span: Span,
    /// Where its author gave it a name.
    pub(super) named: Option<Span>,
    /// What it is, for messages.
    pub(super) told: String,
    /// Where a store outside the cluster has it, where its author says so.
    pub(super) remote: Option<&'a RemoteSecret>,
}

/// One key and its bytes.
pub(super) struct Entry<'a> {
    pub(super) key: String,
    pub(super) bytes: &'a [u8],
    pub(super) span: Span,
    /// The bytes come from outside the Compose files.
    pub(super) outside: bool,
}

impl Carrier<'_> {
    /// Size of all values.
    pub(super) fn size(&self) -> usize {
        self.entries.iter().map(|entry| entry.bytes.len()).sum()
    }

    /// Returns the name with the hash of the content behind it.
    pub(super) fn hashed_name(&self, instance: &str) -> String {
        let digest = match self.kind {
            Kind::ConfigMap => names::hex(&Sha256::digest(self.canonical())),
            Kind::Secret => self.slow_hash(instance),
        };
        format!("{}-{digest}", self.plain_name)
    }

    fn slow_hash(&self, instance: &str) -> String {
        let values = self.entries.iter().map(|entry| (entry.key.as_str(), entry.bytes));
        slow_hash(instance, &self.plain_name, values)
    }

    fn canonical(&self) -> Vec<u8> {
        canonical(self.entries.iter().map(|entry| (entry.key.as_str(), entry.bytes)))
    }

    fn object(&self, plan: &Plan<'_>) -> Object {
        match self.kind {
            Kind::ConfigMap => Object::hashed(self.config_map(plan), self.plain_name.clone()),
            Kind::Secret => Object::hashed(self.secret(plan), self.plain_name.clone()).with_secret_data(),
        }
    }

    /// What both kinds note: the object, and its name where somebody gave it one.
    fn notes(&self) -> Notes {
        let mut notes = Notes::default();
        notes.note("", self.rule, Some(self.span));
        if self.named.is_some() {
            notes.note("metadata.name", self.rule, self.named);
        }
        notes
    }

    fn config_map(&self, plan: &Plan<'_>) -> Noted<ConfigMap> {
        let mut notes = self.notes();
        let (text, binary): (Vec<_>, Vec<_>) =
            self.entries.iter().partition(|entry| as_text(entry.bytes).is_some());
        let text = text.into_iter().filter_map(|entry| {
            Some((entry.key.clone(), Noted::written(as_text(entry.bytes)?.to_owned(), self.rule, entry.span)))
        });
        let binary = binary.into_iter().map(|entry| {
            (entry.key.clone(), Noted::written(ByteString(entry.bytes.to_vec()), self.rule, entry.span))
        });
        let config_map = ConfigMap {
            metadata: notes.at(
                "metadata",
                plan.metadata(self.name.clone(), self.labels.clone(), self.annotations.clone()),
            ),
            immutable: Some(true),
            data: notes.map("data", text),
            binary_data: notes.map("binaryData", binary),
        };
        notes.on(config_map)
    }

    fn secret(&self, plan: &Plan<'_>) -> Noted<Secret> {
        let mut notes = self.notes();
        let data = self.entries.iter().map(|entry| {
            (entry.key.clone(), Noted::written(ByteString(entry.bytes.to_vec()), self.rule, entry.span))
        });
        let secret = Secret {
            metadata: notes.at(
                "metadata",
                plan.metadata(self.name.clone(), self.labels.clone(), self.annotations.clone()),
            ),
            type_: Some("Opaque".to_owned()),
            immutable: Some(true),
            data: notes.map("data", data),
            string_data: None,
        };
        notes.on(secret)
    }
}

/// A hash that is slow to guess from: names stand where more people read than in Secrets (N92).
pub(crate) fn slow_hash<'a>(
    instance: &str,
    plain_name: &str,
    values: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> String {
    let salt = format!("{instance}/{plain_name}");
    names::hex(&crate::backend::slow_hash::slow_hash(&canonical(values), &salt))
}

/// One text for one content: a JSON object of base64 texts, keys sorted, no blanks.
fn canonical<'a>(values: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let values: BTreeMap<&str, ByteString> =
        values.map(|(key, bytes)| (key, ByteString(bytes.to_vec()))).collect();
    serde_json::to_vec(&values).expect("texts become JSON")
}

/// Makes the objects; equal bytes under one name are one object (N82).
pub(super) fn objects(plan: &Plan<'_>, carriers: &[Carrier<'_>]) -> Vec<Object> {
    let mut written = BTreeSet::new();
    carriers
        .iter()
        .filter(|carrier| written.insert((carrier.kind, carrier.name.as_str())))
        .filter_map(|carrier| match plan.options.secrets {
            _ if carrier.kind == Kind::ConfigMap => Some(carrier.object(plan)),
            Secrets::Inline | Secrets::SealedSecrets | Secrets::Sops => Some(carrier.object(plan)),
            Secrets::Reference => None,
            Secrets::ExternalSecrets => external_secret::of_carrier(plan, carrier),
        })
        .collect()
}

/// Returns the text of bytes that every reader of YAML takes unchanged (N82).
fn as_text(bytes: &[u8]) -> Option<&str> {
    let refused = |c: char| matches!(c, '\0' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains(refused))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::span;

    fn named(kind: Kind, instance: &str, plain: &str, key: &str, bytes: &[u8]) -> String {
        let carrier = Carrier {
            kind,
            plain_name: plain.to_owned(),
            name: String::new(),
            original: plain.to_owned(),
            labels: Labels::new(),
            annotations: Annotations::new(),
            entries: vec![Entry { key: key.to_owned(), bytes, span: span(), outside: false }],
            rule: "N90",
            span: span(),
            named: None,
            told: String::new(),
            remote: None,
        };
        carrier.hashed_name(instance)
    }

    #[test]
    fn names_carry_a_hash_of_the_content() {
        let made = named(Kind::ConfigMap, "portal", "app-ini", "app_ini", b"[app]\nprice = $5\n");
        assert_eq!(made, "app-ini-8b5b912982");
        let made = named(Kind::Secret, "portal", "db-password", "db_password", b"s3cret");
        assert_eq!(made, "db-password-cd11ec64b2");
    }

    #[test]
    fn what_readers_change_is_no_text() {
        assert_eq!(as_text(b"a\r\n\x1b"), Some("a\r\n\u{1b}"));
        assert_eq!([&b"\0"[..], b"\xff", "\u{85}".as_bytes(), "\u{ffff}".as_bytes()].map(as_text), [None; 4]);
    }
}
