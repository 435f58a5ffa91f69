//! `rcompose config`: the resolved project, its lists, its variables, as `docker compose config` prints them.

use std::fmt::Write as _;

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use crate::cli::arguments::Selection;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::Session;
use crate::cli::settings::Globals;
use crate::cli::text_file;
use crate::cli::usage::UsageError;
use crate::compose::config::{List, Variables, hashes, list, origins, resolved, uninterpolated, variables};
use crate::compose::print::Printed;
use crate::compose::{Project, Request};
use crate::diag::nearest;
use crate::yaml::{self, Segment};

/// Flags of `config`.
#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("what").multiple(false)))]
#[expect(clippy::struct_excessive_bools, reason = "one per flag of Compose")]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(flatten)]
    selection: Selection,

    /// yaml (default), json
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(["yaml", "json"]), help_heading = OUTPUT)]
    format: Option<String>,
    /// File to write (default: stdout)
    #[arg(short, long, value_name = "FILE", help_heading = OUTPUT, value_hint = clap::ValueHint::FilePath)]
    output: Option<String>,
    /// Names of services, one a line
    #[arg(id = "list-services", long = "services", group = "what", help_heading = OUTPUT)]
    services: bool,
    /// Names of volumes
    #[arg(id = "list-volumes", long = "volumes", group = "what", help_heading = OUTPUT)]
    volumes: bool,
    /// Names of networks
    #[arg(id = "list-networks", long = "networks", group = "what", help_heading = OUTPUT)]
    networks: bool,
    /// Models that services use
    #[arg(id = "list-models", long = "models", group = "what", help_heading = OUTPUT)]
    models: bool,
    /// Profiles that services name
    #[arg(id = "list-profiles", long = "profiles", group = "what", help_heading = OUTPUT)]
    profiles: bool,
    /// Images of services
    #[arg(id = "list-images", long = "images", group = "what", help_heading = OUTPUT)]
    images: bool,
    /// Hash of services: SERVICE,… or `*`
    #[arg(long, group = "what", value_name = "SERVICES", help_heading = OUTPUT)]
    hash: Option<String>,
    /// Variables that the files name
    #[arg(id = "list-variables", long = "variables", group = "what", help_heading = OUTPUT)]
    variables: bool,
    /// Variables that the files see, with their values
    #[arg(id = "list-environment", long = "environment", group = "what", help_heading = OUTPUT)]
    environment: bool,
    /// Where each value comes from, as a comment
    #[arg(long, group = "what", help_heading = OUTPUT)]
    origins: bool,
    /// Leave variables as they are written
    #[arg(long, help_heading = OUTPUT, hide_short_help = true)]
    no_interpolate: bool,
    /// Add no defaults
    #[arg(long, help_heading = OUTPUT, hide_short_help = true)]
    no_normalize: bool,
    /// Leave relative paths relative
    #[arg(long, help_heading = OUTPUT, hide_short_help = true)]
    no_path_resolution: bool,
    /// Do not check how keys fit together
    #[arg(long, help_heading = OUTPUT, hide_short_help = true)]
    no_consistency: bool,
    /// Taken for Compose's sake; env files are read
    #[arg(long, help_heading = OUTPUT, hide_short_help = true)]
    no_env_resolution: bool,

    #[arg(long, hide = true)]
    resolve_image_digests: bool,
    #[arg(long, hide = true)]
    lock_image_digests: bool,
}

const OUTPUT: &str = "Output";

/// Prints what was asked for.
pub(crate) fn run(flags: &Flags, session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    check(flags)?;
    let mut request = session.request(&flags.selection.services);
    request.skip.interpolation = flags.no_interpolate;
    request.skip.normalisation = flags.no_normalize;
    request.skip.path_resolution = flags.no_path_resolution;
    request.skip.consistency = flags.no_consistency;
    request.skip.env_files = flags.hash.is_some();
    let (text, directory) = product(flags, request, session)?;
    session.stop_at_errors()?;
    if session.globals.quiet {
        return Ok(Exit::Done);
    }
    match flags.output.as_deref().filter(|path| *path != "-") {
        Some(path) => text_file::write(path, &text, directory.as_deref(), session)?,
        None => session.printer.data(text.as_bytes())?,
    }
    Ok(Exit::Done)
}

fn check(flags: &Flags) -> Result<(), UsageError> {
    for (given, flag) in [(flags.resolve_image_digests, "resolve"), (flags.lock_image_digests, "lock")] {
        if given {
            let message = format!("`--{flag}-image-digests` asks a registry, which rcompose never does");
            return Err(UsageError::new(format!("{message}: write `image: NAME@sha256:…`")));
        }
    }
    if flags.origins && is_json(flags) {
        return Err(UsageError::new("`--origins` writes comments, which JSON does not have"));
    }
    Ok(())
}

