//! The live commands: one function each, from flags to an exit code. Requests are made in `cluster`, words in `tell`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use super::aim::{Prepared, Wish, prepare};
use super::{Live, Permits, Prune, tell};
use crate::cli::commands::{self, apply, diff, down, status};
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::Session;
use crate::cli::usage::UsageError;
use crate::cluster::client::Limits;
use crate::cluster::halt::Ending;
use crate::cluster::link::Link;
use crate::cluster::object::Identity;
use crate::cluster::plan::{Plan, Verdict};
use crate::cluster::progress::Event;
use crate::cluster::role::{self, Emitted};
use crate::cluster::run::Outcome;
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
    let mut prepared = prepare(&flags.live, &Permits::default(), prune, Wish::Read, matches, session)?;
    prepared.aim.read_only = flags.read_only;
    prepared.aim.show_defaults = flags.show_defaults;
    if flags.show_secrets {
        prepared.redactor = prepared.redactor.showing();
    }
    let plan = look(&flags.live, None, &prepared, session)?;
    tell::plan(&plan, flags.format.as_deref().unwrap_or("text"), &prepared, session)?;
    tell::problems(&plan, session);
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
    let report = |event: &Event| tell::event(event, &prepared.redactor, &mut teller.borrow_mut());
    let planned = open(prepared, limits, &report)?.plan(&prepared.aim, &prepared.redactor);
    let planned = planned.map_err(|halt| tell::halt(&halt, &prepared.redactor, &mut teller.borrow_mut()))?;
    Ok(planned.plan)
}

fn open<'a>(prepared: &Prepared, limits: Limits, report: &'a dyn Fn(&Event)) -> Result<Link<'a>, Stop> {
    let access = prepared.access.as_ref().ok_or_else(|| Stop::World("no cluster".to_owned()))?;
    Link::open(access, limits, report)
        .map_err(|failure| Stop::World(prepared.redactor.redact(&failure.to_string())))
}

/// Shows what runs.
pub(crate) fn status(
    flags: &status::Flags,
    matches: &ArgMatches,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Stop> {
    let prepared = prepare(&flags.live, &Permits::default(), Prune::default(), Wish::Read, matches, session)?;
    let limits = limits(&flags.live, None, session);
    let teller = RefCell::new(session);
    let report = |event: &Event| tell::event(event, &prepared.redactor, &mut teller.borrow_mut());
    let table = open(&prepared, limits, &report)?.status(&prepared.aim);
    let session = &mut teller.borrow_mut();
    let table = table.map_err(|halt| tell::halt(&halt, &prepared.redactor, session))?;
    tell::status(&table, flags, &prepared, session)?;
    Ok(if flags.exit_code && table.unready() > 0 { Exit::NotReady } else { Exit::Done })
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
    let emitted: BTreeSet<Emitted> = aim.desired.iter().map(|desired| emitted(&desired.identity)).collect();
    let roles = role::role(&aim.project, &aim.namespace, &emitted, &aim.desired);
    let documents: Vec<String> = roles.iter().map(tell::yaml).collect();
    session.printer.data(documents.join("---\n").as_bytes())?;
    Ok(Exit::Done)
}

/// Says how a rule of a role calls a kind. Kinds that only a server knows have the plural that all have by habit.
fn emitted(identity: &Identity) -> Emitted {
    let known = identity.known_kind();
    let word = identity.kind.to_ascii_lowercase();
    let habitual = if let Some(stem) = word.strip_suffix('y') {
        format!("{stem}ies")
    } else if word.ends_with(['s', 'x']) {
        format!("{word}es")
    } else {
        format!("{word}s")
    };
    Emitted {
        group: identity.group.clone(),
        plural: known.map_or(habitual, |kind| kind.plural.to_owned()),
        namespaced: identity.namespace.is_some(),
    }
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
    let report = |event: &Event| tell::event(event, &prepared.redactor, &mut teller.borrow_mut());
    let link = open(prepared, limits, &report)?;
    let aim = &prepared.aim;
    let planned = link
        .plan(aim, &prepared.redactor)
        .map_err(|halt| tell::halt(&halt, &prepared.redactor, &mut teller.borrow_mut()))?;
    let (plan, redactor) = (&planned.plan, planned.redactor.clone());
    {
        let session = &mut teller.borrow_mut();
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
            return tell::nothing_to_do(aim, is_json, session);
        }
        tell::ask(plan, prepared, yes, session)?;
    }
    let outcome = link.carry_out(aim, planned);
    let session = &mut teller.borrow_mut();
    tell::outcome(&outcome, aim, &redactor, is_json, session)?;
    Ok(ended(&outcome, exit_code))
}

fn ended(outcome: &Outcome, exit_code: bool) -> Exit {
    match outcome.ending {
        Ending::Reached if exit_code => Exit::Differs,
        Ending::Reached => Exit::Done,
        Ending::Refused => Exit::Failed,
        Ending::Decision => Exit::Decision,
        Ending::PartWay => Exit::PartWay,
        Ending::NotReady => Exit::NotReady,
        Ending::Interrupted => Exit::Interrupted,
    }
}
