//! `rcompose support [KEY…]`: what becomes of each Compose key on each target, with the codes that say so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anstyle::Style;
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use super::explain;
use crate::account::Fate;
use crate::account::support::{Outcomes, Row, below, rows};
use crate::backend::Target;
use crate::cli::exit::{Exit, Stop};
use crate::cli::mapping::targets;
use crate::cli::session::Session;
use crate::cli::settings::Globals;
use crate::cli::usage::UsageError;
use crate::diag::nearest;

const BOLD: Style = Style::new().bold();

/// Flags of `support`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// Keys such as ulimits or services.deploy; none is all
    #[arg(value_name = "KEY")]
    keys: Vec<String>,
    /// k8s and swarm (default), kustomize, helm (as k8s)
    #[arg(short, long, value_name = "TARGET", value_parser = targets(), help_heading = "Output")]
    to: Vec<Target>,
    /// table (default), markdown, json
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(["table", "markdown", "json"]), help_heading = "Output")]
    format: Option<String>,
}

/// Prints the matrix.
pub(crate) fn run(flags: &Flags, session: &mut Session<'_, '_>) -> Result<Exit, Stop> {
    let mut targets: Vec<Target> = Vec::new();
    for target in &flags.to {
        if !targets.contains(target) {
            targets.push(*target);
        }
    }
    if targets.is_empty() {
        targets = vec![Target::Kubernetes, Target::Swarm];
    }
    let mut found = if flags.keys.is_empty() { rows() } else { BTreeMap::new() };
    for name in &flags.keys {
        found.extend(named(name)?);
    }
    match flags.format.as_deref() {
        Some("json") => session.printer.data(as_json(&found, &targets).as_bytes())?,
        Some("markdown") => session.printer.data(markdown(&found, &targets).as_bytes())?,
        _ => session.printer.screen(&table(&found, &targets))?,
    }
    Ok(Exit::Done)
}

/// Returns the rows that a word of the user means, such as `ulimits`, `services.web.deploy` or `networks`.
fn named(name: &str) -> Result<BTreeMap<String, Row>, UsageError> {
    let direct = below(name);
    if !direct.is_empty() {
        return Ok(direct);
    }
    match explain::key(name) {
        Ok(key) => Ok(below(&key.path)),
        Err((part, keys)) => Err(UsageError::new(match nearest(&part, keys) {
            Some(near) => format!("no key `{part}`; did you mean `{near}`?"),
            None => format!("no key `{part}`; without one, `rcompose support` shows all"),
        })),
    }
}

/// Returns the outcomes, each code on a line of its own: `dropped (ulimits-dropped, w)`.
pub(super) fn lines(outcomes: &Outcomes) -> Vec<String> {
    let of_one = |fate: &Fate, code: &&str| match severity(code) {
        Some(word) => format!("{} ({code}, {})", fate.word(), &word[..1]),
        None => fate.word().to_owned(),
    };
    let lines = outcomes.iter().flat_map(|(fate, codes)| {
        if codes.is_empty() {
            vec![fate.word().to_owned()]
        } else {
            codes.iter().map(|code| of_one(fate, code)).collect()
        }
    });
    lines.collect()
}

/// Renders one row of outcomes as JSON.
pub(super) fn entry(outcomes: &Outcomes) -> Value {
    let of_one = |(fate, codes): (&Fate, &BTreeSet<&str>)| {
        let codes = codes.iter().map(|code| json!({ "code": code, "severity": severity(code) }));
        json!({ "outcome": fate.word(), "codes": codes.collect::<Vec<_>>() })
    };
    outcomes.iter().map(of_one).collect()
}

fn severity(code: &str) -> Option<&'static str> {
    let codes = crate::codes();
    codes.iter().find(|known| known.name() == code).map(|code| code.info().severity.word())
}

/// Renders columns; a cell with several outcomes takes several lines.
fn table(rows: &BTreeMap<String, Row>, targets: &[Target]) -> String {
    let mut cells: Vec<Vec<Vec<String>>> = Vec::new();
    let heads = targets.iter().map(|target| vec![target.words()[0].to_uppercase()]);
    cells.push(std::iter::once(vec!["KEY".to_owned()]).chain(heads).collect());
    for (key, row) in rows {
        let outcomes = targets.iter().map(|target| lines(row.on(*target)));
        cells.push(std::iter::once(vec![key.clone()]).chain(outcomes).collect());
    }
    let width =
        |column: usize| cells.iter().flat_map(|row| &row[column]).map(String::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..=targets.len()).map(width).collect();
    let mut text = String::new();
    for (number, row) in cells.iter().enumerate() {
        let height = row.iter().map(Vec::len).max().unwrap_or_default();
        for at in 0..height {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(line, "{:width$}  ", cell.get(at).map_or("", String::as_str));
            }
            let line = line.trim_end();
            let _ =
                if number == 0 { writeln!(text, "{BOLD}{line}{BOLD:#}") } else { writeln!(text, "{line}") };
        }
    }
    text
}

fn markdown(rows: &BTreeMap<String, Row>, targets: &[Target]) -> String {
    let heads: Vec<&str> = targets.iter().map(|target| target.words()[0]).collect();
    let mut text = format!("| Key | {} |\n|{}\n", heads.join(" | "), "---|".repeat(heads.len() + 1));
    for (key, row) in rows {
        let cells: Vec<String> = targets.iter().map(|target| cell(row.on(*target))).collect();
        let _ = writeln!(text, "| `{key}` | {} |", cells.join(" | "));
    }
    text
}

fn cell(outcomes: &Outcomes) -> String {
    let of_one = |(fate, codes): (&Fate, &BTreeSet<&str>)| {
        if codes.is_empty() {
            return fate.word().to_owned();
        }
        let codes: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        format!("{} ({})", fate.word(), codes.join(", "))
    };
    outcomes.iter().map(of_one).collect::<Vec<_>>().join("; ")
}

/// Renders what becomes of a key, by the name of the target.
pub(super) fn by_target(row: &Row, targets: &[Target]) -> serde_json::Map<String, Value> {
    targets.iter().map(|target| (target.words()[0].to_owned(), entry(row.on(*target)))).collect()
}

fn as_json(rows: &BTreeMap<String, Row>, targets: &[Target]) -> String {
    let keys = rows.iter().map(|(key, row)| json!({ "key": key, "targets": by_target(row, targets) }));
    format!("{:#}\n", json!({ "keys": keys.collect::<Vec<_>>() }))
}

#[cfg(test)]
mod tests {
    use crate::account::support;
    use crate::compose::keys::describe::describe;

    /// Calls with each key of the table below a path.
    fn walk(path: &str, depth: usize, each: &mut impl FnMut(&str)) {
        let Ok(found) = describe(path) else { panic!("{path} is no key") };
        for (name, _) in found.keys {
            // What the loader notes for itself begins with a byte that no key can have.
            if name.starts_with('\0') {
                continue;
            }
            let below = format!("{path}.{name}");
            each(&below);
            if depth > 0 {
                walk(&below, depth - 1, each);
            }
        }
    }

    #[test]
    fn each_key_of_the_key_table_has_a_row() {
        let (_, top) = describe("?").expect_err("it is no key");
        let mut missing = Vec::new();
        let mut count = 0;
        for section in top {
            let mut each = |key: &str| {
                count += 1;
                if support::row(key).is_none() {
                    missing.push(key.to_owned());
                }
            };
            walk(section, 5, &mut each);
        }
        assert!(count > 200, "the key table was not read");
        assert!(missing.is_empty(), "no case of fixtures/keys says what becomes of these: {missing:?}");
    }
}