fn is_json(flags: &Flags) -> bool {
    flags.format.as_deref() == Some("json")
}

/// Makes the text, and says which directory the project is in.
///
/// # Errors
/// There is no project, or none of that name in it; why is said.
fn product(
    flags: &Flags,
    mut request: Request,
    session: &mut Session<'_, '_>,
) -> Result<(String, Option<String>), Stop> {
    if flags.variables {
        request.skip.interpolation = true;
    }
    if request.skip.interpolation && !(lists(flags).is_some() || flags.hash.is_some() || flags.environment) {
        let printed =
            uninterpolated(&request, session.host, &mut session.sources, &mut session.sink, !is_json(flags));
        let printed = printed.ok_or_else(|| no_project(session))?;
        return Ok(if flags.variables {
            (variables_text(&variables(&printed), is_json(flags)), None)
        } else {
            (project_text(&printed, flags, session), None)
        });
    }
    let project = session.load(&request).ok_or_else(|| no_project(session))?;
    let text = if let Some(what) = lists(flags) {
        lines(list(&project, what))
    } else if let Some(wanted) = &flags.hash {
        hash_lines(wanted, &project)?
    } else if flags.environment {
        lines(project.environment.iter().map(|(name, value)| format!("{name}={value}")))
    } else {
        project_text(&resolved(&project, !is_json(flags)), flags, session)
    };
    Ok((text, Some(project.directory)))
}

/// Says why there is no project.
fn no_project(session: &mut Session<'_, '_>) -> Stop {
    match session.stop_at_errors() {
        Err(stop) => stop,
        Ok(()) => Stop::With(Exit::Failed),
    }
}

fn lists(flags: &Flags) -> Option<List> {
    let lists = [
        (flags.services, List::Services),
        (flags.volumes, List::Volumes),
        (flags.networks, List::Networks),
        (flags.models, List::Models),
        (flags.profiles, List::Profiles),
        (flags.images, List::Images),
    ];
    lists.into_iter().find(|(given, _)| *given).map(|(_, list)| list)
}

fn lines(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    })
}

fn hash_lines(wanted: &str, project: &Project) -> Result<String, UsageError> {
    let wanted: Vec<&str> = wanted.split(',').collect();
    let found = hashes(project, &wanted);
    let missing = wanted.iter().find(|name| **name != "*" && !found.iter().any(|(known, _)| known == *name));
    if let Some(name) = missing {
        let hint = nearest(name, project.selected.iter().map(String::as_str));
        let hint = hint.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        return Err(UsageError::new(format!("no service `{name}`{hint}")));
    }
    Ok(lines(found.into_iter().map(|(name, hash)| format!("{name} {hash}"))))
}

fn project_text(printed: &Printed, flags: &Flags, session: &Session<'_, '_>) -> String {
    let tree = printed.to_json();
    if is_json(flags) {
        return format!("{tree:#}\n");
    }
    if !flags.origins {
        return yaml::write(&tree, key_rank, 2);
    }
    let places = origins(printed, &session.sources);
    yaml::write_with_comments(&tree, key_rank, 2, &|path| {
        let path: Vec<String> = path.iter().map(step).collect();
        places.get(&path).cloned()
    })
}

fn step(segment: &Segment<'_>) -> String {
    match segment {
        Segment::Key(key) => (*key).to_owned(),
        Segment::Index(index) => index.to_string(),
    }
}

/// Top-level keys stand in Compose's order, all others by name.
fn key_rank(parent: &str, key: &str) -> u32 {
    const TOP: [&str; 6] = ["name", "services", "networks", "volumes", "secrets", "configs"];
    let rank = TOP.iter().position(|known| parent.is_empty() && *known == key).unwrap_or(TOP.len());
    u32::try_from(rank).unwrap_or(u32::MAX)
}

fn variables_text(variables: &Variables, json: bool) -> String {
    if json {
        let tree: serde_json::Map<String, Value> = variables
            .iter()
            .map(|(name, variable)| {
                let variable = json!({
                    "Name": variable.name,
                    "DefaultValue": variable.default,
                    "PresenceValue": variable.alternate,
                    "Required": variable.required,
                });
                (name.clone(), variable)
            })
            .collect();
        return format!("{:#}\n", Value::Object(tree));
    }
    let head = ["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"].map(str::to_owned);
    let rows = variables.values().map(|variable| {
        let shown = |text: &str| text.replace('\n', " ");
        let required = if variable.required { "true" } else { "false" };
        [variable.name.clone(), required.to_owned(), shown(&variable.default), shown(&variable.alternate)]
    });
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2)];
    lines(rows.iter().map(|row| {
        let [first, second, third] = widths;
        format!("{:first$}  {:second$}  {:third$}  {}", row[0], row[1], row[2], row[3]).trim_end().to_owned()
    }))
}
