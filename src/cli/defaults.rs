//! Flags of `convert` that settings give (`defaults`, C12): any of them by its name, for all targets or for one. Here
//! they are read, and sorted into what loading, the hints of the project and the mapping make of them.
//!
//! What a flag of the command line says counts before them, and so does a hint that says the same; a flag that the target
//! cannot act on is told of, where on the command line it would be wrong usage.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Arg, Args, Command, FromArgMatches};
use serde_json::json;

use super::codes::CliCode;
use super::commands::convert;
use super::mapping::{self, Mapping};
use super::session::Session;
use crate::backend::Target;
use crate::compose::hints::Outside;
use crate::compose::path::Path;
use crate::compose::{LoadCode, Request};
use crate::diag::{Diagnostic, Sink, Span, nearest};
use crate::yaml::{Entry, Node, Value};

/// Where a setting stands; the later one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Home {
    /// `rcompose.yaml`.
    File,
    /// Top-level `x-rcompose`.
    Top,
}

/// One flag that settings give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Long name of the flag, without dashes.
    pub(crate) flag: String,
    /// As on the command line: `--flag=value`, or `--flag`.
    words: Vec<String>,
    /// The values as they are written.
    values: Vec<String>,
    /// Place of its name.
    span: Span,
    /// For one target only.
    only: Option<Target>,
    home: Home,
}

/// Flags that say how files are read: the settings file alone can give them.
const OF_LOADING: &[&str] =
    &["all-resources", "compatibility", "compose-level", "env-file", "profile", "project-name"];

/// Flags that are said of one run, with what stands for them.
const OF_A_RUN: &[(&str, &str)] = &[
    ("allow", "write it below `diagnostics`, with a reason"),
    ("check", "it is a question of one run: give it on the command line"),
    ("color", "it belongs into your own settings"),
    ("deny", "write it below `diagnostics`"),
    ("file", "give it on the command line, or as `COMPOSE_FILE` in `.env`"),
    ("force", "it overwrites files: give it on the command line, each time"),
    ("project-directory", "give it on the command line"),
    ("report", "it is a question of one run: give it on the command line"),
    ("settings", "give it on the command line, or as `RCOMPOSE_SETTINGS`"),
    ("verbose", "give it on the command line"),
    ("warn", "write it below `diagnostics`"),
];

/// Flags that the hint of the same name at the top says, too: what is said of a service counts before them (N120).
const HINTS: &[&str] = &["expose", "infer-ports", "namespace", "rewrite-names"];

/// Reads the flags of one home; what cannot be is reported and left out.
pub(crate) fn read(written: &Node, home: Home, at: &Path<'_>, sink: &mut Sink) -> Vec<Setting> {
    let command = <convert::Flags as Args>::augment_args(Command::new("convert").args_override_self(true));
    let mut reader = Reader { command: &command, home, sink, found: Vec::new() };
    let Some(map) = written.as_map() else { return Vec::new() };
    // What is said of a target counts before what is said of all.
    for (name, entry) in map {
        if target(name).is_none() {
            reader.flag(name, entry, None, at);
        }
    }
    for (name, entry) in map {
        if let (Some(target), Some(flags)) = (target(name), entry.node.as_map()) {
            for (flag, entry) in flags {
                reader.flag(flag, entry, Some(target), &at.key(name));
            }
        } else if target(name).is_some() {
            let message = format!("`{}` is to hold flags", at.key(name));
            let found = Diagnostic::new(LoadCode::HintValueInvalid, message).at(entry.node.span);
            reader.sink.push(found.help(format!("write `{name}: {{expose: none}}`, say")));
        }
    }
    reader.found
}

/// Returns the JSON schema of `defaults`.
pub(crate) fn schema() -> serde_json::Value {
    let command = <convert::Flags as Args>::augment_args(Command::new("convert"));
    let shown = command.get_arguments().filter(|flag| !flag.is_hide_set());
    let flags: serde_json::Map<String, serde_json::Value> = shown
        .filter_map(|flag| Some((flag.get_long()?, flag)))
        .filter(|(name, _)| OF_A_RUN.iter().all(|(of_a_run, _)| of_a_run != name))
        .map(|(name, flag)| (name.to_owned(), schema_of(flag)))
        .collect();
    let of_target = json!({"type": "object", "additionalProperties": false, "properties": flags});
    let mut all = of_target.clone();
    for name in Target::ALL.iter().flat_map(|target| target.words()) {
        all["properties"][name] = of_target.clone();
    }
    all
}

