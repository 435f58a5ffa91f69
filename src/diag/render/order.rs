//! Order of findings, and the same finding on several services as one block (C33).

use std::collections::BTreeMap;

use crate::diag::Finding;

/// Findings that are shown as one: the first in full, the others by their places.
pub(super) struct Block<'a> {
    pub(super) first: &'a Finding,
    pub(super) others: Vec<&'a Finding>,
}

/// Sorts by file, line, column, code, and leaves out what was found twice. What has no place comes first.
pub(super) fn ordered(findings: &[Finding]) -> Vec<&Finding> {
    let mut ordered: Vec<&Finding> = findings.iter().collect();
    ordered.sort_by_key(|finding| {
        let found = &finding.diagnostic;
        (found.span.map(|span| (span.source, span.start)), found.code, found.target)
    });
    ordered.dedup();
    ordered
}

/// Puts findings together that say the same of several services.
pub(super) fn blocks<'a>(ordered: &[&'a Finding]) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    let mut known = BTreeMap::new();
    for finding in ordered {
        match likeness(finding).map(|likeness| *known.entry(likeness).or_insert(blocks.len())) {
            Some(index) if index < blocks.len() => blocks[index].others.push(finding),
            _ => blocks.push(Block { first: finding, others: Vec::new() }),
        }
    }
    blocks
}

/// Returns what two findings must share to be one block: all that they say, but for the service's name.
fn likeness(finding: &Finding) -> Option<[String; 6]> {
    let found = &finding.diagnostic;
    let service = found.service.as_deref()?;
    let anonymous = |text: &str| {
        text.replace(&format!("`{service}`"), "`*`").replace(&format!("services.{service}."), "services.*.")
    };
    Some([
        found.code.name().to_owned(),
        finding.level.word().to_owned(),
        found.target.unwrap_or_default().to_owned(),
        anonymous(&found.message),
        anonymous(&found.label),
        anonymous(found.help.as_deref().unwrap_or_default()),
    ])
}
