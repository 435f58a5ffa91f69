//! Image, pull policy and platform of a container (K10 to K16).

use super::reference::Reference;
use crate::backend::codes::BackendCode;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::object::Noted;
use crate::backend::kubernetes::plan::{Facts, Plan};
use crate::backend::kubernetes::problem::{Report, listed, of_project};
use crate::diag::{Outcome, Severity, Sink, Spanned};
use crate::model::codes::SharedCode;
use crate::model::{Build, Image, PullPolicy};

/// What a container runs.
#[derive(Debug, PartialEq)]
pub(crate) struct ContainerImage {
    /// `image`.
    pub(crate) reference: Noted<String>,
    /// `imagePullPolicy`.
    pub(crate) pull_policy: Option<Noted<String>>,
}

/// Names the image and says when it is pulled.
pub(crate) fn of_service(plan: &Plan<'_>, facts: &Facts<'_>, report: &mut Report<'_>) -> ContainerImage {
    let Image { reference, build, pull, refresh_after, platform: _, facts: _ } = &facts.service.image;
    let name = match (plan.options.images.get(facts.name.as_str()), reference, build) {
        (Some(given), _, _) => Noted::by_rule(given.clone(), "K10"),
        (None, Some(reference), _) => {
            Noted::written(given(reference, plan.options.qualify_images), "K10", reference.span)
        }
        (None, None, Some(build)) => Noted::written(built_name(plan, facts, build), "K11", build.span),
        // Loading refuses a service with neither; the name that a build would give is as good as any.
        (None, None, None) => Noted::written(default_name(plan, facts), "K11", facts.service.span),
    };
    if Reference::parse(&name.value).is_none() {
        let span = name.origins.iter().find_map(|origin| origin.span).unwrap_or(facts.service.span);
        let fact = format!("is no legal image reference: `{}`", name.value);
        report.refused(
            BackendCode::ImageInvalid,
            "image",
            span,
            &fact,
            "write `[REGISTRY/]NAME[:TAG][@DIGEST]`",
        );
    }
    if let Some(Build { span, settings, context: _, local_context: _, tag: _ }) = build
        && !settings.is_empty()
    {
        let keys = listed(settings.iter().map(|key| key.value));
        report.noted(
            BackendCode::BuildSettingNotEmitted,
            "build",
            *span,
            &format!("has settings that act when `docker compose build` runs: {keys}"),
            "",
        );
    }
    let is_built_here = reference.is_none() && !plan.options.images.contains_key(facts.name.as_str());
    let pull_policy = pull_policy(pull.as_ref(), refresh_after.as_ref(), is_built_here, report);
    ContainerImage { reference: name, pull_policy }
}

