//! The image: a reference, or what builds it, and what is known of it.

use super::{Check, Protocol};
use crate::diag::{Span, Spanned};

/// The image of a service.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// `image`, byte for byte.
    pub reference: Option<Spanned<String>>,
    /// `build`.
    pub build: Option<Build>,
    /// `pull_policy`.
    pub pull: Option<Spanned<PullPolicy>>,
    /// `pull_refresh_after`, as written; only with `pull_policy: refresh` it does anything.
    pub refresh_after: Option<Spanned<String>>,
    /// `platform`.
    pub platform: Option<Spanned<Platform>>,
    /// What the local Dockerfile says of the image.
    pub facts: ImageFacts,
}

/// How the image is built. We never build: these name the image and are reported.
#[derive(Clone, Debug)]
pub struct Build {
    /// Place of `build`.
    pub span: Span,
    /// Context as Compose resolves it: an absolute path or a URL.
    pub context: Spanned<String>,
    /// Context relative to the project directory, where it lies below or above it and is local.
    pub local_context: Option<String>,
    /// First of `tags`.
    pub tag: Option<Spanned<String>>,
    /// Keys of `build` that act at build time only and are not about the Dockerfile (K14), sorted.
    pub settings: Vec<Spanned<&'static str>>,
}

/// When an image is pulled (K15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullPolicy {
    /// At each start.
    Always,
    /// If the host has none.
    Missing,
    /// Never.
    Never,
    /// Built instead.
    Build,
    /// After a time: `daily`, `weekly`, `every_…`, `refresh`; as written.
    Interval(String),
    /// A word nobody knows.
    Unknown(String),
}

/// `os[/arch[/variant]]` (K16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// Operating system as written, lower case.
    pub os: String,
    /// Architecture in the words of Go and Kubernetes where known, lower case.
    pub architecture: Option<String>,
    /// Variant as written.
    pub variant: Option<String>,
}

/// What the final (or `target`) stage of the local Dockerfile says (K13). Empty when there is none.
#[derive(Clone, Debug, Default)]
pub struct ImageFacts {
    /// A local Dockerfile was read.
    pub known: bool,
    /// `USER`.
    pub user: Option<Spanned<String>>,
    /// `WORKDIR`, absolute.
    pub working_dir: Option<String>,
    /// `EXPOSE`, in order, without repeats.
    pub exposed: Vec<ExposedPort>,
    /// `VOLUME`.
    pub volumes: Vec<Spanned<String>>,
    /// `HEALTHCHECK`; `Some(None)` is `HEALTHCHECK NONE`.
    pub health: Option<Option<Spanned<Check>>>,
    /// `STOPSIGNAL`.
    pub stop_signal: Option<Spanned<String>>,
    /// `SHELL`, which runs health checks in shell form too.
    pub shell: Option<Vec<String>>,
    /// `ENTRYPOINT` as exec words; the shell form as `/bin/sh -c text`.
    pub entrypoint: Option<Spanned<Vec<String>>>,
    /// `CMD`, likewise.
    pub command: Option<Spanned<Vec<String>>>,
    /// `COPY` and `ADD` from the build context, of the final stage and the stages it is built `FROM`.
    pub copied: Vec<CopiedPath>,
}

/// One `EXPOSE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposedPort {
    /// Container port.
    pub port: u16,
    /// Protocol.
    pub protocol: Protocol,
    /// Place in the Dockerfile.
    pub span: Span,
}

/// One source of a `COPY` or `ADD` from the build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedPath {
    /// Path below the context, cleaned; `.` for all of it.
    pub source: String,
    /// Absolute path in the image, cleaned; a trailing `/` is kept, since it makes the target a directory. `None` when it
    /// is relative to the `WORKDIR` of a base image, or holds a variable of it.
    pub target: Option<String>,
}
