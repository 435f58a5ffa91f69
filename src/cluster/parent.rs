//! The parent of a set as a value: which kinds and namespaces it spans, who applied last, what was done (A14).
//!
//! Labels decide who is a member; the inventory is a reading aid, and the memory of what ended and of UIDs (A16).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::identity::{Source, of_project, parent_name};
use super::object::Live;

const ID: &str = "applyset.kubernetes.io/id";
const TOOLING: &str = "applyset.kubernetes.io/tooling";
const KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
const NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";
const SOURCE_ID: &str = "rcompose/source-id";
const SOURCE: &str = "rcompose/source";
const INSTANCE: &str = "rcompose/instance";

/// Schema of `state.json` that this program reads and writes.
const SCHEMA: u32 = 1;

/// The parent of a project's set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parent {
    /// Project.
    pub(crate) project: String,
    /// Namespace that it stands in.
    pub(crate) namespace: String,
    /// Name of the project at birth: half of every selector (A13).
    pub(crate) instance: String,
    /// Kinds of members, such as `Deployment.apps`; core kinds bare.
    pub(crate) kinds: BTreeSet<String>,
    /// Namespaces of members, the parent's own left out.
    pub(crate) namespaces: BTreeSet<String>,
    /// Where the files come from, where that is known.
    pub(crate) source: Option<Source>,
    /// What the last run was about.
    pub(crate) state: State,
    /// Members, for readers; ended one-shots too.
    pub(crate) inventory: Vec<Item>,
}

/// Content of `state.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Version of this form.
    pub(crate) schema: u32,
    /// What is going on.
    pub(crate) phase: Phase,
    /// Number of the last run that wrote.
    #[serde(default)]
    pub(crate) revision: u64,
    /// Number of the last run that succeeded.
    #[serde(default)]
    pub(crate) deployed: u64,
    /// When it began, RFC 3339, by the server's clock.
    #[serde(default)]
    pub(crate) started: String,
    /// Who ran it.
    #[serde(default)]
    pub(crate) by: String,
    /// Version of the program.
    #[serde(default)]
    pub(crate) tool: String,
    /// UID of `kube-system`; empty where it may not be read (A60).
    #[serde(default)]
    pub(crate) cluster: String,
}

/// What is going on with a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Phase {
    /// Nothing.
    #[default]
    Idle,
    /// A run writes, or was killed while it did.
    Applying,
    /// A run was stopped by its user.
    Interrupted,
    /// A run stopped part-way.
    Failed,
    /// The set is being taken down.
    Deleting,
}

/// One member in the inventory.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Item {
    /// Kind, such as `Deployment.apps`.
    pub(crate) k: String,
    /// Name.
    pub(crate) n: String,
    /// UID; empty for what is gone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) uid: String,
    /// Service that it was made for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) svc: String,
    /// A one-shot that ended well: not run again (A53).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) done: bool,
}

/// Why a parent is not one that we go on with (A31).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// Another program keeps this set.
    Tooling(String),
    /// Its id is not that of its name.
    Id(String),
    /// It was written from other files: `--same-project`. The text is for people.
    Source(String),
    /// A later version of the program writes a form that this one does not know.
    Schema(u32),
}

impl Parent {
    /// Begins the parent of a project that was never applied.
    pub(crate) fn new(project: &str, namespace: &str) -> Self {
        Self {
            project: project.to_owned(),
            namespace: namespace.to_owned(),
            instance: project.to_owned(),
            kinds: BTreeSet::new(),
            namespaces: BTreeSet::new(),
            source: None,
            state: State { schema: SCHEMA, ..State::default() },
            inventory: Vec::new(),
        }
    }

