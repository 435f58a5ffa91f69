//! Secrets encrypted by `sops`: its answer byte for byte, since it signs all of it (N93).

use serde_json::Value;

use super::{Places, old, plain_name, run, sealed_file, tree};
use crate::backend::{DataFile, Document};
use crate::diag::Diagnostic;
use crate::host::Host;
use crate::yaml;

/// Encrypts one Secret.
pub(super) fn seal(
    document: &Document,
    places: &Places<'_>,
    host: &dyn Host,
) -> Result<DataFile, Box<Diagnostic>> {
    let path = format!("secret-{}.sops.yaml", plain_name(document));
    if let Some(bytes) = old(places, &path, host)
        && tree::read(&bytes).is_some_and(|kept| says_the_same(&kept, &document.tree))
    {
        return Ok(sealed_file(path, bytes));
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
    Ok(sealed_file(path, answer))
}

/// Tells whether an encrypted file is of a Secret: all but values and signature stand in the clear.
fn says_the_same(kept: &Value, secret: &Value) -> bool {
    let keys =
        |tree: &Value| -> Option<Vec<String>> { Some(tree["data"].as_object()?.keys().cloned().collect()) };
    let open = |tree: &Value| {
        let mut tree = tree.clone();
        if let Some(map) = tree.as_object_mut() {
            map.remove("data");
            map.remove("sops");
        }
        tree
    };
    kept.get("sops").is_some() && keys(kept) == keys(secret) && open(kept) == open(secret)
}
