//! Codes of the command line itself (register, section 1).

use crate::diag::codes;

codes! {
    /// Problems with settings.
    pub(crate) enum CliCode {
        AllowUnused = "allow-unused" Note Output: "an `allow` entry matched nothing",
        KomposeOptionIgnored = "kompose-option-ignored" Note Output: "a flag of kompose has no effect here",
        SettingIgnored = "setting-ignored" Warning Output: "a setting has no effect for this target",
        ProjectNameFromDirectory = "project-name-from-directory" Note Output: "names depend on the checkout folder",
    }
}
