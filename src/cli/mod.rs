//! Arguments, settings, printer, exit codes, and one file per command. The only room that prints, reads argv or ends
//! the process. Knows no key and no kind.

mod arguments;
mod codes;
mod commands;
mod crash;
mod defaults;
mod exit;
#[cfg(test)]
mod findings_tests;
mod help;
mod hidden;
mod kompose;
#[cfg(test)]
mod kompose_tests;
mod live;
mod mapping;
mod overlays;
mod printer;
mod project_settings;
mod reach;
mod report;
mod sealing;
#[cfg(test)]
mod sealing_tests;
mod session;
mod settings;
#[cfg(test)]
mod settings_tests;
mod severity;
mod templates;
mod text_file;
mod translation;
mod usage;
mod user_settings;

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, FromArgMatches};

pub(crate) use codes::CliCode;

use self::arguments::{Arguments, Command};
use self::commands::{check, completion, config, convert, explain, first_run, schema, support, why};
use self::exit::{Exit, Stop};
use self::printer::Printer;
use self::session::Session;
use self::settings::Globals;
use self::severity::{Verdict, Wishes};
use self::usage::UsageError;
use crate::host::{Host, RealHost};

/// Runs the program with the arguments, files and streams of this process.
#[expect(clippy::disallowed_methods, reason = "argv is read here and nowhere else")]
pub fn main() -> ExitCode {
    crash::install();
    let argv: Vec<OsString> = std::env::args_os().collect();
    let exit = printer::with_streams(|printer| run(&argv, &RealHost, printer));
    ExitCode::from(exit.code())
}

/// Runs the program in any world.
pub(crate) fn run(argv: &[OsString], host: &dyn Host, printer: &mut Printer<'_>) -> Exit {
    let colour = Globals::default().colour(&host.environment(), None, printer.terminal());
    printer.configure(colour, false);
    match parse_and_act(argv, host, printer) {
        Ok(exit) | Err(Stop::With(exit)) => exit,
        Err(Stop::World(message)) => {
            printer.error(&message);
            Exit::Failed
        }
        Err(Stop::Usage(error)) => {
            printer.error(error.message());
            printer.talk(&format!("{}\n", error.usage(&arguments::command())));
            Exit::Failed
        }
    }
}

fn parse_and_act(argv: &[OsString], host: &dyn Host, printer: &mut Printer<'_>) -> Result<Exit, Stop> {
    // Hundreds of flags: to copy them all, or to take them apart behind the last one read, is work for nobody.
    let mut reader = ManuallyDrop::new(arguments::command());
    let matches = match reader.try_get_matches_from_mut(argv) {
        Ok(matches) => matches,
        Err(error) => return without_command(&error, argv, printer),
    };
    let Arguments { mut globals, mut command } = Arguments::from_arg_matches(&matches)
        .map_err(|error| UsageError::from_clap(&error, argv, &arguments::command()))?;
    if let Some(command) = &mut command {
        globals = globals.with(command.take_globals());
    }
    if !command.as_ref().is_some_and(Command::is_live)
        && let Some(flag) = globals.reach.given()
    {
        let error = UsageError::new(format!("`--{flag}` is for commands that reach a cluster"));
        return Err(matches.subcommand_name().map_or(error.clone(), |name| error.in_command(name)).into());
    }
    printer.configure(globals.colour(&host.environment(), None, printer.terminal()), globals.quiet);
    show_steps(&globals, host);
    let behind = matches.subcommand();
    let wishes = wishes(&matches, behind.map(|(_, matches)| matches)).map_err(|error| match behind {
        Some((name, _)) => error.in_command(name),
        None => error,
    })?;
    let mut session = Session::new(host, printer, globals, wishes);
    session.user = user_settings::read(&mut session);
    session.show_colour();
    let Some((name, matches)) = behind else { return first_run::run(&mut session) };
    let done = match command {
        Some(Command::Convert(flags)) => convert::run(&flags, matches, &mut session),
        Some(Command::Check(flags)) => check::run(&flags, matches, &mut session),
        Some(Command::Config(flags)) => config::run(&flags, &mut session),
        #[cfg(feature = "cluster")]
        Some(Command::Diff(flags)) => live::act::diff(&flags, matches, &mut session),
        #[cfg(feature = "cluster")]
        Some(Command::Apply(flags)) => live::act::apply(&flags, matches, &mut session),
        #[cfg(feature = "cluster")]
        Some(Command::Down(flags)) => live::act::down(&flags, matches, &mut session),
        #[cfg(feature = "cluster")]
        Some(Command::Status(flags)) => live::act::status(&flags, matches, &mut session),
        #[cfg(feature = "cluster")]
        Some(Command::Role(flags)) => live::act::role(&flags, matches, &mut session),
        #[cfg(not(feature = "cluster"))]
        Some(
            Command::Diff(_) | Command::Apply(_) | Command::Down(_) | Command::Status(_) | Command::Role(_),
        ) => Err(Stop::World(format!("this build has no `{name}`: live commands are its feature `cluster`"))),
        Some(Command::Explain(flags)) => explain::run(&flags, &mut session),
        Some(Command::Why(flags)) => why::run(&flags, matches, &mut session),
        Some(Command::Support(flags)) => support::run(&flags, &mut session),
        Some(Command::Schema(flags)) => schema::run(&flags, &mut session),
        Some(Command::Completion(flags)) => completion::run(&flags, &mut session),
        None => first_run::run(&mut session),
    };
    done.map_err(|stop| match stop {
        Stop::Usage(error) => Stop::Usage(error.in_command(name)),
        other => other,
    })
}

