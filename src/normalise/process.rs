//! How the container's process is started (K20 to K25).

use super::sensitive::is_sensitive;
use super::values::words;
use crate::compose::keys::key_values::EnvironmentValues;
use crate::compose::keys::scalar::{Flag, Text};
use crate::compose::keys::words::Command;
use crate::model::{Environment, EnvironmentValue, Process};

/// What the author wrote.
pub(super) struct Written {
    pub(super) entrypoint: Option<Command>,
    pub(super) command: Option<Command>,
    pub(super) working_dir: Option<Text>,
    pub(super) environment: Option<EnvironmentValues>,
    pub(super) tty: Option<Flag>,
    pub(super) stdin_open: Option<Flag>,
    pub(super) init: Option<Flag>,
}

/// Finds the process.
pub(super) fn process(written: Written) -> Process {
    let Written { entrypoint, command, working_dir, environment: variables, tty, stdin_open, init } = written;
    Process {
        entrypoint: words(entrypoint),
        command: words(command),
        working_dir: super::values::filled(working_dir),
        environment: environment(variables),
        tty,
        stdin: stdin_open,
        init,
    }
}

/// Variables by name, with those that look secret marked.
pub(super) fn environment(values: Option<EnvironmentValues>) -> Environment {
    let entries = values.map(|values| values.0.entries).unwrap_or_default();
    let value = |(name, entry): (String, crate::compose::keys::key_values::KeyValue)| {
        let value = match entry.value {
            Some(value) => {
                let sensitive = is_sensitive(&name, &value.value);
                EnvironmentValue::Literal { value, sensitive }
            }
            None => EnvironmentValue::Unset(entry.key),
        };
        (name, value)
    };
    entries.into_iter().map(value).collect()
}
