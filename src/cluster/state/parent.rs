//! The parent: the `ConfigMap` that knows which kinds and namespaces the objects of a project are in (A14).
//!
//! Membership stands on the members, by label; a parent that is lost is made again from its name (A15, A16).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cluster::aim::Aim;
use crate::cluster::client::path::{Resource, object};
use crate::cluster::client::{Api, Call, Content};
use crate::cluster::failure::{Class, Failure};
use crate::cluster::fields::SET_MANAGER;
use crate::cluster::identity;
use crate::cluster::object::{Live, SERVICE_LABEL};

/// First half of the tooling annotation; behind it stands a version.
const TOOLING: &str = "rcompose/";

const ID: &str = "applyset.kubernetes.io/id";
const TOOL: &str = "applyset.kubernetes.io/tooling";
const KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
const NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";
const SOURCE_ID: &str = "rcompose/source-id";
const SOURCE: &str = "rcompose/source";
const INSTANCE: &str = "rcompose/instance";

const CONFIG_MAPS: Resource<'static> = Resource { group: "", version: "v1", plural: "configmaps" };

/// What the parent says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parent {
    /// `Deployment.apps`, core kinds bare.
    pub(crate) kinds: BTreeSet<String>,
    /// Where members are beside its own namespace.
    pub(crate) namespaces: BTreeSet<String>,
    /// Hash of where the project comes from.
    pub(crate) source_id: Option<String>,
    /// The same for readers.
    pub(crate) source: Option<String>,
    /// The project's name at birth (A13).
    pub(crate) instance: String,
    /// Where a run is.
    pub(crate) state: State,
    /// A reading aid (A16).
    pub(crate) inventory: Vec<Item>,
}

/// Where a run is, or how the last one ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// `idle`, `applying`, `removing`, `interrupted`, `failed`.
    pub(crate) phase: String,
    /// Counts runs that write.
    pub(crate) revision: u64,
    /// The last that reached its end.
    pub(crate) deployed: u64,
    /// When it began, by the server's clock.
    pub(crate) started: String,
    /// Who ran it.
    pub(crate) by: String,
    /// Version of rcompose.
    pub(crate) tool: String,
    /// UID of kube-system, so that another cluster behind the same context is seen (A60); empty where we may not ask.
    pub(crate) cluster: String,
}

/// One member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    /// `Deployment.apps`.
    pub(crate) kind: String,
    /// Name.
    pub(crate) name: String,
    /// UID.
    pub(crate) uid: String,
    /// Service.
    pub(crate) service: Option<String>,
}

/// A parent as it was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// What it says.
    pub(crate) parent: Parent,
    /// Which state of it this is.
    pub(crate) resource_version: String,
    /// Its UID.
    pub(crate) uid: String,
}

/// A `ConfigMap` of that name that is no parent of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotOurs {
    /// Another tool made it.
    Tool(String),
    /// Its id is not that of its name.
    Id,
}

