//! Help texts (C50): what a command does, how it is used, examples, options in groups, exit codes. Eighty columns.
//!
//! The options come from what clap parses, so none can be forgotten; layout and order are ours.

use std::fmt::Write as _;

use anstyle::Style;
use clap::{Arg, Command};

const BOLD: Style = Style::new().bold();

/// Columns of a help text.
const WIDTH: usize = 80;

/// Widest left column; what is wider has its text on the next line.
const LEFT: usize = 28;

/// Groups of options, in this order; options without a heading come first.
const GROUPS: &[&str] = &["Output", "Mapping", "Project", "Diagnostics"];

/// The same for live commands.
const LIVE: &[&str] = &["Plan", "Cluster", "Mapping", "Project", "Diagnostics"];

/// What is known of a command besides its options.
struct Page {
    name: &'static str,
    usage: &'static str,
    examples: &'static [(&'static str, &'static str)],
    /// Groups of options that are shown; the others are taken all the same.
    groups: &'static [&'static str],
    exit_codes: &'static [(&'static str, &'static str)],
}

const DONE: (&str, &str) = ("0", "done; warnings are allowed");
const FAILED: (&str, &str) = ("1", "error or wrong usage: nothing written");

/// Exit codes of commands that write to a cluster.
const WRITES: &[(&str, &str)] = &[
    ("0", "the asked-for state is reached"),
    ("1", "usage, translation, permission, rejected plan: nothing written"),
    ("2", "--exit-code: reached, and something changed"),
    ("3", "stopped part-way by errors of the API"),
    ("4", "written, but something did not end as it should"),
    ("7", "needs a decision (conflict, owner, lock, context): nothing written"),
    ("130", "interrupted"),
];

