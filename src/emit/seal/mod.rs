//! Secrets that only a cluster, or a key, can open: documents with data in the clear become sealed ones (N93).
//!
//! Sealing differs from run to run, so a file that says the same as ours but for its cipher text is kept byte for byte.
//! The work is done by programs that the user trusts with it, through [`Host`]; nothing is encrypted here.

mod certificate;
mod kubeseal;
mod sops;
mod tree;

use std::path::Path;

use serde_json::Value;

use super::place::{below, cleaned};
use crate::backend::codes::BackendCode;
use crate::backend::{Artefacts, DataFile, Document};
use crate::diag::{Diagnostic, Outcome};
use crate::host::{Host, Ran};

/// Largest file of ours that is compared.
const LARGEST: u64 = 16 << 20;

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
}

/// Seals all Secrets among the documents.
///
/// # Errors
/// All reasons why not.
pub(crate) fn seal(
    artefacts: &mut Artefacts,
    sealing: &Sealing,
    places: &Places<'_>,
    host: &dyn Host,
) -> Result<(), Vec<Diagnostic>> {
    let documents = std::mem::take(&mut artefacts.documents);
    let mut problems = Vec::new();
    for document in documents {
        if document.kind != "Secret" {
            artefacts.documents.push(document);
            continue;
        }
        match sealing {
            Sealing::SealedSecrets { certificate } => {
                match kubeseal::seal(&document, certificate.as_deref(), places, host) {
                    Ok(sealed) => artefacts.documents.push(sealed),
                    Err(found) => add(&mut problems, *found),
                }
            }
            Sealing::Sops => match sops::seal(&document, places, host) {
                Ok(file) => artefacts.files.push(file),
                Err(found) => add(&mut problems, *found),
            },
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
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

/// Reads a file of the last run, where there is one.
fn old(places: &Places<'_>, path: &str, host: &dyn Host) -> Option<Vec<u8>> {
    host.read(&below(&cleaned(places.output), path), LARGEST).ok()
}

/// Name of a Secret's file behind its kind: `secret-NAME.yaml` gives `NAME`.
fn plain_name(document: &Document) -> &str {
    let name = document.file_name.strip_prefix("secret-").unwrap_or(&document.file_name);
    name.strip_suffix(".yaml").unwrap_or(name)
}

/// Makes a file whose content is nobody's secret any more.
fn sealed_file(path: String, bytes: Vec<u8>) -> DataFile {
    DataFile { path, bytes, mode: 0o666, secret: false }
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

    fn places() -> Places<'static> {
        Places { output: "/out", project: Path::new("/p") }
    }

    fn sealed_secrets() -> Sealing {
        Sealing::SealedSecrets { certificate: Some("cert.pem".to_owned()) }
    }

    #[test]
    fn a_sealed_secret_holds_cipher_text_and_our_labels() {
        let host = MemoryHost::new().cwd("/p").file("/p/cert.pem", CERTIFICATE).program("kubeseal", kubeseal);
        let mut made = artefacts("czNjcmV0");
        seal(&mut made, &sealed_secrets(), &places(), &host).expect("sealed");
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
        seal(&mut first, &sealed_secrets(), &places(), &host).expect("sealed");
        let file = files(&first).remove(0);
        let old = String::from_utf8(file.bytes).expect("text").replace("AgCIPHER", "AgOLDER");
        let host = MemoryHost::new()
            .cwd("/p")
            .file("/p/cert.pem", CERTIFICATE)
            .file("/out/sealedsecret-db.yaml", &old);
        let mut second = artefacts("czNjcmV0");
        seal(&mut second, &sealed_secrets(), &places(), &host).expect("kept");
        assert_eq!(String::from_utf8(files(&second).remove(0).bytes).expect("text"), old);
        let edited = old.replace("a: b", "a: c");
        let host = MemoryHost::new()
            .cwd("/p")
            .file("/p/cert.pem", CERTIFICATE)
            .file("/out/sealedsecret-db.yaml", edited);
        let mut third = artefacts("czNjcmV0");
        let found = seal(&mut third, &sealed_secrets(), &places(), &host).expect_err("no program");
        assert!(found[0].message.starts_with("`kubeseal` cannot be run"), "{}", found[0].message);
    }

    #[test]
    fn a_certificate_and_a_namespace_are_needed() {
        let host = MemoryHost::new().cwd("/p");
        let message = |sealing: &Sealing| {
            seal(&mut artefacts("eA=="), sealing, &places(), &host).expect_err("refused").remove(0).message
        };
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
        seal(&mut made, &Sealing::Sops, &places(), &host).expect("sealed");
        assert!(made.documents.is_empty());
        assert_eq!(made.files[0].path, "secret-db.sops.yaml");
        let older =
            String::from_utf8(made.files[0].bytes.clone()).expect("text").replace("ENC[x]", "ENC[older]");
        let host = MemoryHost::new().cwd("/p").file("/out/secret-db.sops.yaml", &older);
        let mut again = artefacts("czNjcmV0");
        seal(&mut again, &Sealing::Sops, &places(), &host).expect("kept");
        assert_eq!(String::from_utf8(again.files[0].bytes.clone()).expect("text"), older);
    }

    fn complains(_: &[String], _: &[u8]) -> Ran {
        Ran { success: false, output: Vec::new(), errors: b"bad value s3cret\n".to_vec() }
    }

    #[test]
    fn a_value_in_a_complaint_is_not_repeated() {
        let host = MemoryHost::new().cwd("/p").program("sops", complains);
        let found = seal(&mut artefacts("czNjcmV0"), &Sealing::Sops, &places(), &host).expect_err("refused");
        assert!(!found[0].message.contains("s3cret"), "{}", found[0].message);
    }
}
