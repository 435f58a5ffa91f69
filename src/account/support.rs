//! What becomes of each Compose key on each target, in all the ways that the cases of `fixtures/keys` try: for `support`
//! and `explain KEY`.
//!
//! `support.txt` is measured, not written: `tests/documents.rs` takes it from the account of each case. Decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::Fate;
use crate::backend::Target;

/// `KEY | KUBERNETES | SWARM`; a cell holds outcomes, each with its codes.
const MEASURED: &str = include_str!("support.txt");

/// Keys that loading has resolved before a backend sees the project: they come out the same everywhere.
const RESOLVED: &[&str] =
    &["include", "name", "services.extends", "services.label_file", "services.profiles", "version"];

/// What services use under this key stands or falls with this one.
const MODELS: (&str, &str) = ("models", "services.models");

/// What becomes of a key on one target: outcomes that occur, each with the codes that tell it.
pub(crate) type Outcomes = BTreeMap<Fate, BTreeSet<&'static str>>;

/// What becomes of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    kubernetes: Outcomes,
    swarm: Outcomes,
}

impl Row {
    /// Returns what becomes of it on a target; overlays and charts are made of the objects of Kubernetes.
    pub(crate) const fn on(&self, target: Target) -> &Outcomes {
        match target {
            Target::Swarm => &self.swarm,
            _ => &self.kubernetes,
        }
    }

    fn mapped() -> Self {
        let mapped = || Outcomes::from([(Fate::Mapped, BTreeSet::new())]);
        Self { kubernetes: mapped(), swarm: mapped() }
    }

    fn add(&mut self, other: Self) {
        for (all, one) in [(&mut self.kubernetes, other.kubernetes), (&mut self.swarm, other.swarm)] {
            for (fate, codes) in one {
                all.entry(fate).or_default().extend(codes);
            }
        }
    }
}

/// Returns one row for each key of a service, of `deploy` and of a resource: all that becomes of it and of what is below.
pub(crate) fn rows() -> BTreeMap<String, Row> {
    let mut rows: BTreeMap<String, Row> =
        RESOLVED.iter().map(|key| ((*key).to_owned(), Row::mapped())).collect();
    for (key, row) in measured() {
        rows.entry(main(key).to_owned()).or_default().add(row);
    }
    rows.extend(row(MODELS.1).map(|row| (MODELS.0.to_owned(), row)));
    rows
}

/// Returns the row of one key: of it and what is below or, where no case has it alone, of the key around it.
pub(crate) fn row(key: &str) -> Option<Row> {
    let mut around = if is_at_or_below(key, MODELS.0) { MODELS.1 } else { key };
    loop {
        let mut found: Option<Row> = None;
        for (_, row) in measured().filter(|(name, _)| is_at_or_below(name, around)) {
            found.get_or_insert_default().add(row);
        }
        if found.is_none() && RESOLVED.contains(&around) {
            found = Some(Row::mapped());
        }
        // The top of the tree says nothing of its keys.
        let above = around
            .rsplit_once('.')
            .map(|(above, _)| above)
            .filter(|above| above.contains('.') || RESOLVED.contains(above));
        match (found, above) {
            (None, Some(above)) => around = above,
            (found, _) => return found,
        }
    }
}

/// Returns rows of the keys that a path names: those at or below it and, inside such a key, parts that fare otherwise.
pub(crate) fn below(path: &str) -> BTreeMap<String, Row> {
    let whole = rows();
    let inside: Vec<(String, Row)> = whole
        .iter()
        .filter(|(key, _)| is_at_or_below(key, path))
        .map(|(key, row)| (key.clone(), row.clone()))
        .collect();
    if inside.len() > 1 {
        return inside.into_iter().collect();
    }
    let own = row(path);
    let parts: BTreeSet<&str> =
        measured().map(|(key, _)| key).filter(|key| *key != path && is_at_or_below(key, path)).collect();
    let parts = parts.into_iter().filter_map(|key| Some((key.to_owned(), row(key)?)));
    let mut found: BTreeMap<String, Row> = parts.filter(|(_, row)| Some(row) != own.as_ref()).collect();
    found.extend(own.map(|row| (path.to_owned(), row)));
    found
}

/// Tells whether a key is another, or below it.
fn is_at_or_below(key: &str, above: &str) -> bool {
    key.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Returns the part of a key that has a row of its own without being asked for.
fn main(key: &str) -> &str {
    let parts = match key {
        _ if key.starts_with("x-rcompose") => 1,
        _ if key.starts_with("services.deploy.") => 3,
        _ => 2,
    };
    key.match_indices('.').nth(parts - 1).map_or(key, |(end, _)| &key[..end])
}

fn measured() -> impl Iterator<Item = (&'static str, Row)> {
    MEASURED.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = line.split(" | ");
        let key = cells.next()?;
        Some((key, Row { kubernetes: outcomes(cells.next()?), swarm: outcomes(cells.next()?) }))
    })
}

/// Reads `mapped; dropped one-code other-code`.
fn outcomes(cell: &'static str) -> Outcomes {
    cell.split("; ")
        .filter_map(|outcome| {
            let mut words = outcome.split(' ');
            let word = words.next()?;
            let fate = Fate::ALL.into_iter().find(|fate| fate.word() == word)?;
            Some((fate, words.collect()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_measured_line_is_read_whole() {
        let codes: BTreeSet<&str> = crate::codes().iter().map(|code| code.name()).collect();
        for line in MEASURED.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = line.split(" | ").collect();
            let [_, kubernetes, swarm] = cells[..] else { panic!("{line}") };
            for cell in [kubernetes, swarm] {
                let found = outcomes(cell);
                assert_eq!(found.len(), cell.split("; ").count(), "{line}");
                for (fate, told) in &found {
                    assert_eq!(told.is_empty(), *fate == Fate::Mapped, "{line}");
                    assert!(told.iter().all(|code| codes.contains(code)), "{line}");
                }
            }
        }
    }

    #[test]
    fn a_key_without_a_case_of_its_own_has_the_row_around_it() {
        assert_eq!(row("services.healthcheck"), row("services.healthcheck.nothing"));
        assert_eq!(row("services.nothing"), None);
        assert!(row("services.extends").is_some_and(|row| row == Row::mapped()));
    }

    #[test]
    fn a_path_names_what_is_below_it() {
        let keys = |path: &str| below(path).into_keys().collect::<Vec<_>>();
        assert_eq!(keys("services.ulimits"), ["services.ulimits"]);
        assert_eq!(keys("services.deploy.replicas"), ["services.deploy.replicas"]);
        assert!(keys("services.deploy").contains(&"services.deploy.placement".to_owned()));
        let parts = keys("services.healthcheck");
        assert!(parts.contains(&"services.healthcheck.start_period".to_owned()), "{parts:?}");
    }
}
