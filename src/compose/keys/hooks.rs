//! Hooks: commands before the start, after the start, before the stop, and after a sync.

use super::key_values::EnvironmentValues;
use super::keys;
use super::scalar::{Flag, Text};
use super::shape::{Absent, Cast};
use super::words::Command;

keys! {
    /// A command that is run in a container around its life.
    struct Hook; {
        /// The command line.
        command: Command [required() absent(Absent::Null)],
        /// User that runs it.
        user: Text,
        /// Run it with all rights.
        privileged: Flag [cast(Cast::None)],
        /// Directory to run it in.
        working_dir: Text,
        /// Variables for it.
        environment: EnvironmentValues,
    }
}

keys! {
    /// A container that is run before the service's own.
    struct PreStart; {
        /// The command line.
        command: Command [absent(Absent::Null)],
        /// User that runs it.
        user: Text,
        /// Run it with all rights.
        privileged: Flag [cast(Cast::None)],
        /// Directory to run it in.
        working_dir: Text,
        /// Variables for it.
        environment: EnvironmentValues,
        /// Image to run it in; the service's own when absent.
        image: Text,
        /// Run it for each replica, not once.
        per_replica: Flag [cast(Cast::None)],
    }
}