/// Help and version are asked for in the way of errors.
fn without_command(error: &clap::Error, argv: &[OsString], printer: &mut Printer<'_>) -> Result<Exit, Stop> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Laid out for who asks alone: the texts of all commands are a third of the time to start.
            let root = help::with_help(arguments::command(), usage::wants_long_help(argv));
            let shown = root.try_get_matches_from(argv).err();
            printer.screen(&shown.as_ref().unwrap_or(error).render().ansi().to_string())?;
            Ok(Exit::Done)
        }
        ErrorKind::DisplayVersion => {
            printer.data(format!("rcompose {}\n", env!("CARGO_PKG_VERSION")).as_bytes())?;
            Ok(Exit::Done)
        }
        _ => Err(UsageError::from_clap(error, argv, &arguments::command()).into()),
    }
}

/// Reads `--deny`, `--warn`, `--allow` and `--strict` in the order in which they stand (C31).
fn wishes(before: &ArgMatches, behind: Option<&ArgMatches>) -> Result<Wishes, UsageError> {
    let codes = crate::codes();
    let mut wishes = Wishes::default();
    for matches in std::iter::once(before).chain(behind) {
        let mut flags: Vec<(usize, Option<(Verdict, &String)>)> = Vec::new();
        for (name, verdict) in [("deny", Verdict::Deny), ("warn", Verdict::Warn), ("allow", Verdict::Allow)] {
            let values = matches.get_many::<String>(name).into_iter().flatten();
            let places = matches.indices_of(name).into_iter().flatten();
            flags.extend(places.zip(values.map(|value| Some((verdict, value)))));
        }
        if matches.get_flag("strict") {
            flags.extend(matches.index_of("strict").map(|place| (place, None)));
        }
        flags.sort_by_key(|(place, _)| *place);
        for (_, flag) in flags {
            match flag {
                Some((verdict, value)) => wishes.add(verdict, value, &codes).map_err(UsageError::new)?,
                None => wishes.be_strict(),
            }
        }
    }
    Ok(wishes)
}

/// `-v` twice shows steps, thrice all that is told; `RCOMPOSE_LOG` names a level.
fn show_steps(globals: &Globals, host: &dyn Host) {
    let level = match globals.verbose {
        0 | 1 => host.environment().get("RCOMPOSE_LOG").and_then(|level| level.parse().ok()),
        2 => Some(tracing::Level::DEBUG),
        _ => Some(tracing::Level::TRACE),
    };
    if let Some(level) = level {
        printer::show_steps(level);
    }
}

#[cfg(test)]
mod origins_tests;
#[cfg(test)]
mod tests;
