//! A project on its way to the engine: copied, converted, its images made, deployed, looked at, and removed in the end.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::Engine;
use crate::eventually::eventually;
use crate::images;
use crate::program::Stage;

/// A project, deployed as a stack of its name.
pub(crate) struct Stack {
    /// Where it runs.
    pub(crate) engine: &'static Engine,
    name: String,
    stage: Stage,
    environment: BTreeMap<String, String>,
    stand_ins: Vec<(&'static str, u16)>,
}

/// A task of a service, as the engine tells it.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    /// Its identity: another task is another one.
    pub(crate) id: String,
    /// What it is doing, or has done.
    pub(crate) state: String,
    /// When it came to that state, in the engine's spelling: sorts as text.
    pub(crate) since: String,
    /// When it was made.
    pub(crate) created: String,
    /// It shall run.
    pub(crate) is_wanted: bool,
    /// The container, once there is one.
    pub(crate) container: String,
    /// What went wrong; stands in messages only.
    _error: String,
}

impl Stack {
    /// Copies a project. Its stack, and all that belongs to it, is called `name`.
    pub(crate) fn of(engine: &'static Engine, source: &Path, name: &str) -> Self {
        let leave_out = ["kubernetes", "swarm", "problems.txt", "expect.txt"];
        let stage = Stage::of(source, name, &leave_out);
        Self { engine, name: name.to_owned(), stage, environment: BTreeMap::new(), stand_ins: Vec::new() }
    }

    /// Gives variables to the program.
    pub(crate) fn with(mut self, environment: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.environment = environment.iter().map(owned).collect();
        self
    }

    /// Lets the images of services be stand-ins that answer on a port.
    pub(crate) fn standing_in(mut self, services: &[(&'static str, u16)]) -> Self {
        self.stand_ins = services.to_vec();
        self
    }

    /// A file of the copy.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.stage.directory.join(name)
    }

    /// The directory of the stack file.
    pub(crate) fn out(&self) -> PathBuf {
        self.stage.directory.parent().expect("a copy lies in a directory").join("out")
    }

    /// Makes of one text in a file of the copy another.
    pub(crate) fn edit(&self, file: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.file(file)).expect("the file can be read");
        assert!(text.contains(old), "`{old}` is in {file}");
        fs::write(self.file(file), text.replace(old, new)).expect("the copy can be written");
    }

    /// Converts and deploys what the project says, without virtual IPs where the kernel has none: names lead to tasks, ports to the node.
    pub(crate) fn deploy(&self) {
        let mut files = self.files();
        if !self.engine.has_virtual_ips {
            let services: BTreeMap<String, Value> =
                self.config(&files)["services"].as_object().map_or_else(BTreeMap::new, |services| {
                    let dnsrr = json!({"deploy": {"endpoint_mode": "dnsrr"}});
                    services.keys().map(|name| (name.clone(), dnsrr.clone())).collect()
                });
            let text = json!({ "services": services }).to_string();
            fs::write(self.file("engine.yaml"), text).expect("the copy can be written");
            files.extend(["-f".to_owned(), "engine.yaml".to_owned()]);
        }
        self.deploy_files(&files);
    }

    /// Converts and deploys what the project says, as it says it.
    pub(crate) fn deploy_as_written(&self) {
        self.deploy_files(&self.files());
    }

    /// Deploys a file as it is, by the engine's own reading.
    pub(crate) fn deploy_original(&self, file: &str) {
        self.stack_deploy(&self.stage.directory, file);
    }

    /// Makes the images that the project's stack file asks for.
    pub(crate) fn make_images(&self) {
        let files = self.files();
        self.convert(&files);
        self.images(&files);
    }

    fn deploy_files(&self, files: &[String]) {
        self.convert(files);
        self.images(files);
        self.stack_deploy(&self.out(), "stack.yaml");
    }

    fn convert(&self, files: &[String]) {
        let out = format!("{}/", self.out().display());
        let words = files.iter().map(String::as_str);
        let words = words.chain(["-p", &self.name, "convert", "--to", "swarm", "-o", &out]);
        let run = self.stage.run(".", &self.environment, &words.collect::<Vec<_>>());
        assert_eq!(run.code, Some(0), "{}: {}", self.name, run.stderr);
    }

