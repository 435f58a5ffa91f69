//! `rcompose convert`: the project for one target, on standard output, as a file or as a directory (section 4).

use std::mem::ManuallyDrop;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgMatches, Args};

use crate::account::Account;
use crate::backend::swarm::{StackPlace, between};
use crate::backend::{Artefacts, Target};
use crate::cli::arguments::Selection;
use crate::cli::defaults::{self, Given};
use crate::cli::exit::{Exit, Stop};
use crate::cli::kompose::Kompose;
use crate::cli::mapping::{Mapping, targets};
use crate::cli::overlays;
use crate::cli::report::{self, Report};
use crate::cli::sealing::Sealer;
use crate::cli::session::{Session, has_errors};
use crate::cli::settings::Globals;
use crate::cli::translation::{in_words, summary, translate};
use crate::cli::usage::UsageError;
use crate::compose::{self, Request};
use crate::diag::render::Counts;
use crate::diag::{Diagnostic, Finding};
use crate::emit::{self, Destination, Format, Plan};

const OUTPUT: &str = "Output";

/// Flags of `convert`.
#[derive(Args, Clone, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(flatten)]
    selection: Selection,

    /// k8s (default), kustomize, helm, swarm
    #[arg(short, long, value_name = "TARGET", value_parser = targets(), help_heading = OUTPUT)]
    to: Option<Target>,
    /// File, or directory if it ends in / (default: stdout)
    #[arg(
        short,
        long,
        alias = "out",
        value_name = "PATH",
        help_heading = OUTPUT,
        value_hint = clap::ValueHint::AnyPath
    )]
    output: Option<String>,
    /// Write nothing; show what -o would change
    #[arg(long, help_heading = OUTPUT)]
    check: bool,
    /// Overwrite files that are not ours or were edited
    #[arg(long, help_heading = OUTPUT)]
    force: bool,
    /// yaml (default), json
    #[arg(long, value_name = "FORMAT", value_parser = format(), help_heading = OUTPUT)]
    format: Option<Format>,
    /// json, sarif: what became of each key; or stdout
    #[arg(long, value_name = "FORM[=FILE]", value_parser = report::parse, help_heading = OUTPUT)]
    report: Option<Report>,
    /// Only the named services, not what they depend on
    #[arg(long, help_heading = OUTPUT)]
    no_deps: bool,

    #[command(flatten)]
    mapping: Mapping,
    #[command(flatten)]
    kompose: Box<Kompose>,
}

impl Flags {
    /// Returns what settings may give of these flags.
    pub(crate) fn given(self) -> Given {
        let Self {
            globals,
            selection: _,
            to: _,
            output,
            check: _,
            force: _,
            format,
            no_deps,
            mapping,
            kompose: _,
            report: _,
        } = self;
        let Globals { strict, quiet, .. } = globals;
        Given { mapping, output, format, no_deps, strict, quiet }
    }
}

fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["yaml", "json"])
        .map(|word| if word == "json" { Format::Json } else { Format::YAML })
}

/// Translates and writes.
pub(crate) fn run(flags: &Flags, matches: &ArgMatches, session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    let flags = with_kompose(flags, session)?;
    session.account = flags.report.is_some().then(Account::default);
    flags.mapping.add_hints(&mut session.outside, &mut session.sources);
    let mut request = session.request(&flags.selection.services);
    request.no_dependencies = flags.no_deps;
    let project = session.open(&request);
    let target = flags.to.or_else(|| defaults::to(&session.settings.defaults));
    let target = target.unwrap_or(Target::Kubernetes);
    let flags = &with_defaults(flags, target, session);
    session.keeps_services = flags.mapping.templates.is_some();
    let destination = Destination::of(flags.output.as_deref(), session.host);
    check(flags, target, matches, &destination, session)?;
    let made = match project {
        Some(project) => render(flags, target, project, &request, &destination, session)?,
        None => None,
    };
    // The program ends behind this: to take a large product apart, object by object, is work for nobody.
    let Some(artefacts) = made.map(ManuallyDrop::new) else {
        let findings = session.judge();
        session.tell(&findings);
        account(flags, target, &findings, session)?;
        return Ok(Exit::Failed);
    };
    // Of a broken project no output is planned: its files would be others.
    let product = if session.is_refused() {
        if let Some(found) = emit::lacks_directory(&artefacts, &destination) {
            session.sink.push(found);
        }
        Ok(Product::None)
    } else {
        product(flags, &destination, &artefacts, session)
    };
    let product = product.unwrap_or_else(|found| {
        for found in found {
            session.sink.push(found);
        }
        Product::None
    });
    finish(flags, target, &artefacts, product, session)
}

