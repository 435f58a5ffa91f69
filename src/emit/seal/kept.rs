//! What a file of the last run holds, and whether ours would say the same (N93).

use serde_json::{Map, Value};

use super::{Places, tree};
use crate::emit::place::{below, cleaned};
use crate::host::Host;

/// Largest file of ours that is compared.
const LARGEST: u64 = 16 << 20;

/// Reads a file of the last run, where there is one.
pub(super) fn file(places: &Places<'_>, path: &str, host: &dyn Host) -> Option<Vec<u8>> {
    host.read(&below(&cleaned(places.output), path), LARGEST).ok()
}

/// Returns the cipher text of a `SealedSecret`, by key.
///
/// A template of a chart is no YAML, but its cipher text has a block of its own. Whatever else stands in that block, the
/// file is kept only if ours is it byte for byte.
pub(super) fn cipher(bytes: &[u8]) -> Option<Map<String, Value>> {
    if let Some(tree) = tree::read(bytes) {
        return tree["spec"]["encryptedData"].as_object().cloned();
    }
    let (_, behind) = std::str::from_utf8(bytes).ok()?.split_once("\n  encryptedData:\n")?;
    let block: String = behind.split_inclusive('\n').take_while(|line| line.starts_with("    ")).collect();
    tree::read(block.as_bytes())?.as_object().cloned()
}

/// Tells whether two files say the same: the same bytes, or the same tree.
pub(super) fn says_the_same(one: &[u8], other: &[u8]) -> bool {
    one == other || tree::read(one).is_some_and(|tree| Some(tree) == tree::read(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cipher_text_is_read_out_of_objects_and_of_templates_n93() {
        let object = "kind: SealedSecret\nspec:\n  encryptedData:\n    key: AgA=\n  template: {}\n";
        let template = format!("{{{{- if true }}}}\n{object}{{{{- end }}}}\n");
        for text in [object, template.as_str()] {
            let found = cipher(text.as_bytes()).expect("cipher text");
            assert_eq!(Value::Object(found).to_string(), r#"{"key":"AgA="}"#);
        }
        assert_eq!(cipher(b"{{ not ours }}\n"), None);
        assert_eq!(cipher(b"kind: Secret\n"), None);
    }

    #[test]
    fn another_layout_says_the_same() {
        assert!(says_the_same(b"a: {b: 1}\n", b"# ours\na:\n  b: 1\n"));
        assert!(!says_the_same(b"a: 1\n", b"a: 2\n"));
        assert!(!says_the_same(b"{{ a }}\n", b"{{ b }}\n"));
    }
}
