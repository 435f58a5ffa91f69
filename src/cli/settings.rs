//! What the flags that stand before or after any command come to, together with the environment (C10, section 3).

use std::collections::BTreeMap;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args};

use super::printer::{Colour, Terminal};
use super::reach::Reach;

/// Flags of every command. They stand before or after it: what can be repeated adds up, of the rest the later wins.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one per switch")]
pub(crate) struct Globals {
    /// Compose file, repeatable; `-` is standard input
    #[arg(short, long = "file", value_name = "FILE", help_heading = "Project", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: Vec<String>,

    /// Name of the project
    #[arg(short, long, value_name = "NAME", help_heading = "Project")]
    pub(crate) project_name: Option<String>,

    /// Profile to switch on, repeatable; `*` is all
    #[arg(long = "profile", value_name = "NAME", help_heading = "Project")]
    pub(crate) profile: Vec<String>,

    /// Instead of `.env`, repeatable
    #[arg(long = "env-file", value_name = "FILE", help_heading = "Project", value_hint = clap::ValueHint::FilePath)]
    pub(crate) env_file: Vec<String>,

    /// Where relative paths start
    #[arg(
        long,
        value_name = "DIR",
        alias = "workdir",
        help_heading = "Project",
        value_hint = clap::ValueHint::DirPath
    )]
    pub(crate) project_directory: Option<String>,

    /// Keep networks, volumes, … that no service uses
    #[arg(long, help_heading = "Project", hide_short_help = true)]
    pub(crate) all_resources: bool,

    /// Taken for Compose's sake; changes nothing
    #[arg(long, help_heading = "Project", hide_short_help = true)]
    pub(crate) compatibility: bool,

    /// Whose loading rules: 2.40 (default), new
    #[arg(
        long,
        value_name = "LEVEL",
        value_parser = PossibleValuesParser::new(["2.40", "new"]),
        help_heading = "Project",
        hide_short_help = true
    )]
    pub(crate) compose_level: Option<String>,

    /// Instead of the project's rcompose.yaml
    #[arg(long, value_name = "FILE", help_heading = "Project", hide_short_help = true, value_hint = clap::ValueHint::FilePath)]
    pub(crate) settings: Option<String>,

    /// Namespace of all objects
    #[arg(short, long, value_name = "NAME", help_heading = "Mapping")]
    pub(crate) namespace: Option<String>,

    /// Make a finding an error: CODE, CODE=SERVICE or a group
    #[arg(long, value_name = "X", help_heading = "Diagnostics")]
    pub(crate) deny: Vec<String>,

    /// Make a finding a warning
    #[arg(long, value_name = "X", help_heading = "Diagnostics")]
    pub(crate) warn: Vec<String>,

    /// Let a finding through: it is counted, not shown
    #[arg(long, value_name = "X", help_heading = "Diagnostics")]
    pub(crate) allow: Vec<String>,

    /// Same as --deny warnings --deny dropped
    #[arg(long, help_heading = "Diagnostics")]
    pub(crate) strict: bool,

    /// Errors only; no progress, no summary
    #[arg(short, long, help_heading = "Diagnostics")]
    pub(crate) quiet: bool,

    /// All notes in full; twice: steps
    #[arg(short, long, action = ArgAction::Count, help_heading = "Diagnostics")]
    pub(crate) verbose: u8,

    /// auto (default), always, never
    #[arg(
        long,
        alias = "ansi",
        value_name = "WHEN",
        value_parser = PossibleValuesParser::new(["auto", "always", "never"]),
        help_heading = "Diagnostics"
    )]
    pub(crate) color: Option<String>,

    #[arg(long, hide = true)]
    no_ansi: bool,

    /// Compose's flag; nothing here takes so long that it needs one.
    #[arg(
        long,
        hide = true,
        value_parser = PossibleValuesParser::new(["auto", "tty", "plain", "json", "quiet"])
    )]
    progress: Option<String>,

    /// Which cluster.
    #[command(flatten)]
    pub(crate) reach: Reach,
}

