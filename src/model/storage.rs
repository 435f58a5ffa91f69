//! What is mounted: volumes, binds and what they turn out to be, tmpfs, configs, secrets.

use std::collections::BTreeMap;

use super::{ContentHints, File, Metadata, MountHints, ServiceName, Tree, VolumeHints, VolumeName};
use crate::diag::{Span, Spanned};

/// One mount of a service.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Place of the entry.
    pub span: Span,
    /// Path in the container, cleaned.
    pub target: Spanned<String>,
    /// Read-only for this service; place where written.
    pub read_only: Option<Span>,
    /// What is mounted.
    pub source: MountSource,
    /// `consistency`.
    pub consistency: Option<Spanned<String>>,
    /// The image of the service keeps its data there, so it holds no files of its own there (N69, N80).
    pub keeps_data: bool,
    /// The service whose mount this is, where `volumes_from` brought it.
    pub from_service: Option<ServiceName>,
    /// `x-rcompose` of the mount.
    pub hints: MountHints,
}

/// What is mounted.
#[derive(Clone, Debug)]
pub enum MountSource {
    /// A named volume.
    Volume(VolumeUse),
    /// A volume without name.
    Anonymous,
    /// A path of the host.
    Bind(Bind),
    /// Memory.
    Tmpfs(Tmpfs),
    /// The files of an image.
    Image {
        /// The reference.
        reference: Spanned<String>,
        /// `image.subpath`.
        subpath: Option<Spanned<String>>,
    },
    /// A named pipe of Windows.
    NamedPipe(Spanned<String>),
    /// A cluster volume of Swarm.
    Cluster(Spanned<String>),
}

/// The use of a named volume.
#[derive(Clone, Debug)]
pub struct VolumeUse {
    /// Key of the top-level volume.
    pub volume: VolumeName,
    /// `nocopy: true`; place.
    pub no_copy: Option<Span>,
    /// `subpath`.
    pub subpath: Option<Spanned<String>>,
    /// `labels` of the mount.
    pub labels: Metadata,
}

/// Memory as a file system.
#[derive(Clone, Debug, Default)]
pub struct Tmpfs {
    /// It stands under `tmpfs`, not under `volumes` (S42).
    pub short: bool,
    /// Bytes; `None` or 0 is unlimited.
    pub size: Option<Spanned<i64>>,
    /// Unix mode.
    pub mode: Option<Spanned<u32>>,
    /// Other options, as written, each with its place (`uid=1000`, `exec`, `size=50%`).
    pub options: Vec<Spanned<String>>,
}

/// A path of the host, and what it turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// As Compose resolves it: absolute.
    pub source: Spanned<String>,
    /// As its author wrote it, cleaned: only relative ones belong to the project on every machine (N80).
    pub path: BindPath,
    /// `propagation`.
    pub propagation: Option<Spanned<String>>,
    /// `recursive`.
    pub recursive: Option<Spanned<String>>,
    /// `selinux`.
    pub selinux: Option<Spanned<String>>,
    /// `create_host_path`; text forms have it. `None`: left out in long form, which the engine takes for false.
    pub create_host_path: Option<bool>,
    /// What it is (N80, rows 2 to 11).
    pub decision: BindDecision,
    /// It holds, or is named like, something secret (N84): as a Secret.
    pub sensitive: bool,
    /// Files that were left out (N81), with the reason.
    pub skipped: Vec<(String, &'static str)>,
}

/// How a bind's source was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BindPath {
    /// Relative to the project directory, with `/`; `.` is the directory itself, `../x` lies beside it.
    Project(String),
    /// Absolute, below the home directory (`~…`) or a Windows path: judged by its text alone.
    Host(String),
}

/// What a bind is (N80).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindDecision {
    /// `/dev/null` (row 2).
    Null,
    /// Left out.
    Omitted(OmitReason),
    /// A path of the node (rows 1, 4).
    HostPath {
        /// A hint asks for it, and nothing tells of a file, a device or a socket (N85).
        directory: bool,
    },
    /// An empty directory that lives as long as the pod (rows 5, 8).
    Scratch {
        /// The source is not there.
        missing: bool,
    },
    /// Data: a claim (rows 6, 8, 10).
    Data {
        /// The source holds files, which are not copied.
        holds_files: bool,
        /// The source is an absolute path.
        absolute: bool,
    },
    /// A configuration file (row 9).
    File(File),
    /// A directory of configuration files (row 10).
    Directory(Tree),
    /// Neither configuration nor data (rows 6, 9, 10).
    Unclear(UnclearReason),
    /// Too much to travel as configuration (rows 9, 10): files and sizes, largest first, five at most.
    TooLarge(Vec<(String, u64)>),
    /// Configuration that may not be read (N81); the system's text.
    Unreadable(String),
}

