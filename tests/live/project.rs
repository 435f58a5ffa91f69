//! A project in a scratch directory, and a namespace of its own on the bed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bed::{Bed, bed};
use crate::program::{Run, Stage};
use crate::proxy::Proxy;
use crate::running::Running;

/// Pattern of a URL by which a member is written; dry-runs say more.
pub(crate) const MEMBER: &str = "fieldManager=rcompose&fieldValidation=Strict$";

/// A project with its namespace, and a proxy where a test counts or breaks requests.
pub(crate) struct Project {
    pub(crate) bed: &'static Bed,
    pub(crate) namespace: String,
    pub(crate) proxy: Option<Proxy>,
    stage: Stage,
    kubeconfig: PathBuf,
    name: String,
    environment: BTreeMap<String, String>,
}

impl Project {
    /// Makes a project called `shop` and its namespace; or says that the test is skipped.
    pub(crate) fn new(test: &str, compose: &str) -> Option<Self> {
        Some(Self::without_namespace(test, compose)?.with_namespace())
    }

    /// The same with a proxy on the way.
    pub(crate) fn behind_proxy(test: &str, compose: &str) -> Option<Self> {
        Some(Self::new(test, compose)?.with_proxy())
    }

    /// The same without a namespace.
    pub(crate) fn without_namespace(test: &str, compose: &str) -> Option<Self> {
        let scratch = tempfile::tempdir().expect("a scratch directory can be made");
        fs::write(scratch.path().join("compose.yaml"), compose).expect("a scratch file can be written");
        Self::staged(test, Stage::of(scratch.path(), "shop", &[]), "shop", BTreeMap::new())
    }

    /// Copies a directory with a project, which goes by this name, and makes its namespace, with a proxy on the way.
    pub(crate) fn copied(
        test: &str,
        stage: Stage,
        name: &str,
        environment: BTreeMap<String, String>,
    ) -> Option<Self> {
        Some(Self::staged(test, stage, name, environment)?.with_namespace().with_proxy())
    }

    /// Makes a project on another bed than that of all tests, with a proxy on the way.
    pub(crate) fn on(bed: &'static Bed, test: &str, compose: &str) -> Self {
        let scratch = tempfile::tempdir().expect("a scratch directory can be made");
        fs::write(scratch.path().join("compose.yaml"), compose).expect("a scratch file can be written");
        let stage = Stage::of(scratch.path(), "shop", &[]);
        Self::placed(bed, test, stage, "shop", BTreeMap::new()).with_namespace().with_proxy()
    }

    fn with_namespace(self) -> Self {
        self.kubectl(&["create", "namespace", &self.namespace]);
        self
    }

    /// Puts a proxy on the way.
    pub(crate) fn with_proxy(mut self) -> Self {
        let proxy = Proxy::start(self.bed);
        self.kubeconfig.clone_from(&proxy.kubeconfig);
        self.proxy = Some(proxy);
        self
    }

    fn staged(test: &str, stage: Stage, name: &str, environment: BTreeMap<String, String>) -> Option<Self> {
        let bed = bed(&format!("live: {test}"), crate::BED)?;
        Some(Self::placed(bed, test, stage, name, environment))
    }

    fn placed(
        bed: &'static Bed,
        test: &str,
        stage: Stage,
        name: &str,
        environment: BTreeMap<String, String>,
    ) -> Self {
        // A bed may stand for many runs, and without controllers no namespace ever goes.
        let namespace = format!("t-{}-{}", test.replace([' ', '_'], "-"), std::process::id());
        let (kubeconfig, name) = (bed.kubeconfig.clone(), name.to_owned());
        Self { bed, namespace, proxy: None, stage, kubeconfig, name, environment }
    }

    /// Writes another state of the project.
    pub(crate) fn write(&self, compose: &str) {
        self.file("compose.yaml", compose);
    }

    /// Writes a file of the project.
    pub(crate) fn file(&self, name: &str, text: &str) {
        let file = self.stage.directory.join(name);
        fs::create_dir_all(file.parent().expect("it lies in a directory")).expect("a directory can be made");
        fs::write(file, text).expect("a scratch file can be written");
    }

