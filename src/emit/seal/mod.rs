//! Secrets that only a cluster, or a key, can open: documents with data in the clear become sealed ones (N93).
//!
//! A step of its own between the objects and the form that they take (files, a chart, a base with overlays), which it is
//! told as a function: what a document's file would be. Sealing differs from run to run, so a file that says the same as
//! ours but for its cipher text is kept. The work is done by programs that the user trusts with it, through [`Host`];
//! nothing is encrypted here.

mod base;
mod certificate;
mod clear;
mod kept;
mod kubeseal;
mod sops;
mod tree;

use std::path::Path;

use serde_json::Value;

pub(crate) use base::Base;

use super::OutputFile;
use crate::backend::codes::BackendCode;
use crate::backend::{Artefacts, Document};
use crate::diag::{Diagnostic, Outcome};
use crate::host::{Host, Ran};

/// How Secrets are sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sealing {
    /// For the controller that has the key of this certificate.
    SealedSecrets {
        /// Its file.
        certificate: Option<String>,
    },
    /// For the keys that `.sops.yaml` names.
    Sops,
}

/// Where sealing happens.
pub(crate) struct Places<'a> {
    /// Directory of output.
    pub(crate) output: &'a str,
    /// Directory of the project, where programs run.
    pub(crate) project: &'a Path,
    /// The file below the directory of output that a document becomes.
    pub(crate) file: &'a dyn Fn(&Document) -> OutputFile,
}

/// Seals all Secrets among the documents; those of an overlay with what its base has already. Returns what was found.
/// What cannot be sealed is left out, and an error among what was found.
pub(crate) fn seal(
    artefacts: &mut Artefacts,
    sealing: &Sealing,
    base: Option<&Base<'_>>,
    places: &Places<'_>,
    host: &dyn Host,
) -> Vec<Diagnostic> {
    let documents = std::mem::take(&mut artefacts.documents);
    let mut problems = Vec::new();
    for document in documents {
        let Some(document) = clear::secret(&document) else {
            artefacts.documents.push(document);
            continue;
        };
        let done = match base.and_then(|base| base.sealed(&document, sealing)) {
            Some(base::Found { document, problem }) => {
                problems.extend(problem);
                Ok(document)
            }
            None => match sealing {
                Sealing::SealedSecrets { certificate } => {
                    kubeseal::seal(&document, certificate.as_deref(), places, host)
                }
                Sealing::Sops => sops::seal(&document, places, host),
            },
        };
        match done {
            Ok(sealed) => artefacts.documents.push(sealed),
            Err(found) => add(&mut problems, *found),
        }
    }
    problems
}

/// One missing program is one problem, however many Secrets need it.
fn add(problems: &mut Vec<Diagnostic>, found: Diagnostic) {
    if !problems.iter().any(|known| known.message == found.message) {
        problems.push(found);
    }
}

/// Says what is missing.
fn missing(message: impl Into<String>, help: &str) -> Box<Diagnostic> {
    let found = Diagnostic::new(BackendCode::SecretNeedsTool, message).outcome(Outcome::Refused);
    Box::new(found.help(help))
}

/// Runs a program that encrypts, and returns what it says.
fn run(
    program: &str,
    words: &[&str],
    document: &Document,
    directory: &Path,
    input: &[u8],
    host: &dyn Host,
) -> Result<Vec<u8>, Box<Diagnostic>> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let name = &document.name;
    match host.run(program, &words, directory, input) {
        Ok(Ran { success: true, output, errors: _ }) => Ok(output),
        Ok(Ran { success: false, output: _, errors }) => {
            let reason = reason(&errors, &document.tree).unwrap_or_else(|| "it gives no reason".to_owned());
            Err(missing(
                format!("`{program}` does not encrypt the Secret `{name}`: {reason}"),
                "see what it needs",
            ))
        }
        Err(error) => {
            Err(missing(format!("`{program}` cannot be run: {error}"), &format!("install `{program}`")))
        }
    }
}

/// First line of what a program complains of, unless a value stands in it.
fn reason(errors: &[u8], secret: &Value) -> Option<String> {
    const LONGEST: usize = 200;
    let text = String::from_utf8_lossy(errors);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let values = secret["data"].as_object()?.values().filter_map(Value::as_str);
    let tells = |encoded: &str| {
        let decoded = certificate::decode(encoded).unwrap_or_default();
        let decoded = String::from_utf8_lossy(&decoded).into_owned();
        let stands = |value: &str| value.len() >= 3 && line.contains(value);
        stands(encoded) || stands(&decoded) || decoded.lines().any(stands)
    };
    let mut values = values;
    (!values.any(tells)).then(|| line.chars().take(LONGEST).collect())
}