    /// Returns the document to apply; `tool` is the version of the program.
    pub(crate) fn document(&self, tool: &str) -> Value {
        let mut annotations = json!({
            TOOLING: format!("rcompose/v{tool}"),
            KINDS: joined(&self.kinds),
            NAMESPACES: joined(&self.namespaces),
            INSTANCE: self.instance,
        });
        if let Some(source) = &self.source {
            annotations[SOURCE_ID] = json!(source.id);
            annotations[SOURCE] = json!(source.shown);
        }
        let state = State { schema: SCHEMA, tool: tool.to_owned(), ..self.state.clone() };
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": parent_name(&self.project),
                "namespace": self.namespace,
                "labels": {ID: of_project(&self.project, &self.namespace), "app.kubernetes.io/managed-by": "rcompose"},
                "annotations": annotations,
            },
            "data": {"state.json": written(&state), "inventory.json": written(&self.inventory)},
        })
    }

    /// Reads a parent; what cannot be read of its data counts as never written, since labels decide.
    ///
    /// # Errors
    /// Where it belongs to another program, or to a later form of this one.
    pub(crate) fn read(project: &str, live: &Live) -> Result<Self, Foreign> {
        let namespace = live.value["metadata"]["namespace"].as_str().unwrap_or_default();
        let tooling = live.annotation(TOOLING).unwrap_or_default();
        if !tooling.starts_with("rcompose/") {
            return Err(Foreign::Tooling(tooling.to_owned()));
        }
        let id = live.label(ID).unwrap_or_default();
        if id != of_project(project, namespace) {
            return Err(Foreign::Id(id.to_owned()));
        }
        let list = |key: &str| {
            let all = live.annotation(key).unwrap_or_default().split(',');
            all.map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        };
        let state: State = read(live, "state.json").unwrap_or_default();
        if state.schema > SCHEMA {
            return Err(Foreign::Schema(state.schema));
        }
        let source = live.annotation(SOURCE_ID).map(|id| Source {
            id: id.to_owned(),
            shown: live.annotation(SOURCE).unwrap_or_default().to_owned(),
        });
        Ok(Self {
            project: project.to_owned(),
            namespace: namespace.to_owned(),
            instance: live.annotation(INSTANCE).unwrap_or(project).to_owned(),
            kinds: list(KINDS),
            namespaces: list(NAMESPACES),
            source,
            state,
            inventory: read(live, "inventory.json").unwrap_or_default(),
        })
    }

    /// Checks that it was written from the files that are being applied (A16): it has a source and we have none or another.
    ///
    /// # Errors
    /// Where it was not.
    pub(crate) fn check_source(&self, ours: Option<&Source>) -> Result<(), Foreign> {
        match &self.source {
            Some(source) if ours.map(|ours| &ours.id) != Some(&source.id) => {
                Err(Foreign::Source(source.shown.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Widens it by what is about to be written, before any member is: so that a kill leaves nothing unfindable (A37).
    pub(crate) fn widen(&mut self, kinds: &BTreeSet<String>, namespaces: &BTreeSet<String>) {
        self.kinds.extend(kinds.iter().cloned());
        self.namespaces.extend(namespaces.iter().filter(|namespace| **namespace != self.namespace).cloned());
    }

    /// Tells whether it says just what another one says, but for when, by whom and how often (A34).
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let sorted = |parent: &Self| {
            let mut items = parent.inventory.clone();
            items.sort();
            items
        };
        (&self.instance, &self.kinds, &self.namespaces, self.state.phase, &self.state.cluster)
            == (&other.instance, &other.kinds, &other.namespaces, other.state.phase, &other.state.cluster)
            && self.source.as_ref().map(|source| &source.id) == other.source.as_ref().map(|source| &source.id)
            && sorted(self) == sorted(other)
    }
}

fn joined(items: &BTreeSet<String>) -> String {
    items.iter().map(String::as_str).collect::<Vec<_>>().join(",")
}

fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers are JSON")
}

fn read<T: for<'d> Deserialize<'d>>(live: &Live, key: &str) -> Option<T> {
    serde_json::from_str(live.value.get("data")?.get(key)?.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Parent {
        Parent {
            kinds: ["Service", "Deployment.apps", "ConfigMap"].map(str::to_owned).into(),
            source: Source::of("https://github.com/example-org/shop", "compose.yaml"),
            state: State {
                schema: 1,
                revision: 12,
                deployed: 12,
                by: "ci-bot".into(),
                tool: "1.0.0".into(),
                ..State::default()
            },
            inventory: vec![
                Item {
                    k: "Deployment.apps".into(),
                    n: "web".into(),
                    uid: "1".into(),
                    svc: "web".into(),
                    done: false,
                },
                Item { k: "Job.batch".into(), n: "migrate-0a1b2c3d4e".into(), done: true, ..Item::default() },
            ],
            ..Parent::new("shop", "prod")
        }
    }

    #[test]
    fn a_parent_is_one_that_kubectl_knows() {
        let document = shop().document("1.0.0");
        let metadata = &document["metadata"];
        assert_eq!(metadata["name"], "rcompose.shop");
        assert_eq!(metadata["labels"][ID], "applyset-F_LUQ2Zq71ON4as4X51K4gTH8ePvsgqZzXQtcQEblmQ-v1");
        assert_eq!(metadata["annotations"][KINDS], "ConfigMap,Deployment.apps,Service");
        assert_eq!(metadata["annotations"][NAMESPACES], "");
        assert_eq!(metadata["annotations"][TOOLING], "rcompose/v1.0.0");
        assert_eq!(
            document["data"]["inventory.json"],
            r#"[{"k":"Deployment.apps","n":"web","uid":"1","svc":"web"},{"k":"Job.batch","n":"migrate-0a1b2c3d4e","done":true}]"#
        );
    }

    #[test]
    fn what_was_written_is_read_back() {
        let parent = shop();
        assert_eq!(Parent::read("shop", &Live::new(parent.document("1.0.0"))), Ok(parent));
    }

    #[test]
    fn parents_of_others_are_refused() {
        let with = |pointer: &str, value: &str| {
            let mut document = shop().document("1.0.0");
            *document.pointer_mut(pointer).expect("it is there") = json!(value);
            Parent::read("shop", &Live::new(document))
        };
        let tooling = "/metadata/annotations/applyset.kubernetes.io~1tooling";
        assert_eq!(with(tooling, "kubectl/v1.36"), Err(Foreign::Tooling("kubectl/v1.36".into())));
        assert_eq!(with("/metadata/labels/applyset.kubernetes.io~1id", "x"), Err(Foreign::Id("x".into())));
        assert_eq!(with("/data/state.json", r#"{"schema":9,"phase":"idle"}"#), Err(Foreign::Schema(9)));
        let other = Source::of("https://github.com/example-org/other", "compose.yaml");
        let foreign = Err(Foreign::Source("example-org/shop compose.yaml".into()));
        assert_eq!(
            (shop().check_source(other.as_ref()), shop().check_source(None)),
            (foreign.clone(), foreign)
        );
        assert_eq!(shop().check_source(shop().source.as_ref()), Ok(()));
        assert_eq!(Parent::new("shop", "prod").check_source(other.as_ref()), Ok(()));
    }

    #[test]
    fn data_that_was_destroyed_by_hand_loses_no_member() {
        let mut document = shop().document("1.0.0");
        document["data"] = json!({"state.json": "{", "inventory.json": "no"});
        let read = Parent::read("shop", &Live::new(document)).expect("the labels are whole");
        assert_eq!((read.kinds.len(), read.inventory.len(), read.state.phase), (3, 0, Phase::Idle));
    }

    #[test]
    fn only_what_matters_makes_a_parent_differ() {
        let mut other = shop();
        other.state = State { revision: 99, started: "later".into(), by: "me".into(), ..other.state };
        other.inventory.reverse();
        assert!(shop().says_the_same(&other));
        other.kinds.insert("Job.batch".into());
        assert!(!shop().says_the_same(&other));
        assert!(!shop().says_the_same(&Parent { inventory: Vec::new(), ..shop() }));
    }

    #[test]
    fn widening_keeps_what_was_there() {
        let mut parent = shop();
        parent.widen(&["Job.batch".to_owned()].into(), &["prod".to_owned(), "other".to_owned()].into());
        assert_eq!(parent.kinds.len(), 4);
        assert_eq!(parent.namespaces, ["other".to_owned()].into());
    }
}