const PAGES: &[Page] = &[
    Page {
        name: "rcompose",
        usage: "rcompose [OPTIONS] COMMAND",
        examples: &[
            ("rcompose check", "what survives the move"),
            ("rcompose convert > all.yaml", "Kubernetes, one file"),
            ("rcompose -f base.yaml -f prod.yaml convert -o k8s/", "a file per object"),
        ],
        groups: &["Project", "Diagnostics"],
        exit_codes: &[DONE, FAILED, ("2", "convert --check: files would change")],
    },
    Page {
        name: "convert",
        usage: "rcompose convert [OPTIONS] [SERVICE…]",
        examples: &[
            ("rcompose convert > all.yaml", "Kubernetes, one file"),
            ("rcompose convert -o k8s/", "a file per object"),
            ("rcompose convert -o k8s/ --check", "fail (2) if k8s/ is not up to date"),
            ("rcompose convert --to swarm -o stack/", "for docker stack deploy"),
            ("rcompose convert -o k8s/ --report json", "what became of each key"),
        ],
        groups: GROUPS,
        exit_codes: &[DONE, FAILED, ("2", "--check: files would change")],
    },
    Page {
        name: "config",
        usage: "rcompose config [OPTIONS] [SERVICE…]",
        examples: &[
            ("rcompose config", "the project, merged and interpolated"),
            ("rcompose config --format json web", "one service and what it needs"),
            ("rcompose config --variables", "variables that the files name"),
        ],
        groups: &["Output", "Project", "Diagnostics"],
        exit_codes: &[DONE, FAILED],
    },
    Page {
        name: "check",
        usage: "rcompose check [OPTIONS] [SERVICE…]",
        examples: &[
            ("rcompose check", "for Kubernetes"),
            ("rcompose check --to k8s --to swarm", "for both"),
            ("rcompose check --format github --strict", "in a workflow"),
        ],
        groups: GROUPS,
        exit_codes: &[("0", "no errors"), ("1", "errors found, or wrong usage")],
    },
    Page {
        name: "diff",
        usage: "rcompose diff [OPTIONS] [SERVICE…]",
        examples: &[
            ("rcompose diff --context prod -n shop", "what apply would change"),
            ("rcompose diff --context prod --prune", "and what it would delete"),
            ("rcompose diff --context prod --read-only", "with the right to read only"),
        ],
        groups: LIVE,
        exit_codes: &[
            ("0", "no difference"),
            ("1", "error, also a plan that cannot be applied"),
            ("2", "differences"),
        ],
    },
    Page {
        name: "apply",
        usage: "rcompose apply [OPTIONS] [SERVICE…]",
        examples: &[
            ("rcompose apply --context prod -n shop", "shows the plan, asks, writes"),
            ("rcompose apply --context prod --dry-run", "as diff"),
            ("rcompose apply --context prod --yes --prune", "in CI"),
        ],
        groups: LIVE,
        exit_codes: WRITES,
    },
    Page {
        name: "down",
        usage: "rcompose down [OPTIONS] [SERVICE…]",
        examples: &[
            ("rcompose down --context dev -n shop", "volumes stay"),
            ("rcompose down --context dev -n shop --volumes", "and they too go, with data"),
        ],
        groups: LIVE,
        exit_codes: WRITES,
    },
    Page {
        name: "status",
        usage: "rcompose status [OPTIONS] [SERVICE…]",
        examples: &[
            ("rcompose status --context prod -n shop", "a line per service"),
            ("rcompose status --context prod --tree", "and their pods"),
        ],
        groups: LIVE,
        exit_codes: &[DONE, ("1", "error or wrong usage"), ("4", "--exit-code: not all services are ready")],
    },
    Page {
        name: "role",
        usage: "rcompose role [OPTIONS] [SERVICE…]",
        examples: &[("rcompose role -n shop | kubectl apply -f -", "for a user of CI")],
        groups: LIVE,
        exit_codes: &[DONE, FAILED],
    },
    Page {
        name: "explain",
        usage: "rcompose explain [OPTIONS] [CODE|KEY]",
        examples: &[
            ("rcompose explain volume-needs-rwx", "a code that a message named"),
            ("rcompose explain --list", "all codes"),
        ],
        groups: &["Output"],
        exit_codes: &[DONE, ("1", "no such code or key, or wrong usage")],
    },
    Page {
        name: "why",
        usage: "rcompose why [OPTIONS] PLACE",
        examples: &[
            ("rcompose why Deployment/web:spec.replicas", "which key a field comes from"),
            ("rcompose why k8s/deployment-web.yaml:17", "a line of the output"),
            ("rcompose why compose.yaml:14", "all that a line became"),
            ("rcompose why --to swarm services.web.deploy", "a key and what is below"),
        ],
        groups: GROUPS,
        exit_codes: &[DONE, ("1", "no such place, error in the project, or wrong usage")],
    },
    Page {
        name: "support",
        usage: "rcompose support [OPTIONS] [KEY…]",
        examples: &[
            ("rcompose support", "every key, Kubernetes and Swarm"),
            ("rcompose support --to k8s ulimits restart", "w, n, e: warning, note, error"),
            ("rcompose support deploy --format markdown", "and what is below"),
        ],
        groups: &["Output"],
        exit_codes: &[DONE, ("1", "no such key, or wrong usage")],
    },
    Page {
        name: "schema",
        usage: "rcompose schema NAME",
        examples: &[
            ("rcompose schema hints > hints.schema.json", "x-rcompose, for editors"),
            ("rcompose schema settings", "rcompose.yaml"),
            ("rcompose schema report", "convert --report json"),
        ],
        groups: &["Output"],
        exit_codes: &[DONE, ("1", "no such schema")],
    },
    Page {
        name: "completion",
        usage: "rcompose completion SHELL",
        examples: &[
            ("rcompose completion bash > /etc/bash_completion.d/rcompose", ""),
            ("rcompose completion zsh > ~/.zfunc/_rcompose", ""),
        ],
        groups: &["Output"],
        exit_codes: &[DONE, ("1", "no such shell")],
    },
];

fn page(command: &Command) -> &'static Page {
    PAGES.iter().find(|page| page.name == command.get_name()).unwrap_or(&PAGES[0])
}

/// Returns how a command is used, on one line.
pub(crate) fn usage(command: &Command) -> &'static str {
    page(command).usage
}

/// Gives a command and all below it their help texts.
pub(crate) fn with_help(root: Command, long: bool) -> Command {
    let text = text(&root, long);
    let root_usage = usage(&root);
    let root = root.override_usage(root_usage).override_help(text);
    root.mut_subcommands(|command| {
        let text = self::text(&command, long);
        let usage = usage(&command);
        command.override_usage(usage).override_help(text)
    })
}

