//! Further groups of a pod's processes (K73).

use std::collections::BTreeMap;

use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::Pod;
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Sink, Span};

/// Makes `supplementalGroups` of all members, sorted; names are known to the image only.
pub(crate) fn supplemental(pod: &Pod<'_, '_>, sink: &mut Sink) -> Vec<Noted<i64>> {
    let mut groups: BTreeMap<i64, Span> = BTreeMap::new();
    for member in pod.members.iter().filter(|member| !member.is_windows()) {
        for group in &member.service.security.groups {
            let number = if group.value == "root" { Some(0) } else { group.value.parse::<i32>().ok() };
            match number.filter(|number| *number >= 0) {
                Some(number) => {
                    groups.entry(number.into()).or_insert(group.span);
                }
                None => Report::new(member.name, sink).dropped(
                    KubernetesCode::GroupNameUnresolved,
                    "group_add",
                    group.span,
                    &format!("names `{}`, which only the image knows: it is left out", group.value),
                    "write the number of the group",
                ),
            }
        }
    }
    groups.into_iter().map(|(group, span)| Noted::written(group, "K73", span)).collect()
}
