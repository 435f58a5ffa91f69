//! The codes of this room: what can be wrong with a text before anything is known of its meaning (L12–L17).

use crate::diag::codes;

codes! {
    /// What can be wrong with a YAML text.
    pub(crate) enum YamlCode {
        YamlSyntax = "yaml-syntax" Error Load: "the file is not YAML that Compose reads",
        DuplicateKey = "duplicate-key" Error Load: "a mapping has the same key twice",
        NonStringKey = "non-string-key" Error Load: "a key is not text",
        BadMergeKey = "bad-merge-key" Error Load: "`<<` does not hold mappings",
        AliasCycle = "alias-cycle" Error Load: "an anchor contains itself",
        ExcessiveAliasing = "excessive-aliasing" Error Load: "aliases expand to more than the limit",
        LineBreakCharacter = "line-break-character" Warning Load: "a character breaks lines in some readers only",
    }
}
