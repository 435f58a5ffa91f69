//! What `why` is asked about: an object's field, a line of a written file, a line of the project's files, a key.

/// A place, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `Deployment/web:spec.strategy`.
    Field {
        /// Kind of the object.
        kind: String,
        /// Its name.
        name: String,
        /// Path in it; empty for the whole.
        path: String,
    },
    /// `compose.yaml:14`, `k8s/deployment-web.yaml:17`; a column is taken and not needed.
    Line {
        /// The file.
        file: String,
        /// From 1.
        line: u32,
    },
    /// `services.web.image`.
    Key(String),
}

/// Reads a place.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Place, String> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
    if let Some((before, last)) = text.rsplit_once(':')
        && let Some(last) = number(last)
    {
        let (file, line) = match before.rsplit_once(':') {
            Some((file, line)) if number(line).is_some() => (file, number(line).unwrap_or(last)),
            _ => (before, last),
        };
        // A name without a dot or an ending is no file, but `Service/web:80` is no place either.
        if is_file(file) || !file.contains('/') {
            return Ok(Place::Line { file: file.to_owned(), line });
        }
    }
    if is_file(text) && !text.contains(':') {
        return Err(format!("`{text}` is a file: say which line, `{text}:1`"));
    }
    let (object, path) = text.split_once(':').unwrap_or((text, ""));
    match object.split_once('/') {
        Some((kind, name)) if !kind.is_empty() && !name.is_empty() && !kind.contains(['.', '[']) => {
            Ok(Place::Field { kind: kind.to_owned(), name: name.to_owned(), path: path.to_owned() })
        }
        _ if !text.is_empty() && !text.starts_with('/') && !text.contains(':') => {
            Ok(Place::Key(text.to_owned()))
        }
        _ => Err("a place is KIND/NAME:PATH, FILE:LINE or a key such as services.web.image".to_owned()),
    }
}

fn is_file(text: &str) -> bool {
    let ending = std::path::Path::new(text).extension().and_then(std::ffi::OsStr::to_str);
    matches!(ending, Some("yaml" | "yml" | "json" | "env" | "tpl"))
        || text == ".env"
        || text.ends_with("/.env")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_known() {
        let line = |file: &str, line| Place::Line { file: file.to_owned(), line };
        let field = |kind: &str, name: &str, path: &str| Place::Field {
            kind: kind.to_owned(),
            name: name.to_owned(),
            path: path.to_owned(),
        };
        for (text, expected) in [
            ("compose.yaml:14", line("compose.yaml", 14)),
            ("compose.yaml:14:3", line("compose.yaml", 14)),
            ("k8s/deployment-web.yaml:17", line("k8s/deployment-web.yaml", 17)),
            ("Deployment/web:spec.strategy", field("Deployment", "web", "spec.strategy")),
            ("Deployment/web", field("Deployment", "web", "")),
            ("ConfigMap/app:data[app.yaml]", field("ConfigMap", "app", "data[app.yaml]")),
            ("Pod/a:spec[0].env", field("Pod", "a", "spec[0].env")),
            ("services.web.image", Place::Key("services.web.image".to_owned())),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        for text in ["", ":", "k8s/a.yaml", "/x", "a:b"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
