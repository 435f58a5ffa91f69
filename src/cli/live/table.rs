//! The table of `status`: a line per service, pods below if they are wanted (cli.md, section 8).

use std::fmt::Write as _;

use super::aim::Prepared;
use super::tell::BOLD;
use crate::cli::commands::status;
use crate::cli::exit::Stop;
use crate::cli::session::Session;
use crate::cluster::status::Table;

/// Prints the table of services.
///
/// # Errors
/// The reader is gone.
pub(crate) fn table(
    table: &Table,
    flags: &status::Flags,
    prepared: &Prepared,
    session: &mut Session<'_, '_>,
) -> Result<(), Stop> {
    let aim = &prepared.aim;
    if flags.format.is_json() {
        let text = format!("{}\n", table.json(aim));
        return session.printer.data(prepared.redactor.redact(&text).as_bytes());
    }
    let mut text = String::new();
    if !table.rows.is_empty() {
        for line in columns(table, flags.tree) {
            let _ = writeln!(text, "{line}");
        }
    }
    let dot = if session.shows_symbols() { "·" } else { "-" };
    let last = table.revision.map_or_else(String::new, |revision| {
        let since = table.since.map_or_else(String::new, |since| format!(" {} ago", span(since)));
        // A run that did not end as it should, or is under way.
        let phase = if table.phase == "idle" { String::new() } else { format!(", {}", table.phase) };
        format!(" {dot} revision {revision}{phase}, by {}{since}", table.by)
    });
    let place = format!("{BOLD}{}{BOLD:#} @ {}/{}", aim.project, aim.context, aim.namespace);
    let _ = writeln!(text, "{place}{last} {dot} {}", state(table));
    session.printer.screen(&prepared.redactor.redact(&text))
}

/// Says in words how it goes.
fn state(table: &Table) -> String {
    match (table.services().len(), table.unready()) {
        (0, _) if table.revision.is_none() => "not there".to_owned(),
        (0, _) => "nothing runs".to_owned(),
        (_, 0) => "all services ready".to_owned(),
        (1, _) => "the service is not ready".to_owned(),
        (all, unready) => format!("{unready} of {all} services not ready"),
    }
}

fn columns(table: &Table, tree: bool) -> Vec<String> {
    let head = ["SERVICE", "KIND", "READY", "UPDATED", "RESTARTS", "AGE", "IMAGE", "ADDRESS"];
    let mut lines: Vec<Vec<String>> = vec![head.map(ToOwned::to_owned).to_vec()];
    for row in &table.rows {
        let pair = |pair: Option<(i64, i64)>| pair.map(|(now, wanted)| format!("{now}/{wanted}"));
        let dash = || "-".to_owned();
        lines.push(vec![
            row.service.clone(),
            row.kind.clone(),
            row.state.map(ToOwned::to_owned).or_else(|| pair(row.ready)).unwrap_or_else(dash),
            pair(row.updated).unwrap_or_else(dash),
            match row.restarted.filter(|_| row.restarts > 0) {
                Some(since) => format!("{} ({})", row.restarts, span(since)),
                None => row.restarts.to_string(),
            },
            row.age.map_or_else(dash, span),
            row.image.clone(),
            row.address.clone().unwrap_or_else(dash),
        ]);
        if tree {
            for (name, state, ready) in &row.pods {
                let ready = if *ready { "ready" } else { "not ready" };
                lines.push(vec![format!("  {name}"), state.clone(), ready.to_owned()]);
            }
        }
    }
    let width = |at: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(at))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    lines
        .iter()
        .map(|line| {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect()
}

/// Says a time as people do: `22s`, `3m10s`, `5d`.
fn span(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m{}s", seconds / 60, seconds % 60),
        seconds @ 3600..86400 => format!("{}h{}m", seconds / 3600, seconds % 3600 / 60),
        seconds => format!("{}d", seconds / 86400),
    }
}
