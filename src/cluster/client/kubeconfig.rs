//! Which server, and as whom: what kubeconfigs say, read through the host and handed to kube as a value.
//!
//! kube itself runs the login program that a user names, reads the token file of one (it changes under our feet), asks
//! `HTTPS_PROXY` and `NO_PROXY`, and, in a pod, reads the service account. All else it gets from here.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use k8s_openapi::ByteString;
use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;

use super::broken::chain;
use crate::host::Host;

/// Most bytes of a kubeconfig, a key or a certificate.
const MOST_BYTES: u64 = 8 << 20;
/// What stands for the service account of the pod that we run in.
const IN_CLUSTER: &str = "in-cluster";
/// What a context gives when nothing says which namespace.
const FILES: &[(&str, &[(&str, &str)])] = &[
    ("clusters", &[("certificate-authority", "certificate-authority-data")]),
    ("users", &[("client-certificate", "client-certificate-data"), ("client-key", "client-key-data")]),
];

/// What flags and settings ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// `--kubeconfig`.
    pub(crate) kubeconfig: Option<String>,
    /// `--context`, or that of the settings.
    pub(crate) context: Option<String>,
    /// `--as`.
    pub(crate) user: Option<String>,
    /// `--as-group`.
    pub(crate) groups: Vec<String>,
}

/// A way to a server.
#[derive(Clone)]
pub(crate) struct Access {
    /// For kube.
    pub(super) config: Config,
    /// Name of the context.
    pub(crate) context: String,
    /// Somebody named it; else it is the current one, which writes only after a question (A60).
    pub(crate) is_named: bool,
    /// The server, such as `https://10.0.0.1:6443`.
    pub(crate) server: String,
    /// The namespace of the context, if it has one.
    pub(crate) namespace: Option<String>,
}

/// Why there is no way to a server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccessError {
    /// A file that is named is not there or cannot be read.
    #[error("`{path}` cannot be read: {error}")]
    Unreadable {
        /// As it was named.
        path: String,
        /// The system's reason.
        error: std::io::Error,
    },
    /// A file is no kubeconfig.
    #[error("`{path}` is no kubeconfig: {reason}")]
    Illegal {
        /// As it was named.
        path: String,
        /// kube's reason.
        reason: String,
    },
    /// There is no kubeconfig at all.
    #[error("no kubeconfig is found: name one with `--kubeconfig FILE` or in `KUBECONFIG`")]
    None,
    /// Nothing says which context.
    #[error("the kubeconfig has no current context: name one with `--context NAME` ({known})")]
    NoContext {
        /// Those there are.
        known: String,
    },
    /// No context has the name.
    #[error("no context `{name}` in the kubeconfig; {known}")]
    UnknownContext {
        /// The name.
        name: String,
        /// The nearest, or all.
        known: String,
    },
    /// kube cannot use it.
    #[error("the context `{context}` cannot be used: {reason}")]
    Unusable {
        /// The context.
        context: String,
        /// kube's reason.
        reason: String,
    },
}

impl Access {
    /// Finds the way.
    ///
    /// # Errors
    /// A file cannot be read, no context is named or current, or it is not whole.
    pub(crate) fn find(asked: &Asked, host: &dyn Host) -> Result<Self, AccessError> {
        let Some(merged) = merged(asked, host)? else {
            return in_cluster(asked, host);
        };
        let name = asked.context.clone().or_else(|| text(&merged, "current-context"));
        let name = name.filter(|name| !name.is_empty());
        let Some(context) = name else {
            return Err(AccessError::NoContext { known: all(&contexts(&merged)) });
        };
        let known = contexts(&merged);
        if !known.contains(&context) {
            let near = crate::diag::nearest(&context, known.iter().map(String::as_str));
            let known = near.map_or_else(|| all(&known), |near| format!("did you mean `{near}`?"));
            return Err(AccessError::UnknownContext { name: context, known });
        }
        let unusable = |reason: String| AccessError::Unusable { context: context.clone(), reason };
        let namespace = of_context(&merged, &context, "namespace");
        let mut merged = merged;
        act_as(&mut merged, &context, asked);
        let kubeconfig: Kubeconfig =
            serde_json::from_value(merged).map_err(|error| unusable(error.to_string()))?;
        let options = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
        // Nothing in there waits, it only is `async`.
        let config = futures::FutureExt::now_or_never(Config::from_custom_kubeconfig(kubeconfig, &options))
            .ok_or_else(|| unusable("it takes too long to read".to_owned()))?
            .map_err(|error| unusable(chain(&error)))?;
        Ok(Self::new(config, context, asked.context.is_some(), namespace))
    }

