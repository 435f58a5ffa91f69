//! Answers from a stack file: services, the networks they share, what they mount.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Sentence;

/// A stack file and the directory that it lies in.
pub(crate) struct Stack {
    directory: PathBuf,
    file: Value,
}

impl Stack {
    /// Reads `stack.yaml` of a directory.
    pub(crate) fn read(directory: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(directory.join("stack.yaml"))
            .map_err(|error| format!("stack.yaml: {error}"))?;
        let file = serde_saphyr::from_str(&text).map_err(|error| format!("stack.yaml: {error}"))?;
        Ok(Self { directory: directory.to_owned(), file })
    }

    /// Tells whether a sentence holds, and if not, why.
    pub(crate) fn answer(&self, sentence: &Sentence) -> Result<(), String> {
        match sentence {
            Sentence::Resolves { name } => self.named(name).map(drop),
            Sentence::Reaches { from, to, .. } => {
                let target = self.named(to)?;
                let shared = self.shared(from, &target)?;
                holds(!shared.is_empty(), || format!("`{from}` and `{to}` share no network"))
            }
            Sentence::CannotReach { from, to } => {
                let shared = self.shared(from, &self.named(to)?)?;
                holds(shared.is_empty(), || format!("they share {shared:?}"))
            }
            Sentence::ReachedFromOutside { service, port, inside } => {
                let ports = list(&self.service(service)?["ports"]);
                let open = |open: &Value| open["published"] == *port && open["target"] == *inside;
                holds(ports.iter().any(open), || format!("published are {ports:?}"))
            }
            Sentence::NotReachedFromOutside { service } => {
                let service = self.service(service)?;
                let free = list(&service["ports"]).is_empty() && !networks(service).contains("host");
                holds(free, || format!("published are {}", service["ports"]))
            }
            Sentence::Keeps { service, path } => self.volume(service, path).map(drop),
            Sentence::Shares { service, path, with } => {
                let volume = self.volume(service, path)?;
                let mounts = list(&self.service(with)?["volumes"]);
                holds(mounts.iter().any(|mount| mount["source"] == *volume), || {
                    format!("`{with}` has not `{volume}`")
                })
            }
            Sentence::Finds { service, text, path } => self.finds(service, text, path),
            Sentence::SeesHost { service, path } => {
                let mount = self.mount(service, path)?;
                holds(mount["type"] == "bind" && mount["read_only"] == true, || format!("{path} is {mount}"))
            }
            Sentence::NothingMounted { service, path } => match self.mount(service, path) {
                Ok(mount) => Err(format!("there is {mount}")),
                Err(_) => Ok(()),
            },
            Sentence::Runs { service, image } => {
                let found = &self.service(service)?["image"];
                holds(*found == *image, || format!("the image is {found}"))
            }
            Sentence::StartedWith { service, words } => {
                let service = self.service(service)?;
                let all = [&service["entrypoint"], &service["command"]].into_iter().flat_map(list);
                let said: Vec<String> = all.filter_map(Value::as_str).map(unescaped).collect();
                holds(said.join(" ") == *words, || format!("it is started with {said:?}"))
            }
            Sentence::Has { service, variable, value } => {
                let found = self.service(service)?["environment"][variable].as_str().map(unescaped);
                holds(found.as_ref() == Some(value), || format!("it is {found:?}"))
            }
            Sentence::Copies { service, number } => {
                let replicas = self.service(service)?["deploy"]["replicas"].as_u64().unwrap_or(1);
                holds(replicas == *number, || format!("there are {replicas}"))
            }
            Sentence::NoGap { service } => {
                let update = &self.service(service)?["deploy"]["update_config"];
                holds(update["order"] == "start-first", || format!("update_config is {update}"))
            }
            Sentence::ReplacedAtATime { service, number } => {
                let update = &self.service(service)?["deploy"]["update_config"];
                holds(update["parallelism"] == *number, || format!("update_config is {update}"))
            }
            Sentence::WaitsBetween { service, seconds } => {
                let update = &self.service(service)?["deploy"]["update_config"];
                holds(update["delay"] == format!("{seconds}s"), || format!("update_config is {update}"))
            }
            Sentence::LogsTo { service, driver, option, value } => {
                let logging = &self.service(service)?["logging"];
                let same = logging["driver"] == *driver && logging["options"][option] == *value;
                holds(same, || format!("logging is {logging}"))
            }
            Sentence::StartsAfter { .. } | Sentence::Reported { .. } => {
                unreachable!("answered by the caller")
            }
        }
    }

    fn service(&self, name: &str) -> Result<&Value, String> {
        self.file["services"].get(name).ok_or_else(|| format!("there is no service `{name}`"))
    }

    /// Finds the service that answers to a name: its own, or an alias on a network.
    fn named(&self, name: &str) -> Result<String, String> {
        let services = self.file["services"].as_object().ok_or("the file has no services")?;
        let aliased = |service: &Value| {
            let networks = service["networks"].as_object().into_iter().flatten();
            networks.flat_map(|(_, network)| list(&network["aliases"])).any(|alias| alias == name)
        };
        let found = services.iter().find(|(own, service)| *own == name || aliased(service));
        found.map(|(own, _)| own.clone()).ok_or_else(|| format!("nothing is called `{name}`"))
    }

    fn shared(&self, one: &str, other: &str) -> Result<BTreeSet<String>, String> {
        let (one, other) = (networks(self.service(one)?), networks(self.service(other)?));
        Ok(one.intersection(&other).cloned().collect())
    }

    fn mount(&self, service: &str, path: &str) -> Result<&Value, String> {
        let mounts = list(&self.service(service)?["volumes"]);
        mounts
            .iter()
            .find(|mount| mount["target"] == path)
            .ok_or_else(|| format!("nothing is mounted at {path}"))
    }

    fn volume(&self, service: &str, path: &str) -> Result<String, String> {
        let mount = self.mount(service, path)?;
        let source = mount["source"].as_str().unwrap_or_default();
        let declared = mount["type"] == "volume" && self.file["volumes"].get(source).is_some();
        holds(declared, || format!("{path} is {mount}"))?;
        Ok(source.to_owned())
    }

    fn finds(&self, service: &str, text: &str, path: &str) -> Result<(), String> {
        for (kind, above) in [("configs", "/"), ("secrets", "/run/secrets/")] {
            for grant in list(&self.service(service)?[kind]) {
                let source = grant.as_str().or_else(|| grant["source"].as_str()).unwrap_or_default();
                let target =
                    grant["target"].as_str().map_or_else(|| format!("{above}{source}"), str::to_owned);
                if target == path {
                    let file = self.file[kind][source]["file"].as_str().ok_or("its source has no file")?;
                    let content =
                        fs::read_to_string(self.directory.join(file)).map_err(|error| error.to_string())?;
                    return holds(content.contains(text), || format!("the file holds {content:?}"));
                }
            }
        }
        Err(format!("no config or secret is put at {path}"))
    }
}

fn networks(service: &Value) -> BTreeSet<String> {
    match &service["networks"] {
        Value::Object(networks) => networks.keys().cloned().collect(),
        Value::Array(networks) => networks.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::from(["default".to_owned()]),
    }
}

/// Takes the doubling of `$` away that keeps the client from interpolating.
fn unescaped(text: &str) -> String {
    text.replace("$$", "$")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn holds(condition: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(reason()) }
}
