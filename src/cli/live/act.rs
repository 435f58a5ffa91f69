//! The live commands: one function each, from flags to an exit code. Requests are made in `cluster`, words in `tell`.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use super::aim::{Prepared, Wish, prepare};
use super::{Live, Permits, Prune, ending, question, table, tell};
use crate::cli::commands::{self, apply, diff, down, status};
use crate::cli::exit::{Exit, Stop};
use crate::cli::printer;
use crate::cli::session::Session;
use crate::cli::usage::UsageError;
use crate::cluster::client::Limits;
use crate::cluster::halt::Ending;
use crate::cluster::link::Link;
use crate::cluster::plan::{Plan, Verdict};
use crate::cluster::progress::Event;
use crate::cluster::redact::Redactor;
use crate::cluster::role;
use clap::ArgMatches;

/// How long everything and one attempt may take, where no flag says it.
const WHOLE: Duration = Duration::from_secs(600);
const ATTEMPT: Duration = Duration::from_secs(30);

/// Compares; ends with 2 where something differs.
pub(crate) fn diff(
    flags: &diff::Flags,
    matches: &ArgMatches,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Stop> {
    if flags.show_secrets && !session.printer.terminal().out {
        return Err(UsageError::new("`--show-secrets` is for a terminal").into());
    }
    let prune = Prune { prune: flags.prune, ..Prune::default() };
    let permits = Permits { allow_cluster_scoped: flags.allow_cluster_scoped, ..Permits::default() };
    let mut prepared = prepare(&flags.live, &permits, prune, Wish::Read, matches, session)?;
    prepared.aim.read_only = flags.read_only;
    prepared.aim.show_defaults = flags.show_defaults;
    if flags.show_secrets {
        prepared.redactor = prepared.redactor.showing();
    }
    let plan = look(&flags.live, None, &prepared, session)?;
    let is_news = plan.verdict() != Verdict::Nothing;
    tell::findings(&prepared.findings, is_news, session);
    tell::plan(&plan, flags.format.as_deref().unwrap_or("text"), &prepared, session)?;
    tell::problems(&plan, session);
    if !is_news {
        let kept_back = tell::kept_back(&prepared.findings, session);
        session.printer.remark(&format!("{}: no difference{kept_back}\n", prepared.aim.project));
    }
    Ok(match plan.verdict() {
        Verdict::Decision | Verdict::Refused => Exit::Failed,
        Verdict::Nothing | Verdict::Writes if plan.differs() => Exit::Differs,
        Verdict::Nothing | Verdict::Writes => Exit::Done,
    })
}

/// Plans and forgets what was seen.
fn look(
    live: &Live,
    parallel: Option<u16>,
    prepared: &Prepared,
    session: &mut Session<'_, '_>,
) -> Result<Plan, Stop> {
    let limits = limits(live, parallel, session);
    let teller = RefCell::new(session);
    let report = |event: &Event| tell::event(event, 0, &prepared.redactor, &mut teller.borrow_mut());
    let planned = open(prepared, limits, &report)?.plan(&prepared.aim, &prepared.redactor);
    let planned = planned.map_err(|halt| tell::halt(&halt, &prepared.redactor, &mut teller.borrow_mut()))?;
    Ok(planned.plan)
}

fn open<'a>(prepared: &Prepared, limits: Limits, report: &'a dyn Fn(&Event)) -> Result<Link<'a>, Stop> {
    let access = prepared.access.as_ref().ok_or_else(|| Stop::World("no cluster".to_owned()))?;
    hide_in_steps(&prepared.redactor);
    Link::open(access, limits, report)
        .map_err(|failure| Stop::World(prepared.redactor.redact(&failure.to_string())))
}

fn hide_in_steps(redactor: &Redactor) {
    let redactor = redactor.clone();
    printer::hide_in_steps(move |step| redactor.redact(step));
}