fn schema_of(flag: &Arg) -> serde_json::Value {
    let words: Vec<String> =
        flag.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let one = if !flag.get_action().takes_values() {
        json!({"enum": [true, false, "true", "false"]})
    } else if words.is_empty() {
        json!({"type": ["string", "number", "boolean"]})
    } else {
        // `2.40` may be written as a number.
        json!({"anyOf": [{"enum": words}, {"type": "number"}]})
    };
    let mut schema = match flag.get_action() {
        clap::ArgAction::Append => json!({"anyOf": [one, {"type": "array", "items": one}]}),
        _ => one,
    };
    schema["description"] = flag.get_help().map(ToString::to_string).unwrap_or_default().into();
    schema
}

fn target(name: &str) -> Option<Target> {
    Target::ALL.iter().copied().find(|target| target.words().contains(&name))
}

struct Reader<'a> {
    command: &'a Command,
    home: Home,
    sink: &'a mut Sink,
    found: Vec<Setting>,
}

impl Reader<'_> {
    fn flag(&mut self, name: &str, entry: &Entry, only: Option<Target>, at: &Path<'_>) {
        let known = || self.command.get_arguments().filter(|flag| !flag.is_hide_set());
        let Some(flag) = known().find(|flag| flag.get_long() == Some(name)) else {
            let message = format!("unknown flag `{name}` in `{at}`");
            let found = Diagnostic::new(LoadCode::SettingUnknown, message).at(entry.key);
            let found = found.path(at.key(name).to_string());
            self.sink.push(match nearest(name, known().filter_map(Arg::get_long)) {
                Some(near) => found.suggest(near),
                None => found.help("`rcompose convert --help` lists the flags"),
            });
            return;
        };
        if let Some((_, help)) = OF_A_RUN.iter().find(|(flag, _)| *flag == name) {
            let message = format!("`{name}` is no setting, in `{at}`");
            let found = Diagnostic::new(LoadCode::SettingUnknown, message).at(entry.key);
            self.sink.push(found.path(at.key(name).to_string()).help(*help));
            return;
        }
        if OF_LOADING.contains(&name) && (only.is_some() || self.home == Home::Top) {
            let message = format!("`{}` has no effect: it says how files are read", at.key(name));
            let found = Diagnostic::new(CliCode::SettingIgnored, message).at(entry.key);
            self.sink.push(found.help("write it below `defaults` of rcompose.yaml, for all targets"));
            return;
        }
        let Some(values) = self.values(name, entry, flag, at) else { return };
        let takes_value = flag.get_action().takes_values();
        let words: Vec<String> = if takes_value {
            values.iter().map(|value| format!("--{name}={value}")).collect()
        } else {
            values.iter().filter(|value| *value == "true").map(|_| format!("--{name}")).collect()
        };
        let line = std::iter::once("convert".to_owned()).chain(words.iter().cloned());
        if let Err(error) = self.command.clone().try_get_matches_from(line) {
            let reason = super::usage::UsageError::from_clap(&error, &[], self.command);
            let message = format!("{}, in `{at}`", reason.message());
            let found = Diagnostic::new(LoadCode::HintValueInvalid, message).at(entry.node.span);
            self.sink.push(found.path(at.key(name).to_string()));
            return;
        }
        let flag = name.to_owned();
        self.found.push(Setting { flag, words, values, span: entry.key, only, home: self.home });
    }

    /// Returns the values, which are texts by now: one, or several of a flag that may be repeated.
    fn values(&mut self, name: &str, entry: &Entry, flag: &Arg, at: &Path<'_>) -> Option<Vec<String>> {
        let text = |node: &Node| node.as_text().map(ToOwned::to_owned);
        let is_switch = !flag.get_action().takes_values();
        let repeats = matches!(flag.get_action(), clap::ArgAction::Append);
        let (values, meant) = match &entry.node.value {
            Value::List(items) if repeats => (items.iter().map(text).collect(), "text"),
            Value::Text(text) if is_switch => {
                (matches!(text.as_str(), "true" | "false").then(|| vec![text.clone()]), "`true` or `false`")
            }
            Value::Text(text) => (Some(vec![text.clone()]), "text"),
            _ => (None, if is_switch { "`true` or `false`" } else { "text" }),
        };
        if values.is_none() {
            let message = format!("`{}` has a value that the flag does not take", at.key(name));
            let found = Diagnostic::new(LoadCode::HintValueInvalid, message).at(entry.node.span);
            self.sink.push(found.path(at.key(name).to_string()).help(format!("{meant} is meant")));
        }
        values
    }
}

/// Returns what is given for a target, by flag: of several writings the one that counts.
fn chosen(settings: &[Setting], target: Target) -> BTreeMap<&str, &Setting> {
    let mut ranked: Vec<&Setting> =
        settings.iter().filter(|setting| setting.only.is_none_or(|only| only == target)).collect();
    ranked.sort_by_key(|setting| (setting.home, setting.only.is_some()));
    ranked.into_iter().map(|setting| (setting.flag.as_str(), setting)).collect()
}

