//! Codes of live commands (register, section 12).

use crate::diag::codes;

codes! {
    /// Problems that only a cluster can show.
    pub(crate) enum ClusterCode {
        MassDelete = "mass-delete" Error Live : "more than half of the objects would be deleted",
        ObjectForeign = "object-foreign" Error Live : "an object of that name is nobody's or another tool's",
    }
}
