//! Codes of live commands (register, section 12).

use crate::diag::codes;

codes! {
    /// Problems that only a cluster can show.
    pub(crate) enum ClusterCode {
        ApiWarning = "api-warning" Warning Live : "the server took an object with a warning",
        ClaimShrink = "claim-shrink" Error Data : "a claim cannot become smaller or change its class",
        ClusterScoped = "cluster-scoped" Error Live : "an object belongs to the whole cluster",
        ContextChanged = "context-changed" Error Live : "the context leads to another cluster than before",
        ContextNotNamed = "context-not-named" Error Live : "nothing says which cluster to write to",
        ContextProtected = "context-protected" Error Live : "the context is protected by a setting",
        ExternalMissing = "external-missing" Error Live : "something that the project takes as given is not there",
        FieldConflict = "field-conflict" Error Live : "another manager owns fields that the file sets",
        FieldKept = "field-kept" Note Live : "a field stays: another manager owns it too",
        FieldYielded = "field-yielded" Note Live : "the number of replicas is left to an autoscaler",
        FinalizerStuck = "finalizer-stuck" Error Live : "an object does not go",
        Interrupted = "interrupted" Error Live : "the run was ended from outside",
        LockHeld = "lock-held" Error Live : "somebody else works on the project",
        MassDelete = "mass-delete" Error Live : "more than half of the objects would be deleted",
        NamespaceMissing = "namespace-missing" Error Live : "the namespace is not there",
        NamespaceRefused = "namespace-refused" Error Live : "nothing says which namespace, or it is the system's",
        NamespaceTerminating = "namespace-terminating" Error Live : "the namespace is being deleted",
        ObjectForeign = "object-foreign" Error Live : "an object of that name is nobody's or another tool's",
        ObjectNotPreviewed = "object-not-previewed" Warning Live : "a webhook cannot do dry-runs",
        ObjectRecreate = "object-recreate" Error Live : "a field cannot change in place",
        ObjectRejected = "object-rejected" Error Live : "the API server does not take an object",
        OrphansKept = "orphans-kept" Note Live : "objects that the project no longer has are kept",
        PermissionDegraded = "permission-degraded" Warning Live : "a right is lacking that a run can do without",
        PermissionMissing = "permission-missing" Error Live : "rights are lacking",
        ProjectCollision = "project-collision" Error Live : "another project of that name is there",
        ProjectRenamed = "project-renamed" Error Live : "the project is there under another name",
        PruneFailed = "prune-failed" Error Live : "an object could not be deleted",
        PruneRetained = "prune-retained" Note Live : "an object stays although deleting was asked for",
        StoppedMidway = "stopped-midway" Error Live : "errors ended a run between two writes",
    }
}