/// Shows what runs.
pub(crate) fn status(
    flags: &status::Flags,
    matches: &ArgMatches,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Stop> {
    let prepared = prepare(&flags.live, &Permits::default(), Prune::default(), Wish::Look, matches, session)?;
    let limits = limits(&flags.live, None, session);
    let teller = RefCell::new(session);
    let report = |event: &Event| tell::event(event, 0, &prepared.redactor, &mut teller.borrow_mut());
    let read = open(&prepared, limits, &report)?.status(&prepared.aim);
    let session = &mut teller.borrow_mut();
    let read = read.map_err(|halt| tell::halt(&halt, &prepared.redactor, session))?;
    table::table(&read, flags, &prepared, session)?;
    Ok(if flags.exit_code && read.unready() > 0 { Exit::NotReady } else { Exit::Done })
}

/// Plans, asks, writes.
pub(crate) fn apply(
    flags: &apply::Flags,
    matches: &ArgMatches,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Stop> {
    check(flags)?;
    let wish = if flags.dry_run { Wish::Read } else { Wish::Write };
    let prepared = prepare(&flags.live, &flags.permits, flags.prune, wish, matches, session)?;
    let is_json = flags.format.is_json();
    if flags.dry_run {
        let plan = look(&flags.live, flags.parallel, &prepared, session)?;
        tell::findings(&prepared.findings, plan.verdict() != Verdict::Nothing, session);
        tell::plan(&plan, if is_json { "json" } else { "text" }, &prepared, session)?;
        tell::problems(&plan, session);
        return Ok(tell::exit_of(&plan).unwrap_or(Exit::Done));
    }
    write(&flags.live, flags.parallel, &prepared, flags.yes, is_json, flags.exit_code, session)
}

fn check(flags: &apply::Flags) -> Result<(), UsageError> {
    let prunes = flags.prune.prune || flags.prune.prune_volumes;
    let beside = [("SERVICE", !flags.live.selection.services.is_empty()), ("--detach", flags.detach)];
    if let Some((other, _)) = beside.iter().find(|(_, given)| prunes && *given) {
        return Err(UsageError::new(format!("`--prune` does not go with `{other}`")));
    }
    if flags.prune.prune_volumes && !flags.prune.prune {
        return Err(UsageError::new("`--prune-volumes` belongs to `--prune`"));
    }
    Ok(())
}

/// Removes the project.
pub(crate) fn down(
    flags: &down::Flags,
    matches: &ArgMatches,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Stop> {
    let prune = Prune { prune: true, prune_volumes: flags.volumes, allow_mass_delete: true };
    let prepared = prepare(&flags.live, &Permits::default(), prune, Wish::Remove, matches, session)?;
    let is_json = flags.format.is_json();
    write(&flags.live, None, &prepared, flags.yes, is_json, false, session)
}

/// Prints roles.
pub(crate) fn role(
    flags: &commands::role::Flags,
    matches: &ArgMatches,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Stop> {
    let prepared =
        prepare(&flags.live, &Permits::default(), Prune::default(), Wish::Offline, matches, session)?;
    let aim = &prepared.aim;
    let mut emitted = role::emitted(&aim.desired);
    if !emitted.guessed.is_empty() && prepared.access.is_some() {
        let limits = limits(&flags.live, None, session);
        let teller = RefCell::new(&mut *session);
        let report = |event: &Event| tell::event(event, 0, &prepared.redactor, &mut teller.borrow_mut());
        let asked = open(&prepared, limits, &report)?.learn_kinds(&mut emitted);
        asked.map_err(|halt| tell::halt(&halt, &prepared.redactor, &mut teller.borrow_mut()))?;
    }
    for ((group, kind), guess) in &emitted.guessed {
        let asks = if prepared.access.is_some() {
            "the server does not serve it"
        } else {
            "`--context NAME` asks a server"
        };
        let plural = &guess.plural;
        session.printer.remark(&format!(
            "note: `{kind}` of {group} is guessed to be called `{plural}` in rules: {asks}\n"
        ));
    }
    let roles = role::role(&aim.project, &aim.namespace, &emitted.kinds(), &aim.desired);
    let documents: Vec<String> = roles.iter().map(tell::yaml).collect();
    session.printer.data(documents.join("---\n").as_bytes())?;
    Ok(Exit::Done)
}

fn limits(live: &Live, parallel: Option<u16>, session: &Session<'_, '_>) -> Limits {
    let seed = u64::from_str_radix(&session.host.token(), 16).unwrap_or(1);
    Limits {
        whole: live.timeout.unwrap_or(WHOLE),
        attempt: session.globals.reach.request_timeout.unwrap_or(ATTEMPT),
        parallel: parallel.map(usize::from),
        seed,
    }
}

/// Plans, shows, asks, writes, and says how it ended.
fn write(
    live: &Live,
    parallel: Option<u16>,
    prepared: &Prepared,
    yes: bool,
    is_json: bool,
    exit_code: bool,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Stop> {
    let limits = limits(live, parallel, session);
    let teller = RefCell::new(&mut *session);
    let column = Cell::new(0);
    // What the cluster holds is known only once it was read, and events of the writes may quote it.
    let known = RefCell::new(prepared.redactor.clone());
    let report = |event: &Event| tell::event(event, column.get(), &known.borrow(), &mut teller.borrow_mut());
    let link = open(prepared, limits, &report)?;
    let aim = &prepared.aim;
    let planned = link
        .plan(aim, &prepared.redactor)
        .map_err(|halt| tell::halt(&halt, &prepared.redactor, &mut teller.borrow_mut()))?;
    let (plan, redactor) = (&planned.plan, planned.redactor.clone());
    hide_in_steps(&redactor);
    known.replace(redactor.clone());
    {
        let session = &mut teller.borrow_mut();
        column.set(tell::column(plan));
        tell::findings(&prepared.findings, plan.verdict() != Verdict::Nothing, session);
        if is_json {
            tell::plan(plan, "json", prepared, session)?;
        } else {
            tell::shown_plan(plan, prepared, session);
        }
        tell::problems(plan, session);
        if let Some(exit) = tell::exit_of(plan) {
            return Ok(exit);
        }
        if plan.verdict() == Verdict::Nothing {
            return ending::nothing_to_do(prepared, is_json, session);
        }
        question::ask(plan, prepared, yes, session)?;
    }
    let outcome = link.carry_out(aim, planned);
    let session = &mut teller.borrow_mut();
    ending::outcome(&outcome, aim, &redactor, is_json, session)?;
    let is_change = exit_code && outcome.ending == Ending::Reached;
    Ok(if is_change { Exit::Differs } else { outcome.ending.into() })
}