/// Lays the flags of kompose over ours (C26).
fn with_kompose(flags: &Flags, session: &mut Session<'_, '_>) -> Result<Flags, UsageError> {
    flags.kompose.apply(session)?;
    let mut flags = flags.clone();
    if flags.kompose.stdout {
        flags.output = flags.output.or_else(|| Some("-".to_owned()));
    }
    if flags.kompose.json {
        flags.format = flags.format.or(Some(Format::Json));
    }
    if flags.kompose.chart {
        flags.to = flags.to.or(Some(Target::Helm));
    }
    if flags.kompose.generate_network_policies {
        flags.mapping.write_all_policies();
    }
    Ok(flags)
}

/// Lays what settings give under the flags (C12).
fn with_defaults(mut flags: Flags, target: Target, session: &mut Session<'_, '_>) -> Flags {
    let Given { mut mapping, output, format, no_deps, strict, quiet } = defaults::for_target(target, session);
    if !session.names_namespace() {
        mapping.without_namespace();
    }
    flags.mapping = flags.mapping.over(mapping);
    flags.output = flags.output.or_else(|| Some(session.below_project(&output?)));
    // One file of JSON could not say whose it is: a default that does not fit is none.
    let to_file = matches!(Destination::of(flags.output.as_deref(), session.host), Destination::File(_));
    flags.format = flags.format.or(format.filter(|_| !to_file));
    flags.no_deps |= no_deps && !flags.selection.services.is_empty();
    if strict {
        session.wishes.be_strict_below();
    }
    if quiet {
        session.globals.quiet = true;
        session.show_colour();
    }
    flags
}

/// Refuses combinations that mean nothing.
fn check(
    flags: &Flags,
    target: Target,
    matches: &ArgMatches,
    destination: &Destination,
    session: &Session<'_, '_>,
) -> Result<(), UsageError> {
    flags.mapping.check(
        matches,
        &[target],
        session.globals.namespace.is_some(),
        session.names_namespace(),
    )?;
    let to_stdout = *destination == Destination::Stdout;
    if flags.check && to_stdout {
        return Err(UsageError::new("`--check` compares with files: name them with `-o PATH`"));
    }
    if let Some(report) = &flags.report {
        if report.file.is_none() && to_stdout {
            let message = "the report and the product cannot share standard output: name a place with `-o PATH`, or \
                           the report's file with `--report json=FILE`";
            return Err(UsageError::new(message));
        }
        if flags.check {
            return Err(UsageError::new("`--check` writes nothing, no report either"));
        }
    }
    if flags.format == Some(Format::Json) {
        if matches!(target, Target::Kustomize | Target::Helm) {
            return Err(UsageError::new(format!("`--format json` means nothing for {}", target.name())));
        }
        // JSON has no comments, so one file could not say whose it is (C20); a directory has its record.
        if matches!(destination, Destination::File(_)) {
            return Err(UsageError::new("`--format json` goes to standard output or a directory: `-o DIR/`"));
        }
    }
    if flags.no_deps && flags.selection.services.is_empty() {
        return Err(UsageError::new("`--no-deps` needs the names of services"));
    }
    Ok(())
}

/// Loads the project and renders it. `None`: it does not load; the reason is in the sink.
fn render(
    flags: &Flags,
    target: Target,
    project: compose::Project,
    request: &Request,
    destination: &Destination,
    session: &mut Session<'_, '_>,
) -> Result<Option<Artefacts>, Stop> {
    let sealer = Sealer::of(&flags.mapping, destination, layout(flags));
    if target == Target::Kustomize {
        return overlays::render(request, &flags.mapping, sealer.as_ref(), session);
    }
    let project = ManuallyDrop::new(session.meant(project, target));
    let place = stack_place(destination, session)?;
    Ok(Some(translate(target, &project, &flags.mapping, place, sealer.as_ref(), session)))
}

/// Says where a stack file will lie, since its paths begin there.
fn stack_place(destination: &Destination, session: &Session<'_, '_>) -> Result<StackPlace, Stop> {
    let (output, is_directory) = match destination {
        Destination::Stdout => return Ok(StackPlace::Alone),
        Destination::File(output) => (output, false),
        Destination::Directory(output) => (output, true),
    };
    let whole =
        |path: &str| emit::absolute(path, session.host).map_err(|error| Stop::World(error.to_string()));
    // Links are followed on both sides, or the way would depend on how the project was entered.
    let (from, project) = (whole(output)?, whole(session.directory.as_deref().unwrap_or("."))?);
    let from =
        if is_directory { from.as_str() } else { from.rsplit_once('/').map_or("/", |(above, _)| above) };
    let to_project = between(from, &project)
        .ok_or_else(|| UsageError::new(format!("no path leads from `{output}` to the project")))?;
    Ok(if is_directory { StackPlace::Directory { to_project } } else { StackPlace::File { to_project } })
}

