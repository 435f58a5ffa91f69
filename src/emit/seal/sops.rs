//! Secrets encrypted by `sops`: its answer byte for byte, since it signs all of it (N93).

use serde_json::Value;

use super::{Places, kept, missing, plain_name, run, tree};
use crate::backend::Document;
use crate::diag::Diagnostic;
use crate::host::Host;
use crate::yaml;

/// Encrypts one Secret.
pub(super) fn seal(
    document: &Document,
    places: &Places<'_>,
    host: &dyn Host,
) -> Result<Document, Box<Diagnostic>> {
    let name =
        Document { file_name: format!("secret-{}.sops.yaml", plain_name(document)), ..document.clone() };
    let path = (places.file)(&signed(name.clone(), Value::Null, Vec::new())).path;
    if let Some(bytes) = kept::file(places, &path, host)
        && let Some(kept) = tree::read(&bytes)
        && is_encrypted(&kept, &document.tree)
        && open(&kept) == open(&document.tree)
    {
        return Ok(signed(name, kept, bytes));
    }
    let words = [
        "encrypt",
        "--encrypted-regex",
        "^data$",
        "--input-type",
        "yaml",
        "--output-type",
        "yaml",
        "--filename-override",
        path.as_str(),
    ];
    let input = yaml::write(&document.tree, document.key_rank, 2);
    let answer = run("sops", &words, document, places.project, input.as_bytes(), host)?;
    if let Some(tree) = tree::read(&answer).filter(|tree| is_encrypted(tree, &document.tree)) {
        return Ok(signed(name, tree, answer));
    }
    let message = format!("`sops` gives no encrypted Secret for `{}`", document.name);
    Err(missing(message, "check the program and its version"))
}

/// Makes the document whose text is signed.
fn signed(named: Document, tree: Value, bytes: Vec<u8>) -> Document {
    Document { tree, signed: Some(bytes), secret: false, ..named }
}

/// Tells whether a tree has the keys of a Secret, and not one of its values.
fn is_encrypted(tree: &Value, secret: &Value) -> bool {
    let (Some(cipher), Some(data)) = (tree["data"].as_object(), secret["data"].as_object()) else {
        return false;
    };
    let hidden = |key: &String| {
        let (cipher, value) = (&cipher[key], &data[key]);
        // An empty value has nothing to hide, and is not encrypted.
        cipher != value || value.as_str().is_some_and(str::is_empty)
    };
    tree.get("sops").is_some() && cipher.keys().eq(data.keys()) && data.keys().all(hidden)
}

/// What stands in the clear.
fn open(tree: &Value) -> Value {
    let mut tree = tree.clone();
    if let Some(map) = tree.as_object_mut() {
        map.remove("data");
        map.remove("sops");
    }
    tree
}
