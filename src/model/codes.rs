//! Codes that loading and backends both give: neither room knows the other, and both know the model.

use crate::diag::codes;

codes! {
    /// Problems that can show while loading and while rendering.
    pub enum SharedCode {
        DuplicateTarget = "duplicate-target" Error Load : "two mounts have one path in the container",
        BadVolume = "bad-volume" Error Load: "a mount that cannot be read",
        FileUnreadable = "file-unreadable" Error Load : "a file cannot be read",
        ValueUnknown = "value-unknown" Warning Fidelity : "a word that Compose does not check and nobody knows",
    }
}