/// What stands ready to be written.
enum Product {
    /// Nothing: there are errors.
    None,
    /// For standard output.
    Text(String),
    /// For the disk.
    Plan(Box<Plan>),
}

/// How documents are printed: `--format`, and `--indent` of kompose.
fn layout(flags: &Flags) -> Format {
    match (flags.format, flags.kompose.indent) {
        (Some(Format::Json), _) => Format::Json,
        (_, Some(indent)) => Format::Yaml { indent },
        _ => Format::YAML,
    }
}

fn planned(plan: Plan) -> Product {
    Product::Plan(Box::new(plan))
}

fn product(
    flags: &Flags,
    destination: &Destination,
    artefacts: &Artefacts,
    session: &Session<'_, '_>,
) -> Result<Product, Vec<Diagnostic>> {
    let format = layout(flags);
    let text = || emit::text(artefacts, format).map_err(|found| vec![*found]);
    match destination {
        Destination::Stdout => text().map(Product::Text),
        Destination::File(path) => emit::plan_file(path, &text()?, flags.force, session.host).map(planned),
        Destination::Directory(path) => {
            let files = emit::files(artefacts, format);
            emit::plan_directory(path, files, flags.check, flags.force, session.host).map(planned)
        }
    }
}

/// Tells what was found and, without errors, writes.
fn finish(
    flags: &Flags,
    target: Target,
    artefacts: &Artefacts,
    product: Product,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Stop> {
    let findings = session.judge();
    session.tell(&findings);
    account(flags, target, &findings, session)?;
    let counts = Counts::of(&findings);
    if has_errors(&findings) {
        session.printer.remark(&summary(target.name(), "nothing written", counts));
        return Ok(Exit::Failed);
    }
    let mut words = in_words(artefacts);
    match product {
        Product::None => {}
        Product::Text(text) => session.printer.data(text.as_bytes())?,
        Product::Plan(plan) if flags.check => return compare(flags, &plan, session),
        Product::Plan(mut plan) => {
            emit::write(&mut plan, session.host).map_err(|found| refused(*found, session))?;
            words =
                format!("{words} in {} ({})", flags.output.as_deref().unwrap_or_default(), changes(&plan));
            let forced: Vec<String> = plan.forced().map(|file| format!("overwritten: {file}\n")).collect();
            session.printer.remark(&forced.concat());
        }
    }
    session.printer.remark(&summary(target.name(), &words, counts));
    for line in &artefacts.closing {
        session.printer.remark(&format!("{line}\n"));
    }
    Ok(Exit::Done)
}

/// Accounts for each key, where that is asked for.
fn account(
    flags: &Flags,
    target: Target,
    findings: &[Finding],
    session: &mut Session<'_, '_>,
) -> Result<(), Stop> {
    flags.report.as_ref().map_or(Ok(()), |report| report::write(report, target, findings, session))
}

/// Tells of a disk that would not take what was planned.
fn refused(found: Diagnostic, session: &mut Session<'_, '_>) -> Stop {
    session.sink.push(found);
    let findings = session.judge();
    session.tell(&findings);
    Stop::With(Exit::Failed)
}

/// Says in words what was done to the files.
fn changes(plan: &Plan) -> String {
    let mut words = Vec::new();
    let mut add = |count: usize, word: &str| {
        if count > 0 {
            words.push(format!("{count} {word}"));
        }
    };
    add(plan.changes.iter().filter(|change| change.old.is_none()).count(), "added");
    add(plan.changes.iter().filter(|change| change.old.is_some() && change.new.is_some()).count(), "changed");
    add(plan.changes.iter().filter(|change| change.new.is_none()).count(), "removed");
    if words.is_empty() { "up to date".to_owned() } else { words.join(", ") }
}

/// Shows what would change (C24).
fn compare(flags: &Flags, plan: &Plan, session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    if plan.is_empty() {
        return Ok(Exit::Done);
    }
    let changes: Vec<_> = plan.changes.iter().chain(&plan.record).cloned().collect();
    session.printer.data(emit::diff(&changes).as_bytes())?;
    let count = if changes.len() == 1 {
        "1 file differs".to_owned()
    } else {
        format!("{} files differ", changes.len())
    };
    let path = flags.output.as_deref().unwrap_or_default();
    let to = match flags.to {
        Some(target) if target != Target::Kubernetes => format!("--to {} ", target.words()[0]),
        _ => String::new(),
    };
    session.printer.remark(&format!("{count}: run rcompose convert {to}-o {path}\n"));
    Ok(Exit::Differs)
}