/// Name of a Secret's file behind its kind: `secret-NAME.yaml` gives `NAME`.
fn plain_name(document: &Document) -> &str {
    let name = document.file_name.strip_prefix("secret-").unwrap_or(&document.file_name);
    name.strip_suffix(".yaml").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::backend::decimal;
    use crate::host::MemoryHost;

    fn no_rank(_: &str, _: &str) -> u32 {
        0
    }

    pub(super) fn artefacts(value: &str) -> Artefacts {
        let tree = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "db-0123456789", "namespace": "prod", "labels": {"a": "b"}},
            "type": "Opaque",
            "immutable": true,
            "data": {"password": value},
        });
        let document = Document {
            file_name: "secret-db.yaml".to_owned(),
            kind: "Secret".to_owned(),
            name: "db-0123456789".to_owned(),
            tree,
            key_rank: no_rank,
            octal: decimal,
            signed: None,
            origins: Vec::new(),
            secret: true,
        };
        Artefacts { headline: "test".to_owned(), documents: vec![document], ..Artefacts::default() }
    }

    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";

    fn kubeseal(words: &[String], input: &[u8]) -> Ran {
        let input = String::from_utf8_lossy(input);
        assert_eq!(words, ["--cert", "/p/cert.pem", "--scope", "strict", "--format", "yaml"]);
        assert!(input.contains("czNjcmV0") && input.contains("namespace: prod"));
        let answer = "---\nspec:\n  encryptedData:\n    password: AgCIPHER\n  template:\n    metadata:\n      creationTimestamp: null\n";
        Ran { success: true, output: answer.into(), errors: Vec::new() }
    }

    fn files(artefacts: &Artefacts) -> Vec<crate::emit::OutputFile> {
        crate::emit::files(artefacts, crate::emit::Format::YAML)
    }

    fn file(document: &Document) -> OutputFile {
        let alone = Artefacts { documents: vec![document.clone()], ..artefacts("") };
        files(&alone).remove(0)
    }

    fn places() -> Places<'static> {
        Places { output: "/out", project: Path::new("/p"), file: &file }
    }

    fn sealed(made: &mut Artefacts, sealing: &Sealing, host: &MemoryHost) -> Vec<Diagnostic> {
        seal(made, sealing, None, &places(), host)
    }

    fn sealed_secrets() -> Sealing {
        Sealing::SealedSecrets { certificate: Some("cert.pem".to_owned()) }
    }

    #[test]
    fn a_sealed_secret_holds_cipher_text_and_our_labels() {
        let host = MemoryHost::new().cwd("/p").file("/p/cert.pem", CERTIFICATE).program("kubeseal", kubeseal);
        let mut made = artefacts("czNjcmV0");
        assert!(sealed(&mut made, &sealed_secrets(), &host).is_empty());
        let document = &made.documents[0];
        assert_eq!((document.file_name.as_str(), document.secret), ("sealedsecret-db.yaml", false));
        assert_eq!(document.tree["spec"]["encryptedData"], json!({"password": "AgCIPHER"}));
        assert_eq!(document.tree["spec"]["template"]["metadata"]["labels"], json!({"a": "b"}));
        let hash = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81";
        assert_eq!(document.tree["metadata"]["annotations"]["rcompose/sealed-with"], hash);
        assert!(!document.tree.to_string().contains("czNjcmV0"));
    }

    #[test]
    fn what_says_the_same_is_kept_and_needs_no_program() {
        let host = MemoryHost::new().cwd("/p").file("/p/cert.pem", CERTIFICATE).program("kubeseal", kubeseal);
        let mut first = artefacts("czNjcmV0");
        assert!(sealed(&mut first, &sealed_secrets(), &host).is_empty());
        let file = files(&first).remove(0);
        let old = String::from_utf8(file.bytes).expect("text").replace("AgCIPHER", "AgOLDER");
        let host = MemoryHost::new()
            .cwd("/p")
            .file("/p/cert.pem", CERTIFICATE)
            .file("/out/sealedsecret-db.yaml", &old);
        let mut second = artefacts("czNjcmV0");
        assert!(sealed(&mut second, &sealed_secrets(), &host).is_empty());
        assert_eq!(String::from_utf8(files(&second).remove(0).bytes).expect("text"), old);
        let edited = old.replace("a: b", "a: c");
        let host = MemoryHost::new()
            .cwd("/p")
            .file("/p/cert.pem", CERTIFICATE)
            .file("/out/sealedsecret-db.yaml", edited);
        let mut third = artefacts("czNjcmV0");
        let found = sealed(&mut third, &sealed_secrets(), &host);
        assert!(found[0].message.starts_with("`kubeseal` cannot be run"), "{}", found[0].message);
    }

    #[test]
    fn a_certificate_and_a_namespace_are_needed() {
        let host = MemoryHost::new().cwd("/p");
        let message = |sealing: &Sealing| sealed(&mut artefacts("eA=="), sealing, &host).remove(0).message;
        assert!(message(&Sealing::SealedSecrets { certificate: None }).contains("--sealing-cert"));
        assert!(message(&sealed_secrets()).contains("cert.pem"));
    }

    fn encrypts(words: &[String], _input: &[u8]) -> Ran {
        assert_eq!(words.last().map(String::as_str), Some("secret-db.sops.yaml"));
        let answer = "apiVersion: v1\nkind: Secret\nmetadata:\n    name: db-0123456789\n    namespace: prod\n    labels:\n        a: b\ntype: Opaque\nimmutable: true\ndata:\n    password: ENC[x]\nsops:\n    version: 3.9.0\n";
        Ran { success: true, output: answer.into(), errors: Vec::new() }
    }

    #[test]
    fn the_answer_of_sops_is_a_file_and_is_kept() {
        let host = MemoryHost::new().cwd("/p").program("sops", encrypts);
        let mut made = artefacts("czNjcmV0");
        assert!(sealed(&mut made, &Sealing::Sops, &host).is_empty());
        let file = files(&made).remove(0);
        assert_eq!((file.path.as_str(), file.secret), ("secret-db.sops.yaml", false));
        let older = String::from_utf8(file.bytes).expect("text").replace("ENC[x]", "ENC[older]");
        let host = MemoryHost::new().cwd("/p").file("/out/secret-db.sops.yaml", &older);
        let mut again = artefacts("czNjcmV0");
        assert!(sealed(&mut again, &Sealing::Sops, &host).is_empty());
        assert_eq!(String::from_utf8(files(&again).remove(0).bytes).expect("text"), older);
    }

    fn complains(_: &[String], _: &[u8]) -> Ran {
        Ran { success: false, output: Vec::new(), errors: b"bad value s3cret\n".to_vec() }
    }

    #[test]
    fn a_value_in_a_complaint_is_not_repeated() {
        let host = MemoryHost::new().cwd("/p").program("sops", complains);
        let found = sealed(&mut artefacts("czNjcmV0"), &Sealing::Sops, &host);
        assert!(!found[0].message.contains("s3cret"), "{}", found[0].message);
    }

    fn copies(_: &[String], input: &[u8]) -> Ran {
        Ran { success: true, output: input.to_vec(), errors: Vec::new() }
    }

    #[test]
    fn an_answer_in_the_clear_is_no_sealed_secret() {
        let host = MemoryHost::new().cwd("/p").program("sops", copies);
        let mut made = artefacts("czNjcmV0");
        let found = sealed(&mut made, &Sealing::Sops, &host);
        assert!(found[0].message.starts_with("`sops` gives no encrypted Secret"), "{}", found[0].message);
        assert!(made.documents.is_empty());
    }

    #[test]
    fn an_overlay_takes_what_its_base_has_sealed_n113() {
        let host = MemoryHost::new().cwd("/p").file("/p/cert.pem", CERTIFICATE).program("kubeseal", kubeseal);
        let (clear, mut base) = (artefacts("czNjcmV0"), artefacts("czNjcmV0"));
        assert!(sealed(&mut base, &sealed_secrets(), &host).is_empty());
        let of_base = Base { clear: &clear.documents, sealed: &base.documents };
        // Without a program: nothing is to be sealed.
        let host = MemoryHost::new().cwd("/p");
        let over = |mut made: Artefacts, sealing: &Sealing| {
            let found = seal(&mut made, sealing, Some(&of_base), &places(), &host);
            (made.documents.remove(0).tree, found)
        };
        let (same, found) = over(artefacts("czNjcmV0"), &sealed_secrets());
        assert!(found.is_empty());
        assert_eq!(same, base.documents[0].tree);
        let mut labelled = artefacts("czNjcmV0");
        labelled.documents[0].tree["metadata"]["labels"] = json!({"a": "c"});
        let (other, found) = over(labelled.clone(), &sealed_secrets());
        assert!(found.is_empty());
        assert_eq!(other["spec"]["template"]["metadata"]["labels"], json!({"a": "c"}));
        assert_eq!(other["spec"]["encryptedData"], same["spec"]["encryptedData"]);
        for (made, sealing) in [(artefacts("b3RoZXI="), sealed_secrets()), (labelled, Sealing::Sops)] {
            let (kept, found) = over(made, &sealing);
            assert_eq!(kept, same);
            assert_eq!(found[0].code.name(), "overlay-not-expressible");
        }
    }
}
