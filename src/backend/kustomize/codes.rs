//! Codes of kustomize output (register, section 11).

use crate::diag::codes;

codes! {
    /// Problems of bases and overlays.
    pub enum KustomizeCode {
        OverlayNotExpressible = "overlay-not-expressible" Warning Fidelity : "kustomize cannot say what is in the output",
    }
}
