//! A Secret in the clear, as it is to be sealed: all of it below `data`, where the sealing programs look (N93).

use serde_json::{Map, Value, json};

use super::certificate::encode;
use crate::backend::Document;

/// Returns a Secret with all its data below `data`; `None` for what is no Secret or holds nothing to hide.
///
/// A template of the user may write `stringData` (N115); the API server would move it, and `sops` would not encrypt it.
pub(super) fn secret(document: &Document) -> Option<Document> {
    if document.kind != "Secret" {
        return None;
    }
    let map = |key: &str| document.tree.get(key).and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    let mut data = map("data");
    let encoded = |value: &Value| value.as_str().map(|text| json!(encode(text.as_bytes())));
    data.extend(map("stringData").iter().filter_map(|(key, value)| Some((key.clone(), encoded(value)?))));
    if data.is_empty() {
        return None;
    }
    let mut document = document.clone();
    if let Some(tree) = document.tree.as_object_mut() {
        tree.remove("stringData");
        tree.insert("data".to_owned(), Value::Object(data));
    }
    Some(document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::seal::tests::artefacts;

    #[test]
    fn text_of_a_template_is_sealed_too_n93() {
        let mut document = artefacts("czNjcmV0").documents.remove(0);
        document.tree["stringData"] = json!({"token": "abc", "password": "won"});
        let clear = secret(&document).expect("a Secret");
        assert_eq!(clear.tree["data"], json!({"token": "YWJj", "password": "d29u"}));
        assert_eq!(clear.tree.get("stringData"), None);
    }

    #[test]
    fn what_holds_nothing_is_left_as_it_is() {
        let mut document = artefacts("czNjcmV0").documents.remove(0);
        document.tree["data"] = json!({});
        assert!(secret(&document).is_none());
    }
}
