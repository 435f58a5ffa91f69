//! `SealedSecrets`: made by `kubeseal` for one certificate, opened by its controller in the cluster only (N93).

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Places, certificate, kept, missing, plain_name, run, tree};
use crate::backend::{Document, FieldOrigin};
use crate::diag::Diagnostic;
use crate::host::Host;
use crate::yaml;

/// Says in the clear which certificate was used.
const SEALED_WITH: &str = "rcompose/sealed-with";
/// Largest certificate file.
const LARGEST: u64 = 1 << 20;

/// Seals one Secret.
pub(super) fn seal(
    document: &Document,
    certificate: Option<&str>,
    places: &Places<'_>,
    host: &dyn Host,
) -> Result<Document, Box<Diagnostic>> {
    if document.tree["metadata"]["namespace"].as_str().is_none() {
        return Err(missing("a Secret is sealed for one namespace, which is not said", "say it with `-n`"));
    }
    let (certificate, sealed_with) = read_certificate(certificate, places.project, host)?;
    let path = (places.file)(&sealed(document, &sealed_with, &Map::new())).path;
    if let Some(kept) = kept::file(places, &path, host)
        && let Some(cipher) = kept::cipher(&kept)
        && has_keys_of(&cipher, document)
    {
        let candidate = sealed(document, &sealed_with, &cipher);
        if kept::says_the_same(&(places.file)(&candidate).bytes, &kept) {
            return Ok(candidate);
        }
    }
    let input = yaml::write(&document.tree, document.key_rank, 2);
    let words = ["--cert", certificate.as_str(), "--scope", "strict", "--format", "yaml"];
    let answer = run("kubeseal", &words, document, places.project, input.as_bytes(), host)?;
    let cipher = tree::read(&answer).and_then(|answer| answer["spec"]["encryptedData"].as_object().cloned());
    match cipher {
        Some(cipher) if has_keys_of(&cipher, document) => Ok(sealed(document, &sealed_with, &cipher)),
        _ => {
            let message = format!("`kubeseal` gives no sealed Secret for `{}`", document.name);
            Err(missing(message, "check the program and its version"))
        }
    }
}

/// Puts the cipher text of a sealed Secret below what another one says in the clear: the data is the same.
pub(super) fn again(known: &Document, secret: &Document) -> Document {
    let sealed_with = known.tree["metadata"]["annotations"][SEALED_WITH].as_str().unwrap_or_default();
    let cipher = known.tree["spec"]["encryptedData"].as_object().cloned().unwrap_or_default();
    sealed(secret, sealed_with, &cipher)
}

fn has_keys_of(cipher: &Map<String, Value>, secret: &Document) -> bool {
    secret.tree["data"].as_object().is_some_and(|data| data.keys().eq(cipher.keys()))
}

/// Makes the document in place of a Secret.
fn sealed(secret: &Document, sealed_with: &str, cipher: &Map<String, Value>) -> Document {
    Document {
        file_name: format!("sealedsecret-{}.yaml", plain_name(secret)),
        kind: "SealedSecret".to_owned(),
        tree: object(&secret.tree, sealed_with, cipher),
        origins: origins(&secret.origins),
        secret: false,
        ..secret.clone()
    }
}

/// Returns the path of the certificate, as the program takes it, and its fingerprint.
fn read_certificate(
    written: Option<&str>,
    project: &Path,
    host: &dyn Host,
) -> Result<(String, String), Box<Diagnostic>> {
    let Some(written) = written else {
        let help = "`--sealing-cert FILE`; the controller gives it: `kubeseal --fetch-cert > FILE`";
        return Err(missing("Secrets are sealed for a certificate, and `--sealing-cert` names none", help));
    };
    let current = host.current_dir().unwrap_or_else(|_| project.to_path_buf());
    let path = current.join(written);
    let text = host.read(&path, LARGEST).map_err(|error| {
        missing(format!("the certificate `{written}` cannot be read: {error}"), "name a file in PEM form")
    })?;
    let fingerprint = certificate::fingerprint(&String::from_utf8_lossy(&text));
    let fingerprint = fingerprint
        .ok_or_else(|| missing(format!("`{written}` holds no certificate"), "name a file in PEM form"))?;
    Ok((path.to_string_lossy().into_owned(), fingerprint))
}

/// Makes the object: what the Secret says of itself stands in its template, and in the clear beside.
fn object(secret: &Value, sealed_with: &str, cipher: &Map<String, Value>) -> Value {
    let metadata = &secret["metadata"];
    let mut annotations = metadata["annotations"].as_object().cloned().unwrap_or_default();
    annotations.insert(SEALED_WITH.to_owned(), json!(sealed_with));
    let mut own = metadata.clone();
    own["annotations"] = Value::Object(annotations);
    let mut template = json!({"metadata": metadata, "type": secret["type"]});
    if let Some(immutable) = secret.get("immutable") {
        template["immutable"] = immutable.clone();
    }
    json!({
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": own,
        "spec": {"encryptedData": cipher, "template": template},
    })
}

/// What wrote a value of the Secret wrote its cipher text.
fn origins(of_secret: &[FieldOrigin]) -> Vec<FieldOrigin> {
    let moved = |origin: &FieldOrigin| {
        let path = match origin.path.strip_prefix("data") {
            Some(rest) => format!("spec.encryptedData{rest}"),
            None => origin.path.clone(),
        };
        FieldOrigin { path, ..origin.clone() }
    };
    of_secret.iter().map(moved).collect()
}