/// Returns the target that settings choose, if they do.
pub(crate) fn to(settings: &[Setting]) -> Option<Target> {
    let of_all = settings.iter().filter(|setting| setting.flag == "to" && setting.only.is_none());
    target(of_all.max_by_key(|setting| setting.home)?.values.first()?)
}

/// Lets the settings file say how the project is loaded, where neither a flag nor the environment does.
pub(crate) fn of_loading(
    mut request: Request,
    settings: &[Setting],
    environment: &BTreeMap<String, String>,
) -> Request {
    let is_set = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
    for setting in settings {
        let Setting { flag, values, words: _, span: _, only: _, home: _ } = setting;
        let says_so = values.first().is_some_and(|value| value == "true");
        match flag.as_str() {
            "profile" if request.profiles.is_empty() && !is_set("COMPOSE_PROFILES") => {
                request.profiles.clone_from(values);
            }
            "env-file" if request.env_files.is_empty() && !is_set("COMPOSE_ENV_FILES") => {
                request.env_files.clone_from(values);
            }
            "project-name" if !is_set("COMPOSE_PROJECT_NAME") => {
                request.project_name = request.project_name.or_else(|| values.first().cloned());
            }
            "all-resources" => request.all_resources |= says_so,
            "compose-level" => {
                request.newest_rules |= values.first().is_some_and(|value| value == "new");
            }
            _ => {}
        }
    }
    request
}

/// Lays what is given under the hints: a flag with a hint of its name is that hint, one step below what is said of a
/// service.
pub(crate) fn hints(settings: &[Setting], target: Target, outside: &mut Outside) {
    for (flag, setting) in chosen(settings, target) {
        let value = setting.values.first().cloned().unwrap_or_default();
        if mapping::cannot(target, flag, &value).is_some() {
            continue;
        }
        let node = match flag {
            "rewrite-names" => Node::new(setting.span, Value::Bool(value == "true")),
            _ => Node::text(setting.span, value.clone()),
        };
        let entry = Entry { key: setting.span, node };
        if HINTS.contains(&flag) {
            if setting.home == Home::Top || !outside.settings.contains_key(flag) {
                outside.settings.insert(flag.to_owned(), entry);
            }
        } else if flag == "bind-policy" && value == "error" {
            outside.binds_need_hints = true;
        } else if flag == "bind-policy" {
            outside.services.insert("bind".to_owned(), entry);
        }
    }
}

/// What settings give besides hints and loading.
#[derive(Default)]
pub(crate) struct Given {
    /// Flags that change the output.
    pub(crate) mapping: Mapping,
    /// `output`, as it is written: relative to the project.
    pub(crate) output: Option<String>,
    /// `format`.
    pub(crate) format: Option<crate::emit::Format>,
    /// `no-deps`.
    pub(crate) no_deps: bool,
    /// `strict`.
    pub(crate) strict: bool,
    /// `quiet`.
    pub(crate) quiet: bool,
}

/// Returns what is given for a target; what it cannot act on is told of.
pub(crate) fn for_target(target: Target, session: &mut Session<'_, '_>) -> Given {
    let settings = session.settings.defaults.clone();
    let chosen = chosen(&settings, target);
    let mut ignored: BTreeSet<&str> = BTreeSet::new();
    for (flag, setting) in &chosen {
        let value = setting.values.first().map(String::as_str).unwrap_or_default();
        if let Some(reason) = mapping::cannot(target, flag, value) {
            ignored.insert(flag);
            let help = match setting.only {
                Some(_) => "remove it".to_owned(),
                None => "write it below the target that it is for, such as `k8s:`".to_owned(),
            };
            let message = format!("the setting `{flag}` {reason}");
            let found = Diagnostic::new(CliCode::SettingIgnored, message).at(setting.span);
            session.sink.push(found.target(target.name()).help(help));
        }
    }
    let words = chosen
        .iter()
        .filter(|(flag, _)| !ignored.contains(*flag))
        .filter(|(flag, _)| !OF_LOADING.contains(flag) && !HINTS.contains(flag))
        .flat_map(|(_, setting)| setting.words.iter().cloned());
    let line = std::iter::once("convert".to_owned()).chain(words);
    let command = <convert::Flags as Args>::augment_args(Command::new("convert").args_override_self(true));
    let matches = command.try_get_matches_from(line).ok();
    let flags = matches.and_then(|matches| convert::Flags::from_arg_matches(&matches).ok());
    flags.map(convert::Flags::given).unwrap_or_default()
}
