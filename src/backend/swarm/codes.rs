//! Codes of the Swarm target alone; those that other targets share stand in `backend/codes.rs`.

use crate::diag::codes;

codes! {
    /// Problems of translating to a stack file.
    pub enum SwarmCode {
        StackKeyDropped = "stack-key-dropped" Warning Fidelity : "a key without effect in Swarm mode is left out",
        StackKeyRefused = "stack-key-refused" Error Fidelity lowerable : "tasks cannot share a namespace",
        StackSecurityDropped = "stack-security-dropped" Warning Security : "Swarm has no such setting of confinement",
        StackOrderDropped = "stack-order-dropped" Note Fidelity : "Swarm starts all services at once",
        StackBindEveryNode = "stack-bind-every-node" Note Fidelity : "an absolute path must exist on each node",
        StackBindRelative = "stack-bind-relative" Warning Fidelity : "a path of the project is not on the nodes",
        StackConfigHashed = "stack-config-hashed" Note Fidelity : "names carry a hash of the content",
        StackNetworkOverlay = "stack-network-overlay" Note Fidelity : "a bridge network becomes an overlay network",
        StackLocalVolume = "stack-local-volume" Warning Data : "data of a local volume stays on its node",
        ContainerNameDropped = "container-name-dropped" Note Fidelity : "the container's name becomes an alias",
        StackBindAsConfig = "stack-bind-as-config" Note Fidelity : "a configuration file travels as a config",
        StackConfigNotHashed = "stack-config-not-hashed" Note Fidelity : "a change under a fixed name cannot be deployed",
        StackConfigPadded = "stack-config-padded" Warning Fidelity : "an empty config gets one line break",
        StackEnvEmpty = "stack-env-empty" Note Fidelity : "the docker CLI fills empty variables from its shell",
        StackGpuNeedsNode = "stack-gpu-needs-node" Note Fidelity : "nodes must offer the GPUs",
        StackJobUpdate = "stack-job-update" Note Fidelity : "jobs are not updated step by step",
        StackNameTooLong = "stack-name-too-long" Warning Fidelity : "project and service together are too long",
        StackPlatformConstraint = "stack-platform-constraint" Note Fidelity : "the platform becomes a constraint",
        StackPullPolicy = "stack-pull-policy" Note Fidelity : "pulling is decided when deploying",
        StackReservationSchedules = "stack-reservation-schedules" Note Fidelity : "a reservation decides where the service can run",
        StackResourceMinimum = "stack-resource-minimum" Warning Fidelity : "a value is raised to the engine's least",
        StackTemplateKept = "stack-template-kept" Note Fidelity : "Swarm fills in a template",
        StackUnhealthyReplaced = "stack-unhealthy-replaced" Note Fidelity : "unhealthy tasks are replaced",
        StackIllegal = "stack-illegal" Error Output : "the finished stack file would be refused",
    }
}
