//! Codes of live commands (register, section 12).

use crate::diag::codes;

codes! {
    /// Problems that only a cluster can show.
    pub(crate) enum ClusterCode {
        ClaimShrink = "claim-shrink" Error Data : "a claim cannot become smaller or change its class",
        ClusterScoped = "cluster-scoped" Error Live : "an object belongs to the whole cluster",
        FieldConflict = "field-conflict" Error Live : "another manager owns fields that the file sets",
        FieldKept = "field-kept" Note Live : "a field stays: another manager owns it too",
        FieldYielded = "field-yielded" Note Live : "the number of replicas is left to an autoscaler",
        ObjectNotPreviewed = "object-not-previewed" Warning Live : "a webhook cannot do dry-runs",
        ObjectRecreate = "object-recreate" Error Live : "a field cannot change in place",
        ObjectRejected = "object-rejected" Error Live : "the API server does not take an object",
        MassDelete = "mass-delete" Error Live : "more than half of the objects would be deleted",
        ObjectForeign = "object-foreign" Error Live : "an object of that name is nobody's or another tool's",
    }
}
