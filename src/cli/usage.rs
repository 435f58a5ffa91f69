//! Wrong usage: what was wrong, what may have been meant, and where help is (C44, C50).

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::diag::nearest;

/// Commands that are known and come later; Compose and kubectl fingers type them.
const LATER: &[&str] = &[
    "events",
    "exec",
    "history",
    "logs",
    "man",
    "port-forward",
    "rename",
    "restart",
    "resume",
    "rollback",
    "wait",
];

/// Wrong usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UsageError {
    message: String,
    command: Option<String>,
}

impl UsageError {
    /// Makes an error from a message that says it all.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), command: None }
    }

    /// Says in which command it happened.
    #[must_use]
    pub(crate) fn in_command(mut self, command: &str) -> Self {
        self.command.get_or_insert_with(|| command.to_owned());
        self
    }

    /// Turns what clap says into our words.
    pub(crate) fn from_clap(error: &clap::Error, argv: &[OsString], root: &Command) -> Self {
        let name = command_of(argv, root);
        let command = name.as_deref().and_then(|name| root.find_subcommand(name)).unwrap_or(root);
        Self { message: message(error, root, command), command: name }
    }

    /// Returns the message, without `error: `.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Returns the line that says how the command is used.
    pub(crate) fn usage(&self, root: &Command) -> String {
        let command = self.command.as_deref().and_then(|name| root.find_subcommand(name));
        let (usage, help) = match command {
            Some(command) => {
                let name = command.get_name();
                (super::help::usage(command), format!("rcompose {name} --help"))
            }
            None => (super::help::usage(root), "rcompose --help".to_owned()),
        };
        format!("usage: {usage}     more: {help}")
    }
}

/// Finds the command among the arguments: the first word that is one and no value of an option before it.
fn command_of(argv: &[OsString], root: &Command) -> Option<String> {
    let takes_value = |word: &str| {
        root.get_arguments().filter(|option| option.get_action().takes_values()).any(|option| {
            let long = option.get_long_and_visible_aliases().unwrap_or_default();
            let short = option.get_short().map(|letter| format!("-{letter}"));
            short.as_deref() == Some(word) || long.iter().any(|name| word.strip_prefix("--") == Some(name))
        })
    };
    let words: Vec<&str> = argv.iter().skip(1).filter_map(|word| word.to_str()).collect();
    let mut found = words.iter().enumerate().filter(|(_, word)| !word.starts_with('-'));
    let (_, word) = found.find(|(at, _)| *at == 0 || !takes_value(words[at - 1]))?;
    root.find_subcommand(word).map(|command| command.get_name().to_owned())
}

fn message(error: &clap::Error, root: &Command, command: &Command) -> String {
    let argument = text(error, ContextKind::InvalidArg);
    let value = text(error, ContextKind::InvalidValue);
    let flag = argument.split(' ').next().unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => unknown_argument(&argument, root, command),
        ErrorKind::InvalidSubcommand => unknown_command(&text(error, ContextKind::InvalidSubcommand), root),
        ErrorKind::InvalidValue if value.is_empty() => format!("`{flag}` needs a value"),
        ErrorKind::InvalidValue => unknown_value(error, flag, &value),
        ErrorKind::ValueValidation => match std::error::Error::source(error) {
            Some(reason) => format!("`{flag} {value}`: {reason}"),
            None => format!("`{flag} {value}` is not legal"),
        },
        ErrorKind::MissingRequiredArgument => format!("{} is missing", missing(error)),
        ErrorKind::TooManyValues => format!("`{flag}` takes no value"),
        ErrorKind::InvalidUtf8 => "an argument is not valid UTF-8".to_owned(),
        _ => {
            let rendered = error.render().to_string();
            let first = rendered.lines().next().unwrap_or_default();
            first.strip_prefix("error: ").unwrap_or(first).replace('\'', "`")
        }
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    }
}

fn missing(error: &clap::Error) -> String {
    let arguments = text(error, ContextKind::InvalidArg);
    arguments.replace(['<', '>'], "")
}

fn unknown_argument(argument: &str, root: &Command, command: &Command) -> String {
    if !argument.starts_with('-') {
        return format!("`{argument}` is one argument too many");
    }
    let name = argument.split('=').next().unwrap_or(argument);
    let message = format!("unknown option `{name}`");
    let options = long_options(command);
    let typed = name.trim_start_matches('-');
    if let Some(near) = nearest(typed, options.iter().map(String::as_str)) {
        return format!("{message}; did you mean `--{near}`?");
    }
    let elsewhere =
        root.get_subcommands().find(|other| long_options(other).iter().any(|known| known == typed));
    match elsewhere {
        Some(other) => format!("{message}; it belongs to `rcompose {}`", other.get_name()),
        None => message,
    }
}

fn long_options(command: &Command) -> Vec<String> {
    let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let options = shown.filter_map(clap::Arg::get_long).map(ToOwned::to_owned);
    options.chain(["help", "version"].map(ToOwned::to_owned)).collect()
}

fn unknown_command(word: &str, root: &Command) -> String {
    if LATER.contains(&word) {
        return format!("`{word}` is not built yet");
    }
    let message = format!("unknown command `{word}`");
    let is_file =
        std::path::Path::new(word).extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    if is_file {
        return format!("{message}; did you mean `-f {word}`?");
    }
    match nearest(word, root.get_subcommands().map(Command::get_name)) {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => message,
    }
}

fn unknown_value(error: &clap::Error, flag: &str, value: &str) -> String {
    let known = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(known)) => known.clone(),
        _ => Vec::new(),
    };
    let flag = flag.replace(['<', '>'], "");
    let message = format!("`{value}` is no value of `{flag}`");
    match nearest(value, known.iter().map(String::as_str)) {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => format!("{message}: {}", known.join(", ")),
    }
}

/// Tells whether `--help` was asked for, not `-h`.
pub(crate) fn wants_long_help(argv: &[OsString]) -> bool {
    argv.iter().take_while(|word| *word != "--").any(|word| word == "--help")
}
