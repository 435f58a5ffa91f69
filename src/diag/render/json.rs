//! `rcompose.check.v1`: everything about every finding, for programs (C41).

use serde_json::{Map, Value, json};

use super::order::ordered;
use super::{Context, Counts, step_in_words};
use crate::diag::{Diagnostic, Finding, Span};

/// Renders all findings, allowed ones too, as one indented document with a final line break.
pub(crate) fn json(findings: &[Finding], context: Context<'_>) -> String {
    let counts = Counts::of(findings);
    let document = json!({
        "schema": "rcompose.check.v1",
        "diagnostics": ordered(findings).into_iter().map(|finding| entry(finding, context)).collect::<Vec<_>>(),
        "summary": {
            "error": counts.errors,
            "warning": counts.warnings,
            "note": counts.notes,
            "allowed": counts.allowed,
        },
    });
    format!("{document:#}\n")
}

fn entry(finding: &Finding, context: Context<'_>) -> Value {
    let found = &finding.diagnostic;
    let mut entry = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            entry.insert(key.to_owned(), value);
        }
    };
    put("code", Some(found.code.name().into()));
    put("level", Some(finding.level.word().into()));
    put("outcome", found.outcome.map(|outcome| outcome.word().into()));
    put("target", found.target.map(Into::into));
    put("service", found.service.as_deref().map(Into::into));
    put("message", Some(context.mask.text(&found.message).into()));
    put("file", found.span.map(|span| context.sources.name(span.source).into()));
    put("range", found.span.map(|span| range(span, context)));
    put("path", found.path.as_deref().map(Into::into));
    put(
        "label",
        Some(&found.label).filter(|label| !label.is_empty()).map(|label| context.mask.text(label).into()),
    );
    put("labels", labels(found, context));
    put("trace", trace(found, context));
    put("help", found.help.as_deref().map(|help| context.mask.text(help).into()));
    put("suggestion", found.suggestion.as_ref().map(|suggestion| json!({ "replace": suggestion.replace })));
    put("reason", finding.reason.as_deref().map(Into::into));
    Value::Object(entry)
}

/// Lines and columns from 1, columns in characters; offsets in bytes from 0.
fn range(span: Span, context: Context<'_>) -> Value {
    let position = |offset| {
        let position = context.sources.position(span.source, offset);
        json!({ "line": position.line, "column": position.column, "offset": offset })
    };
    json!({ "start": position(span.start), "end": position(span.end) })
}

fn labels(found: &Diagnostic, context: Context<'_>) -> Option<Value> {
    let labels = found.labels.iter().map(|label| {
        json!({
            "file": context.sources.name(label.span.source),
            "range": range(label.span, context),
            "text": context.mask.text(&label.text),
        })
    });
    (!found.labels.is_empty()).then(|| labels.collect())
}

fn trace(found: &Diagnostic, context: Context<'_>) -> Option<Value> {
    let trace = found.span.map(|span| span.trace).unwrap_or_default();
    let steps: Vec<Value> = context
        .sources
        .steps(trace)
        .map(|step| match step_in_words(step) {
            (text, Some(by)) => format!("{text} ({})", context.sources.place(by)).into(),
            (text, None) => text.into(),
        })
        .collect();
    (!steps.is_empty()).then(|| steps.into())
}