/// Reads the parent of a project; `None` if there is none.
///
/// # Errors
/// The server's.
pub(crate) async fn read(
    api: &Api<'_>,
    namespace: &str,
    project: &str,
) -> Result<Option<Result<Found, NotOurs>>, Failure> {
    let name = identity::parent_name(project);
    match api.call(Call::get(object(CONFIG_MAPS, Some(namespace), &name))).await {
        Ok(answer) => Ok(Some(of_object(&answer.body, namespace))),
        Err(failure) if failure.class == Class::Missing => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Reads all parents of ours in a namespace, with their projects.
///
/// # Errors
/// The server's.
pub(crate) async fn all(api: &Api<'_>, namespace: &str) -> Result<Vec<(String, Found)>, Failure> {
    let Some(kind) = crate::cluster::read::Served::known("", "ConfigMap") else { return Ok(Vec::new()) };
    let selector = format!("app.kubernetes.io/managed-by=rcompose,{ID}");
    let found = crate::cluster::read::list(api, &kind, namespace, &selector).await?;
    let parents = found.into_iter().filter_map(|live| {
        let name = live.value.pointer("/metadata/name")?.as_str()?.strip_prefix("rcompose.")?.to_owned();
        Some((name, of_object(&live.value, namespace).ok()?))
    });
    Ok(parents.collect())
}

fn of_object(value: &Value, namespace: &str) -> Result<Found, NotOurs> {
    let text = |pointer: &str, key: &str| {
        let found = value.pointer(pointer).and_then(|map| map.get(key)).and_then(Value::as_str);
        found.map(ToOwned::to_owned)
    };
    let annotation = |key: &str| text("/metadata/annotations", key);
    let metadata = |key: &str| text("/metadata", key).unwrap_or_default();
    match annotation(TOOL) {
        Some(tool) if tool.starts_with(TOOLING) => {}
        tool => return Err(NotOurs::Tool(tool.unwrap_or_default())),
    }
    if text("/metadata/labels", ID) != Some(identity::set_id(&metadata("name"), namespace, "ConfigMap", "")) {
        return Err(NotOurs::Id);
    }
    let list = |key: &str| -> BTreeSet<String> {
        let words = annotation(key).unwrap_or_default();
        words.split(',').filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
    };
    let read = |key: &str| -> Value {
        text("/data", key).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    };
    let parent = Parent {
        kinds: list(KINDS),
        namespaces: list(NAMESPACES),
        source_id: annotation(SOURCE_ID),
        source: annotation(SOURCE),
        instance: annotation(INSTANCE).unwrap_or_default(),
        state: State::of(&read("state.json")),
        inventory: read("inventory.json").as_array().into_iter().flatten().filter_map(Item::of).collect(),
    };
    Ok(Found { parent, resource_version: metadata("resourceVersion"), uid: metadata("uid") })
}

impl State {
    fn of(value: &Value) -> Self {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |key: &str| value.get(key).and_then(Value::as_u64).unwrap_or_default();
        Self {
            phase: text("phase"),
            revision: number("revision"),
            deployed: number("deployed"),
            started: text("started"),
            by: text("by"),
            tool: text("tool"),
            cluster: text("cluster"),
        }
    }
}

impl Item {
    fn of(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
        Some(Self {
            kind: text("k")?,
            name: text("n")?,
            uid: text("uid").unwrap_or_default(),
            service: text("svc"),
        })
    }
}

impl Parent {
    /// Returns what the parent says when these are all members that there are: their kinds, and themselves. Of one that is named twice the
    /// first counts. What was said `before` of the project stays.
    pub(crate) fn of<'l>(
        aim: &Aim,
        before: Option<&Found>,
        cluster: Option<&str>,
        members: impl IntoIterator<Item = &'l Live>,
    ) -> Self {
        let before = before.map(|found| &found.parent);
        let inventory = inventory(members);
        let source = aim.source.as_ref();
        Self {
            kinds: inventory.iter().map(|item| item.kind.clone()).collect(),
            namespaces: BTreeSet::new(),
            source_id: source.map(|source| source.id.clone()).or_else(|| before?.source_id.clone()),
            source: source.map(|source| source.shown.clone()).or_else(|| before?.source.clone()),
            instance: before.map_or_else(|| aim.instance.clone(), |before| before.instance.clone()),
            state: State {
                phase: "idle".to_owned(),
                cluster: cluster
                    .map(ToOwned::to_owned)
                    .or_else(|| Some(before?.state.cluster.clone()))
                    .unwrap_or_default(),
                ..before.map(|before| before.state.clone()).unwrap_or_default()
            },
            inventory,
        }
    }

    /// Tells whether another parent says the same of the members: what a finished run leaves. Who ran it, and when, is no
    /// difference, or nothing would ever be unchanged (A2).
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let sorted = |items: &[Item]| items.iter().cloned().collect::<BTreeSet<Item>>();
        self.kinds == other.kinds
            && self.namespaces == other.namespaces
            && self.source_id == other.source_id
            && self.source == other.source
            && self.instance == other.instance
            && self.state.phase == other.state.phase
            && self.state.cluster == other.state.cluster
            && sorted(&self.inventory) == sorted(&other.inventory)
    }

    fn document(&self, namespace: &str, project: &str, resource_version: Option<&str>) -> Value {
        let name = identity::parent_name(project);
        let joined = |words: &BTreeSet<String>| words.iter().cloned().collect::<Vec<_>>().join(",");
        let State { phase, revision, deployed, started, by, tool, cluster } = &self.state;
        let state = json!({
            "schema": 1, "phase": phase, "revision": revision, "deployed": deployed, "started": started, "by": by,
            "tool": tool, "cluster": cluster,
        });
        let mut items = self.inventory.clone();
        items.sort();
        let inventory: Vec<Value> = items
            .iter()
            .map(|Item { kind, name, uid, service }| {
                let mut item = json!({"k": kind, "n": name, "uid": uid});
                if let Some(service) = service {
                    item["svc"] = service.as_str().into();
                }
                item
            })
            .collect();
        let mut annotations = json!({
            TOOL: format!("{TOOLING}v{}", env!("CARGO_PKG_VERSION")),
            KINDS: joined(&self.kinds),
            NAMESPACES: joined(&self.namespaces),
            INSTANCE: self.instance,
        });
        for (key, value) in [(SOURCE_ID, &self.source_id), (SOURCE, &self.source)] {
            if let Some(value) = value {
                annotations[key] = value.as_str().into();
            }
        }
        let mut metadata = json!({
            "name": name, "namespace": namespace, "annotations": annotations,
            "labels": {
                ID: identity::of_project(project, namespace), "app.kubernetes.io/managed-by": "rcompose",
            },
        });
        if let Some(version) = resource_version {
            metadata["resourceVersion"] = version.into();
        }
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
            "data": {"state.json": state.to_string(), "inventory.json": Value::from(inventory).to_string()},
        })
    }

    /// Writes it, if it still is as it was read: two runs without a lock meet here (A19). Where nothing was read, it is to be new.
    ///
    /// # Errors
    /// The server's; [`Class::Race`] or [`Class::Conflict`] where somebody else wrote it since.
    pub(crate) async fn write(
        &self,
        api: &Api<'_>,
        namespace: &str,
        project: &str,
        resource_version: Option<&str>,
    ) -> Result<Found, Failure> {
        let document = self.document(namespace, project, resource_version);
        let path = object(CONFIG_MAPS, Some(namespace), &identity::parent_name(project));
        // It is ours alone: what somebody edited in it comes back.
        let call = Call::patch(path, Content::Apply, document)
            .with("fieldManager", SET_MANAGER)
            .with("force", "true");
        let answer = match api.call(call).await {
            Ok(answer) => answer,
            // Either somebody else wrote it, or we did and the answer was lost (row 25): what it says, and when, tells.
            Err(failure) if matches!(failure.class, Class::Race | Class::Conflict) => {
                let found = read(api, namespace, project).await?.and_then(Result::ok);
                return found.filter(|found| found.parent == *self).ok_or(failure);
            }
            Err(failure) => return Err(failure),
        };
        // Under the lock it can only be our own, whose answer was lost.
        if resource_version.is_none() && answer.status == 200 && !api.is_locked() {
            return Err(Failure::race("the parent is there by now".to_owned()));
        }
        let written = answer.body;
        let text = |key: &str| {
            written
                .pointer("/metadata")
                .and_then(|of| of.get(key))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Ok(Found { parent: self.clone(), resource_version: text("resourceVersion"), uid: text("uid") })
    }
}

