//! Where in the user's files a field of an object comes from: the nearest origin at or above it.

use crate::backend::FieldOrigin;
use crate::diag::Span;

/// Finds the place for a path given as steps, items of lists by index.
pub(crate) fn nearest(origins: &[FieldOrigin], steps: &[String]) -> Option<Span> {
    let above = |origin: &&FieldOrigin| {
        let path = steps_of(&origin.path);
        path.len() <= steps.len() && path.iter().zip(steps).all(|(one, other)| one == other)
    };
    let found = origins.iter().filter(|origin| origin.span.is_some()).filter(above);
    found.max_by_key(|origin| steps_of(&origin.path).len()).and_then(|origin| origin.span)
}

/// Takes `spec.containers[0].image` and `metadata.labels[a.b/c]` apart.
fn steps_of(path: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (step, after) = inner.split_once(']').unwrap_or((inner, ""));
            steps.push(step);
            rest = after.strip_prefix('.').unwrap_or(after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(&rest[..end]);
            rest = rest[end..].strip_prefix('.').unwrap_or(&rest[end..]);
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Sources;

    #[test]
    fn keys_with_dots_are_one_step() {
        assert_eq!(
            steps_of("spec.containers[0].env[3].value"),
            ["spec", "containers", "0", "env", "3", "value"]
        );
        assert_eq!(steps_of("metadata.labels[a.b/c]"), ["metadata", "labels", "a.b/c"]);
        assert_eq!(steps_of(""), [] as [&str; 0]);
    }

    #[test]
    fn the_nearest_origin_with_a_place_counts() {
        let mut sources = Sources::default();
        let file = sources.add("compose.yaml", "services: {web: {image: x}}");
        let origin = |path: &str, at: Option<u32>| FieldOrigin {
            path: path.to_owned(),
            span: at.map(|at| Span::new(file, at, at + 1)),
            rule: "K1",
        };
        let origins = [
            origin("", Some(0)),
            origin("spec.containers[0]", Some(5)),
            origin("spec.containers[0].image", None),
        ];
        let steps: Vec<String> = ["spec", "containers", "0", "image"].map(str::to_owned).to_vec();
        assert_eq!(nearest(&origins, &steps), Some(Span::new(file, 5, 6)));
        assert_eq!(nearest(&origins, &steps[..1]), Some(Span::new(file, 0, 1)));
    }
}
