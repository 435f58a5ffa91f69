//! Whom a container runs as (K70), and what is known of it for volumes and ports (K71, K72).

use k8s_openapi::api::core::v1::SecurityContext;

use super::reference::Reference;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::plan::Facts;
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Span, Spanned};
use crate::model::User;

/// The API takes ids up to this one; above it an id is as good as a name.
const LARGEST_ID: u64 = 2_147_483_647;

/// Ids to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    /// `runAsUser`.
    pub(crate) user: Option<i64>,
    /// `runAsGroup`.
    pub(crate) group: Option<i64>,
}

impl Ids {
    /// Puts the ids into a security context that has none.
    pub(crate) fn into_context(self, context: SecurityContext) -> SecurityContext {
        SecurityContext { run_as_user: self.user, run_as_group: self.group, ..context }
    }
}

/// Reads `user[:group]` of hooks and Dockerfiles as the service's own is read.
pub(crate) fn parse(text: &str) -> User {
    let (name, group) = match text.split_once(':') {
        Some((name, group)) => (name, group),
        None => (text, ""),
    };
    let id = |part: &str| match part {
        "root" => Some(0),
        _ => part.parse().ok(),
    };
    let gid = id(group);
    User { text: text.to_owned(), uid: id(name), gid, group_is_name: gid.is_none() && !group.is_empty() }
}

/// Decides the ids of a container and reports names that cannot be written. `key`: where the user is written.
pub(crate) fn ids(
    key: &str,
    user: Option<&Spanned<User>>,
    dockerfile_user: Option<&Spanned<String>>,
    report: &mut Report<'_>,
) -> Ids {
    let Some(user) = user else { return Ids::default() };
    let User { text, uid: _, gid: _, group_is_name } = &user.value;
    let Some(uid) = legal_uid(user) else {
        match dockerfile_user {
            Some(image_user) if image_user.value == *text => report.already_default(key, user.span),
            _ => report.dropped(
                KubernetesCode::UserNameUnresolved,
                key,
                user.span,
                &format!("is a name, `{text}`, that only the image knows: the image's own user runs"),
                "write numbers: `UID:GID`",
            ),
        }
        return Ids::default();
    };
    let group = legal_gid(user);
    if *group_is_name || (user.gid.is_some() && group.is_none()) {
        report.dropped(
            KubernetesCode::UserNameUnresolved,
            key,
            user.span,
            &format!(
                "has a group by name in `{text}`, that only the image knows: the image's own group is used"
            ),
            "write numbers: `UID:GID`",
        );
    }
    Ids { user: Some(uid), group }
}

/// What is known of the user that a container runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownUser {
    /// User id.
    pub(crate) uid: i64,
    /// Group id.
    pub(crate) gid: Option<i64>,
    /// Where it is written; `None` when the table of well-known images says so.
    pub(crate) span: Option<Span>,
}

/// Finds the user: the service's, else the Dockerfile's, else what is known of the image.
pub(crate) fn known(facts: &Facts<'_>) -> Option<KnownUser> {
    let image = &facts.service.image;
    let dockerfile_user = image.facts.user.as_ref();
    if let Some(user) = &facts.service.security.user {
        let own = legal_uid(user).map(|uid| KnownUser { uid, gid: legal_gid(user), span: Some(user.span) });
        let same_name = dockerfile_user.filter(|image_user| image_user.value == user.text);
        return own.or_else(|| same_name.and_then(numeric));
    }
    match dockerfile_user {
        Some(user) => numeric(user),
        None if image.facts.known => None,
        None => {
            let uid = usual_uid(image.reference.as_ref()?)?;
            Some(KnownUser { uid, gid: None, span: None })
        }
    }
}

fn numeric(user: &Spanned<String>) -> Option<KnownUser> {
    let parsed = parse(user);
    Some(KnownUser { uid: legal_uid(&parsed)?, gid: legal_gid(&parsed), span: Some(user.span) })
}

fn legal_uid(user: &User) -> Option<i64> {
    legal(user.uid)
}

fn legal_gid(user: &User) -> Option<i64> {
    legal(user.gid)
}

fn legal(id: Option<u64>) -> Option<i64> {
    id.filter(|id| *id <= LARGEST_ID).and_then(|id| i64::try_from(id).ok())
}

/// Users of images that start as someone else than root (K71).
fn usual_uid(reference: &str) -> Option<i64> {
    let parts = Reference::parse(reference)?;
    let (owner, last) = parts.path.rsplit_once('/').unwrap_or(("", parts.path));
    match (owner, last) {
        ("grafana", "grafana") => Some(472),
        ("grafana", "loki" | "tempo" | "mimir") | ("mssql", "server") => Some(10_001),
        ("prom", _) => Some(65_534),
        ("confluentinc", _) | ("apache", "kafka") => Some(1000),
        _ if owner.starts_with("bitnami") => Some(1001),
        (_, "elasticsearch" | "opensearch" | "kibana" | "jenkins" | "sonarqube" | "n8n" | "node-red") => {
            Some(1000)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    fn ids_of(text: &str) -> (Ids, Vec<String>) {
        report_of(|report| ids("user", Some(&at(parse(text))), None, report))
    }

    #[test]
    fn numbers_are_written() {
        assert_eq!(ids_of("1000:100"), (Ids { user: Some(1000), group: Some(100) }, vec![]));
        assert_eq!(ids_of("1000:").0, Ids { user: Some(1000), group: None });
        assert_eq!(ids_of("root").0, Ids { user: Some(0), group: None });
    }

    #[test]
    fn names_are_not() {
        assert_eq!(ids_of("app"), (Ids::default(), vec!["user-name-unresolved".to_owned()]));
        assert_eq!(ids_of("app:100").0, Ids::default());
        let (ids, codes) = ids_of("1000:staff");
        assert_eq!((ids.user, ids.group, codes.len()), (Some(1000), None, 1));
        assert_eq!(ids_of("2147483648").1, ["user-name-unresolved"]);
    }

    #[test]
    fn a_name_that_the_dockerfile_says_too_is_no_loss() {
        let (ids, codes) =
            report_of(|report| ids("user", Some(&at(parse("app"))), Some(&at("app".to_owned())), report));
        assert_eq!((ids, codes), (Ids::default(), vec!["already-default".to_owned()]));
    }

    #[test]
    fn well_known_images_have_usual_users() {
        assert_eq!(usual_uid("grafana/grafana:11"), Some(472));
        assert_eq!(usual_uid("prom/alertmanager"), Some(65_534));
        assert_eq!(usual_uid("docker.elastic.co/elasticsearch/elasticsearch:8.1.0"), Some(1000));
        assert_eq!(usual_uid("bitnamilegacy/redis"), Some(1001));
        assert_eq!(usual_uid("mcr.microsoft.com/mssql/server:2022-latest"), Some(10_001));
        assert_eq!(usual_uid("nginx"), None);
    }
}