/// Renders the help of one command.
fn text(command: &Command, long: bool) -> String {
    let page = page(command);
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let stop = if about.ends_with('.') { "" } else { "." };
    let mut text = format!("{about}{stop}\n\n{BOLD}Usage:{BOLD:#} {}\n", page.usage);
    section(
        &mut text,
        "Examples",
        page.examples.iter().map(|(left, right)| ((*left).into(), (*right).into())),
    );
    let commands = command.get_subcommands().filter(|command| !command.is_hide_set());
    let commands: Vec<(String, String)> =
        commands.map(|command| (command.get_name().to_owned(), about_line(command))).collect();
    section(&mut text, "Commands", commands.into_iter());
    let arguments: Vec<&Arg> = command.get_arguments().filter(|argument| is_shown(argument, long)).collect();
    let positional = arguments.iter().filter(|argument| argument.is_positional());
    section(&mut text, "Arguments", positional.map(|argument| row(argument)));
    for group in page.groups {
        let rows = arguments.iter().filter(|argument| argument.get_help_heading() == Some(group));
        section(&mut text, group, rows.map(|argument| row(argument)));
    }
    if long {
        section(
            &mut text,
            "Exit codes",
            page.exit_codes.iter().map(|(left, right)| ((*left).into(), (*right).into())),
        );
    } else {
        let _ = writeln!(text, "\nMore with --help: all options, exit codes.");
    }
    text
}

fn is_shown(argument: &Arg, long: bool) -> bool {
    !argument.is_hide_set() && (long || !argument.is_hide_short_help_set())
}

fn about_line(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// Returns both columns of an option or argument.
fn row(argument: &Arg) -> (String, String) {
    let value = argument.get_value_names().unwrap_or_default().first().map(ToString::to_string);
    let takes_value = argument.get_action().takes_values();
    let left = match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (None, Some(long)) => format!("    --{long}"),
        (Some(short), None) => format!("-{short}"),
        (None, None) => return (value.unwrap_or_default(), help(argument)),
    };
    match value.filter(|_| takes_value) {
        Some(value) => (format!("{left} {value}"), help(argument)),
        None => (left, help(argument)),
    }
}

fn help(argument: &Arg) -> String {
    argument.get_help().map(ToString::to_string).unwrap_or_default()
}

/// Renders a titled list of two columns, unless it is empty.
fn section(text: &mut String, title: &str, rows: impl Iterator<Item = (String, String)>) {
    let rows: Vec<(String, String)> = rows.collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{BOLD}{title}:{BOLD:#}");
    let limit = if title == "Examples" { WIDTH / 2 + 14 } else { LEFT };
    let lengths = rows.iter().map(|(left, _)| left.chars().count());
    let column = lengths.filter(|length| *length <= limit).max().unwrap_or(limit);
    for (left, right) in &rows {
        let length = left.chars().count();
        if right.is_empty() {
            let _ = writeln!(text, "  {left}");
        } else if length > column {
            let _ = writeln!(text, "  {left}\n  {:column$}  {right}", "");
        } else {
            let _ = writeln!(text, "  {left:column$}  {right}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments;

    #[test]
    fn every_option_of_a_shown_group_has_one_line_of_help() {
        let root = arguments::command();
        for command in std::iter::once(&root).chain(root.get_subcommands()) {
            let shown = command.get_arguments().filter(|argument| is_shown(argument, true));
            for argument in shown {
                let name = argument.get_id();
                assert!(!help(argument).is_empty(), "{} {name}", command.get_name());
                assert!(!help(argument).contains('\n'), "{} {name}", command.get_name());
                let group = argument.get_help_heading();
                assert!(
                    argument.is_positional()
                        || group.is_some_and(|group| GROUPS.contains(&group) || LIVE.contains(&group)),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn no_line_is_longer_than_eighty_columns() {
        let root = arguments::command();
        for command in std::iter::once(&root).chain(root.get_subcommands()) {
            let help = anstream::adapter::strip_str(&text(command, true)).to_string();
            for line in help.lines() {
                assert!(line.chars().count() <= WIDTH, "{}: {line}", command.get_name());
            }
        }
    }

    #[test]
    fn every_command_has_a_page() {
        let root = arguments::command();
        for command in root.get_subcommands() {
            assert_eq!(page(command).name, command.get_name());
        }
        arguments::command().debug_assert();
    }
}
