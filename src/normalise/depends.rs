//! What must be there before a service (K60).

use std::collections::BTreeSet;

use super::values::on;
use crate::compose::keys::depends_on::{self, DependsOn};
use crate::compose::keys::list::Texts;
use crate::compose::keys::named::Keyed;
use crate::compose::keys::scalar::Text;
use crate::diag::Span;
use crate::model::{Condition, Dependency, ServiceName};

/// Places that make a dependency without `depends_on`: loading puts it where they stand (L39).
pub(super) struct Implied {
    places: BTreeSet<Span>,
}

impl Implied {
    /// Collects the places of links, taken mounts and joined namespaces.
    pub(super) fn of(links: Option<&Texts>, mounts: Option<&Texts>, namespaces: &[Option<&Text>]) -> Self {
        let lists = links.into_iter().chain(mounts).flat_map(|list| &list.items);
        let texts = lists.chain(namespaces.iter().copied().flatten());
        Self { places: texts.map(|text| text.span).collect() }
    }
}

/// Finds the edges, sorted by name.
pub(super) fn depends(written: Option<DependsOn>, implied: &Implied) -> Vec<Dependency> {
    let entries = written.map(|depends| depends.0.entries).unwrap_or_default();
    let edge = |(name, Keyed { key, value }): (String, Keyed<depends_on::Dependency>)| {
        let depends_on::Dependency { span, condition, restart, required, extensions: _ } = value;
        let condition = condition.unwrap_or_else(|| Text::new("service_started".to_owned(), span));
        Dependency {
            on: ServiceName::new(name),
            span: key,
            condition: condition.map(|word| match word.as_str() {
                "service_healthy" => Condition::Healthy,
                "service_completed_successfully" => Condition::Completed,
                _ => Condition::Started,
            }),
            required: required.is_none_or(|required| required.value),
            restart: on(restart.as_ref()),
            implied: implied.places.contains(&key),
        }
    };
    entries.into_iter().map(edge).collect()
}