    fn images(&self, files: &[String]) {
        let text = fs::read_to_string(self.out().join("stack.yaml")).expect("there is a stack file");
        let tree: Value = serde_saphyr::from_str(&text).expect("the stack file is YAML");
        let images: Vec<(String, String)> = tree["services"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, service)| (name.clone(), service["image"].as_str().unwrap_or_default().to_owned()))
            .collect();
        images::make(self.engine, &self.config(files), &images, &self.stand_ins);
    }

    /// What docker says on stderr is a fault: it would say so to users (S1).
    fn stack_deploy(&self, directory: &Path, file: &str) {
        let words = ["stack", "deploy", "--detach", "--resolve-image", "never", "-c", file, &self.name];
        // What `stack rm` has left of an earlier one can be in the way for a moment.
        eventually("deploy", || {
            let output = self.engine.client(&words).current_dir(directory).output();
            let output = output.expect("the docker client can be run");
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            if output.status.success() {
                assert_eq!(stderr, "", "{}", self.name);
                return Ok(());
            }
            if stderr.contains("not found") { Err(stderr) } else { panic!("{}: {stderr}", self.name) }
        });
    }

    fn files(&self) -> Vec<String> {
        let arguments = fs::read_to_string(self.file("case.args")).unwrap_or_default();
        if !arguments.is_empty() {
            return arguments.lines().map(str::to_owned).collect();
        }
        let names = ["compose.yaml", "docker-compose.yml", "docker-compose.yaml"];
        let name = names.into_iter().find(|name| self.file(name).exists()).expect("a Compose file");
        vec!["-f".to_owned(), name.to_owned()]
    }

    fn config(&self, files: &[String]) -> Value {
        let words = files.iter().map(String::as_str).chain(["config", "--format", "json"]);
        let run = self.stage.run(".", &self.environment, &words.collect::<Vec<_>>());
        assert_eq!(run.code, Some(0), "{}: {}", self.name, run.stderr);
        serde_json::from_str(&run.stdout).expect("`config` gives JSON")
    }

    /// The name of a service in the swarm.
    pub(crate) fn full(&self, service: &str) -> String {
        format!("{}_{service}", self.name)
    }

    /// All tasks of a service that are remembered.
    pub(crate) fn tasks(&self, service: &str) -> Vec<Task> {
        let ids = self.engine.done(&["service", "ps", "-q", "--no-trunc", &self.full(service)]);
        let mut words = vec!["inspect", "--type", "task"];
        words.extend(ids.lines());
        if ids.is_empty() {
            return Vec::new();
        }
        let text = self.engine.done(&words);
        let tasks: Vec<Value> = serde_json::from_str(&text).expect("the engine gives JSON");
        tasks.iter().map(Task::from_json).collect()
    }

    /// Waits until a service has this many tasks that run, and none that shall not; returns them.
    pub(crate) fn running(&self, service: &str, count: usize) -> Vec<Task> {
        eventually(&self.full(service), || {
            let tasks = self.tasks(service);
            let (running, others): (Vec<Task>, Vec<Task>) =
                tasks.into_iter().partition(|task| task.is_wanted && task.state == "running");
            let is_settled = others.iter().all(|task| !task.is_wanted);
            if running.len() == count && is_settled { Ok(running) } else { Err(format!("{others:?}")) }
        })
    }

    /// Waits until a service has one task that runs; returns its container.
    pub(crate) fn container(&self, service: &str) -> String {
        self.running(service, 1).remove(0).container
    }

    /// Runs a command in the one task of a service.
    pub(crate) fn exec(&self, service: &str, words: &[&str]) -> Output {
        let container = self.container(service);
        self.engine.docker(&[&["exec", &container], words].concat())
    }

    /// Returns what a command says in the one task of a service; panics where it fails.
    pub(crate) fn said(&self, service: &str, words: &[&str]) -> String {
        let container = self.container(service);
        self.engine.done(&[&["exec", &container], words].concat())
    }

    /// Waits until a name leads somewhere, seen from a service.
    pub(crate) fn finds(&self, service: &str, name: &str) {
        eventually(&format!("{service} finds {name}"), || {
            let output = self.exec(service, &["nslookup", name]);
            let said = || String::from_utf8_lossy(&output.stderr).into_owned();
            if output.status.success() { Ok(()) } else { Err(said()) }
        });
    }

    /// Tells whether a name leads anywhere, seen from a service.
    pub(crate) fn resolves(&self, service: &str, name: &str) -> bool {
        self.exec(service, &["nslookup", name]).status.success()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let label = format!("label=com.docker.stack.namespace={}", self.name);
        let said = |words: &[&str]| String::from_utf8_lossy(&self.engine.docker(words).stdout).into_owned();
        // Networks stay: the next one would get the addresses of one that is gone for the manager and not yet for the node.
        let services = said(&["service", "ls", "-q", "--filter", &label]);
        if !services.is_empty() {
            said(&["service", "rm"].into_iter().chain(services.lines()).collect::<Vec<_>>());
        }
        // Whoever comes next may want the same ports; most programs here would use up their ten seconds.
        for _ in 0..150 {
            let containers = said(&["ps", "-q", "--filter", &label]);
            if containers.is_empty() {
                break;
            }
            said(&["kill"].into_iter().chain(containers.lines()).collect::<Vec<_>>());
            thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Task {
    fn from_json(task: &Value) -> Self {
        let text =
            |pointer: &str| task.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            id: text("/ID"),
            state: text("/Status/State"),
            since: text("/Status/Timestamp"),
            created: text("/CreatedAt"),
            is_wanted: !matches!(text("/DesiredState").as_str(), "shutdown" | "remove"),
            container: text("/Status/ContainerStatus/ContainerID"),
            _error: text("/Status/Err"),
        }
    }
}
