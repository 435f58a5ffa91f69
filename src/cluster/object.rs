//! Objects as live apply sees them: which one it is, what the project wants, what the API server holds.
//!
//! Values are JSON as it goes over the wire, never typed structs, whose shape hangs on the release they were made for
//! (A21). `Debug` shows identities only: objects hold secrets (A62).

use std::fmt;

use serde_json::{Map, Value, json};

use super::kinds::{self, Kind};
use crate::backend::{Document, FieldOrigin};

/// Label that makes an object a member of a set (A11).
pub(crate) const SET_LABEL: &str = "applyset.kubernetes.io/part-of";
/// Label with the name of the service; half of every selector (A12).
pub(crate) const SERVICE_LABEL: &str = "app.kubernetes.io/name";
/// Label with the project's name at birth; the other half (A13).
pub(crate) const INSTANCE_LABEL: &str = "app.kubernetes.io/instance";

/// Which object: all that its address in the API is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    /// Group; empty for core.
    pub(crate) group: String,
    /// Version, such as `v1`.
    pub(crate) version: String,
    /// Kind, such as `Deployment`.
    pub(crate) kind: String,
    /// Namespace; `None` for kinds of the whole cluster.
    pub(crate) namespace: Option<String>,
    /// Name.
    pub(crate) name: String,
}

impl Identity {
    /// Reads it from an object; `namespace` is for objects that do not say theirs. `None` where kind or name is absent.
    ///
    /// Whether a kind that we do not know lives in a namespace is for discovery to say: it is taken to, unless no namespace is given.
    pub(crate) fn of(object: &Value, namespace: &str) -> Option<Self> {
        let api_version = object.get("apiVersion")?.as_str()?;
        let kind = object.get("kind")?.as_str()?;
        let name = object.pointer("/metadata/name")?.as_str()?;
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let written = object.pointer("/metadata/namespace").and_then(Value::as_str);
        let namespace = Some(written.unwrap_or(namespace)).filter(|namespace| !namespace.is_empty());
        let namespace = namespace.filter(|_| kinds::is_namespaced(group, kind));
        Some(Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(ToOwned::to_owned),
            name: name.to_owned(),
        })
    }

    /// Returns `apps/v1`, or `v1` for core.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Returns `Deployment.apps`; core kinds bare.
    pub(crate) fn group_kind(&self) -> String {
        kinds::group_kind(&self.group, &self.kind)
    }

    /// Returns what is known of its kind; `None` for kinds that must be discovered.
    pub(crate) fn known_kind(&self) -> Option<&'static Kind> {
        kinds::find(&self.group, &self.kind)
    }

    /// Tells whether two name one object, whatever the version they are read in.
    pub(crate) fn same_object(&self, other: &Self) -> bool {
        (&self.group, &self.kind, &self.namespace, &self.name)
            == (&other.group, &other.kind, &other.namespace, &other.name)
    }
}

/// `Deployment/web`, as screens and flags name objects.
impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.kind, self.name)
    }
}

/// An object that the project wants, in the canonical form (A26).
#[derive(Clone)]
pub(crate) struct Desired {
    /// Which one.
    pub(crate) identity: Identity,
    /// The document as it is applied, the set label in it.
    pub(crate) document: Value,
    /// Compose service that it is made for; `None` for what belongs to the project.
    pub(crate) service: Option<String>,
    /// Where its parts come from.
    pub(crate) origins: Vec<FieldOrigin>,
    /// Where the service, volume or config stands, such as `compose.yaml:3`.
    pub(crate) place: Option<String>,
}

impl Desired {
    /// Makes a member of a set of a rendered document (A11). `place` is the caller's, who knows the texts.
    ///
    /// `None` where the document names no kind or no name, which only a template of the user can bring about.
    pub(crate) fn member(
        document: Document,
        namespace: &str,
        set: &str,
        service: Option<String>,
        place: Option<String>,
    ) -> Option<Self> {
        let Document {
            file_name: _,
            kind: _,
            name: _,
            mut tree,
            key_rank: _,
            octal: _,
            signed: _,
            origins,
            secret: _,
        } = document;
        let identity = Identity::of(&tree, namespace)?;
        if identity.kind != "Namespace" {
            put_label(&mut tree, SET_LABEL, set);
        }
        Some(Self { identity, document: tree, service, origins, place })
    }
}

impl fmt::Debug for Desired {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Desired({})", self.identity)
    }
}

fn put_label(document: &mut Value, key: &str, value: &str) {
    let Some(metadata) = document.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    let labels = metadata.entry("labels").or_insert_with(|| Value::Object(Map::new()));
    if let Some(labels) = labels.as_object_mut() {
        labels.insert(key.to_owned(), json!(value));
    }
}

/// An object as the API server gave it.
#[derive(Clone)]
pub(crate) struct Live {
    /// The object, `apiVersion` and `kind` in it.
    pub(crate) value: Value,
}

impl Live {
    /// Takes an object whole, as a GET or a PATCH answers.
    pub(crate) const fn new(value: Value) -> Self {
        Self { value }
    }