/// Removes the parent, as the last but the lock.
///
/// # Errors
/// The server's.
pub(crate) async fn remove(
    api: &Api<'_>,
    namespace: &str,
    project: &str,
    found: &Found,
) -> Result<(), Failure> {
    let path = object(CONFIG_MAPS, Some(namespace), &identity::parent_name(project));
    let options = json!({"preconditions": {"uid": found.uid}});
    match api.call(Call::delete(path, options)).await {
        Err(failure) if failure.class != Class::Missing => Err(failure),
        _ => Ok(()),
    }
}

fn inventory<'l>(members: impl IntoIterator<Item = &'l Live>) -> Vec<Item> {
    let (mut items, mut known) = (Vec::new(), BTreeSet::new());
    for live in members {
        let Some(identity) = live.identity().filter(|identity| identity.kind != "Namespace") else {
            continue;
        };
        let (kind, name) = (identity.group_kind(), identity.name);
        if known.insert((kind.clone(), name.clone())) {
            let service = live.label(SERVICE_LABEL).map(ToOwned::to_owned);
            items.push(Item { kind, name, uid: live.uid().to_owned(), service });
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent() -> Parent {
        Parent {
            kinds: ["Service", "Deployment.apps"].map(ToOwned::to_owned).into(),
            namespaces: BTreeSet::new(),
            source_id: Some("1".into()),
            source: Some("example.org/shop compose.yaml".into()),
            instance: "shop".into(),
            state: State { phase: "idle".into(), revision: 3, cluster: "u".into(), ..State::default() },
            inventory: vec![Item {
                kind: "Service".into(),
                name: "web".into(),
                uid: "2".into(),
                service: Some("web".into()),
            }],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let document = parent().document("prod", "shop", None);
        assert_eq!(document["metadata"]["annotations"][KINDS], "Deployment.apps,Service");
        assert_eq!(
            document["metadata"]["labels"][ID],
            "applyset-F_LUQ2Zq71ON4as4X51K4gTH8ePvsgqZzXQtcQEblmQ-v1"
        );
        assert_eq!(of_object(&document, "prod").unwrap().parent, parent());
    }

    #[test]
    fn who_ran_it_and_when_is_no_difference() {
        let mut other = parent();
        other.state.by = "somebody".into();
        other.state.revision = 9;
        assert!(parent().says_the_same(&other));
        other.state.phase = "applying".into();
        assert!(!parent().says_the_same(&other));
    }

    #[test]
    fn the_parent_of_another_tool_is_not_ours() {
        let mut document = parent().document("prod", "shop", None);
        assert_eq!(of_object(&document, "other").unwrap_err(), NotOurs::Id);
        document["metadata"]["annotations"][TOOL] = "kubectl/v1.30".into();
        assert_eq!(of_object(&document, "prod").unwrap_err(), NotOurs::Tool("kubectl/v1.30".into()));
    }
}