impl Globals {
    /// Puts flags from before and after the command together.
    pub(crate) fn with(mut self, after: Self) -> Self {
        let Self {
            file,
            project_name,
            profile,
            env_file,
            project_directory,
            all_resources,
            compatibility,
            compose_level,
            settings,
            namespace,
            deny,
            warn,
            allow,
            strict,
            quiet,
            verbose,
            color,
            no_ansi,
            progress,
            reach,
        } = after;
        self.file.extend(file);
        self.profile.extend(profile);
        self.env_file.extend(env_file);
        self.deny.extend(deny);
        self.warn.extend(warn);
        self.allow.extend(allow);
        self.project_name = project_name.or(self.project_name);
        self.project_directory = project_directory.or(self.project_directory);
        self.compose_level = compose_level.or(self.compose_level);
        self.settings = settings.or(self.settings);
        self.namespace = namespace.or(self.namespace);
        self.color = color.or(self.color);
        self.reach = self.reach.with(reach);
        self.progress = progress.or(self.progress);
        self.all_resources |= all_resources;
        self.compatibility |= compatibility;
        self.strict |= strict;
        self.quiet |= quiet;
        self.no_ansi |= no_ansi;
        self.verbose = self.verbose.saturating_add(verbose);
        self
    }

    /// Says which streams show colour: a flag beats the environment, and that beats what the stream is.
    /// What the user says for all projects comes last.
    pub(crate) fn colour(
        &self,
        environment: &BTreeMap<String, String>,
        user: Option<&str>,
        terminal: Terminal,
    ) -> Colour {
        let flag = if self.no_ansi { Some("never") } else { self.color.as_deref() };
        let flag = flag.filter(|word| *word != "auto");
        match flag.or_else(|| from_environment(environment)).or(user) {
            Some("always") => Colour { out: true, err: true },
            Some("never") => Colour { out: false, err: false },
            _ => Colour { out: terminal.out, err: terminal.err },
        }
    }
}

/// Reads what the environment says of colour; `None` leaves it to the stream.
fn from_environment(environment: &BTreeMap<String, String>) -> Option<&'static str> {
    let value = |name: &str| environment.get(name).map(String::as_str).unwrap_or_default();
    match value("COMPOSE_ANSI") {
        "never" => return Some("never"),
        "always" => return Some("always"),
        _ => {}
    }
    if !value("NO_COLOR").is_empty() {
        return Some("never");
    }
    if !matches!(value("CLICOLOR_FORCE"), "" | "0") {
        return Some("always");
    }
    (value("TERM") == "dumb").then_some("never")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows_to(
        user: Option<&str>,
        flag: Option<&str>,
        environment: &[(&str, &str)],
        terminal: bool,
    ) -> bool {
        let globals = Globals { color: flag.map(Into::into), ..Globals::default() };
        let environment = environment.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        globals.colour(&environment, user, Terminal { out: terminal, err: terminal, width: None }).err
    }

    fn shows(flag: Option<&str>, environment: &[(&str, &str)], terminal: bool) -> bool {
        shows_to(None, flag, environment, terminal)
    }

    #[test]
    fn a_flag_beats_the_environment_and_that_the_stream() {
        assert!(shows(None, &[], true));
        assert!(!shows(None, &[], false));
        assert!(!shows(None, &[("NO_COLOR", "1")], true));
        assert!(shows(None, &[("NO_COLOR", "")], true));
        assert!(shows(None, &[("CLICOLOR_FORCE", "1")], false));
        assert!(!shows(None, &[("TERM", "dumb")], true));
        assert!(!shows(None, &[("COMPOSE_ANSI", "never")], true));
        assert!(shows(Some("always"), &[("NO_COLOR", "1")], false));
        assert!(!shows(Some("auto"), &[("NO_COLOR", "1")], true));
        assert!(!shows(Some("never"), &[("CLICOLOR_FORCE", "1")], true));
        assert!(!shows_to(Some("never"), None, &[], true));
        assert!(shows_to(Some("never"), None, &[("CLICOLOR_FORCE", "1")], true));
        assert!(shows_to(Some("never"), Some("always"), &[], true));
        assert!(shows_to(Some("auto"), None, &[], true));
    }
}
