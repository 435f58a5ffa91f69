//! The spots of an object that values fill, by their place in the tree. The tree itself is never changed.

use std::collections::BTreeMap;

use serde_json::Value;

/// What stands at one place instead of, or around, what the object has there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hole {
    /// Template text in the place of the value.
    Value(String),
    /// Template lines in the place of the whole entry, key or dash included.
    Lines(Vec<String>),
    /// The entry as it is, between two lines.
    Around(String, String),
    /// Text of the object with template text in it.
    Text(Vec<Piece>),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// As the object has it.
    Literal(String),
    /// Template text that gives nothing but letters, digits, dashes and dots.
    Name(String),
}

/// The holes of one object. Places are JSON pointers; those of entries that the object has not are allowed.
#[derive(Clone, Debug, Default)]
pub(super) struct Holes {
    at: BTreeMap<String, Vec<Hole>>,
    tails: BTreeMap<String, Vec<String>>,
}

impl Holes {
    /// Puts a hole at a place; a second one there is printed inside the first.
    pub(super) fn put(&mut self, place: impl Into<String>, hole: Hole) {
        self.at.entry(place.into()).or_default().push(hole);
    }

    /// Adds lines behind the last entry of a map or list.
    pub(super) fn tail(&mut self, place: impl Into<String>, lines: Vec<String>) {
        self.tails.entry(place.into()).or_default().extend(lines);
    }

    /// Returns the holes of a place, the outer one first.
    pub(super) fn of(&self, place: &str) -> &[Hole] {
        self.at.get(place).map_or(&[], Vec::as_slice)
    }

    /// Returns the lines behind the last entry.
    pub(super) fn tail_of(&self, place: &str) -> &[String] {
        self.tails.get(place).map_or(&[], Vec::as_slice)
    }

    /// Tells whether there is a hole inside the value of a place.
    pub(super) fn are_inside(&self, place: &str) -> bool {
        let below = format!("{place}/");
        let first = self.at.range(below.clone()..).next().map(|(key, _)| key);
        let tail = self.tails.range(below.clone()..).next().map(|(key, _)| key);
        self.tails.contains_key(place)
            || [first, tail].into_iter().flatten().any(|key| key.starts_with(&below))
    }

    /// Returns the keys that holes add to a map.
    pub(super) fn added(&self, place: &str, map: &serde_json::Map<String, Value>) -> Vec<String> {
        let below = format!("{place}/");
        let keys = self.at.range(below.clone()..).map_while(|(key, _)| key.strip_prefix(&below));
        let direct = keys.filter(|key| !key.contains('/')).map(unescaped);
        direct.filter(|key| !map.contains_key(key)).collect()
    }
}

/// Goes one step down.
pub(super) fn below(place: &str, key: &str) -> String {
    format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn unescaped(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_found_below_a_place_n114() {
        let mut holes = Holes::default();
        holes.put("/a/b~1c/0", Hole::Value("x".into()));
        holes.tail("/a-b", vec!["y".into()]);
        assert!(["", "/a", "/a/b~1c", "/a-b"].iter().all(|place| holes.are_inside(place)));
        assert!(["/b", "/a/b", "/a/b~1c/0"].iter().all(|place| !holes.are_inside(place)));
        assert_eq!(holes.added("/a", &serde_json::Map::new()), [] as [String; 0]);
        holes.put("/a/x~1y", Hole::Lines(Vec::new()));
        assert_eq!(holes.added("/a", &serde_json::Map::new()), ["x/y"]);
    }
}
