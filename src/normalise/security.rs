//! What a container may do (K70, K73 to K78).

use super::values::{filled, items, on, scalars};
use crate::compose::keys::list::{List, TextOrNumber, Texts};
use crate::compose::keys::scalar::{Flag, Text};
use crate::model::{Security, SecurityOption, User};

/// What the author wrote.
pub(super) struct Written {
    pub(super) user: Option<Text>,
    pub(super) group_add: Option<List<TextOrNumber>>,
    pub(super) privileged: Option<Flag>,
    pub(super) cap_add: Option<Texts>,
    pub(super) cap_drop: Option<Texts>,
    pub(super) read_only: Option<Flag>,
    pub(super) security_opt: Option<Texts>,
    pub(super) userns_mode: Option<Text>,
    pub(super) use_api_socket: Option<Flag>,
}

/// Finds the rights.
pub(super) fn security(written: Written) -> Security {
    let Written {
        user,
        group_add,
        privileged,
        cap_add,
        cap_drop,
        read_only,
        security_opt,
        userns_mode,
        use_api_socket,
    } = written;
    Security {
        user: filled(user).map(|user| user.map(read_user)),
        groups: scalars(group_add),
        privileged,
        caps_add: items(cap_add),
        caps_drop: items(cap_drop),
        read_only,
        options: items(security_opt).into_iter().map(|option| option.map(read_option)).collect(),
        user_namespace: filled(userns_mode),
        api_socket: on(use_api_socket.as_ref()),
    }
}

/// `user[:group]`, each a name or a number.
fn read_user(text: String) -> User {
    let (user, group) = text.split_once(':').unwrap_or((&text, ""));
    let (uid, gid) = (id(user), id(group));
    User { uid, gid, group_is_name: gid.is_none() && !group.is_empty(), text }
}

/// `root` is 0 in every image.
fn id(text: &str) -> Option<u64> {
    if text == "root" { Some(0) } else { text.parse().ok() }
}

/// `key:value`, `key=value` or a key alone (K76).
fn read_option(text: String) -> SecurityOption {
    let (key, value) = text.split_once([':', '=']).unwrap_or((&text, ""));
    match key {
        "no-new-privileges" if value.is_empty() => SecurityOption::NoNewPrivileges(true),
        "no-new-privileges" => boolean(value)
            .map_or_else(|| SecurityOption::Other(text.clone()), SecurityOption::NoNewPrivileges),
        "seccomp" => SecurityOption::Seccomp(value.to_owned()),
        "apparmor" => SecurityOption::AppArmor(value.to_owned()),
        "label" => SecurityOption::Label(value.to_owned()),
        "systempaths" => SecurityOption::SystemPaths(value.to_owned()),
        _ => SecurityOption::Other(text),
    }
}

/// A boolean as Go reads it.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "True" | "TRUE" => Some(true),
        "0" | "f" | "F" | "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_names_or_numbers() {
        let check = |text: &str, uid, gid, group_is_name| {
            let expected = User { text: text.to_owned(), uid, gid, group_is_name };
            assert_eq!(read_user(text.to_owned()), expected);
        };
        check("1000", Some(1000), None, false);
        check("1000:", Some(1000), None, false);
        check("root:root", Some(0), Some(0), false);
        check("1000:staff", Some(1000), None, true);
        check("app:100", None, Some(100), false);
        check("99999999999999999999", None, None, false);
    }

    #[test]
    fn security_options_are_taken_apart() {
        let check = |text: &str, expected| assert_eq!(read_option(text.to_owned()), expected, "{text}");
        check("no-new-privileges", SecurityOption::NoNewPrivileges(true));
        check("no-new-privileges=false", SecurityOption::NoNewPrivileges(false));
        check("no-new-privileges:maybe", SecurityOption::Other("no-new-privileges:maybe".to_owned()));
        check("seccomp=./profile.json", SecurityOption::Seccomp("./profile.json".to_owned()));
        check("label:type:spc_t", SecurityOption::Label("type:spc_t".to_owned()));
        check("apparmor:unconfined", SecurityOption::AppArmor("unconfined".to_owned()));
        check("writable-cgroups=true", SecurityOption::Other("writable-cgroups=true".to_owned()));
    }
}
