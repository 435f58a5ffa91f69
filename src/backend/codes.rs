//! Codes that several targets give: one code serves all targets whose way out is the same (G5).
//!
//! Codes of one target alone are declared in its own directory.

use crate::diag::codes;

codes! {
    /// Problems that more than one target can find.
    pub enum BackendCode {
        AlreadyDefault = "already-default" Note Fidelity : "a written key says what the target does anyway",
        CgroupDropped = "cgroup-dropped" Note Fidelity : "a cgroup setting is left out",
        DevelopmentOnly = "development-only" Note Fidelity : "a key for developing is left out",
        DeviceDropped = "device-dropped" Warning Fidelity : "a device of the host is not given",
        DeviceRequestDropped = "device-request-dropped" Warning Fidelity : "a request for unknown devices is left out",
        DeviceRulesDropped = "device-rules-dropped" Warning Fidelity : "device rules are left out",
        DomainnameDropped = "domainname-dropped" Note Fidelity : "the domain name is left out",
        EntrypointResetNeedsCommand = "entrypoint-reset-needs-command" Error Fidelity : "a reset entrypoint needs a command",
        ExternalLinksDropped = "external-links-dropped" Warning Fidelity : "links out of the project are left out",
        GpuCountAssumed = "gpu-count-assumed" Warning Fidelity : "one GPU is requested where all were asked for",
        GpuSelectionDropped = "gpu-selection-dropped" Warning Fidelity : "which GPUs are meant is left out",
        HostAccess = "host-access" Warning Security : "the container gets access to its machine",
        ImageMustBePushed = "image-must-be-pushed" Warning Fidelity : "images are built here and pulled there",
        MacAddressDropped = "mac-address-dropped" Note Fidelity : "a MAC address is left out",
        ModelEndpointUnknown = "model-endpoint-unknown" Warning Fidelity : "nothing says where a model is served",
        NetworkNoneApproximated = "network-none-approximated" Warning Security : "no network becomes a network without permission",
        NotYetSupported = "not-yet-supported" Error Fidelity : "this version cannot carry the key yet",
        PlacementConstraintDropped = "placement-constraint-dropped" Warning Fidelity : "a placement constraint is left out",
        ProviderSkipped = "provider-skipped" Warning Fidelity : "nothing is written for a service with a provider",
        ReplicasIgnoredInGlobal = "replicas-ignored-in-global" Warning Fidelity : "replicas of a service that runs once a node",
        ResourceIsolationDropped = "resource-isolation-dropped" Warning Fidelity : "a setting that keeps resources apart is left out",
        ResourceTuningDropped = "resource-tuning-dropped" Note Fidelity : "a fine setting of the engine is left out",
        RestartAttemptsDropped = "restart-attempts-dropped" Warning Fidelity : "the number of restarts is left out",
        RestartConflictsWithCompletion = "restart-conflicts-with-completion" Warning Fidelity : "a service that must end would always restart",
        RestartPolicyApproximated = "restart-policy-approximated" Note Fidelity : "a server restarts also after success",
        StorageOptDropped = "storage-opt-dropped" Note Fidelity : "an option of the storage driver is left out",
        WaitNotRendered = "wait-not-rendered" Warning Fidelity : "a service does not wait for another",
    }
}
