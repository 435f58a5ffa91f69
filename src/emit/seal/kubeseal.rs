//! `SealedSecrets`: made by `kubeseal` for one certificate, opened by its controller in the cluster only (N93).

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Places, certificate, missing, old, plain_name, run, tree};
use crate::backend::{Document, FieldOrigin};
use crate::diag::Diagnostic;
use crate::host::Host;
use crate::yaml;

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
    let (path, sealed_with) = read_certificate(certificate, places.project, host)?;
    let file_name = format!("sealedsecret-{}.yaml", plain_name(document));
    let finished = |cipher: Map<String, Value>| {
        let tree = object(&document.tree, &sealed_with, &cipher);
        Document {
            file_name: file_name.clone(),
            kind: "SealedSecret".to_owned(),
            tree,
            origins: origins(&document.origins),
            secret: false,
            ..document.clone()
        }
    };
    if let Some(kept) = old(places, &file_name, host).and_then(|old| tree::read(&old)) {
        let cipher = kept["spec"]["encryptedData"].as_object().cloned().unwrap_or_default();
        let same_keys = document.tree["data"].as_object().is_some_and(|data| data.keys().eq(cipher.keys()));
        let candidate = finished(cipher);
        if same_keys && candidate.tree == kept {
            return Ok(candidate);
        }
    }
    let input = yaml::write(&document.tree, document.key_rank, 2);
    let words = ["--cert", path.as_str(), "--scope", "strict", "--format", "yaml"];
    let answer = run("kubeseal", &words, document, places.project, input.as_bytes(), host)?;
    let cipher = tree::read(&answer).and_then(|answer| answer["spec"]["encryptedData"].as_object().cloned());
    match (cipher, document.tree["data"].as_object()) {
        (Some(cipher), Some(data)) if data.keys().eq(cipher.keys()) => Ok(finished(cipher)),
        _ => {
            let message = format!("`kubeseal` gives no sealed Secret for `{}`", document.name);
            Err(missing(message, "check the program and its version"))
        }
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
    annotations.insert("rcompose/sealed-with".to_owned(), json!(sealed_with));
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
