//! `rcompose schema NAME`: JSON schemas of what we read and print. One line per schema in [`SCHEMAS`].

use clap::Args;
use serde_json::{Value, json};

use crate::account;
use crate::cli::defaults;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::Session;
use crate::cli::settings::Globals;
use crate::cli::usage::UsageError;
use crate::compose::hints;
use crate::compose::hints::settings::SETTINGS;
use crate::diag::{nearest, render};

/// Flags of `schema`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// hints, settings, check, report, plan
    #[arg(value_name = "NAME")]
    name: String,
}

/// A schema that can be asked for.
struct Schema {
    name: &'static str,
    /// Makes it; `None` where what it describes does not exist yet.
    make: Option<fn() -> Value>,
}

#[cfg(feature = "cluster")]
const PLAN: Option<fn() -> Value> = Some(crate::cluster::plan::screen::schema::schema);
#[cfg(not(feature = "cluster"))]
const PLAN: Option<fn() -> Value> = None;

const SCHEMAS: &[Schema] = &[
    Schema { name: "hints", make: Some(hints) },
    Schema { name: "settings", make: Some(settings) },
    Schema { name: "check", make: Some(render::check_schema) },
    Schema { name: "report", make: Some(account::report_schema) },
    Schema { name: "plan", make: PLAN },
    Schema { name: "events", make: None },
    Schema { name: "status", make: None },
    Schema { name: "history", make: None },
];

fn hints() -> Value {
    let mut schema = hints::hints_schema(SETTINGS);
    with_defaults(&mut schema["$defs"]["top"]);
    schema
}

/// Flags are known to the command line alone.
fn with_defaults(top: &mut Value) {
    top["properties"]["defaults"] = json!({"anyOf": [defaults::schema(), {"type": "null"}]});
}

/// `rcompose.yaml` takes what stands at the top of a Compose file (C12).
fn settings() -> Value {
    let rows: Vec<hints::value::Row> = hints::TOP.iter().chain(SETTINGS).copied().collect();
    let mut schema = hints::of_rows(&rows);
    with_defaults(&mut schema);
    schema["$schema"] = json!(hints::DIALECT);
    schema["title"] = json!("rcompose.yaml");
    schema["type"] = json!(["object", "null"]);
    schema
}

/// Prints the schema.
pub(crate) fn run(flags: &Flags, session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    let name = flags.name.as_str();
    let make = match SCHEMAS.iter().find(|schema| schema.name == name) {
        Some(schema) => schema.make,
        None => return Err(unknown(name).into()),
    };
    let Some(make) = make else {
        return Err(UsageError::new(format!("`schema {name}` is not built yet")).into());
    };
    session.printer.data(format!("{:#}\n", make()).as_bytes())?;
    Ok(Exit::Done)
}

fn unknown(name: &str) -> UsageError {
    let known = || SCHEMAS.iter().filter(|schema| schema.make.is_some()).map(|schema| schema.name);
    UsageError::new(match nearest(name, known()) {
        Some(near) => format!("no schema `{name}`; did you mean `{near}`?"),
        None => format!("no schema `{name}`: {}", known().collect::<Vec<_>>().join(", ")),
    })
}
