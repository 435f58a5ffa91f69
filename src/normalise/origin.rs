//! Where a path of the user's files lies: with the project, which is the same on every machine, or on the host (N80).

use super::paths;
use crate::diag::{Sources, Span};
use crate::model::BindPath;

/// What paths of the project start from.
pub(super) struct Origin<'a> {
    /// The project directory, absolute.
    pub(super) directory: &'a str,
    /// The user's home; what lies there is called `~/…`.
    pub(super) home: Option<&'a str>,
}

impl Origin<'_> {
    /// Sorts a path whose author's text is known.
    pub(super) fn of_written(&self, resolved: &str, written: &str) -> BindPath {
        if paths::is_relative(written) {
            return self.project(resolved);
        }
        if written.starts_with('~') {
            return self.under_home(resolved).unwrap_or_else(|| BindPath::Host(paths::clean(written)));
        }
        if paths::is_windows_absolute(written) && !written.starts_with('/') {
            return BindPath::Host(written.to_owned());
        }
        BindPath::Host(paths::clean(written))
    }

    /// Sorts a path of which only the place is known: its text may have come from a variable.
    pub(super) fn of_span(&self, resolved: &str, span: Span, sources: &Sources) -> BindPath {
        let written = sources.snippet(span).trim_start_matches(['"', '\'']);
        let inside = paths::below(resolved, self.directory).is_some();
        match written.chars().next() {
            _ if inside => self.project(resolved),
            Some('~') => self.under_home(resolved).unwrap_or_else(|| BindPath::Host(resolved.to_owned())),
            Some('.') => self.project(resolved),
            Some(first) if first.is_alphanumeric() && !paths::is_windows_absolute(written) => {
                self.project(resolved)
            }
            _ => BindPath::Host(resolved.to_owned()),
        }
    }

    fn project(&self, resolved: &str) -> BindPath {
        BindPath::Project(paths::relative(self.directory, resolved))
    }

    fn under_home(&self, resolved: &str) -> Option<BindPath> {
        let home = paths::clean(self.home?);
        let resolved = paths::clean(resolved);
        let rest = paths::below(&resolved, &home)?;
        Some(BindPath::Host(if rest == "." { "~".to_owned() } else { format!("~/{rest}") }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Origin = Origin { directory: "/srv/shop", home: Some("/home/me") };

    #[test]
    fn written_paths_are_of_the_project_or_of_the_host() {
        let project = |path: &str| BindPath::Project(path.to_owned());
        let host = |path: &str| BindPath::Host(path.to_owned());
        for (resolved, written, expected) in [
            ("/srv/shop/a", "./a", project("a")),
            ("/srv/shop", ".", project(".")),
            ("/srv/x", "../x", project("../x")),
            ("/srv/shop/a", "/srv/shop/a", host("/srv/shop/a")),
            ("//var/run/docker.sock", "//var/run/docker.sock", host("/var/run/docker.sock")),
            ("/home/me/x", "~/x", host("~/x")),
            ("/home/me", "~", host("~")),
            ("C:\\x", "C:\\x", host("C:\\x")),
        ] {
            assert_eq!(ORIGIN.of_written(resolved, written), expected, "{written}");
        }
    }

    #[test]
    fn a_place_tells_how_a_path_was_written() {
        let mut sources = Sources::default();
        for (resolved, written, expected) in [
            ("/srv/shop/a", "${A}", BindPath::Project("a".to_owned())),
            ("/srv/a", "'../a'", BindPath::Project("../a".to_owned())),
            ("/opt/a", "/opt/a", BindPath::Host("/opt/a".to_owned())),
            ("/opt/a", "${A}", BindPath::Host("/opt/a".to_owned())),
            ("/home/me/a", "\"~/a\"", BindPath::Host("~/a".to_owned())),
        ] {
            let source = sources.add("", written);
            let span = Span::new(source, 0, u32::try_from(written.len()).unwrap());
            assert_eq!(ORIGIN.of_span(resolved, span, &sources), expected, "{written}");
        }
    }
}
