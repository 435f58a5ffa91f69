//! Codes that several targets give: one code serves all targets whose way out is the same (G5).
//!
//! Codes of one target alone are declared in its own directory.

use crate::diag::codes;

codes! {
    /// Problems that more than one target can find.
    pub enum BackendCode {
        AlreadyDefault = "already-default" Note Fidelity : "a written key says what the target does anyway",
        NotYetSupported = "not-yet-supported" Error Fidelity : "this version cannot carry the key yet",
    }
}
