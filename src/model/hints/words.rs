//! Hints that are one of some words.

/// Declares an enum whose variants are words of the vocabulary.
macro_rules! words {
    ( $( $(#[$meta:meta])* $Name:ident { $( $(#[$doc:meta])* $Variant:ident = $word:literal ),+ $(,)? } )+ ) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $Name { $( $(#[$doc])* $Variant ),+ }

        impl $Name {
            /// Finds the value that a word stands for.
            pub fn of(word: &str) -> Option<Self> {
                match word {
                    $( $word => Some(Self::$Variant), )+
                    _ => None,
                }
            }

            /// Returns its word.
            pub const fn word(self) -> &'static str {
                match self {
                    $( Self::$Variant => $word ),+
                }
            }
        }
    )+ };
}

words! {
    /// `kind`: how a service is run (K1).
    HintedKind {
        /// Until stopped, a number of times.
        Deployment = "Deployment",
        /// Until stopped, each with a name and data of its own.
        StatefulSet = "StatefulSet",
        /// Until stopped, once a node.
        DaemonSet = "DaemonSet",
        /// Until it ends.
        Job = "Job",
        /// Until it ends, again and again.
        CronJob = "CronJob",
    }
    /// `concurrency-policy`: what a run does while the one before it still runs (K8).
    Concurrency {
        /// Runs beside it.
        Allow = "Allow",
        /// Is left out.
        Forbid = "Forbid",
        /// Takes its place.
        Replace = "Replace",
    }
    /// `image-pull-policy` (K15).
    PullHint {
        /// For each pod.
        Always = "Always",
        /// Where the node has none.
        IfNotPresent = "IfNotPresent",
        /// Not at all.
        Never = "Never",
    }
    /// `probes`: how a test by `curl` or `wget` is written (K44).
    ProbeStyle {
        /// As it is.
        Exec = "exec",
        /// As a request of the node.
        Http = "http",
    }
    /// `expose`: how published ports are reached (N24).
    Exposure {
        /// By an address of their own.
        LoadBalancer = "loadbalancer",
        /// On every node.
        NodePort = "nodeport",
        /// By host names, through an Ingress.
        Ingress = "ingress",
        /// By host names, through a Gateway.
        Gateway = "gateway",
        /// By the published number, inside the cluster.
        ClusterIp = "clusterip",
        /// The name gives the address of each pod.
        Headless = "headless",
        /// Not at all.
        None = "none",
    }
    /// `external-traffic-policy` (N24).
    TrafficPolicy {
        /// Any node passes traffic on.
        Cluster = "Cluster",
        /// Only nodes with a pod do, and keep the caller's address.
        Local = "Local",
    }
    /// `infer-ports`: which ports count (N20).
    PortInference {
        /// Those that are written or exposed by the image.
        Declared = "declared",
        /// Those that are found, too.
        All = "all",
    }
    /// `bind`: what becomes of a path of the host (N86).
    BindMode {
        /// By the rules.
        Auto = "auto",
        /// Configuration that travels with the output.
        Config = "config",
        /// The same, kept as secret.
        Secret = "secret",
        /// Data.
        Volume = "volume",
        /// A path of the node.
        Host = "host",
        /// Nothing.
        Omit = "omit",
    }
    /// `seed`: whether an empty volume is filled from the image (N69).
    Seed {
        /// It is.
        Image = "image",
        /// It is not, and nobody need be told.
        None = "none",
    }
    /// `volume-kind`: what named volumes become.
    VolumeKind {
        /// Data that stays.
        Claim = "claim",
        /// Data that lives as long as the pod.
        Empty = "empty",
    }
    /// `access-mode` (N63).
    AccessMode {
        /// One node.
        ReadWriteOnce = "ReadWriteOnce",
        /// Several nodes.
        ReadWriteMany = "ReadWriteMany",
        /// Several nodes, nobody writes.
        ReadOnlyMany = "ReadOnlyMany",
        /// One pod.
        ReadWriteOncePod = "ReadWriteOncePod",
    }
    /// `nfs`: how an NFS volume is mounted (N70).
    NfsMode {
        /// As a volume of the cluster.
        Volume = "pv",
        /// In each pod.
        Inline = "inline",
        /// By a driver of the cluster.
        Csi = "csi",
    }
}
