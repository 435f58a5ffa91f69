//! Group that owns the volumes of a pod (K71, N91).

use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::{Facts, Pod};
use crate::backend::kubernetes::problem::Report;
use crate::backend::kubernetes::storage::pod::PodStorage;
use crate::diag::{Sink, Span};

use super::{user, wishes};

/// `fsGroup` of a pod and its policy.
#[derive(Default)]
pub(crate) struct FsGroup {
    /// `fsGroup`.
    pub(crate) group: Option<Noted<i64>>,
    /// `fsGroupChangePolicy`.
    pub(crate) policy: Option<Noted<String>>,
}

/// A group, and where it is known from, unless from a table of ours.
type Group = (i64, Option<Span>);

/// Decides the group: the owner's, else that of the first member by name that needs one; all containers are in it (K90).
pub(crate) fn of_pod(pod: &Pod<'_, '_>, storage: &PodStorage<'_>, sink: &mut Sink) -> FsGroup {
    // The author's word counts, and 0 is none (N69).
    if let Some(hint) = wishes::first(pod, |hints| hints.fs_group.as_ref()) {
        let group = (hint.value != 0).then(|| Noted::written(hint.value, "K71", hint.span));
        let policy = group.is_some().then(on_root_mismatch);
        return FsGroup { group, policy };
    }
    let members = || in_order(pod);
    let of_member = |member| for_claims(member, storage).map(|(span, group)| (member, span, group));
    if let Some((member, span, (group, known_at))) = members().find_map(of_member) {
        if known_at.is_none() {
            report_table(member, span, group, sink);
        }
        return FsGroup { group: Some(Noted::new(group, "K71", known_at)), policy: Some(on_root_mismatch()) };
    }
    let group = members().find_map(|member| storage.members.get(member.name)?.file_group.clone());
    let policy = group.is_some().then(on_root_mismatch);
    FsGroup { group, policy }
}

/// Tells whether a pod will have a group.
pub(crate) fn has_one(pod: &Pod<'_, '_>, storage: &PodStorage<'_>) -> bool {
    if let Some(hint) = wishes::first(pod, |hints| hints.fs_group.as_ref()) {
        return hint.value != 0;
    }
    let has_own = |member: &Facts<'_>| {
        storage.members.get(member.name).is_some_and(|member| member.file_group.is_some())
    };
    in_order(pod).any(|member| for_claims(member, storage).is_some() || has_own(member))
}

/// Of a member that writes a claim and is not root: the place there, and its group.
fn for_claims(member: &Facts<'_>, storage: &PodStorage<'_>) -> Option<(Span, Group)> {
    let span = storage.members.get(member.name)?.writes_claim?;
    Some((span, of_claims(member)?))
}

/// The server would look through the whole volume at each start.
fn on_root_mismatch() -> Noted<String> {
    Noted::by_rule("OnRootMismatch".to_owned(), "K71")
}

fn in_order<'a, 'p>(pod: &Pod<'a, 'p>) -> impl Iterator<Item = &'p Facts<'a>> {
    let mut others: Vec<&'p Facts<'a>> =
        pod.members.iter().filter(|member| member.name != pod.owner.name).copied().collect();
    others.sort_by_key(|member| member.name);
    std::iter::once(pod.owner).chain(others)
}

/// Docker gives a new volume the image's ownership, Kubernetes root's; a user that is not root could not write.
fn of_claims(facts: &Facts<'_>) -> Option<Group> {
    let user = user::known(facts).filter(|user| user.uid != 0 && !facts.is_windows())?;
    Some((user.gid.filter(|gid| *gid != 0).unwrap_or(user.uid), user.span))
}

fn report_table(facts: &Facts<'_>, span: Span, group: i64, sink: &mut Sink) {
    Report::new(facts.name, sink).noted(
        KubernetesCode::FsgroupFromImage,
        "volumes",
        span,
        &format!("are given to group {group}, which the image usually runs as"),
        "write `user:` if it runs as someone else",
    );
}
