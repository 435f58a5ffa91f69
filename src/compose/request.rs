//! What the command line asks of loading.

/// Which project, and which part of it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "most are flags of the command line, and any may come with any"
)]
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `-f`, in order; `-` is standard input.
    pub files: Vec<String>,
    /// `-p`.
    pub project_name: Option<String>,
    /// `--project-directory`.
    pub project_directory: Option<String>,
    /// `--env-file`, in order.
    pub env_files: Vec<String>,
    /// `--profile`.
    pub profiles: Vec<String>,
    /// Named services, or patterns; none is all.
    pub services: Vec<String>,
    /// `--no-deps`: named services without their dependencies.
    pub no_dependencies: bool,
    /// `--all-resources`: unused networks, volumes, configs and secrets stay.
    pub all_resources: bool,
    /// `--compose-level new`: where releases after 2.40 changed a rule, theirs (L24).
    pub newest_rules: bool,
    /// The merged tree stays with the project: who accounts for each key asks for it.
    pub keep_tree: bool,
    /// Steps that `config` leaves out.
    pub skip: Skip,
}

/// Steps that `config` can leave out.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own, and any may come with any")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skip {
    /// `--no-interpolate`.
    pub interpolation: bool,
    /// `--no-normalize`.
    pub normalisation: bool,
    /// `--no-path-resolution`.
    pub path_resolution: bool,
    /// `--no-consistency`.
    pub consistency: bool,
    /// `--hash`: env files stay a list.
    pub env_files: bool,
}
