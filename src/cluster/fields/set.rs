//! Sets of fields in the form of `managedFields` (`FieldsV1`): `f:` field, `k:` item by keys, `v:` item by value, `i:` by
//! place, `.` the thing itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::path::{Element, Path};

/// A set of fields, as a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet {
    /// The field itself is a member, not only what lies below it.
    pub(crate) itself: bool,
    /// What lies below it.
    pub(crate) children: BTreeMap<Element, FieldSet>,
}

impl FieldSet {
    /// Reads the value of `fieldsV1`. `None` where a word is none that we know: then nothing may be concluded from it.
    pub(crate) fn parse(fields: &Value) -> Option<Self> {
        let mut set = Self::default();
        for (written, below) in fields.as_object()? {
            if written == "." {
                set.itself = true;
                continue;
            }
            let mut child = Self::parse(below)?;
            child.itself |= child.children.is_empty();
            set.children.insert(Element::parse(written)?, child);
        }
        Some(set)
    }

    /// Writes what [`FieldSet::parse`] reads.
    pub(crate) fn written(&self) -> Value {
        let mut map = Map::new();
        if self.itself && !self.children.is_empty() {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
        for (element, child) in &self.children {
            map.insert(element.written(), child.written());
        }
        Value::Object(map)
    }

    /// Takes the members of another set in.
    pub(crate) fn unite(&mut self, other: &Self) {
        self.itself |= other.itself;
        for (element, child) in &other.children {
            self.children.entry(element.clone()).or_default().unite(child);
        }
    }

    /// Returns what lies at a path; `None` where nothing of the set is at or below it.
    pub(crate) fn at(&self, path: &Path) -> Option<&Self> {
        path.0.iter().try_fold(self, |set, element| set.children.get(element))
    }

    /// Tells whether it has a field, alone or as a part of one that is owned whole.
    pub(crate) fn covers(&self, path: &Path) -> bool {
        let mut set = self;
        for element in &path.0 {
            if set.itself && set.children.is_empty() {
                return true;
            }
            let Some(child) = set.children.get(element) else { return false };
            set = child;
        }
        set.itself
    }

    /// Returns the paths of all members.
    pub(crate) fn members(&self) -> Vec<Path> {
        let mut members = Vec::new();
        self.collect(&Path::default(), &mut members);
        members
    }

    fn collect(&self, at: &Path, members: &mut Vec<Path>) {
        if self.itself && !at.0.is_empty() {
            members.push(at.clone());
        }
        for (element, child) in &self.children {
            child.collect(&at.join(element.clone()), members);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(fields: &Value) -> FieldSet {
        FieldSet::parse(fields).expect("a legal set")
    }

    #[test]
    fn sets_are_written_as_they_were_read() {
        let fields = json!({"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:image": {}, "f:name": {}}},
            "f:replicas": {}}, "f:metadata": {"f:finalizers": {"v:\"a\"": {}}}});
        assert_eq!(set(&fields).written(), fields);
    }

    #[test]
    fn unknown_words_make_the_whole_unreadable() {
        assert_eq!(FieldSet::parse(&json!({"f:spec": {"x:a": {}}})), None);
        assert_eq!(FieldSet::parse(&json!(null)), None);
    }

    #[test]
    fn what_is_owned_whole_covers_what_lies_in_it() {
        let set = set(&json!({"f:spec": {"f:selector": {}, "f:template": {"f:a": {}}}}));
        assert!(
            set.covers(&Path::fields("spec.selector.matchLabels"))
                && set.covers(&Path::fields("spec.template.a"))
        );
        assert!(!set.covers(&Path::fields("spec.template")) && !set.covers(&Path::fields("spec.replicas")));
    }

    #[test]
    fn united_sets_have_the_members_of_both() {
        let mut one = set(&json!({"f:a": {}, "f:b": {"f:c": {}}}));
        one.unite(&set(&json!({"f:b": {".": {}, "f:d": {}}})));
        let members: Vec<String> = one.members().iter().map(ToString::to_string).collect();
        assert_eq!(members, ["a", "b", "b.c", "b.d"]);
    }
}