    /// Takes an item of a list, which says neither kind nor version (A32).
    pub(crate) fn listed(mut value: Value, api_version: &str, kind: &str) -> Self {
        if let Some(object) = value.as_object_mut() {
            object.insert("apiVersion".to_owned(), json!(api_version));
            object.insert("kind".to_owned(), json!(kind));
        }
        Self { value }
    }

    /// Returns which one it is.
    pub(crate) fn identity(&self) -> Option<Identity> {
        Identity::of(&self.value, "")
    }

    fn metadata(&self, key: &str) -> Option<&Value> {
        self.value.get("metadata")?.get(key)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.metadata(key)?.as_str()
    }

    /// Returns its UID; empty where the server gave none, which then matches nothing.
    pub(crate) fn uid(&self) -> &str {
        self.text("uid").unwrap_or_default()
    }

    /// Returns its resource version.
    pub(crate) fn resource_version(&self) -> &str {
        self.text("resourceVersion").unwrap_or_default()
    }

    /// Returns the value of one of its labels.
    pub(crate) fn label(&self, key: &str) -> Option<&str> {
        self.metadata("labels")?.get(key)?.as_str()
    }

    /// Returns the value of one of its annotations.
    pub(crate) fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata("annotations")?.get(key)?.as_str()
    }

    /// Returns its labels, by key.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        entries(self.metadata("labels"))
    }

    /// Returns its annotations, by key.
    pub(crate) fn annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        entries(self.metadata("annotations"))
    }

    /// Returns the entries of `managedFields`, as they came.
    pub(crate) fn managed_fields(&self) -> &[Value] {
        self.metadata("managedFields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// Tells when its deletion began, where it did: it will be gone whatever is written (A33).
    pub(crate) fn deletion_timestamp(&self) -> Option<&str> {
        self.text("deletionTimestamp")
    }

    /// Returns what its deletion waits for.
    pub(crate) fn finalizers(&self) -> Vec<&str> {
        let list = self.metadata("finalizers").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Returns its controller as `ReplicaSet/web-7c9d4`, where an owner reference names one.
    pub(crate) fn owner(&self) -> Option<String> {
        let references = self.metadata("ownerReferences")?.as_array()?;
        let owner = references.iter().find(|reference| reference["controller"] == json!(true))?;
        Some(format!("{}/{}", owner["kind"].as_str()?, owner["name"].as_str()?))
    }
}

fn entries(map: Option<&Value>) -> impl Iterator<Item = (&str, &str)> {
    let map = map.and_then(Value::as_object);
    map.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
}

impl fmt::Debug for Live {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.identity().map(|identity| identity.to_string()).unwrap_or_default();
        write!(formatter, "Live({shown}, {})", self.uid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::decimal;

    fn document(tree: Value) -> Document {
        Document {
            file_name: String::new(),
            kind: String::new(),
            name: String::new(),
            tree,
            key_rank: |_, _| 0,
            octal: decimal,
            signed: None,
            origins: Vec::new(),
            secret: true,
        }
    }

    #[test]
    fn members_carry_the_label_of_their_set_and_their_pods_do_not() {
        let tree = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"template": {"metadata": {"labels": {"a": "b"}}}}});
        let member =
            Desired::member(document(tree), "shop", "id", Some("web".into()), None).expect("it is whole");
        assert_eq!(member.document["metadata"]["labels"][SET_LABEL], "id");
        assert_eq!(member.document.pointer("/spec/template/metadata/labels"), Some(&json!({"a": "b"})));
        assert_eq!(member.identity.namespace.as_deref(), Some("shop"));
    }

    #[test]
    fn a_namespace_is_never_a_member() {
        let tree = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
        let namespace = Desired::member(document(tree), "shop", "id", None, None).expect("it is whole");
        assert_eq!(namespace.document["metadata"]["labels"][SET_LABEL], Value::Null);
        assert_eq!(namespace.identity.namespace, None);
    }

    #[test]
    fn an_object_without_a_name_is_none() {
        assert!(Desired::member(document(json!({"kind": "Job"})), "shop", "id", None, None).is_none());
    }

    #[test]
    fn items_of_lists_learn_their_kind() {
        let live = Live::listed(
            json!({"metadata": {"name": "web", "namespace": "shop", "uid": "1"}}),
            "apps/v1",
            "Deployment",
        );
        let identity = live.identity().expect("it is whole");
        assert_eq!(
            (identity.to_string().as_str(), identity.api_version().as_str()),
            ("Deployment/web", "apps/v1")
        );
        assert_eq!(format!("{live:?}"), "Live(Deployment/web, 1)");
    }

    #[test]
    fn what_is_printed_for_us_holds_no_values() {
        let tree = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "data": {"p": "aHVudGVyMg=="}});
        let secret = Desired::member(document(tree.clone()), "shop", "id", None, None);
        assert!(!format!("{secret:?} {:?}", Live::new(tree)).contains("aHVudGVyMg"));
    }

    #[test]
    fn only_a_controller_is_an_owner() {
        let owned = |controller: bool| {
            Live::new(
                json!({"metadata": {"ownerReferences": [{"kind": "App", "name": "x", "controller": controller}]}}),
            )
        };
        assert_eq!((owned(true).owner().as_deref(), owned(false).owner()), (Some("App/x"), None));
    }
}