/// Why a bind is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OmitReason {
    /// `/etc/localtime`, `/etc/timezone` (row 3).
    Timezone,
    /// Source code over what the image holds (row 7); whether the Dockerfile copies anything from the context.
    SourceCode {
        /// It does.
        copied: bool,
    },
    /// A file that is not there (row 8).
    MissingFile,
    /// A socket, device, FIFO or link out of the project (row 11).
    Special,
    /// The hint `omit` says so (row 1).
    Hint,
}

/// Why a bind is unclear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnclearReason {
    /// An absolute path that looks like a file (row 6).
    AbsoluteFile,
    /// A file that a program writes (row 9).
    WrittenFile,
    /// A tree of source code (row 10).
    CodeTree,
    /// The hint `host` on a path of the project, which no node has (N86).
    RelativeHostPath,
    /// `--bind-policy error` asks for a hint (N86).
    NeedsHint,
}

/// A top-level volume.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Place of the key.
    pub span: Span,
    /// Real name.
    pub name: String,
    /// `name:` as written.
    pub written_name: Option<Spanned<String>>,
    /// `external: true`; place.
    pub external: Option<Span>,
    /// `driver` and `driver_opts`.
    pub driver: VolumeDriver,
    /// A path of the host that `driver_opts` make a volume of (N70): decided like the bind of its first user.
    pub bind: Option<Bind>,
    /// `labels`.
    pub labels: Metadata,
    /// `x-cluster-spec`, as JSON text; only Swarm and sizes read it (S57, N64).
    pub cluster_spec: Option<Spanned<String>>,
    /// `x-rcompose` of the volume.
    pub hints: VolumeHints,
}

/// What makes a volume.
#[derive(Clone, Debug, Default)]
pub struct VolumeDriver {
    /// `driver`.
    pub name: Option<Spanned<String>>,
    /// `driver_opts`.
    pub options: BTreeMap<String, Spanned<String>>,
}

/// A config or secret granted to a service; `N` is the kind of name.
#[derive(Clone, Debug)]
pub struct Grant<N> {
    /// Key of the top-level entry.
    pub source: N,
    /// Place of the entry.
    pub span: Span,
    /// Path in the container as written; `None` is the default place.
    pub target: Option<Spanned<String>>,
    /// `uid`.
    pub uid: Option<Spanned<String>>,
    /// `gid`.
    pub gid: Option<Spanned<String>>,
    /// `mode`.
    pub mode: Option<Spanned<u32>>,
}

/// A top-level config.
#[derive(Clone, Debug)]
pub struct Config {
    /// Place of the key.
    pub span: Span,
    /// Real name.
    pub name: String,
    /// `name:` as written.
    pub written_name: Option<Spanned<String>>,
    /// Where its bytes come from.
    pub content: Content,
    /// `labels`.
    pub labels: Metadata,
    /// `template_driver`.
    pub template_driver: Option<Spanned<String>>,
    /// `x-rcompose` of the config.
    pub hints: ContentHints,
}

/// A top-level secret.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Place of the key.
    pub span: Span,
    /// Real name.
    pub name: String,
    /// `name:` as written.
    pub written_name: Option<Spanned<String>>,
    /// Where its bytes come from.
    pub content: Content,
    /// `labels`.
    pub labels: Metadata,
    /// `driver` and `driver_opts`.
    pub driver: VolumeDriver,
    /// `template_driver`.
    pub template_driver: Option<Spanned<String>>,
    /// `x-rcompose` of the secret.
    pub hints: ContentHints,
}

/// Where the bytes of a config or secret come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// `external: true`.
    External(Span),
    /// `driver` alone: the driver has it.
    Driver(Span),
    /// `file`.
    File {
        /// The path as written.
        span: Span,
        /// What was read.
        file: File,
    },
    /// `file` that is a directory.
    Directory {
        /// The path as written.
        span: Span,
        /// What was read.
        tree: Tree,
    },
    /// `content`.
    Inline(Spanned<Vec<u8>>),
    /// `environment`: the variable's name; its value.
    Environment {
        /// The name.
        variable: Spanned<String>,
        /// The value.
        value: Vec<u8>,
    },
    /// More than any target carries, so it was not read; how much that is.
    TooLarge {
        /// The path as written.
        span: Span,
        /// What is wrong.
        reason: String,
    },
    /// File not there, not readable, or variable unset; the reason.
    Missing {
        /// Place of the path or variable.
        span: Span,
        /// What is wrong.
        reason: String,
    },
}
