//! `rcompose check`: what loading and the targets have to say, in the format that is asked for (C40–C42).

use clap::builder::PossibleValuesParser;
use clap::{ArgMatches, Args};

use crate::backend::Target;
use crate::backend::swarm::StackPlace;
use crate::cli::arguments::Selection;
use crate::cli::defaults::{self, Given};
use crate::cli::exit::{Exit, Stop};
use crate::cli::mapping::{Mapping, targets};
use crate::cli::overlays;
use crate::cli::session::{Session, has_errors};
use crate::cli::settings::Globals;
use crate::cli::translation::{in_words, summary, translate};
use crate::diag::Finding;
use crate::diag::render::{self, Counts};

const OUTPUT: &str = "Output";

/// Flags of `check`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(flatten)]
    selection: Selection,

    /// k8s (default), kustomize, helm, swarm; repeatable
    #[arg(short, long, value_name = "TARGET", value_parser = targets(), help_heading = OUTPUT)]
    to: Vec<Target>,
    /// human (default), short, json, sarif, github
    #[arg(
        long,
        value_name = "FORMAT",
        value_parser = PossibleValuesParser::new(["human", "short", "json", "sarif", "github"]),
        help_heading = OUTPUT
    )]
    format: Option<String>,

    #[command(flatten)]
    mapping: Mapping,
}

/// Checks and tells.
pub(crate) fn run(flags: &Flags, matches: &ArgMatches, session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    flags.mapping.add_hints(&mut session.outside, &mut session.sources);
    let request = session.request(&flags.selection.services);
    let mut products = Vec::new();
    let project = session.open(&request);
    let targets = chosen(flags, session);
    let names_namespace = session.names_namespace();
    flags.mapping.check(matches, &targets, session.globals.namespace.is_some(), names_namespace)?;
    if let Some(project) = project {
        for target in &targets {
            // Where the output will lie is not known here: what needs a directory is no fault of the project.
            let place = StackPlace::Directory { to_project: "..".to_owned() };
            let mapping = with_defaults(&flags.mapping, *target, session);
            session.keeps_services = mapping.templates.is_some();
            let made = session.without_repeats(|session| {
                if *target == Target::Kustomize {
                    return overlays::render(&request, &mapping, None, session);
                }
                let project = session.meant(project.clone(), *target);
                Ok(Some(translate(*target, &project, &mapping, place, None, session)))
            })?;
            let words = made.map_or_else(|| "no output".to_owned(), |artefacts| in_words(&artefacts));
            products.push((*target, words));
        }
    }
    let findings = session.judge();
    tell(flags, &findings, &products, session)?;
    Ok(if has_errors(&findings) { Exit::Failed } else { Exit::Done })
}

/// Lays what settings give for a target under the flags (C12).
pub(super) fn with_defaults(mapping: &Mapping, target: Target, session: &mut Session<'_, '_>) -> Mapping {
    let Given { mapping: mut given, output: _, format: _, no_deps: _, strict, quiet: _ } =
        defaults::for_target(target, session);
    if !session.names_namespace() {
        given.without_namespace();
    }
    if strict {
        session.wishes.be_strict_below();
    }
    mapping.clone().over(given)
}

fn chosen(flags: &Flags, session: &Session<'_, '_>) -> Vec<Target> {
    let mut targets = Vec::new();
    for target in &flags.to {
        if !targets.contains(target) {
            targets.push(*target);
        }
    }
    if targets.is_empty() {
        targets.push(defaults::to(&session.settings.defaults).unwrap_or(Target::Kubernetes));
    }
    targets
}

fn tell(
    flags: &Flags,
    findings: &[Finding],
    products: &[(Target, String)],
    session: &mut Session<'_, '_>,
) -> Result<(), Stop> {
    let context = session.context();
    let text = match flags.format.as_deref() {
        Some("short") => render::short(findings, context),
        Some("json") => render::json(findings, context),
        Some("sarif") => render::sarif(findings, context),
        Some("github") => render::github(findings, context),
        _ => {
            let mut options = session.human_options(session.printer.screen_width());
            options.name_targets = products.len() > 1;
            let text = render::human(findings, context, options);
            let lines = if session.globals.quiet { String::new() } else { summaries(findings, products) };
            format!("{text}{lines}")
        }
    };
    session.printer.screen(&text)
}

/// Sums up each target: its own findings and those of loading.
fn summaries(findings: &[Finding], products: &[(Target, String)]) -> String {
    if products.is_empty() {
        return summary("project", "not loaded", Counts::of(findings));
    }
    let of_one = |(target, words): &(Target, String)| {
        let concerns =
            |finding: &&Finding| finding.diagnostic.target.is_none_or(|name| target.concerns(name));
        let own: Vec<Finding> = findings.iter().filter(concerns).cloned().collect();
        let words = if has_errors(&own) { "no output" } else { words };
        summary(target.name(), words, Counts::of(&own))
    };
    products.iter().map(of_one).collect()
}