    fn new(mut config: Config, context: String, is_named: bool, namespace: Option<String>) -> Self {
        // Repeats are ours, so that they are seen and bounded; so is the time that an attempt may take (A110).
        config.default_retry = false;
        config.read_timeout = None;
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        Self { config, context, is_named, server, namespace }
    }
}

/// Reads all kubeconfigs into one, the first that says something counts; `None` where there is none.
fn merged(asked: &Asked, host: &dyn Host) -> Result<Option<Value>, AccessError> {
    let mut merged: Option<Kubeconfig> = None;
    for (path, is_required) in places(asked, host) {
        let shown = path.display().to_string();
        let bytes = match host.read(&path, MOST_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound && !is_required => continue,
            Err(error) => return Err(AccessError::Unreadable { path: shown, error }),
        };
        let illegal = |reason: String| AccessError::Illegal { path: shown.clone(), reason };
        let text = String::from_utf8(bytes).map_err(|_| illegal("it is not UTF-8".to_owned()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        // The reader's message may show the line, which may hold a token.
        let read = Kubeconfig::from_yaml(text).map_err(|_| illegal("it cannot be parsed".to_owned()))?;
        let mut value = serde_json::to_value(read).map_err(|_| illegal("it is not whole".to_owned()))?;
        take_files_in(&mut value, path.parent().unwrap_or(Path::new(".")), host)?;
        let read = serde_json::from_value(value).map_err(|_| illegal("it is not whole".to_owned()))?;
        merged = Some(match merged {
            None => read,
            Some(before) => before.merge(read).map_err(|error| illegal(error.to_string()))?,
        });
    }
    Ok(merged.and_then(|merged| serde_json::to_value(merged).ok()))
}

/// Lists where kubeconfigs may be. One that a flag names must be there; of `KUBECONFIG` kubectl takes those that are.
fn places(asked: &Asked, host: &dyn Host) -> Vec<(PathBuf, bool)> {
    if let Some(path) = &asked.kubeconfig {
        return vec![(PathBuf::from(path), true)];
    }
    let variable = host.environment().remove("KUBECONFIG").unwrap_or_default();
    let listed: Vec<(PathBuf, bool)> = std::env::split_paths(&variable)
        .filter(|path| !path.as_os_str().is_empty())
        .map(|path| (path, false))
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    host.home_dir().map(|home| (home.join(".kube/config"), false)).into_iter().collect()
}

/// Puts certificates and keys in the place of their paths, and makes the other paths whole.
fn take_files_in(kubeconfig: &mut Value, directory: &Path, host: &dyn Host) -> Result<(), AccessError> {
    for (list, files) in FILES {
        let inner = list.trim_end_matches('s');
        for entry in kubeconfig.get_mut(*list).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(entry) = entry.get_mut(inner).and_then(Value::as_object_mut) else { continue };
            for (path, data) in *files {
                let has_data = entry.get(*data).and_then(Value::as_str).is_some_and(|data| !data.is_empty());
                let Some(Value::String(path)) = entry.remove(*path) else { continue };
                if has_data || path.is_empty() {
                    continue;
                }
                let bytes = host
                    .read(&directory.join(&path), MOST_BYTES)
                    .map_err(|error| AccessError::Unreadable { path, error })?;
                let encoded = serde_json::to_value(ByteString(bytes)).unwrap_or_default();
                entry.insert((*data).to_owned(), encoded);
            }
            if let Some(path) = entry.get_mut("tokenFile") {
                make_whole(path, directory);
            }
            // A bare name is looked up in `PATH`.
            let command = entry.get_mut("exec").and_then(|exec| exec.get_mut("command"));
            if let Some(command) = command.filter(|word| word.as_str().is_some_and(|word| word.contains('/')))
            {
                make_whole(command, directory);
            }
        }
    }
    Ok(())
}

fn make_whole(path: &mut Value, directory: &Path) {
    if let Value::String(path) = path
        && !path.is_empty()
    {
        *path = directory.join(&*path).display().to_string();
    }
}

/// Says as whom, in the words of the kubeconfig.
fn act_as(kubeconfig: &mut Value, context: &str, asked: &Asked) {
    if asked.user.is_none() && asked.groups.is_empty() {
        return;
    }
    let name = of_context(kubeconfig, context, "user").unwrap_or_default();
    let Some(users) = kubeconfig.get_mut("users").and_then(Value::as_array_mut) else { return };
    for user in users.iter_mut().filter(|user| user["name"] == name.as_str()) {
        if let Some(user) = user.get_mut("user").and_then(Value::as_object_mut) {
            if let Some(asked) = &asked.user {
                user.insert("as".to_owned(), asked.as_str().into());
            }
            if !asked.groups.is_empty() {
                user.insert("as-groups".to_owned(), asked.groups.clone().into());
            }
        }
    }
}

/// Takes the service account of the pod that we run in: CI inside a cluster has no kubeconfig.
fn in_cluster(asked: &Asked, host: &dyn Host) -> Result<Access, AccessError> {
    let is_meant = asked.context.as_deref().is_none_or(|name| name == IN_CLUSTER);
    if !is_meant || !host.environment().contains_key("KUBERNETES_SERVICE_HOST") {
        return Err(AccessError::None);
    }
    let mut config = Config::incluster()
        .map_err(|error| AccessError::Unusable { context: IN_CLUSTER.to_owned(), reason: chain(&error) })?;
    config.auth_info.impersonate.clone_from(&asked.user);
    config.auth_info.impersonate_groups = (!asked.groups.is_empty()).then(|| asked.groups.clone());
    let namespace = Some(config.default_namespace.clone());
    Ok(Access::new(config, IN_CLUSTER.to_owned(), asked.context.is_some(), namespace))
}

fn contexts(kubeconfig: &Value) -> Vec<String> {
    let list = kubeconfig.get("contexts").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|context| text(context, "name")).collect()
}

