//! The account as SARIF (C25): all findings as `check` gives them, and a result for each use of a key that says what
//! became of it. Such a result is no alarm: its kind is `pass` for what is mapped and `informational` for the rest, whose
//! finding stands beside it.

use serde_json::json;

use super::{Account, Fate, Line, lines};
use crate::backend::Target;
use crate::diag::Finding;
use crate::diag::render::{self, Context, Remark};

/// Renders the account.
pub(crate) fn sarif(account: &Account, findings: &[Finding], target: Target, context: Context<'_>) -> String {
    let lines = lines(account, findings, target, context.sources);
    let remarks: Vec<Remark> = lines.iter().map(|line| remark(line, target)).collect();
    let rules = Fate::ALL.map(|fate| (rule(fate), meaning(fate)));
    render::sarif_with(findings, &rules, &remarks, context)
}

fn remark(line: &Line<'_>, target: Target) -> Remark {
    let used = line.used;
    let fields: Vec<_> = line.fields.iter().map(|field| format!("{}:{}", field.object, field.path)).collect();
    let mut rules: Vec<_> = line.fields.iter().map(|field| field.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let codes: Vec<_> = line.findings.iter().map(|finding| finding.diagnostic.code.name()).collect();
    Remark {
        rule: rule(line.fate),
        passes: line.fate == Fate::Mapped,
        message: format!("`{}` is {} for {}", used.path, line.fate.word(), target.name()),
        name: used.path.clone(),
        span: used.span,
        properties: json!({
            "path": used.path,
            "key": used.key,
            "target": target.name(),
            "outcome": line.fate.word(),
            "fields": fields,
            "rules": rules,
            "codes": codes,
        }),
    }
}

const fn rule(fate: Fate) -> &'static str {
    match fate {
        Fate::Mapped => "key-mapped",
        Fate::Approximated => "key-approximated",
        Fate::Dropped => "key-dropped",
        Fate::Refused => "key-refused",
    }
}

const fn meaning(fate: Fate) -> &'static str {
    match fate {
        Fate::Mapped => "the key means the same on the target",
        Fate::Approximated => "something near is written for the key",
        Fate::Dropped => "nothing is written for the key",
        Fate::Refused => "there is no output because of the key",
    }
}
