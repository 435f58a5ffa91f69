//! Codes that backends give as well as loading or normalising: backends know neither, and all know the model.

use crate::diag::codes;

codes! {
    /// Problems that can show while reading and while rendering.
    pub enum SharedCode {
        DuplicateTarget = "duplicate-target" Error Load : "two mounts have one path in the container",
        BadVolume = "bad-volume" Error Load: "a mount that cannot be read",
        FileUnreadable = "file-unreadable" Error Load : "a file cannot be read",
        HintNotApplicable = "hint-not-applicable" Warning Fidelity : "a hint has no effect on this target",
        HintValueInvalid = "hint-value-invalid" Error Load: "a hint with a value that it cannot have",
        HintOverrides = "hint-overrides" Note Fidelity : "a hint wins over a Compose key",
        SecretInCommand = "secret-in-command" Warning Security : "a secret value stands in a command",
        ValueUnknown = "value-unknown" Warning Fidelity : "a word that Compose does not check and nobody knows",
    }
}