/// Tells once a run which images must be in a registry (K11, K12).
pub(crate) fn report_built(plan: &Plan<'_>, sink: &mut Sink) {
    let built: Vec<(&Facts<'_>, &Build)> = plan
        .selected()
        .filter(|facts| !plan.options.images.contains_key(facts.name.as_str()))
        .filter_map(|facts| Some((facts, facts.service.image.build.as_ref()?)))
        .collect();
    let names: Vec<String> = built.iter().map(|(facts, build)| image_name(plan, facts, build)).collect();
    let unnamed = built.iter().find(|(facts, _)| facts.service.image.reference.is_none());
    let Some((_, first)) = unnamed.or(built.first()) else { return };
    let mut names = names;
    names.sort();
    names.dedup();
    let fact = format!("images are built here and pulled by the cluster: {}", listed(&names));
    let help = "run `docker compose build`, then push the images (`--registry` puts a registry before their names) \
                or load them into the nodes; `--tag` names each new build, since an equal name restarts nothing";
    let mut finding = of_project(BackendCode::ImageMustBePushed, fact).at(first.span).help(help);
    for (_, other) in built.iter().filter(|(_, build)| build.span != first.span) {
        finding = finding.also(other.span, "built too");
    }
    sink.push(match unnamed {
        Some(_) => finding.outcome(Outcome::Approximated),
        None => finding.severity(Severity::Note),
    });
}

/// Warns of a database whose next pod may be a newer major version than its data (K15).
pub(crate) fn report_floating_database(facts: &Facts<'_>, mounts_claim: bool, report: &mut Report<'_>) {
    let Some(reference) = &facts.service.image.reference else { return };
    let Some(parts) = Reference::parse(reference) else { return };
    let floats = parts.digest.is_none() && parts.tag.is_none_or(|tag| tag == "latest");
    if floats && mounts_claim && facts.service.reach.known_server.is_some() && is_database(parts.last_part())
    {
        report.approximated(
            KubernetesCode::ImageTagFloating,
            "image",
            reference.span,
            "names no version: the next pod may run a newer major version than its data",
            "pin the tag to the version that wrote the data",
        );
    }
}

/// Rows of N27 whose program keeps its own files and changes their form between major versions.
pub(crate) fn is_database(last_part: &str) -> bool {
    const DATABASES: [&str; 29] = [
        "cassandra",
        "clickhouse",
        "clickhouse-server",
        "cockroach",
        "couchdb",
        "elasticsearch",
        "influxdb",
        "mariadb",
        "mariadb-galera",
        "meilisearch",
        "mongo",
        "mongodb",
        "mongodb-community-server",
        "mysql",
        "mysql-server",
        "neo4j",
        "opensearch",
        "percona",
        "percona-server",
        "pgvector",
        "postgis",
        "postgres",
        "postgresql",
        "qdrant",
        "scylla",
        "solr",
        "timescaledb",
        "timescaledb-ha",
        "weaviate",
    ];
    DATABASES.contains(&last_part)
}

fn image_name(plan: &Plan<'_>, facts: &Facts<'_>, build: &Build) -> String {
    match &facts.service.image.reference {
        Some(reference) => reference.value.clone(),
        None => built_name(plan, facts, build),
    }
}

fn given(reference: &Spanned<String>, qualify: bool) -> String {
    match Reference::parse(reference) {
        Some(parts) if qualify && parts.registry.is_none() => {
            let library = if parts.path.contains('/') { "" } else { "library/" };
            format!("docker.io/{library}{}", reference.value)
        }
        _ => reference.value.clone(),
    }
}

fn built_name(plan: &Plan<'_>, facts: &Facts<'_>, build: &Build) -> String {
    build.tag.as_ref().map_or_else(|| default_name(plan, facts), |tag| tag.value.clone())
}

/// The name that `docker compose build` gives.
fn default_name(plan: &Plan<'_>, facts: &Facts<'_>) -> String {
    let registry = plan.options.registry.as_ref().map_or_else(String::new, |registry| {
        // People write it with the slash that follows.
        format!("{}/", registry.trim_end_matches('/'))
    });
    let name: String = format!("{}-{}", plan.project.name, facts.name)
        .chars()
        .map(|c| c.to_ascii_lowercase())
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' })
        .collect();
    format!("{registry}{name}:{}", plan.options.tag)
}

fn pull_policy(
    pull: Option<&Spanned<PullPolicy>>,
    refresh_after: Option<&Spanned<String>>,
    is_built_here: bool,
    report: &mut Report<'_>,
) -> Option<Noted<String>> {
    // A built image has no other source than what was loaded or pushed: a side-loaded copy must do (K11).
    let unset = is_built_here.then(|| Noted::by_rule("IfNotPresent".to_owned(), "K11"));
    let written =
        |policy: &str, pull: &Spanned<PullPolicy>| Some(Noted::written(policy.to_owned(), "K15", pull.span));
    let Some(pull) = pull else {
        if let Some(refresh_after) = refresh_after {
            report.already_default("pull_refresh_after", refresh_after.span);
        }
        return unset;
    };
    match &pull.value {
        PullPolicy::Always => written("Always", pull),
        PullPolicy::Never => written("Never", pull),
        PullPolicy::Missing => written("IfNotPresent", pull),
        PullPolicy::Build => unset,
        PullPolicy::Interval(word) => {
            let (key, word, span) = match refresh_after {
                Some(after) => ("pull_refresh_after", &after.value, after.span),
                None => ("pull_policy", word, pull.span),
            };
            let fact = format!("is `{word}`: the image is pulled for each new pod");
            report.approximated(KubernetesCode::PullIntervalApproximated, key, span, &fact, "");
            written("Always", pull)
        }
        PullPolicy::Unknown(word) => {
            report.dropped(
                SharedCode::ValueUnknown,
                "pull_policy",
                pull.span,
                &format!("has the unknown word `{word}`: it counts as unset"),
                "write `always`, `missing`, `never`, `build`, `daily`, `weekly` or `every_<duration>`",
            );
            unset
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::sample::at;
    use crate::backend::kubernetes::testing::report_of;

    fn policy(pull: PullPolicy, built: bool) -> (Option<String>, Vec<String>) {
        let (policy, codes) = report_of(|report| pull_policy(Some(&at(pull)), None, built, report));
        (policy.map(|policy| policy.value), codes)
    }

    #[test]
    fn built_images_may_be_side_loaded() {
        assert_eq!(policy(PullPolicy::Build, true).0.as_deref(), Some("IfNotPresent"));
        assert_eq!(policy(PullPolicy::Build, false).0, None);
        assert_eq!(policy(PullPolicy::Always, true).0.as_deref(), Some("Always"));
    }

    #[test]
    fn intervals_become_pulls_at_each_start() {
        let (policy, codes) = policy(PullPolicy::Interval("daily".to_owned()), false);
        assert_eq!(policy.as_deref(), Some("Always"));
        assert_eq!(codes, ["pull-interval-approximated"]);
    }

    #[test]
    fn names_are_qualified_for_runtimes_with_their_own_search_list() {
        let qualified = |text: &str| given(&at(text.to_owned()), true);
        assert_eq!(qualified("redis:7"), "docker.io/library/redis:7");
        assert_eq!(qualified("team/app"), "docker.io/team/app");
        assert_eq!(qualified("ghcr.io/team/app"), "ghcr.io/team/app");
        assert_eq!(given(&at("redis".to_owned()), false), "redis");
    }
}
