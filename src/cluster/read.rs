//! Reads objects (A32): lists by label, five hundred a page, and kinds that only the server knows. Judges nothing.

use serde_json::Value;

use super::client::path::{Resource, collection, object};
use super::client::{Api, Call};
use super::failure::{Class, Failure};
use super::kinds::{self, Kind};
use super::object::{Identity, Live};

/// Objects on one page of a list.
const PAGE: &str = "500";
/// How often a list is begun anew because its pages became too old.
const ANEW: usize = 3;

/// A kind with all that its paths need.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Served {
    /// Group; empty for the core.
    pub(crate) group: String,
    /// Version.
    pub(crate) version: String,
    /// Kind, such as `Deployment`.
    pub(crate) kind: String,
    /// Plural, as in paths.
    pub(crate) plural: String,
    /// Its objects live in namespaces.
    pub(crate) namespaced: bool,
}

impl Served {
    /// Takes a kind that needs no discovery; `None` for one that does.
    pub(crate) fn known(group: &str, kind: &str) -> Option<Self> {
        kinds::find(group, kind).filter(|kind| !kind.is_discovered()).map(Self::of)
    }

    fn of(kind: &Kind) -> Self {
        Self {
            group: kind.group.to_owned(),
            version: kind.version.to_owned(),
            kind: kind.kind.to_owned(),
            plural: kind.plural.to_owned(),
            namespaced: kind.namespaced,
        }
    }

    /// Returns `Deployment.apps`; core kinds bare.
    pub(crate) fn group_kind(&self) -> String {
        kinds::group_kind(&self.group, &self.kind)
    }

    fn resource(&self) -> Resource<'_> {
        Resource { group: &self.group, version: &self.version, plural: &self.plural }
    }

    /// Returns the path of all objects of the kind, in a namespace if it has them.
    pub(crate) fn collection(&self, namespace: &str) -> String {
        collection(self.resource(), self.namespaced.then_some(namespace))
    }

    /// Returns the path of one object.
    pub(crate) fn object(&self, identity: &Identity) -> String {
        let namespace = identity.namespace.as_deref().filter(|_| self.namespaced);
        object(self.resource(), namespace, &identity.name)
    }

    fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// Asks which version of a kind the server has; `None` if it has none.
///
/// # Errors
/// The server's, other than that it does not know the group.
pub(crate) async fn discover(api: &Api<'_>, group: &str, kind: &str) -> Result<Option<Served>, Failure> {
    if group.is_empty() {
        return pinned(api, "/api/v1", group, "v1", kind).await;
    }
    let root = format!("/apis/{group}");
    let Some(found) = absent_as_none(api.call(Call::get(root.as_str())).await)? else { return Ok(None) };
    let text = |value: &Value| value.get("version").and_then(Value::as_str).map(ToOwned::to_owned);
    let preferred = found.get("preferredVersion").and_then(text);
    let listed = found.get("versions").and_then(Value::as_array).into_iter().flatten().filter_map(text);
    let mut versions: Vec<String> = preferred.into_iter().collect();
    for version in listed {
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    for version in versions {
        if let Some(served) = pinned(api, &format!("{root}/{version}"), group, &version, kind).await? {
            return Ok(Some(served));
        }
    }
    Ok(None)
}

async fn pinned(
    api: &Api<'_>,
    path: &str,
    group: &str,
    version: &str,
    kind: &str,
) -> Result<Option<Served>, Failure> {
    let Some(list) = absent_as_none(api.call(Call::get(path)).await)? else { return Ok(None) };
    let mut resources = list.get("resources").and_then(Value::as_array).into_iter().flatten();
    // Subresources have the kind of what they are part of, and a slash in their names.
    let found = resources.find(|resource| {
        resource["kind"] == kind && resource["name"].as_str().is_some_and(|name| !name.contains('/'))
    });
    Ok(found.map(|resource| Served {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: resource["name"].as_str().unwrap_or_default().to_owned(),
        namespaced: resource["namespaced"] == Value::Bool(true),
    }))
}

/// Lists the objects of a kind that carry labels.
///
/// # Errors
/// The server's.
pub(crate) async fn list(
    api: &Api<'_>,
    kind: &Served,
    namespace: &str,
    selector: &str,
) -> Result<Vec<Live>, Failure> {
    let mut begun = 0;
    loop {
        match pages(api, kind, namespace, selector).await {
            Err(failure) if failure.class == Class::Expired && begun < ANEW => begun += 1,
            done => return done,
        }
    }
}

async fn pages(api: &Api<'_>, kind: &Served, namespace: &str, selector: &str) -> Result<Vec<Live>, Failure> {
    let path = kind.collection(namespace);
    let (api_version, mut objects, mut next) = (kind.api_version(), Vec::new(), String::new());
    loop {
        let call = Call::get(path.as_str()).with("labelSelector", selector).with("limit", PAGE).with_if(
            !next.is_empty(),
            "continue",
            &next,
        );
        let mut body = api.call(call).await?.body;
        let token = body.pointer("/metadata/continue").and_then(Value::as_str).unwrap_or_default();
        token.clone_into(&mut next);
        if let Some(Value::Array(items)) = body.get_mut("items").map(Value::take) {
            objects.extend(items.into_iter().map(|item| Live::listed(item, &api_version, &kind.kind)));
        }
        if next.is_empty() {
            return Ok(objects);
        }
    }
}

/// Reads one object; `None` if it is not there.
///
/// # Errors
/// The server's.
pub(crate) async fn get(api: &Api<'_>, kind: &Served, identity: &Identity) -> Result<Option<Live>, Failure> {
    Ok(absent_as_none(api.call(Call::get(kind.object(identity))).await)?.map(Live::new))
}

fn absent_as_none(answer: Result<super::client::Answer, Failure>) -> Result<Option<Value>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer.body)),
        Err(failure) if failure.class == Class::Missing => Ok(None),
        Err(failure) => Err(failure),
    }
}
