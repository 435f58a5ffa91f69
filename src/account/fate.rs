//! What became of each use of a key: the fields that come from it, and the findings that are about it.

use std::collections::{BTreeMap, BTreeSet};

use super::Account;
use super::origins::{Field, Index, Place, is_inside, place};
use crate::backend::Target;
use crate::compose::Use;
use crate::diag::{Finding, Level, Outcome, Sources};

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// It means the same on the target.
    Mapped,
    /// Something near is written.
    Approximated,
    /// Nothing is written for it.
    Dropped,
    /// There is no output because of it.
    Refused,
}

impl Fate {
    /// All, in the order of reports.
    pub(crate) const ALL: [Self; 4] = [Self::Mapped, Self::Approximated, Self::Dropped, Self::Refused];

    /// Returns the word that reports use.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Mapped => "mapped",
            Self::Approximated => "approximated",
            Self::Dropped => "dropped",
            Self::Refused => "refused",
        }
    }
}

/// One line of the account.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// The use.
    pub(crate) used: &'a Use,
    /// What became of it.
    pub(crate) fate: Fate,
    /// What comes from it.
    pub(crate) fields: Vec<Field>,
    /// What was found about it; those that say nothing of its fate too.
    pub(crate) findings: Vec<&'a Finding>,
}

/// Accounts for every use, in the order of their paths.
pub(crate) fn lines<'a>(
    account: &'a Account,
    findings: &'a [Finding],
    target: Target,
    sources: &Sources,
) -> Vec<Line<'a>> {
    let index = Index::of(&account.documents, sources);
    let mut sharing: BTreeMap<Place<'_>, BTreeSet<&str>> = BTreeMap::new();
    for used in &account.uses {
        if let Some(service) = &used.service {
            sharing.entry(place(used.span, sources)).or_default().insert(service);
        }
    }
    let concerns = |finding: &&Finding| finding.diagnostic.target.is_none_or(|name| target.concerns(name));
    let mut by_service: BTreeMap<Option<&str>, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().filter(concerns) {
        by_service.entry(finding.diagnostic.service.as_deref()).or_default().push(finding);
    }
    // What is told of a service may be about a resource that it uses: then it stands at the place of the resource.
    let mut of_services: BTreeMap<Place<'_>, Vec<&Finding>> = BTreeMap::new();
    for finding in by_service.iter().filter(|(service, _)| service.is_some()).flat_map(|(_, found)| found) {
        let others = finding.diagnostic.labels.iter().filter(|label| is_one_more(&label.text));
        for span in finding.diagnostic.span.into_iter().chain(others.map(|label| label.span)) {
            of_services.entry(place(span, sources)).or_default().push(finding);
        }
    }
    let mut lines: Vec<Line<'_>> = account
        .uses
        .iter()
        .map(|used| {
            let of_it = used.service.as_deref().and_then(|service| by_service.get(&Some(service)));
            let of_all = by_service.get(&None);
            let own = [used.span, used.key_span].into_iter().chain(used.above.iter().copied());
            let here: BTreeSet<_> =
                own.filter(|_| used.service.is_none()).map(|span| place(span, sources)).collect();
            let of_users = here.iter().filter_map(|place| of_services.get(place)).flatten();
            let found: Vec<(Relation, &Finding)> = of_it
                .into_iter()
                .chain(of_all)
                .flatten()
                .chain(of_users)
                .filter_map(|finding| Some((relation(used, finding, sources)?, *finding)))
                .collect();
            let fields = fields(used, &index, &sharing, sources);
            let fate = fate(&found, !fields.is_empty());
            Line { used, fate, fields, findings: found.into_iter().map(|(_, finding)| finding).collect() }
        })
        .collect();
    lines.sort_by(|one, other| {
        let place = |line: &Line<'_>| place(line.used.span, sources).1;
        (&one.used.path, place(one)).cmp(&(&other.used.path, place(other)))
    });
    lines
}

/// Returns the fields that come from a use; where none does, those of the nearest value around it that has some.
fn fields(
    used: &Use,
    index: &Index<'_>,
    sharing: &BTreeMap<Place<'_>, BTreeSet<&str>>,
    sources: &Sources,
) -> Vec<Field> {
    let own = [used.span, used.key_span].map(|span| place(span, sources));
    // An alias gives several services one place: what belongs to another of them is not of this use.
    let shared = sharing.get(&own[0]).filter(|services| services.len() > 1);
    let is_ours = |field: &&Field| match (shared, &field.service, &used.service) {
        (Some(services), Some(of), Some(ours)) => of == ours || !services.contains(of.as_str()),
        _ => true,
    };
    let mut found: BTreeSet<Field> =
        own.into_iter().flat_map(|place| index.inside(place)).filter(is_ours).cloned().collect();
    let mut above = used.above.iter();
    while found.is_empty()
        && let Some(span) = above.next()
    {
        found = index.exactly(place(*span, sources)).filter(is_ours).cloned().collect();
    }
    found.into_iter().collect()
}

/// How a finding stands to a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// It is about the use, or about all of something that the use is a part of.
    Whole,
    /// It is about a part of the use.
    Part,
}

fn relation(used: &Use, finding: &Finding, sources: &Sources) -> Option<Relation> {
    let found = &finding.diagnostic;
    if let Some(path) = &found.path {
        if *path == used.path {
            return Some(Relation::Whole);
        }
        if is_below(path, &used.path) {
            return Some(Relation::Part);
        }
    }
    let others = found.labels.iter().filter(|label| is_one_more(&label.text)).map(|label| label.span);
    let mut places = found.span.into_iter().chain(others).map(|span| place(span, sources));
    let own = [used.span, used.key_span].map(|span| place(span, sources));
    let around = |found: &Place<'_>| used.above.iter().any(|span| place(*span, sources) == *found);
    if places.any(|found| own.contains(&found) || around(&found)) {
        return Some(Relation::Whole);
    }
    // A whole service or resource is too much to be said of each of its keys.
    let above = |path: &String| is_below(&used.path, path) && path.matches('.').count() >= 2;
    found.path.as_ref().filter(|path| above(path))?;
    let of_other = found.span.map(|span| place(span, sources)).is_some_and(|found| {
        let meets = |one: Place<'_>| is_inside(one, found) || is_inside(found, one);
        !own.into_iter().any(meets) && used.above.iter().any(|span| is_inside(found, place(*span, sources)))
    });
    (!of_other).then_some(Relation::Whole)
}

/// What is told once names all its places; a place with a text beside it is there to be compared.
fn is_one_more(text: &str) -> bool {
    text.is_empty() || (text.starts_with('`') && text.ends_with('`'))
}

/// Tells whether a path leads below another.
fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with(['.', '[']))
}

fn fate(found: &[(Relation, &Finding)], is_written: bool) -> Fate {
    let of_one = |(relation, finding): &(Relation, &Finding)| {
        let fate = match finding.diagnostic.outcome {
            _ if finding.level == Level::Error => return Fate::Refused,
            None => return Fate::Mapped,
            Some(Outcome::Approximated) => Fate::Approximated,
            // A refusal that was let through: its rule says what is written.
            Some(Outcome::Refused) if is_written => Fate::Approximated,
            Some(Outcome::Dropped | Outcome::Refused) => Fate::Dropped,
        };
        if *relation == Relation::Part && is_written { fate.min(Fate::Approximated) } else { fate }
    };
    found.iter().map(of_one).max().unwrap_or(Fate::Mapped)
}