    /// Makes a directory of the project.
    pub(crate) fn directory(&self, name: &str) {
        fs::create_dir_all(self.stage.directory.join(name)).expect("a scratch directory can be written");
    }

    /// Runs the program; no cluster is named but by these words.
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        self.stage.run(".", &self.surroundings(), words)
    }

    /// Runs a live command on the project's namespace.
    pub(crate) fn live(&self, words: &[&str]) -> Run {
        let (command, rest) = words.split_first().expect("a command");
        let place = ["--context", "testbed", "-n", &self.namespace, "-p", &self.name];
        self.run(&[&[*command][..], &place, rest].concat())
    }

    /// Begins a live command that nobody waits for; what it says is lost.
    pub(crate) fn begin(&self, words: &[&str]) -> Child {
        self.command(&self.kubeconfig, words)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program can be started")
    }

    /// Returns a live command with another kubeconfig, to be started as its caller likes.
    pub(crate) fn command(&self, kubeconfig: &Path, words: &[&str]) -> Command {
        let (word, rest) = words.split_first().expect("a command");
        let place = ["--context", "testbed", "-n", &self.namespace, "-p", &self.name];
        let mut command = Command::new(env!("CARGO_BIN_EXE_rcompose"));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("PWD", &self.stage.directory)
            .envs(self.surroundings())
            .env("KUBECONFIG", kubeconfig)
            .args([&[*word][..], &place, rest].concat())
            .current_dir(&self.stage.directory)
            .stdin(Stdio::null());
        command
    }

    /// Returns the folder of the project.
    pub(crate) fn folder(&self) -> &Path {
        &self.stage.directory
    }

    fn surroundings(&self) -> BTreeMap<String, String> {
        let mut environment = self.environment.clone();
        environment.insert("KUBECONFIG".to_owned(), self.kubeconfig.display().to_string());
        environment
    }

    /// Runs a live command, holds it up at the writes to a URL, does something else meanwhile, and lets it go on.
    pub(crate) fn meanwhile(&mut self, words: &[&str], url: &str, other: impl FnOnce(&Self)) -> Run {
        let mut proxy = self.proxy.take().expect("a proxy");
        let busy = |method: &str| json!({"method": method, "url": url, "fault": "status", "status": 503, "body": ""});
        proxy.faults(&["DELETE", "PATCH", "POST", "PUT"].map(busy).into());
        let held = |proxy: &Proxy| proxy.requests().iter().filter(|request| request["status"] == 503).count();
        let before = held(&proxy);
        let run = thread::scope(|scope| {
            let run = scope.spawn(|| self.live(words));
            let end = Instant::now() + Duration::from_secs(60);
            while !run.is_finished() && Instant::now() < end && held(&proxy) == before {
                thread::sleep(Duration::from_millis(50));
            }
            assert!(held(&proxy) > before, "it was not held up");
            other(self);
            proxy.faults(&json!([]));
            run.join().expect("it ends")
        });
        self.proxy = Some(proxy);
        run
    }

    /// Applies and expects that all is well.
    pub(crate) fn apply(&self, words: &[&str]) -> Run {
        let run = self.live(&[&["apply", "--yes"], words].concat());
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
        run
    }

    /// Applies again, and expects that nothing is left to do: that is said, and nothing is written (A2).
    pub(crate) fn nothing_to_change(&self, words: &[&str]) {
        let seen = self.requests().len();
        let again = self.apply(words);
        assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
        assert_eq!(self.writes(seen), Vec::<String>::new());
    }

    /// Returns the plan as JSON, and the exit code.
    pub(crate) fn plan(&self, words: &[&str]) -> (Value, Option<i32>) {
        let run = self.live(&[&["diff", "--format", "json"], words].concat());
        let plan = serde_json::from_str(&run.stdout);
        (plan.unwrap_or_else(|_| panic!("no plan: {}{}", run.stdout, run.stderr)), run.code)
    }

    /// Runs kubectl as the administrator and expects that it works.
    pub(crate) fn kubectl(&self, words: &[&str]) -> String {
        let output = self.bed.kubectl(None, words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The same in the project's namespace.
    pub(crate) fn here(&self, words: &[&str]) -> String {
        self.kubectl(&[&["-n", &self.namespace], words].concat())
    }

    /// Applies a manifest in the project's namespace with kubectl.
    pub(crate) fn put(&self, manifest: &Value, words: &[&str]) {
        let file = self.stage.directory.join("manifest.json");
        fs::write(&file, manifest.to_string()).expect("a scratch file can be written");
        self.here(&[words, &["-f", &file.display().to_string()]].concat());
    }

    /// Changes the Deployment `web` as somebody does with `kubectl edit`.
    pub(crate) fn edit(&self, change: &Value) {
        let edit = ["--field-manager=kubectl-edit", "--type=strategic", "-p", &change.to_string()];
        self.here(&[&["patch", "deployment", "web"], &edit[..]].concat());
    }

    /// Applies a file of the project with kubectl, namespaces as written.
    pub(crate) fn put_file(&self, name: &str) {
        self.kubectl(&[
            "apply",
            "--server-side",
            "-f",
            &self.stage.directory.join(name).display().to_string(),
        ]);
    }

    /// Runs kubectl with a file of the project: whether it worked, and what it said.
    pub(crate) fn kubectl_with(&self, words: &[&str], file: &str) -> (bool, String) {
        let file = self.stage.directory.join(file).display().to_string();
        // Sets are behind a switch there; without it nothing about them would be tried.
        let output = Command::new(&self.bed.program)
            .arg("kubectl")
            .env("KUBECONFIG", &self.bed.kubeconfig)
            .env("KUBECTL_APPLYSET", "true")
            .args([&["-n", &self.namespace], words, &["-f", &file]].concat())
            .output()
            .expect("what was built can be started");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Makes the project's directory a clone of a repository.
    pub(crate) fn repository(&self, url: &str) {
        let git = self.stage.directory.join(".git");
        fs::create_dir_all(&git).expect("a scratch directory can be written");
        fs::write(git.join("config"), format!("[remote \"origin\"]\n\turl = {url}\n"))
            .expect("it can be written");
    }

    /// Returns an object; `Null` where there is none.
    pub(crate) fn get(&self, object: &str) -> Value {
        let words = [
            "-n",
            &self.namespace,
            "get",
            object,
            "-o",
            "json",
            "--show-managed-fields",
            "--ignore-not-found",
        ];
        serde_json::from_slice(&self.bed.kubectl(None, &words).stdout).unwrap_or_default()
    }

    /// Returns `Kind/name@resourceVersion` of all objects of kinds that the project may have, its parent and lock too.
    pub(crate) fn versions(&self) -> Vec<String> {
        let kinds = "deployments,statefulsets,services,configmaps,secrets,persistentvolumeclaims,networkpolicies,leases";
        let list: Value =
            serde_json::from_str(&self.here(&["get", kinds, "-o", "json"])).expect("kubectl prints JSON");
        let items = list["items"].as_array().expect("it is a list").iter();
        let version = |item: &Value| {
            let text =
                |pointer: &str| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            format!("{}/{}@{}", text("/kind"), text("/metadata/name"), text("/metadata/resourceVersion"))
        };
        items.map(version).filter(|version| !version.contains("kube-root-ca")).collect()
    }

    /// Returns `Kind/name` of all objects that carry the label of a set, in order.
    pub(crate) fn members(&self) -> Vec<String> {
        let name = |member: String| member.split('=').next().unwrap_or_default().to_owned();
        let mut members: Vec<String> = self.identified().into_iter().map(name).collect();
        members.sort();
        members
    }

    /// Returns the same as `Kind/name=uid`.
    pub(crate) fn identified(&self) -> Vec<String> {
        let kinds = "deployments,statefulsets,daemonsets,jobs,cronjobs,services,configmaps,secrets,\
            persistentvolumeclaims,networkpolicies,serviceaccounts,roles,rolebindings,ingresses,\
            horizontalpodautoscalers,poddisruptionbudgets";
        let words = ["get", kinds, "-l", "applyset.kubernetes.io/part-of", "-o", "json"];
        let list: Value = serde_json::from_str(&self.here(&words)).expect("kubectl prints JSON");
        let text = |item: &Value, pointer: &str| {
            item.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let items = list["items"].as_array().expect("it is a list").iter();
        let mut members: Vec<String> = items
            .map(|item| {
                format!(
                    "{}/{}={}",
                    text(item, "/kind"),
                    text(item, "/metadata/name"),
                    text(item, "/metadata/uid")
                )
            })
            .collect();
        members.sort();
        members
    }

    /// Returns the proxy on the way.
    pub(crate) fn proxy(&mut self) -> &mut Proxy {
        self.proxy.as_mut().expect("a proxy")
    }

    /// Starts a live command through the proxy, if there is one.
    pub(crate) fn start(&self, words: &[&str]) -> Running {
        Running::start(self.command(&self.kubeconfig, words))
    }

    /// Returns `Kind/name=uid` of all that the parent lists, in order.
    pub(crate) fn listed(&self) -> Vec<String> {
        let parent = self.get("configmap/rcompose.shop");
        let text = parent["data"]["inventory.json"].as_str().expect("the parent lists its members");
        let list: Value = serde_json::from_str(text).expect("the list is JSON");
        let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
        let name = |item: &Value| {
            let kind = text(item, "k");
            let kind = kind.split('.').next().unwrap_or_default();
            format!("{kind}/{}={}", text(item, "n"), text(item, "uid"))
        };
        let mut listed: Vec<String> = list.as_array().expect("a list").iter().map(name).collect();
        listed.sort();
        listed
    }

    /// Returns what the parent says of the run.
    pub(crate) fn state(&self) -> Value {
        let parent = self.get("configmap/rcompose.shop");
        parent["data"]["state.json"]
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// Returns what went through the proxy so far.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.proxy.as_ref().expect("a proxy").requests()
    }

    /// Returns `METHOD url` of all requests since the first `after` that could leave something behind.
    pub(crate) fn writes(&self, after: usize) -> Vec<String> {
        let requests = self.requests().into_iter().skip(after);
        let text = |request: &Value, key: &str| request[key].as_str().unwrap_or_default().to_owned();
        requests
            .filter(|request| {
                let url = text(request, "url");
                text(request, "method") != "GET"
                    && !url.contains("dryRun=All")
                    && !url.contains("authorization.k8s.io")
            })
            .map(|request| format!("{} {}", text(&request, "method"), text(&request, "url")))
            .collect()
    }
}

/// Returns the actions of a plan by object.
pub(crate) fn actions(plan: &Value) -> BTreeMap<String, String> {
    let changes = plan["changes"].as_array().expect("a plan has changes").iter();
    let text = |change: &Value, key: &str| change[key].as_str().unwrap_or_default().to_owned();
    changes
        .map(|change| (format!("{}/{}", text(change, "kind"), text(change, "name")), text(change, "action")))
        .collect()
}

/// Returns the plan that a run shows before it writes, as JSON.
pub(crate) fn first_plan(run: &Run) -> Value {
    let mut documents = serde_json::Deserializer::from_str(&run.stdout).into_iter::<Value>();
    let plan = documents.next().expect("a plan").expect("it is JSON");
    assert_eq!(plan["schema"], "rcompose.plan.v1", "{}{}", run.stdout, run.stderr);
    plan
}

/// Returns what a plan says of an object field by field: `op path: before → after, of owner`.
pub(crate) fn fields(plan: &Value, object: &str) -> Vec<String> {
    let changes = plan["changes"].as_array().expect("a plan has changes").iter();
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let named = |change: &&Value| format!("{}/{}", text(change, "kind"), text(change, "name")) == object;
    let change = changes.into_iter().find(named).unwrap_or_else(|| panic!("no {object} in {plan:#}"));
    let fields = change["fields"].as_array().expect("a change has fields").iter();
    fields
        .map(|field| {
            assert!(field["masked"].is_boolean(), "{field}");
            let owner = field["owner"].as_str().map(|owner| format!(", of {owner}")).unwrap_or_default();
            let (op, path) = (text(field, "op"), text(field, "path"));
            format!("{op} {path}: {} → {}{owner}", field["before"], field["after"])
        })
        .collect()
}

/// Returns a project of so many services, each the same but for its name.
pub(crate) fn services(count: usize, each: &str) -> String {
    let services: Vec<String> = (0..count).map(|number| format!("  s{number}: {each}\n")).collect();
    format!("services:\n{}", services.concat())
}
