//! What the key table says of one key, for `explain`: its doc line, its forms, the keys below it.

use super::Key as _;
use super::shape::{Field, Form, NameRule, Shape};
use super::top::Top;

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    /// The path, without names that are free: `services.deploy.replicas`.
    pub(crate) path: String,
    /// One line.
    pub(crate) doc: &'static str,
    /// What may stand there, in words.
    pub(crate) forms: Vec<String>,
    /// Keys below it, each with its line.
    pub(crate) keys: Vec<(&'static str, &'static str)>,
}

/// Finds a key by its path. Names of services and the like may stand in it or not.
///
/// # Errors
/// The part that is no key, and the keys that could stand there.
pub(crate) fn describe(path: &str) -> Result<Description, (String, Vec<&'static str>)> {
    let mut found: Vec<&'static str> = Vec::new();
    let mut shape = &Top::SHAPE;
    let mut doc = "";
    let mut may_be_free = false;
    for part in path.split('.') {
        let (fields, named) = below(shape);
        match fields.iter().find(|field| field.name == part) {
            Some(field) => {
                found.push(field.name);
                (shape, doc, may_be_free) = (&field.shape, field.doc, named_below(&field.shape));
            }
            None if named && may_be_free => may_be_free = false,
            None if part.parse::<u32>().is_ok() => {}
            None => return Err((part.to_owned(), fields.iter().map(|field| field.name).collect())),
        }
    }
    let (mut fields, _) = below(shape);
    fields.sort_by_key(|field| field.name);
    Ok(Description {
        path: found.join("."),
        doc: doc.trim(),
        forms: forms(shape),
        keys: fields.iter().map(|field| (field.name, field.doc.trim())).collect(),
    })
}

/// Returns the fixed keys below a shape, through lists and free names, and whether free names are among the ways.
fn below(shape: &'static Shape) -> (Vec<&'static Field>, bool) {
    let mut fields = Vec::new();
    let mut named = false;
    for form in shape.forms {
        match form {
            Form::Fields(rows) | Form::Closed(rows) | Form::Lenient(rows) => fields.extend(rows.iter()),
            Form::List(inner) => fields.extend(below(inner).0),
            Form::Named(_, inner) => {
                named = true;
                fields.extend(below(inner).0);
            }
            _ => {}
        }
    }
    (fields, named)
}

fn named_below(shape: &Shape) -> bool {
    shape.forms.iter().any(|form| matches!(form, Form::Named(..)))
}

/// Says in words what may stand there.
fn forms(shape: &'static Shape) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for form in shape.forms {
        let word = match form {
            Form::Null => continue,
            Form::Bool => "true or false".to_owned(),
            Form::Int(..) => "a whole number".to_owned(),
            Form::Number => "a number".to_owned(),
            Form::Text => "text".to_owned(),
            Form::Word(known) => known.join(", "),
            Form::Pattern(_, wanted) => (*wanted).to_owned(),
            Form::List(inner) => format!("a list of {}", forms(inner).join(" or ")),
            Form::Fields(_) | Form::Closed(_) | Form::Lenient(_) => "a mapping".to_owned(),
            Form::Named(NameRule::Any | NameRule::Resource | NameRule::Lower, inner) => {
                format!("names, each with {}", forms(inner).join(" or "))
            }
            Form::Any => "anything".to_owned(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_with_and_without_the_names_of_services() {
        for path in ["services.deploy.replicas", "services.web.deploy.replicas"] {
            let found = describe(path).expect("it is a key");
            assert_eq!(found.path, "services.deploy.replicas");
            assert_eq!(found.doc, "How many containers.");
            assert!(found.forms.contains(&"a whole number".to_owned()), "{:?}", found.forms);
        }
    }

    #[test]
    fn keys_of_long_forms_lie_behind_the_list() {
        assert_eq!(describe("services.ports.target").expect("it is a key").path, "services.ports.target");
        assert_eq!(
            describe("services.web.ports.0.target").expect("it is a key").path,
            "services.ports.target"
        );
        assert!(describe("services").expect("it is a key").keys.iter().any(|(name, _)| *name == "image"));
    }

    #[test]
    fn what_is_no_key_is_told_with_the_keys_that_are() {
        let (part, known) = describe("services.web.deploy.replica").expect_err("no such key");
        assert_eq!(part, "replica");
        assert!(known.contains(&"replicas"));
    }
}