fn of_context(kubeconfig: &Value, name: &str, key: &str) -> Option<String> {
    let list = kubeconfig.get("contexts")?.as_array()?;
    let context = list.iter().find(|context| context["name"] == name)?;
    text(context.get("context")?, key).filter(|text| !text.is_empty())
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(ToOwned::to_owned)
}

fn all(names: &[String]) -> String {
    if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::MemoryHost;

    const ONE: &str = "
apiVersion: v1
kind: Config
current-context: home
clusters:
- name: c
  cluster: {server: 'https://10.0.0.1:6443', certificate-authority: ca.crt}
users:
- name: u
  user: {token: abc}
contexts:
- name: home
  context: {cluster: c, user: u, namespace: shop}
- name: prod
  context: {cluster: c, user: u}
";

    fn host() -> MemoryHost {
        MemoryHost::new()
            .home("/home/me")
            .file("/home/me/.kube/config", ONE)
            .file("/home/me/.kube/ca.crt", CERTIFICATE)
    }

    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    #[test]
    fn the_current_context_is_not_a_named_one() {
        let access = Access::find(&Asked::default(), &host()).unwrap();
        assert_eq!((access.context.as_str(), access.is_named), ("home", false));
        assert_eq!(
            (access.server.as_str(), access.namespace.as_deref()),
            ("https://10.0.0.1:6443", Some("shop"))
        );
        assert!(!access.config.default_retry);
        let asked = Asked { context: Some("prod".into()), ..Asked::default() };
        let access = Access::find(&asked, &host()).unwrap();
        assert_eq!((access.is_named, access.namespace), (true, None));
    }

    #[test]
    fn another_context_is_named_in_words() {
        let asked = Asked { context: Some("pord".into()), ..Asked::default() };
        let error = Access::find(&asked, &host()).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("no context `pord` in the kubeconfig; did you mean `prod`?"));
    }

    #[test]
    fn a_file_that_a_flag_names_must_be_there_and_one_of_the_variable_need_not() {
        let asked = Asked { kubeconfig: Some("/none".into()), ..Asked::default() };
        assert!(matches!(Access::find(&asked, &host()), Err(AccessError::Unreadable { .. })));
        let host = host().env("KUBECONFIG", "/none:/home/me/.kube/config");
        assert!(Access::find(&Asked::default(), &host).is_ok());
        let host = host.env("KUBECONFIG", "/none");
        assert!(matches!(Access::find(&Asked::default(), &host), Err(AccessError::None)));
    }

    #[test]
    fn one_acts_as_another() {
        let asked = Asked { user: Some("ci".into()), groups: vec!["ops".into()], ..Asked::default() };
        let access = Access::find(&asked, &host()).unwrap();
        assert_eq!(access.config.auth_info.impersonate.as_deref(), Some("ci"));
        assert_eq!(access.config.auth_info.impersonate_groups, Some(vec!["ops".to_owned()]));
    }

    #[test]
    fn what_cannot_be_parsed_is_not_shown() {
        let host = host().file("/bad", "users: [{name: u, user: {token: 'hunter2}}]");
        let asked = Asked { kubeconfig: Some("/bad".into()), ..Asked::default() };
        let error = Access::find(&asked, &host).err().map(|error| error.to_string()).unwrap();
        assert!(error.starts_with("`/bad` is no kubeconfig") && !error.contains("hunter2"), "{error}");
    }
}
