//! Images that change everywhere in one way stand as `images` of a kustomization: that is the line people edit (N113).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::backend::{Document, image_parts};

/// One entry of `images`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImageChange {
    /// What containers of the base have, whole.
    pub(super) from: String,
    /// What they all get, whole.
    pub(super) to: String,
}

/// A container: kind and name of its object, and where it stands in there.
type Place = (String, String, String);

/// Finds images that go from one to one other in every container of base and result. Kustomize changes all containers
/// of a name, those of new objects too, so one exception is enough to need patches instead.
pub(super) fn changes(base: &[Document], result: &[Document]) -> Vec<ImageChange> {
    let (old, new) = (containers(base), containers(result));
    let names: BTreeSet<&str> = old.values().map(|image| image_parts(image).0).collect();
    names.iter().filter_map(|name| change(name, &names, &old, &new)).collect()
}

fn change(
    name: &str,
    names: &BTreeSet<&str>,
    old: &BTreeMap<Place, String>,
    new: &BTreeMap<Place, String>,
) -> Option<ImageChange> {
    // Kustomize reads the name as a pattern, whose dots stand for any character.
    let is_like = |other: &str| {
        other != name
            && other.len() == name.len()
            && other.bytes().zip(name.bytes()).all(|(one, pattern)| pattern == b'.' || one == pattern)
    };
    if names.iter().any(|other| is_like(other)) || new.values().any(|image| is_like(image_parts(image).0)) {
        return None;
    }
    let of_name = |image: &&String| image_parts(image).0 == name;
    let from: BTreeSet<&String> = old.values().filter(of_name).collect();
    let places = old.iter().filter(|(_, image)| of_name(image)).map(|(place, _)| place);
    // Those that still have the name, and those that had it.
    let to: BTreeSet<&String> =
        new.values().filter(of_name).chain(places.filter_map(|place| new.get(place))).collect();
    let (from, to) = (single(from)?, single(to)?);
    let (_, tag, digest) = image_parts(to);
    // A name may bring another one into play: `a` becomes `b`, and `b` something else.
    let (new_name, _, _) = image_parts(to);
    let collides = new_name != name && names.contains(new_name);
    (from != to && !collides && tag.is_some() != digest.is_some())
        .then(|| ImageChange { from: from.clone(), to: to.clone() })
}

fn single(set: BTreeSet<&String>) -> Option<&String> {
    let mut items = set.into_iter();
    items.next().filter(|_| items.next().is_none())
}

impl ImageChange {
    /// Returns the entry of `images`.
    pub(super) fn entry(&self) -> Value {
        let (name, _, _) = image_parts(&self.from);
        let (new_name, tag, digest) = image_parts(&self.to);
        let mut entry = json!({ "name": name });
        if new_name != name {
            entry["newName"] = new_name.into();
        }
        if let Some(tag) = tag {
            entry["newTag"] = tag.into();
        }
        if let Some(digest) = digest {
            entry["digest"] = digest.into();
        }
        entry
    }
}

/// Puts the new images into an object of the base, as kustomize will.
pub(super) fn apply(tree: &mut Value, changes: &[ImageChange]) {
    each_container(tree, &mut |container| {
        let change = changes.iter().find(|change| container["image"] == change.from.as_str());
        if let Some(change) = change {
            container["image"] = change.to.as_str().into();
        }
    });
}

fn containers(documents: &[Document]) -> BTreeMap<Place, String> {
    let mut found = BTreeMap::new();
    for document in documents {
        let mut tree = document.tree.clone();
        let mut number = 0;
        each_container(&mut tree, &mut |container| {
            let name = container["name"].as_str().unwrap_or_default();
            let place = if name.is_empty() { format!("{number}") } else { name.to_owned() };
            number += 1;
            if let Some(image) = container["image"].as_str() {
                found.insert((document.kind.clone(), document.name.clone(), place), image.to_owned());
            }
        });
    }
    found
}

/// Calls for each container of the pod template, wherever the kind has it.
fn each_container(tree: &mut Value, act: &mut dyn FnMut(&mut Value)) {
    for pod in ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec", "/spec"] {
        for list in ["initContainers", "containers"] {
            let containers = tree.pointer_mut(&format!("{pod}/{list}")).and_then(Value::as_array_mut);
            containers.into_iter().flatten().for_each(&mut *act);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::decimal;

    fn deployment(name: &str, image: &str) -> Document {
        Document {
            file_name: format!("deployment-{name}.yaml"),
            kind: "Deployment".to_owned(),
            name: name.to_owned(),
            tree: json!({"spec": {"template": {"spec": {"containers": [{"name": name, "image": image}]}}}}),
            key_rank: |_, _| 0,
            octal: decimal,
            signed: None,
            origins: Vec::new(),
            secret: false,
        }
    }

    fn entries(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<Value> {
        let all = |images: &[(&str, &str)]| -> Vec<Document> {
            images.iter().map(|(name, image)| deployment(name, image)).collect()
        };
        changes(&all(old), &all(new)).iter().map(ImageChange::entry).collect()
    }

    #[test]
    fn an_image_that_changes_everywhere_is_one_entry() {
        let old = [("a", "r:5000/x:1"), ("b", "r:5000/x:1"), ("c", "y:1")];
        let new = [("a", "r:5000/x:2"), ("b", "r:5000/x:2"), ("c", "y:1"), ("d", "r:5000/x:2")];
        assert_eq!(entries(&old, &new), [json!({"name": "r:5000/x", "newTag": "2"})]);
        let moved = [("a", "z@sha256:00"), ("b", "z@sha256:00"), ("c", "y:1")];
        assert_eq!(
            entries(&old, &moved),
            [json!({"name": "r:5000/x", "newName": "z", "digest": "sha256:00"})]
        );
    }

    #[test]
    fn one_exception_is_enough_for_patches() {
        for (old, new) in [
            // Two from one, one of two, a new object with the old one, no tag, tag and digest, a chain of names.
            (vec![("a", "x:1"), ("b", "x:2")], vec![("a", "x:3"), ("b", "x:3")]),
            (vec![("a", "x:1"), ("b", "x:1")], vec![("a", "x:2"), ("b", "x:1")]),
            (vec![("a", "x:1")], vec![("a", "x:2"), ("n", "x:1")]),
            (vec![("a", "x:1")], vec![("a", "x")]),
            (vec![("a", "x:1")], vec![("a", "x:1@sha256:00")]),
            (vec![("a", "x:1"), ("b", "y:1")], vec![("a", "y:1"), ("b", "y:1")]),
            (vec![("a", "x.y:1"), ("b", "xzy:1")], vec![("a", "x.y:2"), ("b", "xzy:1")]),
        ] {
            assert_eq!(entries(&old, &new), [] as [Value; 0], "{old:?} {new:?}");
        }
    }
}
