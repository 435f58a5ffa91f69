//! `rcompose.report.v1`: the account as JSON (C25). No value of the project stands in it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Account, Fate, Line, lines};
use crate::backend::Target;
use crate::diag::render::Context;
use crate::diag::{Finding, Span};

/// Renders the account as one indented document with a final line break.
pub(crate) fn json(account: &Account, findings: &[Finding], target: Target, context: Context<'_>) -> String {
    let lines = lines(account, findings, target, context.sources);
    let told: BTreeSet<*const Finding> =
        lines.iter().flat_map(|line| &line.findings).map(|finding| std::ptr::from_ref(*finding)).collect();
    let others = findings.iter().filter(|finding| !told.contains(&std::ptr::from_ref(*finding)));
    let others: Vec<Value> = others
        .filter(|finding| finding.diagnostic.target.is_none_or(|name| target.concerns(name)))
        .map(|finding| found(finding, context))
        .collect();
    let count = |fate: Fate| lines.iter().filter(|line| line.fate == fate).count();
    let summary: Map<String, Value> =
        Fate::ALL.into_iter().map(|fate| (fate.word().to_owned(), count(fate).into())).collect();
    let document = json!({
        "schema": "rcompose.report.v1",
        "project": account.project,
        "target": target.name(),
        "keys": lines.iter().map(|line| entry(line, context)).collect::<Vec<_>>(),
        "others": others,
        "summary": summary,
    });
    format!("{document:#}\n")
}

/// Renders one line of the account.
pub(crate) fn entry(line: &Line<'_>, context: Context<'_>) -> Value {
    let used = line.used;
    let fields = line.fields.iter().map(|field| {
        let mut entry = json!({ "object": field.object, "file": field.file, "rule": field.rule });
        if !field.path.is_empty() {
            entry["path"] = field.path.as_str().into();
        }
        entry
    });
    let mut entry = json!({
        "path": used.path,
        "key": used.key,
        "file": context.sources.name(used.span.source),
        "range": range(used.span, context),
        "outcome": line.fate.word(),
        "fields": fields.collect::<Vec<_>>(),
        "findings": line.findings.iter().map(|finding| found(finding, context)).collect::<Vec<_>>(),
    });
    if let Some(service) = &used.service {
        entry["service"] = service.as_str().into();
    }
    entry
}

fn found(finding: &Finding, context: Context<'_>) -> Value {
    let found = &finding.diagnostic;
    let mut entry = json!({
        "code": found.code.name(),
        "level": finding.level.word(),
        "message": context.mask.text(&found.message),
    });
    if let Some(outcome) = found.outcome {
        entry["outcome"] = outcome.word().into();
    }
    entry
}

/// Lines and columns from 1, as in `rcompose.check.v1`.
fn range(span: Span, context: Context<'_>) -> Value {
    let position = |offset| {
        let position = context.sources.position(span.source, offset);
        json!({ "line": position.line, "column": position.column, "offset": offset })
    };
    json!({ "start": position(span.start), "end": position(span.end) })
}
