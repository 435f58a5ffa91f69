//! `rcompose` alone: what is here, and what to do next (section 10).

use std::fmt::Write as _;

use anstyle::Style;

use crate::cli::arguments;
use crate::cli::exit::{Exit, Stop};
use crate::cli::help;
use crate::cli::session::Session;
use crate::compose::FILE_NAMES;
use crate::diag::render::Counts;
use crate::model::Project;

const BOLD: Style = Style::new().bold();

/// Commands that somebody who has just begun may want.
const NEXT: &[(&str, &str)] = &[
    ("rcompose check", "what survives the move, and what does not"),
    ("rcompose convert", "Kubernetes manifests (or --to swarm, helm, kustomize)"),
    ("rcompose convert -o k8s/", "… as files for Git; in CI add --check"),
    #[cfg(feature = "cluster")]
    ("rcompose diff --context NAME", "compare with a cluster; writes nothing"),
    ("rcompose explain CODE", "what a message means, and the way out"),
];

/// Shows the way.
pub(crate) fn run(session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    let request = session.request(&[]);
    let project = session.understand(&request);
    let first = session.sources.names().next().map(ToOwned::to_owned);
    let Some(file) = first else { return nothing_here(session) };
    let findings = session.judge();
    let counts = Counts::of(&findings);
    let mut text = match project {
        Some(project) if counts.errors == 0 => format!("{BOLD}{file}{BOLD:#}: {}\n", in_words(&project)),
        _ => {
            let errors =
                if counts.errors == 1 { "an error".to_owned() } else { format!("{} errors", counts.errors) };
            format!("{BOLD}{file}{BOLD:#} has {errors}: rcompose check shows more\n")
        }
    };
    text.push('\n');
    let width = NEXT.iter().map(|(command, _)| command.len()).max().unwrap_or_default();
    for (command, what) in NEXT {
        let _ = writeln!(text, "  {command:width$}  {what}");
    }
    session.printer.screen(&text)?;
    Ok(Exit::Done)
}

/// Sums the project up: name, services, volumes, published ports.
fn in_words(project: &Project) -> String {
    let selected = project.services.iter().filter(|(_, service)| service.selected);
    let names: Vec<&str> = selected.clone().map(|(name, _)| name.as_str()).collect();
    let ports: usize = selected.map(|(_, service)| service.ports.ports.len()).sum();
    let counted = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {one}s")),
    };
    let counts: Vec<String> = [counted(project.volumes.len(), "volume"), counted(ports, "published port")]
        .into_iter()
        .flatten()
        .collect();
    let counts = if counts.is_empty() { String::new() } else { format!("; {}", counts.join(", ")) };
    format!("project `{}`: {}{counts}", project.name, names.join(", "))
}

/// Says what was looked for, and how to go on.
fn nothing_here(session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    let help = help::with_help(arguments::command(), false).render_help().ansi().to_string();
    let looked_for = FILE_NAMES.join(", ");
    let named = !session.globals.file.is_empty();
    if named {
        session.stop_at_errors()?;
    }
    session.printer.screen(&format!("{help}\nNo Compose file here or above: looked for {looked_for}.\n"))?;
    Ok(Exit::Done)
}
