//! The user's own settings, for all projects: colour, progress, and how careful live commands are (C12).
//!
//! Nothing of them changes output (C5): what a project becomes is the same on every machine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::project_settings;
use super::session::Session;
use crate::compose::grammar::pattern::Glob;
use crate::compose::hints::settings::USER_SETTINGS;
use crate::compose::hints::{Checker, SETTINGS_OF_USER};
use crate::compose::path::Path;
use crate::yaml::Mapping;

/// Name of the file below the directory of settings.
const FILE: &str = "rcompose/settings.yaml";

/// What a user says once.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserSettings {
    /// `auto`, `always` or `never`; flag and environment count before it.
    pub(crate) color: Option<String>,
    /// How progress is shown.
    #[cfg_attr(not(test), expect(dead_code, reason = "live commands ask"))]
    pub(crate) progress: Option<String>,
    /// Contexts and namespaces that are protected in every project.
    pub(crate) protected: Vec<Glob>,
    /// `--yes` is enough for what is protected, too (A60).
    #[cfg_attr(not(any(test, feature = "cluster")), expect(dead_code, reason = "live commands ask"))]
    pub(crate) yes_is_enough: bool,
}

impl UserSettings {
    /// Tells whether a context or a namespace is protected.
    #[cfg_attr(not(any(test, feature = "cluster")), expect(dead_code, reason = "live commands ask"))]
    pub(crate) fn protects(&self, name: &str) -> bool {
        self.protected.iter().any(|glob| glob.matches(name))
    }
}

/// Reads the user's file, if there is one.
pub(crate) fn read(session: &mut Session<'_, '_>) -> UserSettings {
    let Some(path) = path(&session.host.environment(), cfg!(windows)) else { return UserSettings::default() };
    let shown = path.to_string_lossy().into_owned();
    let Some(node) = project_settings::read(&path, &shown, session) else { return UserSettings::default() };
    let root = Path::Root;
    let rows = Checker { vocabulary: SETTINGS_OF_USER, beside: &[], sink: &mut session.sink };
    let checked = { rows }.place(&node, USER_SETTINGS, &root);
    let protected = checked.get("protected").map(|entry| entry.node.clone());
    UserSettings {
        color: text(&checked, "color"),
        progress: text(&checked, "progress"),
        protected: protected
            .map(|node| project_settings::globs(&node, &root.key("protected"), &mut session.sink))
            .unwrap_or_default(),
        yes_is_enough: text(&checked, "confirm").as_deref() == Some("yes"),
    }
}

fn text(checked: &Mapping, name: &str) -> Option<String> {
    checked.get(name).and_then(|entry| entry.node.as_text()).map(ToOwned::to_owned)
}

/// Finds the place of the file: where the system keeps settings of programs.
fn path(environment: &BTreeMap<String, String>, is_windows: bool) -> Option<PathBuf> {
    let filled = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let directory = if is_windows {
        filled("APPDATA")
    } else {
        filled("XDG_CONFIG_HOME").or_else(|| Some(filled("HOME")?.join(".config")))
    };
    Some(directory?.join(FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_lies_where_the_system_keeps_settings_c12() {
        let of = |variables: &[(&str, &str)], is_windows| {
            let environment =
                variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            path(&environment, is_windows).map(|path| path.to_string_lossy().replace('\\', "/"))
        };
        let both = [("HOME", "/home/me"), ("XDG_CONFIG_HOME", "/etc/me"), ("APPDATA", "C:/me")];
        assert_eq!(of(&both, false).as_deref(), Some("/etc/me/rcompose/settings.yaml"));
        assert_eq!(of(&both[..1], false).as_deref(), Some("/home/me/.config/rcompose/settings.yaml"));
        assert_eq!(of(&both, true).as_deref(), Some("C:/me/rcompose/settings.yaml"));
        assert_eq!(of(&[("XDG_CONFIG_HOME", "")], false), None);
    }
}
