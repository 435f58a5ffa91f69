//! Codes of the Kubernetes target alone; those that other targets share stand in `backend/codes.rs`.

use crate::diag::codes;

codes! {
    /// Problems of translating to Kubernetes.
    pub enum KubernetesCode {
        ReadinessAssumed = "readiness-assumed" Note Fidelity : "a pod counts as ready when its port accepts",
    }
}
