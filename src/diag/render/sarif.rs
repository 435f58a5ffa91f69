//! SARIF 2.1.0, for code scanning (C41). One rule per code that was found, its help text is the code's page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Context;
use super::order::ordered;
use crate::diag::{Code, Finding, Level, Severity, Span};

/// A result that is no finding: something that is worth a line of its own, and no alarm.
#[derive(Clone, Debug)]
pub(crate) struct Remark {
    /// Id of its rule.
    pub(crate) rule: &'static str,
    /// All is well; else it only informs.
    pub(crate) passes: bool,
    /// What it says.
    pub(crate) message: String,
    /// What it is about, for its fingerprint.
    pub(crate) name: String,
    /// Where.
    pub(crate) span: Span,
    /// More of it, for programs.
    pub(crate) properties: Value,
}

/// Renders all findings; an allowed one is a suppressed result.
pub(crate) fn sarif(findings: &[Finding], context: Context<'_>) -> String {
    sarif_with(findings, &[], &[], context)
}

/// Renders all findings, and remarks behind them, whose rules come with a meaning each.
pub(crate) fn sarif_with(
    findings: &[Finding],
    remark_rules: &[(&'static str, &'static str)],
    remarks: &[Remark],
    context: Context<'_>,
) -> String {
    let ordered = ordered(findings);
    let mut codes: Vec<Code> = ordered.iter().map(|finding| finding.diagnostic.code).collect();
    codes.sort();
    codes.dedup();
    let mut repeats = BTreeMap::new();
    let mut results: Vec<Value> =
        ordered.iter().map(|finding| result(finding, &codes, &mut repeats, context)).collect();
    results.extend(remarks.iter().map(|remark| {
        let index = remark_rules.iter().position(|(id, _)| *id == remark.rule).unwrap_or_default();
        of_remark(remark, codes.len() + index, &mut repeats, context)
    }));
    let of_remarks =
        remark_rules.iter().map(|(id, meaning)| json!({ "id": id, "shortDescription": { "text": meaning } }));
    let rules: Vec<Value> = codes.iter().copied().map(rule).chain(of_remarks).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "rcompose", "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn rule(code: Code) -> Value {
    let info = code.info();
    json!({
        "id": info.name,
        "shortDescription": { "text": info.meaning },
        "help": { "text": info.page, "markdown": info.page },
        "defaultConfiguration": { "level": info.severity.word() },
        "properties": { "tags": [info.class.word()] },
    })
}

fn result(
    finding: &Finding,
    codes: &[Code],
    repeats: &mut BTreeMap<String, usize>,
    context: Context<'_>,
) -> Value {
    let found = &finding.diagnostic;
    let mut message = context.mask.text(&found.message);
    if let Some(help) = &found.help {
        let _ = write!(message, "\nhelp: {}", context.mask.text(help));
    }
    let mut result = json!({
        "ruleId": found.code.name(),
        "ruleIndex": codes.binary_search(&found.code).unwrap_or_default(),
        "level": level(finding),
        "message": { "text": message },
        "partialFingerprints": { "rcomposePlace/v1": fingerprint(finding, repeats, context) },
    });
    if let Some(span) = found.span {
        result["locations"] = json!([{ "physicalLocation": physical(span, context) }]);
    }
    let related: Vec<Value> =
        found.labels.iter().map(|label| related(label.span, &label.text, context)).collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if finding.level == Level::Allowed {
        let reason = finding.reason.as_deref().unwrap_or("allowed");
        result["suppressions"] = json!([{ "kind": "external", "justification": reason }]);
    }
    result
}

fn of_remark(
    remark: &Remark,
    rule_index: usize,
    repeats: &mut BTreeMap<String, usize>,
    context: Context<'_>,
) -> Value {
    let place = format!("{}\n\n{}\n{}", remark.rule, context.sources.name(remark.span.source), remark.name);
    json!({
        "ruleId": remark.rule,
        "ruleIndex": rule_index,
        "kind": if remark.passes { "pass" } else { "informational" },
        "level": "none",
        "message": { "text": context.mask.text(&remark.message) },
        "partialFingerprints": { "rcomposePlace/v1": digest(&place, repeats) },
        "locations": [{ "physicalLocation": physical(remark.span, context) }],
        "properties": remark.properties,
    })
}

fn level(finding: &Finding) -> &'static str {
    match finding.level {
        Level::Allowed => finding.diagnostic.severity.word(),
        Level::Note => Severity::Note.word(),
        Level::Warning => Severity::Warning.word(),
        Level::Error => Severity::Error.word(),
    }
}

fn related(span: Span, text: &str, context: Context<'_>) -> Value {
    let mut location = json!({ "physicalLocation": physical(span, context) });
    if !text.is_empty() {
        location["message"] = json!({ "text": context.mask.text(text) });
    }
    location
}

fn physical(span: Span, context: Context<'_>) -> Value {
    let start = context.sources.position(span.source, span.start);
    let end = context.sources.position(span.source, span.end);
    json!({
        "artifactLocation": { "uri": uri(context.sources.name(span.source)), "uriBaseId": "%SRCROOT%" },
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        },
    })
}

/// Escapes a relative path for a URI.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// Names a finding over edits of the file: code, file and path of the key, not its line; repeats are counted.
fn fingerprint(finding: &Finding, repeats: &mut BTreeMap<String, usize>, context: Context<'_>) -> String {
    let found = &finding.diagnostic;
    let file = found.span.map_or("", |span| context.sources.name(span.source));
    let path = found.path.as_deref().or(found.service.as_deref()).unwrap_or_default();
    let place = format!("{}\n{}\n{file}\n{path}", found.code.name(), found.target.unwrap_or_default());
    digest(&place, repeats)
}

fn digest(place: &str, repeats: &mut BTreeMap<String, usize>) -> String {
    let count = repeats.entry(place.to_owned()).or_default();
    *count += 1;
    let digest = Sha256::digest(format!("{place}\n{count}"));
    digest.iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
